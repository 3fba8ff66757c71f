//! What changes beside the text of a document: files, folders, settings; and what goes wrong.

use crate::LEAKY;
use crate::client::{Client, rules, uri};
use lsp_server::Message;
use serde_json::{Value, json};

#[test]
fn what_a_project_reads_changes_what_is_told_of_it() {
    let compose = "services:\n  web:\n    image: example/web:1\n    privileged: ${ALL:-false}\n";
    let (mut client, _) = Client::start(&[("compose.yaml", compose)], &json!({}));
    client.open("compose.yaml", compose);
    client.told();
    // A file that was not there: what it sets is found where it sets it, by the project that reads it.
    client.open(".env", "ALL=true\n");
    let privileged = |(place, found): &(String, Vec<Value>)| {
        *place == uri(".env") && rules(found).contains(&"compose/privileged-container")
    };
    while !privileged(&client.told()) {}
    client.save("compose.yaml", Some("services: {}\n"));
    client.change(".env", &json!([{ "text": "ALL=true\n\n" }]));
    assert!(privileged(&client.told()), "an open document counts as it is written");
    client.tell("textDocument/didClose", json!({"textDocument": {"uri": uri("compose.yaml")}}));
    let mut told = vec![client.told(), client.told()];
    told.sort_by_key(|(place, _)| place.clone());
    assert_eq!(told, [(uri(".env"), Vec::new()), (uri("compose.yaml"), Vec::new())]);
    client.save("compose.yaml", Some(compose));
    assert!(privileged(&client.told()));
    client.save("compose.yaml", None);
    assert!(!privileged(&client.told()));
    client.stop();
}

#[test]
fn an_included_file_that_comes_is_judged_in_its_place() {
    let main = "events {}\nhttp {\n    server_tokens on;\n    include conf.d/*.conf;\n}\n";
    let (mut client, _) = Client::start(&[("nginx.conf", main)], &json!({}));
    client.open("nginx.conf", main);
    assert!(!rules(&client.told().1).contains(&"nginx/server-tokens-on"));
    client.save("conf.d/a.conf", Some("server { listen 80; }\n"));
    let (place, findings) = client.told();
    assert_eq!(place, uri("nginx.conf"));
    assert!(rules(&findings).contains(&"nginx/server-tokens-on"), "{findings:?}");
    // The folder goes as a whole.
    client.saved.write().unwrap().files.remove("conf.d/a.conf");
    client.tell("workspace/didDeleteFiles", json!({"files": [{"uri": uri("conf.d")}]}));
    assert!(!rules(&client.told().1).contains(&"nginx/server-tokens-on"));
    client.saved.write().unwrap().files.insert("conf.d/b.conf".into(), "server { listen 80; }\n".into());
    let moved = json!({"files": [{"oldUri": uri("elsewhere"), "newUri": uri("conf.d")}]});
    client.tell("workspace/didRenameFiles", moved);
    assert!(rules(&client.told().1).contains(&"nginx/server-tokens-on"));
    client.stop();
}

#[test]
fn settings_of_the_editor_are_taken_at_the_start_and_later() {
    let text = "server { listen 80; server_tokens on; location /a { alias /srv/a/; } }\n";
    let options = json!({"severity": "high"});
    let (mut client, _) = Client::start_with(&[], &json!({}), &options);
    client.open("nginx.conf", text);
    assert_eq!(rules(&client.told().1), ["nginx/alias-traversal"]);
    let settings = json!({"settings": {"hardlint": {"ignore": ["nginx/alias-*"], "severity": "worst"}}});
    client.tell("workspace/didChangeConfiguration", settings);
    let found = client.told().1;
    assert!(!rules(&found).contains(&"nginx/alias-traversal") && rules(&found).contains(&"nginx/server-tokens-on"));
    let complained = |it: &Message| matches!(it, Message::Notification(it) if it.method == "window/logMessage");
    assert!(client.others.iter().any(complained), "{:?}", client.others);
    client.stop();
}

#[test]
fn a_client_that_keeps_its_settings_is_asked_for_them() {
    let known = json!({"workspace": {
        "configuration": true,
        "didChangeWatchedFiles": {"dynamicRegistration": true},
        "didChangeConfiguration": {"dynamicRegistration": true},
    }});
    let (mut client, _) = Client::start(&[], &known);
    client.open("nginx.conf", LEAKY);
    client.told();
    let asked: Vec<_> = client.requests();
    assert_eq!(asked[0].method, "client/registerCapability");
    let methods: Vec<&Value> =
        asked[0].params["registrations"].as_array().unwrap().iter().map(|it| &it["method"]).collect();
    assert_eq!(methods, ["workspace/didChangeWatchedFiles", "workspace/didChangeConfiguration"]);
    assert_eq!(asked[1].method, "workspace/configuration");
    client.respond(&asked[1], json!([{"ignore": ["nginx/*"]}]));
    assert_eq!(client.told().1, Vec::<Value>::new());
    client.tell("workspace/didChangeConfiguration", json!({"settings": null}));
    client.ask("shutdown", Value::Null).unwrap();
    assert_eq!(client.requests().last().unwrap().method, "workspace/configuration");
    client.tell("exit", Value::Null);
}

#[test]
fn what_was_asked_for_at_the_start_holds_where_settings_name_nothing() {
    let text = "PermitRootLogin no\nX11Forwarding yes\n";
    let known = json!({"workspace": {"configuration": true}});
    for (capabilities, answer) in [(&known, json!([null])), (&known, json!([{}])), (&json!({}), Value::Null)] {
        let (mut client, _) = Client::start_with(&[], capabilities, &json!({"pedantic": true}));
        if answer.is_null() {
            client.tell("workspace/didChangeConfiguration", json!({"settings": {}}));
        } else {
            let asked = client.requests();
            client.respond(&asked[0], answer);
        }
        client.open("sshd_config", text);
        assert!(rules(&client.told().1).contains(&"sshd/x11-forwarding"));
        client.stop();
    }
}

#[test]
fn a_file_that_is_open_by_two_names_is_told_of_by_both() {
    let (mut client, _) = Client::start(&[("nginx.conf", LEAKY)], &json!({}));
    let other = uri("./nginx.conf");
    client.open("nginx.conf", LEAKY);
    assert!(rules(&client.told().1).contains(&"nginx/alias-traversal"));
    let document = json!({"uri": other, "languageId": "x", "version": 7, "text": LEAKY});
    client.tell("textDocument/didOpen", json!({"textDocument": document}));
    let (place, found) = client.told();
    assert!(place == other && rules(&found).contains(&"nginx/alias-traversal"), "{place}");
    // Each has a text of its own, and what was written last counts.
    client.change("nginx.conf", &json!([{"text": "# é\n"}]));
    let mut told = vec![client.told(), client.told()];
    told.sort_by_key(|(place, _)| place.clone());
    assert_eq!(told, [(other.clone(), Vec::new()), (uri("nginx.conf"), Vec::new())]);
    let at = json!({"start": {"line": 2, "character": 15}, "end": {"line": 2, "character": 15}});
    let changed = json!({"textDocument": {"uri": other, "version": 8}, "contentChanges": [{"range": at, "text": ""}]});
    client.tell("textDocument/didChange", changed);
    assert!(rules(&client.told().1).contains(&"nginx/alias-traversal"));
    client.told();
    client.tell("textDocument/didClose", json!({"textDocument": {"uri": other}}));
    let mut told = vec![client.told(), client.told()];
    told.sort_by_key(|(place, _)| place.clone());
    assert_eq!(told, [(other, Vec::new()), (uri("nginx.conf"), Vec::new())]);
    client.change("nginx.conf", &json!([{"text": LEAKY}]));
    assert!(rules(&client.told().1).contains(&"nginx/alias-traversal"));
    client.stop();
}

#[test]
fn who_asks_for_diagnostics_is_not_sent_them() {
    let known = json!({"textDocument": {"diagnostic": {}}, "workspace": {"diagnostics": {"refreshSupport": true}}});
    let main = "events {}\nhttp {\n    server_tokens on;\n    include conf.d/*.conf;\n}\n";
    let (mut client, _) = Client::start(&[("nginx.conf", main), ("sshd_config", "PermitRootLogin yes\n")], &known);
    client.open("nginx.conf", main);
    let pull = |id: &str| json!({"textDocument": {"uri": uri("nginx.conf")}, "previousResultId": id});
    let first = client.ask("textDocument/diagnostic", pull("")).unwrap();
    assert_eq!(first["kind"], "full");
    let same = client.ask("textDocument/diagnostic", pull(first["resultId"].as_str().unwrap())).unwrap();
    assert_eq!(same, json!({"kind": "unchanged", "resultId": first["resultId"]}));
    client.save("conf.d/a.conf", Some("server { listen 80; }\n"));
    let all = client.ask("workspace/diagnostic", json!({"previousResultIds": []})).unwrap();
    let told = |all: &Value, path: &str| {
        let items = all["items"].as_array().unwrap().clone();
        items.into_iter().find(|it| it["uri"] == uri(path))
    };
    let sshd = told(&all, "sshd_config").unwrap();
    assert!(rules(sshd["items"].as_array().unwrap()).contains(&"sshd/permit-root-login-yes"), "{sshd}");
    assert!(client.requests().iter().any(|it| it.method == "workspace/diagnostic/refresh"), "{:?}", client.others);
    client.save("sshd_config", None);
    let before = json!({"previousResultIds": [{"uri": uri("sshd_config"), "value": sshd["resultId"]}]});
    let all = client.ask("workspace/diagnostic", before).unwrap();
    assert_eq!(told(&all, "sshd_config").unwrap()["items"], json!([]));
    client.stop();
}

#[test]
fn hints_are_asked_for_again_when_another_file_changes_them() {
    let known = json!({"workspace": {"inlayHint": {"refreshSupport": true}}});
    let compose = "services:\n  web:\n    image: x:1\n    user: ${LEVEL}\n";
    let (mut client, _) = Client::start(&[("compose.yaml", compose), (".env", "LEVEL=a\n")], &known);
    client.open("compose.yaml", compose);
    client.open(".env", "LEVEL=a\n");
    let range = json!({"start": {"line": 0, "character": 0}, "end": {"line": 9, "character": 0}});
    let params = json!({"textDocument": {"uri": uri("compose.yaml")}, "range": range});
    let label = |client: &mut Client| {
        client.ask("textDocument/inlayHint", params.clone()).unwrap()[0]["label"].as_str().unwrap().to_owned()
    };
    let told =
        |client: &mut Client| client.requests().iter().filter(|it| it.method == "workspace/inlayHint/refresh").count();
    assert_eq!(label(&mut client), "= a from .env:1");
    client.change(".env", &json!([{"text": "LEVEL=a\nOTHER=b\n"}]));
    assert_eq!(told(&mut client), 0);
    client.change(".env", &json!([{"text": "LEVEL=b\n"}]));
    client.requests();
    assert_eq!(told(&mut client), 1);
    assert_eq!(label(&mut client), "= b from .env:1");
    client.stop();
}

#[test]
fn what_is_taken_back_while_it_waits_is_not_answered() {
    let (mut client, _) = Client::start(&[], &json!({}));
    client.open("nginx.conf", LEAKY);
    let at = json!({"textDocument": {"uri": uri("nginx.conf")}, "position": {"line": 2, "character": 15}});
    // The server is busy with the first, so that the others wait.
    let first = client.send("textDocument/hover", at.clone());
    let second = client.send("textDocument/hover", at);
    client.tell("$/cancelRequest", json!({ "id": second }));
    client.tell("$/cancelRequest", json!({ "id": "never" }));
    assert!(client.answer(first).is_ok());
    let second = client.answer(second);
    assert!(second == Err(-32800) || second.is_ok());
    client.stop();
}

#[test]
fn a_panic_ends_one_message_and_not_the_server() {
    let (mut client, _) = Client::start(&[], &json!({}));
    client.open("panic.conf", LEAKY);
    client.open("nginx.conf", LEAKY);
    let mut told = vec![client.told(), client.told()];
    told.sort_by_key(|(uri, _)| uri.clone());
    assert!(rules(&told[0].1).contains(&"nginx/alias-traversal"), "{told:?}");
    assert_eq!(told[1], (uri("panic.conf"), Vec::new()));
    assert!(client.hover("nginx.conf", 2, 15).contains("alias"));
    client.stop();
}

#[test]
fn folders_that_are_closed_are_let_go() {
    let (mut client, _) = Client::start(&[("nginx.conf", LEAKY)], &json!({"textDocument": {"diagnostic": {}}}));
    let all = client.ask("workspace/diagnostic", json!({"previousResultIds": []})).unwrap();
    assert_eq!(all["items"].as_array().unwrap().len(), 1);
    let change = |added: Value, removed: Value| json!({"event": {"added": added, "removed": removed}});
    let folder = json!([{"uri": "file:///srv", "name": "srv"}]);
    client.tell("workspace/didChangeWorkspaceFolders", change(json!([]), folder.clone()));
    let all = client.ask("workspace/diagnostic", json!({"previousResultIds": []})).unwrap();
    assert_eq!(all["items"], json!([]));
    client.tell("workspace/didChangeWorkspaceFolders", change(folder, json!([])));
    let all = client.ask("workspace/diagnostic", json!({"previousResultIds": []})).unwrap();
    assert_eq!(all["items"].as_array().unwrap().len(), 1);
    client.stop();
}

#[test]
fn progress_is_shown_until_the_first_findings() {
    let (mut client, _) = Client::start(&[], &json!({"window": {"workDoneProgress": true}}));
    client.open("nginx.conf", LEAKY);
    client.told();
    client.ask("shutdown", Value::Null).unwrap();
    let kind = |it: &Message| match it {
        Message::Request(it) => Some(it.method.clone()),
        Message::Notification(it) => Some(it.params["value"]["kind"].as_str().unwrap().to_owned()),
        Message::Response(_) => None,
    };
    let told: Vec<String> = client.others.iter().filter_map(kind).collect();
    assert_eq!(told, ["window/workDoneProgress/create", "begin", "end"]);
    client.tell("exit", Value::Null);
}

#[test]
fn a_mistake_in_a_rule_is_told_where_it_stands() {
    let (mut client, _) = Client::start(&[], &json!({}));
    let rule = "title: t\nselect: server\nwhen: no_such_key == 1\n";
    client.open("rules/nginx/mine.yaml", rule);
    let (place, found) = client.told();
    assert_eq!(place, uri("rules/nginx/mine.yaml"));
    assert_eq!((found.len(), &found[0]["severity"]), (1, &json!(1)), "{found:?}");
    client.stop();
}

/// Each template needs all variables of the tree, of which one changes at a time.
#[test]
fn variables_of_ansible_are_read_once_for_all_templates() {
    const TEMPLATES: usize = 30;
    let template = "server { listen 80; server_tokens {{ tokens }}; location / { autoindex {{ listing }}; } }\n";
    let mut files: Vec<(String, String)> = (0..TEMPLATES)
        .map(|at| (format!("roles/web/templates/{at}.conf.j2"), template.to_owned()))
        .chain((0..10).map(|at| (format!("group_vars/all/{at}.yml"), format!("other_{at}: 1\n"))))
        .collect();
    files.push(("group_vars/all/a.yml".to_owned(), "tokens: 'on'\n".to_owned()));
    files.push(("group_vars/all/b.yml".to_owned(), "listing: 'on'\n".to_owned()));
    let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    let (mut client, _) = Client::start(&files, &json!({}));
    let listed = |client: &mut Client| {
        let answer = client.ask("workspace/diagnostic", json!({"previousResultIds": []})).unwrap();
        let text = answer.to_string();
        let read = std::mem::take(&mut *client.counts.lock().unwrap());
        (text.matches("nginx/autoindex-on").count(), read)
    };
    let (found, _) = listed(&mut client);
    assert!(found >= TEMPLATES, "{found}");
    client.save("group_vars/all/b.yml", Some("listing: 'off'\n"));
    let (found, read) = listed(&mut client);
    assert_eq!(found, 0, "all of them rest on what changed");
    let variables: Vec<_> = read.iter().filter(|(path, _)| path.starts_with("group_vars/")).collect();
    // What changed is looked at by itself as well.
    let once = |(path, count): &(&String, &usize)| **count <= 1 + usize::from(path.ends_with("b.yml"));
    assert!(variables.len() >= 12 && variables.iter().all(once), "{variables:?}");
    // What is written in a template leaves them as they were read.
    client.open("roles/web/templates/0.conf.j2", "server { listen 80; autoindex {{ listing }}; }\n");
    let (_, read) = listed(&mut client);
    assert!(!read.keys().any(|path| path.starts_with("group_vars/")), "{read:?}");
    client.stop();
}
