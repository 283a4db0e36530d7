"""Embedded metric format: a log line becomes metric data.

Gap: ministack stores the line and looks no further.
AWS: CloudWatch Logs extracts metrics from every log event that is a JSON object with
`_aws.CloudWatchMetrics`; an invalid directive is skipped and the line kept.
Patch: after log events are appended, store what their directives say. Limits kept: a metric value
is a number or a list of at most 100 numbers, a dimension set has at most 30 members, and every
member named must be on the line.
"""
import json

from hooks import module, need, wrap


def apply():
    logs, metrics = module("services.cloudwatch_logs"), module("services.cloudwatch")
    need(metrics, "_store_datum", "_evaluate_all_alarms")

    def append(original, stream, events):
        original(stream, events)
        data = [datum for event in events for datum in extract(event["message"])]
        for datum in data:
            metrics._store_datum(**datum, counts=None, stat_values=None)
        if data:
            metrics._evaluate_all_alarms()

    wrap(logs, "_append_log_events", append)


def extract(message):
    """Every data point one log line declares."""
    line = _metric_line(message)
    if line is None:
        return
    seconds = line["_aws"].get("Timestamp", 0) / 1000
    for directive in line["_aws"]["CloudWatchMetrics"]:
        for dimensions in _dimension_sets(line, directive):
            for metric in directive.get("Metrics", []):
                yield from _datum(line, directive["Namespace"], dimensions, metric, seconds)


def _metric_line(message):
    if '"CloudWatchMetrics"' not in message:
        return None
    try:
        line = json.loads(message)
    except ValueError:
        return None
    aws = line.get("_aws") if isinstance(line, dict) else None
    valid = isinstance(aws, dict) and isinstance(aws.get("Timestamp"), (int, float)) \
        and isinstance(aws.get("CloudWatchMetrics"), list)
    return line if valid else None


def _dimension_sets(line, directive):
    for names in directive.get("Dimensions", [[]]):
        if len(names) <= 30 and all(isinstance(line.get(name), str) for name in names):
            yield {name: line[name] for name in names}


def _datum(line, namespace, dimensions, metric, seconds):
    value = line.get(metric["Name"])
    values = value if isinstance(value, list) else [value]
    if len(values) > 100 or not all(_number(one) for one in values):
        return
    yield {"namespace": namespace, "name": metric["Name"], "dims": dimensions, "ts": seconds,
           "unit": metric.get("Unit", "None"), "value": None, "values": values}


def _number(value):
    return isinstance(value, (int, float)) and not isinstance(value, bool)
