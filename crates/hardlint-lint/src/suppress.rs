//! Findings that a comment allows: `# hardlint: allow[rule, …] reason` on the line or the line before, and
//! `# hardlint: allow-file[rule, …] reason` anywhere.
//!
//! Comments in which other tools' findings are suppressed are to be read here as well, as [`Allow`]s of the rules whose
//! `equivalents` they name.

use crate::diagnostic::Diagnostic;
use crate::expr::closest;
use crate::ruleset::RuleSet;
use hardlint_config::text::{Source, Span};
use std::sync::Arc;

/// The id under which an allow that allows nothing is reported.
pub const UNUSED: &str = "hardlint/unused-allow";

const WORD: &str = "hardlint:";

/// One rule, or pattern of rules, that a comment allows.
#[derive(Clone, Debug)]
pub(crate) struct Allow {
    pub(crate) source: Arc<Source>,
    /// Where its rule is named.
    pub(crate) span: Span,
    pub(crate) rule: String,
    /// The line that it is for, from 1; all of them if there is none.
    line: Option<usize>,
    pub(crate) used: bool,
}

/// The allows in a file, whose comments `comments` finds.
pub(crate) fn allows(source: &Arc<Source>, comments: fn(&str) -> Vec<Span>) -> Vec<Allow> {
    // Most files have none, and are not looked through for comments.
    if !source.text.contains(WORD) {
        return Vec::new();
    }
    let comments = comments(&source.text);
    let mut found = Vec::new();
    for comment in &comments {
        read(source, *comment, &comments, &mut found);
    }
    found
}

fn read(source: &Arc<Source>, comment: Span, comments: &[Span], found: &mut Vec<Allow>) {
    let text = source.slice(comment);
    let Some((before, after)) = text.split_once(WORD) else { return };
    // Only at the start of a comment: `# see hardlint: allow[…]` is prose.
    if !before.chars().all(|c| !c.is_alphanumeric()) {
        return;
    }
    let rest = after.trim_start();
    let (whole_file, rest) = match rest.strip_prefix("allow-file") {
        Some(rest) => (true, rest),
        None => match rest.strip_prefix("allow") {
            Some(rest) => (false, rest),
            None => return,
        },
    };
    let Some((rules, _)) = rest.strip_prefix('[').and_then(|rest| rest.split_once(']')) else { return };
    let line = (!whole_file).then(|| line_meant(source, comment, comments));
    let mut at = comment.range().start + text.len() - rest.len() + 1;
    for part in rules.split(',') {
        let rule = part.trim();
        let start = at + (part.len() - part.trim_start().len());
        at += part.len() + 1;
        if !rule.is_empty() {
            let span = Span::new(start, start + rule.len());
            found.push(Allow { source: source.clone(), span, rule: rule.to_owned(), line, used: false });
        }
    }
}

/// The line that a comment is about: its own if something stands before it there, else the next that is not a comment.
fn line_meant(source: &Source, comment: Span, comments: &[Span]) -> usize {
    let own = source.position(comment.start).line;
    let alone = |line: usize| {
        let text = source.line(line);
        let start = source.lines().get(line.saturating_sub(1)).map_or(0, |start| *start as usize);
        let first = start + (text.len() - text.trim_start().len());
        comments.iter().any(|comment| comment.range().start == first)
    };
    if !alone(own) {
        return own;
    }
    let mut line = own + 1;
    while alone(line) {
        line += 1;
    }
    line
}

impl Allow {
    /// Whether the finding is allowed by it.
    pub(crate) fn covers(&self, finding: &Diagnostic, rules: &RuleSet) -> bool {
        let here = finding.primary.source.path == self.source.path;
        here && self.line.is_none_or(|line| line == finding.primary.start().line) && self.names(&finding.rule, rules)
    }

    /// Whether it names that rule: by its id, one that it had before, or a pattern with `*`.
    pub(crate) fn names(&self, id: &str, rules: &RuleSet) -> bool {
        if matches(&self.rule, id) {
            return true;
        }
        let aliases = || rules.named(id).map(|rule| rule.rule.aliases.as_slice()).unwrap_or_default();
        self.rule.contains('/') && aliases().iter().any(|alias| matches(&self.rule, alias))
    }

    /// What is wrong with an allow that allowed nothing: it names no rule, or one that did not fire.
    pub(crate) fn complaint(&self, rules: &RuleSet) -> String {
        if self.rule.contains('*') || rules.named(&self.rule).is_some() {
            return format!("`{}` is allowed here, but does not fire", self.rule);
        }
        let known = rules.all().map(|rule| rule.rule.id.as_str());
        let meant = closest(&self.rule, known).map(|id| format!("; did you mean `{id}`?")).unwrap_or_default();
        format!("`{}` is no rule, so that it allows nothing{meant}", self.rule)
    }
}

/// Whether a rule's id fits a pattern, in which `*` stands for anything.
pub(crate) fn matches(pattern: &str, id: &str) -> bool {
    let mut parts = pattern.split('*');
    let Some(mut rest) = parts.next().and_then(|first| id.strip_prefix(first)) else { return false };
    let mut parts = parts.peekable();
    if parts.peek().is_none() {
        return rest.is_empty();
    }
    while let Some(part) = parts.next() {
        if parts.peek().is_none() {
            return rest.ends_with(part);
        }
        match rest.find(part) {
            Some(at) => rest = rest.get(at + part.len()..).unwrap_or_default(),
            None => return false,
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    fn comments(text: &str) -> Vec<Span> {
        let starts = text.match_indices('#').map(|(at, _)| at);
        starts.map(|at| Span::new(at, at + text[at..].find('\n').unwrap_or(text.len() - at))).collect()
    }

    fn lines(text: &str) -> Vec<(String, Option<usize>)> {
        let source = Arc::new(Source::new("a", text));
        allows(&source, comments).into_iter().map(|allow| (allow.rule, allow.line)).collect()
    }

    #[test]
    fn an_allow_is_for_its_line_or_the_next_one_of_code() {
        assert_eq!(lines("x # hardlint: allow[a/b] why\n"), [("a/b".to_owned(), Some(1))]);
        assert_eq!(lines("# hardlint: allow[a/b]\n# more\nx\n"), [("a/b".to_owned(), Some(3))]);
        let both = [("a/b".to_owned(), None), ("c/*".to_owned(), None)];
        assert_eq!(lines("# hardlint: allow-file[a/b, c/*] all of it\n"), both);
    }

    #[test]
    fn prose_allows_nothing() {
        assert!(lines("# write hardlint: allow[a/b] here\n").is_empty());
        assert!(lines("# hardlint: allow a/b\n").is_empty());
    }

    #[test]
    fn a_rule_is_told_at_its_name() {
        let text = "  # hardlint: allow[a/b,  c/d]\nx";
        let source = Arc::new(Source::new("a", text));
        let told: Vec<_> = allows(&source, comments).iter().map(|allow| source.slice(allow.span).to_owned()).collect();
        assert_eq!(told, ["a/b", "c/d"]);
    }

    #[test]
    fn patterns_are_whole() {
        assert!(matches("nginx/*", "nginx/tls"));
        assert!(matches("*", "nginx/tls"));
        assert!(matches("*/tls*", "nginx/tls-old"));
        assert!(!matches("nginx/t", "nginx/tls"));
        assert!(!matches("*/tl", "nginx/tls"));
    }
}
