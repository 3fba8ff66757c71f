//! Checks an expression against a format's table, and turns it into the form that is evaluated.
//!
//! Every name is settled here: an unknown key, a wrong type, or a key that may be absent where nothing asked whether it
//! is there, is an error with its place. So an expression that loads reads nothing that is not there.

mod calls;
mod names;

use super::Error;
use super::ir::Ir;
use super::parse::{Binary, Expr, ExprKind};
use hardlint_config::schema::{KindId, Schema, Type};
use std::collections::BTreeSet;
use std::fmt;
use std::ops::Range;

/// The type of an expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Ty {
    Null,
    Bool,
    Int,
    Float,
    Text,
    List(Box<Self>),
    Map(Box<Self>),
    /// A scope of that kind; of any, for a parent.
    Scope(Option<KindId>),
    Any,
}

/// A checked expression.
pub(crate) struct Checked {
    pub(crate) ir: Ir,
    pub(crate) ty: Ty,
    /// What it reads, spelt in one way, if it is a mere path that can be asked for.
    pub(super) path: Option<String>,
    /// Whether it may be absent.
    pub(super) optional: bool,
    /// Paths that are there if it is true, and if it is false.
    pub(super) present: [BTreeSet<String>; 2],
}

/// Which side of [`Checked::present`] holds when it is true.
const TRUE: usize = 0;
/// Which when it is false.
const FALSE: usize = 1;

/// Checks expressions of one rule.
pub(crate) struct Checker<'s> {
    pub(super) schema: &'s Schema,
    /// The kind of scope that the rule selects.
    pub(super) kind: KindId,
    /// Variables in scope: name, type, and slot, which also tells them apart in paths.
    pub(super) variables: Vec<(String, Ty)>,
    /// Paths that are known to be there.
    pub(super) present: BTreeSet<String>,
}

impl<'s> Checker<'s> {
    pub(crate) fn new(schema: &'s Schema, kind: KindId) -> Self {
        Self { schema, kind, variables: Vec::new(), present: BTreeSet::new() }
    }

    /// Checks a condition.
    pub(crate) fn condition(&mut self, expr: &Expr) -> Result<Checked, Error> {
        let checked = self.value(expr)?;
        expect(&checked, &Ty::Bool, &expr.at)?;
        Ok(checked)
    }

    /// From now on, what a true condition says is there, is there.
    pub(crate) fn assume(&mut self, condition: &Checked) {
        self.present.extend(condition.present[TRUE].iter().cloned());
    }

    /// Checks what a message prints: a path.
    pub(crate) fn printed(&mut self, expr: &Expr) -> Result<Ir, Error> {
        let checked = self.value(expr)?;
        match checked.ir {
            Ir::Key(_) | Ir::Label(_) | Ir::Member(..) | Ir::Lost(_) => Ok(checked.ir),
            _ => Err(Error::new(expr.at.clone(), "a message prints keys and labels")),
        }
    }

    /// Checks an expression whose value is read: what may be absent must have been asked for.
    pub(super) fn value(&mut self, expr: &Expr) -> Result<Checked, Error> {
        let checked = self.any(expr)?;
        self.must_be_there(&checked, &expr.at)?;
        Ok(checked)
    }

    pub(super) fn must_be_there(&self, checked: &Checked, at: &Range<usize>) -> Result<(), Error> {
        if let Some(path) = checked.path.as_deref().filter(|path| checked.optional && !self.present.contains(*path)) {
            let path = shown(path);
            let message = format!("`{path}` may be absent: ask `has({path}) && …`, or read `{path}.orValue(…)`");
            return Err(Error::new(at.clone(), message));
        }
        Ok(())
    }

    /// Checks an expression that may turn out to be absent, as `has` and `orValue` ask.
    pub(super) fn any(&mut self, expr: &Expr) -> Result<Checked, Error> {
        match &expr.kind {
            ExprKind::Null => Ok(plain(Ir::Null, Ty::Null)),
            ExprKind::Bool(known) => Ok(plain(Ir::Bool(*known), Ty::Bool)),
            ExprKind::Int(number) => Ok(plain(Ir::Int(*number), Ty::Int)),
            ExprKind::Float(number) => Ok(plain(Ir::Float(*number), Ty::Float)),
            ExprKind::Text(text) => Ok(plain(Ir::Text(text.as_str().into()), Ty::Text)),
            ExprKind::List(elements) => self.list(elements),
            ExprKind::Map(entries) => self.map(entries),
            ExprKind::Name(name) => self.name(name, &expr.at),
            ExprKind::Member(object, name, at) => self.member(object, name, at),
            ExprKind::Index(object, index) => self.index(object, index),
            ExprKind::Call(name, arguments) => self.call(name, arguments, &expr.at),
            ExprKind::Method(object, name, arguments, at) => self.method(object, name, arguments, at),
            ExprKind::Not(inner) => {
                let checked = self.condition(inner)?;
                let [yes, no] = checked.present;
                Ok(Checked { present: [no, yes], ..plain(Ir::Not(checked.ir.into()), Ty::Bool) })
            }
            ExprKind::Minus(inner) => {
                let checked = self.value(inner)?;
                if !matches!(checked.ty, Ty::Int | Ty::Float | Ty::Any) {
                    return Err(Error::new(inner.at.clone(), format!("a number is needed here, not {}", checked.ty)));
                }
                Ok(plain(Ir::Minus(checked.ir.into()), checked.ty))
            }
            ExprKind::And(parts) => self.joined(parts, TRUE),
            ExprKind::Or(parts) => self.joined(parts, FALSE),
            ExprKind::Binary(operator, a, b) => self.binary(*operator, a, b, &expr.at),
            ExprKind::If(condition, yes, no) => self.choice(condition, yes, no, &expr.at),
        }
    }

    fn list(&mut self, elements: &[Expr]) -> Result<Checked, Error> {
        let checked = elements.iter().map(|element| self.value(element)).collect::<Result<Vec<_>, _>>()?;
        let ty = common(checked.iter().map(|element| &element.ty));
        Ok(plain(Ir::List(checked.into_iter().map(|element| element.ir).collect()), Ty::List(ty.into())))
    }

    fn map(&mut self, entries: &[(Expr, Expr)]) -> Result<Checked, Error> {
        let mut checked = Vec::new();
        let mut types = Vec::new();
        for (key, value) in entries {
            let key_checked = self.value(key)?;
            expect(&key_checked, &Ty::Text, &key.at)?;
            let value = self.value(value)?;
            types.push(value.ty);
            checked.push((key_checked.ir, value.ir));
        }
        let ty = common(types.iter());
        Ok(plain(Ir::Map(checked.into()), Ty::Map(ty.into())))
    }

    /// `&&`, after each part of which it is true, and `||`, after each part of which it is false.
    fn joined(&mut self, parts: &[Expr], side: usize) -> Result<Checked, Error> {
        let before = self.present.clone();
        let mut checked = Vec::new();
        // If a part decides, it may be any of them: only what each says is there.
        let mut common: Option<BTreeSet<String>> = None;
        let mut through = BTreeSet::new();
        for part in parts {
            let part = self.condition(part)?;
            let [yes, no] = part.present;
            let (goes_on, decides) = if side == TRUE { (yes, no) } else { (no, yes) };
            common = Some(match common {
                Some(so_far) => so_far.intersection(&decides).cloned().collect(),
                None => decides,
            });
            self.present.extend(goes_on.iter().cloned());
            through.extend(goes_on);
            checked.push(part.ir);
        }
        self.present = before;
        let common = common.unwrap_or_default();
        let checked = checked.into();
        Ok(if side == TRUE {
            Checked { present: [through, common], ..plain(Ir::And(checked), Ty::Bool) }
        } else {
            Checked { present: [common, through], ..plain(Ir::Or(checked), Ty::Bool) }
        })
    }

    fn choice(&mut self, condition: &Expr, yes: &Expr, no: &Expr, at: &Range<usize>) -> Result<Checked, Error> {
        let condition = self.condition(condition)?;
        let before = self.present.clone();
        self.present.extend(condition.present[TRUE].iter().cloned());
        let yes = self.value(yes)?;
        self.present.clone_from(&before);
        self.present.extend(condition.present[FALSE].iter().cloned());
        let no = self.value(no)?;
        self.present = before;
        if !yes.ty.may_be(&no.ty) {
            let message = format!("the branches have different types: {} and {}", yes.ty, no.ty);
            return Err(Error::new(at.clone(), message));
        }
        let ty = common([&yes.ty, &no.ty].into_iter());
        let all = |side: usize| {
            let then: BTreeSet<_> = condition.present[TRUE].union(yes.present.get(side)?).cloned().collect();
            let other: BTreeSet<_> = condition.present[FALSE].union(no.present.get(side)?).cloned().collect();
            Some(then.intersection(&other).cloned().collect::<BTreeSet<_>>())
        };
        let present = [all(TRUE).unwrap_or_default(), all(FALSE).unwrap_or_default()];
        Ok(Checked { present, ..plain(Ir::If(Box::new((condition.ir, yes.ir, no.ir))), ty) })
    }

    fn binary(&mut self, operator: Binary, a: &Expr, b: &Expr, at: &Range<usize>) -> Result<Checked, Error> {
        let (left, right) = (self.value(a)?, self.value(b)?);
        let wrong = |what: &str| Err(Error::new(at.clone(), format!("{what}: {} and {}", left.ty, right.ty)));
        let number = |ty: &Ty| matches!(ty, Ty::Int | Ty::Float | Ty::Any);
        let ty = match operator {
            Binary::Equal | Binary::NotEqual => {
                let numbers = number(&left.ty) && number(&right.ty);
                if !numbers && !left.ty.may_be(&right.ty) && left.ty != Ty::Null && right.ty != Ty::Null {
                    return wrong("these types are never equal");
                }
                Ty::Bool
            }
            Binary::Less | Binary::AtMost | Binary::Greater | Binary::AtLeast => {
                let numbers = number(&left.ty) && number(&right.ty);
                let texts = left.ty.may_be(&Ty::Text) && right.ty.may_be(&Ty::Text);
                if !numbers && !texts {
                    return wrong("these types have no order");
                }
                Ty::Bool
            }
            Binary::In => return self.is_in(left, right, at),
            Binary::Plus if matches!((&left.ty, &right.ty), (Ty::Text | Ty::Any, Ty::Text | Ty::Any)) => {
                if left.ty == Ty::Any && right.ty == Ty::Any { Ty::Any } else { Ty::Text }
            }
            Binary::Plus if matches!((&left.ty, &right.ty), (Ty::List(_) | Ty::Any, Ty::List(_) | Ty::Any)) => {
                common([&left.ty, &right.ty].into_iter())
            }
            Binary::Modulo if left.ty == Ty::Float || right.ty == Ty::Float => {
                return wrong("only whole numbers have a remainder");
            }
            _ if number(&left.ty) && number(&right.ty) && left.ty.may_be(&right.ty) => {
                common([&left.ty, &right.ty].into_iter())
            }
            _ => return wrong("this operator does not work on these types"),
        };
        Ok(plain(Ir::Binary(operator, Box::new((left.ir, right.ir))), ty))
    }

    #[expect(clippy::unused_self, reason = "one of the family of checks, which read alike")]
    fn is_in(&mut self, left: Checked, right: Checked, at: &Range<usize>) -> Result<Checked, Error> {
        let fits = match &right.ty {
            Ty::List(element) => left.ty.may_be(element) || **element == Ty::Null || left.ty == Ty::Null,
            Ty::Map(_) => left.ty.may_be(&Ty::Text),
            Ty::Any => true,
            _ => return Err(Error::new(at.clone(), format!("`in` asks a list or a map, not {}", right.ty))),
        };
        if !fits {
            let message = format!("{} is never in {}", left.ty, right.ty);
            return Err(Error::new(at.clone(), message));
        }
        Ok(plain(Ir::In(Box::new((left.ir, right.ir))), Ty::Bool))
    }
}

/// A checked expression that is no path and says nothing of what is there.
pub(super) fn plain(ir: Ir, ty: Ty) -> Checked {
    Checked { ir, ty, path: None, optional: false, present: [BTreeSet::new(), BTreeSet::new()] }
}

pub(super) fn expect(checked: &Checked, ty: &Ty, at: &Range<usize>) -> Result<(), Error> {
    if checked.ty.may_be(ty) {
        return Ok(());
    }
    Err(Error::new(at.clone(), format!("{ty} is needed here, not {}", checked.ty)))
}

/// The type that all have, or any.
fn common<'t>(mut types: impl Iterator<Item = &'t Ty>) -> Ty {
    let Some(first) = types.next() else { return Ty::Any };
    types.fold(first.clone(), Ty::or)
}

/// A path as people write it: variables without their numbers.
fn shown(path: &str) -> String {
    let mut text = String::new();
    let mut rest = path;
    while let Some((before, after)) = rest.split_once('#') {
        text.push_str(before);
        rest = after.trim_start_matches(|c: char| c.is_ascii_digit());
    }
    text + rest
}

impl Ty {
    /// The type of a key's values.
    pub(super) fn of(ty: Type, schema: &Schema) -> Self {
        match ty {
            Type::Bool => Self::Bool,
            Type::Int => Self::Int,
            Type::Float => Self::Float,
            Type::String => Self::Text,
            Type::List(element) => Self::List(Self::of(*element, schema).into()),
            Type::Map(value) => Self::Map(Self::of(*value, schema).into()),
            Type::Scope(kind) => Self::Scope(schema.kind_named(kind)),
            Type::Any => Self::Any,
        }
    }

    /// The type of what may be either.
    fn or(self, other: &Self) -> Self {
        match (self, other) {
            (Self::List(a), Self::List(b)) => Self::List(a.or(b).into()),
            (Self::Map(a), Self::Map(b)) => Self::Map(a.or(b).into()),
            (same, other) if same == *other => same,
            _ => Self::Any,
        }
    }

    /// Whether a value can be of both types.
    pub(super) fn may_be(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Any, _) | (_, Self::Any) => true,
            (Self::List(a), Self::List(b)) | (Self::Map(a), Self::Map(b)) => a.may_be(b),
            (Self::Scope(a), Self::Scope(b)) => a.is_none() || b.is_none() || a == b,
            _ => self == other,
        }
    }
}

impl fmt::Display for Ty {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("null"),
            Self::Bool => f.write_str("a yes-or-no"),
            Self::Int => f.write_str("a whole number"),
            Self::Float => f.write_str("a number with a fraction"),
            Self::Text => f.write_str("text"),
            Self::List(element) if **element == Self::Any => f.write_str("a list"),
            Self::List(element) => write!(f, "a list of {element}"),
            Self::Map(_) => f.write_str("a map"),
            Self::Scope(_) => f.write_str("a scope"),
            Self::Any => f.write_str("anything"),
        }
    }
}
