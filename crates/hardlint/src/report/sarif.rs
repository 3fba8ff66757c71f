//! The report as SARIF 2.1.0, as code scanning reads it.
//!
//! No snippet of any file is in it: a viewer has the file, and a secret cannot leak from what is not there.

use super::{Named, Outcome, Part, Place, fingerprint};
use hardlint_lint::diagnostic::{self, Diagnostic, Label, Severity, Trouble};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::io::{self, Write};

const SCHEMA: &str = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/// The only taxonomy of a run.
const CWE: Component = Component { name: "CWE", index: 0 };

#[derive(Serialize)]
struct Log<'a> {
    #[serde(rename = "$schema")]
    schema: &'static str,
    version: &'static str,
    runs: [Run<'a>; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Run<'a> {
    tool: Tool<'a>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    taxonomies: Vec<Taxonomy>,
    column_kind: &'static str,
    invocations: [Invocation<'a>; 1],
    results: Vec<Result<'a>>,
}

#[derive(Serialize)]
struct Tool<'a> {
    driver: Driver<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Driver<'a> {
    name: &'static str,
    semantic_version: &'static str,
    information_uri: &'static str,
    rules: Vec<Rule<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    supported_taxonomies: Vec<Component>,
}

/// The weaknesses of the CWE that rules are about.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Taxonomy {
    name: &'static str,
    organization: &'static str,
    information_uri: &'static str,
    short_description: Text<'static>,
    taxa: Vec<Taxon>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Taxon {
    id: String,
    help_uri: String,
}

#[derive(Clone, Copy, Serialize)]
struct Component {
    name: &'static str,
    index: usize,
}

/// That a rule looks for a kind of a weakness.
#[derive(Serialize)]
struct Relationship {
    target: Target,
    kinds: [&'static str; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Target {
    id: String,
    index: usize,
    tool_component: Component,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Rule<'a> {
    id: &'a str,
    short_description: Text<'a>,
    full_description: Text<'a>,
    help: Help<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    help_uri: Option<&'a str>,
    default_configuration: Configuration,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    relationships: Vec<Relationship>,
    properties: RuleProperties,
}

#[derive(Serialize)]
struct Help<'a> {
    text: &'a str,
    markdown: String,
}

#[derive(Serialize)]
struct Configuration {
    level: &'static str,
}

#[derive(Serialize)]
struct RuleProperties {
    tags: Vec<String>,
    /// What GitHub ranks alerts by.
    #[serde(rename = "security-severity")]
    security_severity: &'static str,
}

#[derive(Serialize)]
struct Text<'a> {
    text: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Invocation<'a> {
    execution_successful: bool,
    tool_execution_notifications: Vec<Notification<'a>>,
}

#[derive(Serialize)]
struct Notification<'a> {
    level: &'static str,
    message: Text<'a>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    locations: Vec<Location<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Result<'a> {
    rule_id: &'a str,
    rule_index: usize,
    level: &'static str,
    message: Text<'a>,
    locations: [Location<'a>; 1],
    #[serde(skip_serializing_if = "Vec::is_empty")]
    related_locations: Vec<Location<'a>>,
    partial_fingerprints: BTreeMap<&'static str, String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    fixes: Vec<Fix<'a>>,
    properties: Properties<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Fix<'a> {
    description: Text<'a>,
    artifact_changes: Vec<Change<'a>>,
}

/// The replacements in one file.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Change<'a> {
    artifact_location: Artifact,
    replacements: Vec<Replacement<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Replacement<'a> {
    deleted_region: Region,
    inserted_content: Text<'a>,
}

#[derive(Serialize)]
struct Properties<'a> {
    severity: &'static str,
    confidence: &'static str,
    role: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    fix: Option<&'a str>,
}

#[derive(Serialize)]
struct Location<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<usize>,
    #[serde(rename = "physicalLocation")]
    physical: Physical,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<Text<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Physical {
    artifact_location: Artifact,
    #[serde(skip_serializing_if = "Option::is_none")]
    region: Option<Region>,
}

#[derive(Serialize)]
struct Artifact {
    uri: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Region {
    start_line: usize,
    start_column: usize,
    end_line: usize,
    end_column: usize,
}

pub fn write(outcome: &Outcome, out: &mut dyn Write) -> io::Result<()> {
    let mut rules: BTreeMap<&str, (usize, &Diagnostic)> = BTreeMap::new();
    for (_, finding) in outcome.findings() {
        rules.entry(&finding.rule).or_insert((0, finding));
    }
    for (index, (place, _)) in rules.values_mut().enumerate() {
        *place = index;
    }
    let results = outcome.findings().map(|(part, finding)| {
        let index = rules.get(&*finding.rule).map_or(0, |(index, _)| *index);
        result(part, finding, index)
    });
    let kept_back = outcome.kept_back();
    let not_told = |said| Notification { level: "note", message: Text { text: said }, locations: Vec::new() };
    let notifications = outcome.problems().map(|(part, problem)| notification(part, problem));
    let notifications = notifications.chain(kept_back.iter().map(|said| not_told(said))).collect();
    let weaknesses: BTreeSet<u32> = rules.keys().flat_map(|id| weaknesses(outcome, id)).collect();
    let driver = Driver {
        name: "hardlint",
        semantic_version: env!("CARGO_PKG_VERSION"),
        information_uri: env!("CARGO_PKG_REPOSITORY"),
        rules: rules.values().map(|(_, finding)| rule(outcome, finding, &weaknesses)).collect(),
        supported_taxonomies: if weaknesses.is_empty() { Vec::new() } else { vec![CWE] },
    };
    let invocation = Invocation {
        execution_successful: outcome.not_understood().0 == 0,
        tool_execution_notifications: notifications,
    };
    let run = Run {
        tool: Tool { driver },
        taxonomies: taxonomies(&weaknesses),
        column_kind: "unicodeCodePoints",
        invocations: [invocation],
        results: results.collect(),
    };
    serde_json::to_writer_pretty(&mut *out, &Log { schema: SCHEMA, version: "2.1.0", runs: [run] })?;
    writeln!(out)
}

fn rule<'a>(outcome: &'a Outcome, finding: &'a Diagnostic, known: &BTreeSet<u32>) -> Rule<'a> {
    let named = outcome.rules.get(&finding.rule);
    let why = if finding.why.is_empty() { &*finding.rule } else { &*finding.why };
    let own = weaknesses(outcome, &finding.rule);
    // GitHub shows a weakness by a tag.
    let tags = own.iter().map(|number| format!("external/cwe/cwe-{number:03}"));
    let relationships = own.iter().filter_map(|number| {
        let index = known.iter().position(|it| it == number)?;
        let target = Target { id: number.to_string(), index, tool_component: CWE };
        Some(Relationship { target, kinds: ["superset"] })
    });
    Rule {
        id: &finding.rule,
        short_description: Text { text: named.map_or(&*finding.rule, |named| &named.title) },
        full_description: Text { text: why },
        help: Help { text: why, markdown: help(named, why) },
        help_uri: named.map(|named| named.url.as_str()),
        default_configuration: Configuration { level: level(finding.severity) },
        relationships: relationships.collect(),
        properties: RuleProperties {
            tags: std::iter::once("security".to_owned()).chain(tags).collect(),
            security_severity: score(finding.severity),
        },
    }
}

/// Why a rule matters, and where more of it is told.
fn help(named: Option<&Named>, why: &str) -> String {
    let mut text = why.trim().to_owned();
    let references = named.map(|named| named.references.as_slice()).unwrap_or_default();
    if !references.is_empty() {
        text.push('\n');
    }
    for reference in references {
        let _ = match weakness(reference) {
            Some(number) => write!(text, "\n- [{reference}]({})", definition(number)),
            None if reference.starts_with("https://") => write!(text, "\n- <{reference}>"),
            None => write!(text, "\n- {reference}"),
        };
    }
    text
}

/// The number in `CWE-22`.
fn weakness(reference: &str) -> Option<u32> {
    reference.strip_prefix("CWE-")?.parse().ok()
}

fn weaknesses(outcome: &Outcome, rule: &str) -> Vec<u32> {
    let references = outcome.rules.get(rule).map(|named| named.references.as_slice()).unwrap_or_default();
    references.iter().filter_map(|reference| weakness(reference)).collect()
}

fn definition(number: u32) -> String {
    format!("https://cwe.mitre.org/data/definitions/{number}.html")
}

fn taxonomies(weaknesses: &BTreeSet<u32>) -> Vec<Taxonomy> {
    if weaknesses.is_empty() {
        return Vec::new();
    }
    let taxa = weaknesses.iter().map(|number| Taxon { id: number.to_string(), help_uri: definition(*number) });
    vec![Taxonomy {
        name: CWE.name,
        organization: "MITRE",
        information_uri: "https://cwe.mitre.org/",
        short_description: Text { text: "Common Weakness Enumeration" },
        taxa: taxa.collect(),
    }]
}

fn result<'a>(part: &Part, finding: &'a Diagnostic, rule_index: usize) -> Result<'a> {
    let related = finding.related.iter().enumerate().map(|(index, label)| {
        let message = (!label.text.is_empty()).then_some(Text { text: &label.text });
        Location { id: Some(index), physical: physical(part, label), message }
    });
    Result {
        rule_id: &finding.rule,
        rule_index,
        level: level(finding.severity),
        message: Text { text: &finding.message },
        locations: [Location { id: None, physical: physical(part, &finding.primary), message: None }],
        related_locations: related.collect(),
        partial_fingerprints: {
            let fingerprint = fingerprint(&finding.fingerprint);
            // The name that GitHub's code scanning asks for; without it, it would take the text of the line.
            BTreeMap::from([("primaryLocationLineHash", fingerprint.clone()), ("hardlint/v1", fingerprint)])
        },
        fixes: finding.fix.iter().filter(|fix| !fix.edits.is_empty()).map(|fix| fixed(part, fix)).collect(),
        properties: Properties {
            severity: finding.severity.name(),
            confidence: finding.confidence.name(),
            role: finding.role.name(),
            fix: finding.fix.as_ref().map(|fix| fix.title.as_str()),
        },
    }
}

fn fixed<'a>(part: &Part, fix: &'a diagnostic::Fix) -> Fix<'a> {
    let mut files: BTreeMap<String, Vec<Replacement<'a>>> = BTreeMap::new();
    for edit in &fix.edits {
        let place = Place::new(&part.names, &edit.source, edit.span);
        let path = uri(&place.path);
        let replacement = Replacement { deleted_region: region(&place), inserted_content: Text { text: &edit.text } };
        files.entry(path).or_default().push(replacement);
    }
    let changes =
        files.into_iter().map(|(uri, replacements)| Change { artifact_location: Artifact { uri }, replacements });
    Fix { description: Text { text: &fix.title }, artifact_changes: changes.collect() }
}

fn notification<'a>(part: &Part, problem: &'a Trouble) -> Notification<'a> {
    let physical = match &problem.at {
        Some(label) => physical(part, label),
        None => Physical { artifact_location: Artifact { uri: uri(&part.names.of(&problem.path)) }, region: None },
    };
    Notification {
        level: if problem.notice { "note" } else { "error" },
        message: Text { text: &problem.message },
        locations: vec![Location { id: None, physical, message: None }],
    }
}

fn physical(part: &Part, label: &Label) -> Physical {
    let place = part.place(label);
    Physical { artifact_location: Artifact { uri: uri(&place.path) }, region: Some(region(&place)) }
}

fn region(place: &Place) -> Region {
    Region {
        start_line: place.line,
        start_column: place.column,
        end_line: place.end_line,
        end_column: place.end_column,
    }
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical | Severity::High => "error",
        Severity::Medium => "warning",
        Severity::Low | Severity::Info => "note",
    }
}

/// In the middle of the range that GitHub gives the word.
fn score(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "9.5",
        Severity::High => "8.0",
        Severity::Medium => "5.5",
        Severity::Low => "2.0",
        Severity::Info => "0.0",
    }
}

/// A path as a URI reference.
fn uri(path: &str) -> String {
    let mut uri = String::from(if path.starts_with('/') { "file://" } else { "" });
    for byte in path.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' | b'/' => uri.push(byte as char),
            // Other bytes, and `:` as well, which would make what stands before it a scheme.
            _ => {
                let _ = write!(uri, "%{byte:02X}");
            }
        }
    }
    uri
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;
    use serde_json::{Value, json};

    #[test]
    fn the_log_has_what_code_scanning_reads() {
        let mut out = Vec::new();
        write(&sample::outcome(), &mut out).unwrap();
        let log: Value = serde_json::from_slice(&out).unwrap();
        assert_eq!(log["version"], "2.1.0");
        let run = &log["runs"][0];
        let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
        assert_eq!(rules.len(), 1);
        assert_eq!(rules[0]["shortDescription"]["text"], "location can be left through its alias");
        assert_eq!(rules[0]["helpUri"], "https://example.org/alias");
        assert_eq!(rules[0]["properties"]["tags"], json!(["security", "external/cwe/cwe-022"]));
        let target = json!({"id": "22", "index": 0, "toolComponent": {"name": "CWE", "index": 0}});
        assert_eq!(rules[0]["relationships"], json!([{"target": target, "kinds": ["superset"]}]));
        assert_eq!(run["taxonomies"][0]["taxa"][0]["id"], "22");
        let help = rules[0]["help"]["markdown"].as_str().unwrap();
        assert!(
            help.ends_with(
                "slash.\n\n- [CWE-22](https://cwe.mitre.org/data/definitions/22.html)\n- <https://example.org/nginx>"
            ),
            "{help}"
        );
        let result = &run["results"][0];
        assert_eq!(result["ruleId"], "nginx/alias-traversal");
        assert_eq!(result["ruleIndex"], 0);
        assert_eq!(result["level"], "error");
        assert_eq!(
            result["locations"][0]["physicalLocation"],
            json!({"artifactLocation": {"uri": "conf.d/site.conf"},
                   "region": {"startLine": 3, "startColumn": 14, "endLine": 3, "endColumn": 20}})
        );
        assert_eq!(result["relatedLocations"][1]["physicalLocation"]["artifactLocation"]["uri"], "nginx.conf");
        assert_eq!(
            result["fixes"],
            json!([{"description": {"text": "end the location with a slash"},
                    "artifactChanges": [{"artifactLocation": {"uri": "conf.d/site.conf"}, "replacements": [
                        {"deletedRegion": {"startLine": 3, "startColumn": 20, "endLine": 3, "endColumn": 20},
                         "insertedContent": {"text": "/"}}]}]}])
        );
        assert!(run["results"][1].get("fixes").is_none());
        let other = &run["results"][1]["partialFingerprints"]["hardlint/v1"];
        assert_ne!(&result["partialFingerprints"]["hardlint/v1"], other);
        let invocation = &run["invocations"][0];
        assert_eq!(invocation["executionSuccessful"], false);
        assert_eq!(invocation["toolExecutionNotifications"].as_array().unwrap().len(), 2);
        assert!(!String::from_utf8(out).unwrap().contains("hunter22"));
    }

    #[test]
    fn what_is_kept_back_is_said() {
        let mut outcome = sample::outcome();
        outcome.parts[0].report.held.insert("dev/compose.yaml".into());
        let mut out = Vec::new();
        write(&outcome, &mut out).unwrap();
        let log: Value = serde_json::from_slice(&out).unwrap();
        let said = &log["runs"][0]["invocations"][0]["toolExecutionNotifications"][2];
        let text = "1 file holds more and is for development, tests or examples: `--role production` tells it";
        assert_eq!(*said, json!({"level": "note", "message": {"text": text}}));
    }

    #[test]
    fn paths_become_references() {
        assert_eq!(uri("a b/ü:c#?.conf"), "a%20b/%C3%BC%3Ac%23%3F.conf");
        assert_eq!(uri("/srv/x"), "file:///srv/x");
    }
}
