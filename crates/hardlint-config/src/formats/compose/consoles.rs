//! What is known of images that people manage or watch a deployment with: on which port they answer, what whoever gets
//! there can do, and whether they ask for a login of their own.

use super::images::base_name;
use super::resolve::Service;
use super::runners;
use super::workbenches;
use crate::model::{Node, Piece, Text, Value};

/// What whoever reaches a console can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reach {
    /// Change things, without a login.
    Control,
    /// Change things, behind a login that can be tried.
    Login,
    /// Look at things.
    View,
}

impl Reach {
    /// As rules call it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Control => "control",
            Self::Login => "login",
            Self::View => "view",
        }
    }
}

/// A console.
struct Console {
    /// The last part of the image's name; a `*` at the end stands for anything.
    image: &'static str,
    ports: &'static [i64],
    title: &'static str,
    reach: Reach,
    /// Starts of variables, and parts of arguments, that make it ask for a login.
    asks: &'static [&'static str],
}

use Reach::{Control, Login, View};

const fn console(
    image: &'static str,
    ports: &'static [i64],
    title: &'static str,
    reach: Reach,
    asks: &'static [&'static str],
) -> Console {
    Console { image, ports, title, reach, asks }
}

/// What makes Flower ask for a login.
const FLOWER: &[&str] = &["FLOWER_BASIC_AUTH", "FLOWER_AUTH", "--basic", "--auth"];

static CONSOLES: &[Console] = &[
    console("adminer", &[8080], "Adminer", Login, &[]),
    console("akhq", &[8080], "AKHQ", Control, &["AKHQ_CONFIGURATION", "MICRONAUT_SECURITY"]),
    console("all-in-one", &[16686], "Jaeger", View, &[]),
    console("alertmanager", &[9093], "Alertmanager", View, &["--web.config.file"]),
    console("cadvisor", &[8080], "cAdvisor", View, &[]),
    console("cloudbeaver", &[8978], "CloudBeaver", Login, &[]),
    console("cmak", &[9000], "CMAK", Control, &["KAFKA_MANAGER_AUTH_ENABLED"]),
    console("dockge", &[5001], "Dockge", Login, &[]),
    console("dozzle", &[8080], "Dozzle", View, &["DOZZLE_AUTH_PROVIDER", "DOZZLE_USERNAME", "--auth-provider"]),
    console("elasticsearch-head", &[9100], "elasticsearch-head", Control, &[]),
    console("chroma", &[8000], "Chroma", Control, &["CHROMA_SERVER_AUTH"]),
    console("dremio-oss", &[9047], "Dremio", Login, &[]),
    console("flower", &[5555], "Flower", Control, FLOWER),
    console("graphql-engine", &[8080], "Hasura", Control, &["HASURA_GRAPHQL_ADMIN_SECRET"]),
    console("jaeger", &[16686], "Jaeger", View, &[]),
    console("jaeger-query", &[16686], "Jaeger", View, &[]),
    console("kafdrop", &[9000], "Kafdrop", Control, &[]),
    console("kafka-manager", &[9000], "CMAK", Control, &["KAFKA_MANAGER_AUTH_ENABLED"]),
    console("kafka-ui", &[8080], "Kafka UI", Control, &["AUTH_TYPE"]),
    console("keycloak*", &[8080], "Keycloak", Login, &[]),
    console("loki", &[3100], "Loki", View, &[]),
    console("mailhog", &[8025], "MailHog", View, &["MH_AUTH_FILE", "-auth-file"]),
    console("mailpit", &[8025], "Mailpit", View, &["MP_UI_AUTH", "--ui-auth"]),
    console("mongo-express", &[8081], "mongo-express", Login, &[]),
    console("node-exporter", &[9100], "the host's measurements", View, &["--web.config.file"]),
    console("ollama", &[11434], "Ollama", Control, &[]),
    console("nginx-proxy-manager", &[81], "Nginx Proxy Manager", Login, &[]),
    console("netdata", &[19999], "Netdata", View, &[]),
    console("pgadmin4", &[80, 443], "pgAdmin", Login, &[]),
    console("pgweb", &[8081], "pgweb", Control, &["PGWEB_AUTH", "PGWEB_AUTH_USER", "--auth-user"]),
    console("phpldapadmin", &[80, 443], "phpLDAPadmin", Login, &[]),
    console("phpmyadmin", &[80, 443], "phpMyAdmin", Login, &[]),
    console("phpredisadmin", &[80], "phpRedisAdmin", Control, &["ADMIN_USER"]),
    console("portainer*", &[9000, 9443], "Portainer", Login, &[]),
    console("prometheus", &[9090], "Prometheus", View, &["--web.config.file"]),
    console("php-fpm", &[9000], "PHP-FPM", Control, &[]),
    console("pushgateway", &[9091], "Pushgateway", View, &["--web.config.file"]),
    console("qdrant", &[6333, 6334], "Qdrant", Control, &["QDRANT__SERVICE__API_KEY"]),
    console("ray", &[8265], "Ray", Control, &["RAY_AUTH_MODE"]),
    console("ray-ml", &[8265], "Ray", Control, &["RAY_AUTH_MODE"]),
    console("redis-commander", &[8081], "Redis Commander", Control, &["HTTP_USER", "HTTP_PASSWORD"]),
    console("redisinsight", &[5540, 8001], "Redis Insight", Control, &[]),
    console("signal-cli-rest-api", &[8080], "an account of Signal", Control, &[]),
    console("solr", &[8983], "Solr", Control, &["SOLR_AUTH"]),
    console("sqlite-web", &[8080], "sqlite-web", Control, &["SQLITE_WEB_PASSWORD", "--password"]),
];

/// The console that answers on a port of a service, and what whoever gets there can do.
pub(super) fn on(service: &Service<'_>, reference: Option<&str>, port: i64) -> Option<(&'static str, Reach)> {
    let name = reference.map(base_name).unwrap_or_default();
    // Its image takes the port, and whether anybody is asked, from variables.
    if name == "pgadmin4"
        && value(service, "PGADMIN_LISTEN_PORT").map_or(matches!(port, 80 | 443), |own| own == port.to_string())
    {
        let desktop =
            value(service, "PGADMIN_CONFIG_SERVER_MODE").is_some_and(|mode| mode.eq_ignore_ascii_case("false"));
        return Some(("pgAdmin", if desktop { Control } else { Login }));
    }
    let named = CONSOLES.iter().find(|console| match console.image.strip_suffix('*') {
        Some(start) => name.starts_with(start),
        None => name == console.image,
    });
    if let Some(console) = named.filter(|console| console.ports.contains(&port)) {
        // Keycloak is meant to be reached; what its mode for development serves is not.
        if console.title == "Keycloak" && !words(service).any(|word| word == "start-dev") {
            return None;
        }
        let guarded = guarded(service, console.asks);
        let reach = if guarded && console.reach == Control { Login } else { console.reach };
        return (!guarded || console.reach != View).then_some((console.title, reach));
    }
    if let Some(found) = by_setting(service, reference.unwrap_or_default(), &name, port) {
        return Some(found);
    }
    // These are started out of images of any name.
    let is_flower = |word: &str| word.rsplit(['/', '-', '_']).next() == Some("flower");
    if port == 5555 && (is_flower(service.name) || words(service).any(is_flower)) {
        return Some(("Flower", if guarded(service, FLOWER) { Login } else { Control }));
    }
    if port == 8888 && words(service).any(open_notebook) {
        return Some(("Jupyter", Control));
    }
    // Whoever speaks its protocol has it run any file.
    if port == 9000 && reference.is_some_and(is_fpm) {
        return Some(("PHP-FPM", Control));
    }
    if let Some(title) = debugger(service, port) {
        return Some((title, Control));
    }
    spark(service, reference.unwrap_or_default(), port).or_else(|| runner(service, reference.unwrap_or_default(), port))
}

/// Whether an image answers with PHP-FPM, as those of PHP and of applications in it say by their tags.
fn is_fpm(reference: &str) -> bool {
    let tag = reference.split('@').next().unwrap_or_default().rsplit_once(':').map_or("", |(_, tag)| tag);
    tag.split('-').any(|part| part == "fpm")
}

/// The same of what a service is built on: that it is PHP-FPM, which asks nobody, whatever is copied into the image.
pub(super) fn on_base(base: &str, port: i64) -> Option<(&'static str, Reach)> {
    (port == 9000 && is_fpm(base)).then_some(("PHP-FPM", Control))
}

/// A service that does what it is sent on a port.
fn runner(service: &Service<'_>, image: &str, port: i64) -> Option<(&'static str, Reach)> {
    let sets = |start: &str| service.environment.iter().any(|variable| variable.name.starts_with(start));
    let says = |part: &str| {
        let values = service.environment.iter().map(|variable| &variable.node.value);
        values.chain(word_nodes(service).map(|word| &word.value)).any(|value| says(value, part))
    };
    let volumes = service.node.value.entry("volumes").and_then(|node| node.value.as_list()).unwrap_or_default();
    let mounts = |place: &str| {
        let targets = volumes.iter().filter_map(|mount| mount.value.entry("target")?.value.as_str());
        targets.into_iter().any(|target| target.starts_with(place))
    };
    let starts = |known: &str| {
        let mut all = words(service).flat_map(str::split_whitespace);
        all.any(|word| word.rsplit('/').next() == Some(known))
    };
    let (title, reach, asks) = runners::on(
        &runners::Candidate { name: service.name, image, sets: &sets, says: &says, mounts: &mounts, starts: &starts },
        port,
    )?;
    // Variables that are not at hand may ask for one.
    let reach = if service.environment_open.is_some() && reach == Control { Login } else { reach };
    (!(asks && reach == View)).then_some((title, reach))
}

/// What answers on a port of programs that are consoles by what they are told.
fn by_setting(service: &Service<'_>, reference: &str, image: &str, port: i64) -> Option<(&'static str, Reach)> {
    let sets = |starts: &[&str]| {
        service.environment.iter().any(|variable| starts.iter().any(|start| variable.name.starts_with(start)))
    };
    // What a file of variables sets is known where it is at hand.
    let has = |names: &[&str]| names.iter().any(|name| service.node.value.entry(name).is_some());
    // So is what files of its own say, and what an image that the project builds brings along.
    let told = || has(&["build", "configs", "env_file", "extends", "secrets"]);
    let mounts = || service.node.value.entry("volumes").and_then(|node| node.value.as_list()).unwrap_or_default();
    let mounted = |starts: &[&str]| {
        let targets = mounts().iter().filter_map(|mount| mount.value.entry("target")?.value.as_str());
        targets.into_iter().any(|target| starts.iter().any(|start| target.starts_with(start)))
    };
    let published_by = |owner: &str| reference.split([':', '@']).next().is_some_and(|name| name.ends_with(owner));
    match image {
        // Without its assistant, nobody is asked for anything, unless its configuration is written down elsewhere.
        "jenkins" if port == 8080 => {
            let skips = |text: &str| text.contains("runSetupWizard=false");
            let mut texts = service.environment.iter().filter_map(|variable| variable.node.value.as_str());
            let written = |text: &str| text.to_ascii_lowercase().contains("casc");
            let elsewhere = service
                .environment
                .iter()
                .any(|variable| written(&variable.name) || variable.node.value.as_str().is_none_or(written))
                || words(service).any(written)
                || mounts()
                    .iter()
                    .any(|mount| mount.value.entry("type").and_then(|node| node.value.as_str()) != Some("volume"));
            let open = texts.any(skips) || words(service).any(skips);
            (open && !elsewhere && !told() && published_by("jenkins/jenkins")).then_some(("Jenkins", Control))
        }
        // Whoever pushes an image runs a program wherever that is pulled.
        "registry" | "distribution" if port == 5000 => {
            let own = matches!(
                reference.split([':', '@']).next(),
                Some("registry" | "library/registry" | "distribution/distribution")
            );
            // Its configuration may be named as an argument.
            let configured = mounted(&["/etc/docker", "/etc/distribution"]) || words(service).next().is_some();
            let sets = sets(&[
                "REGISTRY_AUTH",
                "REGISTRY_PROXY",
                "REGISTRY_HTTP_TLS_CLIENTCAS",
                "REGISTRY_STORAGE_MAINTENANCE",
            ]);
            (own && !sets && !configured && !told()).then_some(("an image registry", Control))
        }
        "minio" => {
            let address = words(service).collect::<Vec<_>>().join(" ");
            let own = address.split("--console-address").nth(1).and_then(|rest| rest.split_whitespace().next());
            let own = own.and_then(|to| to.trim_matches(['=', '"', '\'']).rsplit(':').next()?.parse::<i64>().ok());
            let console = own.map_or(port == 9001, |own| own == port);
            // Nobody set a login: that of the manual lets everybody in.
            let shell = word_nodes(service).any(|word| word.value.as_str().is_none_or(|text| text.contains("MINIO_")));
            let published = published_by("minio/minio")
                && !sets(&["MINIO_ROOT_", "MINIO_ACCESS_KEY", "MINIO_SECRET_KEY", "MINIO_CONFIG_ENV_FILE"])
                && !shell
                && !told();
            if value(service, "MINIO_BROWSER").is_some_and(|on| on.eq_ignore_ascii_case("off")) {
                return None;
            }
            match (console || port == 9000, published) {
                (true, true) => Some(("MinIO with its published login", Control)),
                (true, false) if console => Some(("MinIO's console", Login)),
                _ => None,
            }
        }
        // Without a master key nobody is asked for one, and the keys of its providers pay; a file may set it.
        "litellm" | "litellm-database" if port == 4000 => {
            let configured = !mounts().is_empty() || words(service).any(|word| word.contains("config"));
            let open = !sets(&["LITELLM_MASTER_KEY", "DATABASE_URL"]) && !configured && !told();
            open.then_some(("LiteLLM", Control))
        }
        // Who is asked for nothing gets the role that is set for strangers.
        "grafana" | "grafana-oss" | "grafana-enterprise" if port == 3000 => {
            let strangers =
                value(service, "GF_AUTH_ANONYMOUS_ENABLED").is_some_and(|on| on.eq_ignore_ascii_case("true"));
            let admin =
                value(service, "GF_AUTH_ANONYMOUS_ORG_ROLE").is_some_and(|role| role.eq_ignore_ascii_case("admin"));
            // Who may only look is shown what was made for everybody.
            (strangers && admin).then_some(("Grafana", Control))
        }
        // Who comes first makes the account of the administrator, unless nobody is asked.
        "open-webui" if port == 8080 => {
            let open = value(service, "WEBUI_AUTH").is_some_and(|on| on.eq_ignore_ascii_case("false"));
            open.then_some(("Open WebUI", Control))
        }
        // Before its third version nobody was asked, unless two variables said so.
        "flowise" if port == 3000 => {
            let tag = reference.rsplit_once(':').map_or("", |(_, tag)| tag);
            let old = tag.starts_with("1.") || tag.starts_with("2.") || matches!(tag, "1" | "2");
            (old && !sets(&["FLOWISE_USERNAME"]) && !told()).then_some(("Flowise", Control))
        }
        "spark" if port == 4040 => {
            let closed = |text: &str| {
                ["spark.ui.enabled=false", "spark.acls.enable=true", "spark.ui.filters"]
                    .iter()
                    .any(|it| text.contains(it))
            };
            (!words(service).any(closed)).then_some(("the pages of a Spark program", View))
        }
        _ => workbenches::on(service, reference, image, port),
    }
}

/// What a variable of a service is set to.
pub(super) fn value<'s>(service: &'s Service<'_>, name: &str) -> Option<&'s str> {
    service.environment.iter().find(|variable| &*variable.name == name)?.node.value.as_str()
}

/// The debugger that a service's variables or words open on a port, to everybody: it runs what it is told to.
fn debugger(service: &Service<'_>, port: i64) -> Option<&'static str> {
    let variables = service.environment.iter().filter_map(|variable| variable.node.value.as_str());
    let java = |text: &str| {
        let options = text.split_once("jdwp")?.1.split_whitespace().next()?;
        let address = options.split(',').find_map(|option| option.rsplit_once("address=")).map(|(_, to)| to)?;
        let (host, number) = address.rsplit_once(':').unwrap_or(("*", address));
        let open = matches!(host, "*" | "0.0.0.0" | "[::]") && options.contains("server=y");
        (open && number.parse() == Ok(port)).then_some("the Java debugger")
    };
    if let Some(title) = words(service).chain(variables).find_map(java) {
        return Some(title);
    }
    let starts = words(service).any(|text| text.split_whitespace().any(|word| word.rsplit('/').next() == Some("dlv")));
    let listens = |text: &str| {
        let mut addresses = text.split_whitespace().map(|word| word.trim_start_matches("--listen="));
        addresses.any(|address| {
            let host = address.rsplit_once(':').filter(|(_, number)| number.parse() == Ok(port)).map(|(host, _)| host);
            matches!(host, Some("" | "0.0.0.0" | "[::]"))
        })
    };
    (starts && words(service).any(listens)).then_some("the Go debugger")
}

/// What parts of Spark answer on a port. Without `spark.authenticate`, the master takes programs from everybody.
fn spark(service: &Service<'_>, image: &str, port: i64) -> Option<(&'static str, Reach)> {
    let mode = service.environment.iter().find(|variable| &*variable.name == "SPARK_MODE");
    // This image makes a master of what is told nothing.
    let own = image.split(':').next().is_some_and(|name| name.ends_with("bitnami/spark"));
    let own = own && service.environment_open.is_none() && words(service).next().is_none();
    let mode = mode.map_or(own.then_some("master"), |variable| variable.node.value.as_str());
    let started = |part: &str, script: &str| {
        mode == Some(part)
            || words(service).any(|text| {
                text.split_whitespace().any(|word| {
                    word.strip_prefix("org.apache.spark.deploy.").is_some_and(|class| class.starts_with(part))
                        || word.rsplit('/').next() == Some(script)
                })
            })
    };
    let asks = || guarded(service, &["SPARK_RPC_AUTHENTICATION_ENABLED", "spark.authenticate=true"]);
    match port {
        7077 if started("master", "start-master.sh") && !asks() => Some(("Spark's master", Control)),
        8080 if started("master", "start-master.sh") => Some(("the pages of Spark's master", View)),
        8081 if started("worker", "start-worker.sh") => Some(("the pages of Spark's worker", View)),
        18080 if started("history", "start-history-server.sh") => Some(("Spark's history", View)),
        _ => None,
    }
}

/// A service as a proxy that leads to it knows it.
pub(crate) struct Behind<'s> {
    pub(crate) name: &'s str,
    pub(crate) image: Option<&'s str>,
    /// The names of its variables.
    pub(crate) variables: &'s [&'s str],
    /// What is started in it, with the words of scripts that are at hand.
    pub(crate) words: &'s [&'s str],
}

/// The console that a service answers with on a port, and whether a login was set up for it; none where that makes it
/// harmless.
pub(crate) fn behind(service: &Behind<'_>, port: i64) -> Option<(&'static str, bool)> {
    let asks = |starts: &[&str]| {
        service.variables.iter().any(|name| starts.iter().any(|start| name.starts_with(start)))
            || service.words.iter().any(|word| starts.iter().any(|part| word.contains(part)))
    };
    let name = service.image.map(base_name).unwrap_or_default();
    let is = |console: &&Console| match console.image.strip_suffix('*') {
        Some(start) => name.starts_with(start),
        None => name == console.image,
    };
    if let Some(console) = CONSOLES.iter().find(is).filter(|console| console.ports.contains(&port)) {
        let asks = asks(console.asks);
        return (!(asks && console.reach == View) && console.title != "Keycloak").then_some((console.title, asks));
    }
    // Out of images of any name, as `on` knows it.
    let is_flower = |word: &str| word.rsplit(['/', '-', '_']).next() == Some("flower");
    if port == 5555 && (is_flower(service.name) || service.words.iter().any(|word| is_flower(word))) {
        return Some(("Flower", asks(FLOWER)));
    }
    if port == 15672 && name.starts_with("rabbitmq") {
        return Some(("RabbitMQ's management", false));
    }
    let sets = |start: &str| service.variables.iter().any(|name| name.starts_with(start));
    let says = |part: &str| service.words.iter().any(|word| word.contains(part));
    let starts = |known: &str| {
        let mut all = service.words.iter().flat_map(|word| word.split_whitespace());
        all.any(|word| word.rsplit('/').next() == Some(known))
    };
    let image = service.image.unwrap_or_default();
    let candidate =
        runners::Candidate { name: service.name, image, sets: &sets, says: &says, mounts: &|_| false, starts: &starts };
    // What stands behind a login of its own is told with what it is, not with what somebody can do there at once.
    let (title, reach, asks) = runners::on(&candidate, port)?;
    (reach == Control).then_some((title, asks))
}

/// Whether a variable or an argument makes it ask for a login.
fn guarded(service: &Service<'_>, asks: &[&str]) -> bool {
    service.environment.iter().any(|variable| asks.iter().any(|start| variable.name.starts_with(start)))
        || word_nodes(service).any(|word| asks.iter().any(|part| says(&word.value, part)))
}

/// Whether a text has a part, whatever stands in its holes.
fn says(value: &Value, part: &str) -> bool {
    match value {
        Value::Text(Text::Known(text)) => text.contains(part),
        Value::Text(Text::Pieces(pieces)) => {
            pieces.iter().any(|piece| matches!(piece, Piece::Known(text) if text.contains(part)))
        }
        _ => false,
    }
}

/// An argument that starts Jupyter without a token.
fn open_notebook(word: &str) -> bool {
    let Some((name, value)) = word.split_once('=') else { return false };
    let token = ["--NotebookApp.token", "--ServerApp.token", "--IdentityProvider.token", "--LabApp.token"];
    token.contains(&name) && value.trim_matches(['\'', '"']).is_empty()
}

/// The known words of a service's command and entry point.
pub(super) fn words<'l>(service: &Service<'l>) -> impl Iterator<Item = &'l str> + use<'l> {
    word_nodes(service).filter_map(|word| word.value.as_str())
}

/// The words of a service's command and entry point.
pub(super) fn word_nodes<'l>(service: &Service<'l>) -> impl Iterator<Item = &'l Node> + use<'l> {
    let lists = ["entrypoint", "command"].map(|key| service.node.value.entry(key));
    lists.into_iter().flatten().filter_map(|node| node.value.as_list()).flatten()
}

/// The switches that open Traefik's dashboard and API to everybody, and the port that they open.
pub(super) fn traefik(service: &Service<'_>) -> Option<(Vec<Node>, i64)> {
    let derived = |node: &Node, text: &str| Node::derived(Value::text(text), node.at, vec![node.at]);
    let mut port = 8080;
    let mut found = Vec::new();
    for node in word_nodes(service) {
        let Some(word) = node.value.as_str() else { continue };
        let (name, value) = word.trim_start_matches('-').split_once('=').unwrap_or((word.trim_start_matches('-'), ""));
        match name.to_ascii_lowercase().as_str() {
            "api.insecure" if !matches!(value, "false" | "0") => found.push(derived(node, word)),
            "entrypoints.traefik.address" => port = number(value)?,
            _ => {}
        }
    }
    for variable in &service.environment {
        let value = variable.node.value.as_str();
        match &*variable.name.to_ascii_uppercase() {
            "TRAEFIK_API_INSECURE" if value.is_some_and(|value| matches!(value, "true" | "1")) => {
                found.push(derived(&variable.node, &variable.name));
            }
            "TRAEFIK_ENTRYPOINTS_TRAEFIK_ADDRESS" => port = number(value?)?,
            _ => {}
        }
    }
    Some((found, port))
}

fn number(address: &str) -> Option<i64> {
    address.rsplit(':').next()?.split('/').next()?.parse().ok()
}
