//! The tree.

use crate::model::Str;
use crate::text::Span;
use std::rc::Rc;

/// A parsed file.
#[derive(Debug, Default)]
pub struct Module {
    /// Its statements.
    pub body: Vec<Stmt>,
    /// What Python itself would refuse, in source order.
    pub faults: Vec<SyntaxFault>,
}

/// Something that Python would refuse.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyntaxFault {
    /// Where.
    pub at: Span,
    /// What.
    pub message: String,
}

/// A statement.
#[derive(Debug)]
pub struct Stmt {
    /// All of it.
    pub span: Span,
    /// What it is.
    pub kind: StmtKind,
}

/// The kinds of statement.
#[derive(Debug)]
pub enum StmtKind {
    /// An expression by itself.
    Expr(Expr),
    /// `a = b = value`.
    Assign(Vec<Expr>, Expr),
    /// `target op= value`.
    Augment(Expr, BinaryOp, Expr),
    /// `target: type = value`, the type by its place; without a value it binds nothing.
    Annotated(Expr, Span, Option<Expr>),
    /// `if`, `elif` and `else`, which has no test.
    If(Vec<(Option<Expr>, Vec<Stmt>)>),
    /// `for target in iter: body else: orelse`.
    For(Expr, Expr, Vec<Stmt>, Vec<Stmt>),
    /// `while test: body`.
    While(Expr, Vec<Stmt>),
    /// `try: body`, its handlers, `else` and `finally`.
    Try(Vec<Stmt>, Vec<Handler>, Vec<Stmt>, Vec<Stmt>),
    /// `with item as target, …: body`.
    With(Vec<(Expr, Option<Expr>)>, Vec<Stmt>),
    /// `import a.b as c, …`.
    Import(Vec<(Str, Option<Str>)>),
    /// `from ..module import a as b, …`: the dots, the module, the names (`*` alone for all).
    ImportFrom(usize, Str, Vec<(Str, Option<Str>)>),
    /// `def`.
    Def(Rc<Function>),
    /// `class`.
    Class(Rc<Class>),
    /// `return`.
    Return(Option<Expr>),
    /// `raise`.
    Raise(Option<Expr>),
    /// `assert`.
    Assert(Expr),
    /// `del a, b[c]`.
    Delete(Vec<Expr>),
    /// `global a, b`.
    Global(Vec<Str>),
    /// `nonlocal a, b`.
    Nonlocal(Vec<Str>),
    /// `break`.
    Break,
    /// `continue`.
    Continue,
    /// `pass`, and what binds nothing.
    Pass,
    /// Anything else: the statements in it, which may be run or not.
    Other(Vec<Stmt>),
}

/// An `except` clause.
#[derive(Debug)]
pub struct Handler {
    /// What it catches; everything if nothing is written.
    pub catches: Option<Expr>,
    /// The name of the exception in it.
    pub name: Option<Str>,
    /// Its statements.
    pub body: Vec<Stmt>,
}

/// A function, or a lambda, whose body is one `return`.
#[derive(Debug)]
pub struct Function {
    /// Its name.
    pub name: Str,
    /// Its parameters.
    pub parameters: Vec<Parameter>,
    /// Its statements.
    pub body: Vec<Stmt>,
    /// Whether calling it does not simply run its body: `async`, or a `yield`.
    pub special: bool,
    /// Names of decorators, as written.
    pub decorators: Vec<Str>,
    /// The texts that decorators are given by their places.
    pub decorated: Vec<Str>,
    /// The decorators that are calls.
    pub decorator_calls: Vec<Expr>,
}

/// One parameter.
#[derive(Debug)]
pub struct Parameter {
    /// Its name.
    pub name: Str,
    /// Its default.
    pub default: Option<Expr>,
    /// How arguments reach it.
    pub kind: ParameterKind,
}

/// How arguments reach a parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParameterKind {
    /// By place or by name.
    Plain,
    /// By name only.
    Keyword,
    /// `*args`.
    Rest,
    /// `**kwargs`.
    RestByName,
}

/// A class.
#[derive(Debug)]
pub struct Class {
    /// Its name.
    pub name: Str,
    /// What it inherits from, in order.
    pub bases: Vec<Expr>,
    /// Whether decorators may have made something else of it.
    pub decorated: bool,
    /// Its statements.
    pub body: Vec<Stmt>,
}

/// An expression.
#[derive(Debug)]
pub struct Expr {
    /// All of it, without parentheses around it.
    pub span: Span,
    /// What it is.
    pub kind: ExprKind,
}

/// The kinds of expression.
#[derive(Debug)]
pub enum ExprKind {
    /// `None`.
    None,
    /// `True`, `False`.
    Bool(bool),
    /// A whole number that fits.
    Int(i64),
    /// A number with a fraction.
    Float(f64),
    /// Text, its escapes resolved, neighbours joined.
    Str(Str),
    /// Bytes, one character each.
    Bytes(Box<[u8]>),
    /// An f-string.
    Format(Vec<FormatPart>),
    /// A name.
    Name(Str),
    /// `value.name`.
    Attribute(Box<Expr>, Str),
    /// `value[index]`.
    Index(Box<Expr>, Box<Expr>),
    /// `lower:upper:step` inside an index.
    Slice(Option<Box<Expr>>, Option<Box<Expr>>, Option<Box<Expr>>),
    /// A call.
    Call(Box<Expr>, Vec<Argument>),
    /// `[a, b]`.
    List(Vec<Expr>),
    /// `(a, b)`.
    Tuple(Vec<Expr>),
    /// `{a, b}`.
    Set(Vec<Expr>),
    /// `{k: v, **more}`: a missing key stands for `**`.
    Dict(Vec<(Option<Expr>, Expr)>),
    /// `*value`.
    Starred(Box<Expr>),
    /// `[element for …]` and its kin; the second expression is a dict's value.
    Comprehension(ComprehensionKind, Box<Expr>, Option<Box<Expr>>, Vec<Clause>),
    /// `a and b`.
    And(Vec<Expr>),
    /// `a or b`.
    Or(Vec<Expr>),
    /// `not a`.
    Not(Box<Expr>),
    /// `-a`.
    Negative(Box<Expr>),
    /// `a + b`.
    Binary(Box<Expr>, BinaryOp, Box<Expr>),
    /// `a < b < c`.
    Compare(Box<Expr>, Vec<(CompareOp, Expr)>),
    /// `body if test else other`: test, body, other.
    Conditional(Box<Expr>, Box<Expr>, Box<Expr>),
    /// `lambda`.
    Lambda(Rc<Function>),
    /// `name := value`.
    Named(Str, Box<Expr>),
    /// Anything else.
    Other,
}

/// A piece of an f-string.
#[derive(Debug)]
pub enum FormatPart {
    /// This text.
    Text(Str),
    /// A value; whether it stands there simply, without a conversion or a format.
    Value(Expr, bool),
}

/// What a comprehension makes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ComprehensionKind {
    /// A list.
    List,
    /// A set.
    Set,
    /// A dict.
    Dict,
    /// A generator.
    Generator,
}

/// `for target in iter if …`.
#[derive(Debug)]
pub struct Clause {
    /// What it binds.
    pub target: Expr,
    /// What it runs over.
    pub iter: Expr,
    /// What it lets through.
    pub ifs: Vec<Expr>,
}

/// An argument of a call.
#[derive(Debug)]
pub struct Argument {
    /// How it is given.
    pub name: ArgumentName,
    /// Its value.
    pub value: Expr,
}

/// How an argument is given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ArgumentName {
    /// By its place.
    Place,
    /// By this name.
    Named(Str),
    /// `*value`.
    Rest,
    /// `**value`.
    RestByName,
}

/// Binary operators.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BinaryOp {
    /// `+`
    Add,
    /// `-`
    Sub,
    /// `*`
    Mul,
    /// `/`
    Div,
    /// `//`
    FloorDiv,
    /// `%`
    Mod,
    /// `**`
    Pow,
    /// `|`
    Or,
    /// `&`
    And,
    /// The others.
    Other,
}

/// Comparisons.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CompareOp {
    /// `==`
    Eq,
    /// `!=`
    NotEq,
    /// `<`
    Lt,
    /// `<=`
    LtE,
    /// `>`
    Gt,
    /// `>=`
    GtE,
    /// `is`
    Is,
    /// `is not`
    IsNot,
    /// `in`
    In,
    /// `not in`
    NotIn,
}
