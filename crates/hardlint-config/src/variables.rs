//! Where a text sets a variable of the environment, and where it reads one, for people who follow them from file to file.
//!
//! It goes by how each format writes such places, and resolves nothing: no rule rests on it.

use crate::text::Span;

/// A place that names a variable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Named {
    /// Where the name stands.
    pub at: Span,
    /// Whether the variable is set there; else it is read.
    pub sets: bool,
}

/// Whether a name can be that of a variable.
pub fn is_name(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') && name.chars().all(is_part)
}

fn is_part(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

/// The variable that is named at a place of a text, and where.
pub fn at(format: &str, text: &str, offset: usize) -> Option<(Span, String)> {
    let before = text.get(..offset)?;
    let start = before.trim_end_matches(is_part).len();
    let rest = text.get(start..)?;
    let name = rest.get(..rest.find(|c| !is_part(c)).unwrap_or(rest.len()))?;
    let span = Span::new(start, start + name.len());
    let named = is_name(name) && names(format, text, name).iter().any(|it| it.at == span);
    named.then(|| (span, name.to_owned()))
}

/// Where the text of a file of a format names a variable.
pub fn names(format: &str, text: &str, name: &str) -> Vec<Named> {
    if !is_name(name) {
        return Vec::new();
    }
    let mut found = Vec::new();
    for (start, _) in text.match_indices(name) {
        let end = start + name.len();
        let (before, after) = (text.get(..start).unwrap_or_default(), text.get(end..).unwrap_or_default());
        if before.ends_with(is_part) || after.starts_with(is_part) {
            continue;
        }
        let line = before.rsplit('\n').next().unwrap_or_default();
        if line.trim_start().starts_with('#') {
            continue;
        }
        let sets = match format {
            _ if before.ends_with('$') || before.ends_with("${") => Some(false),
            "env" => sets_in_env(line, after).then_some(true),
            "dockerfile" => sets_in_dockerfile(line, after).then_some(true),
            "compose" => in_compose(before, line, after),
            "django" | "flask" | "asgi" | "airflow" => reads_in_python(before, after).then_some(false),
            _ => None,
        };
        found.extend(sets.map(|sets| Named { at: Span::new(start, end), sets }));
    }
    found
}

fn sets_in_env(line: &str, after: &str) -> bool {
    matches!(line.trim(), "" | "export") && after.trim_start_matches([' ', '\t']).starts_with(['=', ':'])
}

fn sets_in_dockerfile(line: &str, after: &str) -> bool {
    let word = line.split_whitespace().next().unwrap_or_default().to_ascii_uppercase();
    let first = line.split_whitespace().count() == 1;
    let apart = line.ends_with([' ', '\t']);
    match word.as_str() {
        "ARG" => apart,
        "ENV" => apart && (after.starts_with('=') || first),
        // The next line of an `ENV` that goes on.
        "" => after.starts_with('='),
        _ => false,
    }
}

/// A key of a map, or an element of a list, in which a name alone passes on what the variable is.
fn in_compose(before: &str, line: &str, after: &str) -> Option<bool> {
    let begin = line.trim_start().trim_start_matches("- ").trim_start();
    if !matches!(begin, "" | "\"" | "'") {
        return None;
    }
    let after = after.trim_start_matches(['"', '\'']);
    if after.starts_with('=') {
        return Some(true);
    }
    if after.starts_with(": ") || after.starts_with(":\n") || after.starts_with(":\r") {
        // Other keys are no variables, though each service has them.
        return holds_variables(parent(before, line)?).then_some(true);
    }
    let ends = after.trim_start_matches([' ', '\t']).starts_with(['\n', '\r', '#']) || after.is_empty();
    (ends && line.trim_start().starts_with("- ")).then_some(false)
}

/// The key of the map that a line is in.
fn parent<'t>(before: &'t str, line: &str) -> Option<&'t str> {
    let indent = |line: &str| line.len() - line.trim_start_matches(' ').len();
    let above = before.get(..before.len() - line.len())?;
    let is_said = |line: &&str| !matches!(line.trim_start().chars().next(), None | Some('#'));
    let around = above.lines().rev().filter(is_said).find(|above| indent(above) < indent(line))?;
    around.split(':').next().map(|key| key.trim().trim_matches(['"', '\'']))
}

/// Whether what stands in a map of a Compose file are variables; a fragment may be meant for one.
fn holds_variables(key: &str) -> bool {
    matches!(key, "environment" | "args") || key.starts_with("x-")
}

/// The name in quotes, as the item of an environment or the first argument of a call: an item of an application's own configuration is
/// no variable, nor is any other text.
fn reads_in_python(before: &str, after: &str) -> bool {
    let quote = ['"', '\''].into_iter().find(|quote| before.ends_with(*quote) && after.starts_with(*quote));
    let Some(ahead) = quote.and_then(|quote| before.strip_suffix(quote)).map(str::trim_end) else { return false };
    let called = |ahead: &str| {
        let start = ahead.trim_end_matches(|c: char| is_part(c) || c == '.').len();
        ahead.get(start..).map(str::to_ascii_lowercase).unwrap_or_default()
    };
    if let Some(ahead) = ahead.strip_suffix('(') {
        let called = called(ahead);
        return !called.is_empty() && !called.contains("config.");
    }
    if let Some(ahead) = ahead.strip_suffix('[') {
        return called(ahead).ends_with("env") || called(ahead).ends_with("environ");
    }
    // What a field of a class of settings is called in the environment.
    ahead.ends_with("env=") || ahead.ends_with("alias=")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_told_by_how_a_format_writes_them() {
        for (format, text, expected) in [
            ("env", "# PW=x\nexport PW=a\nPW =b\nAPW=c\nX=${PW}$PW\n", "ssrr"),
            ("compose", "x-a:\n  PW: ${PW:-a}\n  - PW=b\n  - PW\n  \"PW\": c\n  image: PW\n  NPW: d\n", "srsrs"),
            ("compose", "a:\n  PW: x\n  environment: # all\n    PW: b\n  args:\n\n    PW: c\n", "ss"),
            ("dockerfile", "ARG PW\nENV A=b PW=c \\\n  PW=d\nENV PW e\nRUN echo $PW PW=f\n", "ssssr"),
            ("django", "PW = os.environ['PW']\nX = env(\"PW\")\nY = config(\n    'PW')\n", "rrr"),
            ("flask", "app.config['PW'] = 'PW'\napp.config.get('PW')\nx = os.getenv('A', 'PW')\n", ""),
            ("asgi", "class S:\n    a: str = Field(validation_alias='PW')\n", "r"),
            ("nginx", "set $PW 1; # $PW\n", "rr"),
        ] {
            let found: String = names(format, text, "PW").iter().map(|it| if it.sets { 's' } else { 'r' }).collect();
            assert_eq!(found, expected, "{format}");
        }
    }

    #[test]
    fn a_name_is_found_from_any_place_in_it() {
        let text = "a: ${LONG_NAME}/é";
        for offset in 5..=14 {
            assert_eq!(at("compose", text, offset), Some((Span::new(5, 14), "LONG_NAME".to_owned())), "{offset}");
        }
        assert_eq!(at("nginx", text, 0), None);
        assert_eq!(at("compose", text, 99), None);
        assert_eq!(at("compose", text, text.len() - 1), None);
    }
}
