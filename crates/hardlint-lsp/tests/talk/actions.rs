//! What can be done about findings.

use crate::client::{Client, edited, titles, uri};
use serde_json::{Value, json};

const INVOKED: &str = r#"{"diagnostics": [], "triggerKind": 1}"#;

fn context(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

#[test]
fn a_fix_is_offered_where_it_helps_and_else_only_the_allow() {
    let (mut client, _) = Client::start(&[], &json!({}));
    let text = "PasswordAuthentication yes\nAuthenticationMethods publickey,password password\n";
    client.open("sshd_config", text);
    client.told();
    let automatic = json!({"diagnostics": [], "triggerKind": 2});
    let offered = client.actions("sshd_config", 0, &automatic);
    let expected = [
        "hardlint: allow sshd/password-authentication-enabled here, with a reason",
        "hardlint: explain sshd/password-authentication-enabled",
    ];
    assert_eq!(titles(&offered), expected);
    let text = "  PasswordAuthentication \"yes\" # é🦀\r\n";
    client.change("sshd_config", &json!([{ "text": text }]));
    client.told();
    let offered = client.actions("sshd_config", 0, &automatic);
    assert!(titles(&offered)[0].ends_with("(changes behaviour)"), "{offered:?}");
    // What asks for the same password in another way goes with it.
    let mended = edited(text, &offered[0]["edit"]["changes"][uri("sshd_config")]);
    let expected = "  PasswordAuthentication no # é🦀\r\nKbdInteractiveAuthentication no\r\n";
    assert_eq!(mended, expected);
    let allowed = edited(text, &offered[1]["edit"]["changes"][uri("sshd_config")]);
    let comment = "  # hardlint: allow[sshd/password-authentication-enabled] TODO: say why\r\n";
    assert_eq!(allowed, format!("{comment}{text}"));
    assert!(client.actions("sshd_config", 7, &automatic).is_empty());
    client.stop();
}

#[test]
fn all_of_a_rule_and_all_that_is_safe_are_mended_at_once() {
    let known = json!({"workspace": {"workspaceEdit": {"documentChanges": true}}});
    let (mut client, _) = Client::start(&[], &known);
    let text = "events {}\r\nhttp {\r\n\tserver_tokens off;\r\n\tserver { # é🦀\r\n\t\tlisten 80; set $x 'é🦀'; add_header X-Content-Type-Options nosniff; }\r\n\tserver { listen 81;\r\n\t\tadd_header X-Content-Type-Options nosniff; }\r\n}\r\n";
    let expected = text.replace("nosniff;", "nosniff always;");
    client.open("nginx.conf", text);
    client.told();
    let only = json!({"diagnostics": [], "only": ["source.fixAll"]});
    let offered = client.actions("nginx.conf", 0, &only);
    assert_eq!(titles(&offered), ["hardlint: make all safe fixes of this file"]);
    assert_eq!(offered[0]["kind"], "source.fixAll.hardlint");
    let change = &offered[0]["edit"]["documentChanges"][0];
    assert_eq!(change["textDocument"], json!({"uri": uri("nginx.conf"), "version": 1}));
    assert_eq!(edited(text, &change["edits"]), expected);
    let whole = json!({"start": {"line": 0, "character": 0}, "end": {"line": 9, "character": 0}});
    let params = json!({"textDocument": {"uri": uri("nginx.conf")}, "range": whole, "context": context(INVOKED)});
    let offered = client.ask("textDocument/codeAction", params).unwrap().as_array().cloned().unwrap();
    let titled = titles(&offered);
    assert_eq!(titled.iter().filter(|it| it.contains("fix all of nginx/security-header")).count(), 1, "{titled:?}");
    let all = offered
        .iter()
        .find(|it| it["title"] == "hardlint: fix all of nginx/security-header-without-always in this file");
    let all = &all.unwrap_or_else(|| panic!("{:?}", titles(&offered)))["edit"]["documentChanges"][0]["edits"];
    assert_eq!(edited(text, all), expected);
    client.stop();
}

/// All of a rule is as safe as the least safe of it.
#[test]
fn the_title_of_what_mends_a_rule_says_whether_it_changes_behaviour() {
    let (mut client, _) = Client::start(&[], &json!({}));
    let service = |name: &str| format!("  {name}:\n    image: x:1\n    privileged: true\n    cap_drop: [ALL]\n");
    client.open("compose.yaml", &format!("services:\n{}{}", service("a"), service("b")));
    client.told();
    let actions = client.actions("compose.yaml", 3, &context(INVOKED));
    let offered = titles(&actions);
    let all = "hardlint: fix all of compose/privileged-container in this file (changes behaviour)";
    assert!(offered.contains(&all), "{offered:?}");
    client.stop();
}

#[test]
fn what_is_mended_at_once_is_the_file_that_was_asked_about() {
    let (mut client, _) = Client::start(&[], &json!({}));
    let text = "\
events {}
http {
    server_tokens off;
    server { listen 80; add_header X-Content-Type-Options nosniff; }
    server { listen 81; add_header X-Content-Type-Options nosniff; }
}
";
    client.open("c/nginx.conf", "events {}\n");
    client.told();
    for path in ["a/nginx.conf", "b/nginx.conf"] {
        client.open(path, text);
        client.told();
    }
    let only = json!({"diagnostics": [], "only": ["source.fixAll"]});
    assert!(client.actions("c/nginx.conf", 0, &only).is_empty());
    for path in ["a/nginx.conf", "b/nginx.conf"] {
        let fixed = client.actions(path, 0, &only);
        let offered = client.actions(path, 3, &context(INVOKED));
        let rule = offered.iter().filter(|it| it["title"].as_str().unwrap().contains("fix all of"));
        let mut edits: Vec<&Value> = fixed.iter().chain(rule).map(|it| &it["edit"]["changes"]).collect();
        assert!(edits.len() >= 2, "{path}: {:?}", titles(&offered));
        edits.retain(|it| it.as_object().unwrap().keys().ne([&uri(path)]));
        assert!(edits.is_empty(), "{path}: {edits:?}");
    }
    client.stop();
}

#[test]
fn a_rule_is_explained_where_the_client_can_show_it() {
    for opens in [true, false] {
        let known = json!({"window": {"showDocument": {"support": opens}}});
        let (mut client, result) = Client::start(&[], &known);
        assert_eq!(result["capabilities"]["executeCommandProvider"]["commands"], json!(["hardlint.explain"]));
        client.open("nginx.conf", "server { listen 80; server_tokens on; }\n");
        client.told();
        let params = json!({"command": "hardlint.explain", "arguments": ["nginx/server-tokens-on"]});
        let url = "https://example.org/nginx/server-tokens-on";
        assert_eq!(client.ask("workspace/executeCommand", params), Ok(json!(url)));
        let shown = client.others.iter().any(|message| match message {
            lsp_server::Message::Request(it) => it.method == "window/showDocument" && it.params["uri"] == url,
            lsp_server::Message::Notification(it) => {
                it.method == "window/showMessage" && it.params["message"].as_str().unwrap().contains("version")
            }
            lsp_server::Message::Response(_) => false,
        });
        assert!(shown, "{:?}", client.others);
        let unknown = json!({"command": "hardlint.explain", "arguments": ["nginx/none"]});
        assert_eq!(client.ask("workspace/executeCommand", unknown), Ok(Value::Null));
        client.stop();
    }
}
