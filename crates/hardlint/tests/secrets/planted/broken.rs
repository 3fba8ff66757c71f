//! Files that their programs refuse, each for a reason of its own: a message must not tell what was there.

/// Path and text of each.
pub(crate) const FILES: &[(&str, &str)] = &[
    (
        "a/compose.yaml",
        "services:\n  a:\n    image: x\n    privileged: true\n    environment:\n      - DB_PASSWORD=«»\n      API_TOKEN: «»\n",
    ),
    ("b/compose.yaml", "services:\n  a:\n    image: x\n    environment: {DB_PASSWORD: «», API_TOKEN: «\n  »: [\n"),
    (
        "c/compose.yaml",
        "services:\n  a:\n    image: x\n    environment:\n      DB_PASSWORD: *«»\n      OTHER_SECRET: &a\n",
    ),
    ("d/compose.yaml", "services:\n  a:\n    image: x\n    environment:\n      DB_PASSWORD: \"«\\q»\"\n"),
    (
        "e/compose.yaml",
        "services:\n  a:\n    image: x\n    environment:\n      DB_PASSWORD: ${A:?«»}\n      T: ${DB_PASSWORD:-«»}\n      B: ${TOKEN-«»\n",
    ),
    (
        "f/compose.yaml",
        "services:\n  a:\n    image: x\n    privileged: true\n    password: «»\n    ports: ['x:80']\n    entrypoint: {password: «»}\n    environment: 'DB_PASSWORD=«»'\n",
    ),
    (
        "g/compose.yaml",
        "services:\n  a:\n    image: x\n    environment:\n      DB_PASSWORD: !secret «»\n      DB_PASSWORD: «»\n\tTOKEN: «»\n",
    ),
    (
        "h/compose.yaml",
        "services:\n  a:\n    image: x\n    env_file: ['https://u:«»@h/x']\n    extends: {file: 'https://u:«»@h', service: b}\ninclude: ['https://u:«»@h/x.git']\n",
    ),
    ("i/compose.yaml", "services:\n  a: {image: x, env_file: p.env}\n"),
    ("i/p.env", "DB_PASSWORD=\"«\nTOKEN=»\nAPI KEY=«»\n=«»\nPASSWORD «»\n"),
    ("a/.env", "DB_PASSWORD='«\nAPI_TOKEN=»\n2X=«»\nSECRET_KEY: «»\nexport\n"),
    (
        "a/Dockerfile",
        "FROM debian:12\nENV DB_PASSWORD=« »\nENV TOKEN «» =\nRUNN curl -u u:«» x\nLABEL password='«\nRUN x\n",
    ),
    (
        "b/Dockerfile",
        "ENV DB_PASSWORD=«»\nFROM debian:12\nRUN --mount=type=secret,token=«» x\nCOPY --password=«» a b\nHEALTHCHECK --token=«» CMD x\n",
    ),
    (
        "c/Dockerfile",
        "FROM debian:12\nCMD [\"x\", \"--password\", '«»']\nENTRYPOINT [\"--token=«»\",\nUSER ${DB_PASSWORD:?«»}\nARG A=${TOKEN:«»}\n",
    ),
    ("d/Dockerfile", "FROM https://u:«»@registry.example/x\nRUN <<EOT\nexport TOKEN=«»\n"),
    (
        "e/Dockerfile",
        "FROM debian:12\nEXPOSE password=«»\nPASSWORD «»\nSTOPSIGNAL https://u:«»@h\nONBUILD FROM token=«»\n",
    ),
    ("a/nginx.conf", "events {}\nhttp { server { listen 80; autoindex on; set $api_token \"«»;\n}}\n"),
    ("b/nginx.conf", "events {}\nhttp { server { listen 80; proxy_set_header Authorization \"Bearer «»\"x; } }\n"),
    (
        "c/nginx.conf",
        "events {}\nhttp { server { listen password=«»; proxy_set_header Authorization Basic «»;\n password «»; set token «»; proxy_pass http://u:«»@; } }\n",
    ),
    (
        "d/nginx.conf",
        "events {}\nhttp { server { if ($http_token == \"«»\") { return 403; } proxy_passs http://u:«»@h; api_key «» } }\n",
    ),
    ("a/redis.conf", "requirepass «» «»\nrequirepas «»\nmasterauth \"«»\nuser a on >«» <«» !«»x bad\nbind\n"),
    (
        "b/redis.conf",
        "bind 0.0.0.0\nuser b ~* on>«» \"#«»\"\nmaxmemory password=«»\nport «»TOKEN\nrename-command CONFIG\nrename-command A «» «»\n",
    ),
    (
        "a/postgresql.conf",
        "password = «»\nprimary_conninfo = 'password=«»\nssl_passphrase_command = echo «»\nport = 'token=«»'\nlisten_addresses = '*'\n",
    ),
    (
        "b/postgresql.conf",
        "listen_addresses '*' password=«»\nlog_line_prefix = 'x' token=«»\ninclude 'https://u:«»@h'\nssl password:«»\n",
    ),
    (
        "a/pg_hba.conf",
        "host all all 0.0.0.0/0 trust\nhost all all 10.0.0.0/8 ldap ldapbindpasswd = «»\nhost all all 10.0.0.0/8 radius radiussecrets=« »\nhost all all password=«» md5\nhostssl ldapbindpasswd=«»\n",
    ),
    (
        "a/sshd_config",
        "PermitRootLogin password=«»\nSetEnv TOKEN «»\nSetEnv DB_PASSWORD=\"«»\nPort secret=«»\nPasswd «»\nMatch token=«»\nMatch User a token=«»\n",
    ),
    (
        "a/airflow.cfg",
        "[core]\nfernet_key «»\nsql_alchemy_conn: postgresql://u:«»@h/%d\nfernet_key = %«»\n[core]\nfernet_key = «»\npassword\n  «»\n",
    ),
    ("b/airflow.cfg", "secret_key = «»\n[webserver\nsecret_key = «»%\nexpose_config = True\npassword = «»%(x\n"),
    (
        "a/settings.py",
        "DEBUG = True\nALLOWED_HOSTS = ['*']\nINSTALLED_APPS = ['django.contrib.auth']\nROOT_URLCONF = 'a'\nSECRET_KEY = '«»\nPASSWORD = '«»' '«\nTOKEN = (\"«»\"\n",
    ),
    (
        "b/settings.py",
        "DEBUG = True\nALLOWED_HOSTS = ['*']\nINSTALLED_APPS = ['django.contrib.auth']\nROOT_URLCONF = 'a'\nDATABASES = {'default': {'PASSWORD' '«»'}}\nSECRET_KEY = int('«»')\nAPI_TOKEN == '«»' ++\n  MAIL_PASSWORD = '«»'\n",
    ),
    (
        "c/settings.py",
        "DEBUG = True\nALLOWED_HOSTS = ['*']\nINSTALLED_APPS = ['django.contrib.auth']\nROOT_URLCONF = 'a'\nraise ValueError('password «»')\n",
    ),
    (
        "d/settings.py",
        "ALLOWED_HOSTS = ['*']\nINSTALLED_APPS = ['django.contrib.auth']\nROOT_URLCONF = 'a'\nDEBUG = {'token': '«»'}['x']\nassert False, 'token=«»'\n",
    ),
    (
        "a/app.py",
        "from flask import Flask\napp = Flask(__name__)\napp.secret_key = '«»\napp.config['SECRET_KEY'] = «»\napp.run(password='«»' debug=True)\n",
    ),
    (
        "a/main.py",
        "from fastapi import FastAPI\napp = FastAPI(debug=True, secret_key='«»' '«»\napp.add_middleware(SessionMiddleware, secret_key='«»'\n",
    ),
];
