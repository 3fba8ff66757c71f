//! Templates of configuration files: what another program fills in before the one that loads the file sees it.
//!
//! A file is one by its name, its folder, or by what stands in it: `{{ port }}` in a `postgresql.conf` is no value that
//! anybody wrote for PostgreSQL. Where a program reads such marks itself, its format says so ([`Own`]).
//!
//! [`mask`] lays [`HOLE`]s over what is filled in and blanks over what steers, byte for byte, so that a format's lexer
//! reads the rest and every place stays the file's own. Nothing is ever evaluated or guessed.

use crate::loader;
use crate::model::{Piece, Text, Why};
use crate::text::Span;
use std::borrow::Cow;

/// Stands for a byte of an expression that is filled in elsewhere; in no file that people write.
pub const HOLE: char = '\u{1b}';

/// A text of which the template's own syntax is masked.
#[derive(Debug)]
pub struct Masked<'t> {
    /// The text, as long as the original.
    pub text: Cow<'t, str>,
    original: &'t str,
    /// What is filled in, in source order; neighbours are one.
    holes: Vec<Span>,
    /// What steers, in source order, each with the condition or the loop that holds behind it, if any does.
    steers: Vec<(Span, Option<Span>)>,
}

/// Whose syntax is looked for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Family {
    None,
    Jinja,
    Erb,
    /// `envsubst`, Go, `sed`: the ending does not tell which.
    Any,
    /// Nothing but the content tells: only what could be nothing else counts.
    Content,
}

/// Whether the program that loads the file reads a mark in a line itself: the line up to the mark, and its first byte.
pub type Own = fn(line: &str, mark: u8) -> bool;

fn family(path: &str) -> Family {
    let lower = path.to_ascii_lowercase();
    let name = loader::name(&lower);
    let ends = |endings: &[&str]| endings.iter().any(|ending| name.ends_with(ending));
    if ends(&[".j2", ".jinja2", ".jinja"]) {
        Family::Jinja
    } else if ends(&[".erb"]) {
        Family::Erb
    } else if ends(&[".template", ".tmpl", ".tpl", ".example", ".sample", ".dist", ".in"])
        || lower.split('/').rev().skip(1).any(|folder| folder == "templates")
    {
        Family::Any
    } else {
        Family::None
    }
}

/// Whether the name or the folder of a file says that another program fills it in, and puts it elsewhere.
pub fn is_template(path: &str) -> bool {
    family(path) != Family::None
}

/// Masks the template syntax of the file at `path`; text without any stays as it is.
pub fn mask<'t>(path: &str, text: &'t str) -> Masked<'t> {
    mask_but(path, text, |_, _| false)
}

/// [`mask`], but for the marks that the file's program reads itself.
pub fn mask_but<'t>(path: &str, text: &'t str, own: Own) -> Masked<'t> {
    let family = match family(path) {
        Family::None => Family::Content,
        told => told,
    };
    let mut masked = Masked { text: Cow::Borrowed(text), original: text, holes: Vec::new(), steers: Vec::new() };
    let mut out: Vec<u8> = Vec::new();
    let mut open: Vec<Span> = Vec::new();
    let mut done = 0;
    let bytes = text.as_bytes();
    let mut at = 0;
    let ends = Ends::new(bytes);
    let mut marks = Marks { at_sign: memchr::memchr(b'@', bytes), other: memchr::memchr3(b'{', b'<', b'$', bytes) };
    while let Some(found) = marks.next(bytes, at) {
        at = found;
        let found =
            expression(family, bytes, at, &ends).filter(|_| family != Family::Content || !is_own(text, at, own));
        let Some((length, fills)) = found else {
            at += 1;
            continue;
        };
        let span = Span::new(at, at + length);
        let inside = text.get(span.range()).unwrap_or_default();
        out.extend_from_slice(bytes.get(done..at).unwrap_or_default());
        if fills && !steering(inside) {
            out.extend(std::iter::repeat_n(HOLE as u8, length));
            match masked.holes.last_mut() {
                Some(last) if last.end == span.start => last.end = span.end,
                _ => masked.holes.push(span),
            }
        } else {
            out.extend(inside.bytes().map(|byte| if byte == b'\n' { b'\n' } else { b' ' }));
            for change in nesting(inside) {
                if change {
                    open.push(span);
                } else {
                    open.pop();
                }
            }
            masked.steers.push((span, open.last().copied()));
        }
        at += length;
        done = at;
    }
    if done > 0 {
        out.extend_from_slice(bytes.get(done..).unwrap_or_default());
        masked.text = Cow::Owned(String::from_utf8(out).unwrap_or_default());
    }
    masked
}

/// The next bytes that can begin an expression; three can be searched for at once, so that the fourth is by itself. Each is
/// kept until it is passed, so that many of the one kind do not search for the other again.
struct Marks {
    at_sign: Option<usize>,
    other: Option<usize>,
}

impl Marks {
    /// The first one from `at` on.
    fn next(&mut self, bytes: &[u8], at: usize) -> Option<usize> {
        let rest = bytes.get(at..)?;
        if self.at_sign.is_some_and(|known| known < at) {
            self.at_sign = memchr::memchr(b'@', rest).map(|found| at + found);
        }
        if self.other.is_some_and(|known| known < at) {
            self.other = memchr::memchr3(b'{', b'<', b'$', rest).map(|found| at + found);
        }
        [self.other, self.at_sign].into_iter().flatten().min()
    }
}

/// Whether a mark is none of a template's, in a file that only its content could make one: comments show how others write.
fn is_own(text: &str, at: usize, own: Own) -> bool {
    let before = text.get(..at).unwrap_or_default();
    let window = before.len().saturating_sub(LONGEST_LINE);
    let start = memchr::memrchr(b'\n', before.as_bytes().get(window..).unwrap_or_default())
        .map_or(window, |end| window + end + 1);
    let line = before.get(start..).unwrap_or_default();
    let mark = text.as_bytes().get(at).copied().unwrap_or_default();
    line.trim_start().starts_with(['#', ';']) || own(line, mark)
}

/// Where the last of each closing mark stands, so that none is searched for in vain again and again.
struct Ends([Option<usize>; CLOSING.len()]);

const CLOSING: [&[u8]; 4] = [b"}}", b"%}", b"#}", b"%>"];

impl Ends {
    fn new(bytes: &[u8]) -> Self {
        // Searching forwards is quick, and most texts have none.
        let last = |mark| memchr::memmem::find(bytes, mark).and_then(|_| memchr::memmem::rfind(bytes, mark));
        Self(CLOSING.map(last))
    }

    /// The length from `at` to behind the next mark `which`.
    fn until(&self, bytes: &[u8], at: usize, which: usize) -> Option<usize> {
        let from = at + 2;
        self.0.get(which).copied().flatten().filter(|&last| from <= last)?;
        let mark = CLOSING.get(which)?;
        memchr::memmem::find(bytes.get(from..)?, mark).map(|found| 2 + found + mark.len())
    }
}

/// Lines are looked back into no further than this, so that one of megabytes costs no more than others.
const LONGEST_LINE: usize = 4096;

/// Longer names of variables are none.
const LONGEST_NAME: usize = 200;

/// The length of the expression at `at`, and whether something is filled in for it.
fn expression(family: Family, bytes: &[u8], at: usize, ends: &Ends) -> Option<(usize, bool)> {
    let rest = bytes.get(at..)?;
    let until = |which| ends.until(bytes, at, which);
    let (jinja, erb) = (family != Family::Erb, family != Family::Jinja);
    match rest {
        [b'{', b'{', ..] if jinja => until(0).map(|length| (length, true)),
        [b'{', b'%', ..] if jinja => until(1).map(|length| (length, false)),
        [b'{', b'#', ..] if jinja => until(2).map(|length| (length, false)),
        [b'<', b'%', b'=', ..] if erb => until(3).map(|length| (length, true)),
        [b'<', b'%', ..] if erb => until(3).map(|length| (length, false)),
        [b'$', b'{', name @ ..] if erb && jinja => {
            let name = name.get(..LONGEST_NAME.min(name.len())).unwrap_or_default();
            let end = name.iter().position(|byte| matches!(byte, b'}' | b'\n'))?;
            let plain = |name: &[u8]| name.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'_');
            let told = family == Family::Any || end > 0 && plain(name.get(..end)?);
            (name.get(end) == Some(&b'}') && told).then_some((3 + end, true))
        }
        [b'$', name @ ..] if family == Family::Any => {
            let name = name.iter().take(LONGEST_NAME).take_while(|byte| byte.is_ascii_uppercase() || **byte == b'_');
            let name = name.count();
            (name > 0).then_some((1 + name, true))
        }
        [b'@', b'@', name @ ..] if family == Family::Content => {
            let more = name.iter().take(LONGEST_NAME);
            let length = more.take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'_').count();
            (length > 0 && name.get(length..length + 2) == Some(b"@@")).then_some((4 + length, true))
        }
        [b'@', name @ ..] if family == Family::Any => {
            let more = name.iter().take(LONGEST_NAME);
            let length = more.take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'_').count();
            (length > 1 && name.get(length) == Some(&b'@')).then_some((2 + length, true))
        }
        _ => None,
    }
}

/// Whether `{{ … }}` is one of Go's that fill nothing in.
fn steering(inside: &str) -> bool {
    let word = inside.trim_start_matches(['{', '-', ' ']).split([' ', '-', '}']).next().unwrap_or_default();
    inside.starts_with("{{") && ["if", "else", "end", "range", "with", "define", "block", "/*"].contains(&word)
}

/// What an expression that steers opens (`true`) and closes (`false`), in order.
fn nesting(inside: &str) -> Vec<bool> {
    if inside.starts_with("{#") || inside.starts_with("<%#") {
        return Vec::new();
    }
    let body = inside.trim_matches(['{', '}', '%', '<', '>', '-', '+', ' ']);
    let mut changes = Vec::new();
    for line in body.lines().map(str::trim) {
        let first = line.split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default();
        let opens = [
            "if", "unless", "case", "while", "for", "begin", "range", "with", "define", "block", "macro", "call",
            "filter", "raw",
        ];
        if first.starts_with("end") {
            changes.push(false);
        } else if opens.contains(&first) || line.ends_with(" do") || line.contains(" do |") {
            changes.push(true);
        }
    }
    changes
}

impl Masked<'_> {
    /// Whether anything is masked.
    pub fn is_template(&self) -> bool {
        !self.holes.is_empty() || !self.steers.is_empty()
    }

    /// Why what stands at `offset` may not be there at all: it depends on a condition, or repeats.
    pub fn conditional(&self, offset: u32) -> Option<Why> {
        let before = self.steers.partition_point(|(span, _)| span.start < offset);
        let (_, open) = self.steers.get(before.checked_sub(1)?)?;
        open.map(|span| self.why(span))
    }

    /// The first expression that lies, in part or in whole, within `span`.
    pub fn touched(&self, span: Span) -> Option<Why> {
        let first = self.holes.partition_point(|hole| hole.end <= span.start);
        let hole = self.holes.get(first).filter(|hole| hole.start < span.end).copied();
        let first = self.steers.partition_point(|(steer, _)| steer.end <= span.start);
        let steer = self.steers.get(first).map(|(steer, _)| *steer).filter(|steer| steer.start < span.end);
        hole.or(steer).map(|span| self.why(span))
    }

    /// What an expression that is all of `span` fills in where nothing sets its variable: `{{ x | default('y') }}`.
    pub fn fallback(&self, span: Span) -> Option<(&str, Why)> {
        let first = self.holes.partition_point(|hole| hole.end <= span.start);
        let hole = self.holes.get(first).filter(|hole| **hole == span)?;
        let inside = self.original.get(hole.range())?.strip_prefix("{{")?.strip_suffix("}}")?;
        let (variable, filter) = inside.split_once('|')?;
        let name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '[' | ']' | '\'' | '"');
        let argument = filter.trim().strip_prefix("default").or_else(|| filter.trim().strip_prefix('d'))?.trim();
        let argument = argument.strip_prefix('(')?.strip_suffix(')')?;
        // The second argument also takes what is set and empty for missing.
        let argument =
            argument.trim_end().strip_suffix("true").map_or(argument, |rest| rest.trim_end().trim_end_matches(','));
        let argument = argument.trim();
        let quote = argument.chars().next().filter(|c| matches!(c, '\'' | '"'))?;
        let text = argument.strip_prefix(quote)?.strip_suffix(quote)?;
        let plain = !text.contains(['\'', '"', '\\', '{', '}']) && variable.trim().chars().all(name);
        (plain && !variable.trim().is_empty()).then(|| (text, self.why(*hole)))
    }

    /// What `value`, read from the masked text at `at`, says: known text, and holes.
    pub fn text(&self, value: &str, at: Span) -> Text {
        if !value.contains(HOLE) {
            return Text::Known(value.into());
        }
        let first = self.holes.partition_point(|hole| hole.end <= at.start);
        let mut holes = self.holes.get(first..).unwrap_or_default().iter();
        let mut pieces = Vec::new();
        for run in value.split_inclusive(|c| c != HOLE) {
            // Each run is holes and then at most one known character.
            let known = run.trim_start_matches(HOLE);
            if known.len() < run.len() {
                let why = holes.next().map_or(Why::Template("".into()), |hole| self.why(*hole));
                pieces.push(Piece::Hole(why));
            }
            pieces.push(Piece::Known(known.into()));
        }
        Text::from_pieces(pieces)
    }

    fn why(&self, span: Span) -> Why {
        let text = self.original.get(span.range()).unwrap_or_default();
        let variable = text.strip_prefix("${").and_then(|rest| rest.strip_suffix('}'));
        match variable.or_else(|| text.strip_prefix('$')) {
            Some(name) => Why::Variable(name.into()),
            None => Why::Template(text.lines().next().unwrap_or_default().into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_of_any_name_is_a_template_where_nothing_else_could_be_meant() {
        for (text, expected) in [
            ("a = {{ b }}", "a = ~~~~~~~"),
            ("a = <%= b %>", "a = ~~~~~~~~"),
            ("a = ${B_1}", "a = ~~~~~~"),
            ("a = @@B1@@", "a = ~~~~~~"),
            ("{% if a %}", "          "),
            ("# {% if a %} {{ b }}", "# {% if a %} {{ b }}"),
            ("a = $B ${b:-c} @b@ {b} {{ b < c", "a = $B ${b:-c} @b@ {b} {{ b < c"),
            ("own = {{ b }} ${B}", "own = {{ b }} ~~~~"),
        ] {
            let masked = mask_but("a.conf", text, |line, mark| line.starts_with("own") && mark == b'{');
            assert_eq!(masked.text.replace(HOLE, "~"), expected, "{text}");
        }
    }

    #[test]
    fn a_default_is_what_is_filled_in_where_nothing_else_is_set() {
        for (text, expected) in [
            ("{{ net | default('0.0.0.0/0') }}", Some("0.0.0.0/0")),
            ("{{ net|d(\"all\") }}", Some("all")),
            ("{{ hostvars['a'].net | default('all', true) }}", Some("all")),
            ("{{ net | default(other) }}", None),
            ("{{ net | default('a') | upper }}", None),
            ("{{ f(net) | default('a') }}", None),
            ("{{ net | difference('a') }}", None),
            ("{{ net }}", None),
            ("x{{ net | default('a') }}", None),
        ] {
            let masked = mask("pg_hba.conf.j2", text);
            let found = masked.fallback(Span::new(0, text.len()));
            assert_eq!(found.map(|(text, _)| text), expected, "{text}");
        }
    }

    #[test]
    fn only_templates_are_masked_and_offsets_stay() {
        let text = "a = '{{ x | join(', ') }}'\n{% if y %}\nb = ${Z}\n{% endif %}\nc = 1\n";
        let masked = mask("postgresql.conf.j2", text);
        assert_eq!(masked.text.len(), text.len());
        assert_eq!(masked.text.find("b ="), text.find("b ="));
        let offset = |of: &str| u32::try_from(text.find(of).unwrap()).unwrap();
        assert_eq!(masked.conditional(offset("b =")), Some(Why::Template("{% if y %}".into())));
        assert_eq!(masked.conditional(offset("c =")), None);
        let at = Span::new(5, 25);
        assert_eq!(
            masked.text(masked.text.get(5..25).unwrap(), at),
            Text::Pieces([Piece::Hole(Why::Template("{{ x | join(', ') }}".into()))].into())
        );
        assert!(masked.text.contains("${Z}"), "Jinja knows no `${{}}`");
    }

    #[test]
    fn blocks_of_ruby_and_go_nest() {
        for (path, text, inside) in [
            ("a.erb", "<% if x -%>\nA\n<% end -%>\nB", true),
            ("a.erb", "<%\np.each do |r|\n if r\n end\nend\n%>\nA\nB", false),
            ("a.erb", "<% list.each do |x| %>\nA\n<% end %>\nB", true),
            ("a.tmpl", "{{- if .X }}\nA\n{{ end }}\nB", true),
            ("a.conf.template", "X=${A}\nA\nB", false),
        ] {
            let masked = mask(path, text);
            let offset = |of: &str| u32::try_from(text.rfind(of).unwrap()).unwrap();
            assert_eq!(masked.conditional(offset("A\n")).is_some(), inside, "{text}");
            assert_eq!(masked.conditional(offset("B")), None, "{text}");
        }
    }
}
