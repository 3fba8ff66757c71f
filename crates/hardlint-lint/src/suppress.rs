//! Findings that a comment allows: `# hardlint: allow[rule, …] reason` on the line or the line before, and
//! `# hardlint: allow-file[rule, …] reason` anywhere.
//!
//! Comments in which other tools' findings are suppressed are read as well (`foreign.rs`), as [`Allow`]s of the rules whose
//! `equivalents` they name.

mod foreign;

use crate::diagnostic::{Diagnostic, Label, Place, Severity};
use crate::expr::closest;
use crate::ruleset::RuleSet;
use crate::settings::nearest;
use hardlint_config::text::{Source, Span};
use memchr::memmem;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;
use std::sync::Arc;

/// The id under which an allow that allows nothing is reported.
pub const UNUSED: &str = "hardlint/unused-allow";
/// The id under which an allow without a reason is reported, where the settings ask for one.
pub const UNREASONED: &str = "hardlint/allow-without-reason";

/// What a finding about an allow says.
#[derive(Debug)]
pub struct About {
    /// The id under which it is told.
    pub rule: &'static str,
    /// What is wrong, in a few words.
    pub title: &'static str,
    /// The harm.
    pub severity: Severity,
    /// The way out.
    pub fix: &'static str,
    /// What goes wrong.
    pub why: &'static str,
}

pub(crate) const UNUSED_ALLOW: About = About {
    rule: UNUSED,
    title: "an allow allows nothing",
    severity: Severity::Low,
    fix: "remove it, or name the rule that is meant",
    why: "An allow that allows nothing hides the next fault of its kind from whoever reads it.",
};

pub(crate) const UNREASONED_ALLOW: About = About {
    rule: UNREASONED,
    title: "an allow does not say why",
    severity: Severity::Medium,
    fix: "write the reason behind the bracket",
    why: "Whoever reads an allow later has to know what it rests on, to tell whether it still holds.",
};

/// What is told of allows, beside what rules find.
pub const ABOUT: [&About; 2] = [&UNREASONED_ALLOW, &UNUSED_ALLOW];

const WORD: &str = "hardlint:";
/// The same without the colon, which is left out by mistake.
const NAME: &str = "hardlint";

/// One rule, or pattern of rules, that a comment allows.
#[derive(Clone, Debug)]
pub(crate) struct Allow {
    pub(crate) source: Arc<Source>,
    /// Where its rule is named.
    pub(crate) span: Span,
    /// As it is named there; of another tool, empty where all of its findings are meant.
    pub(crate) rule: String,
    /// The lines that it is for, from 1; all of them if there are none.
    lines: Option<RangeInclusive<usize>>,
    /// The other tool that it is for, by its name in `equivalents`.
    pub(crate) tool: Option<&'static str>,
    /// Whether it says why.
    pub(crate) reasoned: bool,
    pub(crate) used: bool,
    /// Whether it stands in a file of variables that a template is filled in with, beside a value.
    pub(crate) of_values: bool,
    /// The day from which on it allows nothing any more.
    until: Option<i64>,
    /// Why it allows nothing, where it is not written as an allow is.
    fault: Option<String>,
}

/// Whether a comment may allow something, be it in our words or in another tool's.
pub(crate) fn may_be_in(comment: &str) -> bool {
    comment.contains(NAME) || foreign::may_be_in(comment)
}

/// The allows in a file, whose comments `comments` finds, and `statements` those that may go on over several lines.
pub(crate) fn allows(
    source: &Arc<Source>,
    comments: fn(&str) -> Vec<Span>,
    statements: impl Fn(&str) -> Vec<Span>,
) -> Vec<Allow> {
    // Most files have none, and are not looked through for comments.
    let (own, others) =
        (memmem::find(source.text.as_bytes(), NAME.as_bytes()).is_some(), foreign::may_be_in(&source.text));
    if !own && !others {
        return Vec::new();
    }
    let comments = comments(&source.text);
    let below = below(source, &comments);
    let ends = if own { ends(source, &statements(&source.text)) } else { Ends::new() };
    let mut found = Vec::new();
    for comment in &comments {
        if own {
            read(source, *comment, (&below, &ends), &mut found);
        }
        if others {
            foreign::read(source, *comment, &below, &mut found);
        }
    }
    found
}

/// For each line that holds nothing but a comment, the next that is none of these.
type Below = BTreeMap<usize, usize>;

fn below(source: &Source, comments: &[Span]) -> Below {
    let alone = |comment: &Span| {
        let line = source.position(comment.start).line;
        let text = source.line(line);
        let start = source.lines().get(line.saturating_sub(1)).map_or(0, |start| *start as usize);
        (comment.range().start == start + (text.len() - text.trim_start().len())).then_some(line)
    };
    let lines: BTreeSet<usize> = comments.iter().filter_map(alone).collect();
    let mut below = Below::new();
    for line in lines.into_iter().rev() {
        let next = below.get(&(line + 1)).copied().unwrap_or(line + 1);
        below.insert(line, next);
    }
    below
}

/// For each line that a statement begins on which goes on behind it, the last one of that.
type Ends = BTreeMap<usize, usize>;

fn ends(source: &Source, statements: &[Span]) -> Ends {
    let mut ends = Ends::new();
    for span in statements {
        let (first, last) = (source.position(span.start).line, source.position(span.end).line);
        if last > first {
            let end = ends.entry(first).or_default();
            *end = last.max(*end);
        }
    }
    ends
}

fn read(source: &Arc<Source>, comment: Span, (below, ends): (&Below, &Ends), found: &mut Vec<Allow>) {
    let text = source.slice(comment);
    let Some((before, after)) = text.split_once(WORD) else {
        found.extend(without_colon(source, comment));
        return;
    };
    // Only at the start of a comment: `# see hardlint: allow[…]` is prose.
    if !before.chars().all(|c| !c.is_alphanumeric()) {
        return;
    }
    let rest = after.trim_start();
    let length = rest.find(|c: char| !c.is_alphanumeric() && c != '-' && c != '_').unwrap_or(rest.len());
    let (word, rest) = rest.split_at(length);
    let faulty = |fault: String| {
        let start = comment.range().start + text.len() - rest.len() - word.len();
        let span = Span::new(start, start + word.len());
        let (source, rule) = (source.clone(), word.to_owned());
        Allow {
            source,
            span,
            rule,
            lines: None,
            tool: None,
            reasoned: true,
            used: false,
            of_values: false,
            until: None,
            fault: Some(fault),
        }
    };
    let whole_file = match word {
        "allow-file" => true,
        "allow" => false,
        _ => {
            found.extend(slip(word, rest).map(faulty));
            return;
        }
    };
    let Some((rules, reason)) = rest.strip_prefix('[').and_then(|rest| rest.split_once(']')) else {
        let rule = rest.split_whitespace().next().filter(|word| word.contains('/')).unwrap_or("rule");
        let rule = rule.trim_matches(|c: char| !c.is_alphanumeric() && c != '*');
        let what = if rest.starts_with('[') { "its bracket is not closed" } else { "its rules stand in brackets" };
        found.push(faulty(format!("nothing is allowed here, as {what}: write `{word}[{rule}]`")));
        return;
    };
    if rules.split(',').all(|rule| rule.trim().is_empty()) {
        found.push(faulty(format!("nothing is allowed here, as no rule is named: write `{word}[rule]`")));
    }
    let reasoned = reason.chars().any(char::is_alphanumeric);
    let lines = (!whole_file)
        .then(|| line_meant(source, comment, below))
        .map(|line| line..=ends.get(&line).copied().unwrap_or(line));
    let mut at = comment.range().start + text.len() - rest.len() + 1;
    for part in rules.split(',') {
        let rule = part.trim();
        let start = at + (part.len() - part.trim_start().len());
        at += part.len() + 1;
        if !rule.is_empty() {
            let span = Span::new(start, start + rule.len());
            let (source, lines) = (source.clone(), lines.clone());
            let rule = rule.to_owned();
            found.push(Allow {
                source,
                span,
                rule,
                lines,
                tool: None,
                reasoned,
                used: false,
                of_values: false,
                until: None,
                fault: None,
            });
        }
    }
}

/// What other tools call it when a finding is not to be told.
const ELSEWHERE: &[&str] = &[
    "disable",
    "disable-file",
    "disable-line",
    "disable-next-line",
    "ignore",
    "ignore-file",
    "noqa",
    "nosec",
    "skip",
    "suppress",
];

/// What is wrong with a comment that is to allow something and does not say `allow`: it is meant so only if a list or the
/// id of a rule follows.
fn slip(word: &str, behind: &str) -> Option<String> {
    let near = nearest(word, &["allow", "allow-file"]);
    let meant = near
        .or_else(|| ELSEWHERE.contains(&word).then(|| if word.ends_with("-file") { "allow-file" } else { "allow" }))?;
    let list = behind.starts_with(['[', '(', '=', ':']);
    let named = || behind.split_whitespace().next().is_some_and(|next| next.contains('/'));
    (list || named()).then(|| format!("`{word}` allows nothing: write `{meant}[rule]`"))
}

/// A comment that is to allow something, and has no colon behind the name: `# hardlint-allow a/b`.
fn without_colon(source: &Arc<Source>, comment: Span) -> Option<Allow> {
    let text = source.slice(comment);
    let (before, after) = text.split_once(NAME)?;
    let rest = after.strip_prefix(['-', ' ', '.', '='])?;
    if before.chars().any(char::is_alphanumeric) {
        return None;
    }
    let length = rest.find(|c: char| !c.is_alphanumeric() && c != '-' && c != '_').unwrap_or(rest.len());
    let (word, behind) = rest.split_at(length);
    let said = match word {
        "allow" | "allow-file" => slip("ignore", behind).map(|_| format!("write `{WORD} {word}[rule]`")),
        _ => None,
    };
    let start = comment.range().start + before.len();
    let written = text.get(before.len()..text.len() - behind.len())?;
    let fault = Some(format!("`{written}` allows nothing: {}", said?));
    let (span, rule) = (Span::new(start, start + written.len()), word.to_owned());
    Some(Allow {
        source: source.clone(),
        span,
        rule,
        lines: None,
        tool: None,
        reasoned: true,
        used: false,
        of_values: false,
        until: None,
        fault,
    })
}

/// The line that a comment is about: its own if something stands before it there, else the next that is not a comment.
fn line_meant(source: &Source, comment: Span, below: &Below) -> usize {
    let own = source.position(comment.start).line;
    below.get(&own).copied().unwrap_or(own)
}

impl Allow {
    /// Whether the finding is allowed by it at one of its places: what it is for is the line of that, or the one on which the
    /// statement around it begins.
    pub(crate) fn covers(&self, finding: &Diagnostic, place: &Place, rules: &RuleSet) -> bool {
        if self.fault.is_some() {
            return false;
        }
        let source = &place.label.source;
        let starts = [place.label.span.start, place.begins].map(|at| source.position(at).line);
        let here = source.path == self.source.path
            && self.lines.as_ref().is_none_or(|lines| starts.iter().any(|line| lines.contains(line)));
        here && match self.tool {
            None => self.names(&finding.rule, rules),
            // That all is well on a line was said of another tool's findings: what does harm is told all the same.
            Some(_) if self.rule.is_empty() => finding.severity <= Severity::Low,
            Some(tool) => {
                let same = rules.named(&finding.rule).map(|rule| rule.rule.equivalents.as_slice()).unwrap_or_default();
                same.iter().any(|same| foreign::is_same(same, tool, &self.rule))
            }
        }
    }

    /// Whether it is for the line with the value, in a file of variables, that the finding in a template rests on.
    pub(crate) fn covers_value(&self, finding: &Diagnostic, value: &Label, rules: &RuleSet) -> bool {
        let line = value.source.position(value.span.start).line;
        self.of_values
            && self.fault.is_none()
            && value.source.path == self.source.path
            && self.lines.as_ref().is_none_or(|lines| lines.contains(&line))
            && self.names(&finding.rule, rules)
    }

    /// Whether it still holds on a day.
    pub(crate) fn holds(&self, today: Option<i64>) -> bool {
        today.zip(self.until).is_none_or(|(today, until)| today < until)
    }

    /// Whether it names that rule: by its id, one that it had before, or a pattern with `*`.
    pub(crate) fn names(&self, id: &str, rules: &RuleSet) -> bool {
        if matches(&self.rule, id) {
            return true;
        }
        let aliases = || rules.named(id).map(|rule| rule.rule.aliases.as_slice()).unwrap_or_default();
        self.rule.contains('/') && aliases().iter().any(|alias| matches(&self.rule, alias))
    }

    /// Whether it is not even one.
    pub(crate) fn is_faulty(&self) -> bool {
        self.fault.is_some()
    }

    /// What is wrong with an allow that allowed nothing: it names no rule, or one that did not fire.
    pub(crate) fn complaint(&self, rules: &RuleSet) -> String {
        if let Some(fault) = &self.fault {
            return fault.clone();
        }
        if self.rule.contains('*') || rules.named(&self.rule).is_some() {
            return format!("`{}` is allowed here, but does not fire", self.rule);
        }
        let known = rules.all().map(|rule| rule.rule.id.as_str());
        let meant = closest(&self.rule, known).map(|id| format!("; did you mean `{id}`?"));
        let meant = meant.unwrap_or_else(|| "; `hardlint rules` lists all that there are".to_owned());
        format!("`{}` is no rule, so that it allows nothing{meant}", self.rule)
    }
}

/// Whether a rule's id fits a pattern, in which `*` stands for anything.
pub fn matches(pattern: &str, id: &str) -> bool {
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
        let line = |allow: &Allow| allow.lines.as_ref().map(|lines| *lines.start());
        let all = allows(&source, comments, |_| Vec::new()).into_iter().filter(|allow| !allow.is_faulty());
        all.map(|allow| (allow.rule.clone(), line(&allow))).collect()
    }

    #[test]
    fn a_comment_that_is_meant_as_an_allow_is_told() {
        let fault = |text: &str| {
            let source = Arc::new(Source::new("a", text));
            let found: Vec<_> = allows(&source, comments, |_| Vec::new())
                .into_iter()
                .map(|it| (source.slice(it.span).to_owned(), it.fault))
                .collect();
            match found.as_slice() {
                [] => String::new(),
                [(word, fault)] => format!("{word}: {}", fault.clone().unwrap_or_default()),
                _ => panic!("{found:?}"),
            }
        };
        for (text, said) in [
            ("# hardlint: alow[a/b] why\n", "alow: `alow` allows nothing: write `allow[rule]`"),
            ("# hardlint: allow-fil[a/b]\n", "allow-fil: `allow-fil` allows nothing: write `allow-file[rule]`"),
            ("# hardlint: ignore=a/b\n", "ignore: `ignore` allows nothing: write `allow[rule]`"),
            ("# hardlint: disable-file a/b\n", "disable-file: `disable-file` allows nothing: write `allow-file[rule]`"),
            (
                "# hardlint: allow a/b, c/d\n",
                "allow: nothing is allowed here, as its rules stand in brackets: write `allow[a/b]`",
            ),
            (
                "# hardlint: allow[a/b\n",
                "allow: nothing is allowed here, as its bracket is not closed: write `allow[a/b]`",
            ),
            ("# hardlint: allow[ ]\n", "allow: nothing is allowed here, as no rule is named: write `allow[rule]`"),
            (
                "# hardlint-allow a/b\n",
                "hardlint-allow: `hardlint-allow` allows nothing: write `hardlint: allow[rule]`",
            ),
            (
                "# hardlint allow[a/b] why\n",
                "hardlint allow: `hardlint allow` allows nothing: write `hardlint: allow[rule]`",
            ),
            ("# hardlint disable: see docs/ci.md\n", ""),
            ("# hardlint allows you to see a/b\n", ""),
            ("# hardlint allow what follows\n", ""),
            ("# hardlint: allows you to see\n", ""),
            ("# hardlint: ignore what follows\n", ""),
            ("# hardlint: found this\n", ""),
            ("# see hardlint: alow[a/b]\n", ""),
        ] {
            assert_eq!(fault(text), said, "{text}");
        }
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
        let told: Vec<_> =
            allows(&source, comments, |_| Vec::new()).iter().map(|allow| source.slice(allow.span).to_owned()).collect();
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
