//! Holds what is resolved against what the real sshd said (`testdata/oracles/sshd`), and tries what it cannot be asked.

mod facts;

use super::FORMAT;
use super::keys::kind;
use crate::formats::{ByName, Printed, by_content, by_name};
use crate::loader::Memory;
use crate::model::{Model, Origin, ScopeId, Value};
use crate::schema::KeyId;
use crate::version::{Targets, Version};
use crate::workspace::{Query, Reader, Workspace};
use std::collections::BTreeMap;

const CASES: &str = include_str!("../../../../../testdata/oracles/sshd/cases.txt");
const RECORDED: &str = include_str!("../../../../../testdata/oracles/sshd/recorded.txt");

/// A case: its name, what the connection is, and its files.
struct Case {
    name: String,
    conditions: Vec<(String, String)>,
    files: BTreeMap<String, String>,
}

fn cases() -> Vec<Case> {
    let mut cases: Vec<Case> = Vec::new();
    let mut path = String::new();
    for line in CASES.split_inclusive('\n') {
        if let Some(header) = line.strip_prefix("=== ") {
            let (name, asked) = header.split_once('|').unwrap_or((header, ""));
            let pair = |text: &str| {
                let (name, value) = text.trim().split_once('=')?;
                Some((name.to_owned(), value.to_owned()))
            };
            let conditions = asked.split(',').filter_map(pair).collect();
            path = "etc/ssh/sshd_config".to_owned();
            cases.push(Case { name: name.trim().to_owned(), conditions, files: BTreeMap::new() });
        } else if let Some(name) = line.strip_prefix("--- ") {
            path = format!("etc/ssh/{}", name.trim());
        } else if let Some(case) = cases.last_mut() {
            let text = line.replace("\\r", "\r").replace("\\ufeff", "\u{feff}").replace("\\x0c", "\x0c");
            case.files.entry(path.clone()).or_default().push_str(&text);
        }
        if let Some(case) = cases.last_mut() {
            case.files.entry(path.clone()).or_default();
        }
    }
    cases
}

/// What sshd said: the complaint's line and file, or the values that differ from the first answer.
type Answer = Result<BTreeMap<String, Vec<String>>, Option<(String, usize)>>;

fn answers() -> BTreeMap<String, Answer> {
    let mut answers = BTreeMap::new();
    for block in RECORDED.split("=== ").skip(1) {
        let mut lines = block.lines();
        let name = lines.next().unwrap().trim().to_owned();
        let mut lines = lines.peekable();
        let answer = if lines.peek() == Some(&"refused") {
            let place = |line: &str| {
                let (file, rest) = line.trim().split_once(" line ")?;
                let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
                // Some complaints have no file: all of those are about the first.
                let file = if file.contains(' ') { "sshd_config" } else { file.trim_end_matches(':') };
                Some((format!("etc/ssh/{file}"), digits.parse().ok()?))
            };
            Err(lines.find_map(place))
        } else {
            let mut values: BTreeMap<String, Vec<String>> = BTreeMap::new();
            for line in lines {
                let (keyword, value) = line.split_once(' ').unwrap();
                values.entry(keyword.to_owned()).or_default().push(value.to_owned());
            }
            Ok(values)
        };
        answers.insert(name, answer);
    }
    answers
}

fn at_9_2() -> Targets {
    Targets([("sshd".to_owned(), Version([9, 2, 0]))].into())
}

/// Resolves files, the first of which is the root, and hands over what came out.
fn with<T>(files: &[(&str, &str)], query: Query, look: impl Fn(&Model, &Reader<'_>) -> T) -> T {
    let memory = Memory::new(files.iter().map(|(path, text)| (*path, *text)));
    let workspace = Workspace::new(&memory, query);
    let mut reader = workspace.reader();
    let root = files.first().unwrap().0;
    let model = workspace.resolve(&mut reader, &root.into(), &FORMAT);
    look(&model, &reader)
}

fn one<T>(text: &str, look: impl Fn(&Model, &Reader<'_>) -> T) -> T {
    with(&[("etc/ssh/sshd_config", text)], Query::default(), look)
}

/// The lines that `sshd -T` would print for each keyword.
fn printed(model: &Model) -> BTreeMap<String, Vec<String>> {
    let mut values = BTreeMap::new();
    for (index, key) in FORMAT.schema.keys.iter().enumerate().filter(|(_, key)| !key.fact) {
        let id = KeyId(u16::try_from(index).unwrap());
        let Some(node) = model.lookup(model.focus, id).node else { continue };
        let lines = match (FORMAT.print)(model, id, &node.value) {
            Printed::One(line) => vec![line],
            Printed::Many(lines) => lines,
            Printed::Unknown(why) => vec![format!("unknown: {why}")],
        };
        values.insert(key.name.to_owned(), lines);
    }
    values
}

#[test]
fn the_values_are_those_of_the_real_sshd() {
    let answers = answers();
    let base = answers["nothing is set"].as_ref().unwrap();
    let mut wrong = Vec::new();
    for case in cases() {
        let files: Vec<(&str, &str)> = {
            let root = case.files.get_key_value("etc/ssh/sshd_config");
            let others = case.files.iter().filter(|(path, _)| *path != "etc/ssh/sshd_config");
            root.into_iter().chain(others).map(|(path, text)| (path.as_str(), text.as_str())).collect()
        };
        let query = Query { targets: at_9_2(), conditions: case.conditions.clone(), ..Query::default() };
        let (values, problems) = with(&files, query, |model, reader| {
            let place = |problem: &crate::problem::Problem| {
                let at = problem.at.unwrap();
                (problem.path.to_string(), reader.source(at.file).position(at.span.start).line)
            };
            (printed(model), model.problems.iter().map(place).collect::<Vec<_>>())
        });
        let name = &case.name;
        match &answers[name] {
            Err(place) if !place.as_ref().map_or(!problems.is_empty(), |place| problems.contains(place)) => {
                wrong.push(format!("{name}: refused at {place:?}, problems at {problems:?}"));
            }
            Err(_) => {}
            Ok(differ) => {
                if !problems.is_empty() {
                    wrong.push(format!("{name}: accepted, but problems at {problems:?}"));
                }
                // The program is asked with a key of its own, which hides the default.
                let keywords =
                    values.keys().chain(base.keys()).filter(|key| *key != "hostkey" || differ.contains_key(*key));
                for keyword in keywords {
                    let expected = differ.get(keyword).or_else(|| base.get(keyword));
                    let sorted = |lines: Option<&Vec<String>>| {
                        let mut lines = lines.cloned().unwrap_or_default();
                        // The order in which the host's resolver gives the two wildcards is its own.
                        if keyword == "listenaddress" {
                            lines.sort();
                        }
                        lines
                    };
                    if sorted(values.get(keyword)) != sorted(expected) {
                        wrong.push(format!("{name}: {keyword}: {:?}, sshd says {expected:?}", values.get(keyword)));
                    }
                }
            }
        }
    }
    wrong.dedup();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn value(model: &Model, scope: ScopeId, name: &str) -> String {
    match model.get(scope, name) {
        None => "absent".to_owned(),
        Some(Value::Unknown(why)) => format!("unknown: {why}"),
        Some(value) => {
            let id = FORMAT.schema.keys.iter().position(|key| key.name == name).unwrap();
            match (FORMAT.print)(model, KeyId(u16::try_from(id).unwrap()), value) {
                Printed::One(text) => text,
                Printed::Many(lines) => lines.join("|"),
                Printed::Unknown(why) => format!("unknown: {why}"),
            }
        }
    }
}

/// The scopes of a kind: label, and the line of the header.
fn scopes(model: &Model, reader: &Reader<'_>, kind: crate::schema::KindId) -> Vec<(String, usize)> {
    let of_kind = model.scopes.iter().filter(|scope| scope.kind == kind);
    of_kind
        .map(|scope| (scope.label.to_string(), reader.source(scope.at.file).position(scope.at.span.start).line))
        .collect()
}

#[test]
fn values_and_keywords_have_exact_places() {
    one("Port 22 # c\nCiphers  +aes256-cbc,3des-cbc\n", |model, reader| {
        let port = model.scopes[0].own.iter().next().unwrap().1;
        let texts: Vec<String> = model.scopes[0]
            .own
            .iter()
            .map(|(_, node)| format!("{}={}", reader.slice(node.name_at.unwrap()), reader.slice(node.at)))
            .collect();
        assert_eq!(port.origin, Origin::Set);
        assert_eq!(texts, ["Ciphers=+aes256-cbc,3des-cbc", "Port=22"]);
        let weak = model.get(ScopeId(0), "weak_ciphers").unwrap().as_list().unwrap();
        let places: Vec<&str> = weak.iter().map(|node| reader.slice(node.at)).collect();
        assert_eq!(places, ["aes256-cbc", "3des-cbc"]);
    });
}

#[test]
fn weak_algorithms_are_those_that_hold() {
    for (text, ciphers, kex) in [
        ("", "", ""),
        ("Ciphers -*-cbc\n", "", ""),
        ("Ciphers ^aes128-cbc\n", "aes128-cbc", ""),
        ("Ciphers aes128-ctr\nCiphers 3des-cbc\n", "", ""),
        ("KexAlgorithms -diffie-hellman-group14-sha1\n", "", ""),
        ("KexAlgorithms curve25519-sha256,diffie-hellman-group14-sha1\n", "", "diffie-hellman-group14-sha1"),
        ("KexAlgorithms diffie-hellman-group14-sha256\n", "", ""),
    ] {
        one(text, |model, _| {
            assert_eq!(value(model, ScopeId(0), "weak_ciphers"), ciphers, "{text}");
            assert_eq!(value(model, ScopeId(0), "weak_kex"), kex, "{text}");
        });
    }
}

#[test]
fn an_old_version_is_weak_by_default() {
    let targets = Targets([("sshd".to_owned(), Version([8, 0, 0]))].into());
    with(&[("etc/ssh/sshd_config", "Port 22\n")], Query { targets, ..Query::default() }, |model, _| {
        assert_eq!(value(model, ScopeId(0), "weak_kex"), "diffie-hellman-group14-sha1");
    });
}

#[test]
fn a_default_on_which_versions_differ_is_unknown() {
    one("Ciphers +aes128-cbc\n", |model, _| {
        assert!(value(model, ScopeId(0), "ciphers").starts_with("unknown"));
        assert_eq!(value(model, ScopeId(0), "weak_ciphers"), "aes128-cbc");
        assert!(value(model, ScopeId(0), "kexalgorithms").starts_with("unknown"));
        assert_eq!(value(model, ScopeId(0), "permitrootlogin"), "without-password");
    });
}

#[test]
fn lines_without_effect_are_told_with_what_holds() {
    let text = "PermitRootLogin yes\nMatch User a\nMaxAuthTries 2\nMaxAuthTries 3\nMatch all\nPermitRootLogin no\n\
                Match User b\nPermitRootLogin yes\n";
    one(text, |model, reader| {
        assert_eq!(
            scopes(model, reader, kind::IGNORED),
            [("MaxAuthTries".to_owned(), 4), ("PermitRootLogin".to_owned(), 8)]
        );
        let ignored = model.scopes.iter().position(|scope| scope.kind == kind::IGNORED).unwrap();
        let id = ScopeId(u32::try_from(ignored).unwrap());
        assert_eq!(value(model, id, "value"), "3");
        assert_eq!(value(model, id, "winner"), "2");
        assert_eq!(value(model, id, "stricter"), "no");
        assert_eq!(value(model, id, "decides_for"), "User a");
        assert_eq!(value(model, ScopeId(0), "permitrootlogin"), "no");
    });
}

#[test]
fn lines_that_a_block_swallows_are_seen_by_their_indentation() {
    for (text, found) in [
        ("Match User a\n    X11Forwarding yes\n\nPermitRootLogin no\nMaxAuthTries 3\n", vec![("PermitRootLogin", 4)]),
        // All flat: nothing tells what was meant.
        ("Match User a\nX11Forwarding yes\nPermitRootLogin no\n", vec![]),
        // It would not change anything for others.
        ("PermitRootLogin no\nMatch User a\n    X11Forwarding yes\nPermitRootLogin no\n", vec![]),
        ("Match User a\n    X11Forwarding yes\nMatch all\nPermitRootLogin no\n", vec![]),
        ("Match all\n    X11Forwarding yes\nPermitRootLogin no\n", vec![]),
    ] {
        one(text, |model, reader| {
            let found: Vec<(String, usize)> = found.iter().map(|(name, line)| ((*name).to_owned(), *line)).collect();
            assert_eq!(scopes(model, reader, kind::SWALLOWED), found, "{text}");
        });
    }
}

#[test]
fn a_block_knows_whom_it_is_for() {
    for (criteria, root, limited) in [
        ("User root", "yes", "no"),
        ("User alice", "no", "no"),
        ("Address 10.0.0.0/8", "yes", "yes"),
        ("Address *", "yes", "no"),
        ("User *,!root", "no", "no"),
        ("all", "yes", "no"),
    ] {
        one(&format!("Match {criteria}\nX11Forwarding yes\n"), |model, _| {
            assert_eq!(value(model, ScopeId(2), "matches_root"), root, "{criteria}");
            assert_eq!(value(model, ScopeId(2), "limited_source"), limited, "{criteria}");
        });
    }
}

#[test]
fn a_default_is_told_from_a_decision() {
    for (text, expected) in [
        ("Match User a\nX11Forwarding yes\n", "yes"),
        ("PasswordAuthentication yes\nMatch User a\nX11Forwarding yes\n", "no"),
        ("Match User a\nPasswordAuthentication yes\n", "no"),
    ] {
        one(text, |model, _| assert_eq!(value(model, ScopeId(2), "password_by_default"), expected, "{text}"));
    }
}

#[test]
fn templates_are_read_as_far_as_they_go() {
    let text = "{{ ansible_managed | comment }}\nPort {{ port }}\n{% if passwords %}\nPasswordAuthentication yes\n\
                {% else %}\nPasswordAuthentication no\n{% endif %}\nPermitRootLogin {{ 'no' if a else 'yes' }}\n\
                {{ 'Ciphers ' ~ ciphers }}\nX11Forwarding no\nAllowUsers{% for u in users %} {{ u }}{% endfor %}\n\
                Banner /etc/${SITE}/banner\nForceCommand echo $USER\n";
    one(text, |model, _| {
        assert!(model.problems.is_empty(), "{:?}", model.problems);
        for name in ["port", "passwordauthentication", "permitrootlogin", "ciphers", "allowusers", "banner"] {
            assert!(value(model, ScopeId(0), name).starts_with("unknown"), "{name}");
        }
        assert_eq!(value(model, ScopeId(0), "x11forwarding"), "no");
        assert_eq!(value(model, ScopeId(0), "forcecommand"), "echo $USER");
        assert_eq!(value(model, ScopeId(0), "maxauthtries"), "6");
        assert_eq!(model.scopes[0].open, None);
    });
}

#[test]
fn after_a_line_that_may_be_anything_nothing_is_known() {
    one("PermitRootLogin no\n{% for line in lines %}\n{{ line }}\n{% endfor %}\nUsePAM yes\n", |model, _| {
        assert_eq!(value(model, ScopeId(0), "permitrootlogin"), "no");
        assert!(value(model, ScopeId(0), "usepam").starts_with("unknown"));
        assert!(value(model, ScopeId(0), "maxauthtries").starts_with("unknown"));
        assert!(model.scopes[0].open.is_some());
    });
}

#[test]
fn one_line_may_hold_both_branches() {
    one("{% if a %}Port 1{% else %}Port 2{% endif %}\nUsePAM yes\n", |model, _| {
        assert!(model.problems.is_empty(), "{:?}", model.problems);
        assert!(value(model, ScopeId(0), "port").starts_with("unknown"));
        assert_eq!(value(model, ScopeId(0), "usepam"), "yes");
    });
}

#[test]
fn a_file_that_nobody_includes_knows_only_what_it_sets() {
    with(&[("ssh/sshd_config.d/10-keys.conf", "PermitRootLogin yes\n")], Query::default(), |model, _| {
        assert_eq!(value(model, ScopeId(0), "permitrootlogin"), "yes");
        assert!(value(model, ScopeId(0), "passwordauthentication").starts_with("unknown"));
        assert!(model.scopes[0].assumed.as_ref().is_some_and(|assumed| assumed.overrules));
    });
}

#[test]
fn an_include_through_a_missing_folder_names_nothing() {
    for (include, expected) in
        [("/x/d/../a.conf", "no"), ("/x/nothing/../a.conf", "yes"), ("/x/d/nothing/../../a.conf", "yes")]
    {
        let text = format!("Include {include}\n");
        let files = [("sshd_config", text.as_str()), ("a.conf", "PasswordAuthentication no\n"), ("d/c.conf", "")];
        let query = Query { root_map: vec![("/x".to_owned(), String::new())], ..Query::default() };
        with(&files, query, |model, _| {
            assert_eq!(value(model, ScopeId(0), "passwordauthentication"), expected, "{include}");
        });
    }
}

#[test]
fn an_include_that_is_not_at_hand_lowers_confidence_alone() {
    with(&[("ssh/sshd_config", "Include /etc/ssh/sshd_config.d/*.conf\n")], Query::default(), |model, _| {
        assert!(model.problems.is_empty());
        assert!(model.scopes[0].assumed.is_some());
        assert_eq!(value(model, ScopeId(0), "passwordauthentication"), "yes");
    });
}

#[test]
fn names_and_contents_tell_what_a_file_is() {
    let is = |path| matches!(by_name(path), ByName::Is(format) if format.id == "sshd");
    for path in ["sshd_config", "etc/ssh/sshd_config.d/50-cloud-init.conf", "templates/sshd_config.j2"] {
        assert!(is(path), "{path}");
    }
    let found = |path, text| by_content(path, text).is_some_and(|found| found.format.id == "sshd");
    assert!(found("opensshd.conf.j2", "{{ x }}\nPermitRootLogin no\nPort 22\n"));
    assert!(found("hardening.conf", "PermitRootLogin no\n"));
    assert!(found("sshd_config.conf.erb", "Port <%= 1 %>\n<% if a %>\nPasswordAuthentication no\n<% end %>\n"));
    // Clients, other programs, and what both have.
    assert!(!found("ssh.conf", "Host *\n  Port 22\n"));
    assert!(!found("sshd.conf", "[program:sshd]\ncommand=/usr/sbin/sshd -D\n"));
    assert!(!found("jail-sshd.conf", "[sshd]\nenabled = true\n"));
    assert!(!found("sshd.conf", "# nothing\n"));
    assert!(!found("client.conf", "Port 22\nPasswordAuthentication no\n"));
}

#[test]
fn hostile_files_end_soon() {
    let many = "Include sshd_config sshd_config\n".to_owned();
    one(&many, |model, _| assert_eq!(model.problems.len(), 1));
    let wide: String = "Include d/*.conf\n".repeat(50);
    let mut files = vec![("etc/ssh/sshd_config".to_owned(), wide.clone())];
    files.extend((0..50).map(|number| (format!("etc/ssh/d/{number}.conf"), wide.clone())));
    let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    with(&files, Query::default(), |model, _| assert!(model.scopes[0].open.is_some()));
    for text in ["{{".repeat(10_000), "${".repeat(10_000), "Match User a\n".repeat(20_000), "X ".repeat(50_000)] {
        one(&text, |model, _| assert!(!model.scopes.is_empty()));
    }
    for text in [format!("AllowUsers {}", "a ".repeat(200_000)), format!("PermitRootLogin {}\n", "x".repeat(200_000))] {
        one(&text, |model, _| {
            assert!(model.problems.iter().all(|problem| problem.message.len() < 400));
            assert!(model.scopes[0].open.is_some());
        });
    }
    one(&format!("SetEnv {}", "A=b ".repeat(30_000)), |model, _| assert!(model.problems.is_empty()));
    one(&"Subsystem a b\n".repeat(110_000), |model, _| assert!(model.problems.len() <= 503));
}

/// The lines of the problems whose message has this text, and whether what is not set is unknown.
fn told(files: &[(&str, &str)], text: &str) -> (Vec<usize>, bool) {
    with(files, Query::default(), |model, reader| {
        let found = model.problems.iter().filter(|problem| problem.message.contains(text));
        let line = |at: crate::text::Loc| reader.source(at.file).position(at.span.start).line;
        (found.map(|problem| line(problem.at.unwrap())).collect(), model.scopes[0].open.is_some())
    })
}

#[test]
fn what_is_cut_is_told() {
    let root = |text: &str, message: &str| told(&[("etc/ssh/sshd_config", text)], message);
    let blocks = format!("{}Match all\nPermitRootLogin yes\n", "Match User a\n".repeat(5_001));
    assert_eq!(root(&blocks, "more than 5000 Match blocks"), (vec![5_001], true));
    assert_eq!(root(&"Match User a\n".repeat(5_000), ""), (vec![], false));
    // Not even many problems before it hide it.
    let problems = format!("{}{}", "Frobnicate yes\n".repeat(600), "Match User a\n".repeat(5_001));
    assert_eq!(root(&problems, "more than 5000 Match blocks"), (vec![5_601], true));
    assert_eq!(root(&problems, "more than 500 problems").0, [501]);
    assert_eq!(root(&"UsePAM yes\n".repeat(600), "more than 500 lines have no effect").0, [502]);
    assert_eq!(root(&"Port 22\n".repeat(300), "at most").0.first(), Some(&257));
    let lines = "UsePAM yes\n".repeat(100_001);
    assert_eq!(root(&lines, "more than 100000 lines"), (vec![100_001], true));
    let includes = "Include a.conf\n".repeat(2_001);
    let files = [("etc/ssh/sshd_config", includes.as_str()), ("etc/ssh/a.conf", "UsePAM yes\n")];
    assert_eq!(told(&files, "more than 2000 files"), (vec![2_001], true));
}

#[test]
fn half_of_a_second_limit_on_keys_may_hold() {
    one("RekeyLimit 1G\nRekeyLimit 2G 1h\nRekeyLimit 3G 2h\n", |model, reader| {
        assert_eq!(value(model, ScopeId(0), "rekeylimit"), "1073741824 3600");
        assert_eq!(scopes(model, reader, kind::IGNORED), [("RekeyLimit".to_owned(), 3)]);
    });
    one("RekeyLimit 1G 1h\nMatch User a\nRekeyLimit 2G\n", |model, _| {
        assert_eq!(value(model, ScopeId(2), "rekeylimit"), "2147483648 3600");
    });
}

#[test]
fn a_family_that_another_file_may_set_excludes_nothing() {
    let text = "Include /etc/ssh/sshd_config.d/*.conf\nAddressFamily inet\nListenAddress ::1\n";
    assert!(told(&[("ssh/sshd_config", text)], "").0.is_empty());
    assert_eq!(told(&[("ssh/sshd_config", "AddressFamily inet\nListenAddress ::1\n")], "excludes").0, [2]);
}

/// What looks like a template's tag in a comment hides nothing of a file that is none.
#[test]
fn a_comment_is_a_comment() {
    for comment in ["# {% if x %}", "# {{", "# <%", "# {# a", "  # {{ a\tb"] {
        let text = format!("{comment}\nPermitRootLogin yes\n");
        one(&text, |model, _| {
            assert_eq!(value(model, ScopeId(0), "permitrootlogin"), "yes", "{comment}");
        });
    }
}
