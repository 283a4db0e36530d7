"""Sensor readings for the benchmark of the row engine, the same for everybody: `gen.py FILE [MEGABYTES]`.

NDJSON of about 330 bytes a row. Six rows in a hundred break one rule; some texts are empty, missing, quoted or not
ASCII, because a benchmark of clean ASCII flatters every parser.
"""

import json
import random
import sys

FIRST = ["Ada", "Alan", "Grace", "Edsger", "Barbara", "Donald", "Margaret", "Frances", "Radia", "Hedy", "Joan", "Tim"]
LAST = ["Lovelace", "Turing", "Hopper", "Dijkstra", "Liskov", "Knuth", "Hamilton", "Allen", "Perlman", "Lamarr", "Nuñez"]
DOMAINS = ["example.com", "mail.example.org", "corp.example.net"]
WORDS = ["gift", "leave", "at", "door", "call", "before", "arrival", "fragile", "express", "only", "repeat", "nominal"]
STATUS = ["new", "paid", "shipped", "cancelled"]
COUNTRIES = ["US", "CA", "GB", "DE", "FR", "JP", "BR", "IN", "MX", "ES", "IT", "NL"]


def good_row(dice: random.Random, number: int) -> dict:
    """A row that meets every rule."""
    first, last = dice.choice(FIRST), dice.choice(LAST)
    second = dice.randrange(86400)
    clock = f"{second // 3600:02d}:{second // 60 % 60:02d}:{second % 60:02d}.{dice.randrange(1000):03d}"
    return {
        "id": f"evt-{number:010d}",
        "timestamp": f"2026-03-{dice.randrange(10, 17)}T{clock}Z",
        "customer": f"{first} {last}",
        "email": f"{first.lower()}.{last.lower().replace('ñ', 'n')}{dice.randrange(10000)}@{dice.choice(DOMAINS)}",
        "phone": f"+1{dice.randrange(200, 1000)}{dice.randrange(200, 1000)}{dice.randrange(10000):04d}",
        "amount": round(dice.expovariate(1 / 120), 2),
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
    name, value = dice.choice([
        ("id", None),
        ("timestamp", "2026-13-45T00:00:00Z"),
        ("timestamp", None),
        ("email", "a b@example.com"),
        ("phone", "+1-123-456-7890"),
        ("amount", -1),
        ("quantity", 100_000),
        ("status", "NEW"),
        ("country", "us"),
        ("quantity", "many"),
    ])
    row[name] = value


def rows(dice: random.Random):
    """Rows without end."""
    number = 0
    while True:
        row, chance = good_row(dice, number), dice.random()
        if chance < 0.06:
            spoil(dice, row)
        elif chance < 0.10:
            row["notes"] = None
        elif chance < 0.13:
            row["notes"] = ""
        elif chance < 0.15:
            row["notes"] += ' "quoted" \n line \u00e9 \u2713'
        yield row
        number += 1


def main() -> None:
    """Writes the file."""
    path, megabytes = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 100
    left = megabytes * 1_000_000
    with open(path, "wb") as file:
        for row in rows(random.Random(42)):
            # One text in fifty is escaped, as some writers do.
            escaped = dict(ensure_ascii=row["quantity"] == 7)
            line = json.dumps(row, separators=(",", ":"), **escaped).encode() + b"\n"
            file.write(line)
            left -= len(line)
            if left <= 0:
                return


if __name__ == "__main__":
    main()
