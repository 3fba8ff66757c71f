//! Mail servers on other machines, by variables of one prefix: `EMAIL_HOST`, `EMAIL_PORT`, `EMAIL_USE_TLS`.
//!
//! The names are those of Django, Flask-Mail, fastapi-mail and the many programs that follow them. What nothing says is left
//! to the program, of which nothing is known here.

use super::{Variable, set};
use crate::formats::env::keys::MAIL;
use crate::model::{Model, Node, Scope, ScopeId, Value};
use crate::text::Loc;
use crate::urls::is_another_machine;

/// What the names of such variables begin with.
const PREFIXES: &[&str] = &["EMAIL_", "MAIL_", "SMTP_", "MAILER_", "DJANGO_EMAIL_", "GF_SMTP_"];

/// A setting of a mail server by the ends that its name may have.
const HOST: &[&str] = &["HOST", "SERVER", "SMTP_HOST", "SMTP_SERVER", "ADDRESS"];
const PORT: &[&str] = &["PORT", "SMTP_PORT"];
const PASSWORD: &[&str] = &["PASSWORD", "PASS", "HOST_PASSWORD", "SMTP_PASSWORD", "SMTP_PASS"];
const STARTTLS: &[&str] = &["USE_TLS", "STARTTLS", "USE_STARTTLS", "SMTP_STARTTLS"];
const TLS: &[&str] = &["USE_SSL", "SSL_TLS", "SMTP_SSL", "SSL"];
const CHECKED: &[&str] = &["VALIDATE_CERTS", "SSL_VERIFY", "VERIFY", "TLS_VERIFY", "VERIFY_SSL", "VERIFY_TLS"];

/// Adds the mail servers to the model.
pub(super) fn fill(model: &mut Model, variables: &[Variable]) {
    for prefix in PREFIXES {
        let of = |ends: &[&str]| {
            variables.iter().find(|it| it.name.strip_prefix(prefix).is_some_and(|rest| ends.contains(&rest)))
        };
        let Some(host) = of(HOST).filter(|host| is_another_machine(&host.value)) else { continue };
        let mut scope = Scope::new(MAIL, host.name.clone(), Some(ScopeId(0)), host.at);
        scope.label_at = host.name_at;
        let id = model.push(scope);
        let fact = |value: Value, at: Loc| Node::derived(value, at, vec![at]);
        let switch = |ends: &[&str]| {
            let variable = of(ends);
            let value = variable.map_or("", |it| if is_on(&it.value) { "on" } else { "off" });
            fact(Value::text(value), variable.map_or(host.at, |it| it.at))
        };
        let port = of(PORT).and_then(|port| Some((port.value.trim().parse::<i64>().ok()?, port.at)));
        let (port, port_at) = port.unwrap_or((0, host.at));
        let password = of(PASSWORD).is_some_and(|password| !password.value.is_empty());
        let checked = of(CHECKED);
        set(model, id, "host", fact(Value::text(host.value.clone()), host.at));
        set(model, id, "port", fact(Value::Int(port), port_at));
        set(model, id, "with_password", fact(Value::Bool(password), host.at));
        set(model, id, "starttls", switch(STARTTLS));
        set(model, id, "tls", switch(TLS));
        let is_checked = checked.is_none_or(|checked| !is_off(&checked.value));
        set(model, id, "server_checked", fact(Value::Bool(is_checked), checked.map_or(host.at, |it| it.at)));
    }
}

fn is_on(value: &str) -> bool {
    matches!(value.trim().to_ascii_lowercase().as_str(), "1" | "true" | "yes" | "on" | "y" | "t")
}

fn is_off(value: &str) -> bool {
    matches!(value.trim().to_ascii_lowercase().as_str(), "0" | "false" | "no" | "off" | "none" | "n" | "f")
}
