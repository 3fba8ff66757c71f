//! Scopes that got other names.

use super::*;

#[test]
fn a_server_that_gets_another_name_is_the_same() {
    let server = |names: &str| {
        format!(
            "events {{}}\nhttp {{\n  server {{\n    listen 80;\n    server_name {names};\n    location /a {{ alias /b/; }}\n  }}\n}}\n"
        )
    };
    let (before, after) = (server("shop.example"), server("blog.shop.example shop.example www.shop.example"));
    assert_eq!(told(&[("nginx.conf", &before)], |scratch| scratch.write("nginx.conf", &after)), "");
}

/// What stands there and around it is what it was, so that it is the same under another name.
#[test]
fn a_scope_that_gets_another_name_is_the_same() {
    let image = "FROM python:3.9\nWORKDIR /app\nCOPY . .\nEXPOSE 8000\nCMD [\"python\", \"app.py\"]\n";
    let services = "services:\n  db:\n    image: postgres:16\n    privileged: true\n    ports:\n      - \"5432:5432\"\n\
                    \x20   environment:\n      POSTGRES_HOST_AUTH_METHOD: trust\n  web:\n    image: a/b:1\n    depends_on: [db]\n";
    let site = "events {}\nhttp {\n  server {\n    listen 80;\n    server_name shop.example;\n    root /srv;\n    index a.html;\n\
                \x20   location /a { alias /b/; }\n  }\n}\n";
    for (path, text, from, to) in [
        ("Dockerfile", image, "python:3.9", "python:3.9 AS app"),
        ("compose.yaml", services, "db", "database"),
        ("nginx.conf", site, "shop.example", "pages.example"),
    ] {
        let file = [(path, text)];
        assert_eq!(told(&file, |scratch| edit(scratch, path, |text| text.replace(from, to))), "", "{path}");
    }
    // A file that says more under the new name, too: that is new.
    let more =
        |text: String| text.replace("db", "database").replace("image: a/b:1", "image: a/b:1\n    privileged: true");
    let told_of_more = told(&[("compose.yaml", services)], |scratch| edit(scratch, "compose.yaml", more));
    assert!(
        told_of_more.contains("compose.yaml:11:17: critical[compose/privileged-container] `web`"),
        "{told_of_more}"
    );
    assert!(!told_of_more.contains("`database`"), "{told_of_more}");
}

/// Who mends a fault in one scope and makes the same in another has made a new one, however alike they are.
#[test]
fn the_same_fault_in_another_scope_is_new() {
    let service = |name: &str, open: bool| {
        let open = if open { "    privileged: true\n" } else { "" };
        format!(
            "  {name}:\n    image: a/b:1\n    restart: always\n{open}    user: \"1000\"\n    init: true\n    read_only: true\n"
        )
    };
    let project = |first, second| format!("services:\n{}{}", service("web", first), service("worker", second));
    let file = [("compose.yaml", project(true, false))];
    let file: Vec<(&str, &str)> = file.iter().map(|(path, text)| (*path, text.as_str())).collect();
    let told_of_it = told(&file, |scratch| scratch.write("compose.yaml", project(false, true)));
    assert!(told_of_it.contains("compose.yaml:11:17: critical[compose/privileged-container] `worker`"), "{told_of_it}");
}
