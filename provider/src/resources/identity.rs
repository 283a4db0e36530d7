//! The identity of a pipeline: its name, and the account and region it lives in.

use std::collections::BTreeMap;
use std::sync::Arc;

use datalake_host::{Identity, IdentityAttribute, IdentityValues};
use tf_provider::Diagnostics;

use super::model::Model;
use crate::aws::Scope;
use crate::provider::Shared;

const ATTRIBUTES: [IdentityAttribute; 3] = [
    IdentityAttribute { name: "name", about: "Name of the pipeline.", required: true },
    IdentityAttribute {
        name: "account_id",
        about: "Account it lives in; otherwise that of the provider block.",
        required: false,
    },
    IdentityAttribute {
        name: "region",
        about: "Region it lives in; otherwise that of the provider block.",
        required: false,
    },
];

/// How pipelines are identified.
#[must_use]
pub fn identity(shared: Arc<Shared>) -> Identity<Model> {
    let import = Arc::clone(&shared);
    Identity {
        attributes: ATTRIBUTES.to_vec(),
        of: Box::new(move |model: &Model| of(model, &shared.known()?.scope)),
        id: Box::new(move |values| {
            let shared = Arc::clone(&import);
            Box::pin(async move {
                // Where the account cannot be known, the import itself says why.
                let configured = shared.configured(&mut Diagnostics::default()).await;
                import_id(&values, configured.map(|configured| configured.scope).as_ref())
            })
        }),
    }
}

fn of(model: &Model, scope: &Scope) -> Option<BTreeMap<&'static str, String>> {
    let name = model.name.known()?.clone();
    Some(BTreeMap::from([
        ("name", name),
        ("account_id", scope.account.clone()),
        ("region", scope.region.clone()),
    ]))
}

/// The name, where the provider acts in the place that is meant.
fn import_id(values: &IdentityValues, scope: Option<&Scope>) -> Result<String, String> {
    let value = |name: &str| values.get(name).and_then(|value| value.known());
    let name = value("name").ok_or("The name of the pipeline is missing.")?;
    let Some(scope) = scope else { return Ok(name.clone()) };
    for (attribute, here) in [("account_id", &scope.account), ("region", &scope.region)] {
        if let Some(meant) = value(attribute).filter(|meant| *meant != here) {
            return Err(format!(
                "The pipeline `{name}` is in {attribute} {meant}, the provider acts in {here}: import it with a provider block for {meant}."
            ));
        }
    }
    Ok(name.clone())
}

#[cfg(test)]
mod tests {
    use datalake_host::Val;

    use super::*;
    use crate::resources::model::examples::config;

    #[test]
    fn an_identity_leads_back_to_its_pipeline() {
        let scope = Scope::new("123456789012", "eu-west-1");
        let identity = of(&config(&[]), &scope).unwrap();
        assert_eq!(identity.keys().copied().collect::<Vec<_>>(), ["account_id", "name", "region"]);
        let mut values: IdentityValues =
            identity.into_iter().map(|(name, value)| (name.to_owned(), Val::Known(value))).collect();
        assert_eq!(import_id(&values, Some(&scope)), Ok("sensors".to_owned()));
        let other = import_id(&values, Some(&Scope::new("123456789012", "us-east-1"))).unwrap_err();
        assert!(other.contains("region eu-west-1") && other.contains("us-east-1"), "{other}");
        values.insert("region".to_owned(), Val::Null);
        assert_eq!(
            import_id(&values, Some(&Scope::new("123456789012", "us-east-1"))),
            Ok("sensors".to_owned())
        );
        values.remove("name");
        assert!(import_id(&values, None).is_err());
    }
}
