//! What settings say, and what is told of those that are wrong.

use super::*;

fn message(text: &str) -> (String, String) {
    let error = parse(text, Home::Own).unwrap_err();
    (text.get(error.span.range()).unwrap().to_owned(), error.message)
}

#[test]
fn every_setting_is_read() {
    let text = r#"
        select = ["nginx/*"]
        ignore = ["nginx/server-tokens-on"]
        severity = "low"
        confidence = "medium"
        fail-on = "high"
        preview = true
        pedantic = false
        exclude = ["vendor/**"]
        extends = "../base.toml"
        preset = "strict"
        require-reason = false
        baseline = "old.json"
        [target]
        sshd = "9.2p1"
        [root-map]
        "/etc/nginx" = "deploy/nginx"
        [files]
        "*.conf" = "nginx"
        "old.conf" = "none"
        [roles]
        "stage/**" = "production"
        [[overrides]]
        paths = ["legacy/**"]
        ignore = ["nginx/*"]
        severity = "high"
        confidence = "low"
    "#;
    let settings = parse(text, Home::Own).unwrap().unwrap();
    let values = |list: &[At<String>]| list.iter().map(|at| at.value.clone()).collect::<Vec<_>>();
    assert_eq!(values(settings.select.as_deref().unwrap()), ["nginx/*"]);
    assert_eq!(values(&settings.ignore), ["nginx/server-tokens-on"]);
    assert_eq!(settings.severity, Some(Severity::Low));
    assert_eq!(settings.confidence, Some(Confidence::Medium));
    assert_eq!(settings.fail_on, Some(Severity::High));
    assert_eq!((settings.preview, settings.pedantic), (Some(true), Some(false)));
    assert_eq!(settings.targets.0.get("sshd"), Some(&Version([9, 2, 0])));
    assert_eq!(settings.root_map[0].0, "/etc/nginx");
    let files: Vec<_> = settings.files.iter().map(|(at, is)| (at.value.as_str(), *is)).collect();
    assert_eq!(files, [("*.conf", FileType::Format("nginx")), ("old.conf", FileType::None)]);
    assert_eq!(settings.roles[0].1, Role::Production);
    assert_eq!(values(&settings.exclude), ["vendor/**"]);
    let texts = [settings.extends.as_ref().unwrap(), settings.baseline.as_ref().unwrap()];
    assert_eq!(texts.map(|at| at.value.as_str()), ["../base.toml", "old.json"]);
    assert_eq!((settings.preset, settings.require_reason), (Some(Preset::Strict), Some(false)));
    let own = &settings.overrides[0];
    assert_eq!((values(&own.paths), values(&own.ignore)), (vec!["legacy/**".into()], vec!["nginx/*".into()]));
    assert_eq!((own.severity, own.confidence), (Some(Severity::High), Some(Confidence::Low)));
}

#[test]
fn settings_lie_over_others_and_a_preset_under_all() {
    let read = |text| parse(text, Home::Own).unwrap().unwrap();
    let base =
        "fail-on = \"high\"\nignore = [\"a/b\"]\npreset = \"strict\"\nseverity = \"low\"\n[roles]\n\"x\" = \"test\"\n";
    let both =
        read("fail-on = \"medium\"\nignore = [\"c/d\"]\n[roles]\n\"x\" = \"example\"\n").over(read(base)).with_preset();
    assert_eq!((both.fail_on, both.severity, both.preview), (Some(Severity::Medium), Some(Severity::Low), Some(true)));
    assert_eq!(both.ignore.iter().map(|at| at.value.as_str()).collect::<Vec<_>>(), ["a/b", "c/d"]);
    assert_eq!(both.roles.last().unwrap().1, Role::Example);
    assert_eq!(both.require_reason, Some(true));
    let least = read("preset = \"minimal\"\nconfidence = \"low\"\n").with_preset();
    assert_eq!((least.severity, least.confidence), (Some(Severity::High), Some(Confidence::Low)));
}

#[test]
fn a_pyproject_has_settings_only_in_its_own_table() {
    assert_eq!(parse("[tool.ruff]\nselect = 3\n", Home::Pyproject), Ok(None));
    let settings = parse("[tool.hardlint]\nfail-on = \"low\"\n", Home::Pyproject).unwrap().unwrap();
    assert_eq!(settings.fail_on, Some(Severity::Low));
    let error = parse("a = 1\n[hardlint]\nfail-on = \"low\"\n", Home::Pyproject).unwrap_err();
    assert_eq!((error.span.start, error.message.as_str()), (7, "settings stand in `[tool.hardlint]` here: write that"));
}

#[test]
fn an_error_stands_at_its_place_and_names_what_was_meant() {
    for (text, at, expected) in [
        ("slect = []", "slect", "there is no setting `slect`, did you mean `select`?"),
        ("zzz = []", "zzz", &format!("there is no setting `zzz`: it is one of {}", KEYS.join(", "))),
        ("[secrets]\nx = 1", "x", "`secrets` has no setting `x`: it is one of min-length"),
        (
            "severity = \"hihg\"",
            "\"hihg\"",
            "`hihg` is none of info, low, medium, high, critical, did you mean `high`?",
        ),
        (
            "[roles]\n\"a/**\" = \"prod\"",
            "\"prod\"",
            "`prod` is none of production, development, test, example, unknown, did you mean `production`?",
        ),
        ("preview = 1", "1", "`preview` takes true or false, not a number"),
        ("ignore = \"a\"", "\"a\"", "`ignore` takes a list of texts, not text"),
        ("ignore = [\"a\", 3]", "3", "`ignore` takes text, not a number"),
        ("[files]\n\"a\" = \"ngin\"", "\"ngin\"", "there is no format `ngin`, did you mean `nginx`?"),
        ("[target]\nssh = \"9\"", "ssh", "there is no program `ssh`, did you mean `sshd`?"),
        ("preset = \"strikt\"", "\"strikt\"", "`strikt` is none of minimal, default, strict, did you mean `strict`?"),
        ("overrides = 1", "1", "`overrides` is a list of tables: write `[[overrides]]`"),
        ("[[overrides]]\nignor = []", "ignor", "an override has no setting `ignor`, did you mean `ignore`?"),
        (
            "[[overrides]]\nselect = []",
            "select",
            "an override has no setting `select`: it has `paths`, `ignore`, `severity`, `confidence`",
        ),
        ("[target]\nnginx = 1.25", "1.25", "a version is text: write it in quotes, as `\"1.26\"`"),
        ("[target]\nsshd = \"9.x\"", "\"9.x\"", "`9.x` is not a version: write it in numbers, as `1.26`"),
        ("[target]\nsshd = \"new\"", "\"new\"", "`new` is not a version: write it in numbers, as `1.26`"),
        ("[root-map]\n\"etc\" = \"a\"", "\"etc\"", "`etc` is not an absolute folder: write it as `/etc`"),
    ] {
        assert_eq!(message(text), (at.to_owned(), expected.to_owned()), "{text}");
    }
    assert_eq!(parse("a = ", Home::Own).unwrap_err().span.start, 4);
}

#[test]
fn targets_are_read_as_the_option_has_them() {
    let targets = parse_targets("sshd=9.2,nginx=1.22.1").unwrap();
    assert_eq!(targets.0.get("nginx"), Some(&Version([1, 22, 1])));
    assert_eq!(parse_targets("ngnix=1").unwrap_err(), "there is no program `ngnix`, did you mean `nginx`?");
    assert_eq!(parse_targets("sshd").unwrap_err(), "`sshd` lacks a version: write PROGRAM=VERSION, as `nginx=1.26`");
}

#[test]
fn nearest_allows_a_third() {
    assert_eq!(nearest("pedantik", KEYS), Some("pedantic"));
    assert_eq!(nearest("x", KEYS), None);
}
