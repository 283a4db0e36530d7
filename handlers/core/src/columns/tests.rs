//! Texts and what they are read as.

use super::*;

#[test]
fn named_patterns() {
    let cases: &[(&str, &[&str], &[&str])] = &[
        (
            "email",
            &["user@example.com", "a.b+c@sub.example.co", "o'brien@example.ie", "x@a-b.de"],
            &[
                "invalid-email",
                "a@b",
                "@example.com",
                "a b@example.com",
                "a@b.co\n",
                "a@-b.de",
                "a@b..de",
                "a@@b.de",
                "",
            ],
        ),
        (
            "e164",
            &["+15552345678", "+4915112345678", "+12"],
            &[
                "+1-555-234-5678",
                "15552345678",
                "+05552345678",
                "+1",
                "+1234567890123456",
                "invalid-phone",
                "+15552345678\n",
            ],
        ),
        (
            "uuid",
            &["123e4567-e89b-12d3-a456-426614174000", "123E4567-E89B-12D3-A456-426614174000"],
            &["123e4567e89b12d3a456426614174000", "123e4567-e89b-12d3-a456-42661417400g"],
        ),
        (
            "ipv4",
            &["0.0.0.0", "255.255.255.255", "10.1.2.3"],
            &["256.1.1.1", "1.2.3", "1.2.3.4.5", "01.2.3.4a"],
        ),
        ("url", &["https://example.com", "http://a.b:8080/c?d#e"], &["ftp://a.b", "https://", "https://a b"]),
        ("hostname", &["localhost", "a.example.com"], &["-a", "a-", "a..b", ""]),
        ("iso_country", &["DE"], &["de", "DEU", "D1"]),
        ("iso_currency", &["EUR"], &["eur", "EU"]),
        ("slug", &["a", "a-b-1"], &["A", "-a", "a--b", ""]),
    ];
    assert_eq!(cases.len(), NAMED_PATTERNS.len(), "every named pattern has its cases");
    for (name, accepted, refused) in cases {
        let pattern = Pattern::compile(name).unwrap();
        for text in *accepted {
            assert!(pattern.matches(text), "{name} accepts {text:?}");
        }
        for text in *refused {
            assert!(!pattern.matches(text), "{name} refuses {text:?}");
        }
    }
}

#[test]
fn patterns_match_whole_texts_in_both_engines() {
    let cases = [
        ("a|b", "ab", false),
        ("a|b", "b", true),
        ("^a$", "a", true),
        ("ü+", "üü", true),
        (r"\d{3}", "1234", false),
    ];
    for (pattern, text, expected) in cases {
        assert_eq!(Pattern::compile(pattern).unwrap().matches(text), expected, "{pattern} {text}");
    }
    let large = Pattern::compile(r"\w{1,200}x").unwrap();
    assert!(matches!(large, Pattern::General(_)) && large.matches("abx") && !large.matches("ab"));
    assert!(Pattern::compile("(").unwrap_err().contains("unclosed group"));
    assert!(Pattern::compile("a)|(b").unwrap_err().contains("unopened group"));
}

#[test]
fn dates_and_instants() {
    let dates = [
        ("1970-01-01", Some(0)),
        ("2000-02-29", Some(11_016)),
        ("1900-02-29", None),
        ("2026-04-31", None),
        ("2026-4-1", None),
        ("1969-12-31", Some(-1)),
    ];
    for (text, expected) in dates {
        assert_eq!(parse_date(text), expected, "{text}");
        if let Some(days) = expected {
            assert_eq!(format_date(days), text);
        }
    }
    let times = [
        ("00:00", Some(0)),
        ("21:45", Some(1_305)),
        ("9:30 AM", Some(570)),
        ("09:30 PM", Some(1_290)),
        ("12:00 AM", Some(0)),
        ("12:05 PM", Some(725)),
        ("9:30", None),
        ("24:00", None),
        ("13:00 PM", None),
        ("0:30 AM", None),
        ("9:3 AM", None),
        ("9:60 AM", None),
        ("9:30AM", None),
        ("9:30 am", None),
    ];
    for (text, expected) in times {
        assert_eq!(parse_time_of_day(text), expected, "{text}");
    }
    let instants = [
        ("1970-01-01T00:00:00Z", Some(0)),
        ("1970-01-01T01:00:00+01:00", Some(0)),
        ("1970-01-01T00:00:00.5Z", Some(500)),
        ("1970-01-01T00:00:00.123456789Z", Some(123)),
        ("1969-12-31T23:59:59.999Z", Some(-1)),
        ("2016-12-31T23:59:60Z", Some(1_483_228_799_000)),
        ("2026-01-15T10:30:00", None),
        ("2026-01-15", None),
        ("2026-01-15T24:00:00Z", None),
        ("2026-01-15T10:30:00.Z", None),
        ("2026-01-15T10:30:00+1:00", None),
        ("not-a-date", None),
        ("ü026-01-15T10:30:00Z", None),
    ];
    for (text, expected) in instants {
        assert_eq!(parse_timestamp(text), expected, "{text}");
    }
}

#[test]
fn instants_in_the_usual_form_are_what_they_are_in_any() {
    let mut found = 0;
    for text in ["2024-02-29T19:59:59Z", "1900-12-31T00:00:00.007Z", "2026-01-15t10:30:00 Z"] {
        for at in 0..text.len() {
            for byte in 0..0x80 {
                let mut bytes = text.as_bytes().to_vec();
                bytes[at] = byte;
                let usual = usual_timestamp(&bytes);
                let other = String::from_utf8(bytes).unwrap();
                assert!(usual.is_none() || usual == any_timestamp(&other), "{other}");
                found += usize::from(usual.is_some());
            }
        }
    }
    assert!(found > 44, "{found}");
}
