//! Templates that Jinja fills in, with what is known of the variables: those of Ansible at hand, and what the template itself
//! says holds where nothing sets one.
//!
//! The filled text is what its program reads. Places in it are told where they come from: the template, and whatever set the
//! variables. What is not known stays in the text as it is written, for the formats to take as a hole.
//! Nothing is executed, and secrets that nobody could guess are not filled in.

mod ansible;
pub(crate) mod destination;
mod expression;
mod filters;
mod gather;
mod jinja;
mod parts;
mod template;
#[cfg(test)]
mod tests;
mod value;

pub use parts::{Filled, Place};

use crate::loader::Loader;
use crate::text::Source;
use crate::workspace::Memo;

/// Larger templates are not filled in.
const MAX_TEMPLATE: usize = 1 << 20;

/// Whether a file's name says that Jinja fills it in.
pub(crate) fn is_of_jinja(path: &str) -> bool {
    let lower = path.to_ascii_lowercase();
    [".j2", ".jinja2", ".jinja"].iter().any(|ending| lower.ends_with(ending))
}

/// The source as its program reads it, where it is a template of Jinja of which something is known; `alone` where nothing
/// but the file itself is to be looked at.
pub(crate) fn fill(loader: &dyn Loader, memo: &Memo, alone: bool, source: Source) -> Source {
    let named = is_of_jinja(&source.path);
    let marked = || source.text.contains("{{") || source.text.contains("{%");
    if !named || source.text.len() > MAX_TEMPLATE || source.lossy || !marked() {
        return source;
    }
    let variables = if alone { None } else { ansible::Variables::of(loader, memo, &source.path) };
    match jinja::fill(&source.text, variables.as_ref()) {
        Some((text, parts, places)) => {
            let mut filled = Source::new(source.path.clone(), text);
            let secrets = variables.map(|variables| variables.tree.secrets.clone()).unwrap_or_default();
            filled.filled = Some(Box::new(Filled::new(source, parts, places, secrets)));
            filled
        }
        None => source,
    }
}
