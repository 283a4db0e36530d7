"""One class per patch, named after it: these tests fail when the patch is left out."""
import json
import sys
import time
import unittest

from botocore.exceptions import ClientError

from tests import support
from tests.support import allow, archive, bootstrap, cloud, eventually, function, invoke, queue, receive, rule, unique

LOOK = """
def main(event):
    seen = {}
    for path in event["paths"]:
        try:
            seen[path] = open(path).read()
        except OSError as failure:
            seen[path] = type(failure).__name__
    return {"files": seen, "cwd": os.getcwd(), "environment": dict(os.environ)}
"""


def code_of(failing):
    """The error code of a call that must be refused."""
    try:
        failing()
    except ClientError as refused:
        return refused.response["Error"]["Code"]
    return None


def layer(**files):
    answer = cloud().client("lambda").publish_layer_version(
        LayerName=unique("layer"), Content={"ZipFile": archive(**files)})
    return answer["LayerVersionArn"]


class Environment(unittest.TestCase):
    def test_a_function_sees_nothing_of_the_host(self):
        name = function(LOOK, Environment={"Variables": {"MINE": "1"}})
        seen = invoke(name, {"paths": []})["environment"]
        self.assertNotIn("NOT_FOR_FUNCTIONS", seen)
        self.assertNotIn("HOME", seen)
        self.assertEqual("1", seen["MINE"])
        self.assertEqual("the-handler", seen["_HANDLER"])
        self.assertEqual(f"/aws/lambda/{name}", seen["AWS_LAMBDA_LOG_GROUP_NAME"])
        self.assertTrue(seen["AWS_ACCESS_KEY_ID"].startswith("ASIA"))


class Layers(unittest.TestCase):
    def test_the_bootstrap_may_come_from_a_layer_and_later_layers_win(self):
        layers = [layer(bootstrap=bootstrap(LOOK), shared="first"), layer(shared="second")]
        name = function(code=archive(**{"pipeline.json": "{}"}), layers=layers)
        seen = invoke(name, {"paths": ["/var/task/pipeline.json", "/opt/shared", "/var/task/bootstrap"]})
        self.assertEqual({"/var/task/pipeline.json": "{}", "/opt/shared": "second",
                          "/var/task/bootstrap": "FileNotFoundError"}, seen["files"])
        self.assertEqual("/var/task", seen["cwd"])
        self.assertEqual("/var/task", seen["environment"]["LAMBDA_TASK_ROOT"])

    def test_two_functions_at_once_see_their_own_code(self):
        shared = layer(bootstrap=bootstrap(LOOK))
        names = {text: function(code=archive(**{"pipeline.json": text}), layers=[shared]) for text in ("one", "two")}
        for _ in range(2):
            for text, name in names.items():
                seen = invoke(name, {"paths": ["/var/task/pipeline.json"]})["files"]
                self.assertEqual({"/var/task/pipeline.json": text}, seen)

    def test_a_function_with_no_bootstrap_anywhere_is_an_invalid_entrypoint(self):
        name = function(code=archive(other="x"), layers=[layer(other="y")])
        with self.assertRaisesRegex(AssertionError, "Runtime.InvalidEntrypoint"):
            invoke(name)


class RuntimeLatency(unittest.TestCase):
    # One connection kept open, as the Rust runtime has it: only there an acknowledgement is delayed.
    # It prints, because ministack waits 50 ms for the first line of a function that never does.
    BOOTSTRAP = """#!{interpreter}
import http.client, os
kept, base = http.client.HTTPConnection(os.environ["AWS_LAMBDA_RUNTIME_API"]), "/2018-06-01/runtime/invocation/"
while True:
    kept.request("GET", base + "next")
    taken = kept.getresponse()
    taken.read()
    print("done", flush=True)
    kept.request("POST", base + taken.headers["Lambda-Runtime-Aws-Request-Id"] + "/response", b"1")
    kept.getresponse().read()
"""

    def test_a_warm_invocation_is_not_held_back(self):
        name = function(code=archive(bootstrap=self.BOOTSTRAP.format(interpreter=sys.executable)))
        invoke(name)
        # The fastest of many: the machine may be busy, but a delayed acknowledgement spares none.
        self.assertLess(min(self.seconds(name) for _ in range(15)), 0.035)

    def seconds(self, name):
        started = time.monotonic()
        invoke(name)
        return time.monotonic() - started


class SecureTransport(unittest.TestCase):
    def test_a_tls_only_queue_can_be_used(self):
        sqs = support.cloud().client("sqs")
        url = sqs.create_queue(QueueName=support.unique())["QueueUrl"]
        arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        refuse = {"Effect": "Deny", "Principal": "*", "Action": "sqs:*", "Resource": arn,
                  "Condition": {"Bool": {"aws:SecureTransport": "false"}}}
        policy = json.dumps({"Version": "2012-10-17", "Statement": [refuse]})
        sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})
        sqs.send_message(QueueUrl=url, MessageBody="x")


class Emf(unittest.TestCase):
    MAIN = """
def main(event):
    print(json.dumps(event["line"]))
"""

    def data(self, namespace, name, dimensions):
        return cloud().client("cloudwatch").get_metric_statistics(
            Namespace=namespace, MetricName=name, StartTime=time.time() - 600, EndTime=time.time() + 600, Period=3600,
            Dimensions=[{"Name": key, "Value": value} for key, value in dimensions.items()],
            Statistics=["Sum", "SampleCount"])["Datapoints"]

    def test_a_line_of_a_function_becomes_data_points(self):
        space = unique("space")
        line = {"_aws": {"Timestamp": int(time.time() * 1000), "CloudWatchMetrics": [
            {"Namespace": space, "Dimensions": [["pipeline"], ["pipeline", "dataset"]],
             "Metrics": [{"Name": "Rows", "Unit": "Count"}, {"Name": "Late", "Unit": "Seconds"}, {"Name": "Absent"}]}]},
            "pipeline": "p", "dataset": "d", "Rows": 7, "Late": [1, 2]}
        name = function(self.MAIN)
        invoke(name, {"line": line})
        both = {"pipeline": "p", "dataset": "d"}
        points = eventually(lambda: self.data(space, "Rows", both))
        self.assertEqual([(7.0, 1.0, "Count")], [(p["Sum"], p["SampleCount"], p["Unit"]) for p in points])
        self.assertEqual(3.0, self.data(space, "Late", {"pipeline": "p"})[0]["Sum"])
        self.assertEqual([], self.data(space, "Absent", both))
        events = cloud().client("logs").filter_log_events(logGroupName=f"/aws/lambda/{name}")["events"]
        self.assertIn(json.dumps(line), [event["message"] for event in events])

    def test_what_is_not_a_valid_directive_is_only_a_line(self):
        space = unique("space")
        for broken in ({"_aws": 1}, {"_aws": {"CloudWatchMetrics": [{"Namespace": space}]}}, {"CloudWatchMetrics": []}):
            invoke(function(self.MAIN), {"line": broken})
        self.assertEqual([], cloud().client("cloudwatch").list_metrics(Namespace=space)["Metrics"])


class EventTargets(unittest.TestCase):
    def setUp(self):
        self.source = unique("source")
        self.rule, self.arn = rule({"source": [self.source]})

    def test_a_queue_that_refuses_the_rule_gets_nothing_and_the_dead_letter_queue_says_why(self):
        (closed, closed_arn), (dead, dead_arn) = queue(), queue(self.arn)
        support.target(self.rule, closed_arn, DeadLetterConfig={"Arn": dead_arn})
        support.put_event(self.source, {"n": 1})
        letter = receive(dead)
        self.assertEqual({"n": 1}, json.loads(letter["Body"])["detail"])
        attributes = {name: value["StringValue"] for name, value in letter["MessageAttributes"].items()}
        self.assertEqual(("NO_PERMISSIONS", self.arn, closed_arn),
                         (attributes["ERROR_CODE"], attributes["RULE_ARN"], attributes["TARGET_ARN"]))
        self.assertIsNone(receive(closed, 0))

    def test_an_open_queue_is_served(self):
        url, arn = queue(self.arn)
        support.target(self.rule, arn)
        support.put_event(self.source)
        self.assertEqual(self.source, json.loads(receive(url)["Body"])["source"])

    def test_a_missing_function_is_dead_lettered(self):
        dead, dead_arn = queue(self.arn)
        support.target(self.rule, f"arn:aws:lambda:{support.REGION}:000000000000:function:none",
                       DeadLetterConfig={"Arn": dead_arn})
        support.put_event(self.source)
        self.assertEqual("RESOURCE_NOT_FOUND",
                         receive(dead)["MessageAttributes"]["ERROR_CODE"]["StringValue"])

    def test_another_bus_is_reached_with_a_role_that_allows_it_and_no_further_bus(self):
        events = cloud().client("events")
        first, second = (events.create_event_bus(Name=unique("bus"))["EventBusArn"] for _ in range(2))
        may = support.role("events", allow("events:PutEvents", [first, second]))
        inner, inner_arn = rule({"source": [self.source]}, bus=first.split("/")[1])
        last, last_arn = rule({"source": [self.source]}, bus=second.split("/")[1])
        (reached, reached_arn), (beyond, beyond_arn) = queue(inner_arn), queue(last_arn)
        support.target(self.rule, first, RoleArn=may)
        support.target(inner, reached_arn, bus=first.split("/")[1])
        events.put_targets(Rule=inner, EventBusName=first.split("/")[1],
                           Targets=[{"Id": "2", "Arn": second, "RoleArn": may}])
        support.target(last, beyond_arn, bus=second.split("/")[1])
        support.put_event(self.source)
        self.assertIsNotNone(receive(reached))
        self.assertIsNone(receive(beyond, 0))

    def test_another_bus_is_not_reached_without_the_permission(self):
        bus = cloud().client("events").create_event_bus(Name=unique("bus"))["EventBusArn"]
        for may in (support.role("events"), support.role("lambda", allow("events:PutEvents"))):
            dead, dead_arn = queue(self.arn)
            support.target(self.rule, bus, RoleArn=may, DeadLetterConfig={"Arn": dead_arn})
            support.put_event(self.source)
            self.assertEqual("NO_PERMISSIONS", receive(dead)["MessageAttributes"]["ERROR_CODE"]["StringValue"])


class EventRules(unittest.TestCase):
    def setUp(self):
        self.events, self.bus = cloud().client("events"), unique("bus")
        self.events.create_event_bus(Name=self.bus)

    def test_first_the_targets_then_the_rule_then_the_bus(self):
        name, arn = rule({"source": ["x"]}, self.bus)
        support.target(name, queue(arn)[1], self.bus)
        here = {"EventBusName": self.bus}
        self.assertEqual("ValidationException", code_of(lambda: self.events.delete_rule(Name=name, **here)))
        self.assertEqual("ValidationException", code_of(lambda: self.events.delete_event_bus(Name=self.bus)))
        self.events.remove_targets(Rule=name, Ids=["1"], **here)
        self.events.delete_rule(Name=name, **here)
        self.events.delete_event_bus(Name=self.bus)

    def test_a_missing_rule_has_no_list_of_targets(self):
        here = {"Rule": "none", "EventBusName": self.bus}
        for call in (lambda: self.events.list_targets_by_rule(**here),
                     lambda: self.events.remove_targets(Ids=["1"], **here)):
            self.assertEqual("ResourceNotFoundException", code_of(call))

    def test_put_rule_removes_what_it_is_not_given(self):
        here = {"Name": "r", "EventBusName": self.bus}
        self.events.put_rule(EventPattern='{"source":["x"]}', Description="d", State="DISABLED", **here)
        self.events.put_rule(EventPattern='{"source":["y"]}', **here)
        found = self.events.describe_rule(**here)
        self.assertEqual(("ENABLED", None), (found["State"], found.get("Description")))


class S3VersionId(unittest.TestCase):
    def test_the_event_names_the_version_and_sequencers_grow(self):
        s3, bucket = cloud().client("s3"), unique("bucket")
        s3.create_bucket(Bucket=bucket)
        s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
        s3.put_bucket_notification_configuration(
            Bucket=bucket, NotificationConfiguration={"EventBridgeConfiguration": {}})
        name, arn = rule({"source": ["aws.s3"], "detail": {"bucket": {"name": [bucket]}}})
        url, queue_arn = queue(arn)
        support.target(name, queue_arn)
        seen = []
        for _ in range(2):
            version = s3.put_object(Bucket=bucket, Key="a b+c%é", Body=b"x")["VersionId"]
            item = json.loads(receive(url)["Body"])["detail"]["object"]
            self.assertEqual(("a b+c%é", version), (item["key"], item.get("version-id")))
            seen.append(item["sequencer"])
        self.assertLess(*seen)


class S3Ranges(unittest.TestCase):
    def test_a_range_of_a_version(self):
        s3, bucket = cloud().client("s3"), unique("bucket")
        s3.create_bucket(Bucket=bucket)
        s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
        version = s3.put_object(Bucket=bucket, Key="k", Body=b"0123456789")["VersionId"]
        s3.put_object(Bucket=bucket, Key="k", Body=b"newer")
        part = s3.get_object(Bucket=bucket, Key="k", VersionId=version, Range="bytes=2-4")
        self.assertEqual((b"234", "bytes 2-4/10", version),
                         (part["Body"].read(), part.get("ContentRange"), part["VersionId"]))
        self.assertEqual("InvalidRange", code_of(
            lambda: s3.get_object(Bucket=bucket, Key="k", VersionId=version, Range="bytes=10-")))


class S3Parts(unittest.TestCase):
    def complete(self, *sizes):
        s3, bucket = cloud().client("s3"), unique("bucket")
        s3.create_bucket(Bucket=bucket)
        upload = s3.create_multipart_upload(Bucket=bucket, Key="k")["UploadId"]
        parts = [{"PartNumber": number, "ETag": s3.upload_part(
            Bucket=bucket, Key="k", UploadId=upload, PartNumber=number, Body=bytes(size))["ETag"]}
            for number, size in enumerate(sizes, 1)]
        return code_of(lambda: s3.complete_multipart_upload(
            Bucket=bucket, Key="k", UploadId=upload, MultipartUpload={"Parts": parts}))

    def test_only_the_last_part_may_be_small(self):
        self.assertEqual("EntityTooSmall", self.complete(1, 1))
        self.assertIsNone(self.complete(5 * 1024 * 1024, 1))
        self.assertIsNone(self.complete(1))


class QueueEncryption(unittest.TestCase):
    def test_one_way_of_encryption_at_a_time(self):
        sqs, key = cloud().client("sqs"), "alias/aws/sqs"
        url = queue()[0]
        self.assertEqual(("true", None), self.read(url))
        sqs.set_queue_attributes(QueueUrl=url, Attributes={"KmsMasterKeyId": key})
        self.assertEqual(("false", key), self.read(url))
        sqs.set_queue_attributes(QueueUrl=url, Attributes={"SqsManagedSseEnabled": "true"})
        self.assertEqual(("true", None), self.read(url))

    def read(self, url):
        found = cloud().client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
        return found.get("SqsManagedSseEnabled"), found.get("KmsMasterKeyId")


class QueueMappings(unittest.TestCase):
    READ = allow(["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"])

    def create(self, name, arn):
        return code_of(lambda: cloud().client("lambda").create_event_source_mapping(
            FunctionName=name, EventSourceArn=arn))

    def test_a_pair_is_mapped_once(self):
        name, (_, arn) = function(statements=[self.READ]), queue()
        self.assertEqual([None, "ResourceConflictException"], [self.create(name, arn) for _ in range(2)])

    def test_the_role_must_be_allowed_to_read_the_queue(self):
        self.assertEqual("InvalidParameterValueException", self.create(function(), queue()[1]))

    def test_the_queue_must_hide_messages_as_long_as_the_function_may_run(self):
        name, (url, arn) = function(statements=[self.READ]), queue()
        cloud().client("sqs").set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": "19"})
        self.assertEqual("InvalidParameterValueException", self.create(name, arn))


class FunctionStates(unittest.TestCase):
    def test_updates_wait_for_each_other(self):
        functions, name = cloud().client("lambda"), function()
        functions.get_waiter("function_active_v2").wait(FunctionName=name, WaiterConfig={"Delay": 1})
        functions.update_function_configuration(FunctionName=name, MemorySize=256)
        self.assertEqual("ResourceConflictException", code_of(
            lambda: functions.update_function_code(FunctionName=name, ZipFile=archive(bootstrap="x"))))
        functions.get_waiter("function_updated_v2").wait(FunctionName=name, WaiterConfig={"Delay": 1})
        functions.update_function_code(FunctionName=name, ZipFile=archive(bootstrap="x"))

    def test_lambda_must_be_trusted(self):
        self.assertEqual("InvalidParameterValueException", code_of(
            lambda: cloud().client("lambda").create_function(
                FunctionName=unique("fn"), Role=support.role("glue"), Runtime="provided.al2023", Handler="h",
                Code={"ZipFile": archive(bootstrap="x")})))


class LambdaActions(unittest.TestCase):
    def test_each_call_needs_its_own_action(self):
        arn = layer(file="x").rsplit(":", 1)[0]
        inside = cloud().client("lambda", *temporary(allow(["lambda:ListLayers", "lambda:GetLayerVersion"])))
        self.assertEqual("AccessDeniedException",
                         code_of(lambda: inside.delete_layer_version(LayerName=arn, VersionNumber=1)))
        self.assertIsNone(code_of(lambda: inside.get_layer_version(LayerName=arn, VersionNumber=1)))
        may_not = cloud().client("lambda", *temporary(allow("lambda:ListLayers")))
        self.assertEqual("AccessDeniedException",
                         code_of(lambda: may_not.get_layer_version(LayerName=arn, VersionNumber=1)))


def temporary(*statements):
    """Temporary credentials of a fresh role with these statements, as `Cloud.client` takes them."""
    iam, name = cloud().client("iam"), unique("role")
    trust = {"Statement": [{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}]}
    arn = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]
    iam.put_role_policy(RoleName=name, PolicyName="p", PolicyDocument=json.dumps({"Statement": list(statements)}))
    keys = cloud().client("sts").assume_role(RoleArn=arn, RoleSessionName="test")["Credentials"]
    return keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"]


class ActionResources(unittest.TestCase):
    ARN = f"arn:aws:{{}}:{support.REGION}:000000000000:{{}}"

    def test_a_call_is_asked_for_on_what_aws_names(self):
        name = unique("mine")
        # A missing table has no tags that anybody may see.
        cloud().client("dynamodb").create_table(
            TableName=name, BillingMode="PAY_PER_REQUEST", KeySchema=[{"AttributeName": "k", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "k", "AttributeType": "S"}])
        for service, action, resource, call in self.cases(name):
            with self.subTest(action=action):
                arn = self.ARN.format(service, resource)
                self.assertEqual("AccessDenied", self.refusal(service, action, f"{arn}-other", call))
                self.assertNotEqual("AccessDenied", self.refusal(service, action, arn, call))

    def refusal(self, service, action, resource, call):
        code = code_of(lambda: call(cloud().client(service, *temporary(allow(action, resource)))))
        return (code or "").removesuffix("Exception")

    @staticmethod
    def cases(name):
        """Service, action, resource, and the call: whether it finds anything does not matter."""
        arn = ActionResources.ARN.format
        tags = arn("dynamodb", f"table/{name}")
        return [
            ("athena", "athena:GetWorkGroup", f"workgroup/{name}", lambda c: c.get_work_group(WorkGroup=name)),
            ("athena", "athena:CreateWorkGroup", f"workgroup/{name}", lambda c: c.create_work_group(Name=name)),
            ("dynamodb", "dynamodb:ListTagsOfResource", f"table/{name}",
             lambda c: c.list_tags_of_resource(ResourceArn=tags)),
            ("events", "events:DescribeEventBus", f"event-bus/{name}", lambda c: c.describe_event_bus(Name=name)),
            ("events", "events:DescribeRule", f"rule/{name}", lambda c: c.describe_rule(Name=name)),
            ("events", "events:ListTargetsByRule", f"rule/bus/{name}",
             lambda c: c.list_targets_by_rule(Rule=name, EventBusName="bus")),
            ("glue", "glue:GetCrawler", f"crawler/{name}", lambda c: c.get_crawler(Name=name)),
            ("glue", "glue:CreateDatabase", f"database/{name}",
             lambda c: c.create_database(DatabaseInput={"Name": name})),
            ("glue", "glue:GetTable", f"table/d/{name}", lambda c: c.get_table(DatabaseName="d", Name=name)),
            ("lambda", "lambda:DeleteLayerVersion", f"layer:{name}:1",
             lambda c: c.delete_layer_version(LayerName=name, VersionNumber=1)),
            ("logs", "logs:PutRetentionPolicy", f"log-group:{name}:*",
             lambda c: c.put_retention_policy(logGroupName=name, retentionInDays=1)),
        ]

    def test_some_actions_have_no_resource(self):
        calls = [
            ("glue", "glue:StartCrawlerSchedule", lambda c: c.start_crawler_schedule(CrawlerName="x")),
            ("lambda", "lambda:ListLayerVersions", lambda c: c.list_layer_versions(LayerName="x")),
            ("lambda", "lambda:CreateEventSourceMapping", lambda c: c.create_event_source_mapping(
                FunctionName="x", EventSourceArn=self.ARN.format("sqs", "x"))),
        ]
        for service, action, call in calls:
            with self.subTest(action=action):
                self.assertEqual("AccessDenied", self.refusal(service, action, self.ARN.format(service, "*"), call))
                self.assertNotEqual("AccessDenied", self.refusal(service, action, "*", call))

    def test_every_version_of_a_batch_is_asked_for(self):
        bucket, s3 = unique("versions"), cloud().client("s3")
        s3.create_bucket(Bucket=bucket)
        s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
        version = s3.put_object(Bucket=bucket, Key="k", Body=b"x")["VersionId"]
        delete = {"Objects": [{"Key": "k", "VersionId": version}]}
        objects = f"arn:aws:s3:::{bucket}/*"
        for actions, code in ((["s3:DeleteObject"], "AccessDenied"),
                              (["s3:DeleteObject", "s3:DeleteObjectVersion"], None)):
            inside = cloud().client("s3", *temporary(allow(actions, objects)))
            self.assertEqual(code, code_of(lambda: inside.delete_objects(Bucket=bucket, Delete=delete)))


class LambdaPolicy(unittest.TestCase):
    def test_the_policy_goes_with_its_last_statement(self):
        functions, name = cloud().client("lambda"), function()
        functions.add_permission(FunctionName=name, StatementId="s", Action="lambda:InvokeFunction",
                                 Principal="s3.amazonaws.com")
        functions.get_policy(FunctionName=name)
        functions.remove_permission(FunctionName=name, StatementId="s")
        self.assertEqual("ResourceNotFoundException", code_of(lambda: functions.get_policy(FunctionName=name)))


class GlueCrawler(unittest.TestCase):
    def test_tags_and_defaults_of_a_new_crawler(self):
        glue, name = cloud().client("glue"), unique("crawler")
        glue.create_crawler(Name=name, Role=support.role("glue"), DatabaseName="d", Tags={"owner": "us"},
                            Targets={"S3Targets": [{"Path": "s3://b/p"}]})
        self.assertEqual({"owner": "us"}, glue.get_tags(
            ResourceArn=f"arn:aws:glue:{support.REGION}:000000000000:crawler/{name}")["Tags"])
        crawler = glue.get_crawler(Name=name)["Crawler"]
        self.assertEqual("UPDATE_IN_DATABASE", crawler["SchemaChangePolicy"]["UpdateBehavior"])
        self.assertEqual("CRAWL_EVERYTHING", crawler["RecrawlPolicy"]["RecrawlBehavior"])


class GlueWorkflows(unittest.TestCase):
    def test_a_workflow_is_listed_until_it_is_deleted(self):
        glue, name = cloud().client("glue"), unique("workflow")
        glue.create_workflow(Name=name)
        self.assertIn(name, glue.list_workflows()["Workflows"])
        glue.delete_workflow(Name=name)
        self.assertNotIn(name, glue.list_workflows()["Workflows"])


class LogGroupKeys(unittest.TestCase):
    def test_a_key_comes_and_goes(self):
        logs, name = cloud().client("logs"), unique("group")
        key = f"arn:aws:kms:{support.REGION}:000000000000:key/k"
        logs.create_log_group(logGroupName=name)
        logs.associate_kms_key(logGroupName=name, kmsKeyId=key)
        self.assertEqual(key, self.read(name))
        logs.disassociate_kms_key(logGroupName=name)
        self.assertIsNone(self.read(name))

    def read(self, name):
        group = cloud().client("logs").describe_log_groups(logGroupNamePrefix=name)["logGroups"][0]
        return group.get("kmsKeyId")


class LakeFormation(unittest.TestCase):
    def test_settings_are_kept_and_iam_is_asked(self):
        lake, admin = cloud().client("lakeformation"), "arn:aws:iam::000000000000:role/admin"
        lake.put_data_lake_settings(DataLakeSettings={
            "DataLakeAdmins": [{"DataLakePrincipalIdentifier": admin}]})
        kept = lake.get_data_lake_settings()["DataLakeSettings"]["DataLakeAdmins"]
        self.assertEqual([{"DataLakePrincipalIdentifier": admin}], kept)
        nobody = cloud().client("lakeformation", *temporary(allow("s3:*")))
        self.assertEqual("AccessDeniedException", code_of(nobody.get_data_lake_settings))


class TagIndex(unittest.TestCase):
    def test_log_groups_and_workgroups_are_in_the_index(self):
        name = unique("indexed")
        cloud().client("logs").create_log_group(logGroupName=name, tags={"index": name})
        cloud().client("athena").create_work_group(Name=name, Tags=[{"Key": "index", "Value": name}])
        found = cloud().client("resourcegroupstaggingapi").get_resources(
            TagFilters=[{"Key": "index", "Values": [name]}])["ResourceTagMappingList"]
        self.assertEqual({"logs", "athena"}, {entry["ResourceARN"].split(":")[2] for entry in found})

class AlarmDescriptions(unittest.TestCase):
    def test_the_query_protocol_gets_what_an_alarm_does(self):
        cloud().query("monitoring", "PutMetricAlarm", AlarmName="a", **{"AlarmActions.member.1": "arn:aws:sns:::t"})
        self.assertIn("<member>arn:aws:sns:::t</member>", cloud().query("monitoring", "DescribeAlarms"))


if __name__ == "__main__":
    unittest.main()
