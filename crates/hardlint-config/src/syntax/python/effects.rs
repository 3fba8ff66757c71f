//! What statements may do if nobody can tell whether they are run: which names they bind, and which objects they change.

use super::{Expr, ExprKind, FormatPart, Stmt, StmtKind};
use crate::model::Str;
use std::collections::{BTreeMap, BTreeSet};

/// What statements may do.
#[derive(Debug, Default)]
pub struct Effects {
    /// Names that they may bind, nested blocks included, functions and classes not; `*` where that may be any.
    pub bound: Vec<Str>,
    /// Names of objects that they may change.
    pub changed: BTreeSet<Str>,
    /// Names of functions that they may call.
    pub called: BTreeSet<Str>,
    /// Names that are declared to be the module's.
    pub globals: Vec<Str>,
}

/// Methods that leave their objects as they are.
const READS: &[&str] = &[
    "as_posix",
    "as_uri",
    "bool",
    "capitalize",
    "copy",
    "count",
    "decode",
    "encode",
    "endswith",
    "exists",
    "format",
    "get",
    "getenv",
    "index",
    "int",
    "is_dir",
    "is_file",
    "isdigit",
    "items",
    "join",
    "joinpath",
    "keys",
    "list",
    "lower",
    "lstrip",
    "partition",
    "read",
    "read_text",
    "replace",
    "resolve",
    "rpartition",
    "rsplit",
    "rstrip",
    "split",
    "splitlines",
    "startswith",
    "str",
    "strip",
    "title",
    "upper",
    "values",
];

/// Functions that leave what they are given as it is.
const PURE: &[&str] = &[
    "Path",
    "all",
    "any",
    "bool",
    "dict",
    "enumerate",
    "filter",
    "float",
    "frozenset",
    "getattr",
    "hasattr",
    "int",
    "isinstance",
    "len",
    "list",
    "map",
    "max",
    "min",
    "print",
    "range",
    "repr",
    "reversed",
    "set",
    "sorted",
    "str",
    "sum",
    "tuple",
    "type",
    "zip",
];

/// The names that statements may bind, nested blocks included, functions and classes not; `*` where that may be any.
pub fn bound_names(body: &[Stmt]) -> Vec<Str> {
    effects(body).bound
}

/// As [`bound_names`], without the names of what is called on: a call may change that, and gives it no other meaning.
pub fn set_names(body: &[Stmt]) -> Vec<Str> {
    let mut work = Work { no_receivers: true, ..Work::default() };
    work.run(body);
    work.found.bound
}

/// What statements may do.
pub fn effects(body: &[Stmt]) -> Effects {
    let mut work = Work::default();
    work.run(body);
    // What is changed under another name is changed.
    let mut next: Vec<Str> = work.found.changed.iter().cloned().collect();
    while let Some(name) = next.pop() {
        for of in work.aliases.remove(&name).unwrap_or_default() {
            if work.found.changed.insert(of.clone()) {
                next.push(of);
            }
        }
    }
    work.found
}

#[derive(Default)]
struct Work<'s> {
    found: Effects,
    /// Statements to be looked at, and whether what they bind is bound around them.
    blocks: Vec<(&'s [Stmt], bool)>,
    /// Names, and those whose objects they may stand for as well.
    aliases: BTreeMap<Str, Vec<Str>>,
    /// Whether what is called on is left out.
    no_receivers: bool,
}

impl<'s> Work<'s> {
    fn run(&mut self, body: &'s [Stmt]) {
        self.blocks.push((body, true));
        while let Some((block, own)) = self.blocks.pop() {
            for stmt in block {
                self.stmt(stmt, own);
            }
        }
    }

    fn stmt(&mut self, stmt: &'s Stmt, own: bool) {
        let mut bound = Vec::new();
        match &stmt.kind {
            StmtKind::Assign(targets, value) => {
                self.expr(value);
                for target in targets {
                    self.target(target, &mut bound);
                    self.alias(target, value);
                }
            }
            StmtKind::Annotated(target, _, Some(value)) => {
                self.expr(value);
                self.target(target, &mut bound);
                self.alias(target, value);
            }
            StmtKind::Augment(target, _, value) => {
                self.expr(value);
                self.target(target, &mut bound);
                // A list is changed where it is.
                roots(target, &mut self.found.changed);
            }
            StmtKind::Expr(expr) => {
                if !self.no_receivers {
                    receiver(expr, &mut bound);
                }
                self.expr(expr);
            }
            StmtKind::Delete(targets) => targets.iter().for_each(|target| self.target(target, &mut bound)),
            StmtKind::If(tests) => {
                for (test, body) in tests {
                    if let Some(test) = test {
                        self.expr(test);
                    }
                    self.blocks.push((body, own));
                }
            }
            StmtKind::For(target, iter, body, orelse) => {
                self.expr(iter);
                self.target(target, &mut bound);
                self.alias(target, iter);
                self.blocks.extend([(body.as_slice(), own), (orelse, own)]);
            }
            StmtKind::While(test, body) => {
                self.expr(test);
                self.blocks.push((body, own));
            }
            StmtKind::Try(body, handlers, orelse, last) => {
                self.blocks.extend([(body.as_slice(), own), (orelse, own), (last, own)]);
                bound.extend(handlers.iter().filter_map(|handler| handler.name.clone()));
                self.blocks.extend(handlers.iter().map(|handler| (handler.body.as_slice(), own)));
            }
            StmtKind::With(items, body) => {
                for (item, to) in items {
                    self.expr(item);
                    if let Some(to) = to {
                        self.target(to, &mut bound);
                        self.alias(to, item);
                    }
                }
                self.blocks.push((body, own));
            }
            StmtKind::Import(list) => bound.extend(list.iter().map(|(name, to)| match to {
                Some(to) => to.clone(),
                None => name.split('.').next().unwrap_or(name).into(),
            })),
            StmtKind::ImportFrom(_, _, list) => {
                bound.extend(list.iter().map(|(name, to)| to.as_ref().unwrap_or(name).clone()));
            }
            StmtKind::Def(function) => {
                bound.push(function.name.clone());
                self.blocks.push((&function.body, false));
            }
            StmtKind::Class(class) => {
                bound.push(class.name.clone());
                // An attribute of the class is the object that it was given.
                for stmt in &class.body {
                    if let StmtKind::Assign(_, value) | StmtKind::Annotated(_, _, Some(value)) = &stmt.kind {
                        let of = self.aliases.entry(class.name.clone()).or_default();
                        roots(value, of);
                    }
                }
                self.blocks.push((&class.body, false));
            }
            StmtKind::Global(names) => self.found.globals.extend(names.iter().cloned()),
            // What is bound in the function around is found where that is looked at.
            StmtKind::Nonlocal(names) => self.found.bound.extend(names.iter().cloned()),
            StmtKind::Other(body) => self.blocks.push((body, own)),
            StmtKind::Return(Some(value)) | StmtKind::Raise(Some(value)) | StmtKind::Assert(value) => self.expr(value),
            _ => {}
        }
        if own {
            self.found.bound.append(&mut bound);
        } else if bound.iter().any(|name| &**name == "*") {
            self.found.bound.push("*".into());
        }
    }

    /// What is bound, or what is changed by being given something.
    fn target(&mut self, target: &'s Expr, bound: &mut Vec<Str>) {
        target_names(target, bound);
        let mut next = vec![target];
        while let Some(expr) = next.pop() {
            match &expr.kind {
                ExprKind::Tuple(list) | ExprKind::List(list) => next.extend(list),
                ExprKind::Starred(inner) => next.push(inner),
                ExprKind::Attribute(inner, _) | ExprKind::Index(inner, _) => {
                    roots(inner, &mut self.found.changed);
                    self.expr(inner);
                }
                _ => {}
            }
        }
    }

    fn alias(&mut self, target: &Expr, value: &Expr) {
        let (mut names, mut of): (Vec<Str>, Vec<Str>) = (Vec::new(), Vec::new());
        target_names(target, &mut names);
        roots(value, &mut of);
        for name in names {
            self.aliases.entry(name).or_default().extend(of.iter().cloned());
        }
    }

    /// What evaluating an expression may do.
    fn expr(&mut self, expr: &'s Expr) {
        let mut next = vec![expr];
        while let Some(expr) = next.pop() {
            match &expr.kind {
                ExprKind::Call(function, arguments) => {
                    match &function.kind {
                        ExprKind::Attribute(owner, name) if !READS.contains(&&**name) => {
                            roots(owner, &mut self.found.changed);
                        }
                        ExprKind::Name(name) if matches!(&**name, "exec" | "setattr") => {
                            self.found.bound.push("*".into());
                        }
                        ExprKind::Name(name) if !PURE.contains(&&**name) => {
                            self.found.called.insert(name.clone());
                            for argument in arguments {
                                roots(&argument.value, &mut self.found.changed);
                            }
                        }
                        _ => {}
                    }
                    next.push(function);
                    next.extend(arguments.iter().map(|argument| &argument.value));
                }
                ExprKind::Named(name, value) => {
                    self.found.bound.push(name.clone());
                    next.push(value);
                }
                ExprKind::Attribute(inner, _)
                | ExprKind::Starred(inner)
                | ExprKind::Not(inner)
                | ExprKind::Negative(inner) => next.push(inner),
                ExprKind::Index(a, b) | ExprKind::Binary(a, _, b) => next.extend([&**a, b]),
                ExprKind::Slice(a, b, c) => next.extend([a, b, c].into_iter().filter_map(|part| part.as_deref())),
                ExprKind::Conditional(a, b, c) => next.extend([&**a, b, c]),
                ExprKind::List(list)
                | ExprKind::Tuple(list)
                | ExprKind::Set(list)
                | ExprKind::And(list)
                | ExprKind::Or(list) => next.extend(list),
                ExprKind::Dict(entries) => {
                    next.extend(entries.iter().flat_map(|(key, value)| key.iter().chain([value])));
                }
                ExprKind::Compare(left, tests) => {
                    next.push(left);
                    next.extend(tests.iter().map(|(_, right)| right));
                }
                ExprKind::Comprehension(_, element, value, clauses) => {
                    next.push(element);
                    next.extend(value.as_deref());
                    next.extend(clauses.iter().flat_map(|clause| clause.ifs.iter().chain([&clause.iter])));
                    for clause in clauses {
                        self.alias(&clause.target, &clause.iter);
                    }
                }
                ExprKind::Format(parts) => next.extend(parts.iter().filter_map(|part| match part {
                    FormatPart::Value(value, _) => Some(value),
                    FormatPart::Text(_) => None,
                })),
                ExprKind::Lambda(function) => self.blocks.push((&function.body, false)),
                _ => {}
            }
        }
    }
}

/// The names that the value of an expression may be reached from.
fn roots(expr: &Expr, names: &mut impl Extend<Str>) {
    let mut next = vec![expr];
    while let Some(expr) = next.pop() {
        match &expr.kind {
            ExprKind::Name(name) => names.extend([name.clone()]),
            ExprKind::Attribute(inner, _)
            | ExprKind::Index(inner, _)
            | ExprKind::Starred(inner)
            | ExprKind::Named(_, inner) => next.push(inner),
            ExprKind::Call(function, arguments) => {
                if let ExprKind::Attribute(owner, _) = &function.kind {
                    next.push(owner);
                }
                // `enumerate(x)`, `list(x)`: the elements are the same.
                next.extend(arguments.iter().map(|argument| &argument.value));
            }
            ExprKind::Conditional(_, a, b) | ExprKind::Binary(a, _, b) => next.extend([&**a, b]),
            ExprKind::And(list) | ExprKind::Or(list) | ExprKind::List(list) | ExprKind::Tuple(list) => {
                next.extend(list);
            }
            ExprKind::Dict(entries) => next.extend(entries.iter().map(|(_, value)| value)),
            _ => {}
        }
    }
}

/// The name that a call such as `NAME.append(x)` may change.
fn receiver(expr: &Expr, names: &mut Vec<Str>) {
    let ExprKind::Call(function, _) = &expr.kind else { return };
    if let ExprKind::Attribute(value, _) = &function.kind {
        target_names(value, names);
    }
}

fn target_names(target: &Expr, names: &mut Vec<Str>) {
    let mut next = vec![target];
    while let Some(expr) = next.pop() {
        match &expr.kind {
            ExprKind::Name(name) => names.push(name.clone()),
            ExprKind::Tuple(list) | ExprKind::List(list) => next.extend(list),
            ExprKind::Starred(inner) | ExprKind::Attribute(inner, _) | ExprKind::Index(inner, _) => next.push(inner),
            // `globals()["NAME"] = …`
            ExprKind::Call(function, _) if matches!(&function.kind, ExprKind::Name(name) if matches!(&**name, "globals" | "locals" | "vars")) =>
            {
                names.push("*".into());
            }
            _ => {}
        }
    }
}
