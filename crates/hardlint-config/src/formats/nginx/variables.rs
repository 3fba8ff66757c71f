//! Where the value of a variable comes from: the file, or whoever sends the request.

use super::choose;
use super::regex::{Regex, Set};
use super::site::{Definition, Modifier, Site};
use crate::model::{Model, Piece, ScopeId, Text};

/// A part of a text with variables.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// Text as it stands.
    Literal(String),
    /// A variable, by name.
    Variable(String),
}

/// Who decides a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Source {
    /// The file.
    File,
    /// Something that is not looked into.
    Unknown,
    /// The client, within a set of names that the file lists.
    Client,
}

/// Definitions that are followed from one variable to the next.
const DEEPEST: usize = 10;

/// Places that give one variable a value, and lines of one map, that are looked at.
const MOST_LINES: usize = 1000;

/// The longest text that is made by putting values in.
const LONGEST: usize = 4096;

/// Stands for what a template fills in.
const HOLE: &str = "\u{1}";

/// The text with its holes marked.
pub(super) fn flat(text: &Text) -> String {
    match text {
        Text::Known(text) => text.to_string(),
        Text::Pieces(pieces) => pieces
            .iter()
            .map(|piece| match piece {
                Piece::Known(text) => &**text,
                Piece::Hole(_) => HOLE,
            })
            .collect(),
    }
}

/// Cuts a text into its parts.
pub(super) fn parts(text: &str) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut literal = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('$') {
        let (before, from) = rest.split_at(at);
        literal.push_str(before);
        let after = from.get(1..).unwrap_or_default();
        let braced = after.strip_prefix('{').and_then(|inner| inner.split_once('}'));
        let (name, next) = if let Some((name, next)) = braced {
            (name, next)
        } else {
            let digits = after.starts_with(|c: char| c.is_ascii_digit());
            let end = if digits {
                1
            } else {
                after.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(after.len())
            };
            after.split_at(end)
        };
        if name.is_empty() {
            literal.push('$');
        } else {
            if !literal.is_empty() {
                parts.push(Part::Literal(std::mem::take(&mut literal)));
            }
            parts.push(Part::Variable(self::name(name)));
        }
        rest = next;
    }
    literal.push_str(rest);
    if !literal.is_empty() {
        parts.push(Part::Literal(literal));
    }
    parts
}

/// A variable's name as nginx has it, which asks for no case. One of capitals alone is left as it is: it is there for what
/// fills in templates, and none of nginx's own is written so.
pub(super) fn name(written: &str) -> String {
    if written.bytes().any(|letter| letter.is_ascii_lowercase()) {
        written.to_ascii_lowercase()
    } else {
        written.to_owned()
    }
}

/// The variables in the scheme of a URL.
pub(super) fn scheme(url: &str) -> Vec<Part> {
    url.split_once("://").map(|(scheme, _)| parts(scheme)).unwrap_or_default()
}

/// The parts of a URL that name the host and the port; nothing if it has no scheme to begin with.
pub(super) fn host(url: &str) -> Option<Vec<Part>> {
    let rest = url.split_once("://").map(|(scheme, rest)| {
        let plain = scheme.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '$' | '_' | '{' | '}' | '\u{1}'));
        plain.then_some(rest)
    });
    let rest = rest??;
    let mut found = Vec::new();
    for part in parts(rest) {
        match part {
            Part::Literal(text) => match text.find(['/', '?', '#']) {
                Some(end) => {
                    let head = text.get(..end).unwrap_or_default();
                    if !head.is_empty() {
                        found.push(Part::Literal(head.to_owned()));
                    }
                    break;
                }
                None => found.push(Part::Literal(text)),
            },
            // These begin with a slash, so that the host ends before them.
            Part::Variable(name) if matches!(&*name, "request_uri" | "uri" | "document_uri") && !found.is_empty() => {
                break;
            }
            Part::Variable(name) => found.push(Part::Variable(name)),
        }
    }
    Some(found)
}

/// Follows variables through one configuration.
pub(super) struct Tracer<'m> {
    pub(super) model: &'m Model,
    pub(super) site: &'m Site,
    /// Where the text is used: `set` counts in the scopes around it, groups are those of its location.
    pub(super) scope: ScopeId,
    /// Whether the server's names are checked, so that `$host` is one of them.
    pub(super) names_checked: bool,
}

impl Tracer<'_> {
    /// Who decides the value of a variable.
    pub(super) fn variable(&self, name: &str) -> Source {
        self.follow(name, 0)
    }

    fn text(&self, text: &Text, depth: usize) -> Source {
        let sources = parts(&flat(text)).into_iter().map(|part| match part {
            Part::Literal(_) => Source::File,
            Part::Variable(name) => self.follow(&name, depth + 1),
        });
        sources.max().unwrap_or(Source::File)
    }

    fn follow(&self, name: &str, depth: usize) -> Source {
        if depth > DEEPEST {
            return Source::Unknown;
        }
        if let Some(definitions) = self.site.variables.get(name) {
            if definitions.len() > MOST_LINES {
                return Source::Unknown;
            }
            let sources = definitions.iter().map(|definition| self.definition(definition, depth));
            return sources.max().unwrap_or(Source::Unknown);
        }
        if let Some(group) = self.group(name) {
            return group;
        }
        match name {
            "host" if self.names_checked => Source::File,
            "host" | "http_host" | "args" | "query_string" | "request_uri" | "uri" | "document_uri" | "request"
            | "request_body" | "remote_user" | "request_filename" => Source::Client,
            "scheme" | "server_name" | "server_addr" | "server_port" | "hostname" | "nginx_version"
            | "request_method" | "remote_addr" | "remote_port" | "https" | "proxy_host" | "proxy_port"
            | "realip_remote_addr" | "document_root" | "pid" | "msec" | "time_iso8601" | "is_args" => Source::File,
            name if name.starts_with("arg_") || name.starts_with("http_") || name.starts_with("cookie_") => {
                Source::Client
            }
            _ => Source::Unknown,
        }
    }

    fn definition(&self, definition: &Definition, depth: usize) -> Source {
        match definition {
            Definition::Set(scope, value) if self.sees(*scope) => self.text(value, depth),
            Definition::Set(..) | Definition::Listed => Source::File,
            Definition::Map { lines, .. } if lines.len() > MOST_LINES => Source::Unknown,
            Definition::Map { source, lines, complete } => {
                let found = lines.iter().map(|(key, value)| self.line(source, key, value, depth));
                let found = found.max().unwrap_or(Source::File);
                if *complete { found } else { found.max(Source::Unknown) }
            }
            Definition::Other => Source::Unknown,
        }
    }

    /// Who decides the value that a line of a map gives: its groups are cut out of what is looked up.
    fn line(&self, source: &Text, key: &Text, value: &Text, depth: usize) -> Source {
        let key = flat(key);
        let regex =
            key.strip_prefix("~*").map(|rest| (rest, true)).or_else(|| key.strip_prefix('~').map(|it| (it, false)));
        let regex = regex.and_then(|(text, any_case)| Regex::new(text, any_case));
        let sources = parts(&flat(value)).into_iter().map(|part| {
            let Part::Variable(name) = part else { return Source::File };
            let group = regex.as_ref().and_then(|regex| match name.parse::<usize>() {
                Ok(number) => regex.groups().get(number.checked_sub(1)?),
                Err(_) => regex.groups().iter().find(|group| group.name.as_deref() == Some(name.as_str())),
            });
            match group {
                Some(group) if names_a_host(&group.bytes) => self.text(source, depth + 1),
                Some(_) => Source::Unknown,
                None if name.parse::<usize>().is_ok() => Source::Unknown,
                None => self.follow(&name, depth + 1),
            }
        });
        sources.max().unwrap_or(Source::File)
    }

    /// The text with each variable that one `set` alone decides replaced by what it is set to.
    pub(super) fn expand(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for _ in 0..DEEPEST {
            let mut changed = false;
            let mut next = String::new();
            for part in parts(&text) {
                match part {
                    Part::Literal(literal) => next.push_str(&literal),
                    Part::Variable(name) => match self.site.variables.get(name.as_str()).map(Vec::as_slice) {
                        Some([Definition::Set(scope, value)]) if self.sees(*scope) => {
                            changed = true;
                            next.push_str(&flat(value));
                        }
                        _ => next.extend(["${", &name, "}"]),
                    },
                }
            }
            if !changed || next.len() > LONGEST {
                break;
            }
            text = next;
        }
        text
    }

    /// Whether a `set` in `scope` runs for requests that end where the text is used: it stands around it, or in an
    /// `if` beside it.
    fn sees(&self, scope: ScopeId) -> bool {
        let holder = self.model.scope(scope).filter(|found| self.model.format.schema.kind(found.kind).name == "if");
        let target = holder.and_then(|found| found.parent).unwrap_or(scope);
        self.model.ancestors(self.scope).any(|(id, _)| id == target || id == scope)
    }

    /// Who decides a group of the expression by which the location, or an `if` in it, was chosen.
    fn group(&self, name: &str) -> Option<Source> {
        let number = name.parse::<usize>().ok();
        for (id, scope) in self.model.ancestors(self.scope) {
            let kind = self.model.format.schema.kind(scope.kind).name;
            if kind == "if" && scope.label.contains('~') {
                return number.map(|_| Source::Unknown);
            }
            if kind != "location" {
                continue;
            }
            let Some(location) = self.site.location_of.get(&id) else { continue };
            let any_case = location.modifier == Modifier::RegexAnyCase;
            if !any_case && location.modifier != Modifier::Regex {
                continue;
            }
            let Some(regex) = location.uri.as_deref().and_then(|uri| Regex::new(uri, any_case)) else {
                return number.map(|_| Source::Unknown);
            };
            let group = match number {
                Some(number) => number.checked_sub(1).and_then(|index| regex.groups().get(index)),
                None => regex.groups().iter().find(|group| group.name.as_deref() == Some(name)),
            };
            if let Some(group) = group {
                return Some(if names_a_host(&group.bytes) { Source::Client } else { Source::Unknown });
            }
        }
        if let Some(server) = self.model.ancestors(self.scope).find(|(id, _)| self.site.is_server(*id)) {
            let named = choose::names(self.model, server.0).any(|pattern| pattern.contains(&format!("<{name}>")));
            if named {
                return Some(Source::Unknown);
            }
        }
        number.map(|_| Source::Unknown)
    }
}

/// Whether a group can hold a whole host name, or end the one that it is put into.
fn names_a_host(bytes: &Set) -> bool {
    bytes.has(b'.') || bytes.has(b'/') || bytes.has(b'?') || bytes.has(b'#') || bytes.has(b'@') || bytes.has(b':')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_cut_at_their_variables() {
        let literal = |text: &str| Part::Literal(text.to_owned());
        let variable = |name: &str| Part::Variable(name.to_owned());
        assert_eq!(parts("a$b/${c}d$"), [literal("a"), variable("b"), literal("/"), variable("c"), literal("d$")]);
        assert_eq!(parts("$1a"), [variable("1"), literal("a")]);
        assert_eq!(host("https://$host$request_uri"), Some(vec![variable("host")]));
        assert_eq!(host("http://a.$arg_x:80/b$c"), Some(vec![literal("a."), variable("arg_x"), literal(":80")]));
        assert_eq!(host("$scheme://x?y"), Some(vec![literal("x")]));
        assert_eq!(host("/path"), None);
        assert_eq!(host("/login?next=http://x"), None);
    }
}
