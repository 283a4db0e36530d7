//! The log: lines of hclog's JSON on the standard error stream, which Terraform takes into its own.

use std::collections::BTreeMap;
use std::env;
use std::fmt::{Debug, Write as _};
use std::io::Write as _;

use serde_json::{Value, json};
use tracing::field::{Field, Visit};
use tracing::level_filters::LevelFilter;
use tracing::span::{Attributes, Id};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::Registry;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::time::{FormatTime, SystemTime};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::util::SubscriberInitExt;

/// Starts logging as `TF_LOG_PROVIDER`, else `TF_LOG`, says; without either nothing is logged.
///
/// `targets` are the beginnings of the crate names to log at that level. All others are logged from `WARN`
/// on: what an HTTP client tells of its requests may hold secrets.
pub fn init(provider: &str, targets: &[&str]) {
    let level = level(env::var("TF_LOG_PROVIDER").ok(), env::var("TF_LOG").ok());
    if level == LevelFilter::OFF {
        return;
    }
    let others = level.min(LevelFilter::WARN);
    let filter = Targets::new().with_default(others).with_targets(targets.iter().map(|it| (*it, level)));
    let lines = Lines { module: format!("provider.{provider}") }.with_filter(filter);
    // A second subscriber is refused; the first goes on.
    let _ = Registry::default().with(lines).try_init();
}

/// The level asked for. Terraform takes any value it does not know for `TRACE`.
fn level(provider: Option<String>, terraform: Option<String>) -> LevelFilter {
    let set = |value: Option<String>| value.filter(|it| !it.is_empty());
    let Some(name) = set(provider).or_else(|| set(terraform)) else { return LevelFilter::OFF };
    match name.to_uppercase().as_str() {
        "OFF" => LevelFilter::OFF,
        "ERROR" => LevelFilter::ERROR,
        "WARN" => LevelFilter::WARN,
        "INFO" => LevelFilter::INFO,
        "DEBUG" => LevelFilter::DEBUG,
        _ => LevelFilter::TRACE,
    }
}

/// Writes each event as a line.
struct Lines {
    module: String,
}

/// The fields of an event or span; an event's message is the field of that name.
#[derive(Clone, Default)]
struct Fields(BTreeMap<String, Value>);

impl Lines {
    fn line(&self, level: Level, mut fields: Fields) -> Value {
        let message = fields.0.remove("message").unwrap_or_else(|| json!(""));
        fields.0.insert("@message".to_owned(), message);
        fields.0.insert("@level".to_owned(), json!(level.as_str().to_lowercase()));
        fields.0.insert("@module".to_owned(), json!(self.module));
        fields.0.insert("@timestamp".to_owned(), json!(now()));
        json!(fields.0)
    }
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Lines {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let mut fields = Fields::default();
        attributes.record(&mut fields);
        if let Some(span) = context.span(id) {
            span.extensions_mut().insert(fields);
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let mut fields = Fields::default();
        for span in context.event_scope(event).into_iter().flatten() {
            if let Some(outer) = span.extensions().get::<Fields>() {
                fields.0.extend(outer.0.clone());
            }
        }
        event.record(&mut fields);
        let line = self.line(*event.metadata().level(), fields);
        // A log that cannot be written must not end the apply it tells of.
        let _ = writeln!(std::io::stderr().lock(), "{line}");
    }
}

impl Visit for Fields {
    fn record_bool(&mut self, field: &Field, value: bool) {
        self.0.insert(field.name().to_owned(), json!(value));
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.0.insert(field.name().to_owned(), json!(value));
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.0.insert(field.name().to_owned(), json!(value));
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.0.insert(field.name().to_owned(), json!(value));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.insert(field.name().to_owned(), json!(value));
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        let mut text = String::new();
        let _ = write!(text, "{value:?}");
        self.0.insert(field.name().to_owned(), json!(text));
    }
}

/// The time in UTC with microseconds, as hclog reads it.
fn now() -> String {
    let mut text = String::new();
    let _ = SystemTime.format_time(&mut Writer::new(&mut text));
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_level_is_the_providers_or_terraforms() {
        let check = |provider: &str, terraform: &str, expect| {
            assert_eq!(level(Some(provider.to_owned()), Some(terraform.to_owned())), expect);
        };
        check("", "", LevelFilter::OFF);
        check("", "debug", LevelFilter::DEBUG);
        check("WARN", "TRACE", LevelFilter::WARN);
        check("off", "TRACE", LevelFilter::OFF);
        check("JSON", "", LevelFilter::TRACE);
        assert_eq!(level(None, None), LevelFilter::OFF);
    }

    #[test]
    fn a_line_is_what_hclog_reads() {
        let lines = Lines { module: "provider.datalake".to_owned() };
        let mut fields = Fields::default();
        fields.0.insert("message".to_owned(), json!("made"));
        fields.0.insert("bucket".to_owned(), json!("raw"));
        let line = lines.line(Level::INFO, fields);
        assert_eq!((&line["@message"], &line["@level"]), (&json!("made"), &json!("info")));
        assert_eq!((&line["@module"], &line["bucket"]), (&json!("provider.datalake"), &json!("raw")));
        assert!(line["@timestamp"].as_str().is_some_and(|it| it.ends_with('Z')), "{line}");
    }
}
