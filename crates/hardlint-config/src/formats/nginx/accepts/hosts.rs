//! Names of hosts with a `*`, as nginx puts them into one table: of servers, of `map` with `hostnames`, and of referers.

use super::super::resolve::Build;
use super::{Fault, Line};
use crate::model::{ScopeId, Value};
use crate::text::Loc;
use std::collections::{BTreeMap, BTreeSet};

/// Whether the table has a place for a name.
pub(super) fn takes(name: &str) -> bool {
    let stars = name.bytes().filter(|&byte| byte == b'*').count();
    if stars > 1 || name.contains("..") {
        return false;
    }
    let longer = name.len() > 2 && (name.starts_with("*.") || name.ends_with(".*"));
    stars == 0 || longer || name.len() > 1 && name.starts_with('.')
}

/// How much of a name the table has to hold in one place: all of it, or of one with a star its longest label.
pub(super) fn longest(name: &str) -> usize {
    let labels = |rest: &str| rest.split('.').map(str::len).max().unwrap_or_default();
    match name.strip_prefix("*.").or(name.strip_suffix(".*")) {
        Some(rest) => labels(rest),
        None => name.strip_prefix('.').unwrap_or(name).len(),
    }
}

/// The names of one table.
#[derive(Debug, Default)]
pub(super) struct Hosts(BTreeSet<(Kind, String)>);

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Exact,
    /// `*.example.com`.
    Head,
    /// `www.*`.
    Tail,
}

impl Hosts {
    /// Adds a name that may have a `*`; what is wrong with it.
    pub(super) fn add(&mut self, name: &str) -> Result<(), &'static str> {
        if !takes(name) {
            return Err("nginx refuses this name: a `*` stands for whole labels at an end");
        }
        let name = name.to_ascii_lowercase();
        let fresh = match (name.strip_prefix('.').filter(|rest| !rest.is_empty()), name.strip_prefix("*.")) {
            // Both the name and all below it.
            (Some(rest), _) => self.put(Kind::Exact, rest) && self.put(Kind::Head, rest),
            (_, Some(rest)) if !rest.is_empty() => self.put(Kind::Head, rest),
            _ => match name.strip_suffix(".*").filter(|rest| !rest.is_empty()) {
                Some(rest) => self.put(Kind::Tail, rest),
                None => self.put(Kind::Exact, &name),
            },
        };
        if fresh { Ok(()) } else { Err("nginx refuses a name that is there already") }
    }

    /// Adds a name in which a `*` is one like any other character; whether it is new.
    pub(super) fn add_exact(&mut self, name: &str) -> bool {
        self.put(Kind::Exact, &name.to_ascii_lowercase())
    }

    fn put(&mut self, kind: Kind, name: &str) -> bool {
        self.0.insert((kind, name.to_owned()))
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// What blocks say in `valid_referers`.
#[derive(Debug, Default)]
pub(in super::super) struct Referers(BTreeMap<ScopeId, Named>);

#[derive(Debug, Default)]
struct Named {
    hosts: Hosts,
    /// Where `none` or `blocked` stands.
    none: Option<Loc>,
    /// Where the names of the server are taken.
    server: Option<Loc>,
    unsure: bool,
}

pub(super) fn valid_referers(build: &mut Build<'_, '_>, line: &Line<'_>) -> Result<(), Fault> {
    let unsure = super::zones::unsure(line) || (1..line.words.len()).any(|index| line.known(index).is_none());
    let named = build.seen.referers.0.entry(line.frame.scope).or_default();
    named.unsure |= unsure;
    let at = |index: usize| line.words.get(index).map(|word| Loc::new(line.frame.file, word.place()));
    for (index, text) in line.arguments() {
        match &*text {
            "" => return Fault::new(index, "nginx refuses an empty referer"),
            "none" | "blocked" => named.none = named.none.or(at(index)),
            "server_names" => named.server = named.server.or(at(index)),
            "~" => return Fault::new(index, "nginx refuses an empty expression"),
            text if text.starts_with('~') => super::expression::check(index, text.trim_start_matches('~'))?,
            text => {
                // A host is named once, whatever stands behind it.
                let host = text.split('/').next().unwrap_or_default();
                if let Err(message) = named.hosts.add(host)
                    && !named.unsure
                {
                    return Fault::new(index, message);
                }
            }
        }
    }
    Ok(())
}

/// Blocks that let requests without a referer in, and name none; and names of servers that are no referers.
pub(super) fn referers(build: &Build<'_, '_>, referers: Referers) -> Vec<(Loc, String)> {
    let mut problems = Vec::new();
    for (scope, mut named) in referers.0.into_iter().filter(|(_, named)| !named.unsure) {
        if let Some(at) = named.server {
            let server = build.model.ancestors(scope).find(|(id, _)| build.site.servers.contains(id));
            let Some((server, _)) = server else { continue };
            if matches!(build.model.get(server, "server_name"), Some(Value::Unknown(_))) {
                continue;
            }
            let mut names = super::super::choose::names(&build.model, server).peekable();
            // A server without names has an empty one.
            let unnamed = names.peek().is_none().then_some("");
            for name in names.filter(|name| !name.starts_with('~')).chain(unnamed) {
                if let Err(message) = named.hosts.add(name) {
                    problems.push((at, format!("`{name}`, a name of this server: {message}")));
                }
            }
        }
        if let Some(at) = named.none.filter(|_| named.hosts.is_empty()) {
            problems.push((at, "nginx refuses `none` and `blocked` where no referer is named beside them".into()));
        }
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_with_stars_are_those_that_nginx_takes() {
        for name in ["a", "", "a.", "a b", "*.a.com", "www.*", ".a.com", ".*", "*.a.", "a/b"] {
            assert!(takes(name), "{name}");
        }
        for name in
            ["*", "**", "*a", "a*", "a*.com", "a.*.com", "www.*.*", "*.*", "*.a.*", "a..b", "..", "www..*", "*.a..b"]
        {
            assert!(!takes(name), "{name}");
        }
    }

    #[test]
    fn a_name_has_one_place_in_a_table() {
        let twice = |first: &str, second: &str| {
            let mut hosts = Hosts::default();
            assert!(hosts.add(first).is_ok());
            hosts.add(second).is_err()
        };
        assert!(
            twice("a.com", "A.com")
                && twice(".a.com", "*.a.com")
                && twice("a.com", ".a.com")
                && twice("www.*", "www.*")
        );
        assert!(!twice("*.a.com", "a.com") && !twice("www.*", "*.www"));
    }
}
