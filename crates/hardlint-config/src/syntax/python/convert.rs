//! From ruff's tree to ours. Nothing outside of this module knows ruff.

mod matching;

use super::ast::{
    Argument, ArgumentName, BinaryOp, Class, Clause, CompareOp, ComprehensionKind, Expr, ExprKind, FormatPart,
    Function, Handler, Module, Parameter, ParameterKind, Stmt, StmtKind, SyntaxFault,
};
use crate::model::Str;
use crate::text::Span;
use ruff_python_ast as ruff;
use ruff_python_parser::{Mode, ParseOptions, parse_unchecked};
use ruff_text_size::{Ranged, TextRange};
use std::rc::Rc;

/// Expressions nested deeper than this are taken as [`ExprKind::Other`]: no setting needs them.
const MAX_DEPTH: usize = 100;

pub(super) fn module(text: &str) -> Module {
    let parsed = parse_unchecked(text, ParseOptions::from(Mode::Module));
    let faults = parsed.errors().iter();
    let faults = faults.map(|fault| SyntaxFault { at: span(fault.location), message: fault.error.to_string() });
    let faults = faults.collect();
    let body = match parsed.syntax() {
        ruff::Mod::Module(module) => Convert { depth: 0 }.block(&module.body),
        ruff::Mod::Expression(_) => Vec::new(),
    };
    Module { body, faults }
}

fn span(range: TextRange) -> Span {
    Span::new(range.start().to_usize(), range.end().to_usize())
}

struct Convert {
    depth: usize,
}

impl Convert {
    fn block(&mut self, body: &[ruff::Stmt]) -> Vec<Stmt> {
        self.depth += 1;
        let block = if self.depth > MAX_DEPTH {
            Vec::new()
        } else {
            body.iter().map(|stmt| Stmt { span: span(stmt.range()), kind: self.stmt(stmt) }).collect()
        };
        self.depth -= 1;
        block
    }

    fn stmt(&mut self, stmt: &ruff::Stmt) -> StmtKind {
        match stmt {
            ruff::Stmt::Expr(s) => StmtKind::Expr(self.expr(&s.value)),
            ruff::Stmt::Assign(s) => StmtKind::Assign(self.exprs(&s.targets), self.expr(&s.value)),
            ruff::Stmt::AugAssign(s) => StmtKind::Augment(self.expr(&s.target), binary_op(s.op), self.expr(&s.value)),
            ruff::Stmt::AnnAssign(s) => {
                let value = s.value.as_deref().map(|value| self.expr(value));
                StmtKind::Annotated(self.expr(&s.target), span(s.annotation.range()), value)
            }
            ruff::Stmt::If(s) => StmtKind::If(self.tests(s)),
            ruff::Stmt::For(s) if !s.is_async => {
                let (target, iter) = (self.expr(&s.target), self.expr(&s.iter));
                StmtKind::For(target, iter, self.block(&s.body), self.block(&s.orelse))
            }
            ruff::Stmt::While(s) if !s.orelse.is_empty() => {
                StmtKind::Other([self.block(&s.body), self.block(&s.orelse)].into_iter().flatten().collect())
            }
            ruff::Stmt::While(s) => StmtKind::While(self.expr(&s.test), self.block(&s.body)),
            ruff::Stmt::Try(s) => StmtKind::Try(
                self.block(&s.body),
                s.handlers.iter().map(|handler| self.handler(handler)).collect(),
                self.block(&s.orelse),
                self.block(&s.finalbody),
            ),
            ruff::Stmt::With(s) if !s.is_async => {
                let item = |item: &ruff::WithItem| {
                    let to = item.optional_vars.as_deref().map(|to| self.expr(to));
                    (self.expr(&item.context_expr), to)
                };
                if let [one] = s.items.as_slice()
                    && let ruff::Expr::Call(call) = &one.context_expr
                    && matches!(&*dotted(&call.func), "suppress" | "contextlib.suppress")
                    && call.arguments.keywords.is_empty()
                {
                    // What it is given is caught, and nothing done about it.
                    let kinds = ExprKind::Tuple(self.exprs(&call.arguments.args));
                    let catches = Expr { span: span(call.range()), kind: kinds };
                    let handler = Handler { catches: Some(catches), name: None, body: Vec::new() };
                    return StmtKind::Try(self.block(&s.body), vec![handler], Vec::new(), Vec::new());
                }
                let items = s.items.iter().map(item).collect();
                StmtKind::With(items, self.block(&s.body))
            }
            ruff::Stmt::Import(s) => StmtKind::Import(s.names.iter().map(alias).collect()),
            ruff::Stmt::ImportFrom(s) => {
                let module = s.module.as_ref().map_or("", |module| module.as_str());
                StmtKind::ImportFrom(s.level as usize, module.into(), s.names.iter().map(alias).collect())
            }
            ruff::Stmt::FunctionDef(s) => StmtKind::Def(Rc::new(self.function(s))),
            ruff::Stmt::ClassDef(s) => StmtKind::Class(Rc::new(self.class(s))),
            ruff::Stmt::Return(s) => StmtKind::Return(s.value.as_deref().map(|value| self.expr(value))),
            ruff::Stmt::Raise(s) => StmtKind::Raise(s.exc.as_deref().map(|value| self.expr(value))),
            ruff::Stmt::Assert(s) => StmtKind::Assert(self.expr(&s.test)),
            ruff::Stmt::Delete(s) => StmtKind::Delete(self.exprs(&s.targets)),
            ruff::Stmt::Global(s) => StmtKind::Global(s.names.iter().map(|name| name.as_str().into()).collect()),
            ruff::Stmt::Nonlocal(s) => StmtKind::Nonlocal(s.names.iter().map(|name| name.as_str().into()).collect()),
            ruff::Stmt::Break(_) => StmtKind::Break,
            ruff::Stmt::Continue(_) => StmtKind::Continue,
            ruff::Stmt::Pass(_) | ruff::Stmt::TypeAlias(_) | ruff::Stmt::IpyEscapeCommand(_) => StmtKind::Pass,
            ruff::Stmt::Match(s) => self.cases(s),
            ruff::Stmt::For(s) => {
                StmtKind::Other([self.block(&s.body), self.block(&s.orelse)].into_iter().flatten().collect())
            }
            ruff::Stmt::With(s) => StmtKind::Other(self.block(&s.body)),
        }
    }

    fn tests(&mut self, s: &ruff::StmtIf) -> Vec<(Option<Expr>, Vec<Stmt>)> {
        let mut tests = vec![(Some(self.expr(&s.test)), self.block(&s.body))];
        for clause in &s.elif_else_clauses {
            tests.push((clause.test.as_ref().map(|test| self.expr(test)), self.block(&clause.body)));
        }
        tests
    }

    fn handler(&mut self, handler: &ruff::ExceptHandler) -> Handler {
        let ruff::ExceptHandler::ExceptHandler(handler) = handler;
        Handler {
            catches: handler.type_.as_deref().map(|kind| self.expr(kind)),
            name: handler.name.as_ref().map(|name| name.as_str().into()),
            body: self.block(&handler.body),
        }
    }

    fn function(&mut self, s: &ruff::StmtFunctionDef) -> Function {
        let body = self.block(&s.body);
        let decorator = |decorator: &ruff::Decorator| dotted(&decorator.expression);
        let calls = s.decorator_list.iter().filter(|decorator| decorator.expression.is_call_expr());
        let decorator_calls = calls.map(|decorator| self.expr(&decorator.expression)).collect();
        Function {
            name: s.name.as_str().into(),
            parameters: self.parameters(&s.parameters),
            special: s.is_async || yields(&s.body),
            decorators: s.decorator_list.iter().map(decorator).collect(),
            decorated: s.decorator_list.iter().flat_map(|decorator| texts(&decorator.expression)).collect(),
            decorator_calls,
            body,
        }
    }

    fn parameters(&mut self, parameters: &ruff::Parameters) -> Vec<Parameter> {
        let mut list = Vec::new();
        for (kind, plain) in [
            (ParameterKind::Plain, &parameters.posonlyargs),
            (ParameterKind::Plain, &parameters.args),
            (ParameterKind::Keyword, &parameters.kwonlyargs),
        ] {
            list.extend(plain.iter().map(|parameter| Parameter {
                name: parameter.parameter.name.as_str().into(),
                default: parameter.default.as_deref().map(|default| self.expr(default)),
                kind,
            }));
        }
        let rest = [(ParameterKind::Rest, &parameters.vararg), (ParameterKind::RestByName, &parameters.kwarg)];
        list.extend(rest.into_iter().filter_map(|(kind, parameter)| {
            parameter.as_ref().map(|parameter| Parameter { name: parameter.name.as_str().into(), default: None, kind })
        }));
        list
    }

    fn class(&mut self, s: &ruff::StmtClassDef) -> Class {
        let bases = s.arguments.as_ref().map(|arguments| self.exprs(&arguments.args)).unwrap_or_default();
        let decorated = !s.decorator_list.is_empty();
        Class { name: s.name.as_str().into(), bases, decorated, body: self.block(&s.body) }
    }

    fn exprs(&mut self, list: &[ruff::Expr]) -> Vec<Expr> {
        list.iter().map(|expr| self.expr(expr)).collect()
    }

    fn boxed(&mut self, expr: &ruff::Expr) -> Box<Expr> {
        Box::new(self.expr(expr))
    }

    fn expr(&mut self, expr: &ruff::Expr) -> Expr {
        self.depth += 1;
        let kind = if self.depth > MAX_DEPTH { ExprKind::Other } else { self.kind(expr) };
        self.depth -= 1;
        Expr { span: span(expr.range()), kind }
    }

    fn kind(&mut self, expr: &ruff::Expr) -> ExprKind {
        match expr {
            ruff::Expr::NoneLiteral(_) => ExprKind::None,
            ruff::Expr::BooleanLiteral(e) => ExprKind::Bool(e.value),
            ruff::Expr::NumberLiteral(e) => number(&e.value),
            ruff::Expr::StringLiteral(e) => ExprKind::Str(e.value.to_str().into()),
            ruff::Expr::BytesLiteral(e) => ExprKind::Bytes(e.value.bytes().collect()),
            ruff::Expr::FString(e) => ExprKind::Format(self.format(e)),
            ruff::Expr::Name(e) => ExprKind::Name(e.id.as_str().into()),
            ruff::Expr::Attribute(e) => ExprKind::Attribute(self.boxed(&e.value), e.attr.as_str().into()),
            ruff::Expr::Subscript(e) => ExprKind::Index(self.boxed(&e.value), self.boxed(&e.slice)),
            ruff::Expr::Slice(e) => {
                let mut part = |part: &Option<Box<ruff::Expr>>| part.as_deref().map(|expr| self.boxed(expr));
                ExprKind::Slice(part(&e.lower), part(&e.upper), part(&e.step))
            }
            ruff::Expr::Call(e) => ExprKind::Call(self.boxed(&e.func), self.arguments(&e.arguments)),
            ruff::Expr::List(e) => ExprKind::List(self.exprs(&e.elts)),
            ruff::Expr::Tuple(e) => ExprKind::Tuple(self.exprs(&e.elts)),
            ruff::Expr::Set(e) => ExprKind::Set(self.exprs(&e.elts)),
            ruff::Expr::Dict(e) => ExprKind::Dict(
                e.items
                    .iter()
                    .map(|item| (item.key.as_ref().map(|key| self.expr(key)), self.expr(&item.value)))
                    .collect(),
            ),
            ruff::Expr::Starred(e) => ExprKind::Starred(self.boxed(&e.value)),
            ruff::Expr::ListComp(e) => self.comprehension(ComprehensionKind::List, &e.elt, None, &e.generators),
            ruff::Expr::SetComp(e) => self.comprehension(ComprehensionKind::Set, &e.elt, None, &e.generators),
            ruff::Expr::Generator(e) => self.comprehension(ComprehensionKind::Generator, &e.elt, None, &e.generators),
            ruff::Expr::DictComp(e) => match &e.key {
                Some(key) => self.comprehension(ComprehensionKind::Dict, key, Some(&e.value), &e.generators),
                None => ExprKind::Other,
            },
            ruff::Expr::BoolOp(e) => match e.op {
                ruff::BoolOp::And => ExprKind::And(self.exprs(&e.values)),
                ruff::BoolOp::Or => ExprKind::Or(self.exprs(&e.values)),
            },
            ruff::Expr::UnaryOp(e) => match e.op {
                ruff::UnaryOp::Not => ExprKind::Not(self.boxed(&e.operand)),
                ruff::UnaryOp::USub => ExprKind::Negative(self.boxed(&e.operand)),
                ruff::UnaryOp::UAdd | ruff::UnaryOp::Invert => ExprKind::Other,
            },
            ruff::Expr::BinOp(e) => ExprKind::Binary(self.boxed(&e.left), binary_op(e.op), self.boxed(&e.right)),
            ruff::Expr::Compare(e) => {
                let tests = e.ops.iter().zip(&e.comparators).map(|(op, to)| (compare_op(*op), self.expr(to))).collect();
                ExprKind::Compare(self.boxed(&e.left), tests)
            }
            ruff::Expr::If(e) => ExprKind::Conditional(self.boxed(&e.test), self.boxed(&e.body), self.boxed(&e.orelse)),
            ruff::Expr::Lambda(e) => self.lambda(e),
            ruff::Expr::Named(e) => match &*e.target {
                ruff::Expr::Name(name) => ExprKind::Named(name.id.as_str().into(), self.boxed(&e.value)),
                _ => ExprKind::Other,
            },
            ruff::Expr::Await(_)
            | ruff::Expr::Yield(_)
            | ruff::Expr::YieldFrom(_)
            | ruff::Expr::TString(_)
            | ruff::Expr::EllipsisLiteral(_)
            | ruff::Expr::IpyEscapeCommand(_) => ExprKind::Other,
        }
    }

    fn lambda(&mut self, e: &ruff::ExprLambda) -> ExprKind {
        let parameters = e.parameters.as_deref().map(|list| self.parameters(list)).unwrap_or_default();
        let value = self.expr(&e.body);
        let body = vec![Stmt { span: value.span, kind: StmtKind::Return(Some(value)) }];
        let name = "<lambda>".into();
        ExprKind::Lambda(Rc::new(Function {
            name,
            parameters,
            body,
            special: false,
            decorators: Vec::new(),
            decorated: Vec::new(),
            decorator_calls: Vec::new(),
        }))
    }

    fn arguments(&mut self, arguments: &ruff::Arguments) -> Vec<Argument> {
        let mut list: Vec<Argument> = Vec::with_capacity(arguments.args.len() + arguments.keywords.len());
        for arg in &arguments.args {
            list.push(match arg {
                ruff::Expr::Starred(inner) => Argument { name: ArgumentName::Rest, value: self.expr(&inner.value) },
                plain => Argument { name: ArgumentName::Place, value: self.expr(plain) },
            });
        }
        for keyword in &arguments.keywords {
            let name = match &keyword.arg {
                Some(name) => ArgumentName::Named(name.as_str().into()),
                None => ArgumentName::RestByName,
            };
            list.push(Argument { name, value: self.expr(&keyword.value) });
        }
        list
    }

    fn comprehension(
        &mut self,
        kind: ComprehensionKind,
        element: &ruff::Expr,
        value: Option<&ruff::Expr>,
        generators: &[ruff::Comprehension],
    ) -> ExprKind {
        let clause = |clause: &ruff::Comprehension| Clause {
            target: self.expr(&clause.target),
            iter: self.expr(&clause.iter),
            ifs: self.exprs(&clause.ifs),
        };
        let clauses = generators.iter().map(clause).collect();
        ExprKind::Comprehension(kind, self.boxed(element), value.map(|value| self.boxed(value)), clauses)
    }

    fn format(&mut self, e: &ruff::ExprFString) -> Vec<FormatPart> {
        let mut parts = Vec::new();
        for part in &e.value {
            match part {
                ruff::FStringPart::Literal(literal) => parts.push(FormatPart::Text(Str::from(&*literal.value))),
                ruff::FStringPart::FString(inner) => {
                    for element in &inner.elements {
                        match element {
                            ruff::InterpolatedStringElement::Literal(literal) => {
                                parts.push(FormatPart::Text(Str::from(&*literal.value)));
                            }
                            ruff::InterpolatedStringElement::Interpolation(value) => {
                                let plain = value.conversion == ruff::ConversionFlag::None
                                    && value.format_spec.is_none()
                                    && value.debug_text.is_none();
                                parts.push(FormatPart::Value(self.expr(&value.expression), plain));
                            }
                        }
                    }
                }
            }
        }
        parts
    }
}

fn alias(alias: &ruff::Alias) -> (Str, Option<Str>) {
    (alias.name.as_str().into(), alias.asname.as_ref().map(|name| name.as_str().into()))
}

fn number(value: &ruff::Number) -> ExprKind {
    match value {
        ruff::Number::Int(value) => value.as_i64().map_or(ExprKind::Other, ExprKind::Int),
        ruff::Number::Float(value) => ExprKind::Float(*value),
        ruff::Number::Complex { .. } => ExprKind::Other,
    }
}

/// The texts that a decorator is called with by their places.
fn texts(decorator: &ruff::Expr) -> Vec<Str> {
    let ruff::Expr::Call(call) = decorator else { return Vec::new() };
    let text = |argument: &ruff::Expr| match argument {
        ruff::Expr::StringLiteral(text) => Some(text.value.to_str().into()),
        _ => None,
    };
    call.arguments.args.iter().filter_map(text).collect()
}

/// `a.b.c` of a decorator; the function's name where it is called.
fn dotted(expr: &ruff::Expr) -> Str {
    let mut parts = Vec::new();
    let mut next = expr;
    loop {
        match next {
            ruff::Expr::Call(call) => next = &call.func,
            ruff::Expr::Attribute(e) => {
                parts.push(e.attr.as_str());
                next = &e.value;
            }
            ruff::Expr::Name(name) => {
                parts.push(name.id.as_str());
                break;
            }
            _ => break,
        }
    }
    parts.reverse();
    parts.join(".").into()
}

/// Whether statements make their function a generator. Only plain statements are looked at: a `yield` hidden in an
/// expression makes that expression unknown anyway.
fn yields(body: &[ruff::Stmt]) -> bool {
    let mut blocks = vec![body];
    while let Some(block) = blocks.pop() {
        for stmt in block {
            match stmt {
                ruff::Stmt::Expr(s) if matches!(&*s.value, ruff::Expr::Yield(_) | ruff::Expr::YieldFrom(_)) => {
                    return true;
                }
                ruff::Stmt::For(s) => blocks.push(&s.body),
                ruff::Stmt::While(s) => blocks.push(&s.body),
                ruff::Stmt::With(s) => blocks.push(&s.body),
                ruff::Stmt::Try(s) => blocks.push(&s.body),
                ruff::Stmt::If(s) => {
                    blocks.push(&s.body);
                    blocks.extend(s.elif_else_clauses.iter().map(|clause| &clause.body[..]));
                }
                _ => {}
            }
        }
    }
    false
}

fn binary_op(op: ruff::Operator) -> BinaryOp {
    match op {
        ruff::Operator::Add => BinaryOp::Add,
        ruff::Operator::Sub => BinaryOp::Sub,
        ruff::Operator::Mult => BinaryOp::Mul,
        ruff::Operator::Div => BinaryOp::Div,
        ruff::Operator::FloorDiv => BinaryOp::FloorDiv,
        ruff::Operator::Mod => BinaryOp::Mod,
        ruff::Operator::Pow => BinaryOp::Pow,
        ruff::Operator::BitOr => BinaryOp::Or,
        ruff::Operator::BitAnd => BinaryOp::And,
        ruff::Operator::MatMult | ruff::Operator::LShift | ruff::Operator::RShift | ruff::Operator::BitXor => {
            BinaryOp::Other
        }
    }
}

fn compare_op(op: ruff::CmpOp) -> CompareOp {
    match op {
        ruff::CmpOp::Eq => CompareOp::Eq,
        ruff::CmpOp::NotEq => CompareOp::NotEq,
        ruff::CmpOp::Lt => CompareOp::Lt,
        ruff::CmpOp::LtE => CompareOp::LtE,
        ruff::CmpOp::Gt => CompareOp::Gt,
        ruff::CmpOp::GtE => CompareOp::GtE,
        ruff::CmpOp::Is => CompareOp::Is,
        ruff::CmpOp::IsNot => CompareOp::IsNot,
        ruff::CmpOp::In => CompareOp::In,
        ruff::CmpOp::NotIn => CompareOp::NotIn,
    }
}
