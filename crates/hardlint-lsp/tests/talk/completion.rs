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

#[test]
fn compose_files_are_completed_by_their_schema() {
    let (mut client, _) = Client::start(&[], &json!({}));
    let service = "services:\n  web:\n    image: x:1\n";
    for (text, label, expected) in [
        (format!("vol|\n{service}"), "volumes", Some("volumes:\nservices:".to_owned())),
        ("services: # all\n  web:\n    pri|\n".to_owned(), "privileged", Some("    privileged: \n".to_owned())),
        ("services:\n  web: {image: x, pri|}\n".to_owned(), "privileged", Some("{image: x, privileged: }".to_owned())),
        (format!("{service}    healthcheck:\n      int|\n"), "interval", Some("      interval: \n".to_owned())),
        (format!("{service}    build:\n      sec|\n"), "secrets", Some("      secrets:\n".to_owned())),
        (format!("{service}    ports:\n      - tar|\n"), "target", Some("      - target: \n".to_owned())),
        (
            format!("{service}    ports:\n      - target: 80\n        host|\n"),
            "host_ip",
            Some("        host_ip: \n".to_owned()),
        ),
        (format!("{service}    read_only: |\n"), "true", Some("    read_only: true\n".to_owned())),
        (
            format!("{service}    depends_on:\n      db:\n        condition: |\n"),
            "service_healthy",
            Some("condition: service_healthy\n".to_owned()),
        ),
        // Keys of a service stand in none of its parts, and nothing in a comment or in a text.
        (format!("{service}    healthcheck:\n      pri|\n"), "privileged", None),
        (format!("{service}    command: x # pri|\n"), "privileged", None),
    ] {
        let made = completed(&mut client, "compose.yaml", &text, label);
        match expected {
            Some(expected) => assert!(made.as_ref().is_some_and(|it| it.contains(&expected)), "{text}: {made:?}"),
            None => assert_eq!(made, None, "{text}"),
        }
    }
    client.stop();
}

#[test]
fn settings_in_python_are_completed_where_they_can_stand() {
    let (mut client, _) = Client::start(&[], &json!({}));
    let django = "DEBUG = False\nROOT_URLCONF = 's.urls'\nINSTALLED_APPS = ['s']\n";
    let flask = "from flask import Flask\napp = Flask(__name__)\n";
    let asgi = "from fastapi import FastAPI\n";
    let secure = "SESSION_COOKIE_SECURE";
    for (path, text, label, expected) in [
        ("settings.py", format!("{django}SESS|\n"), secure, Some("\nSESSION_COOKIE_SECURE = \n")),
        ("settings.py", format!("{django}if x:\n    SESS|\n"), secure, Some("\n    SESSION_COOKIE_SECURE = \n")),
        ("settings.py", format!("{django}X = \"\"\"\nSESS|\n\"\"\"\n"), secure, None),
        ("settings.py", format!("{django}M = [\n    SESS|\n]\n"), secure, None),
        ("settings.py", format!("{django}def f():\n    SESS|\n"), secure, None),
        ("settings.py", format!("{django}X_FRAME_OPTIONS = |\n"), "SAMEORIGIN", Some("= 'SAMEORIGIN'\n")),
        ("settings.py", format!("{django}X_FRAME_OPTIONS = \"|\"\n"), "SAMEORIGIN", Some("= \"SAMEORIGIN\"\n")),
        ("settings.py", format!("{django}SESSION_COOKIE_SECURE = |\n"), "True", Some("_SECURE = True\n")),
        ("app.py", format!("{flask}app.config['SESS|']\n"), secure, Some("app.config['SESSION_COOKIE_SECURE']\n")),
        ("app.py", format!("{flask}app.config[\"SESSION_COOKIE_SECURE\"] = |\n"), "True", Some("] = True\n")),
        ("app.py", format!("{flask}SESS|\n"), secure, None),
        ("main.py", format!("{asgi}app = FastAPI(title='x', de|)\n"), "debug", Some("title='x', debug=)\n")),
        (
            "main.py",
            format!("{asgi}app = FastAPI()\napp.add_middleware(CORSMiddleware, allow_or|)\n"),
            "allow_origins",
            Some("allow_origins=)\n"),
        ),
        ("main.py", format!("{asgi}app = FastAPI(title=de|)\n"), "debug", None),
        ("main.py", format!("{asgi}app = FastAPI()\nde|\n"), "debug", None),
    ] {
        let made = completed(&mut client, path, &text, label);
        match expected {
            Some(expected) => assert!(made.as_ref().is_some_and(|it| it.contains(expected)), "{text}: {made:?}"),
            None => assert_eq!(made, None, "{text}"),
        }
    }
    client.stop();
}

#[test]
fn what_ends_a_record_and_what_a_section_has_is_completed() {
    let (mut client, _) = Client::start(&[], &json!({}));
    for (path, text, label, expected) in [
        ("pg_hba.conf", "local all all |\n", "peer", Some("local all all peer\n")),
        ("pg_hba.conf", "host all all 10.0.0.0/8 scr|\n", "scram-sha-256", Some("10.0.0.0/8 scram-sha-256\n")),
        ("pg_hba.conf", "host all all 10.0.0.0 255.0.0.0 |\n", "reject", Some("255.0.0.0 reject\n")),
        ("pg_hba.conf", "host all all 10.0.0.0 |\n", "reject", None),
        ("pg_hba.conf", "host all |\n", "reject", None),
        ("airflow.cfg", "[core]\nload_examples = |\n", "False", Some("load_examples = False\n")),
    ] {
        let made = completed(&mut client, path, text, label);
        match expected {
            Some(expected) => assert!(made.as_ref().is_some_and(|it| it.contains(expected)), "{text}: {made:?}"),
            None => assert_eq!(made, None, "{text}"),
        }
    }
    client.stop();
}
