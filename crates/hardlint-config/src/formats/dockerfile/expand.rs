//! Quotes, escapes and variables in the arguments of an instruction, as BuildKit's own small shell does them.
//!
//! This is not the shell of `RUN`: it knows `$v`, `${v}` and the operators `:-` `-` `:+` `+` `:?` `?` `#` `##` `%` `%%` `/`
//! and `//`. A variable that is not at hand leaves a hole; nothing is guessed.

mod out;

use super::pattern::Pattern;
use super::template;
use crate::model::{MOST_BROUGHT, Piece, Str, TOO_LONG, Text, Why};
use out::Out;

/// How deep `${a:-${b:-…}}` is followed.
const DEPTH: usize = 64;
/// The longest value that patterns are matched against, in bytes.
const LONGEST_VALUE: usize = 4096;

/// What is known of a variable.
#[derive(Clone, Debug)]
pub(super) enum Variable<'v> {
    /// Its value.
    Set(&'v Text),
    /// Nothing sets it.
    Unset,
    /// It cannot be known whether or to what it is set.
    Unknown(Why),
}

/// The variables that can be used.
pub(super) struct Variables<'v> {
    get: Box<dyn Fn(&str) -> Variable<'v> + 'v>,
}

impl<'v> Variables<'v> {
    /// The variables that `get` knows.
    pub(super) fn new(get: impl Fn(&str) -> Variable<'v> + 'v) -> Self {
        Self { get: Box::new(get) }
    }

    /// None at all.
    pub(super) fn none() -> Self {
        Self::new(|_| Variable::Unset)
    }
}

/// The result of an expansion.
#[derive(Clone, Debug, Default)]
pub(super) struct Expanded {
    /// The whole as one text.
    pub(super) pieces: Vec<Piece>,
    /// Its words, where blanks that variables bring in separate as well.
    pub(super) words: Vec<Vec<Piece>>,
    /// The variables that were asked for, in order.
    pub(super) used: Vec<String>,
    /// How many bytes they brought.
    pub(super) brought: usize,
    /// Whether it is exactly one variable and nothing else.
    pub(super) sole: bool,
}

impl Expanded {
    /// The text.
    pub(super) fn text(self) -> Text {
        Text::from_pieces(self.pieces)
    }
}

/// How many bytes variables may bring into all texts of a file together, where each of many lines brings in all that one
/// text may have.
pub(super) const MOST_BROUGHT_IN_ALL: usize = 1 << 20;

/// Reads one text.
pub(super) struct Lexer<'t> {
    text: &'t str,
    at: usize,
    escape: char,
    raw_quotes: bool,
    raw_escapes: bool,
    keep_unset: bool,
    depth: usize,
    used: Vec<String>,
    /// Bytes that variables brought so far.
    brought: usize,
    /// Bytes that they may bring.
    most: usize,
    templates: &'t [Str],
}

impl<'t> Lexer<'t> {
    /// Expands `text`, in which `escape` escapes; `templates` are the expressions that its placeholders stand for.
    pub(super) fn new(text: &'t str, escape: char, templates: &'t [Str]) -> Self {
        Self {
            text,
            at: 0,
            escape,
            raw_quotes: false,
            raw_escapes: false,
            keep_unset: false,
            depth: 0,
            used: Vec::new(),
            brought: 0,
            most: MOST_BROUGHT,
            templates,
        }
    }

    /// Lets variables bring no more than `most` bytes.
    pub(super) fn at_most(self, most: usize) -> Self {
        Self { most: most.min(self.most), ..self }
    }

    /// Leaves quotes, escapes and unset variables as they are.
    pub(super) fn raw(text: &'t str) -> Self {
        Self { raw_quotes: true, raw_escapes: true, ..Self::unset_kept(text) }
    }

    /// Leaves unset variables as they are.
    pub(super) fn unset_kept(text: &'t str) -> Self {
        Self { keep_unset: true, ..Self::new(text, '\\', &[]) }
    }

    /// The expanded text.
    ///
    /// # Errors
    /// What BuildKit refuses it for.
    pub(super) fn expand(mut self, variables: &Variables<'_>) -> Result<Expanded, String> {
        if self.is_plain() {
            let piece = |text: &str| vec![Piece::Known(text.into())];
            let pieces = if self.text.is_empty() { Vec::new() } else { piece(self.text) };
            let words = self.text.split_whitespace().map(piece).collect();
            return Ok(Expanded { pieces, words, ..Expanded::default() });
        }
        let (pieces, words) = self.until(None, self.raw_escapes, variables)?;
        let sole = self.used.len() == 1 && is_sole(self.text);
        Ok(Expanded { pieces, words, used: self.used, brought: self.brought, sole })
    }

    /// The words of a text in which everything is known.
    pub(super) fn words(mut self, variables: &Variables<'_>) -> Result<Vec<String>, String> {
        let (_, words) = self.until(None, self.raw_escapes, variables)?;
        let known = |word: Vec<Piece>| {
            word.into_iter().filter_map(|piece| match piece {
                Piece::Known(text) => Some(text.into_string()),
                Piece::Hole(_) => None,
            })
        };
        Ok(words.into_iter().map(|word| known(word).collect()).collect())
    }

    /// Whether nothing in it means more than itself, as in most arguments.
    pub(super) fn is_plain(&self) -> bool {
        let means_more = |c| matches!(c, '\'' | '"' | '$') || c == self.escape;
        self.templates.is_empty() && !self.text.contains(means_more)
    }

    fn peek(&self) -> Option<char> {
        self.text.get(self.at..).and_then(|rest| rest.chars().next())
    }

    fn next(&mut self) -> Option<char> {
        let c = self.peek()?;
        self.at += c.len_utf8();
        Some(c)
    }

    /// Reads up to `stop`, or to the end.
    fn until(
        &mut self,
        stop: Option<char>,
        raw_escapes: bool,
        variables: &Variables<'_>,
    ) -> Result<(Vec<Piece>, Vec<Vec<Piece>>), String> {
        let mut out = Out::default();
        let outer = std::mem::replace(&mut self.raw_escapes, raw_escapes);
        while let Some(c) = self.peek() {
            if stop == Some(c) {
                self.next();
                self.raw_escapes = outer;
                return Ok(out.finish());
            }
            match c {
                '\'' => self.single(&mut out)?,
                '"' => self.double(&mut out, variables)?,
                '$' => {
                    let value = self.dollar(variables)?;
                    out.pieces(&value, true);
                }
                _ => {
                    self.next();
                    if let Some(why) = template::placeholder(c, self.templates) {
                        out.hole(&why);
                    } else if c == self.escape {
                        if self.raw_escapes {
                            out.raw(c.encode_utf8(&mut [0; 4]));
                        }
                        let Some(c) = self.next() else { break };
                        out.raw(c.encode_utf8(&mut [0; 4]));
                    } else {
                        out.split(c.encode_utf8(&mut [0; 4]));
                    }
                }
            }
        }
        self.raw_escapes = outer;
        match stop {
            Some(stop) => Err(format!("a `{stop}` is missing")),
            None => Ok(out.finish()),
        }
    }

    fn single(&mut self, out: &mut Out) -> Result<(), String> {
        let start = self.at;
        self.next();
        let rest = self.text.get(self.at..).unwrap_or_default();
        let Some(length) = rest.find('\'') else { return Err("a single quote is never closed".to_owned()) };
        let end = self.at + length;
        let (from, to) = if self.raw_quotes { (start, end + 1) } else { (self.at, end) };
        self.at = end + 1;
        for c in self.text.get(from..to).unwrap_or_default().chars() {
            match template::placeholder(c, self.templates) {
                Some(why) => out.hole(&why),
                None => out.raw(c.encode_utf8(&mut [0; 4])),
            }
        }
        out.in_word = true;
        Ok(())
    }

    fn double(&mut self, out: &mut Out, variables: &Variables<'_>) -> Result<(), String> {
        self.next();
        if self.raw_quotes {
            out.raw("\"");
        }
        out.in_word = true;
        loop {
            match self.peek() {
                None => return Err("a double quote is never closed".to_owned()),
                Some('"') => {
                    self.next();
                    if self.raw_quotes {
                        out.raw("\"");
                    }
                    return Ok(());
                }
                Some('$') => {
                    let value = self.dollar(variables)?;
                    out.pieces(&value, false);
                }
                Some(c) => {
                    self.next();
                    let mut c = c;
                    if c == self.escape {
                        if self.raw_escapes {
                            out.raw(c.encode_utf8(&mut [0; 4]));
                        }
                        match self.peek() {
                            None => continue,
                            Some(next) if next == '"' || next == '$' || next == self.escape => {
                                self.next();
                                c = next;
                            }
                            Some(_) => {}
                        }
                    }
                    match template::placeholder(c, self.templates) {
                        Some(why) => out.hole(&why),
                        None => out.raw(c.encode_utf8(&mut [0; 4])),
                    }
                }
            }
        }
    }

    /// What stands for a `$…`.
    fn dollar(&mut self, variables: &Variables<'_>) -> Result<Vec<Piece>, String> {
        let start = self.at;
        self.next();
        if self.peek() != Some('{') {
            let name = self.name();
            if name.is_empty() {
                return Ok(vec![Piece::Known("$".into())]);
            }
            return Ok(self.value(&name, start, variables));
        }
        self.next();
        match self.peek() {
            None => return Err("a `}` is missing".to_owned()),
            Some('{' | '}' | ':') => return Err("`${` is not followed by a name".to_owned()),
            _ => {}
        }
        let name = self.name();
        match self.next() {
            Some('}') => Ok(self.value(&name, start, variables)),
            Some(':') => match self.next() {
                Some(mark) => self.operator(&name, mark, true, start, variables),
                None => Err("a `}` is missing".to_owned()),
            },
            Some(mark @ ('+' | '-' | '?' | '#' | '%')) => self.operator(&name, mark, false, start, variables),
            Some('/') => self.replacement(&name, start, variables),
            Some(mark) => Err(format!("BuildKit does not know the operator `{mark}` in `${{{name}{mark}…}}`")),
            None => Err("a `}` is missing".to_owned()),
        }
    }

    fn value(&mut self, name: &str, start: usize, variables: &Variables<'_>) -> Vec<Piece> {
        match self.get(name, variables) {
            Variable::Set(text) => self.bounded(pieces(text)),
            Variable::Unset if self.keep_unset => self.verbatim(start),
            Variable::Unset => Vec::new(),
            Variable::Unknown(why) => vec![Piece::Hole(why)],
        }
    }

    /// What a variable brings, as long as all that they bring together stays small: `A=$A$A` doubles with each line.
    fn bounded(&mut self, pieces: Vec<Piece>) -> Vec<Piece> {
        let known = |piece: &Piece| if let Piece::Known(text) = piece { text.len() } else { 1 };
        self.brought = self.brought.saturating_add(pieces.iter().map(known).sum());
        if self.brought > self.most { vec![Piece::Hole(TOO_LONG)] } else { pieces }
    }

    fn get<'v>(&mut self, name: &str, variables: &Variables<'v>) -> Variable<'v> {
        self.used.push(name.to_owned());
        (variables.get)(name)
    }

    fn verbatim(&self, start: usize) -> Vec<Piece> {
        vec![Piece::Known(self.text.get(start..self.at).unwrap_or_default().into())]
    }

    /// `${name:-word}` and its kin.
    fn operator(
        &mut self,
        name: &str,
        mark: char,
        empty_is_unset: bool,
        start: usize,
        variables: &Variables<'_>,
    ) -> Result<Vec<Piece>, String> {
        if !matches!(mark, '+' | '-' | '?' | '#' | '%') {
            return Err(format!("BuildKit does not know the operator `:{mark}` in `${{{name}:{mark}…}}`"));
        }
        let word = self.inner('}', matches!(mark, '#' | '%'), variables)?;
        let variable = self.get(name, variables);
        let value = match variable {
            Variable::Unknown(why) => return Ok(vec![Piece::Hole(why)]),
            Variable::Unset if self.keep_unset => return Ok(self.verbatim(start)),
            Variable::Unset => None,
            Variable::Set(text) => Some(self.bounded(pieces(text))),
        };
        let empty = value.as_ref().is_none_or(|value| empty_is_unset && value.is_empty());
        match mark {
            '-' => Ok(if empty { word } else { value.unwrap_or_default() }),
            '+' => Ok(if empty { Vec::new() } else { word }),
            '?' if empty => {
                let reason = known(&word).filter(|word| !word.is_empty());
                Err(format!("{name}: {}", reason.unwrap_or_else(|| "is not allowed to be unset".to_owned())))
            }
            '?' => Ok(value.unwrap_or_default()),
            _ => trim(&value.unwrap_or_default(), &word, mark),
        }
    }

    /// `${name/pattern/replacement}`.
    fn replacement(&mut self, name: &str, start: usize, variables: &Variables<'_>) -> Result<Vec<Piece>, String> {
        let all = self.peek() == Some('/');
        if all {
            self.next();
        }
        let pattern = self.inner('/', true, variables)?;
        let by = self.inner('}', true, variables)?;
        let value = match self.get(name, variables) {
            Variable::Unknown(why) => return Ok(vec![Piece::Hole(why)]),
            Variable::Unset if self.keep_unset => return Ok(self.verbatim(start)),
            Variable::Unset => Vec::new(),
            Variable::Set(text) => pieces(text),
        };
        let (Some(value), Some(pattern), Some(by)) = (known(&value), known(&pattern), known(&by)) else {
            return Ok(vec![first_hole(&[&value, &pattern, &by])]);
        };
        if value.len() > LONGEST_VALUE {
            return Ok(vec![Piece::Hole(Why::Limit("patterns are not matched against so long a value"))]);
        }
        let pattern = Pattern::read(&pattern)?;
        Ok(vec![Piece::Known(pattern.replace(&value, &by, all).into())])
    }

    /// The word after an operator.
    fn inner(&mut self, stop: char, raw: bool, variables: &Variables<'_>) -> Result<Vec<Piece>, String> {
        self.depth += 1;
        if self.depth > DEPTH {
            return Err("variables are nested too deeply".to_owned());
        }
        let found = self.until(Some(stop), raw, variables);
        self.depth -= 1;
        found.map(|(pieces, _)| pieces)
    }

    fn name(&mut self) -> String {
        let start = self.at;
        match self.peek() {
            Some(c) if c.is_numeric() => {
                while self.peek().is_some_and(char::is_numeric) {
                    self.next();
                }
            }
            Some('@' | '*' | '#' | '?' | '-' | '$' | '!') => {
                self.next();
            }
            _ => {
                while self.peek().is_some_and(|c| c.is_alphanumeric() || c == '_') {
                    self.next();
                }
            }
        }
        self.text.get(start..self.at).unwrap_or_default().to_owned()
    }
}

/// Whether a text is `$name`, `${name}` or the same in double quotes.
fn is_sole(text: &str) -> bool {
    let text = text.strip_prefix('"').and_then(|text| text.strip_suffix('"')).unwrap_or(text);
    let Some(name) = text.strip_prefix('$') else { return false };
    let name = name.strip_prefix('{').and_then(|name| name.strip_suffix('}')).unwrap_or(name);
    !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || c == '_')
}

/// The pieces of a text; none where it is empty.
pub(super) fn pieces(text: &Text) -> Vec<Piece> {
    match text {
        Text::Known(text) if text.is_empty() => Vec::new(),
        Text::Known(text) => vec![Piece::Known(text.clone())],
        Text::Pieces(pieces) => pieces.to_vec(),
    }
}

/// The text of pieces without a hole.
pub(super) fn known(pieces: &[Piece]) -> Option<String> {
    let text = |piece: &Piece| match piece {
        Piece::Known(text) => Some(text.to_string()),
        Piece::Hole(_) => None,
    };
    pieces.iter().map(text).collect()
}

fn first_hole(texts: &[&Vec<Piece>]) -> Piece {
    let hole = texts.iter().flat_map(|pieces| pieces.iter()).find(|piece| matches!(piece, Piece::Hole(_)));
    hole.cloned().unwrap_or(Piece::Known("".into()))
}

/// Cuts what matches off the start (`#`) or the end (`%`), as little as possible, or as much where the mark is doubled.
fn trim(value: &[Piece], word: &[Piece], mark: char) -> Result<Vec<Piece>, String> {
    let (Some(text), Some(word)) = (known(value), known(word)) else {
        return Ok(vec![first_hole(&[&value.to_vec(), &word.to_vec()])]);
    };
    if text.len() > LONGEST_VALUE {
        return Ok(vec![Piece::Hole(Why::Limit("patterns are not matched against so long a value"))]);
    }
    let (greedy, word) = match word.strip_prefix(mark) {
        Some(rest) => (true, rest.to_owned()),
        None => (false, word),
    };
    let pattern = Pattern::read(&word)?;
    let rest = if mark == '#' { pattern.without_prefix(&text, greedy) } else { pattern.without_suffix(&text, greedy) };
    Ok(vec![Piece::Known(rest.into())])
}
