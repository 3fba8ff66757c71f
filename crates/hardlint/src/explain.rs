//! `hardlint explain`: what a rule is about, and what it makes of a place.

use crate::args::{self, Explain, Judging};
use crate::linter;
use crate::project::{Alone, Project};
use crate::report::clean::{self, wrap};
use crate::report::{Out, severity_colour};
use crate::root::Names;
use crate::{CLEAN, rules, style};
use anstyle::Style as Colour;
use anyhow::{Result, bail};
use hardlint_config::deployment::{self, role, role::Role};
use hardlint_config::workspace::Slot;
use hardlint_lint::Linter;
use hardlint_lint::diagnostic::Label;
use hardlint_lint::rule::{Example, Rule, Status};
use hardlint_lint::ruleset::Compiled;
use hardlint_lint::suppress::{self, About};
use hardlint_lint::trace::{Answer, Trace, TracePart};
use std::collections::BTreeSet;
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
    if let Some(about) = suppress::ABOUT.iter().find(|about| about.rule == args.rule && args.at.is_none()) {
        let mut page = Page::new();
        page.about(about)?;
        page.out.flush()?;
        return Ok(CLEAN);
    }
    let linter = linter::new(&judging, None)?;
    let rule = linter.rules.named(&args.rule);
    // `explain FILE:LINE`: whatever a rule says there.
    let place = args::place(&args.rule).ok().filter(|_| args.at.is_none() && rule.is_none());
    let mut page = Page::new();
    match (&args.at, place, rule) {
        (None, Some((path, line)), _) => all(args, &path, line, &mut page)?,
        (Some((path, line)), _, Some(rule)) => {
            let alone = Alone::open(path, &args.reading)?;
            // What is deployed is joined from all files.
            let joined = rule.rule.format() == deployment::FORMAT.id;
            let project = if joined { alone.fill_whole(&args.reading) } else { alone.fill(&args.reading, false) };
            trace(&linter, rule, &alone, &project, *line, &mut page)?;
        }
        (None, _, Some(rule)) => page.rule(rule)?,
        (_, _, None) => bail!(linter::unknown(&linter.rules, &args.rule)),
    }
    page.out.flush()?;
    Ok(CLEAN)
}

/// Every rule that speaks at a line to who asks for everything, in files for production: what is kept from whom, and why.
fn all(args: &Explain, path: &Path, line: usize, page: &mut Page) -> Result<()> {
    let asked = Judging {
        preview: true,
        pedantic: true,
        role: Some(Role::Production),
        rules: args.rules.clone(),
        ..Judging::default()
    };
    let linter = linter::new(&asked, None)?;
    let alone = Alone::open(path, &args.reading)?;
    let project = alone.fill_whole(&args.reading);
    let path = alone.path();
    let report = linter.check(&project.workspace);
    let here = |label: &Label| *label.source.path == *path && label.source.position(label.span.start).line == line;
    let found = report.diagnostics.iter().filter(|it| here(&it.primary) || it.related.iter().any(here));
    // A finding is explained where it points, if this line only has a part in it.
    let told: BTreeSet<(&str, usize)> = found
        .map(|it| {
            (&*it.rule, if here(&it.primary) { line } else { it.primary.source.position(it.primary.span.start).line })
        })
        .collect();
    if told.is_empty() {
        let shown = clean::line(&alone.names.of(path)).into_owned();
        page.paragraph(
            "",
            &format!("No rule speaks at {shown}:{line}, also not with --pedantic and --role production."),
        )?;
    }
    for (rule, at) in told.into_iter().filter_map(|(id, at)| Some((linter.rules.named(id)?, at))) {
        let line = if linter.explain(&project.workspace, &rule.rule.id, path, line).is_empty() { at } else { line };
        trace(&linter, rule, &alone, &project, line, page)?;
    }
    Ok(())
}

fn trace(
    linter: &Linter,
    rule: &Compiled,
    alone: &Alone,
    project: &Project<'_>,
    line: usize,
    page: &mut Page,
) -> Result<()> {
    let (names, path) = (&alone.names, alone.path());
    let traces = linter.explain(&project.workspace, &rule.rule.id, path, line);
    let shown = names.of(path);
    if traces.is_empty() {
        let slot = project.workspace.slot(path);
        page.nothing(&rule.rule, slot, &shown, line)?;
    }
    for trace in &traces {
        page.trace(linter, &rule.rule, names, trace)?;
    }
    // What a path says comes first; it says nothing of services that run for developers.
    let of_scope = traces.iter().find_map(|trace| trace.role);
    // The file was named, so that the folders above it say nothing here; of a run over all of them they do.
    let written = if shown.starts_with(['/', '.']) && !shown.starts_with("./") { path } else { &shown };
    let above = Some(role::of_path(written)).filter(|role| role.is_lesser());
    let purpose = project.workspace.slot(path).map(|slot| match slot.role {
        Role::Unknown => of_scope.or(above).unwrap_or(Role::Unknown).name(),
        told => told.name(),
    });
    let silent = |purpose: &&str| !traces.is_empty() && !rule.rule.roles.iter().any(|it| it == purpose);
    if let Some(purpose) = purpose.filter(silent) {
        let roles = rule.rule.roles.join(", ");
        page.paragraph("", &format!("This is for {purpose}; the rule speaks in files for {roles} only."))?;
        page.paragraph("", "`check --role production` takes every file for one that runs for users.")?;
    }
    Ok(())
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
        for reason in &trace.kept_back {
            self.paragraph("  `check` does not tell of it by default: ", reason)?;
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
