"""What an alarm does and watches, as clients of the query protocol are told it.

Gap: DescribeAlarms answers in XML without actions, dimensions, description, period, statistic and missing data; its
answers in CBOR and JSON have them.
AWS: every protocol gets the whole alarm.
Patch: put what is missing into each alarm of the XML answer.
"""
from xml.sax.saxutils import escape

from hooks import module, need, wrap

TEXTS = ("AlarmDescription", "Period", "Statistic", "ExtendedStatistic", "TreatMissingData", "Unit",
         "EvaluateLowSampleCountPercentile")
LISTS = ("AlarmActions", "OKActions", "InsufficientDataActions")


def apply():
    alarms = module("services.cloudwatch")
    need(alarms, "_alarms")

    def describe(original, params, cbor_data, is_cbor, is_json=False):
        status, headers, body = original(params, cbor_data, is_cbor, is_json)
        if is_cbor or is_json or status != 200:
            return status, headers, body
        text = body.decode()
        for alarm in alarms._alarms.values():
            name = f"<member><AlarmName>{alarm['AlarmName']}</AlarmName>"
            text = text.replace(name, name + missing(alarm))
        return status, headers, text.encode()

    wrap(alarms, "_describe_alarms", describe)


def missing(alarm):
    """The elements of an alarm that the answer lacks."""
    texts = "".join(element(name, escape(str(alarm[name]))) for name in TEXTS if alarm.get(name) not in (None, ""))
    lists = "".join(element(name, "".join(element("member", escape(entry)) for entry in alarm.get(name, [])))
                    for name in LISTS)
    dimensions = "".join(
        element("member", element("Name", escape(entry["Name"])) + element("Value", escape(entry["Value"])))
        for entry in alarm.get("Dimensions", []))
    enabled = element("ActionsEnabled", str(alarm.get("ActionsEnabled", True)).lower())
    return texts + lists + element("Dimensions", dimensions) + enabled


def element(name, text):
    return f"<{name}>{text}</{name}>"
