"""A client of the lake for demonstrations and tests: one command, JSON on stdout.

    lake.py put BUCKET KEY FILE | get BUCKET KEY | list BUCKET PREFIX
    lake.py metrics PIPELINE | items TABLE | item TABLE PROCESS_ID
    lake.py query WORKGROUP DATABASE SQL
    lake.py inventory [--name NAME]

Configured by AWS_ENDPOINT_URL, AWS_REGION and the usual credential variables. A failure is one JSON
line {"error": …} on stderr, and exit code 1.
"""
import argparse
import base64
import datetime
import decimal
import json
import os
import sys
import time

import boto3
import botocore.exceptions
from boto3.dynamodb.types import Binary, TypeDeserializer
from botocore.config import Config

import inventory

NAMESPACE = "DataLake/Quality"
QUERY_SECONDS = 60


class LakeError(Exception):
    """The lake answered, but not with what was asked for."""


def main():
    options = arguments()
    try:
        answer = options.run(options)
    except (LakeError, botocore.exceptions.BotoCoreError, botocore.exceptions.ClientError, OSError) as failure:
        print(json.dumps({"error": str(failure)}), file=sys.stderr)
        sys.exit(1)
    json.dump(answer, sys.stdout, default=plain, ensure_ascii=False, sort_keys=True)
    print()


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(required=True, metavar="command")
    for run, names in ((put, ("bucket", "key", "file")), (get, ("bucket", "key")), (list_objects, ("bucket", "prefix")),
                       (metrics, ("pipeline",)), (items, ("table",)), (item, ("table", "process_id")),
                       (query, ("workgroup", "database", "sql"))):
        command = commands.add_parser("list" if run is list_objects else run.__name__, help=run.__doc__)
        command.set_defaults(run=run)
        for name in names:
            command.add_argument(name)
    left = commands.add_parser("inventory", help="every object left in the cloud, by kind")
    left.add_argument("--name", help="only objects whose name has this in it")
    left.set_defaults(run=lambda options: inventory.inventory(client, options.name))
    return parser.parse_args()


def client(service):
    region = os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION") or "us-east-1"
    return boto3.client(service, region_name=region, config=Config(s3={"addressing_style": "path"}))


def plain(value):
    """JSON for what boto3 returns beyond JSON."""
    if isinstance(value, decimal.Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, datetime.datetime):
        return value.isoformat()
    if isinstance(value, Binary):
        return base64.b64encode(value.value).decode()
    if isinstance(value, set):
        return sorted(value)
    raise TypeError(f"no JSON for {type(value).__name__}")


def put(options):
    """put a file"""
    with open(options.file, "rb") as body:
        answer = client("s3").put_object(Bucket=options.bucket, Key=options.key, Body=body)
    return {"etag": answer["ETag"].strip('"'), "versionId": answer.get("VersionId")}


def get(options):
    """an object's metadata and content: text, or base64 where it is not UTF-8"""
    answer = client("s3").get_object(Bucket=options.bucket, Key=options.key)
    body = answer["Body"].read()
    head = {"size": len(body), "contentType": answer["ContentType"], "versionId": answer.get("VersionId"),
            "metadata": answer["Metadata"]}
    try:
        return {**head, "text": body.decode("utf-8")}
    except UnicodeDecodeError:
        return {**head, "base64": base64.b64encode(body).decode()}


def list_objects(options):
    """the objects under a prefix"""
    pages = client("s3").get_paginator("list_objects_v2").paginate(Bucket=options.bucket, Prefix=options.prefix)
    return [{"key": entry["Key"], "size": entry["Size"], "etag": entry["ETag"].strip('"')}
            for page in pages for entry in page.get("Contents", [])]


def metrics(options):
    """the data points of a pipeline's quality metrics in the last day"""
    cloudwatch = client("cloudwatch")
    pages = cloudwatch.get_paginator("list_metrics").paginate(Namespace=NAMESPACE)
    mine = [metric for page in pages for metric in page["Metrics"]
            if any(dimension["Value"] == options.pipeline for dimension in metric["Dimensions"])]
    return [line for metric in mine for line in data_points(cloudwatch, metric)]


def data_points(cloudwatch, metric):
    now = datetime.datetime.now(datetime.timezone.utc)
    points = cloudwatch.get_metric_statistics(
        Namespace=NAMESPACE, MetricName=metric["MetricName"], Dimensions=metric["Dimensions"],
        StartTime=now - datetime.timedelta(days=1), EndTime=now + datetime.timedelta(minutes=5), Period=60,
        Statistics=["Sum", "Average", "Minimum", "Maximum", "SampleCount"])["Datapoints"]
    return [{
        "metric": metric["MetricName"],
        "dimensions": {dimension["Name"]: dimension["Value"] for dimension in metric["Dimensions"]},
        "time": point["Timestamp"], "unit": point["Unit"], "count": point["SampleCount"], "sum": point["Sum"],
        "average": point["Average"], "minimum": point["Minimum"], "maximum": point["Maximum"],
    } for point in sorted(points, key=lambda point: point["Timestamp"])]


def items(options):
    """every item of a table"""
    pages = client("dynamodb").get_paginator("scan").paginate(TableName=options.table, ConsistentRead=True)
    return [from_dynamodb(found) for page in pages for found in page["Items"]]


def item(options):
    """the items of one process: all that share its partition key"""
    dynamodb = client("dynamodb")
    schema = dynamodb.describe_table(TableName=options.table)["Table"]["KeySchema"]
    key = next(part["AttributeName"] for part in schema if part["KeyType"] == "HASH")
    pages = dynamodb.get_paginator("query").paginate(
        TableName=options.table, ConsistentRead=True, KeyConditionExpression="#key = :key",
        ExpressionAttributeNames={"#key": key}, ExpressionAttributeValues={":key": {"S": options.process_id}})
    return [from_dynamodb(found) for page in pages for found in page["Items"]]


def from_dynamodb(found):
    return {name: TypeDeserializer().deserialize(value) for name, value in found.items()}


def query(options):
    """the rows of an Athena query, as objects of strings"""
    athena = client("athena")
    started = athena.start_query_execution(
        QueryString=options.sql, WorkGroup=options.workgroup,
        QueryExecutionContext={"Database": options.database})["QueryExecutionId"]
    wait_for_query(athena, started)
    rows = [[cell.get("VarCharValue") for cell in row["Data"]]
            for page in athena.get_paginator("get_query_results").paginate(QueryExecutionId=started)
            for row in page["ResultSet"]["Rows"]]
    return [dict(zip(rows[0], row)) for row in rows[1:]] if rows else []


def wait_for_query(athena, execution):
    until = time.monotonic() + QUERY_SECONDS
    while time.monotonic() < until:
        status = athena.get_query_execution(QueryExecutionId=execution)["QueryExecution"]["Status"]
        if status["State"] == "SUCCEEDED":
            return
        if status["State"] in ("FAILED", "CANCELLED"):
            raise LakeError(f"query {status['State'].lower()}: {status.get('StateChangeReason', 'no reason given')}")
        time.sleep(0.05)
    raise LakeError(f"query {execution} did not end within {QUERY_SECONDS} s")


if __name__ == "__main__":
    main()
