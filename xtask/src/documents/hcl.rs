//! HCL in documents: which blocks there are, and which of them are whole configurations.

use super::Markdown;

/// A block of HCL in a Markdown file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snippet {
    /// File and line.
    pub place: String,
    /// The block.
    pub text: String,
}

impl Snippet {
    /// Whether it can be validated by itself: blocks only, each of a kind that stands at the top of a file, no other
    /// provider, no module that has to be fetched and no file of a folder that is not there.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        let tops: Vec<&str> = self.text.lines().filter(|line| starts_block(line)).collect();
        let kinds =
            ["terraform", "provider", "resource", "module", "variable", "output", "locals", "data", "check"];
        let whole = |line: &&str| kinds.iter().any(|kind| line.split([' ', '{']).next() == Some(*kind));
        let makes = |line: &&str| line.starts_with("resource") || line.starts_with("module");
        let elsewhere =
            ["\"aws_", " aws_", "file(", "\"github.com/"].iter().any(|word| self.text.contains(word));
        !elsewhere && tops.iter().all(whole) && tops.iter().any(makes)
    }
}

/// Beginnings of expressions that stand alone in a document: the type of a variable.
const EXPRESSIONS: [&str; 6] = ["map(", "object(", "list(", "set(", "optional(", "{"];

impl Snippet {
    /// The text of a file that holds the block: an expression is given a name.
    #[must_use]
    pub fn file(&self) -> String {
        let expression = EXPRESSIONS.iter().any(|beginning| self.text.starts_with(beginning));
        if expression { format!("name = {}", self.text) } else { self.text.clone() }
    }
}

/// A line at the left edge that is no end of a block, no comment and not empty.
fn starts_block(line: &str) -> bool {
    line.starts_with(|char: char| char.is_ascii_alphanumeric() || char == '"')
}

/// The blocks in a file that are HCL.
#[must_use]
pub fn snippets(name: &str, text: &str) -> Vec<Snippet> {
    let blocks = Markdown::read(text).blocks.into_iter();
    let hcl = blocks.filter(|block| matches!(block.language, "hcl" | "terraform"));
    hcl.map(|block| Snippet { place: format!("{name}:{}", block.line), text: block.text }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_configurations() {
        let cases = [
            ("resource \"datalake_pipeline\" \"this\" {\n  name = \"a\"\n}\n", true),
            ("# A note.\nterraform {}\n\nmodule \"lake\" {\n}\n", true),
            ("orders = {\n  format = \"csv\"\n}\n", false),
            ("provider \"datalake\" {}\n", false),
            ("resource \"aws_sns_topic\" \"this\" {\n}\n", false),
            ("module \"lake\" {\n  datasets = yamldecode(file(\"a.yaml\"))\n}\n", false),
            ("resource \"a\" \"b\" {}\nname = 1\n", false),
        ];
        for (text, expected) in cases {
            let found = snippets("a.md", &format!("x\n```hcl\n{text}```\n"));
            assert_eq!((&*found[0].place, found[0].is_whole()), ("a.md:2", expected), "{text}");
        }
        let expression = Snippet { place: String::new(), text: "object({})\n".to_owned() };
        assert_eq!(expression.file(), "name = object({})\n");
        assert!(snippets("a.md", "```json\n{}\n```\n").is_empty());
    }
}
