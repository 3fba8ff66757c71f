//! Statements.

mod exceptions;

use super::journal::Writes;

use super::value::{Closure, Lits, NOT_FOLLOWED, Obj, Py, Val, why_of};
use super::{Eval, Interp, MAX_DEPTH, MAX_SIZE, Raise, Rc, SPENT};
use crate::model::Why;
use crate::syntax::python::{Class, Expr, ExprKind, Function, Stmt, StmtKind};

/// Where to go on after a statement.
pub(super) enum Flow {
    Next,
    Return(Val),
    Break,
    Continue,
    /// A loop goes on or ends depending on something unknown.
    Confused(Why),
}

/// The truth of a test.
pub(super) enum Truth {
    Known(bool),
    /// True under these conditions, false under those.
    Split(Lits, Lits),
}

type Way<'w, 'r, 'l> = (Lits, &'w mut dyn FnMut(&mut Interp<'r, 'l>) -> Eval<Flow>);

impl<'r, 'l> Interp<'r, 'l> {
    /// Runs statements. What a branch that ended has ruled out holds for the rest of them.
    pub(super) fn block(&mut self, body: &[Stmt]) -> Eval<Flow> {
        if self.depth >= MAX_DEPTH {
            return Ok(Flow::Confused(SPENT));
        }
        let (before, forks) = (self.assume.len(), self.forks.len());
        self.depth += 1;
        let flow = self.statements(body);
        self.depth -= 1;
        self.assume.truncate(before);
        self.forks.truncate(forks);
        flow
    }

    pub(super) fn statements(&mut self, body: &[Stmt]) -> Eval<Flow> {
        for stmt in body {
            if !self.step(1) {
                return Ok(Flow::Confused(SPENT));
            }
            let flow = match self.stmt(stmt) {
                Ok(flow) => flow,
                // Nothing catches it: Python would end here. Only when the environment is at fault is the rest worth
                // reading; what this statement binds is then not known.
                Err(raise) if !self.is_caught() && matches!(raise.why, Why::Variable(_)) => {
                    self.taint(std::slice::from_ref(stmt), &raise.why);
                    Flow::Next
                }
                Err(raise) => return Err(raise),
            };
            if !matches!(flow, Flow::Next) {
                return Ok(flow);
            }
        }
        Ok(Flow::Next)
    }

    fn stmt(&mut self, stmt: &Stmt) -> Eval<Flow> {
        match &stmt.kind {
            StmtKind::Expr(expr) => self.discard(expr)?,
            StmtKind::Assign(targets, value) => {
                let at = self.loc(value.span);
                let unpacked =
                    matches!(targets.as_slice(), [Expr { kind: ExprKind::Tuple(_) | ExprKind::List(_), .. }]);
                let value = if unpacked { self.taken_once(value)? } else { self.expr(value)? }.at(at);
                for target in targets {
                    self.assign(target, value.clone())?;
                }
            }
            StmtKind::Annotated(target, _, Some(value)) => {
                let at = self.loc(value.span);
                let value = self.expr(value)?.at(at);
                self.assign(target, value)?;
            }
            StmtKind::Augment(target, op, value) => self.augment(target, *op, value)?,
            StmtKind::If(tests) => return self.branch(tests),
            StmtKind::For(target, iter, body, orelse) => return self.for_loop(target, iter, body, orelse),
            StmtKind::While(test, body) => {
                let truth = self.expr(test)?;
                if !matches!(self.truth(&truth), Truth::Known(false)) {
                    return Ok(self.lost(&[body], &Why::Limit("`while` loops are not followed")));
                }
            }
            StmtKind::Try(body, handlers, orelse, last) => return self.try_block(body, handlers, orelse, last),
            StmtKind::With(items, body) => {
                for (item, to) in items {
                    let value = self.expr(item)?;
                    if let Some(to) = to {
                        self.assign(to, value)?;
                    }
                }
                return self.block(body);
            }
            StmtKind::Import(names) => self.import(stmt, names)?,
            StmtKind::ImportFrom(level, module, names) => self.import_from(stmt, *level, module, names)?,
            StmtKind::Def(function) => self.define(stmt, function)?,
            StmtKind::Class(class) => self.class(stmt, class)?,
            StmtKind::Return(value) => {
                let at = self.loc(stmt.span);
                let value = match value {
                    Some(value) => self.expr(value)?,
                    None => Val::new(Py::None, at),
                };
                return Ok(Flow::Return(value));
            }
            StmtKind::Raise(value) => return Err(Self::raised(value.as_ref())),
            StmtKind::Assert(test) => self.assert(test)?,
            StmtKind::Delete(targets) => {
                for target in targets {
                    self.delete(target)?;
                }
            }
            StmtKind::Global(names) => {
                if let Some(space) = self.spaces.get_mut(self.space) {
                    space.globals.extend(names.iter().cloned());
                }
            }
            StmtKind::Nonlocal(names) => {
                if let Some(space) = self.spaces.get_mut(self.space) {
                    space.nonlocals.extend(names.iter().cloned());
                }
            }
            StmtKind::Break => return Ok(Flow::Break),
            StmtKind::Continue => return Ok(Flow::Continue),
            StmtKind::Annotated(_, _, None) | StmtKind::Pass => {}
            StmtKind::Other(_) => self.taint(std::slice::from_ref(stmt), &NOT_FOLLOWED),
        }
        Ok(Flow::Next)
    }

    /// An expression for its effect. What is handed to a call that cannot be followed may come back changed.
    fn discard(&mut self, expr: &Expr) -> Eval<()> {
        let value = self.expr(expr)?;
        if let ExprKind::Call(function, arguments) = &expr.kind
            && (value.is_unknown() || matches!(value.py, Py::Outside(_)))
            && !self.harmless(function)
        {
            let at = self.loc(expr.span);
            for argument in arguments {
                if !matches!(argument.value.kind, ExprKind::Name(_) | ExprKind::Attribute(..) | ExprKind::Index(..)) {
                    continue;
                }
                let given = self.expr(&argument.value)?;
                if self.app_of(&given).is_some() || self.only_reads(&given) {
                    continue;
                }
                let why = Why::Runtime(format!("what `{}` does to it", self.excerpt(at)).into());
                self.change(&given, |obj| *obj = Obj::Unknown(Rc::new(why.clone())));
            }
        }
        Ok(())
    }

    /// Whether a value is a reader of the environment: who is given one reads with it.
    fn only_reads(&self, val: &Val) -> bool {
        let reads = |id: usize| self.contents(id).iter().all(|(_, obj)| matches!(obj, Obj::Env(_)));
        matches!(val.py, Py::Ref(id) if reads(id))
    }

    pub(super) fn harmless(&mut self, function: &Expr) -> bool {
        let Ok(function) = self.expr(function) else { return false };
        if matches!(&function.py, Py::Method(pair) if Self::keeps_arguments(&pair.0)) {
            return true;
        }
        matches!(&function.py, Py::Ext(name) if ["logging.", "warnings.", "sys.path.", "print", "sentry_sdk."].iter()
            .any(|prefix| name.starts_with(prefix)))
    }

    fn assert(&mut self, test: &Expr) -> Eval<()> {
        let value = self.expr(test)?;
        let at = self.loc(test.span);
        match self.truth_at(&value, at) {
            Truth::Known(true) => {}
            Truth::Known(false) => {
                return Err(Raise {
                    kind: "AssertionError".into(),
                    why: Why::Runtime("an assertion that fails".into()),
                });
            }
            Truth::Split(when, _) => self.assume.extend(when.iter()),
        }
        Ok(())
    }

    fn branch(&mut self, tests: &[(Option<Expr>, Vec<Stmt>)]) -> Eval<Flow> {
        let Some(((test, body), rest)) = tests.split_first() else { return Ok(Flow::Next) };
        let Some(test) = test else { return self.block(body) };
        match self.test(test)? {
            Truth::Known(true) => self.block(body),
            Truth::Known(false) => self.branch(rest),
            // Each `elif` is a branch in the one before it.
            Truth::Split(_, _) if self.depth >= MAX_DEPTH => Ok(Flow::Confused(SPENT)),
            Truth::Split(yes, no) => {
                self.depth += 1;
                let otherwise = &mut |interp: &mut Self| interp.branch(rest);
                let flow = self.fork(vec![(yes, &mut |interp| interp.block(body)), (no, otherwise)]);
                self.depth -= 1;
                flow
            }
        }
    }

    /// Runs each way from the same state, and makes what they wrote hold under their conditions.
    pub(super) fn fork(&mut self, ways: Vec<Way<'_, 'r, 'l>>) -> Eval<Flow> {
        let mut alive: Vec<(Lits, Writes)> = Vec::new();
        let mut on: Vec<Lits> = Vec::new();
        let mut returned: Vec<(Lits, Val)> = Vec::new();
        let mut ended: Option<Raise> = None;
        let mut confused: Option<Why> = None;
        let mut loops = 0;
        let count = ways.len();
        for (when, run) in ways {
            self.open_frame();
            let (before, forks) = (self.assume.len(), self.forks.len());
            self.assume.extend(when.iter());
            self.forks.extend(when.iter());
            let result = run(self);
            self.assume.truncate(before);
            self.forks.truncate(forks);
            let writes = self.undo();
            match result {
                Ok(Flow::Next) => {
                    on.push(when.clone());
                    alive.push((when, writes));
                }
                Ok(Flow::Return(val)) => {
                    returned.push((when.clone(), val));
                    alive.push((when, writes));
                }
                Ok(Flow::Break | Flow::Continue) => {
                    loops += 1;
                    alive.push((when, writes));
                }
                Ok(Flow::Confused(why)) => {
                    confused = Some(why);
                    alive.push((when, writes));
                }
                Err(raise) => {
                    if self.catching > 0 {
                        let clean = writes.is_empty() && self.is_clean();
                        self.maybe.push(super::Maybe { kind: raise.kind.clone(), when, clean });
                    } else if self.caught_outside {
                        self.unsure.push((raise.clone(), self.module_space()));
                    }
                    self.forgot |= !writes.is_empty();
                    ended = Some(raise);
                }
            }
        }
        if alive.is_empty() {
            return Err(ended.unwrap_or(Raise { kind: "Exception".into(), why: NOT_FOLLOWED }));
        }
        let fewer = alive.len() < count || !returned.is_empty();
        self.merge(alive);
        if let Some(why) = confused {
            return Ok(Flow::Confused(why));
        }
        if loops > 0 {
            return Ok(Flow::Confused(Why::Limit("a loop that depends on a condition is not followed")));
        }
        match (on.as_slice(), returned.is_empty()) {
            ([], _) => {
                let at = returned.first().map_or(self.loc(crate::text::Span::default()), |(_, val)| val.at);
                Ok(Flow::Return(self.choice(returned, at)))
            }
            (_, true) => {
                if let ([when], true) = (on.as_slice(), fewer) {
                    self.assume.extend(when.iter());
                }
                Ok(Flow::Next)
            }
            (on, false) => {
                // Only what the caller does not assume anyway tells the ways apart; `choice` sorts that out.
                let context: Vec<_> = self.assume.clone();
                if let Some(frame) = self.returns.last_mut() {
                    frame.extend(returned.into_iter().map(|(when, val)| {
                        let all: Lits = context.iter().chain(when.iter()).copied().collect();
                        (all, val)
                    }));
                }
                if let [when] = on {
                    self.assume.extend(when.iter());
                    self.forks.extend(when.iter());
                }
                Ok(Flow::Next)
            }
        }
    }

    fn for_loop(&mut self, target: &Expr, iter: &Expr, body: &[Stmt], orelse: &[Stmt]) -> Eval<Flow> {
        let iterable = self.taken_once(iter)?;
        self.iterates(&iterable, iterable.at)?;
        let mut ways = self.elements(&iterable);
        let list = match (ways.pop(), ways.is_empty()) {
            (Some((_, Ok(list))), true) if !list.iter().any(|val| matches!(val.py, Py::Splat(_))) => list,
            _ => {
                let why = why_of(&iterable);
                let at = self.loc(target.span);
                self.assign(target, Val::unknown(why.clone(), at))?;
                return Ok(self.lost(&[body, orelse], &why));
            }
        };
        let file = self.file();
        self.repeats_block(file, body);
        let before = self.list_of(&iterable);
        for element in list.into_iter().take(MAX_SIZE) {
            if !self.step(1) {
                return Ok(Flow::Confused(SPENT));
            }
            self.assign(target, element)?;
            let flow = self.block(body)?;
            if self.is_other(&iterable, before.as_ref()) {
                // Which elements come is decided by what the list is then.
                let why = Why::Limit("a loop over a list that it changes is not followed");
                return Ok(self.lost(&[body, orelse], &why));
            }
            match flow {
                Flow::Next | Flow::Continue => {}
                Flow::Break => return Ok(Flow::Next),
                Flow::Return(val) => return Ok(Flow::Return(val)),
                Flow::Confused(why) => return Ok(self.lost(&[body, orelse], &why)),
            }
        }
        self.block(orelse)
    }

    /// The elements of a list itself, not of a copy.
    fn list_of(&self, val: &Val) -> Option<Rc<Vec<Val>>> {
        match (&val.py, self.heap.get(if let Py::Ref(id) = val.py { id } else { usize::MAX })) {
            (Py::Ref(_), Some(Obj::List(list))) => Some(list.clone()),
            _ => None,
        }
    }

    /// Whether a list has other elements than before.
    fn is_other(&self, val: &Val, before: Option<&Rc<Vec<Val>>>) -> bool {
        let Some(before) = before else { return false };
        self.list_of(val).is_none_or(|now| !Rc::ptr_eq(&now, before))
    }

    /// Whether and how often these blocks run is not known, so neither is what they bind, nor whether the function ends there.
    fn lost(&mut self, blocks: &[&[Stmt]], why: &Why) -> Flow {
        for block in blocks {
            self.taint(block, why);
        }
        let ends = self.calls > 0 && blocks.iter().any(|block| returns(block));
        if ends { Flow::Confused(why.clone()) } else { Flow::Next }
    }

    fn define(&mut self, stmt: &Stmt, function: &Rc<Function>) -> Eval<()> {
        let at = self.loc(stmt.span);
        let plain = ["lru_cache", "cache", "functools.lru_cache", "functools.cache", "staticmethod"];
        // A method of the class itself is bound where it is asked for, which only applications need.
        let of_class = |name: &str| self.apps.is_some() && name == "classmethod";
        let decorated = function.decorators.iter().any(|name| !plain.contains(&&**name) && !of_class(name));
        let value = if function.special || decorated {
            let why = Why::Runtime(format!("what `{}` gives", function.name).into());
            Val::unknown(why, at)
        } else {
            self.closure(function, at)?
        };
        self.bind(&function.name, value);
        Ok(())
    }

    pub(super) fn closure(&mut self, function: &Rc<Function>, at: crate::text::Loc) -> Eval<Val> {
        let mut defaults = Vec::with_capacity(function.parameters.len());
        for parameter in &function.parameters {
            defaults.push(match &parameter.default {
                Some(default) => Some(self.expr(default)?),
                None => None,
            });
        }
        let file = self.file();
        let closure = Closure { function: function.clone(), defaults, space: self.space, file };
        Ok(Val::new(Py::Func(Rc::new(closure)), at))
    }

    fn class(&mut self, stmt: &Stmt, class: &Rc<Class>) -> Eval<()> {
        let at = self.loc(stmt.span);
        let mut bases = Vec::with_capacity(class.bases.len());
        for base in &class.bases {
            bases.push(self.expr(base)?);
        }
        let path = self.spaces.get(self.space).map_or_else(|| "".into(), |space| space.path.clone());
        let file = self.file();
        let space = self.new_space(file, &path, Some(self.space));
        if let Some(found) = self.spaces.get_mut(space) {
            found.bases = bases;
            found.class = Some(class.clone());
        }
        let outer = std::mem::replace(&mut self.space, space);
        let result = self.block(&class.body);
        self.space = outer;
        result?;
        self.bind(&class.name, Val::new(Py::Class(space), at));
        Ok(())
    }
}

/// Whether statements may end the function that they stand in.
fn returns(body: &[Stmt]) -> bool {
    let mut next = vec![body];
    while let Some(body) = next.pop() {
        for stmt in body {
            match &stmt.kind {
                StmtKind::Return(_) => return true,
                StmtKind::If(tests) => next.extend(tests.iter().map(|(_, body)| body.as_slice())),
                StmtKind::For(_, _, body, orelse) => next.extend([body.as_slice(), orelse]),
                StmtKind::While(_, body) | StmtKind::With(_, body) => next.push(body),
                StmtKind::Try(body, handlers, orelse, last) => {
                    next.extend([body.as_slice(), orelse, last]);
                    next.extend(handlers.iter().map(|handler| handler.body.as_slice()));
                }
                _ => {}
            }
        }
    }
    false
}
