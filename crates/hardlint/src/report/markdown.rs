//! The report as Markdown, for the summary of a job or a comment on a change: the worst first, then why each matters.
//!
//! What a file says stands in code, or with everything escaped that Markdown or HTML would act on.

use super::{Outcome, clean};
use hardlint_lint::diagnostic::Diagnostic;
use std::cmp::Reverse;
use std::collections::BTreeSet;
use std::io::{self, Write};

pub fn write(outcome: &Outcome, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "## hardlint\n\n{}\n", headline(outcome))?;
    let mut findings: Vec<_> = outcome.findings().collect();
    findings.sort_by_key(|(_, finding)| Reverse(finding.severity));
    if !findings.is_empty() {
        writeln!(out, "| Severity | Where | What |\n|---|---|---|")?;
    }
    for (part, finding) in &findings {
        let place = part.place(&finding.primary);
        let place = code(&format!("{}:{}", place.path, place.line));
        let rule = rule(outcome, &finding.rule);
        let fix = finding.fix.as_ref().map(|fix| format!("<br>Fix: {}", inline(&fix.title))).unwrap_or_default();
        writeln!(out, "| {} | {place} | {}<br>{rule}{fix} |", finding.severity.name(), inline(&finding.message))?;
    }
    for (notice, heading) in [(false, "Not understood"), (true, "Not read")] {
        let mut problems = outcome.problems().filter(|(_, problem)| problem.notice == notice).peekable();
        if problems.peek().is_some() {
            writeln!(out, "\n### {heading}\n")?;
        }
        for (part, problem) in problems {
            let (path, place) = part.place_of(problem);
            let place = place.map_or(path, |place| format!("{}:{}", place.path, place.line));
            writeln!(out, "- {}: {}", code(&place), inline(&problem.message))?;
        }
    }
    let kept_back = outcome.kept_back();
    if !kept_back.is_empty() {
        writeln!(out, "\n### Not told\n")?;
    }
    for said in kept_back {
        writeln!(out, "- {}", inline(&said))?;
    }
    explain(outcome, &findings.iter().map(|(_, finding)| *finding).collect::<Vec<_>>(), out)
}

/// Why each rule matters, once.
fn explain(outcome: &Outcome, findings: &[&Diagnostic], out: &mut dyn Write) -> io::Result<()> {
    let mut explained = BTreeSet::new();
    let mut heading = "\n### Why\n";
    for finding in findings.iter().filter(|finding| !finding.why.trim().is_empty()) {
        if !explained.insert(finding.rule.clone()) {
            continue;
        }
        let title = outcome.rules.get(&finding.rule).map_or("", |named| named.title.as_str());
        writeln!(out, "{heading}\n**{}** ({})\n", inline(title), rule(outcome, &finding.rule))?;
        heading = "";
        for paragraph in finding.why.split("\n\n").map(str::trim).filter(|text| !text.is_empty()) {
            writeln!(out, "{}\n", inline(&paragraph.split_whitespace().collect::<Vec<_>>().join(" ")))?;
        }
    }
    Ok(())
}

fn headline(outcome: &Outcome) -> String {
    let counted = |count: usize, word: &str| format!("{count} {word}{}", if count == 1 { "" } else { "s" });
    let findings = outcome.findings().count();
    let mut text = format!("**{}**", counted(findings, "finding"));
    if findings > 0 {
        let by_severity = outcome.by_severity();
        let counts = by_severity.iter().rev().map(|(severity, count)| format!("{count} {}", severity.name()));
        text = format!("{text} ({})", counts.collect::<Vec<_>>().join(", "));
    }
    let (problems, notices) = outcome.not_understood();
    for (count, word) in [(problems, "problem"), (notices, "notice")] {
        if count > 0 {
            text = format!("{text}, **{}**", counted(count, word));
        }
    }
    format!("{text} in {}.", counted(outcome.files().values().sum(), "file"))
}

/// The id of a rule, with a link to where it can be read.
fn rule(outcome: &Outcome, id: &str) -> String {
    match outcome.rules.get(id) {
        Some(named) if !named.url.is_empty() => {
            format!("[{}](<{}>)", code(id), named.url.replace(['<', '>', '\n'], ""))
        }
        _ => code(id),
    }
}

/// A text in one line, of which what stands in backticks is code, and nothing else means anything.
fn inline(text: &str) -> String {
    let text = clean::line(text);
    let parts: Vec<&str> = text.split('`').collect();
    let mut out = String::with_capacity(text.len() + 16);
    for (index, part) in parts.iter().enumerate() {
        // One that is opened and never closed is none.
        if index % 2 == 1 && index + 1 < parts.len() {
            out.push_str(&code(part));
            continue;
        }
        if index % 2 == 1 {
            out.push_str("\\`");
        }
        plain(part, &mut out);
    }
    out
}

fn plain(text: &str, out: &mut String) {
    let mut before = None;
    for c in text.chars() {
        match c {
            // Forges tell people whose name stands behind one, whatever stands before it.
            '@' if !before.is_some_and(char::is_alphanumeric) => out.push_str("@<!-- -->"),
            // It would end the cell of a table, in some readers also behind a backslash.
            '|' => out.push_str("&#124;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '&' | '#' | '~' | '$' | '!' => out.extend(['\\', c]),
            c => out.push(c),
        }
        before = Some(c);
    }
}

/// A text as code, whatever is in it.
fn code(text: &str) -> String {
    let text = clean::line(text);
    if text.is_empty() {
        return String::new();
    }
    // A bar ends the cell of a table even in code, and no backslash can stand before the one that keeps it from that.
    if text.contains('|') {
        let mut out = "<code>".to_owned();
        plain(&text, &mut out);
        return out + "</code>";
    }
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or_default();
    let fence = "`".repeat(longest + 1);
    // A blank or a backtick at an end would be taken for the fence's.
    let apart = if text.starts_with(['`', ' ']) || text.ends_with(['`', ' ']) { " " } else { "" };
    format!("{fence}{apart}{text}{apart}{fence}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    #[test]
    fn the_worst_comes_first_and_why_is_said_once() {
        let mut outcome = sample::outcome();
        outcome.parts[0].report.diagnostics.reverse();
        let mut out = Vec::new();
        write(&outcome, &mut out).unwrap();
        let expected = "\
## hardlint

**2 findings** (1 high, 1 low), **2 problems** in 2 files.

| Severity | Where | What |
|---|---|---|
| high | `conf.d/site.conf:3` | `location /files` can be left through `alias /srv/files/`<br>\
[`nginx/alias-traversal`](<https://example.org/alias>)<br>Fix: end the location with a slash |
| low | `conf.d/site.conf:7` | `location /x` again<br>[`nginx/alias-traversal`](<https://example.org/alias>) |

### Not understood

- `conf.d/site.conf:9`: unexpected end of file, expecting `}`
- `certs/dhparam`: it is not text: a NUL byte stands at offset 3

### Why

**location can be left through its alias** ([`nginx/alias-traversal`](<https://example.org/alias>))

A request for `/files../secret` leaves the folder, so anybody reads the files beside it.

End the location with a slash.

";
        assert_eq!(String::from_utf8(out).unwrap(), expected);
    }

    #[test]
    fn what_is_kept_back_is_said() {
        let mut outcome = sample::outcome();
        outcome.parts[0].narrowed = Some(("hardlint.toml".to_owned(), vec!["exclude", "baseline"]));
        outcome.parts[0].report.held.insert("dev/compose.yaml".into());
        let mut out = Vec::new();
        write(&outcome, &mut out).unwrap();
        let expected = "\n### Not told\n\n- hardlint.toml keeps something from being told: exclude, baseline\n\
                        - 1 file holds more and is for development, tests or examples: `--role production` tells it\n";
        let text = String::from_utf8(out).unwrap();
        assert!(text.contains(expected), "{text}");
    }

    #[test]
    fn nothing_in_a_text_is_markup() {
        assert_eq!(inline("a `b` <img> *x* | \\"), "a `b` \\<img\\> \\*x\\* &#124; \\\\");
        assert_eq!(inline("`b\\|<c>`"), "<code>b\\\\&#124;\\<c\\></code>");
        assert_eq!(inline("a ` <b>"), "a \\` \\<b\\>");
        assert_eq!(code("a`b``"), "``` a`b`` ```");
        assert_eq!(inline("`a`b @c` d@e"), "`a`b @<!-- -->c\\` d@e");
        assert_eq!(inline("a\n# b"), "a\\\\n\\# b");
    }
}
