//! Words of a script: text without its quotes, and the holes in it.

use crate::model::Str;
use crate::syntax::joined::Joined;
use crate::text::Span;
use smallvec::{SmallVec, smallvec};

/// A word.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Word {
    /// Its parts in order; neighbouring text is one part only where it stands in one piece.
    pub parts: Parts,
    /// Where it stands, quotes included.
    pub span: Span,
    /// The whole text, where there is no hole in it.
    pub(super) full: Option<Str>,
}

/// The parts of a word, which is one for most.
pub type Parts = SmallVec<[Part; 1]>;

/// A part of a word.
#[derive(Clone, Debug, PartialEq)]
pub enum Part {
    /// Text, without quotes and escapes.
    Text {
        /// The text.
        text: Str,
        /// Where it stands.
        at: Span,
        /// Whether it is quoted, so that no pattern in it is expanded.
        quoted: bool,
    },
    /// A variable.
    Variable {
        /// Its name.
        name: Str,
        /// All of it, as it is written.
        text: Str,
        /// Where it stands.
        at: Span,
    },
    /// The output of commands, `$(…)`, `<(…)`; they stand among the script's commands.
    Output {
        /// Where it stands.
        at: Span,
    },
}

impl Word {
    /// The word that a program gets as it stands.
    pub(super) fn literal(text: &Joined) -> Self {
        let span = text.span(0, text.text().len());
        let part = Part::Text { text: text.text().into(), at: span, quoted: true };
        Self { parts: smallvec![part], span, full: Some(text.text().into()) }
    }

    /// The word of these parts.
    pub(crate) fn new(parts: impl Into<Parts>, span: Span) -> Self {
        let parts = parts.into();
        let full = match parts.as_slice() {
            [Part::Text { text, .. }] => Some(text.clone()),
            parts => {
                let text = |part: &Part| match part {
                    Part::Text { text, .. } => Some(text.to_string()),
                    Part::Variable { .. } | Part::Output { .. } => None,
                };
                parts.iter().map(text).collect::<Option<String>>().map(Into::into)
            }
        };
        Self { parts, span, full }
    }

    /// The whole text, if there is no hole in it.
    pub fn known(&self) -> Option<&str> {
        self.full.as_deref()
    }

    /// The text up to the first hole.
    pub fn start(&self) -> &str {
        match self.parts.first() {
            Some(Part::Text { text, .. }) => text,
            _ => "",
        }
    }

    /// The text with `…` for every hole.
    pub fn shown(&self) -> String {
        let text = |part: &Part| match part {
            Part::Text { text, .. } | Part::Variable { text, .. } => text.to_string(),
            Part::Output { .. } => "$(…)".to_owned(),
        };
        self.parts.iter().map(text).collect()
    }

    /// The word as text for another shell to read: holes as they are written.
    pub(super) fn script(&self) -> Joined {
        let mut joined = Joined::default();
        for part in &self.parts {
            match part {
                Part::Text { text, at, .. } | Part::Variable { text, at, .. } => joined.push_as(text, *at),
                Part::Output { at } => joined.push_as("$OUTPUT", *at),
            }
        }
        joined
    }

    pub(super) fn map(&mut self, joined: &Joined) {
        self.span = joined.map(self.span);
        for part in &mut self.parts {
            match part {
                Part::Text { at, .. } | Part::Variable { at, .. } | Part::Output { at } => *at = joined.map(*at),
            }
        }
    }
}
