//! Template syntax in files that another program fills in before sshd reads them: Jinja, ERB, Go's templates, and
//! variables as the shell writes them.
//!
//! Nothing is ever filled in: an expression is a hole, and a branch makes the lines inside it conditional.

use crate::model::Why;
use std::cell::Cell;

/// A piece of template syntax.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Tag<'t> {
    /// One past its last byte.
    pub(super) end: usize,
    pub(super) kind: Kind<'t>,
}

/// What a piece of template syntax does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind<'t> {
    /// Text comes in its place.
    Expression(&'t str),
    /// Lines up to its end are there only sometimes, or several times.
    Opens(&'t str),
    /// The other branch begins.
    Turns(&'t str),
    /// The branches end.
    Closes,
    /// Nothing comes in its place.
    Nothing,
}

/// First words of statements that have an end.
const OPENERS: &[&str] = &[
    "if",
    "unless",
    "for",
    "range",
    "with",
    "case",
    "while",
    "until",
    "call",
    "filter",
    "macro",
    "block",
    "define",
    "begin",
    "autoescape",
    "trans",
];
const TURNS: &[&str] = &["else", "elif", "elsif", "elseif", "when"];

/// The longest text of a template that is told.
const MAX_TOLD: usize = 60;
/// The longest piece of template syntax, in bytes: further than this its end is not looked for, so that unclosed ones do
/// not cost the square of the file.
const MAX_TAG: usize = 2048;
/// The longest name of a shell variable with its default.
const MAX_VARIABLE: usize = 256;

/// The template syntax of one text.
pub(super) struct Tags<'t> {
    text: &'t str,
    /// What is known of where each of [`CLOSINGS`] comes next, so that many openings without an end cost no more than one.
    next: [Cell<Next>; CLOSINGS.len()],
}

/// Between `start` and `until` a closing stands first at `found`, or not at all.
#[derive(Clone, Copy, Default)]
struct Next {
    start: usize,
    until: usize,
    found: Option<usize>,
}

const CLOSINGS: [&str; 4] = ["}}", "%}", "#}", "%>"];

impl<'t> Tags<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        Self { text, next: Default::default() }
    }

    /// The piece of template syntax that begins at `at`. Shell variables count only where `dollar` says so: in a command
    /// they are the command's own.
    pub(super) fn at(&self, at: usize, dollar: bool) -> Option<Tag<'t>> {
        let rest = self.text.get(at..)?;
        match *rest.as_bytes().first()? {
            b'{' => self.braces(at, rest),
            b'<' if rest.starts_with("<%") => {
                let (inside, end) = self.closed(at, 3)?;
                let kind = match inside.as_bytes().first() {
                    Some(b'=') => Kind::Expression(inside.get(1..).unwrap_or_default()),
                    Some(b'#') => Kind::Nothing,
                    _ => statement(inside),
                };
                Some(Tag { end, kind })
            }
            b'$' if dollar => {
                variable(rest).map(|(name, length)| Tag { end: at + length, kind: Kind::Expression(name) })
            }
            b'@' => {
                let name = rest.get(1..)?.split('@').next()?;
                let capitals = name.starts_with(|c: char| c.is_ascii_uppercase())
                    && name.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_');
                let end = at + name.len() + 2;
                (capitals && self.text.as_bytes().get(end - 1) == Some(&b'@'))
                    .then_some(Tag { end, kind: Kind::Expression(name) })
            }
            _ => None,
        }
    }

    fn braces(&self, at: usize, rest: &'t str) -> Option<Tag<'t>> {
        if rest.starts_with("{{") {
            let (inside, end) = self.closed(at, 0)?;
            let trimmed = inside.trim_matches(['-', ' ', '\t', '\n', '\r']);
            let kind = if trimmed.starts_with("/*") {
                Kind::Nothing
            } else {
                match statement(inside) {
                    // `{{ end }}` and `{{ if … }}` are Go's; anything else is an expression.
                    Kind::Nothing => Kind::Expression(inside),
                    kind => kind,
                }
            };
            return Some(Tag { end, kind });
        }
        if rest.starts_with("{%") {
            let (inside, end) = self.closed(at, 1)?;
            return Some(Tag { end, kind: statement(inside) });
        }
        let (_, end) = rest.starts_with("{#").then(|| self.closed(at, 2))??;
        Some(Tag { end, kind: Kind::Nothing })
    }

    /// What stands between an opening of two bytes and its closing, and where that ends.
    fn closed(&self, at: usize, closing: usize) -> Option<(&'t str, usize)> {
        let from = at + 2;
        let (slot, closing) = (self.next.get(closing)?, *CLOSINGS.get(closing)?);
        let mut next = slot.get();
        if from < next.start || next.until < from || next.found.is_some_and(|found| found < from) {
            next = Next { start: from, until: from, found: None };
        }
        let end = (from + MAX_TAG).min(self.text.len());
        if next.found.is_none() && next.until < end {
            // The closing may have begun where the last search ended.
            let begin = next.until.saturating_sub(closing.len() - 1).max(from);
            // Further than is asked for, so that the next openings need no search of their own.
            next.until = (end + MAX_TAG).min(self.text.len());
            let window = self.text.as_bytes().get(begin..next.until)?;
            next.found = memchr::memmem::find(window, closing.as_bytes()).map(|found| begin + found);
        }
        slot.set(next);
        let found = next.found.filter(|found| *found <= end)?;
        Some((self.text.get(from..found)?, found + closing.len()))
    }
}

fn statement(inside: &str) -> Kind<'_> {
    let inside = inside.trim_matches(['-', '+', ' ', '\t', '\n', '\r']);
    let first = inside.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').next().unwrap_or_default();
    if OPENERS.contains(&first) || inside.ends_with(" do") || (inside.contains(" do |") && inside.ends_with('|')) {
        Kind::Opens(inside)
    } else if TURNS.contains(&first) {
        Kind::Turns(inside)
    } else if first.starts_with("end") && !first.starts_with("endraw") {
        Kind::Closes
    } else if matches!(first, "include" | "extends" | "template") {
        Kind::Expression(inside)
    } else {
        Kind::Nothing
    }
}

/// `${NAME}` or `$NAME`, with its length.
fn variable(rest: &str) -> Option<(&str, usize)> {
    if let Some(inside) = rest.strip_prefix("${") {
        let length = memchr::memchr(b'}', inside.as_bytes().get(..MAX_VARIABLE).unwrap_or(inside.as_bytes()))?;
        let name = inside.get(..length)?;
        return (!name.contains(['\n', ' ', '"'])).then_some((name, length + 3));
    }
    let name = rest.get(1..)?;
    let length =
        name.bytes().take_while(|byte| byte.is_ascii_uppercase() || matches!(byte, b'_' | b'0'..=b'9')).count();
    let name = name.get(..length)?;
    name.starts_with(|c: char| c.is_ascii_uppercase()).then_some((name, length + 1))
}

/// Why what comes in the place of a tag is unknown.
pub(super) fn why(inside: &str) -> Why {
    let told: String = inside.trim_matches(['-', '+', ' ', '\t', '\n', '\r']).chars().take(MAX_TOLD).collect();
    Why::Template(told.into())
}

/// Whether an expression that stands alone on its line makes a comment, as Ansible's banner does.
pub(super) fn makes_a_comment(inside: &str) -> bool {
    inside.contains("ansible_managed") || inside.trim_end().ends_with("comment") || inside.contains("comment(")
}

/// The first word of the first quoted text in an expression, such as `Ciphers` in `{{ 'Ciphers ' ~ list }}`.
pub(super) fn quoted_word(inside: &str) -> Option<&str> {
    let start = inside.find(['"', '\''])?;
    let text = inside.get(start + 1..)?;
    let end = text.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(text.len());
    text.get(..end).filter(|word| !word.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_language_is_told_apart() {
        for (text, kind) in [
            ("{{ port }}", Kind::Expression(" port ")),
            ("{%- if a -%}", Kind::Opens("if a")),
            ("{% elif b %}", Kind::Turns("elif b")),
            ("{% endfor %}", Kind::Closes),
            ("{% set a = 1 %}", Kind::Nothing),
            ("{# {% if %} #}", Kind::Nothing),
            ("{{ if .a }}", Kind::Opens("if .a")),
            ("{{ end }}", Kind::Closes),
            ("{{/* note */}}", Kind::Nothing),
            ("<%= @port %>", Kind::Expression(" @port ")),
            ("<% @users.each do |user| -%>", Kind::Opens("@users.each do |user|")),
            ("<% end -%>", Kind::Closes),
            ("${PORT}", Kind::Expression("PORT")),
            ("$PORT", Kind::Expression("PORT")),
            ("@PORT@", Kind::Expression("PORT")),
        ] {
            assert_eq!(Tags::new(text).at(0, true), Some(Tag { end: text.len(), kind }), "{text}");
        }
    }

    #[test]
    fn what_only_looks_like_a_template_is_text() {
        for text in ["{ }", "<a>", "$1", "$(id)", "@host", "{{ unclosed", "@a@"] {
            assert_eq!(Tags::new(text).at(0, true), None, "{text}");
        }
        assert_eq!(Tags::new("$HOME").at(0, false), None);
    }

    #[test]
    fn ends_are_found_from_any_place() {
        let text = format!("{{{{ a }}}}{}{{{{ b }}}}", "{{".repeat(5_000));
        let tags = Tags::new(&text);
        let last = text.len() - 7;
        for at in [0, last, 7, 0, 3_000, last, 8] {
            let expected = match at {
                0 => Some(7),
                at if at == last || last - at < MAX_TAG => Some(text.len()),
                _ => None,
            };
            assert_eq!(tags.at(at, false).map(|tag| tag.end), expected, "{at}");
        }
    }
}
