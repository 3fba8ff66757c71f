//! What is known of images that many deployments use: which are stores, on which ports they listen, and how their
//! passwords are set, left at a published default, or switched off.

use super::resolve::Service;
use crate::model::{Piece, Str, Text, Value};
use rustc_hash::FxHashMap;
use std::borrow::Cow;
use std::sync::LazyLock;

/// What an image is, as far as rules care.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Class {
    /// Holds data or messages for other services.
    Store,
    /// Watches the host, and needs to look into it.
    Monitor,
    /// Needs the host's network or its devices to do what it is for: VPN, DHCP, mDNS, time.
    Network,
    /// Passes on a chosen part of Docker's API.
    SocketProxy,
}

/// An image, by the last part of its name.
pub(super) struct Image {
    /// The last part of the name; a `*` at the end stands for anything.
    pub(super) name: &'static str,
    /// What it is.
    pub(super) class: Class,
}

use Class::{Monitor, Network, SocketProxy, Store};

const fn image(name: &'static str, class: Class) -> Image {
    Image { name, class }
}

static IMAGES: &[Image] = &[
    image("postgres", Store),
    image("postgresql*", Store),
    image("postgis", Store),
    image("pgvector", Store),
    image("timescaledb*", Store),
    image("mysql*", Store),
    image("mariadb*", Store),
    image("percona*", Store),
    image("mongo", Store),
    image("mongodb*", Store),
    image("redis", Store),
    image("redis-stack*", Store),
    image("valkey*", Store),
    image("keydb", Store),
    image("memcached", Store),
    image("elasticsearch*", Store),
    image("opensearch", Store),
    image("cassandra", Store),
    image("scylla", Store),
    image("couchdb", Store),
    image("influxdb", Store),
    image("clickhouse*", Store),
    image("cockroach", Store),
    image("neo4j", Store),
    image("rabbitmq*", Store),
    image("etcd", Store),
    image("zookeeper", Store),
    image("kafka", Store),
    image("cp-kafka", Store),
    image("cp-zookeeper", Store),
    image("consul", Store),
    image("vault", Store),
    image("nats*", Store),
    image("elasticmq*", Store),
    image("server", Store),
    image("node-exporter", Monitor),
    image("cadvisor", Monitor),
    image("netdata", Monitor),
    image("agent", Monitor),
    image("datadog-agent*", Monitor),
    image("telegraf", Monitor),
    image("glances", Monitor),
    image("beszel-agent", Monitor),
    image("promtail", Monitor),
    image("filebeat", Monitor),
    image("metricbeat", Monitor),
    image("fluent-bit", Monitor),
    image("alloy", Monitor),
    image("vector", Monitor),
    image("wireguard", Network),
    image("wg-easy", Network),
    image("openvpn*", Network),
    image("gluetun", Network),
    image("tailscale", Network),
    image("zerotier*", Network),
    image("strongswan", Network),
    image("pihole", Network),
    image("adguardhome", Network),
    image("home-assistant*", Network),
    image("homeassistant*", Network),
    image("homebridge", Network),
    image("avahi*", Network),
    image("chrony*", Network),
    image("ntp", Network),
    image("keepalived", Network),
    image("fail2ban", Network),
    image("dhcp-helper", Network),
    image("dhcpd", Network),
    image("dhcrelay", Network),
    image("isc-dhcp*", Network),
    image("jellyfin", Network),
    image("plex", Network),
    image("pms-docker", Network),
    image("docker-socket-proxy", SocketProxy),
    image("socket-proxy", SocketProxy),
];

/// The reference of an image where its name is known, whatever its registry, tag or digest is: each hole is a `?`, as in
/// `redis:?` for `redis:${REDIS_VERSION}`.
pub(crate) fn reference(image: &Value) -> Option<Cow<'_, str>> {
    match image {
        Value::Text(Text::Known(text)) => Some(Cow::Borrowed(text)),
        Value::Text(Text::Pieces(pieces)) => {
            let mut text = String::new();
            for piece in pieces {
                match piece {
                    Piece::Known(known) => text.push_str(known),
                    Piece::Hole(_) => text.push('?'),
                }
            }
            let name = text.split('@').next().unwrap_or_default().rsplit('/').next().unwrap_or_default();
            let name = name.split(':').next().unwrap_or_default();
            (!name.is_empty() && !name.contains('?')).then_some(Cow::Owned(text))
        }
        _ => None,
    }
}

/// The last part of an image's name, in lower case, without registry, tag and digest: `postgres` for
/// `docker.io/library/Postgres:16@sha256:…`.
pub(crate) fn base_name(reference: &str) -> Str {
    let without_digest = reference.split('@').next().unwrap_or_default();
    let last = without_digest.rsplit('/').next().unwrap_or_default();
    let mut name = Str::from(last.split(':').next().unwrap_or_default());
    name.as_mut_str().make_ascii_lowercase();
    name
}

/// The images that are named in full.
static BY_NAME: LazyLock<FxHashMap<&str, Class>> = LazyLock::new(|| {
    IMAGES.iter().rev().filter(|image| !image.name.ends_with('*')).map(|image| (image.name, image.class)).collect()
});

/// The beginnings of names, in the order of the table.
static BY_START: LazyLock<Vec<(&str, Class)>> = LazyLock::new(|| {
    IMAGES.iter().filter_map(|image| image.name.strip_suffix('*').map(|start| (start, image.class))).collect()
});

/// What an image is, if it is known.
pub(super) fn class(reference: &str) -> Option<Class> {
    let name = base_name(reference);
    // Microsoft calls its database `mssql/server`, and many others call something `server` or `agent`.
    let vague = match name.as_str() {
        "server" => !reference.contains("mssql/"),
        "agent" => !reference.contains("datadog/") && !reference.contains("grafana/"),
        _ => false,
    };
    if vague {
        return None;
    }
    let exporter = name.ends_with("-exporter") || name.ends_with("_exporter");
    let by_start = || BY_START.iter().find(|(start, _)| name.starts_with(start)).map(|(_, class)| *class);
    BY_NAME.get(name.as_str()).copied().or_else(|| by_start().filter(|_| !exporter))
}

/// The ports on which stores listen, and what listens there.
static STORE_PORTS: &[(i64, &str)] = &[
    (389, "LDAP"),
    (1433, "SQL Server"),
    (1521, "Oracle"),
    (2181, "ZooKeeper"),
    (2379, "etcd"),
    (2881, "OceanBase"),
    (3306, "MySQL"),
    (4222, "NATS"),
    (5432, "PostgreSQL"),
    (5601, "Kibana"),
    (5672, "AMQP"),
    (5984, "CouchDB"),
    (6379, "Redis"),
    (7687, "Neo4j"),
    (8086, "InfluxDB"),
    (8123, "ClickHouse"),
    (8200, "Vault"),
    (8500, "Consul"),
    (9000, "ClickHouse"),
    (9042, "Cassandra"),
    (9092, "Kafka"),
    (9200, "Elasticsearch"),
    (9300, "Elasticsearch"),
    (9324, "ElasticMQ"),
    (11211, "memcached"),
    (15672, "RabbitMQ's management"),
    (26257, "CockroachDB"),
    (27017, "MongoDB"),
];

/// Ports that other things use as well, so that the image has to tell.
const SHARED_PORTS: &[i64] = &[4222, 8086, 8200, 8500, 9092, 9200, 9300, 9324];

/// Images that programs of one's own are written for: whatever port they are published on, no store listens there. Proxies
/// are none of them, as they pass connections on to stores.
const OTHERS: &[&str] = &[
    "bun",
    "deno",
    "dotnet",
    "aspnet",
    "eclipse-temurin",
    "elixir",
    "erlang",
    "golang",
    "node",
    "openjdk",
    "php",
    "perl",
    "python",
    "ruby",
    "rust",
    "sdk",
    "swift",
    "uvicorn-gunicorn-fastapi",
];

/// The widest range of ports by which somebody chooses one of them.
pub(super) const MOST_CHOSEN: usize = 4;

/// A published port, as far as it tells what listens there.
#[derive(Clone, Copy)]
pub(super) struct Target<'p> {
    /// The port inside.
    pub(super) port: i64,
    /// `tcp` or `udp`.
    pub(super) protocol: &'p str,
    /// How many ports its entry publishes.
    pub(super) beside: usize,
}

/// What listens on a port inside a container of an image, if it is a store. None speaks UDP but LDAP for looking up a domain,
/// and memcached, which has it off since 1.5.6.
pub(super) fn store_on(target: Target<'_>, reference: Option<&str>) -> Option<&'static str> {
    let known = reference.and_then(class);
    let port = target.port;
    if reference.is_some_and(|reference| OTHERS.contains(&base_name(reference).as_str())) {
        return None;
    }
    if target.protocol == "udp" || target.beside > MOST_CHOSEN && known != Some(Store) {
        return None;
    }
    if matches!(port, 8123 | 9000) && !reference.is_some_and(|reference| base_name(reference).starts_with("clickhouse"))
    {
        return None;
    }
    let name = STORE_PORTS.iter().find(|(number, _)| *number == port).map(|(_, name)| *name)?;
    match known {
        Some(Store) => Some(name),
        Some(_) => None,
        None => (!SHARED_PORTS.contains(&port)).then_some(name),
    }
}

/// Whether a service is of a version that asks for a login, over TLS, where nothing is said: Elasticsearch and what belongs to it
/// do since their eighth. One whose version is not known may be such a one.
pub(super) fn asks_by_itself(service: &Service<'_>, reference: Option<&str>) -> bool {
    let Some(reference) = reference else { return false };
    let tag = reference.rsplit_once(':').map_or("", |(_, tag)| tag);
    let major = tag.split('.').next().and_then(|major| major.parse::<u32>().ok());
    let said = |variable: &str| variable.to_ascii_lowercase().replace('.', "_") == "xpack_security_enabled";
    matches!(base_name(reference).as_str(), "elasticsearch" | "kibana")
        && (major.is_some_and(|major| (8..100).contains(&major)) || tag.starts_with('?'))
        && service.environment_open.is_none()
        && !service.environment.iter().any(|variable| said(&variable.name))
}

/// A variable that sets a password, and the values that everybody tries first.
pub(super) struct Password {
    /// The variable.
    pub(super) variable: &'static str,
    /// The variable that sets the user's name, if there is one; a password equal to the name is as good as published.
    pub(super) user: Option<&'static str>,
    /// Published values.
    pub(super) defaults: &'static [&'static str],
}

const fn password(variable: &'static str, user: &'static str, defaults: &'static [&'static str]) -> Password {
    Password { variable, user: if user.is_empty() { None } else { Some(user) }, defaults }
}

/// Servers' variables; a client's copy of the same value is found by the value.
static PASSWORDS: &[Password] = &[
    password("POSTGRES_PASSWORD", "POSTGRES_USER", &["postgres", "password", "admin", "root", "example", "changeme"]),
    password("POSTGRESQL_PASSWORD", "POSTGRESQL_USERNAME", &["postgres", "password"]),
    password("POSTGRESQL_POSTGRES_PASSWORD", "", &["postgres", "password"]),
    password(
        "MYSQL_ROOT_PASSWORD",
        "",
        &["root", "password", "mysql", "admin", "toor", "example", "changeme", "123456"],
    ),
    password("MYSQL_PASSWORD", "MYSQL_USER", &["password", "mysql"]),
    password("MARIADB_ROOT_PASSWORD", "", &["root", "password", "mariadb", "admin", "example", "changeme", "123456"]),
    password("MARIADB_PASSWORD", "MARIADB_USER", &["password"]),
    password(
        "MONGO_INITDB_ROOT_PASSWORD",
        "MONGO_INITDB_ROOT_USERNAME",
        &["root", "admin", "mongo", "example", "password"],
    ),
    password("MONGODB_ROOT_PASSWORD", "MONGODB_ROOT_USER", &["root", "admin", "password"]),
    password("RABBITMQ_DEFAULT_PASS", "RABBITMQ_DEFAULT_USER", &["guest", "rabbitmq", "admin", "password"]),
    password("RABBITMQ_PASSWORD", "RABBITMQ_USERNAME", &["guest", "bitnami"]),
    password("GF_SECURITY_ADMIN_PASSWORD", "GF_SECURITY_ADMIN_USER", &["admin", "grafana", "password"]),
    password("MINIO_ROOT_PASSWORD", "MINIO_ROOT_USER", &["minioadmin", "minio123", "password"]),
    password("MINIO_SECRET_KEY", "MINIO_ACCESS_KEY", &["minioadmin", "minio123"]),
    password("PGADMIN_DEFAULT_PASSWORD", "", &["admin", "root", "postgres", "password", "pgadmin", "pgadmin4"]),
    password("KEYCLOAK_ADMIN_PASSWORD", "KEYCLOAK_ADMIN", &["admin", "password", "keycloak"]),
    password("KEYCLOAK_PASSWORD", "KEYCLOAK_USER", &["admin", "password", "keycloak"]),
    password("KC_BOOTSTRAP_ADMIN_PASSWORD", "KC_BOOTSTRAP_ADMIN_USERNAME", &["admin", "password", "keycloak"]),
    password("ELASTIC_PASSWORD", "", &["changeme", "elastic", "password"]),
    password("OPENSEARCH_INITIAL_ADMIN_PASSWORD", "", &["admin"]),
    password("MSSQL_SA_PASSWORD", "", &["YourStrong!Passw0rd", "yourStrong(!)Password", "Password123", "P@ssw0rd"]),
    password("SA_PASSWORD", "", &["YourStrong!Passw0rd", "yourStrong(!)Password", "Password123", "P@ssw0rd"]),
    password("_AIRFLOW_WWW_USER_PASSWORD", "_AIRFLOW_WWW_USER_USERNAME", &["airflow", "admin"]),
    password("NEO4J_AUTH", "", &["neo4j/neo4j", "neo4j/password", "neo4j/test"]),
    password("COUCHDB_PASSWORD", "COUCHDB_USER", &["admin", "password"]),
    password("CLICKHOUSE_PASSWORD", "CLICKHOUSE_USER", &["clickhouse", "password"]),
    password("ME_CONFIG_BASICAUTH_PASSWORD", "ME_CONFIG_BASICAUTH_USERNAME", &["pass", "admin"]),
    password("DJANGO_SUPERUSER_PASSWORD", "DJANGO_SUPERUSER_USERNAME", &["admin", "password"]),
    password("LDAP_ADMIN_PASSWORD", "", &["admin", "password"]),
    password("DOCKER_INFLUXDB_INIT_PASSWORD", "DOCKER_INFLUXDB_INIT_USERNAME", &["admin", "password", "admin123"]),
];

/// What is known of a variable that sets a password.
pub(super) fn password_of(variable: &str) -> Option<&'static Password> {
    PASSWORDS.iter().find(|password| password.variable == variable)
}

/// Whether the password that a variable sets is published with its image, or is the user's name; `value` gives the other
/// variables.
pub(crate) fn is_published<'v>(variable: &str, text: &str, value: &dyn Fn(&str) -> Option<&'v str>) -> bool {
    password_of(variable).is_some_and(|known| {
        known.defaults.contains(&text)
            || known.user.and_then(value).is_some_and(|user| user == text && !text.is_empty())
    })
}

/// How variables of servers begin, and what the names of images and services hold that make an account of them.
static FAMILIES: &[(&str, &[&str])] = &[
    ("POSTGRES", &["postgres", "postgis", "pgvector", "timescale", "paradedb"]),
    ("MYSQL_", &["mysql", "mariadb", "percona"]),
    ("MARIADB_", &["mariadb", "mysql"]),
    ("MONGO", &["mongo"]),
    ("RABBITMQ_", &["rabbitmq"]),
    ("GF_", &["grafana"]),
    ("MINIO_", &["minio"]),
    ("PGADMIN_", &["pgadmin"]),
    ("KEYCLOAK_", &["keycloak"]),
    ("KC_", &["keycloak"]),
    ("ELASTIC_", &["elasticsearch", "elastic"]),
    ("OPENSEARCH_", &["opensearch"]),
    ("MSSQL_", &["mssql", "sqlserver", "azure-sql"]),
    ("SA_", &["mssql", "sqlserver", "azure-sql"]),
    ("NEO4J_", &["neo4j"]),
    ("COUCHDB_", &["couchdb"]),
    ("CLICKHOUSE_", &["clickhouse"]),
    ("ME_CONFIG_", &["mongo-express"]),
    ("LDAP_", &["ldap"]),
    ("DOCKER_INFLUXDB_", &["influxdb"]),
];

/// What the names of images and services hold that only use a store.
const CLIENTS: &[&str] = &["exporter", "backup", "client", "init", "migrat", "admin", "express", "dashboards"];

/// Whether a service makes the account whose password a variable sets, rather than only logging in with it. Where the
/// image tells nothing, the service's name does. Nothing for variables of no known server.
pub(crate) fn makes_account(variable: &str, reference: Option<&str>, service: &str) -> Option<bool> {
    let (_, words) = FAMILIES.iter().find(|(start, _)| variable.starts_with(start))?;
    let own = variable.to_ascii_lowercase().replace("me_config", "express");
    let client = |name: &str| CLIENTS.iter().any(|word| name.contains(word) && !own.contains(word));
    let is = |name: &str| words.iter().any(|word| name.contains(word)) && !client(name);
    let name = service.to_ascii_lowercase();
    let database = || name.split(['-', '_', '.']).any(|word| matches!(word, "db" | "database")) && !client(&name);
    let makes = match reference {
        Some(reference) if is(&base_name(reference)) => true,
        Some(reference) if class(reference).is_some() => {
            words.iter().any(|word| reference.contains(&format!("{word}/")))
        }
        _ => is(&name) || database(),
    };
    Some(makes)
}

/// A variable that switches a password off.
pub(super) struct Switch {
    /// The variable.
    pub(super) variable: &'static str,
    /// What the image's name must hold, where others have a variable of that name as well.
    pub(super) image: &'static str,
    /// The values that do; empty where any value but the empty one does.
    pub(super) values: &'static [&'static str],
    /// Variables that set a password after all.
    pub(super) unless: &'static [&'static str],
}

static SWITCHES: &[Switch] = &[
    Switch { variable: "POSTGRES_HOST_AUTH_METHOD", image: "", values: &["trust"], unless: &[] },
    Switch {
        variable: "MYSQL_ALLOW_EMPTY_PASSWORD",
        image: "",
        values: &[],
        unless: &["MYSQL_ROOT_PASSWORD", "MYSQL_ROOT_PASSWORD_FILE", "MYSQL_RANDOM_ROOT_PASSWORD"],
    },
    Switch {
        variable: "MARIADB_ALLOW_EMPTY_ROOT_PASSWORD",
        image: "",
        values: &[],
        unless: &[
            "MARIADB_ROOT_PASSWORD",
            "MARIADB_ROOT_PASSWORD_FILE",
            "MARIADB_ROOT_PASSWORD_HASH",
            "MYSQL_ROOT_PASSWORD",
        ],
    },
    Switch {
        variable: "ALLOW_EMPTY_PASSWORD",
        image: "",
        values: &["yes", "true", "1"],
        unless: &[
            "REDIS_PASSWORD",
            "POSTGRESQL_PASSWORD",
            "MARIADB_ROOT_PASSWORD",
            "MYSQL_ROOT_PASSWORD",
            "MONGODB_ROOT_PASSWORD",
            "VALKEY_PASSWORD",
        ],
    },
    Switch { variable: "ALLOW_ANONYMOUS_LOGIN", image: "", values: &["yes", "true", "1"], unless: &[] },
    Switch { variable: "xpack.security.enabled", image: "", values: &["false"], unless: &[] },
    Switch { variable: "DISABLE_SECURITY_PLUGIN", image: "", values: &["true"], unless: &[] },
    Switch { variable: "plugins.security.disabled", image: "", values: &["true"], unless: &[] },
    Switch { variable: "AUTH_TYPE", image: "pgbouncer", values: &["trust", "any"], unless: &[] },
    Switch { variable: "PGBOUNCER_AUTH_TYPE", image: "pgbouncer", values: &["trust", "any"], unless: &[] },
    Switch { variable: "NEO4J_AUTH", image: "", values: &["none"], unless: &[] },
];

/// What is known of a variable that switches a password off.
pub(super) fn switch_of(variable: &str) -> Option<&'static Switch> {
    SWITCHES.iter().find(|switch| switch.variable == variable)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accounts_are_made_by_servers() {
        for (variable, reference, service, expected) in [
            ("POSTGRES_PASSWORD", Some("pgvector/pgvector:pg16"), "store", true),
            ("POSTGRES_PASSWORD", Some("shop/app"), "app", false),
            ("POSTGRES_PASSWORD", Some("example/postgres-backup"), "backup", false),
            ("POSTGRES_PASSWORD", None, "db", true),
            ("MYSQL_PASSWORD", Some("postgres"), "db", false),
            ("MSSQL_SA_PASSWORD", Some("mcr.microsoft.com/mssql/server:2022-latest"), "s", true),
            ("PGADMIN_DEFAULT_PASSWORD", Some("dpage/pgadmin4"), "ui", true),
            ("ME_CONFIG_BASICAUTH_PASSWORD", Some("mongo-express"), "ui", true),
            ("MONGO_INITDB_ROOT_PASSWORD", Some("mongo-express"), "ui", false),
            ("OPENSEARCH_ADMIN_PASSWORD", None, "api", false),
        ] {
            assert_eq!(
                makes_account(variable, reference, service),
                Some(expected),
                "{variable} {reference:?} {service}"
            );
        }
        assert_eq!(makes_account("DJANGO_SUPERUSER_PASSWORD", None, "web"), None);
    }

    #[test]
    fn holes_leave_the_name_where_it_stands_in_full() {
        let hole = || Piece::Hole(crate::model::Why::Variable("V".into()));
        let known = |text: &str| Piece::Known(text.into());
        for (pieces, expected) in [
            (vec![known("redis:"), hole()], Some("redis:?")),
            (vec![known("redis:"), hole(), known("-alpine")], Some("redis:?-alpine")),
            (vec![hole(), known("/library/redis:8")], Some("?/library/redis:8")),
            (vec![known("redis@"), hole()], Some("redis@?")),
            (vec![known("localhost:"), hole(), known("/redis")], Some("localhost:?/redis")),
            (vec![known("redis"), hole()], None),
            (vec![hole(), known(":8")], None),
            (vec![known("shop/"), hole()], None),
        ] {
            let image = Value::Text(Text::Pieces(pieces.into()));
            assert_eq!(reference(&image).as_deref(), expected, "{image:?}");
        }
        assert_eq!(reference(&Value::text("redis")).as_deref(), Some("redis"));
    }

    fn store_on(port: i64, reference: Option<&str>) -> Option<&'static str> {
        super::store_on(Target { port, protocol: "tcp", beside: 1 }, reference)
    }

    #[test]
    fn a_number_tells_a_store_where_somebody_chose_it() {
        for (port, protocol, beside, reference, expected) in [
            (11211, "tcp", 1, None, Some("memcached")),
            (11211, "udp", 1, None, None),
            (11211, "udp", 1, Some("memcached"), None),
            (27017, "tcp", 4, None, Some("MongoDB")),
            (27017, "tcp", 16, None, None),
            (27017, "tcp", 16, Some("mongo:8"), Some("MongoDB")),
        ] {
            assert_eq!(super::store_on(Target { port, protocol, beside }, reference), expected, "{port} {protocol}");
        }
    }

    #[test]
    fn images_are_known_by_their_last_part() {
        for (reference, expected) in [
            ("docker.io/library/Postgres:16@sha256:00", Some(Store)),
            ("localhost:5000/mirror/redis", Some(Store)),
            ("mcr.microsoft.com/mssql/server:2022-latest", Some(Store)),
            ("ghcr.io/example/server:1", None),
            ("quay.io/prometheuscommunity/postgres-exporter", None),
            ("oliver006/redis_exporter:v1.62.0", None),
            ("tecnativa/docker-socket-proxy", Some(SocketProxy)),
            ("nginx", None),
        ] {
            assert_eq!(class(reference), expected, "{reference}");
        }
        assert_eq!(store_on(5432, None), Some("PostgreSQL"));
        assert_eq!(store_on(9092, None), None);
        assert_eq!(store_on(9092, Some("apache/kafka")), Some("Kafka"));
        assert_eq!(store_on(9000, Some("clickhouse/clickhouse-server")), Some("ClickHouse"));
        assert_eq!(store_on(9000, Some("mongo")), None);
        assert_eq!(store_on(8123, None), None);
        assert_eq!(store_on(5601, Some("docker.elastic.co/kibana/kibana:8.15.0")), Some("Kibana"));
        assert_eq!(store_on(8080, Some("postgres")), None);
        assert_eq!(store_on(27017, Some("python:3.14-slim")), None);
        // It passes connections on to one.
        assert_eq!(store_on(5432, Some("traefik:3")), Some("PostgreSQL"));
    }
}
