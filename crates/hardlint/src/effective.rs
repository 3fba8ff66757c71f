//! `hardlint show`: finds the file and resolves it; `show.rs` lays it out.

use crate::args::{Show, TextOrJson};
use crate::project::Alone;
use crate::report::{Out, clean};
use crate::root::shown;
use crate::show::Shown;
use crate::{CLEAN, PROBLEMS};
use anyhow::{Result, bail};
use hardlint_config::formats::{Format, env};
use hardlint_config::model::{Model, Value};
use hardlint_lint::settings;
use std::io::{self, Write};

/// The conditions of `--where` by format.
const CONDITIONS: &[(&str, &[&str])] = &[
    ("sshd", &["user", "host", "addr", "group", "lport", "laddr", "rdomain"]),
    ("nginx", &["server", "address", "port", "uri"]),
    ("compose", &["profile", "service"]),
    ("dockerfile", &["target"]),
    ("env", &["dialect"]),
    ("pg_hba", &["type", "db", "user", "addr"]),
];

/// What is printed, and what the exit status says.
pub struct Answer {
    /// On standard output.
    pub text: String,
    /// Whether the file could be read: if not, all that is printed are defaults.
    pub read: bool,
    /// Whether everything was understood.
    pub clean: bool,
}

/// Runs the command, and gives the exit status.
///
/// # Errors
/// Where there is no such file, or nothing tells what it is.
pub fn run(args: &Show) -> Result<u8> {
    let answer = answer(args)?;
    let mut out = Out::standard();
    out.write_all(answer.text.as_bytes())?;
    out.finish()?;
    if !answer.read {
        let _ = writeln!(io::stderr(), "hardlint: `{}` cannot be read", shown(&args.file));
    }
    Ok(if answer.clean { CLEAN } else { PROBLEMS })
}

/// What the command prints.
///
/// # Errors
/// Where there is no such file, or nothing tells what it is.
pub fn answer(args: &Show) -> Result<Answer> {
    let mut alone = Alone::open(&args.file, &args.reading)?;
    alone.query.conditions.clone_from(&args.conditions);
    let project = alone.fill(&args.reading, true);
    let path = alone.path();
    let slot = project.workspace.slot(path);
    let Some((slot, detected)) = slot.and_then(|slot| Some((slot, slot.detected?))) else {
        bail!("`{}`: no name and no content tells what it is; --type does", shown(&args.file));
    };
    check(args, detected.format)?;
    let mut reader = project.workspace.reader();
    let mut model = project.workspace.resolve(&mut reader, &path.into(), detected.format);
    if let ("compose", Some(service)) = (detected.format.id, alone.query.condition("service")) {
        narrow(&mut model, service)?;
    }
    let page = Shown::new(&model, &reader, &alone.names, slot.role, args.reveal);
    let text = match (&args.why, args.output_format) {
        (Some(key), _) => {
            if let Some(text) = page.why(key) {
                text
            } else {
                let known = model.format.schema.keys.iter().filter(|it| !it.fact).map(|it| it.name);
                let meant = settings::meant(&key.to_ascii_lowercase(), &known.collect::<Vec<_>>());
                bail!("`{}` has no key `{}`{meant}", shown(&args.file), clean::line(key))
            }
        }
        (None, TextOrJson::Json) => page.json(),
        (None, TextOrJson::Text) => page.text(),
    };
    Ok(Answer { text, read: slot.unread.is_none(), clean: model.problems.is_empty() })
}

/// Conditions that the format does not know would change nothing, unseen.
fn check(args: &Show, format: &Format) -> Result<()> {
    let known = CONDITIONS.iter().find(|(id, _)| *id == format.id).map(|(_, keys)| *keys).unwrap_or_default();
    for (key, _) in &args.conditions {
        if !known.contains(&key.as_str()) {
            let meant = settings::meant(key, known);
            bail!("--where: {} has no condition `{}`{meant}", format.id, clean::line(key));
        }
    }
    for (key, value) in &args.conditions {
        if let Some(fault) = fault(format.id, key, value) {
            bail!("--where: {key}=`{}`: {fault}", clean::line(value));
        }
    }
    Ok(())
}

/// Leaves of the services of a project the one that is asked for.
fn narrow(model: &mut Model, service: &str) -> Result<()> {
    let Some(Value::Map(top)) = model.document.as_mut().map(|document| &mut document.value) else { return Ok(()) };
    let found = top.iter_mut().find(|entry| &*entry.key == "services").map(|entry| &mut entry.node.value);
    let Some(Value::Map(services)) = found else { return Ok(()) };
    if !services.iter().any(|entry| &*entry.key == service) {
        let names: Vec<&str> = services.iter().map(|entry| &*entry.key).collect();
        let said = settings::meant_or_all(service, &names);
        bail!(
            "--where: no service `{}` is started{said}; `--where profile=` starts those of a profile",
            clean::line(service)
        );
    }
    services.retain(|entry| &*entry.key == service);
    Ok(())
}

/// What is wrong with the value of a condition: one that means nothing to the program would change nothing, unseen.
fn fault(format: &str, key: &str, value: &str) -> Option<String> {
    let none_of = |known: &[&str]| {
        (!known.contains(&value))
            .then(|| format!("it is none of {}{}", known.join(", "), settings::meant(value, known)))
    };
    match (format, key) {
        ("env", "dialect") => none_of(&env::dialects()),
        ("pg_hba", "type") => none_of(&["local", "host", "hostssl", "hostnossl", "hostgssenc", "hostnogssenc"]),
        ("sshd", "lport") | ("nginx", "port") => {
            value.parse::<u16>().is_err().then(|| "a port is a number up to 65535".to_owned())
        }
        _ => None,
    }
}
