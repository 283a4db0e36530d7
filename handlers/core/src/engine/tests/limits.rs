//! Objects that are larger than they should be, in one way or another.

use super::*;

#[test]
fn a_row_that_is_too_long_is_kept_by_its_beginning_and_the_rest_goes_on() {
    let long = format!("{{\"id\":\"{}\"}}", "x".repeat(17 << 20));
    for (format, text) in [
        ("ndjson", format!("{GOOD}\n{long}\n{GOOD}\n")),
        ("json", format!("[{GOOD},{long},{GOOD}]")),
        (
            "csv",
            format!(
                "id,timestamp\n1,2026-01-15T10:30:00Z\n{},2\n3,2026-01-15T10:30:00Z\n",
                "x".repeat(17 << 20)
            ),
        ),
    ] {
        let mut spec = readings();
        spec["format"] = format.into();
        let dataset = compiled(&spec);
        let mut files = Collected::default();
        let mut run = ObjectRun::new(&dataset, FACTS);
        for block in text.as_bytes().chunks(1 << 20) {
            run.push(block, &mut files).unwrap();
        }
        let verdict = run.finish(&mut files).unwrap();
        assert_eq!(summary(&verdict), "ok 2/1", "{format}");
        assert_eq!(verdict.failed_rules.keys().collect::<Vec<_>>(), ["row.too_long"], "{format}");
    }
}

#[test]
fn a_bomb_is_refused() {
    let bomb = gzip(&vec![b' '; 200 << 20]);
    let (verdict, _) = run(&readings(), &bomb);
    assert_eq!(summary(&verdict), "decompression_bomb 0/0", "{} bytes", bomb.len());
}
