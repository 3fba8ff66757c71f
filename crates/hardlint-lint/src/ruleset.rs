//! The rules that are at hand: each format's are read when it is first met, and each is checked and compiled when there is
//! something for it to judge. Users' rules are checked at once.

use crate::diagnostic::{Confidence, Severity};
use crate::expr::check::Checker;
use crate::expr::ir::Ir;
use crate::expr::{self, parse};
use crate::fix;
use crate::rule::{self, Example, Rule, RuleError};
use crate::settings;
use hardlint_config::deployment::role::Role;
use hardlint_config::formats::{self, FORMATS, Format};
use hardlint_config::schema::{KindId, Schema};
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::{Arc, OnceLock};

/// A rule, ready to judge. What it says is compiled when it is first asked for: most rules judge no scope of a file, and
/// of those that do most find nothing.
#[derive(Debug)]
pub struct Compiled {
    /// As it is written; without its examples where it is built in, see [`Compiled::examples`].
    pub rule: Rule,
    pub(crate) id: Arc<str>,
    pub(crate) why: Arc<str>,
    pub(crate) kind: KindId,
    pub(crate) roles: Vec<Role>,
    format: &'static Format,
    built_in: bool,
    condition: OnceLock<Result<Condition, RuleError>>,
    telling: OnceLock<Result<Telling, RuleError>>,
}

/// When a rule fires.
#[derive(Debug)]
pub(crate) struct Condition {
    pub(crate) when: Ir,
    /// Where each conjunct of `when` stands in its text.
    conjuncts: Vec<Range<usize>>,
}

/// What a rule says where it fires.
#[derive(Debug)]
pub(crate) struct Telling {
    pub(crate) at: Option<At>,
    pub(crate) message: Vec<Part>,
    pub(crate) fix: Vec<Part>,
    /// Where its edits can be made, if not everywhere.
    pub(crate) fix_when: Option<Ir>,
    pub(crate) adjust: Vec<Adjusting>,
}

/// A circumstance that changes what is told.
#[derive(Debug)]
pub(crate) struct Adjusting {
    pub(crate) when: Ir,
    pub(crate) severity: Option<Severity>,
    pub(crate) confidence: Option<Confidence>,
    /// What is said then; empty where the rule's own message holds.
    pub(crate) message: Vec<Part>,
    /// Only who asks for everything is told then.
    pub(crate) pedantic: bool,
}

/// Where a finding points, if the rule says so.
#[derive(Debug)]
pub(crate) enum At {
    /// The name of the selected scope.
    Label,
    /// Its header.
    Scope,
    /// What decides whether this is there.
    Key(Ir),
}

/// A piece of a message.
#[derive(Debug)]
pub(crate) enum Part {
    Text(Box<str>),
    Value(Ir),
}

/// Rules by format. A rule with a mistake is left out, and its mistake is kept; it never keeps another from loading.
#[derive(Debug, Default)]
pub struct RuleSet {
    /// By a format's place in [`FORMATS`]: what is built in.
    built_in: Vec<OnceLock<Loaded>>,
    users: Vec<Compiled>,
    /// Where each of these stands, by its id.
    users_paths: BTreeMap<String, String>,
    users_errors: Vec<RuleError>,
}

type Loaded = (Vec<Compiled>, Vec<RuleError>);

impl RuleSet {
    /// No rules at all.
    pub fn empty() -> Self {
        Self::default()
    }

    /// The rules that hardlint comes with.
    pub fn built_in() -> Self {
        Self { built_in: FORMATS.iter().map(|_| OnceLock::new()).collect(), ..Self::default() }
    }

    /// Adds a user's rule: the text of `…/<format>/<what-is-wrong>.yaml`. One with the id of a rule that is there already is
    /// a mistake: a check that nobody misses would be gone.
    pub fn add(&mut self, path: &str, text: &str) {
        let format = |rule: &Rule| formats::named(rule.format());
        let loaded = Rule::from_yaml(path, text).and_then(|rule| match format(&rule) {
            Some(format) => Compiled::new(rule, format, Some((path, text))),
            None => Err(no_format(&rule, path)),
        });
        // A folder may be named twice.
        if self.users_paths.values().any(|known| known == path) {
            return;
        }
        match loaded.and_then(|rule| self.is_new(path, rule)) {
            Ok(rule) => {
                self.users_paths.insert(rule.rule.id.clone(), path.to_owned());
                self.users.push(rule);
            }
            Err(error) => self.users_errors.push(error),
        }
    }

    fn is_new(&self, path: &str, rule: Compiled) -> Result<Compiled, RuleError> {
        let id = &rule.rule.id;
        let message = match (self.users_paths.get(id), self.named(id)) {
            (Some(other), _) => format!("`{id}` is the rule in `{other}` already: give this one a name of its own"),
            (None, Some(_)) => format!(
                "`{id}` is a rule that hardlint comes with: give this one a name of its own, and where it is to take the place of the other, `--ignore {id}`"
            ),
            (None, None) => return Ok(rule),
        };
        Err(RuleError { path: path.to_owned(), line: 1, column: 1, message })
    }

    /// Adds a rule that is ready.
    pub fn push(&mut self, rule: Compiled) {
        self.users.push(rule);
    }

    /// The rules for a format: by id, users' rules behind the others.
    pub fn of_format(&self, format: &str) -> impl Iterator<Item = &Compiled> {
        let overridden = |rule: &&Compiled| !self.users.iter().any(|user| user.id == rule.id);
        let users = self.users.iter().filter(move |rule| rule.rule.format() == format);
        self.loaded(format).map(|(rules, _)| rules.iter()).into_iter().flatten().filter(overridden).chain(users)
    }

    /// All rules, by format and id.
    pub fn all(&self) -> impl Iterator<Item = &Compiled> {
        FORMATS.iter().flat_map(|format| self.of_format(format.id))
    }

    /// The rule with that id, now or before it was renamed.
    pub fn named(&self, id: &str) -> Option<&Compiled> {
        let format = id.split_once('/')?.0;
        let called = |rule: &&Compiled| rule.rule.id == id || rule.rule.aliases.iter().any(|alias| alias == id);
        self.of_format(format).find(called).or_else(|| self.all().find(called))
    }

    /// Mistakes in users' rules, and in what was asked of those that are built in.
    pub fn errors(&self) -> impl Iterator<Item = &RuleError> {
        let loaded = || self.built_in.iter().filter_map(OnceLock::get);
        let wrong = loaded().flat_map(|(rules, _)| rules).filter_map(Compiled::wrong);
        loaded().flat_map(|(_, errors)| errors).chain(wrong).chain(&self.users_errors)
    }

    fn loaded(&self, format: &str) -> Option<&Loaded> {
        let at = FORMATS.iter().position(|known| known.id == format)?;
        let (format, slot) = (FORMATS.get(at)?, self.built_in.get(at)?);
        Some(slot.get_or_init(|| load(format)))
    }
}

fn no_format(rule: &Rule, path: &str) -> RuleError {
    let known = FORMATS.iter().map(|format| format.id);
    let all = || FORMATS.iter().map(|format| format.id).collect::<Vec<_>>().join(", ");
    let meant = expr::closest(rule.format(), known).map(|id| format!("; did you mean `{id}`?"));
    let meant = meant
        .unwrap_or_else(|| format!(": a rule stands in FOLDER/<format>/<what-is-wrong>.yaml, with one of {}", all()));
    let message = format!("there is no format `{}`{meant}", rule.format());
    RuleError { path: path.to_owned(), line: 1, column: 1, message }
}

fn load(format: &'static Format) -> Loaded {
    let mut loaded = Loaded::default();
    match serde_json::from_slice::<Vec<Rule>>(hardlint_rules::blob(format.id)) {
        Ok(rules) => {
            for rule in rules {
                match Compiled::packed(rule, format, None) {
                    Ok(rule) => loaded.0.push(Compiled { built_in: true, ..rule }),
                    Err(error) => loaded.1.push(error),
                }
            }
        }
        Err(error) => {
            let message = error.to_string();
            loaded.1.push(RuleError { path: format.id.to_owned(), line: 1, column: 1, message });
        }
    }
    loaded
}

impl Compiled {
    /// Checks a rule against its format; `file` is its path and text, to tell where a mistake stands.
    ///
    /// # Errors
    /// The first mistake.
    pub fn new(rule: Rule, format: &'static Format, file: Option<(&str, &str)>) -> Result<Self, RuleError> {
        let rule = Self::packed(rule, format, file)?;
        let (condition, telling) = rule.compiled(file)?;
        // Nobody has asked for them before.
        let _ = (rule.condition.set(Ok(condition)), rule.telling.set(Ok(telling)));
        Ok(rule)
    }

    /// A rule of which only the kind of scope and the roles are looked at.
    fn packed(rule: Rule, format: &'static Format, file: Option<(&str, &str)>) -> Result<Self, RuleError> {
        let fail = |field: &str, value: &str, message: String| {
            wrong(&rule, file, field, value, &expr::Error::new(0..0, message))
        };
        let Some(kind) = format.schema.kind_named(&rule.select) else {
            let known = format.schema.kinds.iter().map(|kind| kind.name);
            let meant = expr::closest(&rule.select, known).map(|it| format!("; did you mean `{it}`?"));
            let message = format!("{} has no kind `{}`{}", format.id, rule.select, meant.unwrap_or_default());
            return Err(fail("select", &rule.select, message));
        };
        let parsed_role = |name: &String| {
            Role::parse(name).ok_or_else(|| {
                let all = ["production", "development", "test", "example", "unknown"];
                fail("roles", name, format!("there is no role `{name}`{}", settings::meant_or_all(name, &all)))
            })
        };
        let roles = rule.roles.iter().map(parsed_role).collect::<Result<_, _>>()?;
        let (id, why) = (rule.id.as_str().into(), rule.why.as_str().into());
        let (condition, telling) = (OnceLock::new(), OnceLock::new());
        Ok(Self { id, why, kind, roles, format, built_in: false, condition, telling, rule })
    }

    /// When it fires; nothing if that is wrong.
    pub(crate) fn condition(&self) -> Option<&Condition> {
        let compile = || self.checked(&mut Checker::new(self.format.schema, self.kind), None);
        self.condition.get_or_init(compile).as_ref().ok()
    }

    /// What it says; nothing if that is wrong.
    pub(crate) fn telling(&self) -> Option<&Telling> {
        self.telling.get_or_init(|| self.compiled(None).map(|(_, telling)| telling)).as_ref().ok()
    }

    /// What is wrong with what was asked for so far.
    fn wrong(&self) -> Option<&RuleError> {
        let condition = self.condition.get().and_then(|it| it.as_ref().err());
        condition.or_else(|| self.telling.get().and_then(|it| it.as_ref().err()))
    }

    /// Compiles `when`, and leaves the checker with what is so where it is true.
    fn checked(&self, checker: &mut Checker<'_>, file: Option<(&str, &str)>) -> Result<Condition, RuleError> {
        let fail = |error| wrong(&self.rule, file, "when", &self.rule.when, &error);
        let parsed = parse::parse(&self.rule.when).map_err(fail)?;
        let conjuncts = match &parsed.kind {
            parse::ExprKind::And(parts) => parts.iter().map(|part| part.at.clone()).collect(),
            _ => vec![parsed.at.clone()],
        };
        let when = checker.condition(&parsed).map_err(fail)?;
        checker.assume(&when);
        Ok(Condition { when: when.ir, conjuncts })
    }

    fn compiled(&self, file: Option<(&str, &str)>) -> Result<(Condition, Telling), RuleError> {
        let (rule, schema) = (&self.rule, self.format.schema);
        let fail = |field: &str, value: &str, error: expr::Error| wrong(rule, file, field, value, &error);
        let mut checker = Checker::new(schema, self.kind);
        let compiled = self.checked(&mut checker, file)?;
        let mut adjust = Vec::new();
        for entry in &rule.adjust {
            let ir = condition(&mut checker, &entry.when).map_err(|error| fail("adjust", &entry.when, error))?;
            let (severity, confidence, pedantic) = (entry.severity, entry.confidence, entry.pedantic);
            let text = entry.message.as_deref().unwrap_or_default();
            let message = message(&mut checker, text).map_err(|error| fail("adjust", text, error))?;
            adjust.push(Adjusting { when: ir, severity, confidence, message, pedantic });
        }
        let at = rule.at.as_deref().map(|at| place(&mut checker, at).map_err(|error| fail("at", at, error)));
        let message = message(&mut checker, &rule.message).map_err(|error| fail("message", &rule.message, error))?;
        let fix = match &rule.fix {
            Some(fix) => self::message(&mut checker, &fix.title).map_err(|error| fail("fix", &fix.title, error))?,
            None => Vec::new(),
        };
        if let Some((line, column, message)) = unfit_fix(rule, schema, self.kind, file.map(|(_, text)| text)) {
            let path = file.map_or_else(|| rule.id.clone(), |(path, _)| path.to_owned());
            return Err(RuleError { path, line, column, message });
        }
        if let Some(pattern) = rule.fix.as_ref().and_then(|form| form.pattern.as_deref())
            && let Err(message) = expr::pattern::Pattern::new(pattern)
        {
            let error = expr::Error { at: 0..0, message: format!("pattern: {message}") };
            return Err(fail("fix", pattern, error));
        }
        let fix_when = rule.fix.as_ref().and_then(|form| form.when.as_deref());
        let fix_when = fix_when.map(|when| condition(&mut checker, when).map_err(|error| fail("fix", when, error)));
        let (at, fix_when) = (at.transpose()?, fix_when.transpose()?);
        Ok((compiled, Telling { at, message, fix, fix_when, adjust }))
    }

    /// The conjuncts of `when`: as it writes them, and what they became.
    pub(crate) fn parts(&self) -> impl Iterator<Item = (&str, &Ir)> {
        let parts = self.condition().map_or(&[][..], |condition| match &condition.when {
            Ir::And(parts) => parts,
            whole => std::slice::from_ref(whole),
        });
        self.conjuncts().zip(parts)
    }

    /// The conjuncts of `when`, as it writes them.
    pub fn conjuncts(&self) -> impl Iterator<Item = &str> {
        let all = self.condition().map(|condition| &*condition.conjuncts).unwrap_or_default();
        all.iter().map(|at| self.rule.when.get(at.clone()).unwrap_or_default())
    }

    /// The examples in which it fires, and those in which it is silent.
    pub fn examples(&self) -> (Vec<Example>, Vec<Example>) {
        if !self.built_in {
            return (self.rule.bad.clone(), self.rule.good.clone());
        }
        let packed = hardlint_rules::examples(self.rule.format());
        let mut all: BTreeMap<String, (Vec<Example>, Vec<Example>)> =
            serde_json::from_slice(packed).unwrap_or_default();
        all.remove(&self.rule.id).unwrap_or_default()
    }

    /// What is wrong with a rule that is built in.
    ///
    /// # Errors
    /// The first mistake.
    pub fn check(&self) -> Result<(), &RuleError> {
        let _ = (self.condition(), self.telling());
        self.wrong().map_or(Ok(()), Err)
    }
}

/// A mistake, with its place if the rule's `file` is at hand.
fn wrong(rule: &Rule, file: Option<(&str, &str)>, field: &str, value: &str, error: &expr::Error) -> RuleError {
    let (line, column) = file.map_or((1, 1), |(_, text)| rule::place(text, field, value, error.at.start));
    let path = file.map_or_else(|| rule.id.clone(), |(path, _)| path.to_owned());
    RuleError { path, line, column, message: format!("{field}: {}", error.message) }
}

/// The first key that `fix` names and that scopes of the kind do not have: a fix that nobody could apply.
fn unfit_fix(rule: &Rule, schema: &Schema, kind: KindId, text: Option<&str>) -> Option<(usize, usize, String)> {
    let form = rule.fix.as_ref()?;
    let set = form.set.iter().flat_map(BTreeMap::keys).map(|key| ("set", key));
    let unset = form.unset.iter().flatten().filter(|key| *key != fix::SCOPE).map(|key| ("unset", key));
    let behind = form.insert_after.iter().filter(|key| *key != fix::LABEL).map(|key| ("insert_after", key));
    // Behind the places that a fact tells, text can be put as well.
    let written = |field: &str, name: &str| {
        let key = schema.key(kind, name).and_then(|id| schema.get(id));
        key.is_some_and(|key| !key.fact || field == "insert_after")
    };
    let anywhere =
        |name: &str| name == fix::LOCATION || name == fix::SCOPE || schema.keys.iter().any(|key| key.name == name);
    let add = form.add.iter().flat_map(BTreeMap::keys).map(|key| ("add", key));
    let also = form.also.iter().flatten().map(|key| ("also", key));
    let (field, name) = set
        .chain(unset)
        .chain(behind)
        .find(|(field, name)| !written(field, name))
        .or_else(|| add.chain(also).find(|(_, name)| !anywhere(name)))?;
    let kind = schema.kind(kind).name;
    let known = schema.keys.iter().filter(|key| !key.fact && key.kinds.contains(&kind)).map(|key| key.name);
    let meant = expr::closest(name, known).map(|it| format!("; did you mean `{it}`?")).unwrap_or_default();
    let (line, column) = text.map_or((1, 1), |text| rule::place_of_words(text, "fix", &[field, name]));
    Some((
        line,
        column,
        format!("fix: {field}: scopes of kind `{kind}` have no key `{name}` that can be written{meant}"),
    ))
}

fn condition(checker: &mut Checker<'_>, text: &str) -> Result<Ir, expr::Error> {
    Ok(checker.condition(&parse::parse(text)?)?.ir)
}

fn place(checker: &mut Checker<'_>, text: &str) -> Result<At, expr::Error> {
    match text {
        "label" => Ok(At::Label),
        "scope" => Ok(At::Scope),
        path => Ok(At::Key(condition(checker, &format!("has({path})")).map_err(|error| {
            let back = |at: usize| at.saturating_sub("has(".len());
            expr::Error::new(back(error.at.start)..back(error.at.end), error.message)
        })?)),
    }
}

/// Splits a message at its `{path}`s; `{{` and `}}` stand for braces.
fn message(checker: &mut Checker<'_>, text: &str) -> Result<Vec<Part>, expr::Error> {
    let mut parts = Vec::new();
    let mut plain = String::new();
    let mut at = 0;
    while let Some(c) = text.get(at..).and_then(|rest| rest.chars().next()) {
        let rest = text.get(at..).unwrap_or_default();
        if rest.starts_with("{{") || rest.starts_with("}}") {
            plain.push(c);
            at += 2;
        } else if c == '{' {
            let Some(length) = rest.find('}') else {
                return Err(expr::Error::new(at..at + 1, "this brace is not closed; `{{` stands for a brace"));
            };
            let start = at + 1;
            let path = rest.get(1..length).unwrap_or_default();
            let shift =
                |error: expr::Error| expr::Error::new(error.at.start + start..error.at.end + start, error.message);
            let value = parse::parse(path).and_then(|expr| checker.printed(&expr)).map_err(shift)?;
            parts.push(Part::Text(std::mem::take(&mut plain).into()));
            parts.push(Part::Value(value));
            at += length + 1;
        } else {
            plain.push(c);
            at += c.len_utf8();
        }
    }
    parts.push(Part::Text(plain.into()));
    parts.retain(|part| !matches!(part, Part::Text(text) if text.is_empty()));
    Ok(parts)
}
