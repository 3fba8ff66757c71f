import assert from 'node:assert/strict';
import { test } from 'node:test';
import { page } from '../src/page';

const links = [{ title: 'Text', command: 'hardlint.tellGraph', argument: { folder: '/a "b"/<c>', form: 'text' } }];
const html = page({
  nonce: 'abc',
  svg: '<svg><script>alert(1)</script></svg>',
  folder: '<b>shop</b>',
  notes: 'x & <y>',
  links,
});

test('the page allows itself one style and pictures that it holds', () => {
  assert.match(html, /content="default-src 'none'; img-src data:; style-src 'nonce-abc'"/);
  assert.doesNotMatch(html, /<script|onclick|javascript:|https?:/);
});

test('what is not ours is text', () => {
  assert.match(html, /&lt;b&gt;shop&lt;\/b&gt;/);
  assert.match(html, /<pre>x &amp; &lt;y&gt;<\/pre>/);
  const picture = /base64,([^"]*)"/.exec(html)?.[1] ?? '';
  assert.equal(Buffer.from(picture, 'base64').toString(), '<svg><script>alert(1)</script></svg>');
});

test('a link gives its argument to its command', () => {
  const href = /href="command:hardlint\.tellGraph\?([^"]*)"/.exec(html)?.[1] ?? '';
  assert.deepEqual(JSON.parse(decodeURIComponent(href)), [links[0]?.argument]);
});
