//! Comments by which the findings of other tools are suppressed.
//!
//! What was looked at and accepted there need not be accepted again here: a comment that names another tool's check allows
//! the rules that name it in their `equivalents`, where that tool would take it. That one of them allows nothing is never
//! told, since it is not ours.

use super::{Allow, Below, line_meant};
use hardlint_config::text::{Source, Span};
use memchr::memmem;
use std::ops::RangeInclusive;
use std::sync::Arc;

/// Where such a comment holds.
#[derive(Clone, Copy)]
enum Reach {
    /// In its own line.
    Line,
    /// In its own line, or that of the next statement.
    Next,
    /// In the whole file.
    File,
}

/// A way to suppress findings.
struct Form {
    /// The tools whose checks it names.
    tools: &'static [&'static str],
    /// What the comment begins with.
    start: &'static str,
    /// What stands before the names of the checks.
    before: &'static [&'static str],
    reach: Reach,
    /// Whether it may do without a name.
    bare: bool,
}

/// What begins with another stands before it.
const FORMS: &[Form] = &[
    form(&["hadolint"], "hadolint ignore", &["="], Reach::Next, false),
    form(&["hadolint"], "hadolint global ignore", &["="], Reach::File, false),
    form(&["checkov"], "checkov:skip", &["="], Reach::File, false),
    form(&["trivy"], "trivy:ignore", &[":"], Reach::Next, false),
    form(&["kics"], "kics-scan ignore-line", &[], Reach::Next, true),
    form(&["semgrep"], "nosemgrep", &[":"], Reach::Next, true),
    form(&["ruff", "bandit"], "ruff: noqa", &[":"], Reach::File, true),
    form(&["ruff", "bandit"], "noqa", &[":"], Reach::Line, true),
    form(&["bandit", "ruff"], "nosec", &[":", ""], Reach::Line, true),
];

const fn form(
    tools: &'static [&'static str],
    start: &'static str,
    before: &'static [&'static str],
    reach: Reach,
    bare: bool,
) -> Form {
    Form { tools, start, before, reach, bare }
}

/// Whether there can be such a comment.
pub(super) fn may_be_in(text: &str) -> bool {
    let marks = ["hadolint", "checkov:", "trivy:", "kics-scan", "nosemgrep", "noqa", "nosec"];
    marks.iter().any(|mark| memmem::find(text.as_bytes(), mark.as_bytes()).is_some())
}

/// The allows in a comment.
pub(super) fn read(source: &Arc<Source>, comment: Span, below: &Below, found: &mut Vec<Allow>) {
    let text = source.slice(comment);
    let mut at = 0;
    // A comment may hold several, each behind a mark of its own: `# noqa: S105  # nosec B105`.
    while let Some(part) = text.get(at..) {
        let body = part.trim_start_matches(|c: char| c == '#' || c == ';' || c.is_whitespace());
        let start = at + part.len() - body.len();
        let end = body.find('#').map_or(text.len(), |mark| start + mark);
        let whole = text.get(start..end).unwrap_or_default();
        if let Some(form) = FORMS.iter().find(|form| begins(whole, form.start)) {
            let place = comment.range().start + start;
            named(source, (place, whole), form, reach(source, comment, below, form).as_ref(), found);
        }
        at = end.max(at + 1);
    }
}

/// Whether a text begins with a word, in any case.
fn begins(text: &str, word: &str) -> bool {
    text.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word))
        && !text.get(word.len()..).is_some_and(|rest| rest.starts_with(|c: char| c.is_alphanumeric() || c == '-'))
}

fn reach(source: &Source, comment: Span, below: &Below, form: &Form) -> Option<RangeInclusive<usize>> {
    match form.reach {
        Reach::File => None,
        Reach::Line => {
            let line = source.position(comment.start).line;
            Some(line..=line)
        }
        Reach::Next => {
            let line = line_meant(source, comment, below);
            Some(line..=line)
        }
    }
}

/// One allow for each check that is named and each tool that has it.
fn named(
    source: &Arc<Source>,
    (place, text): (usize, &str),
    form: &Form,
    lines: Option<&RangeInclusive<usize>>,
    found: &mut Vec<Allow>,
) {
    let mut push = |tool, rule: &str, until, span| {
        let (source, lines, rule, tool) = (source.clone(), lines.cloned(), rule.to_owned(), Some(tool));
        found.push(Allow {
            source,
            span,
            rule,
            lines,
            tool,
            reasoned: true,
            used: false,
            of_values: false,
            until,
            fault: None,
        });
    };
    let rest = text.get(form.start.len()..).unwrap_or_default();
    let names = form.before.iter().find_map(|before| rest.trim_start().strip_prefix(before));
    let mut at = place + text.len() - names.map_or(0, str::len);
    let mut any = false;
    // The names end where the reason begins: they are one word each, with commas or blanks between them.
    for part in names.unwrap_or_default().split_inclusive([',', ' ', '\t']) {
        let name = part.trim_matches([',', ' ', '\t']);
        // checkov and trivy have a reason or a date behind a colon.
        let (name, behind) = name.split_once(':').unwrap_or((name, ""));
        if is_name(name) {
            let span = Span::new(at, at + name.len());
            let until = (form.tools == ["trivy"]).then(|| until(behind)).flatten();
            form.tools.iter().for_each(|tool| push(tool, name, until, span));
            any = true;
        } else if !name.is_empty() {
            break;
        }
        at += part.len();
    }
    if !any && form.bare {
        let span = Span::new(place, place + form.start.len());
        form.tools.iter().take(1).for_each(|tool| push(tool, "", None, span));
    }
}

/// The day that trivy is told a comment holds until; one that is none makes it hold never.
fn until(behind: &str) -> Option<i64> {
    let mut parts = behind.split(':').skip_while(|part| *part != "exp");
    parts.next()?;
    Some(parts.next().and_then(day).unwrap_or(i64::MIN))
}

/// A date, as `2030-01-31`, in days from the first of 1970.
fn day(date: &str) -> Option<i64> {
    let mut parts = date.split('-').map(|part| part.parse::<u16>().ok().map(i64::from));
    let (year, month, day) = (parts.next()??, parts.next()??, parts.next()??);
    if date.len() != 10 || !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    // Years that begin in March end with the day that some have and others do not.
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let leap = year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    Some(year * 365 + leap + (153 * month + 2) / 5 + day - 1 - 719_468)
}

/// Whether a word is the name of a check: it has a digit, or is made of several.
fn is_name(word: &str) -> bool {
    let made_of = word.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'));
    made_of && word.contains(|c: char| c.is_ascii_digit() || matches!(c, '-' | '_' | '.'))
}

/// Whether an equivalent of a rule, as `hadolint:DL3002`, is the check that is meant by that name.
pub(super) fn is_same(equivalent: &str, tool: &str, name: &str) -> bool {
    let Some((of, id)) = equivalent.split_once(':') else { return false };
    if of != tool {
        return false;
    }
    match tool {
        "trivy" => numbered(id).is_some() && numbered(id) == numbered(name),
        // `docker.security.last-user-is-root.last-user-is-root`: the folders of the rule stand before it.
        "semgrep" => name.rsplit('.').next().is_some_and(|last| same_word(last, id)),
        "bandit" | "ruff" => of_bandit(id).is_some() && of_bandit(id) == of_bandit(name),
        _ => id.eq_ignore_ascii_case(name),
    }
}

/// `DS-0002`, `AVD-DS-0002` and `DS002` are the same: the letters before the number, and the number.
fn numbered(id: &str) -> Option<(String, u32)> {
    let id = id.to_ascii_uppercase();
    let id = id.strip_prefix("AVD-").unwrap_or(&id);
    let letters = id.trim_end_matches(|c: char| c.is_ascii_digit());
    let number = id.get(letters.len()..)?.parse().ok()?;
    Some((letters.trim_end_matches('-').to_owned(), number))
}

/// The number of a check of bandit, which is the same in ruff behind another letter. Other letters are other checks: `E201` is
/// about a blank.
fn of_bandit(id: &str) -> Option<u32> {
    numbered(id).filter(|(letters, _)| matches!(letters.as_str(), "B" | "S")).map(|(_, number)| number)
}

fn same_word(a: &str, b: &str) -> bool {
    let plain = |text: &str| text.replace('_', "-").to_ascii_lowercase();
    plain(a) == plain(b)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn comments(text: &str) -> Vec<Span> {
        let mut found = Vec::new();
        let mut at = 0;
        for line in text.split_inclusive('\n') {
            if let Some(mark) = line.find('#') {
                found.push(Span::new(at + mark, at + line.trim_end().len()));
            }
            at += line.len();
        }
        found
    }

    type Seen = (&'static str, String, Option<(usize, usize)>);

    fn seen(text: &str) -> Vec<Seen> {
        let source = Arc::new(Source::new("a", text));
        let lines = |allow: &Allow| allow.lines.as_ref().map(|lines| (*lines.start(), *lines.end()));
        let told = super::super::allows(&source, comments, |_| Vec::new());
        told.iter().map(|allow| (allow.tool.unwrap_or_default(), allow.rule.clone(), lines(allow))).collect()
    }

    #[test]
    fn each_tool_is_read_as_it_writes() {
        let one = |text, tool, rule: &str, lines| assert_eq!(seen(text), [(tool, rule.to_owned(), lines)], "{text}");
        one("# hadolint ignore=DL3002\nUSER root\n", "hadolint", "DL3002", Some((2, 2)));
        one("# hadolint ignore=DL3004\nRUN a \\\n  && b \\\n  && c\nRUN d\n", "hadolint", "DL3004", Some((2, 2)));
        one("# hadolint global ignore=DL3002\nFROM a\n", "hadolint", "DL3002", None);
        one("FROM a\n# checkov:skip=CKV_DOCKER_8:root is needed\n", "checkov", "CKV_DOCKER_8", None);
        one("#checkov:skip=CKV_DOCKER_8\n", "checkov", "CKV_DOCKER_8", None);
        one("#trivy:ignore:AVD-DS-0002\nUSER root\n", "trivy", "AVD-DS-0002", Some((2, 2)));
        one("USER root #trivy:ignore:DS002:exp:2030-01-01\n", "trivy", "DS002", Some((1, 1)));
        one("# kics-scan ignore-line\nx\n", "kics", "", Some((2, 2)));
        one("x # nosemgrep: a.b.last-user-is-root\n", "semgrep", "a.b.last-user-is-root", Some((1, 1)));
        one("# nosemgrep\nx\n", "semgrep", "", Some((2, 2)));
        one("x # noqa\n", "ruff", "", Some((1, 1)));
        one("x # nosec\n", "bandit", "", Some((1, 1)));
        one("x # nosec because it is a test\n", "bandit", "", Some((1, 1)));
    }

    #[test]
    fn trivy_may_be_told_until_when() {
        for (date, days) in [
            ("1970-01-01", Some(0)),
            ("2000-02-29", Some(11_016)),
            ("2000-03-01", Some(11_017)),
            ("2030-01-31", Some(21_945)),
            ("1969-12-31", Some(-1)),
            ("2030-13-01", None),
            ("2030-1-31", None),
            ("soon", None),
        ] {
            assert_eq!(day(date), days, "{date}");
        }
        let holds = |comment: &str, today| {
            let source = Arc::new(Source::new("a", format!("{comment}\nUSER root\n")));
            let allows = super::super::allows(&source, comments, |_| Vec::new());
            allows.iter().all(|allow| allow.holds(today)) && !allows.is_empty()
        };
        let until = "#trivy:ignore:DS-0002:exp:2030-01-31";
        assert!(holds(until, Some(21_944)) && !holds(until, Some(21_945)) && holds(until, None));
        assert!(!holds("#trivy:ignore:DS-0002:exp:later", Some(0)) && holds("#trivy:ignore:DS-0002", Some(99_999)));
        assert!(!holds("#trivy:ignore:DS-0002[a=b]:ws:dev:exp:2000-01-01", Some(21_945)));
    }

    #[test]
    fn several_checks_may_be_named() {
        let rules = |text| seen(text).into_iter().map(|(tool, rule, _)| format!("{tool}:{rule}")).collect::<Vec<_>>();
        assert_eq!(rules("# hadolint ignore=DL3002,DL3004\nx\n"), ["hadolint:DL3002", "hadolint:DL3004"]);
        assert_eq!(rules("x # noqa: S105, E501\n"), ["ruff:S105", "bandit:S105", "ruff:E501", "bandit:E501"]);
        assert_eq!(rules("x # nosec B105 B106\n").len(), 4);
        assert_eq!(rules("x # noqa: S105  # nosec B105\n").len(), 4);
        assert_eq!(rules("# hardlint: allow[a/b] x\n# hadolint ignore=DL3002\nx\n"), [":a/b", "hadolint:DL3002"]);
    }

    #[test]
    fn prose_is_no_suppression() {
        for text in
            ["# see hadolint ignore=DL3002\n", "# noqafoo\n", "# nosection: x\n", "# hadolint\n", "# kics-scan\n"]
        {
            assert!(seen(text).is_empty(), "{text}");
        }
        let source = Arc::new(Source::new("a", "x # nosec B105\n"));
        let allows = super::super::allows(&source, comments, |_| Vec::new());
        assert_eq!(source.slice(allows[0].span), "B105");
    }

    #[test]
    fn spellings_of_a_check_are_one() {
        assert!(is_same("trivy:DS-0002", "trivy", "AVD-DS-0002") && is_same("trivy:DS-0002", "trivy", "ds002"));
        assert!(!is_same("trivy:DS-0002", "trivy", "DS-0003") && !is_same("trivy:DS-0002", "hadolint", "DS-0002"));
        assert!(is_same("semgrep:last-user-is-root", "semgrep", "docker.last-user-is-root.last_user_is_root"));
        assert!(is_same("bandit:B105", "bandit", "S105") && is_same("ruff:S105", "ruff", "S105"));
        for other in ["B106", "E105", "D105", "ANN105", "105"] {
            assert!(!is_same("bandit:B105", "bandit", other) && !is_same("ruff:S105", "ruff", other), "{other}");
        }
    }
}
