//! tf-provider's schemas as Terraform takes them.

use std::collections::HashMap;

use tf_provider::schema::{
    Attribute, AttributeConstraint, AttributeType, Block, Description, FunctionSchema, NestedBlock,
    Parameter, Schema, StringKind,
};

use crate::wire::{self, Nesting};

/// The schema of a provider, resource or data source.
pub(crate) fn to_wire(schema: &Schema) -> wire::Schema {
    wire::Schema { version: schema.version, block: Some(block(&schema.block)) }
}

/// The signature of a function.
pub(crate) fn function_to_wire(function: &FunctionSchema) -> wire::Function {
    wire::Function {
        parameters: function.parameters.iter().map(parameter).collect(),
        variadic_parameter: function.variadic.as_ref().map(parameter),
        r#return: Some(wire::Return { r#type: function.return_type.to_string().into_bytes() }),
        summary: function.summary.clone(),
        description: function.description.content.clone(),
        description_kind: kind(&function.description),
        deprecation_message: function.deprecated.clone().unwrap_or_default(),
    }
}

fn parameter(parameter: &Parameter) -> wire::Parameter {
    wire::Parameter {
        name: parameter.name.clone(),
        r#type: parameter.param_type.to_string().into_bytes(),
        allow_null_value: parameter.allow_null,
        allow_unknown_values: parameter.allow_unknown,
        description: parameter.description.content.clone(),
        description_kind: kind(&parameter.description),
    }
}

fn block(block: &Block) -> wire::Block {
    let mut block_types: Vec<_> =
        block.blocks.iter().map(|(name, nested)| nested_block(name, nested)).collect();
    block_types.sort_by(|a, b| a.type_name.cmp(&b.type_name));
    wire::Block {
        version: block.version,
        attributes: attributes(&block.attributes),
        block_types,
        description: block.description.content.clone(),
        description_kind: kind(&block.description),
        deprecated: block.deprecated,
    }
}

fn nested_block(name: &str, nested: &NestedBlock) -> wire::NestedBlock {
    let (nesting, inner, min_items, max_items) = match nested {
        NestedBlock::Single(inner) => (Nesting::Single, inner, 1, 1),
        NestedBlock::List(inner) => (Nesting::List, inner, 0, 0),
        NestedBlock::Set(inner) => (Nesting::Set, inner, 0, 0),
        NestedBlock::Map(inner) => (Nesting::Map, inner, 0, 0),
        NestedBlock::Group(inner) => (Nesting::Group, inner, 0, 0),
        NestedBlock::Optional(inner) => (Nesting::List, inner, 0, 1),
    };
    wire::NestedBlock {
        type_name: name.to_owned(),
        block: Some(block(inner)),
        nesting: nesting as i32,
        min_items,
        max_items,
    }
}

/// The attributes by name, so that a schema is sent the same way each time.
fn attributes(attributes: &HashMap<String, Attribute>) -> Vec<wire::Attribute> {
    let mut all: Vec<_> = attributes.iter().map(|(name, it)| attribute(name, it)).collect();
    all.sort_by(|a, b| a.name.cmp(&b.name));
    all
}

fn attribute(name: &str, it: &Attribute) -> wire::Attribute {
    use AttributeConstraint::{Computed, Optional, OptionalComputed, Required};
    let nested_type = nested_type(&it.attr_type);
    // Terraform refuses a schema in which both are set.
    let r#type = if nested_type.is_some() { Vec::new() } else { it.attr_type.to_string().into_bytes() };
    wire::Attribute {
        name: name.to_owned(),
        r#type,
        nested_type,
        description: it.description.content.clone(),
        description_kind: kind(&it.description),
        required: it.constraint == Required,
        optional: matches!(it.constraint, Optional | OptionalComputed),
        computed: matches!(it.constraint, Computed | OptionalComputed),
        sensitive: it.sensitive,
        deprecated: it.deprecated,
    }
}

fn nested_type(attr_type: &AttributeType) -> Option<wire::Object> {
    let (nesting, members) = match attr_type {
        AttributeType::AttributeSingle(members) => (Nesting::Single, members),
        AttributeType::AttributeList(members) => (Nesting::List, members),
        AttributeType::AttributeSet(members) => (Nesting::Set, members),
        AttributeType::AttributeMap(members) => (Nesting::Map, members),
        _ => return None,
    };
    Some(wire::Object { attributes: attributes(members), nesting: nesting as i32 })
}

fn kind(description: &Description) -> i32 {
    (match description.kind {
        StringKind::Plain => wire::StringKind::Plain,
        StringKind::Markdown => wire::StringKind::Markdown,
    }) as i32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_attribute_has_a_type_or_a_nested_type() {
        let leaf = Attribute { attr_type: AttributeType::Number, ..Attribute::default() };
        let members = HashMap::from([("minimum".to_owned(), leaf)]);
        let nested = Attribute { attr_type: AttributeType::AttributeMap(members), ..Attribute::default() };
        let out = attribute("columns", &nested);
        assert!(out.r#type.is_empty());
        let object = out.nested_type.unwrap();
        assert_eq!((object.nesting, object.attributes[0].r#type.as_slice()), (4, &b"\"number\""[..]));
    }
}
