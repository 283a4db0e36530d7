//! Where accepted rows lie, and how many files are open for them.

use super::*;

#[test]
fn datasets_without_columns_keep_rows_whole() {
    let (verdict, files) = run(&whole("ndjson"), b"{\"a\": 1}\n[2]\n  {\"b\":null} \n");
    assert_eq!(summary(&verdict), "ok 2/1");
    assert_eq!(
        accepted(&files),
        [
            r#"validated/readings/p-00000.parquet: record="{"a": 1}""#,
            r#"validated/readings/p-00000.parquet: record="{"b":null}""#
        ]
    );
    let (verdict, files) = run(&whole("csv"), b"a,b\n1,x\n2,\n");
    assert_eq!(summary(&verdict), "ok 2/0");
    assert!(accepted(&files)[0].ends_with(r#"record="{"a":"1","b":"x"}""#), "{:?}", accepted(&files));
}

#[test]
fn partitions_become_folders() {
    let mut spec = readings();
    spec["columns"]["country"] = json!({"type": "string", "required": true});
    spec["output"]["partition_by"] = json!(["country"]);
    let rows: String = ["DE", "FR", "a/b", "DE"]
        .iter()
        .map(|country| {
            format!("{{\"id\":\"1\",\"timestamp\":\"2026-01-15T10:30:00Z\",\"country\":\"{country}\"}}\n")
        })
        .collect();
    let (verdict, files) = run(&spec, rows.as_bytes());
    let found: Vec<(&str, u64)> = verdict.files.iter().map(|file| (file.key.as_str(), file.rows)).collect();
    assert_eq!(
        found,
        [
            ("validated/readings/country=DE/p-00000.parquet", 2),
            ("validated/readings/country=FR/p-00001.parquet", 1),
            ("validated/readings/country=a%2Fb/p-00002.parquet", 1)
        ]
    );
    assert!(
        accepted(&files).iter().all(|row| !row.contains("country=\"")),
        "folders are not columns of the files"
    );
}

#[test]
fn many_partitions_keep_few_files_open() {
    let mut spec = readings();
    spec["columns"]["n"] = json!({"type": "bigint", "required": true});
    spec["output"]["partition_by"] = json!(["n"]);
    let rows: String = (0..400)
        .map(|n| format!("{{\"id\":\"1\",\"timestamp\":\"2026-01-15T10:30:00Z\",\"n\":{}}}\n", n % 100))
        .collect();
    let (verdict, files) = run(&spec, rows.as_bytes());
    assert_eq!(verdict.files.iter().map(|file| file.rows).sum::<u64>(), 400);
    assert_eq!(files.len(), verdict.files.len());
}
