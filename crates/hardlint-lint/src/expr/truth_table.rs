//! Every line of the definition of truth and evidence, as cases.
//!
//! A case: what is asked of which scope, the truth, the evidence in order (`kind key text-at-its-place`), and the reasons
//! of what is unknown. Conditions are judged for the scope whose label is given.

use super::check::Checker;
use super::eval::Evaluator;
use super::index::Index;
use super::parse::parse;
use super::sample::{self, TEXT};
use super::value::{Mark, MarkKind, Truth};
use hardlint_config::model::Model;

fn shown(model: &Model, mark: &Mark<'_>) -> String {
    let kind = match mark.kind {
        MarkKind::Set => "set",
        MarkKind::Inherited => "inherited",
        MarkKind::Environment => "environment",
        MarkKind::Derived => "derived",
        MarkKind::Default => "default",
        MarkKind::Missing => "missing",
        MarkKind::Owner => "owner",
        MarkKind::Scope => "scope",
        MarkKind::Label => "label",
    };
    let key = mark.key.map_or("-", |key| model.key_name(key));
    format!("{kind} {key} {}", &TEXT[mark.at.span.range()])
}

/// Truth, evidence and reasons, as the cases write them.
fn judged(model: &Model, label: &str, text: &str) -> (&'static str, Vec<String>, Vec<String>) {
    let index = Index::new(model);
    let id = sample::scope(model, label);
    let kind = model.scope(id).unwrap().kind;
    let checked = Checker::new(model.format.schema, kind).condition(&parse(text).unwrap());
    let ir = checked.unwrap_or_else(|error| panic!("{text}: {error:?}")).ir;
    let mut evaluator = Evaluator::new(model, &index);
    let truth = match evaluator.judge(id, &ir) {
        Truth::Yes => "yes",
        Truth::No => "no",
        Truth::Unknown => "unknown",
    };
    let mut evidence: Vec<String> = Vec::new();
    for mark in evaluator.marks.iter().map(|mark| shown(model, mark)) {
        if !evidence.contains(&mark) {
            evidence.push(mark);
        }
    }
    let mut whys: Vec<String> = evaluator.whys.iter().map(|why| format!("{why:?}")).collect();
    whys.dedup();
    (truth, evidence, whys)
}

type Case = (&'static str, &'static str, &'static str, &'static [&'static str]);

fn check(cases: &[Case]) {
    let model = sample::model();
    for (label, text, truth, evidence) in cases {
        let (found, marks, whys) = judged(&model, label, text);
        assert_eq!(
            (found, marks.iter().map(String::as_str).collect::<Vec<_>>()),
            (*truth, evidence.to_vec()),
            "{label}: {text}"
        );
        assert_eq!(whys.is_empty(), found != "unknown", "{label}: {text}: {whys:?}");
    }
}

fn whys(label: &str, text: &str) -> Vec<String> {
    judged(&sample::model(), label, text).2
}

#[test]
fn names_are_effective_keys_own_ones_scopes_around_and_inside_and_what_was_lost() {
    check(&[
        ("/img", "browse", "yes", &["inherited browse on"]),
        ("/img", "has(own.browse)", "no", &["missing browse location /img {"]),
        ("/files", "has(own.browse)", "yes", &["set browse off"]),
        ("/files", "parent.browse", "yes", &["set browse on"]),
        ("/files", "server.browse", "yes", &["set browse on"]),
        ("/files", "file.browse", "no", &["default browse "]),
        ("/files", "server.parent.browse", "no", &["default browse "]),
        ("/files", "parent.label == 'one'", "yes", &["label - one"]),
        ("/files", "has(location)", "no", &[]),
        ("/files", "has(server)", "yes", &[]),
        ("one", "locations.exists(l, has(l.alias))", "yes", &["set alias /data/"]),
        ("", "locations.exists(l, has(l.alias))", "yes", &["set alias /data/"]),
        ("one", "sockets.exists(s, s.tls)", "yes", &["derived tls server one {"]),
        (
            "443",
            "has(default_server) && default_server.browse",
            "yes",
            &["derived default_server server one {", "set browse on"],
        ),
        // Both of the file's headers are lost where the server sets its own.
        ("one", "lost(header).exists(h, h == 'H2')", "yes", &["inherited header H2"]),
        (
            "one",
            "lost(header).size() == 2",
            "yes",
            &["owner header server one {", "inherited header H1", "inherited header H2"],
        ),
        ("three", "lost(header).size() == 0", "yes", &[]),
        ("/img", "lost(header).size() == 0", "yes", &[]),
    ]);
}

#[test]
fn nothing_absent_is_ever_evaluated() {
    let model = sample::model();
    let error = |kind: &str, text: &str| {
        let kind = model.format.schema.kind_named(kind).unwrap();
        Checker::new(model.format.schema, kind).condition(&parse(text).unwrap()).err().map(|error| error.message)
    };
    let absent = |key: &str| Some(format!("`{key}` may be absent: ask `has({key}) && …`, or read `{key}.orValue(…)`"));
    for (kind, text, expected) in [
        ("location", "alias == '/'", absent("alias")),
        ("location", "alias == '/' && has(alias)", absent("alias")),
        ("location", "has(alias) || alias == '/'", absent("alias")),
        ("location", "has(alias) && alias == '/'", None),
        ("location", "!has(alias) || alias == '/'", None),
        ("location", "!(!has(alias) || alias != '/')", None),
        ("location", "has(alias) ? alias == '/' : browse", None),
        ("location", "!has(alias) ? alias == '/' : browse", absent("alias")),
        ("location", "alias.orValue('') == '/'", None),
        ("location", "has(alias) && browse && ['/'].exists(x, x == alias)", None),
        ("location", "(has(alias) && has(root)) && alias == root", None),
        ("location", "(has(alias) || has(root)) && alias == '/'", absent("alias")),
        ("location", "(has(alias) && has(root) || has(alias)) && alias == '/'", None),
        ("location", "(browse ? has(alias) : has(alias) && has(root)) && alias == '/'", None),
        ("location", "has(own.browse) && browse", None),
        ("location", "has(own.alias) && alias == '/'", None),
        ("location", "own.browse", absent("own.browse")),
        ("location", "has(server.root) && root == '/'", absent("root")),
        ("server", "locations.exists(l, l.alias == '/')", absent("l.alias")),
        ("server", "locations.exists(l, has(l.alias)) && locations.exists(l, l.alias == '/')", absent("l.alias")),
        ("server", "has(env) && env.USER == 'x'", absent("env.USER")),
        ("server", "has(env) && has(env.USER) && env['USER'] == 'x'", None),
        ("server", "has(env.USER)", absent("env")),
        ("server", "sockets.exists(s, s.tls)", None),
        ("socket", "default_server.browse", absent("default_server")),
    ] {
        assert_eq!(error(kind, text), expected, "{text}");
    }
}

#[test]
fn a_comparison_rests_on_the_origins_of_all_keys_read() {
    check(&[
        ("/img", "has(root) && root == '/srv/one'", "yes", &["inherited root /srv/one"]),
        (
            "/files",
            "alias.orValue('') + 'x' != root.orValue('')",
            "yes",
            &["set alias /data/", "inherited root /srv/one"],
        ),
        ("/files", "browse == server.browse", "no", &["set browse off", "set browse on"]),
        ("three", "!browse", "yes", &["default browse server three {"]),
        ("/files", "label == '/files'", "yes", &["label - /files"]),
        ("443", "tls", "yes", &["derived tls server one {"]),
    ]);
}

#[test]
fn a_hole_gives_unknown_unless_the_known_pieces_decide() {
    let cases: &[(&str, &str)] = &[
        ("root.startsWith('/var')", "yes"),
        ("root.startsWith('/srv')", "no"),
        ("root.startsWith('/var/x')", "unknown"),
        ("root.endsWith('/www')", "yes"),
        ("root.endsWith('/html')", "no"),
        ("root.contains('ar/')", "yes"),
        ("root.contains('html')", "unknown"),
        ("root == '/srv'", "no"),
        ("root == '/var/x/www'", "unknown"),
        ("root != '/srv'", "yes"),
        ("root in ['/srv', '/html']", "no"),
        ("root in ['/srv', '/var/x/www']", "unknown"),
        ("root.matches('^/var')", "yes"),
        ("root.matches('^/srv')", "no"),
        ("root.matches('html')", "unknown"),
        ("size(root) > 8", "yes"),
        ("size(root) > 9", "unknown"),
        ("size(root) == 3", "no"),
        ("root.lower().startsWith('/var')", "yes"),
        ("(root + '/x').endsWith('/www/x')", "yes"),
    ];
    for (text, truth) in cases {
        let asked = format!("has(root) && {text}");
        let (found, evidence, whys) = judged(&sample::model(), "two", &asked);
        assert_eq!(
            (found, evidence.as_slice()),
            (*truth, ["set root /var/${DIR}/www".to_owned()].as_slice()),
            "{text}"
        );
        let named = whys.iter().all(|why| why == "Variable(\"DIR\")");
        assert!(named && whys.is_empty() == (found != "unknown"), "{text}: {whys:?}");
    }
}

#[test]
fn has_is_yes_with_its_origin_no_at_the_header_and_unknown_in_an_open_scope() {
    check(&[
        ("/img", "has(root)", "yes", &["inherited root /srv/one"]),
        ("/img", "has(alias)", "no", &["missing alias location /img {"]),
        ("two", "has(level)", "unknown", &["missing level server two {"]),
        ("/open", "has(alias)", "no", &["missing alias location /open {"]),
        // What is inherited through an open scope may be set in it.
        ("/open", "has(level)", "unknown", &["missing level location /open {"]),
        ("two", "browse", "unknown", &["default browse server two {"]),
        ("two", "has(header)", "unknown", &["inherited header H1"]),
        ("one", "has(env) && has(env.USER)", "yes", &["set env env {", "set env root;"]),
        ("one", "has(env) && has(env.NONE)", "no", &["missing env env {"]),
    ]);
    assert_eq!(whys("two", "has(level)"), ["File(\"missing.conf\")"]);
}

#[test]
fn not_flips_the_truth_and_keeps_the_evidence() {
    check(&[
        ("one", "!browse", "no", &["set browse on"]),
        ("/img", "!has(alias)", "yes", &["missing alias location /img {"]),
        ("two", "!has(level)", "unknown", &["missing level server two {"]),
    ]);
}

#[test]
fn and_is_the_first_no_else_unknown_with_all_reasons_else_yes_with_the_union() {
    check(&[
        ("one", "browse && has(level)", "yes", &["set browse on", "set level 7"]),
        ("/img", "browse && has(alias) && !browse", "no", &["missing alias location /img {"]),
        // A no decides whatever is unknown before or after it.
        ("two", "has(level) && label == 'one'", "no", &["label - two"]),
        ("two", "label == 'one' && has(level)", "no", &["label - two"]),
        ("two", "label == 'two' && has(level)", "unknown", &["label - two", "missing level server two {"]),
    ]);
    let both = "root.orValue('') == '/var/x/www' && has(level)";
    assert_eq!(whys("two", both), ["Variable(\"DIR\")", "File(\"missing.conf\")"]);
    assert!(whys("/files", "protocol == 'old' && has(alias) && !has(alias)").is_empty());
}

#[test]
fn or_is_the_dual_of_and() {
    check(&[
        ("one", "!browse || has(level)", "yes", &["set level 7"]),
        ("/img", "!browse || has(alias)", "no", &["inherited browse on", "missing alias location /img {"]),
        ("two", "has(level) || label == 'two'", "yes", &["label - two"]),
        ("two", "label == 'two' || has(level)", "yes", &["label - two"]),
        ("two", "label == 'one' || has(level)", "unknown", &["label - two", "missing level server two {"]),
    ]);
}

#[test]
fn a_condition_that_is_unknown_gives_what_its_branches_have_in_common() {
    check(&[
        ("one", "browse ? has(level) : false", "yes", &["set browse on", "set level 7"]),
        ("one", "!browse ? false : has(level)", "yes", &["set browse on", "set level 7"]),
        ("two", "has(level) ? label == 'two' : label != 'one'", "yes", &["label - two"]),
        (
            "two",
            "has(level) ? label == 'two' : label == 'one'",
            "unknown",
            &["missing level server two {", "label - two"],
        ),
        ("two", "(has(level) ? 'x' : 'x') == 'x'", "yes", &[]),
        ("two", "(has(level) ? 'x' : 'y') == 'z'", "unknown", &["missing level server two {"]),
    ]);
}

#[test]
fn exists_is_yes_with_each_element_that_satisfies() {
    check(&[
        ("one", "cipher.exists(c, c.size() == 3)", "yes", &["set cipher RC4", "set cipher AES"]),
        ("one", "cipher.exists(c, c == 'AES')", "yes", &["set cipher AES"]),
        ("one", "locations.exists(l, !l.browse)", "yes", &["set browse off"]),
        ("one", "locations.exists(l, true)", "yes", &["scope - location /files {", "scope - location /img {"]),
        ("/img", "cipher.exists(c, c == 'AES')", "yes", &["inherited cipher AES"]),
        ("three", "cipher.exists(c, c == 'LOW')", "yes", &["default cipher server three {"]),
        // None: at the owner's header.
        ("one", "cipher.exists(c, c == 'NONE')", "no", &["owner cipher server one {"]),
        ("/img", "cipher.exists(c, c == 'NONE')", "no", &["owner cipher location /img {"]),
        ("one", "locations.exists(l, l.label == '/x')", "no", &["owner - server one {"]),
        // Open: there may be more.
        ("two", "locations.exists(l, l.label == '/open')", "yes", &["label - /open"]),
        ("two", "locations.exists(l, l.label == '/x')", "unknown", &["owner - server two {"]),
        ("", "locations.exists(l, l.label == '/x')", "unknown", &["owner - "]),
        ("one", "['a', 'b'].exists(x, x == 'c')", "no", &[]),
        ("one", "has(env) && env.exists(k, k == 'MODE')", "yes", &["set env env {", "set env dev"]),
    ]);
}

#[test]
fn all_fails_at_the_offenders() {
    check(&[
        ("one", "cipher.all(c, c == 'RC4')", "no", &["set cipher AES"]),
        ("one", "cipher.all(c, c.size() == 3)", "yes", &["owner cipher server one {"]),
        ("two", "locations.all(l, l.label == '/open')", "unknown", &["owner - server two {"]),
        ("two", "locations.all(l, l.label == '/x')", "no", &["label - /open"]),
        ("one", "cipher.exists_one(c, c == 'AES')", "yes", &["set cipher AES"]),
        (
            "one",
            "cipher.exists_one(c, c.size() == 3)",
            "no",
            &["set cipher RC4", "set cipher AES", "owner cipher server one {"],
        ),
        ("two", "locations.exists_one(l, l.label == '/open')", "unknown", &["label - /open", "owner - server two {"]),
    ]);
}

#[test]
fn size_filter_and_in_rest_on_the_header_and_the_elements_kept() {
    check(&[
        ("one", "cipher.size() == 2", "yes", &["owner cipher server one {", "set cipher RC4", "set cipher AES"]),
        ("one", "cipher.filter(c, c == 'AES').size() == 1", "yes", &["owner cipher server one {", "set cipher AES"]),
        ("one", "cipher.filter(c, c == 'NONE').size() == 0", "yes", &["owner cipher server one {"]),
        (
            "one",
            "size(locations.filter(l, has(l.alias))) > 0",
            "yes",
            &["owner - server one {", "scope - location /files {"],
        ),
        ("one", "'AES' in cipher", "yes", &["owner cipher server one {", "set cipher AES"]),
        ("one", "'NONE' in cipher", "no", &["owner cipher server one {"]),
        ("one", "label in ['one', 'two']", "yes", &["label - one"]),
        ("one", "has(env) && 'USER' in env", "yes", &["set env env {", "owner env server one {", "set env root;"]),
        // Open: only the lower bound is known.
        ("two", "size(locations) >= 1", "yes", &["owner - server two {", "scope - location /open {"]),
        ("two", "size(locations) == 0", "no", &["owner - server two {", "scope - location /open {"]),
        ("two", "size(locations) > 1", "unknown", &["owner - server two {", "scope - location /open {"]),
        ("two", "size(locations) < 1", "no", &["owner - server two {", "scope - location /open {"]),
        ("two", "locations.map(l, l.label) == ['/open']", "unknown", &["owner - server two {"]),
        ("one", "locations.map(l, l.label) == ['/files', '/img']", "yes", &["owner - server one {"]),
        ("one", "'/img' in locations.map(l, l.label)", "yes", &["owner - server one {", "label - /img"]),
        ("one", "cipher[1] == 'AES'", "yes", &["set cipher AES"]),
        ("one", "cipher == ['RC4', 'AES']", "yes", &["set cipher RC4"]),
    ]);
    assert_eq!(whys("two", "size(locations) > 1"), ["File(\"missing.conf\")"]);
}

#[test]
fn a_choice_is_what_all_of_its_branches_say() {
    check(&[
        ("three", "has(level) && level < 3", "yes", &["set level 1", "set level 2"]),
        ("three", "has(level) && level > 2", "no", &["set level 1", "set level 2"]),
        ("three", "has(level) && level == 1", "unknown", &["set level 1"]),
        ("three", "has(root) && root.matches('^/(dbg|rel)$')", "yes", &["set root /dbg", "set root /rel"]),
        // Each branch gives its own yes: together they leave no room for a no.
        ("three", "has(level) && (level == 1 || level == 2)", "yes", &["set level 1", "set level 2"]),
        (
            "three",
            "has(level) && has(root) && level < 3 && root.startsWith('/')",
            "yes",
            &["set level 1", "set root /dbg", "set root /rel", "set level 2"],
        ),
    ]);
    assert_eq!(whys("three", "has(level) && level == 1"), ["Runtime(\"`DEBUG`, `not DEBUG`\")"]);
}

#[test]
fn a_default_is_known_when_all_versions_agree() {
    check(&[
        ("one", "protocol == 'old'", "unknown", &["default protocol server one {"]),
        ("one", "protocol != 'none'", "unknown", &["default protocol server one {"]),
    ]);
    assert_eq!(whys("one", "protocol == 'old'"), ["Version(\"protocol\")"]);
}

#[test]
fn what_may_be_absent_gets_a_value() {
    check(&[
        ("/files", "alias.orValue('') == '/data/'", "yes", &["set alias /data/"]),
        ("/img", "alias.orValue('') == ''", "yes", &["missing alias location /img {"]),
        ("two", "level.orValue(1) == 1", "unknown", &["missing level server two {"]),
        ("one", "has(env) && env.NONE.orValue('x') == 'x'", "yes", &["set env env {", "missing env env {"]),
    ]);
}

#[test]
fn lists_too_long_to_walk_are_unknown_and_take_little_time() {
    let twenty = format!("[{}]", (0..20).map(|n| n.to_string()).collect::<Vec<_>>().join(", "));
    let walks = |depth: usize, inner: &str| {
        (0..depth).fold(inner.to_owned(), |inner, n| format!("{twenty}.exists(x{n}, {inner})"))
    };
    let model = sample::model();
    assert_eq!(judged(&model, "one", &walks(3, "x0 == 20")).0, "no");
    let (truth, _, whys) = judged(&model, "one", &walks(4, "x0 == 20"));
    assert_eq!(truth, "unknown");
    assert!(whys.iter().all(|why| why.contains("too long")), "{whys:?}");
    // Lists that are made count as well.
    let (truth, ..) = judged(&model, "one", &walks(3, &format!("size({twenty} + {twenty}) == 1")));
    assert_eq!(truth, "unknown");
}
