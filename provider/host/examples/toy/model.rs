//! A thing: its schema, its state and the file it is kept in.

use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;
use std::{env, fs, io};

use datalake_host::{Num, Val};
use serde::{Deserialize, Serialize};
use tf_provider::schema::AttributeConstraint::{Computed, Optional, OptionalComputed, Required};
use tf_provider::schema::{Attribute, AttributeConstraint, AttributeType, Block, Description, Schema};

/// The state of a thing.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Thing {
    pub id: Val<String>,
    pub name: Val<String>,
    pub size: Val<Num>,
    pub note: Val<String>,
    pub fault: Val<String>,
    pub parts: Val<BTreeMap<String, Val<Part>>>,
}

/// One part of a thing.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Part {
    pub kind: Val<String>,
    pub weight: Val<Num>,
    pub label: Val<String>,
}

pub fn schema() -> Schema {
    let number = AttributeType::Number;
    let text = AttributeType::String;
    let part = members([
        ("kind", text.clone(), Required),
        ("weight", number.clone(), OptionalComputed),
        ("label", text.clone(), Computed),
    ]);
    let attributes = members([
        ("id", text.clone(), Computed),
        ("name", text.clone(), Required),
        ("size", number, OptionalComputed),
        ("note", text.clone(), Optional),
        ("fault", text, Optional),
        ("parts", AttributeType::AttributeMap(part), Optional),
    ]);
    let version = env::var("TOY_SCHEMA_VERSION").ok().and_then(|it| it.parse().ok()).unwrap_or(1);
    Schema { version, block: Block { attributes, ..Block::default() } }
}

type Members = HashMap<String, Attribute>;

pub fn members<const N: usize>(all: [(&str, AttributeType, AttributeConstraint); N]) -> Members {
    let attribute = |attr_type, constraint| Attribute {
        attr_type,
        constraint,
        description: Description::plain("part of a toy"),
        ..Attribute::default()
    };
    all.into_iter().map(|(name, it, constraint)| (name.to_owned(), attribute(it, constraint))).collect()
}

impl Thing {
    /// Fills in the defaults, which are known at plan.
    pub fn plan_defaults(&mut self) {
        self.size = std::mem::take(&mut self.size).or_default(3);
        for part in self.parts.known_mut().into_iter().flat_map(BTreeMap::values_mut) {
            let Some(part) = part.known_mut() else { continue };
            part.weight = std::mem::take(&mut part.weight).or_default(1);
            if part.label.is_null() {
                part.label = Val::Unknown;
            }
        }
    }

    /// Makes known what was not at plan.
    pub fn make_known(&mut self) {
        let name = self.name.as_deref().unwrap_or_default().to_owned();
        self.id = format!("id-{name}").into();
        for (key, part) in self.parts.known_mut().into_iter().flatten() {
            if let Some(part) = part.known_mut() {
                part.label = format!("{name}/{key}").into();
            }
        }
    }

    /// Writes the file that is the thing.
    pub fn store(&self) -> io::Result<()> {
        fs::write(file(self.id.as_deref().unwrap_or_default()), serde_json::to_vec(self)?)
    }
}

/// Where things are kept.
pub fn folder() -> PathBuf {
    env::var_os("TOY_DIR").map_or_else(env::temp_dir, PathBuf::from)
}

pub fn file(id: &str) -> PathBuf {
    folder().join(format!("{id}.json"))
}

pub fn load(id: &str) -> io::Result<Thing> {
    Ok(serde_json::from_slice(&fs::read(file(id))?)?)
}
