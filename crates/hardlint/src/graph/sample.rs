//! Graphs for the tests of all forms, and to look at.

use super::{File, Graph, Link, Part, Port, Service};
use crate::report::Place;
use crate::root::Names;
use hardlint_config::deployment::role::Role;
use hardlint_config::text::{Source, Span};
use hardlint_lint::diagnostic::Severity;
use std::collections::BTreeMap;

/// A graph under construction, in one project.
struct Drawn {
    graph: Graph,
    project: String,
}

impl Drawn {
    fn new(project: &str) -> Self {
        Self { graph: Graph::default(), project: project.to_owned() }.file(project, Some("compose"), &[])
    }

    fn project(mut self, project: &str) -> Self {
        project.clone_into(&mut self.project);
        self.file(project, Some("compose"), &[])
    }

    fn service(mut self, name: &str, program: &str, part: Part, image: &str) -> Self {
        self.graph.services.push(Service {
            id: format!("{}#{name}", self.project),
            name: name.to_owned(),
            project: self.project.clone(),
            role: Role::Production,
            program: program.to_owned(),
            part,
            image: Some(image.to_owned()).filter(|image| !image.is_empty()),
            stage: None,
            environment: BTreeMap::new(),
            ports: Vec::new(),
            open: false,
            settings: None,
            files: Vec::new(),
            findings: BTreeMap::new(),
        });
        self
    }

    /// Changes the last service.
    fn with(mut self, change: impl FnOnce(&mut Service)) -> Self {
        change(self.graph.services.last_mut().unwrap());
        self
    }

    fn port(self, host: &str, published: &str, target: u16) -> Self {
        let open = host.is_empty();
        let mut document =
            serde_json::json!({"mode": "ingress", "target": target, "published": published, "protocol": "tcp"});
        if !open {
            document["host_ip"] = host.into();
        }
        let before = if open { String::new() } else { format!("{host}:") };
        self.with(|service| {
            service.open |= open;
            service.ports.push(Port { document, text: format!("{before}{published} → {target}"), open });
        })
    }

    fn found(self, findings: &[(Severity, usize)]) -> Self {
        self.with(|service| service.findings = findings.iter().copied().collect())
    }

    /// A file that the last service is linked to.
    fn brings(
        self,
        kind: &'static str,
        path: &str,
        format: Option<&'static str>,
        note: &str,
        findings: &[(Severity, usize)],
    ) -> Self {
        let from = self.graph.services.last().unwrap().id.clone();
        let at = (self.project.clone(), 4 + self.graph.links.len());
        let mut this = self.file(path, format, findings).with(|service| service.files.push(path.to_owned()));
        if !kind.is_empty() {
            this.graph.links.push(Link {
                from,
                to: path.to_owned(),
                kind,
                note: note.to_owned(),
                at: place(&at.0, at.1),
            });
        }
        this
    }

    fn file(mut self, path: &str, format: Option<&'static str>, findings: &[(Severity, usize)]) -> Self {
        let findings = findings.iter().copied().collect();
        if self.graph.file(path).is_none() {
            self.graph.files.push(File { path: path.to_owned(), format, role: Role::Production, findings });
            self.graph.files.sort_by(|a, b| a.path.cmp(&b.path));
        }
        self
    }

    fn link(mut self, from: &str, to: &str, kind: &'static str, note: &str, at: (&str, usize)) -> Self {
        self.graph.links.push(Link {
            from: from.to_owned(),
            to: to.to_owned(),
            kind,
            note: note.to_owned(),
            at: place(at.0, at.1),
        });
        self
    }

    /// Links of the project's services by their names: `a > b c, d > e`.
    fn links(mut self, kind: &'static str, note: &str, all: &str) -> Self {
        let project = self.project.clone();
        for (line, (from, to)) in all.split(',').filter_map(|part| part.split_once('>')).enumerate() {
            for to in to.split_whitespace() {
                let (from, to) = (format!("{project}#{}", from.trim()), format!("{project}#{to}"));
                self = self.link(&from, &to, kind, note, (&project, line + 1));
            }
        }
        self
    }

    fn done(mut self) -> Graph {
        self.graph.links.sort_by(|a, b| (&a.from, a.kind, &a.to).cmp(&(&b.from, b.kind, &b.to)));
        self.graph
    }
}

fn place(path: &str, line: usize) -> Place {
    let text = format!("{}text\n", "\n".repeat(line - 1));
    Place::new(&Names::default(), &Source::new(path, &*text), Span::new(line - 1, line + 3))
}

use Severity::{Critical, High, Info, Low, Medium};

/// A shop.
pub fn three() -> Graph {
    Drawn::new("deploy/compose.yaml")
        .service("proxy", "nginx", Part::Proxy, "nginx:1.27")
        .port("", "443", 443)
        .port("127.0.0.1", "8080", 80)
        .found(&[(High, 1), (Low, 2)])
        .brings("mount", "deploy/nginx.conf", Some("nginx"), "/etc/nginx/nginx.conf", &[(High, 1)])
        .brings("", "deploy/sites/shop.conf", Some("nginx"), "", &[(Low, 2)])
        .service("web", "Django", Part::Application, "")
        .brings("build", "Dockerfile", Some("dockerfile"), "runtime", &[(Medium, 1)])
        .brings("settings", "shop/settings/prod.py", Some("django"), "", &[])
        .with(|web| {
            web.stage = Some("runtime".to_owned());
            web.settings = Some("shop.settings.prod".to_owned());
            let variables =
                [("DEBUG", Some("0")), ("HOME_URL", None), ("SECRET_KEY", Some("SECRET_KEY (24 characters)"))];
            web.environment = variables.map(|(name, value)| (name.to_owned(), value.map(str::to_owned))).into();
        })
        .service("db", "PostgreSQL", Part::Store, "postgres:16-alpine")
        .link("deploy/compose.yaml#proxy", "deploy/compose.yaml#web", "proxy", "8000", ("deploy/nginx.conf", 2))
        .link("deploy/nginx.conf", "deploy/sites/shop.conf", "include", "", ("deploy/nginx.conf", 9))
        .link("deploy/compose.prod.yaml", "deploy/compose.yaml", "override", "", ("Makefile", 3))
        .file("deploy/compose.prod.yaml", Some("compose"), &[(Critical, 1)])
        .links("connects", "5432", "web > db")
        .links("depends_on", "", "web > db, proxy > web")
        .done()
}

/// A site with its workers.
pub fn twelve() -> Graph {
    let app = |drawn: Drawn, name: &str, program: &str| {
        drawn
            .service(name, program, Part::Application, "")
            .with(|service| {
                service.stage = Some("production".to_owned());
                service.settings = Some("config.settings.production".to_owned());
            })
            .brings("build", "compose/production/django/Dockerfile", Some("dockerfile"), "", &[(Medium, 2)])
            .brings("env_file", ".envs/.production/.django", Some("env"), "", &[])
            .brings("settings", "config/settings/production.py", Some("django"), "", &[(High, 1)])
    };
    let drawn = Drawn::new("docker-compose.production.yml")
        .service("traefik", "Traefik", Part::Proxy, "")
        .port("", "80", 80)
        .port("", "443", 443)
        .port("", "5555", 5555)
        .brings("build", "compose/production/traefik/Dockerfile", Some("dockerfile"), "", &[(Low, 1)])
        .brings("copy", "compose/production/traefik/traefik.yml", None, "", &[])
        .service("nginx", "nginx", Part::Proxy, "nginxinc/nginx-unprivileged:1.27.2-alpine-slim@sha256:0123456789")
        .brings(
            "mount",
            "compose/production/nginx/default.conf",
            Some("nginx"),
            "/etc/nginx/conf.d",
            &[(High, 2), (Medium, 1), (Info, 3)],
        )
        .found(&[(High, 2), (Medium, 1), (Info, 3)]);
    let drawn = app(drawn, "django", "Django").found(&[(High, 1), (Medium, 2)]);
    let drawn = app(drawn, "api", "FastAPI");
    let drawn = app(drawn, "celeryworker", "Celery");
    let drawn = app(drawn, "celerybeat", "Celery");
    let drawn = app(drawn, "flower", "Flower").found(&[(Critical, 1)]);
    drawn
        .service("postgres", "PostgreSQL", Part::Store, "docker.io/library/postgres:16")
        .brings("env_file", ".envs/.production/.postgres", Some("env"), "", &[])
        .port("", "5432", 5432)
        .found(&[(Critical, 1), (High, 1), (Medium, 3), (Low, 2), (Info, 1)])
        .service("redis", "Redis", Part::Store, "docker.io/redis:6")
        .service("rabbitmq", "RabbitMQ", Part::Store, "rabbitmq:3-management")
        .port("127.0.0.1", "15672", 15672)
        .service("awscli", "", Part::Other, "amazon/aws-cli")
        .service("mailpit", "Mailpit", Part::Other, "axllent/mailpit")
        .with(|service| service.role = Role::Development)
        .port("127.0.0.1", "8025", 8025)
        .links("proxy", "5000", "traefik > django, traefik > nginx")
        .links("proxy", "/api → 8000", "nginx > api")
        .links("proxy", "5555", "traefik > flower")
        .links("connects", "", "django > postgres redis mailpit, api > postgres redis, celeryworker > postgres rabbitmq redis, celerybeat > rabbitmq, flower > rabbitmq")
        .links("depends_on", "", "django > postgres redis, celeryworker > django, celerybeat > django")
        .done()
}

/// Three projects with forty services, of which the first is large.
pub fn forty() -> Graph {
    let mut drawn = Drawn::new("docker-compose.yml")
        .service("gateway", "nginx", Part::Proxy, "nginx:1.27")
        .port("", "443", 443)
        .brings("mount", "gateway/nginx.conf", Some("nginx"), "/etc/nginx/nginx.conf", &[(Medium, 1)])
        .service("internal-gateway", "HAProxy", Part::Proxy, "haproxy:3.0");
    let names = [
        "accounts",
        "catalogue",
        "basket",
        "orders",
        "payments",
        "shipping",
        "search",
        "reviews",
        "inventory",
        "pricing",
        "recommendations",
        "notifications",
        "reports",
        "audit",
        "media",
        "sessions",
    ];
    for (index, name) in names.iter().enumerate() {
        let findings: &[(Severity, usize)] = match index % 5 {
            0 => &[(Medium, 2)],
            3 => &[(High, 1), (Info, 1)],
            _ => &[],
        };
        drawn = drawn
            .service(name, ["Flask", "Django", "Node.js", ""][index % 4], Part::Application, "")
            .brings("build", &format!("services/{name}/Dockerfile"), Some("dockerfile"), "", findings)
            .found(findings)
            .links("proxy", "8000", &format!("{} > {name}", if index < 8 { "gateway" } else { "internal-gateway" }))
            .links(
                "connects",
                "",
                &format!(
                    "{name} > {} {}",
                    ["users-db", "orders-db", "stock-db"][index % 3],
                    ["redis", "kafka"][index % 2]
                ),
            );
    }
    drawn = drawn.links("proxy", "8001", "gateway > internal-gateway").links(
        "connects",
        "",
        "orders > payments, payments > accounts, basket > pricing",
    );
    for name in ["users-db", "orders-db", "stock-db"] {
        drawn = drawn.service(name, "PostgreSQL", Part::Store, "postgres:16").found(&[(Low, 1)]);
    }
    drawn = drawn
        .service("redis", "Redis", Part::Store, "redis:7")
        .service("kafka", "Kafka", Part::Store, "bitnami/kafka:3.8")
        .port("", "9092", 9092)
        .found(&[(High, 1)])
        .service("zookeeper", "ZooKeeper", Part::Store, "zookeeper:3.9")
        .links("connects", "", "kafka > zookeeper");
    for name in ["migrate", "seed", "backup", "cleanup"] {
        drawn =
            drawn.service(name, "", Part::Other, "").brings("build", "tools/Dockerfile", Some("dockerfile"), "", &[]);
    }
    drawn = drawn.project("monitoring/docker-compose.yml");
    for (name, program, port) in
        [("prometheus", "Prometheus", 9090), ("grafana", "Grafana", 3000), ("alertmanager", "", 9093)]
    {
        let image = format!("{name}/{name}:latest");
        drawn = drawn.service(name, program, Part::Application, &image).port("", &port.to_string(), port);
    }
    for name in ["node-exporter", "cadvisor", "loki", "promtail"] {
        drawn = drawn.service(name, "", Part::Other, &format!("prom/{name}")).found(&[(Medium, 1)]);
    }
    drawn = drawn.links(
        "connects",
        "",
        "grafana > prometheus loki, prometheus > alertmanager node-exporter cadvisor, promtail > loki",
    );
    drawn = drawn.project("tests/compose.yaml");
    for name in ["browser", "fixtures", "mock-payments", "mock-mail", "runner"] {
        drawn = drawn.service(name, "", Part::Other, "").with(|service| service.role = Role::Test);
    }
    drawn.links("depends_on", "", "runner > browser fixtures mock-payments mock-mail").done()
}

/// Names that are meant to break out of what they are drawn into.
pub fn hostile() -> Graph {
    Drawn::new("a\"b<c>&|`x\u{1b}[31m\n.yaml")
        .service("\"];x<script>", "ng\\inx", Part::Proxy, "img:\"1\"|--><!-- #quot; &amp; ]]>")
        .port("", "80", 80)
        .found(&[(High, 1)])
        .brings("mount", "we\"ird\\<f>|\u{202e}.conf", Some("nginx"), "</text>", &[(Low, 1)])
        .service("end`\n", "", Part::Store, "")
        .links("proxy", "\"|</title>", "\"];x<script> > end`")
        .link(
            "a\"b<c>&|`x\u{1b}[31m\n.yaml#\"];x<script>",
            "a\"b<c>&|`x\u{1b}[31m\n.yaml#end`\n",
            "proxy",
            "\"|</title>",
            ("x", 1),
        )
        .done()
}

/// One project with very many services.
pub fn huge(count: usize) -> Graph {
    let mut drawn = Drawn::new("compose.yaml").service("proxy", "nginx", Part::Proxy, "nginx").port("", "80", 80);
    for index in 0..count {
        let part = if index % 10 == 0 { Part::Store } else { Part::Application };
        drawn = drawn.service(&format!("s{index}"), "", part, "image");
    }
    for index in 0..count {
        let all = format!("s{index} > s{} s{}, proxy > s{index}", (index * 7 + 3) % count, (index + 1) % count);
        drawn = drawn.links("connects", "", &all);
    }
    drawn.done()
}
