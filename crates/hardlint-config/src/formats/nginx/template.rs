//! Template constructs that stand in nginx files before another program fills them in.
//!
//! Jinja (`{{ }}`, `{% %}`, `{# #}`), ERB (`<% %>`), Go and Handlebars (`{{ }}`), and the shell's `${NAME}` as `envsubst`
//! knows it. Nothing is evaluated: a construct is found, and told to be an expression, a control tag or nothing.

use crate::model::{Piece, Str, Why};
use std::cell::Cell;

/// A construct in the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Construct {
    /// One past its last byte.
    pub(super) end: usize,
    /// What it does.
    pub(super) role: Role,
}

/// What a construct does to the text around it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// Stands for some text.
    Expression,
    /// Begins text that may be left out or repeated.
    Open,
    /// Goes on with another alternative.
    Middle,
    /// Ends such text.
    Close,
    /// Puts other statements here.
    Insert,
    /// Leaves no text: a comment, an assignment.
    Nothing,
}

/// The longest construct that is looked for, in bytes: an unclosed one does not make the rest of a file be searched
/// again at every brace.
const LONGEST: usize = 4096;

/// The marks that close constructs.
const CLOSING: [&[u8]; 4] = [b"}}", b"%}", b"#}", b"%>"];

/// From where a mark was searched for, and where it was found.
type Searched = (usize, Option<usize>);

/// Finds the constructs of a text. Where each mark that closes one comes next is kept until that is passed, so that
/// thousands of braces do not search the same text thousands of times.
#[derive(Debug)]
pub(super) struct Constructs<'t> {
    text: &'t str,
    next: [Cell<Option<Searched>>; CLOSING.len()],
}

impl<'t> Constructs<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        Self { text, next: Default::default() }
    }

    /// The construct that begins at `at`.
    pub(super) fn at(&self, at: usize) -> Option<Construct> {
        let (which, role): (_, fn(&str) -> Role) = match self.text.as_bytes().get(at..at + 2)? {
            b"{{" => (0, braces),
            b"{%" => (1, jinja),
            b"{#" => (2, |_| Role::Nothing),
            b"<%" => (3, erb),
            _ => return None,
        };
        let start = at + 2;
        let close = self.find(which, start).filter(|close| close - at <= LONGEST)?;
        let mut end = close + 2;
        // `{{ {"a": 1}}}`: the braces of an expression's own end before those of the tag.
        while which == 0 && self.text.as_bytes().get(end) == Some(&b'}') {
            end += 1;
        }
        Some(Construct { end, role: role(self.text.get(start..close)?) })
    }

    /// Where a closing mark stands next.
    fn find(&self, which: usize, from: usize) -> Option<usize> {
        let (known, mark) = (self.next.get(which)?, CLOSING.get(which)?);
        if let Some((searched, found)) = known.get()
            && searched <= from
            && found.is_none_or(|found| from <= found)
        {
            return found;
        }
        let rest = self.text.as_bytes().get(from..)?;
        let found = memchr::memmem::find(rest, mark).map(|length| from + length);
        known.set(Some((from, found)));
        found
    }
}

fn word(inner: &str) -> (&str, &str) {
    let inner = inner.trim_start_matches(['-', '+', '~']).trim();
    let end = inner.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(inner.len());
    inner.split_at(end)
}

fn jinja(inner: &str) -> Role {
    let (first, rest) = word(inner);
    match first {
        "else" | "elif" => Role::Middle,
        "include" | "import" | "extends" => Role::Insert,
        "set" if !rest.contains('=') => Role::Open,
        "set" | "from" | "do" | "break" | "continue" => Role::Nothing,
        _ if first.starts_with("end") => Role::Close,
        _ => Role::Open,
    }
}

fn braces(inner: &str) -> Role {
    let (first, rest) = word(inner);
    let rest = rest.trim_end_matches('-').trim();
    match first {
        "" if rest.starts_with("/*") || rest.starts_with('!') => Role::Nothing,
        "" if rest.starts_with('#') || rest.starts_with('^') => Role::Open,
        "" if rest.starts_with('/') => Role::Close,
        "" if rest.starts_with('>') => Role::Insert,
        "" if rest.starts_with('$') => {
            let name = rest.trim_start_matches(|c: char| c == '$' || c == '_' || c.is_ascii_alphanumeric()).trim();
            if name.starts_with(":=") || (name.starts_with('=') && !name.starts_with("==")) {
                Role::Nothing
            } else {
                Role::Expression
            }
        }
        "if" | "range" | "with" | "define" | "block" if !rest.is_empty() && !rest.starts_with(['.', '|', '(']) => {
            Role::Open
        }
        "if" | "range" | "with" if rest.starts_with(['.', '(']) => Role::Open,
        "else" => Role::Middle,
        "end" if rest.is_empty() => Role::Close,
        "template" if rest.starts_with('"') => Role::Insert,
        _ => Role::Expression,
    }
}

fn erb(inner: &str) -> Role {
    if inner.starts_with('=') {
        return Role::Expression;
    }
    if inner.starts_with('#') {
        return Role::Nothing;
    }
    let (first, rest) = word(inner);
    let rest = rest.trim_end_matches('-').trim_end();
    match first {
        "end" => Role::Close,
        "else" | "elsif" | "when" | "rescue" | "ensure" => Role::Middle,
        "if" | "unless" | "case" | "while" | "until" | "for" | "begin" => Role::Open,
        _ if rest.ends_with('|') || rest.ends_with(" do") || rest.ends_with('{') => Role::Open,
        "render" => Role::Insert,
        _ if rest.starts_with('}') => Role::Close,
        _ => Role::Nothing,
    }
}

/// The length of a `${NAME}` at the start of `text` that is an environment variable: nginx's own have lower-case names.
pub(super) fn environment(text: &[u8]) -> Option<usize> {
    let name = text.strip_prefix(b"${")?;
    let length = name.iter().position(|byte| !matches!(byte, b'A'..=b'Z' | b'0'..=b'9' | b'_'))?;
    (length > 0 && name.get(length) == Some(&b'}')).then_some(length + 3)
}

/// The pieces of a token: its text, escapes undone, and its holes.
pub(super) fn pieces(text: &str, template: bool) -> Vec<Piece> {
    let bytes = text.as_bytes();
    let constructs = Constructs::new(text);
    let mut pieces = Vec::new();
    let mut known = 0;
    let mut at = 0;
    while let Some(found) = memchr::memchr3(b'$', b'{', b'<', bytes.get(at..).unwrap_or_default()) {
        at += found;
        let rest = bytes.get(at..).unwrap_or_default();
        let hole = if let Some(length) = environment(rest) {
            let name = text.get(at + 2..at + length - 1).unwrap_or_default();
            Some((at + length, Why::Variable(name.into())))
        } else if template {
            constructs.at(at).map(|it| (it.end, Why::Template(shorten(text.get(at..it.end).unwrap_or_default()))))
        } else {
            None
        };
        match hole {
            Some((end, why)) => {
                pieces.push(Piece::Known(super::syntax::unescape(text.get(known..at).unwrap_or_default()).into()));
                pieces.push(Piece::Hole(why));
                known = end;
                at = end;
            }
            None => at += 1,
        }
    }
    pieces.push(Piece::Known(super::syntax::unescape(text.get(known..).unwrap_or_default()).into()));
    pieces
}

/// A construct's text, short enough for a message.
pub(super) fn shorten(text: &str) -> Str {
    const MOST: usize = 60;
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(MOST) {
        Some((end, _)) => format!("{}…", line.get(..end).unwrap_or_default()).into(),
        None => line.into(),
    }
}

/// Whether the name of a file says that another program fills it in before nginx reads it.
pub(super) fn is_template(path: &str) -> bool {
    const ENDINGS: &[&str] = &[
        ".j2",
        ".jinja2",
        ".jinja",
        ".erb",
        ".tmpl",
        ".tpl",
        ".gtpl",
        ".gotmpl",
        ".ctmpl",
        ".template",
        ".hbs",
        ".epp",
        ".mustache",
    ];
    let lower = path.to_ascii_lowercase();
    ENDINGS.iter().any(|ending| lower.ends_with(ending))
}

/// Whether the text has anything that looks like a construct.
pub(super) fn may_be_template(text: &str) -> bool {
    let (bytes, constructs) = (text.as_bytes(), Constructs::new(text));
    memchr::memchr2_iter(b'{', b'<', bytes)
        .any(|at| matches!(bytes.get(at..at + 2), Some(b"{{" | b"{%" | b"<%")) && constructs.at(at).is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[expect(clippy::disallowed_methods, reason = "the time it takes is what is tested")]
    fn braces_that_nothing_closes_take_time_in_proportion() {
        let started = std::time::Instant::now();
        for text in ["{".repeat(400_000), format!("{}%}}", "{".repeat(400_000)), "<%".repeat(200_000)] {
            assert!(!may_be_template(&text));
            assert_eq!(pieces(&text, true).len(), 1);
        }
        // In proportion it takes a part of a second without optimization, and minutes if each brace searches the rest.
        assert!(started.elapsed().as_secs() < 10, "{:?}", started.elapsed());
    }

    #[test]
    fn constructs_are_told_apart() {
        for (text, role) in [
            ("{{ domain }}", Role::Expression),
            ("{{ env \"X\" }}", Role::Expression),
            ("{{ .options.domain }}", Role::Expression),
            ("{{- if .options.x }}", Role::Open),
            ("{{ if $JAAS }}", Role::Open),
            ("{{ else }}", Role::Middle),
            ("{{- end }}", Role::Close),
            ("{{/* words */}}", Role::Nothing),
            ("{{ $X := .Env.X | default \"1\" -}}", Role::Nothing),
            ("{{ $X }}", Role::Expression),
            ("{% if a %}", Role::Open),
            ("{%- for a in b -%}", Role::Open),
            ("{% endif %}", Role::Close),
            ("{% elif b %}", Role::Middle),
            ("{% set a = 1 %}", Role::Nothing),
            ("{% include 'x' %}", Role::Insert),
            ("{# words #}", Role::Nothing),
            ("<%= @name -%>", Role::Expression),
            ("<% if @x -%>", Role::Open),
            ("<% @list.each do |item| -%>", Role::Open),
            ("<% end -%>", Role::Close),
            ("<% else -%>", Role::Middle),
            ("<%# words %>", Role::Nothing),
            ("<% require 'uri' %>", Role::Nothing),
        ] {
            assert_eq!(Constructs::new(text).at(0), Some(Construct { end: text.len(), role }), "{text}");
        }
        assert_eq!(Constructs::new("{{ never closed").at(0), None);
        assert_eq!(Constructs::new("{ listen").at(0), None);
    }

    #[test]
    fn holes_are_cut_out_of_a_token() {
        let hole = |name: &str| Piece::Hole(Why::Variable(name.into()));
        assert_eq!(
            pieces("http://${HOST}:80$uri${lower}", false),
            [Piece::Known("http://".into()), hole("HOST"), Piece::Known(":80$uri${lower}".into())]
        );
        assert_eq!(pieces("{{ x }}", false), [Piece::Known("{{ x }}".into())]);
        assert_eq!(pieces("{{ x }}", true).len(), 3);
    }
}
