//! The graph for Markdown that draws Mermaid: services, their ports and files, and what joins the services.
//!
//! Files stand in the boxes of their services: as boxes of their own they would soon be more than Mermaid draws.

use super::joins::{Ends, Join, Joins, Kind};
use super::{Graph, Part, Service, counted, worst};
use crate::report::clean;
use hardlint_lint::diagnostic::Severity;
use std::fmt::Write;

/// How many files a box shows.
const FILES: usize = 4;
/// How each severity is drawn; the text is dark on both.
const CLASSES: &[(Severity, &str)] = &[
    (Severity::Critical, "fill:#ffc1ba,stroke:#a40e26,stroke-width:3px,color:#1f2328"),
    (Severity::High, "fill:#ffebe9,stroke:#cf222e,stroke-width:2px,color:#1f2328"),
    (Severity::Medium, "fill:#fff8c5,stroke:#9a6700,stroke-width:2px,color:#1f2328"),
    (Severity::Low, "fill:#ddf4ff,stroke:#0969da,color:#1f2328"),
];

pub fn of(graph: &Graph) -> String {
    let mut out = "flowchart LR\n".to_owned();
    let ends = Ends::new(graph);
    if graph.services.iter().any(|service| service.open) {
        out.push_str("  outside([\"other machines\"])\n");
    }
    for (number, (project, services)) in graph.projects().into_iter().enumerate() {
        let _ = writeln!(out, "  subgraph p{number}[\"{}\"]", escaped(project));
        for index in services {
            if let Some(service) = graph.services.get(index) {
                let _ = writeln!(out, "    s{index}{}", shape(service, &label(graph, service, &ends)));
            }
        }
        out.push_str("  end\n");
    }
    for (index, service) in graph.services.iter().enumerate().filter(|(_, service)| service.open) {
        let open = service.ports.iter().filter(|port| port.open).map(|port| port.text.as_str()).collect::<Vec<_>>();
        let _ = writeln!(out, "  outside ==>{} s{index}", note(&open.join(", ")));
    }
    for join in Joins::new(graph).iter() {
        let _ = writeln!(out, "  s{} {}{} s{}", join.from, arrow(join), note(&join.label), join.to);
    }
    classes(graph, &mut out);
    out
}

fn label(graph: &Graph, service: &Service, ends: &Ends<'_>) -> String {
    let mut lines = vec![format!("<b>{}</b>", escaped(&service.name)), escaped(&service.what(", "))];
    lines.extend(service.image.as_deref().map(escaped));
    lines.extend(service.stage().map(|stage| format!("stage {}", escaped(stage))));
    let files = ends.attached(graph, service);
    lines.extend(
        files
            .iter()
            .take(FILES)
            .map(|file| format!("<small>{}</small>", escaped(format!("{} {}", file.kind, file.path).trim()))),
    );
    if files.len() > FILES {
        lines.push(format!("<small>and {} more files</small>", files.len() - FILES));
    }
    lines.push(counted(&service.findings));
    lines.retain(|line| !line.is_empty());
    lines.join("<br>")
}

fn shape(service: &Service, label: &str) -> String {
    match service.part {
        Part::Proxy => format!("{{{{\"{label}\"}}}}"),
        Part::Store => format!("[(\"{label}\")]"),
        Part::Application | Part::Other => format!("[\"{label}\"]"),
    }
}

fn arrow(join: &Join) -> &'static str {
    match join.kind {
        Kind::Proxy => "==>",
        Kind::Connects => "-->",
        Kind::DependsOn => "-.->",
    }
}

fn note(text: &str) -> String {
    if text.is_empty() { String::new() } else { format!("|\"{}\"|", escaped(text)) }
}

fn classes(graph: &Graph, out: &mut String) {
    for (severity, colours) in CLASSES {
        let found =
            graph.services.iter().enumerate().filter(|(_, service)| worst(&service.findings) == Some(*severity));
        let found: Vec<String> = found.map(|(index, _)| format!("s{index}")).collect();
        if !found.is_empty() {
            let name = severity.name();
            let _ = writeln!(out, "  classDef {name} {colours}\n  class {} {name}", found.join(","));
        }
    }
}

/// Text inside a quoted string, where neither Mermaid, nor Markdown, nor HTML finds anything.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in clean::line(text).chars() {
        match c {
            '"' | '#' | '&' | '<' | '>' | '`' | '*' | '\\' | '|' | ';' | '~' | '$' => {
                let _ = write!(out, "#{};", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::sample;

    #[test]
    fn services_and_what_joins_them() {
        let expected = r#"flowchart LR
  outside(["other machines"])
  subgraph p0["deploy/compose.yaml"]
    s0{{"<b>proxy</b><br>nginx, proxy, production<br>nginx:1.27<br><small>mount deploy/nginx.conf</small><br><small>deploy/sites/shop.conf</small><br>1 high, 2 low"}}
    s1["<b>web</b><br>Django, application, production<br>stage runtime<br><small>build Dockerfile</small><br><small>settings shop/settings/prod.py</small>"]
    s2[("<b>db</b><br>PostgreSQL, store, production<br>postgres:16-alpine")]
  end
  outside ==>|"443 → 443"| s0
  s0 ==>|"8000"| s1
  s1 -->|"5432"| s2
  classDef high fill:#ffebe9,stroke:#cf222e,stroke-width:2px,color:#1f2328
  class s0 high
"#;
        assert_eq!(of(&sample::three()), expected);
    }

    #[test]
    fn no_name_leaves_its_string() {
        let drawn = of(&sample::hostile());
        assert!(drawn.contains(r#"p0["a#34;b#60;c#62;#38;#124;#96;x#92;u{1b}[31m#92;n.yaml"]"#), "{drawn}");
        assert!(
            drawn.contains("<b>#34;]#59;x#60;script#62;</b>") && drawn.contains("#35;quot#59; #38;amp#59;"),
            "{drawn}"
        );
        assert!(drawn.contains(r##"s0 ==>|"#34;#124;#60;/title#62;"| s1"##), "{drawn}");
    }
}
