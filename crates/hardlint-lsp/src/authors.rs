//! Mistakes in rules, for who writes them: `rules/<format>/<what-is-wrong>.yaml`, as `--rules` would refuse them.

use hardlint_config::formats;
use hardlint_config::loader::{folder, name};
use hardlint_config::text::{Source, Span};
use hardlint_lint::diagnostic::{Label, Trouble};
use hardlint_lint::ruleset::RuleSet;
use std::sync::Arc;

/// What is wrong with an open document, if it is a rule.
pub(crate) fn mistake(source: Source) -> Option<Trouble> {
    let path = source.path.clone();
    let ends = path.ends_with(".yaml") || path.ends_with(".yml");
    let inner = folder(&path);
    if !ends || formats::named(name(inner)).is_none() || name(folder(inner)) != "rules" {
        return None;
    }
    let mut rules = RuleSet::empty();
    rules.add(&path, &source.text);
    let error = rules.errors().next().or_else(|| rules.all().find_map(|rule| rule.check().err()))?.clone();
    let start = source.lines().get(error.line.saturating_sub(1)).copied().unwrap_or_default() as usize;
    let line = source.line(error.line).trim_end();
    let column = line.char_indices().nth(error.column.saturating_sub(1)).map_or(line.len(), |(at, _)| at);
    let span = Span::new(start + column, start + line.len());
    let label = Label { source: Arc::new(source), span, text: String::new() };
    Some(Trouble { path, at: Some(label), message: error.message, notice: false })
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULE: &str = "title: t\nseverity: low\nconfidence: high\nselect: server\nwhen: autoindex\nmessage: m\nwhy: w\nreferences: [CWE-1]\nsince: 0.1.0\nbad: [x]\ngood: [z]\n";

    fn told(path: &str, text: &str) -> Option<(String, String)> {
        let trouble = mistake(Source::new(path, text))?;
        let at = trouble.at?;
        Some((at.source.slice(at.span).to_owned(), trouble.message))
    }

    #[test]
    fn a_mistake_is_told_at_its_place() {
        assert_eq!(told("rules/nginx/a.yaml", RULE), None);
        let (at, message) =
            told("x/rules/nginx/a.yaml", &RULE.replace("autoindex", "label != 'é' && autoindx")).unwrap();
        assert!(at.starts_with("autoindx") && message.contains("autoindex"), "{at}: {message}");
        assert!(told("rules/nginx/a.yaml", &RULE.replace("select: server", "select: [")).is_some());
        // What is missing at the end of a line is missing there.
        let source = Source::new("rules/nginx/a.yaml", RULE.replace("autoindex", "autoindex &&"));
        let label = mistake(source).unwrap().at.unwrap();
        assert_eq!((label.start().line, label.start().column), (5, 19));
        for other in ["nginx/a.yaml", "rules/other/a.yaml", "rules/nginx/a.conf"] {
            assert_eq!(told(other, "when: ["), None, "{other}");
        }
    }
}
