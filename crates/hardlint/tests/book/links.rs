//! Links lead somewhere: to files that exist, and to headings that stand in them.

use super::{documents, pages, root};
use std::collections::{BTreeMap, BTreeSet};

/// Where files of the project are read by people who have the book alone.
const ONLINE: [&str; 2] =
    [concat!(env!("CARGO_PKG_REPOSITORY"), "/blob/main/"), concat!(env!("CARGO_PKG_REPOSITORY"), "/tree/main/")];

#[test]
fn links_lead_to_files_and_headings_that_are_there() {
    let generated = pages::all();
    let mut texts: BTreeMap<String, String> = documents().into_iter().collect();
    // What is generated stands behind what is written, where both are one page.
    for page in &generated {
        *texts.entry(format!("docs/{}", page.path)).or_default() += &page.text;
    }
    let headings: BTreeMap<&str, BTreeSet<String>> =
        texts.iter().map(|(path, text)| (path.as_str(), anchors(text))).collect();
    let mut faults = Vec::new();
    let mut followed = 0;
    for (path, text) in &texts {
        for target in links(text) {
            followed += 1;
            if let Err(fault) = follow(path, target, &headings) {
                faults.push(format!("{path}: {target}: {fault}"));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    assert!(followed > 100, "only {followed} links were found");
}

#[test]
fn the_table_of_contents_has_every_page() {
    let contents = std::fs::read_to_string(root().join("docs/SUMMARY.md")).expect("docs/SUMMARY.md is there");
    let listed: BTreeSet<&str> = links(&contents).into_iter().collect();
    let missing: Vec<String> = documents()
        .into_iter()
        .filter_map(|(path, _)| path.strip_prefix("docs/").map(str::to_owned))
        .filter(|page| page != "SUMMARY.md" && !listed.contains(page.as_str()))
        .collect();
    assert!(missing.is_empty(), "docs/SUMMARY.md lacks {missing:?}");
}

fn follow(from: &str, target: &str, headings: &BTreeMap<&str, BTreeSet<String>>) -> Result<(), String> {
    if let Some(path) = ONLINE.iter().find_map(|start| target.strip_prefix(start)) {
        let path = path.split(['#', '?']).next().unwrap_or_default();
        return if root().join(path).exists() { Ok(()) } else { Err("there is no such file".to_owned()) };
    }
    if target.contains("://") || target.starts_with("mailto:") {
        return Ok(());
    }
    let (file, anchor) = target.split_once('#').map_or((target, None), |(file, anchor)| (file, Some(anchor)));
    let place = if file.is_empty() { from.to_owned() } else { joined(from, file).ok_or("it leaves the project")? };
    if from.starts_with("docs/") && !place.starts_with("docs/") {
        return Err(format!("it leaves the book: link to {}{place}", ONLINE[0]));
    }
    match (headings.get(place.as_str()), anchor) {
        (Some(known), Some(anchor)) if !known.contains(anchor) => Err(format!("there is no such heading in {place}")),
        (None, Some(_)) => Err("its headings are not known".to_owned()),
        (None, None) if !root().join(&place).exists() => Err("there is no such file".to_owned()),
        _ => Ok(()),
    }
}

fn joined(from: &str, target: &str) -> Option<String> {
    let mut parts: Vec<&str> = from.split('/').collect();
    parts.pop();
    for part in target.split('/') {
        match part {
            "." | "" => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

/// The targets of `[text](target)`, outside of code.
fn links(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut fenced = false;
    for line in text.lines() {
        if line.trim_start().starts_with("```") {
            fenced = !fenced;
        }
        if fenced {
            continue;
        }
        let mut rest = line;
        while let Some(at) = rest.find("](") {
            // An odd number of backticks before it: the brackets are code.
            let begun = line.len() - rest.len() + at;
            let code = line[..begun].matches('`').count() % 2 == 1;
            rest = &rest[at + 2..];
            if let Some(end) = rest.find(')')
                && !code
            {
                found.push(rest[..end].trim_matches(['<', '>']));
            }
        }
    }
    found
}

/// The anchors of a text's headings, as GitHub and mdBook make them; those that are written out in braces.
fn anchors(text: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut fenced = false;
    for line in text.lines() {
        if line.trim_start().starts_with("```") {
            fenced = !fenced;
        }
        let hashes = line.len() - line.trim_start_matches('#').len();
        if fenced || !(1..=6).contains(&hashes) || !line[hashes..].starts_with(' ') {
            continue;
        }
        let title = line[hashes..].trim();
        let anchor = match title.split_once("{#") {
            Some((_, id)) => id.trim_end_matches('}').to_owned(),
            None => title
                .to_lowercase()
                .chars()
                .filter_map(|c| match c {
                    ' ' => Some('-'),
                    c if c.is_alphanumeric() || c == '-' || c == '_' => Some(c),
                    _ => None,
                })
                .collect(),
        };
        found.insert(anchor);
    }
    found
}

#[test]
fn links_are_found_and_anchors_made() {
    assert_eq!(links("a [b](c.md#d), `[no](x)` and [e](<f.md>)"), ["c.md#d", "f.md"]);
    assert_eq!(links("```\n[no](x)\n```\n[yes](y)"), ["y"]);
    let known = anchors("# How `a` is read\n## b {#c-d}\n```\n# none\n```\n");
    assert_eq!(known.into_iter().collect::<Vec<_>>(), ["c-d", "how-a-is-read"]);
    assert_eq!(joined("docs/a.md", "../README.md").as_deref(), Some("README.md"));
    assert_eq!(joined("docs/a.md", "../../x"), None);
}
