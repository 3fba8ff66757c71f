//! Attributes and calls.

use super::stmt::Flow;
use super::value::{Closure, NOT_FOLLOWED, Obj, Py, Source, Val, why_of};
use super::{Eval, Interp, MAX_CALLS, Rc, SPENT};
use crate::model::Why;
use crate::syntax::python::{Argument, ArgumentName, Expr, ExprKind, ParameterKind};
use crate::text::Loc;
use std::collections::BTreeMap;

/// The arguments of a call.
#[derive(Clone, Debug, Default)]
pub(crate) struct Args {
    pub(crate) pos: Vec<Val>,
    pub(crate) named: Vec<(Rc<str>, Val)>,
    /// Why there may be more.
    pub(crate) open: Option<Why>,
}

impl Args {
    /// The argument at a place, or by a name.
    pub(crate) fn get(&self, place: usize, name: &str) -> Option<&Val> {
        self.pos.get(place).or_else(|| self.named(name))
    }

    pub(crate) fn named(&self, name: &str) -> Option<&Val> {
        self.named.iter().find(|(known, _)| &**known == name).map(|(_, val)| val)
    }

    /// The text at a place, or by a name.
    pub(super) fn text(&self, place: usize, name: &str) -> Option<String> {
        self.get(place, name).and_then(Val::as_str).map(str::to_owned)
    }
}

impl Interp<'_, '_> {
    /// `owner.name`.
    pub(super) fn attribute(&mut self, owner: &Val, name: &str, at: Loc) -> Eval<Val> {
        self.map(owner, at, |interp, owner| interp.attribute_simple(owner, name, at))
    }

    fn attribute_simple(&mut self, owner: &Val, name: &str, at: Loc) -> Eval<Val> {
        Ok(match &owner.py {
            Py::Module(space) => match self.spaces.get(*space).and_then(|found| found.vars.get(name)) {
                Some(val) if !matches!(val.py, Py::Unbound) => val.clone(),
                _ => match self.submodule(*space, name, at) {
                    Some(val) => val,
                    None => match self.spaces.get(*space).and_then(|found| found.open.clone()) {
                        Some(why) => Val::unknown(why, at),
                        None => return self.fail("AttributeError", "a name that the module lacks", at),
                    },
                },
            },
            Py::Class(space) => match self.member(*space, name, 0) {
                Some(Val { py: Py::Func(function), .. }) if is_of_class(&function) => method(owner, name, at),
                Some(val) => val,
                None if self.bases_known(*space, 0) => {
                    return self.fail("AttributeError", "a name that the class lacks", at);
                }
                None => Val::unknown(NOT_FOLLOWED, at),
            },
            Py::None if !name.starts_with("__") => return self.fail("AttributeError", "an attribute of `None`", at),
            Py::Ext(path) => super::library::constant(path, name, at)
                .or_else(|| self.global_setting(path, name, at))
                .unwrap_or_else(|| Val::new(Py::Ext(format!("{path}.{name}").into()), at)),
            Py::Path(path) => match Self::path_attribute(path, name, at) {
                Some(val) => val,
                None => method(owner, name, at),
            },
            Py::Ref(id) => {
                let contents = self.contents(*id);
                match contents.as_slice() {
                    [(_, Obj::Instance(class, fields))] => {
                        match fields.get(name).cloned().or_else(|| self.member(*class, name, 0)) {
                            Some(Val { py: Py::Func(_), .. }) => method(owner, name, at),
                            Some(val) => val,
                            None => Val::unknown(NOT_FOLLOWED, at),
                        }
                    }
                    [(_, Obj::App(app))] => self.app_attribute(&app.clone(), owner, name, at)?,
                    [(_, Obj::Unknown(why))] => Val::unknown((**why).clone(), at),
                    _ if self.app_with_config(*id).is_none() && self.lacks(owner, name) => {
                        return self.fail("AttributeError", "an attribute that is not there", at);
                    }
                    _ => method(owner, name, at),
                }
            }
            Py::Bool(_) | Py::Int(_) | Py::Float(_) | Py::Str(_) | Py::Tuple(_) if self.lacks(owner, name) => {
                return self.fail("AttributeError", "an attribute that is not there", at);
            }
            Py::Delta(micros) if name == "days" => Val::new(Py::Int(micros.div_euclid(86_400_000_000)), at),
            Py::Unknown(..) | Py::Choice(_) | Py::Unbound | Py::Splat(_) => Val::unknown(why_of(owner), at),
            _ => method(owner, name, at),
        })
    }

    /// A name of a class, or of what it inherits from, depth first.
    pub(super) fn member(&self, class: usize, name: &str, depth: usize) -> Option<Val> {
        if depth > MAX_CALLS {
            return None;
        }
        let found = self.spaces.get(class)?;
        if let Some(val) = found.vars.get(name) {
            return Some(val.clone());
        }
        found.bases.iter().find_map(|base| match base.py {
            Py::Class(space) => self.member(space, name, depth + 1),
            _ => None,
        })
    }

    /// Whether all that a class inherits is the project's own.
    pub(super) fn bases_known(&self, class: usize, depth: usize) -> bool {
        depth < MAX_CALLS
            && self.spaces.get(class).is_some_and(|found| {
                found.bases.iter().all(|base| match &base.py {
                    Py::Class(above) => self.bases_known(*above, depth + 1),
                    Py::Ext(name) => &**name == "object",
                    _ => false,
                })
            })
    }

    /// A call of which nobody knows how often the elements of its result are taken: of an iterator they are gone after the
    /// first time.
    pub(super) fn call_kept(&mut self, function: &Expr, arguments: &[Argument], at: Loc) -> Eval<Val> {
        let val = self.call_expr(function, arguments, at)?;
        if let (ExprKind::Attribute(_, name), Py::Ref(_), []) = (&function.kind, &val.py, arguments)
            && matches!(&**name, "items" | "keys" | "values")
            && self.type_of(&val) == Some(super::raising::Type::List)
        {
            // A view of a dict, which changes with it.
            return Ok(Val::unknown(NOT_FOLLOWED, at));
        }
        let ExprKind::Name(name) = &function.kind else { return Ok(val) };
        let iterates = super::raising::ITERATORS.contains(&&**name) || &**name == "range";
        let is_own = iterates && matches!(self.name(name, at)?.py, Py::Ext(ref known) if **known == **name);
        Ok(if is_own { Val::unknown(NOT_FOLLOWED, at) } else { val })
    }

    /// A call; what it gives may be an iterator, shown as a list.
    pub(super) fn call_expr(&mut self, function: &Expr, arguments: &[Argument], at: Loc) -> Eval<Val> {
        let called = self.expr(function)?;
        if let Py::Ext(name) = &called.py {
            match &**name {
                "next" if arguments.first().is_some_and(|first| is_iterator(&first.value)) => {
                    return self.next_of(arguments, at);
                }
                "globals" | "vars" | "locals" if arguments.is_empty() => {
                    let space = if &**name == "globals" { self.module_space() } else { self.space };
                    return Ok(Val::new(Py::Globals(space), at));
                }
                "exec" => return self.exec(arguments, at),
                _ => {}
            }
        }
        let once = matches!(called.py, Py::Ext(_) | Py::Method(_));
        let args = self.arguments(arguments, once)?;
        self.call(&called, &args, at)
    }

    /// `once` tells that what is called takes the elements of a generator at most once.
    fn arguments(&mut self, arguments: &[Argument], once: bool) -> Eval<Args> {
        let mut args = Args::default();
        for argument in arguments {
            let once = once || argument.name == ArgumentName::Rest;
            let value = if once { self.taken_once(&argument.value)? } else { self.expr(&argument.value)? };
            match &argument.name {
                ArgumentName::Place => args.pos.push(value),
                ArgumentName::Named(name) => args.named.push(((**name).into(), value)),
                ArgumentName::Rest => match self.elements(&value).as_mut_slice() {
                    [(_, Ok(list))] => args.pos.append(list),
                    _ => args.open = Some(why_of(&value)),
                },
                ArgumentName::RestByName => match value.py {
                    Py::Ref(id) => match self.contents(id).as_slice() {
                        [(_, Obj::Dict(dict))] if dict.open.is_none() => {
                            for (key, val) in &dict.entries {
                                if let Some(key) = key.as_str() {
                                    if args.named(key).is_some() {
                                        self.fail("TypeError", "an argument that is given twice", value.at)?;
                                    }
                                    args.named.push((key.into(), val.clone()));
                                }
                            }
                        }
                        _ => args.open = Some(why_of(&value)),
                    },
                    _ => args.open = Some(why_of(&value)),
                },
            }
        }
        Ok(args)
    }

    /// Calls a value.
    pub(super) fn call(&mut self, called: &Val, args: &Args, at: Loc) -> Eval<Val> {
        if !self.step(2) || self.calls >= MAX_CALLS {
            return Ok(Val::unknown(SPENT, at));
        }
        self.map(called, at, |interp, called| {
            interp.calls += 1;
            let result = match &called.py {
                Py::Func(closure) => interp.run_function(closure, None, args, at),
                Py::Ext(name) => interp.call_ext(&name.clone(), args, at),
                Py::Method(pair) => interp.call_method(&pair.0, &pair.1, args, at),
                Py::Class(space) => interp.construct(*space, args, at),
                Py::Ref(id) => match interp.contents(*id).as_slice() {
                    [(_, Obj::Env(env))] => interp.read_env(&env.clone(), "", args, at),
                    _ => Ok(Val::unknown(why_of(called), at)),
                },
                Py::None
                | Py::Bool(_)
                | Py::Int(_)
                | Py::Float(_)
                | Py::Str(_)
                | Py::Bytes(_)
                | Py::Tuple(_)
                | Py::Delta(_) => interp.fail("TypeError", "a call of what is no function", at),
                _ => {
                    interp.touched(called, args);
                    Ok(Val::unknown(why_of(called), at))
                }
            };
            interp.calls -= 1;
            result
        })
    }

    fn construct(&mut self, class: usize, args: &Args, at: Loc) -> Eval<Val> {
        if let Some(app) = self.construct_app(class, args, at) {
            return app;
        }
        if let Some(made) = self.construct_pydantic(class, args, at) {
            return Ok(made);
        }
        let decorated = |class: &Rc<crate::syntax::python::Class>| class.decorated;
        let decorated = self.spaces.get(class).and_then(|space| space.class.as_ref()).is_some_and(decorated);
        if decorated || !self.bases_known(class, 0) {
            return Ok(Val::unknown(Why::Runtime("an instance of a class that is not the project's own".into()), at));
        }
        let instance = self.new_obj(Obj::Instance(class, Rc::new(BTreeMap::new())), at);
        if let Some(Val { py: Py::Func(init), .. }) = self.member(class, "__init__", 0) {
            self.run_function(&init, Some(instance.clone()), args, at)?;
        }
        Ok(instance)
    }

    /// Runs a function of the project.
    pub(super) fn run_function(
        &mut self,
        closure: &Rc<Closure>,
        owner: Option<Val>,
        args: &Args,
        at: Loc,
    ) -> Eval<Val> {
        if self.calls >= MAX_CALLS {
            return Ok(Val::unknown(SPENT, at));
        }
        if let Some(why) = &args.open {
            return Ok(Val::unknown(why.clone(), at));
        }
        let path = self.spaces.get(closure.space).map_or_else(|| "".into(), |space| space.path.clone());
        let space = self.new_space(closure.file, &path, Some(closure.space));
        if !self.bind_parameters(space, closure, owner, args, at) {
            return self.fail("TypeError", "a function that is given too much or too little", at);
        }
        let outer = std::mem::replace(&mut self.space, space);
        self.returns.push(Vec::new());
        self.calls += 1;
        let (before, forks) = (self.assume.len(), self.forks.len());
        self.repeats_block(closure.file, &closure.function.body);
        let result = self.statements(&closure.function.body);
        self.assume.truncate(before);
        self.forks.truncate(forks);
        self.calls -= 1;
        let mut returns = self.returns.pop().unwrap_or_default();
        self.space = outer;
        let last = match result? {
            Flow::Return(val) => val,
            Flow::Confused(why) => {
                self.cut_short(&why);
                Val::unknown(why, at)
            }
            _ => Val::new(Py::None, at),
        };
        if returns.is_empty() {
            return Ok(last);
        }
        returns.push((super::branch::always(), last));
        Ok(self.first_that_returns(returns, at))
    }

    /// The returns of a function, in the order in which they are met: each happens only if none before did.
    fn first_that_returns(&mut self, returns: Vec<(super::Lits, Val)>, at: Loc) -> Val {
        let mut denied: Vec<super::Lit> = Vec::new();
        let mut exact = Vec::new();
        for (when, val) in returns {
            let all: super::Lits = when.iter().chain(denied.iter()).copied().collect();
            if let Some(all) = self.both(&all, &super::branch::always()) {
                // A contradiction within it means that it is never met.
                let contradicts = all.iter().any(|lit| all.contains(&super::Lit { holds: !lit.holds, ..*lit }));
                if !contradicts {
                    exact.push((all, val));
                }
            }
            if let [lit] = when.as_ref() {
                denied.push(super::Lit { holds: !lit.holds, ..*lit });
            }
        }
        self.choice(exact, at)
    }

    fn bind_parameters(&mut self, space: usize, closure: &Closure, owner: Option<Val>, args: &Args, at: Loc) -> bool {
        let mut places = owner.into_iter().chain(args.pos.iter().cloned());
        let mut named: Vec<&(Rc<str>, Val)> = args.named.iter().collect();
        for (index, parameter) in closure.function.parameters.iter().enumerate() {
            let value = match parameter.kind {
                ParameterKind::Rest => {
                    let rest: Vec<Val> = places.by_ref().collect();
                    Some(Val::new(Py::Tuple(Rc::new(rest)), at))
                }
                ParameterKind::RestByName => {
                    let rest: Vec<(Val, Val)> =
                        named.drain(..).map(|(name, val)| (Val::text(name.to_string(), at), val.clone())).collect();
                    Some(self.new_dict(rest, at))
                }
                kind => {
                    let by_name = named.iter().position(|(name, _)| **name == *parameter.name);
                    let next = if kind == ParameterKind::Plain { places.next() } else { None };
                    if next.is_some() && by_name.is_some() {
                        return false;
                    }
                    let by_name = by_name.map(|at| named.remove(at).1.clone());
                    next.or(by_name).or_else(|| closure.defaults.get(index).cloned().flatten())
                }
            };
            let Some(value) = value else { return false };
            self.set_var(space, &parameter.name, value);
        }
        places.next().is_none() && named.is_empty()
    }

    /// `exec(open("file").read())`, with `compile` around it or not: the file's statements as if they stood here.
    fn exec(&mut self, arguments: &[Argument], at: Loc) -> Eval<Val> {
        let mut next = arguments.first().map(|argument| &argument.value);
        let mut opened = None;
        while let Some(expr) = next {
            next = match &expr.kind {
                ExprKind::Call(function, inner) => match &function.kind {
                    ExprKind::Name(name) if &**name == "open" => {
                        opened = inner.first().map(|argument| &argument.value);
                        None
                    }
                    ExprKind::Name(name) if &**name == "compile" => inner.first().map(|argument| &argument.value),
                    ExprKind::Attribute(owner, name) if matches!(&**name, "read" | "read_text" | "read_bytes") => {
                        opened = Some(&**owner);
                        Some(&**owner)
                    }
                    _ => None,
                },
                _ => None,
            };
        }
        let module = self.module_space();
        let Some(opened) = opened else {
            self.open(module, Why::Runtime("code given to `exec`".into()));
            return Ok(Val::new(Py::None, at));
        };
        let path = self.expr(opened)?;
        if let Some(path) = self.below_root(&path) {
            return self.include(&path, at);
        }
        self.open(module, why_of(&path));
        Ok(Val::new(Py::None, at))
    }

    /// `next(iterator, default)`, where the iterator is made for it.
    fn next_of(&mut self, arguments: &[Argument], at: Loc) -> Eval<Val> {
        let args = self.arguments(arguments, true)?;
        let Some(first) = args.pos.first() else { return Ok(Val::unknown(NOT_FOLLOWED, at)) };
        let mut results = Vec::new();
        for (when, list) in self.elements(first) {
            let found = match list.as_deref() {
                Err(why) => Val::unknown(why.clone(), at),
                Ok([]) => match args.pos.get(1) {
                    Some(default) => default.clone(),
                    None => self.fail("StopIteration", "the first of nothing", at)?,
                },
                Ok([first, ..]) if matches!(first.py, Py::Splat(_)) => Val::unknown(why_of(first), at),
                Ok([first, ..]) => first.clone(),
            };
            results.push((when, found));
        }
        Ok(self.choice(results, at))
    }

    /// A value that something outside the project gives.
    pub(super) fn outside(name: &str, at: Loc) -> Val {
        Val::unknown(Why::Runtime(format!("what `{name}` gives").into()), at)
    }

    /// What is drawn anew at each start.
    pub(super) fn generated(name: &str, at: Loc) -> Val {
        let text = crate::model::Text::Pieces(Box::new([crate::model::Piece::Hole(Why::Runtime(
            format!("what `{name}` draws").into(),
        ))]));
        Self::plain_text(text, at).from(Source::Generated)
    }
}

/// Whether an expression makes an iterator that nobody else has.
fn is_iterator(expr: &Expr) -> bool {
    match &expr.kind {
        ExprKind::Comprehension(kind, ..) => *kind == crate::syntax::python::ComprehensionKind::Generator,
        ExprKind::Call(function, _) => {
            matches!(&function.kind, ExprKind::Name(name) if super::raising::ITERATORS.contains(&&**name))
        }
        _ => false,
    }
}

/// Whether a function is a method of its class.
pub(super) fn is_of_class(closure: &Closure) -> bool {
    closure.function.decorators.iter().any(|name| &**name == "classmethod")
}

pub(super) fn method(owner: &Val, name: &str, at: Loc) -> Val {
    Val::new(Py::Method(Rc::new((owner.clone(), name.into()))), at)
}
