//! Python as settings are written in it, for the generators of Django and Flask.

pub(crate) mod expressions;
pub(crate) mod statements;
#[rustfmt::skip]
mod words;
