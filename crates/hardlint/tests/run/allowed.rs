//! What other tools were told to leave alone is left alone.

use crate::scratch::Scratch;
use std::process::Command;

fn rules(scratch: &Scratch) -> Vec<String> {
    let output = Command::new(env!("CARGO_BIN_EXE_hardlint"))
        .args(["check", "--preview", "--severity", "info", "--output-format", "concise"])
        .current_dir(scratch.path(""))
        .output()
        .unwrap();
    let out = String::from_utf8(output.stdout).unwrap();
    out.lines().filter_map(|line| Some(line.split_once('[')?.1.split_once(']')?.0.to_owned())).collect()
}

#[test]
fn comments_for_other_tools_allow_their_checks_where_they_would() {
    let scratch = Scratch::new("allowed");
    let sudo = "dockerfile/sudo-in-run".to_owned();
    let root = "dockerfile/final-stage-runs-as-root".to_owned();
    for (before, run, allowed, others) in [
        ("", "RUN sudo id", "", ""),
        ("# hadolint ignore=DL3004\n", "RUN sudo id", &*sudo, &*root),
        ("# hadolint ignore=DL3004\n", "RUN id \\\n  && sudo id", &*sudo, &*root),
        ("# hadolint ignore=DL3004\nRUN id\n", "RUN sudo id", "", ""),
        ("# hadolint ignore=DL3006\n", "RUN sudo id", "", ""),
        ("# checkov:skip=CKV_DOCKER_8:it drops root itself\n", "RUN sudo id", &*root, &*sudo),
        // It names no check, and sudo does little harm.
        ("# kics-scan ignore-line\n", "RUN sudo id", &*sudo, &*root),
        ("# kics-scan ignore-line\n", "USER root", &*sudo, &*root),
    ] {
        scratch.write("Dockerfile", format!("FROM debian:12\n{before}{run}\nUSER root\nEXPOSE 80\nCMD [\"app\"]\n"));
        let found = rules(&scratch);
        for rule in [&sudo, &root] {
            let expected = allowed != *rule && (run.contains("sudo") || rule == &root);
            assert_eq!(found.contains(rule), expected, "{before}{run}: {rule} {found:?}");
        }
        assert!(others.is_empty() || found.iter().any(|rule| rule == others));
        assert!(!found.iter().any(|rule| rule.starts_with("hardlint/")), "{found:?}");
    }
}

/// Who takes what a finding says upon himself is not told a part of it instead.
#[test]
fn what_an_allowed_finding_says_all_of_is_allowed_with_it() {
    let scratch = Scratch::new("allowed-replaced");
    let compose = |comment: &str| {
        format!(
            "services:\n  db:\n    image: postgres:17\n    environment:\n      POSTGRES_PASSWORD: postgres\n    ports:\n      - 5432:5432{comment}\n"
        )
    };
    scratch.write("compose.yaml", compose(""));
    let whole = "deployment/database-open-to-everyone";
    assert!(rules(&scratch).iter().any(|rule| rule == whole), "{:?}", rules(&scratch));
    scratch.write("compose.yaml", compose(&format!(" # hardlint: allow[{whole}] a test bed behind a firewall")));
    let left = rules(&scratch);
    assert!(!left.iter().any(|rule| rule == whole || rule == "compose/db-port-published-publicly"), "{left:?}");
    // It does not allow what the other finding is no part of.
    assert!(left.iter().any(|rule| rule == "compose/caps-not-dropped"), "{left:?}");
}

fn told(scratch: &Scratch) -> Vec<String> {
    let output = Command::new(env!("CARGO_BIN_EXE_hardlint"))
        .args(["check", "--output-format", "concise"])
        .current_dir(scratch.path(""))
        .output()
        .unwrap();
    String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect()
}

/// trivy hears a comment until the day that it names.
#[test]
fn a_comment_may_hold_until_a_day() {
    let scratch = Scratch::new("allowed-until");
    for (until, allowed) in [("", true), (":exp:2999-01-01", true), (":exp:2020-01-01", false)] {
        scratch.write(
            "Dockerfile",
            format!("FROM debian:12\n# trivy:ignore:DS-0002{until}\nUSER root\nEXPOSE 80\nCMD [\"app\"]\n"),
        );
        let told = rules(&scratch).iter().any(|rule| rule == "dockerfile/final-stage-runs-as-root");
        assert_eq!(told, !allowed, "{until}: {:?}", rules(&scratch));
    }
}

/// A directive of nginx, or a key of Compose, is one statement on however many lines it stands.
#[test]
fn an_allow_above_a_statement_is_for_all_of_its_lines() {
    let scratch = Scratch::new("allowed-statement");
    let nginx = |words: &str| {
        format!(
            "events {{}}\nhttp {{\n server {{\n  listen 443 ssl;\n  ssl_certificate a;\n  ssl_certificate_key b;\n{words} }}\n}}\n"
        )
    };
    let allow = "  # hardlint: allow[nginx/tls-legacy-protocol] for a till\n";
    for (words, allowed) in [
        ("  ssl_protocols\n    TLSv1 # comment (\n    TLSv1.2;\n", true),
        ("  access_log off; ssl_protocols\n    TLSv1\n    TLSv1.2;\n", true),
        ("  access_log off;\n  ssl_protocols TLSv1 TLSv1.2;\n", false),
        // What is in a block is no part of what the comment speaks of.
        ("  location /a {\n    return 204;\n  }\n  ssl_protocols TLSv1 TLSv1.2;\n", false),
    ] {
        scratch.write("nginx.conf", nginx(&format!("{allow}{words}")));
        let found = told(&scratch);
        assert_eq!(found.is_empty(), allowed, "{words}: {found:?}");
        assert!(!found.iter().any(|line| line.contains("does not fire")), "{found:?}");
    }
    let line = scratch.path("nginx.conf");
    let text = std::fs::read_to_string(&line).unwrap();
    let said = format!(
        "nginx.conf:7:21: low[hardlint/unused-allow] `nginx/tls-legacy-protocol` allows nothing here, and what it names is on line {}",
        text.lines().position(|line| line.contains("ssl_protocols")).unwrap() + 1
    );
    assert!(told(&scratch).iter().any(|line| line.starts_with(&said)), "{:?}", told(&scratch));
    std::fs::remove_file(line).unwrap();
    let compose = |above: &str| {
        format!(
            "services:\n  web:\n    image: a/b:1\n{above}    volumes:\n      - /:/host\n      # a comment\n\n      - /etc:/host-etc\n    # another\n    privileged: true\n"
        )
    };
    scratch.write("compose.yaml", compose(""));
    assert_eq!(told(&scratch).len(), 3, "{:?}", told(&scratch));
    scratch.write("compose.yaml", compose("    # hardlint: allow[compose/*] of this machine\n"));
    let found = told(&scratch);
    assert!(found.len() == 1 && found[0].starts_with("compose.yaml:11:17: critical[compose/privileged"), "{found:?}");
    // A mapping is a block.
    let above = compose("").replace("  web:\n", "  # hardlint: allow[compose/*] of this machine\n  web:\n");
    scratch.write("compose.yaml", above);
    assert_eq!(told(&scratch).iter().filter(|line| line.contains("[compose/")).count(), 3);
}

/// A value that is begun and has no line of its own ends above the next key, which nobody allowed.
#[test]
fn an_allow_above_an_empty_value_is_for_nothing_below_it() {
    let scratch = Scratch::new("allowed-empty");
    scratch.write(".git/HEAD", "");
    for value in [">-", "|", "|+\n", "\n      - a\n      - |", ""] {
        let text = format!(
            "services:\n  web:\n    image: a/b:1\n    # hardlint: allow[compose/*] x\n    command: {value}\n    privileged: true\n"
        );
        scratch.write("compose.yaml", text);
        let told = told(&scratch);
        assert!(told.iter().any(|line| line.contains("[compose/privileged-container]")), "{value}: {told:?}");
    }
}
