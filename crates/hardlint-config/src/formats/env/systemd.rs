//! `EnvironmentFile=`, as systemd.exec(5) describes it and systemd 254 and newer do it. No recorded answers prove it.

use super::Assignment;
use crate::model::Text;
use crate::text::{FileId, Loc, Span};

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    BeforeName,
    Name,
    BeforeValue,
    Value,
    Escape,
    Single,
    Double,
    DoubleEscape,
    Comment,
    CommentEscape,
}

#[derive(Default)]
struct Reading {
    name: String,
    name_at: Option<(usize, usize)>,
    value: String,
    /// How much of the value is kept, blanks at its end left out.
    kept: usize,
    value_at: Option<(usize, usize)>,
}

/// Reads a file.
pub(super) fn read(file: FileId, text: &str) -> Vec<Assignment> {
    let mut found = Vec::new();
    let mut state = State::BeforeName;
    let mut now = Reading::default();
    for (at, c) in text.char_indices() {
        let newline = matches!(c, '\n' | '\r');
        let blank = matches!(c, ' ' | '\t') || newline;
        let end = at + c.len_utf8();
        state = match state {
            State::BeforeName if matches!(c, '#' | ';') => State::Comment,
            State::BeforeName if blank => State::BeforeName,
            State::BeforeName => {
                now = Reading { name_at: Some((at, end)), ..Reading::default() };
                now.name.push(c);
                State::Name
            }
            State::Name if newline => State::BeforeName,
            State::Name if c == '=' => State::BeforeValue,
            State::Name => {
                now.name.push(c);
                State::Name
            }
            State::BeforeValue | State::Value if newline => {
                found.extend(now.finish(file, at));
                State::BeforeName
            }
            State::BeforeValue if c == '\'' => State::Single,
            State::BeforeValue if c == '"' => State::Double,
            State::BeforeValue | State::Value if c == '\\' => State::Escape,
            State::BeforeValue if blank => State::BeforeValue,
            State::BeforeValue | State::Value => {
                now.push(c, (at, end), !blank);
                State::Value
            }
            State::Escape => {
                if !newline {
                    now.push(c, (at, end), true);
                }
                State::Value
            }
            State::Single if c == '\'' => State::BeforeValue,
            State::Double if c == '"' => State::BeforeValue,
            State::Double if c == '\\' => State::DoubleEscape,
            State::Single | State::Double => {
                now.push(c, (at, end), true);
                state
            }
            State::DoubleEscape => {
                if !matches!(c, '"' | '\\' | '`' | '$' | '\n') {
                    now.push('\\', (at, end), true);
                }
                if c != '\n' {
                    now.push(c, (at, end), true);
                }
                State::Double
            }
            State::Comment if c == '\\' => State::CommentEscape,
            State::Comment | State::CommentEscape if newline => State::BeforeName,
            State::Comment | State::CommentEscape => State::Comment,
        };
    }
    if !matches!(state, State::BeforeName | State::Name | State::Comment | State::CommentEscape) {
        found.extend(now.finish(file, text.len()));
    }
    found
}

impl Reading {
    fn push(&mut self, c: char, (start, end): (usize, usize), kept: bool) {
        self.value.push(c);
        if kept {
            self.kept = self.value.len();
            self.value_at = Some((self.value_at.map_or(start, |(start, _)| start), end));
        }
    }

    /// The assignment, if systemd takes the name.
    fn finish(&self, file: FileId, at: usize) -> Option<Assignment> {
        let name = self.name.trim_end_matches([' ', '\t']);
        let (start, _) = self.name_at?;
        let plain = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        if !plain || name.starts_with(|c: char| c.is_ascii_digit()) {
            return None;
        }
        let (from, to) = self.value_at.unwrap_or((at, at));
        let value = Text::Known(self.value.get(..self.kept).unwrap_or_default().into());
        Some(Assignment {
            name: name.into(),
            name_at: Loc::new(file, Span::new(start, start + name.len())),
            value: Some((value, Loc::new(file, Span::new(from, to)))),
        })
    }
}
