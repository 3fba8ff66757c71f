//! Whole talks with the server, over files in memory.

mod actions;
mod client;
mod completion;
mod files;

use client::{Client, rules, uri};
use serde_json::{Value, json};

const LEAKY: &str = "server {\n    listen 80; # é🦀\n    location /a { alias /srv/a/; }\n}\n";

#[test]
fn a_document_is_judged_as_it_is_written_and_not_as_it_was_saved() {
    let (mut client, result) = Client::start(&[("nginx.conf", "# saved\n")], &json!({}));
    assert_eq!(result["capabilities"]["positionEncoding"], "utf-16");
    client.open("nginx.conf", LEAKY);
    let (place, findings) = client.told();
    assert_eq!(place, uri("nginx.conf"));
    let alias = findings.iter().find(|it| it["code"] == "nginx/alias-traversal").unwrap();
    let range = json!({"start": {"line": 2, "character": 13}, "end": {"line": 2, "character": 15}});
    assert_eq!(alias["range"], range);
    assert_eq!(alias["severity"], 1);
    assert_eq!(alias["codeDescription"]["href"], "https://example.org/nginx/alias-traversal");
    assert_eq!(alias["relatedInformation"][0]["location"]["uri"], uri("nginx.conf"));
    // Behind two characters that UTF-16 counts as three.
    let at = json!({"start": {"line": 2, "character": 15}, "end": {"line": 2, "character": 15}});
    client.change("nginx.conf", &json!([{"range": {"start": {"line": 1, "character": 20}, "end": {"line": 1, "character": 20}}, "text": "!"}, {"range": at, "text": "/"}]));
    let (_, findings) = client.told();
    assert!(!rules(&findings).contains(&"nginx/alias-traversal"), "{findings:?}");
    client.change("nginx.conf", &json!([{"text": LEAKY}]));
    assert!(rules(&client.told().1).contains(&"nginx/alias-traversal"));
    client.tell("textDocument/didClose", json!({"textDocument": {"uri": uri("nginx.conf")}}));
    assert_eq!(client.told(), (uri("nginx.conf"), Vec::new()));
    client.stop();
}

#[test]
fn bytes_are_counted_where_the_client_knows_them() {
    let known = json!({"general": {"positionEncodings": ["utf-16", "utf-8"]}});
    let (mut client, result) = Client::start(&[], &known);
    assert_eq!(result["capabilities"]["positionEncoding"], "utf-8");
    client.open("nginx.conf", "server { listen 80; set $x 'é🦀'; location /a { alias /srv/a/; } }\n");
    let (_, findings) = client.told();
    let alias = findings.iter().find(|it| it["code"] == "nginx/alias-traversal").unwrap();
    assert_eq!(alias["range"]["start"], json!({"line": 0, "character": 46}));
    client.stop();
}

#[test]
fn what_one_document_says_is_told_in_the_other() {
    let main = "events {}\nhttp {\n    include conf.d/*.conf;\n}\n";
    let (mut client, _) = Client::start(&[("nginx.conf", main), ("conf.d/a.conf", "")], &json!({}));
    client.open("conf.d/a.conf", "server { listen 443 ssl; }\n");
    assert!(!rules(&client.told().1).contains(&"nginx/tls-legacy-protocol"));
    client.open("nginx.conf", &main.replace("    include", "    ssl_protocols TLSv1;\n    include"));
    let (place, told) = client.told();
    assert_eq!(place, uri("nginx.conf"));
    assert!(rules(&told).contains(&"nginx/tls-legacy-protocol"), "{told:?}");
    client.stop();
}

#[test]
fn hover_tells_what_holds_who_set_it_and_no_secret() {
    let (mut client, _) = Client::start(&[], &json!({}));
    client.open("sshd_config", "X11Forwarding no\nX11Forwarding yes\n");
    let first = client.hover("sshd_config", 0, 3);
    assert!(first.contains("`no`, set here") && first.contains("Default: `no`"), "{first}");
    let second = client.hover("sshd_config", 1, 3);
    assert!(second.contains("`no`, set by `sshd_config:1`: this line does not decide"), "{second}");
    assert_eq!(client.hover("sshd_config", 9, 0), "");
    let text =
        "services:\n  db:\n    image: postgres:16\n    environment:\n      POSTGRES_PASSWORD: not-a-real-one-7\n";
    client.open("compose.yaml", text);
    let secret = client.hover("compose.yaml", 4, 30);
    assert!(secret.contains("POSTGRES_PASSWORD (16 characters)") && !secret.contains("not-a-real"), "{secret}");
    let text = "\
services:
  a:
    image: redis:7
    environment: [PGPASSWORD=not-a-real-one-7]
    command: [redis-server, --requirepass, not-a-real-one-7]
";
    client.open("b/compose.yaml", text);
    client.open("Dockerfile", "FROM debian:12\nENV AWS_SECRET_ACCESS_KEY not-a-real-one-7\n");
    for (path, line, character) in [("b/compose.yaml", 3, 36), ("b/compose.yaml", 4, 50), ("Dockerfile", 1, 32)] {
        let secret = client.hover(path, line, character);
        assert!(secret.contains("In effect in") && !secret.contains("not-a-real"), "{path}:{line} {secret}");
    }
    client.stop();
}

#[test]
fn columns_of_a_record_go_by_their_own_names() {
    let (mut client, _) = Client::start(&[], &json!({}));
    client.open("pg_hba.conf", "host all all 10.0.0.0/8 scram-sha-256\n");
    let address = client.hover("pg_hba.conf", 0, 15);
    assert!(address.starts_with("`address`") && address.contains("`10.0.0.0` with the mask `255.0.0.0`"), "{address}");
    let method = client.hover("pg_hba.conf", 0, 30);
    assert!(method.starts_with("`auth_method`") && method.contains("`scram-sha-256`, set here"), "{method}");
    client.stop();
}

#[test]
fn settings_of_python_are_hovered_by_name_and_by_value() {
    let manage = "import os\nos.environ.setdefault('DJANGO_SETTINGS_MODULE', 's.settings')\n";
    let (mut client, _) = Client::start(&[("manage.py", manage), ("s/__init__.py", "")], &json!({}));
    let settings = "import os\nDEBUG = False\nSECRET_KEY = os.environ['K']\nALLOWED_HOSTS: list = ['a.example']\nROOT_URLCONF = 's.urls'\n";
    client.open("s/settings.py", settings);
    for (line, said) in [(1, "`False`, set here"), (2, "not known, as"), (3, "`['a.example']`, set here")] {
        let told = client.hover("s/settings.py", line, 2);
        assert!(told.contains(said), "{line}: {told}");
    }
    assert!(client.hover("s/settings.py", 1, 10).contains("`False`, set here"));
    let flask = "from flask import Flask\napp = Flask(__name__)\napp.config['SESSION_COOKIE_SECURE'] = True\napp.config.update(DEBUG=False)\n";
    client.open("app.py", flask);
    for (line, character) in [(2, 14), (3, 20)] {
        let told = client.hover("app.py", line, character);
        assert!(told.contains("set here"), "{line}: {told}");
    }
    let fastapi = "from fastapi import FastAPI\napp = FastAPI(debug=True)\n";
    client.open("main.py", fastapi);
    let told = client.hover("main.py", 1, 16);
    assert!(told.contains("`True`, set here"), "{told}");
    client.stop();
}

#[test]
fn no_address_is_hidden_for_the_name_of_its_key() {
    let (mut client, _) = Client::start(&[], &json!({}));
    client.open("nginx.conf", "server {\n  listen 80;\n  location / { proxy_pass http://127.0.0.1:8000; }\n  location /a { fastcgi_pass 127.0.0.1:9000; }\n}\n");
    for (line, said) in [(2, "`http://127.0.0.1:8000`"), (3, "`127.0.0.1:9000`")] {
        let told = client.hover("nginx.conf", line, 20);
        assert!(told.contains(said), "{told}");
    }
    client.stop();
}

#[test]
fn what_is_filled_in_is_hovered_where_the_template_writes_it() {
    let path = "roles/r/templates/sshd_config.j2";
    let defaults = "ports: [22, 2022, 3022]\nroot: \"yes\"\n";
    let (mut client, _) = Client::start(&[("roles/r/defaults/main.yml", defaults)], &json!({}));
    client.open(path, "{% for port in ports %}\nPort {{ port }}\n{% endfor %}\nPermitRootLogin {{ root }}\n");
    let (_, findings) = client.told();
    let root = findings.iter().find(|it| it["code"] == "sshd/permit-root-login-yes").unwrap();
    let range = json!({"start": {"line": 3, "character": 16}, "end": {"line": 3, "character": 26}});
    assert_eq!(root["range"], range);
    let hovered = client.hover(path, 3, 3);
    assert!(hovered.contains("`yes`, set here"), "{hovered}");
    client.stop();
}

#[test]
fn hover_tells_no_secret_of_a_trigger() {
    let text = "FROM debian:12\nONBUILD ENV DB_PASSWORD=not-a-real-1\nONBUILD ENV API_TOKEN not-a-real-2\nONBUILD ARG X=y APP_KEY=not-a-real-3\nENV APP_KEY=not-a-real-4\nONBUILD RUN echo root:not-a-real-5 | chpasswd\nRUN echo root:not-a-real-6 | chpasswd\n";
    let (mut client, _) = Client::start(&[("Dockerfile", text)], &json!({}));
    client.open("Dockerfile", text);
    for line in 1..7 {
        for character in [3, 10, 20, 30, 40] {
            let told = client.hover("Dockerfile", line, character);
            assert!(!told.contains("not-a-real"), "{line}:{character}: {told}");
        }
    }
    client.stop();
}

#[test]
fn what_makes_no_sense_is_answered_and_passed_over() {
    let (mut client, _) = Client::start(&[], &json!({}));
    assert_eq!(client.ask("textDocument/hover", json!({"position": -1})), Err(-32602));
    assert_eq!(client.ask("hardlint/nonsense", Value::Null), Err(-32601));
    client.tell("textDocument/didOpen", json!([1, 2]));
    client.tell(
        "textDocument/didChange",
        json!({"textDocument": {"uri": uri("never"), "version": 1}, "contentChanges": []}),
    );
    client.tell("$/nonsense", Value::Null);
    client.open("nginx.conf", LEAKY);
    client.told();
    // Places outside of the text, and a range whose end is before its start.
    let range = json!({"start": {"line": 900, "character": 900}, "end": {"line": 0, "character": 4_000_000_000_u32}});
    client.change("nginx.conf", &json!([{"range": range, "text": "\u{0}{{{"}]));
    client.told();
    assert_eq!(client.hover("nginx.conf", 4_000_000_000, 4_000_000_000), "");
    let unknown = json!({"textDocument": {"uri": "untitled:1", "languageId": "x", "version": 1, "text": LEAKY}});
    client.tell("textDocument/didOpen", unknown);
    client.stop();
}
