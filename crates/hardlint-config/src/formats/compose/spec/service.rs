//! What a service may hold.

use super::deploy::DEPLOYMENT;
use super::{Object, STRING_OR_LIST, STRINGS, Ty};

/// Whether a part of a text is a name that a container may have.
fn is_container_name(text: &str) -> bool {
    let rest = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-');
    text.as_bytes()
        .windows(2)
        .any(|pair| matches!(pair, [first, second] if first.is_ascii_alphanumeric() && rest(*second)))
}

/// Whether a part of a text says when images are pulled.
fn is_pull_policy(text: &str) -> bool {
    let every = |(at, word): (usize, &str)| {
        let rest = text.get(at + word.len()..).unwrap_or_default();
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        digits > 0 && rest.get(digits..).is_some_and(|rest| rest.starts_with(['w', 'd', 'h', 'm', 's']))
    };
    let words = ["always", "never", "build", "if_not_present", "missing", "refresh", "daily", "weekly"];
    words.iter().any(|word| text.contains(word)) || text.match_indices("every_").any(every)
}

/// `blkio limit`.
static BLKIO_LIMIT: Object =
    Object { keys: &[("path", Ty::Text), ("rate", Ty::Any(&[Ty::Int, Ty::Text]))], required: &[], extensions: false };

/// `blkio weight`.
static BLKIO_WEIGHT: Object =
    Object { keys: &[("path", Ty::Text), ("weight", Ty::Any(&[Ty::Int, Ty::Text]))], required: &[], extensions: false };

/// `service blkio config`.
static SERVICE_BLKIO_CONFIG: Object = Object {
    keys: &[
        ("device_read_bps", Ty::List(&Ty::Object(&BLKIO_LIMIT), false)),
        ("device_read_iops", Ty::List(&Ty::Object(&BLKIO_LIMIT), false)),
        ("device_write_bps", Ty::List(&Ty::Object(&BLKIO_LIMIT), false)),
        ("device_write_iops", Ty::List(&Ty::Object(&BLKIO_LIMIT), false)),
        ("weight", Ty::Any(&[Ty::Int, Ty::Text])),
        ("weight_device", Ty::List(&Ty::Object(&BLKIO_WEIGHT), false)),
    ],
    required: &[],
    extensions: false,
};

/// `service config or secret item`.
static SERVICE_CONFIG_OR_SECRET_ITEM: Object = Object {
    keys: &[
        ("gid", Ty::Text),
        ("mode", Ty::Any(&[Ty::Number, Ty::Text])),
        ("source", Ty::Text),
        ("target", Ty::Text),
        ("uid", Ty::Text),
    ],
    required: &[],
    extensions: true,
};

/// `ulimits value`.
static ULIMITS_VALUE: Object = Object {
    keys: &[("hard", Ty::Any(&[Ty::Int, Ty::Text])), ("soft", Ty::Any(&[Ty::Int, Ty::Text]))],
    required: &["soft", "hard"],
    extensions: true,
};

/// `service build`.
static SERVICE_BUILD: Object = Object {
    keys: &[
        ("additional_contexts", Ty::Pairs),
        ("args", Ty::Pairs),
        ("cache_from", Ty::List(&Ty::Text, false)),
        ("cache_to", Ty::List(&Ty::Text, false)),
        ("context", Ty::Text),
        ("dockerfile", Ty::Text),
        ("dockerfile_inline", Ty::Text),
        ("entitlements", Ty::List(&Ty::Text, false)),
        (
            "extra_hosts",
            Ty::Any(&[Ty::Map(&Ty::Any(&[Ty::Text, Ty::List(&Ty::Text, false)])), Ty::List(&Ty::Text, true)]),
        ),
        ("isolation", Ty::Text),
        ("labels", Ty::Pairs),
        ("network", Ty::Text),
        ("no_cache", Ty::Any(&[Ty::Bool, Ty::Text])),
        ("platforms", Ty::List(&Ty::Text, false)),
        ("privileged", Ty::Any(&[Ty::Bool, Ty::Text])),
        ("provenance", Ty::Any(&[Ty::Text, Ty::Bool])),
        ("pull", Ty::Any(&[Ty::Bool, Ty::Text])),
        ("sbom", Ty::Any(&[Ty::Text, Ty::Bool])),
        ("secrets", Ty::List(&Ty::Any(&[Ty::Text, Ty::Object(&SERVICE_CONFIG_OR_SECRET_ITEM)]), false)),
        ("shm_size", Ty::Any(&[Ty::Int, Ty::Text])),
        ("ssh", Ty::Listed),
        ("tags", Ty::List(&Ty::Text, false)),
        ("target", Ty::Text),
        ("ulimits", Ty::Map(&Ty::Any(&[Ty::Any(&[Ty::Int, Ty::Text]), Ty::Object(&ULIMITS_VALUE)]))),
    ],
    required: &[],
    extensions: true,
};

/// `service credential spec`.
static SERVICE_CREDENTIAL_SPEC: Object = Object {
    keys: &[("config", Ty::Text), ("file", Ty::Text), ("registry", Ty::Text)],
    required: &[],
    extensions: true,
};

/// `service depends on value`.
static SERVICE_DEPENDS_ON_VALUE: Object = Object {
    keys: &[
        ("condition", Ty::Word(&["service_started", "service_healthy", "service_completed_successfully"])),
        ("required", Ty::Bool),
        ("restart", Ty::Any(&[Ty::Bool, Ty::Text])),
    ],
    required: &["condition"],
    extensions: true,
};

/// `service hook`.
static SERVICE_HOOK: Object = Object {
    keys: &[
        ("command", Ty::Any(&[Ty::Null, Ty::Text, Ty::List(&Ty::Text, false)])),
        ("environment", Ty::Listed),
        ("privileged", Ty::Any(&[Ty::Bool, Ty::Text])),
        ("user", Ty::Text),
        ("working_dir", Ty::Text),
    ],
    required: &["command"],
    extensions: true,
};

/// `development watch item`.
static DEVELOPMENT_WATCH_ITEM: Object = Object {
    keys: &[
        ("action", Ty::Word(&["rebuild", "sync", "restart", "sync+restart", "sync+exec"])),
        ("exec", Ty::Object(&SERVICE_HOOK)),
        ("ignore", STRING_OR_LIST),
        ("include", STRING_OR_LIST),
        ("initial_sync", Ty::Bool),
        ("path", Ty::Text),
        ("target", Ty::Text),
    ],
    required: &["path", "action"],
    extensions: true,
};

/// `development`.
static DEVELOPMENT: Object = Object {
    keys: &[("watch", Ty::List(&Ty::Object(&DEVELOPMENT_WATCH_ITEM), false))],
    required: &[],
    extensions: true,
};

/// `service devices item`.
static SERVICE_DEVICES_ITEM: Object = Object {
    keys: &[("permissions", Ty::Text), ("source", Ty::Text), ("target", Ty::Text)],
    required: &["source"],
    extensions: true,
};

/// `env file item`.
static ENV_FILE_ITEM: Object = Object {
    keys: &[("format", Ty::Text), ("path", Ty::Text), ("required", Ty::Any(&[Ty::Bool, Ty::Text]))],
    required: &["path"],
    extensions: false,
};

/// `service extends`.
static SERVICE_EXTENDS: Object =
    Object { keys: &[("file", Ty::Text), ("service", Ty::Text)], required: &["service"], extensions: false };

/// `gpus item`.
static GPUS_ITEM: Object = Object {
    keys: &[
        ("capabilities", STRINGS),
        ("count", Ty::Any(&[Ty::Text, Ty::Int])),
        ("device_ids", STRINGS),
        ("driver", Ty::Text),
        ("options", Ty::Pairs),
    ],
    required: &[],
    extensions: true,
};

/// `healthcheck`.
static HEALTHCHECK: Object = Object {
    keys: &[
        ("disable", Ty::Any(&[Ty::Bool, Ty::Text])),
        ("interval", Ty::Text),
        ("retries", Ty::Any(&[Ty::Number, Ty::Text])),
        ("start_interval", Ty::Text),
        ("start_period", Ty::Text),
        ("test", Ty::Any(&[Ty::Text, Ty::List(&Ty::Text, false)])),
        ("timeout", Ty::Text),
    ],
    required: &[],
    extensions: true,
};

/// `service logging`.
static SERVICE_LOGGING: Object = Object {
    keys: &[("driver", Ty::Text), ("options", Ty::Map(&Ty::Any(&[Ty::Text, Ty::Number, Ty::Null])))],
    required: &[],
    extensions: true,
};

/// `service models value`.
static SERVICE_MODELS_VALUE: Object =
    Object { keys: &[("endpoint_var", Ty::Text), ("model_var", Ty::Text)], required: &[], extensions: true };

/// `service networks value`.
static SERVICE_NETWORKS_VALUE: Object = Object {
    keys: &[
        ("aliases", STRINGS),
        ("driver_opts", Ty::Map(&Ty::Any(&[Ty::Text, Ty::Number]))),
        ("gw_priority", Ty::Number),
        ("interface_name", Ty::Text),
        ("ipv4_address", Ty::Text),
        ("ipv6_address", Ty::Text),
        ("link_local_ips", STRINGS),
        ("mac_address", Ty::Text),
        ("priority", Ty::Number),
    ],
    required: &[],
    extensions: true,
};

/// `service ports item`.
static SERVICE_PORTS_ITEM: Object = Object {
    keys: &[
        ("app_protocol", Ty::Text),
        ("host_ip", Ty::Text),
        ("mode", Ty::Text),
        ("name", Ty::Text),
        ("protocol", Ty::Text),
        ("published", Ty::Any(&[Ty::Text, Ty::Int])),
        ("target", Ty::Any(&[Ty::Int, Ty::Text])),
    ],
    required: &[],
    extensions: true,
};

/// `service provider`.
static SERVICE_PROVIDER: Object = Object {
    keys: &[
        (
            "options",
            Ty::Map(&Ty::Any(&[
                Ty::Any(&[Ty::Text, Ty::Number, Ty::Bool]),
                Ty::List(&Ty::Any(&[Ty::Text, Ty::Number, Ty::Bool]), false),
            ])),
        ),
        ("type", Ty::Text),
    ],
    required: &["type"],
    extensions: true,
};

/// `service volumes item bind`.
static SERVICE_VOLUMES_ITEM_BIND: Object = Object {
    keys: &[
        ("create_host_path", Ty::Any(&[Ty::Bool, Ty::Text])),
        ("propagation", Ty::Text),
        ("recursive", Ty::Word(&["enabled", "disabled", "writable", "readonly"])),
        ("selinux", Ty::Word(&["z", "Z"])),
    ],
    required: &[],
    extensions: true,
};

/// `service volumes item image`.
static SERVICE_VOLUMES_ITEM_IMAGE: Object = Object { keys: &[("subpath", Ty::Text)], required: &[], extensions: true };

/// `service volumes item tmpfs`.
static SERVICE_VOLUMES_ITEM_TMPFS: Object = Object {
    keys: &[("mode", Ty::Any(&[Ty::Number, Ty::Text])), ("size", Ty::Any(&[Ty::Int, Ty::Text]))],
    required: &[],
    extensions: true,
};

/// `service volumes item volume`.
static SERVICE_VOLUMES_ITEM_VOLUME: Object = Object {
    keys: &[("labels", Ty::Listed), ("nocopy", Ty::Any(&[Ty::Bool, Ty::Text])), ("subpath", Ty::Text)],
    required: &[],
    extensions: true,
};

/// `service volumes item`.
static SERVICE_VOLUMES_ITEM: Object = Object {
    keys: &[
        ("bind", Ty::Object(&SERVICE_VOLUMES_ITEM_BIND)),
        ("consistency", Ty::Text),
        ("image", Ty::Object(&SERVICE_VOLUMES_ITEM_IMAGE)),
        ("read_only", Ty::Any(&[Ty::Bool, Ty::Text])),
        ("source", Ty::Text),
        ("target", Ty::Text),
        ("tmpfs", Ty::Object(&SERVICE_VOLUMES_ITEM_TMPFS)),
        ("type", Ty::Word(&["bind", "volume", "tmpfs", "cluster", "npipe", "image"])),
        ("volume", Ty::Object(&SERVICE_VOLUMES_ITEM_VOLUME)),
    ],
    required: &["type"],
    extensions: true,
};

/// `service`.
pub(in crate::formats::compose) static SERVICE: Object = Object {
    keys: &[
        ("annotations", Ty::Pairs),
        ("attach", Ty::Any(&[Ty::Bool, Ty::Text])),
        ("blkio_config", Ty::Object(&SERVICE_BLKIO_CONFIG)),
        ("build", Ty::Any(&[Ty::Text, Ty::Object(&SERVICE_BUILD)])),
        ("cap_add", Ty::List(&Ty::Text, true)),
        ("cap_drop", Ty::List(&Ty::Text, true)),
        ("cgroup", Ty::Word(&["host", "private"])),
        ("cgroup_parent", Ty::Text),
        ("command", Ty::Any(&[Ty::Null, Ty::Text, Ty::List(&Ty::Text, false)])),
        ("configs", Ty::List(&Ty::Any(&[Ty::Text, Ty::Object(&SERVICE_CONFIG_OR_SECRET_ITEM)]), false)),
        ("container_name", Ty::Like(is_container_name, "[a-zA-Z0-9][a-zA-Z0-9_.-]+")),
        ("cpu_count", Ty::Any(&[Ty::Text, Ty::Within(0, i64::MAX)])),
        ("cpu_percent", Ty::Any(&[Ty::Text, Ty::Within(0, 100)])),
        ("cpu_period", Ty::Any(&[Ty::Number, Ty::Text])),
        ("cpu_quota", Ty::Any(&[Ty::Number, Ty::Text])),
        ("cpu_rt_period", Ty::Any(&[Ty::Number, Ty::Text])),
        ("cpu_rt_runtime", Ty::Any(&[Ty::Number, Ty::Text])),
        ("cpu_shares", Ty::Any(&[Ty::Number, Ty::Text])),
        ("cpus", Ty::Any(&[Ty::Number, Ty::Text])),
        ("cpuset", Ty::Text),
        ("credential_spec", Ty::Object(&SERVICE_CREDENTIAL_SPEC)),
        ("depends_on", Ty::Any(&[STRINGS, Ty::Map(&Ty::Object(&SERVICE_DEPENDS_ON_VALUE))])),
        ("deploy", Ty::Any(&[Ty::Object(&DEPLOYMENT), Ty::Null])),
        ("develop", Ty::Any(&[Ty::Object(&DEVELOPMENT), Ty::Null])),
        ("device_cgroup_rules", STRINGS),
        ("devices", Ty::List(&Ty::Any(&[Ty::Text, Ty::Object(&SERVICE_DEVICES_ITEM)]), false)),
        ("dns", STRING_OR_LIST),
        ("dns_opt", Ty::List(&Ty::Text, true)),
        ("dns_search", STRING_OR_LIST),
        ("domainname", Ty::Text),
        ("entrypoint", Ty::Any(&[Ty::Null, Ty::Text, Ty::List(&Ty::Text, false)])),
        ("env_file", Ty::Any(&[Ty::Text, Ty::List(&Ty::Any(&[Ty::Text, Ty::Object(&ENV_FILE_ITEM)]), false)])),
        ("environment", Ty::Pairs),
        ("expose", Ty::List(&Ty::Any(&[Ty::Text, Ty::Number]), true)),
        ("extends", Ty::Any(&[Ty::Text, Ty::Object(&SERVICE_EXTENDS)])),
        ("external_links", Ty::List(&Ty::Text, true)),
        (
            "extra_hosts",
            Ty::Any(&[Ty::Map(&Ty::Any(&[Ty::Text, Ty::List(&Ty::Text, false)])), Ty::List(&Ty::Text, true)]),
        ),
        ("gpus", Ty::Any(&[Ty::Word(&["all"]), Ty::List(&Ty::Object(&GPUS_ITEM), false)])),
        ("group_add", Ty::List(&Ty::Any(&[Ty::Text, Ty::Number]), true)),
        ("healthcheck", Ty::Object(&HEALTHCHECK)),
        ("hostname", Ty::Text),
        ("image", Ty::Text),
        ("init", Ty::Any(&[Ty::Bool, Ty::Text])),
        ("ipc", Ty::Text),
        ("isolation", Ty::Text),
        ("label_file", Ty::Any(&[Ty::Text, Ty::List(&Ty::Text, false)])),
        ("labels", Ty::Pairs),
        ("links", Ty::List(&Ty::Text, true)),
        ("logging", Ty::Object(&SERVICE_LOGGING)),
        ("mac_address", Ty::Text),
        ("mem_limit", Ty::Any(&[Ty::Number, Ty::Text])),
        ("mem_reservation", Ty::Any(&[Ty::Text, Ty::Int])),
        ("mem_swappiness", Ty::Any(&[Ty::Int, Ty::Text])),
        ("memswap_limit", Ty::Any(&[Ty::Number, Ty::Text])),
        ("models", Ty::Any(&[STRINGS, Ty::Map(&Ty::Any(&[Ty::Object(&SERVICE_MODELS_VALUE), Ty::Null]))])),
        ("network_mode", Ty::Text),
        ("networks", Ty::Any(&[STRINGS, Ty::Map(&Ty::Any(&[Ty::Object(&SERVICE_NETWORKS_VALUE), Ty::Null]))])),
        ("oom_kill_disable", Ty::Any(&[Ty::Bool, Ty::Text])),
        ("oom_score_adj", Ty::Any(&[Ty::Text, Ty::Within(-1000, 1000)])),
        ("pid", Ty::Any(&[Ty::Text, Ty::Null])),
        ("pids_limit", Ty::Any(&[Ty::Number, Ty::Text])),
        ("platform", Ty::Text),
        ("ports", Ty::List(&Ty::Any(&[Ty::Number, Ty::Text, Ty::Object(&SERVICE_PORTS_ITEM)]), true)),
        ("post_start", Ty::List(&Ty::Object(&SERVICE_HOOK), false)),
        ("pre_stop", Ty::List(&Ty::Object(&SERVICE_HOOK), false)),
        ("privileged", Ty::Any(&[Ty::Bool, Ty::Text])),
        ("profiles", STRINGS),
        ("provider", Ty::Object(&SERVICE_PROVIDER)),
        (
            "pull_policy",
            Ty::Like(
                is_pull_policy,
                "always|never|build|if_not_present|missing|refresh|daily|weekly|every_([0-9]+[wdhms])+",
            ),
        ),
        ("pull_refresh_after", Ty::Text),
        ("read_only", Ty::Any(&[Ty::Bool, Ty::Text])),
        ("restart", Ty::Text),
        ("runtime", Ty::Text),
        ("scale", Ty::Any(&[Ty::Int, Ty::Text])),
        ("secrets", Ty::List(&Ty::Any(&[Ty::Text, Ty::Object(&SERVICE_CONFIG_OR_SECRET_ITEM)]), false)),
        ("security_opt", Ty::List(&Ty::Text, true)),
        ("shm_size", Ty::Any(&[Ty::Number, Ty::Text])),
        ("stdin_open", Ty::Any(&[Ty::Bool, Ty::Text])),
        ("stop_grace_period", Ty::Text),
        ("stop_signal", Ty::Text),
        ("storage_opt", Ty::Map(&Ty::Anything)),
        ("sysctls", Ty::Pairs),
        ("tmpfs", STRING_OR_LIST),
        ("tty", Ty::Any(&[Ty::Bool, Ty::Text])),
        ("ulimits", Ty::Map(&Ty::Any(&[Ty::Any(&[Ty::Int, Ty::Text]), Ty::Object(&ULIMITS_VALUE)]))),
        ("use_api_socket", Ty::Bool),
        ("user", Ty::Text),
        ("userns_mode", Ty::Text),
        ("uts", Ty::Text),
        ("volumes", Ty::List(&Ty::Any(&[Ty::Text, Ty::Object(&SERVICE_VOLUMES_ITEM)]), true)),
        ("volumes_from", Ty::List(&Ty::Text, true)),
        ("working_dir", Ty::Text),
    ],
    required: &[],
    extensions: true,
};
