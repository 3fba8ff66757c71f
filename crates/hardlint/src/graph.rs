//! `hardlint graph`: the deployment as a picture, for reviews and for programs.
//!
//! What is drawn was worked out by the libraries; here it is only named. One module a form: each draws the same [`Graph`].

use hardlint_config::deployment::role::Role;
use hardlint_lint::diagnostic::Severity;
use std::collections::BTreeMap;

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
    pub at: crate::report::Place,
}
