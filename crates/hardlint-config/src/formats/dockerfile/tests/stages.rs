//! Which stages are built, and what of them matters.

use super::*;

#[test]
fn the_target_decides_which_stages_matter() {
    let text = "FROM a AS one\nUSER x\nFROM b AS two\nFROM one AS three\nCOPY --from=two a b\nFROM c AS four\nRUN x\n";
    let model = model_of(&[("Dockerfile", text)], Some("three"));
    assert_eq!(shows(&model, model.focus, "User"), "x");
    assert_eq!(each(&model, "stage", "reachable"), ["one true", "two true", "three true", "four false"]);
    assert_eq!(each(&model, "stage", "in_image"), ["one true", "two false", "three true", "four false"]);
    assert_eq!(each(&model, "stage", "is_target"), ["one false", "two false", "three true", "four false"]);
    assert_eq!(each(&model, "run", "reachable"), ["RUN false"]);
    let mount = self::model("FROM a AS one\nFROM b\nRUN --mount=type=bind,from=one,target=/x make\n");
    assert_eq!(each(&mount, "stage", "reachable"), ["one true", "b true"]);
    assert_eq!(model_of(&[("Dockerfile", text)], Some("nine")).problems.len(), 1);
    // A last stage that only holds files for another build.
    let text = "FROM a AS b\nRUN x\nFROM b AS live\nCMD [\"x\"]\nFROM b AS unused\nRUN y\nFROM scratch AS cache\nCOPY --from=b / /\n";
    let targets = |text: &str| each(&self::model(text), "stage", "is_target");
    assert_eq!(targets(text), ["b false", "live true", "unused false", "cache true"]);
    let started = format!("{text}ENTRYPOINT [\"/x\"]\n");
    assert_eq!(targets(&started), ["b false", "live false", "unused false", "cache true"]);
    let used = text.replace("--from=b", "--from=live");
    assert_eq!(targets(&used), ["b false", "live false", "unused false", "cache true"]);
    assert_eq!(targets(&text.replace("scratch", "a")), ["b false", "live false", "unused false", "cache true"]);
}

#[test]
fn services_decide_which_stages_are_built_and_who_runs_them() {
    let dockerfile = "FROM a AS dev\nFROM a AS web\nFROM a AS worker\nFROM a AS debugger\n";
    let stages = |compose: &str, name: &str| {
        let model = model_of(&[("app/Dockerfile", dockerfile), ("compose.yaml", compose), ("app/.env", "T=web")], None);
        let yes = |text: String| text.strip_suffix(" true").map(str::to_owned);
        each(&model, "stage", name).into_iter().filter_map(yes).collect::<Vec<_>>().join(" ")
    };
    let last = model("FROM a AS production\nFROM a AS test\n");
    assert_eq!(each(&last, "stage", "is_target"), ["production true", "test false"]);
    for (services, target, user) in [
        ("s: {image: x}", "debugger", ""),
        ("s: {build: app}", "debugger", ""),
        ("s: {build: {context: app, target: web}}", "web", ""),
        ("s: {build: {context: app, target: web}, user: '1000'}", "web", "web"),
        ("s: {build: {context: app, target: web}, user: 'root:1'}", "web", ""),
        ("s: {build: {context: ., dockerfile: app/Dockerfile, target: WEB}}", "web", ""),
        ("s: {build: {context: app, dockerfile: Other, target: web}}", "debugger", ""),
        ("s: {build: {context: app, target: dev}}", "debugger", ""),
        ("s: {build: {context: app, target: $UNKNOWN}}", "debugger", ""),
        (
            "s: {build: {context: app, target: web}, user: '1'}, t: {build: {context: app, target: worker}, user: $U}",
            "web worker",
            "web",
        ),
        ("s: {build: {context: app, target: web}, user: '1'}, t: {build: {context: app, target: web}}", "web", ""),
    ] {
        let compose = format!("services: {{{services}}}\n");
        assert_eq!(stages(&compose, "is_target"), target, "{services}");
        assert_eq!(stages(&compose, "services_set_user"), user, "{services}");
    }
    let socket = "volumes: ['/var/run/docker.sock:/var/run/docker.sock']";
    for (services, expected) in [
        (format!("s: {{build: {{context: app, target: web}}, {socket}}}"), "web"),
        ("s: {build: {context: app, target: web}, privileged: true}".into(), "web"),
        ("s: {build: {context: app, target: web}, privileged: false, volumes: ['./a:/a']}".into(), ""),
        (
            format!(
                "s: {{build: {{context: app, target: web}}, {socket}}}, t: {{build: {{context: app, target: web}}}}"
            ),
            "",
        ),
    ] {
        let compose = format!("services: {{{services}}}\n");
        assert_eq!(stages(&compose, "services_own_host"), expected, "{services}");
    }
    let mounted = "volumes: ['./app:/app']";
    for (services, expected) in [
        (
            format!("s: {{build: {{context: app, target: web}}, environment: {{NODE_ENV: development}}, {mounted}}}"),
            "web",
        ),
        (format!("s: {{build: {{context: app, target: web}}, environment: {{NODE_ENV: production}}, {mounted}}}"), ""),
        ("s: {build: {context: app, target: web}, environment: {NODE_ENV: development}}".into(), ""),
    ] {
        let compose = format!("services: {{{services}}}\n");
        assert_eq!(stages(&compose, "services_for_developers"), expected, "{services}");
    }
    let model = model_of(
        &[("Dockerfile", dockerfile), ("compose.yml", "services: {s: {build: {context: ., target: web}}}")],
        Some("worker"),
    );
    assert_eq!(each(&model, "stage", "is_target")[2], "worker true");
}

#[test]
fn a_stage_that_is_not_built_refuses_nothing_in_its_values() {
    assert!(problems("FROM a AS unused\nUSER ${x@Q}\nFROM a\n").is_empty());
    assert!(problems("# check=skip=all\n# escape=`\nFROM a\nRUN a `\n b\n").is_empty());
    assert!(problems("ARG IMAGE\nFROM $IMAGE\n").is_empty());
    assert!(problems("FROM --platform=$BUILDPLATFORM a\nCOPY --parents a b\nRUN --device=x y\n").is_empty());
}

#[test]
fn a_tag_is_that_of_an_image_from_elsewhere() {
    let text =
        "ARG A=alpine\nFROM debian AS base\nFROM base\nFROM $A:3.22\nFROM a/b:1@sha256:0\nFROM $NONE\nFROM scratch\n";
    let model = model(text);
    let told = |name: &str, end: &str| {
        let all = each(&model, "stage", name);
        all.into_iter().filter(|line| line.ends_with(end) && !line.ends_with(" -")).collect::<Vec<_>>()
    };
    assert_eq!(told("image_tag", ""), ["base latest", "alpine:3.22 3.22"]);
    assert_eq!(told("image_digest", ""), ["a/b:1@sha256:0 sha256:0"]);
    // That of `$NONE` is the default of no argument.
    assert_eq!(told("image_is_default", "true"), ["alpine:3.22 true"]);
}
