//! The pages that are generated: the rules, what other tools call them, and the keys that are read.

use hardlint_config::formats::{FORMATS, Format, Name};
use hardlint_config::schema::{Default, GONE, Key, Type};
use hardlint_config::version::Version;
use hardlint_lint::rule::{Example, Rule, Status};
use hardlint_lint::ruleset::{Compiled, RuleSet};
use std::collections::BTreeMap;
use std::fmt::Write;

/// A page of the book.
pub(crate) struct Page {
    /// Below `docs`.
    pub(crate) path: String,
    /// As the table of contents has it.
    pub(crate) title: String,
    /// In Markdown; what stands behind a page that is written, where there is one of that path.
    pub(crate) text: String,
}

/// All of them.
pub(crate) fn all() -> Vec<Page> {
    let rules = RuleSet::built_in();
    let mut pages = vec![index(&rules), equivalents(&rules)];
    for format in FORMATS {
        pages.push(of_format(&rules, format));
        pages.push(keys(format));
    }
    pages
}

/// Every rule in one table.
fn index(rules: &RuleSet) -> Page {
    let all: Vec<&Rule> = rules.all().map(|rule| &rule.rule).collect();
    let stable = all.iter().filter(|rule| rule.status == Status::Stable).count();
    let mut text = format!("\n## All {} rules\n\n", all.len());
    let _ = writeln!(
        text,
        "{stable} speak at default settings; the others are on trial, and speak with `--preview` or `--pedantic` (*preview* below).\n"
    );
    for format in FORMATS {
        let _ = writeln!(
            text,
            "### {} {{#all-{}}}\n\n| rule | severity | what is wrong | the same elsewhere |\n|---|---|---|---|",
            format.title, format.id
        );
        for rule in rules.of_format(format.id).map(|rule| &rule.rule) {
            let preview = if rule.status == Status::Preview { ", *preview*" } else { "" };
            let elsewhere: Vec<String> = rule.equivalents.iter().map(|name| code(name)).collect();
            let _ = writeln!(
                text,
                "| {} | {}{preview} | {} | {} |",
                link(&rule.id),
                rule.severity.name(),
                cell(&rule.title),
                elsewhere.join(" ")
            );
        }
        text.push('\n');
    }
    Page { path: "rules.md".to_owned(), title: String::new(), text }
}

/// What other tools call the same check, by tool.
fn equivalents(rules: &RuleSet) -> Page {
    let mut tools: BTreeMap<&str, BTreeMap<&str, Vec<&Rule>>> = BTreeMap::new();
    for rule in rules.all().map(|rule| &rule.rule) {
        for (tool, check) in rule.equivalents.iter().filter_map(|name| name.split_once(':')) {
            tools.entry(tool).or_default().entry(check).or_default().push(rule);
        }
    }
    let mut text = "\n| tool | its checks that a rule looks for |\n|---|---|\n".to_owned();
    for (tool, checks) in &tools {
        let _ = writeln!(text, "| [{tool}](#tool-{tool}) | {} |", checks.len());
    }
    for (tool, checks) in &tools {
        let _ =
            writeln!(text, "\n## {tool} {{#tool-{tool}}}\n\n| its check | rules here | what they say |\n|---|---|---|");
        for (check, rules) in checks {
            let links: Vec<String> = rules.iter().map(|rule| link(&rule.id)).collect();
            let titles: Vec<String> = rules.iter().map(|rule| cell(&rule.title)).collect();
            let _ = writeln!(text, "| {} | {} | {} |", code(check), links.join("<br>"), titles.join("<br>"));
        }
    }
    Page { path: "equivalents.md".to_owned(), title: String::new(), text }
}

/// The rules of one format, each with its reason and its examples.
fn of_format(rules: &RuleSet, format: &Format) -> Page {
    let mut text = format!("# Rules: {}\n", format.title);
    let _ = writeln!(
        text,
        "\nAs `hardlint explain RULE` prints them. The keys that their conditions ask for are told in [{}](../keys/{}.md).",
        format.title, format.id
    );
    for compiled in rules.of_format(format.id) {
        rule(&mut text, format, compiled);
    }
    Page { path: format!("rules/{}.md", format.id), title: format!("Rules: {}", format.title), text }
}

fn rule(text: &mut String, format: &Format, compiled: &Compiled) {
    let rule = &compiled.rule;
    let _ = writeln!(text, "\n## {} {{#{}}}\n\n**{}**\n", rule.id, anchor(&rule.id), prose(&rule.title));
    let preview = if rule.status == Status::Preview { ", on trial: `--preview` or `--pedantic`" } else { "" };
    let _ = writeln!(
        text,
        "Severity {}, confidence {}, since {}{preview}.\n",
        rule.severity.name(),
        rule.confidence.name(),
        rule.since
    );
    let _ = writeln!(text, "{}\n", prose(rule.why.trim()));
    if let Some(fix) = &rule.fix {
        let _ = writeln!(text, "Fix ({}): {}.\n", fix.safety.name(), prose(&fix.title));
    }
    let _ = writeln!(text, "It judges each `{}`, and fires where\n\n{}", rule.select, fenced("text", rule.when.trim()));
    let (bad, good) = compiled.examples();
    for (what, examples) in [("It fires here", bad), ("It is silent here", good)] {
        let shown: Vec<String> = examples.iter().filter_map(|it| example(format, it)).collect();
        if !shown.is_empty() {
            let _ = writeln!(text, "{what}:\n\n{}", shown.join(""));
        }
    }
    if !rule.equivalents.is_empty() {
        let names: Vec<String> = rule.equivalents.iter().map(|name| code(name)).collect();
        let _ = writeln!(text, "The same elsewhere: {}.\n", names.join(", "));
    }
    let mut references: Vec<String> = rule.references.iter().map(|it| reference(it)).collect();
    references.push(format!("[the rule's file]({}/blob/main/rules/{}.yaml)", env!("CARGO_PKG_REPOSITORY"), rule.id));
    let _ = writeln!(text, "Read on: {}.", references.join(", "));
}

fn example(format: &Format, example: &Example) -> Option<String> {
    // Every one of ours is highlighted as what it most resembles.
    let language = match format.id {
        "nginx" => "nginx",
        "compose" | "deployment" => "yaml",
        "django" | "flask" | "asgi" => "python",
        "dockerfile" => "dockerfile",
        "airflow" => "ini",
        _ => "text",
    };
    match example {
        Example::Snippet(text) => Some(fenced(language, text.trim_end())),
        Example::Files(files) => {
            let mut shown = String::new();
            if let Some(text) = &files.text {
                if let Some(path) = &files.path {
                    let _ = writeln!(shown, "In {}:\n", code(path));
                }
                shown += &fenced(language, text.trim_end());
            }
            for (path, text) in &files.files {
                let _ = writeln!(shown, "In {}:\n\n{}", code(path), fenced("text", text.trim_end()));
            }
            (!shown.is_empty()).then_some(shown)
        }
    }
}

/// What is read of a format: names of files, versions, and the table of keys.
fn keys(format: &Format) -> Page {
    let schema = format.schema;
    let mut text = format!("# Keys: {}\n\n", format.title);
    if !format.names.is_empty() {
        let names = |sure: bool| {
            let named = format.names.iter().filter_map(move |name| match name {
                Name::Is(pattern) if sure => Some(code(pattern)),
                Name::In(folder, pattern) if sure => Some(code(&format!("{folder}/{pattern}"))),
                Name::Perhaps(pattern) if !sure => Some(code(pattern)),
                Name::PerhapsIn(folder, pattern) if !sure => Some(code(&format!("{folder}/{pattern}"))),
                _ => None,
            });
            named.collect::<Vec<_>>().join(", ")
        };
        let (sure, perhaps) = (names(true), names(false));
        if !sure.is_empty() {
            let _ = writeln!(text, "Files with these names: {sure}.");
        }
        if !perhaps.is_empty() {
            let _ = writeln!(text, "Files with these names, if their content says so: {perhaps}.");
        }
        text += "Upper and lower case are the same in names, and endings of templates and examples (`.j2`, `.example`) may follow.\n\n";
        let (oldest, newest) = (schema.supported.oldest, schema.supported.newest);
        if oldest != newest {
            let _ = writeln!(
                text,
                "Judged for {} {} to {}, unless `--target {}=VERSION` says which one is deployed.\n",
                schema.program,
                version(oldest),
                version(newest),
                schema.program
            );
        }
    }
    text += "## What rules judge\n\n| `select` | what it is |\n|---|---|\n";
    for kind in schema.kinds {
        let _ = writeln!(text, "| `{}` | {} |", kind.name, cell(kind.doc));
    }
    for (fact, title) in [(false, "Keys"), (true, "Facts that follow")] {
        if !schema.keys.iter().any(|key| key.fact == fact) {
            continue;
        }
        let _ = writeln!(text, "\n## {title}\n\n| name | of | type | default | what it does |\n|---|---|---|---|---|");
        for key in schema.keys.iter().filter(|key| key.fact == fact) {
            row(&mut text, key);
        }
    }
    Page { path: format!("keys/{}.md", format.id), title: format!("Keys: {}", format.title), text }
}

fn row(text: &mut String, key: &Key) {
    let name = if key.url.is_empty() { code(key.name) } else { format!("[{}]({})", code(key.name), key.url) };
    let secret = if key.secret { " (a secret: never printed)" } else { "" };
    let shown = |value: &str| match value {
        "" => "empty".to_owned(),
        GONE => "gone".to_owned(),
        value => code(value),
    };
    let default = match key.default {
        Default::Absent => String::new(),
        Default::Filled => "always there".to_owned(),
        Default::Always(value) => shown(value),
        Default::Since(steps) => {
            let steps: Vec<String> =
                steps.iter().map(|(from, value)| format!("{} from {}", shown(value), version(*from))).collect();
            steps.join(", ")
        }
    };
    let _ = writeln!(
        text,
        "| {name} | {} | {} | {default} | {}{secret} |",
        key.kinds.join(", "),
        type_name(key.ty),
        cell(key.doc)
    );
}

fn type_name(ty: Type) -> String {
    match ty {
        Type::Bool => "bool".to_owned(),
        Type::Int => "int".to_owned(),
        Type::Float => "float".to_owned(),
        Type::String => "text".to_owned(),
        Type::List(of) => format!("list of {}", type_name(*of)),
        Type::Map(of) => format!("map of {}", type_name(*of)),
        Type::Scope(kind) => format!("a {kind}"),
        Type::Any => "any".to_owned(),
    }
}

fn version(version: Version) -> String {
    let [major, minor, patch] = version.0;
    if patch == 0 { format!("{major}.{minor}") } else { format!("{major}.{minor}.{patch}") }
}

/// A link to a rule.
fn link(id: &str) -> String {
    let (format, _) = id.split_once('/').unwrap_or_default();
    format!("[`{id}`](rules/{format}.md#{})", anchor(id))
}

fn anchor(id: &str) -> String {
    id.replace('/', "-")
}

fn reference(text: &str) -> String {
    match text.strip_prefix("CWE-") {
        Some(number) => format!("[{text}](https://cwe.mitre.org/data/definitions/{number}.html)"),
        None if text.starts_with("http") => format!("<{text}>"),
        None => prose(text),
    }
}

/// Text that may hold code in backticks, and no HTML.
fn prose(text: &str) -> String {
    let parts = text.split('`').enumerate();
    let kept: Vec<String> = parts
        .map(|(index, part)| {
            if index % 2 == 0 {
                part.replace('<', "&lt;").replace('*', "\\*").replace('_', "\\_")
            } else {
                part.to_owned()
            }
        })
        .collect();
    kept.join("`")
}

fn cell(text: &str) -> String {
    prose(text).replace('|', "\\|").replace('\n', " ")
}

/// Code in a cell of a table.
fn code(text: &str) -> String {
    let text = text.replace('|', "\\|").replace('\n', " ");
    if text.contains('`') { format!("`` {text} ``") } else { format!("`{text}`") }
}

fn fenced(language: &str, text: &str) -> String {
    let fence = if text.contains("```") { "````" } else { "```" };
    format!("{fence}{language}\n{text}\n{fence}\n\n")
}
