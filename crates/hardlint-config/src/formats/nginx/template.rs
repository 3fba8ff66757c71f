//! Template constructs that stand in nginx files before another program fills them in.
//!
//! Jinja (`{{ }}`, `{% %}`, `{# #}`), ERB (`<% %>`), Go and Handlebars (`{{ }}`), and the shell's `${NAME}` as `envsubst`
//! knows it. Nothing is evaluated: a construct is found, and told to be an expression, a control tag or nothing.

use crate::model::{Piece, Str, Why};

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

/// The construct that begins at `at`.
pub(super) fn construct(text: &str, at: usize) -> Option<Construct> {
    let rest = text.as_bytes().get(at..)?;
    match rest {
        [b'{', b'{', ..] => tag(rest, at, b"}}").map(|(inner, end)| Construct { end, role: braces(inner) }),
        [b'{', b'%', ..] => tag(rest, at, b"%}").map(|(inner, end)| Construct { end, role: jinja(inner) }),
        [b'{', b'#', ..] => tag(rest, at, b"#}").map(|(_, end)| Construct { end, role: Role::Nothing }),
        [b'<', b'%', ..] => tag(rest, at, b"%>").map(|(inner, end)| Construct { end, role: erb(inner) }),
        _ => None,
    }
}

fn tag<'t>(rest: &'t [u8], at: usize, close: &[u8]) -> Option<(&'t str, usize)> {
    let window = rest.get(..LONGEST).unwrap_or(rest);
    let length = memchr::memmem::find(window.get(2..)?, close)?;
    let mut end = 2 + length + close.len();
    // `{{ {"a": 1}}}`: the braces of an expression's own end before those of the tag.
    while close == b"}}" && rest.get(end) == Some(&b'}') {
        end += 1;
    }
    let inner = std::str::from_utf8(rest.get(2..2 + length)?).ok()?;
    Some((inner, at + end))
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
            construct(text, at).map(|it| (it.end, Why::Template(shorten(text.get(at..it.end).unwrap_or_default()))))
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
    let bytes = text.as_bytes();
    memchr::memchr2_iter(b'{', b'<', bytes)
        .any(|at| matches!(bytes.get(at..at + 2), Some(b"{{" | b"{%" | b"<%")) && construct(text, at).is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

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
            assert_eq!(construct(text, 0), Some(Construct { end: text.len(), role }), "{text}");
        }
        assert_eq!(construct("{{ never closed", 0), None);
        assert_eq!(construct("{ listen", 0), None);
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
