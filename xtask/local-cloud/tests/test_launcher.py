"""The launcher itself: its port, its end, its log of calls, its delay, and who may do what."""
import asyncio
import json
import os
import pathlib
import signal
import subprocess
import sys
import time
import unittest
import urllib.error
import urllib.request

import cbor2
from botocore.exceptions import ClientError

import calls
from tests import support
from tests.support import Cloud, allow, cloud, eventually, function, invoke, unique


def listening(group):
    """The (address, port) pairs processes of a group listen on."""
    inodes = {inode for pid in members(group) for inode in sockets(pid)}
    found = []
    for table in ("tcp", "tcp6"):
        for line in pathlib.Path(f"/proc/net/{table}").read_text().splitlines()[1:]:
            fields = line.split()
            if fields[3] == "0A" and fields[9] in inodes:
                address, port = fields[1].split(":")
                found.append((address, int(port, 16)))
    return found


def members(group):
    found = []
    for path in pathlib.Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        if int(fields[2]) == group and fields[0] not in "ZX":
            found.append(int(path.parent.name))
    return found


def sockets(pid):
    for entry in pathlib.Path(f"/proc/{pid}/fd").iterdir():
        try:
            target = os.readlink(entry)
        except FileNotFoundError:
            continue
        if target.startswith("socket:["):
            yield target[8:-1]


class Port(unittest.TestCase):
    def test_one_loopback_port_and_loopback_only_for_functions(self):
        own = Cloud()
        self.addCleanup(own.stop)
        import cryptography  # noqa: F401: with it ministack would open two further ports
        self.assertEqual([("0100007F", own.details["port"])], listening(own.details["pid"]))
        invoke(function())
        self.assertEqual({"0100007F"}, {address for address, _ in listening(cloud().details["pid"])})


class End(unittest.TestCase):
    SLEEPER = "import signal\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\ndef main(event): return dict(os.environ)"

    def start(self):
        """A cloud with a running worker that ignores SIGTERM, and its temporary folder."""
        own = Cloud()
        self.addCleanup(own.folder.cleanup)
        before = support.cloud
        support.cloud = lambda: own
        self.addCleanup(setattr, support, "cloud", before)
        invoke(function(self.SLEEPER))
        self.assertGreaterEqual(len(members(own.details["pid"])), 2)
        folders = [path for path in pathlib.Path("/tmp").glob("datalake-cloud-*")
                   if own.details["port"] in ports_named(path)]
        self.assertEqual(1, len(folders))
        return own, folders[0]

    def gone(self, own, folder):
        return not members(own.details["pid"]) and not folder.exists()

    def test_sigterm_ends_all_within_two_seconds(self):
        own, folder = self.start()
        started = time.monotonic()
        own.process.terminate()
        self.assertEqual(0, own.process.wait(5))
        self.assertLess(time.monotonic() - started, 2)
        self.assertTrue(self.gone(own, folder))

    def test_sigkill_leaves_nothing_either(self):
        own, folder = self.start()
        own.process.kill()
        own.process.wait(5)
        self.assertTrue(eventually(lambda: self.gone(own, folder), 2))

    def test_it_ends_with_its_parent(self):
        own = Cloud()
        self.addCleanup(own.stop)
        parent = subprocess.Popen(["sleep", "60"])
        child = subprocess.Popen([sys.executable, str(support.FOLDER / "launcher.py"), "--port", "0",
                                  "--parent-pid", str(parent.pid), "--log-dir", own.folder.name])
        time.sleep(0.5)
        self.assertIsNone(child.poll())
        os.kill(parent.pid, signal.SIGKILL)
        self.assertEqual(0, child.wait(2))
        parent.wait()


def ports_named(folder):
    return [int(path.name.rsplit("-", 1)[-1]) for path in folder.glob("ministack-provided-code-*")]


class Authorization(unittest.TestCase):
    def test_a_function_is_refused_what_its_role_does_not_allow(self):
        bucket = unique("bucket")
        cloud().client("s3").create_bucket(Bucket=bucket)
        main = f"""
sys.path.insert(0, {str(pathlib.Path(support.boto3.__file__).parent.parent)!r})
import boto3
def main(event):
    boto3.client("s3").put_object(Bucket={bucket!r}, Key=event["key"], Body=b"x")
"""
        name = function(main, statements=[allow("s3:PutObject", f"arn:aws:s3:::{bucket}/allowed/*")])
        invoke(name, {"key": "allowed/a"})
        with self.assertRaisesRegex(AssertionError, "AccessDenied"):
            invoke(name, {"key": "other/a"})
        mine = [call for call in cloud().calls() if call["path"] == f"/{bucket}/other/a"]
        self.assertEqual([("PutObject", 403, "AccessDenied")],
                         [(call["operation"], call["status"], call["error"]) for call in mine])
        self.assertTrue(mine[0]["role"].startswith("role-"))

    def test_an_unknown_key_is_refused(self):
        with self.assertRaises(ClientError) as refused:
            cloud().client("sqs", "AKIAUNKNOWN", "x").list_queues()
        self.assertEqual(403, refused.exception.response["ResponseMetadata"]["HTTPStatusCode"])


class Log(unittest.TestCase):
    def test_calls_of_every_protocol_have_their_name(self):
        bucket, before = unique("bucket"), len(cloud().calls())
        s3 = cloud().client("s3")
        s3.create_bucket(Bucket=bucket)
        s3.put_public_access_block(Bucket=bucket, PublicAccessBlockConfiguration={"BlockPublicAcls": True})
        s3.put_object(Bucket=bucket, Key="k", Body=b"x")
        s3.copy_object(Bucket=bucket, Key="l", CopySource={"Bucket": bucket, "Key": "k"})
        s3.list_objects_v2(Bucket=bucket)
        with self.assertRaises(ClientError):
            s3.head_object(Bucket=bucket, Key="none")
        with self.assertRaises(ClientError):
            cloud().client("dynamodb").describe_table(TableName="none")
        with self.assertRaises(ClientError):
            cloud().client("lambda").get_function_configuration(FunctionName="none")
        with self.assertRaises(ClientError):
            cloud().client("iam").get_role(RoleName="none")
        calls = cloud().calls()[before:]
        self.assertEqual([
            ("s3", "CreateBucket", None), ("s3", "PutPublicAccessBlock", None), ("s3", "PutObject", None),
            ("s3", "CopyObject", None), ("s3", "ListObjectsV2", None), ("s3", "HeadObject", "404"),
            ("dynamodb", "DescribeTable", "ResourceNotFoundException"),
            ("lambda", "GetFunctionConfiguration", "ResourceNotFoundException"),
            ("iam", "GetRole", "NoSuchEntity"),
        ], [(call["service"], call["operation"], call["error"]) for call in calls])
        self.assertEqual(sorted(call["seq"] for call in calls), [call["seq"] for call in calls])

    def test_who_has_an_answer_finds_its_line(self):
        start = {"type": "http.response.start", "status": 200, "headers": []}
        part = {"type": "http.response.body", "body": b"x", "more_body": True}
        end = {"type": "http.response.body", "body": b""}
        # A start without a body, and a body whose end comes alone, are all that a client waits for.
        for messages, lines_found in [([start, end], [1, 1]), ([start, part, end], [0, 1, 1])]:
            self.assertEqual(lines_found, asyncio.run(self.lines_found(messages)))

    async def lines_found(self, messages):
        """How many lines the log has when each of these messages leaves."""
        async def app(scope, receive, send):
            for message in messages:
                await send(message)

        async def send(message):
            found.append(len(lines))

        lines, found = [], []
        wrapped = calls.Calls(app, None, 0, lambda key: None)
        wrapped.write = lines.append
        await wrapped({"type": "http", "method": "GET", "path": "/b", "query_string": b"", "headers": []}, None, send)
        return found


class Delay(unittest.TestCase):
    def set(self, value):
        request = urllib.request.Request(f"{cloud().endpoint}/_datalake/delay?ms={value}", method="POST")
        with urllib.request.urlopen(request) as answer:
            return json.load(answer)

    def test_calls_from_outside_wait(self):
        self.addCleanup(self.set, 0)
        self.assertEqual({"delay_ms": 200.0}, self.set(200))
        started = time.monotonic()
        cloud().client("s3").list_buckets()
        self.assertGreaterEqual(time.monotonic() - started, 0.2)

    def test_nonsense_is_refused(self):
        with self.assertRaises(urllib.error.HTTPError):
            self.set("soon")


class Cbor(unittest.TestCase):
    def test_metrics_arrive_in_the_protocol_of_the_rust_sdk(self):
        space = unique("space")
        request = urllib.request.Request(
            f"{cloud().endpoint}/service/GraniteServiceVersion20100801/operation/PutMetricData", method="POST",
            data=cbor2.dumps({"Namespace": space, "MetricData": [{"MetricName": "m", "Value": 1.0}]}),
            headers={"Smithy-Protocol": "rpc-v2-cbor", "Content-Type": "application/cbor",
                     "Authorization": "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/monitoring/aws4_request, "
                                      "SignedHeaders=host, Signature=0"})
        urllib.request.urlopen(request).close()
        self.assertEqual(["m"], [metric["MetricName"] for metric in
                                 cloud().client("cloudwatch").list_metrics(Namespace=space)["Metrics"]])


if __name__ == "__main__":
    unittest.main()
