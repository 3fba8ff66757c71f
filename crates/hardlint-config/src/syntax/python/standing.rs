//! What a line is written in, for whoever writes it: a setting stands in a module or in a class of it, and nowhere else.

use super::ast::{Stmt, StmtKind};
use super::parse;
use std::ops::Range;

/// What the statements around a line are a part of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// The module.
    Module,
    /// A class in it.
    Class,
}

/// What a statement on a line would be a part of, whatever stands there now; nothing inside of a function, of brackets or of a text.
pub fn standing(text: &str, line: Range<usize>) -> Option<Standing> {
    let (before, own, after) = (text.get(..line.start)?, text.get(line.clone())?, text.get(line.end..)?);
    let indent = own.len() - own.trim_start_matches([' ', '\t']).len();
    let with = [before, own.get(..indent)?, "_ = 0", after].concat();
    let at = u32::try_from(line.start + indent).ok()?;
    within(&parse(&with).body, at, Standing::Module)
}

fn within(body: &[Stmt], at: u32, standing: Standing) -> Option<Standing> {
    let stmt = body.iter().find(|stmt| stmt.span.start <= at && at < stmt.span.end)?;
    let inside = |bodies: &[&[Stmt]]| bodies.iter().find_map(|body| within(body, at, standing));
    match &stmt.kind {
        StmtKind::Assign(..) if stmt.span.start == at => Some(standing),
        StmtKind::If(branches) => branches.iter().find_map(|(_, body)| within(body, at, standing)),
        StmtKind::Try(body, handlers, orelse, last) => {
            let caught = || handlers.iter().find_map(|handler| within(&handler.body, at, standing));
            inside(&[body, orelse, last]).or_else(caught)
        }
        StmtKind::For(_, _, body, orelse) => inside(&[body, orelse]),
        StmtKind::While(_, body) | StmtKind::With(_, body) | StmtKind::Other(body) => inside(&[body]),
        StmtKind::Class(class) => within(&class.body, at, Standing::Class),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_stand_in_modules_and_classes_alone() {
        for (text, expected) in [
            ("A = 1\n|\n", Some(Standing::Module)),
            ("DEB|", Some(Standing::Module)),
            ("if x:\n    DEB|\nelse:\n    A = 1\n", Some(Standing::Module)),
            ("try:\n    import x\nexcept ImportError:\n    DEB|\n", Some(Standing::Module)),
            ("class C:\n    A = 1\n    DEB|\nB = 2\n", Some(Standing::Class)),
            ("def f():\n    DEB|\n", None),
            ("class C:\n    def f(self):\n        DEB|\n", None),
            ("M = [\n    DEB|\n]\n", None),
            ("X = '''\nDEB|\n'''\n", None),
            ("f(a,\n  DEB|)\n", None),
        ] {
            let at = text.find('|').unwrap();
            let text = text.replace('|', "");
            let start = text[..at].rfind('\n').map_or(0, |at| at + 1);
            let end = text[at..].find('\n').map_or(text.len(), |end| at + end);
            assert_eq!(standing(&text, start..end), expected, "{text}");
        }
    }
}
