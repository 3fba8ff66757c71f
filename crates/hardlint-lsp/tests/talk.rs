//! Whole talks with the server, over files in memory.

use hardlint_config::loader::{Loader, Memory};
use hardlint_config::workspace::{Detection, Query, Slot, Workspace};
use hardlint_lint::rule::Rule;
use hardlint_lint::{Linter, Options};
use hardlint_lsp::{Connection, Ended, Host, serve};
use lsp_server::{Message, Notification, Request};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::Duration;

/// A project in memory, at `/srv`.
struct Files {
    memory: Memory,
    linter: Linter,
}

impl Host for Files {
    fn folder(&self) -> &Path {
        Path::new("/srv")
    }

    fn below(&self, path: &Path) -> Option<String> {
        Some(path.strip_prefix("/srv").ok()?.to_str()?.to_owned())
    }

    fn loader(&self) -> &dyn Loader {
        &self.memory
    }

    fn linter(&self) -> &Linter {
        &self.linter
    }

    fn query(&self) -> Query {
        Query::default()
    }

    fn files(&self) -> BTreeMap<Arc<str>, Slot> {
        let mut workspace = Workspace::new(&self.memory, Query::default());
        for path in self.memory.files.keys() {
            workspace.update(&path.as_str().into(), Detection::Automatic);
        }
        workspace.into_slots()
    }

    fn look(&self, workspace: &Workspace<'_>, path: &Arc<str>) -> Slot {
        workspace.look(path, Detection::Automatic)
    }

    fn is_settings(&self, path: &str) -> bool {
        path == "hardlint.toml"
    }

    fn url(&self, rule: &Rule) -> String {
        format!("https://example.org/{}", rule.id)
    }
}

/// A client.
struct Client {
    connection: Connection,
    server: JoinHandle<Ended>,
    asked: i32,
}

impl Client {
    fn start(files: &[(&str, &str)], capabilities: &Value) -> (Self, Value) {
        let (server, connection) = Connection::memory();
        let files: Vec<(String, String)> = files.iter().map(|(path, text)| ((*path).into(), (*text).into())).collect();
        let server = thread::spawn(move || {
            let find = |_: &Path| {
                let memory = Memory::new(files.clone());
                let linter = Linter::new(Options::default());
                Ok(Box::new(Files { memory, linter }) as Box<dyn Host>)
            };
            serve(&server, &find, &|_| {})
        });
        let mut client = Self { connection, server, asked: 0 };
        let folder = json!([{"uri": "file:///srv", "name": "srv"}]);
        let params =
            json!({"capabilities": capabilities, "workspaceFolders": folder, "processId": null, "rootUri": null});
        let result = client.ask("initialize", params).unwrap();
        client.tell("initialized", json!({}));
        (client, result)
    }

    fn tell(&self, method: &str, params: Value) {
        self.connection.sender.send(Notification { method: method.into(), params }.into()).unwrap();
    }

    fn next(&self) -> Message {
        self.connection.receiver.recv_timeout(Duration::from_secs(20)).unwrap()
    }

    fn ask(&mut self, method: &str, params: Value) -> Result<Value, i32> {
        self.asked += 1;
        let id = self.asked.into();
        self.connection.sender.send(Request { id, method: method.into(), params }.into()).unwrap();
        loop {
            if let Message::Response(response) = self.next() {
                assert_eq!(response.id, self.asked.into());
                return response.response_result.map_err(|error| error.code);
            }
        }
    }

    /// What is told next, of whatever document.
    fn told(&self) -> (String, Vec<Value>) {
        loop {
            if let Message::Notification(told) = self.next() {
                assert_eq!(told.method, "textDocument/publishDiagnostics");
                let findings = told.params["diagnostics"].as_array().unwrap().clone();
                return (told.params["uri"].as_str().unwrap().to_owned(), findings);
            }
        }
    }

    fn open(&self, path: &str, text: &str) {
        let document = json!({"uri": uri(path), "languageId": "x", "version": 1, "text": text});
        self.tell("textDocument/didOpen", json!({"textDocument": document}));
    }

    fn change(&self, path: &str, changes: &Value) {
        let document = json!({"uri": uri(path), "version": 2});
        self.tell("textDocument/didChange", json!({"textDocument": document, "contentChanges": changes}));
    }

    fn hover(&mut self, path: &str, line: u32, character: u32) -> String {
        let at = json!({"textDocument": {"uri": uri(path)}, "position": {"line": line, "character": character}});
        let hover = self.ask("textDocument/hover", at).unwrap();
        hover["contents"]["value"].as_str().unwrap_or_default().to_owned()
    }

    fn actions(&mut self, path: &str, line: u32) -> Vec<Value> {
        let range = json!({"start": {"line": line, "character": 0}, "end": {"line": line, "character": 200}});
        let params = json!({"textDocument": {"uri": uri(path)}, "range": range, "context": {"diagnostics": []}});
        self.ask("textDocument/codeAction", params).unwrap().as_array().cloned().unwrap_or_default()
    }

    fn stop(mut self) {
        assert_eq!(self.ask("shutdown", Value::Null), Ok(Value::Null));
        self.tell("exit", Value::Null);
        assert_eq!(self.server.join().unwrap(), Ended::Properly);
    }
}

fn uri(path: &str) -> String {
    format!("file:///srv/{path}")
}

fn rules(findings: &[Value]) -> Vec<&str> {
    findings.iter().filter_map(|finding| finding["code"].as_str()).collect()
}

const LEAKY: &str = "server {\n    listen 80; # é🦀\n    location /a { alias /srv/a/; }\n}\n";

#[test]
fn a_document_is_judged_as_it_is_written_and_not_as_it_was_saved() {
    let (client, result) = Client::start(&[("nginx.conf", "# saved\n")], &json!({}));
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
    let (client, result) = Client::start(&[], &known);
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
    let (client, _) = Client::start(&[("nginx.conf", main), ("conf.d/a.conf", "")], &json!({}));
    client.open("conf.d/a.conf", "server { listen 443 ssl; }\n");
    assert!(!rules(&client.told().1).contains(&"nginx/tls-legacy-protocol"));
    client.open("nginx.conf", &main.replace("    include", "    ssl_protocols TLSv1;\n    include"));
    let told: BTreeMap<String, Vec<Value>> = [client.told(), client.told()].into_iter().collect();
    assert!(rules(&told[&uri("nginx.conf")]).contains(&"nginx/tls-legacy-protocol"), "{told:?}");
    client.stop();
}

#[test]
fn a_fix_is_offered_where_it_helps_and_else_only_the_allow() {
    let (mut client, _) = Client::start(&[], &json!({}));
    let text = "PasswordAuthentication yes\nAuthenticationMethods publickey,password password\n";
    client.open("sshd_config", text);
    client.told();
    let titles = |actions: &[Value]| -> Vec<String> {
        actions.iter().map(|it| it["title"].as_str().unwrap().to_owned()).collect()
    };
    let offered = titles(&client.actions("sshd_config", 0));
    assert_eq!(offered, ["hardlint: allow sshd/password-authentication-enabled here, with a reason"]);
    client.change("sshd_config", &json!([{"text": "  PasswordAuthentication \"yes\" # all\r\n"}]));
    client.told();
    let offered = client.actions("sshd_config", 0);
    assert!(titles(&offered)[0].ends_with("(changes behaviour)"), "{offered:?}");
    // What asks for the same password in another way goes with it.
    let edit = json!([
        {"range": {"start": {"line": 1, "character": 0}, "end": {"line": 1, "character": 0}}, "newText": "KbdInteractiveAuthentication no\r\n"},
        {"range": {"start": {"line": 0, "character": 25}, "end": {"line": 0, "character": 30}}, "newText": "no"},
    ]);
    assert_eq!(offered[0]["edit"]["changes"][uri("sshd_config")], edit);
    let allow = offered[1]["edit"]["changes"][uri("sshd_config")][0]["newText"].as_str().unwrap();
    assert_eq!(allow, "  # hardlint: allow[sshd/password-authentication-enabled] TODO: say why\r\n");
    assert!(client.actions("sshd_config", 7).is_empty());
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
