//! Fields of records: such as `PostgreSQL` takes, such as it nearly takes, and such as it refuses.

pub(crate) const TYPES: &[&str] = &[
    "host", "local", "hostssl", "hostnossl", "hostgssenc", "hostnogssenc", "HOST", "hosts", "\"host\"", "",
    "host,local", "ho\"st\"", "include", "@names", "Host", "/host", "all", "host ssl",
];
pub(crate) const NAMES: &[&str] = &[
    "all", "app", "postgres", "replication", "a,b", "app,all", "sameuser", "samerole", "samegroup", "\"all\"",
    "\"a b\"", "+admins", "@names", "ALL", "\"replication\"", "a, b", "\"sameuser\"", "/^db", "/a.*$", "\"/^x\"",
    "+\"a b\"", "\"+x\"", "\"\"", "a,,b", ",a", "a,", "\"a\"\"b\"", "\"a\"b", "a\"b c\"d", "@\"names\"", "\"@names\"",
    "@nothing", "@", "+", "/", "/[", "/(a", "/a{1,2}", "/a{2,1}", "/\\d+", "/*", "/a**", "$u", "\u{e9}", "@sub/more",
    "@pg_hba.conf", "/^(a|b)$", "/[[:alpha:]]", "/[[:nope:]]", "/[z-a]", "/a\\", "/(?i)x", "/a{", "/a{x}", "/\\y",
    "/(?=x)", "/\\1", "/(a)\\1", "/***=a.b", "/a|b", "/|", "/()", "/a{256}", "/\\x41", "/[a-]", "/[]a]", "/^*",
    "/x\"a,b\"", "template0", "a#b", "\"a#b\"", "@names,b", "+admins,@names", "all,replication", "\\", "'a b'",
    "'all'", "*",
];
pub(crate) const ADDRESSES: &[&str] = &[
    "127.0.0.1/32", "0.0.0.0/0", "::1/128", "all", "samenet", "samehost", "10.0.0.0/8", "::/0", "10.1.2.3/8",
    "2001:db8::/32", "db.example.com", ".example.com", "10.0.0.0 255.0.0.0", "::1 ffff:ffff::", "\"all\"", "10.0.0.1",
    "::1", "10.0.0.0/33", "::/129", "10.0.0.0/-1", "10.0.0.0/x", "10.0.0.0/", "10/8", "0/0", "10.1/16",
    "db.example.com/32", "samenet,samehost", "10.0.0.0/8,11.0.0.0/8", "ALL", "*", "", "\"\"", "fe80::1%lo/64",
    "::ffff:10.0.0.1/128", "0x0a.0.0.1/32", "010.0.0.1/32", "10.0.0.0 ffff::", "10.0.0.0 255.0.255.0",
    "10.0.0.0 255.0.0.0 extra", "1.2.3.4.5/32", "999.1.1.1/32", ".", "a..b", "[::1]/128", "127.0.0.1/32/8",
    "\"10.0.0.0\"/8", "10.0.0.0/08", "10.0.0.0/+8", "\"10.0.0.0/ 8\"", "10.0.0.0 /8", "::1 255.0.0.0",
    "10.0.0.0 0xff000000", "10.0.0.0 4278190080", "localhost", "@names", "10.0.0.0 all", "::1/0x80",
    "1:2:3:4:5:6:7:8/127", "::1.2.3.4/128", "1::2::3/8", "12345::/16", "0/32", "0 0", "10.0.0.0/99999999999", "a_b",
    "-", "::%1/0", "0.0.0.0/0x0", "10.0.0.0\t255.0.0.0", "samehost/32", "fe80::/10", "10.0.0.0/8x",
    "10.0.0.0/8\u{a0}",
];
pub(crate) const METHODS: &[&str] = &[
    "md5", "scram-sha-256", "reject", "trust", "password", "peer", "ident", "cert", "ldap", "radius", "gss", "pam",
    "sspi", "bsd", "MD5", "plain", "oauth", "crypt", "krb5", "\"trust\"", "md5,trust", "", "trust#", "scram-sha-512",
    "@names", "tr\"ust\"", "'md5'", "none", "sha256",
];
/// What methods are told, those of `ldap` and `radius` whole.
pub(crate) const OPTIONS: &[&str] = &[
    "map=m", "clientcert=verify-full", "include_realm=0", "ldapserver=h ldapbasedn=\"dc=x\"",
    "radiusservers=10.0.0.1 radiussecrets=s", "ldapserver=h ldapprefix=\"cn=\"", "ldapurl=\"ldap://h/dc=x?uid?sub\"",
    "pamservice=x", "krb_realm=R", "clientcert=verify-ca", "clientname=DN", "clientname=CN",
    "radiusservers=\"10.0.0.1,10.0.0.2\" radiussecrets=\"a,b\"",
    "radiusservers=\"10.0.0.1,10.0.0.2\" radiussecrets=\"a\" radiusports=\"1,2\"", "clientcert=no-verify",
    "clientcert=1", "clientcert=0", "clientcert=x", "clientname=X", "map=", "map", "=m", "map=a=b", "map = m",
    "\"map=a b\"", "map=\"a b\"", "nothing=1", "Map=m", "include_realm=1", "include_realm=yes", "include_realm=",
    "compat_realm=1", "upn_username=1", "ldaptls=1", "ldaptls=2", "ldapport=389", "ldapport=x", "ldapport=0",
    "ldapport=-1", "ldapport=70000", "ldapscheme=ldaps", "ldapscheme=http", "ldapserver=h ldapprefix=a ldapbasedn=b",
    "ldapserver=h", "ldapserver=h ldapbasedn=b ldapsearchattribute=c ldapsearchfilter=d",
    "ldapserver=h ldapbasedn=b ldapbinddn=c ldapbindpasswd=d", "ldapsuffix=x", "ldapurl=http://h", "ldapurl=ldap://h",
    "ldapserver=\"a b\" ldapsuffix=x", "radiusservers=10.0.0.1", "radiussecrets=s",
    "radiusservers=10.0.0.1 radiussecrets=s radiusports=99999",
    "radiusservers=10.0.0.1 radiussecrets=s radiusports=x",
    "radiusservers=10.0.0.1 radiussecrets=s radiusidentifiers=i", "radiusservers=10.0.0.1 radiussecrets=\"\"",
    "radiusservers=\"\" radiussecrets=s", "radiusservers=\"a b\" radiussecrets=s", "pam_use_hostname=1",
    "pam_use_hostname=0", "issuer=https://x scope=y", "issuer=https://x scope=y map=m", "map=m map=n", "# c",
    "@names", "map=m,n", "a,b", "\"\"", "krb_server_hostname=x", "ldapurl=ldap://h:389/dc=x?uid?one?(a=b)",
    "radiusservers=10.0.0.1,10.0.0.2 radiussecrets=a,b", "validator=x", "delegate_ident_mapping=1",
];
