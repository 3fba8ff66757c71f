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
