//! What follows from directives.

use super::*;
use crate::deployment::role::Role;

#[test]
fn hosts_are_traced_to_who_chooses_them() {
    for (inner, expected) in [
        ("proxy_pass http://$arg_a;", "$arg_a"),
        ("set $b $arg_a; proxy_pass http://$b;", "$arg_a"),
        ("set $b http://app; proxy_pass $b;", ""),
        ("set $b http://app$request_uri; proxy_pass $b;", ""),
        ("proxy_pass http://app/$arg_a;", ""),
        ("proxy_pass http://$upstream_of_a_module;", "unknown"),
        ("proxy_pass http://$host;", "$host"),
        ("proxy_pass http://unix:/run/a.sock;", ""),
    ] {
        let text = format!("server {{ listen 80; location / {{ {inner} }} }}");
        let label = "proxy_pass";
        assert_eq!(value(&one(&text), "proxy", label, "controlled_by"), expected, "{inner}");
    }
}

#[test]
fn what_a_server_gives_away_is_weighed() {
    let check = |body: &str, kind: &str, label: &str, fact: &str, expected: &str| {
        let found = one(&format!("server {{ listen 80; {body} }}"));
        assert_eq!(value(&found, kind, label, fact), expected, "{fact}: {body}");
    };
    check("root /srv;", "server", "", "static_only", "true");
    check("root /srv/mirror; location /a/ { autoindex on; }", "location", "/a/", "listing_meant", "true");
    check(
        "server_name downloads.example.org; autoindex on; location /a/ { }",
        "location",
        "/a/",
        "listing_meant",
        "true",
    );
    check("autoindex_exact_size off; location /a/ { autoindex on; }", "location", "/a/", "listing_meant", "true");
    check("root /srv/report; location /a/ { autoindex on; }", "location", "/a/", "listing_meant", "false");
    check("root /srv; location /a/ { proxy_pass http://app; }", "server", "", "static_only", "false");
    check("root /srv; location /a/ { auth_basic Staff; }", "server", "", "static_only", "false");
    check("root /srv; include /etc/more.conf;", "server", "", "static_only", "unknown");
    let tiles = "location /tiles { root /srv; }";
    for (body, expected) in [
        (format!("location / {{ return 301 https://$host$request_uri; }} {tiles}"), "true"),
        (
            format!(
                "location / {{ return 301 https://$host$request_uri; }} {tiles} location /api {{ proxy_pass http://app; }}"
            ),
            "false",
        ),
        (format!("location / {{ root /srv; }} {tiles}"), "false"),
        ("root /srv; location / { add_header Access-Control-Allow-Origin *; }".into(), "true"),
        (format!("root /srv; location / {{ add_header Access-Control-Allow-Origin *; }} {tiles}"), "false"),
        ("add_header Access-Control-Allow-Origin *; location / { proxy_pass http://app; }".into(), "false"),
    ] {
        check(&body, "server", "", "plain_on_purpose", expected);
    }
    check("root /var/www/html;", "server", "", "built_root", "true");
    check("root /var/www/html; location ~ \\.php$ { fastcgi_pass php:9000; }", "server", "", "built_root", "false");
    check("root /app/public; location ~ \\.php$ { fastcgi_pass php:9000; }", "server", "", "built_root", "true");
    check("location /s { stub_status; }", "location", "/s", "state_access", "read nginx's state");
    check("location /s { api; }", "location", "/s", "state_access", "read nginx's state");
    check("location /s { api write=on; }", "location", "/s", "state_access", "change nginx's upstreams");
    check("location /s { api write=off; }", "location", "/s", "state_access", "read nginx's state");
    check("location /s { upstream_conf; }", "location", "/s", "state_access", "change nginx's upstreams");
}

#[test]
fn what_lies_in_a_persons_folder_is_served_on_a_persons_machine() {
    let role =
        |root: &str| one(&format!("server {{ listen 80; root {root}; }} server {{ listen 81; }}")).role(ScopeId(1));
    assert_eq!(role("C:/Users/ann/site"), Some(Role::Development));
    assert_eq!(role("/srv/site"), None);
}

/// 1.22.1, by `curl -I` with and without the argument: `try_files` lets the request through, and the headers of the block
/// before, or of the server, are gone; `deny`, `auth_basic`, `limit_except` and `proxy_set_header` still hold.
#[test]
fn what_an_if_in_a_location_drops() {
    let check = |location: &str, label: &str, expected: &str| {
        let text = format!("server {{ listen 80; root /srv; location / {{ {location} }} }}");
        assert_eq!(value(&one(&text), "if", label, "drops"), expected, "{location}");
    };
    let pass = "proxy_pass http://app;";
    check(&format!("try_files /x =404; if ($arg_q) {{ set $z 1; }} {pass}"), "($arg_q)", "`try_files`");
    check(&format!("if ($arg_q) {{ set $z 1; }} try_files /x =404; {pass}"), "($arg_q)", "`try_files`");
    check(&format!("try_files /x =404; if ($arg_q) {{ return 403; }} {pass}"), "($arg_q)", "");
    check(&format!("try_files /x =404; if ($arg_q) {{ proxy_pass http://b; }} {pass}"), "($arg_q)", "");
    check(&format!("try_files /x @app; if ($arg_q) {{ set $z 1; }} {pass}"), "($arg_q)", "");
    check(&format!("deny all; if ($arg_q) {{ set $z 1; }} {pass}"), "($arg_q)", "");
    let first = "if ($arg_a) { add_header X-Frame-Options DENY; }";
    check(&format!("{first} if ($arg_b) {{ set $z 1; }} {pass}"), "($arg_b)", "x-frame-options");
    check(&format!("{first} if ($arg_b) {{ add_header X-Frame-Options DENY; }} {pass}"), "($arg_b)", "");
    check(&format!("if ($arg_b) {{ set $z 1; }} {first} {pass}"), "($arg_b)", "");
    check(&format!("if ($arg_b) {{ set $z 1; }} include more.conf; {pass}"), "($arg_b)", "unknown");
}

#[test]
fn upstreams_are_told_apart_by_where_they_are() {
    let check = |location: &str, fact: &str, expected: &str| {
        let text = format!(
            "events {{}} http {{ upstream far {{ server 10.0.0.1; server api.example:443; }} upstream near {{ server unix:/a; server 127.0.0.1:1; }}\nserver {{ listen 80; {location} }} }}"
        );
        assert_eq!(value(&one(&text), "proxy", "proxy_pass", fact), expected, "{fact}: {location}");
    };
    check("location / { proxy_pass https://FAR/x; }", "upstream_reach", "public");
    check("location / { proxy_pass http://near; }", "upstream_reach", "loopback");
    check("location / { set $b app; proxy_pass https://$b:1; }", "upstream_reach", "private");
    check("location / { proxy_pass https://$host; }", "upstream_reach", "unknown");
    check("location / { proxy_pass https://$host; }", "unchecked_upstream", "https://$host");
    check("location / { proxy_pass $all; }", "unchecked_upstream", "unknown");
    check("location / { include more.inc; proxy_pass https://app; }", "unchecked_upstream", "unknown");
    check("proxy_ssl_verify on; location / { proxy_pass https://app; }", "unchecked_upstream", "");
    check("location / { if ($a) { proxy_pass https://app; } }", "unchecked_upstream", "https://app");
    let told = "proxy_set_header X-Real-IP $remote_addr;";
    check(&format!("location / {{ {told} proxy_pass http://app; }}"), "client_address", "kept");
    check("location / { proxy_pass http://app; }", "client_address", "");
    check("location / { proxy_set_header X-A b; proxy_pass http://app; }", "client_address", "");
    let lost = "proxy_set_header X-Forwarded-For $remote_addr; proxy_set_header Host $host;";
    let location = format!("{lost} location / {{ {told} proxy_pass http://app; }}");
    check(&location, "client_address", "lost");
    check(&location, "lost_headers", "x-forwarded-for|host");
    check(&format!("{lost} location / {{ proxy_pass http://app; }}"), "lost_headers", "");
}

#[test]
fn folders_of_the_system_are_told_where_paths_lead_into_them() {
    for (location, expected) in [
        ("location /f/ { alias /; }", "/"),
        ("location /f { alias /usr/..; }", "/"),
        ("location /etc/ { root /; }", "/etc"),
        ("location /e { root /etc; }", ""),
        ("location = /f { alias /; }", ""),
        ("location ~ ^/v/(.*)$ { alias /$1; }", "/"),
        ("location ~ ^/(\\w+)/(.*)$ { alias /$2; }", ""),
        ("location /f/ { alias /srv/$host/; }", ""),
        ("location /f/ { alias etc/; }", ""),
    ] {
        let model = one(&format!("events {{}} http {{ server {{ {location} }} }}"));
        let label = location.split(' ').find(|word| word.starts_with(['/', '^'])).unwrap();
        assert_eq!(value(&model, "location", label, "system_folder"), expected, "{location}");
    }
}

#[test]
fn what_answers_before_access_is_asked_is_told() {
    let closed = "allow 10.0.0.0/8; deny all;";
    for (location, expected) in [
        (format!("location /a {{ {closed} return 200 x; }}"), "return 200 x"),
        (format!("{closed} location /a {{ return 200 x; }}"), "return 200 x"),
        (format!("{closed} location /a {{ return 302 /b; }}"), ""),
        (format!("location /a {{ {closed} return 302 /b; }}"), "return 302 /b"),
        (format!("location /a {{ {closed} rewrite ^/a/(.*) /b/$1 permanent; }}"), "rewrite ^/a/(.*) /b/$1 permanent"),
        (format!("location /a {{ {closed} rewrite ^/a/(.*) /b/$1 break; }}"), ""),
        (format!("location /a {{ {closed} return 301 https://$host$uri; }}"), ""),
        (format!("location /a {{ {closed} return 403; }}"), ""),
        ("location /a { allow all; return 200 x; }".to_owned(), ""),
    ] {
        let model = one(&format!("events {{}} http {{ server {{ {location} }} }}"));
        assert_eq!(value(&model, "location", "/a", "before_access"), expected, "{location}");
    }
    // nginx leads to these, after what else of the server asks.
    let named = format!("location @a {{ {closed} return 200 x; }}");
    for (beside, expected) in [
        ("location / { try_files $uri @a; }", "return 200 x"),
        ("auth_basic Staff; location / { try_files $uri @a; }", ""),
        ("location / { auth_basic Staff; try_files $uri @a; }", ""),
        ("allow 10.0.0.0/8; deny all; location / { try_files $uri @a; }", ""),
    ] {
        let model = one(&format!("events {{}} http {{ server {{ {named} {beside} }} }}"));
        assert_eq!(value(&model, "location", "@a", "before_access"), expected, "{beside}");
    }
}

#[test]
fn headers_that_name_the_caller_come_back_where_lines_are_lost() {
    for (outer, expected) in [
        ("proxy_set_header X-Remote-User \"\";", "x-remote-user"),
        ("proxy_set_header Remote-Groups '';", "remote-groups"),
        ("proxy_set_header Connection \"\";", ""),
        ("proxy_set_header X-Request-Start \"\";", ""),
        ("proxy_set_header X-Remote-User $remote_user;", ""),
    ] {
        let text = format!(
            "events {{}} http {{ server {{ {outer} location / {{ proxy_set_header X-B c; proxy_pass http://app; }} }} }}"
        );
        assert_eq!(value(&one(&text), "proxy", "proxy_pass", "lost_headers"), expected, "{outer}");
    }
}

#[test]
fn targets_are_told_by_name_and_path() {
    let fact =
        |inner: &str, key: &str| value(&one(&format!("events {{}} http {{ {inner} }}")), "proxy", "proxy_pass", key);
    for (inner, stale, decoded) in [
        ("server { location / { proxy_pass http://api.shop.example; } }", "api.shop.example", "false"),
        ("server { location /a/ { proxy_pass http://api.shop.example:80/b/; } }", "api.shop.example:80", "true"),
        ("server { location = /a { proxy_pass http://127.0.0.1/b; } }", "", "false"),
        ("server { location / { proxy_pass http://unix:/run/app.sock; } }", "", "false"),
        ("server { location / { proxy_pass http://unix:/run/app.sock:/b; } }", "", "true"),
        ("server { location / { set $up api.shop.example; proxy_pass http://$up; } }", "api.shop.example", "false"),
        ("resolver 10.0.0.1; server { location / { set $up api.shop.example; proxy_pass http://$up; } }", "", "false"),
        ("upstream u { server api.shop.example resolve; } server { location / { proxy_pass http://u; } }", "", "false"),
        (
            "upstream u { server api.shop.example; } server { location / { proxy_pass http://u; } }",
            "api.shop.example",
            "false",
        ),
        ("server { location / { rewrite ^ $request_uri; proxy_pass http://app; } }", "", "true"),
        ("server { location / { rewrite ^ $request_uri; proxy_pass http://app$1; } }", "", "false"),
    ] {
        assert_eq!((fact(inner, "stale_name"), fact(inner, "decoded_path")), (stale.into(), decoded.into()), "{inner}");
    }
}
