//! From files to one project, in the order in which Compose goes: variables, long form, `extends`, `include`, then the
//! next file laid over it.

mod including;
mod written;

use super::interpolate::{Environment, Variable};
use super::validate::{self, Part, Refusal};
use super::{canonical, commands, discover, dotenv, extending, merge, naming, substitute};
use crate::loader;
use crate::model::{Entry, Node, Piece, Str, Text, Value, Why};
use crate::problem::Problem;
use crate::syntax::yaml::{self, Yaml, build::Tagged};
use crate::text::{FileId, Loc, Span};
use crate::workspace::{Query, Reader};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// Files that include each other, or services that extend each other, deeper than this are refused.
const MAX_DEPTH: usize = 32;

/// What was loaded, and what is not known of it.
#[derive(Clone)]
pub(super) struct Loaded {
    /// The project, in long form.
    pub(super) root: Node,
    /// What it is called.
    pub(super) name: Option<Node>,
    /// What Compose refuses.
    pub(super) problems: Vec<Problem>,
    /// Services of which a part is not at hand.
    pub(super) open_services: BTreeMap<Str, Why>,
    /// Why services may be missing altogether.
    pub(super) open: Option<Why>,
    /// What sets variables.
    pub(super) environment: Environment,
    /// Whether a file is of version 1.
    pub(super) version_1: bool,
}

/// One document of one file.
struct Layer {
    /// Its number among all that were read for the project.
    id: usize,
    root: Node,
    tagged: Vec<Tagged>,
    /// Where each service stands among the others.
    places: BTreeMap<Str, usize>,
    /// What is tagged inside each service, seen from there.
    tagged_inside: BTreeMap<Str, Vec<Tagged>>,
    /// What Compose refuses of each service once it is extended.
    refused_inside: BTreeMap<Str, Vec<Refusal>>,
    /// What it refuses of a service, by a key of it, where there is nothing yet that it is laid over.
    refused_alone: Vec<(Str, Str, Refusal)>,
    /// What is not in long form as it is written, by section and name; only of a document that includes others.
    short: BTreeSet<(Str, Str)>,
}

impl Layer {
    fn new(id: usize, root: Node, tagged: Vec<Tagged>, refused_inside: BTreeMap<Str, Vec<Refusal>>) -> Self {
        let mut places = BTreeMap::new();
        if let Some(Value::Map(services)) = root.value.entry("services").map(|node| &node.value) {
            places.extend(services.iter().enumerate().map(|(at, entry)| (entry.key.clone(), at)));
        }
        let mut tagged_inside: BTreeMap<Str, Vec<Tagged>> = BTreeMap::new();
        for tag in &tagged {
            if let [first, service, rest @ ..] = tag.path.as_slice()
                && &**first == "services"
                && !rest.is_empty()
            {
                let inside = Tagged { path: rest.to_vec(), reset: tag.reset };
                tagged_inside.entry(service.clone()).or_default().push(inside);
            }
        }
        Self {
            id,
            root,
            tagged,
            places,
            tagged_inside,
            refused_inside,
            refused_alone: Vec::new(),
            short: BTreeSet::new(),
        }
    }

    /// Whether any of its services extends another.
    fn extends(&self) -> bool {
        let Some(Value::Map(services)) = self.root.value.entry("services").map(|node| &node.value) else {
            return false;
        };
        services.iter().any(|entry| entry.node.value.entry("extends").is_some())
    }

    fn service(&self, name: &str) -> Option<&Node> {
        let Value::Map(services) = &self.root.value.entry("services")?.value else { return None };
        self.places.get(name).and_then(|&at| services.get(at)).map(|entry| &entry.node)
    }
}

/// A service with all that it extends.
#[derive(Clone)]
struct Whole {
    node: Node,
    /// What Compose refuses of it, once nothing is laid over it any more.
    refused: Vec<Refusal>,
}

/// Loads the project that is made of `files`, seen from `folder`.
pub(super) fn project(reader: &mut Reader<'_>, query: &Query, files: &[FileId], folder: &str) -> Loaded {
    let started = files.first().map(|file| reader.source(*file).path.to_string()).unwrap_or_default();
    let mut environment = environment(reader, query, folder, &started);
    let (name, misnamed) = naming::name(reader, files, folder, &mut environment);
    // What reads the file by itself tells of it where only faults are looked for.
    let fault = if query.document { fault_of_dotenv(reader, query, folder) } else { None };
    let start = Loc::new(files.first().copied().unwrap_or(FileId(0)), Span::default());
    let first = reader.source(start.file).path.clone();
    let absent = if query.document { discover::missing(reader, query, folder, &first) } else { None };
    let absent = absent.map(|path| Refusal { at: start, message: format!("stat {path}: no such file or directory") });
    let mut loading = Loading::new(reader, folder, environment);
    loading.all_needed = query.document;
    loading.refuse(fault.into_iter().chain(absent).chain(misnamed).collect());
    let mut root = loading.files(files);
    let wrong = substitute::project(&mut root);
    if loading.open.is_none() {
        loading.refuse(wrong);
    }
    if matches!(&root.value, Value::Map(entries) if entries.is_empty())
        && loading.problems.is_empty()
        && loading.open.is_none()
    {
        loading.refuse(vec![Refusal { at: root.at, message: "empty compose file".to_owned() }]);
    }
    Loaded { name, ..loading.done(root) }
}

/// What sets variables for a project in `folder` that begins with the file `first`: the process, then `.env` or what the
/// commands that start it name in its place.
pub(super) fn environment(reader: &mut Reader<'_>, query: &Query, folder: &str, first: &str) -> Environment {
    let mut environment = Environment::default();
    give(query, &mut environment);
    let named = discover::env_files(reader, query, first);
    if !named.is_empty() {
        let mut before = Vec::new();
        for file in named {
            offer_file(reader, &file, &mut before, &mut environment);
        }
        return environment;
    }
    offer_file(reader, &below(folder, ".env"), &mut Vec::new(), &mut environment);
    environment
}

/// What Compose refuses of the project's `.env`.
fn fault_of_dotenv(reader: &mut Reader<'_>, query: &Query, folder: &str) -> Option<Refusal> {
    let file = reader.open(&below(folder, ".env"), None).ok()?;
    let text = reader.source(file).text.clone();
    let mut environment = Environment::default();
    give(query, &mut environment);
    let at = dotenv::read(file, &text, &environment).1?;
    Some(Refusal { at: Loc::new(file, at), message: "failed to read .env".to_owned() })
}

/// The environment that the caller tells of.
fn give(query: &Query, environment: &mut Environment) {
    if let Some(given) = &query.environment {
        environment.closed = true;
        for (name, value) in given {
            environment.set(name, Variable { value: Text::Known(value.as_str().into()), at: None });
        }
        // Compose sets it to the folder that it is started in, unless the shell did.
        if !given.contains_key("PWD") {
            let folder = vec![Piece::Hole(Why::Variable("PWD".into()))];
            environment.set("PWD", Variable { value: Text::Pieces(folder.into()), at: None });
        }
    }
}

fn below(folder: &str, name: &str) -> String {
    if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") }
}

/// Offers what a file sets; what Compose refuses of it, and whether it is there. What the files `before` it set, which are
/// named with it, gives way to it.
fn offer_file(
    reader: &mut Reader<'_>,
    path: &str,
    before: &mut Vec<FileId>,
    environment: &mut Environment,
) -> (Option<Refusal>, bool) {
    let Ok(file) = reader.open(path, None) else { return (None, false) };
    before.push(file);
    let source = reader.source(file).clone();
    let (lines, fault) = dotenv::read(file, &source.text, environment);
    for line in lines {
        if let Some((value, at)) = line.value {
            // Later lines win over earlier ones, and the process over all.
            match environment.get(&line.name) {
                Some(known) if known.at.is_none_or(|at| !before.contains(&at.file)) => {}
                _ => environment.set(&line.name, Variable { value, at: Some(at) }),
            }
        }
    }
    let refusal = |at| Refusal { at: Loc::new(file, at), message: format!("failed to read {path}") };
    (fault.map(refusal), true)
}

struct Loading<'r, 'l> {
    reader: &'r mut Reader<'l>,
    folder: String,
    environment: Environment,
    /// Whether a file that is missing is refused; where only faults are looked for, it may be made later.
    all_needed: bool,
    /// The file that the others are laid over.
    first: Option<FileId>,
    /// Whether a file is of version 1, of which what Compose refuses has been said.
    version_1: bool,
    problems: Vec<Problem>,
    layers: BTreeMap<(FileId, String), Rc<Vec<Layer>>>,
    read: usize,
    /// Services with all that they extend, by document and name.
    services: BTreeMap<(usize, Str), Whole>,
    extending: Vec<(FileId, Str)>,
    including: Vec<FileId>,
    open_services: BTreeMap<Str, Why>,
    open: Option<Why>,
}

impl<'r, 'l> Loading<'r, 'l> {
    fn new(reader: &'r mut Reader<'l>, folder: &str, environment: Environment) -> Self {
        Self {
            reader,
            folder: folder.to_owned(),
            environment,
            all_needed: false,
            first: None,
            version_1: false,
            problems: Vec::new(),
            layers: BTreeMap::new(),
            read: 0,
            services: BTreeMap::new(),
            extending: Vec::new(),
            including: Vec::new(),
            open_services: BTreeMap::new(),
            open: None,
        }
    }

    fn done(self, root: Node) -> Loaded {
        Loaded {
            root,
            name: None,
            problems: self.problems,
            open_services: self.open_services,
            open: self.open,
            environment: self.environment,
            version_1: self.version_1,
        }
    }

    fn refuse(&mut self, refusals: Vec<Refusal>) {
        if self.version_1 {
            return;
        }
        for Refusal { at, message } in refusals {
            let path = self.reader.source(at.file).path.clone();
            self.problems.push(Problem { path, at: Some(at), message });
        }
    }

    fn missing(&mut self, at: Loc, path: &str) {
        if self.all_needed {
            self.refuse(vec![Refusal { at, message: format!("open {path}: no such file or directory") }]);
        }
    }

    fn files(&mut self, files: &[FileId]) -> Node {
        let first = files.first().copied().unwrap_or(FileId(0));
        let mut root = Node::set(Value::Map(Vec::new()), Loc::new(first, Span::default()));
        self.first = Some(first);
        for (at, &file) in files.iter().enumerate() {
            let folder = self.folder.clone();
            let layers = self.layers(file, &folder);
            if at + 1 == files.len() && !layers.iter().any(Layer::extends) {
                // Nothing asks for them any more, so that they need not be copied.
                self.layers.clear();
            }
            match Rc::try_unwrap(layers) {
                Ok(layers) => {
                    for layer in layers {
                        self.refuse_alone(&root, &layer.refused_alone);
                        self.lay_over(&mut root, layer.root, &layer.tagged, (file, &layer.short));
                    }
                }
                Err(layers) => {
                    for layer in layers.iter() {
                        let over = self.extended(layer, file, &folder);
                        self.refuse_alone(&root, &layer.refused_alone);
                        self.lay_over(&mut root, over, &layer.tagged, (file, &layer.short));
                    }
                }
            }
        }
        let mut refusals = Vec::new();
        canonical::merged(&mut root, &self.folder, &mut refusals);
        if !refusals.is_empty() && self.open.is_none() {
            self.refuse(refusals);
        }
        root
    }

    /// Refuses what only a file that something is laid over makes up for.
    fn refuse_alone(&mut self, root: &Node, refused: &[(Str, Str, Refusal)]) {
        for (service, key, refusal) in refused {
            let below = root.value.entry("services").and_then(|services| services.value.entry(service));
            if below.and_then(|service| service.value.entry(key)).is_none_or(|node| node.value == Value::Null) {
                self.refuse(vec![Refusal { at: refusal.at, message: refusal.message.clone() }]);
            }
        }
    }

    fn lay_over(
        &mut self,
        root: &mut Node,
        mut over: Node,
        tagged: &[Tagged],
        (file, short): (FileId, &BTreeSet<(Str, Str)>),
    ) {
        merge::reset(root, tagged);
        self.include(&mut over, file, short);
        let mut refusals = Vec::new();
        merge::merge(root, over, &mut refusals);
        merge::unify(root);
        self.refuse(refusals);
    }

    /// The documents of a file, in long form.
    fn layers(&mut self, file: FileId, folder: &str) -> Rc<Vec<Layer>> {
        let key = (file, folder.to_owned());
        if let Some(known) = self.layers.get(&key) {
            return known.clone();
        }
        let made = Rc::new(self.read(file, folder));
        self.layers.insert(key, made.clone());
        made
    }

    fn read(&mut self, file: FileId, folder: &str) -> Vec<Layer> {
        let source = self.reader.source(file).clone();
        let parsed = parse(self.reader, file);
        if parsed.template {
            let why = Why::Template(source.path.as_ref().into());
            self.open.get_or_insert(why);
        }
        let mut refusals = parsed.faults;
        if self.extending.is_empty() {
            refusals.extend(parsed.times);
        }
        if parsed.broken {
            self.open.get_or_insert(Why::Runtime("what follows the fault in the file".into()));
        }
        let slice = |at: Loc| source.slice(at.span).to_owned();
        let laid_over = self.first.is_some_and(|first| first != file);
        let mut layers = Vec::new();
        for (mut root, tagged) in parsed.documents {
            let nothing = |line: &str| {
                line.trim_start_matches('\u{feff}').trim().is_empty() || line.trim_start().starts_with('#')
            };
            if root.value == Value::Null && source.text.lines().all(nothing) {
                continue;
            }
            if !matches!(root.value, Value::Map(_)) {
                refusals.push(Refusal { at: root.at, message: "top-level object must be a mapping".to_owned() });
                continue;
            }
            // Version 1, which docker-compose read up to its last release: what Compose says of it is said once.
            let refusal = validate::version_1(&root);
            let old = refusal.is_some();
            if let Some(refusal) = refusal {
                self.refuse(vec![refusal]);
                self.version_1 = true;
                let services = std::mem::replace(&mut root.value, Value::Map(Vec::new()));
                let node = Node { value: services, ..root.clone() };
                root.value = Value::Map(vec![Entry { key: "services".into(), node }]);
            }
            refusals.extend(substitute::file(&mut root, &self.environment, &slice));
            let mut refused_inside = BTreeMap::new();
            let mut refused_alone = Vec::new();
            if !parsed.broken && !old {
                let part = match laid_over {
                    _ if !self.extending.is_empty() => Part::Extended,
                    true => Part::LaidOver,
                    false => Part::First,
                };
                let (alone, others) = validate::apart(validate::file(&root, part), part);
                refused_alone = if parsed.template { Vec::new() } else { alone };
                refusals.extend(others);
                if matches!(part, Part::Extended) && !parsed.template {
                    refusals.extend(extending::refused(&root));
                    refused_inside = validate::extended(&root);
                }
            }
            keep_maps(&mut root);
            let includes = root.value.entry("include").is_some();
            let short = if includes { written::short(&root) } else { BTreeSet::new() };
            let before = refusals.len();
            canonical::file(&mut root, folder, &mut refusals);
            if !self.extending.is_empty() {
                // A command is taken apart only where its service is made.
                let commands = refusals.split_off(before);
                let (commands, others) = commands.into_iter().partition(|it| it.message == canonical::NO_COMMAND);
                refusals.extend(others);
                by_service(&root, commands, &mut refused_inside);
            }
            commands::place(&source, &mut root);
            self.read += 1;
            let layer = Layer::new(self.read, root, tagged, refused_inside);
            layers.push(Layer { refused_alone, short, ..layer });
        }
        if layers.is_empty() && refusals.is_empty() && !laid_over {
            let at = Loc::new(file, Span::default());
            refusals.push(Refusal { at, message: "empty compose file".to_owned() });
        }
        // What a template becomes is for its engine to say; a broken template has said enough with its holes.
        if !parsed.template {
            self.refuse(refusals);
        }
        layers
    }

    /// A document with `extends` carried out.
    fn extended(&mut self, layer: &Layer, file: FileId, folder: &str) -> Node {
        let mut root = layer.root.clone();
        let Some(services) = entry_mut(&mut root, "services") else { return root };
        let Value::Map(entries) = &mut services.value else { return root };
        for Entry { key, node } in entries {
            if node.value.entry("extends").is_some()
                && let Some(whole) = self.service(layer, file, folder, key)
            {
                *node = Node { name_at: node.name_at, at: node.at, ..whole.node };
                for Refusal { at, message } in whole.refused {
                    if !self.problems.iter().any(|known| known.at == Some(at)) {
                        self.refuse(vec![Refusal { at, message }]);
                    }
                }
            }
        }
        root
    }

    /// One service of a document with all that it extends.
    fn service(&mut self, layer: &Layer, file: FileId, folder: &str, name: &str) -> Option<Whole> {
        if let Some(known) = self.services.get(&(layer.id, name.into())) {
            return Some(known.clone());
        }
        let mut node = layer.service(name)?.clone();
        let extends = take(&mut node, "extends");
        let mut own = Whole { node, refused: layer.refused_inside.get(name).cloned().unwrap_or_default() };
        let Some(extends) = extends else { return Some(own) };
        let circle = self.extending.iter().any(|(f, n)| *f == file && **n == *name);
        if circle || self.extending.len() >= MAX_DEPTH {
            let what =
                if circle { "circular reference: `{}` extends itself" } else { "`{}` extends too many services" };
            self.refuse(vec![Refusal { at: extends.at, message: what.replace("{}", name) }]);
            return Some(own);
        }
        let names = |service: &Node| service.value != Value::Null;
        if matches!(extends.value, Value::Map(_) | Value::Null) && !extends.value.entry("service").is_some_and(names) {
            self.refuse(vec![Refusal { at: extends.at, message: format!("extends.{name}.service is required") }]);
            return Some(own);
        }
        self.extending.push((file, name.into()));
        let base = self.base(layer, file, folder, &extends);
        self.extending.pop();
        let mut base = match base {
            Ok(base) => base,
            Err(why) => {
                self.open_services.insert(name.into(), why);
                return Some(own);
            }
        };
        if let Some(tagged) = layer.tagged_inside.get(name) {
            merge::reset(&mut base.node, tagged);
        }
        let before = if base.refused.is_empty() { None } else { Some(base.node.clone()) };
        let mut refusals = Vec::new();
        merge::service(&mut base.node, own.node, &mut refusals);
        merge::unify_service(&mut base.node);
        self.refuse(refusals);
        if let Some(before) = before {
            base.refused.retain(|refusal| extending::stands(&before, &base.node, refusal.at));
        }
        base.refused.append(&mut own.refused);
        self.services.insert((layer.id, name.into()), base.clone());
        Some(base)
    }

    /// The service that `extends` names.
    fn base(&mut self, layer: &Layer, file: FileId, folder: &str, extends: &Node) -> Result<Whole, Why> {
        let service = extends.value.entry("service");
        let Some(name) = service.and_then(|node| node.value.as_str()).map(str::to_owned) else {
            return Err(Why::Runtime("what this service extends".into()));
        };
        let missing = |at: Loc| Refusal { at, message: format!("cannot extend service `{name}`: it is not found") };
        let at = service.map_or(extends.at, |node| node.at);
        let Some(from) = extends.value.entry("file") else {
            return self.service(layer, file, folder, &name).ok_or_else(|| {
                self.refuse(vec![missing(at)]);
                Why::Runtime("what this service extends".into())
            });
        };
        let Some(path) = from.value.as_str() else {
            return Err(Why::Runtime("the file that this service extends".into()));
        };
        let Some(target) = loader::join(folder, path) else { return Err(Why::File(path.into())) };
        let Ok(other) = self.reader.open(&target, Some(from.at)) else {
            self.missing(from.at, path);
            return Err(Why::File(target.as_str().into()));
        };
        let inner_folder = loader::folder(&target).to_owned();
        let layers = self.layers(other, &inner_folder);
        let found = layers.iter().rev().find_map(|layer| self.service(layer, other, &inner_folder, &name));
        found.ok_or_else(|| {
            self.refuse(vec![missing(at)]);
            Why::File(target.into())
        })
    }
}

/// A file as far as it can be parsed.
struct Parsed {
    documents: Vec<(Node, Vec<Tagged>)>,
    faults: Vec<Refusal>,
    /// Points in time, which Compose takes nowhere in a file that it checks.
    times: Vec<Refusal>,
    template: bool,
    /// Whether the text ends before it is all read.
    broken: bool,
}

/// Endings of files that another program fills in first.
const TEMPLATES: &[&str] = &[".j2", ".jinja2", ".jinja", ".erb", ".tmpl", ".tpl", ".template", ".ejs"];

fn parse(reader: &Reader<'_>, file: FileId) -> Parsed {
    let source = reader.source(file);
    let (path, text) = (&*source.path, source.text.as_str());
    let named = TEMPLATES.iter().any(|ending| path.ends_with(ending)) || path.contains("{{");
    if !named {
        let parsed = build(file, &reader.memo.yaml(source), text);
        if parsed.faults.is_empty() || !yaml::looks_like_template(text) {
            return parsed;
        }
    }
    Parsed { template: true, ..build(file, &yaml::parse(&yaml::masked(text)), text) }
}

fn build(file: FileId, yaml: &Yaml, source: &str) -> Parsed {
    let (documents, faults, times) = (Vec::new(), Vec::new(), Vec::new());
    let mut parsed = Parsed { documents, faults, times, template: false, broken: yaml.fault.is_some() };
    let refusal = |fault: yaml::Fault| Refusal { at: Loc::new(file, fault.at), message: fault.message };
    for document in &yaml.documents {
        if let Some(built) = yaml::build::build(document, file, source) {
            parsed.faults.extend(built.faults.into_iter().map(refusal));
            let refusal = |at| Refusal { at: Loc::new(file, at), message: "invalid jsonType time.Time".to_owned() };
            parsed.times.extend(built.times.into_iter().map(refusal));
            parsed.documents.push((built.root, built.tagged));
        }
    }
    parsed.faults.extend(yaml.fault.clone().map(refusal));
    parsed
}

/// Puts each refusal to the service that it stands in.
fn by_service(root: &Node, refusals: Vec<Refusal>, found: &mut BTreeMap<Str, Vec<Refusal>>) {
    let Some(Value::Map(services)) = root.value.entry("services").map(|node| &node.value) else { return };
    for refusal in refusals {
        let holds = |entry: &&Entry| entry.node.at.span.range().contains(&(refusal.at.span.start as usize));
        if let Some(entry) = services.iter().find(holds) {
            found.entry(entry.key.clone()).or_default().push(refusal);
        }
    }
}

/// Takes out services that are no maps, which were refused.
fn keep_maps(root: &mut Node) {
    if let Some(Value::Map(entries)) = entry_mut(root, "services").map(|node| &mut node.value) {
        entries.retain(|entry| matches!(entry.node.value, Value::Map(_)));
    }
}

/// Whether two values are the same, wherever they stand.
fn same(a: &Node, b: &Node) -> bool {
    match (&a.value, &b.value) {
        (Value::Map(a), Value::Map(b)) => {
            let b: BTreeMap<&str, &Node> = b.iter().map(|entry| (&*entry.key, &entry.node)).collect();
            a.len() == b.len() && a.iter().all(|entry| b.get(&*entry.key).is_some_and(|other| same(&entry.node, other)))
        }
        (Value::List(a), Value::List(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b)),
        (a, b) => a == b,
    }
}

pub(super) fn entry_mut<'n>(node: &'n mut Node, key: &str) -> Option<&'n mut Node> {
    match &mut node.value {
        Value::Map(entries) => entries.iter_mut().find(|entry| &*entry.key == key).map(|entry| &mut entry.node),
        _ => None,
    }
}

/// Takes a key out of a map.
pub(super) fn take(node: &mut Node, key: &str) -> Option<Node> {
    let Value::Map(entries) = &mut node.value else { return None };
    let at = entries.iter().position(|entry| &*entry.key == key)?;
    Some(entries.remove(at).node)
}
