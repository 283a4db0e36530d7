//! Diagnostics: made without a backtrace, and put on the wire.
//!
//! `Diagnostics::error` of tf-provider appends a backtrace to the detail when `RUST_BACKTRACE` is set:
//! two hundred lines in a user's terminal. So diagnostics are made here, as plain values.

use std::borrow::Cow;

use tf_provider::schema::Schema;
use tf_provider::{AttributePath, AttributePathStep, Diagnostic, Diagnostics};

use crate::{path, wire};

/// Text of a diagnostic.
pub type Text = Cow<'static, str>;

/// Adds an error that belongs to `path` (to the whole block, if that is the root).
pub fn error(
    diags: &mut Diagnostics,
    summary: impl Into<Text>,
    detail: impl Into<Text>,
    path: AttributePath,
) {
    diags.errors.push(Diagnostic { summary: summary.into(), detail: detail.into(), attribute: path });
}

/// Adds a warning that belongs to `path` (to the whole block, if that is the root).
pub fn warning(
    diags: &mut Diagnostics,
    summary: impl Into<Text>,
    detail: impl Into<Text>,
    path: AttributePath,
) {
    diags.warnings.push(Diagnostic { summary: summary.into(), detail: detail.into(), attribute: path });
}

/// An error of the whole block.
pub(crate) fn root(diags: &mut Diagnostics, summary: impl Into<Text>, detail: impl Into<Text>) {
    error(diags, summary, detail, AttributePath::root());
}

/// The diagnostics as Terraform takes them, errors first. The schema is asked for only if a path needs it.
pub(crate) fn to_wire<'a>(
    diags: Diagnostics,
    schema: impl FnOnce() -> Option<&'a Schema>,
) -> Vec<wire::Diagnostic> {
    let deep = |diag: &Diagnostic| diag.attribute.steps.len() > 1;
    let schema = if diags.errors.iter().chain(&diags.warnings).any(deep) { schema() } else { None };
    let errors = diags.errors.into_iter().map(|d| one(d, wire::Severity::Error, schema));
    let warnings = diags.warnings.into_iter().map(|d| one(d, wire::Severity::Warning, schema));
    errors.chain(warnings).collect()
}

/// The errors of a function as the only one it may answer, with the argument it points at.
pub(crate) fn to_function_error(diags: &Diagnostics) -> Option<wire::FunctionError> {
    let first = diags.errors.first()?;
    let text = match first.detail.as_ref() {
        "" => first.summary.to_string(),
        detail => format!("{}: {detail}", first.summary),
    };
    let function_argument = match first.attribute.steps.first() {
        Some(AttributePathStep::Index(index)) => Some(*index),
        _ => None,
    };
    Some(wire::FunctionError { text, function_argument })
}

/// A path as Terraform takes it.
pub(crate) fn path_to_wire(path: &AttributePath) -> wire::AttributePath {
    wire::AttributePath { steps: path.steps.iter().map(step).collect() }
}

/// One diagnostic, at the deepest place that Terraform finds; a deeper one is told in the detail.
fn one(diag: Diagnostic, severity: wire::Severity, schema: Option<&Schema>) -> wire::Diagnostic {
    let Diagnostic { summary, detail, attribute: mut at } = diag;
    let found = schema.map_or(at.steps.len(), |schema| path::found_by_terraform(schema, &at));
    let detail = match (found < at.steps.len(), detail.as_ref()) {
        (false, _) => detail.into_owned(),
        (true, "") => format!("At {at}."),
        (true, _) => format!("{detail}\n\nAt {at}."),
    };
    at.steps.truncate(found);
    let attribute = (!at.steps.is_empty()).then(|| path_to_wire(&at));
    wire::Diagnostic { severity: severity as i32, summary: summary.into_owned(), detail, attribute }
}

fn step(step: &AttributePathStep) -> wire::Step {
    let selector = match step {
        AttributePathStep::Attribute(name) => wire::Selector::AttributeName(name.to_string()),
        AttributePathStep::Key(key) => wire::Selector::ElementKeyString(key.to_string()),
        AttributePathStep::Index(index) => wire::Selector::ElementKeyInt(*index),
    };
    wire::Step { selector: Some(selector) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_come_first_and_a_root_path_is_left_out() {
        let mut diags = Diagnostics::default();
        warning(&mut diags, "w", "", AttributePath::new("a").key("k").index(1));
        error(&mut diags, "e", "why", AttributePath::root());
        let out = to_wire(diags, || None);
        assert_eq!((out[0].summary.as_str(), out[0].attribute.is_none()), ("e", true));
        assert_eq!(out[1].attribute.as_ref().map(|p| p.steps.len()), Some(3));
    }

    #[test]
    fn a_function_error_points_at_its_argument() {
        let mut diags = Diagnostics::default();
        assert_eq!(to_function_error(&diags), None);
        error(&mut diags, "not a rule", "at 1:3", AttributePath::function_argument(2));
        let out = to_function_error(&diags).unwrap();
        assert_eq!((out.text.as_str(), out.function_argument), ("not a rule: at 1:3", Some(2)));
    }
}
