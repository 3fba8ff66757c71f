//! What is fetched and installed.

use super::*;

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
