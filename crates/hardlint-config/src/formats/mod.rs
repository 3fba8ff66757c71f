//! The formats: one folder each, and the list of them.
//!
//! A format is plain data with function pointers. To add one: a folder beside this file that defines a [`Format`], a
//! `mod` line and an entry in [`FORMATS`].

pub mod airflow;
pub mod asgi;
pub mod compose;
pub mod django;
pub mod dockerfile;
pub mod edit;
pub mod env;
pub mod flask;
pub mod nginx;
pub mod pg_hba;
pub mod postgres;
pub(crate) mod python;
pub mod redis;
pub mod sshd;
pub mod words;

use crate::loader;
use crate::model::{Model, Piece, ScopeId, Str, Text, Value};
use crate::schema::Schema;
use crate::text::{FileId, Loc, Span};
use crate::workspace::{Query, Reader};

/// Every format that can be read; the last has no files of its own.
pub static FORMATS: &[&Format] = &[
    &nginx::FORMAT,
    &compose::FORMAT,
    &sshd::FORMAT,
    &postgres::FORMAT,
    &pg_hba::FORMAT,
    &airflow::FORMAT,
    &django::FORMAT,
    &flask::FORMAT,
    &asgi::FORMAT,
    &dockerfile::FORMAT,
    &redis::FORMAT,
    &env::FORMAT,
    &crate::deployment::FORMAT,
];

/// How one kind of file is read.
#[derive(Debug)]
pub struct Format {
    /// The name in `--type`, in settings and before the slash of its rules' ids.
    pub id: &'static str,
    /// What people call it.
    pub title: &'static str,
    /// Names that say what a file is.
    pub names: &'static [Name],
    /// Whether a file whose name says only that it might be this format, by its content is.
    pub sniff: fn(path: &str, text: &str) -> bool,
    /// What a comment begins with.
    pub comment: &'static str,
    /// Its kinds and keys.
    pub schema: &'static Schema,
    /// What a file refers to: includes, overrides, environment files.
    pub links: fn(&mut Reader<'_>, &Query, FileId) -> Vec<Link>,
    /// Fills the empty model with what the program makes of the file.
    pub resolve: fn(&mut Reader<'_>, &Query, FileId, Model) -> Model,
    /// A value of `key` as its program prints it: one string, or several where the program prints several.
    pub print: fn(&Model, crate::schema::KeyId, &Value) -> Printed,
    /// The comments of a file: where each stands, its mark included.
    pub comments: fn(text: &str) -> Vec<Span>,
    /// What can be offered to who writes its files.
    pub words: words::Words,
    /// The words that make a scope the same over time, among those that lie in the same; [`label`] until somebody says.
    /// Never a line, and never a secret. Asked for findings alone.
    pub identity: fn(&Model, ScopeId) -> Vec<Str>,
    /// How its files are changed; [`edit::text_only`] until somebody says.
    pub edit: edit::Editor,
}

/// What a scope is called is what makes it the same.
pub fn label(model: &Model, id: ScopeId) -> Vec<Str> {
    model.scope(id).map(|scope| scope.label.clone()).into_iter().collect()
}

/// A value as `show` prints it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Printed {
    /// One string.
    One(String),
    /// One a line.
    Many(Vec<String>),
    /// Unknown, and why.
    Unknown(String),
}

impl Printed {
    /// A value of which `known` prints what is known. A list is printed one a line.
    pub(crate) fn of(value: &Value, known: &dyn Fn(&Value) -> String) -> Self {
        let hole = |piece: &Piece| match piece {
            Piece::Hole(why) => Some(why.to_string()),
            Piece::Known(_) => None,
        };
        match value {
            Value::Unknown(why) => Self::Unknown(why.to_string()),
            Value::Text(Text::Pieces(pieces)) => Self::Unknown(pieces.iter().find_map(hole).unwrap_or_default()),
            Value::List(nodes) => {
                let mut lines = Vec::new();
                for node in nodes {
                    match Self::of(&node.value, known) {
                        Self::One(text) => lines.push(text),
                        Self::Many(texts) => lines.extend(texts),
                        unknown @ Self::Unknown(_) => return unknown,
                    }
                }
                Self::Many(lines)
            }
            value => Self::One(known(value)),
        }
    }
}

/// The configuration of a further program, which a file of one format gives as well: Compose sets the variables that
/// Airflow reads.
#[derive(Clone, Debug)]
pub struct Within {
    /// The program's format, in which the file is resolved once more.
    pub format: &'static Format,
    /// Files of that format, below the root, that are parts of it and not judged on their own.
    pub parts: Vec<String>,
}

/// What a file holds beside its own format.
pub fn within(format: &Format, reader: &mut Reader<'_>, query: &Query, file: FileId) -> Option<Within> {
    let runs_programs = format.id == compose::FORMAT.id || format.id == dockerfile::FORMAT.id;
    if !runs_programs {
        return None;
    }
    airflow::within(reader, query, file).or_else(|| asgi::within(reader, query, file))
}

/// The kind of a [`Link`] to a file of which parts are used, and which is judged on its own as well.
pub const EXTENDS: &str = "extends";

/// The kind of a [`Link`] to the files that this one is laid over, by a command that names them all. They are judged on
/// their own as well.
pub const LAID_OVER: &str = "laid over";

/// Formats of which a part does nothing by itself: a test's settings that import others are a test throughout.
pub const PARTS_ARE_FOR_THE_ROOT: &[&str] = &["django"];

/// Something that a file refers to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// Where it does.
    pub at: Loc,
    /// How: `include`, `override`, `env_file`, [`EXTENDS`] or [`LAID_OVER`].
    pub kind: &'static str,
    /// As the file writes it.
    pub target: String,
    /// The existing files that this names, below the root, in the order in which the program reads them.
    pub paths: Vec<String>,
}

/// A pattern for the names of files. Patterns are those of [`loader::matches`], on the last part of the path, in lower case.
#[derive(Clone, Copy, Debug)]
pub enum Name {
    /// A file so named is of this format.
    Is(&'static str),
    /// A file so named, in a folder so named, is of this format.
    In(&'static str, &'static str),
    /// A file so named is of this format if its content says so.
    Perhaps(&'static str),
    /// A file so named, in a folder so named, is of this format if its content says so.
    PerhapsIn(&'static str, &'static str),
}

/// What a file is, and what told so.
#[derive(Clone, Copy, Debug)]
pub struct Detected {
    /// The format.
    pub format: &'static Format,
    /// What told so.
    pub by: By,
}

/// What told a file's format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// Its name.
    Name,
    /// Its content.
    Content,
    /// The command line or the settings.
    Told,
}

/// What a file's name tells.
#[derive(Clone, Copy, Debug)]
pub enum ByName {
    /// What it is.
    Is(&'static Format),
    /// That its content has to be looked at.
    Perhaps,
    /// That it is none of ours.
    Nothing,
}

/// Endings that templates and copies put behind the name of the file that they become.
const WRAPPINGS: &[&str] = &[
    ".j2",
    ".jinja2",
    ".jinja",
    ".template",
    ".tmpl",
    ".tpl",
    ".gtpl",
    ".ctmpl",
    ".erb",
    ".example",
    ".sample",
    ".dist",
    ".in",
];

/// Endings of copies that editors and package managers put aside, which no program reads.
const COPIES: &[&str] = &[".bak", ".old", ".orig", ".save", ".swp", ".rpmsave", ".rpmorig", ".dpkg-old", "~"];

/// Endings of pages for people, which may be about a file and quote it.
const PAGES: &[&str] = &[".md", ".markdown", ".mdx", ".rst", ".adoc", ".html"];

/// What the name of a file tells.
pub fn by_name(path: &str) -> ByName {
    let lower = path.to_ascii_lowercase();
    let mut name = loader::name(&lower);
    let folder = loader::name(loader::folder(&lower));
    let mut perhaps = false;
    if let Some(kept) = env::COPIES.iter().find_map(|ending| name.strip_suffix(ending))
        && env::FORMAT.names.iter().any(|known| known.is(kept, folder))
    {
        // A copy of a file of variables is read by nobody, and has its secrets in it all the same.
        return ByName::Is(&env::FORMAT);
    }
    if COPIES.iter().chain(PAGES).any(|ending| name.ends_with(ending)) {
        return ByName::Nothing;
    }
    // `Dockerfile.nginx` makes an image of nginx; whether it is one its content says.
    let is_variant = ["dockerfile.", "containerfile."].iter().any(|start| name.starts_with(start));
    loop {
        let is = |format: &&&Format| {
            (!is_variant || format.id == dockerfile::FORMAT.id)
                && format.names.iter().any(|known| known.is(name, folder))
        };
        if let Some(format) = FORMATS.iter().find(is) {
            return ByName::Is(format);
        }
        // A template's own name may be vague where the name that it is written for is not.
        perhaps |= FORMATS.iter().any(|format| format.names.iter().any(|known| known.may_be(name, folder)));
        match WRAPPINGS.iter().find_map(|ending| name.strip_suffix(ending)) {
            Some(inner) if !inner.is_empty() => name = inner,
            _ if perhaps => return ByName::Perhaps,
            _ => return ByName::Nothing,
        }
    }
}

/// The format that a file is meant to be by a name which others have as well: one that cannot be read is told of then, where
/// its content cannot say what it is.
pub fn meant(path: &str) -> Option<&'static Format> {
    let lower = path.to_ascii_lowercase();
    let (name, folder) = (loader::name(&lower), loader::name(loader::folder(&lower)));
    MEANT.iter().find(|(_, known)| known.is(name, folder)).map(|(format, _)| *format)
}

/// Names that are asked for their content, and under which nothing else is usual that is no text.
const MEANT: &[(&Format, Name)] = &[
    (&redis::FORMAT, Name::Is("redis.conf")),
    (&redis::FORMAT, Name::Is("redis[-_.]*.conf")),
    (&redis::FORMAT, Name::Is("*[-_.]redis.conf")),
    (&redis::FORMAT, Name::Is("sentinel.conf")),
    (&nginx::FORMAT, Name::In("sites-enabled", "*")),
    (&nginx::FORMAT, Name::Is("*[-_.]nginx.conf")),
    (&nginx::FORMAT, Name::Is("nginx[-_.]*.conf")),
    (&dockerfile::FORMAT, Name::Is("*.dockerfile")),
    (&django::FORMAT, Name::Is("settings.py")),
];

/// Whether content can make a file of that name one of a format.
pub fn may_be(path: &str, id: &str) -> bool {
    let lower = path.to_ascii_lowercase();
    let mut name = loader::name(&lower);
    let folder = loader::name(loader::folder(&lower));
    let Some(format) = named(id) else { return false };
    loop {
        if format.names.iter().any(|known| known.may_be(name, folder)) {
            return true;
        }
        match WRAPPINGS.iter().find_map(|ending| name.strip_suffix(ending)) {
            Some(inner) if !inner.is_empty() => name = inner,
            _ => return false,
        }
    }
}

/// What the content of a file tells, among the formats that its name allows.
pub fn by_content(path: &str, text: &str) -> Option<Detected> {
    let lower = path.to_ascii_lowercase();
    let mut name = loader::name(&lower);
    let folder = loader::name(loader::folder(&lower));
    while let Some(inner) = WRAPPINGS.iter().find_map(|ending| name.strip_suffix(ending)) {
        name = inner;
    }
    FORMATS
        .iter()
        .filter(|format| format.names.iter().any(|known| known.may_be(name, folder)))
        .find(|format| (format.sniff)(path, text))
        .map(|format| Detected { format, by: By::Content })
}

impl Name {
    fn is(self, name: &str, folder: &str) -> bool {
        match self {
            Self::Is(pattern) => loader::matches(pattern, name),
            Self::In(within, pattern) => loader::matches(within, folder) && loader::matches(pattern, name),
            Self::Perhaps(_) | Self::PerhapsIn(..) => false,
        }
    }

    fn may_be(self, name: &str, folder: &str) -> bool {
        match self {
            Self::Perhaps(pattern) => loader::matches(pattern, name),
            Self::PerhapsIn(within, pattern) => loader::matches(within, folder) && loader::matches(pattern, name),
            Self::Is(_) | Self::In(..) => false,
        }
    }
}

/// The formats that files are of.
pub fn of_files() -> impl Iterator<Item = &'static Format> {
    FORMATS.iter().copied().filter(|format| !format.names.is_empty())
}

/// The statements of a file that may go on over several lines, where its model does not say where they begin: a comment
/// above one is about all of it, and about nothing in a block.
pub fn statements(format: &Format, text: &str) -> Vec<Span> {
    match format.id {
        "nginx" => nginx::statements(text),
        "compose" => compose::statements(text),
        _ => Vec::new(),
    }
}

/// The format called `id`.
pub fn named(id: &str) -> Option<&'static Format> {
    FORMATS.iter().find(|format| format.id == id).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_are_meant_may_be_a_formats() {
        for (_, name) in MEANT {
            let path = match name {
                Name::Is(pattern) => pattern.replace("[-_.]", "-").replace('*', "a"),
                Name::In(folder, _) => format!("{folder}/a"),
                Name::Perhaps(_) | Name::PerhapsIn(..) => unreachable!(),
            };
            assert!(meant(&path).is_some() && !matches!(by_name(&path), ByName::Nothing), "{path}");
        }
    }

    #[test]
    fn images_are_called_after_what_is_in_them() {
        for path in ["Dockerfile.nginx", "nginx/dockerfile.env", "Containerfile.redis.conf"] {
            let told = by_content(path, "FROM nginx:1.29\nCOPY nginx.conf /etc/nginx/\n");
            assert!(matches!(by_name(path), ByName::Perhaps), "{path}");
            assert_eq!(told.map(|told| told.format.id), Some("dockerfile"), "{path}");
        }
    }

    #[test]
    fn copies_that_were_put_aside_are_nobodys_but_for_variables_and_templates_are_somebodys() {
        for (path, expected) in [
            ("airflow.cfg", Some("airflow")),
            ("etc/airflow.cfg.old", None),
            ("ssh/sshd_config.dpkg-old", None),
            ("Dockerfile~", None),
            ("compose.yaml.bak", None),
            ("docs/nginx.md", None),
            ("Dockerfile.md", None),
            ("dockerfile.rst", None),
            ("app/.env.bak", Some("env")),
            (".env~", Some("env")),
            ("prod.env.old", Some("env")),
            ("deploy/env.prod.template", Some("env")),
            ("env.production.example", Some("env")),
            ("prod.env.sample", Some("env")),
            ("env.sh", None),
            ("compose.yaml.example", Some("compose")),
        ] {
            let told = match by_name(path) {
                ByName::Is(format) => Some(format.id),
                ByName::Perhaps | ByName::Nothing => None,
            };
            assert_eq!(told, expected, "{path}");
            assert!(expected.is_some() || matches!(by_name(path), ByName::Nothing), "{path}");
        }
    }
}
