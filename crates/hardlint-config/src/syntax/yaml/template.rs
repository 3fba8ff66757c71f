//! YAML that another program fills in first: `{{ … }}`, `{% … %}`, `<%= … %>`.
//!
//! The expressions are covered with text of the same length, so that what is left parses and every place stays the
//! file's own.

/// Begins the text that covers an expression. A character of the private use area: three bytes, in no file.
pub const MARK: char = '\u{e000}';

/// The brackets of template languages, and whether what they hold makes text.
const BRACKETS: &[(&str, &str, bool)] =
    &[("{{", "}}", true), ("{%", "%}", false), ("{#", "#}", false), ("<%=", "%>", true), ("<%", "%>", false)];

/// Whether a text has template brackets.
pub fn looks_like(text: &str) -> bool {
    text.contains("{{") || text.contains("{%") || text.contains("<%")
}

/// The text with its expressions covered: those that make text by [`MARK`] and a filling, the others by spaces.
pub fn masked(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(['{', '<']) {
        let (before, from) = rest.split_at(at);
        out.push_str(before);
        let found = BRACKETS.iter().find_map(|&(open, close, makes_text)| {
            let body = from.strip_prefix(open)?;
            let end = body.find(close)?;
            Some((open.len() + end + close.len(), makes_text))
        });
        let Some((length, makes_text)) = found else {
            let width = from.chars().next().map_or(1, char::len_utf8);
            out.push_str(from.get(..width).unwrap_or_default());
            rest = from.get(width..).unwrap_or_default();
            continue;
        };
        let covered = from.get(..length).unwrap_or_default();
        if makes_text {
            // A mark, what is needed to fill up, and marks again: so the filling is told from text that follows.
            out.push(MARK);
            out.extend(std::iter::repeat_n('_', length % MARK.len_utf8()));
            out.extend(std::iter::repeat_n(MARK, length / MARK.len_utf8() - 1));
        } else {
            // Line breaks stay, so that what follows keeps its indentation.
            out.extend(covered.bytes().map(|byte| if byte == b'\n' { '\n' } else { ' ' }));
        }
        rest = from.get(length..).unwrap_or_default();
    }
    out.push_str(rest);
    out
}

/// Splits text that was covered: what is known, and a `None` for each expression.
pub fn pieces(text: &str) -> Vec<Option<&str>> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find(MARK) {
        let (before, from) = rest.split_at(at);
        if !before.is_empty() {
            found.push(Some(before));
        }
        found.push(None);
        let filled = from.get(MARK.len_utf8()..).unwrap_or_default();
        let filled = filled.strip_prefix("__").or_else(|| filled.strip_prefix('_')).unwrap_or(filled);
        rest = filled.trim_start_matches(MARK);
    }
    if !rest.is_empty() {
        found.push(Some(rest));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expressions_are_covered_byte_for_byte() {
        let text = "a: {{ x }}\n{% if e %}\nb: <%= y %>{z}\n";
        let masked = masked(text);
        assert_eq!(masked.len(), text.len());
        assert_eq!(masked, format!("a: {MARK}_{MARK}\n{}\nb: {MARK}__{MARK}{{z}}\n", " ".repeat(10)));
        assert_eq!(pieces(&super::masked("p{{ x }}_{{yy}}__q")), [Some("p"), None, Some("_"), None, Some("__q")]);
        assert_eq!(super::masked("{{ never closed"), "{{ never closed");
    }
}
