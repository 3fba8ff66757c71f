//! The directives of `redis.conf` that hold a value, with their defaults since Redis 6: what `CONFIG GET *` tells.
//!
//! Names, values and defaults are those that Redis 6.2.14, 7.0.15 and 8.2.3 told; how they take values is what these
//! accept and refuse. What a version between them had is known only where its neighbours agree.

use crate::formats::words::Words;
use crate::schema::{Default, GONE};
use crate::version::Version;

/// A directive.
#[derive(Debug)]
pub(super) struct Directive {
    pub(super) name: &'static str,
    /// The newer name of the same setting; empty where this is it.
    pub(super) alias_of: &'static str,
    pub(super) takes: Takes,
    pub(super) default: Default,
    pub(super) secret: bool,
    pub(super) doc: &'static str,
}

/// What a directive takes.
#[derive(Clone, Copy, Debug)]
pub(super) enum Takes {
    Bool,
    /// A number within bounds, both included.
    Int(i64, i64),
    /// Bytes, with a unit or without.
    Memory(i64, i64),
    /// Bytes without an upper bound.
    Unsigned,
    /// Bytes, or a share in percent.
    Share,
    /// Permissions.
    Octal,
    Text,
    /// One of these words.
    Enum(&'static [&'static str]),
    /// Several of these words.
    Flags(&'static [&'static str]),
    /// The name of a file, without a path.
    FileName,
    /// The same, and not empty.
    FileNameNeeded,
    Host,
    HumanName,
    Title,
    Folder,
    Save,
    Limits,
    Scores,
    Events,
    Bind,
    ReplicaOf,
    Percentiles,
}

use Takes::{
    Bind, Bool, Enum, Events, FileName, FileNameNeeded, Flags, Folder, Host, HumanName, Int, Limits, Memory, Octal,
    Percentiles, ReplicaOf, Save, Scores, Share, Text, Title, Unsigned,
};

/// The largest number of 32 bits with a sign, and without one; the largest port.
const MOST: i64 = 0x7fff_ffff;
const UNSIGNED: i64 = 0xffff_ffff;
const PORTS: i64 = 0xffff;

/// The versions that were asked.
pub(super) const V60: Version = Version([6, 0, 0]);
pub(super) const V70: Version = Version([7, 0, 0]);
pub(super) const V82: Version = Version([8, 2, 0]);

/// Directives that are read without being told: obsolete ones and those for testing, with the versions that do so.
pub(super) const PASSED_OVER: &[(&str, Version, Version)] = &[
    ("aof-disable-auto-gc", V82, NEWEST),
    ("io-threads-do-reads", V82, NEWEST),
    ("key-load-delay", V60, NEWEST),
    ("lazyexpire-nested-arbitrary-keys", V82, NEWEST),
    ("list-max-ziplist-entries", V60, NEWEST),
    ("list-max-ziplist-value", V60, NEWEST),
    ("loading-process-events-interval-bytes", V70, NEWEST),
    ("lua-enable-deprecated-api", V82, NEWEST),
    ("lua-replicate-commands", V70, NEWEST),
    ("prefetch-batch-max-size", V82, NEWEST),
    ("rdb-key-save-delay", V60, NEWEST),
    ("repl-rdb-channel", V82, NEWEST),
    ("use-exit-on-panic", V60, NEWEST),
    ("watchdog-period", V60, NEWEST),
];

const NEWEST: Version = Version([u16::MAX, 0, 0]);

/// Directives that versions before Redis 6 had: a file with one is for those.
pub(super) const ANCIENT: &[&str] = &[
    "glueoutputbuf",
    "hash-max-zipmap-entries",
    "hash-max-zipmap-value",
    "heapdir",
    "maxheap",
    "persistence-available",
    "qforkfile",
    "service-name",
    "vm-enabled",
    "vm-max-memory",
    "vm-max-threads",
    "vm-page-size",
    "vm-pages",
    "vm-swap-file",
];

/// The row of a directive, by its name in lower case.
pub(super) fn named(name: &str) -> Option<&'static Directive> {
    DIRECTIVES.binary_search_by_key(&name, |row| row.name).ok().and_then(|at| DIRECTIVES.get(at))
}

/// What directives take.
pub(super) const WORDS: Words = Words {
    values: |name| match named(&name.to_ascii_lowercase()).map(|row| row.takes) {
        Some(Bool) => vec!["yes", "no"],
        Some(Enum(words) | Flags(words)) => words.to_vec(),
        _ => Vec::new(),
    },
    ..Words::NONE
};

impl Directive {
    /// Whether a version has it.
    pub(super) fn at(&self, version: Version) -> bool {
        match self.default {
            Default::Since(steps) => {
                steps.iter().rev().find(|(from, _)| *from <= version).is_some_and(|(_, text)| *text != GONE)
            }
            _ => true,
        }
    }
}

const fn row(
    name: &'static str,
    alias_of: &'static str,
    takes: Takes,
    default: Default,
    doc: &'static str,
) -> Directive {
    Directive { name, alias_of, takes, default, secret: false, doc }
}

const fn secret(
    name: &'static str,
    alias_of: &'static str,
    takes: Takes,
    default: Default,
    doc: &'static str,
) -> Directive {
    Directive { secret: true, ..row(name, alias_of, takes, default, doc) }
}

/// All of them, sorted by name.
#[rustfmt::skip]
pub(super) static DIRECTIVES: [Directive; 209] = [
    row("acl-pubsub-default", "", Enum(&["allchannels", "resetchannels"]), Default::Since(&[(V60, "allchannels"), (V70, "resetchannels")]), "What channels a new user may use: all or none."),
    row("aclfile", "", Text, Default::Always(""), "The file that the users of access control stand in."),
    row("acllog-max-len", "", Int(0, i64::MAX), Default::Always("128"), "How many entries the log of refused commands keeps."),
    row("active-defrag-cycle-max", "", Int(1, 99), Default::Always("25"), "The most time of a processor that defragmentation takes, in percent."),
    row("active-defrag-cycle-min", "", Int(1, 99), Default::Always("1"), "The least time of a processor that defragmentation takes, in percent."),
    row("active-defrag-ignore-bytes", "", Memory(1, i64::MAX), Default::Always("104857600"), "Wasted bytes below which nothing is defragmented."),
    row("active-defrag-max-scan-fields", "", Int(1, i64::MAX), Default::Always("1000"), "Elements of a collection that the main scan of defragmentation handles itself."),
    row("active-defrag-threshold-lower", "", Int(0, 1000), Default::Always("10"), "Fragmentation in percent at which defragmentation starts."),
    row("active-defrag-threshold-upper", "", Int(0, 1000), Default::Always("100"), "Fragmentation in percent at which defragmentation works hardest."),
    row("active-expire-effort", "", Int(1, 10), Default::Always("1"), "How hard expired keys are looked for, from 1 to 10."),
    row("activedefrag", "", Bool, Default::Always("false"), "Whether memory is defragmented while the server runs."),
    row("activerehashing", "", Bool, Default::Always("true"), "Whether the main table is rehashed bit by bit."),
    row("always-show-logo", "", Bool, Default::Always("false"), "Whether the logo is shown when the output is no terminal."),
    row("aof-disable-auto-gc", "", Bool, Default::Since(&[(V70, "false"), (V82, GONE)]), "Whether old append only files are kept."),
    row("aof-load-truncated", "", Bool, Default::Always("true"), "Whether an append only file without its end is loaded."),
    row("aof-rewrite-cpulist", "", Text, Default::Since(&[(V82, "")]), "Processors for rewriting the append only file."),
    row("aof-rewrite-incremental-fsync", "", Bool, Default::Always("true"), "Whether a rewrite of the append only file is synced as it grows."),
    row("aof-timestamp-enabled", "", Bool, Default::Since(&[(V70, "false")]), "Whether the append only file has timestamps."),
    row("aof-use-rdb-preamble", "", Bool, Default::Always("true"), "Whether the append only file begins with a snapshot."),
    row("aof_rewrite_cpulist", "aof-rewrite-cpulist", Text, Default::Always(""), "The older name of `aof-rewrite-cpulist`."),
    row("appenddirname", "", FileNameNeeded, Default::Since(&[(V70, "appendonlydir")]), "The folder of the append only files."),
    row("appendfilename", "", FileNameNeeded, Default::Always("appendonly.aof"), "The name of the append only files."),
    row("appendfsync", "", Enum(&["everysec", "always", "no"]), Default::Always("everysec"), "When the append only file is synced."),
    row("appendonly", "", Bool, Default::Always("false"), "Whether each write is logged to the append only file."),
    row("auto-aof-rewrite-min-size", "", Memory(0, i64::MAX), Default::Always("67108864"), "Bytes below which the append only file is not rewritten."),
    row("auto-aof-rewrite-percentage", "", Int(0, MOST), Default::Always("100"), "Growth in percent after which the append only file is rewritten."),
    row("bgsave-cpulist", "", Text, Default::Since(&[(V82, "")]), "Processors for saving in the background."),
    row("bgsave_cpulist", "bgsave-cpulist", Text, Default::Always(""), "The older name of `bgsave-cpulist`."),
    row("bind", "", Bind, Default::Since(&[(V60, ""), (V70, "* -::*")]), "Addresses to listen on; a dash before one lets it be missing."),
    row("bind-source-addr", "", Text, Default::Since(&[(V70, "")]), "The address that outgoing connections come from."),
    row("bio-cpulist", "", Text, Default::Since(&[(V82, "")]), "Processors for background work."),
    row("bio_cpulist", "bio-cpulist", Text, Default::Always(""), "The older name of `bio-cpulist`."),
    row("busy-reply-threshold", "", Int(0, i64::MAX), Default::Since(&[(V70, "5000")]), "Milliseconds after which a script lets others be told that the server is busy."),
    row("client-output-buffer-limit", "", Limits, Default::Always("normal 0 0 0 slave 268435456 67108864 60 pubsub 33554432 8388608 60"), "For normal clients, replicas and subscribers: the hard limit, the soft limit, and its seconds."),
    row("client-query-buffer-limit", "", Memory(1 << 20, i64::MAX), Default::Always("1073741824"), "Bytes that a client's query may have."),
    row("cluster-allow-pubsubshard-when-down", "", Bool, Default::Since(&[(V70, "true")]), "Whether channels of shards work while the cluster is down."),
    row("cluster-allow-reads-when-down", "", Bool, Default::Always("false"), "Whether keys can be read while the cluster is down."),
    row("cluster-allow-replica-migration", "", Bool, Default::Always("true"), "Whether replicas move to masters that have none."),
    row("cluster-announce-bus-port", "", Int(0, PORTS), Default::Always("0"), "The port of the cluster's bus that others are told."),
    row("cluster-announce-hostname", "", Host, Default::Since(&[(V70, "")]), "The name that others of the cluster are told."),
    row("cluster-announce-human-nodename", "", HumanName, Default::Since(&[(V82, "")]), "The name of the node for people."),
    row("cluster-announce-ip", "", Text, Default::Always(""), "The address that others of the cluster are told."),
    row("cluster-announce-port", "", Int(0, PORTS), Default::Always("0"), "The port that others of the cluster are told."),
    row("cluster-announce-tls-port", "", Int(0, PORTS), Default::Always("0"), "The TLS port that others of the cluster are told."),
    row("cluster-compatibility-sample-ratio", "", Int(0, 100), Default::Since(&[(V82, "0")]), "Commands in percent that are checked for working in a cluster."),
    row("cluster-config-file", "", Text, Default::Since(&[(V70, "nodes.conf")]), "The file that the cluster's state is kept in."),
    row("cluster-enabled", "", Bool, Default::Always("false"), "Whether the server is a node of a cluster."),
    row("cluster-link-sendbuf-limit", "", Unsigned, Default::Since(&[(V70, "0")]), "Bytes that may wait for another node of the cluster."),
    row("cluster-migration-barrier", "", Int(0, MOST), Default::Always("1"), "Replicas that a master keeps before one moves away."),
    row("cluster-node-timeout", "", Int(0, i64::MAX), Default::Always("15000"), "Milliseconds after which a node counts as down."),
    row("cluster-port", "", Int(0, PORTS), Default::Since(&[(V70, "0")]), "The port of the cluster's bus; 0 is 10000 above the server's."),
    row("cluster-preferred-endpoint-type", "", Enum(&["ip", "hostname", "unknown-endpoint"]), Default::Since(&[(V70, "ip")]), "How clients are told of other nodes."),
    row("cluster-replica-no-failover", "", Bool, Default::Always("false"), "Whether the replica never takes over by itself."),
    row("cluster-replica-validity-factor", "", Int(0, MOST), Default::Always("10"), "How old a replica's data may be for it to take over."),
    row("cluster-require-full-coverage", "", Bool, Default::Always("true"), "Whether the cluster stops when a part of the keys has no node."),
    row("cluster-slave-no-failover", "cluster-replica-no-failover", Bool, Default::Always("false"), "The older name of `cluster-replica-no-failover`."),
    row("cluster-slave-validity-factor", "cluster-replica-validity-factor", Int(0, MOST), Default::Always("10"), "The older name of `cluster-replica-validity-factor`."),
    row("cluster-slot-stats-enabled", "", Bool, Default::Since(&[(V82, "false")]), "Whether statistics of slots are kept."),
    row("crash-log-enabled", "", Bool, Default::Always("true"), "Whether a crash is logged."),
    row("crash-memcheck-enabled", "", Bool, Default::Always("true"), "Whether memory is checked after a crash."),
    row("daemonize", "", Bool, Default::Always("false"), "Whether the server goes to the background."),
    row("databases", "", Int(1, MOST), Default::Always("16"), "How many databases there are."),
    row("dbfilename", "", FileName, Default::Always("dump.rdb"), "The file that snapshots are saved in."),
    row("dir", "", Folder, Default::Absent, "The working directory, to which files are saved."),
    row("disable-thp", "", Bool, Default::Always("true"), "Whether huge pages are turned off for the server."),
    row("dynamic-hz", "", Bool, Default::Always("true"), "Whether background work grows with the number of clients."),
    row("enable-debug-command", "", Enum(&["no", "yes", "local"]), Default::Since(&[(V70, "no")]), "Who may use DEBUG."),
    row("enable-module-command", "", Enum(&["no", "yes", "local"]), Default::Since(&[(V70, "no")]), "Who may use MODULE, which loads code."),
    row("enable-protected-configs", "", Enum(&["no", "yes", "local"]), Default::Since(&[(V70, "no")]), "Who may change where files are written while the server runs."),
    row("gopher-enabled", "", Bool, Default::Since(&[(V60, "false"), (V70, GONE)]), "Whether the Gopher protocol is spoken."),
    row("hash-max-listpack-entries", "", Int(0, i64::MAX), Default::Since(&[(V70, "512")]), "Entries up to which a hash is kept compact."),
    row("hash-max-listpack-value", "", Memory(0, i64::MAX), Default::Since(&[(V70, "64")]), "Bytes up to which values of a hash are kept compact."),
    row("hash-max-ziplist-entries", "hash-max-listpack-entries", Int(0, i64::MAX), Default::Always("512"), "The older name of `hash-max-listpack-entries`."),
    row("hash-max-ziplist-value", "hash-max-listpack-value", Memory(0, i64::MAX), Default::Always("64"), "The older name of `hash-max-listpack-value`."),
    row("hide-user-data-from-log", "", Bool, Default::Since(&[(V82, "false")]), "Whether keys and values are left out of the log."),
    row("hll-sparse-max-bytes", "", Memory(0, i64::MAX), Default::Always("3000"), "Bytes up to which a HyperLogLog is sparse."),
    row("hz", "", Int(0, MOST), Default::Always("10"), "How often a second background work is done."),
    row("ignore-warnings", "", Text, Default::Always(""), "Warnings at start that are passed over."),
    row("io-threads", "", Int(1, 128), Default::Always("1"), "Threads for reading and writing."),
    row("io-threads-do-reads", "", Bool, Default::Since(&[(V60, "false"), (V82, GONE)]), "Whether threads read as well."),
    row("jemalloc-bg-thread", "", Bool, Default::Always("true"), "Whether the allocator has a thread of its own."),
    row("latency-monitor-threshold", "", Int(0, i64::MAX), Default::Always("0"), "Milliseconds from which slow events are recorded; 0 for never."),
    row("latency-tracking", "", Bool, Default::Since(&[(V70, "true")]), "Whether latencies of commands are tracked."),
    row("latency-tracking-info-percentiles", "", Percentiles, Default::Since(&[(V70, "50 99 99.9")]), "Percentiles that INFO tells."),
    row("lazyfree-lazy-eviction", "", Bool, Default::Always("false"), "Whether evicted keys are freed in the background."),
    row("lazyfree-lazy-expire", "", Bool, Default::Always("false"), "Whether expired keys are freed in the background."),
    row("lazyfree-lazy-server-del", "", Bool, Default::Always("false"), "Whether overwritten keys are freed in the background."),
    row("lazyfree-lazy-user-del", "", Bool, Default::Always("false"), "Whether DEL frees in the background."),
    row("lazyfree-lazy-user-flush", "", Bool, Default::Always("false"), "Whether FLUSHALL frees in the background."),
    row("lfu-decay-time", "", Int(0, MOST), Default::Always("1"), "Minutes after which counters of use halve."),
    row("lfu-log-factor", "", Int(0, MOST), Default::Always("10"), "How fast counters of use saturate."),
    row("list-compress-depth", "", Int(0, MOST), Default::Always("0"), "Nodes at the ends of lists that are not compressed."),
    row("list-max-listpack-size", "", Int(-MOST - 1, MOST), Default::Since(&[(V70, "-2")]), "The size of a list's nodes."),
    row("list-max-ziplist-size", "list-max-listpack-size", Int(-MOST - 1, MOST), Default::Always("-2"), "The older name of `list-max-listpack-size`."),
    row("locale-collate", "", Text, Default::Since(&[(V82, "")]), "The locale for comparing texts."),
    row("logfile", "", Text, Default::Always(""), "The file that is logged to; the output if empty."),
    row("loglevel", "", Enum(&["debug", "verbose", "notice", "warning", "nothing"]), Default::Always("notice"), "How much is logged."),
    row("lua-replicate-commands", "", Bool, Default::Since(&[(V60, "true"), (V70, GONE)]), "Whether the effects of scripts are replicated."),
    row("lua-time-limit", "busy-reply-threshold", Int(0, i64::MAX), Default::Always("5000"), "The older name of `busy-reply-threshold`."),
    secret("masterauth", "", Text, Default::Always(""), "The password for the master."),
    row("masteruser", "", Text, Default::Always(""), "The user for the master."),
    row("max-new-connections-per-cycle", "", Int(1, 1000), Default::Since(&[(V82, "10")]), "Connections that are accepted at once."),
    row("max-new-tls-connections-per-cycle", "", Int(1, 1000), Default::Since(&[(V82, "1")]), "TLS connections that are accepted at once."),
    row("maxclients", "", Int(1, UNSIGNED), Default::Always("10000"), "How many clients may be connected."),
    row("maxmemory", "", Unsigned, Default::Always("0"), "Bytes that may be used; 0 for no limit."),
    row("maxmemory-clients", "", Share, Default::Since(&[(V70, "0")]), "Memory that all clients together may use: bytes, or a share of `maxmemory`."),
    row("maxmemory-eviction-tenacity", "", Int(0, 100), Default::Always("10"), "How long eviction may take."),
    row("maxmemory-policy", "", Enum(&["volatile-lru", "volatile-lfu", "volatile-random", "volatile-ttl", "allkeys-lru", "allkeys-lfu", "allkeys-random", "noeviction"]), Default::Always("noeviction"), "What is evicted when memory is used up."),
    row("maxmemory-samples", "", Int(1, MOST), Default::Always("5"), "Keys that are looked at for eviction."),
    row("min-replicas-max-lag", "", Int(0, MOST), Default::Always("10"), "Seconds that a replica may lag to count."),
    row("min-replicas-to-write", "", Int(0, MOST), Default::Always("0"), "Replicas without which nothing is written."),
    row("min-slaves-max-lag", "min-replicas-max-lag", Int(0, MOST), Default::Always("10"), "The older name of `min-replicas-max-lag`."),
    row("min-slaves-to-write", "min-replicas-to-write", Int(0, MOST), Default::Always("0"), "The older name of `min-replicas-to-write`."),
    row("no-appendfsync-on-rewrite", "", Bool, Default::Always("false"), "Whether nothing is synced while a rewrite runs."),
    row("notify-keyspace-events", "", Events, Default::Always(""), "Which events of keys are published."),
    row("oom-score-adj", "", Enum(&["no", "yes", "relative", "absolute"]), Default::Always("no"), "Whether the kernel is told what to kill first."),
    row("oom-score-adj-values", "", Scores, Default::Always("0 200 800"), "What it is told for the master, replicas and children."),
    row("pidfile", "", Text, Default::Always(""), "The file with the process's number."),
    row("port", "", Int(0, PORTS), Default::Always("6379"), "The TCP port; 0 for none."),
    row("proc-title-template", "", Title, Default::Always("{title} {listen-addr} {server-mode}"), "The title of the process."),
    row("propagation-error-behavior", "", Enum(&["ignore", "panic", "panic-on-replicas"]), Default::Since(&[(V70, "ignore")]), "What happens when a replicated command fails."),
    row("protected-mode", "", Bool, Default::Always("true"), "Whether only the machine itself is let in while the default user has no password."),
    row("proto-max-bulk-len", "", Memory(1 << 20, i64::MAX), Default::Always("536870912"), "Bytes that one string of a request may have."),
    row("rdb-del-sync-files", "", Bool, Default::Always("false"), "Whether snapshots for replication are deleted."),
    row("rdb-save-incremental-fsync", "", Bool, Default::Always("true"), "Whether a snapshot is synced as it grows."),
    row("rdbchecksum", "", Bool, Default::Always("true"), "Whether snapshots have checksums."),
    row("rdbcompression", "", Bool, Default::Always("true"), "Whether snapshots are compressed."),
    row("repl-backlog-size", "", Memory(1, i64::MAX), Default::Always("1048576"), "Bytes kept for replicas that come back."),
    row("repl-backlog-ttl", "", Int(0, i64::MAX), Default::Always("3600"), "Seconds after which they are freed."),
    row("repl-disable-tcp-nodelay", "", Bool, Default::Always("false"), "Whether replication waits for full packets."),
    row("repl-diskless-load", "", Enum(&["disabled", "on-empty-db", "swapdb"]), Default::Always("disabled"), "Whether a replica loads without a file."),
    row("repl-diskless-sync", "", Bool, Default::Since(&[(V60, "false"), (V70, "true")]), "Whether a master sends snapshots without a file."),
    row("repl-diskless-sync-delay", "", Int(0, MOST), Default::Always("5"), "Seconds that it waits for more replicas."),
    row("repl-diskless-sync-max-replicas", "", Int(0, MOST), Default::Since(&[(V70, "0")]), "Replicas for which it waits no longer."),
    row("repl-ping-replica-period", "", Int(1, MOST), Default::Always("10"), "Seconds between pings of replicas."),
    row("repl-ping-slave-period", "repl-ping-replica-period", Int(1, MOST), Default::Always("10"), "The older name of `repl-ping-replica-period`."),
    row("repl-timeout", "", Int(1, MOST), Default::Always("60"), "Seconds after which a replication counts as broken."),
    row("replica-announce-ip", "", Text, Default::Always(""), "The address that the master is told."),
    row("replica-announce-port", "", Int(0, PORTS), Default::Always("0"), "The port that the master is told."),
    row("replica-announced", "", Bool, Default::Always("true"), "Whether Sentinel is told of the replica."),
    row("replica-full-sync-buffer-limit", "", Unsigned, Default::Since(&[(V82, "0")]), "Bytes that a replica buffers while it synchronizes."),
    row("replica-ignore-disk-write-errors", "", Bool, Default::Since(&[(V70, "false")]), "Whether a replica goes on when it cannot write."),
    row("replica-ignore-maxmemory", "", Bool, Default::Always("true"), "Whether a replica leaves eviction to its master."),
    row("replica-lazy-flush", "", Bool, Default::Always("false"), "Whether a replica frees its old data in the background."),
    row("replica-priority", "", Int(0, MOST), Default::Always("100"), "The order in which Sentinel promotes; 0 for never."),
    row("replica-read-only", "", Bool, Default::Always("true"), "Whether a replica refuses writes."),
    row("replica-serve-stale-data", "", Bool, Default::Always("true"), "Whether a replica answers without its master."),
    row("replicaof", "", ReplicaOf, Default::Always(""), "The master's host and port."),
    secret("requirepass", "", Text, Default::Always(""), "The password of the default user, unless a `user` line or `aclfile` says otherwise."),
    row("sanitize-dump-payload", "", Enum(&["no", "yes", "clients"]), Default::Always("no"), "Whether serialized values are checked."),
    row("save", "", Save, Default::Always("3600 1 300 100 60 10000"), "Seconds and changes after which a snapshot is saved."),
    row("server-cpulist", "", Text, Default::Since(&[(V82, "")]), "Processors for the server."),
    row("server_cpulist", "server-cpulist", Text, Default::Always(""), "The older name of `server-cpulist`."),
    row("set-max-intset-entries", "", Int(0, i64::MAX), Default::Always("512"), "Entries up to which a set of integers is kept compact."),
    row("set-max-listpack-entries", "", Int(0, i64::MAX), Default::Since(&[(V82, "128")]), "Entries up to which a set is kept compact."),
    row("set-max-listpack-value", "", Int(0, i64::MAX), Default::Since(&[(V82, "64")]), "Bytes up to which values of a set are kept compact."),
    row("set-proc-title", "", Bool, Default::Always("true"), "Whether the process changes its title."),
    row("shutdown-on-sigint", "", Flags(&["default", "save", "nosave", "now", "force"]), Default::Since(&[(V70, "default")]), "How SIGINT shuts down."),
    row("shutdown-on-sigterm", "", Flags(&["default", "save", "nosave", "now", "force"]), Default::Since(&[(V70, "default")]), "How SIGTERM shuts down."),
    row("shutdown-timeout", "", Int(0, MOST), Default::Since(&[(V70, "10")]), "Seconds that a shutdown waits for replicas."),
    row("slave-announce-ip", "replica-announce-ip", Text, Default::Always(""), "The older name of `replica-announce-ip`."),
    row("slave-announce-port", "replica-announce-port", Int(0, PORTS), Default::Always("0"), "The older name of `replica-announce-port`."),
    row("slave-ignore-maxmemory", "replica-ignore-maxmemory", Bool, Default::Always("true"), "The older name of `replica-ignore-maxmemory`."),
    row("slave-lazy-flush", "replica-lazy-flush", Bool, Default::Always("false"), "The older name of `replica-lazy-flush`."),
    row("slave-priority", "replica-priority", Int(0, MOST), Default::Always("100"), "The older name of `replica-priority`."),
    row("slave-read-only", "replica-read-only", Bool, Default::Always("true"), "The older name of `replica-read-only`."),
    row("slave-serve-stale-data", "replica-serve-stale-data", Bool, Default::Always("true"), "The older name of `replica-serve-stale-data`."),
    row("slaveof", "replicaof", ReplicaOf, Default::Always(""), "The older name of `replicaof`."),
    row("slowlog-log-slower-than", "", Int(-1, i64::MAX), Default::Always("10000"), "Microseconds from which a command counts as slow."),
    row("slowlog-max-len", "", Int(0, i64::MAX), Default::Always("128"), "How many slow commands are kept."),
    row("socket-mark-id", "", Int(0, UNSIGNED), Default::Since(&[(V70, "0")]), "The mark of the sockets."),
    row("stop-writes-on-bgsave-error", "", Bool, Default::Always("true"), "Whether writes stop when saving fails."),
    row("stream-node-max-bytes", "", Memory(0, i64::MAX), Default::Always("4096"), "Bytes of a node of a stream."),
    row("stream-node-max-entries", "", Int(0, i64::MAX), Default::Always("100"), "Entries of a node of a stream."),
    row("supervised", "", Enum(&["upstart", "systemd", "auto", "no"]), Default::Always("no"), "What supervises the process."),
    row("syslog-enabled", "", Bool, Default::Always("false"), "Whether syslog is used."),
    row("syslog-facility", "", Enum(&["user", "local0", "local1", "local2", "local3", "local4", "local5", "local6", "local7"]), Default::Always("local0"), "Its facility."),
    row("syslog-ident", "", Text, Default::Always("redis"), "Its identity."),
    row("tcp-backlog", "", Int(0, MOST), Default::Always("511"), "Connections that may wait."),
    row("tcp-keepalive", "", Int(0, MOST), Default::Always("300"), "Seconds between probes of idle connections."),
    row("timeout", "", Int(0, MOST), Default::Always("0"), "Seconds after which an idle client is closed; 0 for never."),
    row("tls-auth-clients", "", Enum(&["no", "yes", "optional"]), Default::Always("yes"), "Whether clients need a certificate."),
    row("tls-ca-cert-dir", "", Text, Default::Always(""), "The folder of certificate authorities."),
    row("tls-ca-cert-file", "", Text, Default::Always(""), "The file of certificate authorities."),
    row("tls-cert-file", "", Text, Default::Always(""), "The server's certificate."),
    row("tls-ciphers", "", Text, Default::Always(""), "Ciphers up to TLS 1.2."),
    row("tls-ciphersuites", "", Text, Default::Always(""), "Ciphers of TLS 1.3."),
    row("tls-client-cert-file", "", Text, Default::Always(""), "The certificate for connections to others."),
    row("tls-client-key-file", "", Text, Default::Always(""), "Its key."),
    secret("tls-client-key-file-pass", "", Text, Default::Always(""), "The passphrase of that key."),
    row("tls-cluster", "", Bool, Default::Always("false"), "Whether the cluster's bus is encrypted."),
    row("tls-dh-params-file", "", Text, Default::Always(""), "Parameters of Diffie-Hellman."),
    row("tls-key-file", "", Text, Default::Always(""), "The server's key."),
    secret("tls-key-file-pass", "", Text, Default::Always(""), "The passphrase of the server's key."),
    row("tls-port", "", Int(0, PORTS), Default::Always("0"), "The TLS port; 0 for none."),
    row("tls-prefer-server-ciphers", "", Bool, Default::Always("false"), "Whether the server chooses the cipher."),
    row("tls-protocols", "", Text, Default::Always(""), "Versions of TLS; all from 1.2 if empty."),
    row("tls-replication", "", Bool, Default::Always("false"), "Whether the connection to the master is encrypted."),
    row("tls-session-cache-size", "", Int(0, MOST), Default::Always("20480"), "Sessions that are kept."),
    row("tls-session-cache-timeout", "", Int(0, MOST), Default::Always("300"), "Seconds that they are kept."),
    row("tls-session-caching", "", Bool, Default::Always("true"), "Whether sessions are kept."),
    row("tracking-table-max-keys", "", Int(0, i64::MAX), Default::Always("1000000"), "Keys that are tracked for caches of clients."),
    row("unixsocket", "", Text, Default::Always(""), "The socket on the machine; none if empty."),
    row("unixsocketperm", "", Octal, Default::Always("0"), "Its permissions; 0 leaves them to the umask."),
    row("vset-force-single-threaded-execution", "", Bool, Default::Since(&[(V82, "false")]), "Whether vector sets use one thread."),
    row("zset-max-listpack-entries", "", Int(0, i64::MAX), Default::Since(&[(V70, "128")]), "Entries up to which a sorted set is kept compact."),
    row("zset-max-listpack-value", "", Memory(0, i64::MAX), Default::Since(&[(V70, "64")]), "Bytes up to which its values are kept compact."),
    row("zset-max-ziplist-entries", "zset-max-listpack-entries", Int(0, i64::MAX), Default::Always("128"), "The older name of `zset-max-listpack-entries`."),
    row("zset-max-ziplist-value", "zset-max-listpack-value", Memory(0, i64::MAX), Default::Always("64"), "The older name of `zset-max-listpack-value`."),
];
