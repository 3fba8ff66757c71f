//! Imports: modules of the project are evaluated, everything else is a name outside.

use super::stmt::Flow;
use super::value::{NOT_FOLLOWED, Py, Val};
use super::{Eval, Interp, Lit, MAX_CALLS, Raise, Rc, SPENT, is_setting};
use crate::formats::django;
use crate::loader::{self, Git, Loader};
use crate::model::{Assumed, Str, Why};
use crate::syntax::python::{Handler, Stmt, parse};
use crate::text::{FileId, Loc};

/// The files that may hold a module, best first.
fn module_candidates(base: &str) -> [String; 2] {
    let package = if base.is_empty() { "__init__.py".to_owned() } else { format!("{base}/__init__.py") };
    [format!("{base}.py"), package]
}

/// The folders that absolute imports of a module are looked up in, nearest first. A folder that is itself a package holds
/// none; where `manage.py` stands, it does.
pub(super) fn import_roots(loader: &dyn Loader, path: &str) -> Vec<String> {
    let mut roots = Vec::new();
    let mut folder = loader::folder(path);
    loop {
        let package = loader::join(folder, "__init__.py").is_some_and(|init| loader.stat(&init).is_some());
        if !package {
            roots.push(folder.to_owned());
        }
        if folder.is_empty() {
            return roots;
        }
        folder = loader::folder(folder);
    }
}

/// Where a module of the project stands; `Err(true)` if its package is the project's, but it is not at hand.
pub(crate) fn locate(loader: &dyn Loader, from: &str, level: usize, module: &str) -> Result<String, bool> {
    let there = |base: &str| {
        module_candidates(base).into_iter().find(|path| {
            loader.stat(path).is_some_and(|stat| stat.kind == loader::Kind::File) && loader.git(path) != Git::Ignored
        })
    };
    let parts = module.replace('.', "/");
    if level > 0 {
        let mut folder = loader::folder(from);
        for _ in 1..level {
            folder = loader::folder(folder);
        }
        let base = if parts.is_empty() { Some(folder.to_owned()) } else { loader::join(folder, &parts) };
        return base.and_then(|base| there(&base)).ok_or(true);
    }
    let first = parts.split('/').next().unwrap_or_default();
    let mut ours = false;
    for root in import_roots(loader, from) {
        let Some(base) = loader::join(&root, &parts) else { continue };
        if let Some(path) = there(&base).filter(|path| path != from) {
            return Ok(path);
        }
        let package = loader::join(&root, first).unwrap_or_default();
        ours |= parts.contains('/') && loader.stat(&format!("{package}/__init__.py")).is_some();
        ours |= loader.stat(&format!("{package}.py")).is_some() && !parts.contains('/');
    }
    // A module by itself that is named as people name what stays on one machine.
    let by_name = !parts.contains('/') && ["local", "settings", "secret"].iter().any(|word| parts.contains(word));
    let installed = ["secrets", "pydantic_settings"].contains(&parts.as_str());
    Err(ours || by_name && !installed)
}

/// Packages that are there wherever Django is.
const ALWAYS_THERE: &[&str] =
    &["django", "os", "sys", "pathlib", "datetime", "logging", "json", "re", "socket", "secrets"];

impl Interp<'_, '_> {
    fn path(&self) -> Rc<str> {
        self.spaces.get(self.space).map_or_else(|| "".into(), |space| space.path.clone())
    }

    /// The namespace of a module of the project, evaluated when it is first asked for.
    pub(super) fn load(&mut self, path: &str, file: FileId) -> usize {
        if let Some(&space) = self.modules.get(path) {
            return space;
        }
        let space = self.new_space(file, path, None);
        self.modules.insert(path.to_owned(), space);
        if self.is_view(file) {
            self.open(space, Why::Limit("views are not looked into for settings"));
            return space;
        }
        if let Some(raise) = self.fill_space(space, path, file) {
            if self.is_caught() {
                // Python forgets a module that raises, and runs it anew where it is imported again.
                self.modules.remove(path);
                self.raised = Some(raise);
            } else {
                self.end(space, &raise.why);
            }
        }
        space
    }

    /// Whether some `try` is around what runs, be it in a module that imports this one.
    pub(super) fn is_caught(&self) -> bool {
        self.catching > 0 || self.caught_outside
    }

    /// What stands behind an exception that nothing catches is not run.
    fn end(&mut self, space: usize, why: &Why) {
        self.cut_short(why);
        self.open(space, why.clone());
    }

    /// A `try` around an import of a module that may raise what is caught: what that one binds and changes is not known.
    pub(super) fn lost_import(
        &mut self,
        unsure: &[(Raise, usize)],
        stmt: &Stmt,
        rest: &[Stmt],
        handlers: &[Handler],
        orelse: &[Stmt],
    ) -> Flow {
        let why = unsure.first().map_or(NOT_FOLLOWED, |(raise, _)| raise.why.clone());
        let at = self.loc(stmt.span);
        for (_, space) in unsure {
            let bound = self.spaces.get(*space).map(|space| space.vars.clone()).unwrap_or_default();
            for (name, val) in bound {
                if matches!(val.py, Py::Ext(_) | Py::Module(_) | Py::Func(_)) {
                    continue;
                }
                self.spoil(&val, &why, super::doubt::DEEPEST);
                let here = self.spaces.get(self.space).is_some_and(|space| space.vars.contains_key(&name));
                if here {
                    self.bind(&name, Val::unknown(why.clone(), at));
                }
            }
            self.open(*space, why.clone());
        }
        self.lost_try(stmt, rest, handlers, orelse, &why)
    }

    /// Evaluates a file, anew each time.
    pub(super) fn load_apart(&mut self, path: &str, file: FileId) -> usize {
        let space = self.new_space(file, path, None);
        // Flask makes a module of this name for it.
        let at = Loc::new(file, crate::text::Span::default());
        self.set_var(space, "__name__", Val::text("config", at));
        if let Some(raise) = self.fill_space(space, path, file) {
            self.end(space, &raise.why);
        }
        space
    }

    /// What a module raises for certain is returned.
    fn fill_space(&mut self, space: usize, path: &str, file: FileId) -> Option<Raise> {
        if self.calls >= MAX_CALLS {
            self.open(space, SPENT);
            return None;
        }
        self.calls += 1;
        let outer = std::mem::replace(&mut self.space, space);
        let is_caught = self.is_caught();
        let caught = std::mem::replace(&mut self.caught_outside, is_caught);
        let catching = std::mem::take(&mut self.catching);
        let raised = self.run_file(file, path);
        self.catching = catching;
        self.caught_outside = caught;
        self.space = outer;
        self.calls -= 1;
        raised
    }

    /// Runs the statements of a file in the namespace that is being filled; what they raise for certain is returned.
    fn run_file(&mut self, file: FileId, path: &str) -> Option<Raise> {
        let source = self.reader.source(file).clone();
        let module = parse(&source.text);
        if !self.step(module.body.len() + source.text.len() / 64) {
            self.open(self.space, SPENT);
            return None;
        }
        if let Some(fault) = module.faults.first() {
            if super::is_template(path) || source.text.contains("{%") {
                self.open(self.space, Why::Template("the whole file".into()));
            } else {
                self.faults.push((Loc::new(file, fault.at), fault.message.clone()));
                self.open(self.space, Why::Limit("a syntax error hides a part of the file"));
            }
        }
        match self.statements(&module.body) {
            Ok(Flow::Confused(why)) => self.end(self.space, &why),
            Err(raise) => return Some(raise),
            Ok(_) => {}
        }
        None
    }

    /// Runs a file as if its statements stood here: `exec(open(…))`, and `include` of `split_settings`.
    pub(super) fn include(&mut self, path: &str, at: Loc) -> Eval<Val> {
        let none = Val::new(Py::None, at);
        let module = self.module_space();
        let ignored = self.reader.loader.git(path) == Git::Ignored;
        let opened = if ignored { None } else { self.reader.open(path, Some(at)).ok() };
        let Some(file) = opened else {
            if self.catching > 0 {
                return Err(Raise { kind: "FileNotFoundError".into(), why: Why::File(path.into()) });
            }
            self.open(module, Why::File(path.into()));
            return Ok(none);
        };
        if self.calls >= MAX_CALLS {
            self.open(module, SPENT);
            return Ok(none);
        }
        self.calls += 1;
        let outer = std::mem::replace(&mut self.space, module);
        let before = self.spaces.get_mut(module).map(|space| std::mem::replace(&mut space.file, file));
        let raised = self.run_file(file, path);
        if let (Some(before), Some(space)) = (before, self.spaces.get_mut(module)) {
            space.file = before;
        }
        self.space = outer;
        self.calls -= 1;
        match raised {
            Some(raise) if self.is_caught() => return Err(raise),
            Some(raise) => self.end(module, &raise.why),
            None => {}
        }
        Ok(none)
    }

    /// What is taken as empty may overrule everything.
    pub(super) fn assume_empty(&mut self, path: &str) {
        let module = self.module_space();
        if let Some(space) = self.spaces.get_mut(module) {
            space.assumed.get_or_insert(Assumed { what: Why::File(path.into()), overrules: true });
        }
    }

    pub(super) fn import(&mut self, stmt: &Stmt, names: &[(Str, Option<Str>)]) -> Eval<()> {
        let at = self.loc(stmt.span);
        for (name, to) in names {
            let first = name.split('.').next().unwrap_or(name);
            let wanted = if to.is_some() { name } else { first };
            let val = match locate(self.reader.loader, &self.path(), 0, name) {
                Ok(path) => {
                    self.module_at(&path, at);
                    self.raised.take().map_or(Ok(()), Err)?;
                    let path = locate(self.reader.loader, &self.path(), 0, wanted).unwrap_or(path);
                    self.module_at(&path, at)
                }
                Err(true) => self.not_at_hand(name, at)?,
                Err(false) => {
                    self.perhaps_missing(name);
                    Val::new(Py::Ext(wanted.into()), at)
                }
            };
            self.raised.take().map_or(Ok(()), Err)?;
            self.bind(to.as_deref().unwrap_or(first), val);
        }
        Ok(())
    }

    fn module_at(&mut self, path: &str, at: Loc) -> Val {
        match self.reader.open(path, Some(at)) {
            Ok(file) => Val::new(Py::Module(self.load(path, file)), at),
            Err(_) => Val::unknown(Why::File(path.into()), at),
        }
    }

    /// `package.module`, which an import elsewhere may have bound.
    pub(super) fn submodule(&mut self, space: usize, name: &str, at: Loc) -> Option<Val> {
        let path = self.spaces.get(space)?.path.clone();
        if loader::name(&path) != "__init__.py" {
            return None;
        }
        let path = locate(self.reader.loader, &path, 1, name).ok()?;
        let module = self.module_at(&path, at);
        // Whoever imports it hears of what it raises; who asks for the name does not.
        self.raised = None;
        Some(module)
    }

    /// A module of the project that is not there: where the program tolerates that, it is taken as empty.
    fn not_at_hand(&mut self, name: &str, at: Loc) -> Eval<Val> {
        let why = Why::File(format!("{}.py", name.replace('.', "/")).into());
        if self.catching > 0 {
            self.assume_empty(&format!("{}.py", name.replace('.', "/")));
            return Err(Raise { kind: "ModuleNotFoundError".into(), why });
        }
        Ok(Val::unknown(why, at))
    }

    /// A package outside the project, which may not be installed.
    fn perhaps_missing(&mut self, name: &str) {
        let package = name.split('.').next().unwrap_or(name);
        if self.catching == 0 || ALWAYS_THERE.contains(&package) {
            return;
        }
        let cond = self.cond(format!("installed {package}"), format!("`{package}` is installed"));
        self.may_raise("ModuleNotFoundError".into(), Rc::from([Lit { cond, holds: false }]));
    }

    pub(super) fn import_from(
        &mut self,
        stmt: &Stmt,
        level: usize,
        module: &str,
        names: &[(Str, Option<Str>)],
    ) -> Eval<()> {
        let at = self.loc(stmt.span);
        let here = self.path();
        let found = match locate(self.reader.loader, &here, level, module) {
            // A package that imports from itself.
            Err(_) if level == 0 && self.app_module_name().as_deref() == Some(module) => Ok(here.to_string()),
            found => found,
        };
        let space = match &found {
            Ok(path) => match self.module_at(path, at).py {
                Py::Module(space) => Some(space),
                _ => None,
            },
            Err(_) => None,
        };
        self.raised.take().map_or(Ok(()), Err)?;
        for (name, to) in names {
            let to = to.as_deref().unwrap_or(name);
            if &**name == "*" {
                self.import_all(space, found.is_err_and_ours(), module, at)?;
                continue;
            }
            let bound =
                space.and_then(|space| self.spaces.get(space)).and_then(|found| found.vars.get(&**name)).cloned();
            let val = match (bound, space) {
                (Some(val), _) if !matches!(val.py, Py::Unbound) => val,
                (_, None) if found == Err(false) => {
                    self.perhaps_missing(module);
                    super::library::constant(module, name, at)
                        .or_else(|| self.global_setting(module, name, at))
                        .unwrap_or_else(|| Val::new(Py::Ext(format!("{module}.{name}").into()), at))
                }
                _ => {
                    let dotted = if module.is_empty() { name.to_string() } else { format!("{module}.{name}") };
                    match locate(self.reader.loader, &here, level, &dotted) {
                        Ok(path) => self.module_at(&path, at),
                        Err(_) => match space.and_then(|space| self.spaces.get(space)?.open.clone()) {
                            Some(why) => Val::unknown(why, at),
                            None => self.not_at_hand(&dotted, at)?,
                        },
                    }
                }
            };
            self.raised.take().map_or(Ok(()), Err)?;
            self.bind(to, val);
        }
        Ok(())
    }

    fn import_all(&mut self, from: Option<usize>, ours: bool, module: &str, at: Loc) -> Eval<()> {
        let into = self.space;
        let Some(from) = from else {
            if module == "django.conf.global_settings" {
                for name in django::global_settings() {
                    if let Some(val) = self.global_setting(module, name, at) {
                        self.set_var(into, name, val);
                    }
                }
                return Ok(());
            }
            if ours {
                self.not_at_hand(module, at)?;
                self.open(into, Why::File(format!("{}.py", module.replace('.', "/")).into()));
            } else {
                self.perhaps_missing(module);
                self.open(into, Why::Runtime(format!("what `{module}` exports").into()));
            }
            return Ok(());
        };
        let Some(found) = self.spaces.get(from) else { return Ok(()) };
        let listed = found.vars.get("__all__").cloned();
        let listed = listed.and_then(|all| match self.elements(&all).as_slice() {
            [(_, Ok(list))] => list.iter().map(|val| val.as_str().map(str::to_owned)).collect::<Option<Vec<_>>>(),
            _ => None,
        });
        let Some(found) = self.spaces.get(from) else { return Ok(()) };
        let exported = |name: &Rc<str>| match &listed {
            Some(list) => list.iter().any(|known| **known == **name),
            None => !name.starts_with('_'),
        };
        let bound: Vec<(Rc<str>, Val)> = found
            .vars
            .iter()
            .filter(|(name, _)| exported(name))
            .map(|(name, val)| (name.clone(), val.clone()))
            .collect();
        let (open, assumed) = (found.open.clone(), found.assumed.clone());
        if let Some(why) = open {
            self.open(into, why);
        }
        self.step(bound.len());
        for (name, val) in bound {
            // A name that only some branch binds leaves what was bound before for the others.
            let before = self.spaces.get(into).and_then(|space| space.vars.get(&name)).cloned();
            let val = match (&val.py, before) {
                (Py::Choice(_), Some(before)) => {
                    let alts = self.alts(&val).into_iter();
                    let alts = alts
                        .map(|(when, val)| (when, if matches!(val.py, Py::Unbound) { before.clone() } else { val }));
                    let alts = alts.collect();
                    self.choice(alts, val.at)
                }
                _ => val,
            };
            if !matches!(val.py, Py::Unbound) {
                self.set_var(into, &name, val);
            }
        }
        if let (Some(assumed), Some(space)) = (assumed, self.spaces.get_mut(into)) {
            space.assumed.get_or_insert(assumed);
        }
        Ok(())
    }

    /// What Django itself sets.
    pub(super) fn global_setting(&mut self, module: &str, name: &str, at: Loc) -> Option<Val> {
        if module != "django.conf.global_settings" || !is_setting(name) {
            return None;
        }
        Some(match django::global_setting(name, &self.query.targets)? {
            Ok(text) => self.literal(&text, at),
            Err(why) => Val::unknown(why, at),
        })
    }

    /// The value of a literal.
    pub(super) fn literal(&mut self, text: &str, at: Loc) -> Val {
        let module = parse(text);
        let outer = std::mem::replace(&mut self.space, self.environ);
        let value = match module.body.first() {
            Some(Stmt { kind: crate::syntax::python::StmtKind::Expr(expr), .. }) => self.expr(expr).ok(),
            _ => None,
        };
        self.space = outer;
        value.unwrap_or_else(|| Val::unknown(NOT_FOLLOWED, at)).at(at)
    }
}

trait Missing {
    fn is_err_and_ours(&self) -> bool;
}

impl Missing for Result<String, bool> {
    fn is_err_and_ours(&self) -> bool {
        *self == Err(true)
    }
}
