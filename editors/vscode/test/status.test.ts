import assert from 'node:assert/strict';
import { test } from 'node:test';
import { shown, type State } from '../src/status';

const none = { errors: 0, warnings: 0, others: 0 };
const running: State = { is: 'running', version: '0.1.0', program: '/usr/bin/hardlint' };

test('findings are counted', () => {
  const { text, tooltip, alarm } = shown(running, { errors: 1, warnings: 2, others: 3 }, []);
  assert.equal(text, '$(shield) 6');
  assert.equal(tooltip, 'hardlint 0.1.0: 6 findings: 1 error, 2 warnings, 3 below\n\n/usr/bin/hardlint');
  assert.equal(alarm, undefined);
  assert.match(shown(running, none, []).tooltip, /: nothing found\n/);
});

test('a program that is missing or failed is told', () => {
  assert.deepEqual(shown({ is: 'missing', why: 'it is not on the PATH' }, none, []), {
    text: '$(shield) hardlint: not installed',
    tooltip: 'it is not on the PATH',
    alarm: 'warning',
  });
  assert.equal(shown({ is: 'failed', why: 'it ended' }, none, []).alarm, 'error');
});

test('what is not used for want of trust is told in every state', () => {
  const states: State[] = [
    running,
    { is: 'starting' },
    { is: 'stopped' },
    { is: 'missing', why: '' },
    { is: 'failed', why: '' },
  ];
  for (const state of states)
    assert.match(shown(state, none, ['x stands there']).tooltip, /\n\nNot used: x stands there\.$/);
});
