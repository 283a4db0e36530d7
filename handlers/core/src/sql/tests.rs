//! What is taken and what is refused, with its place.

use super::*;

#[test]
fn predicates_that_are_taken() {
    for text in [
        "a = 1",
        "a == 1 and b <> 'x' or not c",
        "`a column` >= -1.5",
        "a in (1, 2) and b not in ('x', \"y\")",
        "a between 1 and 2 and b not between 3 and 4",
        "name like 'A%' or name not like '_b'",
        "a is null and b is not null",
        "(a + b) * 2 > c - 1",
        "((a = 1))",
        "(a) = 1",
        "(a = 1 or b = 2) and (c = 3)",
        "length(trim(a)) > 3 and lower(b) = 'x'",
        "primary.a % 2 = 0",
        "data.temperature > 5",
        "NOT (a = 1 AND b = 2)",
        "is_active = true",
        "active",
        "größe > 1",
        "a = 'it''s'",
    ] {
        parse_predicate(text).unwrap_or_else(|error| panic!("{text}: {error:?}"));
    }
}

#[test]
fn predicates_that_are_refused() {
    for (text, offset, part) in [
        ("", 0, "expected a column"),
        ("a", 0, ""),
        ("a =", 3, "found the end"),
        ("a = 1 b", 6, "expected `AND`, `OR` or the end"),
        ("a in 1", 5, "expected `(`"),
        ("a in (select b from c)", 6, "query within a query"),
        ("a in ()", 6, "expected a column"),
        ("a between 1 or 2", 12, "expected `and`"),
        ("a like b", 7, "a text after `LIKE`"),
        ("a is 5", 5, "expected `null`"),
        ("a not 5", 6, "after `NOT`"),
        ("a = 'x", 4, "never closed"),
        ("a = @x", 4, "the character `@`"),
        ("a = 1; drop", 5, "the character `;`"),
        ("regexp_like(a, 'x')", 0, "`regexp_like` is not supported"),
        ("cast(a as int) = 1", 0, "`cast` is not supported"),
        ("case when a then b end = 1", 0, "`case` is not supported"),
        ("5 > 1 > 0", 6, "expected `AND`"),
        ("1 + 2", 0, "expected a comparison"),
        ("(a = 1", 6, "expected"),
        ("(a + 1) b", 8, "expected a comparison"),
        ("a = 1e", 4, "not a number"),
    ] {
        match parse_predicate(text) {
            Ok(_) if part.is_empty() => {}
            Ok(parsed) => panic!("{text}: {parsed:?}"),
            Err(error) => {
                assert_eq!(error.offset, offset, "{text}: {error:?}");
                assert!(error.message.contains(part), "{text}: {error:?}");
            }
        }
    }
}

#[test]
fn statements() {
    for text in [
        "select a from primary",
        "SELECT * FROM primary WHERE a > 1",
        "select a, b from primary where a is null",
        "select count(*) from primary",
        "select avg(a) from primary where b = 'x'",
    ] {
        parse_statement(text).unwrap_or_else(|error| panic!("{text}: {error:?}"));
    }
    for (text, offset, part) in [
        ("delete from primary", 0, "expected `select`"),
        ("select a from other", 14, "expected `primary`"),
        ("select a from primary join b", 22, "the end"),
        ("select median(a) from primary", 7, "count, sum, avg, min and max"),
        ("select a + 1 from primary", 9, "expected `from`"),
        ("select count(*) from primary group by a", 29, "the end"),
        ("select from primary", 7, "the name of a column"),
    ] {
        let error = parse_statement(text).expect_err(text);
        assert_eq!(error.offset, offset, "{text}: {error:?}");
        assert!(error.message.contains(part), "{text}: {error:?}");
    }
}

#[test]
fn nothing_nests_for_ever() {
    for open in ["(", "not ", "-"] {
        assert!(parse_predicate(&open.repeat(10_000)).is_err());
    }
    assert!(parse_predicate(&format!("a = {}1", "1+".repeat(10_000))).is_err());
}
