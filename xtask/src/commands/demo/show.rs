//! What the demo prints about data: objects, refused rows, metrics, the answer of the query.

use serde_json::Value;

use crate::commands::example;
use crate::story::{RefusedRow, Story};
use crate::table::{number, render};

/// The refused rows of one object.
#[derive(Debug)]
pub struct Refused {
    key: String,
    rows: Vec<RefusedRow>,
}

impl Refused {
    /// From the object's key and the document in the quarantine bucket.
    #[must_use]
    pub fn new(key: &str, ndjson: &str) -> Self {
        Self { key: key.to_owned(), rows: RefusedRow::from_ndjson(ndjson) }
    }
}

/// One line per object.
pub fn objects(stories: &[Story]) {
    let rows: Vec<Vec<String>> = stories.iter().map(object).collect();
    println!(
        "\n{}",
        render(&["object", "dataset", "good", "quarantined", "score", "verdict", "went to"], &rows)
    );
}

fn object(story: &Story) -> Vec<String> {
    let score = story.score().map_or_else(|| "-".to_owned(), number);
    let rows = |kind: &str| story.rows(kind).to_string();
    let (key, dataset, status) = (story.key(), story.text("dataset"), story.status());
    let texts = [key, dataset, &rows("good"), &rows("quarantined"), &score, status, &story.destinations()];
    texts.map(str::to_owned).to_vec()
}

/// Every refused row with its reasons.
pub fn refused_rows(refused: &[Refused]) {
    let rows: Vec<Vec<String>> = refused.iter().flat_map(reasons).collect();
    println!("\n{}", render(&["quarantined row of", "line", "column", "rule", "reason"], &rows));
}

fn reasons(refused: &Refused) -> Vec<Vec<String>> {
    let one = |row: &RefusedRow| {
        let line = |[rule, column, message]: &[String; 3]| {
            [&refused.key, &row.line.to_string(), column, rule, message].map(String::clone).to_vec()
        };
        row.reasons.iter().map(line).collect::<Vec<_>>()
    };
    refused.rows.iter().flat_map(one).collect()
}

/// The pipeline's metrics.
pub fn metrics(points: &[Value]) {
    let rows: Vec<Vec<String>> = points.iter().map(metric).collect();
    println!("\n{}", render(&["metric", "dimensions", "points", "average", "sum"], &rows));
}

/// How many values a metric of the whole pipeline was given.
#[must_use]
pub fn samples(points: &[Value], metric: &str) -> f64 {
    let whole = |point: &&Value| {
        point["metric"] == metric
            && point["dimensions"].as_object().is_some_and(|dimensions| dimensions.len() == 1)
    };
    points.iter().filter(whole).filter_map(|point| point["count"].as_f64()).sum()
}

fn metric(point: &Value) -> Vec<String> {
    let dimensions = point["dimensions"].as_object().into_iter().flatten();
    let dimensions = dimensions.map(|(name, value)| format!("{name}={}", value.as_str().unwrap_or_default()));
    let value = |name: &str| point[name].as_f64().map_or_else(|| "-".to_owned(), number);
    let name = point["metric"].as_str().unwrap_or_default().to_owned();
    vec![name, dimensions.collect::<Vec<_>>().join(" "), value("count"), value("average"), value("sum")]
}

/// The answer of the query.
pub fn answer(sql: &str, rows: &[Value]) {
    let cell = |cell: &Value| cell.as_str().map_or_else(|| cell.to_string(), str::to_owned);
    let row = |row: &Value| example::COLUMNS.iter().map(|column| cell(&row[*column])).collect();
    let rows: Vec<Vec<String>> = rows.iter().map(row).collect();
    println!("\n  {sql}\n\n{}", render(&example::COLUMNS, &rows));
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn samples_of_the_whole_pipeline() {
        let point = |dimensions: Value| json!({"metric": "m", "dimensions": dimensions, "count": 2.0});
        let points = [point(json!({"Pipeline": "p"})), point(json!({"Pipeline": "p", "Dataset": "d"}))];
        assert_eq!(samples(&points, "m"), 2.0);
        assert_eq!(samples(&points, "other"), 0.0);
    }

    #[test]
    fn a_metric_is_one_line() {
        let point = json!({"metric": "m", "dimensions": {"Pipeline": "p"}, "count": 2.0, "average": 83.333, "sum": 166.7});
        assert_eq!(metric(&point), ["m", "Pipeline=p", "2", "83.33", "166.7"]);
    }
}
