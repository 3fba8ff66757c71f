//! The kinds and keys of a Compose project, as `docker compose config` of 2.40.3 names them, and the facts about them.
//!
//! `ports`, `volumes` and `environment` are no keys: what they hold are scopes of their own.

use crate::formats::words::Words;
use crate::schema::{Default, Index, Key, Kind, KindId, Schema, Type};
use crate::version::{Version, Versions};

/// The project that a file makes with those that it brings in.
pub(super) const PROJECT: KindId = KindId(0);
/// A service.
pub(super) const SERVICE: KindId = KindId(1);
/// A published port.
pub(super) const PORT: KindId = KindId(2);
/// Something mounted into a service.
pub(super) const MOUNT: KindId = KindId(3);
/// A variable in a service's environment.
pub(super) const VARIABLE: KindId = KindId(4);
/// A capability given to a service.
pub(super) const CAPABILITY: KindId = KindId(5);
/// A secret that stands in the files.
pub(super) const SECRET: KindId = KindId(6);
/// A command that a service starts.
pub(super) const COMMAND: KindId = KindId(7);

/// What keys of a service take, by the specification's page of each.
pub(super) const WORDS: Words = Words {
    values: |name| match name {
        "restart" => vec!["no", "always", "on-failure", "unless-stopped"],
        "pull_policy" => vec!["always", "never", "missing", "if_not_present", "build", "daily", "weekly"],
        "network_mode" => vec!["none", "host", "bridge"],
        "pid" | "userns_mode" | "uts" => vec!["host"],
        "ipc" => vec!["shareable", "private", "none", "host"],
        "cgroup" => vec!["host", "private"],
        _ => Vec::new(),
    },
    ..Words::NONE
};

/// The table.
pub(super) static SCHEMA: Schema = Schema {
    kinds: &[
        kind("project", "projects", "The project: the file, its override and what they include."),
        kind("service", "services", "A service after merging, extending and interpolation."),
        kind("port", "ports", "A published port of a service, ranges taken apart."),
        kind("mount", "mounts", "A volume or a path of the host mounted into a service."),
        kind("variable", "variables", "A variable in a service's environment, from `environment` or an `env_file`."),
        kind("capability", "capabilities", "A capability added to a service."),
        kind("secret", "secrets", "A secret that stands in the files in full, with all the places that hold it."),
        kind(
            "command",
            "commands",
            "A command that a service starts, by `entrypoint` and `command` together or in the text of a shell in them.",
        ),
    ],
    keys: KEYS,
    program: "compose",
    supported: Versions { oldest: Version([2, 24, 4]), newest: Version([2, 40, 3]) },
    index: Index::new(),
};

const fn kind(name: &'static str, plural: &'static str, doc: &'static str) -> Kind {
    Kind { name, plural, doc }
}

const SERVICES: &str = "https://docs.docker.com/reference/compose-file/services/";
const TEXTS: Type = Type::List(&Type::String);
const RECORDS: Type = Type::List(&Type::Any);
const RECORD: Type = Type::Map(&Type::Any);
const PAIRS: Type = Type::Map(&Type::String);

/// A key of a service.
const fn service(name: &'static str, ty: Type, doc: &'static str) -> Key {
    written("service", name, ty, Default::Absent, doc)
}

const fn written(kind: &'static str, name: &'static str, ty: Type, default: Default, doc: &'static str) -> Key {
    let kinds: &'static [&'static str] = match kind.as_bytes() {
        b"project" => &["project"],
        b"service" => &["service"],
        b"port" => &["port"],
        b"mount" => &["mount"],
        b"variable" => &["variable"],
        b"command" => &["command"],
        _ => &["secret"],
    };
    Key { name, ty, kinds, inherits: false, default, fact: false, secret: false, doc, url: SERVICES }
}

/// A fact that is always there.
const fn fact(kinds: &'static [&'static str], name: &'static str, ty: Type, doc: &'static str) -> Key {
    Key { name, ty, kinds, inherits: false, default: Default::Filled, fact: true, secret: false, doc, url: "" }
}

/// A fact about some commands.
const fn of_command(name: &'static str, ty: Type, doc: &'static str) -> Key {
    Key { fact: true, url: "", ..written("command", name, ty, Default::Absent, doc) }
}

static KEYS: &[Key] = &[
    fact(
        &["service"],
        "activated",
        Type::Bool,
        "Whether it starts without anybody asking for a profile: it has none, or `COMPOSE_PROFILES` names one.",
    ),
    fact(
        &["port"],
        "added_by_override",
        Type::Bool,
        "Whether a later file publishes a port that is already open wider, and so narrows nothing.",
    ),
    service("annotations", PAIRS, "Annotations of the container."),
    written("command", "arguments", TEXTS, Default::Absent, "The words after the program's name."),
    fact(
        &["port"],
        "beside",
        Type::String,
        "What the port leads past, where others than its visitors are meant to use it: `proxy` for one of the project, `inner` where another service that is reached asks it, `host` where it owns the host, `protocol` for what is no visitor's; empty for nothing.",
    ),
    written("mount", "bind", RECORD, Default::Absent, "How a path of the host is mounted."),
    fact(&["port"], "binds_publicly", Type::Bool, "Whether every interface of the host answers on it."),
    service("blkio_config", RECORD, "Limits of block input and output."),
    service("build", RECORD, "How the image is built."),
    service("cap_add", TEXTS, "Capabilities beyond the default ones."),
    service("cap_drop", TEXTS, "Capabilities taken away."),
    service("cgroup", Type::String, "The cgroup namespace: `host` or `private`."),
    of_command("checked_by", Type::String, "The later command that checks what was fetched."),
    service("command", TEXTS, "What is run instead of the image's command."),
    service("configs", RECORDS, "Configuration files given to the service."),
    fact(
        &["port"],
        "console",
        Type::String,
        "The management interface that answers on the port inside, such as `Adminer`; empty for none.",
    ),
    fact(
        &["port"],
        "console_reach",
        Type::String,
        "What whoever reaches the management interface can do: `control` things, do so after a `login`, or `view` them; empty for none.",
    ),
    service("container_name", Type::String, "The container's name."),
    fact(
        &["mount"],
        "control_socket",
        Type::String,
        "The engine whose control socket the mount holds, such as `Docker`; empty for none.",
    ),
    service("cpus", Type::Any, "How many processors it may use."),
    fact(
        &["capability"],
        "danger",
        Type::String,
        "What the capability is good for to an attacker: `host` for what leads to the host, `limited` for less, empty for little.",
    ),
    Key {
        kinds: &["variable"],
        ..of_command("debug_mode", Type::String, "What the variable switches on that is for developers.")
    },
    of_command("debugger", Type::String, "The debugger that listens to everybody."),
    service("depends_on", RECORD, "Services that are started first."),
    service("deploy", RECORD, "How it is deployed: replicas, resources."),
    of_command("developer_server", Type::String, "The server that it starts, which is made for writing a program."),
    service("device_cgroup_rules", TEXTS, "Rules for devices."),
    service("devices", RECORDS, "Devices of the host."),
    service("dns", TEXTS, "Name servers."),
    fact(
        &["service"],
        "docker_api",
        TEXTS,
        "What makes Docker's API answer over TCP without TLS: of an engine in the service, or of one elsewhere that it asks.",
    ),
    of_command("download_url", Type::String, "The address of what is downloaded."),
    Key {
        kinds: &["service"],
        ..of_command(
            "end_of_life",
            Type::String,
            "What the image holds that nobody mends any more, and since when; only of the first service that has it.",
        )
    },
    fact(
        &["port"],
        "entrance",
        Type::Bool,
        "Whether clients from anywhere are meant to reach the port: a proxy's own, or one of a protocol other than plain HTTP.",
    ),
    fact(
        &["port"],
        "entry",
        Type::String,
        "The whole entry of `ports`, which a range takes apart, such as `9000-9002:9000-9002`.",
    ),
    fact(
        &["port"],
        "entry_size",
        Type::Int,
        "How many ports the entry publishes; a range of more than sixteen is not taken apart.",
    ),
    service("entrypoint", TEXTS, "What is run instead of the image's entry point."),
    service("env_file", RECORDS, "Files with variables."),
    service("expose", TEXTS, "Ports that other services may reach; nothing is published."),
    fact(
        &["service", "secret"],
        "exposed",
        Type::Bool,
        "Whether the service, or one that holds the secret (of a password: a server that it opens), publishes a port on every interface or shares the host's network.",
    ),
    service("external_links", TEXTS, "Links to containers outside the project."),
    service("extra_hosts", Type::Any, "Entries for the hosts file."),
    fact(&["project"], "fragment", Type::Bool, "Whether the file is made to be laid over another one."),
    fact(
        &["service"],
        "given",
        RECORDS,
        "Files that `configs` and `secrets` of the project give it, and where it finds them.",
    ),
    fact(
        &["secret"],
        "given_to",
        TEXTS,
        "The services that are given the secret, those first that it opens, then by their names.",
    ),
    fact(
        &["secret"],
        "given_to_browsers",
        Type::Bool,
        "Whether the variable's name has build tools write the value into what every visitor is sent.",
    ),
    service("gpus", Type::Any, "Graphics processors."),
    service("group_add", TEXTS, "More groups."),
    service("healthcheck", RECORD, "How its health is checked."),
    fact(
        &["secret"],
        "holder",
        Type::String,
        "Where the secret stands first, in words: `POSTGRES_PASSWORD of db`, `command of cache`.",
    ),
    written(
        "port",
        "host_ip",
        Type::String,
        Default::Absent,
        "The address on the host; all of them where it is absent.",
    ),
    fact(
        &["mount"],
        "host_path",
        Type::String,
        "What the mounted path of the host holds, in words, where that is sensitive; empty elsewhere.",
    ),
    service("hostname", Type::String, "The host name inside."),
    service("image", Type::String, "The image."),
    fact(
        &["service"],
        "image_class",
        Type::String,
        "What the image is known for: `store`, `monitor`, `network`, `socket-proxy`; empty if nothing.",
    ),
    service("init", Type::Bool, "Whether an init process runs inside."),
    fact(
        &["service"],
        "insecure_api",
        TEXTS,
        "Switches that open Traefik's dashboard and API to everybody, where its port can be reached from outside.",
    ),
    service("ipc", Type::String, "The IPC namespace."),
    fact(
        &["service"],
        "joins_others",
        Type::Bool,
        "Whether it is on a network that others than the project's services are on as well.",
    ),
    fact(
        &["secret"],
        "known_default",
        Type::Bool,
        "Whether the value is one that is published with the image, or the user's name.",
    ),
    service("labels", PAIRS, "Labels of the container."),
    service("links", TEXTS, "Links to other services."),
    fact(
        &["service"],
        "logged_secrets",
        TEXTS,
        "Variables with a secret whose value the driver writes into each line of the log.",
    ),
    service("logging", RECORD, "Where its output goes."),
    service("mem_limit", Type::Any, "How much memory it may use."),
    fact(&["service"], "memory_unlimited", Type::Bool, "Whether nothing limits how much memory it may use."),
    written("port", "mode", Type::String, Default::Absent, "`ingress` or `host`."),
    written("project", "name", Type::String, Default::Absent, "The project's name."),
    written("command", "name", Type::String, Default::Absent, "The name of the program."),
    service("network_mode", Type::String, "The network namespace."),
    service("networks", RECORD, "The networks it is attached to."),
    fact(
        &["service"],
        "one_shot",
        Type::Bool,
        "Whether it runs once and ends: others wait for its completion, or its name and command say so.",
    ),
    fact(&["service"], "only_internal", Type::Bool, "Whether all its networks lead to none but each other."),
    of_command(
        "open_program",
        Type::String,
        "What everybody gets of the program that it starts, which asks nobody for a login.",
    ),
    fact(
        &["service"],
        "passwordless",
        Type::String,
        "Why its store asks for no password: `switch` where a setting says so, `absence` where none is set, `ignored` where only a variable is that the image does not read, `empty` where it is a variable that the service is not given; `unexpanded` where the password is a variable's name; empty if it asks, or if that is not known.",
    ),
    Key {
        kinds: &["variable"],
        ..of_command(
            "path_as_password",
            Type::String,
            "The path of a secret that the image takes for the password itself.",
        )
    },
    service("pid", Type::String, "The process namespace."),
    service("pids_limit", Type::Any, "How many processes it may have."),
    of_command("piped_to_shell", Type::String, "The interpreter that runs what this command downloads, unseen."),
    service("platform", Type::String, "The platform."),
    written(
        "service",
        "privileged",
        Type::Bool,
        Default::Always("false"),
        "Whether it has all the host's devices and capabilities.",
    ),
    service("profiles", TEXTS, "The profiles with which it is started."),
    written("port", "protocol", Type::String, Default::Always("tcp"), "`tcp` or `udp`."),
    written(
        "port",
        "published",
        Type::String,
        Default::Absent,
        "The port, or the range of ports, on the host; absent where one is picked at random.",
    ),
    fact(
        &["secret"],
        "purpose",
        Type::String,
        "What the secret is for: `key` signs, encrypts or keeps sessions, `server` lets into a service of the project; empty where nothing at hand checks it.",
    ),
    fact(
        &["service"],
        "raw_devices",
        TEXTS,
        "Devices through which it reads or writes the host past every permission: memory, disks, all of them.",
    ),
    written("mount", "read_only", Type::Bool, Default::Always("false"), "Whether it cannot be written through."),
    written("service", "read_only", Type::Bool, Default::Always("false"), "Whether its file system cannot be written."),
    service("restart", Type::String, "When it is started again."),
    fact(
        &["service"],
        "root_by",
        Type::String,
        "What makes it root's: `user`, or `build` for a stage that is root's while the Dockerfile is judged for another; empty for nothing.",
    ),
    fact(
        &["service"],
        "routed_by_others",
        TEXTS,
        "Kernel parameters by which others on its network say which way its packets take.",
    ),
    service("runtime", Type::String, "The container runtime."),
    of_command(
        "secret_options",
        TEXTS,
        "How the command is given secrets that stand in it: options, variables, `a URL`.",
    ),
    Key {
        secret: true,
        ..written(
            "variable",
            "secret_value",
            Type::String,
            Default::Absent,
            "The value, where the name or the value itself says that it is a secret.",
        )
    },
    Key { secret: true, ..fact(&["secret"], "secret_values", TEXTS, "The value, at every place that holds it.") },
    Key { secret: true, ..of_command("secret_values", TEXTS, "The secrets that stand in it.") },
    service("secrets", RECORDS, "Secrets given to the service."),
    service("security_opt", TEXTS, "Confinement by seccomp, AppArmor and SELinux."),
    Key {
        kinds: &["service"],
        ..of_command(
            "serves_people",
            Type::Bool,
            "Whether it is started again with the machine, has a port of the web, or is told that this is production, by files that production is started with.",
        )
    },
    fact(&["capability", "port"], "service_image", Type::String, "The class of its service's image, as `image_class`."),
    service("shm_size", Type::Any, "The size of shared memory."),
    written(
        "mount",
        "source",
        Type::String,
        Default::Absent,
        "The path of the host, from the root of the project with `./` before it, or the volume's name.",
    ),
    service("stdin_open", Type::Bool, "Whether its input stays open."),
    service("stop_signal", Type::String, "The signal that stops it."),
    fact(
        &["port"],
        "store",
        Type::String,
        "The store that listens on the port inside, such as `PostgreSQL`; empty for none.",
    ),
    fact(
        &["port"],
        "store_asks",
        Type::Bool,
        "Whether the service is of a version that asks for a login, over TLS, where nothing is said.",
    ),
    fact(
        &["secret"],
        "strength",
        Type::String,
        "`template` where the value is one to be filled in, `guessable` for a common word or a name that stands beside it, else `fixed`.",
    ),
    service("sysctls", PAIRS, "Kernel parameters."),
    written("mount", "target", Type::String, Default::Absent, "Where it is mounted."),
    written("port", "target", Type::Int, Default::Absent, "The port inside."),
    Key {
        kinds: &["command", "variable"],
        ..of_command("tls_unverified", TEXTS, "Settings and options that stop certificates from being checked.")
    },
    service("tmpfs", TEXTS, "File systems in memory."),
    fact(
        &["service"],
        "tracked_keys",
        TEXTS,
        "Private keys that it is given and git tracks, by their paths in the repository.",
    ),
    service("tty", Type::Bool, "Whether it has a terminal."),
    written("mount", "type", Type::String, Default::Absent, "`bind`, `volume`, `tmpfs`, `image` and so on."),
    service("ulimits", Type::Any, "Resource limits."),
    service("use_api_socket", Type::Bool, "Whether it gets the engine's control socket."),
    service("user", Type::String, "The user, and the group behind a colon."),
    service("userns_mode", Type::String, "The user namespace."),
    service("uts", Type::String, "The UTS namespace."),
    written("variable", "value", Type::String, Default::Absent, "The value; absent where it is a secret."),
    service("volumes_from", TEXTS, "Services whose mounts it gets as well."),
    service("working_dir", Type::String, "The working directory."),
    fact(&["mount"], "writable", Type::Bool, "Whether it can be written through."),
    fact(
        &["secret"],
        "written",
        Type::String,
        "How the secret stands there: `literal` in a Compose file, `default` of a variable, or `file` in a file of variables.",
    ),
];

#[cfg(test)]
mod tests {
    #[test]
    fn the_table_can_be_searched() {
        crate::schema::check(&super::SCHEMA).unwrap();
    }
}
