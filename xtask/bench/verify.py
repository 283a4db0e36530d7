"""Holds what the row engine has written against the oracle, value by value: `verify.py INPUT FOLDER VERDICT`.

INPUT is the file that was judged, FOLDER holds the Parquet and quarantine files, VERDICT what the judge has printed.
Says how many rows were compared, as JSON, or ends with the first difference.
"""

import base64
import collections
import csv
import glob
import json
import sys

import pyarrow.parquet

import oracle


def accepted(folder: str):
    """Every stored row in order, instants as milliseconds."""
    for path in sorted(glob.glob(f"{folder}/validated/**/*.parquet", recursive=True)):
        for batch in pyarrow.parquet.ParquetFile(path).iter_batches():
            columns = {
                name: batch.column(name).cast("int64").to_pylist() if name == "timestamp" else batch.column(name).to_pylist()
                for name in oracle.COLUMNS + ["_rescued"]
            }
            for values in zip(*columns.values()):
                yield dict(zip(columns, values))


def refused(folder: str):
    """Every line of the quarantine, in order."""
    for path in sorted(glob.glob(f"{folder}/quarantine/**/*.ndjson", recursive=True)):
        with open(path, encoding="utf-8") as file:
            yield from map(json.loads, file)


def expect(what: str, found, wanted) -> None:
    """Ends when they differ."""
    if found != wanted:
        sys.exit(f"{what}: the engine says {found!r}, the oracle {wanted!r}")


def same_original(line: dict, original) -> bool:
    """Whether a refused row's original is what stands in the input."""
    if "originalBase64" in line:
        return base64.b64decode(line["originalBase64"]) == original
    if isinstance(original, bytes):
        return line["original"].encode() == original
    return next(csv.reader([line["original"]])) == original or next(csv.reader(line["original"].splitlines(True))) == original


def compare(path: str, folder: str) -> tuple:
    """Compares every row; the counts and the names of the rules that failed."""
    stored, quarantine = accepted(folder), refused(folder)
    counts, rules = collections.Counter(), collections.Counter()
    filled = 0
    for line, offset, original, cells in oracle.rows_of(path):
        counts["total"] += 1
        failures = {cells} if isinstance(cells, str) else oracle.failed(cells)
        rules.update(failures)
        counts["failedChecks"] += oracle.CHECKS if isinstance(cells, str) else len(failures)
        if not isinstance(cells, str):
            tops = [cells[name] for name in oracle.FLAT] + [next((cells[f"data_{n}"] for n in oracle.NESTED), None)]
            filled += sum(value not in (None, "") for value in tops)
        if not failures:
            counts["good"] += 1
            row = next(stored, None)
            wanted = dict(cells, _rescued=None)
            wanted["timestamp"] = round(oracle.instant(cells["timestamp"]).timestamp() * 1000)
            expect(f"line {line}, stored row", row, wanted)
            continue
        counts["quarantined"] += 1
        if any(rule.startswith(("type:", "row.")) and rule != "type:timestamp" for rule in failures):
            counts["dirty"] += 1
        row = next(quarantine, None)
        expect(f"line {line}, a refused row", row is not None, True)
        expect("its line", row["line"], line)
        if offset is not None:
            expect(f"line {line}, offset", row["byteOffset"], offset)
        expect(f"line {line}, rules", {oracle.rule_of(rule) for rule in row["DataQualityRulesFail"]}, failures)
        expect(f"line {line}, original kept", same_original(row, original), True)
    expect("one more stored row", next(stored, None), None)
    expect("one more refused row", next(quarantine, None), None)
    return counts, rules, filled


def main() -> None:
    """Compares and reports."""
    path, folder = sys.argv[1], sys.argv[2]
    with open(sys.argv[3], encoding="utf-8") as file:
        verdict = json.load(file)
    counts, rules, filled = compare(path, folder)
    expect("rows", verdict["rows"], {name: counts[name] for name in ("good", "quarantined", "total")})
    found = collections.Counter()
    for name, count in verdict["failedRules"].items():
        found[oracle.rule_of(name)] += count
    expect("failed rules", dict(found), dict(rules))
    checks = counts["total"] * oracle.CHECKS
    score = round(100 * (checks - counts["failedChecks"]) / checks + 1e-9, 2)
    expect("score", verdict["score"], score)
    completeness = round(100 * filled / (11 * counts["total"]), 4)
    print(json.dumps({**counts, "rules": dict(sorted(rules.items())), "score": score, "completeness": completeness}))


if __name__ == "__main__":
    main()
