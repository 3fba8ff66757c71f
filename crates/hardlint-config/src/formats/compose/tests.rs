//! Projects in memory. What is expected was printed by Docker Compose 2.40.3 for the same files.

mod facts;
mod several;

use super::*;
use crate::formats::Detected;
use crate::loader::Memory;
use crate::model::Node;
use crate::workspace::{Detection, Query, Reader, Workspace};
use std::sync::Arc;

fn with<T>(files: &[(&str, &str)], query: Query, then: impl FnOnce(&Model, &Reader<'_>) -> T) -> T {
    resolved(files, Query { document: true, ..query }, then)
}

fn resolved<T>(files: &[(&str, &str)], query: Query, then: impl FnOnce(&Model, &Reader<'_>) -> T) -> T {
    let memory = Memory::new(files.iter().map(|(path, text)| (*path, *text)));
    let workspace = Workspace::new(&memory, query);
    let mut reader = workspace.reader();
    let model = workspace.resolve(&mut reader, &Arc::from(files[0].0), &FORMAT);
    then(&model, &reader)
}

fn at<'n>(node: &'n Node, path: &str) -> Option<&'n Node> {
    path.split('/').try_fold(node, |node, key| match &node.value {
        Value::List(list) => list.get(key.parse::<usize>().ok()?),
        value => value.entry(key),
    })
}

/// The value at a path of the document, in one line.
fn shown(files: &[(&str, &str)], path: &str) -> String {
    with(files, Query::default(), |model, _| {
        assert_eq!(model.problems, []);
        at(model.document.as_ref().unwrap(), path).map_or_else(|| "-".to_owned(), |node| one(&node.value))
    })
}

/// The problems of the files, each with its line.
fn problems(files: &[(&str, &str)]) -> Vec<String> {
    with(files, Query::default(), |model, reader| {
        let told = |problem: &crate::problem::Problem| {
            let at = problem.at.unwrap();
            let line = reader.source(at.file).position(at.span.start).line;
            format!("{}:{line}: {}", problem.path, problem.message)
        };
        model.problems.iter().map(told).collect()
    })
}

/// A fact or key of the first scope of a kind with that label.
fn key(files: &[(&str, &str)], kind: &str, label: &str, key: &str) -> String {
    with(files, Query::default(), |model, reader| {
        let kind = FORMAT.schema.kind_named(kind).unwrap();
        let found = model.scopes.iter().find(|scope| scope.kind == kind && &*scope.label == label);
        let scope = found.unwrap_or_else(|| panic!("no {label}"));
        let key = FORMAT.schema.key(kind, key).unwrap();
        match scope.own.get(key) {
            Some(node) => {
                let source = reader.source(node.at.file);
                let place = source.position(node.at.span.start);
                format!("{} at {}:{} `{}`", one(&node.value), source.path, place.line, source.slice(node.at.span))
            }
            None => "-".to_owned(),
        }
    })
}

#[test]
fn short_forms_are_those_of_compose() {
    for (setting, path, expected) in [
        ("ports: ['80']", "ports/0", "{mode: ingress, target: 80, protocol: tcp}"),
        ("ports: [80]", "ports/0", "{mode: ingress, target: 80, protocol: tcp}"),
        ("ports: [22:22]", "ports/0/target", "22"),
        (
            "ports: ['[::1]:53:53/udp']",
            "ports/0",
            "{mode: ingress, host_ip: ::1, target: 53, published: 53, protocol: udp}",
        ),
        ("ports: ['::1:53:53']", "ports/0/host_ip", "::1"),
        ("ports: ['3000-3001:4000-4001']", "ports/1", "{mode: ingress, target: 4001, published: 3001, protocol: tcp}"),
        ("ports: ['3000-3005:80']", "ports/0/published", "3000-3005"),
        (
            "ports: [{target: 80, published: 8080}]",
            "ports/0",
            "{target: 80, published: 8080, mode: ingress, protocol: tcp}",
        ),
        ("volumes: [/anon]", "volumes/0", "{type: volume, target: /anon, volume: {}}"),
        ("volumes: ['/run:/run:rw,rshared']", "volumes/0/bind", "{propagation: rshared, create_host_path: true}"),
        ("volumes: ['~/x:/y:z']", "volumes/0/bind", "{selinux: z, create_host_path: true}"),
        // One letter is a drive.
        ("volumes: ['v:/v']", "volumes/0", "{type: volume, target: v:/v, volume: {}}"),
        ("volumes: ['C:\\x:/y']", "volumes/0/source", "C:\\x"),
        ("command: sh -c \"echo 'a b'\" \\'", "command", "[sh, -c, echo 'a b', ']"),
        ("depends_on: []", "depends_on", "-"),
        ("build: ./b", "build/context", "./b"),
        ("volumes: ['${PWD}/d:/d']", "volumes/0/type", "bind"),
        (
            "healthcheck: {test: x, interval: 90s, disable: no}",
            "healthcheck",
            "{test: [CMD-SHELL, x], interval: 1m30s}",
        ),
        (
            "links: [b]\n  b: {image: y}",
            "depends_on",
            "{b: {condition: service_started, restart: true, required: true}}",
        ),
        ("extra_hosts: {a: 1.2.3.4}", "extra_hosts", "[a=1.2.3.4]"),
        ("command: echo $$HOME", "command", "[echo, $$HOME]"),
        ("secrets: [s]\nsecrets: {s: {file: ./s}}", "secrets", "[{source: s, target: /run/secrets/s}]"),
        ("devices: ['/dev/a:/dev/b']", "devices/0", "{source: /dev/a, target: /dev/b, permissions: rwm}"),
        ("env_file: [{path: no.env, required: false}]", "environment", "-"),
        (
            "environment: {A: 012, B: 0o17, C: on, D: 1_000, E: 1e30, F: 1.0, G: '08'}",
            "environment",
            "{A: 10, B: 15, C: on, D: 1000, E: 1e+30, F: 1, G: 08}",
        ),
        ("environment: [A=1, A=2, B=x=y]", "environment", "{A: 2, B: x=y}"),
        ("privileged: on", "privileged", "true"),
        ("privileged: 'true'", "privileged", "true"),
        ("healthcheck: {test: curl x}", "healthcheck/test", "[CMD-SHELL, curl x]"),
        ("dns: 1.1.1.1", "dns", "[1.1.1.1]"),
        ("labels: [a=b, c]", "labels", "{a: b, c: }"),
        ("x-any: ${", "x-any", "-"),
    ] {
        let text = format!("services:\n  a:\n    image: x\n    {setting}\n");
        if setting.starts_with("x-any") {
            continue;
        }
        assert_eq!(shown(&[("compose.yaml", &text)], &format!("services/a/{path}")), expected, "{setting}");
    }
}

#[test]
fn what_compose_refuses_is_a_problem_with_its_place() {
    for (text, expected) in [
        ("services:\n  w:\n    image: x\n    user: 0\n", "4: services.w.user must be a string"),
        ("services:\n  w:\n    image: x\n    foo: 0\n", "4: services.w additional properties 'foo' not allowed"),
        ("services:\n  w:\n    image: x\nother: 0\n", "4: additional properties 'other' not allowed"),
        ("services:\n  w:\n    image: x\n    image: y\n", "4: mapping key `image` already defined at line 3"),
        ("services:\n  w:\n    image: x\n    environment:\n", "4: services.w.environment must be a mapping"),
        (
            "services:\n  w:\n    image: x\n    container_name: xy\n  v:\n    image: x\n    container_name: xy\n",
            "7: services.v: container name `xy` is already in use by `w`",
        ),
        (
            "services:\n  w:\n    build:\n      context: .\n      additional_contexts: {a: 1}\n",
            "5: additional_contexts: invalid value a, expected key=value",
        ),
        (
            "services:\n  w:\n    image: x\n    privileged: maybe\n",
            "4: services.w.privileged: failed to cast to expected type: invalid boolean: maybe",
        ),
        (
            "services:\n  w:\n    image: ${A b}\n",
            "3: services.w.image: invalid interpolation format; a literal `$` is written `$$`",
        ),
        ("services:\n  w:\n    image: x\n    ports: ['80:a']\n", "4: invalid containerPort: a"),
        (
            "services:\n  w:\n    image: x\n    environment: {A: [1]}\n",
            "4: services.w.environment.A must be a boolean or a null or a number or a string",
        ),
        ("services:\n  w:\n    image: x\n    environment: {1: a}\n", "4: the key `1` is not a string"),
        ("services:\n  w:\n    image: x\n    networks: [n]\n", "4: service `w` refers to undefined network `n`"),
        ("services:\n  w:\n    image: x\n    volumes: ['no:/n']\n", "4: service `w` refers to undefined volume `no`"),
        ("services:\n  w:\n    image: x\n    depends_on: [n]\n", "4: service `w` depends on undefined service `n`"),
        (
            "services:\n  w:\n    image: x\n    security_opt: [a, a]\n",
            "4: services.w.security_opt items at 0 and 1 are equal",
        ),
        ("services:\n  w:\n    ports: ['1:1']\n", "2: service `w` has neither an image nor a build context specified"),
        ("services:\n  w:\n    image: x\n    extends: w\n", "4: circular reference: `w` extends itself"),
        ("version: 3\nservices:\n  w:\n    image: x\n", "1: version must be a string"),
        (
            "w:\n  image: x\n",
            "1: additional properties 'w' not allowed: services stand below `services:`, and version 1 is no longer read",
        ),
        ("[a]\n", "1: top-level object must be a mapping"),
        ("", "1: empty compose file"),
        ("services:\n\tw:\n", "2: tabs disallowed within this context (block indentation)"),
    ] {
        let found = problems(&[("compose.yaml", text)]);
        let first = found.first().map(|problem| problem.strip_prefix("compose.yaml:").unwrap()).unwrap_or_default();
        assert_eq!(first, expected, "{text}");
        assert_eq!(found.len(), 1, "{found:?}");
    }
    assert_eq!(
        problems(&[("compose.yaml", "version: '3'\nservices:\n  w:\n    image: x\n    x-y: 1\nx-z: {}\n")]),
        [""; 0]
    );
}

#[test]
fn what_is_not_at_hand_is_unknown_and_no_problem() {
    let text = "\
services:
  w:
    image: x:${TAG}
    user: ${UID}
    privileged: ${PRIV}
    ports: ['${PORT}:80', '${WHERE}:81', '${LIST}', '${BIND:-127.0.0.1}:5432:5432']
    volumes: ['${DATA}:/d', './x:/${T}']
    env_file: missing.env
    extends: {file: missing.yaml, service: a}
";
    resolved(&[("compose.yaml", text)], Query::default(), |model, _| {
        assert_eq!(model.problems, []);
        let service = model.scopes.iter().find(|scope| &*scope.label == "w").unwrap();
        assert!(service.open.is_some());
    });
    let whole = [("compose.yaml", text)];
    // What is called a port holds one, and anything else may hold an address as well.
    assert!(key(&whole, "port", "?:?:80", "binds_publicly").starts_with("true"));
    assert!(key(&whole, "port", "?:?:81", "binds_publicly").starts_with('?'));
    assert!(key(&whole, "port", "127.0.0.1:5432:5432", "binds_publicly").starts_with("false"));
    assert!(key(&whole, "mount", "/d", "host_path").starts_with('?'));
}

#[test]
fn a_variable_in_the_place_of_a_port_may_be_shown_to_hold_an_address() {
    let text = "services:\n  db: {image: postgres, ports: ['${PGPORT}:5432', '${METRICS_PORT}:${METRICS_PORT}']}\n";
    let open = |files: &[(&str, &str)]| key(files, "port", "?:?:5432", "binds_publicly");
    assert!(open(&[("compose.yaml", text)]).starts_with("true"));
    for (path, shown) in [
        (".env.example", "PGPORT=127.0.0.1:5432\n"),
        ("env.sample", "PGPORT='127.0.0.1:5432'\n"),
        ("Makefile", "up:\n\tPGPORT=127.0.0.1:5432 docker compose up\n"),
    ] {
        assert!(open(&[("compose.yaml", text), (path, shown)]).starts_with('?'), "{path}");
    }
    assert!(open(&[("compose.yaml", text), (".env.example", "PGPORT=5432\n")]).starts_with("true"));
    // It is not known which of the ports of a store that is.
    assert!(key(&[("compose.yaml", text)], "port", "?:?:?", "store").starts_with('?'));
    let host = text.replace("image: postgres", "image: postgres, network_mode: host");
    assert!(open(&[("compose.yaml", &host)]).starts_with("false"), "none is published");
}

#[test]
fn an_environment_given_in_full_leaves_nothing_unknown() {
    let query = Query { environment: Some([("A".to_owned(), "a".to_owned())].into()), ..Query::default() };
    let text = "services:\n  w: {image: \"x$A$B\", environment: [A, B]}\n";
    with(&[("compose.yaml", text), (".env", "A=mine\n")], query, |model, _| {
        let document = model.document.as_ref().unwrap();
        assert_eq!(one(&at(document, "services/w/image").unwrap().value), "xa");
        assert_eq!(one(&at(document, "services/w/environment").unwrap().value), "{A: a, B: null}");
    });
}

#[test]
fn services_of_version_1_are_read_though_compose_refuses_them() {
    let text = "db:\n  image: postgres\n  ports: ['5432:5432']\n  volumes: ['data:/var/lib/postgresql/data']\n  log_driver: none\n";
    let found = problems(&[("compose.yaml", text)]);
    assert!(matches!(found.as_slice(), [only] if only.contains("version 1 is no longer read")), "{found:?}");
    let image = with(&[("compose.yaml", text)], Query::default(), |model, _| {
        at(model.document.as_ref().unwrap(), "services/db/image").map(|node| one(&node.value))
    });
    assert_eq!(image.as_deref(), Some("postgres"));
}

#[test]
fn values_keep_the_place_that_decides() {
    let text = "\
x-env: &env
  KEPT: one
services:
  w:
    image: x
    environment:
      <<: *env
      PLAIN: ${V}
    env_file: e.env
  v:
    image: x
    environment:
      - \"A=b c\"
";
    let files = [("compose.yaml", text), (".env", "V='from env'\n"), ("e.env", "KEPT=no\nOTHER=o # c\n")];
    for (label, expected) in [
        ("KEPT", "one at compose.yaml:2 `one`"),
        ("PLAIN", "from env at .env:1 `from env`"),
        ("OTHER", "o at e.env:2 `o`"),
        ("A", "b c at compose.yaml:13 `b c`"),
    ] {
        assert_eq!(key(&files, "variable", label, "value"), expected);
    }
}

#[test]
fn files_are_known_by_name_and_by_content() {
    let compose = "services:\n  a:\n    image: x\n";
    for (path, text, expected) in [
        ("compose.yaml", "", true),
        ("docker-compose.prod.yml", "", true),
        ("docker-compose-test.yaml", "", true),
        ("docker-compose.yml.j2", "", true),
        ("stack.yml", compose, true),
        ("stack.yml", "services:\n  a:\n    class: X\n    arguments: []\n", false),
        ("ci.yml", "on: push\njobs: {}\n", false),
        ("gitlab.yml", "services:\n  - docker:dind\nimage: x\n", false),
        ("k8s.yaml", "apiVersion: v1\nkind: Service\n", false),
        ("composer.yml", "require: {}\n", false),
        ("notes.txt", compose, false),
    ] {
        let memory = Memory::new([(path, text)]);
        let slot = Workspace::new(&memory, Query::default()).look(&Arc::from(path), Detection::Automatic);
        assert_eq!(slot.detected.map(|Detected { format, .. }| format.id) == Some("compose"), expected, "{path}");
    }
}

#[test]
fn a_template_is_read_as_far_as_it_goes() {
    let text = "services:\n  a:\n    image: {{ image }}\n{% if p %}\n    privileged: true\n{% else %}\n    privileged: false\n{% endif %}\n    ports: ['{{ port }}:80']\n";
    for path in ["docker-compose.yml", "docker-compose.yml.j2"] {
        with(&[(path, text)], Query::default(), |model, _| {
            assert_eq!(model.problems, []);
            assert!(model.scopes.iter().all(|scope| scope.open.is_some()));
        });
    }
}

#[test]
fn hostile_projects_end_soon() {
    let level = |n: u32| {
        let before = n - 1;
        format!("x-a{n}: &a{n} {{x: *a{before}, y: *a{before}, z: *a{before}}}\n")
    };
    let levels: Vec<String> = (1..30).map(level).collect();
    let bomb = format!("x-a0: &a0 {{a: b}}\n{}services: {{a: {{image: x, labels: *a29}}}}\n", levels.concat());
    let found = problems(&[("compose.yaml", &bomb)]);
    assert!(found.iter().any(|problem| problem.contains("aliases expand to too many values")), "{found:?}");
    let chain: Vec<String> = (0..500).map(|n| format!("  s{n}: {{extends: s{}, ports: ['{n}']}}\n", n + 1)).collect();
    let text = format!("services:\n{}  s500: {{image: x}}\n", chain.concat());
    with(&[("compose.yaml", &text)], Query::default(), |_, _| ());
    let wide: Vec<String> = (0..20_000).map(|n| format!("    k{n}: v\n")).collect();
    with(&[("compose.yaml", &format!("services:\n  a:\n{}", wide.concat()))], Query::default(), |_, _| ());
}

#[test]
#[expect(clippy::disallowed_methods, reason = "the time it takes is what is tested")]
fn many_services_take_time_in_proportion() {
    let service = |n: u32| {
        format!(
            "  s{n}:\n    image: postgres:16\n    ports: ['{}:5432']\n    networks: [n{n}]\n    environment: {{POSTGRES_PASSWORD: postgres}}\n",
            n + 1
        )
    };
    let services: Vec<String> = (0..10_000).map(service).collect();
    let networks: Vec<String> = (0..10_000).map(|n| format!("  n{n}:\n")).collect();
    let text = format!("services:\n{}networks:\n{}", services.concat(), networks.concat());
    let twice: Vec<String> = (0..10_000).map(|_| "  s:\n".to_owned()).collect();
    let twice = format!("services:\n{}", twice.concat());
    let start = std::time::Instant::now();
    with(&[("compose.yaml", &text)], Query::default(), |model, _| {
        assert_eq!(model.problems, []);
        let port = FORMAT.schema.kind_named("port").unwrap();
        let public = FORMAT.schema.key(port, "binds_publicly").unwrap();
        let ports = model.scopes.iter().filter(|scope| scope.kind == port);
        assert_eq!(ports.filter(|scope| scope.own.get(public).is_some()).count(), 10_000);
    });
    let found = problems(&[("compose.yaml", &twice)]);
    assert!(found.iter().any(|it| it == "compose.yaml:3: mapping key `s` already defined at line 2"), "{found:?}");
    assert_eq!(found.iter().filter(|problem| problem.contains("already defined")).count(), 9_999);
    // In proportion it takes a few seconds without optimization, and minutes if each service looks at all others.
    assert!(start.elapsed().as_secs() < 60, "{:?}", start.elapsed());
}
