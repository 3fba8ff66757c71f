//! What is known to be out of reach, with what is shown of it.

use serde_json::Value;
use std::fs;

/// What is shown of one file.
fn shown(format: &str, target: &str, bytes: &[u8], more: &[&str]) -> Value {
    let hash = bytes.iter().fold(0_u32, |sum, byte| sum.wrapping_mul(31).wrapping_add(u32::from(*byte)));
    let name = format!("exactness-{format}-{target}-{}-{hash}", std::process::id());
    let folder = std::env::temp_dir().join(name);
    fs::create_dir_all(&folder).unwrap();
    let file = folder.join(format!("{format}.conf"));
    fs::write(&file, bytes).unwrap();
    let mut arguments = ["--file-by-file", "--output-format", "json", "--type", format].to_vec();
    arguments.extend(if target.is_empty() { Vec::new() } else { vec!["--target", target] });
    arguments.extend(more);
    arguments.push(file.to_str().unwrap());
    let shown: Value = serde_json::from_str(&hardlint::show(arguments).unwrap()).unwrap();
    fs::remove_dir_all(&folder).unwrap();
    shown
}

/// What is shown of one file, and how many problems it has.
fn show(format: &str, target: &str, bytes: &[u8], more: &[&str]) -> (Value, usize) {
    let shown = shown(format, target, bytes, more);
    (shown["effective"].clone(), shown["problems"].as_array().unwrap().len())
}

/// The records of a `pg_hba.conf`, what of them is unknown, and how many problems there are.
fn records(target: &str, bytes: &[u8]) -> (Value, Value, usize) {
    let shown = shown("pg_hba", target, bytes, &[]);
    (shown["effective"].clone(), shown["unknown"].clone(), shown["problems"].as_array().unwrap().len())
}

#[track_caller]
fn unknown(shown: &(Value, usize), key: &str) {
    assert_eq!(shown.1, 0, "there is a problem");
    assert!(shown.0[key]["value"].is_null() && shown.0[key]["why"].is_string(), "{key}: {}", shown.0[key]);
}

#[test]
fn compose_paths_beyond_the_repository_stay() {
    let told = show("compose", "", b"services: {a: {build: ../../far}}\n", &[]);
    assert_eq!(told.0["services"]["a"]["build"]["context"], "../../far");
}

#[test]
fn compose_is_started_anywhere() {
    let told = shown("compose", "", b"services: {a: {image: 'x:${PWD}${UNSET}'}}\n", &["--env-file", "/dev/null"]);
    assert!(told["unknown"]["/services/a/image"].as_str().unwrap().contains("PWD"), "{told}");
}

#[test]
fn compose_takes_odd_scalars_for_texts() {
    let text = b"services: {a: {image: x, hostname: !!int '5', labels: {b: \"\\/\"}}}\n";
    assert_eq!(show("compose", "", text, &[]).1, 0);
}

#[test]
fn compose_takes_lines_of_a_tab() {
    assert_eq!(show("compose", "", b"services:\n  a:\n    image: x\n\t\n", &[]).1, 0);
}

#[test]
fn compose_wants_quoted_text_to_be_indented() {
    let told = shown("compose", "", b"services:\n  a:\n    restart: always\n    image: \"x\ny\"\n", &[]);
    assert_eq!(told["problems"].as_array().unwrap().len(), 1);
}

#[test]
fn compose_numbers_of_more_than_64_bits_are_the_least() {
    let told = show("compose", "", b"services: {a: {image: x, pids_limit: 99999999999999999999}}\n", &[]);
    assert_eq!((told.1, &told.0["services"]["a"]["pids_limit"]), (0, &Value::from(i64::MIN)));
}

const AIRFLOW: &str = "airflow=3.3";

#[test]
fn airflow_commands_are_not_run() {
    unknown(&show("airflow", AIRFLOW, b"[core]\nfernet_key_cmd = cat /key\n", &[]), "core.fernet_key");
}

#[test]
fn airflow_keys_of_the_machine_are_unknown() {
    unknown(&show("airflow", AIRFLOW, b"[core]\n", &[]), "database.sql_alchemy_conn");
    unknown(&show("airflow", AIRFLOW, b"[core]\n", &[]), "core.sql_alchemy_conn");
}

#[test]
fn airflow_tests_of_its_own_are_unknown() {
    let text = b"[core]\nunit_test_mode = True\nexecutor = CeleryExecutor\n";
    unknown(&show("airflow", AIRFLOW, text, &[]), "core.executor");
    unknown(&show("airflow", AIRFLOW, text, &[]), "api.expose_config");
}

#[test]
fn airflow_templates_are_unknown() {
    unknown(&show("airflow", AIRFLOW, b"[core]\nexecutor = {{ executor }}\n", &[]), "core.executor");
    let (_, problems) = show("airflow", AIRFLOW, b"[core]\nexecutor {{ executor }}\n", &[]);
    assert_eq!(problems, 0);
}

const SSHD: &str = "sshd=9.2";

#[test]
fn sshd_groups_are_the_hosts() {
    let text = b"Match Group wheel\nPermitRootLogin no\n";
    unknown(&show("sshd", SSHD, text, &["--where", "user=root"]), "permitrootlogin");
    let told = show("sshd", SSHD, text, &["--where", "user=root,group=wheel"]);
    assert_eq!(told.0["permitrootlogin"]["value"], "no");
}

#[test]
fn sshd_ports_are_told() {
    let text = b"Match LocalPort 2222\nPermitRootLogin no\n";
    unknown(&show("sshd", SSHD, text, &["--where", "user=root"]), "permitrootlogin");
    for (connection, expected) in [("user=root,lport=2222", "no"), ("user=root,lport=22", "without-password")] {
        let told = show("sshd", SSHD, text, &["--where", connection]);
        assert_eq!(told.0["permitrootlogin"]["value"], expected);
    }
    // Without a connection only what is for all of them holds.
    assert_eq!(show("sshd", SSHD, text, &[]).0["permitrootlogin"]["value"], "without-password");
}

#[test]
fn sshd_names_are_the_hosts() {
    unknown(&show("sshd", SSHD, b"ListenAddress shop.example\n", &[]), "listenaddress");
    unknown(&show("sshd", SSHD, b"Port ssh\n", &[]), "port");
}

#[test]
fn sshd_relative_paths_are_unknown() {
    unknown(&show("sshd", SSHD, b"Banner banner.txt\n", &[]), "banner");
    unknown(&show("sshd", SSHD, b"RevokedKeys %h/keys\n", &[]), "revokedkeys");
    unknown(&show("sshd", SSHD, b"AuthorizedKeysFile ~/keys\n", &[]), "authorizedkeysfile");
    unknown(&show("sshd", SSHD, b"AuthorizedPrincipalsFile ~/names\n", &[]), "authorizedprincipalsfile");
}

#[test]
fn sshd_missing_includes_excuse() {
    let missing = show("sshd", SSHD, b"Include /etc/ssh/more.conf\nAuthorizedKeysCommand /bin/keys\n", &[]);
    assert_eq!(missing.1, 0);
    assert_eq!(show("sshd", SSHD, b"AuthorizedKeysCommand /bin/keys\n", &[]).1, 1);
}

#[test]
fn sshd_routing_domains_are_taken() {
    assert_eq!(show("sshd", SSHD, b"RDomain red\n", &[]).1, 0);
}

#[test]
fn sshd_keywords_of_patches_are_taken() {
    assert_eq!(show("sshd", SSHD, b"GSSAPIEnablek5users yes\n", &[]).1, 0);
}

#[test]
fn sshd_templates_are_unknown() {
    unknown(&show("sshd", SSHD, b"PermitRootLogin {{ root }}\n", &[]), "permitrootlogin");
}

#[test]
fn postgres_relative_files_are_unknown() {
    unknown(&show("postgres", "postgres=15", b"hba_file = 'pg_hba.conf'\n", &[]), "hba_file");
}

#[test]
fn postgres_absolute_includes_are_unknown() {
    unknown(&show("postgres", "postgres=15", b"include '/etc/more.conf'\n", &[]), "port");
}

#[test]
fn postgres_locales_are_taken() {
    assert_eq!(show("postgres", "postgres=15", b"lc_time = 'tlh_QO'\n", &[]).1, 0);
}

#[test]
fn redis_folder_is_unknown() {
    unknown(&show("redis", "redis=7.0", b"port 6379\n", &[]), "dir");
}

#[test]
fn redis_tls_without_certificates_is_taken() {
    assert_eq!(show("redis", "redis=7.0", b"tls-port 6380\n", &[]).1, 0);
}

#[test]
fn redis_more_memory_than_there_can_be_is_unknown() {
    unknown(&show("redis", "redis=7.0", b"maxmemory 9999999999gb\n", &[]), "maxmemory");
}

#[test]
fn redis_of_any_build() {
    assert_eq!(show("redis", "redis=7.0", b"activedefrag yes\n", &[]).0["activedefrag"]["value"], "yes");
}

#[test]
fn redis_files_of_users_are_the_machines() {
    assert_eq!(show("redis", "redis=7.0", b"aclfile /etc/redis/users.acl\n", &[]).1, 0);
}

#[test]
fn redis_users_of_many_rules_are_unknown() {
    let text = format!("user a on {} nothing\n", "~a ".repeat(5_000));
    assert_eq!(show("redis", "redis=7.0", text.as_bytes(), &[]).1, 0);
}

#[test]
fn paths_through_missing_folders_are_unknown() {
    let text = b"port 1\ninclude nothing/../more.conf\ntimeout 5\n";
    let shown = show("redis", "redis=7.0", text, &[]);
    unknown(&shown, "port");
    assert_eq!(shown.0["timeout"]["value"], "5");
    unknown(&show("redis", "redis=7.0", b"port 1\ninclude /etc/more.conf\n", &[]), "port");
    unknown(&show("redis", "redis=7.0", b"port 1\ndir /nowhere\ninclude more.conf\n", &[]), "port");
    // PostgreSQL finds the way, and says what is missing at its end.
    assert_eq!(show("postgres", "postgres=15", b"include 'nothing/../more.conf'\n", &[]).1, 1);
}

#[test]
fn bytes_that_are_not_utf_8_are_unknown() {
    unknown(&show("sshd", SSHD, b"Banner /\xff\n", &[]), "banner");
    unknown(&show("postgres", "postgres=15", b"search_path = '\xff'\n", &[]), "search_path");
    unknown(&show("redis", "redis=7.0", b"masteruser \"\\xff\"\n", &[]), "masteruser");
    let (rows, unknown, _) = records("postgres=15", b"local all \xff peer\n");
    assert_eq!((&rows[0]["type"], unknown["/0/user_name/0"].is_string()), (&Value::from("local"), true));
    let compose = show("env", "", b"A=\xff\n", &["--where", "dialect=compose"]);
    assert!(compose.0["A"]["value"].is_null() && compose.1 == 0, "{compose:?}");
    // Python refuses such a file.
    assert_eq!(show("env", "", b"A=\xff\n", &["--where", "dialect=decouple"]).1, 1);
}

#[test]
fn env_environments_are_unknown() {
    unknown(&show("env", "", b"A=${HOME}\n", &["--where", "dialect=compose"]), "A");
    let told = show("env", "", b"A=x${HOME}\n", &["--where", "dialect=compose", "--env-file", "/dev/null"]);
    assert_eq!(told.0["A"]["value"], "x");
}

#[test]
fn env_of_any_size_ends() {
    let text = format!("A={}\nB=${{A}}\n", "x".repeat(70_000));
    unknown(&show("env", "", text.as_bytes(), &["--where", "dialect=compose"]), "B");
    let many = (0..6_000).fold(String::new(), |text, number| text + &format!("A{number}=1\n"));
    let known = show("env", "", many.as_bytes(), &["--where", "dialect=compose"]).0;
    assert_eq!(known.as_object().unwrap().len(), 5_000);
}

#[test]
fn pg_hba_odd_patterns_are_unknown() {
    let (rows, unknown, problems) = records("postgres=18", b"local all /(?i)x peer\nlocal all /^a$ peer\n");
    assert!(rows[0]["user_name"].is_null() && unknown["/0/user_name"].is_string(), "{rows}");
    assert_eq!((&rows[1]["user_name"][0], problems), (&Value::from("/^a$"), 0));
    let older = records("postgres=15", b"local all /(?i)x peer\n").0;
    assert_eq!(older[0]["user_name"][0], "/(?i)x");
}

#[test]
fn pg_hba_names_of_radius_servers_are_unknown() {
    let text = b"host all all all radius radiusservers=radius.example radiussecrets=example\n";
    let (rows, unknown, problems) = records("postgres=15", text);
    assert!(rows[0]["auth_method"].is_null() && unknown["/0/auth_method"].is_string() && problems == 0, "{rows}");
}

#[test]
fn pg_hba_methods_are_debians() {
    assert_eq!(records("postgres=15", b"host all all all gss\nlocal all all pam\n").2, 0);
    assert_eq!(records("postgres=15", b"host all all all sspi\nlocal all all bsd\n").2, 2);
}

#[test]
fn pg_hba_absolute_files_are_unknown() {
    let (rows, unknown, problems) = records("postgres=15", b"local @/etc/names all peer\n");
    assert!(rows[0]["database"][0].is_null() || unknown["/0/database/0"].is_string(), "{rows}");
    assert_eq!(problems, 0);
    assert_eq!(records("postgres=18", b"local all all peer\ninclude nothing/../more.conf\n").2, 1);
}

const NGINX: &str = "nginx=1.22.1";

fn http(inside: &str) -> Vec<u8> {
    format!("events {{}}\nhttp {{\n{inside}\n}}\n").into_bytes()
}

#[test]
fn nginx_directives_of_modules_are_taken() {
    let told = show("nginx", NGINX, &http("some_module on;\nanother_module { a b; }"), &[]);
    assert_eq!((told.1, &told.0["some_module"]["value"][0]), (0, &Value::from("on")));
}

#[test]
fn nginx_without_events_is_a_part() {
    assert_eq!(show("nginx", NGINX, b"http {\nserver_tokens off;\n}\n", &[]).1, 0);
}

#[test]
fn nginx_machines_are_not_asked() {
    let text = "ssl_certificate /nosuch.pem;\nssl_certificate_key /nosuch.key;\nserver {\nlisten host.invalid:80;\n\
                location / {\nproxy_pass http://host.invalid;\n}\n}";
    assert_eq!(show("nginx", NGINX, &[b"user nobody-at-all;\n".to_vec(), http(text)].concat(), &[]).1, 0);
    // With words of 32 bits this name has room.
    let text = http(&format!("map $host $a {{\n{} 1;\n}}", "a".repeat(47)));
    assert_eq!(show("nginx", NGINX, &text, &[]).1, 1);
    let text = http("fastcgi_temp_path /var/lib/nginx/proxy 1;\nserver {\nlisten 80;\n}");
    assert_eq!(show("nginx", NGINX, &text, &[]).1, 0);
}

#[test]
fn nginx_words_of_later_versions_are_taken() {
    let text = "server_tokens \"\";\nhttp2 on;\nupstream a {\nzone a 64k;\n}\nproxy_http_version 2;\nserver {\n\
                listen 443 quic;\nssl_reject_handshake on;\n}";
    assert_eq!(show("nginx", NGINX, &http(text), &[]).1, 0);
}

#[test]
fn nginx_templates_are_unknown() {
    unknown(&show("nginx", NGINX, &http("keepalive_timeout {{ timeout }};"), &[]), "keepalive_timeout");
    assert_eq!(show("nginx", NGINX, &http("keepalive_timeout %TIMEOUT%;"), &[]).1, 0);
}

#[test]
fn nginx_expressions_may_be_unknown() {
    let text = http("server {\nlisten 80;\nlocation ~ ^/(.)/\\1 {\nadd_header X-A a;\n}\n}");
    unknown(&show("nginx", NGINX, &text, &["--where", "server=a,uri=/a/a"]), "add_header");
}

#[test]
fn nginx_absolute_includes_may_set_more() {
    let text = http("include /etc/nginx/more.conf;\nadd_header X-A $from_there;\nlimit_req zone=there;");
    assert_eq!(show("nginx", NGINX, &text, &[]).1, 0);
    let text = http("upstream u {\nserver 127.0.0.1 backup;\ninclude servers/*.conf;\n}\nserver {\nlisten 80;\n}");
    assert_eq!(show("nginx", NGINX, &text, &[]).1, 0);
}

#[test]
fn nginx_streams_are_not_judged() {
    assert_eq!(show("nginx", NGINX, b"events {}\nstream {\nserver {\nlisten 99999;\n}\n}\n", &[]).1, 0);
}

#[test]
fn nginx_later_versions_follow_the_documentation() {
    let text = http("add_header X-A a;\nserver {\nlisten 80;\nadd_header_inherit merge;\nadd_header X-B b;\n}");
    let told = show("nginx", "nginx=1.29.3", &text, &["--where", "server=a"]);
    assert_eq!((told.1, told.0["add_header"]["value"].as_array().unwrap().len()), (0, 2));
}

const DJANGO: &str = "django=5.2";

#[test]
fn django_rare_expressions_are_unknown() {
    unknown(&show("django", DJANGO, b"X = min([3, 2], key=abs)\n", &[]), "X");
    unknown(&show("django", DJANGO, b"X = f'{7:03d}'\n", &[]), "X");
    unknown(&show("django", DJANGO, b"import rare\nDEBUG = rare.thing()\n", &[]), "DEBUG");
}

#[test]
fn django_folders_are_the_hosts() {
    let text = b"from pathlib import Path\nBASE_DIR = Path(__file__).resolve().parent\n";
    unknown(&show("django", DJANGO, text, &[]), "BASE_DIR");
}

#[test]
fn django_loops_may_be_unknown() {
    unknown(&show("django", DJANGO, b"n = 0\nwhile n < 3:\n    n += 1\n    DEBUG = True\n", &[]), "DEBUG");
    let text = b"def f(names):\n    for name in names:\n        return True\n    return False\nimport rare\nDEBUG = f(rare.names)\n";
    unknown(&show("django", DJANGO, text, &[]), "DEBUG");
    unknown(
        &show("django", DJANGO, b"import rare\nfor x in rare.names:\n    pass\nelse:\n    DEBUG = True\n", &[]),
        "DEBUG",
    );
    unknown(&show("django", DJANGO, b"while n():\n    pass\nelse:\n    DEBUG = True\n", &[]), "DEBUG");
}

#[test]
fn django_missing_modules_may_set_anything() {
    unknown(&show("django", DJANGO, b"from elsewhere.settings import *\n", &[]), "DEBUG");
}

#[test]
fn django_odd_settings_are_no_problem() {
    let told = show("django", DJANGO, b"ALLOWED_HOSTS = 'a'\nSECRET_KEY = ''\n", &[]);
    assert_eq!((told.1, &told.0["ALLOWED_HOSTS"]["value"]), (0, &Value::from("'a'")));
}

#[test]
fn dockerfile_arrays_with_something_behind_are_the_shells() {
    let told = show("dockerfile", "", b"# check=skip=all\n# escape=`\nFROM a\nCMD [\"x\"] # y\n", &[]);
    assert_eq!((told.1, told.0["Cmd"]["value"].as_array().map(Vec::len)), (0, Some(3)), "{}", told.0["Cmd"]);
}

#[test]
fn dockerfile_base_images_are_not_asked() {
    let told = show("dockerfile", "", b"FROM debian\nENV A=b\n", &[]);
    assert!(told.0["User"]["value"].is_null() && told.0["Cmd"]["value"].is_null(), "{}", told.0);
}

#[test]
fn dockerfile_the_last_user_is_that_of_the_image() {
    let told = show("dockerfile", "", b"FROM a AS b\nUSER x\nFROM b\nRUN y\nUSER z\n", &[]);
    assert_eq!(told.0["User"]["value"], "z");
}

#[test]
fn dockerfile_templates_are_unknown() {
    let told = show("dockerfile", "", b"FROM a\n{% if x %}\nUSER {{ user }}\n{% endif %}\n", &[]);
    assert!(told.1 == 0 && told.0["User"]["value"].is_null(), "{}", told.0["User"]);
}

#[test]
fn files_with_nul_bytes_are_problems() {
    assert_eq!(records("postgres=15", b"local all all peer\0\n").2, 1);
    assert_eq!(show("nginx", NGINX, b"events {}\0\n", &[]).1, 1);
    for (format, target) in [("sshd", SSHD), ("postgres", "postgres=15"), ("redis", "redis=7.0"), ("env", "")] {
        let (effective, problems) = show(format, target, b"port 22\0\n", &[]);
        assert_eq!((effective.as_object().unwrap().len(), problems), (0, 1), "{format}");
    }
}
