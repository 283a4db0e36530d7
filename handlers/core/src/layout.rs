//! Where things lie in the buckets: one place for every key and prefix.

/// Folder of accepted rows in the processed bucket.
pub const VALIDATED: &str = "validated/";
/// Folder of transformed rows in the processed bucket.
pub const CURATED: &str = "curated/";
/// Folder of refused rows and objects in the quarantine bucket.
pub const QUARANTINE: &str = "quarantine/";
/// Folder of the project's own documents in the processed bucket; query engines skip names that begin with `_`.
pub const INTERNAL: &str = "_datalake/";
/// Folder of lists of an object's accepted files in the processed bucket, for lists that are too long for an item.
pub const FILE_LISTS: &str = "_datalake/files/";
/// Folder of marks of accepted files, by which rules about their uniqueness find them, in the processed bucket.
pub const DIGESTS: &str = "_datalake/files/digests/";
/// Folder of what unfinished passes leave to those that go on, in the processed bucket.
pub const CHECKPOINTS: &str = "_datalake/checkpoints/";
/// Folder of the answers to queries in the processed bucket.
pub const QUERY_RESULTS: &str = "_athena/";
/// The dataset name under which objects are filed that belong to no dataset.
pub const NO_DATASET: &str = "_unknown";
/// The partition folder value of rows without a value, as Hive names it.
pub const NULL_PARTITION: &str = "__HIVE_DEFAULT_PARTITION__";

/// Begin of the keys of everything that one attempt at a segment of a pass leaves: `_datalake/checkpoints/<process id>/…`.
#[must_use]
pub fn checkpoint_prefix(process_id: &str, segment: u32, attempt: &str) -> String {
    format!("{CHECKPOINTS}{process_id}/{segment:05}-{attempt}")
}

/// Prefix of a dataset's accepted rows: `validated/<dataset>/`.
#[must_use]
pub fn validated_prefix(dataset: &str) -> String {
    format!("{VALIDATED}{dataset}/")
}

/// Key of one Parquet file: `<prefix><partitions><process id>-<number>.parquet`.
///
/// `prefix` is [`validated_prefix`] or [`curated_prefix`]; `partitions` is empty or ends in `/`, e.g.
/// `country=DE/day=2026-01-31/`.
#[must_use]
pub fn parquet_key(prefix: &str, partitions: &str, process_id: &str, number: usize) -> String {
    format!("{prefix}{partitions}{process_id}-{number:05}.parquet")
}

/// The partition values in a key made by [`parquet_key`], in their order; none for rows without a value.
///
/// # Errors
/// What is wrong, when it is no such key.
pub fn partition_values(prefix: &str, key: &str) -> Result<Vec<Option<String>>, String> {
    let rest = key.strip_prefix(prefix).ok_or_else(|| format!("the key does not begin with `{prefix}`"))?;
    let folders = rest.rsplit_once('/').map_or("", |(folders, _)| folders);
    let folders = folders.split('/').filter(|folder| !folder.is_empty());
    folders
        .map(|folder| {
            let (_, value) = folder.split_once('=').ok_or("a folder of the key is no partition")?;
            if value == NULL_PARTITION {
                return Ok(None);
            }
            unescape(value)
                .map(Some)
                .ok_or_else(|| "a folder of the key is not escaped as Hive does".to_owned())
        })
        .collect()
}

/// The text that [`partition_folder`] escaped.
fn unescape(value: &str) -> Option<String> {
    let (mut text, mut rest) = (String::with_capacity(value.len()), value);
    while let Some((plain, escaped)) = rest.split_once('%') {
        text.push_str(plain);
        let code = u32::from_str_radix(escaped.get(..2)?, 16).ok()?;
        text.push(char::from_u32(code)?);
        rest = &escaped[2..];
    }
    text.push_str(rest);
    Some(text)
}

/// Prefix of a dataset's transformed rows: `curated/<dataset>/`.
#[must_use]
pub fn curated_prefix(dataset: &str) -> String {
    format!("{CURATED}{dataset}/")
}

/// Key of the rows of one object that could not be transformed: `quarantine/<dataset>/transform/<process id>.ndjson`.
#[must_use]
pub fn untransformed_rows_key(dataset: &str, process_id: &str) -> String {
    format!("{QUARANTINE}{dataset}/transform/{process_id}.ndjson")
}

/// Key of the refused rows of one object: `quarantine/<dataset>/rows/<process id>.ndjson`.
#[must_use]
pub fn quarantined_rows_key(dataset: &str, process_id: &str) -> String {
    format!("{QUARANTINE}{dataset}/rows/{process_id}.ndjson")
}

/// The same for the part of an object after so many quarantine files: of an object that was judged in one pass there is
/// one file, and its number is 0.
#[must_use]
pub fn quarantined_rows_part_key(dataset: &str, process_id: &str, number: usize) -> String {
    match number {
        0 => quarantined_rows_key(dataset, process_id),
        number => format!("{QUARANTINE}{dataset}/rows/{process_id}-{number:05}.ndjson"),
    }
}

/// Key of a refused object's unchanged copy: `quarantine/<dataset>/objects/<process id>/<file name>`.
///
/// The file name is the part of the original key after the last slash (`object` when that is empty), cut so that the
/// whole key stays within S3's 1,024 bytes.
#[must_use]
pub fn quarantined_object_key(dataset: &str, process_id: &str, key: &str) -> String {
    let name = key.rsplit('/').next().filter(|name| !name.is_empty()).unwrap_or("object");
    let folder = format!("{QUARANTINE}{dataset}/objects/{process_id}/");
    let room = 1024usize.saturating_sub(folder.len());
    let start = name.len().saturating_sub(room);
    let start = (start..=name.len()).find(|at| name.is_char_boundary(*at)).unwrap_or(name.len());
    format!("{folder}{}", &name[start..])
}

/// Key of the reasons beside a refused object: `quarantine/<dataset>/objects/<process id>.reason.json`.
#[must_use]
pub fn quarantine_reason_key(dataset: &str, process_id: &str) -> String {
    format!("{QUARANTINE}{dataset}/objects/{process_id}.reason.json")
}

/// Prefixes under which everything lies that the verdict `process_id` put into quarantine.
#[must_use]
pub fn quarantined_by(dataset: &str, process_id: &str) -> [String; 2] {
    ["objects", "rows"].map(|folder| format!("{QUARANTINE}{dataset}/{folder}/{process_id}"))
}

/// The process id of the verdict that put this key into the dataset's quarantine; none when no verdict did.
#[must_use]
pub fn quarantining_process<'k>(dataset: &str, key: &'k str) -> Option<&'k str> {
    const DIGITS: usize = 32;
    let path = key.strip_prefix(QUARANTINE)?.strip_prefix(dataset)?;
    let name = path.strip_prefix("/objects/").or_else(|| path.strip_prefix("/rows/"))?;
    let id = name.get(..DIGITS)?;
    id.bytes().all(|byte| byte.is_ascii_hexdigit()).then_some(id)
}

/// The partition folder of one column: `column=value/`, the value escaped as Hive does (percent signs, slashes,
/// control characters and the like as `%XX`).
#[must_use]
pub fn partition_folder(column: &str, value: Option<&str>) -> String {
    let Some(value) = value.filter(|value| !value.is_empty()) else {
        return format!("{column}={NULL_PARTITION}/");
    };
    let mut escaped = String::with_capacity(value.len());
    for character in value.chars() {
        match character {
            '\u{0}'..='\u{1f}'
            | '\u{7f}'
            | '"'
            | '#'
            | '%'
            | '\''
            | '*'
            | '/'
            | ':'
            | '='
            | '?'
            | '\\'
            | '{'
            | '['
            | ']'
            | '^' => escaped.push_str(&format!("%{:02X}", character as u32)),
            other => escaped.push(other),
        }
    }
    format!("{column}={escaped}/")
}

/// What [`partition_folder`] wrote of a column into a key; none when the key has no such folder, and none within when there
/// was no value.
#[must_use]
pub fn partition_value(key: &str, column: &str) -> Option<Option<String>> {
    let folder = key.split('/').find_map(|part| part.split_once('=').filter(|(name, _)| *name == column));
    let (_, escaped) = folder?;
    if escaped == NULL_PARTITION {
        return Some(None);
    }
    Some(unescape(escaped))
}

/// The catalogue name of a column: Glue and Athena take no dots, so `data.temperature` is `data_temperature`.
#[must_use]
pub fn catalog_column(column: &str) -> String {
    column.replace('.', "_").to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys() {
        let cases = [
            (
                parquet_key(&validated_prefix("readings"), "day=2026-01-31/", "ab", 7),
                "validated/readings/day=2026-01-31/ab-00007.parquet",
            ),
            (quarantined_rows_key("readings", "ab"), "quarantine/readings/rows/ab.ndjson"),
            (quarantined_object_key("r", "ab", "input/r/a b+c.json"), "quarantine/r/objects/ab/a b+c.json"),
            (quarantined_object_key("r", "ab", "input/r/"), "quarantine/r/objects/ab/object"),
            (partition_folder("c", Some("a/b=c%")), "c=a%2Fb%3Dc%25/"),
            (partition_folder("c", None), "c=__HIVE_DEFAULT_PARTITION__/"),
            (partition_folder("c", Some("")), "c=__HIVE_DEFAULT_PARTITION__/"),
        ];
        for (actual, expected) in cases {
            assert_eq!(actual, expected);
        }
    }

    #[test]
    fn a_folder_says_what_was_written() {
        for value in [Some("a/b=c%"), Some("é %41"), Some("2026-01-31"), None] {
            let key = parquet_key(
                &validated_prefix("r"),
                &format!("x=1/{}", partition_folder("c", value)),
                "ab",
                0,
            );
            assert_eq!(partition_value(&key, "c"), Some(value.map(str::to_owned)), "{key}");
            assert_eq!(partition_value(&key, "d"), None);
        }
    }

    #[test]
    fn partition_values_come_back_from_a_key() {
        let values = [Some("a/b=c%"), None, Some("größe 日本"), Some("x{y}^'\"")];
        let folders: String = values.iter().map(|value| partition_folder("c", *value)).collect();
        let key = parquet_key(&curated_prefix("readings"), &folders, "ab", 0);
        let found = partition_values(&curated_prefix("readings"), &key).unwrap();
        assert_eq!(found, values.map(|value| value.map(str::to_owned)));
        assert_eq!(partition_values("validated/r/", "validated/r/ab-0.parquet"), Ok(Vec::new()));
        for key in ["curated/r/ab.parquet", "validated/r/x/ab.parquet", "validated/r/a=%zz/ab.parquet"] {
            assert!(partition_values("validated/r/", key).is_err(), "{key}");
        }
    }

    #[test]
    fn what_is_in_quarantine_names_its_verdict() {
        let id = "0123456789abcdef0123456789abcdef";
        let keys = [
            quarantined_rows_key("r", id),
            quarantined_rows_part_key("r", id, 7),
            quarantined_object_key("r", id, "input/r/a.json"),
            quarantine_reason_key("r", id),
        ];
        for key in keys {
            assert_eq!(quarantining_process("r", &key), Some(id), "{key}");
            assert!(quarantined_by("r", id).iter().any(|prefix| key.starts_with(prefix)), "{key}");
        }
        let others =
            ["quarantine/r2/rows/", "quarantine/r/messages/", "quarantine/r/rows/é", "validated/r/rows/"];
        for key in others.map(|folder| format!("{folder}{id}")) {
            assert_eq!(quarantining_process("r", &key), None, "{key}");
        }
    }

    #[test]
    fn a_long_name_keeps_its_end_and_fits() {
        let key =
            quarantined_object_key("readings", &"a".repeat(32), &format!("input/{}.json", "é".repeat(600)));
        assert!(key.len() <= 1024, "{}", key.len());
        assert!(key.ends_with(".json"));
    }
}
