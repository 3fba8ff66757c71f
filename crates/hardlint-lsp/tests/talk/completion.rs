//! What a place is completed with.

use crate::client::{Client, edited, uri};
use serde_json::{Value, json};

/// What the document becomes with an item, or nothing where that is not offered; `|` is the place.
fn completed(client: &mut Client, path: &str, text: &str, label: &str) -> Option<String> {
    let at = text.find('|').unwrap();
    let (line, start) = (text[..at].matches('\n').count(), text[..at].rfind('\n').map_or(0, |at| at + 1));
    let text = text.replace('|', "");
    client.open(path, &text);
    let (line, character) = (u32::try_from(line).unwrap(), u32::try_from(at - start).unwrap());
    let items = client.at("textDocument/completion", path, line, character);
    client.tell("textDocument/didClose", json!({"textDocument": {"uri": uri(path)}}));
    let item = items.as_array()?.iter().find(|it| it["label"] == label)?.clone();
    Some(edited(&text, &Value::Array(vec![item["textEdit"].clone()])))
}

#[test]
fn a_word_is_completed_as_a_whole_wherever_in_it_the_place_is() {
    let (mut client, _) = Client::start(&[], &json!({}));
    let service = "services:\n  web:\n    image: x:1\n";
    for (path, text, label, expected) in [
        ("compose.yaml", format!("{service}    pri|v: true\n"), "privileged", "    privileged: true\n"),
        ("compose.yaml", format!("{service}    pri|\n"), "privileged", "    privileged: \n"),
        ("nginx.conf", "events {}\nhttp {\n  auto|index on;\n}\n".to_owned(), "autoindex", "  autoindex on;\n"),
        ("nginx.conf", "events {}\nhttp {\n  auto|\n}\n".to_owned(), "autoindex", "  autoindex \n"),
        ("postgresql.conf", "ss|x = on\n".to_owned(), "ssl", "ssl = on\n"),
        ("sshd_config", "PermitRootLogin y|es\n".to_owned(), "no", "PermitRootLogin no\n"),
        ("Dockerfile", "FROM debian:13\nUS|EX app\n".to_owned(), "USER", "USER app\n"),
    ] {
        let made = completed(&mut client, path, &text, label);
        assert!(made.as_ref().is_some_and(|made| made.contains(expected)), "{text}: {made:?}");
    }
    client.stop();
}

#[test]
fn values_are_completed_behind_any_sign_and_in_quotes() {
    let (mut client, _) = Client::start(&[], &json!({}));
    for (path, text, label, expected) in [
        ("sshd_config", "PermitRootLogin=|\n", "no", "PermitRootLogin=no\n"),
        ("postgresql.conf", "ssl_min_protocol_version = 'TLSv1.|'\n", "TLSv1.3", "= 'TLSv1.3'\n"),
        ("nginx.conf", "events {}\nhttp {\n  ssl_protocols TLSv1.2 T|;\n}\n", "TLSv1.3", "TLSv1.2 TLSv1.3;"),
        ("compose.yaml", "services:\n  web:\n    image: x:1\n    restart: \"|\"\n", "always", "restart: \"always\"\n"),
    ] {
        let made = completed(&mut client, path, text, label);
        assert!(made.as_ref().is_some_and(|made| made.contains(expected)), "{text}: {made:?}");
    }
    client.stop();
}
