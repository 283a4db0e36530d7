//! Update expressions without their names and values mixed up: half of our attribute names are reserved words.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;

use super::attributes::Attributes;

/// An update expression with a condition.
#[derive(Debug, Default)]
pub struct Change {
    set: Vec<String>,
    add: Vec<String>,
    remove: Vec<String>,
    condition: Vec<String>,
    /// Placeholders of names.
    pub names: HashMap<String, String>,
    /// Placeholders of values.
    pub values: HashMap<String, AttributeValue>,
}

impl Change {
    /// Sets an attribute.
    pub fn set(mut self, name: &str, value: AttributeValue) -> Self {
        let (name, value) = (self.name(name), self.value(value));
        self.set.push(format!("{name} = {value}"));
        self
    }

    /// Sets several attributes.
    pub fn set_all(self, attributes: Attributes) -> Self {
        attributes.into_iter().fold(self, |change, (name, value)| change.set(&name, value))
    }

    /// Sets an attribute that is not there yet.
    pub fn set_new(mut self, name: &str, value: AttributeValue) -> Self {
        let (name, value) = (self.name(name), self.value(value));
        self.set.push(format!("{name} = if_not_exists({name}, {value})"));
        self
    }

    /// Adds to a number, which begins at 0.
    pub fn add(mut self, name: &str, number: impl ToString) -> Self {
        let (name, value) = (self.name(name), self.value(n(number)));
        self.add.push(format!("{name} {value}"));
        self
    }

    /// Removes an attribute.
    pub fn remove(mut self, name: &str) -> Self {
        let name = self.name(name);
        self.remove.push(name);
        self
    }

    /// Adds a condition that must hold as well: `template` with `{0}` for the name's placeholder and `{1}` for the
    /// value's.
    pub fn only_if(mut self, template: &str, name: &str, value: Option<AttributeValue>) -> Self {
        let name = self.name(name);
        let value = value.map(|value| self.value(value)).unwrap_or_default();
        self.condition.push(template.replace("{0}", &name).replace("{1}", &value));
        self
    }

    /// A placeholder for a name.
    pub fn name(&mut self, name: &str) -> String {
        let placeholder = format!("#{name}");
        self.names.insert(placeholder.clone(), name.to_owned());
        placeholder
    }

    /// A placeholder for a value.
    pub fn value(&mut self, value: AttributeValue) -> String {
        let placeholder = format!(":v{}", self.values.len());
        self.values.insert(placeholder.clone(), value);
        placeholder
    }

    /// The update expression.
    pub fn update(&self) -> String {
        let clauses = [("SET", &self.set), ("ADD", &self.add), ("REMOVE", &self.remove)];
        let clauses = clauses.iter().filter(|(_, parts)| !parts.is_empty());
        clauses.map(|(word, parts)| format!("{word} {}", parts.join(", "))).collect::<Vec<_>>().join(" ")
    }

    /// The condition expression, if there is a condition.
    pub fn condition(&self) -> Option<String> {
        (!self.condition.is_empty()).then(|| self.condition.join(" AND "))
    }
}

/// A number.
pub fn n(number: impl ToString) -> AttributeValue {
    AttributeValue::N(number.to_string())
}

/// A text.
pub fn s(text: &str) -> AttributeValue {
    AttributeValue::S(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expressions() {
        let change = Change::default()
            .set("Status", s("RECEIVED"))
            .add("rows", 7)
            .remove("claimedBy")
            .only_if("{0} = {1}", "claimedBy", Some(s("me")))
            .only_if("attribute_exists({0})", "ProcessId", None);
        assert_eq!(change.update(), "SET #Status = :v0 ADD #rows :v1 REMOVE #claimedBy");
        assert_eq!(change.condition().as_deref(), Some("#claimedBy = :v2 AND attribute_exists(#ProcessId)"));
        assert_eq!(change.values[":v1"], n("7"));
        assert_eq!(change.names.len(), 4);
    }
}
