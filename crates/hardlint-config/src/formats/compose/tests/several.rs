//! Projects of several files: overrides, `extends` and `include`.

use super::*;

#[test]
fn an_override_is_laid_over() {
    let base = "\
services:
  a:
    image: x:1
    command: [one, two]
    environment: {A: 1, B: yes}
    ports: ['80:80', '5432:5432']
    cap_add: [CHOWN]
    volumes: ['./d:/d:ro', 'vol:/v']
    read_only: true
    privileged: true
    logging: {driver: x, options: {a: '1'}}
volumes: {vol: {}}
";
    let over = "\
services:
  a:
    command: three
    environment: [B=2, C=3]
    ports: ['127.0.0.1:5432:5432', '80:80']
    cap_add: [CHOWN, KILL]
    volumes: ['./e:/d']
    read_only: null
    privileged: no
    logging: {driver: y}
";
    let files = [("p/compose.yaml", base), ("p/compose.override.yaml", over)];
    for (path, expected) in [
        ("name", "p"),
        ("services/a/image", "x:1"),
        ("services/a/command", "[three]"),
        ("services/a/environment", "{A: 1, B: 2, C: 3}"),
        (
            "services/a/ports",
            "[{mode: ingress, target: 80, published: 80, protocol: tcp}, {mode: ingress, target: 5432, published: 5432, protocol: tcp}, {mode: ingress, host_ip: 127.0.0.1, target: 5432, published: 5432, protocol: tcp}]",
        ),
        ("services/a/cap_add", "[CHOWN, KILL]"),
        ("services/a/volumes/0", "{type: bind, source: ./p/e, target: /d, bind: {create_host_path: true}}"),
        ("services/a/volumes/1", "{type: volume, source: vol, target: /v, volume: {}}"),
        ("services/a/read_only", "true"),
        ("services/a/privileged", "-"),
        ("services/a/logging", "{driver: y}"),
    ] {
        assert_eq!(shown(&files, path), expected, "{path}");
    }
}

#[test]
fn a_later_file_resets_and_replaces() {
    let base = "services:\n  a: {image: x, cap_add: [KILL], ports: ['1:1'], environment: {A: 1, B: 2}}\n";
    let over = "services:\n  a: {cap_add: !reset [], ports: !override ['2:2'], environment: {A: !reset null}}\n";
    let files = [("compose.yaml", base), ("compose.override.yml", over)];
    assert_eq!(shown(&files, "services/a/cap_add"), "-");
    assert_eq!(shown(&files, "services/a/ports/0/published"), "2");
    assert_eq!(shown(&files, "services/a/ports/1"), "-");
    assert_eq!(shown(&files, "services/a/environment"), "{B: 2}");
}

#[test]
fn extends_is_carried_out_in_its_own_file() {
    let base = "\
services:
  base:
    image: x
    privileged: true
    ports: ['1:1']
    environment: {A: 1, B: 1}
    volumes: ['./d:/d']
  a: {extends: base, ports: ['2:2'], environment: [B=2]}
  c: {extends: {file: sub/other.yaml, service: far}}
";
    let over = "services:\n  base: {privileged: false}\n";
    let other = "services:\n  far: {extends: near}\n  near: {image: n, volumes: ['./q:/q'], env_file: n.env}\n";
    let files =
        [("compose.yaml", base), ("compose.override.yaml", over), ("sub/other.yaml", other), ("sub/n.env", "N=1\n")];
    for (path, expected) in [
        ("services/base/privileged", "-"),
        // The child was made before the override came.
        ("services/a/privileged", "true"),
        ("services/a/ports/1/published", "2"),
        ("services/a/environment", "{A: 1, B: 2}"),
        ("services/c/image", "n"),
        ("services/c/volumes/0/source", "./sub/q"),
        ("services/c/environment", "{N: 1}"),
    ] {
        assert_eq!(shown(&files, path), expected, "{path}");
    }
}

#[test]
fn includes_have_their_own_folder_and_variables() {
    let files = [
        ("compose.yaml", "include: [sub/compose.yaml]\nservices:\n  a: {image: \"${I}\"}\n"),
        (".env", "I=outer\n"),
        ("sub/compose.yaml", "services:\n  b: {image: \"${I}-${J}\", volumes: ['./d:/d']}\n"),
        ("sub/.env", "I=inner\nJ=j\n"),
    ];
    assert_eq!(shown(&files, "services/a/image"), "outer");
    assert_eq!(shown(&files, "services/b/image"), "outer-j");
    assert_eq!(shown(&files, "services/b/volumes/0/source"), "./sub/d");
    let conflict = [
        ("compose.yaml", "include: [z.yaml]\nservices:\n  z: {image: a}\n"),
        ("z.yaml", "services:\n  z: {image: b}\n"),
    ];
    assert_eq!(problems(&conflict), ["compose.yaml:1: services.z conflicts with imported resource"]);
    let cycle =
        [("compose.yaml", "include: [b.yaml]\nservices: {a: {image: x}}\n"), ("b.yaml", "include: [compose.yaml]\n")];
    assert_eq!(problems(&cycle), ["b.yaml:1: include cycle detected"]);
}

#[test]
fn what_a_file_declares_is_made_long_where_a_service_of_it_is_extended() {
    let told = |section: &str, declared: &str| {
        let other = format!("services:\n  b: {{image: x}}\n{section}: {declared}\n");
        problems(&[
            ("compose.yaml", "services:\n  s: {extends: {file: o.yaml, service: b}}\n"),
            ("o.yaml", other.as_str()),
        ])
    };
    for section in ["networks", "volumes", "secrets", "configs"] {
        for wrong in ["[vol]", "{v: text}", "{v: [a]}", "[1]", "{v: 5}", "[[a]]"] {
            assert_eq!(told(section, wrong), [format!("o.yaml:3: {section}: invalid type")], "{wrong}");
        }
        for taken in ["[]", "[null]", "{v: }", "[{a: b}]"] {
            assert_eq!(told(section, taken), [""; 0], "{section}: {taken}");
        }
    }
}

#[test]
fn a_file_for_laying_over_is_open() {
    let text = "services:\n  w: {ports: ['1:1'], networks: [nowhere]}\n";
    with(&[("docker-compose.prod.yml", text)], Query::default(), |model, _| {
        assert_eq!(model.problems, []);
        assert!(model.scopes.iter().all(|scope| scope.open.is_some()));
    });
}

#[test]
fn links_name_what_is_read_besides() {
    let files = [
        (
            "p/compose.yaml",
            "include: [i.yaml]\nservices:\n  a: {image: x, env_file: [a.env, none.env], extends: {file: b.yml, service: b}}\n",
        ),
        ("p/compose.override.yml", "services: {}\n"),
        ("p/.env", ""),
        ("p/a.env", ""),
        ("p/b.yml", ""),
        ("p/i.yaml", ""),
    ];
    let memory = Memory::new(files);
    let workspace = Workspace::new(&memory, Query::default());
    let slot = workspace.look(&Arc::from("p/compose.yaml"), Detection::Automatic);
    let links: Vec<&str> = slot.links.iter().map(|path| &**path).collect();
    assert_eq!(links, ["p/.env", "p/a.env", "p/b.yml", "p/compose.override.yml", "p/i.yaml"]);
    assert!(!slot.parts.iter().any(|path| &**path == "p/b.yml"));
}

#[test]
fn a_file_that_is_only_extended_is_judged_on_its_own_too() {
    let files = [
        ("compose.yaml", "services:\n  a: {extends: {file: base.yaml, service: b}}\n"),
        ("base.yaml", "services:\n  b: {image: x}\n"),
        ("more.yaml", "include: [part.yaml]\n"),
        ("part.yaml", "services:\n  c: {image: x}\n"),
    ];
    let memory = Memory::new(files);
    let mut workspace = Workspace::new(&memory, Query::default());
    for (path, _) in files {
        let path = Arc::from(path);
        let slot = workspace.look(&path, Detection::Given(&FORMAT));
        workspace.insert(path, slot);
    }
    let roots: Vec<_> = workspace.units().into_iter().map(|unit| unit.root.to_string()).collect();
    assert_eq!(roots, ["base.yaml", "compose.yaml", "more.yaml"]);
}
