//! What BuildKit makes of a Dockerfile: its stages, the image that each would be, and everything that is run for it.

use super::config::{Builder, Config};
use super::expand::MOST_BROUGHT_IN_ALL;
use super::instruction::{self, Op};
use super::keys::kinds;
use super::scopes::Writer;
use super::stages::{Base, Stage, Stages};
use super::syntax::{self, Fault, File, Instruction};
use super::{facts, services, template};
use crate::formats::compose::Build;
use crate::model::{Entry, Model, Node, Origin, Scope, ScopeId, Text, Value, Why};
use crate::problem::Problem;
use crate::schema::KindId;
use crate::text::{FileId, Loc, Span};
use crate::workspace::{Query, Reader};
use std::cell::Cell;

/// How many variables and settings stages may inherit in all, so that a chain of thousands of stages stays small.
const MOST_INHERITED: usize = 1_000_000;

/// How much of a Dockerfile is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Asked {
    /// All of it.
    Whole,
    /// What its images hold and start, as deployments ask: neither what was run to make them, nor what only rules about
    /// Dockerfiles ask.
    Images,
}

/// Resolves a Dockerfile.
pub(super) fn resolve(reader: &mut Reader<'_>, query: &Query, file: FileId, model: Model) -> Model {
    resolve_as(reader, query, file, model, Asked::Whole)
}

/// Resolves as much of a Dockerfile as is asked for.
pub(super) fn resolve_as(reader: &Reader<'_>, query: &Query, file: FileId, model: Model, asked: Asked) -> Model {
    let source = reader.source(file).clone();
    let parsed = syntax::parse(&source.text, template::is_template(&source.path, &source.text));
    let mut faults = Vec::new();
    let read = |instruction: &Instruction| instruction::read(instruction, &source.text, parsed.escape, &mut faults);
    let ops: Vec<Option<Op>> = parsed.instructions.iter().map(read).collect();
    let stages = Stages::read(&parsed, &ops, file);
    let globals = &stages.globals;
    let spare = Cell::new(MOST_BROUGHT_IN_ALL);
    let exposing = Cell::new(0);
    let builder = Builder { file, escape: parsed.escape, templates: &parsed.templates, globals, spare, exposing };
    let mut resolver =
        Resolver { builder: &builder, parsed: &parsed, ops: &ops, stages: &stages, asked, faults, model, inherited: 0 };
    resolver.file_scope(&source.text);
    let builds = services::of(reader, query, &source.path);
    let built = resolver.stages(query.condition("target"), &builds);
    let Resolver { faults, mut model, .. } = resolver;
    if asked == Asked::Images {
        facts::contexts(reader, services::context(&builds), &mut model);
        return model;
    }
    super::pins::superseded(reader.loader, &mut model);
    if !parsed.template {
        let path = model.path.clone();
        let problem = |fault: Fault| {
            let at = Some(Loc::new(file, fault.at));
            Problem { path: path.clone(), at, message: fault.message }
        };
        model.problems.extend(all_faults(faults, &parsed, &stages).into_iter().map(problem));
    }
    facts::add(reader, (&parsed, &ops), &built, (services::context(&builds), services::env_files(&builds)), &mut model);
    super::packages::add(reader.loader, reader.memo, services::context(&builds), &mut model);
    model
}

/// Whether a stage is for Linux though its lines go on with a backtick, as those for Windows do.
fn is_linux(image: Option<&str>, instructions: &[Instruction]) -> bool {
    let is_step = |instruction: &&Instruction| instruction.keyword == syntax::Keyword::Run;
    let mut steps = instructions.iter().filter(is_step);
    image.is_some_and(super::images::is_for_linux_alone) || steps.any(|step| super::images::is_unix(step.text()))
}

/// All that `docker build` refuses, in the order of the file.
fn all_faults(mut faults: Vec<Fault>, parsed: &File, stages: &Stages) -> Vec<Fault> {
    let more = parsed.faults.iter().chain(&stages.faults);
    faults.extend(more.map(|fault| Fault { at: fault.at, message: fault.message.clone() }));
    if stages.all.is_empty() && faults.is_empty() {
        let at = parsed.instructions.last().map_or(Span::default(), |instruction| instruction.keyword_at);
        faults.push(Fault { at, message: "there is no FROM, so nothing can be built".to_owned() });
    }
    faults.sort_by(|a, b| (a.at, &a.message).cmp(&(b.at, &b.message)));
    faults.dedup();
    faults
}

/// A stage as it was built.
pub(super) struct Built {
    /// Its scope.
    pub(super) scope: ScopeId,
    /// The first of its scopes, and the one after the last.
    pub(super) scopes: (usize, usize),
    /// The image that it becomes.
    pub(super) config: Config,
    /// The image from elsewhere that lies beneath it, and where it is named; nothing for `scratch`.
    pub(super) image: Option<(Text, Loc)>,
    /// The services that build it.
    pub(super) services: Vec<Build>,
}

struct Resolver<'a> {
    builder: &'a Builder<'a>,
    parsed: &'a File,
    ops: &'a [Option<Op>],
    stages: &'a Stages,
    asked: Asked,
    faults: Vec<Fault>,
    model: Model,
    inherited: usize,
}

impl Resolver<'_> {
    fn file_scope(&mut self, text: &str) {
        let mut scope = Scope::new(kinds::FILE, "", None, self.builder.loc(Span::default()));
        scope.extent = Span::new(0, text.len());
        let id = self.model.push(scope);
        for directive in self.parsed.directives.iter().filter(|directive| directive.name != "check") {
            let value = text.get(directive.value.range()).unwrap_or_default();
            let node = Node::set(Value::text(value), self.builder.loc(directive.value));
            set(&mut self.model, id, kinds::FILE, &directive.name, node.named(self.builder.loc(directive.name_at)));
        }
        let first = self.stages.all.first().map_or(0, |stage| stage.from);
        let config = Config::default();
        for (instruction, op) in self.parsed.instructions.iter().zip(self.ops).take(first) {
            if let Some(op @ Op::Arg(_)) = op {
                let (model, builder, left) = (&mut self.model, self.builder, &mut Vec::new());
                Writer { model, builder, stage: id, windows: false, left }.write(&config, instruction, op);
            }
        }
    }

    fn stages(&mut self, target: Option<&str>, builds: &[Build]) -> Vec<Built> {
        let found = target.and_then(|name| self.stages.find(name));
        if let (Some(name), None) = (target, found) {
            let message = format!("there is no stage `{name}`");
            self.faults.push(Fault { at: Span::default(), message });
        }
        let targets = found.map_or_else(|| services::targets(builds, self.stages), |found| vec![found]);
        let in_any = |flags: fn(&Stages, usize) -> Vec<bool>| -> Vec<bool> {
            let each: Vec<Vec<bool>> = targets.iter().map(|target| flags(self.stages, *target)).collect();
            let is = |index| each.iter().any(|flags| flags.get(index) == Some(&true));
            (0..self.stages.all.len()).map(is).collect()
        };
        let (layers, reachable) = (in_any(Stages::layers), in_any(Stages::reachable));
        let mut built: Vec<Built> = Vec::new();
        for (index, stage) in self.stages.all.iter().enumerate() {
            let is = |flags: &[bool]| flags.get(index).copied().unwrap_or(false);
            let (in_image, reachable) = (is(&layers), is(&reachable));
            let mut next = self.stage(stage, &built, in_image, reachable, targets.contains(&index));
            next.services = services::of_stage(builds, self.stages, index).cloned().collect();
            for (name, holds) in [
                ("services_for_developers", services::for_developers(builds, self.stages, index)),
                ("services_own_host", services::own_host(builds, self.stages, index)),
                ("services_set_user", services::set_user(builds, self.stages, index)),
            ] {
                let header = self.model.scope(next.scope).map_or(self.builder.loc(Span::default()), |scope| scope.at);
                let node = Node::derived(Value::Bool(true), header, vec![header]);
                if holds {
                    set(&mut self.model, next.scope, kinds::STAGE, name, node);
                }
            }
            built.push(next);
        }
        // What `docker build` makes if it is not told otherwise.
        if let Some(stage) = found.or(self.stages.all.len().checked_sub(1)).and_then(|shown| built.get(shown)) {
            self.model.focus = stage.scope;
            for (key, node) in &stage.config.lost {
                let key = self.model.key(kinds::STAGE, key);
                self.model.shadowed.push((key, node.clone()));
            }
        }
        built
    }

    /// What the stage begins with, and the image beneath it all.
    fn begin(&mut self, stage: &Stage, built: &[Built]) -> (Config, Option<(Text, Loc)>) {
        let image = (stage.image.clone(), stage.image_at);
        let unknown = |text: &Text| match text {
            Text::Known(name) => Why::Runtime(format!("the image `{name}`").into()),
            Text::Pieces(_) => Why::Runtime("the image".into()),
        };
        match &stage.base {
            Base::Scratch => (Config::scratch(stage.image_at), None),
            Base::Image => (Config::on(unknown(&stage.image)), Some(image)),
            Base::Stage(base) => match built.get(*base) {
                Some(base) => {
                    self.inherited += base.config.size();
                    let config = if self.inherited > MOST_INHERITED {
                        Config::on(Why::Limit("so long a chain of stages is not followed"))
                    } else {
                        base.config.inherit()
                    };
                    (config, base.image.clone())
                }
                None => (Config::on(unknown(&stage.image)), Some(image)),
            },
        }
    }

    fn stage(&mut self, stage: &Stage, built: &[Built], in_image: bool, reachable: bool, is_target: bool) -> Built {
        let (mut config, image) = self.begin(stage, built);
        let instructions = self.parsed.instructions.get(stage.from..stage.end).unwrap_or_default();
        let ops = self.ops.get(stage.from..stage.end).unwrap_or_default();
        let id = self.stage_scope(stage, instructions);
        let image_name =
            image.as_ref().and_then(|(image, _)| if let Text::Known(name) = image { Some(&**name) } else { None });
        let windows = image_name.is_some_and(super::images::is_windows)
            || self.parsed.escape == '`' && !is_linux(image_name, instructions);
        // Triggers of the stage beneath run first.
        if let Base::Stage(base) = stage.base
            && let Some(beneath) = self.stages.all.get(base)
        {
            let triggers = self.parsed.instructions.get(beneath.from..beneath.end).unwrap_or_default();
            for (instruction, op) in triggers.iter().zip(self.ops.get(beneath.from..beneath.end).unwrap_or_default()) {
                if let (true, Some(op)) = (instruction.trigger, op) {
                    // A fault of theirs is told where they stand.
                    let _ = self.builder.run(&mut config, instruction, op);
                }
            }
        }
        let mut left = Vec::new();
        for (instruction, op) in instructions.iter().zip(ops) {
            let Some(op) = op else { continue };
            if self.asked == Asked::Whole || matches!(op, Op::Copy { .. }) {
                let (model, builder, left) = (&mut self.model, self.builder, &mut left);
                Writer { model, builder, stage: id, windows, left }.write(&config, instruction, op);
            } else if let Op::Command(form) = op {
                let (model, builder, left) = (&mut self.model, self.builder, &mut left);
                Writer { model, builder, stage: id, windows, left }.removed(&config, instruction, form);
            }
            if instruction.trigger {
                self.builder.trigger(&mut config, instruction);
            } else if let Err(fault) = self.builder.run(&mut config, instruction, op)
                && reachable
            {
                self.faults.push(fault);
            }
        }
        if let Some(control) = self.parsed.control {
            self.forget(&mut config, control);
        }
        self.effective(id, &config);
        let flag =
            |value: bool| Node { at: self.builder.loc(Span::default()), ..Node::default_value(Value::Bool(value)) };
        let (part, run, is) = (flag(in_image), flag(reachable), flag(is_target));
        set(&mut self.model, id, kinds::STAGE, "in_image", part);
        set(&mut self.model, id, kinds::STAGE, "reachable", run);
        set(&mut self.model, id, kinds::STAGE, "is_target", is);
        let scopes = (id.0 as usize, self.model.scopes.len());
        Built { scope: id, scopes, config, image, services: Vec::new() }
    }

    fn stage_scope(&mut self, stage: &Stage, instructions: &[Instruction]) -> ScopeId {
        let header = instructions.first().map_or(Span::default(), |from| from.keyword_at.to(from.args_at()));
        let label = stage.name.clone().unwrap_or_else(|| match &stage.image {
            Text::Known(image) => image.to_string(),
            Text::Pieces(_) => String::new(),
        });
        let mut scope = Scope::new(kinds::STAGE, label, Some(ScopeId(0)), self.builder.loc(header));
        scope.extent = instructions.last().map_or(header, |last| header.to(last.extent));
        if self.parsed.control.is_some() {
            scope.open = Some(Why::Template("a line of the template".into()));
        }
        let from = instructions.first();
        let id = self.model.push(scope);
        let keyword = self.builder.loc(from.map_or(header, |from| from.keyword_at));
        let image = Node::set(Value::Text(stage.image.clone()), stage.image_at).named(keyword);
        set(&mut self.model, id, kinds::STAGE, "image", image);
        if let (Base::Image, Text::Known(name)) = (&stage.base, &stage.image) {
            let op = self.ops.get(stage.from).and_then(Option::as_ref);
            let written = if let Some(Op::From { image, .. }) = op { image.text() } else { "" };
            super::pins::of_stage(&mut self.model, id, name, written, stage.image_at);
        }
        if let (Some(name), Some(Op::From { name: Some(word), .. })) =
            (&stage.name, self.ops.get(stage.from).and_then(Option::as_ref))
        {
            let at = self.builder.word_at(word);
            set(&mut self.model, id, kinds::STAGE, "name", Node::set(Value::text(name.as_str()), at));
            if let Some(scope) = self.model.scope_mut(id) {
                scope.label_at = at;
            }
        }
        if let Some(flag) = from.and_then(|from| from.flags.iter().find(|flag| flag.name == "platform")) {
            let node = Node::set(Value::text(flag.text()), self.builder.loc(flag.value_at()));
            set(&mut self.model, id, kinds::STAGE, "platform", node);
        }
        id
    }

    /// In a template whose own lines decide what is built, nothing that could be overruled is known.
    fn forget(&self, config: &mut Config, control: Span) {
        let why = Why::Template("a line of the template".into());
        let at = self.builder.loc(control);
        let unknown = || Some(Node::derived(Value::Unknown(why.clone()), at, vec![at]));
        config.user = unknown();
        config.cmd = unknown();
        config.entrypoint = unknown();
        config.users.clear();
    }

    /// Writes the image's configuration.
    fn effective(&mut self, id: ScopeId, config: &Config) {
        let header = self.model.scope(id).map_or(self.builder.loc(Span::default()), |scope| scope.at);
        let mut put = |name: &str, node: Option<Node>| {
            if let Some(node) = node {
                let key = self.model.key(kinds::STAGE, name);
                if let Some(scope) = self.model.scope_mut(id) {
                    scope.effective.set(key, node);
                }
            }
        };
        let list = |nodes: Vec<Node>| {
            let at = nodes.last().map(|node| node.at)?;
            let from = nodes.iter().map(|node| node.at).collect();
            Some(Node::derived(Value::List(nodes), at, from))
        };
        let map = |entries: Vec<Entry>| {
            let at = entries.last().map_or(header, |entry| entry.node.at);
            let from = entries.iter().map(|entry| entry.node.at).collect();
            (!entries.is_empty()).then(|| Node { origin: Origin::Derived(from), ..Node::set(Value::Map(entries), at) })
        };
        let labels = config.labels.iter().map(|(key, node)| Entry { key: key.clone(), node: node.clone() });
        put("Labels", map(labels.collect()));
        put("Env", map(config.env.clone()));
        put("ExposedPorts", list(sorted_ports(config)));
        let volumes = config.volumes.iter().map(|(path, node)| Node { value: Value::text(&**path), ..node.clone() });
        put("Volumes", list(volumes.collect()));
        put("OnBuild", list(config.onbuild.clone()));
        put("User", config.user.clone());
        put("WorkingDir", config.workdir.clone());
        put("StopSignal", config.stop_signal.clone());
        put("Cmd", config.cmd.clone());
        put("Entrypoint", config.entrypoint.clone());
        put("Shell", config.shell.clone());
        put("Healthcheck", config.healthcheck.clone());
    }
}

/// The ports by number, not by letters.
fn sorted_ports(config: &Config) -> Vec<Node> {
    let number = |port: &str| port.split('/').next().and_then(|port| port.parse::<u32>().ok()).unwrap_or(0);
    let mut ports: Vec<(&String, &Node)> = config.exposed.iter().collect();
    ports.sort_by_key(|(port, _)| number(port));
    ports.into_iter().map(|(_, node)| node.clone()).collect()
}

/// Sets a key of a scope.
pub(super) fn set(model: &mut Model, scope: ScopeId, kind: KindId, name: &str, node: Node) {
    let key = model.key(kind, name);
    if let Some(scope) = model.scope_mut(scope) {
        scope.own.set(key, node);
    }
}

/// What a Dockerfile refers to: the file that says what is left out of its build.
pub(super) fn links(reader: &mut Reader<'_>, _query: &Query, file: FileId) -> Vec<crate::formats::Link> {
    let source = reader.source(file).clone();
    if !source.text.lines().any(|line| {
        let word = line.trim_start().get(..4);
        word.is_some_and(|word| word.eq_ignore_ascii_case("COPY") || word.eq_ignore_ascii_case("ADD "))
    }) {
        return Vec::new();
    }
    let found = super::context::dockerignore(reader.loader, &source.path, crate::loader::folder(&source.path));
    let link = |path: String| crate::formats::Link {
        at: Loc::new(file, Span::default()),
        kind: "dockerignore",
        target: path.clone(),
        paths: vec![path],
    };
    found.map(link).into_iter().collect()
}
