//! How a dataset's CSV is written, where it is not as RFC 4180 has it: from the words of the spec to bytes.

use crate::check::{Problem, Step};
use crate::spec::{CsvSpec, DatasetSpec, Format};

/// How fields are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Dialect {
    /// Between two fields.
    pub delimiter: u8,
    /// Round a field that holds delimiters or line ends; none: no field is quoted.
    pub quote: Option<u8>,
    /// Before a quote within quotes; none: a quote is doubled.
    pub escape: Option<u8>,
    /// First byte of a line that is passed over.
    pub comment: Option<u8>,
}

impl Default for Dialect {
    fn default() -> Self {
        Self { delimiter: b',', quote: Some(b'"'), escape: None, comment: None }
    }
}

impl Dialect {
    /// The dialect of a dataset, for an object that is of this format.
    ///
    /// # Errors
    /// What is wrong with it, and where.
    pub fn of(dataset: &DatasetSpec, format: Format) -> Result<Self, Vec<Problem>> {
        let usual = Self { delimiter: if format == Format::Tsv { b'\t' } else { b',' }, ..Self::default() };
        let Some(csv) = &dataset.csv else { return Ok(usual) };
        let mut problems = Vec::new();
        let mut byte =
            |name: &str, text: &Option<String>, usual: Option<u8>| match text.as_deref().map(str::as_bytes) {
                None => usual,
                Some([]) if name != "delimiter" => None,
                Some([byte]) if byte.is_ascii() && !matches!(byte, b'\r' | b'\n' | 0) => Some(*byte),
                Some(_) => {
                    problems.push(problem(name, "has to be one ASCII character, and no line end"));
                    usual
                }
            };
        let dialect = Self {
            delimiter: byte("delimiter", &csv.delimiter, Some(usual.delimiter)).unwrap_or(usual.delimiter),
            quote: byte("quote", &csv.quote, usual.quote),
            escape: byte("escape", &csv.escape, None),
            comment: byte("comment", &csv.comment, None),
        };
        problems.extend(dialect.confusions());
        problems.extend(names(csv));
        if problems.is_empty() { Ok(dialect) } else { Err(problems) }
    }

    /// Characters that cannot be told apart.
    fn confusions(&self) -> Option<Problem> {
        let others = [self.quote, self.comment];
        let clash = others.contains(&Some(self.delimiter))
            || (self.quote.is_some() && self.quote == self.comment)
            || self.escape == Some(self.delimiter);
        clash.then(|| problem("delimiter", "has to differ from quote, escape and comment"))
    }
}

/// Names that are missing, or stand where they are not looked at.
fn names(csv: &CsvSpec) -> Option<Problem> {
    match (csv.header, csv.columns.is_empty()) {
        (false, true) => Some(problem("columns", "are needed when there is no header")),
        (true, false) => {
            Some(problem("columns", "are read from the header; leave them out or say `header = false`"))
        }
        _ => None,
    }
}

fn problem(attribute: &str, message: &str) -> Problem {
    let path = ["csv", attribute].map(|name| Step::Attribute(name.to_owned())).to_vec();
    Problem { path, message: message.to_owned() }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn dialect(format: Format, csv: Value) -> Result<Dialect, Vec<String>> {
        let dataset: DatasetSpec = serde_json::from_value(json!({
            "format": "csv", "prefix": "x/", "compression": "auto", "columns": {}, "csv": csv,
            "quality": {"threshold_percent": 0.0}, "output": {"partition_by": [], "compression": "none"},
        }))
        .unwrap();
        Dialect::of(&dataset, format)
            .map_err(|problems| problems.into_iter().map(|problem| problem.message).collect())
    }

    #[test]
    fn words_become_bytes() {
        let usual = Dialect::default();
        let cases = [
            (Format::Csv, Value::Null, usual),
            (Format::Tsv, Value::Null, Dialect { delimiter: b'\t', ..usual }),
            (Format::Csv, json!({}), usual),
            (Format::Csv, json!({"delimiter": ";"}), Dialect { delimiter: b';', ..usual }),
            (
                Format::Tsv,
                json!({"delimiter": "|", "quote": ""}),
                Dialect { delimiter: b'|', quote: None, ..usual },
            ),
            (
                Format::Csv,
                json!({"quote": "'", "escape": "\\", "comment": "#"}),
                Dialect { quote: Some(b'\''), escape: Some(b'\\'), comment: Some(b'#'), ..usual },
            ),
        ];
        for (format, csv, expected) in cases {
            assert_eq!(dialect(format, csv.clone()), Ok(expected), "{csv}");
        }
    }

    #[test]
    fn what_cannot_be_read_is_refused() {
        let cases = [
            (json!({"delimiter": ""}), "one ASCII character"),
            (json!({"delimiter": "ab"}), "one ASCII character"),
            (json!({"delimiter": "é"}), "one ASCII character"),
            (json!({"quote": "\n"}), "one ASCII character"),
            (json!({"quote": ","}), "has to differ"),
            (json!({"comment": "\""}), "has to differ"),
            (json!({"escape": ","}), "has to differ"),
            (json!({"header": false}), "are needed"),
            (json!({"columns": ["a"]}), "are read from the header"),
        ];
        for (csv, expected) in cases {
            let problems = dialect(Format::Csv, csv.clone()).unwrap_err();
            assert!(problems[0].contains(expected), "{csv}: {problems:?}");
        }
    }
}
