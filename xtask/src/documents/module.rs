//! The tables in a module's README, from its `.tf` files: requirements, resources, inputs, outputs.
//!
//! The files are as `terraform fmt` writes them, so a block begins and ends at the left edge and its arguments are two
//! spaces in: that is all that is understood of HCL here.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use crate::ensure;
use crate::error::{Context, Result};
use crate::files::read;

/// Where the tables begin and end in a README.
const MARKS: (&str, &str) = ("<!-- BEGIN_TF_DOCS -->\n", "<!-- END_TF_DOCS -->\n");

/// What ends the first line of a value of several, and what begins its last.
const OPENING: [char; 3] = ['(', '{', '['];
const CLOSING: [char; 3] = [')', '}', ']'];

/// A block at the left edge: `variable "name" {`.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Block {
    kind: String,
    labels: Vec<String>,
    /// Arguments with what stands behind `=`, moved to the left edge when it has several lines.
    arguments: BTreeMap<String, String>,
}

/// A module's README with the tables that its files have now.
///
/// # Errors
/// When a file cannot be read or the README has no marks.
pub fn readme(folder: &Path) -> Result<String> {
    let file = folder.join("README.md");
    let text = read(&file)?;
    let parts =
        text.split_once(MARKS.0).and_then(|(before, rest)| Some((before, rest.split_once(MARKS.1)?.1)));
    ensure!(parts.is_some(), "{} has no lines {} and {}", file.display(), MARKS.0.trim(), MARKS.1.trim());
    let (before, after) = parts.unwrap_or_default();
    Ok(format!("{before}{}\n{}{}{after}", MARKS.0, tables(&blocks_of(folder)?), MARKS.1))
}

fn blocks_of(folder: &Path) -> Result<Vec<Block>> {
    let what = || format!("{} cannot be listed", folder.display());
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).context(what)? {
        files.push(entry.context(what)?.path());
    }
    files.sort();
    let mut found = Vec::new();
    for file in files.iter().filter(|file| file.extension().is_some_and(|ending| ending == "tf")) {
        let text = read(file)?;
        found.extend(blocks(&text));
    }
    Ok(found)
}

fn blocks(text: &str) -> Vec<Block> {
    let mut found: Vec<Block> = Vec::new();
    let mut inside: Option<String> = None;
    for line in text.lines() {
        if (line.ends_with('{') || line.ends_with("{}"))
            && line.starts_with(|char: char| char.is_ascii_lowercase())
        {
            let mut words = line
                .trim_end_matches('}')
                .trim_end_matches(" {")
                .split(' ')
                .map(|word| word.trim_matches('"').to_owned());
            let kind = words.next().unwrap_or_default();
            found.push(Block { kind, labels: words.collect(), arguments: BTreeMap::new() });
            inside = None;
            continue;
        }
        let Some(block) = found.last_mut() else { continue };
        let inner = line.strip_prefix("  ").unwrap_or(line);
        match inside.take() {
            Some(name) => {
                let value = block.arguments.entry(name.clone()).or_default();
                if !line.is_empty() {
                    let _ = write!(value, "\n{inner}");
                }
                let ends = inner.starts_with(CLOSING) && line.starts_with("  ");
                inside = (!ends && !line.starts_with('}')).then_some(name);
            }
            None if inner.starts_with(|char: char| char.is_ascii_lowercase()) && line.starts_with("  ") => {
                // `name = value`, or the block `name {`.
                let (name, value) =
                    inner.split_once('=').or_else(|| inner.split_once(' ')).unwrap_or((inner, ""));
                block.arguments.insert(name.trim().to_owned(), value.trim().to_owned());
                inside = value.ends_with(OPENING).then(|| name.trim().to_owned());
            }
            None => {}
        }
    }
    found
}

fn tables(blocks: &[Block]) -> String {
    let mut text = "## Requirements\n\n| Name | Version |\n|---|---|\n".to_owned();
    for block in blocks.iter().filter(|block| block.kind == "terraform") {
        requirements(&mut text, block);
    }
    text += "\n## Resources and modules\n\n";
    made(&mut text, blocks);
    let of = |kind: &str| blocks.iter().filter(|block| block.kind == kind).collect::<Vec<_>>();
    inputs(&mut text, of("variable"));
    text += "\n## Outputs\n\n| Name | Description |\n|---|---|\n";
    let mut outputs = of("output");
    outputs.sort_by_key(|block| &block.labels);
    for output in outputs {
        let _ = writeln!(text, "| `{}` | {} |", output.name(), output.description());
    }
    text + "\n"
}

fn requirements(text: &mut String, block: &Block) {
    if let Some(version) = block.arguments.get("required_version") {
        let _ = writeln!(text, "| terraform | {} |", plain(version));
    }
    for (name, version) in providers(block) {
        let _ = writeln!(text, "| {name} | {version} |");
    }
}

fn providers(block: &Block) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut name = String::new();
    for line in block.argument("required_providers").lines() {
        match line.trim().split_once('=').map(|(key, value)| (key.trim(), value.trim())) {
            Some((key, "{")) => key.clone_into(&mut name),
            Some(("version", version)) => found.push((name.clone(), plain(version))),
            _ => {}
        }
    }
    found
}

/// What the module makes, each with its kind.
fn made(text: &mut String, blocks: &[Block]) {
    let mut lines = Vec::new();
    for block in blocks {
        let source = block.arguments.get("source").map(|source| plain(source)).unwrap_or_default();
        match &*block.kind {
            "resource" => lines.push(format!("| `{}` | resource |", block.labels.join("."))),
            "data" => lines.push(format!("| `data.{}` | data source |", block.labels.join("."))),
            "module" => {
                lines.push(format!("| `module.{}` | module [{source}]({source}) |", block.labels.join(".")))
            }
            _ => {}
        }
    }
    lines.sort();
    if lines.is_empty() {
        *text += "None: data only.\n";
    } else {
        let _ = writeln!(text, "| Name | Kind |\n|---|---|\n{}", lines.join("\n"));
    }
}

fn inputs(text: &mut String, mut variables: Vec<&Block>) {
    variables.sort_by_key(|block| (block.arguments.contains_key("default"), &block.labels));
    *text += "\n## Inputs\n\n| Name | Description | Type | Default | Required |\n|---|---|---|---|---|\n";
    for variable in &variables {
        let (name, kind) = (variable.name(), variable.argument("type"));
        let shown = if kind.contains('\n') { format!("[see below](#{name})") } else { format!("`{kind}`") };
        let (default, required) = match variable.arguments.get("default") {
            Some(default) => (format!("`{default}`"), "no"),
            None => ("n/a".to_owned(), "yes"),
        };
        let _ =
            writeln!(text, "| `{name}` | {} | {shown} | {default} | {required} |", variable.description());
    }
    for variable in variables.iter().filter(|variable| variable.argument("type").contains('\n')) {
        let _ = write!(text, "\n### {}\n\n```hcl\n{}\n```\n", variable.name(), variable.argument("type"));
    }
}

impl Block {
    fn name(&self) -> &str {
        self.labels.first().map_or("", String::as_str)
    }

    fn argument(&self, name: &str) -> &str {
        self.arguments.get(name).map_or("", String::as_str)
    }

    /// Its description, fit for a cell.
    fn description(&self) -> String {
        plain(self.argument("description")).replace('|', "\\|")
    }
}

/// A text without its quotes.
fn plain(value: &str) -> String {
    let line = value.lines().next().unwrap_or_default();
    line.trim_matches('"').replace("\\\"", "\"").replace("\\\\", "\\")
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILES: &str = "terraform {\n  required_version = \">= 1.8\"\n\n  required_providers {\n    # Why.\n    aws = {\n      source  = \"hashicorp/aws\"\n      version = \">= 5\"\n    }\n  }\n}\n\n\
        variable \"b\" {\n  description = \"A \\\"b\\\" | c.\"\n  type = map(object({\n    x = string\n\n    y = list(string)\n  }))\n  default  = {}\n  nullable = false\n\n  validation {\n    condition = var.b == 1\n  }\n}\n\n\
        variable \"c\" {\n  description = \"C.\"\n  type        = string\n}\n\nresource \"aws_x\" \"this\" {\n  for_each = local.x\n}\n\nmodule \"m\" {\n  source = \"../m\"\n}\n\n\
        output \"z\" {\n  description = \"Z.\"\n  value = {\n    for a in b : a => a\n  }\n}\n\noutput \"a\" {\n  description = \"A.\"\n  value       = 1\n}\n";

    #[test]
    fn tables_of_small_files() {
        let text = tables(&blocks(FILES));
        let expected = "## Requirements\n\n| Name | Version |\n|---|---|\n| terraform | >= 1.8 |\n| aws | >= 5 |\n\n\
            ## Resources and modules\n\n| Name | Kind |\n|---|---|\n| `aws_x.this` | resource |\n| `module.m` | module [../m](../m) |\n\n\
            ## Inputs\n\n| Name | Description | Type | Default | Required |\n|---|---|---|---|---|\n| `c` | C. | `string` | n/a | yes |\n\
            | `b` | A \"b\" \\| c. | [see below](#b) | `{}` | no |\n\n### b\n\n```hcl\nmap(object({\n  x = string\n  y = list(string)\n}))\n```\n\n\
            ## Outputs\n\n| Name | Description |\n|---|---|\n| `a` | A. |\n| `z` | Z. |\n\n";
        assert_eq!(text, expected);
    }

    #[test]
    fn what_stands_around_the_marks_stays() {
        let folder = std::env::temp_dir().join(format!("xtask-module-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("main.tf"), FILES).unwrap();
        fs::write(folder.join("README.md"), "# m\n").unwrap();
        assert!(readme(&folder).unwrap_err().to_string().contains("has no lines"));
        fs::write(folder.join("README.md"), format!("# m\n\n{}stale\n{}after\n", MARKS.0, MARKS.1)).unwrap();
        let text = readme(&folder).unwrap();
        assert!(text.starts_with("# m\n\n<!-- BEGIN_TF_DOCS -->\n\n## Requirements\n"), "{text}");
        assert!(
            text.ends_with("| `z` | Z. |\n\n<!-- END_TF_DOCS -->\nafter\n") && !text.contains("stale"),
            "{text}"
        );
        fs::remove_dir_all(&folder).unwrap();
    }
}
