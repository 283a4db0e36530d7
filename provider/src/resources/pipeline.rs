//! `datalake_pipeline`: plan, apply, refresh, destroy and import, in terms of the engine.
//!
//! Planning is pure: it fills defaults, designs the objects and shows what they will be. Reading observes every object
//! and writes what is there into `resources`; the difference between the two is the plan.

mod meaning;
mod seen;

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::future::ready;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use datalake_host::diag;
use tf_provider::schema::Schema;
use tf_provider::value::ValueEmpty;
use tf_provider::{AttributePath, Diagnostics, Resource};
use tokio_util::sync::CancellationToken;

use self::meaning::{designed, refuse_elsewhere, scope_of, settings, understood};
use self::seen::{applied, entries, known, left, observe, see_unseen, warn_of_drift};
use super::design::Design;
use super::model::Model;
use super::report::{self, Action};
use super::{defaults, limits, outputs, schema, stale, validate};
use crate::aws::Cx;
use crate::engine::{self, Item, Limits, Outcome, diff};
use crate::names::Names;
use crate::provider::{Configured, Elsewhere, Shared};
use crate::recover::recover;

/// Objects worked on at once. Wide enough that a walk's length is the depth of the graph; AWS's own limits are met by
/// the SDK's retries.
const PARALLELISM: usize = 32;
/// How long a refresh may take.
const READ_TIMEOUT: Duration = Duration::from_secs(300);

/// The resource type.
#[derive(Debug, Clone)]
pub struct PipelineResource {
    /// What the provider block gave.
    pub shared: Arc<Shared>,
    /// Cancelled when Terraform asks to stop.
    pub stop: CancellationToken,
}

type Private = ValueEmpty;

#[async_trait]
impl Resource for PipelineResource {
    type State<'a> = Model;
    type PrivateState<'a> = Private;
    type ProviderMetaState<'a> = ValueEmpty;

    fn schema(&self, _diags: &mut Diagnostics) -> Option<Schema> {
        Some(schema::schema())
    }

    async fn validate<'a>(&self, diags: &mut Diagnostics, config: Model) -> Option<()> {
        validate::validate(&config, diags);
        Some(())
    }

    async fn read<'a>(
        &self,
        diags: &mut Diagnostics,
        state: Model,
        private: Private,
        _: ValueEmpty,
    ) -> Option<(Model, Private)> {
        // The account is asked for beside the first looks.
        let mut configured = self.shared.presumed(diags, scope_of(&state)).await?;
        loop {
            match self.refresh(diags, &configured, state.clone()).await {
                Ok(state) => return Some((state?, private)),
                Err(Elsewhere) => configured = self.shared.configured(diags).await?,
            }
        }
    }

    async fn plan_create<'a>(
        &self,
        diags: &mut Diagnostics,
        _proposed: Model,
        config: Model,
        _: ValueEmpty,
    ) -> Option<(Model, Private)> {
        Some((self.planned(diags, &config, None).await?, Private::default()))
    }

    async fn plan_update<'a>(
        &self,
        diags: &mut Diagnostics,
        prior: Model,
        _proposed: Model,
        config: Model,
        private: Private,
        _: ValueEmpty,
    ) -> Option<(Model, Private, Vec<AttributePath>)> {
        let planned = self.planned(diags, &config, Some(&prior)).await?;
        let mut replace = Vec::new();
        if planned.name != prior.name && !prior.name.is_null() {
            replace.push(AttributePath::new("name"));
            refuse_data_loss(diags, &prior, "replace");
        }
        Some((planned, private, replace))
    }

    async fn plan_destroy<'a>(
        &self,
        diags: &mut Diagnostics,
        prior: Model,
        private: Private,
        _: ValueEmpty,
    ) -> Option<Private> {
        refuse_data_loss(diags, &prior, "destroy");
        Some(private)
    }

    async fn create<'a>(
        &self,
        diags: &mut Diagnostics,
        planned: Model,
        _config: Model,
        private: Private,
        _: ValueEmpty,
    ) -> Option<(Model, Private)> {
        Some((self.apply(diags, planned, None).await?, private))
    }

    async fn update<'a>(
        &self,
        diags: &mut Diagnostics,
        prior: Model,
        planned: Model,
        _config: Model,
        private: Private,
        _: ValueEmpty,
    ) -> Option<(Model, Private)> {
        Some((self.apply(diags, planned, Some(prior)).await?, private))
    }

    async fn destroy<'a>(
        &self,
        diags: &mut Diagnostics,
        state: Model,
        _private: Private,
        _: ValueEmpty,
    ) -> Option<()> {
        // Terraform replaces a tainted resource without asking for the plan of its destruction: before anything goes.
        refuse_data_loss(diags, &state, "destroy");
        if !diags.errors.is_empty() {
            return None;
        }
        let mut configured = self.shared.presumed(diags, scope_of(&state)).await?;
        loop {
            match self.remove(diags, &configured, &state).await {
                Ok(removed) => return removed,
                Err(Elsewhere) => configured = self.shared.configured(diags).await?,
            }
        }
    }

    async fn import<'a>(&self, diags: &mut Diagnostics, id: String) -> Option<(Model, Private)> {
        let configured = self.shared.configured(diags).await?;
        match recover(&configured, &id).await {
            Ok(model) => Some((model, Private::default())),
            Err(message) => {
                let message = format!("{message} The import id is the pipeline's name.");
                diag::error(diags, "Pipeline not found", message, AttributePath::default());
                None
            }
        }
    }
}

impl PipelineResource {
    fn cx(&self, configured: &Configured, timeout: Duration) -> Cx {
        let deadline = tokio::time::Instant::now() + timeout;
        Cx::new(Arc::clone(&configured.clients), configured.scope.clone(), deadline, self.stop.clone())
            .ignoring(Arc::clone(&configured.ignored_tags))
    }

    /// Inputs with their defaults, outputs as far as they are known.
    async fn planned(&self, diags: &mut Diagnostics, config: &Model, prior: Option<&Model>) -> Option<Model> {
        let inputs = defaults::plan_inputs(config, prior);
        if !self.shared.is_connected() || !inputs.inputs_known() {
            return Some(outputs::unknown(inputs));
        }
        let configured = self.shared.configured(diags).await?;
        if let Some(prior) = prior {
            refuse_elsewhere(diags, &configured, prior)?;
        }
        let settings = settings(diags, &inputs)?;
        let design = designed(diags, &configured, &inputs, &settings)?;
        if let Some(problem) = validate::tags::too_many(&design.tags_all) {
            let message = format!("{problem}, those of the provider's default_tags among them");
            diag::error(diags, "Invalid tags", message, AttributePath::new("tags"));
            return None;
        }
        let limits = limits::problems(&design.graph, &configured.scope, &settings);
        if !limits.is_empty() {
            for (path, message) in limits {
                diag::error(diags, "AWS would not take it", message, path);
            }
            return None;
        }
        if let Some(key) = design.tags_all.keys().find(|key| configured.ignored_tags.covers(key)) {
            let path = AttributePath::new("tags").key(key.clone());
            diag::error(diags, "Invalid tags", format!("`{key}` {}", validate::tags::IGNORED), path);
            return None;
        }
        Some(outputs::known(
            inputs,
            &settings,
            &design,
            &configured.scope,
            &outputs::desired(&design, &configured.scope),
        ))
    }

    /// Observes every object; `None` without an error when nothing of the pipeline is left.
    async fn refresh(
        &self,
        diags: &mut Diagnostics,
        configured: &Configured,
        state: Model,
    ) -> Result<Option<Model>, Elsewhere> {
        let Some((settings, design)) = understood(diags, configured, &state) else { return Ok(None) };
        let graph = stale::with_leftovers(&design, &state, &Names::new(&settings.name, &configured.scope));
        let owner = Names::new(&settings.name, &configured.scope).owner();
        let cx = self.cx(configured, READ_TIMEOUT).only_looking(owner.clone());
        let known = entries(&state);
        let looks = futures::future::join_all(graph.nodes().map(|node| observe(&cx, node)));
        let (confirmed, observed) = futures::join!(self.shared.confirm(configured), looks);
        confirmed?;
        let left = self.shared.take_left(&settings.name);
        let mut found = BTreeMap::new();
        for (node, result) in observed {
            match result {
                Ok(Some(object)) if object.owner().is(&owner, known.contains_key(&node.key)) => {
                    found.insert(
                        node.key.clone(),
                        outputs::entry(&object, &configured.scope, diff::hash(&object)),
                    );
                    warn_of_drift(diags, node, &object, known.get(&node.key));
                }
                Ok(_) => {}
                Err(failure) => match &left {
                    // A destruction that failed a moment ago knows what it has not removed.
                    Some(left) => found.extend(left.get(&node.key).map(|hash| {
                        (node.key.clone(), outputs::entry(&node.item, &configured.scope, hash.clone()))
                    })),
                    None => report::unreadable(diags, &node.key, &node.item, &failure),
                },
            }
        }
        if !diags.errors.is_empty() || found.is_empty() {
            return Ok(None);
        }
        Ok(Some(outputs::known(state, &settings, &design, &configured.scope, &found)))
    }

    /// Brings everything in line with the plan; returns the state as it then is, also after failures.
    async fn apply(&self, diags: &mut Diagnostics, planned: Model, prior: Option<Model>) -> Option<Model> {
        let mut configured = self.shared.presumed(diags, scope_of(&planned)).await?;
        loop {
            match self.apply_at(diags, &configured, planned.clone(), prior.clone()).await {
                Ok(applied) => return applied,
                Err(Elsewhere) => configured = self.shared.configured(diags).await?,
            }
        }
    }

    async fn apply_at(
        &self,
        diags: &mut Diagnostics,
        configured: &Configured,
        planned: Model,
        prior: Option<Model>,
    ) -> Result<Option<Model>, Elsewhere> {
        let Some((settings, design)) = understood(diags, configured, &planned) else { return Ok(None) };
        let timeout = if prior.is_some() { settings.timeouts.update } else { settings.timeouts.create };
        let cx = self.cx(configured, timeout);
        let names = Names::new(&settings.name, &configured.scope);
        let known = prior.as_ref().map(known).unwrap_or_default();
        let limits = Limits {
            parallelism: PARALLELISM,
            stop: self.stop.clone(),
            timeout,
            owner: names.owner(),
            known,
            force_destroy: settings.force_destroy,
        };
        let permit = self.shared.confirm(configured);
        let mut outcome = engine::reconcile(&cx, &design.graph, &limits, permit).await?;
        if let Some(prior) = &prior {
            self.remove_leftovers(&cx, &design, prior, &names, &limits, &mut outcome).await;
        }
        let everything = match &prior {
            Some(prior) => stale::with_leftovers(&design, prior, &names),
            None => design.graph.clone(),
        };
        see_unseen(&cx, &everything, prior.as_ref(), &names.owner(), &mut outcome).await;
        let action = if prior.is_some() { Action::Update } else { Action::Create };
        report::report(diags, action, &everything, &outcome);
        Ok(Some(applied(planned, prior, &settings, &design, configured, &everything, &outcome)))
    }

    /// Removes what the state knows and the configuration no longer wants, such as a dropped dataset's table.
    async fn remove_leftovers(
        &self,
        cx: &Cx,
        design: &Design,
        prior: &Model,
        names: &Names,
        limits: &Limits,
        outcome: &mut Outcome,
    ) {
        let leftovers = stale::leftovers(design, prior, names);
        // An object that still refers to a leftover must have been changed first.
        if !outcome.complete() {
            let untouched = leftovers.nodes().filter_map(|node| {
                Some((node.key.clone(), entries(prior).get(&node.key)?.hash.known()?.clone()))
            });
            outcome.hashes.extend(untouched);
            return;
        }
        let permit = ready(Ok::<_, Infallible>(()));
        let Ok(removed) = engine::destroy(cx, &leftovers, limits, permit).await;
        outcome.statuses.extend(removed.statuses);
        outcome.hashes.extend(removed.hashes);
        outcome.unseen.extend(removed.unseen);
    }

    async fn remove(
        &self,
        diags: &mut Diagnostics,
        configured: &Configured,
        state: &Model,
    ) -> Result<Option<()>, Elsewhere> {
        let Some((settings, design)) = understood(diags, configured, state) else { return Ok(None) };
        let names = Names::new(&settings.name, &configured.scope);
        let graph = stale::with_leftovers(&design, state, &names);
        let cx = self.cx(configured, settings.timeouts.delete);
        let limits = Limits {
            parallelism: PARALLELISM,
            stop: self.stop.clone(),
            timeout: settings.timeouts.delete,
            owner: names.owner(),
            known: known(state),
            force_destroy: settings.force_destroy,
        };
        let outcome = engine::destroy(&cx, &graph, &limits, self.shared.confirm(configured)).await?;
        report::report(diags, Action::Destroy, &graph, &outcome);
        if !outcome.complete() {
            self.shared.note_left(&settings.name, left(state, &outcome));
            return Ok(None);
        }
        Ok(Some(()))
    }
}

/// Without consent no plan may delete data.
fn refuse_data_loss(diags: &mut Diagnostics, prior: &Model, verb: &str) {
    if prior.force_destroy.known() == Some(&true) {
        return;
    }
    let name = prior.name.known().map_or("", String::as_str);
    diag::error(
        diags,
        "Data would be lost",
        format!(
            "To {verb} the pipeline `{name}` means deleting its buckets, its metadata table and its Glue database with \
             everything in them. Set force_destroy = true and apply that first, if that is what you want. (To let go of \
             the pipeline without deleting it, use `terraform state rm` or a removed block. If it is to be replaced because \
             its creation failed, `terraform untaint` it and apply: that finishes it in place.)"
        ),
        AttributePath::new("force_destroy"),
    );
}
