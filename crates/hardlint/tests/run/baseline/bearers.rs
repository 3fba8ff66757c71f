//! What an anchor gives to several services, and what one finding says of another.

use super::*;

const SHARED: &str =
    "x-base: &base\n  image: a/b:1\n  privileged: true\nservices:\n  web:\n    <<: *base\n  job:\n    <<: *base\n";

/// What is new in `compose.yaml` when it says something else.
fn told_after(before: &str, after: &str) -> String {
    told(&[("compose.yaml", before)], |scratch| scratch.write("compose.yaml", after))
}

#[test]
fn a_merge_that_is_written_out_or_taken_together_brings_nothing_back() {
    let service = |name: &str| format!("  {name}:\n    image: a/b:1\n    privileged: true\n");
    let apart = format!("services:\n{}{}", service("web"), service("job"));
    assert_eq!(told_after(SHARED, &apart), "");
    assert_eq!(told_after(&apart, SHARED), "");
    // One of them alone, and the other as it was.
    let half = SHARED.replace("  job:\n    <<: *base\n", &service("job"));
    assert_eq!(told_after(SHARED, &half), "");
}

#[test]
fn one_more_service_that_takes_up_a_fault_is_new() {
    let another = format!("{SHARED}  more:\n    <<: *base\n");
    let told = told_after(SHARED, &another);
    assert_eq!(told.lines().filter(|line| line.contains("privileged-container")).count(), 1, "{told}");
    assert!(
        told.contains("compose.yaml:3:15: critical[compose/privileged-container] `more` runs privileged"),
        "{told}"
    );
    let extended = |more: &str| {
        format!("services:\n  web:\n    image: a/b:1\n    privileged: true\n  job:\n    extends: web\n{more}")
    };
    let told = told_after(&extended(""), &extended("  more:\n    extends: web\n"));
    assert!(
        told.contains("compose.yaml:4:17: critical[compose/privileged-container] `more` runs privileged"),
        "{told}"
    );
    assert_eq!(told_after(&extended("  more:\n    extends: web\n"), &extended("")), "");
}

#[test]
fn a_service_that_takes_up_a_fault_and_gets_another_name_is_the_same() {
    let renamed = SHARED.replace("job:", "worker:");
    assert_eq!(told_after(SHARED, &renamed), "");
    // Where the old one is still there, the other name is another service.
    let swapped = format!("{renamed}  job:\n    image: a/c:1\n");
    let told = told_after(SHARED, &swapped);
    assert!(
        told.contains("compose.yaml:3:15: critical[compose/privileged-container] `worker` runs privileged"),
        "{told}"
    );
}

#[test]
fn what_another_finding_said_all_of_is_not_new_when_that_one_is_mended() {
    let database = |environment: &str| {
        format!(
            "services:\n  db:\n    image: postgres:17\n    environment:\n      {environment}\n    ports: ['5432:5432']\n"
        )
    };
    let open = database("POSTGRES_PASSWORD: postgres");
    let published = database("POSTGRES_PASSWORD: ${DB_PASSWORD:?}");
    assert_eq!(told_after(&open, &published), "");
    // The other way round it became worse.
    let told = told_after(&published, &open);
    assert!(told.contains("deployment/database-open-to-everyone"), "{told}");
}

#[test]
fn a_baseline_of_the_second_version_is_read() {
    let scratch = Scratch::new("baseline-second");
    scratch.write(".git/HEAD", "");
    scratch.write("compose.yaml", format!("{SHARED}  more:\n    <<: *base\n"));
    let entry = "{\"path\":\"compose.yaml\",\"rule\":\"compose/privileged-container\",\"scopes\":[],\"key\":\"privileged\",\"ordinal\":0,\"severity\":\"critical\"}";
    scratch.write(
        "base.json",
        format!("{{\"version\": 2, \"files\": [\"compose.yaml\"], \"texts\": {{}}, \"findings\": [{entry}]}}\n"),
    );
    let (status, out, err) = run(&scratch, &["--baseline", "base.json", "--select", "compose/privileged-container"]);
    assert_eq!((status, out.as_str()), (0, ""), "{err}");
    assert!(err.contains("base.json: an earlier hardlint wrote it"), "{err}");
}
