//! The deployment as `hardlint graph` draws it.

use crate::command::run;
use crate::scratch::Scratch;

#[test]
fn a_graph_is_drawn_in_each_form_and_may_be_written_to_a_file() {
    let scratch = Scratch::new("graph");
    scratch.write("README.md", "");
    let nothing = "no Compose file here tells of a service";
    let empty = serde_json::json!({"version": 1, "services": [], "files": [], "links": []});
    for (form, beginning) in [
        ("text", ""),
        ("json", "{\n  \"version\": 1,"),
        ("dot", "digraph deployment {"),
        ("mermaid", "flowchart LR"),
        ("svg", "<svg "),
    ] {
        let (status, out, err) = run(&scratch, &["graph", "--output-format", form, "."]);
        assert_eq!(status, 0, "{err}");
        assert!(out.starts_with(beginning) && err.contains(nothing), "{form}: {out}{err}");
        let (status, out, _) = run(&scratch, &["graph", "--no-findings", "--output-format", form, "--output", "drawn"]);
        assert_eq!((status, out.as_str()), (0, ""));
        let drawn = std::fs::read_to_string(scratch.path("drawn")).unwrap();
        assert!(drawn.starts_with(beginning), "{form}: {drawn}");
        if form == "json" {
            assert_eq!(serde_json::from_str::<serde_json::Value>(&drawn).unwrap(), empty);
        }
    }
}

#[test]
fn wrong_arguments_of_graph_are_status_2() {
    let scratch = Scratch::new("graph-usage");
    scratch.write("d/compose.yaml", "services: {}\n");
    for (args, message) in [
        (&["graph", "nowhere"][..], "`nowhere`: there is no such file or folder"),
        (&["graph", "--output-format", "smv"], "[possible values: text, json, dot, mermaid, svg]"),
        (&["graph", "--output", "no/where"], "--output `no/where`: there is no folder `no`: make it first"),
        (&["graph", "--fail-on", "high"], "unexpected argument '--fail-on'"),
    ] {
        let (status, out, err) = run(&scratch, args);
        assert_eq!((status, out.as_str()), (2, ""), "{args:?}: {err}");
        assert!(err.contains(message), "{args:?}: {err}");
    }
}

#[test]
fn a_graph_of_what_cannot_be_read_says_so_as_check_does() {
    let utf16: Vec<u8> = b"\xff\xfe".iter().copied().chain("services: {}".bytes().flat_map(|byte| [byte, 0])).collect();
    for (name, text, place) in [
        ("utf16", &utf16[..], "compose.yaml: problem: "),
        ("broken", b"services:\n  web: {image: x\n  b: ]\n", "compose.yaml:"),
    ] {
        let scratch = Scratch::new(&format!("graph-{name}"));
        scratch.write("compose.yaml", text);
        let (_, told, _) = run(&scratch, &["check", "--output-format", "concise"]);
        let told = told.lines().find(|line| line.starts_with(place)).unwrap_or_else(|| panic!("{name}: {told}"));
        for more in [&[][..], &["--no-findings"]] {
            let (status, _, err) = run(&scratch, &[&["graph"], more].concat());
            assert_eq!(status, 3, "{name}: {err}");
            assert_eq!(err.lines().filter(|line| *line == told).count(), 1, "{name}: {err}");
        }
    }
}

#[test]
fn no_file_of_a_graph_has_the_id_of_a_service() {
    let scratch = Scratch::new("graph-ids");
    scratch.write(
        "compose.yaml",
        "services: {web: {image: x, volumes: ['./compose.yaml#web/conf:/etc/x', './compose.yaml#web:/y']}}\n",
    );
    scratch.write("compose.yaml#web/conf", "");
    let (_, out, err) = run(&scratch, &["graph", "--output-format", "json"]);
    let graph: serde_json::Value = serde_json::from_str(&out).unwrap_or_else(|error| panic!("{error}: {out}{err}"));
    assert_eq!(graph["services"][0]["id"], "compose.yaml#web");
    let ends: Vec<&str> = graph["links"].as_array().unwrap().iter().map(|link| link["to"].as_str().unwrap()).collect();
    assert_eq!(ends, ["./compose.yaml#web", "compose.yaml#web/conf"]);
    assert!(graph["files"].as_array().unwrap().iter().any(|file| file["path"] == "./compose.yaml#web"));
}
