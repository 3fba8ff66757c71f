//! The commands of redis, their subcommands and categories: what `rename-command` and rules of access can name.
//!
//! They are those that 6.2.14, 7.0.15 and 8.2.3 list; commands of modules are not among them.

use super::directives::{V60, V70, V82};
use crate::version::Version;

const ALWAYS: &str = "\
    acl append asking auth bgrewriteaof bgsave bitcount bitfield bitfield_ro bitop bitpos blmove blpop brpop \
    brpoplpush bzpopmax bzpopmin client cluster command config copy dbsize debug decr decrby del discard dump echo \
    eval evalsha exec exists expire expireat failover flushall flushdb geoadd geodist geohash geopos georadius \
    georadius_ro georadiusbymember georadiusbymember_ro geosearch geosearchstore get getbit getdel getex getrange \
    getset hdel hello hexists hget hgetall hincrby hincrbyfloat hkeys hlen hmget hmset hrandfield hscan hset \
    hsetnx hstrlen hvals incr incrby incrbyfloat info keys lastsave latency lindex linsert llen lmove lolwut lpop \
    lpos lpush lpushx lrange lrem lset ltrim memory mget migrate module monitor move mset msetnx multi object \
    persist pexpire pexpireat pfadd pfcount pfdebug pfmerge pfselftest ping psetex psubscribe psync pttl publish \
    pubsub punsubscribe randomkey readonly readwrite rename renamenx replconf replicaof reset restore restore- \
    asking role rpop rpoplpush rpush rpushx sadd save scan scard script sdiff sdiffstore select set setbit setex \
    setnx setrange shutdown sinter sinterstore sismember slaveof slowlog smembers smismember smove sort spop \
    srandmember srem sscan strlen subscribe substr sunion sunionstore swapdb sync time touch ttl type unlink \
    unsubscribe unwatch wait watch xack xadd xautoclaim xclaim xdel xgroup xinfo xlen xpending xrange xread \
    xreadgroup xrevrange xsetid xtrim zadd zcard zcount zdiff zdiffstore zincrby zinter zinterstore zlexcount \
    zmscore zpopmax zpopmin zrandmember zrange zrangebylex zrangebyscore zrangestore zrank zrem zremrangebylex \
    zremrangebyrank zremrangebyscore zrevrange zrevrangebylex zrevrangebyscore zrevrank zscan zscore zunion \
    zunionstore";

const SINCE_7: &str = "\
    blmpop bzmpop eval_ro evalsha_ro expiretime fcall fcall_ro function lcs lmpop pexpiretime quit sintercard \
    sort_ro spublish ssubscribe sunsubscribe zintercard zmpop";

const SINCE_8: &str = "\
    hexpire hexpireat hexpiretime hgetdel hgetex hpersist hpexpire hpexpireat hpexpiretime hpttl hsetex httl vadd \
    vcard vdim vemb vgetattr vinfo vismember vlinks vrandmember vrem vsetattr vsim waitaof xackdel xdelex";

const SUBCOMMANDS: &[(&str, &str)] = &[
    ("acl", "cat deluser dryrun genpass getuser help list load log save setuser users whoami"),
    (
        "client",
        "caching getname getredir help id info kill list no-evict no-touch pause reply setinfo setname tracking trackinginfo unblock unpause",
    ),
    (
        "cluster",
        "addslots addslotsrange bumpepoch count-failure-reports countkeysinslot delslots delslotsrange failover flushslots forget getkeysinslot help info keyslot links meet myid myshardid nodes replicas replicate reset saveconfig set-config-epoch setslot shards slaves slot-stats slots",
    ),
    ("command", "count docs getkeys getkeysandflags help info list"),
    ("config", "get help resetstat rewrite set"),
    ("function", "delete dump flush help kill list load restore stats"),
    ("latency", "doctor graph help histogram history latest reset"),
    ("memory", "doctor help malloc-stats purge stats usage"),
    ("module", "help list load loadex unload"),
    ("object", "encoding freq help idletime refcount"),
    ("pubsub", "channels help numpat numsub shardchannels shardnumsub"),
    ("script", "debug exists flush help kill load"),
    ("slowlog", "get help len reset"),
    ("xgroup", "create createconsumer delconsumer destroy help setid"),
    ("xinfo", "consumers groups help stream"),
];

const CATEGORIES: &str = "admin bitmap blocking connection dangerous fast geo hash hyperloglog keyspace list pubsub read \
                          scripting set slow sortedset stream string transaction write all";

/// Whether a version has the command, in lower case.
pub(super) fn known(name: &str, version: Version) -> bool {
    let lists = [(ALWAYS, V60), (SINCE_7, V70), (SINCE_8, V82)];
    let until_7 = name == "stralgo" && version < V70;
    until_7 || lists.iter().any(|(list, since)| *since <= version && list.split_ascii_whitespace().any(|it| it == name))
}

/// Whether a command has the subcommand, both in lower case; nothing where the command has none at all.
pub(super) fn subcommand(command: &str, name: &str) -> Option<bool> {
    let (_, list) = SUBCOMMANDS.iter().find(|(known, _)| *known == command)?;
    Some(list.split_ascii_whitespace().any(|it| it == name))
}

/// Whether there is such a category of commands.
pub(super) fn category(name: &str) -> bool {
    CATEGORIES.split_ascii_whitespace().any(|known| known.eq_ignore_ascii_case(name))
}
