//! Where in a value decoding failed, as an attribute path.
//!
//! A decoder sees maps and sequences; only the schema tells an attribute from a key. Terraform prints the
//! right source line only for a path with the right kinds of steps, so the two are walked together.
//! It finds no place inside a nested attribute but an element; a deeper path is shown as the whole block's.

use serde_path_to_error::Segment;
use tf_provider::schema::Schema;
use tf_provider::{AttributePath, AttributePathStep};

use crate::tree::{Kind, Node};

/// The path of `segments` in a value of the schema at `node`; it ends where the schema does, and at a set,
/// whose elements have no address.
pub(crate) fn resolve(node: Node<'_>, segments: &[Segment]) -> AttributePath {
    let mut path = AttributePath::root();
    let mut here = Some(node);
    for segment in segments {
        here = here.and_then(|node| step(node, segment, &mut path));
    }
    path
}

/// How many steps of a path Terraform follows to a source line: in blocks all of them, in an attribute its
/// name and the key or index of an element.
pub(crate) fn found_by_terraform(schema: &Schema, path: &AttributePath) -> usize {
    let steps = &path.steps;
    match steps.first() {
        Some(AttributePathStep::Attribute(name)) if schema.block.attributes.contains_key(name.as_ref()) => {
            let element =
                matches!(steps.get(1), Some(AttributePathStep::Key(_) | AttributePathStep::Index(_)));
            if element { 2 } else { 1 }
        }
        _ => steps.len(),
    }
}

/// Adds the step into `node`; `None` where the path has to end.
fn step<'a>(node: Node<'a>, segment: &Segment, path: &mut AttributePath) -> Option<Node<'a>> {
    match (node.kind(), segment) {
        (Kind::Object(members), Segment::Map { key }) => {
            let (_, member) = members.into_iter().find(|(name, _)| name == key)?;
            path.add_attribute(key.clone());
            Some(member)
        }
        (Kind::Map(element), Segment::Map { key }) => {
            path.add_key(key.clone());
            Some(element)
        }
        (Kind::List(element), Segment::Seq { index }) => {
            path.add_index(i64::try_from(*index).ok()?);
            Some(element)
        }
        (Kind::Tuple(types), Segment::Seq { index }) => {
            path.add_index(i64::try_from(*index).ok()?);
            types.get(*index).map(Node::Type)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use tf_provider::AttributePathStep::{Attribute as A, Index as I, Key as K};
    use tf_provider::schema::{Attribute, AttributeType as T, Block, Schema};

    use super::*;

    fn members(all: Vec<(&str, T)>) -> HashMap<String, Attribute> {
        let attribute = |attr_type| Attribute { attr_type, ..Attribute::default() };
        all.into_iter().map(|(name, it)| (name.to_owned(), attribute(it))).collect()
    }

    fn schema() -> Schema {
        let column = T::AttributeMap(members(vec![("minimum", T::Number)]));
        let rule = T::AttributeSet(members(vec![("text", T::String)]));
        let dataset = T::AttributeMap(members(vec![("columns", column), ("rules", rule)]));
        let attributes = members(vec![("datasets", dataset), ("zones", T::List(T::String.into()))]);
        Schema { version: 0, block: Block { attributes, ..Block::default() } }
    }

    fn check(segments: &[Segment], expect: &[tf_provider::AttributePathStep]) {
        assert_eq!(resolve(Node::of(&schema()), segments).steps, expect);
    }

    #[test]
    fn attributes_keys_and_indices_are_told_apart() {
        let map = |key: &str| Segment::Map { key: key.to_owned() };
        check(
            &[map("datasets"), map("readings"), map("columns"), map("id"), map("minimum")],
            &[
                A("datasets".into()),
                K("readings".into()),
                A("columns".into()),
                K("id".into()),
                A("minimum".into()),
            ],
        );
        check(&[map("zones"), Segment::Seq { index: 1 }], &[A("zones".into()), I(1)]);
    }

    #[test]
    fn a_path_in_an_attribute_is_found_to_its_element() {
        let found = |path: AttributePath| found_by_terraform(&schema(), &path);
        let element = AttributePath::new("datasets").key("readings");
        assert_eq!(found(element.clone().attribute("columns").key("id")), 2);
        assert_eq!(found(element), 2);
        assert_eq!(found(AttributePath::new("zones").attribute("x")), 1);
        assert_eq!(found(AttributePath::new("some_block").index(0).attribute("x")), 3);
    }

    #[test]
    fn a_path_ends_at_a_set_and_where_the_schema_does() {
        let map = |key: &str| Segment::Map { key: key.to_owned() };
        check(
            &[map("datasets"), map("r"), map("rules"), Segment::Seq { index: 0 }, map("text")],
            &[A("datasets".into()), K("r".into()), A("rules".into())],
        );
        check(&[map("zones"), map("stray"), map("x")], &[A("zones".into())]);
        check(&[map("stray"), map("zones")], &[]);
    }
}
