//! The graph for a terminal: each project with its services, worst and open first to see.

use super::joins::{Attached, Ends, Joins, Kind};
use super::{Graph, Service, plural};
use crate::report::{Style, clean, severity_colour};
use anstyle::{AnsiColor, Style as Colour};
use hardlint_config::deployment::role::Role;
use hardlint_lint::diagnostic::Severity;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

/// How wide the names of the rows are.
const LABEL: usize = 10;
/// Narrower than this, nothing can be laid out.
const NARROWEST: usize = 32;

pub fn of(graph: &Graph, style: Style) -> String {
    let mut page = Page { out: String::new(), style };
    let joins = Joins::new(graph);
    let ends = Ends::new(graph);
    for (project, services) in graph.projects() {
        page.heading(graph, project, &ends);
        for index in services {
            if let Some(service) = graph.services.get(index) {
                page.service(graph, index, service, &joins, &ends);
            }
        }
    }
    page.files(graph, &ends);
    page.out
}

/// Words of one colour.
type Words = (Colour, String);

fn plain(text: impl AsRef<str>) -> Words {
    (Colour::new(), clean::line(text.as_ref()).into_owned())
}

fn dim(text: impl AsRef<str>) -> Words {
    (Colour::new().dimmed(), clean::line(text.as_ref()).into_owned())
}

/// What more there is to say of something.
fn noted(note: &str) -> Words {
    if note.is_empty() { plain("") } else { plain(format!("({note})")) }
}

/// Where something is told, as `show` has it.
fn place(at: impl AsRef<str>) -> Words {
    dim(format!("# {}", at.as_ref()))
}

/// Findings, the worst first.
fn counted(findings: &BTreeMap<Severity, usize>) -> Vec<Words> {
    let counts = findings.iter().rev().filter(|(_, count)| **count > 0);
    let mut words: Vec<Words> =
        counts.map(|(severity, count)| (severity_colour(*severity), format!("{count} {}", severity.name()))).collect();
    let all = words.len();
    words.iter_mut().take(all.saturating_sub(1)).for_each(|(_, text)| text.push(','));
    words
}

struct Page {
    out: String,
    style: Style,
}

impl Page {
    fn heading(&mut self, graph: &Graph, project: &str, ends: &Ends<'_>) {
        if !self.out.is_empty() {
            self.out.push('\n');
        }
        let mut words = vec![(Colour::new().bold().underline(), clean::line(project).into_owned())];
        if let Some(file) = graph.file(project) {
            if file.role != Role::Unknown {
                words.push(plain(file.role.name()));
            }
            words.extend(counted(&file.findings));
        }
        self.line("", 0, &words);
        for link in ends.from(project) {
            self.row("", link.kind, &[plain(&link.to), place(link.at.short())]);
        }
        for link in ends.to(project).iter().filter(|link| graph.file(&link.from).is_some()) {
            self.row("", &format!("{} by", link.kind), &[plain(&link.from), place(link.at.short())]);
        }
    }

    fn service(&mut self, graph: &Graph, index: usize, service: &Service, joins: &Joins, ends: &Ends<'_>) {
        self.out.push('\n');
        let what = service.what(", ");
        let colon = if what.is_empty() { "" } else { ":" };
        let words = [(Colour::new().bold(), format!("{}{colon}", clean::line(&service.name))), (Colour::new(), what)];
        self.line("  ", 2, &words);
        if !service.findings.is_empty() {
            self.row("  ", "found", &counted(&service.findings));
        }
        for (label, value) in [("image", &service.image), ("stage", &service.stage)] {
            if let Some(value) = value {
                self.row("  ", label, &[plain(value)]);
            }
        }
        for port in &service.ports {
            let open = (AnsiColor::Yellow.on_default().bold(), "open to other machines".to_owned());
            let words = if port.open { vec![plain(&port.text), open] } else { vec![plain(&port.text)] };
            self.row("  ", "port", &words);
        }
        if let Some(settings) = &service.settings {
            self.row("  ", "settings", &[plain(settings)]);
        }
        if !service.environment.is_empty() {
            let unknown = service.environment.values().filter(|value| value.is_none()).count();
            let mut words = vec![plain(plural(service.environment.len(), "variable"))];
            if unknown > 0 {
                words.push(dim(format!("{unknown} unknown")));
            }
            self.row("  ", "sets", &words);
        }
        self.joins(graph, index, joins);
        for file in ends.attached(graph, service) {
            self.attached(&file);
        }
    }

    fn joins(&mut self, graph: &Graph, index: usize, joins: &Joins) {
        let name = |of: usize| match (graph.services.get(of), graph.services.get(index)) {
            (Some(other), Some(this)) if other.project == this.project => other.name.clone(),
            (Some(other), _) => format!("{} of {}", other.name, other.project),
            _ => String::new(),
        };
        for join in joins.to(index).filter(|join| join.kind == Kind::Proxy) {
            self.row("  ", "behind", &[plain(name(join.from)), noted(&join.label), place(join.at.join(", "))]);
        }
        for join in joins.from(index) {
            let label = match join.kind {
                Kind::Proxy => "passes to",
                Kind::Connects => "connects",
                Kind::DependsOn => "after",
            };
            self.row("  ", label, &[plain(name(join.to)), noted(&join.label), place(join.at.join(", "))]);
        }
    }

    fn attached(&mut self, file: &Attached<'_>) {
        let mut words = vec![plain(file.path), noted(file.note)];
        if let Some(known) = file.file {
            words.extend(counted(&known.findings));
        }
        self.row("  ", if file.kind.is_empty() { "file" } else { file.kind }, &words);
    }

    /// Files that bring in others, which no service shows.
    fn files(&mut self, graph: &Graph, ends: &Ends<'_>) {
        let projects: BTreeSet<&str> = graph.projects().into_iter().map(|(project, _)| project).collect();
        let shown = graph.files.iter().filter(|file| !projects.contains(file.path.as_str()));
        let linking: Vec<_> = shown.filter(|file| !ends.from(&file.path).is_empty()).collect();
        if linking.is_empty() {
            return;
        }
        self.out.push('\n');
        self.line("", 0, &[(Colour::new().bold().underline(), "Files".to_owned())]);
        let index = graph.index();
        for file in linking {
            let mut words = vec![(Colour::new().bold(), clean::line(&file.path).into_owned())];
            words.extend(file.format.map(plain));
            words.extend(counted(&file.findings));
            self.out.push('\n');
            self.line("  ", 2, &words);
            for link in ends.from(&file.path) {
                let service = index.get(link.to.as_str()).and_then(|index| graph.services.get(*index));
                let to = service.map_or(&link.to, |service| &service.name);
                self.row("  ", link.kind, &[plain(to), noted(&link.note), place(link.at.short())]);
            }
        }
    }

    /// A name and what belongs to it.
    fn row(&mut self, before: &str, label: &str, words: &[Words]) {
        let label = format!("{before}  {label:LABEL$}  ");
        let (before, text) = (self.painted(Colour::new().dimmed(), &label), label.chars().count());
        self.line(&before, text, words);
    }

    /// Words behind a beginning of that width, in as many lines as it takes.
    fn line(&mut self, before: &str, indent: usize, words: &[Words]) {
        let width = self.style.width.map(|width| width.max(NARROWEST));
        self.out.push_str(before);
        let mut used = indent;
        let mut first = true;
        for (colour, text) in words {
            for word in text.split_whitespace() {
                let length = word.chars().count();
                if !first && width.is_some_and(|width| used + 1 + length > width) {
                    let _ = write!(self.out, "\n{:indent$}", "");
                    used = indent;
                } else if !first {
                    self.out.push(' ');
                    used += 1;
                }
                first = false;
                used += length;
                let painted = self.painted(*colour, word);
                self.out.push_str(&painted);
            }
        }
        self.out.push('\n');
    }

    fn painted(&self, colour: Colour, text: &str) -> String {
        if self.style.colour && !colour.is_plain() { format!("{colour}{text}{colour:#}") } else { text.to_owned() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::sample;

    const PLAIN: Style = Style { colour: false, width: None };

    #[test]
    fn a_project_with_its_services() {
        let expected = "\
deploy/compose.yaml production
  override by  deploy/compose.prod.yaml # Makefile:3

  proxy: nginx, proxy, production
    found       1 high, 2 low
    image       nginx:1.27
    port        443 → 443 open to other machines
    port        127.0.0.1:8080 → 80
    passes to   web (8000) # deploy/nginx.conf:2
    mount       deploy/nginx.conf (/etc/nginx/nginx.conf) 1 high
    file        deploy/sites/shop.conf 2 low

  web: Django, application, production
    stage       runtime
    settings    shop.settings.prod
    sets        3 variables 1 unknown
    behind      proxy (8000) # deploy/nginx.conf:2
    connects    db (5432) # deploy/compose.yaml:1
    build       Dockerfile (runtime) 1 medium
    settings    shop/settings/prod.py

  db: PostgreSQL, store, production
    image       postgres:16-alpine

Files

  deploy/compose.prod.yaml compose 1 critical
    override    deploy/compose.yaml # Makefile:3

  deploy/nginx.conf nginx 1 high
    include     deploy/sites/shop.conf # deploy/nginx.conf:9
";
        assert_eq!(of(&sample::three(), PLAIN), expected);
    }

    #[test]
    fn forty_columns_are_enough() {
        let text = of(&sample::twelve(), Style { colour: false, width: Some(40) });
        let wide: Vec<&str> =
            text.lines().filter(|line| line.chars().count() > 40 && line.trim().contains("  ")).collect();
        let words = |line: &&str| line.trim_start().split("  ").last().is_some_and(|text| text.trim().contains(' '));
        assert!(!wide.iter().any(words), "{wide:#?}");
    }

    #[test]
    fn colour_changes_nothing_but_colour() {
        for width in [None, Some(40), Some(100)] {
            let coloured = of(&sample::twelve(), Style { colour: true, width });
            assert!(coloured.contains("\u{1b}[1m\u{1b}[31m"), "{coloured:?}");
            assert_eq!(
                anstream::adapter::strip_str(&coloured).to_string(),
                of(&sample::twelve(), Style { colour: false, width })
            );
        }
    }

    #[test]
    fn nothing_that_a_terminal_acts_on_is_left() {
        let text = of(&sample::hostile(), PLAIN);
        assert!(!text.contains(['\u{1b}', '\u{202e}']), "{text:?}");
        assert!(text.contains("\\u{1b}[31m\\n.yaml") && text.contains("end`\\n"), "{text}");
    }

    #[test]
    fn of_nothing_there_is_nothing_to_say() {
        assert_eq!(of(&Graph::default(), PLAIN), "");
    }
}
