//! No kind and no field goes untried.

use std::collections::{BTreeMap, BTreeSet};

use terraform_provider_datalake::components::KINDS;
use terraform_provider_datalake::engine::Item as _;

use crate::case::{Case, fields};
use crate::{catalog, cloud, compute, messaging, storage};

/// What is known of a kind's fields.
#[derive(Default)]
struct Fields {
    all: BTreeSet<String>,
    varied: BTreeSet<String>,
    fixed: BTreeSet<String>,
}

fn cases() -> Vec<Case> {
    let scope = cloud::scope();
    [storage::cases(&scope), catalog::cases(&scope), messaging::cases(&scope), compute::cases(&scope)]
        .into_iter()
        .flatten()
        .collect()
}

fn by_kind(cases: &[Case]) -> BTreeMap<&'static str, Fields> {
    let mut kinds = BTreeMap::<_, Fields>::new();
    for case in cases {
        let kind = kinds.entry(case.kind()).or_default();
        kind.all
            .extend(case.object.document().as_object().into_iter().flatten().map(|(name, _)| name.clone()));
        kind.fixed.extend(case.fixed.iter().map(|(field, _)| (*field).to_owned()));
        for varied in &case.variations {
            // With two changes in one, either could go unseen.
            if let [field] = &fields(&case.object, varied)[..] {
                kind.varied.insert(field.clone());
            }
        }
    }
    kinds
}

#[test]
fn every_kind_has_a_case() {
    let tried = by_kind(&cases());
    let untried: Vec<_> = KINDS.iter().filter(|kind| !tried.contains_key(*kind)).collect();
    assert!(untried.is_empty(), "kinds without a case: {untried:?}");
}

#[test]
fn every_field_is_varied_or_fixed() {
    let mut wrong = Vec::new();
    for (kind, Fields { all, varied, fixed }) in by_kind(&cases()) {
        let lists = [
            ("has neither a variation nor a reason to be fixed", &all - &(&varied | &fixed)),
            ("is fixed and is varied", &varied & &fixed),
            ("is fixed and is not there", &fixed - &all),
        ];
        for (what, list) in lists {
            wrong.extend(list.iter().map(|field| format!("{kind}: {field} {what}")));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn variations_are_of_the_same_object() {
    for case in cases() {
        for varied in &case.variations {
            assert_eq!(varied.name(), case.object.name(), "{}", case.kind());
            assert_ne!(varied.document(), case.object.document(), "{}: a variation of nothing", case.kind());
        }
    }
}
