//! Links of Markdown files: relative ones must lead to a file, and to a heading in it; external ones must be addresses.

use std::fs;
use std::path::Path;

use super::Markdown;

/// What is wrong with the links of one file, each with its line.
#[must_use]
pub fn offences(root: &Path, name: &str, text: &str) -> Vec<String> {
    let file = root.join(name);
    let lines = Markdown::read(text).prose;
    let links =
        lines.iter().flat_map(|(number, line)| targets(line).into_iter().map(move |link| (number, link)));
    links
        .filter_map(|(number, link)| {
            wrong(&file, text, &link).map(|what| format!("{name}:{number}: link {link}: {what}"))
        })
        .collect()
}

/// The targets of `[text](target)` and `![text](target "title")` in a line, code in it left out.
fn targets(line: &str) -> Vec<String> {
    let prose: String = line.split('`').step_by(2).collect::<Vec<_>>().join("_");
    let after = prose.split("](").skip(1);
    let inside = after.filter_map(|rest| rest.split_once(')').map(|(target, _)| target));
    inside.map(|target| target.split(" \"").next().unwrap_or(target).to_owned()).collect()
}

fn wrong(file: &Path, text: &str, link: &str) -> Option<&'static str> {
    if link.contains("://") {
        return (!well_formed(link)).then_some("this is no address");
    }
    let (path, anchor) = link.split_once('#').unwrap_or((link, ""));
    let target = file.parent()?.join(path);
    if !path.is_empty() && !target.exists() {
        return Some("there is no such file");
    }
    if anchor.is_empty() {
        return None;
    }
    let other =
        if path.is_empty() { text.to_owned() } else { fs::read_to_string(&target).unwrap_or_default() };
    (!anchors(&other).iter().any(|found| found == anchor)).then_some("there is no such heading")
}

/// `https`, a host with a dot, nothing that does not belong into an address.
fn well_formed(link: &str) -> bool {
    let Some(rest) = link.strip_prefix("https://") else { return false };
    let host = rest.split(['/', '#', '?']).next().unwrap_or_default();
    let fits = |char: char| char.is_ascii_graphic() && !"<>\"`{}|\\^".contains(char);
    host.contains('.') && !host.ends_with('.') && rest.chars().all(fits)
}

/// What a page can be entered at: its headings as GitHub and the registry name them, and `id`s of HTML.
fn anchors(text: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for (_, line) in Markdown::read(text).prose {
        let ids = line.split(" id=\"").skip(1).filter_map(|rest| rest.split('"').next());
        found.extend(ids.map(str::to_owned));
        let title = line.trim_start_matches('#');
        if title.len() < line.len() && title.starts_with(' ') {
            let name = slug(title);
            let same = found.iter().filter(|other| **other == name || is_copy(other, &name)).count();
            found.push(if same == 0 { name } else { format!("{name}-{same}") });
        }
    }
    found
}

fn is_copy(other: &str, name: &str) -> bool {
    let number = other.strip_prefix(name).and_then(|rest| rest.strip_prefix('-'));
    number.is_some_and(|number| number.parse::<u32>().is_ok())
}

fn slug(title: &str) -> String {
    let title = title.trim().to_lowercase();
    let kept = title.chars().filter(|char| char.is_alphanumeric() || " -_".contains(*char));
    kept.map(|char| if char == ' ' { '-' } else { char }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_that_lead_nowhere() {
        let root = std::env::temp_dir().join(format!("xtask-links-{}", std::process::id()));
        fs::create_dir_all(root.join("docs")).unwrap();
        fs::write(
            root.join("docs/other.md"),
            "# The `first` one, again\n<a id=\"here\"></a>\n# Same\n# Same\n",
        )
        .unwrap();
        let cases = [
            ("[a](other.md)", ""),
            ("[a](other.md#the-first-one-again) and ![p](other.md \"title\")", ""),
            ("[a](other.md#here), [b](other.md#same-1), [c](#top)", ""),
            ("[a](https://example.com/x#y)", ""),
            ("`[a](nothing.md)`", ""),
            ("[a](nothing.md)", "no such file"),
            ("[a](other.md#there)", "no such heading"),
            ("[a](#bottom)", "no such heading"),
            ("[a](http://example.com)", "no address"),
            ("[a](https://localhost/x)", "no address"),
        ];
        for (line, expected) in cases {
            let found = offences(&root, "docs/page.md", &format!("## Top\n{line}\n"));
            assert_eq!(found.is_empty(), expected.is_empty(), "{line}: {found:?}");
            assert!(
                found.iter().all(|what| what.contains(expected) && what.starts_with("docs/page.md:2: ")),
                "{found:?}"
            );
        }
        fs::remove_dir_all(&root).unwrap();
    }
}
