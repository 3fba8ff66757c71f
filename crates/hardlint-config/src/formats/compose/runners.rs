//! What is known of services that do what they are sent: they run programs, flows and queries, or drive a browser, for
//! whoever reaches their port. Many are started out of images of any name, so that the name of the service and what is
//! started in it tell as well.

use super::consoles::Reach::{self, Control, Login, View};
use super::images::base_name;

/// A service of a kind, as far as its Compose file tells.
pub(super) struct Candidate<'s> {
    pub(super) name: &'s str,
    /// The reference of its image, if it has one.
    pub(super) image: &'s str,
    /// Starts of the names of variables that are set.
    pub(super) sets: &'s dyn Fn(&str) -> bool,
    /// Parts of the values of variables, and of words that it is started with.
    pub(super) says: &'s dyn Fn(&str) -> bool,
    /// Whether something is mounted at a path, or below it.
    pub(super) mounts: &'s dyn Fn(&str) -> bool,
    /// Whether one of the words that it is started with is this one, whatever folder it is in.
    pub(super) starts: &'s dyn Fn(&str) -> bool,
}

/// What answers on ports.
struct Runner {
    title: &'static str,
    ports: &'static [i64],
    reach: Reach,
    /// The last parts of images' names, with the folder before where others are called so as well.
    images: &'static [&'static str],
    /// How services are called that hold it, whatever their image is called.
    names: &'static [&'static str],
    /// What is started in it.
    commands: &'static [&'static str],
    /// Starts of variables, and parts of values and words, with which it asks for a login or takes less.
    asks: &'static [&'static str],
    /// Where what it is told stands that is not at hand.
    told: &'static [&'static str],
}

const NONE: &[&str] = &[];
/// What listens to its own container alone until a word or a variable says otherwise.
const LOCAL: &[(&str, &[&str])] = &[("Prefect", &["PREFECT_SERVER_API_HOST", "0.0.0.0"])];

static RUNNERS: &[Runner] = &[
    Runner {
        title: "YARN",
        ports: &[8032, 8088],
        reach: Control,
        images: &["hadoop-resourcemanager"],
        names: &["resourcemanager"],
        commands: &["resourcemanager"],
        asks: &["CORE_CONF_hadoop_security_authentication", "hadoop.security.authentication"],
        told: NONE,
    },
    Runner {
        title: "HDFS",
        ports: &[8020, 9000, 9870, 50070],
        reach: Control,
        images: &["hadoop-namenode"],
        names: &["namenode"],
        commands: &["namenode"],
        asks: &["CORE_CONF_hadoop_security_authentication", "hadoop.security.authentication"],
        told: NONE,
    },
    Runner {
        title: "HiveServer2",
        ports: &[10000, 10002],
        reach: Control,
        images: &["apache/hive", "bde2020/hive"],
        names: &["hive-server", "hive-server2", "hiveserver", "hiveserver2"],
        commands: &["hiveserver2"],
        asks: &["HIVE_SITE_CONF_hive_server2_authentication", "hive.server2.authentication"],
        told: &["/opt/hive/conf", "/hive_custom_conf"],
    },
    Runner {
        title: "Spark's master",
        ports: &[6066, 7077],
        reach: Control,
        images: &["spark-master"],
        names: &["spark-master"],
        commands: NONE,
        asks: &["SPARK_RPC_AUTHENTICATION_ENABLED", "spark.authenticate=true", "spark.authenticate true"],
        told: &["/opt/spark/conf", "/opt/bitnami/spark/conf", "/spark/conf"],
    },
    Runner {
        title: "the pages of Spark's master",
        ports: &[8080],
        reach: View,
        images: &["spark-master"],
        names: &["spark-master"],
        commands: NONE,
        asks: NONE,
        told: NONE,
    },
    Runner {
        title: "Flink",
        ports: &[8081],
        reach: Control,
        images: &["flink"],
        names: NONE,
        commands: NONE,
        asks: &["web.submit.enable: false", "security.ssl.rest.authentication-enabled"],
        told: &["/opt/flink/conf"],
    },
    Runner {
        title: "Node-RED",
        ports: &[1880],
        reach: Control,
        images: &["node-red", "node-red-docker"],
        names: NONE,
        commands: NONE,
        asks: NONE,
        told: &["/data"],
    },
    Runner {
        title: "Zeppelin",
        ports: &[8080],
        reach: Control,
        images: &["zeppelin"],
        names: NONE,
        commands: NONE,
        asks: &["ZEPPELIN_ANONYMOUS_ALLOWED"],
        told: &["/opt/zeppelin/conf", "/zeppelin/conf"],
    },
    Runner {
        title: "Selenium",
        ports: &[4444],
        reach: Control,
        images: &[
            "selenium/hub",
            "selenium/standalone-chrome",
            "selenium/standalone-chromium",
            "selenium/standalone-edge",
            "selenium/standalone-firefox",
        ],
        names: NONE,
        commands: NONE,
        asks: &["SE_ROUTER_USERNAME"],
        told: &["/opt/selenium/config.toml"],
    },
    Runner {
        title: "browserless",
        ports: &[3000],
        reach: Control,
        images: &["browserless/chrome", "browserless/chromium", "browserless/base", "browserless/firefox"],
        names: NONE,
        commands: NONE,
        asks: &["TOKEN"],
        told: NONE,
    },
    // Its first login, `admin` with the password `admin`, is that of its manual, and it runs commands.
    Runner {
        title: "Cronicle",
        ports: &[3012],
        reach: Login,
        images: &["cronicle", "cronicle-docker", "cronicle/edge"],
        names: NONE,
        commands: NONE,
        asks: NONE,
        told: NONE,
    },
    Runner {
        title: "MLflow",
        ports: &[5000],
        reach: Control,
        images: &["mlflow"],
        names: NONE,
        commands: NONE,
        asks: &["--app-name", "MLFLOW_AUTH"],
        told: NONE,
    },
    Runner {
        title: "Temporal",
        ports: &[8080],
        reach: Control,
        images: &["temporalio/ui"],
        names: NONE,
        commands: NONE,
        asks: &["TEMPORAL_AUTH_ENABLED"],
        told: &["/home/ui-server/config"],
    },
    Runner {
        title: "Weaviate",
        ports: &[8080, 50051],
        reach: Control,
        images: &["weaviate"],
        names: NONE,
        commands: NONE,
        asks: &["AUTHENTICATION_APIKEY_ENABLED", "AUTHENTICATION_OIDC_ENABLED", "AUTHENTICATION_DB_USERS_ENABLED"],
        told: NONE,
    },
    Runner {
        title: "Langflow",
        ports: &[7860],
        reach: Control,
        images: &["langflow"],
        names: NONE,
        commands: NONE,
        asks: &["LANGFLOW_AUTO_LOGIN", "LANGFLOW_SUPERUSER"],
        told: NONE,
    },
    Runner {
        title: "vLLM",
        ports: &[8000],
        reach: Control,
        images: &["vllm-openai"],
        names: NONE,
        commands: NONE,
        asks: &["VLLM_API_KEY", "--api-key"],
        told: NONE,
    },
    Runner {
        title: "Transmission",
        ports: &[9091],
        reach: Control,
        images: &["linuxserver/transmission"],
        names: NONE,
        commands: NONE,
        asks: &["USER", "FILE__USER", "PASS", "FILE__PASS", "WHITELIST"],
        told: &["/config"],
    },
    // A browser that fetches any address.
    Runner {
        title: "FlareSolverr",
        ports: &[8191],
        reach: Control,
        images: &["flaresolverr"],
        names: NONE,
        commands: NONE,
        asks: NONE,
        told: NONE,
    },
    Runner {
        title: "Garage's pages",
        ports: &[3909],
        reach: Control,
        images: &["garage-webui"],
        names: NONE,
        commands: NONE,
        asks: &["AUTH_USER_PASS"],
        told: NONE,
    },
    Runner {
        title: "Garage's administration",
        ports: &[3903],
        reach: Login,
        images: &["dxflrs/garage"],
        names: NONE,
        commands: NONE,
        asks: NONE,
        told: NONE,
    },
    // It starts what its workers run.
    Runner {
        title: "Prefect",
        ports: &[4200],
        reach: Control,
        images: &["prefecthq/prefect"],
        names: NONE,
        commands: NONE,
        asks: &["PREFECT_SERVER_API_AUTH_STRING"],
        told: NONE,
    },
    Runner {
        title: "Zipkin",
        ports: &[9411],
        reach: View,
        images: &["openzipkin/zipkin"],
        names: NONE,
        commands: NONE,
        asks: NONE,
        told: NONE,
    },
    // Its first login, `guacadmin` with the password `guacadmin`, is that of its manual.
    Runner {
        title: "Guacamole",
        ports: &[8080],
        reach: Login,
        images: &["guacamole/guacamole"],
        names: NONE,
        commands: NONE,
        asks: NONE,
        told: NONE,
    },
    // Its first login, `admin` with the password `umami`, is that of its manual.
    Runner {
        title: "Umami",
        ports: &[3000],
        reach: Login,
        images: &["umami-software/umami"],
        names: NONE,
        commands: NONE,
        asks: NONE,
        told: NONE,
    },
    Runner {
        title: "Glances",
        ports: &[61208],
        reach: View,
        images: &["glances"],
        names: NONE,
        commands: NONE,
        asks: &["--password"],
        told: NONE,
    },
];

/// What answers on a port, what whoever gets there can do, and whether a login was set up for it.
pub(super) fn on(candidate: &Candidate<'_>, port: i64) -> Option<(&'static str, Reach, bool)> {
    let name = base_name(candidate.image);
    let path = candidate.image.split('@').next().unwrap_or_default();
    let path = path.rsplit_once(':').map_or(path, |(path, tag)| if tag.contains('/') { candidate.image } else { path });
    let service = candidate.name.to_ascii_lowercase().replace('_', "-");
    let is_image = |known: &&str| {
        if known.contains('/') {
            path.strip_suffix(*known).is_some_and(|before| before.is_empty() || before.ends_with('/'))
        } else {
            name.as_str() == *known
        }
    };
    let is_named = |known: &&str| service == **known;
    let runner = RUNNERS.iter().filter(|runner| runner.ports.contains(&port)).find(|runner| {
        runner.images.iter().any(&is_image)
            || runner.names.iter().any(&is_named)
            || runner.commands.iter().any(|word| (candidate.starts)(word))
    })?;
    let told_to_listen = |parts: &[&str]| parts.iter().any(|part| (candidate.sets)(part) || (candidate.says)(part));
    if LOCAL.iter().any(|(title, parts)| *title == runner.title && !told_to_listen(parts)) {
        return None;
    }
    let asks = runner.asks.iter().any(|part| (candidate.sets)(part) || (candidate.says)(part));
    let told = runner.told.iter().any(|place| (candidate.mounts)(place));
    let reach = if (asks || told) && runner.reach == Control { Login } else { runner.reach };
    Some((runner.title, reach, asks))
}
