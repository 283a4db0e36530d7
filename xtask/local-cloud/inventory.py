"""Everything that exists in the cloud, by kind: what a destroy must have removed.

What AWS provides by itself (the default bus, the primary workgroup, AWS-managed policies) is left out.
"""


def inventory(client, name=None):
    """{kind: [names]} of the kinds that have any, only names with `name` in them when it is given."""
    found = {kind: sorted(entry for entry in listing(client) if name is None or name in entry)
             for kind, listing in KINDS.items()}
    return {kind: names for kind, names in found.items() if names}


def pages(client, operation, key, **arguments):
    """Every entry of a paged listing."""
    for page in client.get_paginator(operation).paginate(**arguments):
        yield from page.get(key) or []


def pages_by_token(call, key, **arguments):
    """Every entry of a listing that boto3 has no paginator for."""
    token = {}
    while True:
        page = call(**arguments, **token)
        yield from page.get(key) or []
        if not page.get("NextToken"):
            return
        token = {"NextToken": page["NextToken"]}


def buckets(client):
    return [bucket["Name"] for bucket in client("s3").list_buckets()["Buckets"]]


def tables(client):
    return pages(client("dynamodb"), "list_tables", "TableNames")


def queues(client):
    return (url.rsplit("/", 1)[-1] for url in pages(client("sqs"), "list_queues", "QueueUrls"))


def buses(client):
    return (bus for bus in all_buses(client) if bus != "default")


def all_buses(client):
    return [bus["Name"] for bus in pages_by_token(client("events").list_event_buses, "EventBuses")]


def rules(client):
    for bus in all_buses(client):
        for rule in pages(client("events"), "list_rules", "Rules", EventBusName=bus):
            yield f"{bus}/{rule['Name']}"


def functions(client):
    return (entry["FunctionName"] for entry in pages(client("lambda"), "list_functions", "Functions"))


def layers(client):
    for layer in pages(client("lambda"), "list_layers", "Layers"):
        for version in pages(client("lambda"), "list_layer_versions", "LayerVersions", LayerName=layer["LayerName"]):
            yield f"{layer['LayerName']}:{version['Version']}"


def mappings(client):
    for mapping in pages(client("lambda"), "list_event_source_mappings", "EventSourceMappings"):
        yield f"{mapping['EventSourceArn']} -> {mapping['FunctionArn']}"


def roles(client):
    return (role["RoleName"] for role in pages(client("iam"), "list_roles", "Roles")
            if not role["Path"].startswith("/aws-service-role/"))


def policies(client):
    return (policy["PolicyName"] for policy in pages(client("iam"), "list_policies", "Policies", Scope="Local"))


def log_groups(client):
    return (group["logGroupName"] for group in pages(client("logs"), "describe_log_groups", "logGroups"))


def databases(client):
    return (database["Name"] for database in pages(client("glue"), "get_databases", "DatabaseList"))


def glue_tables(client):
    for database in databases(client):
        for table in pages(client("glue"), "get_tables", "TableList", DatabaseName=database):
            yield f"{database}/{table['Name']}"


def crawlers(client):
    return (crawler["Name"] for crawler in pages(client("glue"), "get_crawlers", "Crawlers"))


def jobs(client):
    return (job["Name"] for job in pages(client("glue"), "get_jobs", "Jobs"))


def triggers(client):
    return (trigger["Name"] for trigger in pages(client("glue"), "get_triggers", "Triggers"))


def workflows(client):
    return pages_by_token(client("glue").list_workflows, "Workflows")


def workgroups(client):
    groups = pages_by_token(client("athena").list_work_groups, "WorkGroups")
    return (group["Name"] for group in groups if group["Name"] != "primary")


def alarms(client):
    return (alarm["AlarmName"] for alarm in pages(client("cloudwatch"), "describe_alarms", "MetricAlarms"))


def dashboards(client):
    return (board["DashboardName"] for board in pages(client("cloudwatch"), "list_dashboards", "DashboardEntries"))


def topics(client):
    return (topic["TopicArn"].rsplit(":", 1)[-1] for topic in pages(client("sns"), "list_topics", "Topics"))


KINDS = {
    "s3_buckets": buckets,
    "dynamodb_tables": tables,
    "sqs_queues": queues,
    "event_buses": buses,
    "event_rules": rules,
    "lambda_functions": functions,
    "lambda_layers": layers,
    "lambda_mappings": mappings,
    "iam_roles": roles,
    "iam_policies": policies,
    "log_groups": log_groups,
    "glue_databases": databases,
    "glue_tables": glue_tables,
    "glue_crawlers": crawlers,
    "glue_jobs": jobs,
    "glue_triggers": triggers,
    "glue_workflows": workflows,
    "athena_workgroups": workgroups,
    "alarms": alarms,
    "dashboards": dashboards,
    "sns_topics": topics,
}
