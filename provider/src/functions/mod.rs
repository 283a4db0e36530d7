//! Provider functions: pure, of their arguments only, so they work without credentials and in any configuration.

mod diagram;
mod evaluate_quality;
pub mod event_pattern;
mod expand;
mod infer_columns;
mod match_event_pattern;
mod parse_dqdl;

use datalake_host::{Host, diag};
use tf_provider::schema::{Description, FunctionSchema, Parameter, Type};
use tf_provider::{AttributePath, Diagnostics};

use crate::resources::settings::Problem;

pub use diagram::{Diagram, DiagramSvg, mermaid, svg};
pub use evaluate_quality::EvaluateQuality;
pub use expand::{Expand, Expanded, Expansion, expand};
pub use infer_columns::{InferColumns, Inferred, infer};
pub use match_event_pattern::MatchEventPattern;
pub use parse_dqdl::ParseDqdl;

/// A host that serves every function too.
#[must_use]
pub fn serve(host: Host) -> Host {
    host.function("diagram", Diagram)
        .function("diagram_svg", DiagramSvg)
        .function("evaluate_quality", EvaluateQuality)
        .function("expand", Expand)
        .function("infer_columns", InferColumns)
        .function("match_event_pattern", MatchEventPattern)
        .function("parse_dqdl", ParseDqdl)
}

/// The signature of a function of texts: the parameters with what they are.
fn schema(summary: &str, about: &str, parameters: &[(&str, &str)], return_type: Type) -> FunctionSchema {
    let parameters = parameters.iter().map(|(name, about)| Parameter {
        name: (*name).to_owned(),
        param_type: Type::String,
        description: Description::markdown(*about),
        ..Parameter::default()
    });
    FunctionSchema {
        parameters: parameters.collect(),
        return_type,
        summary: summary.to_owned(),
        description: Description::markdown(about),
        ..FunctionSchema::default()
    }
}

/// The result, or what is wrong with the argument of that number.
fn answer<T>(
    diags: &mut Diagnostics,
    summary: &'static str,
    argument: i64,
    result: Result<T, String>,
) -> Option<T> {
    result
        .map_err(|message| diag::error(diags, summary, message, AttributePath::function_argument(argument)))
        .ok()
}

/// A problem with the attribute it is about.
fn told((path, message): &Problem) -> String {
    if path.steps.is_empty() { message.clone() } else { format!("{path}: {message}") }
}
