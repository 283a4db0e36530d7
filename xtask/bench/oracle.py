"""The rules of dataset.json once more, in plain Python: what the row engine has to find, row by row."""

import csv
import json
import re
from datetime import datetime, timezone

EMAIL = re.compile(r"[a-zA-Z0-9._%+-]+@[a-zA-Z0-9.-]+\.[a-zA-Z]{2,}")
PHONE = re.compile(r"\+?1?[2-9][0-9]{2}[2-9][0-9]{2}[0-9]{4}")
INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?Z")
COUNTRY = re.compile(r"[A-Z]{2}")
STATUS = {"new", "paid", "shipped", "cancelled"}
EARLIEST = datetime(2020, 1, 1, tzinfo=timezone.utc)
LATEST = datetime(2027, 1, 1, tzinfo=timezone.utc)
FLAT = ["id", "timestamp", "customer", "email", "phone", "amount", "quantity", "status", "country", "notes"]
NESTED = ["temperature", "humidity", "location"]
COLUMNS = FLAT + [f"data_{name}" for name in NESTED]
TEXTS = {"id", "timestamp", "customer", "email", "phone", "status", "country", "notes", "data_location"}
# Checks on a row, the question whether it can be read being one: what the score is counted over.
CHECKS = 1 + 2 + len(COLUMNS) + 4 + 6 + 3


def of_json(line: bytes):
    """A line as a row: its columns, or the rule that says why it is none."""
    try:
        row = json.loads(line.decode("utf-8"))
    except ValueError:
        return "row.malformed_json"
    if not isinstance(row, dict):
        return "row.not_an_object"
    nested = row.get("data") or {}
    cells = {name: row.get(name) for name in FLAT}
    return cells | {f"data_{name}": nested.get(name) for name in NESTED}


def of_csv(fields: list, header: list):
    """The fields of a CSV record as a row: an empty field is no value."""
    cells = {name: field or None for name, field in zip(header, fields)}
    for name in COLUMNS:
        if name not in TEXTS and cells[name] is not None:
            cells[name] = int(cells[name]) if name == "quantity" else float(cells[name])
    return cells


def mistyped(cells: dict) -> list:
    """Columns whose value is of another type."""

    def is_typed(name, value):
        if value is None:
            return True
        if name in TEXTS:
            return isinstance(value, str)
        if name == "quantity":
            return isinstance(value, int)
        return isinstance(value, (int, float))

    return [name for name in COLUMNS if not is_typed(name, cells[name])]


def instant(text: str):
    """An instant, if the text is one."""
    if not INSTANT.fullmatch(text):
        return None
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def failed(cells: dict) -> set:
    """The rules a row fails: `id`, `email`, …, with `type:` before the column for a wrong type."""
    wrong = mistyped(cells)
    rules = {f"type:{name}" for name in wrong}
    typed = {name: None if name in wrong else value for name, value in cells.items()}

    def check(rule, column, holds):
        if typed[column] is not None and not holds(typed[column]):
            rules.add(rule)

    if cells["id"] is None:
        rules.add("id_req")
    if cells["timestamp"] is None:
        rules.add("ts_req")
    if all(cells[f"data_{name}"] is None for name in NESTED):
        rules.add("data_req")
    if all(cells[name] is None for name in ("customer", "email", "phone", "notes", "country")):
        rules.add("customer_req")
    when = instant(typed["timestamp"]) if typed["timestamp"] is not None else None
    if typed["timestamp"] is not None and when is None:
        rules.add("type:timestamp")
    if typed["timestamp"] is not None and not (when and EARLIEST <= when < LATEST):
        rules.add("ts_fmt")
    check("email", "email", EMAIL.fullmatch)
    check("phone", "phone", lambda text: PHONE.fullmatch(text.replace("-", "").replace(" ", "")))
    check("amount", "amount", lambda number: 0 <= number <= 100_000)
    check("quantity", "quantity", lambda number: 1 <= number <= 1_000)
    check("status", "status", STATUS.__contains__)
    check("country", "country", COUNTRY.fullmatch)
    check("temp", "data_temperature", lambda number: -50 <= number <= 60)
    return rules


def rows_of(path: str):
    """Every row of a file with its line, its offset (of NDJSON only) and its original."""
    if not path.endswith(".csv"):
        offset = 0
        with open(path, "rb") as file:
            for number, line in enumerate(file, 1):
                yield number, offset, line.rstrip(b"\n"), of_json(line)
                offset += len(line)
        return
    with open(path, encoding="utf-8", newline="") as file:
        reader = csv.reader(file)
        header = next(reader)
        line = reader.line_num + 1
        for fields in reader:
            yield line, None, fields, of_csv(fields, header)
            line = reader.line_num + 1


def rule_of(name: str) -> str:
    """Our word for a rule of the engine."""
    fixed = {
        "columns.id.required": "id_req",
        "columns.timestamp.required": "ts_req",
        "columns.data.temperature.minimum": "temp",
        "columns.data.temperature.maximum": "temp",
    }
    plain = name.replace("data_", "data.")
    if name.startswith("row.") or plain in fixed:
        return fixed.get(plain, name)
    if name.startswith("columns."):
        column, word = plain.removeprefix("columns.").rsplit(".", 1)
        return f"type:{column.replace('.', '_')}" if word == "type" else column
    marks = {'"timestamp"': "ts_fmt", "temperature": "data_req", '"customer"': "customer_req"}
    return next((rule for mark, rule in marks.items() if mark in name), name)
