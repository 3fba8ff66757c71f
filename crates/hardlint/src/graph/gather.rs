//! From arguments to what is drawn: every Compose project with what it is linked to, and what was found in all of it.

use super::{File, Graph, Link, Part, Port, Service};
use crate::args::{self, Reading};
use crate::disk::Disk;
use crate::linter;
use crate::project::{self, Looking};
use crate::report::{self, Outcome, Place, severities};
use crate::root::{self, Names, Root};
use crate::show::{Shown, masked};
use crate::walk;
use anyhow::Result;
use hardlint_config::deployment::{self, Deployment, End, role};
use hardlint_config::formats::{Detected, compose, dockerfile};
use hardlint_config::model::{Model, ScopeId, Value};
use hardlint_config::workspace::{Query, Reader, Slot, Workspace};
use hardlint_lint::Linter;
use hardlint_lint::diagnostic::{Diagnostic, Report, Severity, Trouble};
use serde_json::{Map, Value as Json};
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;

/// What was found out.
#[derive(Debug, Default)]
pub struct Gathered {
    /// What is deployed.
    pub graph: Graph,
    /// What could not be read or parsed; no findings.
    pub problems: Outcome,
}

/// What is told of the files that are drawn.
#[derive(Clone, Copy)]
enum Told<'a> {
    /// What this linter finds.
    By(&'a Linter),
    /// What was found already.
    Already(&'a Report),
    /// Nothing but what could not be understood.
    Nothing,
}

/// What the files of the arguments deploy.
///
/// # Errors
/// Wrong usage or settings.
pub fn graph(args: &args::Graph) -> Result<Gathered> {
    let mut gathered = Gathered::default();
    for root in root::find(&args.paths, args.reading.using())? {
        let linter = linter::new(&args::Judging::default(), root.settings.as_ref())?;
        let told = if args.no_findings { Told::Nothing } else { Told::By(&linter) };
        of_root(&args.reading, told, &root, &mut gathered)?;
    }
    gathered.graph.files.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(gathered)
}

/// The same where it is known what was found below each root.
///
/// # Errors
/// Wrong usage or settings.
pub fn found(paths: &[PathBuf], reading: &Reading, reports: &[&Report]) -> Result<Graph> {
    let mut gathered = Gathered::default();
    for (root, report) in root::find(paths, reading.using())?.iter().zip(reports) {
        of_root(reading, Told::Already(report), root, &mut gathered)?;
    }
    gathered.graph.files.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(gathered.graph)
}

fn of_root(reading: &Reading, told: Told<'_>, root: &Root, gathered: &mut Gathered) -> Result<()> {
    let mut disk = Disk::new(root.folder.clone());
    let mut mounts = Vec::new();
    let query = project::query(reading, root, &mut disk, &mut mounts)?;
    let walked = walk::walk(root, &root.arguments);
    let names = Names::new(root, mounts);
    let looking = Looking { root, given: reading.format, isolated: reading.file_by_file, role: None };
    let project = looking.fill(&disk, query.clone(), &walked.files);
    let mut judged = match told {
        Told::By(linter) => linter.check(&project.workspace),
        Told::Already(_) | Told::Nothing => Report::default(),
    };
    let mut problems = std::mem::take(&mut judged.problems);
    let report = if let Told::Already(report) = told { report } else { &judged };
    let mut units = project.workspace.units();
    units.retain(|unit| unit.format == compose::FORMAT.id);
    for unit in units.iter().filter(|_| matches!(told, Told::Nothing)) {
        let mut reader = project.workspace.reader();
        let model = project.workspace.resolve(&mut reader, &unit.root, &compose::FORMAT);
        problems.extend(model.problems.iter().map(|problem| Trouble::new(problem, &reader)));
    }
    problems.retain(|problem| project.reports(problem));
    problems.extend(project.unread());
    problems.extend(walked.troubles());
    // All services are drawn, whatever profile starts them, with the document that Compose would print.
    let query = Query { document: true, conditions: vec![("profile".to_owned(), "*".to_owned())], ..query };
    let workspace = Workspace::with_slots(&disk, query, project.workspace.into_slots());
    let mut drawing = Drawing { workspace: &workspace, names: &names, report, linked: BTreeSet::new() };
    for unit in &units {
        let mut reader = workspace.reader();
        let model = workspace.resolve(&mut reader, &unit.root, &compose::FORMAT);
        drawing.project(&mut reader, &model, &mut gathered.graph);
    }
    drawing.references(&mut gathered.graph);
    drawing.files(&mut gathered.graph);
    gathered.graph.links.sort_by(|a, b| (&a.from, a.kind, &a.to, &a.note).cmp(&(&b.from, b.kind, &b.to, &b.note)));
    gathered.graph.links.dedup_by(|a, b| (&a.from, a.kind, &a.to, &a.note) == (&b.from, b.kind, &b.to, &b.note));
    // What is drawn reads a file as the linter does, and is told the same of it.
    let mut report = Report { problems, ..Report::default() };
    report.sort();
    gathered.problems.parts.push(report::Part::new(report, names, BTreeMap::new()));
    Ok(())
}

struct Drawing<'a> {
    workspace: &'a Workspace<'a>,
    names: &'a Names,
    report: &'a Report,
    /// The paths below the root that something is linked to or from.
    linked: BTreeSet<Arc<str>>,
}

impl Drawing<'_> {
    /// Draws a project, unless it is only made to be laid over another.
    fn project(&mut self, reader: &mut Reader<'_>, model: &Model, graph: &mut Graph) {
        if model.get(ScopeId(0), "fragment") == Some(&Value::Bool(true)) {
            return;
        }
        let deployment = Deployment::of(reader, &self.workspace.query, model);
        let role = self.workspace.slot(&model.path).map_or_else(|| role::of_path(&model.path), |slot| slot.role);
        let shown = Shown::new(model, reader, self.names, role, false);
        let (document, unknown) = shown.effective();
        let ids: Vec<String> =
            deployment.services.iter().map(|service| format!("{}#{}", self.path(&model.path), service.name)).collect();
        let end = |end: &End| self.end(end, &ids);
        let mut findings = self.by_service(reader);
        for (index, member) in deployment.services.iter().enumerate() {
            let settings = document.get("services").and_then(|all| all.get(&*member.name));
            let own = deployment.links.iter().filter(|link| link.from == End::Service(index));
            let mut files: Vec<String> =
                own.filter(|link| matches!(link.to, End::File(_))).map(|it| end(&it.to)).collect();
            files.dedup();
            graph.services.push(Service {
                id: ids.get(index).cloned().unwrap_or_default(),
                name: member.name.to_string(),
                project: self.path(&model.path),
                role: model.role(member.scope()).unwrap_or(role),
                program: member.program.to_owned(),
                part: part(member.part),
                image: image(settings),
                stage: member.stage.clone(),
                environment: environment(settings, &member.name, &unknown),
                ports: ports(settings),
                open: member.open,
                settings: member.settings.as_ref().map(|path| self.path(path)),
                files,
                findings: findings.remove(&*member.name).unwrap_or_default(),
            });
        }
        self.links(reader, &deployment.links, &ids, graph);
    }

    fn links(&mut self, reader: &Reader<'_>, links: &[deployment::Link], ids: &[String], graph: &mut Graph) {
        for link in links {
            let at = Place::new(self.names, reader.source(link.at.file), link.at.span);
            let (from, to) = (self.end(&link.from, ids), self.end(&link.to, ids));
            graph.links.push(Link { from, to, kind: link.kind, note: link.note.clone(), at });
            self.linked.extend([&link.from, &link.to].into_iter().filter_map(|end| match end {
                End::File(path) => Some(path.clone()),
                End::Service(_) => None,
            }));
        }
    }

    /// Draws what files refer to by themselves: what Dockerfiles copy, and the files that those of a format include.
    fn references(&mut self, graph: &mut Graph) {
        let known = self.workspace.slots().filter_map(|(path, slot)| Some((path.clone(), slot.detected?.format)));
        for (path, format) in known.collect::<Vec<_>>() {
            let mut reader = self.workspace.reader();
            let mut links = deployment::references(&mut reader, &self.workspace.query, &path, format);
            // What services name is drawn from them, and a server's file leads to its service only to be read with it.
            links.retain(|link| !matches!(link.kind, "env_file" | "service"));
            if format.id == dockerfile::FORMAT.id {
                links.extend(deployment::copies(&mut reader, &self.workspace.query, &path));
            }
            self.links(&reader, &links, &[], graph);
        }
    }

    fn end(&self, end: &End, ids: &[String]) -> String {
        match end {
            End::Service(index) => ids.get(*index).cloned().unwrap_or_default(),
            End::File(path) => self.path(path),
        }
    }

    /// A path as it is printed; the root itself is `.`. One that could be taken for the id of a service says that it
    /// is a path.
    fn path(&self, path: &str) -> String {
        let shown = self.names.of(path);
        let is_id = path
            .rsplit_once('#')
            .is_some_and(|(project, name)| !name.contains('/') && is_compose(self.workspace, project));
        match shown.strip_prefix('/') {
            _ if shown.is_empty() => ".".to_owned(),
            Some(absolute) if is_id => format!("/./{absolute}"),
            None if is_id => format!("./{shown}"),
            _ => shown,
        }
    }

    /// What was found in the Compose files of a project, by the service that it is about.
    fn by_service(&self, reader: &Reader<'_>) -> BTreeMap<String, BTreeMap<Severity, usize>> {
        let mut found: BTreeMap<String, BTreeMap<Severity, usize>> = BTreeMap::new();
        let ours = |finding: &&Diagnostic| {
            let path = &finding.primary.source.path;
            is_compose(self.workspace, path) && reader.sources().iter().any(|source| source.path == *path)
        };
        for finding in self.report.diagnostics.iter().filter(ours) {
            let mut scopes = finding.fingerprint.scopes.iter().filter(|scope| !scope.is_empty());
            if let Some(service) = scopes.next() {
                *found.entry(service.to_string()).or_default().entry(finding.severity).or_default() += 1;
            }
        }
        found
    }

    /// Draws the files: those of our formats, and those that something is linked to.
    fn files(&self, graph: &mut Graph) {
        let mut findings: BTreeMap<&str, Vec<&Diagnostic>> = BTreeMap::new();
        for finding in &self.report.diagnostics {
            findings.entry(&finding.primary.source.path).or_default().push(finding);
        }
        let known = self.workspace.slots().filter(|(_, slot)| slot.detected.is_some()).map(|(path, _)| path.clone());
        let all: BTreeSet<Arc<str>> = known.chain(self.linked.iter().cloned()).collect();
        for path in all {
            let slot = self.workspace.slot(&path);
            let detected: Option<Detected> = slot.and_then(|slot| slot.detected);
            graph.files.push(File {
                path: self.path(&path),
                format: detected.map(|detected| detected.format.id),
                role: slot.map_or_else(|| role::of_path(&path), |slot| slot.role),
                findings: severities(findings.get(&*path).into_iter().flatten().copied()),
            });
        }
    }
}

fn is_compose(workspace: &Workspace<'_>, path: &str) -> bool {
    workspace.slot(path).and_then(Slot::format) == Some(compose::FORMAT.id)
}

fn part(part: deployment::Part) -> Part {
    match part {
        deployment::Part::Proxy => Part::Proxy,
        deployment::Part::Application => Part::Application,
        deployment::Part::Store => Part::Store,
        deployment::Part::Other => Part::Other,
    }
}

/// The image, as Compose prints it.
fn image(service: Option<&Json>) -> Option<String> {
    let image = service.and_then(|service| service.get("image")).and_then(Json::as_str);
    image.filter(|image| !image.is_empty()).map(str::to_owned)
}

/// The variables of a service, as Compose prints them; nothing where one is not known.
fn environment(service: Option<&Json>, name: &str, unknown: &Map<String, Json>) -> BTreeMap<String, Option<String>> {
    let Some(Json::Object(all)) = service.and_then(|service| service.get("environment")) else {
        return BTreeMap::new();
    };
    let name = name.replace('~', "~0").replace('/', "~1");
    let known = |variable: &str| {
        let variable = variable.replace('~', "~0").replace('/', "~1");
        !unknown.contains_key(&format!("/services/{name}/environment/{variable}"))
    };
    let value = |(variable, value): (&String, &Json)| {
        let text = value.as_str().filter(|_| known(variable)).map(|text| {
            // Names and headers that no program says to be a secret's.
            let upper = variable.to_ascii_uppercase();
            let named = ["PASS", "PIN", "_AUTH", "LICENSE"].iter().any(|end| upper.ends_with(end)) || upper == "AUTH";
            let header = ["Basic ", "Bearer "].iter().any(|start| text.starts_with(start));
            let shown = text.is_empty() || text.ends_with(" characters)");
            if (named || header) && !shown { masked(variable, text) } else { text.to_owned() }
        });
        (variable.clone(), text)
    };
    all.iter().map(value).collect()
}

fn ports(service: Option<&Json>) -> Vec<Port> {
    let Some(Json::Array(all)) = service.and_then(|service| service.get("ports")) else { return Vec::new() };
    let text = |port: &Json, key: &str| match port.get(key) {
        Some(Json::String(text)) => text.clone(),
        Some(Json::Number(number)) => number.to_string(),
        _ => String::new(),
    };
    let port = |port: &Json| {
        let (address, outside, inside) = (text(port, "host_ip"), text(port, "published"), text(port, "target"));
        let protocol = text(port, "protocol");
        let host = if address.contains(':') { format!("[{address}]") } else { address.clone() };
        let before = [host, outside].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(":");
        let mut shown = if before.is_empty() { inside } else { format!("{before} → {inside}") };
        if protocol == "udp" {
            shown.push_str("/udp");
        }
        let loopback = address.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback());
        Port { document: port.clone(), text: shown, open: !loopback }
    };
    all.iter().map(port).collect()
}
