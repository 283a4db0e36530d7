//! A sample of CSV as RFC 4180 has it, with a header line.

use super::Seen;
use super::kind::Shape;

/// The columns of a sample.
pub fn read(sample: &str) -> Result<Seen, String> {
    let first = sample.lines().next().unwrap_or_default();
    let delimiter = if first.contains('\t') { '\t' } else { ',' };
    let mut records = records(sample, delimiter)?.into_iter();
    let header = records.next().unwrap_or_default();
    let mut columns: Vec<_> = header.iter().map(|name| (name, super::Kind::default())).collect();
    let mut rows = 0;
    for record in records {
        rows += 1;
        if record.len() != columns.len() {
            let (found, wanted) = (record.len(), columns.len());
            return Err(format!("row {rows} of the sample has {found} fields and the header has {wanted}"));
        }
        for ((_, kind), field) in columns.iter_mut().zip(&record).filter(|(_, field)| !field.is_empty()) {
            kind.add(Shape::of_field(field), false);
        }
    }
    let mut seen = Seen::new();
    for (name, kind) in columns {
        if seen.insert(name.clone(), kind.among(rows)).is_some() {
            return Err(format!("the header names `{name}` twice"));
        }
    }
    Ok(seen)
}

/// The fields of each record; lines without a character are none.
fn records(sample: &str, delimiter: char) -> Result<Vec<Vec<String>>, String> {
    let mut records = Vec::new();
    let (mut record, mut field) = (Vec::new(), String::new());
    let (mut within, mut quoted) = (false, false);
    let mut characters = sample.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '"' if within && characters.peek() == Some(&'"') => {
                characters.next();
                field.push('"');
            }
            '"' if within => within = false,
            '"' if field.is_empty() && !quoted => (within, quoted) = (true, true),
            _ if within => field.push(character),
            '\r' if characters.peek() == Some(&'\n') => {}
            '\n' => {
                end(&mut records, &mut record, &mut field, quoted);
                quoted = false;
            }
            _ if character == delimiter => {
                record.push(std::mem::take(&mut field));
                quoted = false;
            }
            _ => field.push(character),
        }
    }
    if within {
        return Err("a quoted field of the sample does not end".to_owned());
    }
    end(&mut records, &mut record, &mut field, quoted);
    Ok(records)
}

fn end(records: &mut Vec<Vec<String>>, record: &mut Vec<String>, field: &mut String, quoted: bool) {
    if record.is_empty() && field.is_empty() && !quoted {
        return;
    }
    record.push(std::mem::take(field));
    records.push(std::mem::take(record));
}
