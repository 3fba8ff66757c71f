//! The functions that rules have beyond the operators and macros of CEL.
//!
//! Few, pure and cheap. What takes knowledge of a format is no function but a fact of that format's model.

use super::value::V;
use hardlint_config::model::Piece;
use hardlint_config::schema::Type;
use std::borrow::Cow;

/// A function. It is called as a method of its first argument.
#[derive(Debug)]
pub(crate) struct Function {
    pub(crate) name: &'static str,
    /// The types of its arguments, the object first.
    pub(crate) arguments: &'static [Type],
    pub(crate) result: Type,
    /// Its value; the arguments are of those types, but text may have holes.
    pub(crate) call: for<'a> fn(&[V<'a>]) -> V<'a>,
}

/// All of them, by name.
pub(crate) static FUNCTIONS: &[Function] =
    &[Function { name: "lower", arguments: &[Type::String], result: Type::String, call: lower }];

/// The function called `name`.
pub(crate) fn named(name: &str) -> Option<&'static Function> {
    FUNCTIONS.iter().find(|function| function.name == name)
}

/// The text with its ASCII letters in lower case.
fn lower<'a>(arguments: &[V<'a>]) -> V<'a> {
    match arguments.first() {
        Some(V::Text(text)) => V::Text(Cow::Owned(text.to_ascii_lowercase())),
        Some(V::Pieces(pieces)) => {
            let lowered = pieces.iter().map(|piece| match piece {
                Piece::Known(text) => Piece::Known(text.to_ascii_lowercase()),
                hole @ Piece::Hole(_) => hole.clone(),
            });
            V::Pieces(Cow::Owned(lowered.collect()))
        }
        _ => V::of_another_type(),
    }
}
