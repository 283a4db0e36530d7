"""One local cloud for a test run, and the few objects the tests make in it."""
import atexit
import functools
import io
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time
import urllib.parse
import urllib.request
import uuid
import zipfile

import boto3
from botocore.config import Config

FOLDER = pathlib.Path(__file__).resolve().parent.parent
REGION = "us-east-1"

# A Lambda bootstrap: {main} gets the event and returns the answer.
BOOTSTRAP = """#!{interpreter}
import json, os, sys, urllib.request
{main}
base = "http://" + os.environ["AWS_LAMBDA_RUNTIME_API"] + "/2018-06-01/runtime/invocation/"
while True:
    with urllib.request.urlopen(base + "next") as taken:
        request, event = taken.headers["Lambda-Runtime-Aws-Request-Id"], json.load(taken)
    try:
        kind, answer = "response", main(event)
    except Exception as failure:
        kind, answer = "error", {{"errorMessage": str(failure), "errorType": type(failure).__name__}}
    sys.stdout.flush()
    urllib.request.urlopen(base + request + "/" + kind, json.dumps(answer).encode()).read()
"""


class Cloud:
    """A launcher as a child process."""

    def __init__(self, **environment):
        self.folder = tempfile.TemporaryDirectory(prefix="local-cloud-test-")
        root = pathlib.Path(self.folder.name)
        self.ready, self.call_log = root / "ready.json", root / "calls.jsonl"
        self.process = subprocess.Popen(
            [sys.executable, str(FOLDER / "launcher.py"), "--port", "0", "--ready-file", str(self.ready),
             "--parent-pid", str(os.getpid()), "--log-dir", str(root)],
            env={**os.environ, "DATALAKE_CALL_LOG": str(self.call_log), "NOT_FOR_FUNCTIONS": "1", **environment})
        self.clients = {}
        self.details = self._wait()
        self.endpoint = self.details["endpoint"]

    def _wait(self):
        until = time.monotonic() + 30
        while time.monotonic() < until:
            if self.ready.exists():
                return json.loads(self.ready.read_text())
            if self.process.poll() is not None:
                raise RuntimeError(f"the launcher ended: {self.log()}")
            time.sleep(0.02)
        raise RuntimeError(f"the launcher is not ready: {self.log()}")

    def log(self):
        return (pathlib.Path(self.folder.name) / "cloud.log").read_text()

    def calls(self):
        return [json.loads(line) for line in self.call_log.read_text().splitlines()]

    def client(self, service, *credentials):
        """The client of a service; `credentials` as boto3 takes them, the administrator's without."""
        if (service, credentials) not in self.clients:
            self.clients[service, credentials] = self._client(service, *(credentials or ("test", "test")))
        return self.clients[service, credentials]

    def _client(self, service, key, secret, token=None):
        return boto3.client(
            service, endpoint_url=self.endpoint, region_name=REGION, aws_access_key_id=key,
            aws_secret_access_key=secret, aws_session_token=token,
            config=Config(retries={"total_max_attempts": 1}, s3={"addressing_style": "path"}))

    def query(self, scope, action, **form):
        """The XML that a client of the query protocol gets, which boto3 may not speak any more."""
        signed = f"AWS4-HMAC-SHA256 Credential=test/20260101/{REGION}/{scope}/aws4_request, SignedHeaders=host, Signature=0"
        request = urllib.request.Request(
            self.endpoint, urllib.parse.urlencode({"Action": action, "Version": "2010-08-01", **form}).encode(),
            {"Authorization": signed})
        with urllib.request.urlopen(request) as answer:
            return answer.read().decode()

    def stop(self):
        self.process.terminate()
        self.process.wait(10)
        self.folder.cleanup()


@functools.cache
def cloud():
    """The cloud all tests share."""
    shared = Cloud()
    atexit.register(shared.stop)
    return shared


def unique(prefix="t"):
    return f"{prefix}-{uuid.uuid4().hex[:10]}"


def archive(**files):
    """A zip with these files; `bootstrap` is executable."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as target:
        for name, content in files.items():
            entry = zipfile.ZipInfo(name)
            entry.external_attr = (0o755 if name == "bootstrap" else 0o644) << 16
            target.writestr(entry, content)
    return buffer.getvalue()


def bootstrap(main):
    return BOOTSTRAP.format(interpreter=sys.executable, main=main)


def role(service, *statements):
    """A role for an AWS service with these policy statements; returns its ARN."""
    iam, name = cloud().client("iam"), unique("role")
    trust = {"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"Service": f"{service}.amazonaws.com"}, "Action": "sts:AssumeRole"}]}
    arn = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]
    if statements:
        policy = {"Version": "2012-10-17", "Statement": list(statements)}
        iam.put_role_policy(RoleName=name, PolicyName="p", PolicyDocument=json.dumps(policy))
    return arn


def allow(action, resource="*"):
    return {"Effect": "Allow", "Action": action, "Resource": resource}


def function(main="def main(event): return event", code=None, layers=(), statements=(), **configuration):
    """A function whose bootstrap is a script; returns its name."""
    name = unique("fn")
    configuration.setdefault("Timeout", 20)
    cloud().client("lambda").create_function(
        FunctionName=name, Role=role("lambda", *statements), Runtime="provided.al2023", Handler="the-handler",
        Code={"ZipFile": code or archive(bootstrap=bootstrap(main))}, Layers=list(layers), **configuration)
    return name


def invoke(name, event=None):
    """Invoke and return the answer; a function error is an AssertionError."""
    answer = cloud().client("lambda").invoke(FunctionName=name, Payload=json.dumps(event or {}))
    payload = json.loads(answer["Payload"].read())
    if answer.get("FunctionError"):
        raise AssertionError(payload)
    return payload


def queue(*rules):
    """A queue that lets these rules (ARNs) send; returns (url, arn)."""
    sqs = cloud().client("sqs")
    url = sqs.create_queue(QueueName=unique("q"))["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    if rules:
        policy = {"Version": "2012-10-17", "Statement": [{
            "Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"}, "Action": "sqs:SendMessage",
            "Resource": arn, "Condition": {"ArnEquals": {"aws:SourceArn": list(rules)}}}]}
        sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": json.dumps(policy)})
    return url, arn


def receive(url, seconds=5):
    """The first message of a queue, or None after `seconds`."""
    answer = cloud().client("sqs").receive_message(
        QueueUrl=url, WaitTimeSeconds=seconds, MessageAttributeNames=["All"])
    return next(iter(answer.get("Messages", [])), None)


def rule(pattern, bus="default"):
    """A rule; returns (name, arn)."""
    name = unique("rule")
    arn = cloud().client("events").put_rule(Name=name, EventBusName=bus, EventPattern=json.dumps(pattern))["RuleArn"]
    return name, arn


def target(rule_name, arn, bus="default", **more):
    cloud().client("events").put_targets(Rule=rule_name, EventBusName=bus, Targets=[{"Id": "1", "Arn": arn, **more}])


def put_event(source, detail=None, bus="default"):
    cloud().client("events").put_events(Entries=[
        {"Source": source, "DetailType": "t", "Detail": json.dumps(detail or {}), "EventBusName": bus}])


def eventually(check, seconds=5):
    """What `check` returns once it is true, or its last value."""
    until = time.monotonic() + seconds
    while not (value := check()) and time.monotonic() < until:
        time.sleep(0.05)
    return value
