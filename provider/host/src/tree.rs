//! A schema as a tree of places, for whoever has to walk along one.

use std::collections::HashMap;

use tf_provider::schema::{Attribute, AttributeType, Block, NestedBlock, Schema};

/// A place in a schema, not looked into yet.
#[derive(Clone, Copy)]
pub(crate) enum Node<'a> {
    Block(&'a Block),
    Nested(&'a NestedBlock),
    Members(&'a HashMap<String, Attribute>),
    Type(&'a AttributeType),
}

/// What is found at a place.
pub(crate) enum Kind<'a> {
    /// Named members, in the order of their names.
    Object(Vec<(&'a str, Node<'a>)>),
    /// Elements by index.
    List(Node<'a>),
    /// Elements without a name of their own.
    Set(Node<'a>),
    /// Elements by key.
    Map(Node<'a>),
    /// Elements by index, each of its own type.
    Tuple(&'a [AttributeType]),
    /// A string, number or boolean, by Terraform's name.
    Scalar(&'static str),
    /// A value that brings its own type.
    Dynamic,
}

impl<'a> Node<'a> {
    pub(crate) fn of(schema: &'a Schema) -> Self {
        Node::Block(&schema.block)
    }

    pub(crate) fn kind(self) -> Kind<'a> {
        match self {
            Node::Block(block) => of_block(block),
            Node::Nested(nested) => of_nested(nested),
            Node::Members(members) => Kind::Object(sorted(named(members))),
            Node::Type(attr_type) => of_type(attr_type),
        }
    }

    /// Whether named members are found here or in the elements.
    pub(crate) fn holds_members(self) -> bool {
        match self.kind() {
            Kind::Object(_) => true,
            Kind::List(element) | Kind::Set(element) | Kind::Map(element) => element.holds_members(),
            Kind::Tuple(types) => types.iter().any(|it| Node::Type(it).holds_members()),
            Kind::Scalar(_) | Kind::Dynamic => false,
        }
    }
}

type Member<'a> = (&'a str, Node<'a>);

fn of_block(block: &Block) -> Kind<'_> {
    let mut members = named(&block.attributes);
    members.extend(block.blocks.iter().map(|(name, nested)| (name.as_str(), Node::Nested(nested))));
    Kind::Object(sorted(members))
}

fn of_nested(nested: &NestedBlock) -> Kind<'_> {
    match nested {
        NestedBlock::Single(block) | NestedBlock::Group(block) => of_block(block),
        NestedBlock::List(block) | NestedBlock::Optional(block) => Kind::List(Node::Block(block)),
        NestedBlock::Set(block) => Kind::Set(Node::Block(block)),
        NestedBlock::Map(block) => Kind::Map(Node::Block(block)),
    }
}

fn of_type(attr_type: &AttributeType) -> Kind<'_> {
    match attr_type {
        AttributeType::String => Kind::Scalar("string"),
        AttributeType::Number => Kind::Scalar("number"),
        AttributeType::Bool => Kind::Scalar("bool"),
        AttributeType::List(element) => Kind::List(Node::Type(element)),
        AttributeType::Set(element) => Kind::Set(Node::Type(element)),
        AttributeType::Map(element) => Kind::Map(Node::Type(element)),
        AttributeType::Object(members) => {
            Kind::Object(sorted(members.iter().map(|(name, it)| (name.as_str(), Node::Type(it))).collect()))
        }
        AttributeType::Tuple(types) => Kind::Tuple(types),
        AttributeType::AttributeSingle(members) => Kind::Object(sorted(named(members))),
        AttributeType::AttributeList(members) => Kind::List(Node::Members(members)),
        AttributeType::AttributeSet(members) => Kind::Set(Node::Members(members)),
        AttributeType::AttributeMap(members) => Kind::Map(Node::Members(members)),
        AttributeType::Any => Kind::Dynamic,
    }
}

fn named(members: &HashMap<String, Attribute>) -> Vec<Member<'_>> {
    members.iter().map(|(name, it)| (name.as_str(), Node::Type(&it.attr_type))).collect()
}

fn sorted(mut members: Vec<Member<'_>>) -> Vec<Member<'_>> {
    members.sort_by_key(|(name, _)| *name);
    members
}
