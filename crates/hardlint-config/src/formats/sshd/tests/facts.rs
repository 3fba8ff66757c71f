//! What follows from lines: signatures that they bring back, variables that they let in, and lines that mean nothing.

use super::super::keys::kind;
use super::{one, scopes, value};
use crate::model::ScopeId;

#[test]
fn signatures_with_sha1_are_those_that_a_line_brings_back() {
    for (text, everybodys, dsa) in [
        ("", "", "no"),
        ("PubkeyAcceptedAlgorithms +ssh-rsa\n", "ssh-rsa", "no"),
        ("PubkeyAcceptedAlgorithms rsa-sha2-512,rsa-sha2-256\n", "", "no"),
        ("PubkeyAcceptedAlgorithms -ssh-rsa\n", "", "no"),
        (
            "PubkeyAcceptedKeyTypes ssh-*\n",
            "ssh-dss ssh-dss-cert-v01@openssh.com ssh-rsa ssh-rsa-cert-v01@openssh.com",
            "no",
        ),
        // OpenSSH 10 no longer knows it, and 9.2 does.
        ("HostKeyAlgorithms +ssh-dss\nCASignatureAlgorithms ^ssh-rsa\n", "ssh-dss ssh-rsa", "yes"),
        ("HostKeyAlgorithms ssh-ed25519\nHostKeyAlgorithms +ssh-rsa\n", "", "no"),
        ("Match User a\nPubkeyAcceptedAlgorithms +ssh-rsa\n", "", "no"),
    ] {
        one(text, |model, _| {
            assert_eq!(value(model, ScopeId(1), "sha1_signatures"), everybodys, "{text}");
            assert_eq!(value(model, ScopeId(0), "dsa_offered"), dsa, "{text}");
        });
    }
    one("HostKeyAlgorithms +ssh-rsa\nMatch User a\nPubkeyAcceptedAlgorithms +ssh-dss\n", |model, _| {
        assert_eq!(value(model, ScopeId(1), "sha1_signatures"), "ssh-rsa");
        assert_eq!(value(model, ScopeId(2), "sha1_signatures"), "ssh-rsa ssh-dss");
    });
    // A block for everybody overrides the file, and blocks behind it.
    let text = "PubkeyAcceptedAlgorithms +ssh-rsa\nMatch all\nPubkeyAcceptedAlgorithms ssh-ed25519\n\
                Match User a\nPubkeyAcceptedAlgorithms +ssh-dss\n";
    one(text, |model, _| {
        assert_eq!([1, 2, 3].map(|scope| value(model, ScopeId(scope), "sha1_signatures")), ["", "", ""]);
    });
}

#[test]
fn variables_that_choose_what_programs_load_are_seen() {
    for (text, clients, users) in [
        ("AcceptEnv LANG LC_*\nAcceptEnv GIT_PROTOCOL\n", "", ""),
        ("AcceptEnv LANG *\n", "*", ""),
        ("AcceptEnv L*\n", "L*", ""),
        // sshd sets these itself, after the client's.
        ("AcceptEnv PATH HOME\n", "", ""),
        ("AcceptEnv ld_preload\n", "", ""),
        ("PermitUserEnvironment no\n", "", ""),
        ("PermitUserEnvironment yes\n", "", "yes"),
        ("PermitUserEnvironment LANG,LC_*\n", "", ""),
        ("PermitUserEnvironment PATH,LANG\n", "", "PATH,LANG"),
        ("PermitUserEnvironment *,!LD_*,!*ENV,!P*,!RUBY*,!NODE_*,!SHELL*\n", "", ""),
    ] {
        one(text, |model, _| {
            assert_eq!(value(model, ScopeId(1), "unsafe_environment"), clients, "{text}");
            assert_eq!(value(model, ScopeId(0), "unsafe_user_environment"), users, "{text}");
        });
    }
    // A block's list replaces that of the file.
    one("AcceptEnv *\nMatch User a\nAcceptEnv LANG\n", |model, _| {
        assert_eq!(value(model, ScopeId(2), "unsafe_environment"), "");
    });
}

#[test]
fn lines_that_sshd_passes_over_are_told() {
    one(
        "Protocol 2,1\nUsePrivilegeSeparation sandbox # once\nMatch User a\nRSAAuthentication yes\n",
        |model, reader| {
            let found = scopes(model, reader, kind::RETIRED);
            let names = ["Protocol", "UsePrivilegeSeparation", "RSAAuthentication"];
            assert_eq!(found, names.map(str::to_owned).into_iter().zip([1, 2, 4]).collect::<Vec<_>>());
            let first = model.scopes.iter().position(|scope| scope.kind == kind::RETIRED).unwrap();
            assert_eq!(value(model, ScopeId(u32::try_from(first).unwrap()), "value"), "2,1");
            assert_eq!(value(model, ScopeId(u32::try_from(first + 1).unwrap()), "value"), "sandbox");
        },
    );
}
