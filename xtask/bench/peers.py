"""The same job by another engine, on one thread: `peers.py duckdb|polars validate|full FILE FOLDER`.

`validate` counts the failures of each rule and the bad rows; `full` also writes the good rows as Parquet (zstd) and the bad
ones as NDJSON with their reasons. Prints counts and processor seconds, the import of the engine not among them.
"""

import json
import os
import sys
import time

os.environ["POLARS_MAX_THREADS"] = "1"

FLAT = {
    "id": "VARCHAR", "timestamp": "VARCHAR", "customer": "VARCHAR", "email": "VARCHAR", "phone": "VARCHAR",
    "amount": "DOUBLE", "quantity": "BIGINT", "status": "VARCHAR", "country": "VARCHAR", "notes": "VARCHAR",
}  # fmt: skip
NESTED = {"temperature": "DOUBLE", "humidity": "DOUBLE", "location": "VARCHAR"}
EMAIL = r"^[a-zA-Z0-9._%+-]+@[a-zA-Z0-9.-]+\.[a-zA-Z]{2,}$"
PHONE = "^[- ]*(\\+[- ]*)?(1[- ]*)?[2-9]([- ]*[0-9]){2}[- ]*[2-9]([- ]*[0-9]){6}[- ]*$"


def duckdb(job: str, path: str, folder: str) -> dict:
    """DuckDB: one table of rows and failures, then counts and two copies."""
    import duckdb

    base = time.process_time()
    database = duckdb.connect(config={"threads": 1})
    nested = "STRUCT(" + ", ".join(f"{name} {kind}" for name, kind in NESTED.items()) + ")"
    columns = ", ".join(f"'{name}': '{kind}'" for name, kind in (FLAT | {"data": nested}).items())
    rules = {
        "id_req": "id IS NULL",
        "ts_req": '"timestamp" IS NULL',
        "data_req": "data IS NULL",
        "customer_req": "coalesce(customer, email, phone, notes, country) IS NULL",
        "email": f"NOT regexp_matches(email, '{EMAIL}')",
        "phone": f"NOT regexp_matches(phone, '{PHONE}')",
        "ts_fmt": "\"timestamp\" IS NOT NULL AND NOT coalesce(instant >= '2020-01-01' AND instant < '2027-01-01', false)",
        "amount": "NOT amount BETWEEN 0 AND 100000",
        "quantity": "NOT quantity BETWEEN 1 AND 1000",
        "status": "status NOT IN ('new', 'paid', 'shipped', 'cancelled')",
        "country": "NOT regexp_matches(country, '^[A-Z]{2}$')",
        "temp": "NOT data.temperature BETWEEN -50 AND 60",
    }
    rows = f"(SELECT *, try_cast(\"timestamp\" AS TIMESTAMP) AS instant FROM read_json('{path}',"
    rows += f" format='newline_delimited', columns={{{columns}}}))"
    failures = {name: f"coalesce({rule}, false)" for name, rule in rules.items()}
    sums = ", ".join(f"sum(({rule})::INT)" for rule in failures.values())
    if job == "validate":
        bad = " OR ".join(failures.values())
        counts = database.execute(f"SELECT count(*), sum(({bad})::INT), {sums} FROM {rows}").fetchone()
    else:
        reasons = ", ".join(f"CASE WHEN {rule} THEN '{name}' END" for name, rule in failures.items())
        database.execute(
            f"CREATE TEMP TABLE judged AS SELECT *, list_filter([{reasons}], lambda x: x IS NOT NULL) AS reasons FROM {rows}"
        )
        stored = ", ".join(f'"{name}"' for name in FLAT if name != "timestamp") + ', instant AS "timestamp"'
        stored += "".join(f", data.{name} AS data_{name}" for name in NESTED)
        good = f"SELECT {stored} FROM judged WHERE len(reasons) = 0"
        database.execute(f"COPY ({good}) TO '{folder}/good.parquet' (FORMAT parquet, COMPRESSION zstd)")
        bad = "SELECT * EXCLUDE (instant) FROM judged WHERE len(reasons) > 0"
        database.execute(f"COPY ({bad}) TO '{folder}/bad.ndjson' (FORMAT json)")
        sums = ", ".join(f"sum((list_contains(reasons, '{name}'))::INT)" for name in rules)
        counts = database.execute(f"SELECT count(*), sum((len(reasons) > 0)::INT), {sums} FROM judged").fetchone()
    spent = time.process_time() - base
    return {"total": counts[0], "bad": counts[1], "rules": dict(zip(rules, counts[2:])), "cpuSeconds": spent}


def polars(job: str, path: str, folder: str) -> dict:
    """polars: a lazy frame, collected by its streaming engine."""
    import polars as pl

    base = time.process_time()
    kinds = {"VARCHAR": pl.String, "DOUBLE": pl.Float64, "BIGINT": pl.Int64}
    nested = pl.Struct({name: kinds[kind] for name, kind in NESTED.items()})
    schema = {name: kinds[kind] for name, kind in FLAT.items()} | {"data": nested}
    instant = pl.col("timestamp").str.to_datetime("%Y-%m-%dT%H:%M:%S%.fZ", strict=False)
    earliest, latest = pl.datetime(2020, 1, 1), pl.datetime(2027, 1, 1)
    customer = ["customer", "email", "phone", "notes", "country"]
    rules = {
        "id_req": pl.col("id").is_null(),
        "ts_req": pl.col("timestamp").is_null(),
        "data_req": pl.col("data").struct.field("location").is_null(),
        "customer_req": pl.all_horizontal(pl.col(name).is_null() for name in customer),
        "email": ~pl.col("email").str.contains(EMAIL),
        "phone": ~pl.col("phone").str.contains(PHONE),
        "ts_fmt": pl.col("timestamp").is_not_null()
        & ~((pl.col("instant") >= earliest) & (pl.col("instant") < latest)).fill_null(False),
        "amount": ~pl.col("amount").is_between(0, 100_000),
        "quantity": ~pl.col("quantity").is_between(1, 1_000),
        "status": ~pl.col("status").is_in(["new", "paid", "shipped", "cancelled"]),
        "country": ~pl.col("country").str.contains("^[A-Z]{2}$"),
        "temp": ~pl.col("data").struct.field("temperature").is_between(-50, 60),
    }
    failures = {f"!{name}": rule.fill_null(False) for name, rule in rules.items()}
    rows = pl.scan_ndjson(path, schema=schema).with_columns(instant=instant).with_columns(**failures)
    rows = rows.with_columns(pl.any_horizontal(*failures).alias("bad"))
    sums = [pl.len().alias("total"), pl.col("bad").sum(), *(pl.col(name).sum() for name in failures)]
    if job == "validate":
        counts = rows.select(sums).collect(engine="streaming").row(0)
    else:
        judged = rows.collect(engine="streaming")
        counts = judged.select(sums).row(0)
        flat = [pl.col("data").struct.field(name).alias(f"data_{name}") for name in NESTED]
        good = judged.filter(~pl.col("bad")).with_columns(pl.col("instant").alias("timestamp"))
        good.select(*FLAT, *flat).write_parquet(f"{folder}/good.parquet", compression="zstd", compression_level=1)
        reasons = [pl.when(pl.col(f"!{name}")).then(pl.lit(name)) for name in rules]
        bad = judged.filter(pl.col("bad")).with_columns(pl.concat_list(reasons).list.drop_nulls().alias("reasons"))
        bad.select(*FLAT, "data", "reasons").write_ndjson(f"{folder}/bad.ndjson")
    spent = time.process_time() - base
    return {"total": counts[0], "bad": counts[1], "rules": dict(zip(rules, counts[2:])), "cpuSeconds": spent}


def main() -> None:
    """Does one job."""
    engine, job, path, folder = sys.argv[1:]
    os.makedirs(folder, exist_ok=True)
    print(json.dumps({"duckdb": duckdb, "polars": polars}[engine](job, path, folder)))


if __name__ == "__main__":
    main()
