//! A rule as its file writes it, and its reading.
//!
//! The fields are those of `docs/writing-rules.md`; a field that is not known is a mistake that is told, never ignored.
//! What the expressions in it mean is settled in [`crate::ruleset`], against the table of the rule's format.

use crate::diagnostic::{Confidence, Safety, Severity};
use crate::expr::closest;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::fmt;

/// A rule.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// Its file's path without the ending: `nginx/alias-traversal`. Not written in the file.
    #[serde(default)]
    pub id: String,
    /// What is wrong, in a few words.
    pub title: String,
    /// The harm if it is true.
    pub severity: Severity,
    /// The chance that it is.
    pub confidence: Confidence,
    /// The kind of scope that it judges.
    pub select: String,
    /// The condition: where it is true, the rule fires.
    pub when: String,
    /// Where the finding points, if not where the evidence does: `label`, `scope`, or a key.
    pub at: Option<String>,
    /// What is said, with `{path}` for values.
    pub message: String,
    /// Circumstances that change how bad or how sure it is; of those that are true, the first says.
    #[serde(default)]
    pub adjust: Vec<Adjust>,
    /// Roles of files in which the rule speaks.
    #[serde(default = "default_roles")]
    pub roles: Vec<String>,
    /// Whether it harms whoever runs what it finds, whatever that is for: who asks for everything is told of it in all roles,
    /// one step lower where it does not speak by itself.
    #[serde(default)]
    pub everywhere: bool,
    /// The way out.
    pub fix: Option<FixForm>,
    /// What goes wrong, who can do it, what they get; then what to do instead.
    pub why: String,
    /// CWE numbers and pages.
    #[serde(default)]
    pub references: Vec<String>,
    /// The same check in other tools: `gixy:alias_traversal`.
    #[serde(default)]
    pub equivalents: Vec<String>,
    /// Rules that say a part of what it says: where a finding of it points, or names as a place that took part, theirs are not
    /// told as well.
    #[serde(default)]
    pub replaces: Vec<String>,
    /// Where its findings are one choice, and are told as one.
    pub together: Option<Together>,
    /// Ids that it had before.
    #[serde(default)]
    pub aliases: Vec<String>,
    /// The version that it came with.
    pub since: String,
    /// Whether it has proved itself.
    #[serde(default)]
    pub status: Status,
    /// Examples in which it fires, at their marks.
    #[serde(default)]
    pub bad: Vec<Example>,
    /// Examples in which it is silent: at least one that nearly fires.
    #[serde(default)]
    pub good: Vec<Example>,
}

fn default_roles() -> Vec<String> {
    vec!["production".to_owned(), "unknown".to_owned()]
}

/// Whether a rule has proved itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// Not yet: it speaks with `--preview` or `--pedantic` only.
    #[default]
    Preview,
    /// A true finding of it was reviewed, or the program was seen to show the harm.
    Stable,
}

impl Status {
    /// As it is spelt.
    pub fn name(self) -> &'static str {
        match self {
            Self::Preview => "preview",
            Self::Stable => "stable",
        }
    }
}

/// Which findings of a rule are one choice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Together {
    /// All of a file.
    File,
    /// Those whose scopes have the same parent: the ports of a service.
    Parent,
    /// Those of a file at lines that read the same: a mount that several services have.
    Line,
    /// Those of a file of which the same is said, whatever they name: the port of one database in each of its replicas.
    Alike,
    /// Those of a file that point at the same text: a password that several services have.
    Value,
    /// Those of one folder's files that point at the same text: a password that several variables hold.
    FolderValue,
}

/// A circumstance that changes how bad or how sure a finding is.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Adjust {
    /// The circumstance.
    pub when: String,
    /// How bad it is then.
    pub severity: Option<Severity>,
    /// How sure it is then.
    pub confidence: Option<Confidence>,
    /// What is wrong then, in place of the rule's own message.
    pub message: Option<String>,
    /// True, and seldom worth a busy reader's time: it is then told with `--pedantic` only.
    #[serde(default)]
    pub pedantic: bool,
}

/// A way out, as a rule describes it. Beyond its title and safety, the fields say what an edit would be.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FixForm {
    /// What is to be done, in the imperative; with `{path}` for values.
    pub title: String,
    /// Who may apply it.
    pub safety: Safety,
    /// Values to set, by key.
    pub set: Option<BTreeMap<String, String>>,
    /// Keys to remove.
    pub unset: Option<Vec<String>>,
    /// One more value of keys that hold several; for nginx also a `location` that comes before the others.
    pub add: Option<BTreeMap<String, String>>,
    /// What [`text`](Self::text) takes the place of, at all places that the finding rests on.
    pub replace: Option<String>,
    /// As [`replace`](Self::replace), told by an expression: where it matches, its group makes way for the text, or all that it matched
    /// if none took part. `$0` in the text is what stood there.
    pub pattern: Option<String>,
    /// Keys of other scopes that change with those that are named.
    pub also: Option<Vec<String>>,
    /// What [`text`](Self::text) goes behind: `label` or a key.
    pub insert_after: Option<String>,
    /// The text to insert, or to put instead.
    pub text: Option<String>,
    /// Where the edit can be made; elsewhere a person has to.
    pub when: Option<String>,
}

/// An example: a snippet, around which its format's smallest context is assumed, or files.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub enum Example {
    /// A snippet.
    Snippet(String),
    /// Files, or a snippet under a name.
    Files(ExampleFiles),
}

/// An example of several files, or of one that depends on its circumstances.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExampleFiles {
    /// Texts by path.
    #[serde(default)]
    pub files: BTreeMap<String, String>,
    /// One text, at `path` or where its format's files usually are; instead of `files`.
    pub text: Option<String>,
    /// Where `text` stands.
    pub path: Option<String>,
    /// Paths that git tracks; the others are untracked. Without it, and without `ignored`, there is no repository.
    pub tracked: Option<Vec<String>>,
    /// Paths that git is told to ignore.
    pub ignored: Option<Vec<String>>,
    /// Permission bits by path, as octal text: `"0600"`.
    #[serde(default)]
    pub mode: BTreeMap<String, String>,
    /// Versions that are deployed to, by program.
    #[serde(default)]
    pub target: BTreeMap<String, String>,
    /// The environment of the process.
    pub env: Option<BTreeMap<String, String>>,
}

/// A mistake in a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleError {
    /// The rule's file, or its id for one that is built in.
    pub path: String,
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// What is wrong.
    pub message: String,
}

impl fmt::Display for RuleError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}: {}", self.path, self.line, self.column, self.message)
    }
}

impl std::error::Error for RuleError {}

impl Rule {
    /// The format whose files it judges: the part of the id before the slash.
    pub fn format(&self) -> &str {
        self.id.split_once('/').map_or("", |(format, _)| format)
    }

    /// Reads a rule's file. `path` is `…/<format>/<what-is-wrong>.yaml`.
    ///
    /// # Errors
    /// The first mistake.
    pub fn from_yaml(path: &str, text: &str) -> Result<Self, RuleError> {
        let fail = |line, column, message| Err(RuleError { path: path.to_owned(), line, column, message });
        let Some(id) = id_of(path) else {
            return fail(1, 1, "a rule's file is named FOLDER/<format>/<what-is-wrong>.yaml".to_owned());
        };
        match serde_saphyr::from_str::<Self>(text) {
            Ok(rule) => Ok(Self { id, ..rule }),
            Err(error) => {
                let at = error.location();
                let number = |number: Option<u64>| number.and_then(|it| usize::try_from(it).ok()).unwrap_or(1);
                let message = meant(error.without_snippet());
                fail(number(at.map(|at| at.line())), number(at.map(|at| at.column())), message)
            }
        }
    }
}

/// The id that a path gives: its last two parts.
fn id_of(path: &str) -> Option<String> {
    let stem = path.strip_suffix(".yaml").or_else(|| path.strip_suffix(".yml"))?;
    let mut parts = stem.rsplit('/');
    let (name, format) = (parts.next()?, parts.next()?);
    (!name.is_empty() && !format.is_empty()).then(|| format!("{format}/{name}"))
}

/// The message of an error, with the known field that is closest to one that is not known.
fn meant(error: &serde_saphyr::Error) -> String {
    let message = error.to_string();
    let message = message.lines().next().unwrap_or_default();
    // The place stands before the message already.
    let message = message.rsplit_once(" at line ").map_or(message, |(message, _)| message);
    let close = |name: &str, expected: &[&'static str]| {
        closest(name, expected.iter().copied()).map(|known| format!("; did you mean `{known}`?")).unwrap_or_default()
    };
    match error {
        serde_saphyr::Error::SerdeUnknownField { field, expected, .. } => {
            format!("a rule has no field `{field}`{}", close(field, expected))
        }
        serde_saphyr::Error::SerdeUnknownVariant { variant, expected, .. } => {
            format!("`{variant}` is none of {}{}", expected.join(", "), close(variant, expected))
        }
        serde_saphyr::Error::Eof { .. } => {
            "a rule is written in fields, as `title: what is wrong`, and there are none here".to_owned()
        }
        serde_saphyr::Error::ExternallyTaggedEnumExpectedScalarOrMapping { .. } => {
            "here belongs one word, as `severity: high` has it".to_owned()
        }
        serde_saphyr::Error::DuplicateMappingKey { key, .. } => {
            format!("the field `{}` is there twice: leave one of the two", key.as_deref().unwrap_or("?"))
        }
        serde_saphyr::Error::SerdeMissingField { field, .. } => format!("a rule needs the field `{field}`"),
        _ => message.to_owned(),
    }
}

/// The place in a rule's file of byte `offset` of the value of a field, such as `when`.
///
/// YAML folds and indents a text, but changes nothing in it that is no blank: the same number of other characters stands
/// before a place in the file and in the value.
pub(crate) fn place(text: &str, field: &str, value: &str, offset: usize) -> (usize, usize) {
    let start = field_start(text, field).unwrap_or(0);
    let before = value.get(..offset).unwrap_or(value).chars().filter(|c| !c.is_whitespace()).count();
    let body = text.get(start..).unwrap_or_default();
    let mut said = body.char_indices().filter(|(_, c)| !c.is_whitespace());
    // What is missing at the end is missing behind the last that is said.
    let at_end = value.get(offset..).is_none_or(|rest| rest.trim().is_empty());
    let found = if at_end && before > 0 {
        said.nth(before - 1).map(|(at, letter)| at + letter.len_utf8())
    } else {
        said.nth(before).map(|(at, _)| at)
    };
    line_and_column(text, start + found.unwrap_or(body.len()))
}

/// The place of the last of `words`, which stand one behind the other in the value of a top-level field; that of what was
/// found last, if one is spelt otherwise there.
pub(crate) fn place_of_words(text: &str, field: &str, words: &[&str]) -> (usize, usize) {
    let letter = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-');
    let mut at = field_start(text, field).unwrap_or(0);
    for word in words {
        let body = text.get(at..).unwrap_or_default();
        let alone = |at: &usize| {
            let behind = body.get(at + word.len()..).unwrap_or_default();
            !body.get(..*at).unwrap_or_default().ends_with(letter) && !behind.starts_with(letter)
        };
        at += body.match_indices(word).map(|(at, _)| at).find(alone).unwrap_or(0);
    }
    line_and_column(text, at)
}

fn line_and_column(text: &str, at: usize) -> (usize, usize) {
    let before = text.get(..at).unwrap_or(text);
    let line_start = before.rfind('\n').map_or(0, |at| at + 1);
    let column = before.get(line_start..).unwrap_or_default().chars().count() + 1;
    (before.matches('\n').count() + 1, column)
}

/// Where the text of a top-level field's value begins.
fn field_start(text: &str, field: &str) -> Option<usize> {
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        if let Some(rest) = line.strip_prefix(field).and_then(|rest| rest.strip_prefix(':')) {
            let begin = at + field.len() + 1;
            let value = rest.trim_start();
            let skipped = rest.len() - value.len();
            let block = value.starts_with(['>', '|']);
            let quoted = value.starts_with(['"', '\'']);
            return Some(if block { at + line.len() } else { begin + skipped + usize::from(quoted) });
        }
        at += line.len();
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULE: &str = "title: t\nseverity: low\nconfidence: high\nselect: file\nwhen: >\n  a &&\n    b\nmessage: m\nwhy: w\nsince: 0.1.0\n";

    #[test]
    fn a_rule_is_named_by_its_path() {
        let rule = Rule::from_yaml("my/rules/nginx/x-y.yaml", RULE).unwrap();
        assert_eq!((rule.id.as_str(), rule.format(), rule.status), ("nginx/x-y", "nginx", Status::Preview));
        assert_eq!(rule.roles, ["production", "unknown"]);
    }

    #[test]
    fn an_unknown_field_is_told_with_what_was_meant() {
        let error = Rule::from_yaml("nginx/x.yaml", &RULE.replace("title", "tilte")).unwrap_err();
        assert_eq!(error.to_string(), "nginx/x.yaml:1:1: a rule has no field `tilte`; did you mean `title`?");
        let error = Rule::from_yaml("nginx/x.yaml", &RULE.replace("low", "hgih")).unwrap_err();
        let expected = "nginx/x.yaml:2:11: `hgih` is none of info, low, medium, high, critical; did you mean `high`?";
        assert_eq!(error.to_string(), expected);
        let error = Rule::from_yaml("nginx/x.yaml", &RULE.replace("why: w\n", "")).unwrap_err();
        assert_eq!(error.message, "a rule needs the field `why`");
    }

    #[test]
    fn a_place_in_an_expression_is_one_in_its_file() {
        assert_eq!(place(RULE, "when", "a && b\n", 5), (7, 5));
        assert_eq!(place("when: \"a && b\"\n", "when", "a && b", 5), (1, 13));
        let text = "user: x\nfix: { title: a user_name of a user, unset: [user] }\n";
        assert_eq!(place_of_words(text, "fix", &["unset", "user"]), (2, 46));
    }
}
