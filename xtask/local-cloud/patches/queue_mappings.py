"""What Lambda asks before it maps a queue to a function.

Gaps: a second mapping of the same pair is made; the function's role need not be allowed to read the
queue; the queue's visibility timeout may be shorter than the function's timeout.
AWS: ResourceConflictException (409) for the pair; InvalidParameterValueException for the other two.
Patch: ask these three things of a queue's mapping when it is created.
"""
import authority
from hooks import module, need, wrap

ACTIONS = ("sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes")


def apply():
    functions = module("services.lambda_svc")
    need(functions, "_esms", "_get_func_record_for_ref", "error_response_json")
    need(module("services.sqs"), "_queue_by_arn")
    authority.require_hooks()

    def create(original, data):
        arn = data.get("EventSourceArn", "")
        _, config, _ = functions._get_func_record_for_ref(data.get("FunctionName", ""))
        if config is None or ":sqs:" not in arn:
            return original(data)
        if any((esm["EventSourceArn"], esm["FunctionArn"]) == (arn, config["FunctionArn"])
               for esm in functions._esms.values()):
            return functions.error_response_json(
                "ResourceConflictException", f"An event source mapping with SQS arn ({arn}) and function "
                f"({config['FunctionName']}) already exists.", 409)
        problem = _problem(arn, config)
        if problem:
            return functions.error_response_json("InvalidParameterValueException", problem, 400)
        return original(data)

    wrap(functions, "_create_esm", create)


def _problem(arn, config):
    queue = module("services.sqs")._queue_by_arn(arn)
    if queue is None:
        return f"Error occurred while ReceiveMessage. SQS queue does not exist: {arn}"
    for action in ACTIONS:
        if authority.refusal(config["Role"], "lambda.amazonaws.com", action, arn):
            return f"The function execution role does not have permissions to call {action.split(':')[1]} on SQS"
    visible, timeout = int(queue["attributes"]["VisibilityTimeout"]), int(config["Timeout"])
    if visible < timeout:
        return f"Queue visibility timeout: {visible} seconds is less than Function timeout: {timeout} seconds"
    return None
