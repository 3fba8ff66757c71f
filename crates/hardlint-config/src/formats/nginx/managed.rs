//! Facts about pages that databases and queues are managed with, and that a server hands on by a path of their own.

use super::answers::{self, Answer};
use super::choose::{self, Answer as Chosen};
use super::facts::Facts;
use super::regex::Regex;
use super::site::{Flag, Location, Modifier, Step};
use crate::model::{ScopeId, Text, Value};
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

/// The program, and the place that says so, where it is known that nginx leads everybody there: by the path that people
/// ask for, through all that nginx looks at before it chooses who answers.
fn program(facts: &Facts<'_>, location: &Location, server: Option<ScopeId>) -> Option<(&'static str, Loc)> {
    let (model, site) = (&*facts.model, facts.site);
    let server = server.filter(|server| answers::reached(site, *server))?;
    // Who reaches a container is told of its deployment.
    if site.in_container || location.conditional || facts.own(server, "ssl_reject_handshake").is_some() {
        return None;
    }
    // Names of a network at home or in a company are looked up there alone.
    let is_inside = |name: &str| {
        ["corp", "home", "internal", "intranet", "lan", "local"].contains(&name.rsplit('.').next().unwrap_or_default())
    };
    let mut names = choose::names(model, server).peekable();
    if names.peek().is_some() && names.all(is_inside) {
        return None;
    }
    let page = page(location)?;
    // What stands inside another location of the same program is told there.
    let parent = model.scope(location.scope)?.parent?;
    if site.location_of.get(&parent).and_then(self::page).is_some_and(|outer| outer.title == page.title) {
        return None;
    }
    // Another path is what answers.
    let moves = |scope: ScopeId| {
        let steps = site.steps.get(&scope).into_iter().flatten();
        steps.into_iter().any(|step| matches!(step, Step::Rewrite { flag: Flag::Last | Flag::Redirect, .. }))
    };
    let answers = |scope: ScopeId| {
        !moves(scope)
            && !limits_methods(facts, scope)
            && answers::answer(model, site, scope) == Answer::Application
            && answers::restricted(model, site, scope) == Some(false)
    };
    let at_target = |scope: ScopeId| {
        let target = facts.own(*site.passes.get(&scope)?, "target")?;
        // Where a variable leads to is not known, nor whether it depends on who asks.
        let text = target.value.as_str().filter(|text| !text.contains('$'))?;
        Some((text.to_ascii_lowercase(), target.at))
    };
    for path in &page.paths {
        if !passes_server(facts, server, path) {
            return None;
        }
        let Chosen::Location(chosen) = choose::location(site, server, path) else { return None };
        if chosen == location.scope {
            if !answers(chosen) {
                continue;
            }
            let (target, at) = at_target(chosen)?;
            // A short name is that of many things: the address has to say so as well.
            let by_php = facts.own(chosen, "fastcgi_pass").is_some();
            return (by_php || !page.is_short || target.contains("phpmyadmin")).then_some((page.title, at));
        }
        // The pages are files of PHP, which another location runs: one inside, or the server's.
        let runs = || facts.own(chosen, "fastcgi_pass").is_some() && answers(chosen) && at_target(chosen).is_some();
        if path.rsplit('.').next() == Some("php")
            && !moves(location.scope)
            && answers::answer(model, site, location.scope) == Answer::Files
            && same_folder(facts, location.scope, chosen)
            && runs()
        {
            return Some((page.title, facts.at(location.scope)));
        }
    }
    None
}

/// Whether a location looks for files where another does, from which it may take its folder.
fn same_folder(facts: &Facts<'_>, one: ScopeId, other: ScopeId) -> bool {
    let folder = |scope: ScopeId| {
        let mut around = facts.model.ancestors(scope).map(|(id, _)| id);
        around.find(|id| facts.own(*id, "root").is_some() || facts.own(*id, "alias").is_some())
    };
    folder(one) == folder(other)
}

/// Whether only some methods get through: `limit_except`.
fn limits_methods(facts: &Facts<'_>, location: ScopeId) -> bool {
    let kind = facts.model.format.schema.kind_named("limit_except");
    facts.model.scopes.iter().any(|scope| Some(scope.kind) == kind && scope.parent == Some(location))
}

/// Whether a path gets through what the server does before a location is chosen: no condition may turn it away, and no
/// rewrite make another of it. Who is only led to https comes back.
fn passes_server(facts: &Facts<'_>, server: ScopeId, path: &str) -> bool {
    facts.site.steps.get(&server).into_iter().flatten().all(|step| match step {
        Step::Rewrite { regex: Text::Known(regex), .. } => {
            Regex::new(regex, false).is_some_and(|regex| !regex.matches(path))
        }
        Step::Rewrite { .. } | Step::Return { .. } => false,
        Step::Break => true,
        Step::If(inner) => {
            let label = facts.model.scope(*inner).map(|scope| &*scope.label).unwrap_or_default();
            let of_scheme =
                ["$scheme", "$https", "$server_port", "$host", "$http_host"].iter().any(|it| label.contains(it));
            facts.site.steps.get(inner).is_none_or(Vec::is_empty)
                || of_scheme && answers::steps(facts.site, *inner) == Some(Answer::Redirect)
        }
    })
}

/// A location that is called after a program.
struct Page {
    title: &'static str,
    /// Whether the name is an abbreviation of other things as well.
    is_short: bool,
    /// The paths by which people get to it, as far as the location is for them.
    paths: Vec<String>,
}

/// The program that a location is called after. What lies below the program's folder is its pictures and styles.
fn page(location: &Location) -> Option<Page> {
    let uri = location.uri.as_deref()?;
    let regex = match location.modifier {
        Modifier::Named => return None,
        Modifier::Regex | Modifier::RegexAnyCase => true,
        Modifier::Prefix | Modifier::Exact | Modifier::Final => false,
    };
    let path = if regex { uri.strip_prefix('^')? } else { uri };
    let path = path.strip_prefix('/')?;
    let path = if regex { path.trim_start_matches('(') } else { path };
    let (written, rest) = path.split_at(path.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(path.len()));
    let name = written.to_ascii_lowercase();
    let (_, title) = PAGES.iter().find(|(known, _)| *known == name)?;
    let all = || ["/", "", "/index.php", ".php"].iter().map(|end| format!("/{written}{end}"));
    let paths: Vec<String> = match location.modifier {
        Modifier::Exact => {
            matches!(rest, "" | "/" | ".php" | "/index.php").then(|| uri.to_owned()).into_iter().collect()
        }
        Modifier::Prefix | Modifier::Final if rest == ".php" => vec![uri.to_owned()],
        Modifier::Prefix | Modifier::Final if matches!(rest, "" | "/") => {
            vec![format!("/{written}/"), format!("/{written}/index.php")]
        }
        Modifier::Regex | Modifier::RegexAnyCase => {
            let regex = Regex::new(uri, location.modifier == Modifier::RegexAnyCase)?;
            all().filter(|path| regex.matches(path)).collect()
        }
        _ => Vec::new(),
    };
    (!paths.is_empty()).then_some(Page { title, is_short: name == "pma", paths })
}

#[cfg(test)]
mod tests {
    use super::*;

    use crate::loader::Memory;
    use crate::workspace::{Detection, Query, Workspace};
    use std::sync::Arc;

    /// The programs that the locations of a server hand on to everybody.
    fn handed_on(inner: &str) -> String {
        let text = format!("http {{ map $remote_addr $up {{ default a; }} server {{ listen 80; {inner} }} }}");
        let memory = Memory::new([("nginx.conf", text.as_str())]);
        let workspace = Workspace::new(&memory, Query::default());
        let path: Arc<str> = "nginx.conf".into();
        workspace.look(&path, Detection::Given(&super::super::FORMAT));
        let model = workspace.resolve(&mut workspace.reader(), &path, &super::super::FORMAT);
        let all = (0..model.scopes.len()).map(|at| ScopeId(u32::try_from(at).unwrap()));
        let named = all.filter(|id| model.get(*id, "restricted") == Some(&Value::Bool(false)));
        let named = named.filter_map(|id| model.get(id, "management").and_then(Value::as_str));
        named.filter(|name| !name.is_empty()).collect::<Vec<_>>().join(" ")
    }

    const PHP: &str = "fastcgi_pass unix:/run/php.sock;";

    #[test]
    fn everybody_is_led_there() {
        for (inner, expected) in [
            ("location /pgadmin/ { proxy_pass http://10.0.0.7:5050; }", "pgAdmin"),
            ("location /phpmyadmin { root /usr/share; location ~ \\.php$ { PHP } }", "phpMyAdmin"),
            ("root /srv; location /adminer { try_files $uri =404; } location ~ [^/]\\.php(/|$) { PHP }", "Adminer"),
            ("root /srv; location = /adminer.php { PHP }", "Adminer"),
            ("location ~ ^/pma/(.+\\.php)$ { root /usr/share; PHP }", "phpMyAdmin"),
            ("location ^~ /pgadmin4 { proxy_pass http://pgadmin; } location ~ /pgadmin { deny all; }", "pgAdmin"),
            ("location /pma/ { proxy_pass http://phpmyadmin; }", "phpMyAdmin"),
            (
                "if ($scheme = http) { return 301 https://$host$request_uri; } location /pgadmin { proxy_pass http://b; }",
                "pgAdmin",
            ),
            ("rewrite ^/old /new permanent; location /pgadmin { proxy_pass http://b; }", "pgAdmin"),
        ] {
            assert_eq!(handed_on(&inner.replace("PHP", PHP)), expected, "{inner}");
        }
    }

    #[test]
    fn somebody_may_be_turned_away_on_the_way() {
        for inner in [
            "location /pgadmin/ { auth_basic Ops; proxy_pass http://b; }",
            "auth_request /auth; location /pgadmin/ { proxy_pass http://b; }",
            "satisfy any; allow 10.0.0.0/8; deny all; auth_basic Ops; location /pgadmin/ { proxy_pass http://b; }",
            "allow 10.0.0.0/8; deny all; location /pgadmin/ { proxy_pass http://b; }",
            "location /pgadmin/ { if ($up = a) { return 403; } proxy_pass http://b; }",
            "if ($up = a) { return 403; } location /pgadmin/ { proxy_pass http://b; }",
            "if ($http_x_key != 7) { return 444; } location /pgadmin/ { proxy_pass http://b; }",
            "if ($up = a) { rewrite ^ /no last; } location /pgadmin/ { proxy_pass http://b; }",
            "ssl_verify_client optional; if ($ssl_client_verify != SUCCESS) { return 403; } location /pgadmin/ { proxy_pass http://b; }",
            "location /pgadmin/ { limit_except OPTIONS { deny all; } proxy_pass http://b; }",
            "location /pgadmin/ { proxy_pass http://$up; }",
            "location /pgadmin/ { access_by_lua_file /x.lua; proxy_pass http://b; }",
            "location /pgadmin/ { include /etc/nginx/snippets/who.conf; proxy_pass http://b; }",
            "return 301 https://$host$request_uri; location /pgadmin/ { proxy_pass http://b; }",
            "rewrite ^/pgadmin /gone last; location /pgadmin/ { proxy_pass http://b; } location /gone { return 410; }",
            "server_name db.internal; location /pgadmin/ { proxy_pass http://b; }",
            // Another location answers.
            "location ^~ /pgadmin { return 403; } location ~ ^/pgadmin/ { proxy_pass http://b; }",
            "location /pgadmin/ { proxy_pass http://b; } location ~ ^/pgadmin { deny all; }",
            "location = /pgadmin/ { deny all; } location ~ ^/pgadmin/$ { proxy_pass http://b; }",
            "location /phpmyadmin { root /usr/share; location ~ ^/phpmyadmin/(.+\\.php)$ { allow 10.0.0.1; deny all; PHP } } location ~ \\.php$ { PHP }",
            "root /srv; location /phpmyadmin { try_files $uri =404; } location ~ ^/phpmyadmin/ { deny all; } location ~ \\.php$ { PHP }",
            // Nothing runs the files, or those of another folder.
            "root /srv; location /phpmyadmin { try_files $uri =404; } location ~ ^/index\\.php$ { PHP }",
            "root /srv; location /phpmyadmin { root /usr/share; } location ~ \\.php$ { PHP }",
            "root /srv; location /phpmyadmin { alias /usr/share/pma; } location ~ \\.php$ { PHP }",
            "root /srv; location /phpmyadmin { try_files $uri =404; } location ~ \\.php$ { auth_basic Ops; PHP }",
            // It is called so, and is something else.
            "location /pma/ { proxy_pass http://reports:3000; }",
            "location /pma-portal/ { proxy_pass http://pma:3000; }",
            "location /pgadmin/static/ { proxy_pass http://b; }",
            "location = /adminer.css { proxy_pass http://b; }",
        ] {
            assert_eq!(handed_on(&inner.replace("PHP", PHP)), "", "{inner}");
        }
    }

    #[test]
    fn programs_are_known_by_a_path_of_their_own() {
        let of = |modifier: Modifier, uri: &str| {
            page(&Location { scope: ScopeId(0), modifier, uri: Some(uri.into()), conditional: false })
                .map(|page| format!("{} {}", page.title, page.paths.join(" ")))
        };
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(of(Modifier::Prefix, "/phpMyAdmin/"), some("phpMyAdmin /phpMyAdmin/ /phpMyAdmin/index.php"));
        assert_eq!(of(Modifier::Final, "/pma"), some("phpMyAdmin /pma/ /pma/index.php"));
        assert_eq!(of(Modifier::Exact, "/adminer.php"), some("Adminer /adminer.php"));
        assert_eq!(of(Modifier::Regex, "^/pma/(.+\\.php)$"), some("phpMyAdmin /pma/index.php"));
        assert_eq!(
            of(Modifier::RegexAnyCase, "^/pgadmin"),
            some("pgAdmin /pgadmin/ /pgadmin /pgadmin/index.php /pgadmin.php")
        );
        for (modifier, uri) in [
            (Modifier::Regex, "/pma/"),
            (Modifier::Regex, "^/pma-[a-z]+/x$"),
            (Modifier::Prefix, "/shop/phpmyadmin"),
            (Modifier::Prefix, "/phpmyadmins"),
            (Modifier::Prefix, "/pma-portal/"),
            (Modifier::Prefix, "/pgadmin/static/"),
            (Modifier::Exact, "/adminer.css"),
        ] {
            assert_eq!(of(modifier, uri), None, "{uri}");
        }
    }
}
