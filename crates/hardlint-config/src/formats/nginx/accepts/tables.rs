//! The tables in which nginx looks names up: each name has to fit into a bucket of its table.
//!
//! A bucket holds a pointer, and of each name a pointer and the name with two bytes more, in whole words. Sizes are those of machines
//! with words of 64 bits and cache lines of 64 bytes, as nearly all have.

use super::super::choose;
use super::super::resolve::Build;
use super::together::Settings;
use super::zones::unsure;
use super::{Line, hosts};
use crate::model::{Node, ScopeId, Value};
use crate::text::Loc;
use std::collections::{BTreeMap, BTreeSet};

/// A word of the machine, and a line of its cache, to which the sizes of buckets are rounded.
const WORD: i64 = 8;
const CACHE_LINE: i64 = 64;
/// The largest bucket.
const MOST: i64 = 65_536 - CACHE_LINE;

/// What a list of names makes a table of, by the directive that names them: with what the settings of its size are called, if it has any.
/// Those that name more of the same stand beside it in [`of`].
const TABLES: [(&str, Option<&str>); 20] = [
    ("addition_types", None),
    ("charset_types", None),
    ("fastcgi_hide_header", None),
    ("fastcgi_param", None),
    ("grpc_hide_header", None),
    ("grpc_set_header", None),
    ("gzip_types", None),
    ("proxy_hide_header", Some("proxy_headers_hash")),
    ("proxy_set_header", Some("proxy_headers_hash")),
    ("scgi_hide_header", None),
    ("scgi_param", None),
    ("ssi_types", None),
    ("sub_filter_types", None),
    (TYPES, Some("types_hash")),
    ("uwsgi_hide_header", None),
    ("uwsgi_param", None),
    ("valid_referers", Some("referer_hash")),
    ("xslt_types", None),
    ("map", Some("map_hash")),
    ("server_name", Some("server_names_hash")),
];

const TYPES: &str = "types";

/// The longest name of a list, and where it stands.
#[derive(Clone, Copy, Debug)]
pub(super) struct Longest {
    length: usize,
    at: Loc,
}

/// What is set of the size of a table: how many buckets it has at most and how large these are; nothing where that is not known.
type Size = Option<Option<(i64, Loc)>>;

#[derive(Debug)]
struct Map {
    keys: Longest,
    buckets: Size,
    bucket: Size,
}

/// The names that are in tables.
#[derive(Debug, Default)]
pub(in super::super) struct Tables {
    lists: BTreeMap<(&'static str, ScopeId), Longest>,
    maps: Vec<Map>,
    /// Whether a `map` was read, which needs the size of its table.
    mapped: bool,
    /// Blocks that say of headers that they are passed on: they have the list of those that are not from around them.
    passed: BTreeSet<(&'static str, ScopeId)>,
    /// Blocks whose referers are those of their server as well.
    of_server: BTreeSet<ScopeId>,
    variable: Option<Longest>,
}

/// The table that a directive names something for.
fn of(name: &str) -> Option<&'static str> {
    let name = match name {
        "proxy_pass_header" => "proxy_hide_header",
        "fastcgi_pass_header" => "fastcgi_hide_header",
        "grpc_pass_header" => "grpc_hide_header",
        "scgi_pass_header" => "scgi_hide_header",
        "uwsgi_pass_header" => "uwsgi_hide_header",
        "map" | "server_name" | TYPES => return None,
        name => name,
    };
    TABLES.iter().map(|(table, _)| *table).find(|table| *table == name)
}

impl Tables {
    /// Notes a name of a block's list.
    fn put(&mut self, table: &'static str, scope: ScopeId, length: usize, at: Loc) {
        let known = self.lists.entry((table, scope)).or_insert(Longest { length, at });
        if known.length < length {
            *known = Longest { length, at };
        }
    }

    /// Notes an ending of a file's name, in the `types` of a block.
    pub(super) fn ending(&mut self, scope: ScopeId, length: usize, at: Loc) {
        self.put(TYPES, scope, length, at);
    }

    /// Notes a variable that something makes.
    pub(super) fn variable(&mut self, length: usize, at: Loc) {
        if self.variable.is_none_or(|known| known.length < length) {
            self.variable = Some(Longest { length, at });
        }
    }

    /// Whether the size of their tables is decided on.
    pub(super) fn has_maps(&self) -> bool {
        self.mapped
    }

    /// Notes a `map`, with its longest key: its table has the size that was set before it.
    pub(super) fn map(build: &mut Build<'_, '_>, longest: Option<(usize, Loc)>, unsure: bool) {
        build.seen.tables.mapped |= !unsure;
        let Some((length, at)) = longest.filter(|_| !unsure) else { return };
        let settings = &build.seen.settings;
        let [buckets, bucket] =
            ["map_hash_max_size", "map_hash_bucket_size"].map(|name| settings.number_anywhere(name));
        build.seen.tables.maps.push(Map { keys: Longest { length, at }, buckets, bucket });
    }
}

/// Notes what a line names.
pub(super) fn note(build: &mut Build<'_, '_>, line: &Line<'_>) {
    let Some(table) = of(line.name) else { return };
    let Some(first) = line.words.get(1) else { return };
    let at = |index: usize| line.words.get(index).unwrap_or(first).place();
    let words: Vec<(usize, usize)> = match table {
        _ if unsure(line) => Vec::new(),
        // A star stands for all, and nothing is looked up.
        _ if table.ends_with("_types") && line.arguments().any(|(_, text)| text == "*") => Vec::new(),
        // Only headers of requests are looked up.
        "fastcgi_param" | "scgi_param" | "uwsgi_param" => line
            .known(1)
            .and_then(|name| name.strip_prefix("HTTP_").map(str::len))
            .map(|length| (1, length))
            .into_iter()
            .collect(),
        "valid_referers" => line
            .arguments()
            .filter(|(_, text)| !text.starts_with('~') && !matches!(&**text, "none" | "blocked" | "server_names"))
            .map(|(index, text)| (index, hosts::longest(text.split('/').next().unwrap_or_default())))
            .collect(),
        _ if table.ends_with("_types") => line.arguments().map(|(index, text)| (index, text.len())).collect(),
        _ => line.known(1).map(|text| (1, text.len())).into_iter().collect(),
    };
    let (file, scope) = (line.frame.file, line.frame.scope);
    if line.name.ends_with("_pass_header") {
        build.seen.tables.passed.insert((table, scope));
        return;
    }
    if table == "valid_referers" {
        let of_server = line.arguments().any(|(_, text)| text == "server_names");
        // Expressions alone are no table.
        if words.is_empty() && !of_server {
            return;
        }
        if of_server {
            build.seen.tables.of_server.insert(scope);
        }
    }
    build.seen.tables.put(table, scope, 0, Loc::new(file, first.place()));
    for (index, length) in words {
        build.seen.tables.put(table, scope, length, Loc::new(file, at(index)));
    }
}

/// Names that do not fit, and tables without room. `shared` are the servers that share a socket with others.
pub(super) fn problems(
    build: &Build<'_, '_>,
    tables: &Tables,
    settings: &Settings,
    shared: &BTreeSet<ScopeId>,
) -> Vec<(Loc, String)> {
    let mut found = Vec::new();
    for (table, hash) in TABLES {
        for (scope, longest) in built(build, tables, table, shared) {
            let [buckets, bucket] = match hash {
                Some(hash) => ["max_size", "bucket_size"]
                    .map(|what| settings.number(&build.model, scope, &format!("{hash}_{what}"))),
                None => [Some(None), Some(None)],
            };
            found.extend(refused(hash, longest, buckets, bucket));
        }
    }
    for Map { keys, buckets, bucket } in &tables.maps {
        found.extend(refused(Some("map_hash"), Some(*keys), *buckets, *bucket));
    }
    let bucket = settings.number_anywhere("variables_hash_bucket_size");
    found.extend(refused(Some("variables_hash"), tables.variable, Some(None), bucket));
    found
}

/// The blocks whose sizes a table is built with, in the order of nginx, and the longest name in it.
fn built(
    build: &Build<'_, '_>,
    tables: &Tables,
    table: &'static str,
    shared: &BTreeSet<ScopeId>,
) -> Vec<(ScopeId, Option<Longest>)> {
    let servers = &build.site.servers;
    if table == "server_name" {
        return shared.iter().filter_map(|&server| names(build, server)).collect();
    }
    let inside = |scope: ScopeId| build.model.ancestors(scope).any(|(id, _)| build.site.servers.contains(&id));
    let listed = |scope: ScopeId| {
        let of_server =
            || build.model.ancestors(scope).find_map(|(id, _)| names(build, id).filter(|_| servers.contains(&id)));
        let more = if table == "valid_referers" && tables.of_server.contains(&scope) { of_server() } else { None };
        let own = tables.lists.get(&(table, scope)).copied();
        [own, more.and_then(|(_, longest)| longest)].into_iter().flatten().max_by_key(|longest| longest.length)
    };
    // A list that says only what is passed on is one of its own, with what is around it.
    let own = |scope: ScopeId| match listed(scope) {
        None if tables.passed.contains(&(table, scope)) => {
            Some(build.model.ancestors(scope).find_map(|(id, _)| listed(id)))
        }
        own => own.map(Some),
    };
    let of_lists = tables.lists.keys().chain(&tables.passed).filter(|(of, _)| *of == table).map(|(_, scope)| *scope);
    let lists: BTreeSet<ScopeId> = of_lists.collect();
    let around = lists.iter().find(|scope| !inside(**scope)).and_then(|scope| own(*scope));
    // The list of `http` is made a table of once, by the first server without one of its own; of types by the very first.
    let (mut made, mut points) = (false, Vec::new());
    for &server in servers {
        if table == TYPES && around.is_some() && !std::mem::replace(&mut made, true) {
            points.push((server, around.flatten()));
        }
        if let Some(own) = own(server) {
            points.push((server, own));
        } else if around.is_some() {
            if !std::mem::replace(&mut made, true) {
                points.push((server, around.flatten()));
            }
        } else if matches!(table, TYPES | "proxy_set_header") {
            // What nginx has by itself.
            points.push((server, None));
        }
    }
    let inner = lists.iter().filter(|scope| inside(**scope) && !servers.contains(scope));
    points.extend(inner.map(|scope| (*scope, own(*scope).flatten())));
    points
}

/// The names of a server that are no expressions; one without names has an empty one.
fn names(build: &Build<'_, '_>, server: ScopeId) -> Option<(ScopeId, Option<Longest>)> {
    if choose::names(&build.model, server).next().is_none() {
        return Some((server, None));
    }
    let listed = build.model.get(server, "server_name").and_then(Value::as_list).unwrap_or_default();
    let text = |node: &Node| node.value.as_str().filter(|name| !name.starts_with('~')).map(hosts::longest);
    let all = listed.iter().filter_map(|node| Some(Longest { length: text(node)?, at: node.at }));
    all.max_by_key(|longest| longest.length).map(|longest| (server, Some(longest)))
}

/// What is wrong with a table.
fn refused(hash: Option<&str>, longest: Option<Longest>, buckets: Size, bucket: Size) -> Option<(Loc, String)> {
    let (buckets, bucket, hash) = (buckets?, bucket?, hash.unwrap_or_default());
    if let Some((0, at)) = buckets {
        return Some((at, format!("`{hash}_max_size` leaves no room at all; nginx refuses that")));
    }
    let room = bucket.map_or(CACHE_LINE, |(bytes, _)| bytes.saturating_add(CACHE_LINE - 1) / CACHE_LINE * CACHE_LINE);
    if let Some((_, at)) = bucket.filter(|_| room == 0) {
        return Some((at, format!("`{hash}_bucket_size` leaves no room at all; nginx refuses that")));
    }
    if let Some((_, at)) = bucket.filter(|_| room > MOST) {
        return Some((at, format!("`{hash}_bucket_size` is more than {MOST}; nginx refuses that")));
    }
    let Longest { length, at } = longest?;
    let most = room - 2 * WORD - 2;
    if i64::try_from(length).is_ok_and(|length| length <= most) {
        return None;
    }
    let told = if hash.is_empty() { String::new() } else { format!(" as long as `{hash}_bucket_size` is {room}") };
    Some((at, format!("this name is longer than {most} characters, which nginx has no room for{told}")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::{FileId, Span};

    #[test]
    fn a_name_fits_into_its_bucket() {
        let at = Loc::new(FileId(0), Span::default());
        let told = |length, buckets: Option<i64>, bucket: Option<i64>| {
            let size = |size: Option<i64>| Some(size.map(|size| (size, at)));
            refused(Some("x_hash"), Some(Longest { length, at }), size(buckets), size(bucket)).is_some()
        };
        assert!(!told(46, None, None) && told(47, None, None));
        assert!(!told(110, Some(1), Some(128)) && told(111, Some(1), Some(65)));
        assert!(told(1, Some(0), None) && told(1, None, Some(0)) && told(1, None, Some(65_473)));
        assert!(!told(1, None, Some(65_472)));
        assert!(refused(None, Some(Longest { length: 99, at }), None, Some(None)).is_none());
    }
}
