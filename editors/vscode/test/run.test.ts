import assert from 'node:assert/strict';
import { tmpdir } from 'node:os';
import { test } from 'node:test';
import { argument, run } from '../src/run';

const node = process.execPath;

test('status, output and errors are given', async () => {
  const said = await run(node, ['-e', 'console.log("out"); console.error("err"); process.exit(3)'], tmpdir());
  assert.deepEqual(said, { status: 3, out: 'out\n', err: 'err\n' });
  assert.equal((await run(node, ['-e', '0'], tmpdir())).status, 0);
});

test('no shell reads the arguments', async () => {
  const said = await run(node, ['-p', 'process.argv[1]', '$(id) `id` ; id'], tmpdir());
  assert.equal(said.out, '$(id) `id` ; id\n');
});

test('a program that is not there, or does not end, is told', async () => {
  const gone = await run('/nowhere/hardlint', [], tmpdir());
  assert.equal(gone.status, undefined);
  assert.match(gone.err, /ENOENT/);
  const slow = await run(node, ['-e', 'setTimeout(() => {}, 60000)'], tmpdir(), 300);
  assert.deepEqual(slow, { status: undefined, out: '', err: `${node} took too long` });
});

test('a file is never taken for an option', () => {
  assert.equal(argument('--reveal'), './--reveal');
  assert.equal(argument('nginx.conf'), 'nginx.conf');
});
