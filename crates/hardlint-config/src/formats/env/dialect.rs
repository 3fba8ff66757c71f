//! The dialects, by the names that `--where dialect=` takes.

use super::{Assignment, Environment, lines, python_dotenv, systemd};
use crate::formats::compose;
use crate::text::{FileId, Loc, Span};

/// A way of reading.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Dialect {
    /// `.env` and `env_file` of Compose.
    Compose,
    /// `load_dotenv` and `dotenv_values`.
    PythonDotenv,
    /// `environ.Env.read_env`.
    DjangoEnviron,
    /// `decouple.config`.
    Decouple,
    /// `docker run --env-file`.
    Docker,
    /// `EnvironmentFile=` of systemd.
    Systemd,
}

/// All of them.
pub(super) const ALL: [(&str, Dialect); 6] = [
    ("compose", Dialect::Compose),
    ("python-dotenv", Dialect::PythonDotenv),
    ("django-environ", Dialect::DjangoEnviron),
    ("decouple", Dialect::Decouple),
    ("docker", Dialect::Docker),
    ("systemd", Dialect::Systemd),
];

/// The names of all dialects.
pub fn dialects() -> [&'static str; ALL.len()] {
    ALL.map(|(name, _)| name)
}

/// What a dialect makes of a file.
#[derive(Debug)]
pub(super) struct Read {
    /// The lines that say something, in order; of those of one name the last counts.
    pub(super) assignments: Vec<Assignment>,
    /// Where the program refuses the file.
    pub(super) fault: Option<Loc>,
}

impl Dialect {
    /// Its name.
    pub(super) fn name(self) -> &'static str {
        ALL.iter().find(|(_, dialect)| *dialect == self).map_or("", |(name, _)| name)
    }

    /// Whether a line without `=` takes the variable from the environment; else it says nothing.
    pub(super) fn passes_on(self) -> bool {
        matches!(self, Self::Compose | Self::Docker)
    }

    /// Whether it is Python that reads.
    pub(super) fn is_python(self) -> bool {
        matches!(self, Self::PythonDotenv | Self::DjangoEnviron | Self::Decouple)
    }

    /// Reads a file.
    pub(super) fn read(self, file: FileId, text: &str, environment: Environment<'_>) -> Read {
        let all = |assignments| (assignments, None::<Span>);
        let (assignments, fault) = match self {
            Self::Compose => compose::variables(file, text, environment),
            Self::PythonDotenv => all(python_dotenv::read(file, text, environment)),
            Self::DjangoEnviron => all(lines::django_environ(file, text)),
            Self::Decouple => all(lines::decouple(file, text)),
            Self::Docker => lines::docker(file, text),
            Self::Systemd => all(systemd::read(file, text)),
        };
        Read { assignments, fault: fault.map(|span| Loc::new(file, span)) }
    }
}
