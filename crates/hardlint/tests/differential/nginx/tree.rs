//! The statements of a configuration of nginx, each with its words as they are written: to be changed, and written anew with
//! one statement a line.

/// A statement, or a block with what is in it.
#[derive(Clone, Debug)]
pub(super) struct Statement {
    pub(super) words: Vec<String>,
    pub(super) block: Option<Vec<Self>>,
}

impl Statement {
    /// One without a block, of words that need no quotes.
    pub(super) fn plain(text: &str) -> Self {
        Self { words: text.split(' ').map(str::to_owned).collect(), block: None }
    }

    /// A block.
    pub(super) fn block(text: &str, inside: Vec<Self>) -> Self {
        Self { block: Some(inside), ..Self::plain(text) }
    }

    pub(super) fn name(&self) -> &str {
        self.words.first().map_or("", |word| bare(word))
    }

    fn height(&self) -> usize {
        1 + self.words.iter().map(|word| word.matches('\n').count()).sum::<usize>()
    }
}

/// A word without its quotes.
pub(super) fn bare(word: &str) -> &str {
    let quoted = |quote| word.strip_prefix(quote).and_then(|rest: &str| rest.strip_suffix(quote));
    quoted('"').or_else(|| quoted('\'')).unwrap_or(word)
}

/// Nothing where it is no configuration of nginx.
pub(super) fn parse(text: &str) -> Option<Vec<Statement>> {
    let mut open: Vec<Vec<Statement>> = vec![Vec::new()];
    let mut words: Vec<String> = Vec::new();
    let mut rest = text.trim_start_matches('\u{feff}');
    loop {
        rest = rest.trim_start();
        let Some(first) = rest.chars().next() else { break };
        match first {
            '#' => rest = rest.split_once('\n').map_or("", |(_, rest)| rest),
            ';' => {
                open.last_mut()?.push(Statement { words: std::mem::take(&mut words), block: None });
                rest = &rest[1..];
            }
            '{' => {
                // What is in another language is left out.
                if words.first().is_some_and(|word| word.ends_with("_by_lua_block")) {
                    words.clear();
                    rest = behind_lua(rest)?;
                    continue;
                }
                open.last_mut()?.push(Statement { words: std::mem::take(&mut words), block: Some(Vec::new()) });
                open.push(Vec::new());
                rest = &rest[1..];
            }
            '}' => {
                let inside = open.pop().filter(|_| words.is_empty())?;
                open.last_mut()?.last_mut()?.block = Some(inside);
                rest = &rest[1..];
            }
            _ => {
                let end = word_end(rest)?;
                words.push(rest[..end].to_owned());
                rest = &rest[end..];
            }
        }
    }
    let whole = open.pop()?;
    (open.is_empty() && words.is_empty()).then_some(whole)
}

fn word_end(text: &str) -> Option<usize> {
    let quote = text.chars().next().filter(|first| ['"', '\''].contains(first));
    let (mut escaped, mut variable) = (false, false);
    for (at, letter) in text.char_indices().skip(usize::from(quote.is_some())) {
        if escaped {
            escaped = false;
            continue;
        }
        match letter {
            '\\' => escaped = true,
            letter if quote == Some(letter) => return Some(at + 1),
            '{' if quote.is_none() && !variable => return Some(at),
            letter if quote.is_none() && (letter.is_whitespace() || letter == ';') => return Some(at),
            _ => {}
        }
        variable = letter == '$';
    }
    quote.is_none().then_some(text.len())
}

fn behind_lua(text: &str) -> Option<&str> {
    let mut depth = 0;
    for (at, letter) in text.char_indices() {
        match letter {
            '{' => depth += 1,
            '}' if depth == 1 => return text.get(at + 1..),
            '}' => depth -= 1,
            _ => {}
        }
    }
    None
}

/// One statement a line.
pub(super) fn written(statements: &[Statement]) -> String {
    let mut out = String::new();
    for statement in statements {
        out.push_str(&statement.words.join(" "));
        match &statement.block {
            Some(inside) => {
                out.push_str(" {\n");
                out.push_str(&written(inside));
                out.push_str("}\n");
            }
            None => out.push_str(";\n"),
        }
    }
    out
}

/// Takes out the statement that stands on a line of what was written; `line` counts down.
pub(super) fn without(statements: &mut Vec<Statement>, line: &mut usize) -> bool {
    for at in 0..statements.len() {
        let height = statements[at].height();
        if *line <= height {
            statements.remove(at);
            return true;
        }
        *line -= height;
        if let Some(inside) = &mut statements[at].block {
            if without(inside, line) {
                return true;
            }
            if *line <= 1 {
                statements.remove(at);
                return true;
            }
            *line -= 1;
        }
    }
    false
}

/// Takes out every statement that is to go.
pub(super) fn retain(statements: &mut Vec<Statement>, keep: &dyn Fn(&Statement) -> bool) {
    statements.retain(keep);
    for inside in statements.iter_mut().filter_map(|statement| statement.block.as_mut()) {
        retain(inside, keep);
    }
}
