//! What is known of commands: each kind with what is like it and harmless.

mod downloads;
mod secrets;

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
