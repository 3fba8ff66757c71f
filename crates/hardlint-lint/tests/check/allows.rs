//! What comments allow.

use crate::{found, linter, report_of, sshd};
use hardlint_lint::diagnostic::Severity;
use hardlint_lint::{Linter, Options};

/// An allow above a statement is for all of it, by what the program takes for one, and for nothing behind it.
#[test]
fn an_allow_above_a_statement_is_for_all_of_it_and_no_more() {
    let linter = Linter::new(Options::default());
    let rules = |files: &[(&str, &str)]| {
        let report = report_of(files, &linter);
        let mut rules: Vec<String> = report.diagnostics.iter().map(|it| it.rule.to_string()).collect();
        rules.sort();
        rules.dedup();
        rules
    };
    let image = "FROM debian:13\n# hardlint: allow[dockerfile/curl-pipe-shell] ours\nRUN echo a \\\n  && curl http://a.example/b.sh | sh\nUSER 1\nCMD [\"a\"]\n";
    assert!(
        rules(&[("Dockerfile", &image.replace("# hardlint: allow[dockerfile/curl-pipe-shell] ours\n", ""))])
            .contains(&"dockerfile/curl-pipe-shell".to_owned())
    );
    let left = rules(&[("Dockerfile", image)]);
    assert!(
        !left.iter().any(|rule| rule == "dockerfile/curl-pipe-shell" || rule == "hardlint/unused-allow"),
        "{left:?}"
    );
    let value = "INSTALLED_APPS = ['django.contrib.auth']\nROOT_URLCONF = 'a'\n# hardlint: allow[django/allowed-hosts-wildcard] any\nALLOWED_HOSTS = [\n    '*',\n]\n";
    let left = rules(&[("settings.py", value)]);
    assert!(
        !left.iter().any(|rule| rule == "django/allowed-hosts-wildcard" || rule == "hardlint/unused-allow"),
        "{left:?}"
    );
    let open = rules(&[("settings.py", &value.replace("# hardlint: allow[django/allowed-hosts-wildcard] any\n", ""))]);
    assert!(open.contains(&"django/allowed-hosts-wildcard".to_owned()), "{open:?}");
    // A bracket or a backslash in a value opens nothing.
    let key = ["sk_live_", "4eC39HqLyjWDarjtT1zdp7dc"].concat();
    let variables = format!("# hardlint: allow[env/*] public\nA_TEXT=smile :(\nB=C:\\\nSTRIPE_KEY={key}\n");
    assert!(!rules(&[(".env", &variables)]).is_empty());
    let ssh = "# hardlint: allow[sshd/*] why\nBanner /etc/issue(\nPermitEmptyPasswords yes\n";
    assert!(rules(&[("etc/ssh/sshd_config", ssh)]).contains(&"sshd/permit-empty-passwords".to_owned()));
    let block =
        "# hardlint: allow[nginx/*] why\nserver {\n  location ~ ^/\\(a { root /a; }\n  location /b { alias /c/; }\n}\n";
    assert!(rules(&[("conf.d/a.conf", block)]).contains(&"nginx/alias-traversal".to_owned()));
}

/// An allow is for the places that it is written at: what a rule says of several at once is told at the first that is left.
#[test]
fn an_allow_of_one_place_leaves_the_others() {
    let linter = Linter::new(Options::default());
    let told = |path: &str, text: &str, rule: &str| {
        let report = report_of(&[(path, text)], &linter);
        assert!(!report.diagnostics.iter().any(|it| it.rule.starts_with("hardlint/")), "{report:?}");
        let found = report.diagnostics.iter().filter(|it| *it.rule == *rule);
        found.map(|it| (it.primary.start().line, it.places.len())).collect::<Vec<_>>()
    };
    let compose = |first: &str, second: &str| {
        format!(
            "services:\n  a:\n    image: a/b:1\n    security_opt:\n      - apparmor:unconfined{first}\n      - seccomp:unconfined{second}\n"
        )
    };
    let rule = "compose/seccomp-or-apparmor-unconfined";
    let allow = " # hardlint: allow[compose/seccomp-or-apparmor-unconfined] why";
    for (text, expected) in [
        (compose("", ""), &[(5, 2)][..]),
        (compose(allow, ""), &[(6, 1)]),
        (compose("", allow), &[(5, 1)]),
        (compose(allow, allow), &[]),
        (format!("# hardlint: allow-file[{rule}] why\n{}", compose("", "")), &[]),
    ] {
        assert_eq!(told("compose.yaml", &text, rule), expected, "{text}");
    }
    let nginx = "events {}\nhttp { server { listen 80; server_name a.example;\n\
                 # hardlint: allow[nginx/proxy-ssl-verify-off] our own authority\n\
                 location /a { proxy_pass https://api.one.example; }\n\
                 location /b { proxy_pass https://bank.two.example; }\n} }\n";
    assert_eq!(told("nginx.conf", nginx, "nginx/proxy-ssl-verify-off"), [(5, 1)]);
}

/// What is allowed at one place is not mended along with another.
#[test]
fn a_fix_mends_nothing_that_is_allowed() {
    let linter = Linter::new(Options::default());
    let edits = |comment: &str| {
        let text = format!(
            "events {{}}\nhttp {{ server {{\nlisten 80;\nserver_name a.example;\n{comment}add_header X-Frame-Options DENY;\nadd_header X-Content-Type-Options nosniff;\nroot /srv;\n}} }}\n"
        );
        let report = report_of(&[("nginx.conf", &text)], &linter);
        let found = report.diagnostics.iter().find(|it| *it.rule == *"nginx/security-header-without-always")?;
        Some((found.places.len(), found.fix.as_ref()?.edits.len()))
    };
    assert_eq!(edits(""), Some((2, 2)));
    assert_eq!(edits("# hardlint: allow[nginx/security-header-without-always] old\n"), Some((1, 0)));
}

#[test]
fn an_allow_silences_its_line_alone() {
    assert!(sshd("# hardlint: allow[sshd/root] the console is locked away\nPermitRootLogin yes\n").is_empty());
    assert!(sshd("# hardlint: allow-file[sshd/*]\nPermitRootLogin yes\nPermitEmptyPasswords yes\n").is_empty());
    let far = sshd("# hardlint: allow[sshd/root]\nPort 22\nPermitRootLogin yes\n");
    let expected = [
        "etc/ssh/sshd_config:1 hardlint/unused-allow `sshd/root` allows nothing here, and what it names is on line 3: \
         write the comment above that line, or above the statement that it is a part of",
        "etc/ssh/sshd_config:3 sshd/root root logs in with `yes`",
    ];
    assert_eq!(far, expected);
}

#[test]
fn an_allow_of_no_rule_is_told_with_what_was_meant() {
    let told = sshd("# hardlint: allow[sshd/rot]\nPermitRootLogin no\n");
    let expected = "etc/ssh/sshd_config:1 hardlint/unused-allow `sshd/rot` is no rule, so that it allows nothing; did you mean `sshd/root`?";
    assert_eq!(told, [expected]);
}

#[test]
fn an_allow_of_a_rule_that_was_not_asked_is_not_unused() {
    let text = "# hardlint: allow[sshd/root]\nPermitRootLogin no\n";
    let options = Options { ignore: vec!["sshd/root".into()], ..Options::default() };
    assert!(found(&[("etc/ssh/sshd_config", text)], &linter(options)).is_empty());
    let options = Options { severity: Some(Severity::Medium), ..Options::default() };
    assert!(found(&[("etc/ssh/sshd_config", text)], &linter(options)).is_empty());
}
