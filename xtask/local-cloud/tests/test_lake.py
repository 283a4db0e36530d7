"""The demo client: each command against the cloud."""
import json
import os
import subprocess
import sys
import tempfile
import time
import unittest

import pyarrow
import pyarrow.parquet

from tests import support
from tests.support import cloud, unique


def run(*arguments):
    """(exit code, stdout as JSON, stderr) of one command."""
    done = subprocess.run(
        [sys.executable, str(support.FOLDER / "lake.py"), *arguments], capture_output=True, text=True, timeout=60,
        env={**os.environ, "AWS_ENDPOINT_URL": cloud().endpoint, "AWS_REGION": support.REGION,
             "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"})
    return done.returncode, json.loads(done.stdout or "null"), done.stderr


class Lake(unittest.TestCase):
    def test_put_list_get(self):
        bucket = unique("bucket")
        cloud().client("s3").create_bucket(Bucket=bucket)
        with tempfile.NamedTemporaryFile() as file:
            file.write("é\n".encode())
            file.flush()
            self.assertEqual(0, run("put", bucket, "in/a b.txt", file.name)[0])
        self.assertEqual(["in/a b.txt"], [entry["key"] for entry in run("list", bucket, "in/")[1]])
        self.assertEqual("é\n", run("get", bucket, "in/a b.txt")[1]["text"])

    def test_an_error_is_one_line_of_json(self):
        code, answer, error = run("get", "no-such-bucket", "k")
        self.assertEqual((1, None), (code, answer))
        self.assertIn("NoSuchBucket", json.loads(error)["error"])

    def test_items(self):
        dynamodb, table = cloud().client("dynamodb"), unique("table")
        dynamodb.create_table(TableName=table, BillingMode="PAY_PER_REQUEST",
                              AttributeDefinitions=[{"AttributeName": "processId", "AttributeType": "S"}],
                              KeySchema=[{"AttributeName": "processId", "KeyType": "HASH"}])
        dynamodb.put_item(TableName=table, Item={"processId": {"S": "p"}, "rows": {"N": "3"}})
        self.assertEqual([{"processId": "p", "rows": 3}], run("items", table)[1])
        self.assertEqual([{"processId": "p", "rows": 3}], run("item", table, "p")[1])
        self.assertEqual([], run("item", table, "q")[1])

    def test_metrics_of_one_pipeline(self):
        pipeline = unique("pipe")
        cloud().client("cloudwatch").put_metric_data(Namespace="DataLake/Quality", MetricData=[
            {"MetricName": "Rows", "Value": 2, "Unit": "Count", "Timestamp": time.time(),
             "Dimensions": [{"Name": "pipeline", "Value": pipeline}]}])
        points = run("metrics", pipeline)[1]
        self.assertEqual([("Rows", {"pipeline": pipeline}, 2.0, "Count")],
                         [(p["metric"], p["dimensions"], p["sum"], p["unit"]) for p in points])

    def test_query_of_parquet_and_inventory(self):
        name = unique("lake").replace("-", "_")
        bucket = name.replace("_", "-")
        s3, glue, athena = (cloud().client(service) for service in ("s3", "glue", "athena"))
        s3.create_bucket(Bucket=bucket)
        sink = pyarrow.BufferOutputStream()
        pyarrow.parquet.write_table(pyarrow.table({"id": [1, 2]}), sink, compression="zstd")
        s3.put_object(Bucket=bucket, Key="t/day=2026-01-02/a.parquet", Body=sink.getvalue().to_pybytes())
        glue.create_database(DatabaseInput={"Name": name})
        glue.create_table(DatabaseName=name, TableInput={
            "Name": "t", "TableType": "EXTERNAL_TABLE", "PartitionKeys": [{"Name": "day", "Type": "date"}],
            "Parameters": {"projection.enabled": "true", "projection.day.type": "date",
                           "projection.day.range": "2026-01-01,2026-01-03", "projection.day.format": "yyyy-MM-dd",
                           "storage.location.template": f"s3://{bucket}/t/day=${{day}}"},
            "StorageDescriptor": {
                "Columns": [{"Name": "id", "Type": "bigint"}], "Location": f"s3://{bucket}/t/",
                "InputFormat": "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat",
                "OutputFormat": "org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat",
                "SerdeInfo": {"SerializationLibrary": "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe"}}})
        athena.create_work_group(Name=name, Configuration={
            "ResultConfiguration": {"OutputLocation": f"s3://{bucket}/results/"}})
        self.assertEqual([{"n": "2", "day": "2026-01-02"}],
                         run("query", name, name, "select count(*) as n, day from t group by day")[1])
        code, _, error = run("query", name, name, "select nonsense from t")
        self.assertEqual(1, code)
        self.assertIn("query failed", json.loads(error)["error"])
        self.assertEqual({"s3_buckets": [bucket]}, run("inventory", "--name", bucket)[1])
        self.assertEqual({"glue_databases": [name], "glue_tables": [f"{name}/t"], "athena_workgroups": [name]},
                         run("inventory", "--name", name)[1])


if __name__ == "__main__":
    unittest.main()
