//! What an image will be: BuildKit's state while it runs through the instructions of a stage.

use super::expand::{Expanded, Lexer, Variable, Variables};
use super::instruction::{Argument, Form, Op, Setting};
use super::ports;
use super::syntax::{Fault, Instruction, Keyword};
use crate::loader;
use crate::model::{Entry, Node, Origin, Piece, Str, Text, Value, Why};
use crate::syntax::joined::Joined;
use crate::text::{FileId, Loc, Span};
use std::cell::Cell;
use std::collections::BTreeMap;

/// `PATH` in an image that has no other.
const PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// How many places of a value are kept.
const MOST_PLACES: usize = 8;

/// A variable that the builder can expand.
#[derive(Clone, Debug)]
pub(super) struct Var {
    /// Its value; `None` where it is declared without one, so that the build may give it.
    pub(super) text: Option<Text>,
    /// Where the value, or the declaration, stands.
    pub(super) at: Loc,
}

/// The configuration of an image as far as the stage has come.
#[derive(Clone, Debug, Default)]
pub(super) struct Config {
    /// Variables, from `ENV` and `ARG`.
    pub(super) vars: BTreeMap<Str, Var>,
    /// Why more may be set than is seen: the image beneath is not at hand.
    pub(super) base: Option<Why>,
    /// `Env`.
    pub(super) env: Vec<Entry>,
    /// Where each name stands in it.
    env_at: BTreeMap<Str, usize>,
    /// `User`.
    pub(super) user: Option<Node>,
    /// All users that were set, in order.
    pub(super) users: Vec<Node>,
    /// `WorkingDir`.
    pub(super) workdir: Option<Node>,
    /// `StopSignal`.
    pub(super) stop_signal: Option<Node>,
    /// `Cmd`; empty where `ENTRYPOINT` took that of the image beneath away.
    pub(super) cmd: Option<Node>,
    /// `Entrypoint`.
    pub(super) entrypoint: Option<Node>,
    /// `Shell`.
    pub(super) shell: Option<Node>,
    /// `Healthcheck`: its test.
    pub(super) healthcheck: Option<Node>,
    /// `ExposedPorts`.
    pub(super) exposed: BTreeMap<String, Node>,
    /// `Volumes`.
    pub(super) volumes: BTreeMap<Str, Node>,
    /// `Labels`.
    pub(super) labels: BTreeMap<Str, Node>,
    /// `OnBuild`.
    pub(super) onbuild: Vec<Node>,
    /// What was overruled, by key.
    pub(super) lost: Vec<(&'static str, Node)>,
    /// Whether this very stage sets `CMD`.
    cmd_here: bool,
}

/// Runs instructions.
pub(super) struct Builder<'a> {
    /// The file.
    pub(super) file: FileId,
    /// The escape character.
    pub(super) escape: char,
    /// The template's expressions.
    pub(super) templates: &'a [Str],
    /// Global arguments, set before the first `FROM`.
    pub(super) globals: &'a BTreeMap<Str, Var>,
    /// Bytes that variables may still bring into texts.
    pub(super) spare: Cell<usize>,
    /// Ports that `EXPOSE` has named so far.
    pub(super) exposing: Cell<usize>,
}

/// Ports of one file that are listed: all that there are, twice.
const MOST_EXPOSED: usize = 1 << 17;

/// Arguments that BuildKit sets by itself before the first `FROM`.
const PLATFORM: &[&str] = &[
    "BUILDPLATFORM",
    "BUILDOS",
    "BUILDOSVERSION",
    "BUILDARCH",
    "BUILDVARIANT",
    "TARGETPLATFORM",
    "TARGETOS",
    "TARGETOSVERSION",
    "TARGETARCH",
    "TARGETVARIANT",
    "TARGETSTAGE",
];

/// A global argument.
pub(super) fn global<'v>(vars: &'v BTreeMap<Str, Var>, name: &str) -> Variable<'v> {
    match vars.get(name) {
        Some(Var { text: Some(text), .. }) => Variable::Set(text),
        Some(Var { text: None, .. }) => Variable::Unknown(Why::Variable(name.into())),
        None if PLATFORM.contains(&name) => Variable::Unknown(Why::Runtime("the platform".into())),
        None => Variable::Unset,
    }
}

impl Config {
    /// An image with nothing in it.
    pub(super) fn scratch(at: Loc) -> Self {
        let default = |text: &str| Node { at, ..Node::default_value(Value::text(text)) };
        let path = Var { text: Some(Text::Known(PATH.into())), at };
        Self {
            vars: BTreeMap::from([("PATH".into(), path)]),
            env: vec![Entry { key: "PATH".into(), node: default(PATH) }],
            env_at: BTreeMap::from([("PATH".into(), 0)]),
            workdir: Some(default("/")),
            ..Self::default()
        }
    }

    /// An image on top of one that is not at hand.
    pub(super) fn on(image: Why) -> Self {
        Self { base: Some(image), ..Self::default() }
    }

    /// What a stage on top of this one begins with.
    pub(super) fn inherit(&self) -> Self {
        Self { onbuild: Vec::new(), cmd_here: false, ..self.clone() }
    }

    /// How much there is to copy.
    pub(super) fn size(&self) -> usize {
        self.vars.len()
            + self.env.len()
            + self.users.len()
            + self.exposed.len()
            + self.volumes.len()
            + self.labels.len()
            + self.lost.len()
    }

    /// What is known of a variable.
    pub(super) fn variable(&self, name: &str) -> Variable<'_> {
        match self.vars.get(name) {
            Some(Var { text: Some(text), .. }) => Variable::Set(text),
            Some(Var { text: None, .. }) => Variable::Unknown(Why::Variable(name.into())),
            None if self.base.is_some() => Variable::Unknown(Why::Variable(name.into())),
            None => Variable::Unset,
        }
    }
}

impl Builder<'_> {
    /// Where a part of an instruction stands.
    pub(super) fn loc(&self, span: Span) -> Loc {
        Loc::new(self.file, span)
    }

    /// Where a word stands.
    pub(super) fn word_at(&self, word: &Joined) -> Loc {
        self.loc(word.span(0, word.text().len()))
    }

    /// Expands a word with the variables of `config`.
    pub(super) fn expand(&self, config: &Config, word: &Joined) -> Result<Expanded, Fault> {
        let variables = Variables::new(|name: &str| config.variable(name));
        let expanded = Lexer::new(word.text(), self.escape, self.templates)
            .at_most(self.spare.get())
            .expand(&variables)
            .map_err(|message| Fault { at: word.span(0, word.text().len()), message })?;
        self.spare.set(self.spare.get().saturating_sub(expanded.brought));
        Ok(expanded)
    }

    /// The text of a word in which nothing means more than itself, as in most.
    fn plain<'w>(&self, word: &'w Joined) -> Option<&'w str> {
        Some(word.text()).filter(|text| Lexer::new(text, self.escape, self.templates).is_plain())
    }

    /// The text of a word with the variables of `config`.
    fn text(&self, config: &Config, word: &Joined) -> Result<Text, Fault> {
        match self.plain(word) {
            Some(text) => Ok(Text::Known(text.into())),
            None => self.expand(config, word).map(Expanded::text),
        }
    }

    /// The value of a word: it stands where it is written, or, if it is but a variable, where that is set. One that has
    /// variables in it follows from both places.
    pub(super) fn node(&self, config: &Config, word: &Joined, keyword: Span) -> Result<Node, Fault> {
        if let Some(text) = self.plain(word) {
            return Ok(Node::set(Value::text(text), self.word_at(word)).named(self.loc(keyword)));
        }
        let expanded = self.expand(config, word)?;
        let places: Vec<Loc> = expanded
            .used
            .iter()
            .filter_map(|name| Some(config.vars.get(name.as_str())?.at))
            .take(MOST_PLACES)
            .collect();
        let place = expanded.used.first().filter(|_| expanded.sole).and_then(|name| config.vars.get(name.as_str()));
        let (place, set) = (place.map(|var| var.at), self.word_at(word));
        let node = Node::set(Value::Text(expanded.text()), set).named(self.loc(keyword));
        Ok(match place {
            Some(at) => Node { origin: Origin::Environment, at, ..node },
            None if places.is_empty() => node,
            None => Node { origin: Origin::Derived(std::iter::once(set).chain(places).collect()), ..node },
        })
    }

    /// Runs one instruction.
    pub(super) fn run(&self, config: &mut Config, instruction: &Instruction, op: &Op) -> Result<(), Fault> {
        let keyword = instruction.keyword_at;
        match op {
            Op::Arg(arguments) => arguments.iter().try_for_each(|argument| self.argument(config, argument)),
            Op::Env(settings) => self.env(config, settings),
            Op::Label(settings) => {
                for Setting { name, value } in settings {
                    let key = self.text(config, name)?;
                    let node = self.node(config, value, keyword)?.named(self.word_at(name));
                    if let Text::Known(key) = key {
                        config.labels.insert(key, node);
                    }
                }
                Ok(())
            }
            Op::Command(form) => {
                match instruction.keyword {
                    Keyword::Cmd => {
                        let node = self.command(config, form, instruction);
                        self.replace(config, "Cmd", node);
                        config.cmd_here = true;
                    }
                    Keyword::Entrypoint => {
                        let node = self.command(config, form, instruction);
                        let at = node.at;
                        self.replace(config, "Entrypoint", node);
                        if !config.cmd_here {
                            // An image beneath may have one, which is gone.
                            config.lost.extend(config.cmd.take().map(|lost| ("Cmd", lost)));
                            config.cmd = Some(Node::derived(Value::List(Vec::new()), at, vec![at]));
                        }
                    }
                    Keyword::Healthcheck => {
                        let node = self.test(form, instruction);
                        self.replace(config, "Healthcheck", node);
                    }
                    _ => {}
                }
                Ok(())
            }
            Op::NoHealthcheck => {
                let at = self.loc(instruction.args_at());
                let none = Node::set(Value::List(vec![Node::set(Value::text("NONE"), at)]), at);
                self.replace(config, "Healthcheck", none.named(self.loc(keyword)));
                Ok(())
            }
            Op::Shell(words) => {
                let node = self.list(words, instruction);
                self.replace(config, "Shell", node);
                Ok(())
            }
            Op::Words(words) if instruction.keyword == Keyword::Expose => self.expose(config, words, keyword),
            Op::Words(words) => {
                for word in words {
                    let node = self.node(config, word, keyword)?;
                    if let Some(path) = node.value.as_str() {
                        config.volumes.insert(path.into(), node);
                    }
                }
                Ok(())
            }
            Op::Text(word) => {
                let node = self.node(config, word, keyword)?;
                match instruction.keyword {
                    Keyword::User => {
                        config.users.push(node.clone());
                        self.replace(config, "User", node);
                    }
                    Keyword::Workdir => {
                        let node = in_folder(config.workdir.as_ref(), node);
                        self.replace(config, "WorkingDir", node);
                    }
                    Keyword::Stopsignal => self.replace(config, "StopSignal", node),
                    _ => {}
                }
                Ok(())
            }
            Op::From { .. } | Op::Copy { .. } => Ok(()),
        }
    }

    /// Takes down an `ONBUILD`.
    pub(super) fn trigger(&self, config: &mut Config, instruction: &Instruction) {
        let start = instruction.keyword_at;
        let text = instruction.line.text();
        let name = text.trim_start().split_at_checked("ONBUILD".len()).map_or("", |(_, rest)| rest.trim());
        let node = Node::set(Value::text(name), self.loc(start.to(instruction.args_at())));
        config.onbuild.push(node);
    }

    #[expect(clippy::unused_self, reason = "it reads as one of the builder's steps")]
    fn replace(&self, config: &mut Config, key: &'static str, node: Node) {
        let slot = match key {
            "Cmd" => &mut config.cmd,
            "Entrypoint" => &mut config.entrypoint,
            "Healthcheck" => &mut config.healthcheck,
            "Shell" => &mut config.shell,
            "User" => &mut config.user,
            "WorkingDir" => &mut config.workdir,
            _ => &mut config.stop_signal,
        };
        if let Some(lost) = slot.replace(node)
            && lost.value.as_list().is_none_or(|words| !words.is_empty())
        {
            config.lost.push((key, lost));
        }
    }

    fn argument(&self, config: &mut Config, argument: &Argument) -> Result<(), Fault> {
        let name = argument.name.text();
        let at = self.word_at(&argument.name);
        let var = match &argument.value {
            Some(value) => {
                let text = self.text(config, value)?;
                Var { text: Some(text), at: if value.text().is_empty() { at } else { self.word_at(value) } }
            }
            None => match (self.globals.get(name), global(self.globals, name)) {
                (Some(var), _) => var.clone(),
                (None, Variable::Unknown(why)) => Var { text: Some(hole(why)), at },
                // Declared without a value, it leaves an `ENV` of this name alone.
                (None, _) if config.vars.contains_key(name) => return Ok(()),
                (None, _) => Var { text: None, at },
            },
        };
        config.vars.insert(name.into(), var);
        Ok(())
    }

    /// `ENV`: all values see the variables as they were before the instruction.
    fn env(&self, config: &mut Config, settings: &[Setting]) -> Result<(), Fault> {
        let mut set = Vec::with_capacity(settings.len());
        for Setting { name, value } in settings {
            let node = self.node(config, value, name.span(0, name.text().len()))?;
            if let Text::Known(key) = self.text(config, name)? {
                set.push((key, node));
            }
        }
        for (key, node) in set {
            if let Value::Text(text) = &node.value {
                let at = node.at;
                config.vars.insert(key.clone(), Var { text: Some(text.clone()), at });
            }
            if let Some(entry) = config.env_at.get(&key).and_then(|at| config.env.get_mut(*at)) {
                config.lost.push(("Env", std::mem::replace(&mut entry.node, node)));
            } else {
                config.env_at.insert(key.clone(), config.env.len());
                config.env.push(Entry { key, node });
            }
        }
        Ok(())
    }

    fn list(&self, words: &[Joined], instruction: &Instruction) -> Node {
        let words = words.iter().map(|word| Node::set(Value::text(word.text()), self.word_at(word)));
        let at = self.loc(instruction.args_at());
        Node::set(Value::List(words.collect()), at).named(self.loc(instruction.keyword_at))
    }

    /// `CMD` and `ENTRYPOINT`: the words, or the shell with its text.
    fn command(&self, config: &Config, form: &Form, instruction: &Instruction) -> Node {
        match form {
            Form::Exec(words) => self.list(words, instruction),
            Form::Shell(text) => {
                let at = self.loc(instruction.args_at());
                let mut words = match &config.shell {
                    Some(Node { value: Value::List(words), .. }) => words.clone(),
                    _ => vec![Node::set(Value::text("/bin/sh"), at), Node::set(Value::text("-c"), at)],
                };
                words.push(Node::set(Value::text(text.text()), at));
                Node::set(Value::List(words), at).named(self.loc(instruction.keyword_at))
            }
        }
    }

    /// `HEALTHCHECK`: `CMD` and the words, or `CMD-SHELL` and the text.
    fn test(&self, form: &Form, instruction: &Instruction) -> Node {
        let at = self.loc(instruction.args_at());
        let mut words = Vec::new();
        match form {
            Form::Exec(all) => {
                words.push(Node::set(Value::text("CMD"), at));
                words.extend(all.iter().map(|word| Node::set(Value::text(word.text()), self.word_at(word))));
            }
            Form::Shell(text) => {
                words.push(Node::set(Value::text("CMD-SHELL"), at));
                words.push(Node::set(Value::text(text.text()), self.word_at(text)));
            }
        }
        Node::set(Value::List(words), at).named(self.loc(instruction.keyword_at))
    }

    fn expose(&self, config: &mut Config, words: &[Joined], keyword: Span) -> Result<(), Fault> {
        for word in words {
            for expanded in self.expand(config, word)?.words {
                let Text::Known(text) = Text::from_pieces(expanded) else { continue };
                let at = self.word_at(word);
                // A few lines would name all ports over and over.
                if self.exposing.get() > MOST_EXPOSED {
                    continue;
                }
                let ports = ports::read(&text).map_err(|message| Fault { at: at.span, message })?;
                self.exposing.set(self.exposing.get() + ports.len());
                for port in ports {
                    let node = Node::set(Value::text(port.as_str()), at).named(self.loc(keyword));
                    config.exposed.insert(port, node);
                }
            }
        }
        Ok(())
    }
}

/// A text that is one hole.
fn hole(why: Why) -> Text {
    Text::from_pieces(vec![Piece::Hole(why)])
}

/// A folder as seen from the one before it.
pub(super) fn in_folder(before: Option<&Node>, node: Node) -> Node {
    let Some(path) = node.value.as_str() else { return node };
    if path.starts_with('/') || is_windows(path) {
        let clean = clean(path);
        return Node { value: Value::text(clean), ..node };
    }
    let value = match before.map(|node| &node.value) {
        Some(Value::Text(Text::Known(folder))) => Value::text(clean(&format!("{folder}/{path}"))),
        Some(Value::Text(Text::Pieces(pieces))) => {
            let mut pieces = pieces.to_vec();
            pieces.push(Piece::Known(format!("/{path}").into()));
            Value::Text(Text::from_pieces(pieces))
        }
        _ => Value::Unknown(Why::Runtime("the working directory of the image beneath".into())),
    };
    Node { value, ..node }
}

/// `C:\…` or `\…`.
fn is_windows(path: &str) -> bool {
    path.starts_with('\\') || path.as_bytes().get(1) == Some(&b':')
}

/// A path without `.`, `..` and doubled slashes.
fn clean(path: &str) -> String {
    if is_windows(path) {
        return path.to_owned();
    }
    loader::absolute(path)
}
