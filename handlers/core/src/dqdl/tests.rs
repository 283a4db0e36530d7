//! Accepted and refused texts, as data.

use super::*;

/// Rules that stand alone in a document; printed they are as written.
const ACCEPTED: &[&str] = &[
    r#"IsComplete "id""#,
    r#"IsComplete "data.temperature""#,
    r#"IsComplete "a column with spaces""#,
    r#"IsComplete "quote\"d""#,
    r#"ColumnValues "a" = 1"#,
    r#"ColumnValues "a" = -1"#,
    r#"ColumnValues "a" = 1.5"#,
    r#"ColumnValues "a" != 1"#,
    r#"ColumnValues "a" > 1"#,
    r#"ColumnValues "a" >= -0.5"#,
    r#"ColumnValues "a" < 1"#,
    r#"ColumnValues "a" <= 1"#,
    r#"ColumnValues "a" = "text""#,
    r#"ColumnValues "a" != "text""#,
    r#"ColumnValues "a" = """#,
    r#"ColumnValues "a" = NULL"#,
    r#"ColumnValues "a" != NULL"#,
    r#"ColumnValues "a" = EMPTY"#,
    r#"ColumnValues "a" != EMPTY"#,
    r#"ColumnValues "a" = WHITESPACES_ONLY"#,
    r#"ColumnValues "a" != WHITESPACES_ONLY"#,
    r#"ColumnValues "a" between 1 and 2"#,
    r#"ColumnValues "a" not between 1 and 2"#,
    r#"ColumnValues "a" between "2026-01-01" and "2026-12-31""#,
    r#"ColumnValues "a" > "2026-01-01""#,
    r#"ColumnValues "a" in [1]"#,
    r#"ColumnValues "a" in [1, 2, 3]"#,
    r#"ColumnValues "a" in ["DE", "FR"]"#,
    r#"ColumnValues "a" in ["DE", NULL, EMPTY, WHITESPACES_ONLY]"#,
    r#"ColumnValues "a" not in ["DE", "FR"]"#,
    r#"ColumnValues "a" matches "[A-Z]{2}""#,
    r#"ColumnValues "a" not matches "x.*""#,
    r#"ColumnValues "a" > 1 with threshold > 0.9"#,
    r#"ColumnValues "a" in ["x"] with threshold between 0.5 and 0.9"#,
    r#"IsComplete "a" with threshold >= 0.99"#,
    r#"ColumnLength "a" = 5"#,
    r#"ColumnLength "a" between 1 and 10"#,
    r#"ColumnLength "a" in [2, 3]"#,
    r#"ColumnLength "a" <= 10 with threshold > 0.5"#,
    "RowCount > 0",
    "RowCount = 100",
    "RowCount between 10 and 20",
    "RowCount not in [1, 2]",
    r#"Completeness "a" > 0.9"#,
    r#"Completeness "a" = 1"#,
    r#"Completeness "a" not between 0.1 and 0.2"#,
    r#"(IsComplete "a") and (IsComplete "b")"#,
    r#"(ColumnValues "a" > 21) or (ColumnValues "a" = NULL)"#,
    r#"(RowCount > 0) and (Completeness "a" > 0.5) and (IsComplete "b")"#,
    r#"((IsComplete "a") or (IsComplete "b")) and (RowCount > 0)"#,
];

/// Texts and a part of the first message, with its line and column.
const REFUSED: &[(&str, usize, usize, &str)] = &[
    ("", 1, 1, "expected `Rules = [ … ]`, found the end"),
    ("Rules", 1, 6, "expected `=`"),
    ("Rules =", 1, 8, "expected `[`"),
    ("Rules = [", 1, 10, "expected a rule, found the end"),
    ("Rules = []", 1, 10, "at least one rule"),
    ("Rules = [ IsComplete ]", 1, 22, "expected the column of `IsComplete`"),
    ("Rules = [ IsComplete \"\" ]", 1, 22, "expected the column"),
    ("Rules = [ IsComplete 5 ]", 1, 22, "expected the column"),
    ("Rules = [ IsComplete \"a\"", 1, 25, "expected `,` or `]`"),
    ("Rules = [ IsComplete \"a ]", 1, 22, "never closed"),
    ("Rules = [ IsComplete \"a\" ] x", 1, 28, "expected the end"),
    ("Rules = [ IsComplete \"a\" IsComplete \"b\" ]", 1, 26, "expected `,` or `]`"),
    ("Rules = [ isComplete \"a\" ]", 1, 11, "did you mean `IsComplete`?"),
    ("Rules = [ Frobnicate \"a\" ]", 1, 11, "there is no rule type `Frobnicate`"),
    ("Rules = [ IsUnique \"a\" ]", 1, 11, "`IsUnique` is not supported yet"),
    ("Rules = [ CustomSql \"select 1\" ]", 1, 11, "not supported yet"),
    ("Rules = [ DetectAnomalies \"RowCount\" ]", 1, 11, "not supported yet"),
    ("Rules = [ ColumnValues \"a\" ]", 1, 28, "expected a condition"),
    ("Rules = [ ColumnValues \"a\" > ]", 1, 30, "expected a value"),
    ("Rules = [ ColumnValues \"a\" = x ]", 1, 30, "texts are written in quotes"),
    ("Rules = [ ColumnValues \"a\" > NULL ]", 1, 30, "can only be compared by = and !="),
    ("Rules = [ ColumnValues \"a\" between 1 ]", 1, 38, "expected `and`"),
    ("Rules = [ ColumnValues \"a\" between 1 and ]", 1, 42, "expected a value"),
    ("Rules = [ ColumnValues \"a\" in ]", 1, 31, "expected `[`"),
    ("Rules = [ ColumnValues \"a\" in [] ]", 1, 32, "expected a value"),
    ("Rules = [ ColumnValues \"a\" in [1 2] ]", 1, 34, "expected `]`"),
    ("Rules = [ ColumnValues \"a\" in [1,] ]", 1, 34, "expected a value"),
    ("Rules = [ ColumnValues \"a\" matches x ]", 1, 36, "quoted regular expression"),
    ("Rules = [ ColumnValues \"a\" matches \"(\" ]", 1, 36, "cannot be used: unclosed group"),
    ("Rules = [ ColumnValues \"a\" not = 1 ]", 1, 32, "expected a condition"),
    ("Rules = [ ColumnValues \"a\" > 1 where \"b = 1\" ]", 1, 32, "`where` is not supported yet"),
    ("Rules = [ ColumnValues \"a\" > 1 labels = [\"a\"=\"b\"] ]", 1, 32, "`labels` are not supported yet"),
    ("Rules = [ ColumnValues \"a\" > 1 with ]", 1, 37, "expected `threshold`"),
    ("Rules = [ ColumnValues \"a\" > 1 with threshold ]", 1, 47, "expected a condition"),
    ("Rules = [ ColumnValues \"a\" > 1 with threshold > \"x\" ]", 1, 49, "needs numbers"),
    ("Rules = [ RowCount ]", 1, 20, "expected a condition"),
    ("Rules = [ RowCount > \"x\" ]", 1, 22, "needs numbers"),
    ("Rules = [ RowCount > 0 with threshold > 0.5 ]", 1, 29, "no rows to take a threshold of"),
    ("Rules = [ RowCount matches \"x\" ]", 1, 28, "needs numbers"),
    ("Rules = [ ColumnLength \"a\" = \"x\" ]", 1, 30, "needs numbers"),
    ("Rules = [ Completeness \"a\" = NULL ]", 1, 30, "needs numbers"),
    ("Rules = [ (IsComplete \"a\" ]", 1, 27, "expected `)`"),
    ("Rules = [ (IsComplete \"a\") and IsComplete \"b\" ]", 1, 32, "expected `(`"),
    ("Rules = [ (IsComplete \"a\") and (IsComplete \"b\") or (IsComplete \"c\") ]", 1, 49, "cannot be mixed"),
    ("Rules = [ IsComplete \"a\" ; ]", 1, 26, "the character `;` has no meaning"),
    ("Analyzers = [ RowCount ]", 1, 1, "`Analyzers` is not supported yet"),
    ("Rulez = [ RowCount > 0 ]", 1, 1, "expected `Rules"),
    ("Rules = [\n  IsComplete \"a\",\n  Oops \"b\"\n]", 3, 3, "there is no rule type `Oops`"),
];

#[test]
fn accepted_rules_print_as_written() {
    for rule in ACCEPTED {
        let text = format!("Rules = [\n    {rule}\n]");
        let parsed = parse(&text).unwrap_or_else(|errors| panic!("{rule}: {errors:?}"));
        assert_eq!(parsed.to_string(), text);
        assert_eq!(parse(&parsed.to_string()).as_ref(), Ok(&parsed), "{rule}");
    }
}

#[test]
fn any_two_accepted_rules_make_a_document() {
    for (first, second) in ACCEPTED.iter().zip(ACCEPTED.iter().rev()) {
        for separator in [",", " ,\n", ", # why\n", ",\r\n\t"] {
            let text = format!("# rules\nRules=[{first}{separator}{second},]");
            let parsed = parse(&text).unwrap_or_else(|errors| panic!("{text}: {errors:?}"));
            assert_eq!(parsed.rules.len(), 2, "{text}");
            assert_eq!(parse(&parsed.to_string()), Ok(parsed));
        }
    }
}

#[test]
fn refused_texts_say_where_and_why() {
    for (text, line, column, part) in REFUSED {
        let errors = parse(text).expect_err(text);
        let first = &errors[0];
        assert_eq!((first.line, first.column), (*line, *column), "{text}: {first}");
        assert!(first.message.contains(part), "{text}: {first}");
    }
}

#[test]
fn several_faults_are_named_at_once() {
    let errors = parse("Rules = [\n Oops 1,\n IsComplete \"a\",\n RowCount,\n IsUnique \"b\"\n]")
        .expect_err("three faults");
    assert_eq!(errors.iter().map(|error| error.line).collect::<Vec<_>>(), [2, 4, 5]);
}

#[test]
fn nothing_makes_the_parser_panic_or_run_for_ever() {
    let seeds: Vec<String> = ACCEPTED.iter().map(|rule| format!("Rules = [ {rule} ]")).collect();
    for text in &seeds {
        for (at, _) in text.char_indices() {
            let _ = parse(&text[..at]);
            let _ = parse(&text[at..]);
        }
    }
    assert!(parse(&"(".repeat(60_000)).is_err());
    assert!(parse(&format!("Rules = [ {} ]", "(".repeat(40_000))).is_err());
    assert!(parse(&" ".repeat(70_000)).is_err());
}
