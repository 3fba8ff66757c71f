//! Facts about pages that databases and queues are managed with, and that a server hands on by a path of their own.

use super::answers::{self, Answer};
use super::facts::Facts;
use super::site::{Flag, Location, Modifier, Step};
use crate::model::{ScopeId, Value};
use crate::text::Loc;

/// The first part of the path, as people install them, and the program.
const PAGES: &[(&str, &str)] = &[
    ("adminer", "Adminer"),
    ("pgadmin", "pgAdmin"),
    ("pgadmin4", "pgAdmin"),
    ("phpldapadmin", "phpLDAPadmin"),
    ("phpmyadmin", "phpMyAdmin"),
    ("phppgadmin", "phpPgAdmin"),
    ("phpredisadmin", "phpRedisAdmin"),
    ("pma", "phpMyAdmin"),
];

/// Sets the program that a location hands requests on to, if it is one of those; empty elsewhere.
pub(super) fn fill(facts: &mut Facts<'_>, location: &Location, server: Option<ScopeId>) {
    let scope = location.scope;
    let at = facts.at(scope);
    let found = program(facts, location, server);
    let (title, from) = found.map_or(("", at), |(title, at)| (title, at));
    facts.put(scope, "management", Value::text(title), from, vec![from]);
}

fn program(facts: &Facts<'_>, location: &Location, server: Option<ScopeId>) -> Option<(&'static str, Loc)> {
    let (model, site) = (&*facts.model, facts.site);
    let server = server.filter(|server| answers::reached(site, *server))?;
    let named = page(location)?;
    // What stands inside another location of the same program is told there.
    let parent = model.scope(location.scope)?.parent?;
    if site.location_of.get(&parent).and_then(page) == Some(named) {
        return None;
    }
    let target = |scope: ScopeId| Some(facts.own(*site.passes.get(&scope)?, "target")?.at);
    // Another path is what answers.
    let moves = |step: &Step| matches!(step, Step::Rewrite { flag: Flag::Last | Flag::Redirect, .. });
    if site.steps.get(&location.scope).into_iter().flatten().any(moves) {
        return None;
    }
    match answers::answer(model, site, location.scope) {
        Answer::Application => target(location.scope).map(|at| (named, at)),
        // The pages are files of PHP, which another location runs: one inside, or the server's.
        Answer::Files => {
            let runs = |holder: ScopeId| {
                let inside = site.locations.get(&holder).map(Vec::as_slice).unwrap_or_default();
                inside.iter().any(|inner| {
                    let php = inner.uri.as_deref().is_some_and(|uri| uri.contains("php"));
                    let expression = matches!(inner.modifier, Modifier::Regex | Modifier::RegexAnyCase);
                    let open = answers::restricted(model, site, inner.scope) == Some(false);
                    php && expression && open && facts.own(inner.scope, "fastcgi_pass").is_some()
                })
            };
            let by_server = location.modifier == Modifier::Prefix && runs(server);
            (runs(location.scope) || by_server).then(|| (named, facts.at(location.scope)))
        }
        _ => None,
    }
}

/// The program that a location is called after.
fn page(location: &Location) -> Option<&'static str> {
    let uri = location.uri.as_deref()?;
    let path = match location.modifier {
        Modifier::Named => return None,
        Modifier::Regex | Modifier::RegexAnyCase => uri.strip_prefix('^')?,
        Modifier::Prefix | Modifier::Exact | Modifier::Final => uri,
    };
    let path = path.strip_prefix('/')?.trim_start_matches('(');
    let end = path.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(path.len());
    let name = path.get(..end).unwrap_or_default().to_ascii_lowercase();
    PAGES.iter().find(|(known, _)| *known == name).map(|(_, title)| *title)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_are_known_by_the_first_part_of_a_path() {
        let of = |modifier: Modifier, uri: &str| {
            page(&Location { scope: ScopeId(0), modifier, uri: Some(uri.into()), conditional: false })
        };
        assert_eq!(of(Modifier::Prefix, "/phpMyAdmin/"), Some("phpMyAdmin"));
        assert_eq!(of(Modifier::Exact, "/adminer.php"), Some("Adminer"));
        assert_eq!(of(Modifier::Regex, "^/pma/(.+\\.php)$"), Some("phpMyAdmin"));
        assert_eq!(of(Modifier::Regex, "/pma/"), None);
        assert_eq!(of(Modifier::Prefix, "/shop/phpmyadmin"), None);
        assert_eq!(of(Modifier::Prefix, "/phpmyadmins"), None);
    }
}
