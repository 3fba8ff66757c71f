"""Every capability, by a client that is not ours."""

import asyncio

import pytest
from conftest import edited, place_of, pushed, span
from lsprotocol import types
from pytest_lsp import client_capabilities

NGINX = (
    "events {}\r\nhttp {\r\n\tserver_tokens off;\r\n"
    "\tserver {\r\n\t\tlisten 80; # é🦀\r\n\t\tset $x '🦀é'; location /a { alias /srv/a/; }\r\n"
    "\t\tadd_header X-Content-Type-Options nosniff; # 🦀\r\n\t\tlocation /b { add_header X-Content-Type-Options nosniff; }\r\n\t}\r\n}\r\n"
)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8"])
async def test_places_are_counted_as_agreed(project, encoding):
    capabilities = pushed()
    capabilities.general.position_encodings = [types.PositionEncodingKind(encoding)]
    result = await project.start(capabilities)
    assert result.capabilities.position_encoding == encoding
    project.open("nginx.conf", NGINX)
    await project.found("nginx.conf", lambda rules: "nginx/alias-traversal" in rules)
    alias = project.told("nginx.conf", "nginx/alias-traversal")
    start = place_of(NGINX, "/a {", encoding)
    assert alias.range == types.Range(start, types.Position(start.line, start.character + 2))
    # Changes behind characters of several units, one after the other.
    emoji = place_of(NGINX, "🦀é", encoding)
    behind = place_of(NGINX, "é';", encoding)
    end = types.Position(start.line, start.character + 2)
    project.change(
        "nginx.conf",
        ((end.line, end.character, end.line, end.character), "/"),
        ((emoji.line, emoji.character, behind.line, behind.character), ""),
    )
    await project.found("nginx.conf", lambda rules: "nginx/alias-traversal" not in rules)
    text = NGINX.replace("/a {", "/a/ {").replace("'🦀é'", "'é'")
    header = project.told("nginx.conf", "nginx/security-header-without-always")
    start = place_of(text, "X-Content", encoding)
    assert header.range.start.line == start.line
    hover = await project.client.text_document_hover_async(
        types.HoverParams(text_document=project.id("nginx.conf"), position=place_of(text, "alias", encoding))
    )
    assert "In effect in location" in hover.contents.value and "nginx.org" in hover.contents.value


async def test_findings_are_sent_with_what_belongs_to_them(shop):
    await shop.start(pushed())
    shop.open("nginx/conf.d/50-help.conf")
    rules = await shop.found("nginx/conf.d/50-help.conf", bool)
    told = shop.client.diagnostics[shop.uri("nginx/conf.d/50-help.conf")][0]
    assert told.source == "hardlint" and told.code in rules
    assert told.code_description.href.startswith("https://")
    shop.open("Dockerfile", "# hardlint: allow[dockerfile/sudo-in-image] nothing\nFROM debian:12\nUSER app\n")
    await shop.found("Dockerfile", lambda rules: "hardlint/unused-allow" in rules)
    unused = shop.told("Dockerfile", "hardlint/unused-allow")
    assert "is allowed here, but does not fire" in unused.message
    assert list(unused.tags) == [types.DiagnosticTag.Unnecessary]
    shop.open("nginx.conf", NGINX)
    await shop.found("nginx.conf", lambda rules: "nginx/alias-traversal" in rules)
    related = shop.told("nginx.conf", "nginx/alias-traversal").related_information
    assert related[0].location.uri == shop.uri("nginx.conf")


async def test_diagnostics_are_given_to_who_asks(shop):
    capabilities = client_capabilities("visual-studio-code")
    capabilities.text_document.diagnostic = types.DiagnosticClientCapabilities()
    await shop.start(capabilities)
    shop.open("ssh/etc/ssh/sshd_config")
    ask = lambda before: shop.client.text_document_diagnostic_async(
        types.DocumentDiagnosticParams(text_document=shop.id("ssh/etc/ssh/sshd_config"), previous_result_id=before)
    )
    first = await ask(None)
    assert first.kind == "full" and first.items
    again = await ask(first.result_id)
    assert again.kind == "unchanged" and again.result_id == first.result_id
    assert shop.client.diagnostics == {}
    whole = await shop.client.workspace_diagnostic_async(types.WorkspaceDiagnosticParams(previous_result_ids=[]))
    files = {report.uri: report for report in whole.items}
    assert shop.uri("compose.yaml") in files and files[shop.uri("compose.yaml")].items
    before = [types.PreviousResultId(uri=uri, value=report.result_id) for uri, report in files.items()]
    again = await shop.client.workspace_diagnostic_async(types.WorkspaceDiagnosticParams(previous_result_ids=before))
    assert {report.kind for report in again.items} == {"unchanged"}


async def test_who_asks_is_told_to_ask_again_when_another_file_changed(project):
    capabilities = client_capabilities("visual-studio-code")
    capabilities.text_document.diagnostic = types.DiagnosticClientCapabilities()
    capabilities.workspace.diagnostics = types.DiagnosticWorkspaceClientCapabilities(refresh_support=True)
    project.write("nginx.conf", "events {}\nhttp {\n\tserver_tokens on;\n\tinclude conf.d/*.conf;\n}\n")
    await project.start(capabilities)
    project.open("nginx.conf")
    ask = lambda: project.client.text_document_diagnostic_async(
        types.DocumentDiagnosticParams(text_document=project.id("nginx.conf"))
    )
    assert "nginx/server-tokens-on" not in [it.code for it in (await ask()).items]
    project.tell_files(project.write("conf.d/a.conf", "server { listen 80; }\n"))
    for _ in range(200):
        if project.asked_again:
            break
        await asyncio.sleep(0.02)
    assert project.asked_again
    assert "nginx/server-tokens-on" in [it.code for it in (await ask()).items]


async def test_options_of_the_start_hold_where_no_settings_are(project):
    project.client.set_configuration({})
    await project.start(pushed(), {"severity": "high"})
    project.open("nginx.conf", NGINX)
    await project.settle()
    project.change("nginx.conf", (None, NGINX + "\n"))
    await project.found("nginx.conf", lambda rules: rules == ["nginx/alias-traversal"])


async def test_fixes_keep_line_ends_tabs_and_characters(project):
    await project.start(pushed())
    project.open("nginx.conf", NGINX)
    await project.found("nginx.conf", lambda rules: rules.count("nginx/security-header-without-always") == 2)
    at = project.told("nginx.conf", "nginx/security-header-without-always").range
    actions = await project.actions("nginx.conf", at)
    expected = NGINX.replace("nosniff; # 🦀", "nosniff always; # 🦀")
    fix = next(action for title, action in actions.items() if action.is_preferred)
    change = fix.edit.document_changes[0]
    assert change.text_document == types.OptionalVersionedTextDocumentIdentifier(uri=project.uri("nginx.conf"), version=1)
    assert edited(NGINX, change.edits) == expected
    every = actions["hardlint: fix all of nginx/security-header-without-always in this file"]
    assert edited(NGINX, every.edit.document_changes[0].edits) == NGINX.replace("nosniff;", "nosniff always;")
    allow = actions["hardlint: allow nginx/security-header-without-always here, with a reason"]
    text = edited(NGINX, allow.edit.document_changes[0].edits)
    assert "\r\n\t\t# hardlint: allow[nginx/security-header-without-always] TODO: say why\r\n\t\tadd_header" in text
    assert text.count("\n") == text.count("\r\n")
    assert "hardlint: explain nginx/security-header-without-always" in actions
    rule = ["nginx/security-header-without-always"]
    await project.client.workspace_execute_command_async(
        types.ExecuteCommandParams(command="hardlint.explain", arguments=rule)
    )
    await project.settle()
    assert project.client.shown_documents[0].uri.startswith("https://")
    only = [types.CodeActionKind.SourceFixAll]
    actions = await project.actions("nginx.conf", span(0, 0, 0, 0), only)
    assert [action.kind for action in actions.values()] == ["source.fixAll.hardlint"]
    (every,) = actions.values()
    assert edited(NGINX, every.edit.document_changes[0].edits) == NGINX.replace("nosniff;", "nosniff always;")


async def test_a_fix_reaches_a_file_that_is_not_open(project):
    project.write("nginx.conf", "events {}\nhttp {\n\tserver_tokens on;\n\tinclude conf.d/*.conf;\n}\n")
    project.write("conf.d/a.conf", "server { listen 80; }\n")
    await project.start(pushed())
    project.open("conf.d/a.conf")
    project.open("nginx.conf")
    await project.found("nginx.conf", lambda rules: "nginx/server-tokens-on" in rules)
    actions = await project.actions("nginx.conf", project.told("nginx.conf", "nginx/server-tokens-on").range)
    fix = next(action for action in actions.values() if action.edit and "allow" not in action.title)
    change = fix.edit.document_changes[0]
    assert "server_tokens off;" in edited(project.texts["nginx.conf"], change.edits)


async def test_hover_tells_no_secret(shop):
    await shop.start(pushed())
    shop.open(".env")
    text = shop.texts[".env"]
    for needle in ["DB_PASSWORD", "not-a-real-password-1"]:
        hover = await shop.client.text_document_hover_async(
            types.HoverParams(text_document=shop.id(".env"), position=place_of(text, needle))
        )
        if hover:
            assert "not-a-real" not in hover.contents.value


async def test_places_lead_to_what_they_name(shop):
    await shop.start(pushed())
    for path in ["compose.yaml", "web/Dockerfile", "nginx/conf.d/20-shop.conf", ".env", "web/shop/settings/production.py"]:
        shop.open(path)

    async def leads(path, needle, skip=0):
        found = await shop.client.text_document_definition_async(
            types.DefinitionParams(
                text_document=shop.id(path), position=place_of(shop.texts[path], needle, skip=skip)
            )
        )
        return [(it.uri.removeprefix(shop.folder.as_uri() + "/"), it.range.start.line) for it in found or []]

    line = lambda path, needle: place_of(shop.texts[path], needle).line
    found = await leads("nginx/conf.d/20-shop.conf", "snippets/proxy.conf")
    assert found == [("nginx/snippets/proxy.conf", 0)]
    assert await leads("compose.yaml", "env/web.env") == [("env/web.env", 0)]
    dockerfile = shop.texts["web/Dockerfile"]
    assert await leads("web/Dockerfile", "base AS build") == [("web/Dockerfile", line("web/Dockerfile", "FROM python"))]
    build = [("web/Dockerfile", line("web/Dockerfile", "FROM base AS build"))]
    assert await leads("web/Dockerfile", "build /install") == build, dockerfile
    assert ("web/shop/settings/base.py", 0) in await leads("web/shop/settings/production.py", "from .base")
    assert (".env", line(".env", "DB_PASSWORD")) in await leads("compose.yaml", "DB_PASSWORD")
    found = await shop.client.text_document_references_async(
        types.ReferenceParams(
            text_document=shop.id(".env"),
            position=place_of(shop.texts[".env"], "DB_PASSWORD"),
            context=types.ReferenceContext(include_declaration=True),
        )
    )
    files = {it.uri.removeprefix(shop.folder.as_uri() + "/") for it in found}
    assert {".env", "compose.yaml"} <= files, files
    links = await shop.client.text_document_document_link_async(
        types.DocumentLinkParams(text_document=shop.id("compose.yaml"))
    )
    targets = {it.target.removeprefix(shop.folder.as_uri() + "/") for it in links}
    assert {"env/web.env", "backup/Dockerfile", "airflow/airflow.cfg"} <= targets, targets


async def test_lenses_tell_what_a_file_is_for(shop):
    await shop.start(pushed())
    for path, expected in [("web/Dockerfile", "web"), ("env/db.env", "db"), ("web/shop/settings/production.py", "worker")]:
        shop.open(path)
        lenses = await shop.client.text_document_code_lens_async(types.CodeLensParams(text_document=shop.id(path)))
        assert any(expected in lens.command.title for lens in lenses), (path, lenses)
    assert any(":" in lens.command.title for lens in lenses)


async def test_hints_tell_what_overrules_a_line(project):
    project.write(".env", "LEVEL=high\nTOKEN=not-a-real-one-5\n")
    await project.start(pushed())
    text = "PermitRootLogin no # é🦀\r\nX11Forwarding no\r\nPermitRootLogin yes\r\n"
    project.open("sshd_config", text)
    ask = lambda path: project.client.text_document_inlay_hint_async(
        types.InlayHintParams(text_document=project.id(path), range=span(0, 0, 99, 0))
    )
    hints = await ask("sshd_config")
    assert [(hint.position, hint.label) for hint in hints] == [
        (types.Position(2, 19), "overruled by sshd_config:1")
    ]
    project.open("compose.yaml", "services:\n  a:\n    image: x:1\n    user: ${LEVEL}\n    hostname: ${TOKEN}\n")
    labels = [hint.label for hint in await ask("compose.yaml")]
    assert labels == ["= high from .env:1", "= TOKEN (16 characters) from .env:2"]


async def test_hints_say_nothing_that_their_line_says(shop):
    await shop.start(pushed())
    shop.open("compose.yaml")
    hints = await shop.client.text_document_inlay_hint_async(
        types.InlayHintParams(text_document=shop.id("compose.yaml"), range=span(0, 0, 999, 0))
    )
    assert hints
    assert not [hint for hint in hints if hint.label.endswith(f"compose.yaml:{hint.position.line + 1}")]


async def test_keys_and_values_are_completed(project):
    await project.start(pushed())

    async def complete(path, text):
        at = text.index("|")
        plain = text.replace("|", "", 1)
        project.open(path, plain)
        found = await project.client.text_document_completion_async(
            types.CompletionParams(text_document=project.id(path), position=place_of(text, "|"))
        )
        assert at >= 0
        return plain, {it.label: it for it in found or []}

    text, items = await complete("sshd_config", "# é🦀\r\nPermitRoot|\r\nPort 22\r\n")
    item = items["PermitRootLogin"]
    assert "root" in item.documentation.value and edited(text, [item.text_edit]).splitlines()[1] == "PermitRootLogin "
    _, items = await complete("sshd_config", "X11Forwarding |\n")
    assert {"yes", "no"} <= set(items)
    _, items = await complete("postgresql.conf", "ssl = |\n")
    assert {"on", "off"} <= set(items)
    _, items = await complete("nginx.conf", "events {}\nhttp {\n\tserver {\n\t\tlisten 80;\n\t\tautoin|\n\t}\n}\n")
    assert "autoindex" in items
    _, items = await complete("compose.yaml", "services:\n  web:\n    image: x:1\n    privil|\n")
    assert "privileged" in items
    _, items = await complete("sshd_config", "# Permit|\n")
    assert items == {}


# All that the key takes, by the vendors' pages; and what begins a line.
@pytest.mark.parametrize(
    ("path", "text", "expected"),
    [
        ("sshd_config", "PermitRootLogin |\n", {"yes", "no", "prohibit-password", "without-password", "forced-commands-only"}),
        ("sshd_config", "AllowTcpForwarding l|\n", {"yes", "no", "all", "local", "remote"}),
        ("nginx.conf", "events {}\nhttp {\n  ssl_verify_client |;\n}\n", {"on", "off", "optional", "optional_no_ca"}),
        ("postgresql.conf", "password_encryption = |\n", {"md5", "scram-sha-256"}),
        ("redis.conf", "appendfsync |\n", {"always", "everysec", "no"}),
        ("compose.yaml", "services:\n  web:\n    image: x:1\n    restart: |\n", {"no", "always", "on-failure", "unless-stopped"}),
        ("pg_hba.conf", "host|\n", {"local", "host", "hostssl", "hostnossl", "hostgssenc", "hostnogssenc"}),
        ("Dockerfile", "FROM debian:12\nRUN true \\\n|\n", set()),
        ("Dockerfile", "FROM debian:12\nRUN |\n", set()),
    ],
)
async def test_what_a_place_takes_is_completed(project, path, text, expected):
    await project.start(pushed())
    project.open(path, text.replace("|", "", 1))
    found = await project.client.text_document_completion_async(
        types.CompletionParams(text_document=project.id(path), position=place_of(text, "|"))
    )
    labels = {it.label for it in found or []}
    assert expected <= labels and (expected or not labels)


async def test_instructions_and_options_of_the_section_are_completed(project):
    await project.start(pushed())
    for path, text, some, other in [
        ("Dockerfile", "FROM debian:12\nEN|\n", {"ENV", "ENTRYPOINT", "USER"}, set()),
        ("airflow.cfg", "[core]\nfernet_key = \n[webserver]\nexpose|\n", {"webserver.expose_config"}, {"core.fernet_key"}),
    ]:
        project.open(path, text.replace("|", "", 1))
        found = await project.client.text_document_completion_async(
            types.CompletionParams(text_document=project.id(path), position=place_of(text, "|"))
        )
        labels = {it.label for it in found or []}
        assert some <= labels and not (other & labels), path


async def test_files_that_others_change_are_followed(project):
    await project.start(pushed())
    for _ in range(100):
        if project.registered:
            break
        await asyncio.sleep(0.02)
    assert {it.method for it in project.registered} >= {"workspace/didChangeWatchedFiles"}
    main = "events {}\nhttp {\n\tserver_tokens on;\n\tinclude conf.d/*.conf;\n}\n"
    project.tell_files(project.write("nginx.conf", main))
    project.open("nginx.conf")
    await project.found("nginx.conf", lambda rules: "nginx/server-tokens-on" not in rules)
    project.tell_files(project.write("conf.d/a.conf", "server { listen 80; }\n"))
    await project.found("nginx.conf", lambda rules: "nginx/server-tokens-on" in rules)
    (project.folder / "conf.d/a.conf").rename(project.folder / "conf.d/a.off")
    project.client.workspace_did_rename_files(
        types.RenameFilesParams(
            files=[types.FileRename(old_uri=project.uri("conf.d/a.conf"), new_uri=project.uri("conf.d/a.off"))]
        )
    )
    await project.found("nginx.conf", lambda rules: "nginx/server-tokens-on" not in rules)
    # What is ignored is none of the project's.
    project.tell_files(project.write(".gitignore", "build/\n"))
    project.tell_files(project.write("build/sshd_config", "PermitRootLogin yes\n"))
    project.tell_files(project.write("hardlint.toml", "ignore = ['nginx/alias-traversal']\n"))
    project.change("nginx.conf", (None, NGINX))
    await project.found("nginx.conf", lambda rules: rules and "nginx/alias-traversal" not in rules)
    project.client.text_document_did_close(types.DidCloseTextDocumentParams(text_document=project.id("nginx.conf")))
    await project.found("nginx.conf", lambda rules: rules == [])


async def test_settings_are_asked_for_and_taken(project):
    project.client.set_configuration({"hardlint": {"severity": "high"}})
    await project.start(pushed(), {"preview": True})
    project.open("nginx.conf", NGINX)
    await project.found("nginx.conf", lambda rules: rules == ["nginx/alias-traversal"])
    project.client.set_configuration({"hardlint": {"ignore": ["nginx/alias-*"], "codeLens": False}})
    project.client.workspace_did_change_configuration(types.DidChangeConfigurationParams(settings=None))
    await project.found("nginx.conf", lambda rules: rules and "nginx/alias-traversal" not in rules)


async def test_several_folders_and_progress(tmp_path, project):
    one, two = project.folder / "one", project.folder / "two"
    for place in (one, two):
        (place / ".git").mkdir(parents=True)
        (place / "nginx.conf").write_text(NGINX)
    await project.start(pushed(), folders=[one])
    project.open("one/nginx.conf")
    await project.found("one/nginx.conf", bool)
    await project.settle()
    kinds = [[type(report).__name__ for report in reports] for reports in project.client.progress_reports.values()]
    assert kinds == [["WorkDoneProgressBegin", "WorkDoneProgressEnd"]]
    folder = types.WorkspaceFolder(uri=two.as_uri(), name="two")
    event = types.WorkspaceFoldersChangeEvent(added=[folder], removed=[])
    project.client.workspace_did_change_workspace_folders(types.DidChangeWorkspaceFoldersParams(event=event))
    whole = await project.client.workspace_diagnostic_async(types.WorkspaceDiagnosticParams(previous_result_ids=[]))
    assert {report.uri for report in whole.items} == {(place / "nginx.conf").as_uri() for place in (one, two)}


async def test_requests_can_be_taken_back(project):
    await project.start(pushed())
    project.open("nginx.conf", NGINX * 40)
    params = types.HoverParams(text_document=project.id("nginx.conf"), position=types.Position(2, 4))
    protocol = project.client.protocol
    asked = [protocol.send_request("textDocument/hover", params, msg_id=f"own-{number}") for number in range(10)]
    protocol.notify("$/cancelRequest", types.CancelParams(id="own-9"))
    answers = await asyncio.gather(*map(asyncio.wrap_future, asked), return_exceptions=True)
    assert all(not isinstance(it, Exception) for it in answers[:9])
    assert not isinstance(answers[9], Exception) or answers[9].code == types.LSPErrorCodes.RequestCancelled
    await project.settle()


@pytest.mark.parametrize("name", ["visual-studio-code", "neovim@0.7.0", "neovim", "emacs"])
async def test_clients_with_other_abilities_are_served(project, name):
    await project.start(client_capabilities(name))
    project.open("nginx.conf", NGINX)
    if project.client.capabilities.text_document.diagnostic:
        report = await project.client.text_document_diagnostic_async(
            types.DocumentDiagnosticParams(text_document=project.id("nginx.conf"))
        )
        assert "nginx/alias-traversal" in [it.code for it in report.items]
    else:
        await project.found("nginx.conf", lambda rules: "nginx/alias-traversal" in rules)
    actions = await project.actions("nginx.conf", span(6, 0, 6, 40))
    assert any(action.edit for action in actions.values())
