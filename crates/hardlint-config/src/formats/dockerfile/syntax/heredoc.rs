//! Heredocs: `RUN <<EOF`, `COPY <<-"EOF" /etc/motd`, several on a line.

use super::super::expand::{Lexer, Variables};
use crate::text::Span;

/// A heredoc with its body.
#[derive(Debug)]
pub(in crate::formats::dockerfile) struct Heredoc {
    /// What announces it.
    pub(in crate::formats::dockerfile) mark: Mark,
    /// The lines between, with their ends.
    pub(in crate::formats::dockerfile) body: Span,
    /// The line that ends it.
    pub(in crate::formats::dockerfile) end: Span,
}

/// What announces a heredoc.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::formats::dockerfile) struct Mark {
    /// The text that ends it.
    pub(in crate::formats::dockerfile) name: String,
    /// The number of the file descriptor before it.
    pub(in crate::formats::dockerfile) descriptor: u32,
    /// `<<-`: tabs at the start of lines are no part of the body.
    pub(in crate::formats::dockerfile) strip_tabs: bool,
    /// Whether variables in its body are expanded: no part of the name is quoted.
    pub(in crate::formats::dockerfile) expand: bool,
}

/// The heredocs that a line announces; none where its quotes do not close.
pub(super) fn marks(line: &str) -> Vec<Mark> {
    let words = Lexer::raw(line).words(&Variables::none());
    words.unwrap_or_default().iter().filter_map(|word| mark(word)).collect()
}

/// Reads one word as the mark of a heredoc.
pub(in crate::formats::dockerfile) fn mark(word: &str) -> Option<Mark> {
    let digits = word.find(|c: char| !c.is_ascii_digit())?;
    let (number, rest) = word.split_at_checked(digits)?;
    let rest = rest.strip_prefix("<<")?;
    let (strip_tabs, rest) = match rest.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, rest),
    };
    if rest.is_empty() || rest.contains('<') {
        return None;
    }
    let plain = Lexer::unset_kept(rest).words(&Variables::none()).ok()?;
    let [name] = plain.as_slice() else { return None };
    let raw = Lexer::raw(rest).words(&Variables::none()).ok()?;
    let expand = raw.first() == Some(name);
    Some(Mark { name: name.clone(), descriptor: number.parse().unwrap_or(0), strip_tabs, expand })
}
