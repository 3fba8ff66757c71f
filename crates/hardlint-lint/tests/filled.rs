//! Templates that are filled in with what files of Ansible at hand say: what is found, where that is told, and what may be
//! changed.

use hardlint_config::loader::Memory;
use hardlint_config::workspace::{Detection, Query, Workspace};
use hardlint_lint::diagnostic::{Label, Report, Severity};
use hardlint_lint::{Linter, Options};

const TEMPLATE: &str = "roles/ssh/templates/sshd_config.j2";
const DEFAULTS: &str = "roles/ssh/defaults/main.yml";

fn report(files: &[(&str, &str)], query: Query) -> Report {
    let loader = Memory::new(files.iter().copied());
    let mut workspace = Workspace::new(&loader, query);
    for (path, _) in files {
        workspace.update(&(*path).into(), Detection::Automatic);
    }
    Linter::new(Options::default()).check(&workspace)
}

fn text(label: &Label) -> &str {
    label.source.slice(label.span)
}

/// The findings as `rule path:line`.
fn found(files: &[(&str, &str)]) -> Vec<String> {
    let report = report(files, Query::default());
    assert!(report.problems.is_empty(), "{:?}", report.problems);
    let one = |it: &hardlint_lint::diagnostic::Diagnostic| {
        format!("{} {}:{}", it.rule, it.primary.source.path, it.primary.start().line)
    };
    report.diagnostics.iter().map(one).collect()
}

#[test]
fn a_finding_names_the_template_and_what_set_its_variable() {
    let template = "# {{ ansible_managed }}\n{% for port in ports %}\nPort {{ port }}\n{% endfor %}\n\
                    PermitRootLogin {{ ssh.root }}\n";
    let defaults = "ports: [22, 2022]\nssh:\n  root: \"yes\"\n";
    let report = report(&[(TEMPLATE, template), (DEFAULTS, defaults)], Query::default());
    let finding = report.diagnostics.iter().find(|it| &*it.rule == "sshd/permit-root-login-yes").unwrap();
    assert_eq!((text(&finding.primary), finding.primary.start().line), ("{{ ssh.root }}", 5));
    let set = finding.related.iter().find(|label| &*label.source.path == DEFAULTS).unwrap();
    assert_eq!((text(set), set.text.as_str()), ("ssh", "`ssh` gets its value here"));
    assert!(finding.assumed.is_some(), "somebody may set it elsewhere");
    assert!(finding.fix.as_ref().unwrap().edits.is_empty(), "what a variable says is not changed where it is used");
}

#[test]
fn what_is_set_for_all_is_no_default() {
    let files = [(TEMPLATE, "PermitRootLogin {{ root }}\n"), ("group_vars/all.yml", "root: \"yes\"\n")];
    let report = report(&files, Query::default());
    assert_eq!(report.diagnostics.iter().map(|it| &it.assumed).collect::<Vec<_>>(), [&None]);
}

#[test]
fn what_stands_in_the_template_itself_is_mended_and_allowed_there() {
    let template = |comment: &str| {
        format!("{{% for port in ports %}}\nPort {{{{ port }}}}\n{{% endfor %}}\n{comment}PermitEmptyPasswords yes\n")
    };
    let defaults = (DEFAULTS, "ports: [22, 2022]\n");
    let plain = template("");
    let report = report(&[(TEMPLATE, &plain), defaults], Query::default());
    let finding = report.diagnostics.iter().find(|it| &*it.rule == "sshd/permit-empty-passwords").unwrap();
    assert_eq!((text(&finding.primary), finding.primary.start().line), ("yes", 4));
    let edits = &finding.fix.as_ref().unwrap().edits;
    assert!(!edits.is_empty() && edits.iter().all(|edit| edit.source.text == plain));
    assert_eq!(edits[0].source.slice(edits[0].span), "yes");
    let allowed = template("# hardlint: allow[sshd/permit-empty-passwords] nobody has one\n");
    let told = found(&[(TEMPLATE, &allowed), defaults]);
    assert!(!told.iter().any(|it| it.contains("empty-passwords") || it.contains("unused")), "{told:?}");
}

#[test]
fn what_is_allowed_beside_the_value_is_allowed() {
    let files = |value: &'static str| [(TEMPLATE, "PermitRootLogin {{ root }}\n"), ("group_vars/all.yml", value)];
    let allowed = "root: \"yes\" # hardlint: allow[sshd/permit-root-login-yes] the last way in\n";
    assert_eq!(found(&files(allowed)), Vec::<String>::new());
    let other = "root: \"yes\" # hardlint: allow[sshd/x11-forwarding] another\n";
    assert_eq!(
        found(&files(other)),
        [
            "hardlint/unused-allow group_vars/all.yml:1",
            "sshd/permit-root-login-yes roles/ssh/templates/sshd_config.j2:1"
        ]
    );
}

#[test]
fn what_stands_in_for_a_value_harms_where_nobody_sets_it() {
    let severity = |files: &[(&str, &str)], rule: &str| {
        let report = report(files, Query::default());
        let finding =
            report.diagnostics.iter().find(|it| &*it.rule == rule).map(|it| (it.severity, it.assumed.is_some()));
        finding.unwrap_or_else(|| panic!("no {rule}"))
    };
    let redis = ("roles/r/templates/redis.conf.j2", "bind 0.0.0.0\nprotected-mode {{ mode }}\n");
    let rule = "redis/unauthenticated";
    let set = severity(&[redis, ("group_vars/all.yml", "mode: \"no\"\n")], rule);
    assert_eq!(set, (Severity::Critical, false));
    let default = severity(&[redis, ("roles/r/defaults/main.yml", "mode: \"no\"\n")], rule);
    assert_eq!(default, (Severity::Medium, true));
    // Where another place is pointed at, it is still only what stands in.
    let compose = "services:\n  db:\n    image: postgres:18\n    ports: [\"5432:5432\"]\n    environment:\n      POSTGRES_PASSWORD: {{ p | default('postgres') }}\n";
    assert!(severity(&[("docker-compose.yml.j2", compose)], "deployment/database-open-to-everyone").1);
}

#[test]
fn secrets_in_the_files_that_set_variables_are_masked() {
    let files = [
        ("roles/r/templates/redis.conf.j2", "bind {{ redis.bind }}\nrequirepass {{ redis.pass }}\nport 6379\n"),
        ("roles/r/defaults/main.yml", "redis: { bind: 0.0.0.0, pass: redis }\napi_token: 7Hq2mZ0aBv81Lx\n"),
    ];
    let report = report(&files, Query::default());
    assert!(!report.diagnostics.is_empty());
    let masks = &report.masks["roles/r/defaults/main.yml"];
    let hidden: Vec<&str> = masks.iter().map(|span| &files[1].1[span.range()]).collect();
    assert!(hidden.iter().any(|it| it.contains("7Hq2mZ0aBv81Lx")), "{hidden:?}");
    assert!(hidden.iter().any(|it| it.contains("redis")), "{hidden:?}");
}

#[test]
fn each_format_is_filled_in() {
    let cases = [
        (
            "postgresql.conf.j2",
            "listen_addresses = '{{ a }}'\npassword_encryption = {{ b }}\n",
            "a: '*'\nb: md5\n",
            "postgres/password-encryption-md5",
        ),
        (
            "site.conf.j2",
            "server {\n listen 443 ssl;\n ssl_protocols {{ a }};\n ssl_certificate /c; ssl_certificate_key /k;\n}\n",
            "a: TLSv1 TLSv1.1 TLSv1.2\n",
            "nginx/tls-legacy-protocol",
        ),
        ("redis.conf.j2", "bind {{ a }}\nprotected-mode {{ b }}\n", "a: 0.0.0.0\nb: \"no\"\n", "redis/unauthenticated"),
        (
            "docker-compose.yml.j2",
            "services:\n  db:\n    image: postgres:16\n    ports: [\"{{ a }}:5432\"]\n    environment:\n      POSTGRES_PASSWORD: {{ b }}\n",
            "a: 5432\nb: postgres\n",
            "deployment/database-open-to-everyone",
        ),
        (
            "pg_hba.conf.j2",
            "local all all peer\n{% for net in a %}\nhost all all {{ net }} trust\n{% endfor %}\n",
            "a: [10.0.0.0/8]\n",
            "pg_hba/hba-trust-remote",
        ),
    ];
    for (name, template, defaults, rule) in cases {
        let path = format!("roles/r/templates/{name}");
        let told = found(&[(&path, template), ("roles/r/defaults/main.yml", defaults)]);
        assert!(told.iter().any(|it| it.starts_with(rule)), "{name}: {told:?}");
        // What is not known is not told.
        assert!(!found(&[(&path, template)]).iter().any(|it| it.starts_with(rule)), "{name}");
        let two = [
            (path.as_str(), template),
            ("roles/r/defaults/main.yml", defaults),
            ("group_vars/a.yml", "a: x\nb: x\n"),
            ("group_vars/b.yml", "a: y\nb: y\n"),
        ];
        assert!(!found(&two).iter().any(|it| it.starts_with(rule)), "{name}");
    }
}

#[test]
fn what_a_template_says_holds_by_itself_is_filled_in_anywhere() {
    let told = found(&[("sshd_config.j2", "PermitRootLogin {{ root | default('yes') }}\n")]);
    assert_eq!(told, ["sshd/permit-root-login-yes sshd_config.j2:1"]);
    let told = found(&[("sshd_config.j2", "PermitRootLogin {{ ansible_root | default('yes') }}\n")]);
    assert_eq!(told, Vec::<String>::new());
}

#[test]
fn a_template_is_what_it_is_written_to() {
    let tasks = ("roles/r/tasks/main.yml", "- template: { src: store.j2, dest: /etc/redis/redis.conf }\n");
    let template = ("roles/r/templates/store.j2", "bind 0.0.0.0\nprotected-mode no\n");
    assert!(found(&[tasks, template]).iter().any(|it| it == "redis/unauthenticated roles/r/templates/store.j2:2"));
    assert_eq!(found(&[template]), Vec::<String>::new());
}

#[test]
fn by_itself_a_template_is_filled_in_with_nothing_else() {
    let files = [(TEMPLATE, "PermitRootLogin {{ root }}\n"), (DEFAULTS, "root: \"yes\"\n")];
    assert_eq!(report(&files, Query::default()).diagnostics.len(), 1);
    assert_eq!(report(&files, Query { isolated: true, ..Query::default() }).diagnostics.len(), 0);
}
