//! What runs in images that many deployments use, by the last part of their names, and what that is for the others.

/// What a service is in a deployment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// Passes requests on to others.
    Proxy,
    /// Runs code of the project.
    Application,
    /// Holds data or messages.
    Store,
    /// Nothing tells.
    Other,
}

use Part::{Application, Other, Proxy, Store};

/// By name, with a `*` at the end for anything; the first that fits.
static PROGRAMS: &[(&str, &str, Part)] = &[
    ("*exporter", "", Other),
    ("adminer", "Adminer", Other),
    ("airflow*", "Airflow", Application),
    ("caddy*", "Caddy", Proxy),
    ("cassandra", "Cassandra", Store),
    ("clickhouse*", "ClickHouse", Store),
    ("consul", "Consul", Store),
    ("couchdb", "CouchDB", Store),
    ("elasticsearch*", "Elasticsearch", Store),
    ("envoy*", "Envoy", Proxy),
    ("etcd", "etcd", Store),
    ("grafana*", "Grafana", Other),
    ("haproxy*", "HAProxy", Proxy),
    ("httpd", "Apache", Proxy),
    ("influxdb", "InfluxDB", Store),
    ("kafka", "Kafka", Store),
    ("keydb", "KeyDB", Store),
    ("kibana*", "Kibana", Other),
    ("mailhog", "MailHog", Other),
    ("mailpit", "Mailpit", Other),
    ("mariadb*", "MariaDB", Store),
    ("memcached", "memcached", Store),
    ("minio", "MinIO", Store),
    ("mongo", "MongoDB", Store),
    ("mongo-express", "mongo-express", Other),
    ("mongodb*", "MongoDB", Store),
    ("mysql*", "MySQL", Store),
    ("nats*", "NATS", Store),
    ("neo4j", "Neo4j", Store),
    ("nginx*", "nginx", Proxy),
    ("openresty", "nginx", Proxy),
    ("opensearch", "OpenSearch", Store),
    ("percona*", "Percona", Store),
    ("pgadmin4", "pgAdmin", Other),
    ("pgvector", "PostgreSQL", Store),
    ("phpmyadmin", "phpMyAdmin", Other),
    ("postgis", "PostgreSQL", Store),
    ("postgres", "PostgreSQL", Store),
    ("postgresql*", "PostgreSQL", Store),
    ("prometheus", "Prometheus", Other),
    ("rabbitmq*", "RabbitMQ", Store),
    ("redis", "Redis", Store),
    ("redis-stack*", "Redis", Store),
    ("timescaledb*", "PostgreSQL", Store),
    ("traefik", "Traefik", Proxy),
    ("valkey*", "Valkey", Store),
    ("zookeeper", "ZooKeeper", Store),
];

/// What runs in an image, or in one that is built on another.
pub(crate) fn of(image: Option<&str>, base: Option<&str>) -> Option<(&'static str, Part)> {
    [base, image].into_iter().flatten().find_map(named)
}

fn named(reference: &str) -> Option<(&'static str, Part)> {
    let name = crate::formats::compose::base_name(reference);
    let fits = |pattern: &str| match (pattern.strip_suffix('*'), pattern.strip_prefix('*')) {
        (Some(start), _) => name.starts_with(start),
        (_, Some(end)) => name.ends_with(end),
        _ => name == pattern,
    };
    PROGRAMS.iter().find(|(pattern, ..)| fits(pattern)).map(|(_, title, part)| (*title, *part))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_are_known_by_the_last_part_of_an_images_name() {
        for (image, base, expected) in [
            (Some("docker.io/library/postgres:16"), None, Some(("PostgreSQL", Store))),
            (Some("shop/web"), Some("nginx:1.27-alpine"), Some(("nginx", Proxy))),
            (Some("prometheuscommunity/postgres-exporter"), None, Some(("", Other))),
            (Some("shop/web"), Some("python:3.12"), None),
            (None, None, None),
        ] {
            assert_eq!(of(image, base), expected, "{image:?} {base:?}");
        }
    }
}
