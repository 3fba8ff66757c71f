//! Dockerfiles that another program fills in first: Jinja's and Go's `{{ … }}` and `{% … %}`, ERB's `<% … %>`, `%%NAME%%`.
//!
//! An expression becomes one placeholder character in the joined line, so that its blanks split nothing; expansion
//! turns placeholders into holes. A line that is template and nothing else decides what follows: what holds after it
//! cannot be known.

use crate::model::{Str, Why};
use crate::syntax::joined::Joined;
use crate::text::Span;

/// The first placeholder; the others follow. They lie where Unicode puts no character.
const FIRST: u32 = 0xF_0000;
/// How many expressions are told apart.
const MOST: usize = 60_000;

/// What opens an expression, and what closes it.
const MARKS: &[(&str, &str)] = &[("{{", "}}"), ("{%", "%}"), ("{#", "#}"), ("<%", "%>"), ("%%", "%%")];

/// Whether a file is a template: its name says so, or a line that could stand in no Dockerfile.
pub(super) fn is_template(path: &str, source: &str) -> bool {
    let name = crate::loader::name(path).to_ascii_lowercase();
    if [".j2", ".jinja", ".jinja2", ".template", ".tmpl", ".tpl", ".erb", ".in"].iter().any(|end| name.ends_with(end)) {
        return true;
    }
    if !MARKS.iter().any(|(open, _)| memchr::memmem::find(source.as_bytes(), open.as_bytes()).is_some()) {
        return false;
    }
    source.lines().any(|line| {
        let line = line.trim_start();
        let from = line.get(..5).is_some_and(|start| start.eq_ignore_ascii_case("FROM "));
        is_line(line) || from && MARKS.iter().any(|(open, _)| line.contains(open))
    })
}

/// Whether a line begins with template.
pub(super) fn is_line(trimmed: &str) -> bool {
    MARKS.iter().any(|(open, _)| trimmed.starts_with(open)) && !trimmed.starts_with("{{{")
}

/// Adds a part of a template's line, its expressions as placeholders.
pub(super) fn push(line: &mut Joined, source: &str, part: Span, templates: &mut Vec<Str>) {
    let text = source.get(part.range()).unwrap_or_default();
    let start = part.start as usize;
    let mut plain = 0;
    let mut at = 0;
    // Marks that nothing closes are not searched for again, so that the time stays linear.
    let mut open = [true; MARKS.len()];
    while let Some(found) = memchr::memchr3(b'{', b'<', b'%', text.as_bytes().get(at..).unwrap_or_default()) {
        at += found;
        let Some(length) = expression(text.get(at..).unwrap_or_default(), &mut open) else {
            at += 1;
            continue;
        };
        line.push(source, Span::new(start + plain, start + at));
        if templates.len() < MOST {
            templates.push(text.get(at..at + length).unwrap_or_default().into());
        }
        let index = u32::try_from(templates.len().saturating_sub(1)).unwrap_or(0);
        let placeholder = char::from_u32(FIRST + index).unwrap_or(char::REPLACEMENT_CHARACTER);
        line.push_as(placeholder.encode_utf8(&mut [0; 4]), Span::new(start + at, start + at + length));
        at += length;
        plain = at;
    }
    line.push(source, Span::new(start + plain, part.end as usize));
}

/// The length of the expression that a text begins with.
fn expression(text: &str, open: &mut [bool]) -> Option<usize> {
    for ((begin, close), open) in MARKS.iter().zip(open) {
        let Some(inner) = text.strip_prefix(begin) else { continue };
        if *begin == "%%" {
            // `%%` alone is ordinary text; only a name between two of them is a placeholder.
            let name = inner.find(|c: char| !c.is_ascii_alphanumeric() && c != '_')?;
            return inner.get(name..)?.starts_with(close).then_some(name + 4).filter(|_| name > 0);
        }
        if !*open {
            return None;
        }
        let Some(length) = inner.find(close) else {
            *open = false;
            return None;
        };
        return Some(begin.len() + length + close.len());
    }
    None
}

/// Why a character that stands for an expression is unknown.
pub(super) fn placeholder(c: char, templates: &[Str]) -> Option<Why> {
    let index = u32::from(c).checked_sub(FIRST)?;
    let text = templates.get(usize::try_from(index).ok()?)?;
    Some(Why::Template(text.clone()))
}
