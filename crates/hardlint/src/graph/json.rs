//! The graph as JSON: a contract that scripts rely on, so a field is added but never changed.

use super::{File, Graph, Link, Service};
use crate::report::Place;
use crate::report::clean;
use hardlint_lint::diagnostic::Severity;
use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeMap;
use std::io::{self, Write};

#[derive(Serialize)]
struct Document<'a> {
    version: u32,
    services: Vec<Deployed<'a>>,
    files: Vec<Named<'a>>,
    links: Vec<Linked<'a>>,
}

#[derive(Serialize)]
struct Deployed<'a> {
    id: &'a str,
    name: &'a str,
    project: &'a str,
    role: &'static str,
    program: Option<&'a str>,
    part: &'static str,
    image: Option<&'a str>,
    stage: Option<&'a str>,
    environment: &'a BTreeMap<String, Option<String>>,
    /// As `docker compose config` prints them.
    ports: Vec<&'a Value>,
    open: bool,
    settings: Option<&'a str>,
    files: &'a [String],
    findings: BTreeMap<&'static str, usize>,
}

#[derive(Serialize)]
struct Named<'a> {
    path: &'a str,
    format: Option<&'static str>,
    role: &'static str,
    findings: BTreeMap<&'static str, usize>,
}

#[derive(Serialize)]
struct Linked<'a> {
    from: &'a str,
    to: &'a str,
    kind: &'static str,
    note: &'a str,
    at: &'a Place,
}

pub fn write(graph: &Graph, out: &mut dyn Write) -> io::Result<()> {
    let document = Document {
        version: 1,
        services: graph.services.iter().map(deployed).collect(),
        files: graph.files.iter().map(named).collect(),
        links: graph.links.iter().map(linked).collect(),
    };
    serde_json::to_writer_pretty(clean::Json(&mut *out), &document)?;
    writeln!(out)
}

fn deployed(service: &Service) -> Deployed<'_> {
    Deployed {
        id: &service.id,
        name: &service.name,
        project: &service.project,
        role: service.role.name(),
        program: Some(service.program.as_str()).filter(|program| !program.is_empty()),
        part: service.part.name(),
        image: service.image.as_deref(),
        stage: service.stage.as_deref(),
        environment: &service.environment,
        ports: service.ports.iter().map(|port| &port.document).collect(),
        open: service.open,
        settings: service.settings.as_deref(),
        files: &service.files,
        findings: by_name(&service.findings),
    }
}

fn named(file: &File) -> Named<'_> {
    Named { path: &file.path, format: file.format, role: file.role.name(), findings: by_name(&file.findings) }
}

fn linked(link: &Link) -> Linked<'_> {
    Linked { from: &link.from, to: &link.to, kind: link.kind, note: &link.note, at: &link.at }
}

fn by_name(findings: &BTreeMap<Severity, usize>) -> BTreeMap<&'static str, usize> {
    findings.iter().map(|(severity, count)| (severity.name(), *count)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::sample;

    fn written(graph: &Graph) -> Value {
        let mut out = Vec::new();
        write(graph, &mut out).unwrap();
        serde_json::from_slice(&out).unwrap()
    }

    #[test]
    fn the_contract() {
        let graph = written(&sample::three());
        assert_eq!(graph["version"], 1);
        let proxy = serde_json::json!({
            "id": "deploy/compose.yaml#proxy", "name": "proxy", "project": "deploy/compose.yaml", "role": "production",
            "program": "nginx", "part": "proxy", "image": "nginx:1.27", "stage": null, "environment": {},
            "ports": [
                {"mode": "ingress", "target": 443, "published": "443", "protocol": "tcp"},
                {"mode": "ingress", "host_ip": "127.0.0.1", "target": 80, "published": "8080", "protocol": "tcp"},
            ],
            "open": true, "settings": null, "files": ["deploy/nginx.conf", "deploy/sites/shop.conf"],
            "findings": {"high": 1, "low": 2},
        });
        assert_eq!(graph["services"][0], proxy);
        assert_eq!(graph["services"][1]["environment"]["DEBUG"], "0");
        assert_eq!(graph["services"][1]["environment"]["HOME_URL"], Value::Null);
        assert_eq!(graph["services"][1]["settings"], "shop.settings.prod");
        let file = serde_json::json!({"path": "deploy/nginx.conf", "format": "nginx", "role": "production", "findings": {"high": 1}});
        assert_eq!(graph["files"].as_array().unwrap().iter().find(|it| it["path"] == "deploy/nginx.conf"), Some(&file));
        let link = graph["links"].as_array().unwrap().iter().find(|link| link["kind"] == "proxy").unwrap();
        let place =
            serde_json::json!({"path": "deploy/nginx.conf", "line": 2, "column": 1, "end_line": 2, "end_column": 5});
        let expected = serde_json::json!({
            "from": "deploy/compose.yaml#proxy", "to": "deploy/compose.yaml#web", "kind": "proxy", "note": "8000", "at": place,
        });
        assert_eq!(*link, expected);
    }

    #[test]
    fn nothing_is_a_document_as_well() {
        let nothing = serde_json::json!({"version": 1, "services": [], "files": [], "links": []});
        assert_eq!(written(&Graph::default()), nothing);
    }
}
