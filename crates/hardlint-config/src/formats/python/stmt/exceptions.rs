//! `raise` and `try`: what a module raises, and which handlers that leads to.

use super::{Flow, Way};
use crate::formats::python::raising::ANY;
use crate::formats::python::value::{Kind, Lits, Val};
use crate::formats::python::{Eval, Interp, Lit, Maybe, Raise, SPENT};
use crate::model::Why;
use crate::syntax::python::{Expr, ExprKind, Handler, Stmt};

impl<'r, 'l> Interp<'r, 'l> {
    pub(super) fn raised(value: Option<&Expr>) -> Raise {
        let name = match value.map(|value| &value.kind) {
            Some(ExprKind::Call(function, _)) => match &function.kind {
                ExprKind::Name(name) | ExprKind::Attribute(_, name) => name.clone(),
                _ => "Exception".into(),
            },
            Some(ExprKind::Name(name) | ExprKind::Attribute(_, name)) => name.clone(),
            _ => "Exception".into(),
        };
        Raise {
            kind: (&*name).into(),
            why: Why::Runtime(format!("the module raises `{name}`, so that what follows").into()),
        }
    }

    /// Runs the body; where it may raise what a handler catches, the handler is run as another way from there.
    pub(super) fn try_block(
        &mut self,
        body: &[Stmt],
        handlers: &[Handler],
        orelse: &[Stmt],
        last: &[Stmt],
    ) -> Eval<Flow> {
        let flow = self.try_from(body, handlers, orelse);
        // Also when it raises.
        match self.block(last)? {
            Flow::Next => flow,
            other => Ok(other),
        }
    }

    fn try_from(&mut self, body: &[Stmt], handlers: &[Handler], orelse: &[Stmt]) -> Eval<Flow> {
        if !self.step(body.len()) {
            return Ok(Flow::Confused(SPENT));
        }
        for (index, stmt) in body.iter().enumerate() {
            let outer = std::mem::take(&mut self.maybe);
            let trying = std::mem::replace(&mut self.trying, self.frames.len());
            let forgot = std::mem::take(&mut self.forgot);
            let doubted = self.doubted.take();
            self.open_frame();
            self.catching += 1;
            let result = self.stmt(stmt);
            self.catching -= 1;
            self.trying = trying;
            self.doubted = doubted;
            let lost = std::mem::replace(&mut self.forgot, forgot);
            let maybe = std::mem::replace(&mut self.maybe, outer);
            let writes = self.undo();
            let (unsure, others): (Vec<_>, Vec<_>) = std::mem::take(&mut self.unsure)
                .into_iter()
                .partition(|(raise, _)| Self::handler(handlers, &raise.kind).is_some());
            self.unsure = if self.is_caught() { others } else { Vec::new() };
            if result.is_ok() && !unsure.is_empty() {
                self.apply(writes);
                let rest = body.get(index + 1..).unwrap_or_default();
                return Ok(self.lost_import(&unsure, stmt, rest, handlers, orelse));
            }
            let caught = self.caught(handlers, &maybe);
            let rest = body.get(index + 1..).unwrap_or_default();
            let why = Why::Limit("which exception is raised is not followed");
            // Where it is not known which exception it is, neither is which handler it has.
            if result.is_ok() && caught.iter().any(|(_, it)| Self::is_unclear(handlers, &it.kind)) {
                self.apply(writes);
                return Ok(self.lost_try(stmt, rest, handlers, orelse, &why));
            }
            let passes = |it: &Maybe| &*it.kind == ANY || Self::handler(handlers, &it.kind).is_none();
            self.maybe.extend(maybe.into_iter().filter(passes));
            let flow = match result {
                Err(raise) => {
                    // What was done until then is done.
                    self.apply(writes);
                    self.forgot |= lost;
                    let Some(handler) = Self::handler(handlers, &raise.kind) else { return Err(raise) };
                    if caught.iter().any(|(other, _)| !std::ptr::eq(*other, handler)) {
                        return Ok(self.lost_try(stmt, rest, handlers, orelse, &why));
                    }
                    if lost {
                        self.taint(std::slice::from_ref(stmt), &why);
                    }
                    return self.handle(handler);
                }
                Ok(flow) => flow,
            };
            if caught.is_empty() {
                self.apply(writes);
                if matches!(flow, Flow::Next) {
                    continue;
                }
                return Ok(flow);
            }
            if caught.len() > 1 && caught.iter().any(|(_, it)| it.when.len() != 1) {
                self.apply(writes);
                return Ok(self.lost_try(stmt, rest, handlers, orelse, &why));
            }
            // Each is raised only where none before it is, and the rest is run where none is.
            let mut denied: Vec<Lit> = Vec::new();
            let mut whens = Vec::with_capacity(caught.len());
            for (_, it) in &caught {
                whens.push(denied.iter().chain(it.when.iter()).copied().collect::<Lits>());
                denied.extend(
                    it.when.first().filter(|_| it.when.len() == 1).map(|lit| Lit { holds: !lit.holds, ..*lit }),
                );
            }
            let otherwise: Lits = denied.into();
            let mut done = Some((flow, writes));
            let mut go_on = |interp: &mut Self| {
                let Some((flow, writes)) = done.take() else { return Ok(Flow::Next) };
                interp.apply(writes);
                if matches!(flow, Flow::Next) { interp.try_from(rest, handlers, orelse) } else { Ok(flow) }
            };
            let mut runs: Vec<_> = caught
                .iter()
                .map(|(handler, it)| {
                    let why = &why;
                    move |interp: &mut Self| {
                        if !it.clean {
                            interp.taint(std::slice::from_ref(stmt), why);
                        }
                        interp.handle(handler)
                    }
                })
                .collect();
            let mut ways: Vec<Way<'_, 'r, 'l>> = vec![(otherwise, &mut go_on)];
            for (when, run) in whens.into_iter().zip(&mut runs) {
                ways.push((when, run));
            }
            return self.fork(ways);
        }
        self.block(orelse)
    }

    /// A `try` of which it is not known how far its body comes, and which handler is run then.
    pub(in super::super) fn lost_try(
        &mut self,
        stmt: &Stmt,
        rest: &[Stmt],
        handlers: &[Handler],
        orelse: &[Stmt],
        why: &Why,
    ) -> Flow {
        let mut blocks = vec![std::slice::from_ref(stmt), rest, orelse];
        blocks.extend(handlers.iter().map(|handler| handler.body.as_slice()));
        self.lost(&blocks, why)
    }

    fn handle(&mut self, handler: &Handler) -> Eval<Flow> {
        if let Some(name) = &handler.name {
            let at = self.loc(handler.catches.as_ref().map_or(crate::text::Span::default(), |expr| expr.span));
            self.bind(name, Val::unknown_as(Why::Runtime("an exception".into()), Kind::Any, at));
        }
        self.block(&handler.body)
    }

    /// The handlers of what may be raised, and when.
    fn caught<'h>(&self, handlers: &'h [Handler], maybe: &[Maybe]) -> Vec<(&'h Handler, Maybe)> {
        let mut caught: Vec<(&Handler, Maybe)> = Vec::new();
        for each in maybe {
            if let Some(handler) = Self::handler(handlers, &each.kind).filter(|_| self.possible(&each.when)) {
                match caught.iter_mut().find(|(known, it)| it.when == each.when && std::ptr::eq(*known, handler)) {
                    Some((_, known)) => known.clean &= each.clean,
                    None => caught.push((handler, each.clone())),
                }
            }
        }
        caught
    }

    /// Whether several handlers may be run for an exception that is not told apart.
    fn is_unclear(handlers: &[Handler], kind: &str) -> bool {
        let catches = |handler: &&Handler| Self::handler(std::slice::from_ref(*handler), kind).is_some();
        kind == ANY && handlers.iter().filter(catches).count() > 1
    }

    fn handler<'h>(handlers: &'h [Handler], kind: &str) -> Option<&'h Handler> {
        let catches = |expr: &Expr| match &expr.kind {
            ExprKind::Name(name) | ExprKind::Attribute(_, name) => is_a(kind, name),
            _ => false,
        };
        handlers.iter().find(|handler| match &handler.catches {
            None => true,
            Some(Expr { kind: ExprKind::Tuple(list), .. }) => list.iter().any(catches),
            Some(expr) => catches(expr),
        })
    }
}

/// Whether an exception of one kind is caught by the name of another.
fn is_a(kind: &str, name: &str) -> bool {
    let above: &[&str] = match kind {
        ANY => {
            let others = ["ImportError", "ModuleNotFoundError", "SystemExit", "KeyboardInterrupt", "GeneratorExit"];
            return !others.contains(&name);
        }
        "SystemExit" | "KeyboardInterrupt" | "GeneratorExit" => return kind == name || name == "BaseException",
        "ModuleNotFoundError" => &["ImportError"],
        "KeyError" | "IndexError" => &["LookupError"],
        "ZeroDivisionError" | "OverflowError" | "FloatingPointError" => &["ArithmeticError"],
        "UnboundLocalError" => &["NameError"],
        "UndefinedValueError" | "EnvError" => &["EnvError"],
        "NotImplementedError" | "RecursionError" => &["RuntimeError"],
        "UnicodeDecodeError" | "UnicodeEncodeError" => &["ValueError", "UnicodeError"],
        "UnicodeError" | "JSONDecodeError" => &["ValueError"],
        "OSError" | "IOError" | "EnvironmentError" | "PermissionError" | "FileNotFoundError" | "FileExistsError"
        | "IsADirectoryError" | "NotADirectoryError" | "TimeoutError" | "ConnectionError" | "InterruptedError"
        | "ProcessLookupError" | "ChildProcessError" | "BlockingIOError" => &["OSError", "IOError", "EnvironmentError"],
        "ConnectionRefusedError" | "ConnectionResetError" | "ConnectionAbortedError" | "BrokenPipeError" => {
            &["ConnectionError", "OSError", "IOError", "EnvironmentError"]
        }
        _ => &[],
    };
    kind == name || name == "Exception" || name == "BaseException" || above.contains(&name)
}
