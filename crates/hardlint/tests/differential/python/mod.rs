//! Python as settings are written in it, for the generators of Django and Flask; and modules of real projects.

mod deployed;
pub(crate) mod expressions;
pub(crate) mod real;
pub(crate) mod statements;
#[rustfmt::skip]
mod words;
