//! No output shows a secret that a file holds.

mod outputs;
mod planted;

use std::fmt::Write;
use std::fs;
use std::path::Path;
use std::process::Command;

/// All formats of a report.
const FORMATS: &[&str] =
    &["text", "concise", "json", "jsonl", "sarif", "github", "gitlab", "junit", "checkstyle", "markdown", "html"];

const NGINX: &str = r#"events {}
http {
  server {
    listen 80;
    server_name a.example;
    autoindex on;
    set $api_key "FAKE00KEY";
    proxy_set_header Authorization "Basic FAKE01BASIC";
    location /files { alias /srv/FILES/; }
    proxy_set_header X-Api-Key "FAKE02HEADER";
    location ~ ^/go/(.*)$ {
      proxy_set_header Authorization "Bearer FAKE03BEARER";
      proxy_pass http://user:FAKE04PW@$arg_u/;
      secure_link_md5 "$secure_link_expires$uri FAKE05LINK";
    }
    location /b { proxy_pass http://u:FAKE06PASS@b.example/; }
    location /c { add_header X-Auth-Token FAKE07TOKEN; autoindex on; }
  }
}
"#;

const COMPOSE: &str = r#"services:
  db:
    image: mysql:8
    privileged: true
    command: mysqld -pFAKE10PW --password=FAKE11PW
    network_mode: host
    healthcheck:
      test: ["CMD", "mysqladmin", "ping", "-pFAKE12PW"]
    environment:
      MYSQL_ROOT_PASSWORD: FAKE13PW
  cache:
    image: redis:7
    command: redis-server --requirepass FAKE14PW
    privileged: true
    entrypoint: ["run", "--password", "FAKE15PW", "--token=FAKE16TOKEN"]
    labels:
      hook: https://hooks.slack.com/services/T00/B00/FAKE17HOOK
      app.api_key: FAKE18LABEL
  app:
    build:
      context: .
      args:
        NPM_TOKEN: FAKE19NPM
    command: 'curl -H "Authorization: Bearer FAKE20BEARER" -u a:FAKE21PW http://x'
    privileged: true
    entrypoint: java -Djavax.net.ssl.keyStorePassword=FAKE22STORE -jar x
    environment:
      REMOTE: https://u:FAKE23URL@git.example/x
      OTHER: ghp_FAKE24abcdefghij0123456789
      MORE: sk_live_FAKE25abcdefghij0123
    network_mode: host
    volumes:
      - /var/run/docker.sock:/var/run/docker.sock
  list:
    image: x
    privileged: true
    command:
      - --password
      - FAKE26ITEM
      - --api-key=FAKE27KEY
    cap_add: [SYS_ADMIN]
"#;

#[test]
fn no_output_shows_a_secret() {
    let scratch = std::env::temp_dir().join(format!("hardlint-secrets-{}", std::process::id()));
    fs::create_dir_all(scratch.join(".git")).unwrap();
    fs::create_dir_all(scratch.join("nginx")).unwrap();
    fs::write(scratch.join("nginx/nginx.conf"), NGINX).unwrap();
    fs::write(scratch.join("compose.yaml"), COMPOSE).unwrap();
    let mut leaks = String::new();
    for format in FORMATS {
        let out = run(&scratch, &["check", "--output-format", format, "."]);
        assert!(out.contains("privileged"), "{format}: {out}");
        look(&mut leaks, format, &out);
    }
    for file in ["nginx/nginx.conf", "compose.yaml"] {
        for format in ["text", "json"] {
            let out = run(&scratch, &["show", "--output-format", format, file]);
            assert!(out.contains(" characters)"), "{format}: {out}");
            look(&mut leaks, &format!("show {format}"), &out);
        }
    }
    fs::remove_dir_all(&scratch).unwrap();
    assert!(leaks.is_empty(), "{leaks}");
}

/// Lines that no program takes, and values that only their form tells.
const BROKEN: &[(&str, &str)] = &[
    ("redis.conf", "requirepas FAKE30PW\nbind 0.0.0.0\nUSER alice on #FAKE31HASH ~* +@all\n"),
    (
        "Dockerfile",
        "FROM debian:12\nRUNecho \"root:FAKE32PW\"|chpasswd\nONBUILD ENV X_TOKEN FAKE33PW\nENV DISPATCH_ENCRYPTION_KEY=FAKE34KEY APP_KEY=FAKE35KEY\nCMD [\"x\"]\n",
    ),
    ("postgresql.conf", "ssl_p assphrase_command='echo FAKE36PW'\nlisten_addresses = '*'\n"),
    (
        "compose.yaml",
        "services:\n  web:\n    image: x\n    privileged: true\n    environment:\n      SENTRY_DSN: https://FAKE37abcdef0123456789abcdef@o1.example/1\n    labels:\n      traefik.http.middlewares.a.basicauth.users: \"a:$$apr1$$salt$$FAKE38FAKE38FAKE38FAKE38\"\n",
    ),
    (
        "nginx.conf",
        "events {}\nhttp { server { listen 80; server_name a.example;\n  location / { if ($arg_token != \"FAKE39TOKEN\") { return 403; }\n    add_header Set-Cookie \"session=FAKE40COOKIE; Path=/\"; autoindex on; return 200; }\n} }\n",
    ),
];

#[test]
fn lines_that_are_not_understood_are_hidden() {
    let scratch = std::env::temp_dir().join(format!("hardlint-broken-{}", std::process::id()));
    fs::create_dir_all(scratch.join(".git")).unwrap();
    for (path, text) in BROKEN {
        fs::write(scratch.join(path), text).unwrap();
    }
    let mut leaks = String::new();
    for format in FORMATS {
        let out =
            run(&scratch, &["check", "--preview", "--pedantic", "--severity", "info", "--output-format", format, "."]);
        assert!(out.contains("redis.conf") && out.contains("Dockerfile"), "{format}: {out}");
        look(&mut leaks, format, &out);
    }
    for (path, _) in BROKEN {
        for format in ["text", "json"] {
            look(&mut leaks, &format!("show {format}"), &run(&scratch, &["show", "--output-format", format, path]));
        }
    }
    let text = run(&scratch, &["check", "redis.conf"]);
    assert!(text.contains("│ *****"), "{text}");
    fs::remove_dir_all(&scratch).unwrap();
    assert!(leaks.is_empty(), "{leaks}");
}

/// Secrets at places where none is looked for, in each format. A value that only looks drawn is put together, so that none stands here.
fn planted() -> Vec<(&'static str, String)> {
    let drawn = |number: &str| format!("FAKE{number}{}", ["aB3d", "E5fG", "7hJ9", "kL1m", "N3pQ"].concat());
    let settings = "DEBUG = True\nALLOWED_HOSTS = ['*']\nINSTALLED_APPS = ['django.contrib.sessions']\nROOT_URLCONF = 'a'\n\
        BASICAUTH_USERS = {'admin': 'FAKE70PW'}\nLOGIN = ('user', 'FAKE71PW')\nBASIC_AUTH = ('user', 'FAKE72PW')\n\
        MQTT = {'user': 'a', 'pw': 'FAKE73PW'}\nAPI = {'auth': ('user', 'FAKE74PW')}\n";
    vec![
        (
            "nginx.conf",
            "events {}\nhttp { server { listen 80; autoindex on;\n  if ($http_x_token) = \"FAKE50TOKEN\" { return 403; }\n\
             if ($http_x_token) = FAKE51TOKEN { return 403; }\n} }\n"
                .to_owned(),
        ),
        (
            "compose.yaml",
            "services:\n  a:\n    image: x\n    privileged: true\n    configs: [one]\n    volumes: ['share:/s']\n\
             \x20   command: sh -c \"mc alias set l http://minio:9000 admin FAKE52PW && x\"\n\
             \x20   entrypoint: [mc, config, host, add, s3, 'http://h', user, FAKE53PW]\n\
             \x20 b:\n    image: y\n    privileged: true\n    command: [serve, '--token=FAKE54ONE FAKE55TWO', --x]\n\
             \x20   entrypoint:\n      - --token=\n      - FAKE56PW\n\
             configs:\n  one:\n    content: |\n      user = app\n      FAKE57LINE\n\
             secrets:\n  two: {content: FAKE58PW}\n\
             volumes:\n  share:\n    driver_opts: {type: cifs, device: '//u:FAKE59PW@nas/s', o: 'username=u,password=FAKE60PW'}\n"
                .to_owned(),
        ),
        (
            "Dockerfile",
            "FROM debian:12\nRUN mc alias set l http://minio:9000 admin FAKE61PW\nONBUILD ENV TOKEN=FAKE62ONE FAKE63TWO\n\
             ENV TOKEN=FAKE64ONE FAKE65TWO\nCMD [\"x\", \"--token=FAKE66ONE FAKE67TWO\"]\n"
                .to_owned(),
        ),
        (".env", format!("A=1\n{}\nDB_PASSWORD=FAKE68PW\n", drawn("69"))),
        ("shop/settings.py", settings.to_owned()),
        (
            "main.py",
            "from fastapi import FastAPI\napp = FastAPI()\nDSN = 'postgresql://app:' + 'FAKE90-a-0ne' + '@db.shop.de/app'\n\
             DB_PASSWORD = (\n    'FAKE91-the-real'\n    'FAKE92-0ne'\n)\n\
             STORE = {'host': 'db.shop.de', 'password': 'FAKE93-' + 'FAKE94-0ne'}\n\
             import jwt\nmine = 'FAKE95-the-real-0ne'\n\
             def sign(data):\n    return jwt.encode(data, 'FAKE96-the-real-0ne'), jwt.encode(data, mine)\n"
                .to_owned(),
        ),
        (
            "redis.conf",
            "bind 0.0.0.0\nrename-command CONFIG FAKE75NAME\nrename-command FLUSHALL \"FAKE76NAME\"\n\
             user a on >FAKE77PW ~* +@all\nmasterauth FAKE78PW\n"
                .to_owned(),
        ),
        ("sshd_config", format!("PermitRootLogin yes\nPermitRootLogn {}\nPort {}\n", drawn("79"), drawn("80"))),
        (
            "postgresql.conf",
            format!("listen_addresses = '*'\nwork_mem = {}\nfoo bar postgres://u:FAKE82PW@h/d\n", drawn("81")),
        ),
        (
            "pg_hba.conf",
            format!(
                "host all all 0.0.0.0/0 trust\nhost all all 10.0.0.0/8 ldap ldapserver=h ldapbindpasswd=FAKE83PW\n\
                 host all all 10.0.0.0/8 md5 {}\n",
                drawn("84")
            ),
        ),
        (
            "airflow.cfg",
            format!(
                "[core]\nfernet_key = FAKE85KEY\nsql_alchemy_conn = postgresql://u:FAKE86PW@h/d\n\
                 [webserver]\nexpose_config = True\n{}\n",
                drawn("87")
            ),
        ),
    ]
}

#[test]
fn secrets_at_unusual_places_are_hidden_in_every_output() {
    let scratch = std::env::temp_dir().join(format!("hardlint-planted-{}", std::process::id()));
    fs::create_dir_all(scratch.join(".git")).unwrap();
    fs::create_dir_all(scratch.join("shop")).unwrap();
    let planted = planted();
    for (path, text) in &planted {
        fs::write(scratch.join(path), text).unwrap();
    }
    let mut leaks = String::new();
    for format in FORMATS {
        let all = ["check", "--preview", "--pedantic", "--severity", "info", "--output-format", format, "."];
        let out = run(&scratch, &all);
        for (path, _) in planted.iter().filter(|(path, _)| *path != ".env") {
            assert!(out.contains(path), "{format} says nothing of {path}: {out}");
        }
        look(&mut leaks, format, &out);
    }
    run(&scratch, &["check", "--preview", "--pedantic", "--severity", "info", "--write-baseline", "base.json", "."]);
    look(&mut leaks, "baseline", &fs::read_to_string(scratch.join("base.json")).unwrap());
    for (path, _) in &planted {
        for format in ["text", "json"] {
            look(&mut leaks, &format!("show {format}"), &run(&scratch, &["show", "--output-format", format, path]));
        }
    }
    fs::remove_dir_all(&scratch).unwrap();
    assert!(leaks.is_empty(), "{leaks}");
}

fn look(leaks: &mut String, what: &str, out: &str) {
    for line in out.lines().filter(|line| line.contains("FAKE")) {
        let _ = writeln!(leaks, "{what}: {line}");
    }
}

fn run(scratch: &Path, arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_hardlint")).args(arguments).current_dir(scratch).output().unwrap();
    assert!(matches!(output.status.code(), Some(0 | 1 | 3)) && !output.stdout.is_empty(), "{arguments:?}: {output:?}");
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn nothing_that_is_said_of_a_deployment_shows_a_secret() {
    let count = tell_all("whole", planted::whole::FILES, "", true);
    assert!(count >= 200, "{count} values were planted");
}

#[test]
fn nothing_that_is_said_of_broken_files_shows_a_secret() {
    let count = tell_all("refused", planted::broken::FILES, "", false);
    assert!(count >= 100, "{count} values were planted");
}

/// What a reference begins with begins a secret as well.
#[test]
fn a_secret_that_begins_as_a_reference_does_is_shown_nowhere() {
    for (name, first) in [("slash", "/"), ("above", "../"), ("variable", "env:"), ("file", "file:")] {
        tell_all(name, planted::whole::FILES, first, false);
    }
}

/// Plants values in files and looks for them in everything that is said of these; gives how many there were.
fn tell_all(name: &str, files: &[(&str, &str)], first: &str, hover: bool) -> usize {
    let above = std::env::temp_dir().join(format!("hardlint-{name}-{}", std::process::id()));
    let scratch = above.join("root");
    fs::create_dir_all(scratch.join(".git")).unwrap();
    let (mut count, mut coded, mut all) = (0, Vec::new(), String::new());
    for (path, text) in files {
        let text = planted::filled(text, first, &mut count, &mut coded);
        fs::create_dir_all(scratch.join(path).parent().unwrap()).unwrap();
        fs::write(scratch.join(path), &text).unwrap();
        all.push_str(&text);
    }
    let paths: Vec<&str> = files.iter().map(|(path, _)| *path).collect();
    let mut said = if first.is_empty() { outputs::of(&scratch, &paths) } else { outputs::few(&scratch, &paths) };
    if hover {
        said.insert("lsp".to_owned(), outputs::of_editor(&scratch, &paths));
    }
    said.insert("--fix".to_owned(), outputs::of_fixes(&scratch));
    fs::remove_dir_all(&above).unwrap();
    let mut leaks: std::collections::BTreeMap<String, (String, usize, String)> = std::collections::BTreeMap::new();
    for (what, text) in &said {
        for line in text.lines() {
            for value in shown(line, &coded) {
                let leak = leaks.entry(value).or_insert_with(|| (what.clone(), 0, line.chars().take(600).collect()));
                leak.1 += 1;
            }
        }
    }
    let mut told = String::new();
    for (value, (what, times, line)) in &leaks {
        let planted = all.lines().find(|line| line.contains(value.as_str())).unwrap_or_default();
        let _ = writeln!(told, "{value} of `{planted}` {times} times, as in `{what}`: {line}");
    }
    assert!(leaks.is_empty(), "{} of {count} values are shown:\n{told}", leaks.len());
    count
}

/// The values that a line shows, or a part of them.
fn shown(line: &str, coded: &[String]) -> Vec<String> {
    let marks = ["FAKE", "TAIL"].into_iter().flat_map(|mark| line.match_indices(mark));
    let value = |(at, _): (usize, &str)| line[at..].chars().take(7).collect();
    let mut values: Vec<String> = marks.map(value).collect();
    values.extend(coded.iter().filter(|code| line.contains(&code[..code.len().min(12)])).cloned());
    values
}
