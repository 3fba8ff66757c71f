//! What a line of a Compose file is in, by how far it and those before it are indented: while a line is half there, the file is none
//! that could be read.

use hardlint_config::formats::compose::ELEMENT;

/// The word that a place is behind.
pub(super) struct Word<'t> {
    /// The names around it, the outermost first.
    pub(super) path: Vec<&'t str>,
    /// Where it begins in its line.
    pub(super) at: usize,
    /// Whether it is a value, and not a key.
    pub(super) is_value: bool,
    /// Whether it may stand alone in a list, as text.
    pub(super) is_element: bool,
}

/// The word at the end of a line that is not whole yet; nothing where that is no word.
pub(super) fn word<'t>(before: &'t str, line: &'t str) -> Option<Word<'t>> {
    let (mut at, mut is_element) = (indent(line), false);
    let mut inner: Vec<&str> = Vec::new();
    while let Some(rest) = line.get(at..)?.strip_prefix("- ") {
        inner.push(ELEMENT);
        at = line.len() - rest.trim_start().len();
        is_element = true;
    }
    let mut path = around(before, indent(line), is_element)?;
    path.append(&mut inner);
    // In braces and brackets, what was opened and not closed is around it.
    let mut name: Option<&str> = None;
    let mut quote: Option<char> = None;
    let mut opened: Vec<usize> = Vec::new();
    let mut start = at;
    for (index, letter) in line.char_indices().skip_while(|(index, _)| *index < at) {
        let next = index + letter.len_utf8();
        match (quote, letter) {
            (Some(open), _) => quote = (letter != open).then_some(open),
            (None, '"' | '\'') if line.get(start..index)?.trim().is_empty() => quote = Some(letter),
            (None, '#') if line.get(..index)?.ends_with(' ') => return None,
            (None, ':') if name.is_none() && line.get(next..)?.starts_with(' ') => {
                name = Some(unquoted(line.get(start..index)?));
                start = next;
            }
            (None, '{' | '[') if line.get(start..index)?.trim().is_empty() => {
                opened.push(path.len());
                path.extend(name.take());
                path.extend((letter == '[').then_some(ELEMENT));
                is_element = letter == '[';
                start = next;
            }
            (None, '}' | ']') => {
                path.truncate(opened.pop()?);
                (name, start) = (None, next);
            }
            (None, ',') if !opened.is_empty() => (name, start) = (None, next),
            _ => {}
        }
    }
    let own = line.get(start..)?.trim_start_matches([' ', '"', '\'']);
    let is_value = name.is_some();
    path.extend(name);
    Some(Word { path, at: line.len() - own.len(), is_value, is_element: is_element && !is_value })
}

/// The names that a line is below, of which what it says begins in this column, or an element of a list does.
fn around(before: &str, column: usize, is_element: bool) -> Option<Vec<&str>> {
    let mut path: Vec<&str> = Vec::new();
    // What stands further left is around it; of a list, its key may stand as far left.
    let (mut least, mut list) = if is_element { (column + 1, Some(column)) } else { (column, None) };
    for line in before.lines().rev().filter(|line| !matches!(line.trim_start().chars().next(), None | Some('#'))) {
        let mut at = indent(line);
        let mut dashes = Vec::new();
        while let Some(rest) = line.get(at..)?.strip_prefix("- ") {
            dashes.push(at);
            at = line.len() - rest.trim_start().len();
        }
        if at < least
            && let Some((name, opens)) = key(line.get(at..)?)
        {
            if !opens {
                return None;
            }
            path.push(name);
            (least, list) = (at, None);
        }
        for dash in dashes.into_iter().rev() {
            if dash < least && list != Some(dash) {
                path.push(ELEMENT);
                (least, list) = (dash + 1, Some(dash));
            }
        }
        if least == 0 {
            break;
        }
    }
    path.reverse();
    Some(path)
}

fn indent(line: &str) -> usize {
    line.len() - line.trim_start_matches(' ').len()
}

/// The key on a line, and whether what stands below may be its value.
fn key(line: &str) -> Option<(&str, bool)> {
    let line = line.split_once(" #").map_or(line, |(line, _)| line).trim_end();
    let (name, rest) = line.split_once(':').filter(|(_, rest)| rest.is_empty() || rest.starts_with(' '))?;
    // A tag or an anchor may stand between.
    let opens = rest.split_whitespace().all(|word| word.starts_with(['!', '&']));
    Some((unquoted(name), opens))
}

fn unquoted(name: &str) -> &str {
    name.trim().trim_matches(['"', '\''])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Option<(String, bool, bool)> {
        let text = text.split('|').next().unwrap();
        let start = text.rfind('\n').map_or(0, |at| at + 1);
        let word = word(&text[..start], &text[start..])?;
        Some((word.path.join("/"), word.is_value, word.is_element))
    }

    #[test]
    fn words_have_the_names_around_them() {
        for (text, path, is_value, is_element) in [
            ("se|", "", false, false),
            ("services: # all\n  web:\n    image: x\n    pri|", "services/web", false, false),
            ("\"services\":\n  web: &a\n    pri|", "services/web", false, false),
            ("services:\n  a:\n    build:\n      x: y\n\n  # more\n  web:\n    pri|", "services/web", false, false),
            ("services:\n  web:\n    restart: al|", "services/web/restart", true, false),
            ("services:\n  web:\n    restart: \"al|", "services/web/restart", true, false),
            ("services:\n  web: {image: x, pri|", "services/web", false, false),
            ("services:\n  web: {image: x, build: {context: ., tar|", "services/web/build", false, false),
            ("services:\n  web: {build: {context: .}, pri|", "services/web", false, false),
            ("services:\n  web:\n    ports:\n      - target: 80\n        pub|", "services/web/ports/-", false, false),
            ("services:\n  web:\n    ports:\n      - tar|", "services/web/ports/-", false, true),
            ("services:\n  web:\n    ports:\n    - tar|", "services/web/ports/-", false, true),
            ("services:\n  web:\n    ports:\n    - target: 80\n      pub|", "services/web/ports/-", false, false),
            ("services:\n  web:\n    cap_drop: [A|", "services/web/cap_drop/-", false, true),
            ("services:\n  web:\n    ports:\n    - target: 80\n    pri|", "services/web", false, false),
        ] {
            assert_eq!(at(text), Some((path.to_owned(), is_value, is_element)), "{text}");
        }
        assert_eq!(at("services:\n  web:\n    image: x # a|"), None);
    }
}
