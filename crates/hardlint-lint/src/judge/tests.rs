//! What findings say and where they point, over the sample.

use super::*;
use crate::diagnostic::{Diagnostic, Severity};
use crate::expr::sample;
use crate::ruleset::RuleSet;
use hardlint_config::loader::Memory;
use hardlint_config::schema::KindId;
use hardlint_config::workspace::{Query, Workspace};

/// A rule for servers or locations.
fn rule(select: &str, when: &str, more: &str) -> String {
    let message = if more.contains("message:") { "" } else { "message: m\n" };
    format!(
        "title: t\nseverity: medium\nconfidence: high\nselect: {select}\nwhen: {when:?}\nwhy: w\nsince: 0.1.0\n{message}{more}"
    )
}

fn judged_in(model: &Model, options: &Options, text: &str) -> Vec<Diagnostic> {
    found_in(model, options, text).into_iter().map(|finding| finding.diagnostic).collect()
}

fn found_in(model: &Model, options: &Options, text: &str) -> Vec<Finding> {
    let loader = Memory::new([(sample::FILE, sample::TEXT)]);
    let workspace = Workspace::new(&loader, Query::default());
    let mut reader = workspace.reader();
    reader.open(sample::FILE, None).unwrap();
    let mut rules = RuleSet::empty();
    let read = Rule::from_yaml("sample/x.yaml", text).unwrap();
    let compiled = Compiled::new(read, &sample::FORMAT, Some(("sample/x.yaml", text)));
    rules.push(compiled.unwrap_or_else(|error| panic!("{error}")));
    judge(model, &reader, rules.of_format("sample"), options, &|_| Role::Unknown)
}

fn judged(text: &str) -> Vec<Diagnostic> {
    judged_in(&sample::model(), &Options { preview: true, ..Options::default() }, text)
}

fn shown(label: &Label) -> &str {
    label.source.slice(label.span)
}

/// The texts that the findings point at.
fn primaries(text: &str) -> Vec<String> {
    judged(text).iter().map(|found| shown(&found.primary).to_owned()).collect()
}

use crate::rule::Rule;
use hardlint_config::text::Span;

#[test]
fn a_finding_points_at_what_somebody_wrote_before_what_is_absent() {
    for (select, when, more, expected) in [
        ("server", "browse", "", &["on"][..]),
        ("server", "label == 'one' && browse && has(level)", "", &["on"]),
        ("server", "label == 'one' && has(level) && browse", "", &["7"]),
        ("location", "browse && !has(alias)", "", &["on"]),
        ("location", "label == '/img' && !has(alias)", "", &["location /img {"]),
        ("server", "label == 'one' && !cipher.exists(c, c == 'x')", "", &["server one {"]),
        ("server", "cipher.exists(c, c.size() == 3)", "", &["RC4", "server three {"]),
        ("server", "label == 'one' && size(locations) == 2", "", &["location /files {"]),
        ("server", "label == 'three' && !browse", "", &["server three {"]),
        // Yes-or-no facts and names are circumstances.
        ("server", "sockets.exists(s, s.tls) && cipher.exists(c, c == 'AES')", "", &["AES"]),
        ("socket", "has(default_server) && default_server.browse", "", &["on"]),
        ("location", "label == '/files' && has(alias)", "at: label\n", &["/files"]),
        ("location", "has(alias)", "at: scope\n", &["location /files {"]),
        ("location", "has(alias)", "at: server.level\n", &["7"]),
        ("location", "label == '/img'", "", &["/img"]),
    ] {
        assert_eq!(primaries(&rule(select, when, more)), expected, "{when}");
    }
}

/// A finding is about each element that would be told by itself, and not about its circumstances.
#[test]
fn each_element_that_would_do_is_a_place() {
    let places = |when: &str, more: &str| {
        let found = judged(&rule("server", &format!("label == 'one' && {when}"), more));
        let [found] = found.as_slice() else { panic!("{found:?}") };
        assert!(found.primary.is_at(&found.places[0].label));
        found.places.iter().map(|place| shown(&place.label).to_owned()).collect::<Vec<_>>()
    };
    for (when, more, expected) in [
        ("cipher.exists(c, c.size() == 3)", "", &["RC4", "AES"][..]),
        ("cipher.exists(c, c == 'AES')", "", &["AES"]),
        ("!cipher.all(c, c == 'AES' || c == 'HIGH')", "", &["RC4"]),
        // What the others are is a circumstance of each.
        ("cipher.exists(c, c.size() == 3) && header.orValue([]).exists(h, h == 'H3')", "", &["RC4", "AES"]),
        ("has(level) && cipher.exists(c, c.size() == 3)", "", &["7"]),
        ("cipher.exists(c, c.size() == 3)", "at: level\n", &["7"]),
        // Another part may have faults besides: elements, or another setting.
        ("(cipher.exists(c, c == 'RC4') || header.orValue([]).exists(h, h == 'H3'))", "", &["RC4", "H3"]),
        ("(cipher.exists(c, c == 'RC4') || has(level))", "", &["RC4", "7"]),
        // Elements of elements.
        ("locations.exists(l, l.cipher.exists(c, c == 'AES'))", "", &["AES"]),
        ("locations.exists(l, !l.browse)", "", &["off"]),
        ("locations.exists(l, l.label != '' && !has(l.alias))", "", &["location /img {"]),
    ] {
        assert_eq!(places(when, more), expected, "{when}");
    }
    let found = judged(&rule("server", "label == 'one' && cipher.exists(c, c.size() == 3)", ""));
    let places: Vec<_> = found[0].places.iter().map(|place| (&*place.key, place.says.concat())).collect();
    assert_eq!(places, [("cipher", "RC4".to_owned()), ("cipher", "AES".to_owned())]);
    let found = judged(&rule("file", "servers.exists(s, s.cipher.exists(c, c.size() == 3))", ""));
    let scopes: Vec<_> = found[0].places.iter().map(|place| place.scopes.join(" ")).collect();
    assert_eq!(scopes, ["one", "one", "three"]);
}

#[test]
fn the_other_places_are_related() {
    let found = judged(&rule("location", "has(alias) && has(root) && cipher.exists(c, c.size() == 3)", ""));
    let [found] = found.as_slice() else { panic!("{found:?}") };
    let related: Vec<_> = found.related.iter().map(|label| (shown(label), label.text.as_str())).collect();
    let expected = [
        ("/srv/one", "`root` is inherited from here"),
        ("RC4", "`cipher` is inherited from here"),
        ("AES", "`cipher` is inherited from here"),
    ];
    assert_eq!(related, expected);
    assert_eq!((shown(&found.primary), found.more_related), ("/data/", 0));
}

#[test]
fn a_fact_is_told_in_words() {
    let related = |when: &str| {
        let found = judged(&rule("socket", when, ""));
        found[0].related.iter().map(|label| label.text.clone()).collect::<Vec<_>>()
    };
    assert_eq!(related("tls && has(default_server) && default_server.browse"), ["TLS is spoken"]);
}

#[test]
fn a_fix_names_what_can_be_written() {
    for (fix, expected) in [
        (
            "set: { brwse: \"off\" }",
            "9:54: fix: set: scopes of kind `server` have no key `brwse` that can be written; did you mean `browse`?",
        ),
        ("unset: [browse, alias]", "9:63: fix: unset: scopes of kind `server` have no key `alias` that can be written"),
        ("insert_after: tls", "9:61: fix: insert_after: scopes of kind `server` have no key `tls` that can be written"),
    ] {
        let text = rule("server", "browse", &format!("fix: {{ title: mend the alias, safety: unsafe, {fix} }}\n"));
        let read = Rule::from_yaml("sample/x.yaml", &text).unwrap();
        let error = Compiled::new(read, &sample::FORMAT, Some(("sample/x.yaml", &text))).unwrap_err();
        assert_eq!(error.to_string(), format!("sample/x.yaml:{expected}"));
    }
    let text = rule("server", "browse", "fix: { title: t, safety: safe, insert_after: label, unset: [browse] }\n");
    assert!(Compiled::new(Rule::from_yaml("sample/x.yaml", &text).unwrap(), &sample::FORMAT, None).is_ok());
}

#[test]
fn at_most_eight_places_are_related() {
    let mut model = sample::model();
    let id = sample::scope(&model, "one");
    let kind = model.scope(id).unwrap().kind;
    let key = model.key(kind, "cipher");
    let node = |at: usize| {
        let place = Loc::new(hardlint_config::text::FileId(0), Span::new(at, at + 1));
        Node::set(Value::text("x"), place)
    };
    let list = Value::List((0..12).map(node).collect());
    model.scope_mut(id).unwrap().own.set(key, Node { value: list, ..node(0) });
    let options = Options { preview: true, ..Options::default() };
    let found = judged_in(&model, &options, &rule("server", "cipher.exists(c, c == 'x')", ""));
    assert_eq!((found[0].related.len(), found[0].more_related), (8, 3));
}

#[test]
fn messages_print_values_as_the_source_spells_them_and_no_secret() {
    for (select, when, message, expected) in [
        ("location", "has(alias)", "{label} -> {alias}, {browse}, {server.browse}", "/files -> /data/, off, on"),
        ("server", "label == 'one' && has(header)", "{cipher} {header} {{x}}", "RC4, AES H3 {x}"),
        ("server", "label == 'three'", "{browse} {cipher}", "false HIGH, LOW"),
        ("server", "has(token)", "{token}", "token (7 characters)"),
        ("server", "has(env) && has(env.MODE)", "{env.MODE}", "dev"),
        ("server", "label == 'one' && lost(header).size() > 0", "{lost(header)}", "H1, H2"),
    ] {
        let found = judged(&rule(select, when, &format!("message: {message:?}\n")));
        let messages: Vec<_> = found.iter().map(|found| found.message.as_str()).collect();
        assert_eq!(messages, [expected], "{message}");
    }
}

#[test]
fn a_message_prints_only_what_is_there() {
    let text = rule("location", "browse", "message: \"is {alias}\"\n");
    let read = Rule::from_yaml("sample/x.yaml", &text).unwrap();
    let error = Compiled::new(read, &sample::FORMAT, Some(("sample/x.yaml", &text))).unwrap_err();
    assert_eq!((error.line, error.column), (8, 15), "{error}");
    assert!(error.message.starts_with("message: `alias` may be absent"), "{error}");
}

#[test]
fn circumstances_change_severity_and_confidence() {
    let adjust = "adjust:\n- { when: has(level) && level > 9, severity: info }\n- { when: has(level), severity: high }\n- { when: browse, confidence: low }\n";
    let found = judged(&rule("server", "label in ['one', 'three']", adjust));
    let harm: Vec<_> = found.iter().map(|found| (found.severity, found.confidence)).collect();
    assert_eq!(harm, [(Severity::High, Confidence::Low), (Severity::High, Confidence::High)]);
}

#[test]
fn what_is_seldom_worth_a_reader_s_time_is_marked_as_pedantic() {
    let adjust = "adjust:\n- { when: has(level) && level > 9, severity: info, pedantic: true }\n- { when: browse, pedantic: true }\n";
    let options = Options { preview: true, ..Options::default() };
    let found = found_in(&sample::model(), &options, &rule("server", "label in ['one', 'three']", adjust));
    let pedantic: Vec<_> = found.iter().map(|found| (found.diagnostic.severity, found.pedantic)).collect();
    assert_eq!(pedantic, [(Severity::Medium, true), (Severity::Medium, false)]);
}

#[test]
fn what_is_assumed_lowers_what_rests_on_absence() {
    let confidence = |overrules: bool, when: &str| {
        let options = Options { preview: true, ..Options::default() };
        let found = judged_in(&sample::assumed_model(overrules), &options, &rule("location", when, ""));
        (found[0].confidence, found[0].assumed.is_some())
    };
    assert_eq!(confidence(false, "has(alias)"), (Confidence::High, false));
    assert_eq!(confidence(false, "label == '/img' && !has(alias)"), (Confidence::Medium, true));
    assert_eq!(confidence(true, "has(alias)"), (Confidence::Medium, true));
}

#[test]
fn what_is_not_certain_is_shown_to_the_pedantic_with_the_reason() {
    let text = rule("server", "has(root) && root.contains('html')", "");
    assert!(judged(&text).is_empty());
    let options = Options { pedantic: true, ..Options::default() };
    let found = judged_in(&sample::model(), &options, &text);
    let [found] = found.as_slice() else { panic!("{found:?}") };
    assert_eq!(found.message, "m (not certain: the variable `DIR` is not set in any file at hand)");
    assert_eq!((found.confidence, shown(&found.primary)), (Confidence::Low, "/var/${DIR}/www"));
}

#[test]
fn one_place_is_told_once_and_scopes_name_it() {
    let found = judged(&rule("location", "server.browse", "at: server.browse\n"));
    let [found] = found.as_slice() else { panic!("{found:?}") };
    // What the location inherits stands in the server.
    assert_eq!(found.fingerprint.scopes, ["one"]);
    assert_eq!(&*found.fingerprint.key, "browse");
}

#[test]
fn rules_speak_when_they_are_selected_and_have_proved_themselves() {
    let text = rule("server", "browse", "");
    let found = |options: Options| judged_in(&sample::model(), &options, &text).len();
    assert_eq!(found(Options::default()), 0);
    assert_eq!(found(Options { preview: true, ..Options::default() }), 1);
    assert_eq!(found(Options { preview: true, ignore: vec!["sample/*".into()], ..Options::default() }), 0);
    assert_eq!(found(Options { preview: true, select: vec!["other/*".into()], ..Options::default() }), 0);
    assert_eq!(judged_in(&sample::model(), &Options::default(), &format!("{text}status: stable\n")).len(), 1);
}

#[test]
fn a_trace_tells_the_truth_of_each_part() {
    use crate::trace::{Answer, traces_of};
    let loader = Memory::new([(sample::FILE, sample::TEXT)]);
    let workspace = Workspace::new(&loader, Query::default());
    let mut reader = workspace.reader();
    reader.open(sample::FILE, None).unwrap();
    let text = rule("server", "has(root) && root == '/srv/two' && has(level)", "");
    let compiled = Compiled::new(Rule::from_yaml("sample/x.yaml", &text).unwrap(), &sample::FORMAT, None).unwrap();
    let traces = traces_of(&sample::model(), &reader, &compiled, sample::FILE, 2);
    let [trace] = traces.as_slice() else { panic!("{traces:?}") };
    assert_eq!((trace.kind, trace.label.as_str(), &trace.answer), ("server", "one", &Answer::No));
    let parts: Vec<_> = trace.parts.iter().map(|part| (part.text.as_str(), &part.answer)).collect();
    let expected = [("has(root)", &Answer::Yes), ("root == '/srv/two'", &Answer::No), ("has(level)", &Answer::Yes)];
    assert_eq!(parts, expected);
    let read = &trace.parts[1].read[0];
    assert_eq!((read.name.as_str(), read.value.as_str(), read.origin), ("root", "/srv/one", "set"));
    assert_eq!(read.at.start().line, 3);
}

#[test]
fn a_rule_about_what_no_scope_has_is_passed_over() {
    // What may be in an open scope is not known.
    let (mut model, mut passed) = (sample::model(), 0);
    model.scopes.iter_mut().for_each(|scope| scope.open = None);
    let index = Index::new(&model);
    for (name, kind) in (0_u8..).map(KindId).zip(model.format.schema.kinds).map(|(id, kind)| (kind.name, id)) {
        for key in model.format.schema.keys.iter().filter(|key| key.kinds.contains(&name)) {
            for when in [format!("has({})", key.name), format!("true && has({})", key.name)] {
                let text = rule(name, &when, "");
                let read = Rule::from_yaml("sample/x.yaml", &text).unwrap();
                let Ok(compiled) = Compiled::new(read, &sample::FORMAT, Some(("sample/x.yaml", &text))) else {
                    continue;
                };
                let condition = compiled.condition().unwrap();
                let mut evaluator = Evaluator::new(&model, &index);
                let holds = |scope: &ScopeId| evaluator.judge(*scope, &condition.when) != Truth::No;
                let holds = index.of_kind(kind).iter().any(holds);
                let never = index.never(&condition.when, kind);
                assert!(!(holds && never), "{when} in {name}");
                passed += usize::from(never);
            }
        }
    }
    assert!(passed > 0, "no key of the sample is set nowhere");
}
