//! What the state says of each object against what is there, and the state that follows from it.

use std::collections::{BTreeMap, BTreeSet};

use datalake_host::{Val, diag};
use tf_provider::{AttributePath, Diagnostics};

use crate::aws::Cx;
use crate::components::Object;
use crate::engine::outcome::NOT_KNOWN;
use crate::engine::{self, Failure, Graph, Item, Outcome, World, diff};
use crate::provider::{Configured, Left};
use crate::resources::design::Design;
use crate::resources::model::{Model, ResourceEntry};
use crate::resources::outputs;
use crate::resources::settings::Settings;

/// One object with what is there in its place.
pub(super) async fn observe<'g>(
    cx: &Cx,
    node: &'g engine::Node<Object>,
) -> (&'g engine::Node<Object>, Result<Option<Object>, Failure>) {
    (node, cx.read(&node.item).await)
}

pub(super) fn entries(model: &Model) -> BTreeMap<String, ResourceEntry> {
    let map = model.resources.known().cloned().unwrap_or_default();
    map.into_iter().filter_map(|(key, entry)| Some((key, entry.into_known()?))).collect()
}

/// What the state knows as ours. What may have been made by a call without an answer may as well be a stranger's.
pub(super) fn known(state: &Model) -> BTreeSet<String> {
    let known = entries(state).into_iter().filter(|(_, entry)| entry.hash.as_deref() != Some(NOT_KNOWN));
    known.map(|(key, _)| key).collect()
}

/// What the walk did not come to is what it was; what was not known before, leftovers for instance, is looked at.
pub(super) async fn see_unseen(
    cx: &Cx,
    everything: &Graph<Object>,
    prior: Option<&Model>,
    owner: &str,
    outcome: &mut Outcome,
) {
    let before = prior.map(entries).unwrap_or_default();
    let unseen = outcome.unseen.iter().filter_map(|key| everything.get(key));
    let (known, new): (Vec<_>, Vec<_>) = unseen.partition(|node| before.contains_key(&node.key));
    for node in known {
        let hash = before.get(&node.key).and_then(|entry| entry.hash.known());
        outcome.hashes.extend(hash.map(|hash| (node.key.clone(), hash.clone())));
    }
    let looks = futures::future::join_all(new.into_iter().map(|node| observe(cx, node))).await;
    for (node, look) in looks {
        if let Ok(Some(found)) = look
            && found.owner().is(owner, false)
        {
            outcome.hashes.insert(node.key.clone(), diff::hash(&found));
        }
    }
}

/// What a destruction may have left: what is there, and what it did not come to as it was.
pub(super) fn left(state: &Model, outcome: &Outcome) -> Left {
    let before = entries(state);
    let unseen = outcome.unseen.iter().filter_map(|key| {
        let hash = before.get(key)?.hash.known()?;
        Some((key.clone(), hash.clone()))
    });
    unseen.chain(outcome.hashes.clone()).collect()
}

/// Says which fields somebody changed behind our back; Terraform itself can only show that the hash differs.
pub(super) fn warn_of_drift(
    diags: &mut Diagnostics,
    node: &engine::Node<Object>,
    observed: &Object,
    entry: Option<&ResourceEntry>,
) {
    let Some(recorded) = entry.and_then(|entry| entry.hash.known()) else { return };
    if *recorded == diff::hash(observed) || *recorded != diff::hash(&node.item) {
        return;
    }
    let fields = diff::differing_fields(&node.item.document(), &observed.document());
    diag::warning(
        diags,
        "Changed outside of Terraform",
        format!("{} ({} `{}`): {}", node.key, node.item.type_name(), node.item.name(), fields.join(", ")),
        AttributePath::new("resources"),
    );
}

/// The state after a walk: what was planned where it was done, what was read where it was not.
pub(super) fn applied(
    planned: Model,
    prior: Option<Model>,
    settings: &Settings,
    design: &Design,
    configured: &Configured,
    everything: &Graph<Object>,
    outcome: &Outcome,
) -> Model {
    let found = everything
        .nodes()
        .filter_map(|node| {
            let hash = outcome.hashes.get(&node.key)?;
            Some((node.key.clone(), outputs::entry(&node.item, &configured.scope, hash.clone())))
        })
        .collect();
    let mut state = outputs::known(planned, settings, design, &configured.scope, &found);
    if !outcome.complete() {
        // Not everything runs by the new rules yet.
        state.spec_hash = prior.map_or(Val::Null, |prior| prior.spec_hash);
    }
    state
}
