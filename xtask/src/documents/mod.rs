//! What is written for people must be true: links lead somewhere, commands exist with the flags they are shown with,
//! tables follow the files they are about.

pub mod changelog;
pub mod commands;
pub mod hcl;
pub mod links;
pub mod module;
pub mod version;

/// The parts of a Markdown text: prose with its line numbers, and blocks of code.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Markdown<'a> {
    /// Lines outside of fenced blocks, numbered from 1.
    pub prose: Vec<(usize, &'a str)>,
    /// Fenced blocks.
    pub blocks: Vec<Block<'a>>,
}

/// A fenced block.
#[derive(Debug, PartialEq, Eq)]
pub struct Block<'a> {
    /// What stands after the fence: `hcl`.
    pub language: &'a str,
    /// Number of the fence's line.
    pub line: usize,
    /// What it holds, each line with its end.
    pub text: String,
}

impl<'a> Markdown<'a> {
    /// Takes a text apart. A block without an end goes to the end of the text, as in CommonMark.
    #[must_use]
    pub fn read(text: &'a str) -> Self {
        let mut parts = Self::default();
        let mut fence: Option<&str> = None;
        for (line, number) in text.lines().zip(1..) {
            let bare = line.trim_start();
            match (fence, parts.blocks.last_mut()) {
                (Some(mark), _) if bare.starts_with(mark) && bare.trim_end().len() == mark.len() => {
                    fence = None
                }
                (Some(_), Some(block)) => {
                    block.text.push_str(line);
                    block.text.push('\n');
                }
                _ if bare.starts_with("```") => {
                    let marks = bare.len() - bare.trim_start_matches('`').len();
                    let (mark, language) = bare.split_at(marks);
                    fence = Some(mark);
                    parts.blocks.push(Block { language: language.trim(), line: number, text: String::new() });
                }
                _ => parts.prose.push((number, line)),
            }
        }
        parts
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prose_and_blocks() {
        let text = "a\n```hcl\nx = 1\n\n```\nb\n````md\n```\n````\nc\n  ```\nopen";
        let parts = Markdown::read(text);
        assert_eq!(parts.prose, [(1, "a"), (6, "b"), (10, "c")]);
        let blocks: Vec<(&str, usize, &str)> =
            parts.blocks.iter().map(|block| (block.language, block.line, &*block.text)).collect();
        assert_eq!(blocks, [("hcl", 2, "x = 1\n\n"), ("md", 7, "```\n"), ("", 11, "open\n")]);
    }
}
