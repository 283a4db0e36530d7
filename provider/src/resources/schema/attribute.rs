//! Short forms for attributes, so that a schema reads as a list of names, kinds and descriptions.

use std::collections::HashMap;

use tf_provider::schema::{Attribute, AttributeConstraint, AttributeType, Block, Description, Schema};

/// Attributes by name.
pub type Members = HashMap<String, Attribute>;

/// What the user must write.
pub fn required(attr_type: AttributeType, about: &str) -> Attribute {
    attribute(attr_type, AttributeConstraint::Required, about)
}

/// What the user may write; null otherwise.
pub fn optional(attr_type: AttributeType, about: &str) -> Attribute {
    attribute(attr_type, AttributeConstraint::Optional, about)
}

/// What the user may write; otherwise a default shows in the plan.
pub fn defaulted(attr_type: AttributeType, about: &str) -> Attribute {
    attribute(attr_type, AttributeConstraint::OptionalComputed, about)
}

/// What only the provider fills.
pub fn computed(attr_type: AttributeType, about: &str) -> Attribute {
    attribute(attr_type, AttributeConstraint::Computed, about)
}

/// A computed text.
pub fn output(about: &str) -> Attribute {
    computed(AttributeType::String, about)
}

/// An object of these attributes.
pub fn object<const N: usize>(all: [(&str, Attribute); N]) -> AttributeType {
    AttributeType::AttributeSingle(members(all))
}

/// A map to objects of these attributes.
pub fn map_of<const N: usize>(all: [(&str, Attribute); N]) -> AttributeType {
    AttributeType::AttributeMap(members(all))
}

/// A list of objects of these attributes.
pub fn list_of<const N: usize>(all: [(&str, Attribute); N]) -> AttributeType {
    AttributeType::AttributeList(members(all))
}

/// A map to texts.
pub fn map_of_text() -> AttributeType {
    AttributeType::Map(AttributeType::String.into())
}

/// Attributes by name.
pub fn members<const N: usize>(all: [(&str, Attribute); N]) -> Members {
    all.into_iter().map(|(name, attribute)| (name.to_owned(), attribute)).collect()
}

/// A schema of these attributes.
pub fn schema_of(version: i64, attributes: Members, about: &str) -> Schema {
    let description = Description::markdown(about);
    Schema { version, block: Block { version, attributes, description, ..Block::default() } }
}

fn attribute(attr_type: AttributeType, constraint: AttributeConstraint, about: &str) -> Attribute {
    Attribute { attr_type, constraint, description: Description::markdown(about), ..Attribute::default() }
}
