//! What is remembered of a finding: an entry for each of its places, so that one more of them is seen.
//!
//! Two are the same by their rule, path, labels and key. Of several that are so, the line and what a list says there tell which is
//! which; both are kept as hashes, and neither where a secret stands. The secrets themselves are compared within a run alone.

use super::texts::{Lines, Plain, hash};
use hardlint_config::model::Str;
use hardlint_config::secrets;
use hardlint_config::text::{Source, Span};
use hardlint_lint::diagnostic::{Diagnostic, Label, Place, Report, Severity};
use hardlint_lint::ruleset::RuleSet;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

/// A place of a finding; the order of the fields is that of the file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Entry {
    pub(super) path: String,
    pub(super) rule: String,
    pub(super) scopes: Vec<String>,
    pub(super) key: String,
    pub(super) ordinal: usize,
    /// How bad it was; nothing where that was not written down yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) severity: Option<Severity>,
    /// What the elements of a list say there, each in one number; none where that is not known.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) says: Vec<u32>,
    /// What the message lists, likewise.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) lists: Vec<u32>,
    /// The line in one number, if that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) line: Option<u32>,
    /// The lines beside that one, each in one number, as far as they are known.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub(super) beside: BTreeSet<u32>,
    /// The scopes that its file is brought into; it is only asked of what is there now.
    #[serde(skip)]
    pub(super) within: Vec<Vec<String>>,
    /// The secrets that stand there, where they are known.
    #[serde(skip)]
    pub(super) secrets: Option<Vec<String>>,
}

/// What makes a place the same, but for its file and its number.
pub(super) type Kind = (String, Vec<String>, String);

impl Entry {
    /// Of a place as it stands, with all that is at hand. Labels are without secrets, which that of a scope may hold.
    pub(super) fn of_place(finding: &Diagnostic, place: &Place, report: &Report) -> Self {
        Self {
            path: place.label.source.path.to_string(),
            rule: finding.rule.to_string(),
            scopes: open(&place.scopes),
            key: secrets::hide(&place.key).into_owned(),
            ordinal: 0,
            severity: Some(finding.severity),
            says: hashes(&place.says),
            lists: hashes(&place.lists),
            within: place.within.iter().map(|scopes| open(scopes)).collect(),
            line: nameless(place.label.source.line(place.label.start().line)),
            beside: numbers_beside(&place.label).filter_map(|line| unaliased(place.label.source.line(line))).collect(),
            secrets: Some(secrets_at(finding, place, report)),
        }
    }

    /// Of a place, an entry for each that has what stands there: what an anchor or `extends` gives to several is a fault of each of
    /// them, and the same as if it were written out there.
    pub(super) fn each_of(finding: &Diagnostic, place: &Place, report: &Report) -> Vec<Self> {
        let entry = Self::of_place(finding, place, report);
        if place.bearers.is_empty() {
            return vec![entry];
        }
        let bearers = place.bearers.iter().map(|bearer| open(&bearer.scopes));
        bearers.map(|scopes| Self { scopes, within: vec![Vec::new()], ..entry.clone() }).collect()
    }

    /// Of a finding by its first place alone, as it was remembered once.
    pub(super) fn of_finding(finding: &Diagnostic, report: &Report) -> Option<Self> {
        let fingerprint = &finding.fingerprint;
        Some(Self {
            path: fingerprint.path.to_string(),
            scopes: open(&fingerprint.scopes),
            key: secrets::hide(&fingerprint.key).into_owned(),
            ..Self::of_place(finding, finding.places.first()?, report)
        })
    }

    /// Without what a file may not keep.
    pub(super) fn kept_of(mut self, place: &Place, plain: &Plain<'_>) -> Self {
        self.secrets = None;
        let label = &place.label;
        if !plain.is(&label.source, label.start().line..=label.end().line) {
            self.line = None;
        }
        let plain_beside = numbers_beside(label).filter(|line| plain.is(&label.source, *line..=*line));
        self.beside = plain_beside.filter_map(|line| unaliased(label.source.line(line))).collect();
        if plain.is_secret(label) || place.says.iter().any(|text| matches!(secrets::hide(text), Cow::Owned(_))) {
            self.says = Vec::new();
        }
        if place.lists.iter().any(|text| matches!(secrets::hide(text), Cow::Owned(_))) {
            self.lists = Vec::new();
        }
        self
    }

    /// A rule may have had another name when the file was written.
    pub(super) fn kind(&self, rules: &RuleSet) -> Kind {
        let rule = rules.named(&self.rule).map_or(&self.rule, |rule| &rule.rule.id);
        (rule.clone(), self.scopes.clone(), self.key.clone())
    }

    /// Whether the line is known to be the one that it was.
    pub(super) fn has_line_of(&self, now: &Self) -> bool {
        self.line.is_some() && self.line == now.line
    }

    /// Whether the scopes around it have other names in a file that has these lines now: what stands there and beside it is what
    /// it was, but for a line that is gone. Who takes the same fault from one scope to another leaves that one's lines where they are.
    pub(super) fn got_other_names(&self, now: &Self, lines: &Lines) -> bool {
        let mut others = self.beside.difference(&now.beside);
        let names = others.next();
        // Where the name stands elsewhere, as around an anchor, it has to be gone from there.
        let gone =
            |name: &String| now.scopes.contains(name) || hash(&format!("{name}:")).is_none_or(|it| !lines.has(it));
        self.severity == now.severity
            && self.scopes.len() == now.scopes.len()
            && self.has_line_of(now)
            && self.may_be(now)
            && names.map_or_else(|| self.scopes.iter().all(gone), |name| !lines.has(*name))
            && others.next().is_none()
            && self.beside.intersection(&now.beside).count() >= FEWEST_BESIDE
    }

    /// Whether what stood there may stand in a file now that its own brings in, and around which are these scopes: a part of
    /// what was around it is around the place where the file is brought in.
    pub(super) fn is_brought_to(&self, now: &Self) -> bool {
        now.within.iter().any(|within| within.iter().chain(&now.scopes).eq(&self.scopes))
    }

    /// Whether what stands there now may be what stood there, or less of it: neither another secret, nor one more of what the
    /// message lists, nor another element of a list in another line.
    pub(super) fn may_be(&self, now: &Self) -> bool {
        let no_more = |was: &[u32], is: &[u32]| is.iter().all(|one| was.contains(one));
        let lists_no_more = self.lists.is_empty() || no_more(&self.lists, &now.lists);
        let same_secrets = match (&self.secrets, &now.secrets) {
            (Some(was), Some(is)) => is.iter().all(|secret| was.contains(secret)),
            _ => true,
        };
        let unknown = self.says.is_empty() || now.says.is_empty();
        same_secrets && lists_no_more && (unknown || no_more(&self.says, &now.says) || self.has_line_of(now))
    }
}

/// Labels without secrets.
fn open(scopes: &[Str]) -> Vec<String> {
    scopes.iter().map(|scope| secrets::hide(scope).into_owned()).collect()
}

/// Each text in one number.
fn hashes(texts: &[Str]) -> Vec<u32> {
    let mut all: Vec<u32> = texts.iter().filter_map(|text| hash(text)).collect();
    all.sort_unstable();
    all.dedup();
    all
}

/// Lines above and below a place that tell where it stands: what gives a scope its name stands above.
const ABOVE: usize = 6;
const BELOW: usize = 3;
/// So many of these have to be the same.
const FEWEST_BESIDE: usize = 2;

/// The lines beside a place that say something.
fn numbers_beside(label: &Label) -> impl Iterator<Item = usize> {
    let (source, (first, last)) = (&label.source, (label.start().line, label.end().line));
    let says = |line: &usize| hash(source.line(*line)).is_some();
    let before = (1..first).rev().filter(says).take(ABOVE);
    before.chain((last + 1..=source.lines().len()).filter(says).take(BELOW))
}

/// A line in one number that does not change where it only gives what it begins another name: `FROM image AS name`, `name:`.
fn nameless(line: &str) -> Option<u32> {
    let is_name = line.trim_end().ends_with(':') && line.split_whitespace().count() == 1;
    if is_name { hash("name:") } else { unaliased(line) }
}

/// The same of `FROM image AS name` alone.
fn unaliased(line: &str) -> Option<u32> {
    let words: Vec<&str> = line.split_whitespace().collect();
    match words.as_slice() {
        [from, rest @ .., r#as, _] if from.eq_ignore_ascii_case("from") && r#as.eq_ignore_ascii_case("as") => {
            hash(&format!("{from} {}", rest.join(" ")))
        }
        _ => hash(line),
    }
}

/// Numbers those that are the same, in their order.
pub(super) fn number(entries: &mut [Entry]) {
    let mut counts: BTreeMap<(String, String, Vec<String>, String), usize> = BTreeMap::new();
    for entry in entries {
        let kind = (entry.path.clone(), entry.rule.clone(), entry.scopes.clone(), entry.key.clone());
        let count = counts.entry(kind).or_default();
        entry.ordinal = *count;
        *count += 1;
    }
}

/// The secrets that a place is about: one that it is a part of, and one on its line that it is the name of. What else stands on
/// that line is another's.
fn secrets_at(finding: &Diagnostic, place: &Place, report: &Report) -> Vec<String> {
    let lines = |label: &Label| (label.start().line, label.end().line);
    let (first, last) = lines(&place.label);
    let is_beside = |label: &&Label| {
        let (begins, ends) = lines(label);
        label.source.path == place.label.source.path && first <= begins && ends <= last
    };
    let is_first = finding.primary.is_at(&place.label);
    let beside = finding.related.iter().filter(|label| is_first && is_beside(label));
    let labels = std::iter::once(&place.label).chain(beside);
    let secret = |label: &Label| {
        let own = bare(&label.source, label.span);
        let mut masks = report.masks.get(&label.source.path)?.iter();
        masks.find(|mask| mask.start <= own.start && own.start < own.end && own.end <= mask.end)?;
        Some(label.source.slice(own).to_owned())
    };
    let mut found: Vec<String> = labels.filter_map(secret).collect();
    found.sort_unstable();
    found.dedup();
    found
}

/// A place without the quotes around it.
fn bare(source: &Source, span: Span) -> Span {
    let text = source.slice(span);
    let start = span.range().start + (text.len() - text.trim_start_matches(['"', '\'']).len());
    Span::new(start, start + text.trim_matches(['"', '\'']).len())
}
