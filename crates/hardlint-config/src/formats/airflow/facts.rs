//! What follows from the settings, for rules to judge. A fact is unknown where an option that it follows from is.
//!
//! Options that were moved between the major versions are asked under both names: a file says by what it sets which one
//! it is for.

use super::option;
use crate::deployment::role::{self, Role};
use crate::model::{Model, Node, Origin, ScopeId, Text, Value, Why};
use crate::schema::KindId;
use crate::text::Loc;
use crate::version::Version;
use crate::workspace::Query;
use crate::{secrets, urls};

/// Fills in the facts of the configuration.
pub(super) fn derive(model: &mut Model, config: ScopeId, versions: &[Version], query: &Query) {
    let facts = Facts { model, config, versions };
    let found = [
        facts.state("fernet_key_state", &["core.fernet_key"], fernet_state),
        facts.state("secret_key_state", &["api.secret_key", "webserver.secret_key"], |value| {
            secret_state(value, query.least_secret(16))
        }),
        facts.state("jwt_secret_state", &["api_auth.jwt_secret"], |value| secret_state(value, query.least_secret(32))),
        facts.jwt_secret_shared(),
        facts.connection_password(),
        facts.written_secrets(),
        facts.truthy("all_admins", &["core.simple_auth_manager_all_admins"]),
        facts.truthy("exposes_config", &["api.expose_config", "webserver.expose_config"]),
        facts.of("exposes_public_config", &["api.expose_config", "webserver.expose_config"], |value| {
            Value::Bool(word(value).eq_ignore_ascii_case("non-sensitive-only"))
        }),
        facts.deserializes_anything(),
        facts.truthy("examples_loaded", &["core.load_examples"]),
        facts.truthy("stacktraces_shown", &["api.expose_stacktrace", "webserver.expose_stacktrace"]),
        facts.of("connections_tested", &["core.test_connection"], |value| {
            Value::Bool(word(value).eq_ignore_ascii_case("enabled"))
        }),
        facts.of("secrets_shown", &["core.hide_sensitive_var_conn_fields"], |value| Value::Bool(!truth(value))),
        facts.simple_auth_manager(),
        facts.of("api_allows_all", &["api.auth_backends", "api.auth_backend", "fab.auth_backends"], |value| {
            Value::Bool(value.split(',').any(|name| name.trim() == "airflow.api.auth.backend.default"))
        }),
        facts.cookie_over_http(),
        facts.of("cookie_samesite_off", &["webserver.cookie_samesite", "fab.cookie_samesite"], |value| {
            // Since 2.0.1 an empty value, which was the default of 1.10, is taken as `Lax`.
            Value::Bool(value.trim().eq_ignore_ascii_case("none"))
        }),
        facts.login_disabled(),
        facts.frames_allowed(),
        facts.metadata_in_sqlite(),
        facts.password_over_http(),
        facts.mail_in_clear_text(),
    ];
    let (_, public_role) = facts.of("public_role", &["fab.auth_role_public"], super::login::role);
    super::login::of_configuration(model, config, public_role);
    let dags = model.get(config, "core.dags_folder").and_then(Value::as_str).unwrap_or_default();
    if role::is_personal(dags)
        && let Some(config) = model.scope_mut(config)
    {
        config.role = Some(Role::Development);
    }
    for (name, node) in found {
        let key = model.key(KindId(0), name);
        if let Some(config) = model.scope_mut(config) {
            config.effective.set(key, node);
        }
    }
}

struct Facts<'a> {
    model: &'a Model,
    config: ScopeId,
    versions: &'a [Version],
}

type Fact = (&'static str, Node);

/// An option, and what tells of its value that a secret stands in it.
type Written = (&'static str, fn(&str) -> bool);

/// The first word of a value: what stands behind `#` is cut by `getboolean`.
fn word(value: &str) -> &str {
    value.split('#').next().unwrap_or_default().trim()
}

fn truth(value: &str) -> bool {
    ["t", "true", "1"].contains(&word(value).to_ascii_lowercase().as_str())
}

impl Facts<'_> {
    /// The option as something sets it: the first of `names` that is set.
    fn set(&self, names: &[&str]) -> Option<&Node> {
        names.iter().find_map(|name| {
            let key = self.model.format.schema.key(KindId(0), name).or_else(|| self.model.unlisted_key(name))?;
            let config = self.model.scope(self.config)?;
            config.own.get(key).or_else(|| {
                // What the versions disagree on may have been set.
                let node = config.effective.get(key)?;
                (node.origin != Origin::Default).then_some(node)
            })
        })
    }

    fn header(&self) -> Loc {
        self.model
            .scope(self.config)
            .map_or(Loc::new(crate::text::FileId(0), crate::text::Span::default()), |scope| scope.at)
    }

    /// Why nothing can be called absent, if so.
    fn open(&self) -> Option<Why> {
        self.model.scope(self.config).and_then(|config| config.open.clone())
    }

    fn absent(&self, value: Value) -> Node {
        let value = self.open().map_or(value, Value::Unknown);
        Node::derived(value, self.header(), Vec::new())
    }

    /// A fact that follows from an option that is set; `absent` where none is.
    fn follows(&self, name: &'static str, options: &[&str], absent: Value, of: impl Fn(&str) -> Value) -> Fact {
        let Some(node) = self.set(options) else { return (name, self.absent(absent)) };
        let value = match &node.value {
            Value::Text(Text::Known(text)) if template_field(text) => Value::Unknown(Why::Template(text.clone())),
            Value::Text(Text::Known(text)) => of(text),
            Value::Text(Text::Pieces(pieces)) => {
                let hole = pieces.iter().find_map(|piece| match piece {
                    crate::model::Piece::Hole(why) => Some(why.clone()),
                    crate::model::Piece::Known(_) => None,
                });
                Value::Unknown(hole.unwrap_or(Why::Template("".into())))
            }
            Value::Unknown(why) => Value::Unknown(why.clone()),
            _ => Value::Unknown(Why::Runtime("the value".into())),
        };
        // Nothing can be seen of an empty value: its name is pointed at.
        let at = if node.value.as_str() == Some("") { node.name_at.unwrap_or(node.at) } else { node.at };
        (name, Node::derived(value, at, vec![at]))
    }

    fn of(&self, name: &'static str, options: &[&str], of: impl Fn(&str) -> Value) -> Fact {
        let absent = of_type(&of("x"));
        self.follows(name, options, absent, of)
    }

    fn truthy(&self, name: &'static str, options: &[&str]) -> Fact {
        self.follows(name, options, Value::Bool(false), |value| Value::Bool(truth(value)))
    }

    /// The state of a secret. One that a variable gives is judged where the variable is set, unless it is none.
    fn state(&self, name: &'static str, options: &[&str], of: impl Fn(&str) -> &'static str) -> Fact {
        let by_variable = self.set(options).is_some_and(|node| node.origin == Origin::Environment);
        self.follows(name, options, Value::text("unset"), |value| match of(value) {
            "literal" if by_variable => Value::text("given"),
            state => Value::text(state),
        })
    }

    /// The state of the password in the address of a store: of the one that is worst off. An address that a variable gives is
    /// judged where the variable is set.
    fn connection_password(&self) -> Fact {
        // Those of Celery stand in every file, and count where tasks are given to it.
        let celery = self.text(&["core.executor"]).is_some_and(|executor| executor.contains("Celery"));
        let options =
            ["database.sql_alchemy_conn", "core.sql_alchemy_conn", "celery.result_backend", "celery.broker_url"];
        let name = "connection_password_state";
        let options = options.get(..if celery { 4 } else { 2 }).unwrap_or_default();
        let each =
            options.iter().filter(|option| self.set(&[option]).is_some_and(|node| node.origin != Origin::Environment));
        let found: Vec<Fact> = each
            .map(|option| self.follows(name, &[option], Value::text(""), |url| Value::text(url_state(url))))
            .collect();
        let of = |state: &str| found.iter().find(|(_, node)| node.value.as_str() == Some(state)).cloned();
        of("weak").or_else(|| of("literal")).unwrap_or_else(|| (name, self.absent(Value::text(""))))
    }

    /// Options beside those with a state of their own that hold a secret as it stands.
    fn written_secrets(&self) -> Fact {
        const OPTIONS: &[Written] = &[
            ("celery.flower_basic_auth", is_login),
            ("elasticsearch.host", is_address),
            ("opensearch.password", is_password),
            ("secrets.backend_kwargs", has_secret),
            ("smtp.smtp_password", is_password),
            ("workers.secrets_backend_kwargs", has_secret),
        ];
        let written = |(name, holds): &Written| {
            let node = self.set(&[name]).filter(|node| node.origin != Origin::Environment)?;
            let text = node.value.as_str()?;
            (!template_field(text) && holds(text)).then(|| Node::derived(Value::text(*name), node.at, vec![node.at]))
        };
        let nodes: Vec<Node> = OPTIONS.iter().filter_map(written).collect();
        let from: Vec<Loc> = nodes.iter().map(|node| node.at).collect();
        let at = from.first().copied().unwrap_or_else(|| self.header());
        ("written_secrets", Node::derived(Value::List(nodes), at, from))
    }

    /// Whether the secret of tokens also signs sessions or encrypts connections.
    fn jwt_secret_shared(&self) -> Fact {
        let others = ["api.secret_key", "webserver.secret_key", "core.fernet_key"];
        let others: Vec<&Node> = others.iter().filter_map(|name| self.set(&[name])).collect();
        self.follows("jwt_secret_shared", &["api_auth.jwt_secret"], Value::Bool(false), |value| {
            Value::Bool(!value.is_empty() && others.iter().any(|other| other.value.as_str() == Some(value)))
        })
    }

    /// Whether what tasks hand on may be of any class: pickles until 3.0, or a pattern that every name fits.
    fn deserializes_anything(&self) -> Fact {
        let name = "deserializes_anything";
        let pickles = self.truthy(name, &["core.enable_xcom_pickling"]);
        if pickles.1.value != Value::Bool(false) {
            return match self.three() {
                Some(true) => (name, self.absent(Value::Bool(false))),
                _ => pickles,
            };
        }
        self.of(name, &["core.allowed_deserialization_classes"], |value| {
            Value::Bool(value.split_whitespace().any(|pattern| matches!(pattern, "*" | ".*" | ".+" | "^.*$")))
        })
    }

    /// Whether all judged versions are of 3.x, or what is set is only of 3.x.
    fn three(&self) -> Option<bool> {
        if self.versions.iter().all(|&version| version >= option::v(3, 0)) {
            return Some(true);
        }
        self.versions.iter().all(|&version| version < option::v(3, 0)).then_some(false)
    }

    fn simple_auth_manager(&self) -> Fact {
        let name = "simple_auth_manager";
        let absent = match self.three() {
            Some(three) => Value::Bool(three),
            None => Value::Unknown(Why::Version("core.auth_manager".into())),
        };
        self.follows(name, &["core.auth_manager"], absent, |value| Value::Bool(value.ends_with(".SimpleAuthManager")))
    }

    /// In 1.10 nobody has to log in where `authenticate` is off, unless the pages with roles are on. Later versions know
    /// neither option: a file that also sets what came with 2.x is for one of them.
    fn login_disabled(&self) -> Fact {
        let with_roles = self.set(&["webserver.rbac"]).is_some_and(|node| node.value.as_str().is_none_or(truth));
        let config = self.model.scope(self.config);
        let later = config.into_iter().flat_map(|config| config.own.iter()).any(|(key, _)| {
            let name = self.model.key_name(key);
            name.starts_with("logging.") || name.starts_with("database.") || name == "api.auth_backends"
        });
        self.follows("login_disabled", &["webserver.authenticate"], Value::Bool(false), |value| {
            Value::Bool(!truth(value) && !with_roles && !later)
        })
    }

    /// The cookie goes over plain HTTP unless `cookie_secure` is set; that matters where the site has HTTPS.
    fn cookie_over_http(&self) -> Fact {
        let name = "cookie_over_http";
        let https = self.set(&["webserver.base_url", "api.base_url"]).and_then(|node| node.value.as_str());
        let https = https.is_some_and(|url| url.starts_with("https://"));
        let absent = if !https || self.three() == Some(true) {
            Value::Bool(false)
        } else if self.three() == Some(false) {
            Value::Bool(true)
        } else {
            Value::Unknown(Why::Version("webserver.cookie_secure".into()))
        };
        self.follows(name, &["webserver.cookie_secure"], absent, |value| Value::Bool(https && !truth(value)))
    }

    fn frames_allowed(&self) -> Fact {
        let absent = match self.three() {
            Some(three) => Value::Bool(!three),
            None => Value::Unknown(Why::Version("webserver.x_frame_enabled".into())),
        };
        self.follows("frames_allowed", &["webserver.x_frame_enabled"], absent, |value| Value::Bool(truth(value)))
    }

    /// The API takes passwords, and its address is not HTTPS.
    fn password_over_http(&self) -> Fact {
        let backends = ["api.auth_backends", "api.auth_backend", "fab.auth_backends"];
        let asks = self.text(&backends).is_some_and(|backends| backends.contains(".basic_auth"));
        self.follows("password_over_http", &["webserver.base_url", "api.base_url"], Value::Bool(false), |url| {
            let host = url.strip_prefix("http://").map(|rest| rest.split(['/', ':']).next().unwrap_or_default());
            Value::Bool(asks && host.is_some_and(|host| !local(host)))
        })
    }

    /// Mail leaves for another machine without TLS.
    fn mail_in_clear_text(&self) -> Fact {
        let remote = self.text(&["smtp.smtp_host"]).is_some_and(|host| !local(host));
        let from_the_start = self.text(&["smtp.smtp_ssl"]).is_some_and(truth);
        let options = ["smtp.smtp_starttls"];
        self.follows("mail_in_clear_text", &options, Value::Bool(false), |value| {
            Value::Bool(remote && !from_the_start && !truth(value))
        })
    }

    /// The text of an option that is set and known.
    fn text(&self, options: &[&str]) -> Option<&str> {
        self.set(options).and_then(|node| node.value.as_str())
    }

    /// Nothing set means `SQLite`, in every version.
    fn metadata_in_sqlite(&self) -> Fact {
        let options = ["database.sql_alchemy_conn", "core.sql_alchemy_conn"];
        self.follows("metadata_in_sqlite", &options, Value::Bool(true), |value| {
            Value::Bool(value.starts_with("sqlite"))
        })
    }
}

/// Whether a host is the machine itself.
fn local(host: &str) -> bool {
    host.is_empty() || host.eq_ignore_ascii_case("localhost") || host.starts_with("127.") || host == "::1"
}

/// The value of that type that says nothing.
fn of_type(value: &Value) -> Value {
    match value {
        Value::Bool(_) => Value::Bool(false),
        _ => Value::text(""),
    }
}

/// `{FERNET_KEY}`: a field of the configuration that Airflow's own packages fill in.
fn template_field(text: &str) -> bool {
    let name = text.strip_prefix('{').and_then(|rest| rest.strip_suffix('}'));
    name.is_some_and(|name| !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_'))
}

/// Keys that stand in Airflow's documentation, in its tutorials and in images that many people use.
const PUBLISHED: &[&str] = &[
    "46BKJoQYlPPOexq0OhDZnIlNepKFf87WFwLbfzqDDho=",
    "temporary_key",
    "secret_key",
    "secretkey",
    "thisisunsafe",
    "a25mQ1FHTUh3MnFRSk5KMEIyVVU2YmN0VGRyYTVXY08=",
];

/// The state of the password in an address: `weak` is what everybody tries first, the user's own name among it.
fn url_state(url: &str) -> &'static str {
    let authority = urls::split_scheme(url).and_then(|(_, rest)| rest.split(['/', '?', '#']).next());
    let login = authority.and_then(|authority| authority.rsplit_once('@')).map(|(login, _)| login);
    let Some((user, password)) = login.and_then(|login| login.split_once(':')) else { return "" };
    let filled_in = template_field(password) || secrets::is_template(password) || !secrets::is_literal(password);
    match password {
        "" => "",
        _ if password == user || secrets::is_common_password(password) => "weak",
        _ if filled_in || secrets::is_placeholder(password) => "",
        _ => "literal",
    }
}

/// Whether a password stands there in full.
fn is_password(value: &str) -> bool {
    !value.is_empty() && secrets::is_literal(value) && !secrets::is_template(value) && !value.contains(['{', '$', '%'])
}

/// Whether of `user:password,…` any password does.
fn is_login(value: &str) -> bool {
    value.split(',').filter_map(|login| login.trim().split_once(':')).any(|(_, password)| is_password(password))
}

/// Whether an address has a password in it.
fn is_address(value: &str) -> bool {
    !url_state(value).is_empty()
}

/// Whether a record in JSON gives a secret to what keeps secrets: `{"url": "…", "token": "…"}`.
fn has_secret(value: &str) -> bool {
    let parts: Vec<&str> = value.split('"').collect();
    parts.windows(3).any(|run| {
        let [name, between, text] = run else { return false };
        between.trim() == ":" && secrets::is_secret_name(name) && is_password(text)
    })
}

fn fernet_state(value: &str) -> &'static str {
    if value.is_empty() {
        return "empty";
    }
    if PUBLISHED.contains(&value) || secrets::is_placeholder(value) {
        return "placeholder";
    }
    // Thirty-two bytes in base64 are 43 characters and a padding.
    let valid = |key: &str| {
        let body = key.strip_suffix('=').unwrap_or_default();
        body.len() == 43
            && body.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'+' | b'/'))
    };
    if value.split(',').all(|key| valid(key.trim())) { "literal" } else { "invalid" }
}

fn secret_state(value: &str, least: usize) -> &'static str {
    if value.is_empty() {
        "empty"
    } else if PUBLISHED.contains(&value) || secrets::is_placeholder(value) {
        "placeholder"
    } else if value.len() < least {
        "weak"
    } else {
        "literal"
    }
}
