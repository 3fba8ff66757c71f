"""A client, and a project on the disk for it."""

import asyncio
import os
import pathlib
import shutil

import pytest_asyncio
from lsprotocol import types
from pytest_lsp import client_capabilities, make_test_lsp_client

ROOT = pathlib.Path(__file__).resolve().parents[4]
SERVER = os.environ.get("HARDLINT_LSP", str(ROOT / "target/debug/hardlint-lsp"))


class Project:
    """A folder with a client that has it open."""

    def __init__(self, folder):
        self.folder = folder
        self.client = make_test_lsp_client()
        self.registered = []
        self.asked_again = []
        self.texts = {}
        self.versions = {}

        @self.client.feature(types.CLIENT_REGISTER_CAPABILITY)
        def register(params: types.RegistrationParams):
            self.registered.extend(params.registrations)

        for method in (types.WORKSPACE_INLAY_HINT_REFRESH, types.WORKSPACE_CODE_LENS_REFRESH):
            self.client.feature(method)(lambda params: None)

        # The library answers this one itself, and keeps nothing of it.
        self.client.protocol.fm._features[types.WORKSPACE_DIAGNOSTIC_REFRESH] = self.asked_again.append

    async def start(self, capabilities, options=None, folders=None):
        await self.client.start_io(SERVER)
        folders = folders or [self.folder]
        self.result = await self.client.initialize_session(
            types.InitializeParams(
                capabilities=capabilities,
                initialization_options=options,
                workspace_folders=[types.WorkspaceFolder(uri=place.as_uri(), name=place.name) for place in folders],
            )
        )
        return self.result

    def uri(self, path):
        return (self.folder / path).as_uri()

    def id(self, path):
        return types.TextDocumentIdentifier(uri=self.uri(path))

    def write(self, path, text):
        place = self.folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        kind = types.FileChangeType.Changed if place.exists() else types.FileChangeType.Created
        place.write_bytes(text.encode())
        return types.FileEvent(uri=self.uri(path), type=kind)

    def tell_files(self, *events):
        self.client.workspace_did_change_watched_files(types.DidChangeWatchedFilesParams(changes=list(events)))

    def open(self, path, text=None):
        if text is None:
            text = (self.folder / path).read_bytes().decode()
        self.texts[path], self.versions[path] = text, 1
        self.client.diagnostics.pop(self.uri(path), None)
        self.client.text_document_did_open(
            types.DidOpenTextDocumentParams(
                text_document=types.TextDocumentItem(uri=self.uri(path), language_id="x", version=1, text=text)
            )
        )

    def change(self, path, *changes):
        """Replaces ranges `(line, character, line, character)`, or the whole where there is none."""
        self.versions[path] += 1
        events = []
        for place, text in changes:
            if place is None:
                events.append(types.TextDocumentContentChangeWholeDocument(text=text))
            else:
                events.append(types.TextDocumentContentChangePartial(range=span(*place), text=text))
        document = types.VersionedTextDocumentIdentifier(uri=self.uri(path), version=self.versions[path])
        self.client.text_document_did_change(
            types.DidChangeTextDocumentParams(text_document=document, content_changes=events)
        )

    async def settle(self):
        """Waits until the server has nothing left to say."""
        await self.client.text_document_hover_async(
            types.HoverParams(text_document=self.id("nowhere"), position=types.Position(0, 0))
        )

    async def found(self, path, holds=lambda rules: True):
        """The rules that are found in a document, once they are as is expected."""
        for _ in range(400):
            told = self.client.diagnostics.get(self.uri(path))
            if told is not None and holds([it.code for it in told]):
                return [it.code for it in told]
            await asyncio.sleep(0.02)
        raise AssertionError(f"{path}: {told}")

    def told(self, path, rule):
        return next(it for it in self.client.diagnostics[self.uri(path)] if it.code == rule)

    async def actions(self, path, place, only=None):
        context = types.CodeActionContext(
            diagnostics=[], only=only, trigger_kind=types.CodeActionTriggerKind.Invoked
        )
        found = await self.client.text_document_code_action_async(
            types.CodeActionParams(text_document=self.id(path), range=place, context=context)
        )
        return {it.title: it for it in found or []}


def span(line, character, end_line, end_character):
    return types.Range(types.Position(line, character), types.Position(end_line, end_character))


def place_of(text, needle, encoding="utf-16", skip=0):
    """Where the first character of a needle stands."""
    at = -1
    for _ in range(skip + 1):
        at = text.index(needle, at + 1)
    before = text[:at]
    line = before.count("\n")
    rest = before[before.rfind("\n") + 1 :]
    width = len(rest.encode("utf-16-le")) // 2 if encoding == "utf-16" else len(rest.encode())
    return types.Position(line, width)


def offset(text, position, encoding="utf-16"):
    lines = text.split("\n")
    start = sum(len(line) + 1 for line in lines[: position.line])
    left, at = position.character, start
    for character in lines[position.line].rstrip("\r"):
        if left <= 0:
            break
        left -= len(character.encode("utf-16-le")) // 2 if encoding == "utf-16" else len(character.encode())
        at += 1
    return at


def edited(text, edits, encoding="utf-16"):
    places = [(offset(text, it.range.start, encoding), offset(text, it.range.end, encoding), it.new_text) for it in edits]
    for start, end, new in sorted(places, reverse=True):
        text = text[:start] + new + text[end:]
    return text


def pushed(**more):
    """What a client can do that is sent diagnostics."""
    capabilities = client_capabilities("visual-studio-code")
    capabilities.text_document.diagnostic = None
    for name, value in more.items():
        setattr(capabilities, name, value)
    return capabilities


@pytest_asyncio.fixture
async def project(tmp_path):
    (tmp_path / ".git").mkdir()
    made = Project(tmp_path)
    yield made
    await made.client.shutdown_session()
    await made.client.stop()


@pytest_asyncio.fixture
async def shop(project):
    shutil.copytree(ROOT / "testdata/shop", project.folder, dirs_exist_ok=True)
    return project
