//! Keys, tokens and passwords.

use super::*;

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
