//! The fields of each part of a project, sorted by name.

use super::Held::{
    self, Always, Anything, Bool, Bytes, Count, Devices, Fields, Hosts, Labels, Limit, List, Map, Mode, Moment,
};
use super::Held::{Natural, Number, OwnWeight, Rate, Short, Switch, Text, Time, Variables, Weight, Whole, Words};

type Table = &'static [(&'static str, Held)];

const TEXTS: Held = List(&Text);

pub(super) const ULIMIT: Table = &[("hard", Whole), ("soft", Whole)];

const LIMITS: Held = Map(&Limit);

const OBJECT: Table = &[("gid", Text), ("mode", Mode), ("source", Text), ("target", Text), ("uid", Text)];

const BUILD: Table = &[
    ("additional_contexts", Labels),
    ("args", Variables),
    ("cache_from", TEXTS),
    ("cache_to", TEXTS),
    ("context", Text),
    ("dockerfile", Text),
    ("dockerfile_inline", Text),
    ("entitlements", TEXTS),
    ("extra_hosts", Hosts),
    ("isolation", Text),
    ("labels", Labels),
    ("network", Text),
    ("no_cache", Bool),
    ("platforms", TEXTS),
    ("privileged", Bool),
    ("provenance", Text),
    ("pull", Bool),
    ("sbom", Text),
    ("secrets", List(&Fields(OBJECT))),
    ("shm_size", Bytes),
    ("ssh", TEXTS),
    ("tags", TEXTS),
    ("target", Text),
    ("ulimits", LIMITS),
];

const HOOK: Table =
    &[("command", Words), ("environment", Variables), ("privileged", Bool), ("user", Text), ("working_dir", Text)];

const WATCH: Table = &[
    ("action", Text),
    ("exec", Always(HOOK)),
    ("ignore", TEXTS),
    ("include", TEXTS),
    ("initial_sync", Bool),
    ("path", Text),
    ("target", Text),
];

// As they are printed, and as they are written.
const DEVICE_WEIGHT: Table = &[("Path", Anything), ("Weight", OwnWeight), ("weight", OwnWeight)];
const THROTTLE: Table = &[("Path", Anything), ("Rate", Rate), ("rate", Rate)];

const BLKIO: Table = &[
    ("device_read_bps", List(&Fields(THROTTLE))),
    ("device_read_iops", List(&Fields(THROTTLE))),
    ("device_write_bps", List(&Fields(THROTTLE))),
    ("device_write_iops", List(&Fields(THROTTLE))),
    ("weight", Weight),
    ("weight_device", List(&Fields(DEVICE_WEIGHT))),
];

const REQUEST: Table =
    &[("capabilities", TEXTS), ("count", Devices), ("device_ids", TEXTS), ("driver", Text), ("options", Labels)];

const RESOURCE: Table = &[
    ("cpus", Number),
    ("devices", List(&Fields(REQUEST))),
    (
        "generic_resources",
        List(&Fields(&[("discrete_resource_spec", Fields(&[("kind", Anything), ("value", Count)]))])),
    ),
    ("memory", Bytes),
    ("pids", Whole),
];

const UPDATE: Table = &[
    ("delay", Time),
    ("failure_action", Text),
    ("max_failure_ratio", Short),
    ("monitor", Time),
    ("order", Text),
    ("parallelism", Natural),
];

const DEPLOY: Table = &[
    ("endpoint_mode", Text),
    ("labels", Labels),
    ("mode", Text),
    (
        "placement",
        Always(&[
            ("constraints", TEXTS),
            ("max_replicas_per_node", Whole),
            ("preferences", List(&Fields(&[("spread", Text)]))),
        ]),
    ),
    ("replicas", Count),
    ("resources", Always(&[("limits", Fields(RESOURCE)), ("reservations", Fields(RESOURCE))])),
    (
        "restart_policy",
        Fields(&[("condition", Text), ("delay", Moment), ("max_attempts", Natural), ("window", Moment)]),
    ),
    ("rollback_config", Fields(UPDATE)),
    ("update_config", Fields(UPDATE)),
];

const HEALTHCHECK: Table = &[
    ("disable", Bool),
    ("interval", Moment),
    ("retries", Natural),
    ("start_interval", Moment),
    ("start_period", Moment),
    ("test", TEXTS),
    ("timeout", Moment),
];

const ATTACHMENT: Table = &[
    ("aliases", TEXTS),
    ("driver_opts", Labels),
    ("gw_priority", Whole),
    ("interface_name", Text),
    ("ipv4_address", Text),
    ("ipv6_address", Text),
    ("link_local_ips", TEXTS),
    ("mac_address", Text),
    ("priority", Whole),
];

const PORT: Table = &[
    ("app_protocol", Text),
    ("host_ip", Text),
    ("mode", Text),
    ("name", Text),
    ("protocol", Text),
    ("published", Text),
    ("target", Whole),
];

const MOUNT: Table = &[
    ("bind", Fields(&[("create_host_path", Bool), ("propagation", Text), ("recursive", Text), ("selinux", Text)])),
    ("consistency", Text),
    ("image", Fields(&[("subpath", Text)])),
    ("read_only", Bool),
    ("source", Text),
    ("target", Text),
    ("tmpfs", Fields(&[("mode", Whole), ("size", Bytes)])),
    ("type", Text),
    ("volume", Fields(&[("labels", Labels), ("nocopy", Bool), ("subpath", Text)])),
];

/// A service.
pub(in crate::formats::compose) const SERVICE: Held = Fields(&[
    ("annotations", Labels),
    ("attach", Switch),
    ("blkio_config", Fields(BLKIO)),
    ("build", Fields(BUILD)),
    ("cap_add", TEXTS),
    ("cap_drop", TEXTS),
    ("cgroup", Text),
    ("cgroup_parent", Text),
    ("command", Words),
    ("configs", List(&Fields(OBJECT))),
    ("container_name", Text),
    ("cpu_count", Whole),
    ("cpu_percent", Short),
    ("cpu_period", Whole),
    ("cpu_quota", Whole),
    ("cpu_rt_period", Whole),
    ("cpu_rt_runtime", Whole),
    ("cpu_shares", Whole),
    ("cpus", Short),
    ("cpuset", Text),
    ("credential_spec", Fields(&[("config", Text), ("file", Text), ("registry", Text)])),
    ("depends_on", Map(&Fields(&[("condition", Text), ("required", Switch), ("restart", Bool)]))),
    ("deploy", Fields(DEPLOY)),
    ("develop", Fields(&[("watch", List(&Fields(WATCH)))])),
    ("device_cgroup_rules", TEXTS),
    ("devices", List(&Fields(&[("permissions", Text), ("source", Text), ("target", Text)]))),
    ("dns", TEXTS),
    ("dns_opt", TEXTS),
    ("dns_search", TEXTS),
    ("domainname", Text),
    ("entrypoint", Words),
    ("environment", Variables),
    ("expose", TEXTS),
    ("external_links", TEXTS),
    ("extra_hosts", Hosts),
    ("gpus", List(&Fields(REQUEST))),
    ("group_add", TEXTS),
    ("healthcheck", Fields(HEALTHCHECK)),
    ("hostname", Text),
    ("image", Text),
    ("init", Switch),
    ("ipc", Text),
    ("isolation", Text),
    ("labels", Labels),
    ("links", TEXTS),
    ("logging", Fields(&[("driver", Text), ("options", Labels)])),
    ("mac_address", Text),
    ("mem_limit", Bytes),
    ("mem_reservation", Bytes),
    ("mem_swappiness", Bytes),
    ("memswap_limit", Bytes),
    ("models", Map(&Fields(&[("endpoint_var", Text), ("model_var", Text)]))),
    ("network_mode", Text),
    ("networks", Map(&Fields(ATTACHMENT))),
    ("oom_kill_disable", Bool),
    ("oom_score_adj", Whole),
    ("pid", Text),
    ("pids_limit", Whole),
    ("platform", Text),
    ("ports", List(&Fields(PORT))),
    ("post_start", List(&Fields(HOOK))),
    ("pre_stop", List(&Fields(HOOK))),
    ("privileged", Bool),
    ("profiles", TEXTS),
    ("provider", Fields(&[("options", Anything), ("type", Text)])),
    ("pull_policy", Text),
    ("read_only", Bool),
    ("restart", Text),
    ("runtime", Text),
    ("scale", Count),
    ("secrets", List(&Fields(OBJECT))),
    ("security_opt", TEXTS),
    ("shm_size", Bytes),
    ("stdin_open", Bool),
    ("stop_grace_period", Moment),
    ("stop_signal", Text),
    ("storage_opt", Labels),
    ("sysctls", Labels),
    ("tmpfs", TEXTS),
    ("tty", Bool),
    ("ulimits", LIMITS),
    ("use_api_socket", Bool),
    ("user", Text),
    ("userns_mode", Text),
    ("uts", Text),
    ("volumes", List(&Fields(MOUNT))),
    ("volumes_from", TEXTS),
    ("working_dir", Text),
]);

/// A network.
pub(in crate::formats::compose) const NETWORK: Held = Fields(&[
    ("attachable", Bool),
    ("driver", Text),
    ("driver_opts", Labels),
    ("enable_ipv4", Switch),
    ("enable_ipv6", Switch),
    ("external", Bool),
    ("internal", Bool),
    (
        "ipam",
        Always(&[
            (
                "config",
                List(&Fields(&[("aux_addresses", Labels), ("gateway", Text), ("ip_range", Text), ("subnet", Text)])),
            ),
            ("driver", Text),
        ]),
    ),
    ("labels", Labels),
    ("name", Text),
]);

/// A volume.
pub(in crate::formats::compose) const VOLUME: Held =
    Fields(&[("driver", Text), ("driver_opts", Labels), ("external", Bool), ("labels", Labels), ("name", Text)]);

/// A secret.
pub(in crate::formats::compose) const SECRET: Held = Fields(&[
    ("driver", Text),
    ("driver_opts", Labels),
    ("environment", Text),
    ("external", Bool),
    ("file", Text),
    ("labels", Labels),
    ("name", Text),
    ("template_driver", Text),
]);

/// A configuration.
pub(in crate::formats::compose) const CONFIG: Held = Fields(&[
    ("content", Text),
    ("environment", Text),
    ("external", Bool),
    ("file", Text),
    ("labels", Labels),
    ("name", Text),
    ("template_driver", Text),
]);
