//! What is known of commands: each kind with what is like it and harmless.

use super::*;
use crate::syntax::joined::Joined;

/// The facts of a script, as `program: name=text`.
fn facts(text: &str) -> Vec<String> {
    let script = Script::shell(&Joined::of(text, Span::new(0, text.len())));
    let mut out = Vec::new();
    for (command, facts) in script.commands.iter().zip(judge(&script)) {
        for (name, fact) in facts {
            let text = match fact {
                Fact::Text(text, _) => text,
                Fact::List(items) | Fact::Names(items) => {
                    items.into_iter().map(|(text, _)| text).collect::<Vec<_>>().join(",")
                }
            };
            if !["download_url", "installs", "account_password", "checks", "opening_secrets"].contains(&name) {
                out.push(format!("{}: {name}={text}", command.program().unwrap_or_default()));
            }
        }
    }
    out
}

#[test]
fn downloads_that_are_run_unseen() {
    for (text, expected) in [
        ("curl -fsSL https://x | sh", "curl: piped_to_shell=sh"),
        ("curl -fsSL https://x | sudo -E bash -", "curl: piped_to_shell=bash bash: sudo=sudo"),
        ("curl https://x | VERSION=1 sh -s -- -y", "curl: piped_to_shell=sh"),
        ("wget -qO- https://x | bash", "wget: piped_to_shell=bash"),
        ("wget -q -O - https://x | bash -x", "wget: piped_to_shell=bash"),
        ("curl https://x | python3 -", "curl: piped_to_shell=python3"),
        ("curl https://x | POETRY_HOME=/y python3", "curl: piped_to_shell=python3"),
        ("curl https://x | gunzip | sh", "curl: piped_to_shell=sh"),
        ("curl https://x | tee y | sh", "curl: piped_to_shell=sh"),
        ("sh -c \"$(curl -fsSL https://x)\"", "curl: piped_to_shell=sh"),
        ("bash <(curl -s https://x)", "curl: piped_to_shell=bash"),
        ("eval \"$(curl https://x)\"", "curl: piped_to_shell=eval"),
        (". <(curl https://x)", "curl: piped_to_shell=."),
        ("bash -c 'curl https://x | sh'", "curl: piped_to_shell=sh"),
        ("curl -o - https://x | sh", "curl: piped_to_shell=sh"),
        ("curl https://x -o y && sh y", "curl: piped_to_shell=sh"),
        ("curl -fsSL -o /tmp/i.sh https://x/install && bash -e /tmp/i.sh", "curl: piped_to_shell=bash"),
        ("curl https://x > y; . ./y", "curl: piped_to_shell=."),
        ("curl -fsSLO https://x/get.py && python3 get.py", "curl: piped_to_shell=python3"),
        ("wget https://x/get.sh?a=1; chmod +x get.sh; ./get.sh --yes", "wget: piped_to_shell=./get.sh"),
        ("wget -qO \"$D/setup.sh\" https://x && sh \"$D/setup.sh\"", "wget: piped_to_shell=sh"),
        ("wget --output-document=i.sh https://x && sh i.sh", "wget: piped_to_shell=sh"),
    ] {
        assert_eq!(facts(text).join(" "), expected, "{text}");
    }
    for text in [
        "curl https://x | tar xz",
        "curl https://x | gpg --dearmor -o y",
        "curl https://x | jq .",
        "curl https://x -o y && sh z",
        "curl -o y https://x | sh",
        "curl -o y https://x && echo \"$SUM y\" | sha256sum -c && sh y",
        "curl -fsSLo /usr/local/bin/tool https://x && chmod +x /usr/local/bin/tool && /usr/local/bin/tool --version",
        "curl -o y.tgz https://x/y.tgz && tar xf y.tgz && sh y/configure",
        "sh y && curl -o y https://x",
        "curl -fsSLO https://x | sh",
        "wget https://x | sh",
        "curl https://x > y | sh",
        "curl https://x | python3 -c 'import json'",
        "curl https://x | python3 -m json.tool",
        "curl https://x | perl -ne print",
        "curl https://x | bash y.sh",
        "echo x | sh",
        "sh -c \"echo $(curl https://x)\"",
        "echo \"$(curl https://x)\" > y",
        "curl https://x | grep y | head -1",
        "A=$(curl https://x); echo $A",
        "bash -c 'x' < <(curl https://x)",
        "diff <(curl https://x) y",
    ] {
        let found = facts(text);
        assert!(found.iter().all(|fact| !fact.contains("piped_to_shell")), "{text}: {found:?}");
    }
}

#[test]
fn downloads_that_become_part_of_the_image_unchecked() {
    for (text, expected) in [
        ("curl -fsSL https://x/y.tgz | tar xz -C /usr/local", "unpacked into the image"),
        ("curl https://x/y.tar.xz | xz -d | tar -x", "unpacked into the image"),
        ("wget -q https://x/y.zip && unzip y.zip", "unpacked into the image"),
        ("wget -P /tmp https://x/y-$V.tgz && tar -C / -xzf /tmp/y-$V.tgz", "unpacked into the image"),
        ("curl -Lo /usr/local/bin/y https://x/y && chmod +x /usr/local/bin/y", "a program in `/usr/local/bin`"),
        ("curl -L https://x/y > /usr/bin/y", "a program in `/usr/bin`"),
        ("curl -LO https://x/y && chmod 755 ./y", "made a program"),
        ("curl -LO https://x/y && mv y /usr/local/bin/", "put into `/usr/local/bin`"),
        ("curl -o /tmp/y.deb https://x/y.deb && dpkg -i /tmp/y.deb", "installed by `dpkg`"),
        ("wget https://x/y.rpm; rpm -ivh y.rpm", "installed by `rpm`"),
        ("wget https://x/y.deb; apt-get install -y ./y.deb", "installed by `apt-get`"),
        ("wget -P $HOME/jars https://x/y.jar", "kept, to be run"),
        ("curl -o /usr/local/bin/y http://x/y/latest/y", "a program in `/usr/local/bin`"),
        ("curl http://x/key.asc | apt-key add -", "trusted to sign packages"),
        ("wget -qO- http://x/key.asc | gpg --dearmor > /etc/apt/keyrings/y.gpg", "trusted to sign packages"),
        ("rpm --import http://x/key.asc", "trusted to sign packages"),
        ("install_deb http://x.example/pool/y_1.0_amd64.deb y", "given to `install_deb`"),
        ("yum install -y http://x.example/y-$V.rpm", "given to `yum`"),
    ] {
        let found = facts(text);
        let wanted = format!("download_becomes={expected}");
        assert!(found.iter().any(|fact| fact.ends_with(&wanted)), "{text}: {found:?}");
    }
    for text in [
        "curl -fsSLO https://x/y.tgz && echo \"$SUM y.tgz\" | sha256sum -c && tar xf y.tgz",
        "wget https://x/y.tgz https://x/y.tgz.asc && gpg --batch --verify y.tgz.asc y.tgz && tar xf y.tgz",
        "curl https://x/key.asc | gpg --dearmor -o /etc/apt/keyrings/y.gpg",
        "curl -o /usr/local/bin/y.asc https://x/y.asc",
        "curl https://x/y.tgz | tar t",
        "curl -o /srv/words.txt https://x/words.txt && chmod 644 /srv/words.txt",
        "curl -o y.tgz https://x/y.tgz && tar xf z.tgz",
        "curl -o y https://x/y && cp y /srv/data",
        "wget https://x/y.zip && unzip -l y.zip",
        "tar xf y.tgz && curl -O https://x/z.tgz",
        "curl https://x/o/p/0123456789abcdef0123456789abcdef01234567/y.tgz | tar xz",
        "curl -o /usr/local/bin/y https://x/y/latest/download/y",
        "curl https://x/y | sh",
        "echo http://x.example/y.deb",
        "install_deb https://x.example/y.deb",
        "install_deb http://localhost:8080/y.deb",
        "curl -o /usr/bin/y https://x/493d91e44e4d5245e80ff9462f2653c7d7de9a8c/y",
    ] {
        let found = facts(text);
        assert!(found.iter().all(|fact| !fact.contains("download_becomes")), "{text}: {found:?}");
    }
}

#[test]
fn settings_that_open_a_program_and_are_written_into_its_configuration() {
    for (text, expected) in [
        ("echo PermitRootLogin yes >> /etc/ssh/sshd_config.d/x.conf", Some("PermitRootLogin yes")),
        ("echo 'PermitRootLogin yes' >> /etc/ssh/sshd_config", Some("PermitRootLogin yes")),
        ("echo 'permitrootlogin=yes' >> /etc/ssh/sshd_config.d/x.conf", Some("PermitRootLogin yes")),
        (
            "printf 'UsePAM no\\nPermitEmptyPasswords yes\\n' | tee -a /etc/ssh/sshd_config",
            Some("PermitEmptyPasswords yes"),
        ),
        ("sed -i 's/#PermitRootLogin.*/PermitRootLogin yes/' /etc/ssh/sshd_config", Some("PermitRootLogin yes")),
        (
            "sed -ri -e 's|^#?(PermitRootLogin) .*|PermitRootLogin yes|g' /etc/ssh/sshd_config",
            Some("PermitRootLogin yes"),
        ),
        ("sed -i '$ a PermitRootLogin yes' /etc/ssh/sshd_config", Some("PermitRootLogin yes")),
        ("sed -i 's/PermitRootLogin yes/PermitRootLogin no/' /etc/ssh/sshd_config", None),
        ("sed 's/x/PermitRootLogin yes/' /etc/ssh/sshd_config", None),
        ("sed -i 's/x/PermitRootLogin yes/' README", None),
        ("echo 'PermitRootLogin yes'", None),
        ("echo '# PermitRootLogin yes' >> /etc/ssh/sshd_config", None),
        ("echo 'host all all 0.0.0.0/0 trust' >> $PGDATA/pg_hba.conf", Some("trust for every address")),
        ("echo 'host all all all password' >> /pg_hba.conf", Some("password in clear text for every address")),
        ("echo 'host all all 127.0.0.1/32 trust' >> /pg_hba.conf", None),
        ("echo 'local all all trust' >> /pg_hba.conf", None),
        ("echo 'host all all 0.0.0.0/0 md5' >> /pg_hba.conf", None),
        ("printf '[mysqld]\\nskip-grant-tables\\n' > /etc/mysql/x.cnf", Some("skip-grant-tables")),
        ("printf '[mysqld]\\nskip-grant-tables = OFF\\n' > /etc/mysql/x.cnf", None),
        ("echo 'DEBUG = True' >> settings.py", Some("DEBUG = True")),
        ("echo 'DEBUG = True' >> settings_test.py", None),
    ] {
        let found = facts(text);
        let found = found.iter().find_map(|fact| fact.split_once(": writes_setting=")).map(|(_, setting)| setting);
        assert_eq!(found, expected, "{text}");
    }
}

#[test]
fn groups_and_modes_that_hand_over_root() {
    for (text, expected) in [
        ("usermod -aG docker app", "joins_group=docker"),
        ("useradd -m -G users,wheel app", "joins_group=wheel"),
        ("useradd --groups=shadow app", "joins_group=shadow"),
        ("adduser app sudo", "joins_group=sudo"),
        ("gpasswd -a app lxd", "joins_group=lxd"),
        ("chown -R app:app /srv /usr/bin/", "gives_away=/usr/bin/"),
        ("chown 1001:0 /etc/profile", "gives_away=/etc/profile"),
        ("chmod 777 /usr/local/bin/start", "world_writable_code=/usr/local/bin/start"),
        ("chmod -R a+w node_modules", "world_writable_code=node_modules"),
        ("chmod 666 /srv/app.conf", "world_writable_code=/srv/app.conf"),
    ] {
        let found = facts(text);
        assert!(found.iter().any(|fact| fact.ends_with(expected)), "{text}: {found:?}");
    }
    for text in [
        "chown root:app /usr/bin",
        "chown :app /usr/bin",
        "chown -R app /usr/lib/postgresql",
        "usermod -aG audio app",
        "addgroup docker",
        "useradd docker",
        "usermod -l sudo app",
        "chmod 777 /srv/data",
        "chmod 755 /usr/bin/x",
    ] {
        let found = facts(text);
        assert!(
            found
                .iter()
                .all(|fact| !fact.contains("joins_group") && !fact.contains("gives_away") && !fact.contains("_code")),
            "{text}: {found:?}"
        );
    }
}

#[test]
fn certificates_that_are_not_checked() {
    for (text, expected) in [
        ("curl -k https://x", "-k"),
        ("curl -fsSLk https://x", "-fsSLk"),
        ("curl --insecure https://x", "--insecure"),
        ("curl -kLo y https://x", "-kLo"),
        ("wget --no-check-certificate https://x", "--no-check-certificate"),
        ("git -c http.sslVerify=false clone x", "-c http.sslVerify=false"),
        ("git config --global http.sslverify false", "http.sslverify false"),
        ("git config http.https://x.sslVerify false", "http.https://x.sslVerify false"),
        ("npm config set strict-ssl false", "npm strict-ssl false"),
        ("yarn config set strict-ssl false", "yarn strict-ssl false"),
        ("npm install --strict-ssl=false", "--strict-ssl=false"),
        ("pip install --trusted-host x.org y", "--trusted-host x.org"),
        ("pip install --trusted-host=x.org y", "--trusted-host x.org"),
        ("python3 -m pip install --trusted-host x.org y", "--trusted-host x.org"),
        ("pip config set global.trusted-host x.org", "global.trusted-host x.org"),
        ("yum install --setopt=sslverify=0 x", "--setopt=sslverify=0"),
        ("apt-get -o Acquire::https::Verify-Peer=false update", "Acquire::https::Verify-Peer=false"),
        ("export NODE_TLS_REJECT_UNAUTHORIZED=0", "NODE_TLS_REJECT_UNAUTHORIZED=0"),
        ("GIT_SSL_NO_VERIFY=true git clone x", "GIT_SSL_NO_VERIFY=true"),
        ("env PYTHONHTTPSVERIFY=0 x", "PYTHONHTTPSVERIFY=0"),
        ("conda config --set ssl_verify false", "ssl_verify false"),
    ] {
        let found = facts(text);
        assert!(found.len() == 1 && found[0].ends_with(&format!("tls_unverified={expected}")), "{text}: {found:?}");
    }
    for text in [
        "curl -fsSL https://x",
        "curl -ok https://x",
        "curl -o k https://x",
        "curl -H k https://x",
        "curl -k https://localhost:8443/health",
        "curl -k https://127.0.0.1/",
        "curl -K config https://x",
        "wget https://x",
        "git config http.sslVerify true",
        "npm config set strict-ssl true",
        "pip install --trusted-host localhost x",
        "tar -k x",
        "echo curl -k https://x",
        "NODE_TLS_REJECT_UNAUTHORIZED=1 node x",
        "python3 --trusted-host x",
    ] {
        assert!(facts(text).is_empty(), "{text}: {:?}", facts(text));
    }
}

#[test]
fn keys_that_are_not_made_or_do_not_stay() {
    for text in [
        "ssh-keygen -t rsa",
        "ssh-keygen -l -f /k.pub",
        "ssh-keygen -R host -f /root/.ssh/known_hosts",
        "ssh-keygen -A && rm -f /etc/ssh/ssh_host_*",
    ] {
        assert!(!facts(text).iter().any(|fact| fact.contains("makes_key")), "{text}");
    }
}

#[test]
fn tokens_that_addresses_name_as_their_user() {
    // Its last six characters are the sum of the others.
    let token = ["ghp_", "not0a0real0token0not0a0real0to", "1Qlbud"].concat();
    for (text, expected) in [
        (format!("git clone https://{token}@github.com/x/y"), true),
        (format!("pip install git+https://{token}@github.com/x/y@v1"), true),
        ("git clone https://git@github.com/x/y".to_owned(), false),
        ("git clone https://$TOKEN@github.com/x/y".to_owned(), false),
    ] {
        let found = facts(&text);
        assert_eq!(found.iter().any(|fact| fact.ends_with("secret_options=a token")), expected, "{text}: {found:?}");
    }
}

#[test]
fn rights_and_passwords() {
    for (text, expected) in [
        ("ssh-keygen -A", "ssh-keygen: makes_key=host keys"),
        ("ssh-keygen -t ed25519 -N '' -f /etc/ssh/ssh_host_key", "ssh-keygen: makes_key=/etc/ssh/ssh_host_key"),
        ("chmod u+s /x", "chmod: sets_setuid=u+s"),
        ("chmod 4755 /x", "chmod: sets_setuid=4755"),
        ("chmod 06755 /x", "chmod: sets_setuid=06755"),
        ("chmod -R +s /x", "chmod: sets_setuid=+s"),
        ("install -m 4755 a b", "install: sets_setuid=4755"),
        ("setcap cap_sys_admin+ep /x", "setcap: adds_capabilities=cap_sys_admin+ep"),
        ("echo 'root:toor' | chpasswd", "chpasswd: sets_password=root"),
        ("echo root:toor | chpasswd -e", "chpasswd: sets_password=root"),
        ("printf 'git:*\\nroot:$6$x\\n' | chpasswd -e", "chpasswd: sets_password=root"),
        ("chpasswd <<< root:toor", "chpasswd: sets_password=root"),
        ("echo toor | passwd --stdin root", "passwd: sets_password=root"),
        ("printf 'a\\na\\n' | passwd app", "passwd: sets_password=app"),
        ("passwd -d root", "passwd: clears_password=root"),
        ("passwd --delete app", "passwd: clears_password=app"),
        ("usermod -p '' app", "usermod: clears_password=app"),
        ("passwd -d root && passwd -l root", "passwd: locks_account=root"),
        ("passwd -d root; usermod -L root", "usermod: locks_account=root"),
        ("sed -i 's/root:!/root:/' /etc/shadow", "sed: clears_password=root"),
        ("sed -i -e 's#^app:[^:]*:#app::#' /etc/shadow", "sed: clears_password=app"),
        ("useradd -p '$6$x' app", "useradd: sets_password=app"),
        ("usermod --password x1 app", "usermod: sets_password=app"),
        ("/usr/sbin/sshd -D", "sshd: ssh_server=sshd"),
        ("service ssh start", "service: ssh_server=sshd"),
        ("node --inspect=0.0.0.0:9229 x", "node: debugger=the Node.js inspector"),
        ("python -m debugpy --listen 0.0.0.0:5678 x", "python: debugger=debugpy"),
        ("dlv debug --headless --listen=:2345", "dlv: debugger=the Go debugger"),
        ("java -agentlib:jdwp=transport=dt_socket,server=y,address=*:5005 -jar x", "java: debugger=the Java debugger"),
    ] {
        assert_eq!(facts(text), [expected], "{text}");
    }
    for text in [
        "chmod 755 /x",
        "chmod 1777 /tmp",
        "chmod 0755 /x",
        "chmod g+s /x",
        "chmod 2775 /x",
        "chmod u-s /x",
        "chmod u+x /s",
        "setcap cap_net_bind_service=+ep /x",
        "setcap -r /x",
        "echo \"root:$PW\" | chpasswd",
        "echo 'git:*' | chpasswd -e",
        "echo git:! | chpasswd --encrypted",
        "useradd -p '!' app",
        "sed -i 's/^root:[^:]*:/root:*:/' /etc/shadow",
        "sed 's/root:!/root:/' /etc/shadow",
        "sed -i 's/root:!/root:/' /etc/passwd",
        "useradd -m app",
        "adduser -D app",
        "service nginx start",
        "node --inspect x",
        "node --inspect=127.0.0.1:9229 x",
        "python -m debugpy --listen 127.0.0.1:5678 x",
        "x --listen 0.0.0.0:80",
    ] {
        assert!(facts(text).is_empty(), "{text}: {:?}", facts(text));
    }
}

#[test]
fn keys_of_certificates_that_are_made_and_stay() {
    for (text, expected) in [
        ("openssl req -x509 -newkey rsa:2048 -keyout /k.pem -out /c.pem", "openssl: makes_tls_key=/k.pem"),
        ("openssl genrsa -out /k.pem 2048", "openssl: makes_tls_key=/k.pem"),
        ("openssl genpkey -algorithm RSA > /k.pem", "openssl: makes_tls_key=/k.pem"),
        ("openssl ecparam -genkey -name prime256v1 -out /k.pem", "openssl: makes_tls_key=/k.pem"),
        ("keytool -genkeypair -keystore /k.jks", "keytool: makes_tls_key=/k.jks"),
        ("openssl req -new -key /k.pem -out /r.csr", ""),
        ("openssl ecparam -name prime256v1 -out /p.pem", ""),
        ("openssl req -x509 -newkey rsa -keyout /dev/null -out /c.pem", ""),
        ("openssl genrsa -out /t/k.pem && ./x && rm -rf /t", ""),
        ("keytool -importcert -keystore /k.jks", ""),
        ("openssl genpkey -genparam -algorithm DH -out /dh.pem", ""),
        ("d=$(mktemp -d); openssl genrsa -out \"$d/k.pem\"; ./x; rm -rf \"${d}\"", ""),
        ("s=/build; openssl genrsa -out /build/k.pem; ./x; rm -rf $s", ""),
        ("openssl genrsa -out k.pem && ./x && rm *.pem", ""),
        ("openssl genrsa -out /tmp/k.pem && find /tmp -type f -delete", ""),
        ("openssl genrsa -out /a/k.pem && rm /a/bk.pem /b/*.pem", "openssl: makes_tls_key=/a/k.pem"),
    ] {
        assert_eq!(facts(text).join(" "), expected, "{text}");
    }
}

#[test]
fn passwords_that_are_hashed_where_they_stand() {
    for (text, expected) in [
        ("useradd -p \"$(openssl passwd -6 hunter2)\" app", "useradd: sets_password=app"),
        ("useradd app -m -p \"$(mkpasswd -m sha-512 hunter2)\" -s /bin/bash", "useradd: sets_password=app"),
        ("useradd app -m -p \"$(mkpasswd -s < /run/secrets/app)\" -s /bin/bash", ""),
        ("useradd -p $(echo hunter2 | openssl passwd -stdin) app", "useradd: sets_password=app"),
        ("echo \"root:$(openssl passwd -6 hunter2)\" | chpasswd -e", "chpasswd: sets_password=root"),
        ("htpasswd -bc /f admin hunter2", "htpasswd: sets_password=admin"),
        ("htpasswd -nbB -C 12 admin hunter2 > /f", "htpasswd: sets_password=admin"),
        ("x11vnc -storepasswd hunter2 /f", "x11vnc: sets_password=x11vnc"),
        ("useradd -p \"$(openssl passwd -6 \"$PW\")\" app", ""),
        ("useradd -p $(cat /run/secrets/pw | openssl passwd -stdin) app", ""),
        ("useradd -p \"$(openssl passwd -salt xy)\" app", ""),
        ("htpasswd -c /f admin", ""),
        ("htpasswd -bv /f admin hunter2", ""),
        ("htpasswd -bc /f admin hunter2 && ./x && rm /f", ""),
        ("htpasswd -bc /f admin $PW", ""),
        ("x11vnc -forever", ""),
    ] {
        assert_eq!(facts(text).join(" "), expected, "{text}");
    }
}

#[test]
fn names_of_packages_and_words_that_set_are_told_apart() {
    for (text, expected) in [
        ("npm install strict-ssl false", ""),
        ("npm c set strict-ssl false", "npm: tls_unverified=npm strict-ssl false"),
        ("npm set strict-ssl=false", "npm: tls_unverified=strict-ssl=false"),
        ("GIT_SSL_NO_VERIFY=0 git clone https://x", "git: tls_unverified=GIT_SSL_NO_VERIFY=0"),
        ("GOINSECURE=*.a.example go mod download", "go: tls_unverified=GOINSECURE=*.a.example"),
        ("GOINSECURE= go mod download", ""),
        ("GOINSECURE=localhost,127.0.0.1:3000/x go mod download", ""),
    ] {
        assert_eq!(facts(text).join(" "), expected, "{text}");
    }
    assert!(facts("sshpass -phunter2word ssh a@b").join(" ").contains("secret_options=-p"));
}

#[test]
fn packages_that_nobody_signed_or_that_move() {
    for (text, expected) in [
        ("apt-get install -y --allow-unauthenticated x", "apt-get: unsigned_packages=--allow-unauthenticated"),
        ("apt-get -y --force-yes install x", "apt-get: unsigned_packages=--force-yes"),
        (
            "apt-get -o APT::Get::AllowUnauthenticated=true install x",
            "apt-get: unsigned_packages=APT::Get::AllowUnauthenticated=true",
        ),
        ("apk add --allow-untrusted x.apk", "apk: unsigned_packages=--allow-untrusted"),
        ("dnf -y install --nogpgcheck x", "dnf: unsigned_packages=--nogpgcheck"),
        ("yum install -y --setopt=x.gpgcheck=0 x", "yum: unsigned_packages=--setopt=x.gpgcheck=0"),
        ("rpm -i --nosignature x.rpm", "rpm: unsigned_packages=--nosignature"),
        ("sed -i 's/gpgcheck=1/gpgcheck=0/' /etc/yum.conf", "sed: unsigned_packages=s/gpgcheck=1/gpgcheck=0/"),
        (
            "echo 'deb [arch=amd64 trusted=yes] https://x ./' > y",
            "echo: unsigned_packages=deb [arch=amd64 trusted=yes] https://x ./",
        ),
        ("pip install -i http://x/simple y", "pip: plain_index=http://x/simple"),
        ("npm ci --registry=http://x", "npm: plain_index=http://x"),
        ("python3 -m pip install git+https://x/y", "python3: moving_source=git+https://x/y"),
        ("pip install 'y @ git+https://x/y@main'", "pip: moving_source=git+https://x/y@main"),
        ("chmod -R 777 /srv", "chmod: world_writable=777"),
        ("mkdir -m 777 /srv", "mkdir: world_writable=777"),
        ("mkdir -pm 777 /srv /data", "mkdir: world_writable=777"),
        ("mkdir --mode=777 /srv", "mkdir: world_writable=777"),
        ("install -d -m 0777 /srv", "install: world_writable=0777"),
        ("mkdir -m 755 /srv; mkdir -m 1777 /srv; mkdir -m 777 /tmp/x; mkdir -p 777; install -m 755 a /srv", ""),
        ("chmod o+w /srv", "chmod: world_writable=o+w"),
        ("chmod 0666 /a /tmp", "chmod: world_writable=0666"),
        ("sudo -E x", "x: sudo=sudo"),
        ("/usr/bin/sudo -u app x", "x: sudo=/usr/bin/sudo"),
        ("npm run dev", "npm: developer_server=npm run dev"),
        ("jupyter lab --ip=0.0.0.0 --NotebookApp.token=''", "jupyter: open_notebook=jupyter"),
        ("start-notebook.sh --IdentityProvider.token= --debug", "start-notebook.sh: open_notebook=start-notebook.sh"),
        ("jupyter-notebook --ip '*' --ServerApp.token ''", "jupyter-notebook: open_notebook=jupyter-notebook"),
        ("curl -u me:not-real https://x -o y", "curl: secret_options=-u curl: secret_values=not-real"),
        (
            "curl -H 'Authorization: Bearer not-real' https://x -o y",
            "curl: secret_options=a header curl: secret_values=not-real",
        ),
        ("docker login -u me -p not-real", "docker: secret_options=-p docker: secret_values=not-real"),
        ("npm config set //x/:_authToken=not-real", "npm: secret_options=a header npm: secret_values=not-real"),
        // Signed, of this machine, fixed, or not so.
        ("apt-get install -y x && apk add x && dnf install --setopt=x.repo_gpgcheck=0 x", ""),
        ("echo 'deb [trusted=yes] file:/x ./' > y; echo trusted=yes", ""),
        ("printf 'gpgcheck=1\nrepo_gpgcheck=0\n' > x.repo", ""),
        ("pip install -i http://localhost:3141/simple y; pip install -i https://x y; python x.py -i http://y", ""),
        ("pip install git+https://x/y@v1 git+https://x/z@0123456789abcdef0123456789abcdef01234567#egg=z", ""),
        ("chmod 1777 /srv; chmod 777 /tmp /var/tmp/x; chmod 775 /srv; chmod +w /x; chmod a-w /x; chmod +t,o+w /x", ""),
        ("curl -u me: https://x -o y; docker run -p 80:80 x; curl -H \"Authorization: Bearer $T\" https://x -o y", ""),
        ("npm start; gunicorn x; flask run", ""),
        // Of this machine alone, with a token, with a password.
        ("jupyter lab --ServerApp.token=''; jupyter lab --ip=0.0.0.0; start-notebook.sh", ""),
        (
            "jupyter lab --ip=0.0.0.0 --ServerApp.token='' --ServerApp.password=argon2:x",
            "jupyter: secret_options=--ServerApp.password jupyter: secret_values=argon2:x",
        ),
        ("apt-get install sudo; visudo -c", ""),
    ] {
        assert_eq!(facts(text).join(" "), expected, "{text}");
    }
}

#[test]
fn packages_are_named_without_their_versions() {
    let installs = |text: &str| {
        let script = Script::shell(&Joined::of(text, Span::new(0, text.len())));
        judge(&script).into_iter().flatten().find_map(|(name, fact)| match fact {
            Fact::List(items) if name == "installs" => {
                Some(items.into_iter().map(|(text, _)| text).collect::<Vec<_>>())
            }
            _ => None,
        })
    };
    assert_eq!(installs("apt-get install -y --no-install-recommends a=1 b").unwrap(), ["a", "b"]);
    assert_eq!(installs("apk add --no-cache --virtual .build a~=1 b").unwrap(), ["a", "b"]);
    assert_eq!(installs("apt-get update"), None);
    assert_eq!(installs("apt-get purge openssh-server"), None);
}

#[test]
fn secrets_on_command_lines() {
    let found = |text: &str| {
        let script = Script::shell(&Joined::of(text, Span::new(0, text.len())));
        let facts = judge(&script).into_iter().flatten();
        let names = facts.filter_map(|(name, fact)| match fact {
            Fact::Names(items) if name == "secret_options" => {
                Some(items.into_iter().map(|(how, at)| format!("{how} {}", &text[at.range()])).collect::<Vec<_>>())
            }
            _ => None,
        });
        names.flatten().collect::<Vec<_>>().join(", ")
    };
    for (text, expected) in [
        ("redis-server --requirepass not-real", "--requirepass not-real"),
        ("app --db-password=not-real", "--db-password not-real"),
        ("app --password not-real --api-token 'not-real'", "--password not-real, --api-token 'not-real'"),
        ("mysql -uroot -pnot-real", "-p -pnot-real"),
        ("redis-cli -a not-real ping", "-a not-real"),
        ("PGPASSWORD=not-real psql -h db", "PGPASSWORD not-real"),
        ("psql postgres://u:not-real@h/db", "a URL postgres://u:not-real@h/db"),
        ("podman login -p not-real r.example", "-p not-real"),
        ("twine upload -p not-real-1 dist/x", "-p not-real-1"),
        ("zip -P not-real-1 a b; 7z a -pnot-real-2 c", "-P not-real-1, -p -pnot-real-2"),
        ("openssl enc -k not-real-1 -passin pass:not-real-2", "-k not-real-1, -passin pass:not-real-2"),
        ("keytool -keypass not-real-1", "-keypass not-real-1"),
        ("sonar-scanner -Dsonar.password=not-real-1", "-Dsonar.password -Dsonar.password=not-real-1"),
        (
            "curl 'https://x.example/?a=b&api_key=not-real-1'",
            "api_key of a URL 'https://x.example/?a=b&api_key=not-real-1'",
        ),
        (
            "wget --header='Authorization: Bearer not-real' https://x",
            "a header --header='Authorization: Bearer not-real'",
        ),
        ("aws configure set aws_secret_access_key not-real-1", "aws_secret_access_key not-real-1"),
        ("poetry config http-basic.shop me not-real-1", "http-basic.shop not-real-1"),
        ("poetry config pypi-token.shop not-real-1", "pypi-token.shop not-real-1"),
        ("bundle config set --global gems.example me:not-real-1", "gems.example me:not-real-1"),
        ("export DB_PASSWORD=not-real-1", "DB_PASSWORD DB_PASSWORD=not-real-1"),
        ("env DB_PASSWORD=not-real-1 app", "DB_PASSWORD DB_PASSWORD=not-real-1"),
        ("echo 'password=not-real-1' > x", "a file 'password=not-real-1'"),
        ("printf '[a]\\nb=c\\npassword = not-real-1\\n' | tee x", "a file '[a]\\nb=c\\npassword = not-real-1\\n'"),
        ("echo 'machine x login me password not-real-1' > .netrc", "a file 'machine x login me password not-real-1'"),
        ("cat <<EOF > x\npassword: not-real-1\nEOF\n", "a file password: not-real-1\n"),
        ("tee x <<EOF\npassword: not-real-1\nEOF\n", "a file password: not-real-1\n"),
        ("echo not-real | docker login -u me --password-stdin x", "--password-stdin not-real"),
        ("docker login -u me --password-stdin x <<< not-real", "--password-stdin not-real"),
        // What is given for a moment, is a word, stands elsewhere, or is no secret.
        ("podman run -p 80 x; twine upload -p x dist/x; zip -P secret1 a", ""),
        ("openssl req -passout pass:x; openssl enc -passin env:PASSWORD1; keytool -storepass changeit", ""),
        ("export DB_PASSWORD=build-1-only SECRET_KEY=not-real-1 DB_USER=not-real-1; env A=not-real-1 app", ""),
        ("gradle -Dsigning.user=not-real-1 -Dapp.password=x", ""),
        ("curl 'https://x.example/?page=not-real-1'; curl 'x?api_key=not-real-1'", ""),
        ("aws configure set region not-real-1; bundle config set path vendor; poetry config a.b c", ""),
        ("echo 'password=not-real-1'; echo 'password=not-real-1' > /dev/null; echo '# password=not-real-1' > x", ""),
        ("echo 'user=not-real-1' > x; echo 'password=$PW1234567' > x; echo 'a password not-real-1' > x", ""),
        ("echo $PW | docker login --password-stdin; cat x | docker login --password-stdin", ""),
        ("echo a b | docker login --password-stdin; echo not-real | docker login", ""),
        // A password is asked for, or read from elsewhere.
        ("mysql -uroot -p", ""),
        ("mysql -p\"$PW\"", ""),
        ("app --password \"$PW\" --password --other", ""),
        ("app --password-file /x --token-ttl 900 --no-password x", ""),
        ("app --password=changeme", ""),
        ("docker login -u x --password-stdin registry.example.com", ""),
        ("psql postgres://u@h/db", ""),
        ("app -p 8080", ""),
        ("useradd -p x a", ""),
    ] {
        assert_eq!(found(text), expected, "{text}");
    }
}

#[test]
fn machines_that_are_taken_for_others() {
    let found = |text: &str| {
        let all = facts(text);
        all.iter()
            .find_map(|fact| fact.split_once("host_key_unchecked=").map(|(_, what)| what.to_owned()))
            .unwrap_or_default()
    };
    for (text, expected) in [
        ("ssh -o StrictHostKeyChecking=no a@b", "StrictHostKeyChecking=no"),
        ("ssh -oStrictHostKeyChecking=off a@b", "-oStrictHostKeyChecking=off"),
        ("sshpass -e scp -o 'StrictHostKeyChecking no' a b:c", "StrictHostKeyChecking no"),
        ("rsync -e 'ssh -o StrictHostKeyChecking=no' a b:c", "ssh -o StrictHostKeyChecking=no"),
        (
            "GIT_SSH_COMMAND='ssh -o StrictHostKeyChecking=no' git pull",
            "GIT_SSH_COMMAND=ssh -o StrictHostKeyChecking=no",
        ),
        ("export ANSIBLE_HOST_KEY_CHECKING=0", "ANSIBLE_HOST_KEY_CHECKING=0"),
        ("env ANSIBLE_HOST_KEY_CHECKING=no ansible-playbook x", "ANSIBLE_HOST_KEY_CHECKING=no"),
        ("printf 'Host *\\n  StrictHostKeyChecking no\\n' >> /etc/ssh/ssh_config", "StrictHostKeyChecking no"),
        (
            "sed -i 's/#.*StrictHostKeyChecking.*/StrictHostKeyChecking no/' /etc/ssh/ssh_config",
            "StrictHostKeyChecking no",
        ),
        ("ssh -o StrictHostKeyChecking=accept-new a@b", ""),
        ("ssh -o StrictHostKeyChecking=no a@localhost", ""),
        ("grep StrictHostKeyChecking=no x", ""),
        ("MODE='StrictHostKeyChecking=no' x", ""),
        ("export ANSIBLE_HOST_KEY_CHECKING=true", ""),
        ("echo 'StrictHostKeyChecking no' > x", ""),
        ("printf 'Host localhost\\n  StrictHostKeyChecking no\\n' >> /root/.ssh/config", ""),
        ("echo '# StrictHostKeyChecking no' >> /root/.ssh/config", ""),
    ] {
        assert_eq!(found(text), expected, "{text}");
    }
}

#[test]
fn checks_that_a_file_switches_off() {
    let found = |text: &str| facts(text).iter().any(|fact| fact.contains("tls_unverified="));
    for text in [
        "echo check_certificate=off >> ~/.wgetrc",
        "echo insecure > /root/.curlrc",
        "echo strict-ssl=false > .npmrc",
        "echo 'Acquire::https::deb.example::Verify-Peer \"false\";' > /etc/apt/apt.conf.d/9",
    ] {
        assert!(found(text), "{text}");
    }
    for text in [
        "echo check_certificate=on >> ~/.wgetrc",
        "echo silent > /root/.curlrc",
        "echo strict-ssl=true > .npmrc",
        "echo strict-ssl=false > x",
        "echo 'Acquire::https::Verify-Peer \"true\";' > /etc/apt/apt.conf.d/9",
        "echo 'Acquire::http::Verify-Peer \"false\";' > /etc/apt/apt.conf.d/9",
    ] {
        assert!(!found(text), "{text}");
    }
}

#[test]
fn downloads_that_are_checked_afterwards() {
    for (text, expected) in [
        ("wget --no-check-certificate https://x && echo \"1 x\" | sha256sum -c -", "sha256sum -c"),
        ("curl -k https://x -o y && gpg --batch --verify y.asc y", "gpg --batch"),
        ("curl -k https://x -o y && sha512sum --check y.sum", "sha512sum --check"),
        ("curl -k https://x -o y && sha256sum y", ""),
        ("sha256sum -c y.sum && curl -k https://x -o y", ""),
        ("curl -k https://x -o y && gpg --import y", ""),
    ] {
        let known = facts(text);
        let check = known.iter().find_map(|fact| fact.split_once("checked_by=").map(|(_, check)| check));
        assert_eq!(check.unwrap_or_default(), expected, "{text}");
    }
}
