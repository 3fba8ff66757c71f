//! Facts about services, ports, mounts and secrets.

use super::*;
use crate::deployment::role::Role;
use crate::model::ScopeId;

#[test]
fn a_store_that_nobody_reaches_needs_no_password() {
    for (services, expected) in [
        ("s: {image: redis}", ""),
        ("s: {image: redis}, app: {image: a}", "absence"),
        ("s: {image: redis, ports: ['6379:6379']}", "absence"),
        ("s: {image: redis, network_mode: host}", "absence"),
        ("s: {image: redis, networks: [a]}", "absence"),
        ("s: {image: 'redis:8', env_file: none.env}, app: {image: a}", "absence"),
        ("s: {image: 'redis:8', environment: {REDIS_PASSWORD: '${P}'}}, app: {image: a}", "ignored"),
        ("s: {image: 'redis:8', environment: {SECRET_KEY: x}}, app: {image: a}", "absence"),
        ("s: {image: shop/redis, environment: {REDIS_PASSWORD: x}}, app: {image: a}", ""),
        ("s: {image: redis, build: ., environment: {REDIS_PASSWORD: x}}, app: {image: a}", ""),
        ("s: {image: bitnami/redis, environment: {REDIS_PASSWORD: x}}, app: {image: a}", ""),
        ("s: {image: valkey/valkey, env_file: none.env}, app: {image: a}", ""),
        ("s: {image: valkey/valkey, environment: {VALKEY_EXTRA_FLAGS: '--requirepass x'}}, app: {image: a}", ""),
        ("s: {image: 'valkey/valkey:9', environment: {VALKEY_PASSWORD: x}}, app: {image: a}", "ignored"),
        ("s: {image: redis, command: redis-server --requirepass $$P}, app: {image: a}", "unexpanded"),
        (
            "s: {image: redis, command: [redis-server, --requirepass, '$$P'], environment: [P]}, app: {image: a}",
            "unexpanded",
        ),
        ("s: {image: redis, command: redis-server --requirepass ${P}}, app: {image: a}", ""),
        ("s: {image: redis, command: [sh, -c, 'redis-server --requirepass \"$$P\"']}, app: {image: a}", "empty"),
        (
            "s: {image: redis, command: [sh, -c, 'redis-server --requirepass \"$$P\"'], environment: {P: x}}, app: {image: a}",
            "",
        ),
        (
            "s: {image: redis, command: [sh, -c, 'redis-server --requirepass \"$$P\"'], env_file: none.env}, app: {image: a}",
            "",
        ),
        ("s: {image: redis, command: [sh, -c, '. /p && redis-server --requirepass \"$$P\"']}, app: {image: a}", ""),
        ("s: {image: redis, command: [sh, -c, 'redis-server --requirepass $$P']}, app: {image: a}", ""),
        ("s: {image: redis, command: [sh, -c, 'redis-server --requirepass \"$${P:-x}\"']}, app: {image: a}", ""),
    ] {
        let text = format!("services: {{{services}}}\nnetworks: {{a: {{}}}}\n");
        let files = [("compose.yaml", text.as_str())];
        let found = key(&files, "service", "s", "passwordless");
        assert_eq!(found.split(" at ").next(), Some(expected), "{services}");
    }
}

#[test]
fn facts_about_ports_mounts_and_users() {
    let base = "\
services:
  db:
    image: docker.io/library/postgres:16
    user: '0:0'
    ports: ['5432:5432', '127.0.0.1:80:80']
    cap_add: [cap_sys_admin]
    volumes:
      - /var/run/docker.sock:/s:ro
      - {type: bind, source: /etc, target: /e}
  cache: {image: redis, ports: ['3000:3000']}
  q: {image: redis, command: redis-server --requirepass x}
  m: {image: mysql, environment: {MYSQL_ALLOW_EMPTY_PASSWORD: 'no'}}
  n: {image: mysql, environment: {MYSQL_ALLOW_EMPTY_PASSWORD: 'no', MYSQL_ROOT_PASSWORD: x}}
";
    let over = "services:\n  cache: {ports: ['127.0.0.1:3000:3000']}\n";
    let files = [("compose.yaml", base), ("compose.override.yaml", over)];
    for (kind, label, name, expected) in [
        ("service", "db", "root_by", "user at compose.yaml:4 `'0:0'`"),
        ("service", "db", "image_class", "store at compose.yaml:3 `docker.io/library/postgres:16`"),
        ("service", "db", "exposed", "true at compose.yaml:2 `db`"),
        ("service", "cache", "passwordless", "absence at compose.yaml:10 `cache`"),
        ("service", "q", "passwordless", " at compose.yaml:11 `q`"),
        ("service", "m", "passwordless", "switch at compose.yaml:12 `'no'`"),
        ("service", "n", "passwordless", " at compose.yaml:13 `n`"),
        ("port", "5432:5432", "binds_publicly", "true at compose.yaml:5 `'5432:5432'`"),
        ("port", "5432:5432", "store", "PostgreSQL at compose.yaml:5 `'5432:5432'`"),
        ("port", "127.0.0.1:80:80", "binds_publicly", "false at compose.yaml:5 `'127.0.0.1:80:80'`"),
        ("port", "127.0.0.1:3000:3000", "added_by_override", "true at compose.override.yaml:2 `'127.0.0.1:3000:3000'`"),
        ("port", "3000:3000", "added_by_override", "false at compose.yaml:10 `'3000:3000'`"),
        ("mount", "/s", "control_socket", "Docker at compose.yaml:8 `/var/run/docker.sock:/s:ro`"),
        ("mount", "/e", "host_path", "the host's configuration at compose.yaml:9 `/etc`"),
        ("capability", "SYS_ADMIN", "danger", "host at compose.yaml:6 `cap_sys_admin`"),
    ] {
        assert_eq!(key(&files, kind, label, name), expected, "{label} {name}");
    }
}

#[test]
fn folders_of_the_host_are_known_with_those_in_them() {
    for (path, socket, host) in [
        ("/var", "", "the host's data"),
        ("/var/lib", "", "the data of the host's programs"),
        ("/var/spool/cron", "", "scheduled commands"),
        ("/usr/lib/systemd/system", "", "the host's services"),
        ("/run", "Docker", ""),
        ("/var/run", "Docker", ""),
        ("/var/lib/shop", "", ""),
        ("/usr/lib/locale", "", ""),
    ] {
        let text = format!("services:\n  a: {{image: x, volumes: ['{path}:/h'], cap_add: [SYS_TIME, CHOWN]}}\n");
        let files = [("compose.yaml", text.as_str())];
        let told = |name: &str| key(&files, "mount", "/h", name);
        assert!(told("control_socket").starts_with(&format!("{socket} at")), "{path} {}", told("control_socket"));
        assert!(told("host_path").starts_with(&format!("{host} at")), "{path} {}", told("host_path"));
        assert!(key(&files, "capability", "SYS_TIME", "danger").starts_with("limited at"));
        assert!(key(&files, "capability", "CHOWN", "danger").starts_with(" at"));
    }
}

#[test]
fn ports_are_called_as_they_are_written() {
    let text =
        "services:\n  a: {image: x, ports: ['[::]:3306:3306', '9000-9002:9100-9102', '127.0.0.1:80-81:80-81', '70']}\n";
    for (label, expected) in [
        ("[::]:3306:3306", "[::]:3306:3306"),
        ("9000:9100", "9000-9002:9100-9102"),
        ("9002:9102", "9000-9002:9100-9102"),
        ("127.0.0.1:81:81", "127.0.0.1:80-81:80-81"),
        ("70", "70"),
    ] {
        assert!(
            key(&[("compose.yaml", text)], "port", label, "entry").starts_with(&format!("{expected} at")),
            "{label}"
        );
    }
}

#[test]
fn a_profile_that_nobody_asks_for_starts_nothing() {
    let text = "services:\n  a: {image: x, profiles: [dev]}\n  b: {image: x, profiles: [ops]}\n  c: {image: x}\n";
    let files = [("compose.yaml", text), (".env", "COMPOSE_PROFILES=ops,more\n")];
    for (label, expected) in [("a", "false"), ("b", "true"), ("c", "true")] {
        assert!(key(&files, "service", label, "activated").starts_with(expected), "{label}");
    }
    assert!(key(&files[..1], "service", "b", "activated").starts_with("false"));
}

#[test]
fn a_secret_is_one_however_often_it_stands_there() {
    let text = "\
services:
  web:
    build: .
    environment:
      DB_PASSWORD: hunter-not-real
      KEY_FILE: /run/secrets/key
      API_TOKEN: ${API_TOKEN:?set it}
      SESSION_SECRET: ${SESSION_SECRET:-fallback-not-real}
      OTHER_SECRET: $$NOT_REAL
  db:
    image: postgres
    environment: {POSTGRES_USER: app, POSTGRES_PASSWORD: hunter-not-real}
  ui:
    image: grafana/grafana
    ports: ['3000:3000']
    environment: [GF_SECURITY_ADMIN_PASSWORD=admin]
";
    let found = with(&[("compose.yaml", text)], Query::default(), |model, reader| {
        let kind = FORMAT.schema.kind_named("secret").unwrap();
        let text = |scope: &crate::model::Scope, name: &str| {
            one(&scope.own.get(FORMAT.schema.key(kind, name).unwrap()).unwrap().value)
        };
        let secrets = model.scopes.iter().filter(|scope| scope.kind == kind);
        let told = secrets.map(|scope| {
            let place = reader.source(scope.at.file).position(scope.at.span.start);
            let values = scope.own.get(FORMAT.schema.key(kind, "secret_values").unwrap()).unwrap();
            let count = values.value.as_list().unwrap().len();
            let facts = ["written", "known_default", "exposed", "purpose", "strength", "holder"]
                .map(|name| text(scope, name))
                .join(" ");
            format!("{}:{} {} {facts} in {count}", place.line, place.column, scope.label)
        });
        told.collect::<Vec<_>>()
    });
    assert_eq!(
        found,
        [
            "8:41 SESSION_SECRET default false false key fixed SESSION_SECRET of web in 1",
            "12:58 POSTGRES_PASSWORD literal false false server fixed POSTGRES_PASSWORD of db in 2",
            "16:46 GF_SECURITY_ADMIN_PASSWORD literal true true server guessable GF_SECURITY_ADMIN_PASSWORD of ui in 1",
        ]
    );
}

#[test]
fn secrets_are_told_by_what_checks_them() {
    let text = "\
services:
  app:
    image: shop/app
    ports: ['8080:80']
    environment:
      POSTGRES_PASSWORD: shop
      STORE_ACCESS_KEY: a
      STORE_SECRET_KEY: not-a-real-key
      MAIL_PASSWORD: ${MAIL_PASSWORD:-not-a-real-one}
      OTHER_PASSWORD: ${OTHER_PASSWORD:-not-a-real-one}
      SITE_ADMIN_PASSWORD: please-changeme
  db:
    image: postgres
    environment: {POSTGRES_USER: me, POSTGRES_DB: shop, POSTGRES_PASSWORD: shop}
    healthcheck: {test: 'psql ${CHECK_PASSWORD:-not-a-real-check}'}
";
    let files = [("compose.yaml", text)];
    for (label, facts) in [
        ("POSTGRES_PASSWORD", ["server", "guessable", "false"]),
        ("STORE_SECRET_KEY", ["", "fixed", "true"]),
        ("MAIL_PASSWORD", ["", "fixed", "true"]),
        ("SITE_ADMIN_PASSWORD", ["server", "template", "true"]),
    ] {
        for (name, expected) in ["purpose", "strength", "exposed"].into_iter().zip(facts) {
            let told = key(&files, "secret", label, name);
            assert!(told.starts_with(&format!("{expected} at ")), "{label} {name} {told}");
        }
    }
    let labels = with(&files, Query::default(), |model, _| {
        let kind = FORMAT.schema.kind_named("secret").unwrap();
        model.scopes.iter().filter(|scope| scope.kind == kind).map(|scope| scope.label.to_string()).collect::<Vec<_>>()
    });
    assert_eq!(labels, ["STORE_SECRET_KEY", "MAIL_PASSWORD", "SITE_ADMIN_PASSWORD", "POSTGRES_PASSWORD"]);
}

/// What is worse of the same value elsewhere would not be told, and what comes later neither.
#[test]
fn a_value_that_opens_several_services_is_a_secret_of_each() {
    let text = "\
x-key: &key {SECRET_KEY: one-that-is-not-real}
services:
  db: {image: 'postgres:17', environment: {POSTGRES_PASSWORD: one-that-is-not-real}}
  queue: {image: 'rabbitmq:4', environment: {RABBITMQ_DEFAULT_PASS: one-that-is-not-real}}
  client: {image: shop/client, environment: {PGPASSWORD: one-that-is-not-real}}
  web: {image: shop/web, environment: *key}
  worker: {image: shop/web, environment: *key}
";
    let secrets = |text: &str| {
        with(&[("compose.yaml", text)], Query::default(), |model, _| {
            let kind = FORMAT.schema.kind_named("secret").unwrap();
            let list = |scope: &crate::model::Scope, name: &str| {
                let values = scope.own.get(FORMAT.schema.key(kind, name).unwrap()).unwrap();
                values
                    .value
                    .as_list()
                    .unwrap()
                    .iter()
                    .map(|node| node.value.as_str().unwrap_or_default().to_owned())
                    .collect::<Vec<_>>()
            };
            let secrets = model.scopes.iter().filter(|scope| scope.kind == kind);
            let mut told: Vec<String> = secrets
                .map(|it| {
                    format!("{} {} {}", it.label, list(it, "given_to").join(","), list(it, "secret_values").len())
                })
                .collect();
            told.sort();
            told
        })
    };
    let expected = ["POSTGRES_PASSWORD db,client 2", "RABBITMQ_DEFAULT_PASS queue 1", "SECRET_KEY web,worker 1"];
    assert_eq!(secrets(text), expected);
    let mut lines: Vec<&str> = text.lines().collect();
    lines[2..].reverse();
    assert_eq!(secrets(&lines.join("\n")), expected);
}

/// What makes the accounts of Airflow ends; who asks for them is the server of the same image.
#[test]
fn accounts_of_airflow_are_reached_where_its_server_is() {
    let init = "init: {image: 'x/airflow:1', environment: {_AIRFLOW_WWW_USER_PASSWORD: '${P:-airflow}'}}";
    for (services, expected) in [
        ("web: {image: 'x/airflow:1', command: api-server, ports: ['8080:8080']}", "true"),
        ("web: {image: 'x/airflow:1', command: webserver, ports: ['127.0.0.1:8080:8080']}", "false"),
        ("flower: {image: 'x/airflow:1', command: celery flower, ports: ['5555:5555']}", "false"),
        ("web: {image: 'x/other:1', command: webserver, ports: ['8080:8080']}", "false"),
    ] {
        let text = format!("services: {{{init}, {services}}}\n");
        let told = key(&[("compose.yaml", text.as_str())], "secret", "P", "exposed");
        assert_eq!(told.split(" at ").next(), Some(expected), "{services}");
    }
}

/// What a mount holds whose source a variable names: nobody looks for an engine's socket under the name of a file.
#[test]
fn what_a_variable_mounts_may_be_told_by_where() {
    for (target, socket, path) in [
        ("/kanae/config.yml", "", ""),
        ("/opt/airflow/dags", "", "?"),
        ("/var/run/docker.sock", "?", "?"),
        ("/host", "?", "?"),
    ] {
        let text = format!("services: {{a: {{image: x, volumes: ['${{F}}:{target}']}}}}\n");
        let files = [("compose.yaml", text.as_str())];
        for (name, expected) in [("control_socket", socket), ("host_path", path)] {
            let told = key(&files, "mount", target, name);
            assert!(told.starts_with(&format!("{expected} at ")), "{target} {name}: {told}");
        }
    }
}

/// The commands of the project's services: the words of each, and where it and its last word stand.
fn commands(text: &str) -> Vec<String> {
    with(&[("compose.yaml", text)], Query::default(), |model, reader| {
        let kind = FORMAT.schema.kind_named("command").unwrap();
        let key = FORMAT.schema.key(kind, "arguments").unwrap();
        let scopes = model.scopes.iter().filter(|scope| scope.kind == kind);
        let shown = |node: &Node| match &node.value {
            Value::Text(Text::Known(text)) => text.to_string(),
            _ => "?".to_owned(),
        };
        let told = |scope: &crate::model::Scope| {
            let arguments = scope.own.get(key).unwrap().value.as_list().unwrap();
            let words: Vec<String> = arguments.iter().map(shown).collect();
            let last = arguments.last().map_or(scope.at, |node| node.at);
            let line = reader.source(last.file).position(last.span.start).line;
            format!("{} {} | {line}: {}", scope.label, words.join(" "), reader.slice(last))
        };
        scopes.map(told).collect()
    })
}

#[test]
fn commands_are_entrypoint_and_command_together_with_the_place_of_each_word() {
    for (service, expected) in [
        ("{command: redis-server --port 'a b'}", vec!["redis-server --port a b | 1: a b"]),
        ("{command: [sh, -c, 'a b | c d']}", vec!["sh -c a b | c d | 1: a b | c d", "a b | 1: b", "c d | 1: d"]),
        ("{entrypoint: [sh, -c], command: ['a b']}", vec!["sh -c a b | 1: a b", "a b | 1: b"]),
        ("{entrypoint: [], command: a b}", vec!["a b | 1: b"]),
        (
            "{command: 'sh -c \"echo $$A $B ${C:-d} e\"'}",
            vec!["sh -c ? | 1: echo $$A $B ${C:-d} e", "echo ? ? d e | 1: e"],
        ),
        ("\n    command: >-\n      a b\n      c 'd'", vec!["a b c d | 5: d"]),
        (
            "\n    command:\n      - sh\n      - -c\n      - |\n        a b\n          c d",
            vec!["sh -c a b\n  c d\n | 7: a b\n          c d\n", "a b | 7: b", "c d | 8: d"],
        ),
        ("{image: x}", vec![]),
        ("{command: 'a \"\" b'}", vec!["a  b | 1: b"]),
    ] {
        let block = service.starts_with('\n');
        let text = if block { format!("services:\n  s:{service}\n") } else { format!("services: {{s: {service}}}\n") };
        let expected: Vec<String> = expected.into_iter().map(str::to_owned).collect();
        assert_eq!(commands(&text), expected, "{service}");
    }
}

/// What the file says of a service.
fn role_of(files: &[(&str, &str)], label: &str, query: Query) -> Option<&'static str> {
    with(files, query, |model, _| {
        let at = model.scopes.iter().position(|scope| &*scope.label == label).unwrap();
        model.role(ScopeId(u32::try_from(at).unwrap())).map(Role::name)
    })
}

#[test]
fn stacks_that_serve_nobody_are_for_developers() {
    let of = |text: &str, label: &str| role_of(&[("compose.yaml", text)], label, Query::default());
    for (text, label, expected) in [
        // Nobody gets a mail from it.
        (
            "services:\n  web: {image: 'acme/web:1'}\n  mail: {image: 'axllent/mailpit:v1'}\n",
            "web",
            Some("development"),
        ),
        (
            "services:\n  web: {image: 'acme/web:1', ports: ['443:443']}\n  mail: {image: 'axllent/mailpit:v1'}\n",
            "web",
            None,
        ),
        // What is to run on is there for somebody.
        (
            "services:\n  web: {image: 'acme/web:1', restart: unless-stopped}\n  mail: {image: 'axllent/mailpit:v1'}\n",
            "web",
            None,
        ),
        (
            "services:\n  app: {image: 'acme/app', environment: {DEVELOPMENT: '1'}, build: ., volumes: ['.:/app']}\n",
            "app",
            Some("development"),
        ),
        ("services:\n  web: {image: a, environment: {ENV: local}, volumes: ['./src:/app']}\n", "web", None),
        ("services:\n  web: {image: node, environment: [NODE_ENV=development]}\n", "web", None),
        (
            "services:\n  web: {image: node, command: [sh, -c, 'npm ci && npm run dev'], volumes: ['./:/app']}\n",
            "web",
            Some("development"),
        ),
    ] {
        assert_eq!(of(text, label), expected, "{label} of {text}");
    }
    // A file that is there for a job, and that job's.
    let job = "services:\n  db: {image: 'postgres:17'}\n  job: {image: 'acme/app:1', command: resetdb}\n";
    let stays = format!("{job}  web: {{image: 'acme/app:1'}}\n");
    for (path, text, expected) in [
        ("compose-resetdb.yaml", job, Some("development")),
        ("compose-resetdb.yaml", &stays, None),
        ("compose-data.yaml", job, None),
    ] {
        let found = role_of(&[(path, text)], "db", Query::default());
        assert_eq!(found, expected, "{path}: {text}");
    }
}

#[test]
fn services_run_for_developers_where_their_file_says_so() {
    let of = role_of;
    let run = "services:\n  db: {image: 'postgres:16'}\n";
    let serve = "command: python manage.py runserver";
    let cases = [
        (format!("{run}  web: {{build: ., {serve}, volumes: ['.:/app']}}\n"), "web", Some("development")),
        // What it stores belongs to it.
        (format!("{run}  web: {{build: ., {serve}, volumes: ['.:/app']}}\n"), "db", Some("development")),
        (
            format!("{run}  web: {{build: ., {serve}, volumes: ['.:/app']}}\n  q: {{build: ., volumes: ['.:/app']}}\n"),
            "db",
            Some("development"),
        ),
        // Another program is run as it was built.
        (format!("{run}  web: {{build: ., {serve}, volumes: ['.:/app']}}\n  q: {{build: ./q}}\n"), "db", None),
        (
            format!("{run}  web: {{build: ., {serve}, volumes: ['.:/app']}}\n  q: {{build: ./q}}\n"),
            "web",
            Some("development"),
        ),
        // So is an image of somebody's own.
        (format!("{run}  web: {{build: ., {serve}, volumes: ['.:/app']}}\n  q: {{image: 'acme/api:1'}}\n"), "q", None),
        // Ports of the web, or a word of production, say otherwise.
        (format!("{run}  web: {{build: ., {serve}, volumes: ['.:/app'], ports: ['80:8000']}}\n"), "web", None),
        (
            format!("{run}  web: {{build: ., {serve}, volumes: ['.:/app'], environment: [S=x.production]}}\n"),
            "web",
            None,
        ),
        (format!("{run}  web: {{build: ., {serve}, volumes: ['.:/app'], ports: ['443:8000']}}\n"), "db", None),
        // What is built in is run.
        (format!("{run}  web: {{build: ., {serve}}}\n"), "web", None),
        (format!("{run}  web: {{build: ., {serve}, volumes: ['./data:/data', './.env:/app/.env']}}\n"), "web", None),
        (format!("{run}  web: {{build: ., command: gunicorn x, volumes: ['.:/app']}}\n"), "web", None),
        (
            "services:\n  web: {build: ./web, environment: [NODE_ENV=development], volumes: ['./web/src:/src']}\n"
                .into(),
            "web",
            Some("development"),
        ),
        (
            "services:\n  web: {build: ., environment: {ENV: local}, volumes: ['.:/app']}\n".into(),
            "web",
            Some("development"),
        ),
        (
            "services:\n  web: {build: {context: ., target: dev}, volumes: ['.:/app']}\n".into(),
            "web",
            Some("development"),
        ),
        ("services:\n  web: {build: {context: ., target: app}, volumes: ['.:/app']}\n".into(), "web", None),
        (
            "services:\n  web: {build: ., volumes: ['.:/app']}\n  mail: {image: 'mailhog/mailhog'}\n".into(),
            "web",
            Some("development"),
        ),
        (
            "services:\n  web: {build: ., volumes: ['.:/app']}\n  mail: {image: 'mailhog/mailhog:${V}'}\n".into(),
            "web",
            Some("development"),
        ),
        (
            "services:\n  web: {build: ., volumes: ['.:/app']}\n  mail: {image: axllent/mailpit, profiles: [dev]}\n"
                .into(),
            "web",
            None,
        ),
        ("services:\n  web: {build: ., volumes: ['.:/app']}\n  mail: {image: 'acme/mail'}\n".into(), "web", None),
    ];
    for (text, label, expected) in &cases {
        assert_eq!(of(&[("compose.yaml", text)], label, Query::default()), *expected, "{label} of {text}");
    }
    // An override lays its own over a file that is deployed without it.
    let base = "services:\n  web: {build: ., ports: ['80:80']}\n";
    let over = format!("services:\n  web: {{{serve}, volumes: ['.:/app']}}\n");
    assert_eq!(of(&[("compose.yaml", base), ("compose.override.yaml", &over)], "web", Query::default()), None);
    let (text, label, _) = &cases[0];
    let isolated = Query { isolated: true, ..Query::default() };
    assert_eq!(of(&[("compose.yaml", text)], label, isolated), None);
}
