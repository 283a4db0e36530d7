"""The way of an object through the cloud, as the pipeline's design has it."""
import json
import unittest

from tests import support
from tests.support import allow, cloud, eventually, function, queue, receive, role, rule, unique

REPORT_BAD = """
def main(event):
    print(json.dumps([json.loads(record["body"])["detail"]["object"]["key"] for record in event["Records"]]))
    return {"batchItemFailures": [{"itemIdentifier": record["messageId"]} for record in event["Records"]
                                  if "bad" in record["body"]]}
"""


class Chain(unittest.TestCase):
    def test_bucket_default_bus_own_bus_queue_function_dead_letter_queue(self):
        s3, events, bucket, bus = cloud().client("s3"), cloud().client("events"), unique("bucket"), unique("bus")
        s3.create_bucket(Bucket=bucket)
        s3.put_bucket_notification_configuration(
            Bucket=bucket, NotificationConfiguration={"EventBridgeConfiguration": {}})
        bus_arn = events.create_event_bus(Name=bus)["EventBusArn"]
        forwarding, _ = rule({"source": ["aws.s3"], "detail": {"bucket": {"name": [bucket]}}})
        support.target(forwarding, bus_arn, RoleArn=role("events", allow("events:PutEvents", bus_arn)))
        created, created_arn = rule({"detail-type": ["Object Created"]}, bus)
        (work, work_arn), (dead, dead_arn) = queue(created_arn), queue()
        support.target(created, work_arn, bus)
        cloud().client("sqs").set_queue_attributes(QueueUrl=work, Attributes={
            # Longer than a call takes on a busy machine: what is not answered in time is delivered again.
            "VisibilityTimeout": "3",
            "RedrivePolicy": json.dumps({"deadLetterTargetArn": dead_arn, "maxReceiveCount": 2})})
        name = function(REPORT_BAD, Timeout=3, statements=[
            allow(["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"], work_arn)])
        cloud().client("lambda").create_event_source_mapping(
            FunctionName=name, EventSourceArn=work_arn, FunctionResponseTypes=["ReportBatchItemFailures"])
        s3.put_object(Bucket=bucket, Key="good", Body=b"x")
        s3.put_object(Bucket=bucket, Key="bad", Body=b"x")
        letter = receive(dead, 30)
        self.assertEqual("bad", json.loads(letter["Body"])["detail"]["object"]["key"])
        eventually(lambda: len(self.seen(name)) >= 3)
        self.assertEqual(["bad", "bad", "good"], self.seen(name))

    def seen(self, name):
        """Every key the function was given, each as often as it was."""
        lines = cloud().client("logs").filter_log_events(logGroupName=f"/aws/lambda/{name}")["events"]
        return sorted(key for line in lines if line["message"].startswith("[") for key in json.loads(line["message"]))


if __name__ == "__main__":
    unittest.main()
