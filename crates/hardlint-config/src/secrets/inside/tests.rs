//! Texts with secrets in them, and texts that only look so.

use super::*;

#[test]
fn secrets_in_text_are_hidden() {
    for (text, expected) in [
        ("proxy_pass http://user:hunter2@$arg_u/;", "proxy_pass http://user:*****@$arg_u/;"),
        ("redis://:hunter2@h", "redis://:*****@h"),
        ("proxy_set_header Authorization \"Basic aHVudGVy\";", "proxy_set_header Authorization \"Basic *****\";"),
        ("proxy_set_header X-Api-Key hunter2;", "proxy_set_header X-Api-Key *****;"),
        ("set $api_key \"hunter2\";", "set $api_key \"*****\";"),
        ("secure_link_md5 \"$uri hunter2\";", "secure_link_md5 \"*****\";"),
        (
            "curl -H \"Authorization: Bearer hunter2\" -u a:hunter2 x",
            "curl -H \"Authorization: Bearer *****\" -u a:***** x",
        ),
        ("-H 'X-Auth-Token: hunter2'", "-H 'X-Auth-Token: *****'"),
        ("mysqld -phunter2 --x", "mysqld -p***** --x"),
        ("mysqladmin ping -p$$hunter2", "mysqladmin ping -p*****"),
        ("x ghp_0123456789abcdefABCD y", "x ***** y"),
        ("x --password=hunter2 y", "x --password=***** y"),
        ("\"--password\", \"hunter2\"", "\"--password\", \"*****\""),
        ("- --password\n- hunter2", "- --password\n- *****"),
        ("useradd -p $(openssl passwd -6 -salt ab hunter2) x", "useradd -p $(openssl passwd -6 -salt ab *****) x"),
        ("useradd -p $(openssl passwd hunter2)", "useradd -p $(openssl passwd *****)"),
        ("mkpasswd -m sha-512 hunter2", "mkpasswd -m sha-512 *****"),
        ("redis-server --requirepass hunter2", "redis-server --requirepass *****"),
        ("-Djavax.net.ssl.keyStorePassword=hunter2 x", "-Djavax.net.ssl.keyStorePassword=***** x"),
        ("-Ddb.password=hunter2", "-Ddb.password=*****"),
        ("https://hooks.slack.com/services/T0/B0/hunter2", "https://hooks.slack.com/services/*****"),
        ("\"DB_PASSWORD=correct horse\"", "\"DB_PASSWORD=*****\""),
        ("NPM_TOKEN: hunter2", "NPM_TOKEN: *****"),
        ("${DB_PASSWORD:-hunter2}", "${DB_PASSWORD:-*****}"),
        ("http://h/?token=hunter2&x=1", "http://h/?token=*****&x=1"),
        ("AKIA0123456789ABCDEF", "*****"),
        ("{\"password\":\"hunter2\"}", "{\"password\":\"*****\"}"),
        (
            "https://0123456789abcdef0123456789abcdef@o1.ingest.sentry.example/1",
            "https://*****@o1.ingest.sentry.example/1",
        ),
        ("users=admin:$apr1$salt$hunter2hunter2hunter2h", "users=admin:*****"),
        (
            "users: \"a:$$apr1$$salt$$hunter2hunter2hunter2h,b:$$2y$$05$$hunter2hunter2hunter2hunter2\"",
            "users: \"a:*****,b:*****\"",
        ),
        ("b:{SHA}hunter2hunter2hunter2hunter2=", "b:*****"),
        ("if ($arg_token != \"hunter2\") {", "if ($arg_token != \"*****\") {"),
        ("if ($arg_token != hunter2 )", "if ($arg_token != ***** )"),
        ("if ($http_x_api_key ~* ^hunter2$ )", "if ($http_x_api_key ~* ***** )"),
        ("add_header Set-Cookie \"session=hunter2; Path=/\";", "add_header Set-Cookie \"session=*****; Path=/\";"),
        ("Set-Cookie session=hunter2; Path=/", "Set-Cookie session=*****; Path=/"),
        ("-H 'Cookie: session=hunter2; a=b'", "-H 'Cookie: session=*****; a=b'"),
        ("if ($http_x_token) = \"hunter2\" {", "if ($http_x_token) = \"*****\" {"),
        ("($http_x_token) = hunter2", "($http_x_token) = *****"),
        ("AccountName=a;AccountKey=hunter2==;x", "AccountName=a;AccountKey=*****"),
        ("https://h/c?sv=2022&sig=hunter2%3D&se=x", "https://h/c?sv=2022&sig=*****&se=x"),
        (
            "https://api.telegram.org/bot123456789:hunter2hunter2hunter2hunter2hunter2/x",
            "https://api.telegram.org/bot123456789:*****/x",
        ),
        ("mc alias set s3 http://minio:9000 admin hunter2 && x", "mc alias set s3 http://minio:9000 admin ***** && x"),
        ("mc\nconfig\nhost\nadd\ns3\nhttp://h\nu\nhunter2", "mc\nconfig\nhost\nadd\ns3\nhttp://h\nu\n*****"),
        ("--token=hunter2 hunter3\n--x", "--token=*****\n--x"),
        ("\n- --token=hunter2 hunter3 --x", "\n- --token=***** --x"),
        ("--token=\nhunter2\n--x", "--token=\n*****\n--x"),
        ("[\"--token=\", \"hunter2\", \"--x\"]", "[\"--token=\", \"*****\", \"--x\"]"),
        ("ENV TOKEN=hunter2 hunter3", "ENV TOKEN=*****"),
        ("ENV TOKEN=hunter2 B=c", "ENV TOKEN=***** B=c"),
        ("device: //u:hunter2@nas/share", "device: //u:*****@nas/share"),
        ("{'auth': ('user', 'hunter2')}", "{'auth': (*****)}"),
        ("LOGIN = (\"user\", \"hunter2\")", "LOGIN = (*****)"),
        ("BASICAUTH_USERS {'admin': 'hunter2'}", "BASICAUTH_USERS {*****}"),
        ("git clone https://0hunter1hunter22@github.com/a", "git clone https://*****@github.com/a"),
        ("a/https:/u:hunter2@h/x", "a/https:/u:*****@h/x"),
        ("COOKIE=session=hunter2", "COOKIE=session=*****"),
        ("echo hunter2 | passwd --stdin x", "echo ***** | passwd --stdin x"),
        ("echo \"root:hunter2\" | chpasswd", "echo \"root:*****\" | chpasswd"),
        ("SET PASSWORD FOR 'root'@'%' = PASSWORD('hunter2')", "SET PASSWORD FOR 'root'@'%' = PASSWORD('*****')"),
        ("ALTER USER x WITH PASSWORD 'hunter2'", "ALTER USER x WITH PASSWORD '*****'"),
        ("CREATE USER x IDENTIFIED BY 'hunter2'", "CREATE USER x IDENTIFIED BY '*****'"),
        ("SECRET_KEY, ALGORITHM = \"hunter2\", \"HS256\"", "SECRET_KEY, ALGORITHM = \"*****\", \"HS256\""),
        ("configure\nset\naws_secret_access_key\nhunter2", "configure\nset\naws_secret_access_key\n*****"),
        ("machine github.com login x password hunter2", "machine github.com login x password *****"),
        ("htpasswd -bc /etc/x admin hunter2", "htpasswd -bc /etc/x admin *****"),
        ("htpasswd -nb admin hunter2", "htpasswd -nb admin *****"),
        ("htpasswd -n -n -n -n -b admin hunter2", "htpasswd -n -n -n -n -b admin *****"),
        ("AUTH_HEADER Bearer hunter2hunter2", "AUTH_HEADER Bearer *****"),
        ("-----BEGIN RSA PRIVATE KEY-----\nabc\n-----END", "*****-----END"),
    ] {
        assert_eq!(hide(text), expected, "{text}");
    }
}

#[test]
fn rules_of_access_hold_passwords() {
    assert_eq!(hide("port 1\n user alice on >s3cr3t ~* +@all\n"), "port 1\n user alice on >***** ~* +@all\n");
    let hash = "5e884898da28047151d0e56f8dc6292773603d0d6aabbdd62a11ef721d1542d8";
    assert_eq!(hide(&format!("USER bob on #{hash} ~*")), "USER bob on #***** ~*");
    assert_eq!(hide("cat a >b"), "cat a >b");
    assert_eq!(hide("user www-data; #comment"), "user www-data; #comment");
}

#[test]
fn what_is_no_secret_stays() {
    for text in [
        "proxy_set_header Authorization $http_authorization;",
        "proxy_set_header Authorization \"Bearer $token\";",
        "proxy_set_header Authorization \"\";",
        "DB_PASSWORD: ${DB_PASSWORD}",
        "POSTGRES_PASSWORD_FILE=/run/secrets/x",
        "password_file=/x",
        "--password-file /run/secrets/x",
        "PasswordAuthentication yes",
        "the password stands in the file",
        "the Authorization header is sent on",
        "`DB_PASSWORD` is a literal",
        "http://user@h:80/a:b@c",
        "docker run -p 80:80",
        "openssl passwd -stdin",
        "cat /etc/passwd x",
        "sk-service-frontend-web",
        "sk-ecdsa-sha2-nistp256@openssh.com,sk-ssh-ed25519-cert-v01@openssh.com",
        "auth_basic_user_file /etc/nginx/htpasswd;",
        "curl -u $user http://h",
        "token: true",
        "if ($arg_token != $expected) {",
        "if ($arg_token = \"\") {",
        "rewrite ^/(.*)$ /$1$2/a-long-name-that-is-no-hash last;",
        "proxy_cookie_path / \"/; secure\";",
        "proxy_set_header Cookie $http_cookie;",
        "the `Set-Cookie` header has no `Secure`: SESSION_COOKIE_SECURE=False",
        "git@github.com:a/b https://a-user-with-a-long-name-of-no-digits@h/",
        "user www-data; #comment",
        "if ($http_x_token) { return 403; }",
        "npm alias set a b",
        "serve --token=$TOKEN run",
        "location //u:x",
        "return http://h//a:b@c;",
        "login(request)",
        "echo a | grep b",
        "echo a || passwd --stdin",
        "htpasswd -c /etc/x admin",
        "Basic authentication is sent on",
        "Bearer tokens",
        "a/b:/c@d",
    ] {
        assert_eq!(hide(text), text);
    }
}

#[test]
fn logins_need_no_scheme() {
    for (text, hidden) in [
        (r#"app.run(host="user:FAKEpw@h")"#, r#"app.run(host="user:*****@h")"#),
        ("dsn = admin:FAKEpw@db.example:5432/x", "dsn = admin:*****@db.example:5432/x"),
        ("connect me:FAKEpw@10.0.0.1", "connect me:*****@10.0.0.1"),
    ] {
        assert_eq!(hide(text), hidden);
    }
    for text in [
        "image: redis:7@sha256:0123456789abcdef",
        "git@github.com:owner/name",
        "mailto:me@site.example",
        "host=user:${PASSWORD}@db",
        "npm:lodash@4.17.21",
        "a: b@c.example",
        "12:30@noon",
    ] {
        assert_eq!(hide(text), text);
    }
}

#[test]
fn without_quotes_a_secret_may_go_on_behind_a_blank() {
    let hidden = |text: &'static str| without(text, spans_unquoted(text), |_| "*****".to_owned());
    assert_eq!(hidden("DB_PASSWORD=hunter2 horse x"), "DB_PASSWORD=*****");
    assert_eq!(hidden("postgres://u:hunter2@h x"), "postgres://u:*****@h x");
}
