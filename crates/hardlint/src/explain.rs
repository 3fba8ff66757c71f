//! `hardlint explain`: what a rule is about, and what it makes of a place.

use crate::args::{Explain, Judging};
use crate::linter;
use crate::project::Alone;
use crate::report::clean::{self, wrap};
use crate::report::{Out, severity_colour};
use crate::root::Names;
use crate::{CLEAN, rules, style};
use anstyle::Style as Colour;
use anyhow::{Result, bail};
use hardlint_config::deployment::{self, role::Role};
use hardlint_config::workspace::Slot;
use hardlint_lint::Linter;
use hardlint_lint::rule::{Example, Rule, Status};
use hardlint_lint::ruleset::Compiled;
use hardlint_lint::suppress::{self, About};
use hardlint_lint::trace::{Answer, Trace, TracePart};
use std::io::{self, Write};
use std::path::Path;

/// How wide text is where there is no terminal.
const WIDTH: usize = 100;

/// Runs the command, and gives the exit status.
///
/// # Errors
/// Where there is no such rule, or no such file.
pub fn run(args: &Explain) -> Result<u8> {
    let judging = Judging { preview: true, pedantic: true, rules: args.rules.clone(), ..Judging::default() };
    let Some((path, line)) = &args.at else {
        if let Some(about) = suppress::ABOUT.iter().find(|about| about.rule == args.rule) {
            let mut page = Page::new();
            page.about(about)?;
            page.out.flush()?;
            return Ok(CLEAN);
        }
        let linter = linter::new(&judging, None)?;
        let Some(rule) = linter.rules.named(&args.rule) else { bail!(linter::unknown(&linter.rules, &args.rule)) };
        let mut page = Page::new();
        page.rule(rule)?;
        page.out.flush()?;
        return Ok(CLEAN);
    };
    trace(args, &judging, path, *line)
}

fn trace(args: &Explain, judging: &Judging, path: &Path, line: usize) -> Result<u8> {
    let alone = Alone::open(path, &args.reading)?;
    let linter = linter::new(judging, None)?;
    let Some(rule) = linter.rules.named(&args.rule) else { bail!(linter::unknown(&linter.rules, &args.rule)) };
    // What is deployed is joined from all files.
    let joined = rule.rule.format() == deployment::FORMAT.id;
    let project = if joined { alone.fill_whole(&args.reading) } else { alone.fill(&args.reading, false) };
    let (names, path) = (&alone.names, alone.path());
    let traces = linter.explain(&project.workspace, &rule.rule.id, path, line);
    let mut page = Page::new();
    let shown = names.of(path);
    if traces.is_empty() {
        let slot = project.workspace.slot(path);
        page.nothing(&rule.rule, slot, &shown, line)?;
    }
    for trace in &traces {
        page.trace(&linter, &rule.rule, names, trace)?;
    }
    // What a path says comes first; it says nothing of services that run for developers.
    let of_scope = traces.iter().find_map(|trace| trace.role);
    let purpose = project.workspace.slot(path).map(|slot| match slot.role {
        Role::Unknown => of_scope.unwrap_or(Role::Unknown).name(),
        told => told.name(),
    });
    let silent = |purpose: &&str| !traces.is_empty() && !rule.rule.roles.iter().any(|it| it == purpose);
    if let Some(purpose) = purpose.filter(silent) {
        let roles = rule.rule.roles.join(", ");
        page.paragraph("", &format!("This is for {purpose}; the rule speaks in files for {roles} only."))?;
    }
    page.out.flush()?;
    Ok(CLEAN)
}

/// Where text is laid out.
struct Page {
    out: Out,
    width: usize,
    colour: bool,
}

impl Page {
    fn new() -> Self {
        let style = style();
        Self { out: Out::standard(), width: style.width.unwrap_or(WIDTH).max(30), colour: style.colour }
    }

    fn paint(&self, colour: Colour, text: &str) -> String {
        if self.colour { format!("{colour}{text}{colour:#}") } else { text.to_owned() }
    }

    fn rule(&mut self, compiled: &Compiled) -> io::Result<()> {
        let rule = &compiled.rule;
        let severity = self.paint(severity_colour(rule.severity), rule.severity.name());
        let title = self.paint(Colour::new().bold(), &clean::line(&rule.title));
        writeln!(self.out, "{severity}[{}]: {title}", clean::line(&rule.id))?;
        let preview = match rule.status {
            Status::Preview => "; speaks with --preview or --pedantic only",
            Status::Stable => "",
        };
        writeln!(self.out, "confidence {}, since {}{preview}\n", rule.confidence.name(), rule.since)?;
        for paragraph in rule.why.split("\n\n").filter(|paragraph| !paragraph.trim().is_empty()) {
            self.paragraph("", paragraph)?;
            writeln!(self.out)?;
        }
        if let Some(fix) = &rule.fix {
            self.paragraph("fix: ", &format!("{} ({})", fix.title, fix.safety.name()))?;
            writeln!(self.out)?;
        }
        writeln!(self.out, "It judges each `{}` of a {} file and fires where", rule.select, rule.format())?;
        for line in rule.when.trim().lines() {
            writeln!(self.out, "    {}", clean::line(line.trim_end()))?;
        }
        let (bad, good) = compiled.examples();
        for (what, examples) in [("fires", &bad), ("is silent", &good)] {
            for text in examples.iter().filter_map(snippet) {
                writeln!(self.out, "\nHere it {what}:")?;
                for line in text.trim_end().lines() {
                    writeln!(self.out, "    {}", clean::line(line))?;
                }
            }
        }
        writeln!(self.out)?;
        for (name, list) in [("the same elsewhere", &rule.equivalents), ("references", &rule.references)] {
            if !list.is_empty() {
                self.paragraph(&format!("{name}: "), &list.join(", "))?;
            }
        }
        writeln!(self.out, "{}", rules::url(rule))
    }

    fn about(&mut self, about: &About) -> io::Result<()> {
        let severity = self.paint(severity_colour(about.severity), about.severity.name());
        let title = self.paint(Colour::new().bold(), about.title);
        writeln!(self.out, "{severity}[{}]: {title}\n", about.rule)?;
        self.paragraph("", about.why)?;
        writeln!(self.out)?;
        self.paragraph("fix: ", about.fix)?;
        let said = "It is told beside what rules find, and can be named in `ignore` as a rule.";
        writeln!(self.out)?;
        self.paragraph("", said)
    }

    fn paragraph(&mut self, before: &str, text: &str) -> io::Result<()> {
        for line in wrap(&format!("{before}{}", clean::line(&text.replace('\n', " "))), self.width) {
            writeln!(self.out, "{line}")?;
        }
        Ok(())
    }

    fn nothing(&mut self, rule: &Rule, slot: Option<&Slot>, shown: &str, line: usize) -> io::Result<()> {
        let shown = clean::line(shown);
        let why = match slot.map(|slot| (slot.format(), &slot.unread)) {
            Some((_, Some(error))) => format!("{shown}: {error}"),
            Some((Some(format), None)) if format == rule.format() => {
                format!("No `{}` of {shown} covers line {line}, so `{}` judges nothing there.", rule.select, rule.id)
            }
            _ if rule.format() == deployment::FORMAT.id => {
                format!(
                    "No `{}` of what is deployed rests on line {line} of {shown}, so `{}` judges nothing there.",
                    rule.select, rule.id
                )
            }
            Some((Some(format), None)) => {
                format!("{shown} is read as {format}; `{}` judges {} files.", rule.id, rule.format())
            }
            _ => format!("{shown} is not read: no format that its name or its content tells."),
        };
        self.paragraph("", &why)
    }

    fn trace(&mut self, linter: &Linter, rule: &Rule, names: &Names, trace: &Trace) -> io::Result<()> {
        let at = trace.at.start();
        let path = names.of(&trace.at.source.path);
        let label = if trace.label.is_empty() { String::new() } else { format!(" `{}`", clean::line(&trace.label)) };
        let verdict = match &trace.answer {
            Answer::Yes => "fires",
            Answer::No => "is silent",
            Answer::Unknown(_) if linter.options.pedantic => "cannot tell, and speaks with --pedantic only,",
            Answer::Unknown(_) => "cannot tell",
        };
        let head = format!("{} {verdict} for {}{label}", rule.id, trace.kind);
        let head = self.paint(Colour::new().bold(), &clean::line(&head));
        writeln!(self.out, "{head} at {}:{}:{}", clean::line(&path), at.line, at.column)?;
        for part in &trace.parts {
            self.part(names, part)?;
        }
        writeln!(self.out)
    }

    fn part(&mut self, names: &Names, part: &TracePart) -> io::Result<()> {
        let (mark, whys) = match &part.answer {
            Answer::Yes => ("yes", &[][..]),
            Answer::No => ("no", &[][..]),
            Answer::Unknown(whys) => ("unknown", whys.as_slice()),
        };
        let text = part.text.split_whitespace().collect::<Vec<_>>().join(" ");
        writeln!(self.out, "  {mark:7}  {}", clean::line(&text))?;
        for why in whys {
            writeln!(self.out, "           as {}", clean::line(why))?;
        }
        for reading in &part.read {
            let at = reading.at.start();
            let path = names.of(&reading.at.source.path);
            let value =
                if reading.value.is_empty() { String::new() } else { format!(" = {}", clean::line(&reading.value)) };
            let (name, path) = (clean::line(&reading.name), clean::line(&path));
            writeln!(self.out, "           {name}{value}  ({} at {path}:{}:{})", reading.origin, at.line, at.column)?;
        }
        Ok(())
    }
}

fn snippet(example: &Example) -> Option<&str> {
    match example {
        Example::Snippet(text) => Some(text),
        Example::Files(files) => files.text.as_deref(),
    }
}
