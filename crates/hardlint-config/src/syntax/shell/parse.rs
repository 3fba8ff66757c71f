//! Reads a script into commands, in one pass and linear time.

use super::redirection::Heredoc;
use super::word::{Part, Word};
use super::{Assignment, Command, DEPTH, How, Inside, Script};
use crate::text::Span;

/// Reads a script; places are those in `text`.
pub(super) fn parse(text: &str) -> Script {
    let mut parser = Parser {
        text,
        at: 0,
        end: text.len(),
        depth: 0,
        script: Script::default(),
        heredocs: Vec::new(),
        inner: Vec::new(),
    };
    parser.list(None);
    parser.script
}

pub(super) struct Parser<'t> {
    pub(super) text: &'t str,
    pub(super) at: usize,
    /// Nothing is read past this.
    pub(super) end: usize,
    pub(super) depth: usize,
    pub(super) script: Script,
    /// Heredocs that begin on the next line.
    pub(super) heredocs: Vec<Heredoc>,
    /// Commands whose output the current command gets: from, to, how.
    pub(super) inner: Vec<(usize, usize, How)>,
}

/// What encloses a command.
struct Frame {
    what: What,
    /// The first command in it.
    first: usize,
    /// What commands in it read by default.
    input: Option<usize>,
}

#[derive(Clone, Copy, PartialEq)]
enum What {
    /// `( … )`
    Parentheses,
    /// `{ … }`, `if … fi`, `while … done`
    Block,
    /// `case … esac`
    Case,
}

/// The state of one list of commands.
#[derive(Default)]
struct List {
    frames: Vec<Frame>,
    /// The command before `|`.
    pipe: Option<usize>,
    /// The command just read.
    last: Option<usize>,
    /// Whether patterns of a `case` come next.
    patterns: bool,
}

impl List {
    fn input(&self) -> Option<usize> {
        self.frames.last().and_then(|frame| frame.input)
    }

    fn open(&mut self, what: What, first: usize) {
        let input = self.pipe.take().or(self.input());
        self.frames.push(Frame { what, first, input });
        self.last = None;
    }

    fn close(&mut self, commands: usize) {
        if let Some(frame) = self.frames.pop() {
            self.last = commands.checked_sub(1).filter(|last| *last >= frame.first);
        }
    }
}

const RESERVED: &[&str] = &[
    "!", "{", "}", "case", "do", "done", "elif", "else", "esac", "fi", "for", "function", "if", "select", "then",
    "time", "until", "while", "[[",
];

impl Parser<'_> {
    pub(super) fn peek(&self) -> Option<u8> {
        self.ahead(0)
    }

    pub(super) fn ahead(&self, by: usize) -> Option<u8> {
        let at = self.at + by;
        self.text.as_bytes().get(at).copied().filter(|_| at < self.end)
    }

    pub(super) fn starts_with(&self, text: &str) -> bool {
        self.text.as_bytes().get(self.at..self.end).is_some_and(|rest| rest.starts_with(text.as_bytes()))
    }

    pub(super) fn slice(&self, start: usize, end: usize) -> &str {
        self.text.get(start..end.min(self.end)).unwrap_or_default()
    }

    pub(super) fn blanks(&mut self) {
        loop {
            match self.peek() {
                Some(b' ' | b'\t' | b'\r') => self.at += 1,
                Some(b'\\') if self.ahead(1) == Some(b'\n') => self.at += 2,
                Some(b'\\') if self.ahead(1) == Some(b'\r') && self.ahead(2) == Some(b'\n') => self.at += 3,
                _ => return,
            }
        }
    }

    pub(super) fn skip_comment(&mut self) {
        let rest = self.text.as_bytes().get(self.at..self.end).unwrap_or_default();
        self.at += memchr::memchr(b'\n', rest).unwrap_or(rest.len());
    }

    /// Reads commands up to `close`, or to the end.
    pub(super) fn list(&mut self, close: Option<u8>) {
        if self.depth >= DEPTH {
            self.script.truncated = true;
            self.at = self.end;
            return;
        }
        self.depth += 1;
        let inner = std::mem::take(&mut self.inner);
        let mut list = List::default();
        loop {
            self.blanks();
            if list.patterns {
                self.patterns(&mut list);
                continue;
            }
            let Some(byte) = self.peek() else { break };
            match byte {
                b')' => {
                    self.at += 1;
                    if list.frames.last().is_some_and(|frame| frame.what == What::Parentheses) {
                        list.close(self.script.commands.len());
                        self.group_redirects();
                    } else if close == Some(b')') {
                        break;
                    }
                }
                b'\n' => {
                    self.at += 1;
                    self.bodies();
                    if list.pipe.is_none() {
                        list.last = None;
                    }
                }
                b';' => self.semicolon(&mut list),
                b'|' => self.bar(&mut list),
                b'&' if self.ahead(1) != Some(b'>') => {
                    self.at += if self.ahead(1) == Some(b'&') { 2 } else { 1 };
                    list.last = None;
                }
                b'#' => self.skip_comment(),
                b'(' if self.ahead(1) == Some(b'(') => self.arithmetic(),
                b'(' => {
                    self.at += 1;
                    list.open(What::Parentheses, self.script.commands.len());
                }
                _ => self.command_or_keyword(&mut list),
            }
        }
        self.inner = inner;
        self.depth -= 1;
    }

    fn semicolon(&mut self, list: &mut List) {
        self.at += 1;
        list.last = None;
        if matches!(self.peek(), Some(b';' | b'&')) {
            while matches!(self.peek(), Some(b';' | b'&')) {
                self.at += 1;
            }
            list.patterns = list.frames.last().is_some_and(|frame| frame.what == What::Case);
        }
    }

    fn bar(&mut self, list: &mut List) {
        if self.ahead(1) == Some(b'|') {
            self.at += 2;
            list.last = None;
        } else {
            self.at += if self.ahead(1) == Some(b'&') { 2 } else { 1 };
            list.pipe = list.last.take();
        }
    }

    /// The patterns before the commands of a `case`.
    fn patterns(&mut self, list: &mut List) {
        while matches!(self.peek(), Some(b'\n' | b' ' | b'\t' | b'\r' | b'(')) || self.starts_with("\\\n") {
            self.at += 1;
        }
        list.patterns = false;
        if self.reserved() == Some("esac") {
            return;
        }
        loop {
            self.blanks();
            match self.peek() {
                None | Some(b'\n') => return,
                Some(b')') => {
                    self.at += 1;
                    return;
                }
                Some(b'#') => self.skip_comment(),
                Some(b'|' | b';' | b'&' | b'(' | b'<' | b'>') => self.at += 1,
                Some(_) => drop(self.word()),
            }
        }
    }

    /// The reserved word that stands here.
    fn reserved(&self) -> Option<&'static str> {
        let found = RESERVED.iter().filter(|word| self.starts_with(word)).max_by_key(|word| word.len())?;
        let after = self.ahead(found.len());
        let ends = match after {
            None | Some(b' ' | b'\t' | b'\r' | b'\n' | b';' | b'&' | b'|' | b')' | b'<' | b'>') => true,
            Some(b'(') => *found != "{",
            Some(b'\\') => self.ahead(found.len() + 1) == Some(b'\n'),
            Some(_) => false,
        };
        ends.then_some(*found)
    }

    fn command_or_keyword(&mut self, list: &mut List) {
        let Some(word) = self.reserved() else { return self.command(list) };
        let here = self.script.commands.len();
        match word {
            "[[" => return self.test(list),
            "{" | "if" | "while" | "until" => list.open(What::Block, here),
            "for" | "select" => {
                list.open(What::Block, here);
                self.at += word.len();
                return self.loop_head();
            }
            "case" => {
                self.at += word.len();
                return self.case(list);
            }
            "}" | "fi" | "done" | "esac" => {
                self.at += word.len();
                list.close(here);
                return self.group_redirects();
            }
            "function" => {
                self.at += word.len();
                self.blanks();
                drop(self.word());
                self.blanks();
                if self.starts_with("()") {
                    self.at += 2;
                }
                return;
            }
            _ => {}
        }
        self.at += word.len();
    }

    /// `for NAME in WORDS` up to its end.
    fn loop_head(&mut self) {
        loop {
            self.blanks();
            match self.peek() {
                None | Some(b'\n' | b';' | b')') => return,
                Some(b'(') if self.ahead(1) == Some(b'(') => self.arithmetic(),
                Some(b'&' | b'|' | b'(' | b'<' | b'>') => self.at += 1,
                Some(b'#') => self.skip_comment(),
                Some(_) if self.reserved() == Some("do") => return,
                Some(_) => drop(self.word()),
            }
        }
    }

    fn case(&mut self, list: &mut List) {
        self.blanks();
        drop(self.word());
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\r' | b'\n')) {
            self.at += 1;
        }
        list.open(What::Case, self.script.commands.len());
        if self.starts_with("in") {
            self.at += 2;
            list.patterns = true;
        }
    }

    /// `[[ … ]]`, in which operators are words.
    fn test(&mut self, list: &mut List) {
        let start = self.at;
        self.inner.clear();
        let mut words = Vec::new();
        loop {
            self.blanks();
            match self.peek() {
                None => break,
                Some(b'\n') => self.at += 1,
                Some(b'&' | b'|' | b'(' | b')' | b'<' | b'>' | b';' | b'#') => {
                    let at = self.at;
                    self.at += 1;
                    let part =
                        Part::Text { text: self.slice(at, at + 1).into(), at: Span::new(at, at + 1), quoted: false };
                    words.push(Word::new([part], Span::new(at, at + 1)));
                }
                Some(_) => {
                    let word = self.word();
                    let ends = word.known() == Some("]]");
                    words.push(word);
                    if ends {
                        break;
                    }
                }
            }
        }
        let command = Command { words, span: Span::new(start, self.at), ..Command::default() };
        self.finish(command, list);
    }

    /// Skips `((…))`.
    pub(super) fn arithmetic(&mut self) {
        let mut depth = 0;
        while let Some(byte) = self.peek() {
            self.at += 1;
            match byte {
                b'(' => depth += 1,
                b')' => {
                    depth -= 1;
                    if depth == 0 {
                        return;
                    }
                }
                b'\\' => self.at += 1,
                _ => {}
            }
        }
    }

    /// A simple command.
    fn command(&mut self, list: &mut List) {
        let start = self.at;
        let mut end = start;
        // What stood in the words of a loop, a pattern or a group's redirection is part of no command.
        self.inner.clear();
        let mut command = Command::default();
        let index = self.script.commands.len();
        let mut redirects = Vec::new();
        loop {
            self.blanks();
            let Some(byte) = self.peek() else { break };
            let digits = self.digits();
            match byte {
                b'\n' | b';' | b'|' | b')' => break,
                b'&' if self.ahead(1) != Some(b'>') => break,
                b'#' => {
                    self.skip_comment();
                    break;
                }
                b'(' if command.words.len() == 1 && self.function() => return,
                // Only in text that no shell would take.
                b'(' => self.at += 1,
                b'<' | b'>' if self.ahead(1) == Some(b'(') => command.words.push(self.word()),
                b'<' | b'>' | b'&' => self.redirect(&mut command, 0, Some(&mut redirects)),
                b'0'..=b'9' if matches!(self.ahead(digits), Some(b'<' | b'>')) => {
                    self.redirect(&mut command, digits, Some(&mut redirects));
                }
                _ => self.word_or_assignment(&mut command),
            }
            end = self.at;
        }
        command.span = Span::new(start, end);
        let index = self.finish(command, list).unwrap_or(index);
        for (redirect, mut heredoc) in redirects {
            heredoc.of = Some((index, redirect));
            self.heredocs.push(heredoc);
        }
    }

    /// Whether `()` stands here, which is then skipped.
    fn function(&mut self) -> bool {
        let before = self.at;
        self.at += 1;
        self.blanks();
        if self.peek() == Some(b')') {
            self.at += 1;
            return true;
        }
        self.at = before;
        false
    }

    fn finish(&mut self, mut command: Command, list: &mut List) -> Option<usize> {
        let inner = std::mem::take(&mut self.inner);
        if command.words.is_empty() && command.assignments.is_empty() && command.redirects.is_empty() {
            return None;
        }
        // Commands inside its words were read before it; they stand before it.
        let index = self.script.commands.len();
        for (from, to, how) in inner {
            for command in self.script.commands.get_mut(from..to).unwrap_or_default() {
                command.inside.get_or_insert(Inside { command: index, how });
            }
        }
        command.reads_from = list.pipe.take().or(list.input());
        self.script.commands.push(command.with_program());
        list.last = Some(index);
        Some(index)
    }

    fn word_or_assignment(&mut self, command: &mut Command) {
        let start = self.at;
        let name = self.name_length();
        let append = self.ahead(name) == Some(b'+');
        let equals = name + usize::from(append);
        if !command.words.is_empty() || name == 0 || self.ahead(equals) != Some(b'=') {
            let word = self.word();
            // A byte that begins no word ends none: it is left out, so that reading goes on.
            if word.span.start == word.span.end {
                self.at += self.text.get(self.at..).and_then(|rest| rest.chars().next()).map_or(1, char::len_utf8);
            } else {
                command.words.push(word);
            }
            return;
        }
        self.at += equals + 1;
        let at = Span::new(start, start + name);
        let name = self.slice(start, start + name).into();
        let value = if self.peek() == Some(b'(') { self.array() } else { self.word() };
        command.assignments.push(Assignment { name, at, value });
    }

    pub(super) fn name_length(&self) -> usize {
        let mut length = 0;
        while self.ahead(length).is_some_and(|byte| byte == b'_' || byte.is_ascii_alphanumeric()) {
            length += 1;
        }
        if self.peek().is_some_and(|byte| byte.is_ascii_digit()) { 0 } else { length }
    }

    /// `( words )` after `name=`: a value that is not one text.
    fn array(&mut self) -> Word {
        let start = self.at;
        self.at += 1;
        loop {
            self.blanks();
            match self.peek() {
                None => break,
                Some(b')') => {
                    self.at += 1;
                    break;
                }
                Some(b'#') => self.skip_comment(),
                Some(b'\n' | b';' | b'&' | b'|' | b'(' | b'<' | b'>') => self.at += 1,
                Some(_) => drop(self.word()),
            }
        }
        let span = Span::new(start, self.at);
        Word::new([Part::Output { at: span }], span)
    }
}
