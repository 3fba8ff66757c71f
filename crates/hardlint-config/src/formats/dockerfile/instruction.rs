//! What the arguments of an instruction are, and what BuildKit refuses in them before it builds anything.

use super::syntax::json::{self, NotStrings};
use super::syntax::words::{self, Pair, Range};
use super::syntax::{Fault, Flag, Instruction, Keyword, heredoc, is_space};
use crate::formats::words::Words;
use crate::syntax::joined::Joined;
use crate::text::Span;

/// An instruction's arguments, by its kind. Words keep their quotes and variables.
#[derive(Debug)]
pub(super) enum Op {
    /// `FROM image AS name`.
    From { image: Joined, name: Option<Joined> },
    /// `ARG name=default …`.
    Arg(Vec<Argument>),
    /// `ENV name=value …`.
    Env(Vec<Setting>),
    /// `LABEL name=value …`.
    Label(Vec<Setting>),
    /// `COPY` and `ADD`.
    Copy { sources: Vec<Joined>, destination: Joined },
    /// `RUN`, `CMD`, `ENTRYPOINT`, and `HEALTHCHECK CMD`.
    Command(Form),
    /// `HEALTHCHECK NONE`.
    NoHealthcheck,
    /// `SHELL ["sh", "-c"]`.
    Shell(Vec<Joined>),
    /// `EXPOSE`, `VOLUME`.
    Words(Vec<Joined>),
    /// `USER`, `WORKDIR`, `STOPSIGNAL`, `MAINTAINER`.
    Text(Joined),
}

/// How a command is written.
#[derive(Debug)]
pub(super) enum Form {
    /// A JSON array: these words, no shell.
    Exec(Vec<Joined>),
    /// Text for the shell.
    Shell(Joined),
}

/// A build argument as it is declared.
#[derive(Debug)]
pub(super) struct Argument {
    pub(super) name: Joined,
    pub(super) value: Option<Joined>,
}

/// A name and its value.
#[derive(Debug)]
pub(super) struct Setting {
    pub(super) name: Joined,
    pub(super) value: Joined,
}

/// The flags of one instruction.
struct Flags {
    of: Keyword,
    /// Flags with a value.
    values: &'static [&'static str],
    /// Flags with a value that may stand several times.
    lists: &'static [&'static str],
    /// Flags that are true or false.
    switches: &'static [&'static str],
}

/// The instructions, by the reference of Dockerfiles.
pub(super) const WORDS: Words = Words {
    statements: &[
        ("ADD", "Copies files, archives and downloads into the image."),
        ("ARG", "Names a value that whoever builds may give."),
        ("CMD", "What the container runs, or what its entrypoint is given."),
        ("COPY", "Copies files of the folder that is built, or of another stage, into the image."),
        ("ENTRYPOINT", "The program that the container runs."),
        ("ENV", "Sets a variable, in the steps that follow and in the container."),
        ("EXPOSE", "Says on which ports the container listens."),
        ("FROM", "Begins a stage, on an image or another stage."),
        ("HEALTHCHECK", "How Docker asks whether the container works."),
        ("LABEL", "Labels the image."),
        ("ONBUILD", "An instruction that images built on this one run first."),
        ("RUN", "Runs a command while the image is built."),
        ("SHELL", "The shell that reads commands which are no JSON array."),
        ("STOPSIGNAL", "The signal that stops the container."),
        ("USER", "Who runs the steps that follow, and the container."),
        ("VOLUME", "Folders whose data outlives the container."),
        ("WORKDIR", "The folder of the steps that follow, and of the container."),
    ],
    ..Words::NONE
};

const FLAGS: &[Flags] = &[
    Flags {
        of: Keyword::Add,
        values: &["chown", "chmod", "checksum"],
        lists: &["exclude"],
        switches: &["link", "keep-git-dir", "unpack"],
    },
    Flags {
        of: Keyword::Copy,
        values: &["chown", "chmod", "from"],
        lists: &["exclude"],
        switches: &["link", "parents"],
    },
    Flags { of: Keyword::From, values: &["platform"], lists: &[], switches: &[] },
    Flags { of: Keyword::Run, values: &["network", "security"], lists: &["mount", "device"], switches: &[] },
    Flags {
        of: Keyword::Healthcheck,
        values: &["interval", "timeout", "start-period", "start-interval", "retries"],
        lists: &[],
        switches: &[],
    },
];

/// Instructions without flags.
const NO_FLAGS: Flags = Flags { of: Keyword::Unknown, values: &[], lists: &[], switches: &[] };

/// Reads the arguments; faults go to `faults`, and what can still be understood comes back.
pub(super) fn read(instruction: &Instruction, source: &str, escape: char, faults: &mut Vec<Fault>) -> Option<Op> {
    let mut reader = Reader { instruction, source, escape, faults };
    reader.flags();
    reader.op()
}

struct Reader<'a> {
    instruction: &'a Instruction,
    source: &'a str,
    escape: char,
    faults: &'a mut Vec<Fault>,
}

impl Reader<'_> {
    fn fault(&mut self, at: Span, message: String) {
        self.faults.push(Fault { at, message });
    }

    fn flags(&mut self) {
        let keyword = self.instruction.keyword;
        let Flags { values, lists, switches, .. } = FLAGS.iter().find(|flags| flags.of == keyword).unwrap_or(&NO_FLAGS);
        let mut seen: Vec<&str> = Vec::new();
        for flag in &self.instruction.flags {
            let name = flag.name.as_str();
            if keyword == Keyword::Unknown {
                return;
            }
            let message = if switches.contains(&name) {
                let wrong = flag.value.is_some() && !["true", "false"].contains(&flag.text());
                wrong.then(|| format!("the flag --{name} is true or false, not `{}`", flag.text()))
            } else if !values.contains(&name) && !lists.contains(&name) {
                Some(format!("unknown flag: --{name}"))
            } else if flag.value.is_none() {
                Some(format!("the flag --{name} has no value"))
            } else {
                self.duration(flag)
            };
            let twice = seen.contains(&name) && !lists.contains(&name);
            let message = message.or_else(|| twice.then(|| format!("the flag --{name} stands twice")));
            seen.push(name);
            if let Some(message) = message {
                self.faults.push(Fault { at: flag.at, message });
            }
        }
    }

    /// What is wrong with a time or number of `HEALTHCHECK`.
    fn duration(&self, flag: &Flag) -> Option<String> {
        if self.instruction.keyword != Keyword::Healthcheck {
            return None;
        }
        let text = flag.text();
        let name = flag.name.as_str();
        if name == "retries" {
            let good = text.is_empty() || text.parse::<i32>().is_ok_and(|number| number >= 0);
            return (!good).then(|| format!("--{name} is a number from 0, not `{text}`"));
        }
        match nanoseconds(text) {
            _ if text.is_empty() => None,
            None => Some(format!("`{text}` is no time such as `30s`")),
            Some(time) if time != 0.0 && time < 1e6 => Some(format!("--{name} cannot be less than 1ms")),
            Some(_) => None,
        }
    }

    fn op(&mut self) -> Option<Op> {
        let at = self.instruction.args_at();
        let empty = self.instruction.text().is_empty();
        let keyword = self.instruction.keyword;
        let name = keyword.name();
        Some(match keyword {
            Keyword::From => return self.from(),
            Keyword::Arg => {
                let words = words::quoted(&self.instruction.line, self.instruction.args, self.escape);
                if words.is_empty() {
                    self.fault(at, format!("{name} requires at least one argument"));
                }
                Op::Arg(words.into_iter().filter_map(|word| self.argument(word)).collect())
            }
            Keyword::Env => Op::Env(self.settings(name)),
            Keyword::Label => Op::Label(self.settings(name)),
            Keyword::Copy | Keyword::Add => return self.copy(name),
            Keyword::Run | Keyword::Cmd | Keyword::Entrypoint => Op::Command(self.form(self.instruction.args)?),
            Keyword::Healthcheck => return self.healthcheck(),
            Keyword::Shell => match self.json(self.instruction.args) {
                Ok(words) if !words.is_empty() => Op::Shell(words),
                Ok(_) => {
                    self.fault(at, "SHELL requires at least one argument".to_owned());
                    return None;
                }
                Err(NotStrings::Other) => return None,
                Err(NotStrings::NotJson) => {
                    self.fault(at, "SHELL requires its arguments as a JSON array".to_owned());
                    return None;
                }
            },
            Keyword::Expose | Keyword::Volume => {
                let words = self.words(keyword == Keyword::Volume)?;
                if words.is_empty() {
                    self.fault(at, format!("{name} requires at least one argument"));
                }
                Op::Words(words)
            }
            Keyword::User | Keyword::Workdir | Keyword::Stopsignal | Keyword::Maintainer => {
                if empty {
                    self.fault(at, format!("{name} requires exactly one argument"));
                    return None;
                }
                Op::Text(self.part(self.instruction.args))
            }
            Keyword::Onbuild | Keyword::Unknown => return None,
        })
    }

    fn part(&self, range: Range) -> Joined {
        let mut part = Joined::default();
        part.push_from(&self.instruction.line, range.0, range.1);
        part
    }

    /// The words of a JSON array; a fault where it holds other things than strings.
    fn json(&mut self, range: Range) -> Result<Vec<Joined>, NotStrings> {
        let words = json::read(&self.instruction.line, range);
        if let Err(NotStrings::Other) = words {
            let at = self.instruction.line.span(range.0, range.1);
            self.fault(at, "an array of arguments may hold strings only".to_owned());
        }
        words
    }

    fn words(&mut self, or_json: bool) -> Option<Vec<Joined>> {
        let range = self.instruction.args;
        if or_json {
            match self.json(range) {
                Ok(words) => return Some(words),
                Err(NotStrings::Other) => return None,
                Err(NotStrings::NotJson) => {}
            }
        }
        let words = words::blank_separated(&self.instruction.line, range);
        Some(words.into_iter().map(|word| self.part(word)).collect())
    }

    /// The shell or exec form; the shell's text has the heredocs as the shell will read them.
    fn form(&mut self, range: Range) -> Option<Form> {
        match self.json(range) {
            Ok(words) => return Some(Form::Exec(words)),
            Err(NotStrings::Other) => return None,
            Err(NotStrings::NotJson) => {}
        }
        let heredocs = &self.instruction.heredocs;
        let text = self.part(range);
        if let [only] = heredocs.as_slice()
            && heredoc::mark(text.text()).is_some()
        {
            return Some(Form::Shell(self.body(only)));
        }
        let mut text = text;
        for heredoc in heredocs {
            let start = heredoc.body.start as usize;
            text.push_as("\n", Span::new(start, start));
            text.push(self.source, heredoc.body);
            text.push(self.source, heredoc.end);
        }
        Some(Form::Shell(text))
    }

    /// The body of a heredoc, without the tabs that `<<-` takes away.
    fn body(&self, heredoc: &super::syntax::Heredoc) -> Joined {
        if !heredoc.mark.strip_tabs {
            return Joined::of(self.source, heredoc.body);
        }
        let mut joined = Joined::default();
        let mut at = heredoc.body.start as usize;
        let text = self.source.get(heredoc.body.range()).unwrap_or_default();
        for line in text.split_inclusive('\n') {
            let tabs = line.len() - line.trim_start_matches('\t').len();
            joined.push(self.source, Span::new(at + tabs, at + line.len()));
            at += line.len();
        }
        joined
    }

    fn from(&mut self) -> Option<Op> {
        let words = words::blank_separated(&self.instruction.line, self.instruction.args);
        let line = &self.instruction.line;
        let (image, name) = match words.as_slice() {
            [image] => (*image, None),
            [image, r#as, name] if line.slice(r#as.0, r#as.1).eq_ignore_ascii_case("as") => (*image, Some(*name)),
            _ => {
                self.fault(self.instruction.args_at(), "FROM requires either one or three arguments".to_owned());
                (*words.first()?, None)
            }
        };
        if let Some((start, end)) = name {
            let text = line.slice(start, end).to_ascii_lowercase();
            let good = text.starts_with(|c: char| c.is_ascii_lowercase())
                && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || "-_.".contains(c));
            if !good {
                let at = line.span(start, end);
                self.fault(at, format!("`{text}` cannot be a stage's name: letters, digits and `-_.`, a letter first"));
            }
        }
        Some(Op::From { image: self.part(image), name: name.map(|name| self.part(name)) })
    }

    fn argument(&mut self, word: Range) -> Option<Argument> {
        let text = self.instruction.line.slice(word.0, word.1);
        let Some(equals) = text.find('=') else {
            return Some(Argument { name: self.part(word), value: None });
        };
        if equals == 0 {
            self.fault(self.instruction.line.span(word.0, word.1), "ARG names cannot be blank".to_owned());
            return None;
        }
        let name = self.part((word.0, word.0 + equals));
        Some(Argument { name, value: Some(self.part((word.0 + equals + 1, word.1))) })
    }

    fn settings(&mut self, name: &str) -> Vec<Setting> {
        let line = &self.instruction.line;
        let pairs = match words::pairs(line, self.instruction.args, self.escape, name) {
            Ok(pairs) => pairs,
            Err((range, message)) => {
                self.fault(line.span(range.0, range.1), message);
                return Vec::new();
            }
        };
        if pairs.is_empty() {
            self.fault(self.instruction.args_at(), format!("{name} requires at least one argument"));
        }
        let mut settings = Vec::new();
        for Pair { name: key, value } in pairs {
            if key.0 == key.1 {
                self.fault(line.span(key.0, value.1), format!("{name} names cannot be blank"));
                continue;
            }
            settings.push(Setting { name: self.part(key), value: self.part(value) });
        }
        settings
    }

    fn copy(&mut self, name: &str) -> Option<Op> {
        let mut sources = self.words(true)?;
        if sources.len() < 2 {
            let message = format!("{name} requires at least two arguments, a source and the destination");
            self.fault(self.instruction.args_at(), message);
            return None;
        }
        let destination = sources.pop()?;
        if heredoc::mark(destination.text()).is_some() {
            self.fault(self.instruction.args_at(), format!("{name} cannot have a heredoc as its destination"));
        }
        Some(Op::Copy { sources, destination })
    }

    fn healthcheck(&mut self) -> Option<Op> {
        let (start, end) = self.instruction.args;
        let text = self.instruction.text();
        let at = self.instruction.args_at();
        let length = text.find(is_space).unwrap_or(text.len());
        let kind = text.get(..length).unwrap_or_default();
        let rest = text.get(length..).unwrap_or_default();
        let rest_start = start + length + (rest.len() - rest.trim_start_matches(is_space).len());
        if kind.is_empty() {
            self.fault(at, "HEALTHCHECK requires at least one argument".to_owned());
            return None;
        }
        if kind.eq_ignore_ascii_case("NONE") {
            if rest_start < end {
                self.fault(at, "HEALTHCHECK NONE takes no arguments".to_owned());
            }
            return Some(Op::NoHealthcheck);
        }
        if !kind.eq_ignore_ascii_case("CMD") {
            let kind: String = kind.chars().take(40).collect();
            self.fault(at, format!("HEALTHCHECK takes CMD or NONE, not `{kind}`"));
            return None;
        }
        if rest_start >= end {
            self.fault(at, "HEALTHCHECK CMD has no command".to_owned());
            return None;
        }
        Some(Op::Command(self.form((rest_start, end))?))
    }
}

/// A time as Go writes it: `1h30m`, `1.5s`.
fn nanoseconds(text: &str) -> Option<f64> {
    const UNITS: &[(&str, f64)] =
        &[("ns", 1.0), ("us", 1e3), ("µs", 1e3), ("μs", 1e3), ("ms", 1e6), ("s", 1e9), ("m", 6e10), ("h", 3.6e12)];
    let mut rest = text.strip_prefix(['-', '+']).unwrap_or(text);
    let sign = if text.starts_with('-') { -1.0 } else { 1.0 };
    if rest == "0" {
        return Some(0.0);
    }
    let mut total = 0.0;
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let number: f64 = rest.get(..digits)?.parse().ok()?;
        rest = rest.get(digits..)?;
        let unit = rest.find(|c: char| c.is_ascii_digit() || c == '.').unwrap_or(rest.len());
        let factor = UNITS.iter().find(|(name, _)| Some(*name) == rest.get(..unit))?.1;
        total += number * factor;
        rest = rest.get(unit..)?;
    }
    Some(sign * total)
}
