//! The scopes inside a stage: what each instruction sets, copies, opens and runs.

use super::config::{Builder, Config, in_folder};
use super::instruction::{Form, Op};
use super::keys::kinds;
use super::mounts;
use super::resolve::set;
use super::syntax::{Instruction, Keyword, heredoc};
use crate::loader;
use crate::model::{Model, Node, Piece, Scope, ScopeId, Text, Value, Why};
use crate::programs::{self, Left};
use crate::schema::KindId;
use crate::syntax::joined::Joined;
use crate::syntax::shell::Script;
use crate::text::Span;

/// Writes the scopes of one stage.
pub(super) struct Writer<'a> {
    pub(super) model: &'a mut Model,
    pub(super) builder: &'a Builder<'a>,
    /// The stage, or the file before the first one.
    pub(super) stage: ScopeId,
    /// Whether the image is for Windows, whose shells are not read.
    pub(super) windows: bool,
    /// What the steps so far downloaded and left as it is, with the commands that did.
    pub(super) left: &'a mut Vec<(ScopeId, Left)>,
}

/// Downloads of one stage that are followed into its later steps.
const MAX_LEFT: usize = 20;

/// Ports that nothing but a debugger has by default.
const DEBUGGERS: &[(i64, &str)] =
    &[(2345, "the Go debugger"), (5858, "the Node.js debugger"), (9229, "the Node.js inspector")];

/// Shells whose text is read.
const SHELLS: &[&str] = &["sh", "bash", "ash", "dash", "zsh", "ksh", "busybox"];

impl Writer<'_> {
    /// Adds what stands in one instruction; `config` is the image before it.
    pub(super) fn write(&mut self, config: &Config, instruction: &Instruction, op: &Op) {
        match op {
            Op::Env(settings) => {
                for setting in settings {
                    self.variable(config, instruction, kinds::ENV, &setting.name, Some(&setting.value));
                }
            }
            Op::Arg(arguments) => {
                for argument in arguments {
                    self.variable(config, instruction, kinds::ARG, &argument.name, argument.value.as_ref());
                }
            }
            Op::Copy { sources, destination } => {
                for source in sources {
                    self.copy(config, instruction, source, destination);
                }
            }
            Op::Text(word) if instruction.keyword == Keyword::User => {
                let id = self.push(instruction, kinds::USER, word.text(), word.span(0, word.text().len()));
                self.text(id, kinds::USER, "instruction", "USER", instruction.keyword_at);
                if let Ok(node) = self.builder.node(config, word, instruction.keyword_at) {
                    set(self.model, id, kinds::USER, "user", node);
                }
            }
            Op::Words(words) if instruction.keyword == Keyword::Expose => {
                for word in words {
                    self.expose(config, instruction, word);
                }
            }
            Op::Command(form) => self.run(config, instruction, form),
            _ => {}
        }
    }

    fn push(&mut self, instruction: &Instruction, kind: KindId, label: &str, at: Span) -> ScopeId {
        let mut scope = Scope::new(kind, label, Some(self.stage), self.builder.loc(instruction.keyword_at));
        scope.at = self.builder.loc(at);
        scope.label_at = scope.at;
        scope.extent = instruction.extent;
        let id = self.model.push(scope);
        if instruction.trigger {
            let node = Node::set(Value::Bool(true), self.builder.loc(instruction.keyword_at));
            set(self.model, id, kind, "trigger", node);
        }
        id
    }

    fn text(&mut self, id: ScopeId, kind: KindId, name: &str, text: &str, at: Span) {
        let node = Node::set(Value::text(text), self.builder.loc(at));
        set(self.model, id, kind, name, node);
    }

    fn variable(
        &mut self,
        config: &Config,
        instruction: &Instruction,
        kind: KindId,
        name: &Joined,
        value: Option<&Joined>,
    ) {
        let name_at = name.span(0, name.text().len());
        let label = name.text().trim_matches(['"', '\'']);
        let id = self.push(instruction, kind, label, name_at);
        self.text(id, kind, "name", label, name_at);
        let Some(value) = value else { return };
        let node = if self.stage == ScopeId(0) {
            // Before the first stage the values are those of the global arguments.
            let text = self.builder.globals.get(label).and_then(|var| var.text.clone());
            text.map(|text| Node::set(Value::Text(text), self.builder.word_at(value)))
        } else {
            self.builder.node(config, value, name_at).ok()
        };
        if let Some(node) = node {
            set(self.model, id, kind, "value", node);
        }
    }

    fn copy(&mut self, config: &Config, instruction: &Instruction, source: &Joined, destination: &Joined) {
        let at = source.span(0, source.text().len());
        let Ok(node) = self.builder.node(config, source, instruction.keyword_at) else { return };
        let label = node.value.as_str().unwrap_or(source.text()).to_owned();
        let id = self.push(instruction, kinds::COPY, &label, at);
        self.text(id, kinds::COPY, "instruction", instruction.keyword.name(), instruction.keyword_at);
        let node_value = node.value.clone();
        set(self.model, id, kinds::COPY, "source", node);
        if let Ok(node) = self.builder.node(config, destination, instruction.keyword_at) {
            set(self.model, id, kinds::COPY, "destination", node.clone());
            let is_folder = node.value.as_str().is_some_and(|text| text.ends_with('/') || loader::name(text) == ".");
            let inside = in_folder(config.workdir.as_ref(), node);
            if let Some(path) = inside.value.as_str() {
                let path = if is_folder { format!("{}/", path.trim_end_matches('/')) } else { path.to_owned() };
                set(self.model, id, kinds::COPY, "lands_at", Node { value: Value::text(path), ..inside });
            }
        }
        let mut from = false;
        for flag in &instruction.flags {
            from |= flag.name == "from";
            let name @ ("from" | "chown" | "chmod" | "checksum") = flag.name.as_str() else { continue };
            let Some(value) = &flag.value else { continue };
            if let Ok(node) = self.builder.node(config, value, flag.at) {
                if name == "chmod" {
                    self.world_writable(id, &node);
                }
                set(self.model, id, kinds::COPY, name, node);
            }
        }
        let start = match &node_value {
            Value::Text(Text::Pieces(pieces)) => match pieces.first() {
                Some(Piece::Known(text)) => text.as_str(),
                _ => "",
            },
            _ => label.as_str(),
        };
        let is_url = is_url(start);
        let is_heredoc = heredoc::mark(source.text()).is_some();
        let yes = || Node::set(Value::Bool(true), self.builder.loc(at));
        let (url, context) = (yes(), yes());
        if is_url {
            set(self.model, id, kinds::COPY, "is_url", url);
            let pinned = Node::set(is_pinned(&node_value), self.builder.loc(at));
            set(self.model, id, kinds::COPY, "is_pinned", pinned);
        } else if !from && !is_heredoc {
            set(self.model, id, kinds::COPY, "from_context", context);
        }
    }

    /// A copy that everybody may write to.
    fn world_writable(&mut self, id: ScopeId, mode: &Node) {
        let text = |key: &str| self.model.get(id, key).and_then(Value::as_str).unwrap_or_default().to_owned();
        let (lands, source) = (text("lands_at"), text("source"));
        let Some(known) = mode.value.as_str().filter(|known| programs::lets_all_write(known)) else { return };
        if programs::is_shared(&lands) {
            return;
        }
        let node = Node::derived(Value::text(known), mode.at, vec![mode.at]);
        set(self.model, id, kinds::COPY, "world_writable", node);
        if programs::is_run_or_read(&lands) || programs::is_run_or_read(&source) {
            let node = Node::derived(Value::text(source), mode.at, vec![mode.at]);
            set(self.model, id, kinds::COPY, "world_writable_code", node);
        }
    }

    fn expose(&mut self, config: &Config, instruction: &Instruction, word: &Joined) {
        let at = word.span(0, word.text().len());
        let id = self.push(instruction, kinds::EXPOSE, word.text(), at);
        let Ok(node) = self.builder.node(config, word, instruction.keyword_at) else { return };
        let ports = node.value.as_str().and_then(|text| super::ports::read(text).ok());
        if let Some([port]) = ports.as_deref()
            && let Some(Ok(number)) = port.split('/').next().map(str::parse)
        {
            if let Some((_, debugger)) = DEBUGGERS.iter().find(|(port, _)| *port == number) {
                let id = self.push(instruction, kinds::DEBUGGER, word.text(), at);
                let opens = format!("{number}, the port of {debugger}, is exposed");
                self.opens(id, opens, at);
            }
            set(self.model, id, kinds::EXPOSE, "port", Node { value: Value::Int(number), ..node });
        }
    }

    fn run(&mut self, config: &Config, instruction: &Instruction, form: &Form) {
        let name = instruction.keyword.name();
        let id = self.push(instruction, kinds::RUN, name, instruction.keyword_at);
        self.text(id, kinds::RUN, "instruction", name, instruction.keyword_at);
        for flag in &instruction.flags {
            if let (name @ ("network" | "security"), Some(_)) = (flag.name.as_str(), &flag.value) {
                self.text(id, kinds::RUN, name, flag.text(), flag.value_at());
            }
        }
        if let Some(user) = &config.user {
            set(self.model, id, kinds::RUN, "user", user.clone());
        }
        if let Some(folder) = config.workdir.as_ref().filter(|node| node.value.as_str().is_some()) {
            set(self.model, id, kinds::RUN, "workdir", folder.clone());
        }
        for mount in mounts::read(instruction) {
            self.mount(id, instruction, &mount);
        }
        let at = instruction.args_at();
        let script = match form {
            Form::Exec(words) => {
                self.text(id, kinds::RUN, "form", "exec", at);
                Script::exec(words)
            }
            Form::Shell(text) => {
                self.text(id, kinds::RUN, "form", "shell", at);
                let Some(shell) = self.shell(config, text) else {
                    let why = Why::Limit("only the text of POSIX shells is read");
                    if let Some(scope) = self.model.scope_mut(id) {
                        scope.open = Some(why);
                    }
                    return;
                };
                self.text(id, kinds::RUN, "shell", shell, at);
                Script::shell(text)
            }
        };
        self.commands(id, config, instruction, &script);
    }

    /// What a step takes out of the image again, where only what is put into it is asked for.
    pub(super) fn removed(&mut self, config: &Config, instruction: &Instruction, form: &Form) {
        let script = match form {
            Form::Exec(words) => Script::exec(words),
            Form::Shell(text) if text.text().contains("rm") && self.shell(config, text).is_some() => {
                Script::shell(text)
            }
            Form::Shell(_) => return,
        };
        if instruction.keyword != Keyword::Run {
            return;
        }
        let workdir = config.workdir.as_ref().and_then(|node| node.value.as_str()).unwrap_or("/");
        let moves = script.commands.iter().any(|command| matches!(command.program(), Some("cd" | "pushd")));
        for command in script.commands.iter().filter(|command| command.program() == Some("rm")) {
            let words = command.arguments().iter().filter_map(|word| word.known());
            // Where the step stands behind a `cd` is not followed.
            let paths = words.filter(|word| !word.starts_with('-') && (!moves || word.starts_with('/')));
            let at = self.builder.loc(command.span);
            let paths = paths.map(|path| Node::set(Value::text(in_place(workdir, path)), at)).collect();
            let id = self.push(instruction, kinds::COMMAND, "rm", command.span);
            set(self.model, id, kinds::COMMAND, "arguments", Node::set(Value::List(paths), at));
        }
    }

    /// The POSIX shell that reads a text; none where another program does.
    fn shell(&self, config: &Config, text: &Joined) -> Option<&'static str> {
        if let Some(line) = text.text().strip_prefix("#!") {
            let line = line.lines().next().unwrap_or_default();
            let mut words = line.split_whitespace().map(|word| word.rsplit('/').next().unwrap_or(word));
            let program = words.find(|word| *word != "env" && !word.starts_with('-'))?;
            return SHELLS.iter().find(|shell| **shell == program).copied();
        }
        let program = match config.shell.as_ref().and_then(|shell| shell.value.as_list()).and_then(<[Node]>::first) {
            Some(program) => program.value.as_str()?,
            None if self.windows => return None,
            None => "/bin/sh",
        };
        let name = program.rsplit('/').next().unwrap_or(program);
        SHELLS.iter().find(|shell| **shell == name).copied()
    }

    fn mount(&mut self, run: ScopeId, instruction: &Instruction, mount: &mounts::Mount) {
        let target = mount.field("target").map_or(mount.kind(), Joined::text);
        let id = self.push(instruction, kinds::MOUNT, target, mount.at);
        if let Some(scope) = self.model.scope_mut(id) {
            scope.parent = Some(run);
            scope.extent = mount.at;
        }
        self.text(id, kinds::MOUNT, "type", mount.kind(), mount.field("type").map_or(mount.at, whole));
        for name in ["source", "target", "from", "mode"] {
            if let Some(value) = mount.field(name) {
                self.text(id, kinds::MOUNT, name, value.text(), whole(value));
            }
        }
    }

    fn commands(&mut self, run: ScopeId, config: &Config, instruction: &Instruction, script: &Script) {
        let builder = self.builder;
        let workdir = config.workdir.as_ref().and_then(|node| node.value.as_str()).unwrap_or("/");
        // What is written there is no part of the image.
        let passing: Vec<String> = mounts::read(instruction)
            .iter()
            .filter(|mount| matches!(mount.kind(), "tmpfs" | "cache"))
            .filter_map(|mount| Some(in_place(workdir, mount.field("target")?.text())))
            .collect();
        let runs = instruction.keyword == Keyword::Run;
        if runs && !self.left.is_empty() {
            self.take_up(script);
        }
        let given = if runs { lent(instruction) } else { programs::Lent::default() };
        let any = !given.files.is_empty() || !given.variables.is_empty();
        let place = programs::Place { workdir, passing: &passing };
        let kept = if any { programs::kept(script, &given, &place) } else { Vec::new() };
        let mut kept = kept.into_iter().peekable();
        if runs {
            self.arguments_by_use(script);
        }
        let mut left = if runs { programs::left(script) } else { Vec::new() }.into_iter().peekable();
        let commands = programs::commands(script, self.model.format.schema, kinds::COMMAND, |span| builder.loc(span));
        for (index, (command, settings)) in commands.into_iter().enumerate() {
            let id = self.push(instruction, kinds::COMMAND, command.program().unwrap_or_default(), command.span);
            if let Some(file) = left.next_if(|file| file.by == index).filter(|_| self.left.len() < MAX_LEFT) {
                self.left.push((id, file));
            }
            if let Some(scope) = self.model.scope_mut(id) {
                scope.parent = Some(run);
                scope.extent = command.span;
                if script.truncated {
                    scope.open = Some(Why::Limit("commands are nested too deeply to be followed"));
                }
            }
            if let Some(it) = kept.next_if(|it| it.by == index) {
                let at = builder.loc(it.at);
                let node = |text: String| Node::derived(Value::text(text), at, vec![at]);
                set(self.model, id, kinds::COMMAND, "keeps_secret", node(it.what));
                if let Some(path) = it.path {
                    set(self.model, id, kinds::COMMAND, "kept_at", node(path));
                }
            }
            let starts = matches!(instruction.keyword, Keyword::Cmd | Keyword::Entrypoint);
            let debugger =
                settings.iter().find(|(name, _)| starts && *name == "debugger").map(|(_, node)| node.clone());
            // What is made when a container starts is its own.
            let of_container =
                |name: &str| matches!(name, "makes_key" | "makes_tls_key") && instruction.keyword != Keyword::Run;
            let is_gone = |name: &str, node: &Node| {
                let path = node.value.as_str().filter(|_| name == "makes_tls_key");
                path.is_some_and(|path| programs::is_gone(script, command, path, workdir, &passing))
            };
            for (name, node) in settings {
                if of_container(name) || is_gone(name, &node) {
                    continue;
                }
                set(self.model, id, kinds::COMMAND, name, node);
            }
            if let Some(node) = debugger {
                self.debugger(run, instruction, &node);
            }
        }
    }

    /// Marks the build arguments that a step uses as only a secret is used.
    fn arguments_by_use(&mut self, script: &Script) {
        for name in programs::by_use(script) {
            let named = |scope: &&Scope| scope.kind == kinds::ARG && *scope.label == *name;
            let Some(at) = self.model.scopes.iter().rev().find(named).map(|scope| scope.at) else { continue };
            let Some(id) =
                self.model.scopes.iter().rposition(|scope| scope.kind == kinds::ARG && *scope.label == *name)
            else {
                continue;
            };
            let id = ScopeId(u32::try_from(id).unwrap_or(u32::MAX));
            set(self.model, id, kinds::ARG, "secret", Node::derived(Value::Bool(true), at, vec![at]));
        }
    }

    /// Tells of earlier downloads what this step makes of them.
    fn take_up(&mut self, script: &Script) {
        let mut kept = Vec::new();
        for (id, file) in std::mem::take(self.left) {
            match programs::becomes_of(script, &file) {
                Some((what, by)) => {
                    let (at, by) = (self.builder.loc(file.url), self.builder.loc(by));
                    let node = Node::derived(Value::text(what), at, vec![at, by]);
                    set(self.model, id, kinds::COMMAND, "download_becomes", node);
                }
                None => kept.push((id, file)),
            }
        }
        *self.left = kept;
    }

    fn opens(&mut self, id: ScopeId, text: String, at: Span) {
        let at = self.builder.loc(at);
        set(self.model, id, kinds::DEBUGGER, "opens", Node::derived(Value::text(text), at, vec![at]));
    }

    /// A debugger that the container starts.
    fn debugger(&mut self, run: ScopeId, instruction: &Instruction, node: &Node) {
        let name = node.value.as_str().unwrap_or_default();
        let id = self.push(instruction, kinds::DEBUGGER, name, node.at.span);
        if let Some(scope) = self.model.scope_mut(id) {
            scope.parent = Some(run);
        }
        self.opens(id, format!("{name} listens on every address"), node.at.span);
        set(self.model, id, kinds::DEBUGGER, "is_listening", Node { value: Value::Bool(true), ..node.clone() });
    }
}

/// A path as it is from the folder that a step stands in.
fn in_place(workdir: &str, path: &str) -> String {
    if path.starts_with('/') { path.to_owned() } else { format!("{}/{path}", workdir.trim_end_matches('/')) }
}

fn whole(value: &Joined) -> Span {
    value.span(0, value.text().len())
}

/// Whether a source of `ADD` is downloaded.
pub(super) fn is_url(source: &str) -> bool {
    ["http://", "https://", "git://", "git@", "ssh://"].iter().any(|start| source.starts_with(start))
}

/// Whether an address says what has to be there: a commit behind `#`, or a checksum. What a variable puts into the path of a
/// file does not; what it puts behind the mark may.
fn is_pinned(source: &Value) -> Value {
    let whole;
    let pieces = match source {
        Value::Text(Text::Known(text)) => {
            whole = [Piece::Known(text.clone())];
            &whole[..]
        }
        Value::Text(Text::Pieces(pieces)) => pieces,
        _ => &[],
    };
    let mut tail = String::new();
    let mut marked = false;
    for piece in pieces {
        match piece {
            Piece::Known(text) => {
                tail.push_str(text);
                marked |= text.contains('#') || text.contains("checksum=");
            }
            Piece::Hole(why) if marked => return Value::Unknown(why.clone()),
            Piece::Hole(_) => tail.push('$'),
        }
    }
    let hex = |text: &str| text.len() >= 40 && text.bytes().take(40).all(|byte| byte.is_ascii_hexdigit());
    let after = |mark: &str| tail.split(mark).skip(1).any(hex);
    Value::Bool(after("#") || after("?checksum=") || after("&checksum="))
}

/// What the mounts of a `RUN` lend it: secrets as files, and as variables.
fn lent(instruction: &Instruction) -> programs::Lent {
    let mut lent = programs::Lent::default();
    for mount in mounts::read(instruction).iter().filter(|mount| mount.kind() == "secret") {
        let field = |name: &str| mount.field(name).map(Joined::text).filter(|text| !text.is_empty());
        if ["id", "source", "target"].iter().filter_map(|name| field(name)).any(programs::is_public) {
            continue;
        }
        let variable = field("env");
        lent.variables.extend(variable.map(str::to_owned));
        let source = || field("source").and_then(|path| path.rsplit('/').next());
        let path = match (field("target"), field("id").or_else(source)) {
            (Some(target), _) if target.starts_with('/') => Some(target.to_owned()),
            (None, Some(id)) if variable.is_none() => Some(format!("/run/secrets/{id}")),
            _ => None,
        };
        lent.files.extend(path);
    }
    lent
}
