//! What the validators of a class may change, which is then not known.

use crate::syntax::python::{Class, Expr, ExprKind, Function, Stmt, StmtKind};
use std::collections::BTreeSet;

/// The fields that the validators of a class may change; `*` for all.
pub(super) fn changing(class: &Class, changed: &mut BTreeSet<String>) {
    for stmt in &class.body {
        let StmtKind::Def(function) = &stmt.kind else { continue };
        let name = |name: &str| name.rsplit('.').next().unwrap_or(name).to_owned();
        for decorator in function.decorators.iter().map(|decorator| name(decorator)) {
            match decorator.as_str() {
                "validator" | "field_validator" if !returns_what_it_is_given(function) => {
                    changed.extend(function.decorated.iter().map(ToString::to_string));
                }
                "root_validator" | "model_validator" => assigned(&function.body, changed),
                _ => {}
            }
        }
    }
}

/// Whether a validator only refuses values: it gives back its own parameter, and never binds it anew.
fn returns_what_it_is_given(function: &Function) -> bool {
    let Some(value) = function.parameters.get(1) else { return false };
    let mut given = true;
    walk(&function.body, &mut |stmt| match &stmt.kind {
        StmtKind::Return(Some(Expr { kind: ExprKind::Name(name), .. })) => given &= *name == value.name,
        StmtKind::Return(_) => given = false,
        StmtKind::Assign(targets, _) => {
            given &= !targets.iter().any(|it| matches!(&it.kind, ExprKind::Name(name) if *name == value.name));
        }
        StmtKind::Augment(target, ..) => {
            given &= !matches!(&target.kind, ExprKind::Name(name) if *name == value.name);
        }
        _ => {}
    });
    given
}

/// The attributes and items that statements set; `*` where that may be any.
fn assigned(body: &[Stmt], changed: &mut BTreeSet<String>) {
    walk(body, &mut |stmt| {
        let target = |target: &Expr, changed: &mut BTreeSet<String>| match &target.kind {
            ExprKind::Attribute(_, name) => {
                changed.insert(name.to_string());
            }
            ExprKind::Index(_, index) => {
                let name = if let ExprKind::Str(name) = &index.kind { name } else { "*" };
                changed.insert(name.to_owned());
            }
            _ => {}
        };
        match &stmt.kind {
            StmtKind::Assign(targets, _) => targets.iter().for_each(|it| target(it, changed)),
            StmtKind::Augment(it, ..) | StmtKind::Annotated(it, ..) => target(it, changed),
            StmtKind::Expr(Expr { kind: ExprKind::Call(function, _), .. }) => match &function.kind {
                ExprKind::Name(name) if &**name == "setattr" => {
                    changed.insert("*".to_owned());
                }
                ExprKind::Attribute(_, name) if matches!(&**name, "update" | "setdefault" | "pop" | "__setattr__") => {
                    changed.insert("*".to_owned());
                }
                _ => {}
            },
            StmtKind::Return(Some(value)) if !matches!(value.kind, ExprKind::Name(_)) => {
                changed.insert("*".to_owned());
            }
            _ => {}
        }
    });
}

/// Does something with each statement, those in blocks included.
fn walk(body: &[Stmt], f: &mut dyn FnMut(&Stmt)) {
    let mut next = vec![body];
    while let Some(body) = next.pop() {
        for stmt in body {
            f(stmt);
            match &stmt.kind {
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
}
