//! Whole pages: front matter, description, example, schema, import.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use serde_json::Value;

use super::schema;

/// The provider's name.
const NAME: &str = "datalake";

/// The guide that a newcomer reads first.
const FIRST: &str = "getting-started.md";

/// A page that is written by hand, as its front matter tells of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Guide {
    /// File name in `docs/guides`.
    pub file: String,
    title: String,
    description: String,
}

impl Guide {
    /// From the text of its page; none where it has no front matter.
    #[must_use]
    pub fn read(file: &str, text: &str) -> Option<Self> {
        let title = text.lines().find_map(|line| line.strip_prefix("page_title: \"")?.strip_suffix('"'))?;
        let title = title.strip_suffix(" - datalake Provider").unwrap_or(title).to_owned();
        let (_, description) = text.split_once("description: |-\n")?;
        let lines = description.lines().take_while(|line| line.starts_with("  ")).map(str::trim);
        Some(Self { file: file.to_owned(), title, description: lines.collect::<Vec<_>>().join(" ") })
    }
}

/// Every generated page by its path under `docs/`.
#[must_use]
pub fn all(provider: &Value, examples: &Path, guides: &[Guide]) -> BTreeMap<String, String> {
    let mut pages = BTreeMap::new();
    if provider.is_null() {
        return pages;
    }
    pages.insert("index.md".to_owned(), index(&provider["provider"], examples, guides));
    for (schemas, folder, title) in [
        ("resource_schemas", "resources", "Resource"),
        ("data_source_schemas", "data-sources", "Data Source"),
    ] {
        for (name, schema) in provider[schemas].as_object().into_iter().flatten() {
            let short = name.strip_prefix("datalake_").unwrap_or(name);
            let example = examples.join(folder).join(name);
            pages.insert(format!("{folder}/{short}.md"), object(name, title, schema, &example, examples));
        }
    }
    for (name, function) in provider["functions"].as_object().into_iter().flatten() {
        let example = examples.join("functions").join(name);
        pages.insert(format!("functions/{name}.md"), self::function(name, function, &example));
    }
    pages
}

fn index(schema: &Value, examples: &Path, guides: &[Guide]) -> String {
    let description =
        described(&schema["block"], "Event-driven, quality-gated data lakes on AWS, from one resource.");
    let mut text = front_matter(&format!("{NAME} Provider"), &description);
    let _ = write!(text, "# {NAME} Provider\n\n{description}\n");
    example(&mut text, &[&examples.join("provider/provider.tf"), &examples.join("quickstart/main.tf")]);
    text += "\n## Guides\n\n";
    let (first, others): (Vec<&Guide>, Vec<&Guide>) = guides.iter().partition(|guide| guide.file == FIRST);
    for guide in first.into_iter().chain(others) {
        let _ = writeln!(text, "- [{}](guides/{}): {}", guide.title, guide.file, guide.description);
    }
    text + &schema::sections(&schema["block"])
}

fn object(name: &str, title: &str, schema: &Value, folder: &Path, examples: &Path) -> String {
    let description = described(&schema["block"], "");
    let mut text = front_matter(&format!("{name} {title} - {NAME}"), &description);
    let _ = write!(text, "# {name} ({title})\n\n{description}\n");
    let file = folder.join(if title == "Resource" { "resource.tf" } else { "data-source.tf" });
    example(&mut text, &[&file, &examples.join("quickstart/main.tf")]);
    text += &schema::sections(&schema["block"]);
    if let Ok(import) = fs::read_to_string(folder.join("import.sh")) {
        let _ = write!(text, "\n## Import\n\n```shell\n{}\n```\n", import.trim_end());
    } else if title == "Resource" {
        let _ =
            write!(text, "\n## Import\n\nBy name:\n\n```shell\nterraform import {name}.example NAME\n```\n");
    }
    text
}

fn function(name: &str, function: &Value, folder: &Path) -> String {
    let description = described(function, "");
    let mut text = front_matter(&format!("{name} function - {NAME}"), &description);
    let _ = write!(text, "# function: {name}\n\n{description}\n");
    example(&mut text, &[&folder.join("function.tf")]);
    let parameters = function["parameters"].as_array().into_iter().flatten();
    let parameters: Vec<&Value> = parameters.chain(function.get("variadic_parameter")).collect();
    let word =
        |parameter: &Value| format!("{} {}", plain(parameter, "name"), schema::type_word(&parameter["type"]));
    let signature: Vec<String> = parameters.iter().map(|parameter| word(parameter)).collect();
    let returned = schema::type_word(&function["return_type"]);
    let _ = write!(text, "\n## Signature\n\n```text\n{name}({}) {returned}\n```\n", signature.join(", "));
    if !parameters.is_empty() {
        text += "\n## Arguments\n\n";
    }
    for parameter in parameters {
        let _ = writeln!(
            text,
            "- `{}` ({}) {}",
            plain(parameter, "name"),
            schema::type_word(&parameter["type"]),
            described(parameter, "")
        );
    }
    text
}

fn front_matter(title: &str, description: &str) -> String {
    let first = description.split("\n\n").next().unwrap_or_default().replace('\n', "\n  ");
    format!("---\npage_title: \"{title}\"\nsubcategory: \"\"\ndescription: |-\n  {first}\n---\n\n")
}

/// The first of the files that exists.
fn example(text: &mut String, files: &[&Path]) {
    if let Some(hcl) = files.iter().find_map(|file| fs::read_to_string(file).ok()) {
        let _ = write!(text, "\n## Example Usage\n\n```terraform\n{}\n```\n", hcl.trim_end());
    }
}

fn described(value: &Value, otherwise: &str) -> String {
    let text = plain(value, "description");
    if text.is_empty() { otherwise.to_owned() } else { text.trim().to_owned() }
}

fn plain<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn pages_of_a_small_provider() {
        let block =
            json!({"description": "One lake.", "attributes": {"name": {"type": "string", "required": true}}});
        let provider = json!({
            "provider": {"block": {}},
            "resource_schemas": {"datalake_pipeline": {"block": block}},
            "functions": {"parse": {"description": "Parses.", "return_type": "bool", "parameters": [{"name": "text", "type": "string"}]}},
        });
        let front = |title: &str| {
            format!(
                "---\npage_title: \"{title} - datalake Provider\"\ndescription: |-\n  Of\n  {title}.\n---\n\n# {title}\n"
            )
        };
        let guides = [("cost.md", "Cost"), (FIRST, "Beginning")];
        let guides = guides.map(|(file, title)| Guide::read(file, &front(title)).unwrap());
        assert_eq!(Guide::read("notes.md", "# Notes\n"), None);
        let pages = all(&provider, Path::new("no such folder"), &guides);
        let names: Vec<&str> = pages.keys().map(String::as_str).collect();
        assert_eq!(names, ["functions/parse.md", "index.md", "resources/pipeline.md"]);
        let page = &pages["resources/pipeline.md"];
        for part in [
            "page_title: \"datalake_pipeline Resource - datalake\"",
            "  One lake.",
            "### Required",
            "## Import",
        ] {
            assert!(page.contains(part), "{page}");
        }
        let listed =
            "- [Beginning](guides/getting-started.md): Of Beginning.\n- [Cost](guides/cost.md): Of Cost.\n";
        assert!(pages["index.md"].contains(listed), "{}", pages["index.md"]);
        assert!(pages["functions/parse.md"].contains("parse(text String) Boolean"));
    }
}
