//! What was there before a dataset and is to be judged, as the request the handlers take.

use std::collections::BTreeMap;

use datalake_core::columns;
use datalake_core::requests::{BACKFILL_PER_SECOND, BACKFILL_PER_SECOND_MAXIMUM, Backfill};
use datalake_host::Val;
use tf_provider::AttributePath;

use super::super::model::{Dataset, Map};
use super::read::Reader;

/// The requests by dataset as far as they can be read; what is wrong goes to the reader.
pub(super) fn read(reader: &mut Reader, datasets: &Val<Map<Dataset>>) -> BTreeMap<String, Backfill> {
    let declared = datasets.known().into_iter().flatten();
    let known = declared.filter_map(|(name, dataset)| Some((name, dataset.known()?)));
    known.filter_map(|(name, dataset)| Some((name.clone(), one(reader, name, dataset)?))).collect()
}

fn one(reader: &mut Reader, name: &str, dataset: &Dataset) -> Option<Backfill> {
    let given = dataset.backfill.known()?;
    let at = |attribute: &'static str| {
        AttributePath::new("datasets").key(name.to_owned()).attribute("backfill").attribute(attribute)
    };
    let whole = dataset.prefix.known().cloned();
    let prefix = reader.optional(&given.prefix, at("prefix"), |prefix| match &whole {
        Some(whole) if !prefix.starts_with(whole) => Err(format!(
            "`{prefix}` does not begin with `{whole}`, the prefix under which the dataset's objects are"
        )),
        _ => Ok(()),
    });
    let since = reader.optional(&given.since, at("since"), |since| match columns::parse_timestamp(since) {
        Some(_) => Ok(()),
        None => Err(format!("`{since}` is not an RFC 3339 instant such as `2026-01-31T00:00:00Z`")),
    });
    let per_second =
        reader.number(&given.objects_per_second, at("objects_per_second"), 1..=BACKFILL_PER_SECOND_MAXIMUM);
    Some(Backfill {
        dataset: name.to_owned(),
        prefix,
        since,
        objects_per_second: Some(per_second.unwrap_or(BACKFILL_PER_SECOND)),
        ..Backfill::default()
    })
}
