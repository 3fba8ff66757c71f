//! Connection addresses, as the clients of databases, stores and queues read them: what answers there, whether it is
//! another machine, and what TLS the client asks for. It never decides what is wrong.

/// Cuts a text at its first `://`. Few texts have as much as a colon, and to look for one byte is quick.
pub fn split_scheme(text: &str) -> Option<(&str, &str)> {
    text.match_indices(':').find_map(|(at, _)| Some((text.get(..at)?, text.get(at..)?.strip_prefix("://")?)))
}

/// An address on another machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Address<'u> {
    /// What answers there: `postgres`, `mysql`, `redis`, `amqp` or `mongodb`.
    pub service: &'static str,
    /// The machine.
    pub host: &'u str,
    /// Whether a password is sent there.
    pub with_password: bool,
    /// What TLS the client asks for.
    pub tls: Tls,
}

/// What TLS a client asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tls {
    /// None.
    None,
    /// It is taken if the server offers it.
    Optional,
    /// It is taken, and nobody's certificate is checked.
    Unchecked,
    /// It is taken, and the certificate is checked, as far as the address says.
    Checked,
    /// Nothing is said; libpq then takes it if the server offers it.
    Unset,
    /// What decides is not in the address.
    Elsewhere,
}

impl Tls {
    /// As rules spell it.
    pub fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Optional => "optional",
            Self::Unchecked => "unchecked",
            Self::Checked => "checked",
            Self::Unset => "unset",
            Self::Elsewhere => "",
        }
    }
}

/// What an address says, if it leads to another machine by a name or an address that is nobody's own network.
pub fn remote(url: &str) -> Option<Address<'_>> {
    let url = url.trim();
    let java = url.strip_prefix("jdbc:");
    let (scheme, rest) = java.unwrap_or(url).split_once("://")?;
    let (base, driver) = scheme.split_once('+').map_or((scheme, ""), |(base, driver)| (base, driver));
    let (service, secure) = match base {
        "postgres" | "postgresql" | "postgis" => ("postgres", false),
        "mysql" | "mysql2" | "mariadb" => ("mysql", false),
        "redis" => ("redis", false),
        "rediss" => ("redis", true),
        "amqp" => ("amqp", false),
        "amqps" => ("amqp", true),
        "mongodb" => ("mongodb", driver == "srv"),
        _ => return None,
    };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let query = rest.split_once('?').map_or("", |(_, query)| query);
    let (login, hosts) = authority.rsplit_once('@').unwrap_or(("", authority));
    // Of several hosts the first.
    let host = hosts.split(',').next().unwrap_or_default();
    let host = host.rsplit_once(':').map_or(host, |(host, _)| host);
    let with_password = login.split_once(':').is_some_and(|(_, password)| !password.is_empty());
    let parameter = |name: &str| {
        query
            .split(['&', '#'])
            .find_map(|pair| pair.split_once('=').filter(|(key, _)| *key == name))
            .map(|(_, value)| value)
    };
    let tls = match service {
        "postgres" => of_postgres(if java.is_some() { "jdbc" } else { driver }, &parameter),
        "redis" | "amqp" => of_sockets(secure, &parameter),
        "mongodb" => of_mongodb(secure, &parameter),
        _ => of_mysql(query),
    };
    is_another_machine(host).then_some(Address { service, host, with_password, tls })
}

/// `sslmode`, which is `prefer` where nothing says otherwise: <https://www.postgresql.org/docs/current/libpq-ssl.html>.
/// Drivers that are not made of libpq have other keys, and other defaults.
fn of_postgres<'u>(driver: &str, parameter: &dyn Fn(&str) -> Option<&'u str>) -> Tls {
    let mode = parameter("sslmode").or_else(|| parameter("ssl"));
    let of_libpq = matches!(driver, "" | "psycopg" | "psycopg2" | "psycopg2cffi");
    match mode {
        // The driver of Java, and those of Node.js, whose `no-verify` is their own.
        Some("disable" | "false") => Tls::None,
        Some("allow" | "prefer") => Tls::Optional,
        // What the certificate is checked against may be set beside it.
        Some("require") if parameter("sslrootcert").is_some() => Tls::Checked,
        Some("require" | "no-verify") => Tls::Unchecked,
        Some("verify-ca" | "verify-full") => Tls::Checked,
        None if of_libpq && parameter("sslrootcert") == Some("system") => Tls::Checked,
        // `PGSSLMODE` and the program's own arguments may say more, and clients in other languages differ.
        None if of_libpq => Tls::Unset,
        _ => Tls::Elsewhere,
    }
}

/// The modes of `MySQL` and `MariaDB`, under the names that their clients have for them: `ssl-mode` of the programs, `ssl_mode` of
/// mysqlclient, `sslMode` of Connector/J; and the words of others, as Go's `tls`. <https://dev.mysql.com/doc/refman/8.4/en/connection-options.html#option_general_ssl-mode>
pub(crate) fn of_mysql(query: &str) -> Tls {
    let pairs = query.split(['&', '#']).filter_map(|pair| pair.split_once('='));
    let told = pairs.map(|(name, value)| match (&*name.to_ascii_lowercase(), &*value.to_ascii_lowercase()) {
        ("ssl-mode" | "ssl_mode" | "sslmode", _) => mysql_mode(value),
        ("usessl" | "ssl" | "tls" | "use_ssl", "false") => Tls::None,
        ("tls", "preferred") => Tls::Optional,
        ("tls", "skip-verify") | ("ssl_verify_cert" | "verifyservercertificate", "false") => Tls::Unchecked,
        _ => Tls::Elsewhere,
    });
    // Where several say something, the one that leaves the least.
    let rank = |tls: &Tls| match tls {
        Tls::None => 0,
        Tls::Optional => 1,
        Tls::Unchecked => 2,
        Tls::Checked => 3,
        Tls::Unset | Tls::Elsewhere => 4,
    };
    told.min_by_key(rank).unwrap_or(Tls::Elsewhere)
}

/// What a mode of `MySQL` or `MariaDB` asks for.
pub(crate) fn mysql_mode(mode: &str) -> Tls {
    match &*mode.to_ascii_uppercase().replace('-', "_") {
        "DISABLED" | "DISABLE" | "NONE" => Tls::None,
        "PREFERRED" => Tls::Optional,
        "REQUIRED" | "TRUST" => Tls::Unchecked,
        "VERIFY_CA" | "VERIFY_IDENTITY" | "VERIFY_FULL" => Tls::Checked,
        _ => Tls::Elsewhere,
    }
}

/// TLS by the scheme, and what is checked by `ssl_cert_reqs`, as redis-py and Celery read it.
fn of_sockets<'u>(secure: bool, parameter: &dyn Fn(&str) -> Option<&'u str>) -> Tls {
    match parameter("ssl_cert_reqs").or_else(|| parameter("verify")).map(str::to_ascii_lowercase).as_deref() {
        _ if !secure => Tls::None,
        Some("none" | "cert_none" | "verify_none") => Tls::Unchecked,
        _ => Tls::Checked,
    }
}

/// `tls`, which `+srv` switches on, and the options that take any certificate:
/// <https://www.mongodb.com/docs/manual/reference/connection-string-options/#tls-options>.
fn of_mongodb<'u>(secure: bool, parameter: &dyn Fn(&str) -> Option<&'u str>) -> Tls {
    const ANY: &[&str] = &[
        "tlsInsecure",
        "tlsAllowInvalidCertificates",
        "tlsAllowInvalidHostnames",
        "sslAllowInvalidCertificates",
        "sslAllowInvalidHostnames",
    ];
    let on = match parameter("tls").or_else(|| parameter("ssl")) {
        Some("true") => true,
        Some("false") => false,
        _ => secure,
    };
    let any = ANY.iter().any(|name| parameter(name) == Some("true"));
    match (on, any) {
        (false, _) => Tls::None,
        (true, true) => Tls::Unchecked,
        (true, false) => Tls::Checked,
    }
}

/// Whether a host is a machine that is reached over other people's networks: a name with a dot that is not of an inner
/// network or of an example, or a public address.
pub fn is_another_machine(host: &str) -> bool {
    const INNER: &[&str] = &[
        "local",
        "localhost",
        "internal",
        "lan",
        "intranet",
        "corp",
        "home",
        "svc",
        "cluster",
        "docker",
        "test",
        "example",
        "invalid",
        "arpa",
        "consul",
        "private",
    ];
    let host = host.trim_end_matches('.');
    if let Ok(address) = host.parse::<std::net::Ipv4Addr>() {
        return !(address.is_private()
            || address.is_loopback()
            || address.is_unspecified()
            || address.is_link_local()
            || address.is_documentation());
    }
    let lower = host.to_ascii_lowercase();
    let named = lower.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_'));
    let labels: Vec<&str> = lower.split('.').collect();
    let shown = labels.windows(2).any(|pair| matches!(pair, ["example", "com" | "org" | "net"]))
        || labels
            .iter()
            .any(|label| matches!(*label, "your" | "yourdomain" | "your-domain" | "domain" | "host" | "hostname"));
    let inner = labels.iter().any(|label| matches!(*label, "svc" | "internal"))
        || labels.last().is_some_and(|last| INNER.contains(last));
    // Within one cloud, names of managed services lead through its own network as a rule, but their servers are shared.
    named && labels.len() > 1 && labels.iter().all(|label| !label.is_empty()) && !inner && !shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_cut_at_the_first_scheme() {
        for (text, expected) in [
            ("a://b://c", Some(("a", "b://c"))),
            ("x: y://z", Some(("x: y", "z"))),
            ("a:/b", None),
            ("://", Some(("", ""))),
            ("é:é://b", Some(("é:é", "b"))),
            ("", None),
        ] {
            assert_eq!(split_scheme(text), expected, "{text}");
        }
    }

    #[test]
    fn what_an_address_says() {
        for (url, expected) in [
            ("postgres://u:p@db.shop.io/x", Some(("postgres", true, Tls::Unset))),
            ("postgresql+asyncpg://u:p@db.shop.io/x", Some(("postgres", true, Tls::Elsewhere))),
            ("postgres://u:p@db.shop.io/x?sslmode=disable", Some(("postgres", true, Tls::None))),
            ("postgresql+psycopg2://u:p@db.shop.io:5432/x?a=b&sslmode=prefer", Some(("postgres", true, Tls::Optional))),
            ("postgres://u@db.shop.io/x?sslmode=require", Some(("postgres", false, Tls::Unchecked))),
            ("postgres://u@db.shop.io/x?sslmode=require&sslrootcert=ca.pem", Some(("postgres", false, Tls::Checked))),
            ("postgres://u@db.shop.io/x?sslmode=verify-full", Some(("postgres", false, Tls::Checked))),
            ("mysql://u:p@db.shop.io/x", Some(("mysql", true, Tls::Elsewhere))),
            ("mysql://u:p@db.shop.io/x?charset=utf8&ssl-mode=DISABLED", Some(("mysql", true, Tls::None))),
            ("mysql+pymysql://u:p@db.shop.io/x?ssl_mode=preferred", Some(("mysql", true, Tls::Optional))),
            ("mysql2://u:p@db.shop.io/x?sslmode=required", Some(("mysql", true, Tls::Unchecked))),
            ("mariadb://u:p@db.shop.io/x?sslMode=verify-full", Some(("mysql", true, Tls::Checked))),
            ("redis://:p@cache.shop.io:6379/0", Some(("redis", true, Tls::None))),
            ("rediss://:p@cache.shop.io:6379/0", Some(("redis", true, Tls::Checked))),
            ("rediss://:p@cache.shop.io:6379/0?ssl_cert_reqs=CERT_NONE", Some(("redis", true, Tls::Unchecked))),
            ("amqp://u:p@8.8.8.8//", Some(("amqp", true, Tls::None))),
            ("mongodb+srv://u:p@shop.mongodb.net/x", Some(("mongodb", true, Tls::Checked))),
            ("mongodb://u:p@a.shop.io,b.shop.io/x", Some(("mongodb", true, Tls::None))),
            ("postgres://u:p@db.shop.io/x?sslmode=no-verify", Some(("postgres", true, Tls::Unchecked))),
            ("jdbc:postgresql://db.shop.io/x?ssl=false", Some(("postgres", false, Tls::None))),
            ("jdbc:postgresql://db.shop.io/x", Some(("postgres", false, Tls::Elsewhere))),
            ("amqps://u:p@queue.shop.io//?verify=verify_none", Some(("amqp", true, Tls::Unchecked))),
            ("amqps://u:p@queue.shop.io//?verify=verify_peer", Some(("amqp", true, Tls::Checked))),
            ("mongodb://u:p@a.shop.io/x?tls=true", Some(("mongodb", true, Tls::Checked))),
            ("mongodb://u:p@a.shop.io/x?tls=true&tlsInsecure=true", Some(("mongodb", true, Tls::Unchecked))),
            ("mongodb://u:p@a.shop.io/x?tls=true&tlsInsecure=false", Some(("mongodb", true, Tls::Checked))),
            ("mongodb+srv://u:p@shop.mongodb.net/x?tls=false", Some(("mongodb", true, Tls::None))),
            ("mysql://u:p@db.shop.io/x", Some(("mysql", true, Tls::Elsewhere))),
            ("mysql://u:p@db.shop.io/x?SslMode=Disabled", Some(("mysql", true, Tls::None))),
            ("mysql+pymysql://u:p@db.shop.io/x?ssl_verify_cert=false&a=b", Some(("mysql", true, Tls::Unchecked))),
            ("mysql://u:p@db.shop.io/x?tls=preferred", Some(("mysql", true, Tls::Optional))),
            ("mysql://u:p@db.shop.io/x?tls=skip-verify&useSSL=false", Some(("mysql", true, Tls::None))),
            ("mysql://u:p@db.shop.io/x?tls=true", Some(("mysql", true, Tls::Elsewhere))),
            ("jdbc:mysql://db.shop.io/x?useSSL=false", Some(("mysql", false, Tls::None))),
            ("postgres://u:p@db/x?sslmode=disable", None),
            ("postgres:///x?host=/run/postgresql", None),
            ("redis://localhost", None),
            ("redis://10.0.0.7", None),
            ("redis://cache.shop.svc.cluster.local", None),
            ("redis://cache.example.com", None),
            ("https://shop.io", None),
        ] {
            let found = remote(url).map(|it| (it.service, it.with_password, it.tls));
            assert_eq!(found, expected, "{url}");
        }
    }
}
