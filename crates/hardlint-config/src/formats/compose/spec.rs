//! The shape of a Compose file: which keys there are, and what their values may be.
//!
//! A table of facts from the schema that Docker Compose 2.40.3 checks files with
//! (<https://github.com/compose-spec/compose-go/blob/v2.9.1/schema/compose-spec.json>).

mod deploy;
mod service;

pub(super) use service::SERVICE;

/// What a value may be.
#[derive(Debug)]
pub(super) enum Ty {
    /// Whatever there is.
    Anything,
    /// `null`.
    Null,
    /// A string.
    Text,
    /// `true` or `false`.
    Bool,
    /// A whole number.
    Int,
    /// A whole number between two others, both included.
    Within(i64, i64),
    /// A number.
    Number,
    /// A string of a form: what decides, and how it is called.
    Like(fn(&str) -> bool, &'static str),
    /// One of these strings.
    Word(&'static [&'static str]),
    /// A list; whether its elements must differ.
    List(&'static Self, bool),
    /// A map with keys of the user's choosing.
    Map(&'static Self),
    /// Pairs as a map, or as a list of `key=value`.
    Pairs,
    /// The same, where Compose thins out no list of them: its elements must differ.
    Listed,
    /// A map with these keys.
    Object(&'static Object),
    /// Any of these.
    Any(&'static [Self]),
}

/// A map with known keys.
#[derive(Debug)]
pub(super) struct Object {
    /// Its keys, sorted.
    pub(super) keys: &'static [(&'static str, Ty)],
    /// Those that must be there.
    pub(super) required: &'static [&'static str],
    /// Whether keys that begin with `x-` are let through.
    pub(super) extensions: bool,
}

impl Object {
    /// What the value of `key` may be.
    pub(super) fn get(&self, key: &str) -> Option<&'static Ty> {
        self.keys.binary_search_by_key(&key, |(name, _)| name).ok().and_then(|at| self.keys.get(at)).map(|(_, ty)| ty)
    }
}

const STRINGS: Ty = Ty::List(&Ty::Text, true);
const STRING_OR_LIST: Ty = Ty::Any(&[Ty::Text, STRINGS]);

/// `config external`.
static CONFIG_EXTERNAL: Object = Object { keys: &[("name", Ty::Text)], required: &[], extensions: true };

/// `config`.
static CONFIG: Object = Object {
    keys: &[
        ("content", Ty::Text),
        ("environment", Ty::Text),
        ("external", Ty::Any(&[Ty::Bool, Ty::Text, Ty::Object(&CONFIG_EXTERNAL)])),
        ("file", Ty::Text),
        ("labels", Ty::Listed),
        ("name", Ty::Text),
        ("template_driver", Ty::Text),
    ],
    required: &[],
    extensions: true,
};

/// `include`.
static INCLUDE: Object = Object {
    keys: &[("env_file", STRING_OR_LIST), ("path", STRING_OR_LIST), ("project_directory", Ty::Text)],
    required: &[],
    extensions: false,
};

/// `model`.
static MODEL: Object = Object {
    keys: &[
        ("context_size", Ty::Int),
        ("model", Ty::Text),
        ("name", Ty::Text),
        ("runtime_flags", Ty::List(&Ty::Text, false)),
    ],
    required: &["model"],
    extensions: true,
};

/// `network external`.
static NETWORK_EXTERNAL: Object = Object { keys: &[("name", Ty::Text)], required: &[], extensions: true };

/// `network ipam config item`.
static NETWORK_IPAM_CONFIG_ITEM: Object = Object {
    keys: &[("aux_addresses", Ty::Map(&Ty::Text)), ("gateway", Ty::Text), ("ip_range", Ty::Text), ("subnet", Ty::Text)],
    required: &[],
    extensions: true,
};

/// `network ipam`.
static NETWORK_IPAM: Object = Object {
    keys: &[
        ("config", Ty::List(&Ty::Object(&NETWORK_IPAM_CONFIG_ITEM), false)),
        ("driver", Ty::Text),
        ("options", Ty::Map(&Ty::Text)),
    ],
    required: &[],
    extensions: true,
};

/// `network`.
static NETWORK: Object = Object {
    keys: &[
        ("attachable", Ty::Any(&[Ty::Bool, Ty::Text])),
        ("driver", Ty::Text),
        ("driver_opts", Ty::Map(&Ty::Any(&[Ty::Text, Ty::Number]))),
        ("enable_ipv4", Ty::Any(&[Ty::Bool, Ty::Text])),
        ("enable_ipv6", Ty::Any(&[Ty::Bool, Ty::Text])),
        ("external", Ty::Any(&[Ty::Bool, Ty::Text, Ty::Object(&NETWORK_EXTERNAL)])),
        ("internal", Ty::Any(&[Ty::Bool, Ty::Text])),
        ("ipam", Ty::Object(&NETWORK_IPAM)),
        ("labels", Ty::Pairs),
        ("name", Ty::Text),
    ],
    required: &[],
    extensions: true,
};

/// `secret external`.
static SECRET_EXTERNAL: Object = Object { keys: &[("name", Ty::Text)], required: &[], extensions: true };

/// `secret`.
static SECRET: Object = Object {
    keys: &[
        ("driver", Ty::Text),
        ("driver_opts", Ty::Map(&Ty::Any(&[Ty::Text, Ty::Number]))),
        ("environment", Ty::Text),
        ("external", Ty::Any(&[Ty::Bool, Ty::Text, Ty::Object(&SECRET_EXTERNAL)])),
        ("file", Ty::Text),
        ("labels", Ty::Listed),
        ("name", Ty::Text),
        ("template_driver", Ty::Text),
    ],
    required: &[],
    extensions: true,
};

/// `volume external`.
static VOLUME_EXTERNAL: Object = Object { keys: &[("name", Ty::Text)], required: &[], extensions: true };

/// `volume`.
static VOLUME: Object = Object {
    keys: &[
        ("driver", Ty::Text),
        ("driver_opts", Ty::Map(&Ty::Any(&[Ty::Text, Ty::Number]))),
        ("external", Ty::Any(&[Ty::Bool, Ty::Text, Ty::Object(&VOLUME_EXTERNAL)])),
        ("labels", Ty::Listed),
        ("name", Ty::Text),
    ],
    required: &[],
    extensions: true,
};

/// `file`.
pub(super) static FILE: Object = Object {
    keys: &[
        ("configs", Ty::Map(&Ty::Object(&CONFIG))),
        ("include", Ty::List(&Ty::Any(&[Ty::Text, Ty::Object(&INCLUDE)]), false)),
        ("models", Ty::Map(&Ty::Object(&MODEL))),
        ("name", Ty::Text),
        ("networks", Ty::Map(&Ty::Any(&[Ty::Object(&NETWORK), Ty::Null]))),
        ("secrets", Ty::Map(&Ty::Object(&SECRET))),
        ("services", Ty::Map(&Ty::Object(&SERVICE))),
        ("version", Ty::Text),
        ("volumes", Ty::Map(&Ty::Any(&[Ty::Object(&VOLUME), Ty::Null]))),
    ],
    required: &[],
    extensions: true,
};
