//! Command lines: a word, flags that are declared, and what is left.

use std::collections::BTreeMap;
use std::str::FromStr;

use crate::error::{Error, Result};

/// A flag a command takes.
#[derive(Debug, Clone, Copy)]
pub struct Flag {
    /// Its name, with both dashes.
    pub name: &'static str,
    /// What its value is called in the help; none when it takes no value.
    pub value: Option<&'static str>,
    /// What it does.
    pub help: &'static str,
}

/// A command line, taken apart.
#[derive(Debug, Clone, Default)]
pub struct Args {
    flags: BTreeMap<&'static str, String>,
    words: Vec<String>,
}

impl Args {
    /// Takes a command line apart; `words` are the names of the positional arguments, all of them needed but those in
    /// square brackets, which come last.
    ///
    /// # Errors
    /// When a flag is not declared, lacks its value, or the number of words is another.
    pub fn parse(line: &[String], flags: &[Flag], words: &[&str]) -> Result<Self> {
        let mut args = Self::default();
        let mut rest = line.iter();
        while let Some(word) = rest.next() {
            if !word.starts_with('-') {
                args.words.push(word.clone());
                continue;
            }
            let (name, joined) = match word.split_once('=') {
                Some((name, value)) => (name, Some(value.to_owned())),
                None => (word.as_str(), None),
            };
            let flag = flags.iter().find(|flag| flag.name == name);
            let flag = flag.ok_or_else(|| Error::usage(format!("there is no flag {name}: see --help")))?;
            let value = match flag.value {
                None if joined.is_some() => return Err(Error::usage(format!("{name} takes no value"))),
                None => String::new(),
                Some(what) => joined
                    .or_else(|| rest.next().cloned())
                    .ok_or_else(|| Error::usage(format!("{name} needs a value: {what}")))?,
            };
            args.flags.insert(flag.name, value);
        }
        let needed = words.iter().filter(|word| !word.starts_with('[')).count();
        if !(needed..=words.len()).contains(&args.words.len()) {
            let wanted = if words.is_empty() { "none".to_owned() } else { words.join(" ") };
            return Err(Error::usage(format!("arguments expected: {wanted}; given: {}", args.words.len())));
        }
        Ok(args)
    }

    /// Whether a flag was given.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.flags.contains_key(name)
    }

    /// The value of a flag.
    #[must_use]
    pub fn value(&self, name: &str) -> Option<&str> {
        self.flags.get(name).map(String::as_str)
    }

    /// The value of a flag, read as something.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn read<T: FromStr>(&self, name: &str) -> Result<Option<T>> {
        let Some(text) = self.value(name) else { return Ok(None) };
        text.parse().map(Some).map_err(|_| Error::usage(format!("{name}: {text:?} is no valid value")))
    }

    /// A positional argument.
    #[must_use]
    pub fn word(&self, index: usize) -> &str {
        self.words.get(index).map_or("", String::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FLAGS: [Flag; 2] =
        [Flag { name: "--json", value: None, help: "" }, Flag { name: "--port", value: Some("N"), help: "" }];

    fn parse(line: &str, words: &[&str]) -> Result<Args> {
        let line: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
        Args::parse(&line, &FLAGS, words)
    }

    #[test]
    fn lines_that_are_understood() {
        let args = parse("--json key --port 4566", &["KEY"]).unwrap();
        assert!(args.has("--json"));
        assert_eq!((args.word(0), args.read::<u16>("--port")), ("key", Ok(Some(4566))));
        assert_eq!(parse("--port=1", &[]).unwrap().value("--port"), Some("1"));
        assert_eq!(parse("", &[]).unwrap().read::<u16>("--port"), Ok(None));
        assert_eq!(parse("", &["[PART]"]).unwrap().word(0), "");
        assert_eq!(parse("engine", &["[PART]"]).unwrap().word(0), "engine");
    }

    #[test]
    fn lines_that_are_not() {
        let cases = [
            ("--jsn", "there is no flag --jsn"),
            ("--port", "--port needs a value"),
            ("--json=1", "takes no value"),
            ("one two", "arguments expected: none; given: 2"),
        ];
        for (line, expected) in cases {
            let error = parse(line, &[]).unwrap_err();
            assert!(error.to_string().contains(expected), "{error}");
            assert_eq!(error.code(), 2);
        }
        assert_eq!(parse("--port high", &[]).unwrap().read::<u16>("--port").unwrap_err().code(), 2);
    }
}
