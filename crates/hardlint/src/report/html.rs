//! The report as one page that needs nothing but itself: for who hands an audit over, or reads one.
//!
//! Nothing of a file is ever markup, and even if it were, the page's policy lets no script run but its own, which is named
//! by its hash, and lets nothing be fetched. The same report is the same bytes. Without scripts everything is there but
//! the filters.

mod finding;
mod overview;

use super::markup::text;
use super::{Outcome, Part, fingerprint};
use hardlint_lint::diagnostic::{Diagnostic, Severity};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};

const STYLE: &str = include_str!("html/page.css");
const SCRIPT: &str = include_str!("html/page.js");
/// The SHA-256 of the style of the page and of the graph, and of the script: `testdata/consumers/page` says what they are.
const STYLE_HASHES: [&str; 2] =
    ["zr1qSG6Z+lYeg1tl7aQe2FS+yO0ynfz44U97FZ4qtIo=", "tv3nlhHeRM/Y3FNaacttDCpo+xXyV7yCUfIQZkqW138="];
const SCRIPT_HASH: &str = "luf814/LxrP40sGCx+gotCSpCN+aZUTsYnFnPtlETVs=";
/// The worst first.
const SEVERITIES: [Severity; 5] = [Severity::Critical, Severity::High, Severity::Medium, Severity::Low, Severity::Info];

/// What is deployed, as the page shows it.
#[derive(Debug, Default)]
pub struct Picture {
    /// As SVG.
    pub svg: String,
    /// The same in words.
    pub text: String,
    /// The services that findings may be about.
    pub services: Vec<Service>,
}

/// A service, and what it is made of.
#[derive(Debug)]
pub struct Service {
    /// Its name in its project.
    pub name: String,
    /// The first file of the project.
    pub project: String,
    /// All files that it is linked to.
    pub files: Vec<String>,
}

impl Picture {
    /// The services that a finding is about, by their index.
    fn services_of(&self, part: &Part, finding: &Diagnostic) -> Vec<usize> {
        let path = part.names.of(&finding.primary.source.path);
        let folder = |path: &str| path.rsplit_once('/').map_or(String::new(), |(folder, _)| folder.to_owned());
        let named = finding.fingerprint.scopes.iter().find(|scope| !scope.is_empty());
        let is_of_project = finding.rule.starts_with("compose/") || finding.rule.starts_with("deployment/");
        let about = |service: &Service| {
            let in_project = service.project == path || folder(&service.project) == folder(&path);
            let is_named = is_of_project && in_project && named.is_some_and(|name| **name == *service.name);
            is_named || service.files.contains(&path)
        };
        self.services.iter().enumerate().filter(|(_, service)| about(service)).map(|(index, _)| index).collect()
    }

    /// What a service is called, so that no two are called the same.
    fn label(&self, index: usize) -> String {
        let Some(service) = self.services.get(index) else { return String::new() };
        if self.services.iter().filter(|other| other.name == service.name).count() > 1 {
            return format!("{} ({})", service.name, service.project);
        }
        service.name.clone()
    }
}

/// A finding, as the page knows it.
struct Told<'a> {
    part: &'a Part,
    finding: &'a Diagnostic,
    /// What its place on the page is called.
    id: String,
    /// The services that it is about.
    services: Vec<usize>,
    /// Where it stands if findings are ordered by file.
    place: usize,
}

pub fn write(outcome: &Outcome, out: &mut dyn Write) -> io::Result<()> {
    let picture = &outcome.picture;
    let mut ids = BTreeMap::new();
    let mut told: Vec<Told<'_>> = Vec::new();
    for (place, (part, finding)) in outcome.findings().enumerate() {
        let mut id = format!("f-{}", fingerprint(&finding.fingerprint));
        // Two roots may have a file of the same name each.
        let count: &mut usize = ids.entry(id.clone()).or_default();
        *count += 1;
        if *count > 1 {
            id = format!("{id}-{count}");
        }
        told.push(Told { part, finding, id, services: picture.services_of(part, finding), place });
    }
    told.sort_by_key(|told| Reverse(told.finding.severity));
    let [page, graph] = STYLE_HASHES;
    write!(
        out,
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'sha256-{page}' 'sha256-{graph}'; \
         script-src 'sha256-{SCRIPT_HASH}'; base-uri 'none'; form-action 'none'\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n<meta name=\"referrer\" content=\"no-referrer\">\n\
         <title>hardlint: {}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n\
         <a class=\"skip\" href=\"#findings\">To the findings</a>\n",
        text(&overview::counted(outcome))
    )?;
    overview::head(outcome, out)?;
    writeln!(out, "<main>")?;
    overview::tables(outcome, &told, out)?;
    overview::deployment(picture, out)?;
    overview::problems(outcome, out)?;
    findings(outcome, &told, out)?;
    overview::rules(outcome, &told, out)?;
    writeln!(out, "</main>\n<script>{SCRIPT}</script>\n</body>\n</html>")
}

fn findings(outcome: &Outcome, told: &[Told<'_>], out: &mut dyn Write) -> io::Result<()> {
    writeln!(
        out,
        "<section id=\"findings\" aria-labelledby=\"h-findings\">\n<h2 id=\"h-findings\" tabindex=\"-1\">Findings</h2>"
    )?;
    if told.is_empty() {
        return writeln!(out, "<p>Nothing was found.</p>\n</section>");
    }
    filters(outcome, told, out)?;
    writeln!(out, "<div id=\"list\">")?;
    for told in told {
        finding::write(outcome, told, out)?;
    }
    writeln!(out, "</div>\n</section>")
}

/// They do nothing without a script, which shows them.
fn filters(outcome: &Outcome, told: &[Told<'_>], out: &mut dyn Write) -> io::Result<()> {
    writeln!(
        out,
        "<form id=\"filters\" role=\"search\" aria-label=\"Filter findings\" hidden>\n\
         <label class=\"wide\">Search <input type=\"search\" name=\"q\" autocomplete=\"off\" spellcheck=\"false\"></label>\n\
         <fieldset><legend>Severity</legend>"
    )?;
    let counts = outcome.by_severity();
    for severity in SEVERITIES {
        if let Some(count) = counts.get(&severity) {
            let name = severity.name();
            writeln!(
                out,
                "<label><input type=\"checkbox\" name=\"severity\" value=\"{name}\" checked> {name} <span class=\"count\">{count}</span></label>"
            )?;
        }
    }
    writeln!(out, "</fieldset>")?;
    let mut services: BTreeMap<String, usize> = BTreeMap::new();
    for index in told.iter().flat_map(|told| &told.services) {
        services.insert(outcome.picture.label(*index), *index);
    }
    if !services.is_empty() {
        writeln!(out, "<label>Service <select name=\"service\"><option value=\"\">all</option>")?;
        for (label, index) in services {
            writeln!(out, "<option value=\"{index}\">{}</option>", text(&label))?;
        }
        writeln!(out, "</select></label>")?;
    }
    let rules: BTreeSet<&str> = told.iter().map(|told| &*told.finding.rule).collect();
    writeln!(out, "<label>Rule <select name=\"rule\"><option value=\"\">all</option>")?;
    for rule in rules {
        writeln!(out, "<option value=\"{0}\">{0}</option>", text(rule))?;
    }
    writeln!(
        out,
        "</select></label>\n\
         <label>Order <select name=\"order\"><option value=\"\">worst first</option><option value=\"file\">by file</option></select></label>\n\
         <button type=\"reset\">Show all</button>\n\
         <p id=\"shown\" role=\"status\"></p>\n</form>"
    )
}

/// A text in one line, of which what stands in backticks is code.
fn inline(message: &str) -> String {
    let parts: Vec<&str> = message.split('`').collect();
    let mut out = String::with_capacity(message.len() + 32);
    for (index, part) in parts.iter().enumerate() {
        // One that is opened and never closed is none.
        let (before, after) = match index % 2 {
            1 if index + 1 < parts.len() => ("<code>", "</code>"),
            1 => ("`", ""),
            _ => ("", ""),
        };
        out.push_str(before);
        out.push_str(&text(part));
        out.push_str(after);
    }
    out
}

/// What the place of a rule on the page is called.
fn anchor(rule: &str) -> String {
    let safe = |c: char| if c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.') { c } else { '_' };
    format!("r-{}", rule.chars().map(safe).collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    fn page(outcome: &Outcome) -> String {
        let mut out = Vec::new();
        write(outcome, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_finding_has_its_lines_its_reason_and_its_way_out() {
        let page = page(&sample::outcome());
        for part in [
            "<title>hardlint: 2 findings (1 high, 1 low), 2 problems</title>",
            "<code>location /files</code> can be left through <code>alias /srv/files/</code></h3>",
            "data-severity=\"high\" data-rule=\"nginx/alias-traversal\"",
            "    location <mark>/files</mark> {",
            "the slash is missing here",
            "<mark class=\"also\">/srv/files/</mark>",
            "and 2 more places",
            "end the location with a slash",
            "password &quot;*********",
            "<code>snippets/tls.conf</code> is not at hand",
            "certs/dhparam",
        ] {
            assert!(page.contains(part), "{part}\nis not in\n{page}");
        }
        assert!(!page.contains("hunter22"));
        assert_eq!(page, self::page(&sample::outcome()));
    }

    #[test]
    fn what_is_kept_back_is_said() {
        let mut outcome = sample::outcome();
        assert!(!page(&outcome).contains("kept-back"));
        outcome.parts[0].narrowed = Some(("<b>.toml".to_owned(), vec!["exclude"]));
        outcome.parts[0].report.held.extend(["dev/compose.yaml".into(), "dev/nginx.conf".into()]);
        let page = page(&outcome);
        for part in [
            "<h2 id=\"h-kept-back\">Not told</h2>",
            "<li>&lt;b&gt;.toml keeps something from being told: exclude</li>",
            "<li>2 files hold more and are for development, tests or examples: <code>--role production</code> tells it</li>",
        ] {
            assert!(page.contains(part), "{part}\nis not in\n{page}");
        }
    }

    #[test]
    fn nothing_is_found_is_a_page_as_well() {
        let page = page(&Outcome::default());
        assert!(page.contains("Nothing was found.") && !page.contains("<form"), "{page}");
    }

    #[test]
    fn nothing_in_a_text_is_markup() {
        assert_eq!(inline("a `<b>` <i> `"), "a <code>&lt;b&gt;</code> &lt;i&gt; `");
        assert_eq!(anchor("a/b c\"<"), "r-a_b_c__");
    }
}
