//! The keys of a service with values for each, as they stand in a flow collection. What is plain stands first.

/// How a key's values are put together.
#[derive(Clone, Copy, Debug)]
pub(super) enum Shape {
    /// One of them.
    One,
    /// A list of them.
    List,
    /// One of them, or a list.
    OneOrList,
    /// A map of them, each with its key.
    Map,
    /// `NAME=VALUE`, as a map or as a list.
    Pairs,
}

use Shape::{List, Map, One, OneOrList, Pairs};

const YES_NO: &[&str] = &["true", "false", "yes", "on", "'true'", "no", "off", "n", "Y", "1", "0", "\"${YES}\"", "\"${NO-no}\"", "maybe", "''", "~", "[]", "'1'", "t", "True", "TRUE", "1.0"];
const NAMES: &[&str] = &["xy", "host", "\"${A}\"", "'a b'", "''", "5", "~", "1.5", "true", "x-y_z.w", "\"$$x\"", "'${MISS}'"];
const NUMBERS: &[&str] = &["5", "'7'", "10", "0", "-1", "1.5", "'2.50'", "\"${N}\"", "x", "''", "~", "1e3", "0x10", "012", "1_000", "5.0", "9223372036854775807", ".5", "+3", "'+3'", "' 3'", "true", "[]", "50000"];
const SIZES: &[&str] = &["64m", "1g", "512", "'1024'", "2G", "1.5g", "100kb", "1k", "10MiB", "1tb", "5 m", "m", "''", "-1", "0", "1e6", "\"${MEM:-32m}\"", "64x", "1p", "0.5m", "1_000", "1.0", "'0x10'", "7b", "1 gb", ".5g", "~", "300 B", "1mib"];
const TIMES: &[&str] = &["10s", "1m30s", "2m", "90s", "1h", "500ms", "1d", "1w", "1h1m1s1ms", "1.5s", "0", "0s", "'10'", "10", "x", "''", "-5s", "1us", "1µs", "1ns", "100us", "1500ms", "36h", "1h30", "~", "1s1s", "\"${T:-5s}\"", "+3s", ".5m", "1ms1us", "1.000s", " 1s"];
const PAIRS: &[&str] = &["A=1", "B=two", "C=", "D=a b", "A=over", "B", "E=$A", "F=${MISS:-d}", "G='q'", "H=a=b", "PASSED", "EMPTY", "X.Y=1", "=x", "I=${A}-${B-x}", "J=$$x", "K=true", "L=1.50", "M=012", "N=~", "O=0x1F", "P=1_000", "Q=1e3", "R=yes", "S=null", "T=-5", "$A=x", "U=.5", "W=a#b", "MISS"];

/// Of a service.
pub(super) const SERVICE: &[(&str, Shape, &[&str])] = &[
    ("image", One, &["x", "x:1", "reg.example:5000/x/y:2.0", "\"${IMG}\"", "\"x:${TAG:-latest}\"", "'x@sha256:0123456789012345678901234567890123456789012345678901234567890123'", "\"${MISS:?no}\"", "''", "5", "~", "x:${TAG}"]),
    ("environment", Pairs, PAIRS),
    ("ports", List, &["'80:80'", "\"8080:80\"", "'127.0.0.1:5432:5432'", "{target: 80, published: '8080'}", "'443'", "80", "22:22", "'53:53/udp'", "'3000-3002:3000-3002'", "'80:80'", "'[::1]:53:53'", "'::1:53:53'", "'10.0.0.1::90'", "'8000-8002:80'", "'8000-8001'", "{target: 80, published: '8080', host_ip: 127.0.0.1, protocol: udp, mode: host, name: web, app_protocol: http}", "{target: '81'}", "{target: 80, published: 8000-8010}", "\"${P}:80\"", "\"${P:-80}:${P:-80}\"", "'80:80/sctp'", "'80:80/TCP'", "':80'", "'80:'", "''", "'80:80:80'", "'x:80'", "'80-82:80'", "'80-81:80-82'", "'65536:1'", "'0:80'", "'localhost:80:80'", "'256.0.0.1:80:80'", "'1.2.3:80:80'", "'[::]:80:80'", "'0.0.0.0:80:80'", "{published: 80}", "{target: 0}", "{target: x}", "80.5", "'80/x'", "'80:80/'", "'*:80:80'", "~", "{}", "80:80", "'\"80\"'", "' 80:80'", "'80:80 '", "'008:80'", "'82-80:82-80'", "{target: 80, mode: x}", "'127.0.0.1:80'", "'a.b.c.d:1:1'", "'127.0.0.1:1-3:1-3/udp'", "'1:2:3:4'", "'[::1]:80'", "{target: 80, published: '80', x-a: 1}", "true", "'-1:80'"]),
    ("volumes", List, &["'./d:/d'", "vol:/v", "/anon", "'./d:/d:ro'", "{type: bind, source: ./s, target: /t}", "{type: volume, source: vol, target: /u, read_only: true, volume: {nocopy: true}}", "'/abs:/d'", "'~/h:/h'", "'../up:/up'", "'vol:/v:ro,nocopy'", "'.:/app'", "'/:/host:ro'", "'/var/run/docker.sock:/var/run/docker.sock'", "{type: tmpfs, target: /tmp, tmpfs: {size: 100m, mode: 1777}}", "'./d:/d:rw,z'", "'./d:/d:Z'", "'./d:/d:rshared'", "'www:/w'", "'./d/:/d/'", "'./d:/d/'", "'nope:/n'", "'./d:d'", "d:/d:x", "'a:b:c:d'", "''", "'::'", "':/x'", "'C:\\x:/x'", "'c:/x'", "{type: volume, target: /q}", "{type: bind, source: '~/b', target: /b, bind: {create_host_path: false, propagation: rslave, selinux: z}}", "{type: npipe, source: x, target: y}", "{type: x, target: /t}", "{source: vol, target: /t}", "\"${DIR}:/d\"", "\"${DIR:-./d}:/d\"", "\"vol:/v:${MODE:-ro}\"", "'./a/../b:/b'", "'./a//b:/b'", "'vol:/v//', 'v:/v'", "'vol:/v:delegated'", "'vol:/v:cached,ro'", "'vol:/v:volume-nocopy'", "{type: image, source: x, target: /i, image: {subpath: a}}", "{type: volume, source: vol, target: /v, volume: {subpath: a, labels: {l: 1}}}", "{type: cluster, source: vol, target: /c}", "{type: bind, source: ./s, target: /t, read_only: 'true', consistency: cached}", "{type: bind, target: /t}", "5", "~", "'/a:/a:rprivate,ro'", "'./$A:/d'", "'./ü:/ü'", "{type: tmpfs, target: /tmp2, tmpfs: {size: 1024}}", "'v:'", "'v:.'", "'./x y:/x y'", "'~:/home'", "'~x:/home'", "'.hidden:/h'", "'..:/p'", "'.../x:/p'", "'\\\\x:/d'", "'D:/x:/d:ro'", "{type: bind, source: ./s/, target: /t/, bind: {}}", "{type: bind, source: ../x, target: /t, bind: {recursive: disabled}}", "'./d:/d:ro:x'"]),
    ("command", OneOrList, &["run", "'run --x y'", "['a', \"b c\"]", "\"a 'b c' d\"", "'a \"b c\" d'", "'sh -c \"echo $$HOME\"'", "\"echo ${A} $MISS\"", "''", "~", "'a \\\\ b'", "\"'open\"", "'a  b'", "\"a\\tb\\nc\"", "5", "'a \"\" b'", "'a\\ b'", "'$(id) `x` | y && z'", "'\"a\"b''c''d'", "'x # y'", "'a \"\\$x\\\"y\" z'", "'\"\\n\"'", "'a;b'", "'>x <y'", "'(a)'", "'a \\'", "'  '", "'a ü'"]),
    ("entrypoint", OneOrList, &["/run", "'/run --x'", "[]", "''", "~", "\"sh -c 'x y'\"", "\"'\"", "\"${A}\"", "5"]),
    ("depends_on", List, &["c", "b", "a", "d", "nope", "5", "''"]),
    ("depends_on", Map, &["c: {condition: service_started}", "c: {condition: service_healthy, restart: true}", "c: {condition: service_completed_successfully, required: false}", "b: {condition: service_healthy}", "b: {}", "b: ~", "nope: {condition: service_started, required: false}", "b: {condition: x}", "nope: {condition: service_started}", "c: {condition: service_started, required: 'false'}", "b: {condition: service_started, restart: 'yes'}"]),
    ("env_file", OneOrList, &["a.env", "./sub/b.env", "{path: a.env}", "{path: none.env, required: false}", "none.env", "{path: sub/b.env, format: raw}", "{path: a.env, required: 'no'}", "{path: a.env, format: x}", "{required: true}", "\"${MISS:-a.env}\"", "../project/a.env", "''", "5", "~", "{path: none.env, required: no}", "sub/../a.env", "{path: a.env, required: true}"]),
    ("networks", List, &["n", "default", "m", "nope", "n", "''"]),
    ("networks", Map, &["n: ", "n: {aliases: [x, y]}", "default: {}", "m: {ipv4_address: 10.0.0.2, priority: 100}", "n: {aliases: x}", "nope: ", "n: {driver_opts: {a: 1, b: x}, mac_address: 'a:b'}", "m: {gw_priority: 1, interface_name: eth0, link_local_ips: [1.1.1.1], ipv6_address: '::1'}", "n: {priority: '5'}", "n: {x-a: 1}"]),
    ("network_mode", One, &["host", "bridge", "none", "'service:b'", "'service:nope'", "'container:x'", "''", "~", "\"${NET:-host}\"", "x", "'service:'", "'service:a'"]),
    ("build", One, &[".", "./b", "{context: .}", "{target: t}", "{args: {B: 1}}", "{context: b, dockerfile: D}", "{context: 'https://example.com/x.git#main'}", "git@example.com:x/y.git", "{dockerfile_inline: FROM x}", "{context: ., args: {A: 1, PASSED: , B: yes}}", "{context: ., args: [A=1, PASSED, MISS]}", "{context: ., labels: [a=1], target: t, cache_from: [x], network: host, shm_size: 1m, extra_hosts: ['h:1.2.3.4'], tags: [a], platforms: [linux/amd64], no_cache: yes, pull: true}", "{context: ., secrets: [s], ssh: [default]}", "{context: ., additional_contexts: {a: ./x, b: 'https://x', c: 'docker-image://x', d: 'service:b'}}", "{context: ., dockerfile: /abs/D}", "{context: ../up, dockerfile: ./D}", "{context: \"${MISS}\"}", "''", "~", "{}", "{context: ., foo: 1}", "../x", "/abs", "~/x", "{context: ., privileged: true, isolation: x, entitlements: [a], cache_to: [b], provenance: true, sbom: 'false'}", "{context: ., ulimits: {nofile: 5}}", "{context: ., dockerfile: ''}", "{context: ., args: {}}", "\"${DIR:-.}\"", "ssh://x@y/z", "x.git", "github.com/x/y", "{context: ., secrets: [{source: s, target: t, uid: '1', mode: 0440}]}", "{target: t}", "'git://x/y'", "{context: ., dockerfile: D, dockerfile_inline: FROM x}", "{context: ., provenance: mode=max}", "{context: ., additional_contexts: [a=./x, b=c]}", "{context: ., shm_size: '1g'}", "'.//b/'", "[]", "5", "{context: ., labels: {a: , b: 1.5}}", "{context: ., extra_hosts: {h: 1.1.1.1}}"]),
    ("privileged", One, YES_NO),
    ("read_only", One, YES_NO),
    ("init", One, YES_NO),
    ("tty", One, YES_NO),
    ("stdin_open", One, YES_NO),
    ("oom_kill_disable", One, YES_NO),
    ("attach", One, YES_NO),
    ("use_api_socket", One, &["true", "false", "'true'", "yes"]),
    ("cap_add", List, &["KILL", "CHOWN", "NET_ADMIN", "ALL", "KILL", "\"${CAP:-KILL}\"", "''", "5", "~"]),
    ("cap_drop", List, &["ALL", "CHOWN", "KILL", "all", "5"]),
    ("security_opt", List, &["'no-new-privileges:true'", "seccomp=unconfined", "apparmor=x", "no-new-privileges", "label:disable", "seccomp:./p.json", "5"]),
    ("labels", Pairs, PAIRS),
    ("annotations", Pairs, PAIRS),
    ("sysctls", Pairs, &["net.core.somaxconn=1024", "net.ipv4.tcp_syncookies=0", "a=", "b", "c=yes"]),
    ("user", One, &["root", "'0'", "1000:1000", "'1000:1000'", "\"${U:-app}\"", "0", "~", "''", "nobody", "1000", "\"${U}:${U}\""]),
    ("restart", One, &["always", "unless-stopped", "'no'", "no", "on-failure:5", "x", "~", "false", "\"${R:-always}\"", "''"]),
    ("hostname", One, NAMES),
    ("container_name", One, NAMES),
    ("domainname", One, NAMES),
    ("working_dir", One, &["/w", "/w/", "w", "./w", "\"${A}\"", "''", "~", "5", "/w/../x"]),
    ("pid", One, &["host", "'service:b'", "'container:x'", "''", "x"]),
    ("ipc", One, &["host", "shareable", "'service:b'", "private", "~", "'service:nope'"]),
    ("uts", One, &["host", "''", "x", "'service:b'"]),
    ("cgroup", One, &["host", "private", "x", "~"]),
    ("cgroup_parent", One, NAMES),
    ("userns_mode", One, &["host", "x", "''"]),
    ("runtime", One, NAMES),
    ("isolation", One, NAMES),
    ("platform", One, &["linux/amd64", "x", "''"]),
    ("pull_policy", One, &["always", "missing", "never", "build", "if_not_present", "daily", "weekly", "every_12h", "x", "''"]),
    ("stop_signal", One, &["SIGTERM", "'9'", "9", "~"]),
    ("stop_grace_period", One, TIMES),
    ("shm_size", One, SIZES),
    ("mem_limit", One, SIZES),
    ("memswap_limit", One, SIZES),
    ("mem_reservation", One, SIZES),
    ("mem_swappiness", One, NUMBERS),
    ("cpus", One, NUMBERS),
    ("cpu_shares", One, NUMBERS),
    ("cpu_quota", One, NUMBERS),
    ("cpu_period", One, NUMBERS),
    ("cpu_count", One, NUMBERS),
    ("cpu_percent", One, NUMBERS),
    ("cpu_rt_runtime", One, &["5", "'5'", "'400ms'", "1.5", "x"]),
    ("cpu_rt_period", One, &["5", "'5'", "'1400us'", "x"]),
    ("cpuset", One, &["'0-1'", "'0,1'", "0", "''"]),
    ("pids_limit", One, NUMBERS),
    ("oom_score_adj", One, NUMBERS),
    ("scale", One, &["2", "'3'", "1", "0", "\"${N}\"", "x", "-1", "1.5"]),
    ("tmpfs", OneOrList, &["/t", "/t:size=64m", "/run", "''", "5", "~", "\"${A}\""]),
    ("dns", OneOrList, &["1.1.1.1", "8.8.8.8", "1.1.1.1", "x", "''", "5"]),
    ("dns_search", OneOrList, &["example.com", "a.b", "."]),
    ("dns_opt", List, &["use-vc", "ndots:1", "use-vc"]),
    ("expose", List, &["'80'", "81", "'3000-3005'", "'80/udp'", "80", "x", "''", "1.5", "'80'"]),
    ("extra_hosts", List, &["'h:1.2.3.4'", "'g=::1'", "'h:[::1]'", "host.docker.internal:host-gateway", "'x'", "'h=1.2.3.4'", "'h:::1'", "''", "'h:'", "'=1'", "'h=a=b'", "'h: 1.1.1.1'", "5"]),
    ("extra_hosts", Map, &["h: 1.2.3.4", "g: [1.1.1.1, '::1']", "host.docker.internal: host-gateway", "h: '[::1]'", "h: ~", "h: 5", "g: []", "i: ''"]),
    ("links", List, &["b", "'b:alias'", "c", "'b:b'", "nope", "''"]),
    ("external_links", List, &["x", "'x:y'"]),
    ("volumes_from", List, &["b", "'c:ro'", "'container:x'", "b:rw", "nope", "''", "'container:x:ro'"]),
    ("devices", List, &["/dev/a", "'/dev/a:/dev/b'", "'/dev/a:/dev/b:r'", "{source: /dev/a, target: /dev/c, permissions: rw}", "{source: vendor.com/class=device}", "vendor.com/class=device", "'/dev/a:/dev/b:rwm:x'", "''", "{target: /x}", "'/dev/a:rw'", "{source: /dev/a}", "5", "\"${DEV:-/dev/a}\"", "'/dev/a::r'", "'a:b'"]),
    ("device_cgroup_rules", List, &["'c 1:3 mr'", "'a *:* rwm'", "x"]),
    ("group_add", List, &["'1'", "2", "mail", "1", "1.5"]),
    ("profiles", List, &["on", "dev", "off", "\"${A}\"", "''", "'*'", "5", "x y", "-a"]),
    ("healthcheck", Map, &["test: curl x", "test: [CMD, 'true']", "interval: 10s", "timeout: 1m30s", "retries: 3", "disable: true", "test: [NONE]", "start_period: 90s", "start_interval: 5s", "test: [CMD-SHELL, 'a || b']", "test: ''", "test: []", "test: [x]", "retries: '3'", "interval: 5", "interval: ''", "disable: false", "retries: 1.5", "test: ~", "disable: 'yes'", "test: NONE", "interval: 1.5s", "x-a: 1", "retries: -1", "test: [CMD]", "timeout: 1w", "test: [NONE, x]", "test: [CMD-SHELL]", "retries: 0"]),
    ("logging", Map, &["driver: json-file", "driver: syslog", "options: {max-size: 10m, max-file: 3}", "options: {a: 1.5, b: }", "driver: none", "options: {}", "driver: ~", "driver: \"${LOG}\"", "options: {a: true}", "options: [a=1]"]),
    ("ulimits", Map, &["nofile: 1024", "nproc: {soft: 1, hard: 2}", "core: '0'", "nofile: {soft: 5}", "x: -1", "nofile: \"${N}\"", "nofile: {soft: '1', hard: '2'}", "NoFile: 1", "nofile: x", "nofile: {soft: 2, hard: 2}", "n_1: 2"]),
    ("deploy", Map, &["replicas: 2", "resources: {limits: {cpus: '0.5', memory: 50M}}", "mode: global", "labels: {a: 1}", "labels: [a=1, b]", "restart_policy: {condition: on-failure, delay: 5s, max_attempts: 3, window: 2m}", "update_config: {parallelism: 2, delay: 10s, order: start-first, failure_action: pause, monitor: 1m, max_failure_ratio: 0.1}", "rollback_config: {parallelism: 0, delay: 1h}", "placement: {constraints: [node.role==manager], max_replicas_per_node: 1, preferences: [{spread: x}]}", "endpoint_mode: vip", "resources: {reservations: {memory: 1g, devices: [{capabilities: [gpu], count: all, driver: nvidia}]}}", "replicas: '3'", "resources: {limits: {pids: 5, cpus: 1, memory: 1.5g}}", "replicas: \"${N}\"", "resources: {reservations: {devices: [{capabilities: [gpu], count: 1, device_ids: ['0'], options: {a: 1}}]}}", "resources: {limits: {memory: 50}}", "resources: {reservations: {devices: [{driver: x}]}}", "resources: {reservations: {generic_resources: [{discrete_resource_spec: {kind: x, value: 2}}]}}", "replicas: 0", "resources: {limits: {cpus: 0.50}}", "resources: {limits: {cpus: x}}", "resources: {limits: {pids: '5'}}", "mode: x", "update_config: {order: x}", "resources: {}", "placement: {}", "x-a: 1", "resources: {reservations: {devices: [{capabilities: [gpu], count: '2'}]}}", "resources: {reservations: {devices: [{capabilities: [gpu], count: x}]}}", "update_config: {parallelism: '2', max_failure_ratio: '0.5'}"]),
    ("secrets", List, &["s", "{source: s, target: t}", "{source: s, uid: '1', gid: '1', mode: 0440}", "e", "{source: s, mode: '0440'}", "nope", "{source: s, target: /abs}", "{target: t}", "{}", "{source: s, mode: 288}", "{source: s, mode: 0o440}", "5", "s"]),
    ("configs", List, &["c", "{source: c, target: /c}", "c", "nope", "{source: c, mode: 0444, uid: '0'}", "{source: c, target: rel}"]),
    ("storage_opt", Map, &["size: 1G", "a: b"]),
    ("blkio_config", Map, &["weight: 300", "weight_device: [{path: /dev/a, weight: 400}]", "device_read_bps: [{path: /dev/a, rate: 12mb}]", "device_write_iops: [{path: /dev/a, rate: 120}]", "device_read_iops: [{path: /dev/a, rate: '120'}]", "weight: '5'", "x: 1"]),
    ("credential_spec", Map, &["file: x.json", "registry: y", "config: c"]),
    ("develop", Map, &["watch: [{path: ./src, action: sync, target: /src}]", "watch: [{path: ., action: rebuild, ignore: [a/]}]", "watch: [{path: x}]", "watch: [{path: ./x, action: sync+exec, target: /x, exec: {command: a b}}]", "watch: [{path: /abs, action: restart, include: x, initial_sync: true}]", "watch: []"]),
    ("gpus", One, &["all", "[{count: 1}]", "[{driver: x, device_ids: [a]}]", "[{capabilities: [gpu], count: all}]", "1", "[]", "[{}]", "[{count: '2'}]"]),
    ("label_file", OneOrList, &["a.env", "sub/b.env", "none.env", "''"]),
    ("post_start", List, &["{command: a b, user: root, privileged: true}", "{command: [x], environment: [A=1, B], working_dir: /w}", "{user: x}", "{command: a, environment: {A: 1}}"]),
    ("pre_stop", List, &["{command: a b}", "{command: ~}", "{command: [x, y], privileged: 'yes'}"]),
    ("models", List, &["llm", "nope"]),
    ("models", Map, &["llm: ", "llm: {endpoint_var: X, model_var: Y}"]),
    ("provider", Map, &["type: x", "type: y", "options: {a: 1, b: [x, y], c: true}", "type: ~"]),
    ("mac_address", One, &["'02:42:ac:11:65:43'", "x", "02:42:ac:11:65:43"]),
    ("extends", One, &["b", "{service: b}", "{file: other.yaml, service: far}", "{file: sub/other.yaml, service: deep}", "c", "{file: compose.yaml, service: b}", "{service: nope}", "nope", "{file: none.yaml, service: x}", "{file: other.yaml}", "{file: \"${MISS:-other.yaml}\", service: far}", "a", "~", "''", "5", "{file: ./other.yaml, service: near}"]),
    ("x-extra", One, &["1", "{a: \"${A}\"}", "[a, b]", "~", "\"$A\"", "{a: 1.0, b: 012, c: [], d: {}, e: , f: false}"]),
    ("domain", One, &["x"]),
    ("Image", One, &["x"]),
    ("<<", One, &["*base", "[*base, *more]", "*env", "{privileged: true}", "~", "x", "[]"]),
];

/// The keys that most services have.
pub(super) const COMMON: [&str; 12] =
    ["environment", "ports", "volumes", "command", "depends_on", "env_file", "networks", "build", "labels", "healthcheck", "extends", "deploy"];

/// Further sections of a file.
pub(super) const SECTIONS: &[&str] = &[
    "volumes: {vol: , www: {driver: local}}",
    "networks: {n: {internal: true}, m: {ipam: {config: [{subnet: 10.0.0.0/24}]}}}",
    "networks: {n: {ipam: {config: [{subnet: 10.1.0.0/24}, {subnet: 10.0.0.0/24, gateway: 10.0.0.1}]}}, m: {ipam: {config: [{subnet: 10.2.0.0/24}]}}}",
    "name: shop",
    "version: '3.8'",
    "volumes: {vol: {external: true}, www: {name: own, labels: [a=1]}}",
    "networks: {n: {external: true, name: real}, m: , default: {driver: bridge, driver_opts: {a: 1}}}",
    "volumes: {vol: {name: \"${A}\"}, www: {external: {name: old}}}",
    "networks: {n: {attachable: yes, enable_ipv6: true, labels: {a: 1}}, m: {driver: overlay, ipam: {driver: x, options: {a: b}}}}",
    "name: \"${A:-proj}\"",
    "name: Shop",
    "name: ''",
    "version: 3",
    "x-any: {a: [1, \"${A}\", 1.0, ~, yes], b: \"$MISS\"}",
    "volumes: {vol: {driver_opts: {type: nfs, o: 'addr=1', n: 5, f: 1.50}}, www: }",
    "secrets: {t: {environment: A, name: q}}",
    "volumes: {www: ~}",
    "networks: {default: {external: true}}",
    "networks: {default: {name: x}}",
    "volumes: {}",
    "networks: ~",
    "name: 5",
    "name: 1abc",
    "foo: 1",
    "volumes: [vol]",
    "networks: {n: {foo: 1}}",
    "volumes: {'a b': }",
    "models: {llm: {model: x, context_size: 1024, runtime_flags: [a]}}",
    "volumes: {vol: {external: 'true'}, www: {external: false}}",
    "networks: {n: {internal: 'no'}, m: {enable_ipv4: false}}",
];

/// What declares what the services refer to.
pub(super) const DECLARED: &str = "secrets:
  s: {file: ./s.txt}
  e: {external: true}
configs:
  c: {content: hello}
models:
  llm: {model: x}
";

pub(super) const SECRETS: &[&str] = &[
    DECLARED,
    "secrets: {s: {environment: A}, e: {external: true, name: far}}\nconfigs: {c: {file: ./c}}\n",
    "secrets: {s: {file: ~/s}, e: {file: /abs/s, labels: {a: 1}}}\nconfigs: {c: {environment: A}}\n",
    "secrets: {s: {driver: x, driver_opts: {a: 1}, template_driver: y}, e: {external: {name: z}}}\nconfigs: {c: {external: true}}\n",
    "secrets: {s: {file: \"${A}\"}, e: {content: x}}\nconfigs: {c: {content: \"${A} $$x\"}}\n",
    "secrets: {s: {}, e: }\nconfigs: {c: {}}\n",
    "secrets: {s: {file: a, environment: B}, e: {external: true}}\nconfigs: {c: {content: x, file: y}}\n",
    "secrets: {s: {external: yes}, e: {external: 'true'}}\nconfigs: {c: {content: 5}}\n",
];

/// Texts that may stand wherever a text may.
pub(super) const TEXTS: &[&str] = &[
    "plain", "\"${A}\"", "$A", "${B:-d}", "\"${B:-${A}}\"", "'${EMPTY-d}${EMPTY:-e}'", "${A:+y}", "${EMPTY:+y}n", "${EMPTY+y}", "\"${MISS}\"", "$$A", "\"a$\"", "$1", "\"${}\"", "\"${A\"", "\"${A:-}\"", "\"${MISS:-a b}\"", "\"${MISS:-{}}\"", "'${MISS:-$$}'", "\"${A!}\"", "\"$ {A}\"", "\"${ A }\"", "\"${A:?e}\"", "\"${MISS?e}\"", "\"${MISS:-${MISS2:-${A}}}\"",
    "\"$A$B${A}\"", "\"$A_B\"", "\"${A}_B\"", "\"$a\"", "'${A:-\"q\"}'", "\"$${A}\"", "\"$$$A\"", "\"${1A}\"", "\"${A.B}\"", "\"${A-b}\"", "\"${MISS:+${A}}x\"", "\"${A:+${B}}x\"", "\"${MISS-:}\"", "\"${MISS:-:-}\"", "\"${MISS:--}\"", "\"${A:=d}\"", "\"\\u0041\\x42\\n\"", "\"a\\\n        b\"", "'it''s'", "\"tab\\there\"", "a: b", "- a", "\"\"", "'#'", "a #c", "a#c", "\"é\"", "\"\\U0001F600\"", "!!str 5", "&anchor x", "! x", "!foo x", "\"${LIST}\"", "'[a'", "@x", "`x`", "%x", "?x", "? x", ":x", "-x", "|x", "\"${MISS:-'q'}\"", "\"${MISS:-$}\"", "'${MISS:-}}'", "'${MISS:-a}b}'", "\"${MISS:-\\\"}\"", "'$${MISS:-x}'", "'${A}${'", "'$'",
];

pub(super) const DOTENV: &[&str] = &["A=1", "A=app", "B=two", "EMPTY=", "PASSED=p", "N=3", "YES=yes", "IMG=img:1", "COMPOSE_PROFILES=on", "TAG=2", "P=8080", "DIR=./data", "COMPOSE_PROFILES=on,dev", "COMPOSE_PROJECT_NAME=named", "DIR=data", "A=a$$b", "B=${A}x", "LOG=syslog", "COMPOSE_FILE=compose.yaml", "COMPOSE_FILE=compose.yaml:more.yaml", "COMPOSE_FILE=compose.yaml;more.yaml\nCOMPOSE_PATH_SEPARATOR=;", "COMPOSE_FILE=compose.yaml:compose.override.yaml:more.yaml", "COMPOSE_PROFILES=*", "A='q'", "B=\"d q\"", "N=x", "P=x", "COMPOSE_PROJECT_NAME=Bad Name", "A=a b", "DIR=/abs", "'", "COMPOSE_PROFILES="];
