//! What is found several times, or says the same, is told once.

use crate::{ROOT, linter, report_of};
use hardlint_lint::diagnostic::{Confidence, Severity};
use hardlint_lint::ruleset::RuleSet;
use hardlint_lint::{Linter, Options, causes};

#[test]
fn what_another_finding_says_with_more_is_not_told_twice() {
    let compose = "services:\n  db:\n    image: postgres:17\n    environment:\n      POSTGRES_HOST_AUTH_METHOD: trust\n    ports:\n      - '5432:5432'\n";
    let rules = |select: &[&str]| {
        let select = select.iter().map(|&rule| rule.to_owned()).collect();
        let report = report_of(&[("compose.yaml", compose)], &Linter::new(Options { select, ..Options::default() }));
        let of = report.diagnostics.iter().filter(|it| it.severity >= Severity::High);
        of.map(|it| format!("{}:{}", it.rule, it.primary.start().line)).collect::<Vec<_>>()
    };
    assert_eq!(rules(&[]), ["deployment/database-open-to-everyone:7"]);
    // Who asks for the parts alone gets them.
    assert_eq!(rules(&["compose/*"]), ["compose/passwordless-database:5", "compose/db-port-published-publicly:7"]);
}

#[test]
fn findings_that_are_one_choice_are_told_as_one() {
    let compose = "services:\n  a:\n    image: x:1\n    ports: ['1000:1000', '1001:1001']\n  b:\n    image: x:1\n    \
                   ports: ['1002:1002']\n  nginx:\n    image: nginx:1.30\n    ports: ['80:80']\n";
    let hba = "local all all md5\nhost all all 10.0.0.0/8 md5\nhostssl all bob 0.0.0.0/0 scram-sha-256\n";
    let files = [("compose.yaml", compose), ("pg_hba.conf", hba)];
    let linter = Linter::new(Options { pedantic: true, ..Options::default() });
    let mut report = report_of(&files, &linter);
    causes::join(&mut report, &linter.rules);
    let told = |rule: &str| {
        let of = report.diagnostics.iter().filter(|it| &*it.rule == rule);
        of.map(|it| (it.primary.start().line, it.related.last().map(|it| it.start().line))).collect::<Vec<_>>()
    };
    assert_eq!(told("compose/port-published-on-all-interfaces"), [(4, Some(4)), (7, None)]);
    // The one that clients elsewhere meet is worse than the one before it.
    assert_eq!(told("pg_hba/hba-md5"), [(2, Some(1))]);
}

/// One password is told of once, whatever variables of a folder's files hold it; another folder is another project.
#[test]
fn a_value_that_several_variables_hold_is_told_of_once() {
    let one = "DB_USER=shop\nDB_PASSWORD=shop123\nMAIL_PASSWORD=lantern\nMAIL_USER=lantern\n";
    let other = "POSTGRES_USER=shop\nPOSTGRES_PASSWORD='shop123'\n";
    let files = [("a/one.env", one), ("a/two.env", other), ("b/three.env", other)];
    let linter = Linter::default();
    let mut report = report_of(&files, &linter);
    causes::join(&mut report, &linter.rules);
    report.diagnostics.retain(|it| &*it.rule == "env/weak-secret");
    let place = |source: &hardlint_lint::diagnostic::Label| format!("{}:{}", source.source.path, source.start().line);
    let told: Vec<_> = report.diagnostics.iter().map(|it| place(&it.primary)).collect();
    assert_eq!(told, ["a/one.env:2", "a/one.env:3", "b/three.env:2"]);
    assert_eq!(report.diagnostics[0].related.last().map(place).as_deref(), Some("a/two.env:2"));
}

#[test]
fn the_versions_of_one_file_are_told_of_together() {
    let twice = "Match User root\nPermitRootLogin yes\nMatch Address 10.0.0.5\nPermitRootLogin yes\n";
    let once = "PermitRootLogin yes\n";
    let versions = [("1.0/sshd_config", twice), ("1.2/sshd_config", twice)];
    let files = [versions[0], versions[1], ("a/sshd_config", once), ("b/sshd_config", once)];
    let linter = Linter::default();
    let mut report = report_of(&files, &linter);
    report.diagnostics.retain(|it| &*it.rule == "sshd/permit-root-login-yes");
    let before = report.diagnostics.len();
    causes::join(&mut report, &linter.rules);
    let told: Vec<_> = report.diagnostics.iter().map(|it| &*it.primary.source.path).collect();
    assert_eq!((before, told), (6, vec!["1.2/sshd_config", "1.2/sshd_config", "a/sshd_config", "b/sshd_config"]));
    assert!(report.diagnostics[..2].iter().all(|it| &*it.related.last().unwrap().source.path == "1.0/sshd_config"));
}

#[test]
fn a_copy_of_a_file_is_told_of_with_it() {
    let text = "# Who may log in.\nPermitRootLogin yes\nPort 22\nUseDNS no\nPrintMotd no\nStrictModes yes\nCompression no\nTCPKeepAlive yes\nMaxAuthTries 3\n";
    let other = text.replace("Port 22", "Port 2222");
    let files = [("a/sshd_config", text), ("b/sshd_config", text), ("c/sshd_config", &*other)];
    let linter = Linter::default();
    let mut report = report_of(&files, &linter);
    report.diagnostics.retain(|it| &*it.rule == "sshd/permit-root-login-yes");
    causes::join(&mut report, &linter.rules);
    let told: Vec<_> = report.diagnostics.iter().map(|it| &*it.primary.source.path).collect();
    assert_eq!(told, ["a/sshd_config", "c/sshd_config"]);
    assert_eq!(&*report.diagnostics[0].related.last().unwrap().source.path, "b/sshd_config");
}

#[test]
fn of_compose_files_side_by_side_the_one_for_production_is_told_of() {
    let text = "services:\n  a:\n    image: x:1\n    privileged: true\n";
    let linter = Linter::default();
    let told = |names: [&str; 3]| {
        let files = names.map(|name| (name, text));
        let mut report = report_of(&files, &linter);
        report.diagnostics.retain(|it| &*it.rule == "compose/privileged-container");
        causes::join(&mut report, &linter.rules);
        report.diagnostics.iter().map(|it| it.primary.source.path.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(
        told(["docker-compose.yml", "docker-compose.production.yml", "docker-compose-tls.yml"]),
        ["docker-compose.production.yml"]
    );
    assert_eq!(
        told(["docker-compose-tls.yml", "docker-compose.yml", "docker-compose-ldap.yml"]),
        ["docker-compose.yml"]
    );
}

#[test]
fn lines_that_read_the_same_are_told_of_once() {
    let service =
        |name: &str, mount: &str| format!("  {name}:\n    image: shop/{name}\n    volumes:\n      - {mount}\n");
    let aws = "~/.aws:/root/.aws";
    let text = format!("services:\n{}{}{}", service("a", aws), service("b", aws), service("c", "/etc:/host/etc"));
    let linter = Linter::default();
    let mut report = report_of(&[("compose.yaml", &text)], &linter);
    report.diagnostics.retain(|it| &*it.rule == "compose/sensitive-host-mount");
    causes::join(&mut report, &linter.rules);
    let told = report.diagnostics.iter().map(|it| it.primary.start().line).collect::<Vec<_>>();
    assert_eq!(told, [5, 13]);
    assert_eq!(report.diagnostics[0].related.last().unwrap().start().line, 9);
}

#[test]
fn what_a_template_makes_is_told_once() {
    let made = "# AUTO-GENERATED FILE\nPermitRootLogin yes\n";
    let other = "# AUTO-GENERATED FILE\nPermitRootLogin \"yes\"\n";
    let files = [
        ("a/sshd_config", made),
        ("b/sshd_config", made),
        ("c/sshd_config", other),
        ("d/sshd_config", "PermitRootLogin yes\n"),
        ("e/sshd_config", made),
    ];
    let mut report = report_of(&files, &linter(Options::default()));
    assert_eq!(report.diagnostics.len(), 5);
    causes::join(&mut report, &Linter::default().rules);
    let told: Vec<_> = report.diagnostics.iter().map(|it| &*it.primary.source.path).collect();
    assert_eq!(told, ["a/sshd_config", "c/sshd_config", "d/sshd_config"]);
    let others: Vec<_> = report.diagnostics[0].related.iter().map(|it| &*it.source.path).collect();
    assert_eq!(others, ["b/sshd_config", "e/sshd_config"]);
}

/// What several scopes read at one place is told of the one in which it is worst, wherever that stands.
#[test]
fn what_two_servers_include_is_told_of_the_worse() {
    let rule = ROOT
        .replace("select: file", "select: server")
        .replace("permitrootlogin == 'yes'", "autoindex && has(server_name) && !('c.example' in server_name)");
    let rule = rule.replace("{permitrootlogin}", "{server_name}")
        + "adjust:\n  - when: '\"b.example\" in server_name'\n    severity: critical\n";
    let server = |name: &str| format!("  server {{ listen 80; server_name {name}; include list.conf; }}\n");
    let told = |names: &[&str], pedantic: bool| {
        let mut rules = RuleSet::empty();
        rules.add("nginx/list.yaml", &rule);
        assert_eq!(rules.errors().count(), 0, "{:?}", rules.errors().collect::<Vec<_>>());
        let linter = Linter::with_rules(rules, Options { pedantic, ..Options::default() });
        let servers: String = names.iter().map(|name| server(name)).collect();
        let main = format!("events {{}}\nhttp {{\n{servers}}}\n");
        let report = report_of(&[("nginx.conf", &main), ("list.conf", "autoindex on;\n")], &linter);
        let told = report.diagnostics.iter().map(|it| (it.severity, it.confidence, it.message.clone()));
        told.collect::<Vec<_>>()
    };
    let worst = [(Severity::Critical, Confidence::High, "root logs in with `b.example`".to_owned())];
    for names in [["a.example", "b.example"], ["b.example", "a.example"]] {
        assert_eq!(told(&names, false), worst, "{names:?}");
    }
    // What is certain goes before what is not.
    assert_eq!(told(&["{{ name }}", "b.example"], true), worst);
}
