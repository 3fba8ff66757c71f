import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { find, type Disk, type Place } from '../src/finder';

const place: Place = {
  user: undefined,
  workspace: undefined,
  trusted: true,
  folders: ['/srv/shop'],
  search: '/usr/local/bin:/usr/bin',
  home: '/home/me',
  windows: false,
};

/** A disk with these programs, and links from one folder to another. */
function disk(programs: readonly string[], links: Readonly<Record<string, string>> = {}): Disk {
  return {
    runs: (file) => programs.includes(file),
    real: (file) => {
      const link = Object.keys(links).find((from) => file.startsWith(from));
      return link ? file.replace(link, links[link] ?? '') : file;
    },
  };
}

function path(found: ReturnType<typeof find>): string {
  return 'path' in found.program ? found.program.path : `missing: ${found.program.missing}`;
}

suite('in a trusted workspace', () => {
  const all = disk(['/opt/hardlint', '/srv/shop/tools/hardlint', '/srv/shop/.venv/bin/hardlint', '/usr/bin/hardlint']);

  test('the setting goes before the environment, and that before the PATH', () => {
    assert.equal(path(find({ ...place, user: '/opt/hardlint' }, all)), '/opt/hardlint');
    assert.equal(path(find(place, all)), '/srv/shop/.venv/bin/hardlint');
    assert.equal(path(find(place, disk(['/usr/bin/hardlint']))), '/usr/bin/hardlint');
  });

  test("the workspace's setting goes before the user's", () => {
    const found = find({ ...place, user: '/opt/hardlint', workspace: 'tools/hardlint' }, all);
    assert.deepEqual(found, { program: { path: '/srv/shop/tools/hardlint', from: 'hardlint.path' }, withheld: [] });
  });

  test('the home folder and the workspace folder can be named', () => {
    const there = disk(['/home/me/bin/hardlint', '/srv/shop/tools/hardlint']);
    assert.equal(path(find({ ...place, user: '~/bin/hardlint' }, there)), '/home/me/bin/hardlint');
    assert.equal(
      path(find({ ...place, user: '${workspaceFolder}/tools/hardlint' }, there)),
      '/srv/shop/tools/hardlint',
    );
  });

  test('a name is looked for on the PATH', () => {
    assert.equal(path(find({ ...place, user: 'hardlint-1' }, disk(['/usr/bin/hardlint-1']))), '/usr/bin/hardlint-1');
    assert.match(
      path(find({ ...place, user: 'hardlint-1' }, all)),
      /^missing: .*hardlint-1, which is not on the PATH$/,
    );
  });

  test('a setting that names nothing is not passed over', () => {
    assert.match(
      path(find({ ...place, user: '/opt/other' }, all)),
      /^missing: .*\/opt\/other, which is not a program$/,
    );
    assert.match(path(find({ ...place, folders: [], user: 'tools/hardlint' }, all)), /^missing: .*no folder is open/);
    assert.match(path(find({ ...place, folders: [], user: '${workspaceFolder}/x' }, all)), /^missing: .*none is open/);
  });

  test('every folder of the workspace is looked into', () => {
    const second = disk(['/srv/other/venv/bin/hardlint', '/usr/bin/hardlint']);
    const folders = ['/srv/shop', '/srv/other'];
    assert.equal(path(find({ ...place, folders }, second)), '/srv/other/venv/bin/hardlint');
  });
});

suite('in a workspace that is not trusted', () => {
  const untrusted = { ...place, trusted: false };

  test('its setting and its environment are not used, and that is told', () => {
    const all = disk(['/srv/shop/.venv/bin/hardlint', '/usr/bin/hardlint', '/opt/hardlint']);
    const found = find({ ...untrusted, workspace: '/opt/hardlint' }, all);
    assert.equal(path(found), '/usr/bin/hardlint');
    assert.deepEqual(found.withheld, [
      'hardlint.path is set by the workspace, which is not trusted',
      '/srv/shop/.venv/bin/hardlint stands in the workspace, which is not trusted',
    ]);
  });

  test('nothing below it is used, whoever names it', () => {
    const inside = disk(['/srv/shop/bin/hardlint']);
    assert.match(path(find({ ...untrusted, user: '/srv/shop/bin/hardlint' }, inside)), /^missing: .*not trusted$/);
    assert.match(path(find({ ...untrusted, user: 'bin/hardlint' }, inside)), /^missing: .*not trusted$/);
    assert.match(
      path(find({ ...untrusted, user: '${workspaceFolder}/bin/hardlint' }, inside)),
      /^missing: .*not trusted$/,
    );
    assert.match(path(find({ ...untrusted, search: '/srv/shop/bin' }, inside)), /^missing: .*not on the PATH/);
  });

  test('nor what a link leads to', () => {
    const linked = disk(['/home/me/bin/hardlint'], { '/home/me/bin': '/srv/shop/bin' });
    assert.match(path(find({ ...untrusted, search: '/home/me/bin' }, linked)), /^missing: /);
  });

  test('a folder beside it with a name that begins the same is another', () => {
    const beside = disk(['/srv/shop-tools/hardlint']);
    assert.equal(path(find({ ...untrusted, user: '/srv/shop-tools/hardlint' }, beside)), '/srv/shop-tools/hardlint');
  });

  test("the user's setting is used", () => {
    const found = find({ ...untrusted, user: '/opt/hardlint' }, disk(['/opt/hardlint']));
    assert.deepEqual(found, { program: { path: '/opt/hardlint', from: 'hardlint.path' }, withheld: [] });
  });
});

test('relative folders of the PATH are passed over', () => {
  assert.match(
    path(find({ ...place, search: '.:bin:' }, disk(['hardlint', 'bin/hardlint', '/hardlint']))),
    /^missing: /,
  );
});
