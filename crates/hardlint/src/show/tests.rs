//! What is shown of small configurations, and that no secret is.

use super::*;
use hardlint_config::formats;
use hardlint_config::loader::Memory;
use hardlint_config::version::{Targets, Version};
use hardlint_config::workspace::{Query, Workspace};

const MAIN: &str = "Include sshd_config.d/*.conf\nPasswordAuthentication no\nPort 22\nPort 23\n\
                    Match User alice\n    MaxAuthTries 2\n";

fn show<T>(format: &str, files: &[(&str, &str)], look: impl Fn(&Shown<'_, '_>) -> T) -> T {
    let memory = Memory::new(files.iter().copied());
    let targets = Targets([("sshd".to_owned(), Version([9, 2, 0]))].into());
    let workspace = Workspace::new(&memory, Query { targets, document: true, ..Query::default() });
    let mut reader = workspace.reader();
    let path = files.first().unwrap().0.into();
    let model = workspace.resolve(&mut reader, &path, formats::named(format).unwrap());
    let names = Names::default();
    look(&Shown::new(&model, &reader, &names, Role::Unknown, false))
}

fn sshd<T>(look: impl Fn(&Shown<'_, '_>) -> T) -> T {
    let files = [
        ("etc/ssh/sshd_config", MAIN),
        ("etc/ssh/sshd_config.d/50-cloud-init.conf", "PasswordAuthentication yes\nBanner \x1b[2J\n"),
    ];
    show("sshd", &files, look)
}

#[test]
fn each_value_says_who_set_it_and_what_it_overrules() {
    let shown: Json = serde_json::from_str(&sshd(|shown| shown.json())).unwrap();
    let value = &shown["effective"]["passwordauthentication"];
    assert_eq!(value["value"], "yes");
    assert_eq!(value["origin"], "set");
    assert_eq!(value["at"]["path"], "etc/ssh/sshd_config.d/50-cloud-init.conf");
    assert_eq!(value["at"]["column"], 24);
    assert_eq!(value["shadowed"][0]["value"], "no");
    assert_eq!(value["shadowed"][0]["at"]["line"], 2);
    assert_eq!(shown["effective"]["port"]["value"], json!(["22", "23"]));
    assert_eq!(shown["effective"]["maxauthtries"]["value"], "6");
    assert_eq!(shown["effective"]["maxauthtries"]["origin"], "default");
    assert_eq!(shown["effective"]["maxauthtries"]["at"], Json::Null);
    let block = &shown["scopes"][0];
    assert_eq!(block["label"], "User alice");
    assert_eq!(block["settings"]["maxauthtries"]["value"], "2");
    assert_eq!(shown["effective"].get("weak_ciphers"), None);
}

#[test]
fn people_read_a_key_a_line() {
    let shown = sshd(|shown| shown.text());
    assert!(shown.contains("  yes  # etc/ssh/sshd_config.d/50-cloud-init.conf:1\n"), "{shown}");
    assert!(shown.contains("  # overrules no, etc/ssh/sshd_config:2\n"), "{shown}");
    assert!(shown.contains("\n# match User alice (etc/ssh/sshd_config:5)\n  maxauthtries  2"), "{shown}");
    assert!(!shown.contains('\x1b'), "{shown}");
}

#[test]
fn one_key_is_shown_wherever_it_is_set() {
    let shown = sshd(|shown| shown.why("MaxAuthTries")).unwrap();
    assert_eq!(
        shown,
        "maxauthtries  6  # default\n# match User alice (etc/ssh/sshd_config:5)\n  \
         maxauthtries  2  # etc/ssh/sshd_config:6\n"
    );
    assert_eq!(sshd(|shown| shown.why("server_name")), None);
}

const IMAGE: &str = "FROM debian AS base\nUSER root\nFROM base\nARG TOKEN=not-a-real-one\nENV DB_PASSWORD=hunter-two A=b\n\
                     ENV COPY=x$TOKEN OTHER=$TOKEN\nUSER app\nRUN curl -u a:hunter-four https://x\nCMD [\"run\", \"--password\", \"hunter-three\"]\n";

#[test]
fn an_image_is_shown_as_docker_inspect_shows_it() {
    let shown = show("dockerfile", &[("Dockerfile", IMAGE)], |shown| shown.json());
    let shown: Json = serde_json::from_str(&shown).unwrap();
    assert_eq!(shown["effective"]["User"]["value"], "app");
    assert_eq!(shown["effective"]["User"]["shadowed"][0]["value"], "root");
    let words = json!(["run", "--password", "password (12 characters)"]);
    assert_eq!(shown["effective"]["Cmd"]["value"], words);
    let text = show("dockerfile", &[("Dockerfile", IMAGE)], |shown| shown.text());
    assert!(
        text.contains("\nCmd    [\"run\", \"--password\", \"password (12 characters)\"]  # Dockerfile:9\n"),
        "{text}"
    );
    assert!(text.contains("\nEnv    A=b  # Dockerfile:5\n"), "{text}");
}

#[test]
fn secrets_of_an_image_are_masked_wherever_they_are_copied() {
    for text in [
        show("dockerfile", &[("Dockerfile", IMAGE)], |shown| shown.json()),
        show("dockerfile", &[("Dockerfile", IMAGE)], |shown| shown.text()),
    ] {
        assert!(!text.contains("not-a-real") && !text.contains("hunter"), "{text}");
    }
}

#[test]
fn an_unknown_value_is_null_and_says_why() {
    let shown = show("sshd", &[("sshd_config", "Port {{ port }}\nFrob yes\n")], |shown| shown.json());
    let shown: Json = serde_json::from_str(&shown).unwrap();
    assert_eq!(shown["effective"]["port"]["value"], Json::Null);
    assert!(shown["effective"]["port"]["why"].as_str().unwrap().contains("port"));
    assert_eq!(shown["problems"][0]["at"]["line"], 2);
}

#[test]
fn a_secret_is_masked_in_one_way_and_an_empty_value_in_none() {
    let compose = "services:\n  db:\n    image: redis:7\n    command: redis-server --requirepass hunter-two\n    \
                   environment: {DB_PASSWORD: hunter-two, URL: 'http://u:hunter-two@h', API_TOKEN: ''}\n";
    let shown: Json =
        serde_json::from_str(&show("compose", &[("compose.yaml", compose)], |shown| shown.json())).unwrap();
    let service = &shown["effective"]["services"]["db"];
    assert_eq!(service["command"], json!(["redis-server", "--requirepass", "requirepass (10 characters)"]));
    assert_eq!(service["environment"]["DB_PASSWORD"], "DB_PASSWORD (10 characters)");
    assert_eq!(service["environment"]["URL"], "URL (21 characters)");
    assert_eq!(service["environment"]["API_TOKEN"], "");
    let shown: Json =
        serde_json::from_str(&show("redis", &[("redis.conf", "port 1\n")], |shown| shown.json())).unwrap();
    assert_eq!(shown["effective"]["requirepass"]["value"], "");
    let image = "FROM debian\nENV A=b\nENV B=\nRUN useradd -p $(openssl passwd hunter-two) x\n";
    let text = show("dockerfile", &[("Dockerfile", image)], |shown| shown.text());
    assert!(text.contains("B=  # Dockerfile:3"), "{text}");
    assert!(!text.contains("hunter"), "{text}");
}

#[test]
fn variables_that_are_called_secrets_are_masked() {
    let text = "PAYMENT_API_KEY=hunter-five\nDB_PASSWORD=hunter-six\nURL=redis://:hunter-seven@h\nAPP_ENCRYPTION_KEY=hunter-two\nMODE=x\n";
    for shown in
        [show("env", &[(".env", text)], |shown| shown.json()), show("env", &[(".env", text)], |shown| shown.text())]
    {
        assert!(!shown.contains("hunter") && shown.contains("PAYMENT_API_KEY (11 characters)"), "{shown}");
    }
}
