//! The lines of a Dockerfile: directives, comments, instructions with their flags and heredocs, each with its place.
//!
//! Follows BuildKit's parser to the letter and never fails: what `docker build` would refuse becomes a fault beside the
//! tree. What an instruction means stands in [`super::instruction`]; nothing here expands a variable.

mod flags;
pub(super) mod heredoc;
pub(super) mod json;
pub(super) mod words;

use super::template;
use crate::model::Str;
use crate::syntax::joined::Joined;
use crate::text::Span;
pub(super) use flags::Flag;
pub(super) use heredoc::Heredoc;

/// The longest line that BuildKit reads, in bytes.
const LONGEST_LINE: usize = 65_535;

/// A Dockerfile.
#[derive(Debug)]
pub(super) struct File {
    /// Parser directives: `# syntax=…`.
    pub(super) directives: Vec<Directive>,
    /// Instructions in order; a trigger of `ONBUILD` stands as an instruction of its own.
    pub(super) instructions: Vec<Instruction>,
    /// Comments, mark included.
    pub(super) comments: Vec<Span>,
    /// What `docker build` would refuse.
    pub(super) faults: Vec<Fault>,
    /// Whether another program fills the file in before it is built.
    pub(super) template: bool,
    /// The template's expressions, which placeholders in the lines stand for.
    pub(super) templates: Vec<Str>,
    /// The first line that is template and nothing else, and so decides what of the file is built at all.
    pub(super) control: Option<Span>,
    /// The escape character.
    pub(super) escape: char,
}

/// Something that `docker build` refuses.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Fault {
    /// Where.
    pub(super) at: Span,
    /// Why.
    pub(super) message: String,
}

/// A parser directive.
#[derive(Debug)]
pub(super) struct Directive {
    /// Its name in lower case.
    pub(super) name: String,
    /// The name's place.
    pub(super) name_at: Span,
    /// The value's place.
    pub(super) value: Span,
}

/// One instruction.
#[derive(Debug)]
pub(super) struct Instruction {
    /// Which it is.
    pub(super) keyword: Keyword,
    /// Where its name stands.
    pub(super) keyword_at: Span,
    /// From its first byte to its last, heredocs included.
    pub(super) extent: Span,
    /// The instruction as one line, without comments and continuations.
    pub(super) line: Joined,
    /// `--name=value` before the arguments.
    pub(super) flags: Vec<Flag>,
    /// Where in `line` the arguments begin and end.
    pub(super) args: (usize, usize),
    /// Heredocs in order.
    pub(super) heredocs: Vec<Heredoc>,
    /// Whether `ONBUILD` stands before it.
    pub(super) trigger: bool,
    /// What looks like a flag of that `ONBUILD`, which has none.
    pub(super) trigger_flags: Vec<Flag>,
}

impl Instruction {
    /// The arguments as they are written.
    pub(super) fn text(&self) -> &str {
        self.line.slice(self.args.0, self.args.1)
    }

    /// Where the arguments stand; the instruction's name where it has none.
    pub(super) fn args_at(&self) -> Span {
        if self.args.0 < self.args.1 { self.line.span(self.args.0, self.args.1) } else { self.keyword_at }
    }
}

/// The instructions there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Keyword {
    Add,
    Arg,
    Cmd,
    Copy,
    Entrypoint,
    Env,
    Expose,
    From,
    Healthcheck,
    Label,
    Maintainer,
    Onbuild,
    Run,
    Shell,
    Stopsignal,
    User,
    Volume,
    Workdir,
    /// Not an instruction; a fault, or a line of a template.
    Unknown,
}

/// The instructions by name.
const KEYWORDS: &[(&str, Keyword)] = &[
    ("ADD", Keyword::Add),
    ("ARG", Keyword::Arg),
    ("CMD", Keyword::Cmd),
    ("COPY", Keyword::Copy),
    ("ENTRYPOINT", Keyword::Entrypoint),
    ("ENV", Keyword::Env),
    ("EXPOSE", Keyword::Expose),
    ("FROM", Keyword::From),
    ("HEALTHCHECK", Keyword::Healthcheck),
    ("LABEL", Keyword::Label),
    ("MAINTAINER", Keyword::Maintainer),
    ("ONBUILD", Keyword::Onbuild),
    ("RUN", Keyword::Run),
    ("SHELL", Keyword::Shell),
    ("STOPSIGNAL", Keyword::Stopsignal),
    ("USER", Keyword::User),
    ("VOLUME", Keyword::Volume),
    ("WORKDIR", Keyword::Workdir),
];

impl Keyword {
    /// The instruction so called, in any case.
    pub(super) fn named(name: &str) -> Self {
        let known = KEYWORDS.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
        known.map_or(Self::Unknown, |(_, keyword)| *keyword)
    }

    /// Its name in capitals.
    pub(super) fn name(self) -> &'static str {
        KEYWORDS.iter().find(|(_, keyword)| *keyword == self).map_or("", |(name, _)| name)
    }
}

/// What `unicode.IsSpace` of Go's says, and `char::is_whitespace` says as well.
pub(super) fn is_space(c: char) -> bool {
    c.is_whitespace()
}

/// The blanks that separate the words of an instruction.
pub(super) fn is_blank(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\r' | '\u{b}' | '\u{c}')
}

/// Parses a Dockerfile; what is wrong with a template is not told, since nobody builds it as it is.
pub(super) fn parse(source: &str, template: bool) -> File {
    let file = File {
        directives: Vec::new(),
        instructions: Vec::new(),
        comments: Vec::new(),
        faults: Vec::new(),
        template,
        templates: Vec::new(),
        control: None,
        escape: '\\',
    };
    let mut parser = Parser { source, at: 0, directives_over: false, file };
    if source.starts_with('\u{feff}') {
        parser.at = '\u{feff}'.len_utf8();
    }
    while let Some(line) = parser.line() {
        parser.logical(line);
    }
    if parser.file.instructions.is_empty() {
        parser.fault(Span::new(0, 0), "the file has no instructions".to_owned());
    }
    if template {
        parser.file.faults.clear();
    }
    parser.file
}

/// The comments of a Dockerfile.
pub(super) fn comments(source: &str) -> Vec<Span> {
    parse(source, false).comments
}

struct Parser<'s> {
    source: &'s str,
    /// Where the next line begins.
    at: usize,
    directives_over: bool,
    file: File,
}

impl<'s> Parser<'s> {
    fn fault(&mut self, at: Span, message: String) {
        self.file.faults.push(Fault { at, message });
    }

    /// The next line, without its end.
    fn line(&mut self) -> Option<Span> {
        let rest = self.source.get(self.at..).filter(|rest| !rest.is_empty())?;
        let end = memchr::memchr(b'\n', rest.as_bytes());
        let line = Span::new(self.at, self.at + end.unwrap_or(rest.len()));
        self.at += end.map_or(rest.len(), |end| end + 1);
        let text = self.text(line);
        if text.len() > LONGEST_LINE {
            let message = format!("the line is longer than the {LONGEST_LINE} bytes that BuildKit reads");
            self.fault(Span::new(line.start as usize, line.start as usize), message);
        }
        Some(Span::new(line.start as usize, line.start as usize + text.trim_end_matches('\r').len()))
    }

    fn text(&self, span: Span) -> &'s str {
        self.source.get(span.range()).unwrap_or_default()
    }

    /// The line without what blank characters it begins with.
    fn trimmed(&self, line: Span) -> Span {
        let text = self.text(line);
        let blank = text.len() - text.trim_start_matches(is_space).len();
        Span::new(line.start as usize + blank, line.end as usize)
    }

    /// Whether a line is a comment, which is then remembered.
    fn is_comment(&mut self, trimmed: Span) -> bool {
        let is = self.text(trimmed).starts_with('#');
        if is {
            self.file.comments.push(trimmed);
        }
        is
    }

    /// The line without the escape that continues it, and whether one does.
    fn continuation(&self, line: Span) -> (Span, bool) {
        let text = self.text(line);
        let body = text.trim_end_matches([' ', '\t']);
        match body.strip_suffix(self.file.escape) {
            Some(before) if !before.ends_with(self.file.escape) => {
                (Span::new(line.start as usize, line.start as usize + before.len()), true)
            }
            _ => (line, false),
        }
    }

    /// A parser directive, as long as nothing else was met.
    fn directive(&mut self, trimmed: Span) {
        if self.directives_over {
            return;
        }
        let Some(directive) = directive(self.text(trimmed), trimmed.start as usize) else {
            self.directives_over = true;
            return;
        };
        let value = self.text(directive.value);
        if self.file.directives.iter().any(|known| known.name == directive.name) {
            self.fault(trimmed, format!("the parser directive `{}` stands twice", directive.name));
        } else if directive.name == "escape" {
            match value {
                "\\" => self.file.escape = '\\',
                "`" => self.file.escape = '`',
                _ => self.fault(directive.value, format!("`{value}` cannot be the escape character: it is \\ or `")),
            }
        }
        self.file.directives.push(directive);
    }

    /// Reads one instruction, which begins on `first`.
    fn logical(&mut self, first: Span) {
        let first = self.trimmed(first);
        self.directive(first);
        if self.is_comment(first) {
            return;
        }
        let (mut part, mut more) = self.continuation(first);
        if !more && part.start == part.end {
            return;
        }
        if self.template_line(first) {
            return;
        }
        let mut line = Joined::default();
        self.push(&mut line, part);
        let mut extent = first;
        let mut passed = None;
        while more {
            let Some(next) = self.line() else { break };
            let trimmed = self.trimmed(next);
            let skip = self.is_comment(trimmed) || trimmed.start == trimmed.end || self.template_line(trimmed);
            if skip {
                passed = Some(next);
                continue;
            }
            (part, more) = self.continuation(next);
            self.push(&mut line, part);
            extent = extent.to(next);
        }
        // What was looked through for more to the end of the file belongs to it.
        if let Some(last) = passed.filter(|last| more && last.end > extent.end) {
            extent = extent.to(last);
        }
        let start = line.text().len() - line.text().trim_start_matches(is_space).len();
        if line.text().len() > start {
            self.instruction(line, start, extent, None);
        }
    }

    fn push(&mut self, line: &mut Joined, part: Span) {
        if self.file.template {
            template::push(line, self.source, part, &mut self.file.templates);
        } else {
            line.push(self.source, part);
        }
    }

    /// A template's line that is no part of the Dockerfile which comes of it.
    fn template_line(&mut self, trimmed: Span) -> bool {
        let is = self.file.template && template::is_line(self.text(trimmed));
        if is {
            self.file.control.get_or_insert(trimmed);
        }
        is
    }

    /// Takes one joined line apart; what stands before `start` belongs to `ONBUILD`.
    fn instruction(&mut self, line: Joined, start: usize, extent: Span, onbuild: Option<Vec<Flag>>) {
        let text = line.text();
        let end = text.trim_end_matches(is_space).len();
        let rest = text.get(start..end).unwrap_or_default();
        let name = rest.find(is_blank).unwrap_or(rest.len());
        let keyword_at = line.span(start, start + name);
        let word = rest.get(..name).unwrap_or_default().to_owned();
        let keyword = Keyword::named(&word);
        let after = rest.get(name..).unwrap_or_default();
        let args_start = start + name + (after.len() - after.trim_start_matches(is_blank).len());
        let (flags, args) = flags::flags(&line, args_start, end);
        let (trigger, trigger_flags) = (onbuild.is_some(), onbuild.unwrap_or_default());
        let heredocs = Vec::new();
        let mut instruction =
            Instruction { keyword, keyword_at, extent, line, flags, args, heredocs, trigger, trigger_flags };
        match keyword {
            Keyword::Unknown => self.unknown(&word, keyword_at),
            Keyword::Onbuild => return self.onbuild(instruction),
            Keyword::Run | Keyword::Copy | Keyword::Add => self.heredocs(&mut instruction),
            _ => {}
        }
        self.file.instructions.push(instruction);
    }

    fn unknown(&mut self, word: &str, at: Span) {
        let near = KEYWORDS.iter().map(|(name, _)| (distance(&word.to_ascii_uppercase(), name), name)).min();
        let hint = near.filter(|(distance, _)| *distance < 3).map(|(_, name)| format!("; did you mean {name}?"));
        let word: String = word.chars().take(40).collect();
        self.fault(at, format!("unknown instruction: {word}{}", hint.unwrap_or_default()));
    }

    /// `ONBUILD`: what follows is an instruction of its own, which runs in images built from this one.
    fn onbuild(&mut self, outer: Instruction) {
        for flag in &outer.flags {
            self.file.faults.push(Fault { at: flag.at, message: format!("unknown flag: --{}", flag.name) });
        }
        if outer.text().is_empty() {
            return self.fault(outer.keyword_at, "ONBUILD requires at least one argument".to_owned());
        }
        if outer.trigger {
            return self.fault(outer.keyword_at, "ONBUILD cannot be the trigger of ONBUILD".to_owned());
        }
        let Instruction { line, args, extent, flags, .. } = outer;
        self.instruction(line, args.0, extent, Some(flags));
    }

    /// Reads the bodies of the heredocs that the instruction's line announces.
    fn heredocs(&mut self, instruction: &mut Instruction) {
        if !instruction.text().contains("<<") || json::read(&instruction.line, instruction.args).is_ok() {
            return;
        }
        for mark in heredoc::marks(instruction.line.text()) {
            let begin = self.at;
            let mut end = None;
            while let Some(line) = self.line() {
                let text = self.text(line);
                let text = if mark.strip_tabs { text.trim_start_matches('\t') } else { text };
                if text == mark.name {
                    end = Some(line);
                    break;
                }
            }
            let Some(end) = end else {
                let at = instruction.extent;
                self.fault(at, format!("the heredoc `{}` is never ended", mark.name));
                let body = Span::new(begin, self.source.len());
                instruction.extent = instruction.extent.to(body);
                instruction.heredocs.push(Heredoc { mark, body, end: Span::new(self.source.len(), self.source.len()) });
                return;
            };
            let body = Span::new(begin, end.start as usize);
            instruction.extent = instruction.extent.to(end);
            instruction.heredocs.push(Heredoc { mark, body, end });
        }
    }
}

/// Reads `# name = value` if the name is one that BuildKit knows.
fn directive(text: &str, start: usize) -> Option<Directive> {
    let rest = text.strip_prefix('#')?.trim_start_matches([' ', '\t', '\u{c}']);
    let name_start = text.len() - rest.len();
    let length = rest.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(rest.len());
    let name = rest.get(..length).filter(|name| name.starts_with(|c: char| c.is_ascii_alphabetic()))?;
    let after = rest.get(length..)?.trim_start_matches([' ', '\t', '\u{c}']);
    let value = after.strip_prefix('=')?.trim_start_matches([' ', '\t', '\u{c}']);
    let value_start = text.len() - value.len();
    let value = value.trim_end();
    let name = name.to_ascii_lowercase();
    if value.is_empty() || !["syntax", "escape", "check"].contains(&name.as_str()) {
        return None;
    }
    Some(Directive {
        name_at: Span::new(start + name_start, start + name_start + length),
        value: Span::new(start + value_start, start + value_start + value.len()),
        name,
    })
}

/// How many letters have to be put in, taken out or changed to make one word the other; words of no sensible length
/// are far apart.
fn distance(a: &str, b: &str) -> usize {
    if a.len() > 20 || b.len() > 20 {
        return usize::MAX;
    }
    // The distances from what is read of `a` to each beginning of `b` but the empty one.
    let mut row: [usize; 20] = std::array::from_fn(|at| at + 1);
    let mut left = b.len();
    for (i, x) in a.bytes().enumerate() {
        let mut diagonal = i;
        left = i + 1;
        for (y, cell) in b.bytes().zip(&mut row) {
            let above = *cell;
            left = (left + 1).min(above + 1).min(diagonal + usize::from(x != y));
            diagonal = above;
            *cell = left;
        }
    }
    left
}

#[cfg(test)]
mod tests;
