//! What is told to people: findings, and what could not be understood.
//!
//! Everything here holds the text that it points into, so that it outlives the unit it was found in.

use hardlint_config::deployment::role::Role;
use hardlint_config::model::Str;
use hardlint_config::problem::Problem;
use hardlint_config::text::{Position, Source, Span};
use hardlint_config::workspace::Reader;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// The harm if a finding is true.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth knowing.
    Info,
    /// Little harm, or harm in rare circumstances.
    Low,
    /// Harm when something else fails.
    Medium,
    /// Harm as it stands.
    High,
    /// The whole system is open.
    Critical,
}

/// The chance that a finding is true.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Confidence {
    /// It may well be answered by something that is not at hand.
    Low,
    /// Something that was taken for granted could overrule it.
    Medium,
    /// It follows from the files.
    High,
}

/// A fault.
#[derive(Clone, Debug)]
pub struct Diagnostic {
    /// The rule's id, `nginx/alias-traversal`.
    pub rule: Arc<str>,
    /// The harm if it is true.
    pub severity: Severity,
    /// The chance that it is.
    pub confidence: Confidence,
    /// What is wrong, in one line.
    pub message: String,
    /// Where it was decided.
    pub primary: Label,
    /// The places that it is about: the primary one, and those at each of which it would be told if that were the only one.
    pub places: Vec<Place>,
    /// What else had a part in it, at most eight places.
    pub related: Vec<Label>,
    /// How many more places had a part in it.
    pub more_related: usize,
    /// The way out.
    pub fix: Option<Fix>,
    /// Why it matters, as the rule explains it.
    pub why: Arc<str>,
    /// Stays the same when text around it changes.
    pub fingerprint: Fingerprint,
    /// What the file is for.
    pub role: Role,
    /// What was taken as empty, where something that may be missing is.
    pub assumed: Option<String>,
}

/// A place in a text, and what is to be said of it.
#[derive(Clone, Debug)]
pub struct Label {
    /// The text.
    pub source: Arc<Source>,
    /// Where in it.
    pub span: Span,
    /// What stands there; may be empty.
    pub text: String,
}

/// A place that a finding is about.
#[derive(Clone, Debug)]
pub struct Place {
    /// Where it is.
    pub label: Label,
    /// Where the statement begins that it is a part of, for comments above that one.
    pub begins: u32,
    /// What makes the scopes around it the same, outermost first; the last may be the name of a secret.
    pub scopes: Vec<Str>,
    /// The key that decided.
    pub key: Box<str>,
    /// What the elements of a list that stand there say.
    pub says: Vec<Str>,
    /// What the message lists, where it is not known which of it is said by which place.
    pub lists: Vec<Str>,
    /// What the scopes are called that the file is brought into, outermost first; of each place that brings it in.
    pub within: Vec<Vec<Str>>,
    /// The scopes that have what stands there. None where text stands for the scope around it alone, as in all formats without
    /// anchors and the like.
    pub bearers: Vec<Bearer>,
}

/// A scope that has what stands at a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bearer {
    /// What it and the scopes around it are called, outermost first.
    pub scopes: Vec<Str>,
    /// What is wrong with it, in one line; nothing where the finding says so.
    pub message: Option<String>,
}

/// What is to be done.
#[derive(Clone, Debug)]
pub struct Fix {
    /// In the imperative.
    pub title: String,
    /// Who may apply it.
    pub safety: Safety,
    /// The replacements that make it, none of which overlap; empty where a person has to make it.
    pub edits: Vec<Edit>,
}

/// A replacement.
#[derive(Clone, Debug)]
pub struct Edit {
    /// The text that it is made in.
    pub source: Arc<Source>,
    /// What is replaced; empty where text is only inserted.
    pub span: Span,
    /// What stands there instead.
    pub text: String,
}

/// Who may apply a fix.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Safety {
    /// A tool, without being asked about it: no client can tell the difference.
    Safe,
    /// A tool that was told so: behaviour changes.
    Unsafe,
    /// A person.
    Manual,
}

/// What makes two findings the same over time: never a line, never text.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fingerprint {
    /// The rule's id.
    pub rule: Arc<str>,
    /// The file of the primary label.
    pub path: Arc<str>,
    /// What makes the scopes around it the same, outermost first.
    pub scopes: Vec<Str>,
    /// The key that decided.
    pub key: Box<str>,
    /// The how-manieth with all of this the same.
    pub ordinal: usize,
}

/// A problem, with the text it points into.
#[derive(Clone, Debug)]
pub struct Trouble {
    /// The file.
    pub path: Arc<str>,
    /// Where in it, if it could be read.
    pub at: Option<Label>,
    /// What is wrong.
    pub message: String,
    /// Whether it is only worth knowing: a file that was named among others, and is none that is read.
    pub notice: bool,
}

/// The outcome of a check.
#[derive(Debug, Default)]
pub struct Report {
    /// The faults, by path, place and rule.
    pub diagnostics: Vec<Diagnostic>,
    /// What could not be understood, by path and place.
    pub problems: Vec<Trouble>,
    /// Where secrets stand, by the path of their file, in order and apart: whoever prints a line of that file masks these.
    pub masks: BTreeMap<Arc<str>, Vec<Span>>,
    /// Files in which something is found that is not told, as they are for development, tests or examples.
    pub held: BTreeSet<Arc<str>>,
    /// The findings that are held back so, which others that say less are left out for.
    pub unspoken: Vec<Unspoken>,
    /// The findings of which another says all and more, and which are told when that one is mended.
    pub replaced: Vec<Diagnostic>,
}

/// A finding that is held back by what its file is for: all that is still asked of it.
#[derive(Clone, Debug)]
pub struct Unspoken {
    /// The rule.
    pub rule: Arc<str>,
    /// The places that it names, its own first: files, and where in them.
    pub places: Vec<(Arc<str>, Span)>,
}

impl Diagnostic {
    /// Takes the places of another that is told at the same one.
    pub(crate) fn add_places(&mut self, others: Vec<Place>) {
        for place in others {
            match self.places.iter_mut().find(|known| known.label.is_at(&place.label)) {
                Some(known) => known.also_of(place),
                None => self.places.push(place),
            }
        }
    }

    /// Its places say what it says, wherever they go.
    pub(crate) fn into_places(self) -> Vec<Place> {
        let (mut places, message) = (self.places, self.message);
        for bearer in places.iter_mut().flat_map(|place| &mut place.bearers) {
            bearer.message.get_or_insert_with(|| message.clone());
        }
        places
    }

    /// Says what is wrong with the first of those that have what stands at its first place of which that is to be told.
    pub fn tell_of(&mut self, mut is_told: impl FnMut(&Bearer) -> bool) {
        let mut bearers = self.places.first().into_iter().flat_map(|place| &place.bearers);
        if let Some(message) = bearers.find(|bearer| is_told(bearer)).and_then(|bearer| bearer.message.clone()) {
            self.message = message;
        }
    }

    /// Leaves places out; it is told at the first that is left. Gives whether there is one.
    pub fn keep_places(&mut self, keep: impl FnMut(&Place) -> bool) -> bool {
        let all = self.places.len();
        self.places.retain(keep);
        let Some(first) = self.places.first().map(|place| place.label.clone()) else { return false };
        if self.places.len() < all && !self.primary.is_at(&first) {
            self.related.retain(|label| !label.is_at(&first));
            self.primary = first;
        }
        true
    }
}

impl Place {
    /// A place of its own.
    pub fn at(label: Label, fingerprint: &Fingerprint) -> Self {
        let (scopes, key) = (fingerprint.scopes.clone(), fingerprint.key.clone());
        let begins = label.span.start;
        Self {
            label,
            begins,
            scopes,
            key,
            says: Vec::new(),
            lists: Vec::new(),
            within: Vec::new(),
            bearers: Vec::new(),
        }
    }

    /// It is a place for others as well: those that its file is brought into, and those that have what stands there.
    pub(crate) fn also_of(&mut self, other: Self) {
        for within in other.within {
            if self.within.len() < MOST_WITHIN && !self.within.contains(&within) {
                self.within.push(within);
            }
        }
        for bearer in other.bearers {
            if self.bearers.len() < MOST_BEARERS && !self.bearers.iter().any(|known| known.scopes == bearer.scopes) {
                self.bearers.push(bearer);
            }
        }
    }
}

/// Of the scopes that a file is brought into, so many are known.
const MOST_WITHIN: usize = 64;
/// Of those that have what an anchor stands for.
const MOST_BEARERS: usize = 1024;

impl Label {
    /// Whether another is at the same place.
    pub fn is_at(&self, other: &Self) -> bool {
        self.span == other.span && self.source.path == other.source.path
    }

    /// Where it begins, as people count.
    pub fn start(&self) -> Position {
        self.source.position(self.span.start)
    }

    /// Where it ends, as people count: one past the last character.
    pub fn end(&self) -> Position {
        self.source.position(self.span.end)
    }
}

impl Trouble {
    /// Takes a problem out of its unit.
    pub fn new(problem: &Problem, reader: &Reader<'_>) -> Self {
        let label = problem.at.map(|at| {
            let (source, span) = reader.written(at);
            Label { source, span, text: String::new() }
        });
        let message = problem.hidden(reader);
        Self { path: problem.path.clone(), at: label, message, notice: false }
    }

    /// Of a file as a whole.
    pub fn of_file(path: Arc<str>, message: String) -> Self {
        Self { path, at: None, message, notice: false }
    }

    /// What it is called where it is told.
    pub fn word(&self) -> &'static str {
        if self.notice { "notice" } else { "problem" }
    }
}

impl Report {
    /// Puts everything into the order of its type.
    pub fn sort(&mut self) {
        self.diagnostics.sort_by(|a, b| {
            let key = |d: &Diagnostic| (d.primary.source.path.clone(), d.primary.span, d.rule.clone());
            key(a).cmp(&key(b)).then_with(|| a.message.cmp(&b.message))
        });
        self.problems.sort_by(|a, b| {
            let key = |t: &Trouble| (t.path.clone(), t.at.as_ref().map(|at| at.span));
            key(a).cmp(&key(b)).then_with(|| a.message.cmp(&b.message))
        });
        self.problems.dedup_by(|a, b| {
            a.path == b.path
                && a.message == b.message
                && a.at.as_ref().map(|at| at.span) == b.at.as_ref().map(|at| at.span)
        });
    }
}

impl Severity {
    /// One step down.
    #[must_use]
    pub fn lowered(self) -> Self {
        match self {
            Self::Critical => Self::High,
            Self::High => Self::Medium,
            Self::Medium => Self::Low,
            Self::Low | Self::Info => Self::Info,
        }
    }

    /// As it is spelt.
    pub fn name(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }

    /// The severity so spelt.
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Info, Self::Low, Self::Medium, Self::High, Self::Critical].into_iter().find(|it| it.name() == name)
    }
}

impl Confidence {
    /// As it is spelt.
    pub fn name(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
        }
    }

    /// The confidence so spelt.
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Low, Self::Medium, Self::High].into_iter().find(|it| it.name() == name)
    }

    /// One step down.
    #[must_use]
    pub fn lowered(self) -> Self {
        if self == Self::High { Self::Medium } else { Self::Low }
    }
}

impl Safety {
    /// As it is spelt.
    pub fn name(self) -> &'static str {
        match self {
            Self::Safe => "safe",
            Self::Unsafe => "unsafe",
            Self::Manual => "manual",
        }
    }
}
