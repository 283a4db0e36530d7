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
    let tried: BTreeSet<_> = tried.keys().copied().collect();
    assert_eq!(KINDS.iter().copied().collect::<BTreeSet<_>>(), tried);
}

#[test]
fn every_field_is_varied_or_fixed() {
    for (kind, Fields { all, varied, fixed }) in by_kind(&cases()) {
        let known: BTreeSet<_> = varied.union(&fixed).cloned().collect();
        assert_eq!(
            all, known,
            "{kind}: a field (left) needs a variation in its case, or a reason to be fixed"
        );
        let both: Vec<_> = varied.intersection(&fixed).collect();
        assert!(both.is_empty(), "{kind}: fixed and varied: {both:?}");
    }
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
