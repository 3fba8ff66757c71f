//! Whether a client can write the header by which a proxy tells Django that a request came over HTTPS.
//!
//! The links are those of Compose: a service that runs the module and publishes the port of its server, or an nginx of the
//! same project that is published and passes requests on to that service with the header as it came. What is not known is
//! left out: another proxy in front, a command that does not name its port, a configuration that is not mounted or copied.

use super::server;
use crate::deployment::services::{self, Service};
use crate::deployment::{self, proxies};
use crate::formats::nginx;
use crate::formats::python::service::Run;
use crate::model::Model;
use crate::text::Loc;
use crate::version::Targets;
use crate::workspace::{Query, Reader};
use std::sync::Arc;

/// How a client gets past what should set the header.
pub(super) struct Way {
    /// In words.
    pub(super) text: String,
    /// Where that is told.
    pub(super) at: Loc,
}

/// How a client of one of the services that run the module can write `header`, such as `X_FORWARDED_PROTO`, itself.
pub(super) fn ways(reader: &mut Reader<'_>, query: &Query, runs: &[Run], header: &str) -> Vec<Way> {
    let query = Query { environment: None, targets: Targets::default(), conditions: Vec::new(), ..query.clone() };
    let mut found: Vec<Way> = Vec::new();
    for run in runs {
        let Ok(file) = reader.open(&run.project, None) else { continue };
        let all = services::services(reader, &query, file);
        let Some(mine) = all.iter().find(|service| *service.name == *run.service) else { continue };
        found.extend(published(reader, &query, mine));
        for proxy in &all {
            let Some(way) = passed(reader, &query, proxy, &mine.name, header) else { continue };
            // Another proxy may stand before it, and pass on what the client wrote as well.
            let mut before = all.iter().filter(|outer| outer.name != proxy.name && is_open(outer));
            if is_open(proxy) || before.any(|outer| passed(reader, &query, outer, &proxy.name, header).is_some()) {
                found.push(way);
            }
        }
    }
    let mut seen = std::collections::BTreeSet::new();
    found.retain(|way| seen.insert(way.at));
    found
}

/// Whether other machines reach a service.
fn is_open(service: &Service) -> bool {
    service.host_network || service.published.iter().any(|port| port.beyond_host)
}

/// The port of the service's own server, where other machines reach it.
fn published(reader: &mut Reader<'_>, query: &Query, service: &Service) -> Option<Way> {
    let own = service.started.as_ref().map(|(script, _)| server::port(script));
    let inside = own.unwrap_or_else(|| {
        let image = deployment::image(reader, query, service)?;
        image.started.as_ref().and_then(|(script, _)| server::port(script))
    })?;
    if service.host_network {
        let text = format!("the service `{}` answers on port {inside} of the host itself", service.name);
        return Some(Way { text, at: service.at });
    }
    let port = service.published.iter().find(|port| port.inside == inside && port.beyond_host)?;
    let text = format!("the service `{}` publishes port {inside} of its own server", service.name);
    Some(Way { text, at: port.at })
}

/// An nginx that passes on to `host` what the client wrote.
fn passed(reader: &mut Reader<'_>, query: &Query, proxy: &Service, host: &str, header: &str) -> Option<Way> {
    let name = spelt(header);
    let image = deployment::image(reader, query, proxy);
    let paths = proxies::configurations(reader, proxy, image.as_ref());
    let mut texts: Vec<String> = Vec::new();
    for path in &paths {
        let file = reader.open(path, None).ok();
        texts.push(file.map(|file| reader.source(file).text.to_ascii_lowercase()).unwrap_or_default());
    }
    let lower = name.to_ascii_lowercase();
    for (index, path) in paths.iter().enumerate() {
        // What another file sets for all servers holds here as well.
        let elsewhere = texts.iter().enumerate().any(|(other, text)| other != index && text.contains(&lower));
        let Ok(file) = reader.open(path, None) else { continue };
        let format = &nginx::FORMAT;
        let versions = query.targets.versions(format.schema.program, format.schema.supported);
        let model = Model::new(format, path.as_str().into(), versions, Arc::default());
        let model = (format.resolve)(reader, query, file, model);
        for pass in nginx::forwarded(&model, host, header) {
            let text = match &pass.sent {
                nginx::Sent::Untouched if !elsewhere => {
                    format!("nginx passes `{name}` on to `{host}` as the client sent it")
                }
                nginx::Sent::Set(value, _) if is_clients(value, header) => {
                    format!("nginx sets `{name}` to what the client sent")
                }
                _ => continue,
            };
            let at = if let nginx::Sent::Set(_, at) = pass.sent { at } else { pass.at };
            return Some(Way { text, at });
        }
    }
    None
}

/// A header as files write it: `X-Forwarded-Proto`.
fn spelt(header: &str) -> String {
    let part = |part: &str| {
        let first: String = part.chars().take(1).collect();
        let rest: String = part.chars().skip(1).collect();
        format!("{}{}", first.to_uppercase(), rest.to_lowercase())
    };
    header.split('_').map(part).collect::<Vec<_>>().join("-")
}

/// Whether a value is the client's own header, and nothing else.
fn is_clients(value: &str, header: &str) -> bool {
    let name = value.trim_matches('"').trim_start_matches('$').trim_start_matches('{').trim_end_matches('}');
    value.contains('$') && name.strip_prefix("http_").is_some_and(|name| name.eq_ignore_ascii_case(header))
}

#[cfg(test)]
mod tests {
    use crate::formats::django::tests::resolve;
    use crate::loader::Memory;
    use crate::model::ScopeId;

    const SETTINGS: &str = "SECURE_PROXY_SSL_HEADER = ('HTTP_X_FORWARDED_PROTO', 'https')\n";

    fn way(compose: &str, nginx: &str) -> String {
        way_with(compose, nginx, &[])
    }

    fn way_with(compose: &str, nginx: &str, more: &[(&str, &str)]) -> String {
        let files = [
            ("conf.d/site.conf", nginx),
            ("compose.yaml", compose),
            ("site.conf", nginx),
            ("proxy/Dockerfile", "FROM nginx:1.27\nCOPY site.conf /etc/nginx/conf.d/default.conf\n"),
            ("proxy/site.conf", nginx),
            ("web/Dockerfile", "FROM python:3.13\nCMD gunicorn shop.wsgi -b 0.0.0.0:9000\n"),
            ("web/manage.py", "os.environ.setdefault('DJANGO_SETTINGS_MODULE', 'shop.settings')\n"),
            ("web/shop/__init__.py", ""),
            ("web/shop/settings.py", SETTINGS),
        ];
        let memory = Memory::new(files.into_iter().chain(more.iter().copied()));
        let model = resolve(&memory, "web/shop/settings.py", None);
        model.get(ScopeId(0), "proxy_header_from_client").and_then(|value| value.as_str()).unwrap_or("?").to_owned()
    }

    #[test]
    fn a_published_port_of_the_server_is_a_way_past_the_proxy() {
        let of = |rest: &str| way(&format!("services:\n  web:\n    build: ./web\n{rest}"), "");
        let gunicorn = "    command: gunicorn shop.wsgi -b 0.0.0.0:8000\n";
        let told = "the service `web` publishes port 8000 of its own server";
        assert_eq!(of(&format!("{gunicorn}    ports: ['8000:8000']\n")), told);
        assert_eq!(of(&format!("{gunicorn}    ports: ['80:8000']\n")), told);
        assert_eq!(of(&format!("{gunicorn}    ports: ['127.0.0.1:8000:8000']\n")), "");
        assert_eq!(of(&format!("{gunicorn}    ports: ['9100:9100']\n")), "");
        assert_eq!(of(&format!("{gunicorn}    ports: ['${{IP}}:8000:8000']\n")), "");
        assert_eq!(of(gunicorn), "");
        assert_eq!(
            of(&format!("{gunicorn}    network_mode: host\n")),
            "the service `web` answers on port 8000 of the host itself"
        );
        assert_eq!(of("    command: gunicorn shop.wsgi -b 127.0.0.1:8000\n    network_mode: host\n"), "");
        // Nothing is published of what starts only when it is asked for, or has no network that leads out.
        assert_eq!(of(&format!("{gunicorn}    ports: ['8000:8000']\n    profiles: [debug]\n")), "");
        let networks = |names: &str| {
            of(&format!(
                "{gunicorn}    ports: ['8000:8000']\n    networks: [{names}]\nnetworks: {{back: {{internal: true}}, front: {{}}}}\n"
            ))
        };
        assert_eq!(networks("back"), "");
        assert_eq!(networks("back, front"), told);
        // The image's own command, unless the service has another.
        assert_eq!(of("    ports: ['80:9000']\n"), told.replace("8000", "9000"));
        assert_eq!(of("    command: ./run.sh\n    ports: ['80:9000']\n"), "");
        assert_eq!(of("    entrypoint: ./run.sh\n    ports: ['80:9000']\n"), "");
    }

    #[test]
    fn nginx_tells_what_it_passes_on() {
        let proxy = "  proxy:\n    image: nginx:1.27\n    ports: ['80:80']\n    volumes: ['./site.conf:/etc/nginx/conf.d/site.conf']\n";
        let web = "services:\n  web:\n    build: ./web\n    command: gunicorn shop.wsgi -b 0.0.0.0:8000\n";
        let of = |nginx: &str| way(&format!("{web}{proxy}"), &format!("server {{ {nginx} }}\n"));
        let untouched = "nginx passes `X-Forwarded-Proto` on to `web` as the client sent it";
        assert_eq!(of("location / { proxy_pass http://web:8000; }"), untouched);
        assert_eq!(of("proxy_set_header Host $host; location / { proxy_pass http://web:8000; }"), untouched);
        assert_eq!(
            of(
                "proxy_set_header X-Forwarded-Proto $scheme; location / { proxy_set_header Host $host; proxy_pass http://web:8000; }"
            ),
            untouched
        );
        assert_eq!(
            of(
                "location / { proxy_set_header X-Forwarded-Proto $http_x_forwarded_proto; proxy_pass http://web:8000; }"
            ),
            "nginx sets `X-Forwarded-Proto` to what the client sent"
        );
        assert_eq!(of("set $u http://web:8000; location / { proxy_pass $u; }"), untouched);
        assert_eq!(of("location / { set $u web; proxy_pass http://$u:8000; }"), untouched);
        for silent in [
            "set $u http://web:8000; location / { proxy_set_header X-Forwarded-Proto $scheme; proxy_pass $u; }",
            "set $u http://web:8000; set $u http://other; location / { proxy_pass $u; }",
            "location / { proxy_set_header X-Forwarded-Proto $scheme; proxy_pass http://web:8000; }",
            "location / { proxy_set_header x-forwarded-proto https; proxy_pass http://web:8000; }",
            "location / { proxy_set_header X-Forwarded-Proto ''; proxy_pass http://web:8000; }",
            "location / { proxy_pass http://other:8000; }",
            "location / { proxy_pass http://$backend; }",
            "location / { include /etc/nginx/proxy_params; proxy_pass http://web:8000; }",
            "location / { proxy_pass_request_headers off; proxy_pass http://web:8000; }",
            "location / { deny all; proxy_pass http://web:8000; }",
            "location / { internal; proxy_pass http://web:8000; }",
            "return 301 https://$host$request_uri; location / { proxy_pass http://web:8000; }",
            "listen 443 ssl; ssl_certificate c; ssl_certificate_key k; location / { proxy_pass http://web:8000; }",
        ] {
            assert_eq!(of(silent), "", "{silent}");
        }
        assert_eq!(
            of("location / { proxy_set_header X_Forwarded_Proto $scheme; proxy_pass http://web:8000; }"),
            untouched
        );
        // What holds for all servers stands in another file of the same container.
        let folder = proxy.replace("./site.conf:/etc/nginx/conf.d/site.conf", "./conf.d:/etc/nginx/conf.d");
        assert_ne!(folder, proxy);
        let apart = [("conf.d/a.conf", "proxy_set_header X-Forwarded-Proto $scheme;\n")];
        assert_eq!(
            way_with(&format!("{web}{folder}"), "server { location / { proxy_pass http://web:8000; } }\n", &apart),
            ""
        );
        assert_eq!(
            way_with(&format!("{web}{folder}"), "server { location / { proxy_pass http://web:8000; } }\n", &[]),
            untouched
        );
        let hidden = proxy.replace("    ports: ['80:80']\n", "");
        assert_eq!(way(&format!("{web}{hidden}"), "server { location / { proxy_pass http://web:8000; } }\n"), "");
        // One that passes on what the one before it passes on.
        let outer = "  outer:\n    image: nginx:1.27\n    ports: ['80:80']\n    volumes: ['./conf.d/site.conf:/etc/nginx/conf.d/site.conf', './proxy/site.conf:/x']\n";
        let inner = "server { location / { proxy_set_header X-Forwarded-Proto $http_x_forwarded_proto; proxy_pass http://web:8000; } }\n";
        let chain = |before: &str| {
            let more = [("conf.d/site.conf", before)];
            way_with(&format!("{web}{hidden}{outer}"), inner, &more)
        };
        assert_eq!(
            chain("server { location / { proxy_pass http://proxy; } }\n"),
            "nginx sets `X-Forwarded-Proto` to what the client sent"
        );
        assert_eq!(
            chain("server { location / { proxy_set_header X-Forwarded-Proto $scheme; proxy_pass http://proxy; } }\n"),
            ""
        );
        let built = "  proxy:\n    build: ./proxy\n    ports: ['80:80']\n";
        assert_eq!(way(&format!("{web}{built}"), "server { location / { proxy_pass http://web:8000; } }\n"), untouched);
    }
}
