//! What Airflow makes of a file: `conf.get` for every option, in every version that is judged.
//!
//! An option is looked for in the environment, then in the file, then in the file's `_cmd` and `_secret`, then among the
//! defaults; at each step by its own name, then by its old one.

use super::deployed;
use super::enums;
use super::environment::{self, Environment};
use super::interpolate::{self, Wrong};
use super::login;
use super::option::{self, Ask, Opt, VERSIONS};
use super::options::OPTIONS;
use super::upgrades::upgraded;
use crate::model::{Assumed, Model, Node, Origin, Piece, Scope, ScopeId, Str, Text, Value, Why};
use crate::problem::Problem;
use crate::schema::{Default, KeyId, KindId, Schema};
use crate::syntax::ini::{self, Ini, Setting};
use crate::syntax::template::{self, Masked};
use crate::text::{FileId, Loc, Source, Span};
use crate::version::{Version, Versions};
use crate::workspace::{Query, Reader};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

/// The kinds, by their place in the schema.
pub(super) const CONFIG: KindId = KindId(0);
/// Options that all sections together are given by `DEFAULT`, up to which all of them are listed: a file of a few thousand
/// lines could give millions.
const MOST_INHERITED: usize = 20_000;
pub(super) const SECTION: KindId = KindId(1);
pub(super) const LOGIN: KindId = KindId(2);

/// Resolves the file, or the services that it describes.
pub(super) fn resolve(reader: &mut Reader<'_>, query: &Query, file: FileId, mut model: Model) -> Model {
    if deployed::runs_it(&model.path) {
        return deployed::resolve(reader, query, file, model);
    }
    if login::is_module(&model.path) {
        return login::resolve(reader, file, model);
    }
    let environment = Environment::of_process(query, file);
    let at = Loc::new(file, Span::default());
    let base = Base { label: "".into(), at, assumed: None, open: None, versions: model.versions, query };
    configuration(reader, file, true, &environment, base, &mut model);
    model
}

/// What a configuration is, beside what its file says.
pub(super) struct Base<'q> {
    /// The services that run it.
    pub(super) label: Str,
    /// Where a finding about something absent points.
    pub(super) at: Loc,
    /// What could overrule it.
    pub(super) assumed: Option<Assumed>,
    /// Why something may be set that is not at hand.
    pub(super) open: Option<Why>,
    /// What is asked of it.
    pub(super) query: &'q Query,
    /// The versions that may run it.
    pub(super) versions: Versions,
}

/// Whether a mark is Airflow's own: it puts variables of the environment into values, and fills in the names of log files
/// and the texts of mails for each task.
fn is_own(line: &str, mark: u8) -> bool {
    let option = line.split(['=', ':']).next().unwrap_or_default().to_ascii_lowercase();
    mark == b'$' || ["template", "format", "subject", "mark", "content"].iter().any(|word| option.contains(word))
}

/// Adds a configuration: what `file` says, if it is one of Airflow's own, and what the environment says.
pub(super) fn configuration(
    reader: &Reader<'_>,
    file: FileId,
    has_file: bool,
    environment: &Environment,
    base: Base<'_>,
    model: &mut Model,
) {
    let source = reader.source(file).clone();
    let masked = template::mask_but(&source.path, if has_file { &source.text } else { "" }, is_own);
    let ini = ini::parse(&masked.text);
    let mut config = Scope::new(CONFIG, base.label, None, base.at);
    if has_file {
        config.extent = Span::new(0, source.text.len());
    }
    config.open = base.open;
    config.assumed = base.assumed;
    let id = model.push(config);
    let mut whole = Config::new(&masked, &ini, file, environment);
    let tests = whole.tests();
    // Where the environment asks for it, the file is not read.
    if tests.as_ref().is_none_or(|node| node.origin != Origin::Environment || truth(node) != Some(true)) {
        refusals(model, id, &source, &masked, &ini, file);
        if source.lossy && has_file {
            let message = "it is no UTF-8, which Airflow does not start with".to_owned();
            model.problems.push(Problem { path: source.path.clone(), at: None, message });
        }
        for (name, setting) in whole.wrong() {
            let message = format!("`{}`: {name}; Airflow finds no value for it", setting.name);
            let at = Some(Loc::new(file, setting.at));
            model.problems.push(Problem { path: source.path.clone(), at, message });
        }
    }
    sections(model, id, &whole);
    let versions = judged(base.versions);
    if let Some(node) = tests {
        if truth(&node) == Some(true) {
            return in_tests(model, id, &mut whole, node, &versions);
        }
        if truth(&node).is_none() && node.value.as_str().is_some() {
            let message = "`core.unit_test_mode` is no truth value: Airflow does not start with it".to_owned();
            let path = reader.source(node.at.file).path.clone();
            model.problems.push(Problem { path, at: Some(node.at), message });
        }
    }
    let candidates = whole.candidates(&versions);
    for name in &candidates {
        settle(model, id, &whole, name, &versions);
    }
    fill_in(model, id, &versions, |name| candidates.contains(name));
    enums::check(model, id, reader, &versions);
    super::facts::derive(model, id, &versions, base.query);
}

/// As `getboolean` reads a value; nothing where it refuses it, or where it is not known.
fn truth(node: &Node) -> Option<bool> {
    let text = node.value.as_str()?.to_lowercase();
    match text.split('#').next().unwrap_or_default().trim() {
        "t" | "true" | "1" => Some(true),
        "f" | "false" | "0" => Some(false),
        _ => None,
    }
}

/// In `unit_test_mode` Airflow drops what its file says, and takes a configuration of its own instead: only what the
/// environment sets is known.
fn in_tests(model: &mut Model, id: ScopeId, whole: &mut Config<'_>, mode: Node, versions: &[Version]) {
    whole.sections.clear();
    let why = || Why::Runtime("what Airflow sets for its own tests".into());
    for name in whole.candidates(versions) {
        settle(model, id, whole, &name, versions);
    }
    let schema = model.format.schema;
    let mode_key = model.key(CONFIG, "core.unit_test_mode");
    let Some(config) = model.scope_mut(id) else { return };
    config.open = Some(why());
    for option in OPTIONS {
        if let Some(key) = schema.key(CONFIG, option.name)
            && config.own.get(key).is_none()
            && key != mode_key
        {
            config.effective.set(key, default_node(Value::Unknown(why())));
        }
    }
    // The configuration for tests says so itself, however the file does.
    let by_variable = mode.origin == Origin::Environment;
    config.own.set(mode_key, if by_variable { mode } else { Node { value: Value::text("True"), ..mode } });
}

/// The versions of the table that are judged.
fn judged(versions: Versions) -> Vec<Version> {
    let floor = |version: Version| VERSIONS.iter().rev().find(|&&known| known <= version).or(VERSIONS.first()).copied();
    let (oldest, newest) = (floor(versions.oldest), floor(versions.newest));
    VERSIONS.iter().copied().filter(|&version| oldest <= Some(version) && Some(version) <= newest).collect()
}

/// Tells what `ConfigParser` refuses: the first that ends its reading, else all that it goes on after.
fn refusals(model: &mut Model, id: ScopeId, source: &Source, masked: &Masked<'_>, ini: &Ini, file: FileId) {
    let own = |fault: &&ini::Fault| {
        // What a value is filled in with makes no second option of the first.
        let touched = masked.touched(fault.at).or_else(|| masked.conditional(fault.at.start));
        if let Some(why) = touched
            && let Some(config) = model.scope_mut(id)
        {
            config.open.get_or_insert(why);
            return false;
        }
        true
    };
    let faults: Vec<&ini::Fault> = ini.errors.iter().filter(own).collect();
    let told = match faults.iter().find(|fault| fault.last) {
        Some(last) => Vec::from([*last]),
        None => faults,
    };
    for fault in told {
        let message = format!("{}: Airflow does not start with it", fault.message);
        model.problems.push(Problem { path: source.path.clone(), at: Some(Loc::new(file, fault.at)), message });
    }
}

/// What `conf.get` finds.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Got {
    /// A value, of the environment or of the file.
    Set(Node),
    /// A default.
    Default(Ask),
    /// Nothing.
    Nothing,
}

/// The file and the environment, ready to be asked.
struct Config<'f> {
    masked: &'f Masked<'f>,
    file: FileId,
    environment: &'f Environment,
    /// Whether the environment sets any option.
    has_variables: bool,
    sections: BTreeMap<&'f str, BTreeMap<&'f str, &'f Setting>>,
    headers: Vec<&'f ini::Section>,
}

impl<'f> Config<'f> {
    fn new(masked: &'f Masked<'f>, ini: &'f Ini, file: FileId, environment: &'f Environment) -> Self {
        let mut sections: BTreeMap<&str, BTreeMap<&str, &Setting>> = BTreeMap::new();
        for section in &ini.sections {
            let options = sections.entry(&section.name).or_default();
            options.extend(section.options.iter().map(|setting| (setting.name.as_str(), setting)));
        }
        let has_variables = environment.names().any(|name| name.starts_with("AIRFLOW__"));
        Self { masked, file, environment, has_variables, sections, headers: ini.sections.iter().collect() }
    }

    /// The option as the file has it, in its section or for all sections.
    fn raw(&self, section: &str, option: &str) -> Option<&'f Setting> {
        let options = self.sections.get(section)?;
        options.get(option).or_else(|| self.sections.get("DEFAULT")?.get(option)).copied()
    }

    /// What the file's setting says.
    fn node(&self, section: &str, setting: &Setting) -> Node {
        let at = Loc::new(self.file, setting.at);
        let node = |value| Node::set(value, at).named(Loc::new(self.file, setting.name_at));
        if let Some(why) = self.masked.conditional(setting.name_at.start) {
            return node(Value::Unknown(why));
        }
        if setting.value.contains(template::HOLE) {
            return node(Value::Text(self.masked.text(&setting.value, setting.at)));
        }
        let of = |name: &str| self.raw(section, name).map(|setting| setting.value.as_str());
        match interpolate::interpolate(&setting.value, &of) {
            // What a template writes into the value of another option is not known here either.
            Ok(value) if value.contains(template::HOLE) => {
                let options =
                    ["DEFAULT", section].into_iter().filter_map(|section| self.sections.get(section)).flatten();
                let filled = options.map(|(_, other)| other).filter(|other| other.value.contains(template::HOLE));
                let of_template = |other: &&Setting| match self.masked.text(&other.value, other.at) {
                    Text::Pieces(pieces) => pieces.iter().find_map(|piece| match piece {
                        Piece::Hole(why) => Some(why.clone()),
                        Piece::Known(_) => None,
                    }),
                    Text::Known(_) => None,
                };
                let named = |other: &&Setting| setting.value.contains(&format!("%({})s", other.name));
                let all: Vec<&Setting> = filled.copied().collect();
                let why = all.iter().filter(|other| named(other)).chain(&all).find_map(of_template);
                node(Value::Unknown(why.unwrap_or(Why::Template(section.into()))))
            }
            Ok(value) => node(Value::Text(interpolate::expand(&value, self.environment))),
            Err(Wrong::Refused(_)) => node(Value::Unknown(Why::Runtime("a value that Airflow refuses".into()))),
            Err(Wrong::TooLong) => node(Value::Unknown(Why::Limit("references to references make it too long"))),
        }
    }

    /// Settings whose references lead nowhere, with the reason.
    fn wrong(&self) -> Vec<(String, &'f Setting)> {
        let mut wrong = Vec::new();
        for (section, options) in &self.sections {
            for setting in options.values().filter(|setting| setting.value.contains('%')) {
                if self.masked.conditional(setting.name_at.start).is_some() {
                    continue;
                }
                let of = |name: &str| self.raw(section, name).map(|setting| setting.value.as_str());
                if let Some((before, _)) = setting.value.split_once(template::HOLE) {
                    let last = setting.value.rsplit(template::HOLE).next().unwrap_or_default();
                    let always = self.masked.conditional(setting.at.end.saturating_sub(1)).is_none();
                    let refused = interpolate::refused(before, &of);
                    let refused = refused.or_else(|| interpolate::refused_behind(last).filter(|_| always));
                    wrong.extend(refused.map(|why| (why, *setting)));
                } else if let Err(Wrong::Refused(why)) = interpolate::interpolate(&setting.value, &of) {
                    wrong.push((why, *setting));
                }
            }
        }
        wrong.sort_by_key(|(_, setting)| setting.at);
        wrong
    }

    /// All names, `section.option`, that the file or the environment may give a value.
    fn candidates(&self, versions: &[Version]) -> BTreeSet<String> {
        let mut names = BTreeSet::new();
        let lower = |text: &str| !text.chars().any(char::is_uppercase);
        let everywhere: Vec<&str> = self.sections.get("DEFAULT").into_iter().flat_map(|d| d.keys().copied()).collect();
        for (section, options) in self.sections.iter().filter(|(section, _)| lower(section)) {
            names.extend(options.keys().filter(|option| lower(option)).map(|option| format!("{section}.{option}")));
            // Every section has the options of `DEFAULT`. Of very many, those that Airflow knows.
            if *section != "DEFAULT" && everywhere.len().saturating_mul(self.sections.len()) > MOST_INHERITED {
                let known = option::of_section(section).filter(|(option, _)| everywhere.binary_search(option).is_ok());
                names.extend(known.map(|(_, name)| name.to_owned()));
            } else if *section != "DEFAULT" {
                names.extend(
                    everywhere.iter().filter(|option| lower(option)).map(|option| format!("{section}.{option}")),
                );
            }
        }
        for name in names.clone() {
            for suffix in ["_cmd", "_secret"] {
                let plain = name.strip_suffix(suffix).filter(|plain| option::named(plain).is_some_and(|o| o.sensitive));
                names.extend(plain.map(str::to_owned));
            }
        }
        for variable in self.environment.names().filter_map(|name| name.strip_prefix("AIRFLOW__")) {
            let stripped = variable.strip_suffix("_CMD").or_else(|| variable.strip_suffix("_SECRET"));
            for variable in [Some(variable), stripped].into_iter().flatten() {
                names.extend(option::of_variable(variable).iter().map(|option| option.name.to_owned()));
                if let Some((section, option)) = variable.split_once("__")
                    && option::variable_name(&format!("{section}.{option}").to_lowercase()) == variable
                {
                    names.insert(format!("{section}.{option}").to_lowercase());
                }
            }
        }
        for option in OPTIONS.iter().filter(|option| !option.old.is_empty()) {
            let old = versions.iter().filter_map(|&version| option.old(version));
            if old.into_iter().any(|old| names.contains(old)) {
                names.insert(option.name.to_owned());
            }
        }
        // What was renamed is found by its old name as well, also where nothing sets it.
        for option in OPTIONS.iter().filter(|option| !option.old.is_empty()) {
            names.extend(versions.iter().filter_map(|&version| option.old(version)).map(str::to_owned));
        }
        names
    }

    /// What `conf.get` finds for `name` in `version`.
    fn get(&self, name: &str, version: Version) -> Got {
        let moved = option::renamed(name, version);
        let known = moved.or_else(|| option::named(name));
        let canonical = moved.map_or(name, |option| option.name);
        let old = if moved.is_some() { Some(name) } else { known.and_then(|option| option.old(version)) };
        let names = || [Some(canonical), old].into_iter().flatten();
        let sensitive = known.is_some_and(|option| option.sensitive);
        if let Some(node) = names().find_map(|name| self.in_environment(name, sensitive)) {
            return Got::Set(node);
        }
        for (section, option) in names().filter_map(|name| name.rsplit_once('.')) {
            if let Some(setting) = self.raw(section, option) {
                return Got::Set(self.node(section, setting));
            }
        }
        let given =
            ["_cmd", "_secret"].into_iter().filter(|suffix| sensitive && (*suffix == "_cmd" || self.has_backend()));
        for suffix in given {
            for (section, option) in names().filter_map(|name| name.rsplit_once('.')) {
                if let Some(setting) = self.raw(section, &format!("{option}{suffix}")) {
                    let why = Why::Runtime(format!("what `{}` gives", setting.name).into());
                    let at = Loc::new(self.file, setting.at);
                    return Got::Set(Node::set(Value::Unknown(why), at).named(Loc::new(self.file, setting.name_at)));
                }
            }
        }
        known.and_then(|option| option.default(version)).map_or(Got::Nothing, Got::Default)
    }

    /// What switches to the configuration for tests, where that is set.
    fn tests(&self) -> Option<Node> {
        let name = "core.unit_test_mode";
        let of_file = || self.raw("core", "unit_test_mode").map(|setting| self.node("core", setting));
        self.in_environment(name, false).or_else(of_file)
    }

    /// Whether a secrets backend may be asked: without one `_secret` gives nothing.
    fn has_backend(&self) -> bool {
        let of_file = || self.raw("secrets", "backend").map(|setting| self.node("secrets", setting));
        match self.in_environment("secrets.backend", false).or_else(of_file) {
            Some(node) => node.value.as_str() != Some(""),
            None => !self.environment.is_closed(),
        }
    }

    fn in_environment(&self, name: &str, sensitive: bool) -> Option<Node> {
        if !self.has_variables {
            return None;
        }
        let variable = format!("AIRFLOW__{}", option::variable_name(name));
        if let Some(node) = self.environment.get(&variable) {
            let text = interpolate::expand_pieces(environment::pieces(&node.value), self.environment);
            return Some(Node { value: Value::Text(text), origin: Origin::Environment, ..node.clone() });
        }
        let given = ["_CMD", "_SECRET"].into_iter().map(|suffix| format!("{variable}{suffix}"));
        let mut given = given.filter(|name| sensitive && (name.ends_with("_CMD") || self.has_backend()));
        let (given, node) = given.find_map(|name| self.environment.get(&name).map(|node| (name.clone(), node)))?;
        let value = Value::Unknown(Why::Runtime(format!("what `{given}` gives").into()));
        Some(Node { value, origin: Origin::Environment, ..node.clone() })
    }
}

/// Puts the value of `name` into the model, as far as the versions agree.
fn settle(model: &mut Model, id: ScopeId, whole: &Config<'_>, name: &str, versions: &[Version]) {
    let mut found = versions.iter().map(|&version| upgraded(name, version, whole.get(name, version)));
    let Some(first) = found.next() else { return };
    let same = found.all(|got| got == first);
    let Some(place) = model.scope(id).map(|config| config.at) else { return };
    let node = match first {
        _ if !same => Some(Node::set(Value::Unknown(Why::Version(name.into())), place)),
        Got::Set(node) => Some(node),
        Got::Default(ask) => asked(name, ask),
        Got::Nothing => None,
    };
    let key = model.key(CONFIG, name);
    let Some(config) = model.scope_mut(id) else { return };
    match node {
        Some(node) if node.origin == Origin::Default || !same => {
            config.effective.set(key, default_node(node.value));
        }
        Some(node) => {
            config.own.set(key, node);
        }
        None => {}
    }
}

fn default_node(value: Value) -> Node {
    Node::default_value(value)
}

fn asked(name: &str, ask: Ask) -> Option<Node> {
    match ask {
        Ask::Nothing => None,
        Ask::Machine => Some(default_node(Value::Unknown(Why::Runtime(format!("`{name}`").into())))),
        Ask::Is(text) => Some(default_node(Value::text(text))),
    }
}

/// The defaults that the schema's table cannot hold, by their options' names: as the table says them, of these versions.
fn defaults(schema: &Schema, versions: &[Version]) -> Vec<(KeyId, &'static str, Node)> {
    let of_option = |option: &'static Opt| {
        let key = schema.key(CONFIG, option.name)?;
        if schema.get(key).is_some_and(|key| key.default != Default::Absent) {
            return None;
        }
        let ask = |&version: &Version| match option::renamed(option.name, version) {
            Some(new) => new.default(version),
            None => option.default(version),
        };
        let mut asks = versions.iter().map(ask).map(|ask| ask.unwrap_or(Ask::Nothing));
        let first = asks.next()?;
        let node = if asks.all(|ask| ask == first) {
            asked(option.name, first)
        } else {
            Some(default_node(Value::Unknown(Why::Version(option.name.into()))))
        };
        Some((key, option.name, node?))
    };
    OPTIONS.iter().filter_map(of_option).collect()
}

/// Puts in the defaults of the options that nothing sets.
fn fill_in(model: &mut Model, id: ScopeId, versions: &[Version], is_set: impl Fn(&str) -> bool) {
    /// Those of all versions that are judged, which is asked for unless a target or an image names one.
    static OF_ALL: OnceLock<Vec<(KeyId, &'static str, Node)>> = OnceLock::new();
    let schema = model.format.schema;
    let of_these;
    let defaults = if versions == judged(schema.supported) {
        OF_ALL.get_or_init(|| defaults(schema, versions))
    } else {
        of_these = defaults(schema, versions);
        &of_these
    };
    let Some(config) = model.scope_mut(id) else { return };
    for (key, _, node) in defaults.iter().filter(|(_, name, _)| !is_set(name)) {
        config.effective.set(*key, node.clone());
    }
}

/// One scope a section, with what it sets.
fn sections(model: &mut Model, config: ScopeId, whole: &Config<'_>) {
    for header in &whole.headers {
        let at = Loc::new(whole.file, header.at);
        let scope = Scope::new(SECTION, header.name.as_str(), Some(config), at);
        let id = model.push(Scope { label_at: Loc::new(whole.file, header.name_at), ..scope });
        for setting in &header.options {
            let key = model.key(SECTION, &setting.name);
            let node = whole.node(&header.name, setting);
            if let Some(scope) = model.scope_mut(id) {
                scope.own.set(key, node);
            }
        }
    }
}
