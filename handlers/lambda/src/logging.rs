//! Log lines: one JSON object each, never with a value from the data.

use std::str::FromStr;

use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::prelude::*;

/// Installs the subscriber. `AWS_LAMBDA_LOG_LEVEL` sets the level of our own lines only: the SDK and its HTTP stack
/// write whole requests, and so rows, at their lower levels, and stay at warnings.
pub fn init() {
    let level = level(std::env::var("AWS_LAMBDA_LOG_LEVEL").ok().as_deref());
    let targets = Targets::new()
        .with_default(level.min(LevelFilter::WARN))
        .with_target("datalake_handlers", level)
        .with_target("bootstrap", level);
    let lines = tracing_subscriber::fmt::layer().json().flatten_event(true).with_span_list(false);
    // A second call (in tests) keeps the first subscriber.
    let _ = tracing_subscriber::registry().with(lines.with_filter(targets)).try_init();
    // Only where: the message of a panic may quote what it stumbled over.
    std::panic::set_hook(Box::new(|panic| {
        tracing::error!(at = panic.location().map(ToString::to_string), "panic");
    }));
}

/// Lambda's words are tracing's, but for `FATAL`.
fn level(word: Option<&str>) -> LevelFilter {
    match word {
        Some(word) if word.eq_ignore_ascii_case("fatal") => LevelFilter::ERROR,
        Some(word) => LevelFilter::from_str(word).unwrap_or(LevelFilter::INFO),
        None => LevelFilter::INFO,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels() {
        let cases = [
            (None, LevelFilter::INFO),
            (Some("DEBUG"), LevelFilter::DEBUG),
            (Some("FATAL"), LevelFilter::ERROR),
            (Some("loud"), LevelFilter::INFO),
        ];
        for (word, expected) in cases {
            assert_eq!(level(word), expected, "{word:?}");
        }
    }
}
