"""Data for the benchmark of the row engine, the same for everybody: `gen.py DIR [MEGABYTES] [SEED]`.

Writes clean.ndjson (about 333 bytes a row), clean.csv (the same rows, flat) and dirty.ndjson (the same again, with 5 lines
in 10,000 that are no rows and 10 with a value of the wrong type). Six rows in a hundred break one rule; some texts are
empty, missing, quoted or not ASCII, because a benchmark of clean ASCII flatters every reader.
"""

import csv
import json
import os
import random
import sys

FIRST = "Ada Alan Grace Edsger Barbara Donald Margaret Linus Frances Dennis Radia Ken Hedy John Joan Tim Anita Vint".split()
LAST = (
    "Lovelace Turing Hopper Dijkstra Liskov Knuth Hamilton Torvalds Allen Ritchie Perlman Thompson Lamarr Backus Clarke"
    " Lee Borg Cerf Müller Nuñez"
).split()
STATUS = ["new", "paid", "shipped", "cancelled"]
COUNTRIES = "US CA GB DE FR JP AU BR IN MX ES IT NL SE CH".split()
DOMAINS = ["example.com", "mail.example.org", "corp.example.net", "data-lake.example.io"]
WORDS = (
    "gift leave at door call before arrival fragile express weekend only repeat customer priority order sensor reading"
    " nominal"
).split()
FLAT = ["id", "timestamp", "customer", "email", "phone", "amount", "quantity", "status", "country", "notes"]
NESTED = ["temperature", "humidity", "location"]


def good_row(dice: random.Random, number: int) -> dict:
    """A row that meets every rule."""
    first, last = dice.choice(FIRST), dice.choice(LAST)
    day, second = dice.randrange(7), dice.randrange(86400)
    clock = f"{second // 3600:02d}:{second // 60 % 60:02d}:{second % 60:02d}.{dice.randrange(1000):03d}"
    ascii_last = last.replace("ü", "u").replace("ñ", "n").lower()
    return {
        "id": f"evt-{number:010d}",
        "timestamp": f"2026-03-{10 + day:02d}T{clock}Z",
        "customer": f"{first} {last}",
        "email": f"{first.lower()}.{ascii_last}{dice.randrange(10000)}@{dice.choice(DOMAINS)}",
        "phone": f"+1-{dice.randrange(200, 1000)}-{dice.randrange(200, 1000)}-{dice.randrange(10000):04d}",
        "amount": round(dice.expovariate(1 / 120.0), 2),
        "quantity": dice.randrange(1, 50),
        "status": dice.choice(STATUS),
        "country": dice.choice(COUNTRIES),
        "notes": " ".join(dice.choice(WORDS) for _ in range(dice.randrange(3, 9))),
        "data": {
            "temperature": round(dice.uniform(-20, 40), 1),
            "humidity": round(dice.uniform(10, 95), 1),
            "location": f"sensor-{dice.randrange(500):03d}",
        },
    }


def spoil(dice: random.Random, row: dict) -> None:
    """Breaks one rule."""
    kind = dice.randrange(14)
    if kind == 0:
        del row["id"]
    elif kind == 1:
        row["timestamp"] = None
    elif kind == 2:
        del row["data"]
    elif kind in (3, 4):
        row["email"] = dice.choice(["invalid-email", "a b@example.com", "x@y", "@example.com", "joe@exam_ple.com"])
    elif kind in (5, 6):
        row["phone"] = dice.choice(["invalid-phone", "555", "+1-123-456-7890", "+44 20 7946 0958"])
    elif kind == 7:
        row["amount"] = -row["amount"] - 1
    elif kind == 8:
        row["quantity"] = dice.choice([0, -3, 100000])
    elif kind == 9:
        row["status"] = dice.choice(["NEW", "unknown", "refunded"])
    elif kind == 10:
        row["country"] = dice.choice(["us", "USA", "U1"])
    elif kind == 11:
        row["timestamp"] = dice.choice(
            ["not-a-date", "2026-13-45T00:00:00.000Z", "15/01/2026", "2019-01-01T00:00:00.000Z"]
        )
    elif kind == 12:
        row["data"]["temperature"] = dice.choice([99.9, -80.5])
    else:
        # Nothing is known of the customer.
        for name in ("customer", "email", "phone", "notes", "country"):
            row[name] = None


def any_row(dice: random.Random, number: int) -> dict:
    """A row, good or bad."""
    row, chance = good_row(dice, number), dice.random()
    if chance < 0.06:
        spoil(dice, row)
    elif chance < 0.10:
        row["notes"] = None
    elif chance < 0.13:
        row["notes"] = ""
    elif chance < 0.14:
        row["email"] = None
    elif chance < 0.16:
        row["notes"] += ' "quoted" \n line\u00e9 \u2713'
    return row


def dirty_line(dice: random.Random, row: dict, line: str) -> str:
    """The row's line, or now and then one that cannot be read."""
    chance = dice.random()
    if chance < 0.0005:
        return dice.choice([line[:-10] + "\n", '{"id": nope}\n', "not json at all\n", '["array","record"]\n'])
    if chance >= 0.0015:
        return line
    row, kind = dict(row), dice.randrange(4)
    if kind == 0:
        row["amount"] = "twelve"
    elif kind == 1:
        row["quantity"] = 3.5
    elif kind == 2:
        row["data"] = {"temperature": "invalid", "humidity": 1, "location": "sensor-000"}
    else:
        row["email"] = 12345
    return json.dumps(row, separators=(",", ":")) + "\n"


def main() -> None:
    """Writes the files."""
    folder = sys.argv[1]
    megabytes = float(sys.argv[2]) if len(sys.argv) > 2 else 100
    dice = random.Random(int(sys.argv[3]) if len(sys.argv) > 3 else 42)
    os.makedirs(folder, exist_ok=True)
    number = size = 0
    with (
        open(f"{folder}/clean.ndjson", "w", encoding="utf-8") as clean,
        open(f"{folder}/dirty.ndjson", "w", encoding="utf-8") as dirty,
        open(f"{folder}/clean.csv", "w", encoding="utf-8", newline="") as flat,
    ):
        table = csv.writer(flat, lineterminator="\n")
        table.writerow(FLAT + [f"data_{name}" for name in NESTED])
        while size < megabytes * 1_000_000:
            row = any_row(dice, number)
            line = json.dumps(row, separators=(",", ":"), ensure_ascii=number % 50 == 0) + "\n"
            clean.write(line)
            size += len(line.encode())
            nested = row.get("data") or {}
            cells = [row.get(name) for name in FLAT] + [nested.get(name) for name in NESTED]
            table.writerow(["" if cell is None else cell for cell in cells])
            dirty.write(dirty_line(dice, row, line))
            number += 1


if __name__ == "__main__":
    main()
