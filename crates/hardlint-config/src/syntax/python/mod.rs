//! Python source, as far as configuration written in it needs: a small tree of our own, with exact places.
//!
//! The parsing is ruff's (`convert.rs` with its `matching.rs` is all that names it, as its API moves from release to release);
//! what is kept is what an evaluator of settings can use. Nothing here runs, imports or looks up anything.

mod ast;
mod convert;
mod effects;
mod guard;
mod standing;

use crate::text::Span;
pub use ast::{
    Argument, ArgumentName, BinaryOp, Class, Clause, CompareOp, ComprehensionKind, Expr, ExprKind, FormatPart,
    Function, Handler, Module, Parameter, ParameterKind, Stmt, StmtKind, SyntaxFault,
};
pub use effects::{Effects, bound_names, effects, set_names};
pub use standing::{Standing, standing};

/// Parses a module. Never fails: what could not be read is missing from the tree, and named in [`Module::faults`].
pub fn parse(text: &str) -> Module {
    match guard::too_deep(text) {
        Some(at) => Module { faults: vec![SyntaxFault { at, message: TOO_DEEP.to_owned() }], ..Module::default() },
        None => convert::module(text),
    }
}

/// What is said of text that nests deeper than any that people write.
const TOO_DEEP: &str = "the code nests too deep to be read";

/// The comments of a file: where each stands, from its `#` to the end of its line.
pub fn comments(text: &str) -> Vec<Span> {
    guard::comments(text)
}

#[cfg(test)]
mod tests;
