use super::*;
use crate::Options;
use crate::ruleset::RuleSet;
use hardlint_config::loader::Memory;
use hardlint_config::workspace::Detection;

/// A rule on one key, with this fix.
fn rule(select: &str, when: &str, fix: &str) -> String {
    format!(
        "title: t\nseverity: high\nconfidence: high\nselect: {select}\nwhen: {when}\nmessage: m\nwhy: w\nsince: 0.1.0\nstatus: stable\nfix: {fix}\n"
    )
}

struct Outcome {
    texts: BTreeMap<String, String>,
    refused: Vec<String>,
}

fn mend(files: &[(&str, &str)], rules: &[(&str, String)], safety: Safety) -> Outcome {
    let mut set = RuleSet::empty();
    for (path, text) in rules {
        set.add(path, text);
    }
    assert_eq!(set.errors().map(ToString::to_string).collect::<Vec<_>>(), Vec::<String>::new());
    let linter = Linter::with_rules(set, Options::default());
    let memory = Memory::new(files.iter().copied());
    let query = Query::default();
    let mut workspace = Workspace::new(&memory, query.clone());
    for (path, _) in files {
        let path: Arc<str> = (*path).into();
        let slot = workspace.look(&path, Detection::Automatic);
        workspace.insert(path, slot);
    }
    let found = linter.check(&workspace).diagnostics;
    assert!(!found.is_empty());
    let slots = workspace.into_slots();
    let locked = |path: &str| path.starts_with("other/").then(|| "locked".to_owned());
    let (linter, loader, query, slots) = (&linter, &memory, &query, &slots);
    let mending = Mending { linter, loader, query, slots, safety, meant: &|_| true, locked: &locked };
    let mended = mending.mend(found);
    let refused = mended.refused.iter().map(|it| format!("{}: {}", it.finding.rule, it.why)).collect();
    Outcome { texts: mended.texts, refused }
}

const TOKENS: &str = "{ title: f, safety: safe, set: { server_tokens: \"off\" } }";

#[test]
fn what_can_be_made_is_made_over_several_rounds() {
    let rules = [
        ("nginx/a.yaml", rule("server", "server_tokens != \"off\"", TOKENS)),
        ("nginx/b.yaml", rule("server", "autoindex", "{ title: f, safety: safe, set: { autoindex: \"off\" } }")),
        ("nginx/c.yaml", rule("server", "autoindex", "{ title: f, safety: safe, unset: [autoindex] }")),
    ];
    let text = "server {\n  server_tokens on; autoindex on; # kept\n}\nserver {\n  server_tokens on;\n}\n";
    let outcome = mend(&[("conf.d/a.conf", text)], &rules, Safety::Safe);
    let expected = "server {\n  server_tokens off; autoindex off; # kept\n}\nserver {\n  server_tokens off;\n}\n";
    assert_eq!(outcome.texts["conf.d/a.conf"], expected);
    assert_eq!(outcome.refused, Vec::<String>::new());
}

#[test]
fn unsafe_fixes_are_asked_for() {
    let rules = [("nginx/a.yaml", rule("server", "server_tokens != \"off\"", &TOKENS.replace("safe,", "unsafe,")))];
    let files = [("conf.d/a.conf", "server { server_tokens on; }")];
    assert!(mend(&files, &rules, Safety::Safe).texts.is_empty());
    assert_eq!(mend(&files, &rules, Safety::Unsafe).texts.len(), 1);
}

#[test]
fn a_fix_that_does_not_end_its_finding_is_not_made() {
    let rules = [("nginx/a.yaml", rule("server", "server_tokens in [\"on\", \"off\"]", TOKENS))];
    let outcome = mend(&[("conf.d/a.conf", "server { server_tokens on; }")], &rules, Safety::Safe);
    assert!(outcome.texts.is_empty());
    assert_eq!(outcome.refused, ["nginx/a: nginx/a would still be found"]);
}

#[test]
fn a_fix_that_brings_another_finding_is_not_made_and_keeps_none_from_it() {
    let rules = [
        ("nginx/a.yaml", rule("server", "server_tokens == \"on\"", TOKENS)),
        ("nginx/b.yaml", rule("server", "server_tokens == \"off\"", "{ title: f, safety: manual }")),
        ("nginx/c.yaml", rule("server", "autoindex", "{ title: f, safety: safe, set: { autoindex: \"off\" } }")),
    ];
    let outcome = mend(&[("conf.d/a.conf", "server { server_tokens on; autoindex on; }")], &rules, Safety::Safe);
    assert_eq!(outcome.texts["conf.d/a.conf"], "server { server_tokens on; autoindex off; }");
    assert_eq!(outcome.refused, ["nginx/a: nginx/b would be found in `conf.d/a.conf`"]);
}

#[test]
fn a_fix_that_changes_more_than_it_names_is_not_made() {
    let fix = "{ title: f, safety: safe, insert_after: server_tokens, text: \"; autoindex on\" }";
    let rules = [("nginx/a.yaml", rule("server", "own.server_tokens.orValue(\"\") == \"on\" && !autoindex", fix))];
    let whole = "events {}\nhttp { server { server_tokens on; } }\n";
    let outcome = mend(&[("nginx.conf", whole)], &rules, Safety::Safe);
    assert!(outcome.texts.is_empty());
    assert_eq!(outcome.refused, ["nginx/a: it would change `autoindex`, too"]);
}

#[test]
fn a_fix_after_which_the_file_is_not_understood_is_not_made() {
    let fix = "{ title: f, safety: safe, insert_after: server_tokens, text: \"; }\" }";
    let rules = [("nginx/a.yaml", rule("server", "own.server_tokens.orValue(\"\") == \"on\"", fix))];
    let outcome = mend(&[("conf.d/a.conf", "server { server_tokens on; }")], &rules, Safety::Safe);
    assert!(outcome.texts.is_empty());
    assert!(outcome.refused[0].starts_with("nginx/a: `conf.d/a.conf` would have a problem: "), "{:?}", outcome.refused);
}

#[test]
fn what_a_missing_file_may_say_makes_a_fix_unsafe() {
    let rules = [("nginx/a.yaml", rule("http", "server_tokens != \"off\"", TOKENS))];
    let files = [("nginx.conf", "events {}\nhttp {\n    include conf.d/*.conf;\n}\n")];
    assert!(mend(&files, &rules, Safety::Safe).texts.is_empty());
    assert_eq!(mend(&files, &rules, Safety::Unsafe).texts.len(), 1);
}

#[test]
fn a_file_with_a_problem_is_not_changed() {
    let rules = [("nginx/a.yaml", rule("server", "server_tokens == \"on\"", TOKENS))];
    let text = "events {}\nhttp { server { server_tokens on; } bogus }\n";
    let outcome = mend(&[("nginx.conf", text)], &rules, Safety::Unsafe);
    assert!(outcome.texts.is_empty());
    assert_eq!(outcome.refused, ["nginx/a: `nginx.conf` has a problem that comes first"]);
}

#[test]
fn a_comment_that_allows_something_stays_with_its_line() {
    let rules = [("nginx/a.yaml", rule("server", "autoindex", "{ title: f, safety: safe, unset: [autoindex] }"))];
    let text = |comment: &str| format!("server {{\n    {comment}\n    autoindex on;\n    server_tokens on;\n}}\n");
    let of = |comment: &str| mend(&[("conf.d/a.conf", &text(comment))], &rules, Safety::Unsafe).texts.len();
    assert_eq!((of("# hardlint: allow[nginx/other] legacy"), of("# legacy")), (0, 1));
    // With more comments between, and in another tool's words.
    assert_eq!(of("# hardlint: allow[nginx/other] legacy\n    # as ever"), 0);
    assert_eq!((of("# nosemgrep: other"), of("# nothing")), (0, 1));
}

#[test]
fn lines_that_end_as_nothing_reads_them_are_left_alone() {
    let rules = [("nginx/a.yaml", rule("server", "server_tokens == \"on\"", TOKENS))];
    let of = |end: &str| {
        let text = format!("server {{{end}server_tokens on;{end}}}{end}");
        mend(&[("conf.d/a.conf", &text)], &rules, Safety::Unsafe).texts.len()
    };
    assert_eq!((of("\r"), of("\r\n"), of("\n")), (0, 1, 1));
}

#[test]
fn a_file_that_may_not_be_changed_is_not() {
    let rules = [("nginx/a.yaml", rule("server", "server_tokens != \"off\"", TOKENS))];
    let files = [
        ("nginx.conf", "http { include other/*.conf; include conf.d/*.conf; }"),
        ("other/a.conf", "server { server_tokens on; }"),
        ("conf.d/b.conf", "server { server_tokens on; }"),
    ];
    let outcome = mend(&files, &rules, Safety::Safe);
    assert_eq!(outcome.texts.keys().collect::<Vec<_>>(), ["conf.d/b.conf"]);
    assert_eq!(outcome.refused, ["nginx/a: locked"]);
}

#[test]
fn one_bad_fix_among_many_is_found_out() {
    let server = |n: usize| {
        format!("server {{ server_name s{n}; server_tokens on; autoindex {}; }}\n", if n == 37 { "on" } else { "off" })
    };
    let text: String = (0..60).map(server).collect();
    let rules = [
        ("nginx/a.yaml", rule("server", "server_tokens == \"on\"", TOKENS)),
        ("nginx/b.yaml", rule("server", "server_tokens == \"off\" && autoindex", "{ title: f, safety: manual }")),
    ];
    let outcome = mend(&[("conf.d/a.conf", &text)], &rules, Safety::Safe);
    let mended = &outcome.texts["conf.d/a.conf"];
    assert_eq!(mended.matches("server_tokens off").count(), 59);
    assert!(mended.contains("server_name s37; server_tokens on;"));
    assert_eq!(outcome.refused.len(), 1);
}
