//! What stands around the findings: how many there are of what, the deployment, and what each rule is about.

use super::{Picture, SEVERITIES, Told, anchor, inline};
use crate::report::Outcome;
use crate::report::markup::{lines, text};
use hardlint_lint::diagnostic::Severity;
use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::io::{self, Write};

/// How many kinds of fault the overview names.
const WORST: usize = 12;

/// How many of each severity there are.
type Counts = BTreeMap<Severity, usize>;

/// All in one line: `2 findings (1 high, 1 low), 2 problems`.
pub fn counted(outcome: &Outcome) -> String {
    let findings = outcome.findings().count();
    let mut text = plural(findings, "finding");
    if findings > 0 {
        let by_severity = outcome.by_severity();
        let counts = by_severity.iter().rev().map(|(severity, count)| format!("{count} {}", severity.name()));
        text = format!("{text} ({})", counts.collect::<Vec<_>>().join(", "));
    }
    let (problems, notices) = outcome.not_understood();
    for (count, word) in [(problems, "problem"), (notices, "notice")] {
        if count > 0 {
            text = format!("{text}, {}", plural(count, word));
        }
    }
    text
}

fn plural(count: usize, word: &str) -> String {
    format!("{count} {word}{}", if count == 1 { "" } else { "s" })
}

pub fn head(outcome: &Outcome, out: &mut dyn Write) -> io::Result<()> {
    let files = outcome.files();
    let formats = files.iter().map(|(format, count)| format!("{count} {format}")).collect::<Vec<_>>().join(", ");
    let formats = if formats.is_empty() { String::new() } else { format!(" ({formats})") };
    writeln!(
        out,
        "<header>\n<h1>Security of the deployment</h1>\n<p>{} in {}{}. <span class=\"by\">hardlint {}</span></p>\n</header>",
        text(&counted(outcome)),
        plural(files.values().sum(), "file"),
        text(&formats),
        env!("CARGO_PKG_VERSION")
    )
}

/// How much was found of which severity, in which service, by which rule.
pub fn tables(outcome: &Outcome, told: &[Told<'_>], out: &mut dyn Write) -> io::Result<()> {
    if told.is_empty() {
        return Ok(());
    }
    writeln!(
        out,
        "<section aria-labelledby=\"h-overview\">\n<h2 id=\"h-overview\">Overview</h2>\n<ul class=\"tiles\">"
    )?;
    let all = outcome.by_severity();
    for severity in SEVERITIES {
        let (name, count) = (severity.name(), all.get(&severity).copied().unwrap_or_default());
        let none = if count == 0 { " none" } else { "" };
        writeln!(out, "<li class=\"sev-{name}{none}\"><strong>{count}</strong> {name}</li>")?;
    }
    writeln!(out, "</ul>\n<div class=\"tables\">")?;
    by_service(outcome, told, out)?;
    by_rule(outcome, told, out)?;
    writeln!(out, "</div>\n</section>")
}

/// The worst services first.
fn by_service(outcome: &Outcome, told: &[Told<'_>], out: &mut dyn Write) -> io::Result<()> {
    let mut services: BTreeMap<usize, Counts> = BTreeMap::new();
    for told in told {
        for index in &told.services {
            *services.entry(*index).or_default().entry(told.finding.severity).or_default() += 1;
        }
    }
    if services.is_empty() {
        return Ok(());
    }
    let shown: Vec<Severity> =
        SEVERITIES.into_iter().filter(|it| services.values().any(|counts| counts.contains_key(it))).collect();
    write!(out, "<table>\n<thead><tr><th scope=\"col\">Service</th>")?;
    for severity in &shown {
        write!(out, "<th scope=\"col\" class=\"number\">{}</th>", severity.name())?;
    }
    writeln!(out, "</tr></thead>\n<tbody>")?;
    for (index, counts) in worst(services) {
        let label = text(&outcome.picture.label(index));
        write!(out, "<tr><th scope=\"row\"><a href=\"#findings\" data-service=\"{index}\">{label}</a></th>")?;
        for severity in &shown {
            let count = counts.get(severity).copied().unwrap_or_default();
            let zero = if count == 0 { " zero" } else { "" };
            write!(out, "<td class=\"number{zero}\">{count}</td>")?;
        }
        writeln!(out, "</tr>")?;
    }
    writeln!(out, "</tbody>\n</table>")
}

/// The worst rules.
fn by_rule(outcome: &Outcome, told: &[Told<'_>], out: &mut dyn Write) -> io::Result<()> {
    let mut rules: BTreeMap<&str, Counts> = BTreeMap::new();
    for told in told {
        *rules.entry(&told.finding.rule).or_default().entry(told.finding.severity).or_default() += 1;
    }
    let rules = worst(rules);
    writeln!(
        out,
        "<div>\n<table>\n<thead><tr><th scope=\"col\">Fault</th><th scope=\"col\">Worst</th>\
         <th scope=\"col\" class=\"number\">Findings</th></tr></thead>\n<tbody>"
    )?;
    for (rule, counts) in rules.iter().take(WORST) {
        let title = outcome.rules.get(*rule).map_or(*rule, |named| named.title.as_str());
        let severity = counts.keys().next_back().map_or("", |severity| severity.name());
        writeln!(
            out,
            "<tr><th scope=\"row\"><a href=\"#findings\" data-rule=\"{}\">{}</a></th>\
             <td><span class=\"badge sev-{severity}\">{severity}</span></td><td class=\"number\">{}</td></tr>",
            text(rule),
            inline(title),
            counts.values().sum::<usize>()
        )?;
    }
    writeln!(out, "</tbody>\n</table>")?;
    let rest = rules.len().saturating_sub(WORST);
    if rest > 0 {
        writeln!(out, "<p class=\"meta\">and <a href=\"#h-rules\">{rest} more</a></p>")?;
    }
    writeln!(out, "</div>")
}

/// What has the worst findings first.
fn worst<T>(counts: BTreeMap<T, Counts>) -> Vec<(T, Counts)> {
    let mut all: Vec<(T, Counts)> = counts.into_iter().collect();
    all.sort_by_cached_key(|(_, counts)| {
        Reverse(SEVERITIES.map(|severity| counts.get(&severity).copied().unwrap_or_default()))
    });
    all
}

/// The graph, and the same in words.
pub fn deployment(picture: &Picture, out: &mut dyn Write) -> io::Result<()> {
    if picture.services.is_empty() {
        return Ok(());
    }
    writeln!(
        out,
        "<section aria-labelledby=\"h-deployment\">\n<h2 id=\"h-deployment\">Deployment</h2>\n\
         <div class=\"picture\" tabindex=\"0\" role=\"region\" aria-label=\"Graph of the deployment\">{}</div>\n\
         <details>\n<summary>The same in words</summary>\n<pre class=\"words\">{}</pre>\n</details>\n</section>",
        picture.svg,
        lines(&picture.text)
    )
}

pub fn problems(outcome: &Outcome, out: &mut dyn Write) -> io::Result<()> {
    let sections = [
        (false, "problems", "Not understood", "What could not be read may hold anything; nothing was found in it."),
        (true, "notices", "Not read", "These files were named, and are none that hardlint reads."),
    ];
    for (notice, id, heading, said) in sections {
        let mut problems = outcome.problems().filter(|(_, problem)| problem.notice == notice).peekable();
        if problems.peek().is_none() {
            continue;
        }
        writeln!(
            out,
            "<section id=\"{id}\" aria-labelledby=\"h-{id}\">\n<h2 id=\"h-{id}\">{heading}</h2>\n<p>{said}</p>\n<ul>"
        )?;
        for (part, problem) in problems {
            let (path, place) = part.place_of(problem);
            let place = place.map_or(path, |place| format!("{}:{}:{}", place.path, place.line, place.column));
            writeln!(out, "<li><span class=\"path\">{}</span>: {}</li>", text(&place), inline(&problem.message))?;
        }
        writeln!(out, "</ul>\n</section>")?;
    }
    let kept_back = outcome.kept_back();
    if !kept_back.is_empty() {
        writeln!(
            out,
            "<section id=\"kept-back\" aria-labelledby=\"h-kept-back\">\n<h2 id=\"h-kept-back\">Not told</h2>\n<ul>"
        )?;
        for said in &kept_back {
            writeln!(out, "<li>{}</li>", inline(said))?;
        }
        writeln!(out, "</ul>\n</section>")?;
    }
    Ok(())
}

/// Why each rule that spoke matters, once.
pub fn rules(outcome: &Outcome, told: &[Told<'_>], out: &mut dyn Write) -> io::Result<()> {
    if told.is_empty() {
        return Ok(());
    }
    let mut rules: BTreeMap<&str, (&str, usize)> = BTreeMap::new();
    for told in told {
        rules.entry(&told.finding.rule).or_insert((&told.finding.why, 0)).1 += 1;
    }
    writeln!(out, "<section aria-labelledby=\"h-rules\">\n<h2 id=\"h-rules\" tabindex=\"-1\">Why it matters</h2>")?;
    for (rule, (why, count)) in rules {
        let named = outcome.rules.get(rule);
        let title = named.map_or(rule, |named| named.title.as_str());
        writeln!(
            out,
            "<div class=\"about\" id=\"{}\" tabindex=\"-1\">\n<h3>{}</h3>\n\
             <p class=\"meta\"><span class=\"path\">{}</span> · <a href=\"#findings\" data-rule=\"{}\">{}</a></p>",
            anchor(rule),
            inline(title),
            text(rule),
            text(rule),
            plural(count, "finding")
        )?;
        for paragraph in why.split("\n\n").map(str::trim).filter(|paragraph| !paragraph.is_empty()) {
            writeln!(out, "<p>{}</p>", inline(&paragraph.split_whitespace().collect::<Vec<_>>().join(" ")))?;
        }
        let references = named.map(|named| named.references.as_slice()).unwrap_or_default();
        let url = named.map(|named| named.url.as_str()).filter(|url| !url.is_empty());
        let mut links: Vec<String> = references.iter().map(|reference| link(reference)).collect();
        links.extend(url.map(|url| format!("<a href=\"{}\" rel=\"noreferrer\">the rule</a>", text(url))));
        if !links.is_empty() {
            writeln!(out, "<p class=\"meta\">{}</p>", links.join(" · "))?;
        }
        writeln!(out, "</div>")?;
    }
    writeln!(out, "</section>")
}

/// A reference: only what is on the web by its look becomes a link.
fn link(reference: &str) -> String {
    let shown = text(reference);
    if let Some(number) = reference.strip_prefix("CWE-").filter(|rest| rest.bytes().all(|byte| byte.is_ascii_digit())) {
        return format!(
            "<a href=\"https://cwe.mitre.org/data/definitions/{number}.html\" rel=\"noreferrer\">{shown}</a>"
        );
    }
    if reference.starts_with("https://") || reference.starts_with("http://") {
        return format!("<a href=\"{shown}\" rel=\"noreferrer\">{shown}</a>");
    }
    shown
}
