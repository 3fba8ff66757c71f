//! The graph for Graphviz: everything that is linked, files as well, for who draws it otherwise than the picture.

use super::joins::{Ends, Join, Joins, Kind};
use super::{File, Graph, Part, Service, counted, worst};
use crate::report::clean;
use hardlint_lint::diagnostic::Severity;
use std::collections::BTreeMap;
use std::fmt::Write;

const HEAD: &str = r#"digraph deployment {
  rankdir=LR;
  fontname="Helvetica";
  node [fontname="Helvetica", fontsize=11, shape=box, style="rounded,filled", fillcolor="white", color="gray40"];
  edge [fontname="Helvetica", fontsize=9, color="gray40"];
"#;

pub fn of(graph: &Graph) -> String {
    let mut out = HEAD.to_owned();
    if graph.services.iter().any(|service| service.open) {
        out.push_str("  outside [label=\"other machines\", shape=ellipse, style=filled, fillcolor=\"gray92\"];\n");
    }
    for (number, (project, services)) in graph.projects().into_iter().enumerate() {
        let _ = writeln!(out, "  subgraph cluster_{number} {{\n    label={}; color=\"gray70\";", quoted(&[project]));
        for index in services {
            if let Some(service) = graph.services.get(index) {
                let _ = writeln!(out, "    s{index} [{}];", node(service));
            }
        }
        out.push_str("  }\n");
    }
    for (index, service) in graph.services.iter().enumerate().filter(|(_, service)| service.open) {
        let open = service.ports.iter().filter(|port| port.open).map(|port| port.text.as_str());
        let _ = writeln!(out, "  outside -> s{index} [label={}, penwidth=2];", quoted(&open.collect::<Vec<_>>()));
    }
    for join in Joins::new(graph).iter() {
        let _ = writeln!(out, "  s{} -> s{} [{}];", join.from, join.to, edge(join));
    }
    files(graph, &mut out);
    out.push_str("}\n");
    out
}

fn node(service: &Service) -> String {
    let stage = service.stage().map(|stage| format!("stage {stage}"));
    let what = service.what(", ");
    let found = counted(&service.findings);
    let lines = [
        service.name.as_str(),
        &what,
        service.image.as_deref().unwrap_or_default(),
        stage.as_deref().unwrap_or_default(),
        &found,
    ];
    let lines: Vec<&str> = lines.into_iter().filter(|line| !line.is_empty()).collect();
    let shape = match service.part {
        Part::Proxy => ", peripheries=2",
        Part::Store => ", shape=cylinder, style=filled",
        Part::Application | Part::Other => "",
    };
    format!("label={}{shape}{}", quoted(&lines), colours(&service.findings))
}

fn edge(join: &Join) -> String {
    let label = quoted(&[&join.label]);
    let told = join.at.iter().map(String::as_str).collect::<Vec<_>>();
    let style = match join.kind {
        Kind::Proxy => "color=\"#0969da\", penwidth=2",
        Kind::Connects => "penwidth=1",
        Kind::DependsOn => "style=dashed, arrowhead=open",
    };
    format!("label={label}, tooltip={}, {style}", quoted(&told))
}

fn files(graph: &Graph, out: &mut String) {
    let ends = Ends::new(graph);
    let services = graph.index().into_iter().map(|(id, index)| (id, format!("s{index}")));
    let mut ids: BTreeMap<&str, String> = services.collect();
    let linked = |file: &File| !ends.from(&file.path).is_empty() || !ends.to(&file.path).is_empty();
    for (index, file) in graph.files.iter().enumerate().filter(|(_, file)| linked(file)) {
        let found = counted(&file.findings);
        let lines: Vec<&str> = [file.path.as_str(), &found].into_iter().filter(|line| !line.is_empty()).collect();
        let colours = colours(&file.findings);
        let _ = writeln!(out, "  f{index} [label={}, shape=note, fontsize=9, style=filled{colours}];", quoted(&lines));
        ids.entry(&file.path).or_insert_with(|| format!("f{index}"));
    }
    out.push_str("  edge [color=\"gray65\", fontcolor=\"gray45\", fontsize=8];\n");
    for from in graph.services.iter().map(|service| &service.id).chain(graph.files.iter().map(|file| &file.path)) {
        for link in ends.from(from).iter().filter(|link| !matches!(link.kind, "proxy" | "connects" | "depends_on")) {
            if let (Some(from), Some(to)) = (ids.get(from.as_str()), ids.get(link.to.as_str())) {
                let _ =
                    writeln!(out, "  {from} -> {to} [label={}, style=dotted, arrowhead=none];", quoted(&[link.kind]));
            }
        }
    }
}

/// The frame and the filling of what has findings.
fn colours(findings: &BTreeMap<Severity, usize>) -> &'static str {
    match worst(findings) {
        Some(Severity::Critical) => ", color=\"#a40e26\", penwidth=2, fillcolor=\"#ffd7d5\"",
        Some(Severity::High) => ", color=\"#cf222e\", penwidth=2, fillcolor=\"#ffebe9\"",
        Some(Severity::Medium) => ", color=\"#9a6700\", penwidth=2, fillcolor=\"#fff8c5\"",
        Some(Severity::Low) => ", color=\"#0969da\", fillcolor=\"#ddf4ff\"",
        Some(Severity::Info) | None => "",
    }
}

/// Lines as one string. In one, a backslash begins an escape, and `&` the name of a character.
fn quoted(lines: &[&str]) -> String {
    let escaped =
        lines.iter().map(|line| clean::line(line).replace('\\', "\\\\").replace('"', "\\\"").replace('&', "&amp;"));
    format!("\"{}\"", escaped.collect::<Vec<_>>().join("\\n"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::sample;

    #[test]
    fn services_files_and_what_links_them() {
        let dot = of(&sample::three());
        for line in [
            r#"    label="deploy/compose.yaml"; color="gray70";"#,
            r##"    s0 [label="proxy\nnginx, proxy, production\nnginx:1.27\n1 high, 2 low", peripheries=2, color="#cf222e", penwidth=2, fillcolor="#ffebe9"];"##,
            r#"    s1 [label="web\nDjango, application, production\nstage runtime"];"#,
            r#"  outside -> s0 [label="443 → 443", penwidth=2];"#,
            r##"  s0 -> s1 [label="8000", tooltip="deploy/nginx.conf:2", color="#0969da", penwidth=2];"##,
            r#"  f3 -> f4 [label="include", style=dotted, arrowhead=none];"#,
            r#"  s1 -> f0 [label="build", style=dotted, arrowhead=none];"#,
        ] {
            assert!(dot.lines().any(|it| it == line), "{line}\nis not in\n{dot}");
        }
        assert_eq!(dot, of(&sample::three()));
    }

    #[test]
    fn no_name_leaves_its_string() {
        let dot = of(&sample::hostile());
        assert!(dot.contains(r#"s0 [label="\"];x<script>\nng\\inx, proxy, production\nimg:\"1\"|--><!-- #quot; &amp;amp; ]]>\n1 high""#), "{dot}");
        assert!(dot.contains(r#"label="a\"b<c>&amp;|`x\\u{1b}[31m\\n.yaml""#), "{dot}");
        for line in dot.lines() {
            let quotes = line.replace("\\\\", "").replace("\\\"", "").matches('"').count();
            assert!(quotes % 2 == 0, "{line}");
        }
    }
}
