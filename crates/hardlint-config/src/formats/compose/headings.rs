//! What comments above services say that these are for: `# for tests only`, or `# the rest is for development`, which holds
//! for all that follow.
//!
//! Only prose counts: what is commented out says nothing of what stands below it.

use super::resolve::Service;
use crate::deployment::role::Role;
use crate::model::{Model, ScopeId};
use crate::text::FileId;
use crate::workspace::Reader;

/// Gives services the role that the comment above them tells, or that one further up tells of the rest of the file.
pub(super) fn fill(reader: &Reader<'_>, model: &mut Model, services: &[Service<'_>]) {
    let mut all: Vec<(FileId, u32, ScopeId)> = services
        .iter()
        .filter_map(|service| model.scope(service.id).map(|scope| (scope.at.file, scope.at.span.start, service.id)))
        .collect();
    all.sort_unstable_by_key(|(file, start, _)| (*file, *start));
    let mut rest: Option<(FileId, Role)> = None;
    for (file, start, id) in all {
        let before = reader.source(file).text.get(..start as usize).unwrap_or_default();
        let own = told(&above(before));
        if let Some((role, true)) = own {
            rest = Some((file, role));
        }
        let role = own.map(|(role, _)| role).or_else(|| rest.filter(|(of, _)| *of == file).map(|(_, role)| role));
        if let Some(scope) = model.scope_mut(id).filter(|scope| scope.role.is_none()) {
            scope.role = role;
        }
    }
}

/// The lines of the comment that ends a text, but for the line that the text breaks off in.
fn above(text: &str) -> Vec<&str> {
    let lines = text.lines().rev().skip(usize::from(!text.ends_with('\n'))).map(str::trim);
    lines.skip_while(|line| line.is_empty()).map_while(|line| line.strip_prefix('#')).collect()
}

/// What a comment says that a service is for, and whether it speaks of all that follow.
fn told(lines: &[&str]) -> Option<(Role, bool)> {
    let is_code = |line: &&str| line.trim_end().ends_with(':') || line.contains(": ");
    if lines.iter().any(is_code) {
        return None;
    }
    let text = lines.iter().rev().copied().collect::<Vec<_>>().join(" ").to_ascii_lowercase();
    let words: Vec<&str> = text.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let role = words.windows(3).find_map(|three| {
        let [first, second, third] = three else { return None };
        let words: &[&str] = if matches!(*second, "for") && *first != "not" { &[third] } else { &[] };
        words.iter().find_map(|word| purpose(word))
    });
    let first = || match words.get(..2)? {
        ["for", word] => purpose(word),
        _ => None,
    };
    let rest = words.iter().any(|word| matches!(*word, "rest" | "below" | "following"));
    role.or_else(first).map(|role| (role, rest))
}

fn purpose(word: &str) -> Option<Role> {
    match word {
        "test" | "tests" | "testing" => Some(Role::Test),
        "dev" | "developers" | "development" => Some(Role::Development),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_that_say_what_services_are_for() {
        for (comment, expected) in [
            (" the rest is for tests", Some((Role::Test, true))),
            (" For testing only", Some((Role::Test, false))),
            (" mails, for development", Some((Role::Development, false))),
            (" not for testing", None),
            (" for the tests of users", None),
            (" image: app # for testing", None),
            (" tests", None),
        ] {
            assert_eq!(told(&[comment]), expected, "{comment}");
        }
        assert_eq!(told(&["   image: mail", " for testing:"]), None);
    }

    #[test]
    fn the_comment_above_is_the_nearest_one() {
        assert_eq!(above("a: 1\n# b\n  # c\n\n  "), [" c", " b"]);
        assert_eq!(above("# b\na: 1\n"), [""; 0]);
    }
}
