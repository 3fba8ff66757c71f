//! INI files as Python's `ConfigParser` reads them in its strict mode: sections, options, continuation lines.
//!
//! Only whole lines are comments; `=` and `:` both separate; what is indented deeper than its option goes on with its
//! value. Names keep their case. Interpolation is not done here.

use super::template::HOLE;
use crate::text::Span;
use std::collections::{BTreeMap, BTreeSet};

/// A file.
#[derive(Debug, Default)]
pub struct Ini {
    /// The sections in source order, `DEFAULT` among them; the same name may stand again.
    pub sections: Vec<Section>,
    /// What `ConfigParser` refuses, in source order.
    pub errors: Vec<Fault>,
}

/// A section.
#[derive(Debug)]
pub struct Section {
    /// Its name.
    pub name: String,
    /// The name between the brackets.
    pub name_at: Span,
    /// The header, with its brackets.
    pub at: Span,
    /// Its options in source order.
    pub options: Vec<Setting>,
}

/// An option and its value.
#[derive(Debug)]
pub struct Setting {
    /// The name as it is written.
    pub name: String,
    /// Where the name stands.
    pub name_at: Span,
    /// The value: its lines, each without the blanks around it.
    pub value: String,
    /// Where the value stands, from its first character to its last; behind the separator if it is empty.
    pub at: Span,
}

/// What `ConfigParser` refuses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Where.
    pub at: Span,
    /// What, in one line.
    pub message: String,
    /// Whether nothing behind it is read; others are told of together.
    pub last: bool,
}

/// The lines of a text without their ends, each with the offset of its first byte. Python knows three line ends.
fn lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let rest = text.get(at..).filter(|rest| !rest.is_empty())?;
        let end = rest.find(['\n', '\r']).unwrap_or(rest.len());
        let start = at;
        let ending = if rest.get(end..).is_some_and(|rest| rest.starts_with("\r\n")) { 2 } else { 1 };
        at += (end + ending).min(rest.len());
        Some((start, rest.get(..end).unwrap_or_default()))
    })
}

/// Reads a file.
pub fn parse(text: &str) -> Ini {
    let mut reader = Reader::default();
    for (start, line) in lines(text) {
        reader.line(start, line);
    }
    reader.finish();
    reader.ini
}

#[derive(Default)]
struct Reader {
    ini: Ini,
    /// How deep the last header or option is indented, in characters.
    indent: usize,
    /// Whether the last option may go on.
    open: bool,
    /// The options of each section, whichever of its headers they stand under.
    known: BTreeMap<String, BTreeSet<String>>,
}

impl Reader {
    fn line(&mut self, start: usize, line: &str) {
        let value = line.trim();
        if value.starts_with(['#', ';']) {
            return;
        }
        if value.is_empty() {
            // An empty line is part of the value, unless nothing of the value follows.
            if let Some(setting) = self.current() {
                setting.value.push('\n');
            }
            return;
        }
        let leading = line.len() - line.trim_start().len();
        let at = Span::new(start + leading, start + leading + value.len());
        let indent = line.get(..leading).unwrap_or_default().chars().count();
        if indent > self.indent
            && let Some(setting) = self.current()
        {
            setting.value.push('\n');
            setting.value.push_str(value);
            setting.at = if setting.at.start == setting.at.end { at } else { setting.at.to(at) };
            return;
        }
        self.indent = indent;
        if let Some((name, end)) = header(value) {
            self.begin(name, at, end);
        } else if self.ini.sections.is_empty() {
            self.fault(at, "a line stands before the first section".to_owned(), true);
        } else {
            self.option(value, at);
        }
    }

    fn current(&mut self) -> Option<&mut Setting> {
        if self.open { self.ini.sections.last_mut()?.options.last_mut() } else { None }
    }

    fn begin(&mut self, name: &str, at: Span, end: usize) {
        self.finish();
        let start = at.start as usize;
        let twice = self.known.contains_key(name);
        self.known.entry(name.to_owned()).or_default();
        if twice && name != "DEFAULT" {
            self.fault(at, format!("the section `{name}` stands twice"), true);
        }
        let name_at = Span::new(start + 1, start + 1 + name.len());
        let at = Span::new(start, start + end);
        self.ini.sections.push(Section { name: name.to_owned(), name_at, at, options: Vec::new() });
    }

    fn option(&mut self, text: &str, at: Span) {
        self.finish();
        let Some(separator) = text.find(['=', ':']) else {
            return self.fault(at, "it is neither a section nor an option".to_owned(), false);
        };
        let name = text.get(..separator).unwrap_or_default().trim_end();
        if name.is_empty() {
            return self.fault(at, "an option has no name".to_owned(), false);
        }
        let start = at.start as usize;
        let behind = text.get(separator + 1..).unwrap_or_default();
        let value = behind.trim_start();
        let value_start = start + separator + 1 + (behind.len() - value.len());
        let setting = Setting {
            name: name.to_owned(),
            name_at: Span::new(start, start + name.len()),
            value: value.to_owned(),
            at: Span::new(value_start, value_start + value.len()),
        };
        let section = self.ini.sections.last().map(|section| section.name.clone()).unwrap_or_default();
        let known = self.known.get_mut(&section);
        if known.is_some_and(|known| !known.insert(name.to_owned())) && !name.contains(HOLE) {
            self.fault(setting.name_at, format!("the option `{name}` stands twice in the section `{section}`"), true);
        }
        if let Some(section) = self.ini.sections.last_mut() {
            section.options.push(setting);
            self.open = true;
        }
    }

    /// The last option does not go on: empty lines behind it are none of its value.
    fn finish(&mut self) {
        if let Some(setting) = self.current() {
            setting.value.truncate(setting.value.trim_end().len());
        }
        self.open = false;
    }

    fn fault(&mut self, at: Span, message: String, last: bool) {
        self.ini.errors.push(Fault { at, message, last });
    }
}

/// The name of a section header, and the length of the header: up to the last bracket of the line.
fn header(value: &str) -> Option<(&str, usize)> {
    let inner = value.strip_prefix('[')?;
    let end = inner.rfind(']').filter(|&end| end > 0)?;
    Some((inner.get(..end)?, end + 2))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(text: &str) -> Vec<(String, String, String)> {
        let ini = parse(text);
        let all = ini.sections.iter().flat_map(|s| s.options.iter().map(move |o| (s, o)));
        all.map(|(s, o)| (s.name.clone(), o.name.clone(), o.value.clone())).collect()
    }

    #[test]
    fn values_go_on_where_they_are_indented() {
        let found = values("[a]\nx = 1\n  2\n\n# no part\n   3\n\ny: z = 1\n[b] trailing]\nX=\n");
        let expected = [("a", "x", "1\n2\n\n3"), ("a", "y", "z = 1"), ("b] trailing", "X", "")];
        assert_eq!(found, expected.map(|(s, n, v)| (s.to_owned(), n.to_owned(), v.to_owned())));
    }

    #[test]
    fn places_are_those_of_the_value() {
        let text = "[a]\n x =  1 \n   2\n";
        let ini = parse(text);
        let setting = &ini.sections[0].options[0];
        assert_eq!(text.get(setting.at.range()), Some("1 \n   2"));
        assert_eq!(text.get(setting.name_at.range()), Some("x"));
    }

    #[test]
    fn what_python_refuses_is_a_fault() {
        for (text, faults) in [
            ("x = 1\n[a]\n", 1),
            ("\u{feff}[a]\nx = 1\n", 2),
            ("[a]\n[a]\n", 1),
            ("[a]\nx=1\nx=2\n", 1),
            ("[a]\nx=1\nX=2\n", 0),
            ("[a]\nword\n", 1),
            ("[a]\n= 1\n", 1),
            ("[DEFAULT]\n[DEFAULT]\n", 0),
            ("[a]\r\nx = 1\r\n", 0),
        ] {
            assert_eq!(parse(text).errors.len(), faults, "{text:?}");
        }
    }
}
