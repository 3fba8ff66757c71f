//! Whole checks: what is found, allowed and told of a workspace, with rules of the test's own.

mod allows;
mod once;

use hardlint_config::loader::{Git, Loader, Memory, ReadError, Stat};
use hardlint_config::workspace::{Detection, Query, Workspace};
use hardlint_lint::diagnostic::{Report, Severity};
use hardlint_lint::ruleset::RuleSet;
use hardlint_lint::{Linter, Options, causes};
use std::sync::atomic::{AtomicBool, Ordering};

const ROOT: &str = "title: t
severity: high
confidence: high
select: file
when: permitrootlogin == 'yes'
message: root logs in with `{permitrootlogin}`
why: w
since: 0.1.0
status: stable
";

fn linter(options: Options) -> Linter {
    Linter::with_rules(rules(), options)
}

fn rules() -> RuleSet {
    let mut rules = RuleSet::empty();
    rules.add("sshd/root.yaml", ROOT);
    let empty =
        ROOT.replace("permitrootlogin == 'yes'", "permitemptypasswords").replace("{permitrootlogin}", "nothing");
    rules.add("sshd/empty.yaml", &empty.replace("severity: high", "severity: low"));
    assert_eq!(rules.errors().count(), 0, "{:?}", rules.errors().collect::<Vec<_>>());
    rules
}

fn report_of(files: &[(&str, &str)], linter: &Linter) -> Report {
    let loader = Memory::new(files.iter().copied());
    let mut workspace = Workspace::new(&loader, Query::default());
    for (path, _) in files {
        let path = (*path).into();
        workspace.update(&path, Detection::Automatic);
    }
    linter.check(&workspace)
}

/// The findings as `path:line rule message`.
fn found(files: &[(&str, &str)], linter: &Linter) -> Vec<String> {
    let report = report_of(files, linter);
    assert!(report.problems.is_empty(), "{:?}", report.problems);
    let one = |found: &hardlint_lint::diagnostic::Diagnostic| {
        format!("{}:{} {} {}", found.primary.source.path, found.primary.start().line, found.rule, found.message)
    };
    report.diagnostics.iter().map(one).collect()
}

fn sshd(text: &str) -> Vec<String> {
    found(&[("etc/ssh/sshd_config", text)], &linter(Options::default()))
}

#[test]
fn a_rule_fires_at_its_line() {
    assert_eq!(sshd("Port 22\nPermitRootLogin yes\n"), ["etc/ssh/sshd_config:2 sshd/root root logs in with `yes`"]);
    assert!(sshd("PermitRootLogin no\n").is_empty());
}

#[test]
fn a_rule_speaks_in_its_roles() {
    let files = [("test/etc/ssh/sshd_config", "PermitRootLogin yes\n")];
    assert!(found(&files, &linter(Options::default())).is_empty());
    let role = Some(hardlint_config::deployment::role::Role::Production);
    assert_eq!(found(&files, &linter(Options { role, ..Options::default() })).len(), 1);
}

#[test]
fn what_harms_whoever_runs_it_is_told_to_who_asks_for_everything() {
    let told = |path: &str, pedantic: bool| {
        let mut rules = RuleSet::empty();
        rules.add("sshd/root.yaml", &ROOT.replace("confidence: high", "confidence: high\neverywhere: true"));
        rules.add("sshd/other.yaml", &ROOT.replace("select: file", "select: file\nroles: [production]"));
        let linter = Linter::with_rules(rules, Options { pedantic, ..Options::default() });
        let report = report_of(&[(path, "PermitRootLogin yes\n")], &linter);
        report.diagnostics.iter().map(|found| (found.rule.to_string(), found.severity)).collect::<Vec<_>>()
    };
    let root = |severity: Severity| vec![("sshd/root".to_owned(), severity)];
    assert_eq!(told("etc/ssh/sshd_config", true), root(Severity::High));
    assert_eq!(told("test/etc/ssh/sshd_config", true), root(Severity::Medium));
    assert_eq!(told("examples/etc/ssh/sshd_config", true), root(Severity::Medium));
    assert_eq!(told("test/etc/ssh/sshd_config", false), []);
}

#[test]
fn what_people_reach_is_no_test_whatever_its_folder_is_called() {
    let mut rules = RuleSet::empty();
    let rule = ROOT.replace("select: file", "select: service").replace("permitrootlogin == 'yes'", "privileged");
    rules.add("compose/root.yaml", &rule.replace("{permitrootlogin}", "all"));
    let linter = Linter::with_rules(rules, Options::default());
    let certified = "services: { a: { image: a, privileged: true,\n restart: always,\n labels: [\"traefik.http.routers.a.rule=Host(`a.shop.org`)\"] } }\n";
    let bare = certified.replace("restart: always", "restart: 'no'");
    for (path, text, expected) in [
        ("ci/compose.yaml", certified, 1),
        ("ci/compose.yaml", &bare, 0),
        ("ci/compose.test.yaml", certified, 0),
        ("staging/compose.yaml", &bare, 1),
        ("ci.shop.org/compose.yaml", &bare, 1),
    ] {
        assert_eq!(found(&[(path, text)], &linter).len(), expected, "{path}");
    }
}

#[test]
fn what_is_shown_can_be_chosen() {
    let files = [("etc/ssh/sshd_config", "PermitRootLogin yes\nPermitEmptyPasswords yes\n")];
    let count = |options: Options| found(&files, &linter(options)).len();
    assert_eq!(count(Options::default()), 2);
    assert_eq!(count(Options { severity: Some(Severity::High), ..Options::default() }), 1);
    assert_eq!(count(Options { select: vec!["sshd/e*".into()], ..Options::default() }), 1);
    assert_eq!(count(Options { ignore: vec!["sshd/e*".into()], ..Options::default() }), 1);
}

#[test]
fn one_wrong_rule_keeps_no_other_from_speaking() {
    let mut rules = rules();
    rules.add("my/sshd/typo.yaml", &ROOT.replace("when: permitrootlogin", "when: permitrotlogin"));
    rules.add("my/shd/root.yaml", ROOT);
    rules.add("my/sshd/broken.yaml", "title: [");
    let linter = Linter::with_rules(rules, Options::default());
    let told: Vec<String> = linter.rules.errors().map(ToString::to_string).collect();
    assert_eq!(told[0], "my/sshd/typo.yaml:5:7: when: `file` has no `permitrotlogin`; did you mean `permitrootlogin`?");
    assert_eq!(told[1], "my/shd/root.yaml:1:1: there is no format `shd`; did you mean `sshd`?");
    assert!(told[2].starts_with("my/sshd/broken.yaml:"), "{}", told[2]);
    assert_eq!(found(&[("etc/ssh/sshd_config", "PermitRootLogin yes\n")], &linter).len(), 1);
}

#[test]
fn the_report_does_not_depend_on_the_threads() {
    let files: Vec<(String, String)> = (0..60)
        .map(|n| (format!("h{n}/etc/ssh/sshd_config"), format!("{}PermitRootLogin yes\n", "# a\n".repeat(n % 7))))
        .collect();
    let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    let linter = linter(Options::default());
    let with = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| found(&files, &linter))
    };
    let one = with(1);
    assert_eq!(one.len(), 60);
    assert_eq!(one, with(4));
}

#[test]
fn fingerprints_survive_what_is_written_above() {
    let print = |text: &str| {
        let report = report_of(&[("etc/ssh/sshd_config", text)], &linter(Options::default()));
        report.diagnostics.into_iter().map(|found| found.fingerprint).collect::<Vec<_>>()
    };
    let plain = print("PermitRootLogin yes\n");
    assert_eq!(plain, print("# more\nPort 22\nPermitRootLogin   yes\n"));
    assert_eq!((&*plain[0].key, plain[0].ordinal), ("permitrootlogin", 0));
}

/// Of a Compose project whose overlay a command names.
fn chained(overlay: &str) -> Vec<String> {
    let mut rules = RuleSet::empty();
    let rule =
        ROOT.replace("file", "service").replace("permitrootlogin == 'yes'", "privileged.orValue(false) && has(user)");
    rules.add("compose/privileged.yaml", &rule.replace("logs in with `{permitrootlogin}`", "is `{user}`"));
    assert_eq!(rules.errors().count(), 0, "{:?}", rules.errors().collect::<Vec<_>>());
    let base = "services:\n  web:\n    image: web\n    user: shop\n  job:\n    image: web\n    user: shop\n    privileged: true\n";
    let over = "services:\n  web:\n    privileged: true\n";
    let make = format!("up:\n\tdocker compose -f compose.yaml -f {overlay} up\n");
    let files = [("compose.yaml", base), (overlay, over), ("Makefile", make.as_str())];
    found(&files, &Linter::with_rules(rules, Options::default()))
}

#[test]
fn a_file_that_commands_lay_over_another_is_judged_with_it() {
    let expected =
        ["compose.hard.yaml:3 compose/privileged root is `shop`", "compose.yaml:8 compose/privileged root is `shop`"];
    assert_eq!(chained("compose.hard.yaml"), expected);
}

#[test]
fn what_a_file_for_developers_brings_about_is_not_told_of_production() {
    assert_eq!(chained("compose.dev.yaml"), ["compose.yaml:8 compose/privileged root is `shop`"]);
}

/// Of several reasons the one that holds is told: the first message whose circumstance is true.
#[test]
fn a_circumstance_may_say_what_is_wrong() {
    let rule = format!(
        "{ROOT}adjust:\n  - {{ when: 'port == [22]', severity: low }}\n  - {{ when: usedns, message: 'by {{usedns}}' }}\n  - {{ when: 'true', message: other }}\n"
    )
    .replace("root logs in with `{permitrootlogin}`", "plain");
    let mut rules = RuleSet::empty();
    rules.add("sshd/root.yaml", &rule);
    assert_eq!(rules.errors().count(), 0, "{:?}", rules.errors().collect::<Vec<_>>());
    let linter = Linter::with_rules(rules, Options::default());
    let told = |text: &str| found(&[("etc/ssh/sshd_config", text)], &linter);
    assert_eq!(told("PermitRootLogin yes\nUseDNS yes\n"), ["etc/ssh/sshd_config:1 sshd/root by yes"]);
    assert_eq!(told("PermitRootLogin yes\nUseDNS no\n"), ["etc/ssh/sshd_config:1 sshd/root other"]);
}

/// A version that is worse than the newest is told of by itself, and so are machines and addresses with numbers.
#[test]
fn what_is_worse_in_an_older_version_is_told_of() {
    let mounts = |from: &str| format!("services:\n  a:\n    image: x:1\n    volumes: ['{from}:/host']\n");
    let (worse, mild) = (mounts("/"), mounts("/root/.aws"));
    let linter = Linter::default();
    let told = |folders: [&str; 2]| {
        let paths = folders.map(|folder| format!("{folder}/compose.yaml"));
        let mut report = report_of(&[(&*paths[0], &*worse), (&*paths[1], &*mild)], &linter);
        report.diagnostics.retain(|it| &*it.rule == "compose/sensitive-host-mount");
        causes::join(&mut report, &linter.rules);
        report.diagnostics.len()
    };
    assert_eq!(told(["v/1.10", "v/1.11"]), 2);
    assert_eq!(told(["v/1.11", "v/1.10"]), 1, "the newest is the worst");
    assert_eq!(told(["10.0.0.6", "10.0.0.5"]), 2);
    assert_eq!(told(["web-11", "web-10"]), 2);
}

#[test]
fn little_harm_that_is_unlikely_is_left_to_the_pedantic() {
    let faint = |severity: &str, confidence: &str| {
        let rule = ROOT.replace("severity: high", severity).replace("confidence: high", confidence);
        let told = |pedantic: bool| {
            let mut rules = RuleSet::empty();
            rules.add("sshd/root.yaml", &rule);
            let options = Options { pedantic, ..Options::default() };
            found(&[("etc/ssh/sshd_config", "PermitRootLogin yes\n")], &Linter::with_rules(rules, options)).len()
        };
        (told(false), told(true))
    };
    assert_eq!(faint("severity: low", "confidence: low"), (0, 1));
    assert_eq!(faint("severity: medium", "confidence: low"), (1, 1));
    assert_eq!(faint("severity: info", "confidence: medium"), (1, 1));
}

#[test]
fn what_lies_among_demonstrations_is_one() {
    let text = "PermitRootLogin yes\n";
    let demos =
        ["a-demo", "b-demo", "c-demo", "d-demo", "e-demo", "cookbook"].map(|folder| format!("{folder}/sshd_config"));
    let files: Vec<(&str, &str)> = demos.iter().map(|path| (&**path, text)).collect();
    let linter = linter(Options::default());
    assert_eq!(report_of(&files, &linter).diagnostics.len(), 0);
    assert_eq!(report_of(&files[1..], &linter).diagnostics.len(), 1);
}

/// Fails as hardlint would by a mistake of its own, once a file is asked for.
struct Failing(Memory, AtomicBool);

impl Loader for Failing {
    fn read(&self, path: &str) -> Result<Vec<u8>, ReadError> {
        assert!(path != "b/sshd_config" || !self.1.load(Ordering::Relaxed), "a mistake");
        self.0.read(path)
    }

    fn list(&self, folder: &str) -> Vec<String> {
        self.0.list(folder)
    }

    fn stat(&self, path: &str) -> Option<Stat> {
        self.0.stat(path)
    }

    fn git(&self, path: &str) -> Git {
        self.0.git(path)
    }
}

#[test]
fn a_failure_on_one_file_keeps_no_other_from_being_told() {
    let files = [("a/sshd_config", "PermitRootLogin yes\n"), ("b/sshd_config", "PermitRootLogin yes\n")];
    let loader = Failing(Memory::new(files), AtomicBool::new(false));
    let mut workspace = Workspace::new(&loader, Query::default());
    for (path, _) in files {
        workspace.update(&path.into(), Detection::Automatic);
    }
    loader.1.store(true, Ordering::Relaxed);
    // One that remembers no texts.
    let workspace = Workspace::with_slots(&loader, Query::default(), workspace.into_slots());
    let report = linter(Options::default()).check(&workspace);
    let found: Vec<&str> = report.diagnostics.iter().map(|it| &*it.primary.source.path).collect();
    assert_eq!(found, ["a/sshd_config"]);
    let problems: Vec<(&str, &str)> = report.problems.iter().map(|it| (&*it.path, it.message.as_str())).collect();
    assert_eq!(problems, [("b/sshd_config", hardlint_lint::FAILED)]);
}

#[test]
fn settings_that_production_starts_are_told_of_whatever_they_are_called() {
    let rule = ROOT.replace("permitrootlogin == 'yes'", "DEBUG == true").replace("{permitrootlogin}", "{DEBUG}");
    let mut rules = RuleSet::empty();
    rules.add("django/debug.yaml", &rule.replace("select: file", "select: module"));
    assert_eq!(rules.errors().count(), 0, "{:?}", rules.errors().collect::<Vec<_>>());
    let linter = Linter::with_rules(rules, Options::default());
    let settings = ("shop/settings/dev.py", "DEBUG = True\nINSTALLED_APPS = []\nROOT_URLCONF = 'shop.urls'\n");
    let service = "services: { web: { image: shop, environment: { DJANGO_SETTINGS_MODULE: shop.settings.dev } } }\n";
    assert_eq!(report_of(&[settings, ("compose.dev.yaml", service)], &linter).diagnostics.len(), 0);
    let report = report_of(&[settings, ("compose.prod.yaml", service)], &linter);
    let [finding] = &*report.diagnostics else { panic!("{:?}", report.diagnostics) };
    assert_eq!(finding.role.name(), "production");
    let starter = finding.related.last().unwrap();
    let text = starter.source.slice(starter.span);
    assert_eq!(
        (&*starter.source.path, text, &*starter.text),
        ("compose.prod.yaml", "shop.settings.dev", "this starts it where people are served")
    );
}

#[test]
fn variables_that_production_is_started_with_are_its_own() {
    let mut rules = RuleSet::empty();
    let rule = "title: t\nseverity: high\nconfidence: high\nselect: variable\nwhen: label == \"A\"\nat: value\nmessage: m\nwhy: w\nsince: 0.1.0\nstatus: stable\n";
    rules.add("compose/a.yaml", rule);
    assert_eq!(rules.errors().count(), 0, "{:?}", rules.errors().collect::<Vec<_>>());
    let linter = Linter::with_rules(rules, Options::default());
    let service = "services: { db: { image: shop, env_file: local/db.env } }\n";
    let variables = ("local/db.env", "A=1\n");
    assert_eq!(found(&[("local.yml", service), variables], &linter).len(), 0);
    assert_eq!(found(&[("compose.prod.yml", service), variables], &linter), ["local/db.env:1 compose/a m"]);
}
