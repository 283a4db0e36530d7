//! What a state or a plan means: where it is, what it asks for, and what follows from that. Pure but for the package,
//! which lies beside the program.

use datalake_host::diag;
use tf_provider::{AttributePath, Diagnostics};

use super::seen::entries;
use crate::aws::Scope;
use crate::provider::Configured;
use crate::resources::bundle::Bundle;
use crate::resources::design::{Design, Plan, design};
use crate::resources::model::Model;
use crate::resources::settings::{Settings, to_definition};

/// Where the pipeline of a state or of a plan lives.
pub(super) fn scope_of(model: &Model) -> Option<Scope> {
    entries(model).values().find_map(|entry| Scope::of_arn(entry.arn.known()?))
}

/// What a state or a plan asks for, and what follows from that.
pub(super) fn understood(
    diags: &mut Diagnostics,
    configured: &Configured,
    model: &Model,
) -> Option<(Settings, Design)> {
    refuse_elsewhere(diags, configured, model)?;
    let settings = settings(diags, model)?;
    let design = designed(diags, configured, model, &settings)?;
    Some((settings, design))
}

/// Where the provider acts somewhere else, everything would seem to be gone, and be forgotten.
pub(super) fn refuse_elsewhere(
    diags: &mut Diagnostics,
    configured: &Configured,
    model: &Model,
) -> Option<()> {
    let (home, here) = (scope_of(model), &configured.scope);
    let Some(home) = home.filter(|home| home != here) else { return Some(()) };
    let name = model.name.known().map_or("", String::as_str);
    diag::error(
        diags,
        "The pipeline lives elsewhere",
        format!(
            "The pipeline `{name}` lives in the account {}, region {}, and the provider acts in the account {}, region {}. Nothing was \
             changed: seen from here it would seem to be gone, and would be forgotten. Use a provider block for the place where it \
             lives. (To let go of it, use `terraform state rm` or a removed block.)",
            home.account, home.region, here.account, here.region
        ),
        AttributePath::default(),
    );
    None
}

pub(super) fn settings(diags: &mut Diagnostics, model: &Model) -> Option<Settings> {
    match Settings::decode(model) {
        Ok(settings) => Some(settings),
        Err(problems) => {
            for (path, problem) in problems {
                diag::error(diags, "Invalid configuration", problem, path);
            }
            None
        }
    }
}

pub(super) fn designed(
    diags: &mut Diagnostics,
    configured: &Configured,
    model: &Model,
    settings: &Settings,
) -> Option<Design> {
    let result = Bundle::load(&settings.architecture).map_err(|error| error.to_string()).and_then(|bundle| {
        let definition = to_definition(model);
        let plan = Plan {
            settings,
            scope: &configured.scope,
            default_tags: &configured.default_tags,
            bundle: &bundle,
            definition: &definition,
        };
        design(plan).map_err(|error| error.to_string())
    });
    result
        .map_err(|error| {
            diag::error(diags, "The pipeline cannot be designed", error, AttributePath::default())
        })
        .ok()
}
