//! Files that services mount, and the options that those start PostgreSQL with.

use super::super::{FORMAT, printed};
use crate::loader::Memory;
use crate::model::{Origin, ScopeId, Value};
use crate::schema::KindId;
use crate::workspace::{Query, Workspace};
use std::sync::Arc;

/// The value of a parameter with the line that sets it, where the file is deployed with `compose.yaml`.
fn deployed(compose: &str, name: &str) -> String {
    let files = [("db/postgresql.conf", "ssl = on\nport = 1\nwork_mem = 4MB\n"), ("compose.yaml", compose)];
    let memory = Memory::new(files);
    let workspace = Workspace::new(&memory, Query::default());
    let mut reader = workspace.reader();
    let model = workspace.resolve(&mut reader, &Arc::from("db/postgresql.conf"), &FORMAT);
    assert_eq!(model.problems, []);
    let key = FORMAT.schema.key(KindId(0), name).unwrap();
    let found = model.lookup(ScopeId(0), key);
    let source = reader.source(found.at.file);
    let value = match &found.node.unwrap().value {
        Value::Unknown(why) => format!("? {why}"),
        value => printed(value),
    };
    let place = if found.origin == Origin::Default { "default" } else { source.slice(found.at.span) };
    format!("{value} {}:{place}", source.path)
}

/// What `postgres` makes of options was asked of PostgreSQL 15: they win over all files, the last of a name wins, `-` in a name
/// is `_`.
#[test]
fn options_of_the_service_that_mounts_the_file_lie_over_it() {
    let service = |rest: &str| format!("services: {{db: {{volumes: ['./db:/etc/pg:ro'], {rest}}}}}\n");
    let command =
        |words: &str| service(&format!("command: \"postgres -c config_file=/etc/pg/postgresql.conf {words}\""));
    let file = "db/postgresql.conf";
    let on = format!("on {file}:on");
    for (compose, name, expected) in [
        (command("-c ssl=off"), "ssl", "off compose.yaml:off".to_owned()),
        (command("-cssl=off"), "ssl", "off compose.yaml:off".to_owned()),
        (command("--ssl=off --work-mem=8MB"), "work_mem", "8192 compose.yaml:8MB".to_owned()),
        (command("--ssl=off -c SSL=on"), "ssl", "on compose.yaml:on".to_owned()),
        (command("-l -p 5433"), "port", "5433 compose.yaml:5433".to_owned()),
        (command("-i"), "listen_addresses", "* compose.yaml:-i".to_owned()),
        (command("-c ssl=${SSL}"), "ssl", "? the variable `SSL`".to_owned()),
        (command("-c ssl=${SSL:-off}"), "ssl", "off compose.yaml:${SSL:-off}".to_owned()),
        (command("-c"), "ssl", on.clone()),
        (command(""), "ssl", on.clone()),
        (
            service("entrypoint: [docker-entrypoint.sh], command: [postgres, -c, config_file=/etc/pg/postgresql.conf, -c, ssl=off]"),
            "ssl",
            "off compose.yaml:off".to_owned(),
        ),
        (
            service("command: ['-c', 'config_file=/etc/pg/postgresql.conf', '-c', 'ssl=off']"),
            "ssl",
            "off compose.yaml:off".to_owned(),
        ),
        (
            service("command: sh -c 'exec postgres -c config_file=/etc/pg/postgresql.conf -c ssl=off'"),
            "ssl",
            "off compose.yaml:off".to_owned(),
        ),
        // Without `config_file`, or with another, it does not read this file.
        (service("command: postgres -c ssl=off"), "ssl", on.clone()),
        (service("command: postgres -c ssl=off -c config_file=/etc/postgresql.conf"), "ssl", on.clone()),
        (service("command: [app, -c, ssl=off]"), "ssl", on.clone()),
        (
            "services: {db: {volumes: ['./db/postgresql.conf:/var/lib/postgresql/data/postgresql.conf'], command: -c ssl=off}}".to_owned(),
            "ssl",
            "off compose.yaml:off".to_owned(),
        ),
        (
            "services: {db: {volumes: ['./db:/d'], environment: {PGDATA: /d}, command: -c ssl=off}}".to_owned(),
            "ssl",
            "off compose.yaml:off".to_owned(),
        ),
        // Two services start it.
        (
            "services: {a: &a {volumes: ['./db:/d'], environment: {PGDATA: /d}, command: -c ssl=off}, b: {<<: *a, command: -c ssl=on}}".to_owned(),
            "ssl",
            "? which service starts it".to_owned(),
        ),
        (service("image: 'postgres:16.4', environment: {PGDATA: /etc/pg}"), "ssl", on),
        (
            service("image: 'postgres:13', environment: {PGDATA: /etc/pg}"),
            "log_autovacuum_min_duration",
            format!("-1 {file}:default"),
        ),
        (service("image: 'postgres:16', environment: {PGDATA: /etc/pg}"), "log_autovacuum_min_duration", format!("600000 {file}:default")),
    ] {
        let found = deployed(&compose, name);
        assert!(found == expected || expected.starts_with('?') && found.starts_with(&expected), "{compose}: {found}");
    }
}
