//! What Terraform shows at `validate` and `plan`: everything wrong with a configuration, at its attribute.
//!
//! What is unknown passes; its known neighbours are still checked. The walk is [`Settings::problems`], the same that
//! decodes: what passes here can be applied. Below are the rules for single values.

pub mod arn;
pub mod duration;
pub mod schedule;
pub mod tags;
pub mod words;

use datalake_host::diag;
use tf_provider::Diagnostics;

use super::model::Model;
use super::settings::Settings;

/// Days for which CloudWatch can keep logs, besides for ever.
pub const LOG_DAYS: [u32; 22] =
    [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653];

/// Adds an error for each thing that is wrong.
pub fn validate(config: &Model, diags: &mut Diagnostics) {
    for (path, message) in Settings::problems(config) {
        let summary = format!("Invalid {}", last_attribute(&path));
        diag::error(diags, summary, message, path);
    }
}

/// The innermost attribute a path goes through.
fn last_attribute(path: &tf_provider::AttributePath) -> String {
    let attributes = path.steps.iter().rev().find_map(|step| match step {
        tf_provider::AttributePathStep::Attribute(name) => Some(name.to_string()),
        _ => None,
    });
    attributes.unwrap_or_else(|| "configuration".to_owned())
}

#[cfg(test)]
mod tests;
