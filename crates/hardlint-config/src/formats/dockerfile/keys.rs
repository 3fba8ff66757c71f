//! The kinds and keys of Dockerfiles.
//!
//! Keys in capitals are those of the image's configuration, as `docker inspect` spells them; the others are arguments
//! and flags of instructions, and facts.

use crate::schema::Default::{self, Absent, Always, Filled};
use crate::schema::{Index, Key, Kind, Schema, Type};
use crate::version::{Version, Versions};

/// The table.
pub(super) static SCHEMA: Schema = Schema {
    kinds: KINDS,
    keys: KEYS,
    program: "buildkit",
    supported: Versions { oldest: Version([0, 11, 0]), newest: Version([0, 26, 0]) },
    index: Index::new(),
};

const fn kind(name: &'static str, plural: &'static str, doc: &'static str) -> Kind {
    Kind { name, plural, doc }
}

const KINDS: &[Kind] = &[
    kind("file", "files", "The file itself."),
    kind("stage", "stages", "A stage, from its `FROM` to the next, with the configuration of its image."),
    kind("env", "envs", "A variable that `ENV` sets."),
    kind("arg", "args", "A build argument that `ARG` declares."),
    kind("copy", "copies", "One source of a `COPY` or `ADD`."),
    kind("user", "users", "A `USER`."),
    kind("expose", "exposes", "One word of an `EXPOSE`."),
    kind("run", "runs", "A `RUN`, `CMD`, `ENTRYPOINT` or `HEALTHCHECK`."),
    kind("mount", "mounts", "A `--mount` of a `RUN`."),
    kind("debugger", "debuggers", "A debugger that the container opens: one that it starts, or the port of one."),
    kind("command", "commands", "A simple command that is run, also one inside another, as in `sh -c`."),
];

/// The kinds' ids, in the order of [`KINDS`].
pub(super) mod kinds {
    use crate::schema::KindId;

    pub(in super::super) const FILE: KindId = KindId(0);
    pub(in super::super) const STAGE: KindId = KindId(1);
    pub(in super::super) const ENV: KindId = KindId(2);
    pub(in super::super) const ARG: KindId = KindId(3);
    pub(in super::super) const COPY: KindId = KindId(4);
    pub(in super::super) const USER: KindId = KindId(5);
    pub(in super::super) const EXPOSE: KindId = KindId(6);
    pub(in super::super) const RUN: KindId = KindId(7);
    pub(in super::super) const MOUNT: KindId = KindId(8);
    pub(in super::super) const DEBUGGER: KindId = KindId(9);
    pub(in super::super) const COMMAND: KindId = KindId(10);
}

const FILE: &[&str] = &["file"];
const STAGE: &[&str] = &["stage"];
const ARG: &[&str] = &["arg"];
const NAMED: &[&str] = &["command", "stage"];
const VALUED: &[&str] = &["arg", "env"];
const COPY: &[&str] = &["copy"];
const EXPOSE: &[&str] = &["expose"];
const RUN: &[&str] = &["run"];
const MOUNT: &[&str] = &["mount"];
const COMMAND: &[&str] = &["command"];
const DEBUGGER: &[&str] = &["debugger"];
const LINES: &[&str] = &["copy", "run", "user"];
/// Everything in a stage.
const INSIDE: &[&str] = &["arg", "command", "copy", "debugger", "env", "expose", "mount", "run", "stage", "user"];

const STRINGS: Type = Type::List(&Type::String);
const PAGE: &str = "https://docs.docker.com/reference/dockerfile/";

const fn key(
    name: &'static str,
    ty: Type,
    kinds: &'static [&'static str],
    doc: &'static str,
    url: &'static str,
) -> Key {
    Key { name, ty, kinds, inherits: false, default: Absent, fact: false, secret: false, doc, url }
}

const fn fact(
    name: &'static str,
    ty: Type,
    kinds: &'static [&'static str],
    default: Default,
    doc: &'static str,
) -> Key {
    Key { name, ty, kinds, inherits: false, default, fact: true, secret: false, doc, url: "" }
}

/// A fact that holds for everything inside as well.
const fn inherited(name: &'static str, doc: &'static str) -> Key {
    Key { inherits: true, ..fact(name, Type::Bool, INSIDE, NO, doc) }
}

/// A key that every scope of its kinds has.
const fn always(name: &'static str, kinds: &'static [&'static str], doc: &'static str, url: &'static str) -> Key {
    Key { default: Filled, ..key(name, Type::String, kinds, doc, url) }
}

/// A secret, which is never printed.
const fn secret(name: &'static str, kinds: &'static [&'static str], doc: &'static str) -> Key {
    Key { secret: true, ..fact(name, Type::String, kinds, Absent, doc) }
}

const NO: Default = Always("false");

const KEYS: &[Key] = &[
    key("Cmd", STRINGS, STAGE, "The command, or the arguments of the entrypoint.", PAGE_CMD),
    key("Entrypoint", STRINGS, STAGE, "The program that the container runs.", PAGE_ENTRYPOINT),
    key("Env", Type::Map(&Type::String), STAGE, "The environment of the container.", PAGE_ENV),
    key("ExposedPorts", STRINGS, STAGE, "The ports that the image says it listens on.", PAGE_EXPOSE),
    key("Healthcheck", STRINGS, STAGE, "How Docker asks whether the container works.", PAGE_HEALTHCHECK),
    key("Labels", Type::Map(&Type::String), STAGE, "Labels of the image.", PAGE_LABEL),
    key("OnBuild", STRINGS, STAGE, "Instructions that images built on this one run first.", PAGE_ONBUILD),
    key("Shell", STRINGS, STAGE, "The shell that runs commands which are no JSON array.", PAGE_SHELL),
    key("StopSignal", Type::String, STAGE, "The signal that stops the container.", PAGE_STOPSIGNAL),
    key("User", Type::String, STAGE, "The user that the container runs as.", PAGE_USER),
    key("Volumes", STRINGS, STAGE, "Folders whose data outlives the container.", PAGE_VOLUME),
    key("WorkingDir", Type::String, STAGE, "The folder that the container starts in.", PAGE_WORKDIR),
    secret("account_password", COMMAND, "The password that an account gets."),
    fact("adds_capabilities", Type::String, COMMAND, Absent, "What `setcap` gives a program, but for binding ports."),
    fact(
        "announced",
        STRINGS,
        COPY,
        Absent,
        "Files of variables that an example says are to be made, and that the copy would take along.",
    ),
    key("arguments", STRINGS, COMMAND, "The words after the program's name.", PAGE),
    fact("base_drops_privileges", Type::Bool, STAGE, NO, "Whether the image beneath starts as root and gives that up."),
    fact("checked_by", Type::String, COMMAND, Absent, "The later command that checks what was fetched."),
    fact("checks", Type::String, COMMAND, Absent, "The program that works out a checksum or checks a signature."),
    key("checksum", Type::String, COPY, "What a download is compared with.", PAGE_ADD),
    key("chmod", Type::String, COPY, "The permissions that the copy gets.", PAGE_COPY),
    key("chown", Type::String, COPY, "The owner that the copy gets.", PAGE_COPY),
    fact(
        "clears_password",
        Type::String,
        COMMAND,
        Absent,
        "The account whose password is taken away, so that nothing is asked for.",
    ),
    fact("consumed", Type::Bool, ARG, NO, "Whether a later instruction of its stage uses it."),
    fact("context", Type::String, COPY, Absent, "The folder that the sources are taken from, if it could be told."),
    fact(
        "copied_credentials",
        Type::String,
        &["env"],
        Absent,
        "The file with the key of a cloud account that it names, where a copy puts what lies beside the Dockerfile.",
    ),
    fact("debugger", Type::String, COMMAND, Absent, "The debugger that listens to everybody."),
    key("destination", Type::String, COPY, "Where the copy goes.", PAGE_COPY),
    fact(
        "developer_server",
        Type::String,
        COMMAND,
        Absent,
        "The server that it starts, which is made for writing a program.",
    ),
    fact("dockerignore", Type::String, COPY, Absent, "The file that says what is left out of the build."),
    fact(
        "download_becomes",
        Type::String,
        COMMAND,
        Absent,
        "What becomes of the download; nothing in its step compares it with a checksum.",
    ),
    fact("download_url", Type::String, COMMAND, Absent, "The address of what is downloaded."),
    fact("drops_privileges", Type::Bool, STAGE, NO, "Whether what it starts gives up root's rights by itself."),
    fact(
        "end_of_life",
        Type::String,
        STAGE,
        Absent,
        "What the image beneath holds that nobody mends any more, and since when.",
    ),
    key("escape", Type::String, FILE, "The escape character.", "https://docs.docker.com/reference/dockerfile/#escape"),
    key("form", Type::String, RUN, "`exec` for a JSON array, `shell` for text.", PAGE),
    key("from", Type::String, &["copy", "mount"], "The stage or image that it is taken from.", PAGE_COPY),
    fact(
        "from_context",
        Type::Bool,
        COPY,
        NO,
        "Whether it comes from the folder that is built, not a stage or an address.",
    ),
    fact("from_unpinned", Type::String, &["copy", "mount"], Absent, "The image without a tag that it is taken from."),
    fact("gives_away", Type::String, COMMAND, Absent, "What root runs or reads, and that becomes somebody else's."),
    fact("guessable", Type::Bool, VALUED, NO, "Whether the value is a password that everybody tries first."),
    fact(
        "handed_on",
        Type::Bool,
        &["copy", "command"],
        NO,
        "Whether a stage of the image takes over the folder that it lies in, or that it leaves a secret in.",
    ),
    fact(
        "has_own_user",
        Type::Bool,
        STAGE,
        NO,
        "Whether a user is there for the work: one that is made here, or that of the image beneath.",
    ),
    fact(
        "host_key_unchecked",
        Type::String,
        &["command", "env"],
        Absent,
        "What stops SSH from comparing the key of the machine that it reaches.",
    ),
    fact("ignored", Type::Bool, COPY, NO, "Whether `.dockerignore` leaves it out."),
    key("image", Type::String, STAGE, "The image or stage that it is built on.", PAGE_FROM),
    fact("image_digest", Type::String, STAGE, Absent, "The digest that the image beneath is pinned to."),
    fact(
        "image_is_default",
        Type::Bool,
        STAGE,
        NO,
        "Whether the image beneath is named by a build argument's default.",
    ),
    fact(
        "image_tag",
        Type::String,
        STAGE,
        Absent,
        "The tag of the image beneath, if it is from elsewhere: `latest` where none stands there.",
    ),
    fact(
        "in_history",
        Type::Bool,
        ARG,
        NO,
        "Whether a later `RUN` of its stage leaves it in the image's history, which lists every argument declared so far.",
    ),
    inherited(
        "in_image",
        "Whether it becomes part of the image that is built: the target's stage, or one that it is built on.",
    ),
    fact("installs", STRINGS, COMMAND, Absent, "The packages that a package manager is told to install."),
    fact("installs_debugger", Type::String, COMMAND, Absent, "The debugger that it switches on for good."),
    always("instruction", LINES, "The instruction, in capitals.", PAGE),
    fact("is_base", Type::Bool, STAGE, NO, "Whether the file is named as one that others are built on."),
    fact("is_listening", Type::Bool, DEBUGGER, NO, "Whether the container starts it, on every address."),
    fact("is_pinned", Type::Bool, COPY, NO, "Whether what is downloaded is named by a commit or a checksum."),
    fact("is_root", Type::Bool, &["user"], NO, "Whether the user is root."),
    fact(
        "is_target",
        Type::Bool,
        STAGE,
        NO,
        "Whether it is the stage that is built: the one that Compose services ask for, else the last.",
    ),
    fact("is_url", Type::Bool, COPY, NO, "Whether it is downloaded."),
    fact(
        "joins_group",
        Type::String,
        COMMAND,
        Absent,
        "The group that an account is put into, and that is as good as root.",
    ),
    fact("keeps_secret", Type::String, COMMAND, Absent, "Where it leaves a secret that is only mounted for its step."),
    fact("kept_at", Type::String, COMMAND, Absent, "The path of the file that it leaves such a secret in."),
    fact(
        "key_by_package",
        Type::String,
        COMMAND,
        Absent,
        "The package that makes the host's keys of SSH when it is installed, where the same step leaves them.",
    ),
    fact(
        "known_open_program",
        Type::String,
        COMMAND,
        Absent,
        "What everybody gets of the program that it starts, as Compose services are told by what is known of them.",
    ),
    fact(
        "lands_at",
        Type::String,
        COPY,
        Absent,
        "Where in the image the copy lies, with `/` at the end for a folder that it is put into; if that is known.",
    ),
    fact("lets_sudo", Type::String, COMMAND, Absent, "The word for sudo by which it asks for no password."),
    fact("locked_later", Type::Bool, COMMAND, NO, "Whether a later step locks the account that it is about."),
    fact("locks_account", Type::String, COMMAND, Absent, "The account that it locks."),
    fact("makes_key", Type::String, COMMAND, Absent, "The private key of SSH that is made in a build, and stays."),
    fact("makes_tls_key", Type::String, COMMAND, Absent, "The private key that is made in a build, and stays."),
    key("mode", Type::String, MOUNT, "The permissions of what is mounted.", PAGE_RUN),
    fact("moving_source", STRINGS, COMMAND, Absent, "Sources of packages that change under the same name."),
    always("name", VALUED, "The name.", PAGE),
    key("name", Type::String, NAMED, "The name of the stage, or of the program.", PAGE),
    key("network", Type::String, RUN, "`default`, `none` or `host`.", PAGE_RUN),
    fact(
        "open_notebook",
        Type::String,
        COMMAND,
        Absent,
        "The program that starts Jupyter for everybody, without a login.",
    ),
    fact(
        "open_program",
        Type::String,
        COMMAND,
        Absent,
        "What everybody gets of the program that it starts, which asks nobody for a login.",
    ),
    fact(
        "opening_secrets",
        STRINGS,
        COMMAND,
        Absent,
        "As what it is given secrets that open something beyond the step that it is part of.",
    ),
    fact("opens", Type::String, DEBUGGER, Filled, "What is opened."),
    fact(
        "owner_runs",
        Type::Bool,
        COPY,
        NO,
        "Whether the user that the copy belongs to is the one that the image runs as.",
    ),
    fact(
        "piped_to_shell",
        Type::String,
        COMMAND,
        Absent,
        "The interpreter that runs what this command downloads, unseen.",
    ),
    fact("placeholder", Type::Bool, VALUED, NO, "Whether the value stands for one that is to be filled in."),
    fact("plain_index", STRINGS, COMMAND, Absent, "Indexes of packages that are asked without TLS."),
    fact("platform", Type::String, STAGE, Absent, "The platform that `FROM` asks for."),
    fact(
        "platform_console",
        Type::String,
        COMMAND,
        Absent,
        "The platform that asks for just this password, to open a console that it alone reaches.",
    ),
    fact("port", Type::Int, EXPOSE, Absent, "The port, if it is one."),
    inherited("reachable", "Whether a build of the target runs it."),
    fact("reset_to_root", Type::Bool, STAGE, NO, "Whether root comes back after another user was set."),
    fact(
        "retired_packages",
        STRINGS,
        COMMAND,
        Absent,
        "Frameworks that it installs in versions which nobody mends any more, and since when.",
    ),
    fact("run_user", Type::String, STAGE, Filled, "The user that the container runs as, the image beneath considered."),
    fact(
        "run_user_is_root",
        Type::Bool,
        STAGE,
        Filled,
        "Whether the container runs as root, the image beneath considered.",
    ),
    fact("secret", Type::Bool, VALUED, NO, "Whether the name is that of a secret."),
    fact("secret_options", STRINGS, COMMAND, Absent, "As what it is given secrets that stand in its words."),
    secret("secret_value", VALUED, "The value, where it is a secret that stands here in full."),
    Key { ty: STRINGS, ..secret("secret_values", COMMAND, "The secrets that stand in it.") },
    key("security", Type::String, RUN, "`sandbox` or `insecure`.", PAGE_RUN),
    fact("sensitive", Type::String, COPY, Absent, "What the source is, where it holds secrets."),
    fact(
        "services_for_developers",
        Type::Bool,
        STAGE,
        NO,
        "Whether all Compose services that build it mount their source and are told that they are for development.",
    ),
    fact(
        "services_own_host",
        Type::Bool,
        STAGE,
        NO,
        "Whether all Compose services that build it have all rights of the host, or the socket of its container engine.",
    ),
    fact(
        "services_set_user",
        Type::Bool,
        STAGE,
        NO,
        "Whether all Compose services that build it run it as a user of their own, who is not root.",
    ),
    fact("sets_password", Type::String, COMMAND, Absent, "The account that gets a password which everybody can read."),
    fact("sets_setuid", Type::String, COMMAND, Absent, "The mode that makes a file run with its owner's rights."),
    fact("shell", Type::String, RUN, Absent, "The shell that reads the text."),
    fact("signs", Type::Bool, &["env"], NO, "Whether the name is that of a key that a program signs or encrypts with."),
    always("source", COPY, "What is copied.", PAGE_COPY),
    key("source", Type::String, MOUNT, "What is mounted.", PAGE_RUN),
    fact("ssh_server", Type::String, &["command", "stage"], Absent, "The SSH server that is started."),
    fact(
        "starts",
        Type::String,
        STAGE,
        Filled,
        "What the container starts: `server`, `program`, `unseen` for a script or a configuration that is not at hand, `own_user` for what is told another user, `daemon` for a master whose workers are another user's, `system` for what has to be root, `tool`, `development`, `shell`, `idle` or `nothing`.",
    ),
    fact("starts_as", Type::String, STAGE, Filled, "What is known of the rights that the container starts with."),
    fact("sudo", Type::String, COMMAND, Absent, "The `sudo` that runs it."),
    fact(
        "superseded",
        Type::Bool,
        STAGE,
        NO,
        "Whether the file or its folder is named by the version that is out of support, and one beside it by a newer one.",
    ),
    key(
        "syntax",
        Type::String,
        FILE,
        "The image that reads the file.",
        "https://docs.docker.com/reference/dockerfile/#syntax",
    ),
    key("target", Type::String, MOUNT, "Where it is mounted.", PAGE_RUN),
    fact(
        "tls_unverified",
        STRINGS,
        &["arg", "command", "env"],
        Absent,
        "Settings and options that stop certificates from being checked.",
    ),
    inherited("trigger", "Whether it stands after `ONBUILD`."),
    key("type", Type::String, MOUNT, "`bind`, `cache`, `tmpfs`, `secret` or `ssh`.", PAGE_RUN),
    fact("unignored", STRINGS, COPY, Absent, "Files with secrets that the copy takes along."),
    fact(
        "unsigned_packages",
        STRINGS,
        COMMAND,
        Absent,
        "What makes packages be taken whose signature is missing or wrong.",
    ),
    key("user", Type::String, &["run", "user"], "The user.", PAGE_USER),
    key("value", Type::String, VALUED, "The value.", PAGE),
    fact("whole_context", Type::Bool, COPY, NO, "Whether it is the whole folder that is built."),
    fact("workdir", Type::String, RUN, Absent, "The folder that it is run in, as far as the file says."),
    fact("world_writable", Type::String, &["command", "copy"], Absent, "The mode that lets everybody write to files."),
    fact(
        "world_writable_code",
        Type::String,
        &["command", "copy"],
        Absent,
        "The files that everybody may write to, where they are programs or configuration.",
    ),
    fact(
        "writes_setting",
        Type::String,
        COMMAND,
        Absent,
        "The setting that is written into a program's configuration, and opens it to everybody.",
    ),
];

const PAGE_ADD: &str = "https://docs.docker.com/reference/dockerfile/#add";
const PAGE_CMD: &str = "https://docs.docker.com/reference/dockerfile/#cmd";
const PAGE_COPY: &str = "https://docs.docker.com/reference/dockerfile/#copy";
const PAGE_ENTRYPOINT: &str = "https://docs.docker.com/reference/dockerfile/#entrypoint";
const PAGE_ENV: &str = "https://docs.docker.com/reference/dockerfile/#env";
const PAGE_EXPOSE: &str = "https://docs.docker.com/reference/dockerfile/#expose";
const PAGE_FROM: &str = "https://docs.docker.com/reference/dockerfile/#from";
const PAGE_HEALTHCHECK: &str = "https://docs.docker.com/reference/dockerfile/#healthcheck";
const PAGE_LABEL: &str = "https://docs.docker.com/reference/dockerfile/#label";
const PAGE_ONBUILD: &str = "https://docs.docker.com/reference/dockerfile/#onbuild";
const PAGE_RUN: &str = "https://docs.docker.com/reference/dockerfile/#run";
const PAGE_SHELL: &str = "https://docs.docker.com/reference/dockerfile/#shell";
const PAGE_STOPSIGNAL: &str = "https://docs.docker.com/reference/dockerfile/#stopsignal";
const PAGE_USER: &str = "https://docs.docker.com/reference/dockerfile/#user";
const PAGE_VOLUME: &str = "https://docs.docker.com/reference/dockerfile/#volume";
const PAGE_WORKDIR: &str = "https://docs.docker.com/reference/dockerfile/#workdir";
