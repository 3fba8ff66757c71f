//! Checks calls: `has`, `lost`, methods of text and lists, the macros, and the functions of the registry.

use super::{Checked, Checker, Ty, expect, plain};
use crate::expr::functions::{self, Function};
use crate::expr::ir::{Ir, Walk};
use crate::expr::parse::{Expr, ExprKind};
use crate::expr::pattern::Pattern;
use crate::expr::{Error, closest};
use std::ops::Range;

/// Methods that are known here; those of the registry come on top.
const METHODS: &[&str] = &[
    "all",
    "contains",
    "endsWith",
    "exists",
    "exists_one",
    "filter",
    "map",
    "matches",
    "orValue",
    "size",
    "startsWith",
];

/// How many lists may be walked inside each other.
const MAX_VARIABLES: usize = 8;

impl Checker<'_> {
    pub(super) fn call(&mut self, name: &str, arguments: &[Expr], at: &Range<usize>) -> Result<Checked, Error> {
        match (name, arguments) {
            ("has", [argument]) => self.has(argument),
            ("lost", [argument]) => self.lost(argument),
            ("size", [argument]) => self.size(argument),
            ("has" | "lost" | "size", _) => Err(Error::new(at.clone(), format!("`{name}` takes one argument"))),
            _ => {
                let message = if METHODS.contains(&name) || functions::named(name).is_some() {
                    format!("`{name}` stands behind what it asks: `k.{name}(…)`")
                } else {
                    let known = METHODS.iter().copied().chain(["has", "lost"]);
                    unknown(name, known.chain(functions::FUNCTIONS.iter().map(|it| it.name)))
                };
                Err(Error::new(at.clone(), message))
            }
        }
    }

    fn has(&mut self, argument: &Expr) -> Result<Checked, Error> {
        let checked = self.any(argument)?;
        let Some(path) = checked.path.filter(|_| matches!(checked.ir, Ir::Key(_) | Ir::Member(..) | Ir::Scope(_)))
        else {
            return Err(Error::new(argument.at.clone(), "`has` asks for a key, a name in a map or a scope around"));
        };
        let mut result = plain(Ir::Has(checked.ir.into()), Ty::Bool);
        let [if_true, _] = &mut result.present;
        // What a scope sets itself, holds in it.
        if let Some(key) = path.strip_prefix("own.") {
            if_true.insert(key.to_owned());
        } else if let Some((scope, key)) = path.split_once(".own.") {
            if_true.insert(format!("{scope}.{key}"));
        }
        if_true.insert(path);
        Ok(result)
    }

    fn size(&mut self, argument: &Expr) -> Result<Checked, Error> {
        let checked = self.value(argument)?;
        if !matches!(checked.ty, Ty::Text | Ty::List(_) | Ty::Map(_) | Ty::Any) {
            return Err(Error::new(argument.at.clone(), format!("{} has no size", checked.ty)));
        }
        Ok(plain(Ir::Size(checked.ir.into()), Ty::Int))
    }

    pub(super) fn method(
        &mut self,
        object: &Expr,
        name: &str,
        arguments: &[Expr],
        at: &Range<usize>,
    ) -> Result<Checked, Error> {
        match (name, arguments) {
            ("exists", [variable, inner]) => self.walk(Walk::Exists, object, variable, inner),
            ("all", [variable, inner]) => self.walk(Walk::All, object, variable, inner),
            ("exists_one", [variable, inner]) => self.walk(Walk::ExistsOne, object, variable, inner),
            ("filter", [variable, inner]) => self.walk(Walk::Filter, object, variable, inner),
            ("map", [variable, inner]) => self.walk(Walk::Map, object, variable, inner),
            ("exists" | "all" | "exists_one" | "filter" | "map", _) => {
                Err(Error::new(at.clone(), format!("`{name}` takes a variable and an expression: `xs.{name}(x, …)`")))
            }
            ("startsWith", [part]) => self.text(object, part, Ir::StartsWith),
            ("endsWith", [part]) => self.text(object, part, Ir::EndsWith),
            ("contains", [part]) => self.text(object, part, Ir::Contains),
            ("matches", [pattern]) => self.matches(object, pattern),
            ("orValue", [other]) => self.or_value(object, other),
            ("size", []) => self.size(object),
            ("startsWith" | "endsWith" | "contains" | "matches" | "orValue", _) => {
                Err(Error::new(at.clone(), format!("`{name}` takes one argument")))
            }
            ("size", _) => Err(Error::new(at.clone(), "`size` takes no argument here")),
            _ => {
                if let Some(function) = functions::named(name) {
                    self.function(function, object, arguments, at)
                } else {
                    let known = METHODS.iter().copied().chain(functions::FUNCTIONS.iter().map(|it| it.name));
                    Err(Error::new(at.clone(), unknown(name, known)))
                }
            }
        }
    }

    fn function(
        &mut self,
        function: &'static Function,
        object: &Expr,
        arguments: &[Expr],
        at: &Range<usize>,
    ) -> Result<Checked, Error> {
        if arguments.len() + 1 != function.arguments.len() {
            let message = format!("`{}` takes {} arguments", function.name, function.arguments.len() - 1);
            return Err(Error::new(at.clone(), message));
        }
        let mut checked = Vec::new();
        for (argument, ty) in [object].into_iter().chain(arguments).zip(function.arguments) {
            let value = self.value(argument)?;
            expect(&value, &Ty::of(*ty, self.schema), &argument.at)?;
            checked.push(value.ir);
        }
        Ok(plain(Ir::Call(function, checked.into()), Ty::of(function.result, self.schema)))
    }

    fn text(&mut self, object: &Expr, part: &Expr, make: fn(Box<(Ir, Ir)>) -> Ir) -> Result<Checked, Error> {
        let (text, sought) = (self.value(object)?, self.value(part)?);
        if let Ty::List(_) = text.ty {
            return Err(Error::new(object.at.clone(), "a list is asked with `in`: `x in xs`"));
        }
        expect(&text, &Ty::Text, &object.at)?;
        expect(&sought, &Ty::Text, &part.at)?;
        Ok(plain(make(Box::new((text.ir, sought.ir))), Ty::Bool))
    }

    fn matches(&mut self, object: &Expr, pattern: &Expr) -> Result<Checked, Error> {
        let text = self.value(object)?;
        expect(&text, &Ty::Text, &object.at)?;
        let ExprKind::Text(source) = &pattern.kind else {
            return Err(Error::new(pattern.at.clone(), "a pattern is written out, as a string"));
        };
        let compiled = Pattern::new(source)
            .map_err(|error| Error::new(pattern.at.clone(), format!("the pattern is wrong: {error}")))?;
        Ok(plain(Ir::Matches(text.ir.into(), compiled), Ty::Bool))
    }

    fn or_value(&mut self, object: &Expr, other: &Expr) -> Result<Checked, Error> {
        let (checked, instead) = (self.any(object)?, self.value(other)?);
        if !matches!(checked.ir, Ir::Key(_) | Ir::Member(..)) {
            return Err(Error::new(object.at.clone(), "`orValue` stands behind a key or a name in a map"));
        }
        if !checked.ty.may_be(&instead.ty) {
            let message = format!("{} is needed here, not {}", checked.ty, instead.ty);
            return Err(Error::new(other.at.clone(), message));
        }
        let ty = if checked.ty == Ty::Any { instead.ty } else { checked.ty };
        Ok(plain(Ir::OrValue(Box::new((checked.ir, instead.ir))), ty))
    }

    fn walk(&mut self, walk: Walk, object: &Expr, variable: &Expr, inner: &Expr) -> Result<Checked, Error> {
        let list = self.value(object)?;
        let element = match &list.ty {
            Ty::List(element) => (**element).clone(),
            Ty::Map(_) => Ty::Text,
            Ty::Any => Ty::Any,
            other => return Err(Error::new(object.at.clone(), format!("a list is needed here, not {other}"))),
        };
        let ExprKind::Name(name) = &variable.kind else {
            return Err(Error::new(variable.at.clone(), "a variable's name is needed here"));
        };
        if self.variables.len() >= MAX_VARIABLES {
            return Err(Error::new(variable.at.clone(), format!("lists are walked at most {MAX_VARIABLES} deep")));
        }
        let slot = self.variables.len();
        self.variables.push((name.clone(), element.clone()));
        let before = self.present.clone();
        // Paths through an earlier variable of this slot mean something else now.
        self.present.retain(|path| !path.contains(&format!("#{slot}")));
        let checked = if walk == Walk::Map { self.value(inner) } else { self.condition(inner) };
        self.present = before;
        self.variables.pop();
        let checked = checked?;
        let ty = match walk {
            Walk::Map => Ty::List(checked.ty.into()),
            Walk::Filter => Ty::List(element.into()),
            _ => Ty::Bool,
        };
        Ok(plain(Ir::Walk(walk, list.ir.into(), slot, checked.ir.into()), ty))
    }
}

fn unknown<'n>(name: &str, known: impl Iterator<Item = &'n str>) -> String {
    match closest(name, known) {
        Some(meant) => format!("there is no function `{name}`; did you mean `{meant}`?"),
        None => format!("there is no function `{name}`"),
    }
}
