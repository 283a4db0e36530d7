//! Avro's schemas: what the bytes of a datum stand for.

use std::collections::HashMap;

use serde_json::Value;

/// Most levels of types in one another.
const DEEPEST: usize = 64;

/// A type.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Schema {
    Null,
    Boolean,
    /// `int` and `long`: they are written alike.
    Long,
    Float,
    Double,
    Bytes,
    String,
    Record(Vec<(String, Schema)>),
    Enum(Vec<String>),
    Array(Box<Schema>),
    Map(Box<Schema>),
    Union(Vec<Schema>),
    Fixed(usize),
    /// Days since 1970-01-01.
    Date,
    /// Instant in so many parts of a second since 1970-01-01T00:00:00Z.
    Timestamp(i64),
    /// A whole number with so many decimals, in bytes or in a fixed number of them.
    Decimal(u32, Option<usize>),
}

/// Reads a schema.
pub(super) fn parse(text: &[u8]) -> Result<Schema, String> {
    let document: Value = serde_json::from_slice(text).map_err(|_| "the schema is not JSON".to_owned())?;
    Names::default().schema(&document, "", 0)
}

/// Named types that were defined before.
#[derive(Default)]
struct Names(HashMap<String, Schema>);

impl Names {
    fn schema(&mut self, document: &Value, space: &str, depth: usize) -> Result<Schema, String> {
        if depth > DEEPEST {
            return Err(format!("the schema has more than {DEEPEST} levels"));
        }
        match document {
            Value::String(name) => self.named(name, space),
            Value::Array(branches) => branches
                .iter()
                .map(|branch| self.schema(branch, space, depth + 1))
                .collect::<Result<_, _>>()
                .map(Schema::Union),
            Value::Object(_) => self.object(document, space, depth),
            _ => Err("a schema is a name, a list or an object".to_owned()),
        }
    }

    fn named(&self, name: &str, space: &str) -> Result<Schema, String> {
        Ok(match name {
            "null" => Schema::Null,
            "boolean" => Schema::Boolean,
            "int" | "long" => Schema::Long,
            "float" => Schema::Float,
            "double" => Schema::Double,
            "bytes" => Schema::Bytes,
            "string" => Schema::String,
            other => {
                let found = self.0.get(&full(other, space)).or_else(|| self.0.get(other));
                found.cloned().ok_or_else(|| format!("the type `{other}` is not defined, or holds itself"))?
            }
        })
    }

    fn object(&mut self, document: &Value, space: &str, depth: usize) -> Result<Schema, String> {
        let text = |name: &str| document[name].as_str();
        let kind = &document["type"];
        let Some(word) = kind.as_str() else { return self.schema(kind, space, depth + 1) };
        let space = text("namespace").unwrap_or(space);
        let size = document["size"].as_u64().and_then(|size| usize::try_from(size).ok());
        let schema = match word {
            "record" | "error" => {
                let fields = document["fields"].as_array().ok_or("a record has no fields")?;
                let field = |field: &Value| {
                    let name = field["name"].as_str().ok_or("a field has no name")?;
                    Ok::<_, String>((name.to_owned(), self.schema(&field["type"], space, depth + 1)?))
                };
                Schema::Record(fields.iter().map(field).collect::<Result<_, _>>()?)
            }
            "enum" => {
                let symbols = document["symbols"].as_array().ok_or("an enum has no symbols")?;
                Schema::Enum(symbols.iter().filter_map(Value::as_str).map(str::to_owned).collect())
            }
            "array" => Schema::Array(Box::new(self.schema(&document["items"], space, depth + 1)?)),
            "map" => Schema::Map(Box::new(self.schema(&document["values"], space, depth + 1)?)),
            "fixed" => Schema::Fixed(size.ok_or("a fixed type has no size")?),
            other => self.named(other, space)?,
        };
        let schema = logical(schema, document);
        if let (Some(name), true) = (text("name"), matches!(word, "record" | "error" | "enum" | "fixed")) {
            self.0.insert(full(name, space), schema.clone());
        }
        Ok(schema)
    }
}

/// What a type stands for, where it says so.
fn logical(schema: Schema, document: &Value) -> Schema {
    let scale = u32::try_from(document["scale"].as_u64().unwrap_or(0)).unwrap_or(0);
    match (document["logicalType"].as_str(), &schema) {
        (Some("date"), Schema::Long) => Schema::Date,
        (Some("timestamp-millis"), Schema::Long) => Schema::Timestamp(1_000),
        (Some("timestamp-micros"), Schema::Long) => Schema::Timestamp(1_000_000),
        (Some("timestamp-nanos"), Schema::Long) => Schema::Timestamp(1_000_000_000),
        (Some("decimal"), Schema::Bytes) => Schema::Decimal(scale, None),
        (Some("decimal"), Schema::Fixed(size)) => Schema::Decimal(scale, Some(*size)),
        _ => schema,
    }
}

fn full(name: &str, space: &str) -> String {
    if name.contains('.') || space.is_empty() { name.to_owned() } else { format!("{space}.{name}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn schemas() {
        let cases = [
            (r#""long""#, Ok(Schema::Long)),
            (r#"["null","string"]"#, Ok(Schema::Union(vec![Schema::Null, Schema::String]))),
            (r#"{"type":"long","logicalType":"timestamp-micros"}"#, Ok(Schema::Timestamp(1_000_000))),
            (r#"{"type":{"type":"array","items":"int"}}"#, Ok(Schema::Array(Box::new(Schema::Long)))),
            (
                r#"{"type":"record","name":"a","namespace":"n","fields":[
                    {"name":"x","type":{"type":"fixed","name":"f","size":2}},{"name":"y","type":"n.f"},{"name":"z","type":"f"}]}"#,
                Ok(Schema::Record(["x", "y", "z"].map(|name| (name.to_owned(), Schema::Fixed(2))).to_vec())),
            ),
            ("{}", Err("a name, a list or an object")),
            (r#""strange""#, Err("`strange` is not defined")),
            (
                r#"{"type":"record","name":"r","fields":[{"name":"r","type":["null","r"]}]}"#,
                Err("holds itself"),
            ),
            ("[", Err("not JSON")),
        ];
        for (text, expected) in cases {
            match (parse(text.as_bytes()), expected) {
                (Ok(found), Ok(wanted)) => assert_eq!(found, wanted, "{text}"),
                (Err(found), Err(wanted)) => assert!(found.contains(wanted), "{text}: {found}"),
                (found, _) => panic!("{text}: {found:?}"),
            }
        }
    }
}
