//! What Terraform does, played: it refreshes, plans, applies, and saves what the provider returns.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Value, json};
use terraform_provider_datalake::provider::{Configured, Shared};
use terraform_provider_datalake::resources::model::Model;
use terraform_provider_datalake::resources::pipeline::PipelineResource;
use terraform_provider_datalake::resources::settings::from_definition;
use tf_provider::value::ValueEmpty;
use tf_provider::{Diagnostics, Resource as _};
use tokio_util::sync::CancellationToken;

/// One resource as Terraform has it.
#[derive(Debug, Clone)]
pub struct Terraform {
    shared: Arc<Shared>,
    /// What is saved.
    pub state: Option<Model>,
}

/// The errors of a command; none where it succeeded.
pub type Errors = Vec<String>;

/// A configuration of these inputs.
pub fn config(inputs: &Value) -> Model {
    from_definition(&json!({"version": 1, "pipeline": inputs}))
        .expect("the sweep's own configurations are right")
}

impl Terraform {
    /// With nothing saved.
    pub fn new(configured: Configured) -> Self {
        let shared = Arc::new(Shared::default());
        shared.set(configured);
        Self { shared, state: None }
    }

    fn resource(&self, stop: &CancellationToken) -> PipelineResource {
        PipelineResource { shared: Arc::clone(&self.shared), stop: stop.clone() }
    }

    /// What is there, of what the state knows; the state itself where it cannot be known.
    ///
    /// # Errors
    /// What the provider said.
    pub async fn read(&self, state: &Model, stop: &CancellationToken) -> Result<Option<Model>, Errors> {
        let mut diags = Diagnostics::default();
        let read =
            self.resource(stop).read(&mut diags, state.clone(), ValueEmpty::Null, ValueEmpty::Null).await;
        errors(&diags).map(|()| read.map(|(state, _)| state))
    }

    /// The state that a configuration would lead to.
    ///
    /// # Errors
    /// What the provider said.
    pub async fn plan(&self, config: &Model, prior: Option<&Model>) -> Result<Model, Errors> {
        let mut diags = Diagnostics::default();
        let resource = self.resource(&CancellationToken::new());
        let (null, config) = (ValueEmpty::Null, config.clone());
        let planned = match prior {
            None => resource
                .plan_create(&mut diags, config.clone(), config, null)
                .await
                .map(|(planned, _)| planned),
            Some(prior) => resource
                .plan_update(&mut diags, prior.clone(), config.clone(), config, null, null)
                .await
                .map(|(planned, _, _)| planned),
        };
        errors(&diags)?;
        planned.ok_or_else(|| vec!["the plan is neither there nor explained".to_owned()])
    }

    /// `terraform apply`: refreshes, plans, and makes what was planned, if anything. What is saved changes only at the
    /// end of each step, so whoever drops this in between has killed the provider.
    pub async fn apply(&mut self, config: &Model, stop: &CancellationToken) -> Errors {
        match self.try_apply(config, stop).await {
            Ok(()) => Errors::new(),
            Err(errors) => errors,
        }
    }

    async fn try_apply(&mut self, config: &Model, stop: &CancellationToken) -> Result<(), Errors> {
        if let Some(state) = self.state.clone() {
            self.state = self.read(&state, stop).await?;
        }
        self.apply_refreshed(config, stop).await
    }

    /// The same where the state was looked at a moment ago.
    ///
    /// # Errors
    /// What the provider said.
    pub async fn apply_refreshed(&mut self, config: &Model, stop: &CancellationToken) -> Result<(), Errors> {
        let planned = self.plan(config, self.state.as_ref()).await?;
        if self.state.as_ref() == Some(&planned) {
            return Ok(());
        }
        self.make(planned, config, stop).await
    }

    /// Makes what was planned.
    ///
    /// # Errors
    /// What the provider said.
    pub async fn make(
        &mut self,
        planned: Model,
        config: &Model,
        stop: &CancellationToken,
    ) -> Result<(), Errors> {
        let mut diags = Diagnostics::default();
        let (resource, config, null) = (self.resource(stop), config.clone(), ValueEmpty::Null);
        let made = match self.state.clone() {
            None => resource.create(&mut diags, planned, config, null, null).await,
            Some(prior) => resource.update(&mut diags, prior, planned, config, null, null).await,
        };
        if let Some((state, _)) = made {
            self.state = Some(state);
        }
        errors(&diags)
    }

    /// `terraform destroy`.
    pub async fn destroy(&mut self, stop: &CancellationToken) -> Errors {
        match self.try_destroy(stop).await {
            Ok(()) => Errors::new(),
            Err(errors) => errors,
        }
    }

    async fn try_destroy(&mut self, stop: &CancellationToken) -> Result<(), Errors> {
        let Some(state) = self.state.clone() else { return Ok(()) };
        self.state = self.read(&state, stop).await?;
        self.remove(stop).await
    }

    /// Removes what is saved, as a destruction does after its refresh.
    ///
    /// # Errors
    /// What the provider said.
    pub async fn remove(&mut self, stop: &CancellationToken) -> Result<(), Errors> {
        let Some(state) = self.state.clone() else { return Ok(()) };
        let (resource, null) = (self.resource(stop), ValueEmpty::Null);
        let mut diags = Diagnostics::default();
        resource.plan_destroy(&mut diags, state.clone(), null, null).await;
        errors(&diags)?;
        let done = resource.destroy(&mut diags, state.clone(), null, null).await;
        let destroyed = errors(&diags);
        self.state = match (done, &destroyed) {
            (Some(()), Ok(())) => None,
            // As the protocol host does: what is left is looked at, and saved.
            _ => self.read(&state, stop).await.unwrap_or(Some(state)),
        };
        destroyed
    }

    /// `terraform import` by name; the read after it is Terraform's.
    pub async fn import(&mut self, name: &str, stop: &CancellationToken) -> Errors {
        let mut diags = Diagnostics::default();
        let imported = self.resource(stop).import(&mut diags, name.to_owned()).await;
        if let Err(errors) = errors(&diags) {
            return errors;
        }
        let Some((model, _)) = imported else {
            return vec!["nothing was imported, and nothing said".to_owned()];
        };
        match self.read(&model, stop).await {
            Ok(state) => self.state = state,
            Err(errors) => return errors,
        }
        Errors::new()
    }
}

/// Each object's hash in a state, by logical name.
pub fn hashes(state: Option<&Model>) -> BTreeMap<String, String> {
    let entries = state.and_then(|state| state.resources.known()).into_iter().flatten();
    let entry = |(key, entry): (&String, &datalake_host::Val<_>)| {
        let entry: &terraform_provider_datalake::resources::model::ResourceEntry = entry.known()?;
        Some((key.clone(), entry.hash.known()?.clone()))
    };
    entries.filter_map(entry).collect()
}

/// Whether anything in a state is still to come.
pub fn holds_unknown(state: &Model) -> bool {
    format!("{state:?}").contains("Unknown")
}

fn errors(diags: &Diagnostics) -> Result<(), Errors> {
    let errors: Errors =
        diags.errors.iter().map(|error| format!("{}: {}", error.summary, error.detail)).collect();
    if errors.is_empty() { Ok(()) } else { Err(errors) }
}
