//! `hardlint graph`: the deployment as a picture, for reviews and for programs.
//!
//! What is drawn was worked out by the libraries; here it is only named. One module a form: each draws the same [`Graph`].

mod dot;
mod gather;
mod joins;
mod json;
mod mermaid;
#[cfg(test)]
mod sample;
mod svg;
mod text;

use crate::args::{Drawing, Graph as Args, Output, Reading};
use crate::report::{self, Picture, Style, clean};
use crate::{CLEAN, PROBLEMS, opened};
use anyhow::Result;
use hardlint_config::deployment::role::Role;
use hardlint_lint::diagnostic::{Report, Severity};
use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::PathBuf;

/// What a repository deploys. Everything in it is in a fixed order, names are as people write them, secrets are masked.
#[derive(Debug, Default)]
pub struct Graph {
    /// By project, then in the order of its files.
    pub services: Vec<Service>,
    /// By path.
    pub files: Vec<File>,
    /// By what they begin at, then by kind and what they lead to.
    pub links: Vec<Link>,
}

/// A service of a Compose project.
#[derive(Debug)]
pub struct Service {
    /// What links call it: the project, `#` and the name.
    pub id: String,
    /// Its name in the project.
    pub name: String,
    /// The first file of its project.
    pub project: String,
    /// What it is for.
    pub role: Role,
    /// What runs in it, as far as its image or its command tells: `PostgreSQL`, `nginx`, `Django`; else nothing.
    pub program: String,
    /// What that is in the deployment.
    pub part: Part,
    /// Its image, as Compose takes it.
    pub image: Option<String>,
    /// The stage of the Dockerfile that it is built from.
    pub stage: Option<String>,
    /// Its variables by name; nothing where the value is not known. Secrets read `NAME (12 characters)`.
    pub environment: BTreeMap<String, Option<String>>,
    /// Its ports, as `docker compose config` prints them.
    pub ports: Vec<Port>,
    /// Whether other machines reach it by a port of its own.
    pub open: bool,
    /// The application's settings that it loads.
    pub settings: Option<String>,
    /// All files that it is linked to.
    pub files: Vec<String>,
    /// What was found in it: by severity, how often.
    pub findings: BTreeMap<Severity, usize>,
}

/// A port of a service.
#[derive(Debug)]
pub struct Port {
    /// As JSON.
    pub document: serde_json::Value,
    /// As people write it: `127.0.0.1:8080 → 80`.
    pub text: String,
    /// Whether other machines reach it.
    pub open: bool,
}

/// What a service is in the deployment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// Passes requests on to others.
    Proxy,
    /// Runs code of the project.
    Application,
    /// Holds data or messages.
    Store,
    /// Nothing tells.
    #[default]
    Other,
}

impl Part {
    /// As it is printed.
    pub fn name(self) -> &'static str {
        match self {
            Self::Proxy => "proxy",
            Self::Application => "application",
            Self::Store => "store",
            Self::Other => "other",
        }
    }
}

/// A file that something is linked to, or that belongs to a format.
#[derive(Debug)]
pub struct File {
    /// Its path.
    pub path: String,
    /// What it is, by the id of the format; nothing where it is of none (a folder, a script).
    pub format: Option<&'static str>,
    /// What it is for.
    pub role: Role,
    /// What was found in it: by severity, how often.
    pub findings: BTreeMap<Severity, usize>,
}

/// Something that refers to something else.
#[derive(Debug)]
pub struct Link {
    /// The id of a service, or the path of a file.
    pub from: String,
    /// The same.
    pub to: String,
    /// `build`, `env_file`, `mount`, `settings`, `copy`, `include`, `extends`, `override`, `interpolates`; between services `proxy`, `connects`, `depends_on`.
    pub kind: &'static str,
    /// What more there is to say: the path inside, the port; may be empty.
    pub note: String,
    /// Where it is told.
    pub at: report::Place,
}

/// Runs the command, and gives the exit status.
///
/// # Errors
/// Wrong usage or settings.
pub fn run(args: &Args) -> Result<u8> {
    let mut gathered = gather::graph(args)?;
    if args.no_findings {
        gathered.graph.forget_findings();
    }
    let (mut out, style) = opened(args.output.as_deref())?;
    gathered.graph.write(args.output_format, style, &mut out)?;
    out.finish()?;
    if gathered.graph.services.is_empty() {
        let _ = writeln!(
            io::stderr(),
            "no Compose file here tells of a service; hardlint check --show-files says what was looked at"
        );
    }
    let clean = gathered.problems.not_understood().0 == 0;
    gathered.problems.write(Output::Concise, Style { colour: false, width: None }, &mut io::stderr())?;
    Ok(if clean { CLEAN } else { PROBLEMS })
}

/// The images that services run, as Compose takes them.
///
/// # Errors
/// Wrong usage or settings.
pub fn images(args: &Args) -> Result<Vec<String>> {
    Ok(gather::graph(args)?.graph.services.into_iter().filter_map(|service| service.image).collect())
}

/// What is deployed below the roots of `paths`, with what was found there: `parts`, one a root.
///
/// # Errors
/// Wrong usage or settings.
pub fn picture(paths: &[PathBuf], reading: &Reading, parts: &[report::Part]) -> Result<Picture> {
    let reports: Vec<&Report> = parts.iter().map(|part| &part.report).collect();
    let graph = gather::found(paths, reading, &reports)?;
    let services = graph.services.iter().map(|service| report::Service {
        name: service.name.clone(),
        project: service.project.clone(),
        files: service.files.clone(),
    });
    Ok(Picture {
        services: services.collect(),
        svg: svg::of(&graph),
        text: text::of(&graph, Style { colour: false, width: None }),
    })
}

impl Graph {
    /// Writes it in one of its forms.
    ///
    /// # Errors
    /// What the writer says.
    pub fn write(&self, form: Drawing, style: Style, out: &mut dyn Write) -> io::Result<()> {
        match form {
            Drawing::Text => out.write_all(text::of(self, style).as_bytes()),
            Drawing::Json => json::write(self, out),
            Drawing::Dot => out.write_all(dot::of(self).as_bytes()),
            Drawing::Mermaid => out.write_all(mermaid::of(self).as_bytes()),
            Drawing::Svg => out.write_all(svg::of(self).as_bytes()),
        }
    }

    fn forget_findings(&mut self) {
        self.services.iter_mut().for_each(|service| service.findings.clear());
        self.files.iter_mut().for_each(|file| file.findings.clear());
    }

    /// The file of that path.
    fn file(&self, path: &str) -> Option<&File> {
        // They are in order.
        self.files.binary_search_by(|file| file.path.as_str().cmp(path)).ok().and_then(|index| self.files.get(index))
    }

    /// Its services by their ids.
    fn index(&self) -> BTreeMap<&str, usize> {
        self.services.iter().enumerate().map(|(index, service)| (service.id.as_str(), index)).collect()
    }

    /// Its projects in their order, each with its services by their index.
    fn projects(&self) -> Vec<(&str, Vec<usize>)> {
        let mut projects: Vec<(&str, Vec<usize>)> = Vec::new();
        for (index, service) in self.services.iter().enumerate() {
            match projects.last_mut() {
                Some((project, services)) if *project == service.project => services.push(index),
                _ => projects.push((&service.project, vec![index])),
            }
        }
        projects
    }
}

impl Service {
    /// The name of its stage, as people gave it: that one without a name is the first or the last is no news.
    fn stage(&self) -> Option<&str> {
        self.stage.as_deref().filter(|stage| stage.parse::<usize>().is_err())
    }

    /// What runs in it and what for, in a few words: `PostgreSQL, store, production`.
    fn what(&self, between: &str) -> String {
        let role = if self.role == Role::Unknown { "" } else { self.role.name() };
        let part = if self.part == Part::Other { "" } else { self.part.name() };
        let words = [self.program.as_str(), part, role].into_iter().filter(|word| !word.is_empty());
        words.map(clean::line).collect::<Vec<_>>().join(between)
    }
}

impl Port {
    /// Its number on the host; inside, where Docker picks that.
    fn number(&self) -> String {
        let of = |key: &str| match self.document.get(key) {
            Some(serde_json::Value::String(text)) => Some(text.clone()),
            Some(serde_json::Value::Number(number)) => Some(number.to_string()),
            _ => None,
        };
        of("published").filter(|number| !number.is_empty()).or_else(|| of("target")).unwrap_or_default()
    }
}

/// Findings in words, the worst first: `1 high, 2 low`; empty where there are none.
fn counted(findings: &BTreeMap<Severity, usize>) -> String {
    let counts = findings.iter().rev().filter(|(_, count)| **count > 0);
    counts.map(|(severity, count)| format!("{count} {}", severity.name())).collect::<Vec<_>>().join(", ")
}

/// The worst of them.
fn worst(findings: &BTreeMap<Severity, usize>) -> Option<Severity> {
    findings.iter().rev().find(|(_, count)| **count > 0).map(|(severity, _)| *severity)
}

/// `1 port`, `2 ports`.
fn plural(count: usize, word: &str) -> String {
    format!("{count} {word}{}", if count == 1 { "" } else { "s" })
}
