//! The shop of `testdata`: what is wrong with it was written down by hand, before any rule was.
//!
//! A rule that does not exist yet is passed over, so that the list can be ahead of the rules. A rule in preview has to
//! keep to the list as well, but what it finds beyond it is nobody's fault yet.

use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

#[derive(Deserialize)]
struct Expected {
    faults: Vec<Place>,
    near_misses: Vec<Place>,
}

#[derive(Clone, Debug, Deserialize, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    path: String,
    line: u64,
    rule: String,
}

fn hardlint(folder: &Path, args: &[&str]) -> Value {
    let output = Command::new(env!("CARGO_BIN_EXE_hardlint")).args(args).current_dir(folder).output().unwrap();
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {told}"))
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// What `check` says of the shop: each place with its severity and message.
fn findings(shop: &Path, further: &[&str]) -> Vec<(Place, String, String)> {
    let report = hardlint(shop, &[&["check", "--output-format", "json"], further].concat());
    assert_eq!(report["problems"], serde_json::json!([]));
    // Whether git tracks the shop is decided by who unpacked it.
    let of_the_shop = |finding: &&Value| text(&finding["rule"]) != "env/env-file-tracked-by-git";
    let findings = report["findings"].as_array().unwrap().iter().filter(of_the_shop).map(|finding| {
        let place = Place {
            path: text(&finding["path"]),
            line: finding["at"]["line"].as_u64().unwrap(),
            rule: text(&finding["rule"]),
        };
        (place, text(&finding["severity"]), text(&finding["message"]))
    });
    findings.collect()
}

#[test]
fn every_fault_of_the_shop_is_found_at_its_line_and_nothing_else() {
    let shop = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/shop");
    let expected = std::fs::read_to_string(shop.join("expected.json")).unwrap();
    let expected: Expected = serde_json::from_str(&expected).unwrap();
    let rules = hardlint(&shop, &["rules", "--output-format", "json"]);
    let known: BTreeSet<String> = rules.as_array().unwrap().iter().map(|rule| text(&rule["id"])).collect();
    let faults: BTreeSet<Place> = expected.faults.into_iter().filter(|fault| known.contains(&fault.rule)).collect();
    let with_preview = findings(&shop, &["--preview"]);
    let stable = findings(&shop, &[]);
    let found: BTreeSet<Place> = with_preview.iter().map(|(place, ..)| place.clone()).collect();

    let missed: Vec<&Place> = faults.difference(&found).collect();
    let fired: Vec<&Place> = expected.near_misses.iter().filter(|near| found.contains(near)).collect();
    let matters = |severity: &str| matches!(severity, "medium" | "high" | "critical");
    let further: Vec<_> =
        stable.iter().filter(|(place, severity, _)| matters(severity) && !faults.contains(place)).collect();
    assert!(
        missed.is_empty() && fired.is_empty() && further.is_empty(),
        "missed: {missed:#?}\nnear misses that fire: {fired:#?}\nfurther findings: {further:#?}"
    );
}
