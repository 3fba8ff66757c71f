//! Addresses, as `urllib.parse` takes them apart.

/// The parts of an address.
pub(super) struct Parts {
    pub(super) scheme: String,
    pub(super) netloc: String,
    pub(super) user: String,
    pub(super) password: String,
    pub(super) host: String,
    pub(super) port: Option<u16>,
    pub(super) path: String,
    /// Each name once; of several values the first.
    pub(super) query: Vec<(String, String)>,
}

/// Takes an address apart; `None` where Python would raise, or does something that is not followed.
pub(super) fn split(text: &str) -> Option<Parts> {
    let (scheme, rest) = text.split_once(':')?;
    let rest = rest.split('#').next().unwrap_or_default();
    let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
    let (netloc, path) = match rest.strip_prefix("//") {
        Some(rest) => rest.find('/').map_or((rest, ""), |at| rest.split_at(at)),
        None => ("", rest),
    };
    if netloc.contains(['[', ']']) || text.contains(|c: char| c.is_control()) {
        return None;
    }
    let (login, server) = netloc.rsplit_once('@').unwrap_or(("", netloc));
    let (user, password) = login.split_once(':').unwrap_or((login, ""));
    let (host, port) = server.split_once(':').map_or((server, None), |(host, port)| (host, Some(port)));
    let port = match port {
        None | Some("") => None,
        Some(port) => Some(port.parse().ok()?),
    };
    let mut pairs: Vec<(String, String)> = Vec::new();
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let Some((key, value)) = pair.split_once('=').filter(|(_, value)| !value.is_empty()) else { continue };
        let key = unquote_plus(key);
        if pairs.iter().any(|(known, _)| *known == key) {
            return None;
        }
        pairs.push((key, unquote_plus(value)));
    }
    Some(Parts {
        scheme: scheme.to_lowercase(),
        netloc: netloc.to_owned(),
        user: user.to_owned(),
        password: password.to_owned(),
        host: host.to_lowercase(),
        port,
        path: path.to_owned(),
        query: pairs,
    })
}

/// Resolves `%xx`.
pub(super) fn unquote(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let hex = bytes.get(at + 1..at + 3).and_then(|hex| std::str::from_utf8(hex).ok());
        if let Some(value) = hex.filter(|_| byte == b'%').and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            out.push(value);
            at += 3;
        } else {
            out.push(byte);
            at += 1;
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

pub(super) fn unquote_plus(text: &str) -> String {
    unquote(&text.replace('+', " "))
}

/// The engine that dj-database-url takes for a scheme.
pub(super) fn dj_engine(scheme: &str) -> Option<&'static str> {
    Some(match scheme {
        "postgres" | "postgresql" | "pgsql" => "django.db.backends.postgresql",
        "postgis" => "django.contrib.gis.db.backends.postgis",
        "mysql" | "mysql2" => "django.db.backends.mysql",
        "mysqlgis" => "django.contrib.gis.db.backends.mysql",
        "mysql-connector" => "mysql.connector.django",
        "sqlite" => "django.db.backends.sqlite3",
        "spatialite" => "django.contrib.gis.db.backends.spatialite",
        "cockroach" => "django_cockroachdb",
        "redshift" => "django_redshift_backend",
        "timescale" => "timescale.db.backends.postgresql",
        _ => return None,
    })
}

/// The engine that django-environ takes for a scheme.
pub(super) fn environ_engine(scheme: &str) -> Option<&'static str> {
    Some(match scheme {
        "postgres" | "postgresql" | "psql" | "pgsql" => "django.db.backends.postgresql",
        "postgis" => "django.contrib.gis.db.backends.postgis",
        "mysql" | "mysql2" => "django.db.backends.mysql",
        "mysqlgis" => "django.contrib.gis.db.backends.mysql",
        "mysql-connector" => "mysql.connector.django",
        "sqlite" => "django.db.backends.sqlite3",
        "spatialite" => "django.contrib.gis.db.backends.spatialite",
        "cockroachdb" => "django_cockroachdb",
        "redshift" => "django_redshift_backend",
        _ => return None,
    })
}
