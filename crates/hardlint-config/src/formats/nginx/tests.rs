//! What the model says, compared with nginx: facts marked "1.22.1" were seen with nginx 1.22.1 of Debian 12.

mod around;
mod facts;

use super::FORMAT;
use super::variables::Part;
use crate::loader::Memory;
use crate::model::{Model, ScopeId, Value};
use crate::version::{Targets, Version};
use crate::workspace::{Detection, Query, Workspace};
use std::sync::Arc;

fn model(files: &[(&str, &str)], query: Query) -> Model {
    let memory = Memory::new(files.iter().copied());
    let workspace = Workspace::new(&memory, query);
    let path: Arc<str> = files[0].0.into();
    workspace.look(&path, Detection::Given(&FORMAT));
    workspace.resolve(&mut workspace.reader(), &path, &FORMAT)
}

fn one(text: &str) -> Model {
    model(&[("nginx.conf", text)], Query::default())
}

fn where_is(text: &str, conditions: &[(&str, &str)]) -> Model {
    let conditions = conditions.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
    model(&[("nginx.conf", text)], Query { conditions, ..Query::default() })
}

fn line(model: &Model, text: &str, index: usize) -> usize {
    model.problems[index].at.map_or(0, |at| text[..at.span.start as usize].matches('\n').count() + 1)
}

/// The value of a key in the scope of a kind with a label, as text.
fn value(model: &Model, kind: &str, label: &str, key: &str) -> String {
    let kind = model.format.schema.kind_named(kind).unwrap();
    let found = model.scopes.iter().position(|scope| scope.kind == kind && &*scope.label == label);
    let id = ScopeId(u32::try_from(found.unwrap_or_else(|| panic!("no {label}"))).unwrap());
    spelt(model, model.get(id, key))
}

fn spelt(model: &Model, value: Option<&Value>) -> String {
    match value {
        None => "absent".into(),
        Some(Value::Bool(value)) => value.to_string(),
        Some(Value::Int(value)) => value.to_string(),
        Some(Value::Text(text)) => super::variables::flat(text),
        Some(Value::List(nodes)) => {
            nodes.iter().map(|node| spelt(model, Some(&node.value))).collect::<Vec<_>>().join("|")
        }
        Some(Value::Scope(id)) => {
            let label = model.get(*id, "name").map(|name| spelt(model, Some(name)));
            label.unwrap_or_else(|| model.scope(*id).map(|scope| scope.label.to_string()).unwrap_or_default())
        }
        Some(Value::Unknown(_)) => "unknown".into(),
        Some(_) => "other".into(),
    }
}

/// What nginx 1.22.1 says to `nginx -t`: 0 if it accepts the text, else the line that it names, or that of the fault.
#[test]
fn what_nginx_refuses_is_a_problem_and_nothing_else_is() {
    let server = |inner: &str| format!("events {{}}\nhttp {{\nserver {{\nlisten 127.0.0.1:8123;\n{inner}\n}}\n}}\n");
    for (inner, expected) in [
        ("server_tokens off; server_tokens on;", 5),
        ("server_tokens off\nroot /x;", 5),
        ("autoindex True;", 5),
        ("autoindex ON;", 0),
        ("server { }", 5),
        ("if ($arg_a) { add_header X y; }", 5),
        ("ssl_protocols TLSv1.2; ssl_protocols TLSv1.3;", 0),
        ("return 200 a; return 201 b;", 0),
        ("allow all; allow all;", 0),
        ("return;", 5),
        ("\"root\" /x;", 0),
        ("location / { listen 80; }", 5),
        ("if ($arg_a = \"b\") { return 403; }", 0),
        ("location =/x { }", 0),
        ("location ~x { }", 0),
        ("location % /x { }", 5),
        ("location / { limit_except GET { proxy_pass http://127.0.0.1; } }", 0),
        ("try_files /x;", 5),
        ("location / { if ($arg_a) { if ($arg_b) { return 403; } } }", 5),
        ("if ($arg_a) { location / {} }", 5),
        ("location / { alias /a; root /b; }", 5),
        ("add_header X foo#bar;", 0),
        ("return 200 'it''s';", 5),
        ("location ~ ^/a{2}$ { }", 5),
        ("server_name a b; server_name c;", 0),
        ("location / { location /a { } }", 0),
        ("location / { proxy_set_header A $; return 204; }", 5),
        ("fastcgi_param A $;", 5),
        ("fastcgi_param A $uri;", 0),
    ] {
        let text = server(inner);
        let model = one(&text);
        let lines: Vec<usize> = (0..model.problems.len()).map(|index| line(&model, &text, index)).collect();
        let told = if expected == 0 { lines.is_empty() } else { lines.contains(&expected) };
        assert!(told, "{inner}: {:?}", model.problems);
    }
    for (text, refused) in [
        ("events {}\nhttp { location / {} }", true),
        ("events {}\nhttp {}\nhttp {}", true),
        ("events {}\nhttp { include none.d/*.conf; }", false),
        ("events {}\nhttp { include none.conf; }", true),
        ("events {}\r\nhttp {\r\n}\r\n", false),
        ("\u{feff}events {}\nhttp {}", true),
        ("", false),
        ("events {}\nhttp { proxy_buffers 1 4k; server {} }", true),
        ("events {}\nhttp { uwsgi_buffers 3 4k; gzip_buffers 1 4k; server {} }", false),
        ("events {}\nhttp { fastcgi_cache y; server {} }", true),
        ("events {}\nhttp { server { location / { proxy_cache x; } } proxy_cache_path /c keys_zone=x:1m; }", false),
        (
            "events {}\nhttp { server { proxy_cache off; location / { proxy_cache $x; } } map a $x { default a; } }",
            false,
        ),
        ("events {}\nhttp { proxy_cache_path /c keys_zone=a; }", true),
        ("events {}\nhttp { proxy_cache_path /c keys_zone=a:1k; }", true),
        ("events {}\nhttp { proxy_cache_path /c keys_zone=:10m; }", true),
        ("events {}\nhttp { proxy_cache_path /c levels=1:2; }", true),
        ("events {}\nhttp { proxy_cache_path /c keys_zone=%%Z%%; }", false),
        ("events {}\nhttp { gzip %%G%%; }", false),
        ("events {}\nhttp { gzip %G; }", true),
        ("events {}\nhttp { gzip 5%%; }", true),
    ] {
        assert_eq!(!one(text).problems.is_empty(), refused, "{text}: {:?}", one(text).problems);
    }
}

/// 1.22.1, by `curl -I` on each location.
#[test]
fn headers_are_inherited_all_or_none() {
    let model = one(
        "events {}\nhttp {\n add_header A h;\n server {\n  listen 80;\n  location /none { expires 1d; }\n  location /own { add_header B l;\n   location /own/in { }\n   location /own/set { add_header C n; }\n  }\n  location /empty { add_header D \"\"; }\n }\n}\n",
    );
    for (label, expected) in [("/none", "a"), ("/own", "b"), ("/own/in", "b"), ("/own/set", "c"), ("/empty", "d")] {
        assert_eq!(value(&model, "location", label, "sent_headers"), expected, "{label}");
    }
    let merged = one("http { add_header A h; add_header_inherit merge; server { location /a { add_header B l; } } }");
    assert_eq!(value(&merged, "location", "/a", "sent_headers"), "b|a");
}

#[test]
fn words_and_variables_are_the_same_in_any_case() {
    let model = one(
        "events {}\nhttp {\n server {\n  server_tokens BUILD;\n  ssl_verify_client Optional;\n  ssl_protocols tlsv1 TLSV1.2;\n  set $Where $Uri;\n  location /a { return 301 https://$where; }\n  location /b { satisfy ANY; }\n }\n}\n",
    );
    assert_eq!(value(&model, "server", "", "server_tokens"), "build");
    assert_eq!(value(&model, "server", "", "ssl_verify_client"), "optional");
    assert_eq!(value(&model, "server", "", "ssl_protocols"), "TLSv1|TLSv1.2");
    assert_eq!(value(&model, "location", "/b", "satisfy"), "any");
    // One of capitals alone is there for what fills the file in.
    let names = |text: &str| super::variables::parts(text);
    assert_eq!(names("$Host$HTTP_ORIGIN"), [Part::Variable("host".into()), Part::Variable("HTTP_ORIGIN".into())]);
}

#[test]
fn scalars_are_the_nearest_and_access_lists_go_together() {
    let model = one(
        "events {}\nhttp {\n server_tokens off;\n server {\n  deny all;\n  location /a { allow 10.0.0.0/8; }\n  location /b { server_tokens on; deny 1.2.3.4; }\n  location /c { }\n }\n}\n",
    );
    assert_eq!(value(&model, "location", "/a", "server_tokens"), "off");
    assert_eq!(value(&model, "location", "/b", "server_tokens"), "on");
    assert_eq!(value(&model, "location", "/a", "restricted"), "false");
    assert_eq!(value(&model, "location", "/c", "restricted"), "true");
    assert_eq!(value(&model, "location", "/c", "client_max_body_size"), "1m");
    assert_eq!(value(&model, "location", "/a", "deny"), "");
}

/// 1.22.1, by `openssl s_client`: a socket speaks TLS if one of its servers says so; the default server's protocols hold.
#[test]
fn sockets_belong_to_all_their_servers() {
    let text = "events {}\nhttp {\n server { listen 443; server_name a; ssl_protocols TLSv1.2; }\n server { listen 0.0.0.0:443 ssl; server_name b; ssl_protocols TLSv1 TLSv1.3; }\n server { listen 80; server_name c; }\n server { server_name d; }\n}\n";
    let old = Query { targets: Targets([("nginx".to_owned(), Version([1, 22, 1]))].into()), ..Query::default() };
    let model = model(&[("nginx.conf", text)], old);
    let servers: Vec<ScopeId> = (0..model.scopes.len())
        .map(|at| ScopeId(u32::try_from(at).unwrap()))
        .filter(|&id| model.scope(id).unwrap().kind == model.format.schema.kind_named("server").unwrap())
        .collect();
    let all = |key: &str| servers.iter().map(|&id| spelt(&model, model.get(id, key))).collect::<Vec<_>>().join(" ");
    assert_eq!(all("tls"), "true true false false");
    assert_eq!(all("decides_tls"), "true false false false");
    assert_eq!(all("protocols_overruled"), "false true false false");
    assert_eq!(all("is_default"), "true false true false");
    assert_eq!(value(&model, "socket", "*:443", "servers").matches('|').count(), 1);
    assert_eq!(value(&model, "socket", "*:80", "servers").matches('|').count(), 1);
}

/// 1.22.1, by `return 200` with a name in each location.
#[test]
fn where_finds_the_server_and_the_location_as_nginx_does() {
    let text = "events {}\nhttp {\n server { listen 80 default_server; server_name _; client_max_body_size 1k; }\n server { listen 80; server_name a.example *.b.example;\n  client_max_body_size 2k;\n  location / { client_max_body_size 3k; }\n  location /img/ { client_max_body_size 4k; }\n  location ^~ /raw/ { client_max_body_size 5k; }\n  location = /exact { client_max_body_size 6k; }\n  location ~ \\.php$ { client_max_body_size 7k; }\n  location ~* \\.PHP { client_max_body_size 8k; }\n  location /in { location /in/er { client_max_body_size 9k; } }\n }\n server { listen 81; server_name c; client_max_body_size 10k; }\n}\n";
    for (conditions, expected) in [
        (&[("server", "nobody"), ("uri", "/")][..], "1k"),
        (&[("server", "a.example"), ("uri", "/")], "3k"),
        (&[("server", "X.B.example"), ("uri", "/img/x.png")], "4k"),
        (&[("server", "a.example"), ("uri", "/img/x.php")], "7k"),
        (&[("server", "a.example"), ("uri", "/raw/x.php")], "5k"),
        (&[("server", "a.example"), ("uri", "/exact?x=.php")], "6k"),
        (&[("server", "a.example"), ("uri", "/x.Php5")], "8k"),
        (&[("server", "a.example"), ("uri", "/in/er/x")], "9k"),
        (&[("server", "a.example"), ("uri", "/a/../%69mg//x")], "4k"),
        (&[("server", "a.example"), ("port", "81")], "10k"),
        (&[("server", "a.example")], "2k"),
    ] {
        let model = where_is(text, conditions);
        assert_eq!(spelt(&model, model.get(model.focus, "client_max_body_size")), expected, "{conditions:?}");
    }
}

#[test]
fn templates_leave_open_what_they_fill_in_and_are_no_problem() {
    let text = "server {\n listen ${PORT};\n server_name {{ name }};\n{% if tls %}\n listen 443 ssl;\n server_tokens off;\n{% endif %}\n{{ more }}\n location /{{ path }} { root /x; }\n}\n";
    let model = model(&[("site.conf.j2", text)], Query::default());
    assert!(model.problems.is_empty(), "{:?}", model.problems);
    assert_eq!(value(&model, "server", "", "tls"), "true");
    assert_eq!(value(&model, "server", "", "server_tokens"), "unknown");
    assert_eq!(value(&model, "server", "", "serves_content"), "true");
    assert_eq!(value(&model, "server", "", "sends_hsts"), "unknown");
}

#[test]
fn includes_are_spliced_and_circles_end() {
    let loader = &[
        ("etc/nginx/nginx.conf", "events {}\nhttp { include conf.d/*.conf; include /etc/nginx/sites/a; }"),
        ("etc/nginx/conf.d/10.conf", "server { listen 80; server_name ten; include part; }"),
        ("etc/nginx/conf.d/9.conf", "server { listen 80; server_name nine; }"),
        ("etc/nginx/part", "location /part { }"),
        ("etc/nginx/sites/a", "server { listen 80; server_name a; include sites/a; }"),
    ];
    let model = model(loader, Query::default());
    assert_eq!(value(&model, "socket", "*:80", "servers").matches('|').count(), 2);
    assert_eq!(value(&model, "location", "/part", "modifier"), "");
    assert_eq!(model.problems.len(), 1);
    assert!(model.problems[0].message.contains("includes itself"));
    // 10.conf comes before 9.conf, so that its server is the default one.
    assert_eq!(value(&model, "listen", "80", "is_default"), "true");
}

#[test]
fn hostile_configurations_end() {
    let bomb: Vec<(String, String)> = (0..40)
        .map(|at| (format!("f{at}"), format!("include f{};\ninclude f{};\n", at + 1, at + 1)))
        .chain([("f40".to_owned(), "root /x;".to_owned())])
        .collect();
    let mut files = vec![("nginx.conf", "events {}\nhttp { include f0; }")];
    files.extend(bomb.iter().map(|(path, text)| (path.as_str(), text.as_str())));
    assert!(!model(&files, Query::default()).problems.is_empty());
}

#[test]
fn deep_and_wide_configurations_end() {
    let deep = format!("events {{}} http {{ server {{ {} {} }} }}", "location / {".repeat(10_000), "}".repeat(10_000));
    assert_eq!(one(&deep).problems.len(), 1);
    let many = format!(
        "events {{}} http {{ server {{ {} }} }}",
        (0..5_000).map(|at| format!("location /{at} {{ add_header A b; }}\n")).collect::<Vec<_>>().concat()
    );
    assert!(one(&many).problems.is_empty());
}

#[test]
fn maps_and_lookups_are_scopes() {
    let text = "events {} http { map $a $b { default 1; x 2; } map $a $c { x 1; y 2; } geo $d { ranges; 10.0.0.0-10.1.0.0 1; } resolver 9.9.9.9 [2001:db8::1]:53 10.0.0.1 ns.example valid=5s; }";
    let model = one(text);
    for (label, expected) in [("$b", "true 2"), ("$c", "false 2"), ("$d", "false 1")] {
        let found =
            format!("{} {}", value(&model, "map", label, "has_default"), value(&model, "map", label, "entries"));
        assert_eq!(found, expected, "{label}");
    }
    assert_eq!(value(&model, "lookup", "", "public_resolvers"), "9.9.9.9|2001:db8::1");
}

/// What lies beside the main file may be laid where the pattern looks: nothing is known of what it may set.
#[test]
fn a_file_that_fits_a_pattern_may_be_what_is_included() {
    let main = "events {} http { include /etc/nginx/conf.d/*.conf; server { listen 80; } }";
    let tokens = |files: &[(&str, &str)]| value(&model(files, Query::default()), "server", "", "tokens_shown");
    assert_eq!(tokens(&[("nginx.conf", main)]), "true");
    assert_eq!(tokens(&[("nginx.conf", main), ("default.conf", "server_tokens off;")]), "unknown");
    assert_eq!(tokens(&[("nginx.conf", main), ("notes.txt", "")]), "true");
}

/// What certbot writes into each server says nothing of headers, nor of what is listed.
#[test]
fn of_files_that_are_known_only_what_stands_in_them_is_not_known() {
    let certbot = "/etc/letsencrypt/options-ssl-nginx.conf";
    let told = |file: &str, key: &str| {
        let inside = format!(
            "listen 443 ssl; ssl_certificate a; ssl_certificate_key b; include {file}; ssl_session_tickets off;"
        );
        let found = one(&format!("events {{}} http {{ server {{ {inside} }} }}"));
        (value(&found, "server", "", key), found.problems.len())
    };
    assert_eq!(told(certbot, "tokens_shown"), ("true".to_owned(), 0));
    for (file, key) in [
        (certbot, "ssl_protocols"),
        (certbot, "ssl_session_tickets"),
        ("/etc/letsencrypt/other.conf", "tokens_shown"),
        ("/etc/nginx/proxy_params", "proxy_set_header"),
    ] {
        assert_eq!(told(file, key), ("unknown".to_owned(), 0), "{file} {key}");
    }
}

/// 1.22.1, by `nginx -t`, and by a request for `/q`.
#[test]
fn paths_inside_expressions_and_empty_prefixes() {
    let problems = |inside: &str| one(&format!("events {{}} http {{ server {{ {inside} }} }}")).problems.len();
    assert_eq!(problems("location / { location = /x { } location = /x { } }"), 1);
    assert_eq!(problems("location ~ /x { location = /x { } location = /x { } }"), 0);
    assert_eq!(problems("location ~ / { location / { location = /x { } location = /x { } } }"), 0);
    let query = Query { conditions: vec![("uri".into(), "/q".into())], ..Query::default() };
    let text = "events {} http { root /srv; server { listen 80; location \"\" { index l; } } }";
    let found = model(&[("nginx.conf", text)], query);
    assert_eq!(found.get(found.focus, "index").and_then(Value::as_list).map(<[_]>::len), Some(1));
}

/// A few files that each include the next one several times would be endless.
#[test]
fn includes_that_multiply_are_cut() {
    let line = |index: usize| format!("include {}.conf;\n", index + 1).repeat(4);
    let files: Vec<(String, String)> = (0..10).map(|index| (format!("{index}.conf"), line(index))).collect();
    let first = format!("events {{}}\nhttp {{ server {{ listen 80; {} }} }}\n", line(0));
    let mut all: Vec<(&str, &str)> = files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    all.push(("10.conf", "add_header X-A b;\n"));
    all.push(("nginx.conf", &first));
    let model = model(&all, Query::default());
    assert!(model.problems.iter().any(|it| it.message.contains("more statements or includes than are read")));
}
