//! What the client can do, and what its user asked for.

use crate::position::Encoding;
use hardlint_lint::diagnostic::{Confidence, Severity};
use lsp_types::{ClientCapabilities, DiagnosticTag};
use serde_json::{Map, Value};

/// What the client can do, as far as it makes a difference.
#[derive(Clone, Copy, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is an ability that a client has or has not")]
pub(crate) struct Client {
    /// How it counts characters.
    pub(crate) encoding: Encoding,
    /// It asks for diagnostics, so that none are sent unasked.
    pub(crate) pulls: bool,
    /// It asks again when it is told that diagnostics may be others.
    pub(crate) pulls_again: bool,
    /// It takes edits with the versions of documents that they are for.
    pub(crate) versions: bool,
    /// It watches files for a server that asks it to.
    pub(crate) watches: bool,
    /// It shows how far work is.
    pub(crate) progress: bool,
    /// It answers what its user's settings are.
    pub(crate) configuration: bool,
    /// It tells servers when its settings change.
    pub(crate) registers_configuration: bool,
    /// It opens addresses.
    pub(crate) opens: bool,
    /// It shows other places that belong to a diagnostic.
    pub(crate) related: bool,
    /// It shows what is unnecessary as such.
    pub(crate) unnecessary: bool,
    /// It asks again for inlay hints and lenses when it is told that they may be others.
    pub(crate) hints_again: bool,
    pub(crate) lenses_again: bool,
}

impl Client {
    /// `raw` are the same abilities as they were sent.
    pub(crate) fn new(capabilities: &ClientCapabilities, raw: &Value) -> Self {
        let document = capabilities.text_document.as_ref();
        let workspace = capabilities.workspace.as_ref();
        let window = capabilities.window.as_ref();
        let published = document.and_then(|it| it.publish_diagnostics.as_ref());
        let tags = published.and_then(|it| it.tag_support.as_ref());
        let edits = workspace.and_then(|it| it.workspace_edit.as_ref());
        let watched = workspace.and_then(|it| it.did_change_watched_files.as_ref());
        let general = capabilities.general.as_ref();
        // The crate with the shapes of messages looks for this one under another name.
        let refreshes = raw.pointer("/workspace/diagnostics/refreshSupport").and_then(Value::as_bool);
        Self {
            encoding: Encoding::agreed(general.and_then(|it| it.position_encodings.as_deref())),
            pulls: document.is_some_and(|it| it.diagnostic.is_some()),
            pulls_again: refreshes.unwrap_or_default(),
            versions: edits.and_then(|it| it.document_changes).unwrap_or_default(),
            watches: watched.and_then(|it| it.dynamic_registration).unwrap_or_default(),
            progress: window.and_then(|it| it.work_done_progress).unwrap_or_default(),
            configuration: workspace.and_then(|it| it.configuration).unwrap_or_default(),
            registers_configuration: workspace
                .and_then(|it| it.did_change_configuration.as_ref())
                .and_then(|it| it.dynamic_registration)
                .unwrap_or_default(),
            opens: window.and_then(|it| it.show_document.as_ref()).is_some_and(|it| it.support),
            // A client that says nothing of what it shows of diagnostics is an old one, and shows what it knows.
            related: published.is_none_or(|it| it.related_information.unwrap_or(true)),
            unnecessary: published.is_none()
                || tags.is_some_and(|tags| tags.value_set.contains(&DiagnosticTag::UNNECESSARY)),
            hints_again: workspace
                .and_then(|it| it.inlay_hint.as_ref())
                .and_then(|it| it.refresh_support)
                .unwrap_or_default(),
            lenses_again: workspace
                .and_then(|it| it.code_lens.as_ref())
                .and_then(|it| it.refresh_support)
                .unwrap_or_default(),
        }
    }
}

/// What the user of an editor asked for; it goes before what the settings file of a project says.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own")]
pub struct Asked {
    /// Whether what may or may not be a fault is shown.
    pub pedantic: bool,
    /// Whether rules that were not proven yet are applied.
    pub preview: bool,
    /// Findings below this are not shown.
    pub severity: Option<Severity>,
    /// Findings below this are not shown.
    pub confidence: Option<Confidence>,
    /// Rules to apply, by id or with `*`; what the project says if there is none.
    pub select: Vec<String>,
    /// Rules not to apply.
    pub ignore: Vec<String>,
    /// Whether values that a line does not decide are shown at its end.
    pub hints: bool,
    /// Whether files tell above their first line what they are for.
    pub lenses: bool,
}

impl Default for Asked {
    fn default() -> Self {
        Self {
            pedantic: false,
            preview: false,
            severity: None,
            confidence: None,
            select: Vec::new(),
            ignore: Vec::new(),
            hints: true,
            lenses: true,
        }
    }
}

/// The name that clients keep the settings under.
pub(crate) const SECTION: &str = "hardlint";

/// What can be asked for.
const NAMES: [&str; 8] =
    ["pedantic", "preview", "inlayHints", "codeLens", "severity", "confidence", "select", "ignore"];

/// Settings that stand alone or under [`SECTION`].
fn own(value: &Value) -> Option<&Map<String, Value>> {
    value.get(SECTION).unwrap_or(value).as_object()
}

impl Asked {
    /// Whether any setting of ours is named: clients answer with nothing, or with an empty object, where their user set none.
    pub(crate) fn names_any(value: &Value) -> bool {
        let named = |own: &Map<String, Value>| NAMES.iter().any(|name| own.get(*name).is_some_and(|it| !it.is_null()));
        own(value).is_some_and(named)
    }

    /// Reads settings over others, which hold where nothing is named; what makes no sense is told, and asks for nothing.
    pub(crate) fn read(value: &Value, over: &Self, complain: &mut dyn FnMut(String)) -> Self {
        let mut asked = over.clone();
        let plain = Self::default();
        let Some(own) = own(value) else { return asked };
        let strings = |value: &Value| -> Option<Vec<String>> {
            value.as_array()?.iter().map(|text| text.as_str().map(str::to_owned)).collect()
        };
        for (name, value) in own.iter().filter(|(_, value)| !value.is_null()) {
            let flag = |into: &mut bool, plain: bool| {
                *into = value.as_bool().unwrap_or(plain);
                value.is_boolean()
            };
            let list = |into: &mut Vec<String>| {
                let read = strings(value);
                let understood = read.is_some();
                *into = read.unwrap_or_default();
                understood
            };
            let understood = match name.as_str() {
                "pedantic" => flag(&mut asked.pedantic, plain.pedantic),
                "preview" => flag(&mut asked.preview, plain.preview),
                "inlayHints" => flag(&mut asked.hints, plain.hints),
                "codeLens" => flag(&mut asked.lenses, plain.lenses),
                "severity" => {
                    asked.severity = value.as_str().and_then(Severity::parse);
                    asked.severity.is_some()
                }
                "confidence" => {
                    asked.confidence = value.as_str().and_then(Confidence::parse);
                    asked.confidence.is_some()
                }
                "select" => list(&mut asked.select),
                "ignore" => list(&mut asked.ignore),
                // What clients themselves keep beside: the path of the binary, what is traced.
                _ => true,
            };
            if !understood {
                complain(format!("the setting `{SECTION}.{name}` is not understood"));
            }
        }
        asked
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn settings_are_read_with_and_without_their_section() {
        let mut told = Vec::new();
        let own =
            json!({"pedantic": true, "severity": "medium", "ignore": ["nginx/*"], "inlayHints": false, "path": "x"});
        let plain = Asked::default();
        let asked = Asked::read(&own, &plain, &mut |text| told.push(text));
        assert!(asked.pedantic && !asked.preview && !asked.hints && asked.lenses);
        assert_eq!((asked.severity, asked.ignore.as_slice()), (Some(Severity::Medium), &["nginx/*".to_owned()][..]));
        assert_eq!(Asked::read(&json!({ "hardlint": own }), &plain, &mut |text| told.push(text)), asked);
        assert_eq!(told, Vec::<String>::new());
        assert_eq!(Asked::read(&Value::Null, &plain, &mut |text| told.push(text)), Asked::default());
        let wrong = json!({"preview": "yes", "severity": "worst", "select": [1]});
        assert_eq!(Asked::read(&wrong, &plain, &mut |text| told.push(text)), Asked::default());
        assert_eq!(told.len(), 3, "{told:?}");
    }
    #[test]
    fn settings_are_laid_over_what_was_asked_for_at_the_start() {
        let first = Asked::read(&json!({"pedantic": true, "severity": "high"}), &Asked::default(), &mut |_| {});
        let later = Asked::read(&json!({"hardlint": {"preview": true, "severity": "worst"}}), &first, &mut |_| {});
        assert!(later.pedantic && later.preview && later.severity.is_none(), "{later:?}");
        for nothing in [Value::Null, json!({}), json!({"hardlint": null}), json!({"ruff": {"preview": true}})] {
            assert!(!Asked::names_any(&nothing), "{nothing}");
            assert_eq!(Asked::read(&nothing, &first, &mut |_| {}), first);
        }
        assert!(
            Asked::names_any(&json!({"pedantic": false})) && Asked::names_any(&json!({"hardlint": {"ignore": []}}))
        );
    }
}
