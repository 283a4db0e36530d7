//! The framer against the `csv` crate, however the object arrives.

use proptest::prelude::*;
use proptest::test_runner::TestRunner;

use super::*;

/// The header, then each record's line, offset and fields; a record that cannot be read by its rule.
fn read(dialect: Dialect, bytes: &[u8], block: usize) -> Result<Vec<(u64, u64, Vec<String>)>, String> {
    let mut records = Vec::new();
    let mut take = |place: Place, record: Record<'_>| {
        let fields = match record {
            Record::Header(names) => names.to_vec(),
            Record::Csv(_, fields) => {
                (0..fields.len()).map(|at| fields.get(at).unwrap().to_owned()).collect()
            }
            Record::Broken(_, rule, _) => vec![format!("!{rule}")],
            Record::Json(_) => unreachable!(),
        };
        records.push((place.line, place.offset, fields));
        Ok(())
    };
    let mut csv = Csv::new(0, dialect, None);
    let pushed = bytes.chunks(block).try_for_each(|block| csv.push(block, &mut take));
    match pushed.and_then(|()| csv.finish(&mut take)) {
        Ok(()) => Ok(records),
        Err(Stop::Refused(reason)) => Err(reason.code),
        Err(Stop::Sink(error)) => panic!("{error}"),
    }
}

/// The same by the `csv` crate.
fn by_the_crate(dialect: Dialect, bytes: &[u8]) -> Vec<Vec<Vec<u8>>> {
    let mut reader = ::csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(dialect.delimiter)
        .quoting(dialect.quote.is_some())
        .quote(dialect.quote.unwrap_or(b'"'))
        .double_quote(dialect.escape.is_none())
        .escape(dialect.escape)
        .comment(dialect.comment)
        .from_reader(bytes);
    reader.byte_records().map(|record| record.unwrap().iter().map(<[u8]>::to_vec).collect()).collect()
}

fn dialects() -> impl Strategy<Value = Dialect> {
    prop::sample::select(vec![
        Dialect::default(),
        Dialect { delimiter: b'\t', ..Dialect::default() },
        Dialect { quote: Some(b'\''), ..Dialect::default() },
        Dialect { quote: None, ..Dialect::default() },
        Dialect { escape: Some(b'\\'), ..Dialect::default() },
        Dialect { comment: Some(b'#'), ..Dialect::default() },
    ])
}

fn texts() -> impl Strategy<Value = String> {
    "(a|b|é|longer text than a word|,|,|\t|\"|\"\"|'|\\\\|#|\r|\n|\n|\r\n){0,40}"
}

fn compare(dialect: Dialect, text: &str, block: usize) -> Result<(), TestCaseError> {
    // A header of our own: the one thing the crate does not judge is a ragged row.
    let text = format!("x{}y\n{text}\n", char::from(dialect.delimiter));
    let Ok(ours) = read(dialect, text.as_bytes(), block) else {
        // A quote that is never closed: the crate reads on to the end and says nothing.
        return Ok(());
    };
    let theirs = by_the_crate(dialect, text.as_bytes());
    prop_assert_eq!(ours.len(), theirs.len(), "{:?} {:?}", text, ours);
    for ((_, offset, fields), wanted) in ours.iter().zip(&theirs) {
        let wanted: Vec<String> =
            wanted.iter().map(|field| String::from_utf8(field.clone()).unwrap()).collect();
        if wanted.len() == 2 {
            prop_assert_eq!(fields, &wanted, "{:?}", text);
        } else {
            prop_assert_eq!(fields, &vec!["!row.ragged".to_owned()], "{:?}", text);
        }
        prop_assert!(text.is_char_boundary(*offset as usize));
    }
    let whole = read(dialect, text.as_bytes(), text.len()).unwrap();
    prop_assert_eq!(ours, whole, "in blocks of {}", block);
    Ok(())
}

fn differential(cases: u32) {
    let config = ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() };
    let compared = TestRunner::new(config)
        .run(&(dialects(), texts(), 1..20usize), |(dialect, text, block)| compare(dialect, &text, block));
    compared.unwrap_or_else(|error| panic!("{error}"));
}

#[test]
fn records_are_what_the_csv_crate_reads() {
    differential(1_000);
}

#[test]
#[ignore = "long: minutes"]
fn long_records_are_what_the_csv_crate_reads() {
    differential(1_000_000);
}

#[test]
fn dialects_and_places() {
    let default = Dialect::default();
    let cases: &[(Dialect, &str, &str)] = &[
        (default, "a,b\n1,2\n", "1@0 a b|2@4 1 2"),
        (default, "a,b\r\n\r\n1,2", "1@0 a b|3@7 1 2"),
        (default, "a\n\"x\ny\"\nz\n", "1@0 a|2@2 x\ny|4@8 z"),
        (default, "a,b\n\"q\"\"q\",\"\"\n", "1@0 a b|2@4 q\"q "),
        (default, "a,b\n\"x\"tail,a\"b\n", "1@0 a b|2@4 xtail a\"b"),
        (default, "a,b\n1\n1,2,3\n4,5\n", "1@0 a b|2@4 !row.ragged|3@6 !row.ragged|4@12 4 5"),
        (Dialect { delimiter: b'\t', ..default }, "a\tb\n1,\t2\n", "1@0 a b|2@4 1, 2"),
        (Dialect { quote: None, ..default }, "a,b\n\"1,2\"\n", "1@0 a b|2@4 \"1 2\""),
        (Dialect { escape: Some(b'\\'), ..default }, "a,b\n\"x\\\"y\\\\\",2\n", "1@0 a b|2@4 x\"y\\ 2"),
        (Dialect { comment: Some(b'#'), ..default }, "#c \"\na\n#x\n1\n", "2@5 a|4@10 1"),
        (Dialect { comment: Some(b'#'), ..default }, "#c \"\na\n#never ended", "2@5 a"),
    ];
    for (dialect, text, expected) in cases {
        for block in [1, 2, 3, 1000] {
            let records = read(*dialect, text.as_bytes(), block).unwrap();
            let shown: Vec<String> = records
                .iter()
                .map(|(line, offset, fields)| format!("{line}@{offset} {}", fields.join(" ")))
                .collect();
            assert_eq!(shown.join("|"), *expected, "{text:?} in blocks of {block}");
        }
    }
}

#[test]
fn names_can_be_given() {
    let mut seen = Vec::new();
    let mut take = |_: Place, record: Record<'_>| {
        seen.push(match record {
            Record::Header(names) => names.join("+"),
            Record::Csv(_, fields) => format!("{}", fields.len()),
            _ => unreachable!(),
        });
        Ok(())
    };
    let mut csv = Csv::new(0, Dialect::default(), Some(vec!["a".to_owned(), "b".to_owned()]));
    csv.push(b"1,2\n3,", &mut take).unwrap();
    csv.push(b"4\n", &mut take).unwrap();
    csv.finish(&mut take).unwrap();
    assert_eq!(seen, ["a+b", "2", "2"]);
}

#[test]
fn bytes_that_are_no_text_and_too_many_fields_spoil_one_record() {
    let many = ",".repeat(MOST_FIELDS * 3);
    let text = [b"a\n\xff\n".as_slice(), many.as_bytes(), b"\nx\n"].concat();
    let records = read(Dialect::default(), &text, 7).unwrap();
    let rules: Vec<&str> = records.iter().map(|(_, _, fields)| fields[0].as_str()).collect();
    assert_eq!(rules, ["a", "!row.not_utf8", "!row.ragged", "x"]);
    assert_eq!(read(Dialect::default(), many.as_bytes(), 100), Err("bad_header".to_owned()));
    assert_eq!(read(Dialect::default(), b"\xff\n1\n", 100), Err("bad_header".to_owned()));
    assert_eq!(read(Dialect::default(), b"a\n\"1\n2\n", 100), Err("malformed_csv".to_owned()));
}
