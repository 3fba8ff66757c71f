import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import manifest from '../package.json';
import { ways } from '../src/install';
import { ASKED, LANGUAGES } from '../src/told';

const { contributes } = manifest;
const source = readFileSync('src/extension.ts', 'utf8');

test('the server is told of every language that is ours', () => {
  const ours = contributes.languages.map((it) => it.id).filter((id) => id !== 'hardlint-effective');
  for (const id of ours) assert.ok((LANGUAGES as readonly string[]).includes(id), id);
  for (const id of ours) assert.ok(manifest.activationEvents.includes(`onLanguage:${id}`), id);
});

test('every language has its colours, and every file of the manifest is there', () => {
  const coloured = contributes.grammars.map((it) => it.language);
  assert.deepEqual(coloured.toSorted(), contributes.languages.map((it) => it.id).toSorted());
  const files = [...contributes.grammars.map((it) => it.path), ...contributes.languages.map((it) => it.configuration)];
  for (const file of [...files, manifest.icon]) assert.ok(existsSync(file), file);
});

test('every command is one that the extension runs', () => {
  for (const { command } of contributes.commands) {
    assert.ok(source.includes(`command('${command.replace('hardlint.', '')}'`), command);
  }
});

test('every setting is told to the server, or is known here', () => {
  const names = Object.keys(contributes.configuration.properties).map((name) => name.replace('hardlint.', ''));
  assert.deepEqual(names.toSorted(), [...ASKED, 'path', 'trace.server'].toSorted());
});

test('the path is not taken from workspaces that are not trusted', () => {
  assert.equal(manifest.capabilities.untrustedWorkspaces.supported, 'limited');
  assert.deepEqual(manifest.capabilities.untrustedWorkspaces.restrictedConfigurations, ['hardlint.path']);
});

test('the version is that of the program', () => {
  const cargo = readFileSync('../../Cargo.toml', 'utf8');
  assert.equal(manifest.version, /^version = "([^"]*)"/m.exec(cargo)?.[1]);
});

test('no way to install it asks for more rights, or pipes a download into a shell', () => {
  for (const windows of [true, false]) {
    for (const { command } of ways(windows)) assert.doesNotMatch(command, /sudo|curl|wget|\||&& *rm/);
  }
});
