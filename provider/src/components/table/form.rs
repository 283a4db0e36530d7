//! A table's parts in AWS's form and in ours.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_dynamodb::types::{
    AttributeDefinition, GlobalSecondaryIndex, IndexStatus, KeySchemaElement, KeyType, Projection,
    ProjectionType, ScalarAttributeType, SseDescription, SseSpecification, SseStatus, SseType,
    StreamSpecification, StreamViewType, TableDescription, TableStatus, Tag, TimeToLiveDescription,
};

use super::{Table, expires};
use crate::aws::AwsError;
use crate::aws::tags::Tags;

impl Table {
    /// Every attribute that is in a key.
    pub(super) fn attributes(&self) -> Result<Vec<AttributeDefinition>, AwsError> {
        let pairs = std::iter::once(&self.keys).chain(self.indexes.values());
        let names: BTreeSet<&String> = pairs.flat_map(|(hash, range)| [hash, range]).collect();
        let names = names.into_iter().filter(|name| !name.is_empty());
        names
            .map(|name| {
                let attribute = AttributeDefinition::builder().attribute_name(name);
                Ok(attribute.attribute_type(ScalarAttributeType::S).build()?)
            })
            .collect()
    }

    /// The indexes; an empty list is refused, so none is none.
    pub(super) fn index_definitions(&self) -> Result<Option<Vec<GlobalSecondaryIndex>>, AwsError> {
        let list: Result<Vec<_>, AwsError> = self
            .indexes
            .iter()
            .map(|(name, keys)| {
                let index = GlobalSecondaryIndex::builder().index_name(name).projection(everything());
                Ok(index.set_key_schema(Some(key_schema(keys)?)).build()?)
            })
            .collect();
        Ok(Some(list?).filter(|list| !list.is_empty()))
    }
}

/// All attributes projected.
pub(super) fn everything() -> Projection {
    Projection::builder().projection_type(ProjectionType::All).build()
}

/// Hash and range key, the latter if there is one.
pub(super) fn key_schema((hash, range): &(String, String)) -> Result<Vec<KeySchemaElement>, AwsError> {
    let element = |name: &String, role: KeyType| -> Result<_, AwsError> {
        Ok(KeySchemaElement::builder().attribute_name(name).key_type(role).build()?)
    };
    let mut schema = vec![element(hash, KeyType::Hash)?];
    if !range.is_empty() {
        schema.push(element(range, KeyType::Range)?);
    }
    Ok(schema)
}

/// The stream; none for an empty view.
pub(super) fn stream(view: &str) -> Result<Option<StreamSpecification>, AwsError> {
    if view.is_empty() {
        return Ok(None);
    }
    let stream =
        StreamSpecification::builder().stream_enabled(true).stream_view_type(StreamViewType::from(view));
    Ok(Some(stream.build()?))
}

/// Encryption with the user's key, or back to DynamoDB's own.
pub(super) fn encryption(key: Option<&str>) -> SseSpecification {
    let encryption = SseSpecification::builder().enabled(key.is_some());
    match key {
        Some(key) => encryption.sse_type(SseType::Kms).kms_master_key_id(key).build(),
        None => encryption.build(),
    }
}

pub(super) fn tag_list(tags: &Tags) -> Result<Vec<Tag>, AwsError> {
    tags.iter().map(|(key, value)| Ok(Tag::builder().key(key).value(value).build()?)).collect()
}

/// Hash and range key. One that is no text shows its type, so that it is not taken for the one wanted.
pub(super) fn keys(schema: &[KeySchemaElement], attributes: &[AttributeDefinition]) -> (String, String) {
    let key = |role: KeyType| {
        let name =
            schema.iter().find(|element| element.key_type == role).map(|element| &element.attribute_name);
        let Some(name) = name else { return String::new() };
        let attribute = attributes.iter().find(|attribute| attribute.attribute_name == *name);
        match attribute.map(|attribute| &attribute.attribute_type) {
            Some(ScalarAttributeType::S) | None => name.clone(),
            Some(other) => format!("{name}:{other}"),
        }
    };
    (key(KeyType::Hash), key(KeyType::Range))
}

/// The indexes that are there or being made. One that projects less shows it.
pub(super) fn indexes(table: &TableDescription) -> BTreeMap<String, (String, String)> {
    let live = table.global_secondary_indexes().iter();
    let live = live.filter(|index| index.index_status != Some(IndexStatus::Deleting));
    live.map(|index| {
        let (hash, mut range) = keys(index.key_schema(), table.attribute_definitions());
        let projected = index.projection().and_then(Projection::projection_type);
        if let Some(part) = projected.filter(|part| **part != ProjectionType::All) {
            range = format!("{range} ({part})");
        }
        (index.index_name.clone().unwrap_or_default(), (hash, range))
    })
    .collect()
}

pub(super) fn kms_key(found: Option<&SseDescription>) -> Option<String> {
    let off = [Some(SseStatus::Disabled), Some(SseStatus::Disabling)];
    let found = found.filter(|found| !off.contains(&found.status))?;
    Some(found.kms_master_key_arn().unwrap_or("alias/aws/dynamodb").to_owned())
}

pub(super) fn stream_view(found: Option<&StreamSpecification>) -> String {
    let view = found.filter(|found| found.stream_enabled).and_then(StreamSpecification::stream_view_type);
    view.map(|view| view.as_str().to_owned()).unwrap_or_default()
}

pub(super) fn ttl_attribute(found: Option<TimeToLiveDescription>) -> String {
    found.filter(expires).and_then(|found| found.attribute_name).unwrap_or_default()
}

/// Whether the table takes changes: it and all its indexes are active.
pub(super) fn is_active(table: &TableDescription) -> bool {
    let indexes = table.global_secondary_indexes();
    table.table_status == Some(TableStatus::Active)
        && indexes
            .iter()
            .all(|index| index.index_status.as_ref().is_none_or(|status| *status == IndexStatus::Active))
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_dynamodb::types::{GlobalSecondaryIndexDescription, TimeToLiveStatus};

    fn pair(hash: &str, range: &str) -> (String, String) {
        (hash.to_owned(), range.to_owned())
    }

    #[test]
    fn keys_read_as_they_were_written() {
        for keys_wanted in [pair("a", "b"), pair("a", "")] {
            assert_eq!(keys(&key_schema(&keys_wanted).unwrap(), &[]), keys_wanted);
        }
        let number =
            AttributeDefinition::builder().attribute_name("b").attribute_type(ScalarAttributeType::N);
        let schema = key_schema(&pair("a", "b")).unwrap();
        assert_eq!(keys(&schema, &[number.build().unwrap()]), pair("a", "b:N"));
    }

    #[test]
    fn indexes_that_go_are_gone_and_narrow_ones_show() {
        let index = |name: &str, status: IndexStatus, part: ProjectionType| {
            GlobalSecondaryIndexDescription::builder()
                .index_name(name)
                .set_key_schema(Some(key_schema(&pair("a", "b")).unwrap()))
                .projection(Projection::builder().projection_type(part).build())
                .index_status(status)
                .build()
        };
        let table = TableDescription::builder()
            .table_status(TableStatus::Active)
            .global_secondary_indexes(index("goes", IndexStatus::Deleting, ProjectionType::All))
            .global_secondary_indexes(index("is", IndexStatus::Active, ProjectionType::All))
            .global_secondary_indexes(index("narrow", IndexStatus::Active, ProjectionType::KeysOnly))
            .build();
        let expected = [("is", pair("a", "b")), ("narrow", pair("a", "b (KEYS_ONLY)"))];
        assert_eq!(indexes(&table), expected.map(|(name, keys)| (name.to_owned(), keys)).into());
        assert!(!is_active(&table));
    }

    #[test]
    fn what_is_off_reads_as_nothing() {
        assert_eq!(kms_key(None), None);
        let disabled = SseDescription::builder().status(SseStatus::Disabled).kms_master_key_arn("k").build();
        assert_eq!(kms_key(Some(&disabled)), None);
        let enabled = SseDescription::builder().status(SseStatus::Enabled).kms_master_key_arn("k").build();
        assert_eq!(kms_key(Some(&enabled)).as_deref(), Some("k"));
        let off = StreamSpecification::builder().stream_enabled(false).build().unwrap();
        assert_eq!(stream_view(Some(&off)), "");
        assert_eq!(stream_view(stream("NEW_IMAGE").unwrap().as_ref()), "NEW_IMAGE");
        let ttl = |status: TimeToLiveStatus| {
            ttl_attribute(Some(
                TimeToLiveDescription::builder().time_to_live_status(status).attribute_name("x").build(),
            ))
        };
        assert_eq!(ttl(TimeToLiveStatus::Enabling), "x");
        assert_eq!(ttl(TimeToLiveStatus::Disabling), "");
    }
}
