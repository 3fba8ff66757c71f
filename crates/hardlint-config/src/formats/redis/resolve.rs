//! What redis makes of the lines that it reads: the last one of a name wins, `save` and the limits of buffers add up.
//!
//! redis stops at the first line that it does not take, so that there is at most one problem. Without `--target`, a line is
//! wrong only if every version in the table refuses it.

use super::acl::{Refused, User};
use super::commands;
use super::directives::{self, ANCIENT, DIRECTIVES, Directive, PASSED_OVER, Takes, V60, V70, V82};
use super::include::{Line, Word};
use super::keys::kind;
use super::value;
use super::walk::Walk;
use crate::loader;
use crate::model::{Model, Node, Scope, ScopeId, Text, Value, Why};
use crate::problem::Problem;
use crate::schema::Default;
use crate::text::{FileId, Loc, Span};
use crate::version::Version;
use crate::workspace::{Query, Reader};
use std::collections::{BTreeMap, BTreeSet};

/// The server's scope.
pub(super) const SERVER: ScopeId = ScopeId(0);

/// Resolves the file.
pub(super) fn resolve(reader: &mut Reader<'_>, query: &Query, file: FileId, mut model: Model) -> Model {
    let exact = query.targets.0.contains_key(model.format.schema.program);
    let mut server = Scope::new(kind::SERVER, "", None, Loc::new(file, Span::default()));
    server.extent = Span::new(0, reader.source(file).text.len());
    model.push(server);
    let mut walk = Walk::new(reader, query, State::new(model, exact));
    walk.start(file);
    let mut state = walk.finish();
    state.end(reader);
    super::facts::derive(reader, query, state)
}

/// How many rules of one user are read.
pub(super) const MAX_RULES: usize = 5_000;

/// A `user` line.
#[derive(Debug)]
pub(super) struct UserLine {
    pub(super) name: String,
    pub(super) name_at: Loc,
    pub(super) at: Loc,
    /// The places of its rules.
    pub(super) rules: Vec<Loc>,
    /// What it amounts to; unknown where a template has a part in it.
    pub(super) user: Result<User, Why>,
}

/// A line that redis does not take.
#[derive(Debug)]
struct Fault {
    problem: Problem,
    /// Whether it may be for a module.
    unless_module: bool,
}

/// What has been read so far.
pub(super) struct State {
    pub(super) model: Model,
    /// The versions that are judged.
    judged: Vec<Version>,
    /// Those of which one has to take a line.
    accepted: Vec<Version>,
    faults: Vec<Fault>,
    /// Seconds and changes, once a line sets some.
    save: Option<Vec<(i64, i64)>>,
    /// Hard limit, soft limit and its seconds, for normal clients, replicas and subscribers.
    limits: [(u64, u64, i64); 3],
    pub(super) users: Vec<UserLine>,
    /// The names of the users.
    named: BTreeSet<String>,
    /// Commands that lines renamed: their names now, and those that are gone.
    renamed: BTreeMap<String, bool>,
    /// Whether modules are loaded, which bring directives and commands of their own.
    modules: bool,
    /// A rule of access that names what redis itself does not have.
    unknown_command: Option<(Loc, String)>,
    pub(super) sentinel: bool,
}

impl State {
    fn new(model: Model, exact: bool) -> Self {
        let mut judged = vec![model.versions.oldest, model.versions.newest];
        judged.dedup();
        let mut accepted = judged.clone();
        if !exact {
            accepted.push(V60);
        }
        let sentinel = loader::name(&model.path).to_ascii_lowercase().contains("sentinel");
        let limits = [(0, 0, 0), (256 << 20, 64 << 20, 60), (32 << 20, 8 << 20, 60)];
        Self {
            model,
            judged,
            accepted,
            faults: Vec::new(),
            save: None,
            limits,
            users: Vec::new(),
            renamed: BTreeMap::new(),
            named: BTreeSet::new(),
            modules: false,
            unknown_command: None,
            sentinel,
        }
    }

    /// Something may be set that is not at hand.
    pub(super) fn open(&mut self, why: Why) {
        if let Some(server) = self.model.scope_mut(SERVER) {
            server.open.get_or_insert(why);
        }
    }

    /// A file is included that is not at hand: it may overrule all that stands before it.
    pub(super) fn hidden(&mut self, why: &Why) {
        self.open(why.clone());
        let Some(server) = self.model.scope_mut(SERVER) else { return };
        let set: Vec<_> = server.own.iter().map(|(key, _)| key).collect();
        for key in set {
            if let Some(node) = server.own.get_mut(key) {
                node.value = Value::Unknown(why.clone());
            }
        }
    }

    /// Redis does not start with this line.
    pub(super) fn fault(&mut self, reader: &Reader<'_>, at: Loc, why: &str) {
        self.push_fault(reader, at, why, false);
    }

    fn push_fault(&mut self, reader: &Reader<'_>, at: Loc, why: &str, unless_module: bool) {
        let path = reader.source(at.file).path.clone();
        let message = format!("{why}: redis does not start with it");
        self.faults.push(Fault { problem: Problem { path, at: Some(at), message }, unless_module });
    }

    /// A line that is no `include`.
    pub(super) fn apply(&mut self, reader: &Reader<'_>, line: &Line, words: &[Word]) {
        let Some((first, rest)) = words.split_first() else { return };
        let name = first.raw.to_ascii_lowercase();
        if let Some(row) = directives::named(&name).filter(|row| self.accepted.iter().any(|version| row.at(*version))) {
            let set = self.set(row, line, first.at, rest);
            // With a comment behind them, addresses are taken, and looked up in vain.
            if set.is_err() || matches!(row.takes, Takes::Bind) {
                super::facts::trailing_comment(&mut self.model, line, rest);
            }
            if let Err(why) = set {
                self.fault(reader, rest.first().map_or(line.at, |word| word.at), &format!("invalid `{name}`: {why}"));
            }
            return;
        }
        let passed = |(known, from, to): &(&str, Version, Version)| {
            *known == name && self.accepted.iter().any(|version| (*from..=*to).contains(version))
        };
        if rest.len() == 1 && (PASSED_OVER.iter().any(passed) || self.is_ancient(&name)) {
            return;
        }
        match (name.as_str(), rest) {
            ("rename-command", [command, to]) => self.rename(reader, line, command, to),
            ("user", [user, rules @ ..]) => self.user(reader, line, user, rules),
            ("loadmodule", [_, ..]) => self.modules = true,
            ("sentinel", _) if self.may_be_sentinel(rest) => self.sentinel = true,
            ("sentinel", _) => self.fault(reader, line.at, "`sentinel` stands in the file of a server"),
            (name, rest) => {
                // Since version 8, modules have directives without a dot in their names as well.
                let one = rest.len() == 1 && self.accepted.iter().any(|version| *version >= V82);
                let late = if name.contains('.') { !rest.is_empty() } else { one };
                let why = format!("`{name}` is no directive of redis, or has too few or too many arguments");
                self.push_fault(reader, line.at, &why, late);
                super::facts::trailing_comment(&mut self.model, line, rest);
            }
        }
    }

    /// Directives that only versions before those of the table have; a file for one of them may be for such a version.
    fn is_ancient(&self, name: &str) -> bool {
        self.accepted.contains(&V60) && ANCIENT.contains(&name)
    }

    /// Whether the file is for Sentinel, or may be as far as its name goes.
    fn may_be_sentinel(&self, rest: &[Word]) -> bool {
        self.sentinel || rest.is_empty() || !loader::name(&self.model.path).to_ascii_lowercase().starts_with("redis")
    }

    /// Sets a directive; why no version takes it.
    fn set(&mut self, row: &'static Directive, line: &Line, name_at: Loc, words: &[Word]) -> Result<(), String> {
        let value = match line.conditional.clone() {
            Some(why) => Value::Unknown(why),
            None => self.value(row, words)?,
        };
        let at = match (words.first(), words.last()) {
            (Some(first), Some(last)) if first.at.file == last.at.file => {
                Loc::new(first.at.file, first.at.span.to(last.at.span))
            }
            _ => line.at,
        };
        let main = if row.alias_of.is_empty() { row.name } else { row.alias_of };
        let adds = matches!(row.takes, Takes::Save | Takes::Limits);
        // Both names of a setting are told, as far as the version has them.
        let named = |other: &&Directive| {
            let same = other.name == main || other.alias_of == main;
            same && (other.name == row.name || self.judged.iter().any(|version| other.at(*version)))
        };
        for other in DIRECTIVES.iter().filter(named) {
            let key = self.model.key(kind::SERVER, other.name);
            let node = Node::set(value.clone(), at).named(name_at);
            let before = self.model.scope_mut(SERVER).and_then(|server| server.own.set(key, node));
            self.model.shadowed.extend(before.filter(|_| !adds).map(|before| (key, before)));
        }
        Ok(())
    }

    fn value(&mut self, row: &Directive, words: &[Word]) -> Result<Value, String> {
        if let Takes::Bind = row.takes {
            return bind(words);
        }
        if let Some(why) = words.iter().find_map(Word::hole) {
            let text = matches!(row.takes, Takes::Text | Takes::FileName | Takes::FileNameNeeded | Takes::Title);
            return match words {
                [word] if text => Ok(Value::Text(word.text.clone())),
                _ => Ok(Value::Unknown(why)),
            };
        }
        let words: Vec<&str> = words.iter().map(|word| word.raw.as_str()).collect();
        let words = value::split(row.takes, &words);
        match row.takes {
            Takes::Title if words.len() == 1 => {
                let set = |name: &str| self.model.get(SERVER, name).cloned();
                let socket = set("unixsocket").is_some_and(|value| value.as_str() != Some(""));
                let mode = self.sentinel || set("cluster-enabled") != Some(Value::Bool(false));
                value::title(words.first().copied().unwrap_or_default(), socket, mode)
            }
            Takes::Save => self.saved(&words),
            Takes::Limits => self.limited(&words),
            Takes::Folder => folder(&words),
            _ => self.read(row, &words),
        }
    }

    /// What the words mean: the same in all judged versions that have the directive, unknown where they differ.
    fn read(&self, row: &Directive, words: &[&str]) -> Result<Value, String> {
        let mut meant: Vec<Value> = Vec::new();
        let mut first_error = None;
        for (index, version) in self.judged.iter().chain(&self.accepted).enumerate() {
            // Those that are not judged matter only where none of these takes it.
            if !row.at(*version) || (index >= self.judged.len() && !meant.is_empty()) {
                continue;
            }
            match value::read(row.takes, words, *version) {
                Ok(value) => meant.push(value),
                Err(error) => drop(first_error.get_or_insert(error)),
            }
        }
        let Some(first) = meant.first().cloned() else { return Err(first_error.unwrap_or_default()) };
        Ok(if meant.iter().all(|other| *other == first) {
            first
        } else {
            Value::Unknown(Why::Version(row.name.into()))
        })
    }

    fn saved(&mut self, words: &[&str]) -> Result<Value, String> {
        let mut pairs = Vec::new();
        if words == [""] {
            self.save = Some(Vec::new());
        } else {
            if !words.len().is_multiple_of(2) {
                return Err("it takes pairs of seconds and changes".to_owned());
            }
            for pair in words.chunks(2) {
                let [seconds, changes] = pair else { continue };
                let seconds = value::c_number(seconds, 10).filter(|seconds| *seconds >= 1);
                let changes = value::c_number(changes, 10).filter(|changes| *changes >= 0);
                pairs.push(seconds.zip(changes).ok_or("seconds are 1 or more, changes 0 or more")?);
            }
        }
        self.save.get_or_insert_default().extend(pairs);
        // What all lines say is told once, at the end.
        Ok(Value::text(""))
    }

    /// All pairs of seconds and changes, where the last line that sets any is known.
    fn tell_saved(&mut self) {
        let Some(pairs) = self.save.take() else { return };
        let told: Vec<String> = pairs.iter().map(|(seconds, changes)| format!("{seconds} {changes}")).collect();
        let key = self.model.key(kind::SERVER, "save");
        let node = self.model.scope_mut(SERVER).and_then(|server| server.own.get_mut(key));
        if let Some(node) = node.filter(|node| matches!(node.value, Value::Text(Text::Known(_)))) {
            node.value = Value::text(told.join(" "));
        }
    }

    fn limited(&mut self, words: &[&str]) -> Result<Value, String> {
        let mut limits = self.limits;
        if !words.len().is_multiple_of(4) {
            return Err("it takes a class, two limits and seconds".to_owned());
        }
        for limit in words.chunks(4) {
            let [class, hard, soft, seconds] = limit else { continue };
            let [normal, replica, pubsub] = &mut limits;
            let slot = match class.to_ascii_lowercase().as_str() {
                "normal" => normal,
                "slave" | "replica" => replica,
                "pubsub" => pubsub,
                _ => return Err("classes are normal, replica and pubsub".to_owned()),
            };
            let seconds = value::c_number(seconds, 10).filter(|seconds| *seconds >= 0);
            let seconds = seconds.ok_or("the seconds are no number")?;
            *slot = (value::memory(hard)?, value::memory(soft)?, seconds);
        }
        self.limits = limits;
        let classes = ["normal", "slave", "pubsub"].into_iter().zip(limits);
        let told: Vec<String> = classes.map(|(class, (a, b, c))| format!("{class} {a} {b} {c}")).collect();
        Ok(Value::text(told.join(" ")))
    }

    fn rename(&mut self, reader: &Reader<'_>, line: &Line, command: &Word, to: &Word) {
        if line.conditional.is_some() || command.hole().is_some() || to.hole().is_some() {
            return;
        }
        let (from, new) = (command.raw.to_ascii_lowercase(), to.raw.to_ascii_lowercase());
        if !self.has_command(&from) {
            let why = format!("`{}` is no command that can be renamed", command.raw);
            self.push_fault(reader, command.at, &why, false);
            return;
        }
        self.renamed.insert(from, false);
        if !new.is_empty() {
            if self.has_command(&new) {
                self.fault(reader, to.at, &format!("there is a command `{}` already", to.raw));
                return;
            }
            self.renamed.insert(new, true);
        }
        super::facts::renamed(&mut self.model, line, command, to);
    }

    /// Whether there is such a command at this line.
    fn has_command(&self, name: &str) -> bool {
        let known = || self.accepted.iter().any(|version| commands::known(name, *version));
        self.renamed.get(name).copied().unwrap_or_else(known)
    }

    fn user(&mut self, reader: &Reader<'_>, line: &Line, name: &Word, rules: &[Word]) {
        let long = || (rules.len() > MAX_RULES).then_some(Why::Limit("the user has more rules than are read"));
        let hole = line.conditional.clone().or_else(|| name.hole()).or_else(|| rules.iter().find_map(Word::hole));
        let hole = hole.or_else(long);
        if !self.named.insert(name.raw.clone()) {
            self.fault(reader, name.at, &format!("there is a user `{}` already", name.raw));
            return;
        }
        let words: Vec<&str> = rules.iter().map(|rule| rule.raw.as_str()).collect();
        let version = self.judged.last().copied().unwrap_or(V70);
        let mut user = User::default();
        let known = line.conditional.is_none() && !rules.iter().chain([name]).any(|word| word.hole().is_some());
        let read = if known { words.get(..words.len().min(MAX_RULES)).unwrap_or_default() } else { &[] };
        let applied = user.apply(read, version);
        match applied {
            Err(Refused::Line(why)) => self.fault(reader, line.at, &format!("invalid rule of a user: {why}")),
            Err(Refused::Unknown(why)) => drop(self.unknown_command.get_or_insert((line.at, why))),
            Ok(()) => {}
        }
        // Rules are looked at where they stand; users are made when all else was read, so that this is told late.
        if name.raw.contains([' ', '\t', '\n', '\r', '\x0b', '\x0c', '\0']) {
            self.push_fault(reader, name.at, "the name of a user has no blanks", true);
            return;
        }
        let user = match hole {
            Some(why) => Err(why),
            None => Ok(user),
        };
        let rules = rules.iter().map(|rule| rule.at).collect();
        self.users.push(UserLine { name: name.raw.clone(), name_at: name.at, at: line.at, rules, user });
    }

    /// What redis looks at when all is read, and what holds where nothing is set.
    fn end(&mut self, reader: &Reader<'_>) {
        let own = |model: &Model, name: &str| {
            let key = model.format.schema.key(kind::SERVER, name)?;
            model.scope(SERVER)?.own.get(key).cloned()
        };
        let set = |node: &Node| node.value.as_str().is_some_and(|text| !text.is_empty());
        let master = own(&self.model, "replicaof").filter(set);
        let cluster = own(&self.model, "cluster-enabled").is_some_and(|node| node.value == Value::Bool(true));
        if let (Some(master), true) = (master, cluster) {
            self.fault(reader, master.at, "a node of a cluster cannot have `replicaof`");
        }
        if let (Some(file), false) = (own(&self.model, "aclfile").filter(set), self.users.is_empty()) {
            self.fault(reader, file.at, "users stand both here and in `aclfile`");
        }
        if let Some((at, why)) = self.unknown_command.take() {
            self.push_fault(reader, at, &format!("invalid rule of a user: {why}"), true);
        }
        let modules = self.modules;
        self.model.untold.extend(self.faults.iter().filter_map(|fault| fault.problem.at));
        // What a module may bring is looked for when all else was read.
        let (late, mut faults): (Vec<Fault>, Vec<Fault>) = self.faults.drain(..).partition(|fault| fault.unless_module);
        faults.extend(late.into_iter().filter(|_| !modules));
        let fault = faults.into_iter().next();
        self.model.problems.extend(fault.map(|fault| fault.problem));
        self.model.shadowed.reverse();
        self.tell_saved();
        let hz = self.model.format.schema.key(kind::SERVER, "hz");
        if let Some(node) = hz.and_then(|key| self.model.scope_mut(SERVER)?.own.get_mut(key))
            && let Value::Int(hz) = &mut node.value
        {
            *hz = (*hz).clamp(1, 500);
        }
        if cluster {
            self.one_database();
        }
        self.fill_in();
    }

    /// Since version 8, a node of a cluster has one database, whatever the file says.
    fn one_database(&mut self) {
        let newer = self.judged.iter().filter(|version| **version >= V82).count();
        let value = match newer {
            0 => return,
            newer if newer == self.judged.len() => Value::Int(1),
            _ => Value::Unknown(Why::Version("databases".into())),
        };
        let key = self.model.key(kind::SERVER, "databases");
        if let Some(server) = self.model.scope_mut(SERVER) {
            let at = server.at;
            server.effective.set(key, Node { at, ..Node::default_value(value) });
        }
    }

    /// Defaults that the table cannot hold.
    fn fill_in(&mut self) {
        let daemon = self.model.get(SERVER, "daemonize") == Some(&Value::Bool(true));
        let alone = self.model.get(SERVER, "supervised").and_then(Value::as_str) == Some("no");
        let mut defaults = vec![("dir", Value::Unknown(Why::Runtime("the folder that redis is started in".into())))];
        if daemon && alone {
            defaults.push(("pidfile", Value::text("/var/run/redis.pid")));
        } else if daemon {
            defaults.push(("pidfile", Value::Unknown(Why::Runtime("what supervises redis".into()))));
        }
        if self.sentinel {
            defaults.extend([("port", Value::Int(26_379)), ("protected-mode", Value::Bool(false))]);
        }
        let between = |version: &Version| *version >= Version([7, 1, 0]) && *version < V82;
        if self.judged.iter().all(between) {
            let changed = |row: &&Directive| matches!(row.default, Default::Since(steps) if steps.iter().any(|(at, _)| *at == V82));
            let unsure = DIRECTIVES.iter().filter(changed);
            defaults.extend(unsure.map(|row| (row.name, Value::Unknown(Why::Version(row.name.into())))));
        }
        for (name, value) in defaults {
            let key = self.model.key(kind::SERVER, name);
            let Some(server) = self.model.scope_mut(SERVER) else { return };
            // An empty name is none.
            let empty = |node: &Node| name == "pidfile" && node.value.as_str() == Some("");
            if server.own.get(key).is_none_or(empty) {
                let at = server.at;
                server.effective.set(key, Node { at, ..Node::default_value(value) });
            }
        }
    }
}

fn bind(words: &[Word]) -> Result<Value, String> {
    let nodes: Vec<Node> = match words {
        [word] if word.raw.is_empty() => Vec::new(),
        [word] if word.hole().is_none() => {
            let parts = value::split(Takes::Bind, &[&word.raw]);
            parts.into_iter().map(|part| Node::set(Value::text(part), word.at)).collect()
        }
        words => words.iter().map(|word| Node::set(Value::Text(word.text.clone()), word.at)).collect(),
    };
    if nodes.len() > 16 {
        return Err("there are more than 16 addresses".to_owned());
    }
    Ok(Value::List(nodes))
}

/// A relative folder starts where redis is started; `..` is left to the machine, as a link may stand before it.
fn folder(words: &[&str]) -> Result<Value, String> {
    let [word] = words else { return Err("wrong number of arguments".to_owned()) };
    let parts: Vec<&str> = word.split('/').filter(|part| !part.is_empty() && *part != ".").collect();
    if !word.starts_with('/') || parts.contains(&"..") {
        return Ok(Value::Unknown(Why::Runtime("the folder that redis is started in".into())));
    }
    Ok(Value::Text(Text::Known(format!("/{}", parts.join("/")).into())))
}
