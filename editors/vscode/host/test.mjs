// Works with the packaged extension in code-server, as a person does, in a headless Chromium: see `test` beside this file.
import { execFileSync, spawn } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { createRequire } from 'node:module';
import path from 'node:path';

const { HOST, SCRATCH, CHROMIUM, HARDLINT, PICTURES } = process.env;
const { chromium } = createRequire(path.join(HOST, 'package.json'))('playwright-core');
const shop = path.join(SCRATCH, 'shop');
const data = path.join(SCRATCH, 'data');
let passed = 0;

function check(holds, what) {
  if (!holds) throw new Error(`FAILED: ${what}`);
  passed += 1;
  console.log(`ok: ${what}`);
}

const port = await new Promise((resolve) => {
  const free = createServer().listen(0, '127.0.0.1', () => {
    const { port } = free.address();
    free.close(() => resolve(port));
  });
});

mkdirSync(path.join(data, 'User'), { recursive: true });
const settings = {
  'workbench.startupEditor': 'none',
  'workbench.tips.enabled': false,
  'extensions.ignoreRecommendations': true,
  'security.workspace.trust.startupPrompt': 'never',
  'editor.minimap.enabled': false,
  'window.menuBarVisibility': 'hidden',
  'terminal.integrated.gpuAcceleration': 'off',
};
writeFileSync(path.join(data, 'User', 'settings.json'), JSON.stringify(settings));

// A workspace that brings a program of its own, which tells that it was run.
const ran = path.join(SCRATCH, 'ran');
const brought = path.join(shop, '.venv', 'bin', 'hardlint');
mkdirSync(path.dirname(brought), { recursive: true });
mkdirSync(path.join(shop, '.vscode'));
writeFileSync(brought, `#!/bin/sh\ntouch '${ran}'\nexec '${HARDLINT}' "$@"\n`, { mode: 0o755 });
writeFileSync(path.join(shop, '.vscode', 'settings.json'), JSON.stringify({ 'hardlint.path': brought }));

const places = [
  '--user-data-dir',
  data,
  '--extensions-dir',
  path.join(SCRATCH, 'extensions'),
  '--config',
  path.join(SCRATCH, 'config.yaml'),
];
const entry = path.join(HOST, 'node_modules/code-server/out/node/entry.js');
execFileSync(process.execPath, [entry, ...places, '--install-extension', path.resolve('dist/hardlint.vsix')], {
  stdio: 'inherit',
});
const code = spawn(
  process.execPath,
  [
    entry,
    ...places,
    '--auth',
    'none',
    '--bind-addr',
    `127.0.0.1:${port}`,
    '--disable-telemetry',
    '--disable-update-check',
  ],
  {
    stdio: ['ignore', 'ignore', 'inherit'],
    cwd: shop,
    env: { ...process.env, VSCODE_CLI: '1', PATH: `${path.dirname(HARDLINT)}:${process.env.PATH}` },
  },
);
const browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox', '--disable-gpu'] });
const page = await browser.newPage({ viewport: { width: 1400, height: 900 } });
page.setDefaultTimeout(30_000);

async function picture(name) {
  if (!PICTURES) return;
  mkdirSync(PICTURES, { recursive: true });
  await page.screenshot({ path: path.join(PICTURES, `${name}.png`) });
}

/** Opens a folder or a workspace, once code-server answers. */
async function visit(query) {
  for (let tries = 0; ; tries += 1) {
    try {
      await page.goto(`http://127.0.0.1:${port}/${query}`);
      break;
    } catch (error) {
      if (tries > 50) throw error;
      await page.waitForTimeout(200);
    }
  }
  await page.locator('.monaco-workbench').waitFor({ timeout: 90_000 });
  await page.locator('.explorer-viewlet .monaco-list-row').first().waitFor();
}

/** Waits until something holds, asked again and again. */
async function wait(holds, what) {
  const end = Date.now() + 30_000;
  while (!(await holds())) {
    if (Date.now() > end) {
      await picture('failed');
      throw new Error(`FAILED: ${what}`);
    }
    await page.waitForTimeout(100);
  }
  passed += 1;
  console.log(`ok: ${what}`);
}

async function command(name) {
  await page.keyboard.press('F1');
  const input = page.locator('.quick-input-widget input[type=text]');
  await input.waitFor();
  await input.fill(`>${name}`);
  await page.locator('.quick-input-list .monaco-list-row.focused', { hasText: name }).first().waitFor();
  await page.keyboard.press('Enter');
}

async function open(file, line) {
  await page.keyboard.press('Control+P');
  const input = page.locator('.quick-input-widget input[type=text]');
  await input.waitFor();
  await input.fill(line ? `${file}:${line}` : file);
  await page
    .locator('.quick-input-list .monaco-list-row.focused', { hasText: path.basename(file) })
    .first()
    .waitFor();
  await page.keyboard.press('Enter');
  await page.locator('.tab.active', { hasText: path.basename(file) }).waitFor();
}

/** Puts the cursor there, in the file that is open. */
async function go(line, column) {
  await page.keyboard.press('Control+G');
  const input = page.locator('.quick-input-widget input[type=text]');
  await input.waitFor();
  await input.fill(`:${line}:${column}`);
  await page.keyboard.press('Enter');
  await input.waitFor({ state: 'hidden' });
}

const item = page.locator('.statusbar-item[id^="hardlint"]');
const status = async () => ((await item.count()) === 0 ? '' : (await item.first().innerText()).trim());
/** The number of findings in the workspace, once it stays the same. */
async function counted() {
  let last = '';
  for (let same = 0; same < 12;) {
    await page.waitForTimeout(250);
    const text = await status();
    same = text === last && /^\d+$/.test(text) ? same + 1 : 0;
    last = text;
  }
  return Number(last);
}
const lines = async () =>
  (await page.locator('.editor-group-container.active .view-lines .view-line').allInnerTexts()).map((line) =>
    line.replaceAll('\u00a0', ' ').trim(),
  );
const language = () => page.locator('.statusbar-item[id="status.editor.mode"]').innerText();
const file = path.join(shop, 'nginx/conf.d/20-shop.conf');
const saved = () => readFileSync(file, 'utf8').split('\n');

try {
  await visit(`?folder=${shop}`);

  // Not trusted: the program on the PATH is run, and the one that the workspace brings is not.
  await open('20-shop.conf', 64);
  const all = await counted();
  check(all > 100, `the status bar counts the findings of the workspace: ${all}`);
  await wait(async () => (await language()) === 'nginx configuration', 'the file has its language');
  check(!existsSync(ran), 'a program of a workspace that is not trusted is not run');
  await item.first().hover();
  const tooltip = page.locator('.monaco-hover:visible', { hasText: 'hardlint' });
  await tooltip.first().waitFor();
  const told = await tooltip.first().innerText();
  check(
    new RegExp(`${all} findings: \\d+ errors, \\d+ warnings, \\d+ below`).test(told),
    'the item tells how bad they are',
  );
  check(told.includes(`${brought} stands in the workspace, which is not trusted`), 'and what was not used');
  await picture('1-untrusted');

  // Trusted.
  await command('Workspaces: Manage Workspace Trust');
  await page.locator('.workspace-trust-editor .monaco-button', { hasText: 'Trust' }).first().click();
  await wait(() => existsSync(ran), 'once the workspace is trusted, its program is run');
  check((await counted()) === all, 'and finds the same');
  await page.keyboard.press('Control+W');

  await open('20-shop.conf', 64);
  await command('Problems: Focus on Problems View');
  await page
    .locator('.viewpane-filter input, .markers-panel-action-filter input')
    .first()
    .fill('20-shop.conf, alias-traversal');
  const rows = page.locator('.markers-panel .monaco-list-row');
  const row = rows.filter({ hasText: 'nginx/alias-traversal' });
  await row.waitFor();
  const text = (await row.innerText()).replace(/\s+/g, ' ');
  const parts = ['can be left through', 'hardlint', 'nginx/alias-traversal', 'Ln 57, Col 14'];
  check(
    parts.every((part) => text.includes(part)),
    `the problems panel tells the finding, its rule and its place: ${text}`,
  );
  await picture('2-problems');

  // Hovered.
  await open('20-shop.conf', 64);
  await go(64, 12);
  await command('Show or Focus Hover');
  const hover = page.locator('.monaco-hover:visible', { hasText: 'In effect in location /press/: on, set here' });
  await hover.first().waitFor();
  check(true, 'hover tells the value and who set it');
  // It fades in.
  await page.waitForTimeout(500);
  await picture('3-hover');
  await page.keyboard.press('Escape');

  // Mended by a quick fix, and saved.
  const before = saved();
  await go(64, 20);
  const action = page.locator('.action-widget .monaco-list-row.focused', { hasText: 'set `autoindex off;`' });
  // On a busy machine the editor may not have settled, and says that there is none.
  await wait(async () => {
    await page.keyboard.press('Control+.');
    await page.waitForTimeout(1500);
    return action.isVisible();
  }, 'a quick fix is offered');
  check(
    (await page.locator('.action-widget .monaco-list-row', { hasText: 'allow nginx/autoindex-on' }).count()) === 1,
    'a comment that allows it is offered as well',
  );
  await picture('4-actions');
  await page.keyboard.press('Enter');
  await wait(async () => (await lines()).includes('autoindex  off;'), 'the quick fix changes the value');
  await wait(async () => Number(await status()) === all - 1, 'the finding goes with it');
  await page.keyboard.press('Control+S');
  before[63] = '        autoindex  off;';
  await wait(
    () => JSON.stringify(saved()) === JSON.stringify(before),
    'the saved file differs in that value and nothing else',
  );
  await picture('5-mended');

  // All that is safe to mend in a file, at once.
  await open('airflow-db/postgresql.conf');
  const mended = ["ssl_min_protocol_version = 'TLSv1.2'", 'log_connections = on', 'log_disconnections = on'];
  await wait(async () => Number(await status()) === all - 1, 'opening a file finds nothing new');
  await command('Fix All');
  await wait(async () => {
    const text = await lines();
    return mended.every((part) => text.some((line) => line.startsWith(part)));
  }, 'all that is safe is mended at once');
  await page.keyboard.press('Control+S');
  const left = await counted();
  check(left < all - 1, 'its findings go');

  // The effective configuration, which cannot be written.
  await open('ssh/etc/ssh/sshd_config');
  await wait(async () => (await language()) === 'sshd_config', 'sshd_config has its language');
  await command('hardlint: Show effective configuration');
  await page.locator('.tab.active', { hasText: 'sshd_config (in effect)' }).waitFor();
  await wait(
    async () => (await lines()).some((line) => /^allowagentforwarding +no +# .*10-hardening\.conf:5$/.test(line)),
    'the effective configuration tells values, and who set them',
  );
  await page.keyboard.type('x');
  check((await lines())[0] === '# sshd_config: ssh/etc/ssh/sshd_config', 'it is read-only');
  await picture('6-effective');
  await page.keyboard.press('Control+W');
  await open('env/web.env');
  await command('hardlint: Show effective configuration');
  await wait(
    async () => (await lines()).some((line) => /^PAYMENT_API_KEY +PAYMENT_API_KEY \(24 characters\)/.test(line)),
    'secrets are masked in it',
  );
  await page.keyboard.press('Control+W');

  for (const [name, expected] of [
    ['postgres/postgresql.conf', 'postgresql.conf'],
    ['postgres/pg_hba.conf', 'pg_hba.conf'],
    ['env/db.env', 'Environment variables'],
    ['.env', 'Environment variables'],
    ['web/Dockerfile', 'Docker'],
    ['compose.yaml', 'Compose'],
    ['web/shop/settings/base.py', 'Python'],
  ]) {
    await open(name);
    await wait(async () => (await language()) === expected, `${name} has the language ${expected}`);
  }

  // The deployment.
  await command('View: Close All Editors');
  await command('hardlint: Show deployment graph');
  await page.locator('.tab.active', { hasText: 'Deployment of shop' }).waitFor();
  const inner = page.frameLocator('iframe.webview').frameLocator('#active-frame');
  const drawing = inner.locator('img');
  await drawing.waitFor();
  await wait(() => drawing.evaluate((it) => it.complete && it.naturalWidth > 500), 'the deployment is drawn');
  await picture('7-graph');
  await inner.locator('a', { hasText: 'Mermaid' }).click();
  await wait(async () => (await lines()).some((line) => /^(flowchart|graph)\b/.test(line)), 'and told as Mermaid');
  await picture('8-mermaid');

  // Started again.
  await command('View: Close All Editors');
  await open('20-shop.conf');
  await command('hardlint: Restart server');
  check((await counted()) === left, 'after a restart the findings are there again');

  // Changed by others, in a file that is not open.
  const other = path.join(shop, 'nginx/conf.d/50-help.conf');
  writeFileSync(other, '');
  await wait(async () => Number(await status()) < left, 'what others change on the disk is judged');

  // Asked for less.
  const less = await counted();
  writeFileSync(
    path.join(shop, '.vscode', 'settings.json'),
    JSON.stringify({ 'hardlint.path': brought, 'hardlint.severity': 'high' }),
  );
  await wait(async () => Number(await status()) < less, 'a setting changes what is shown');

  // Two folders.
  const second = path.join(SCRATCH, 'second');
  cpSync(path.join(shop, 'bastion'), second, { recursive: true });
  const both = path.join(SCRATCH, 'both.code-workspace');
  writeFileSync(both, JSON.stringify({ folders: [{ path: shop }, { path: second }] }));
  await visit(`?workspace=${both}`);
  await open(path.join(second, 'etc/ssh/sshd_config'));
  await wait(
    async () => (await page.locator('.editor-group-container.active .squiggly-error').count()) > 0,
    'the second folder of a workspace has findings',
  );
  await open('20-shop.conf', 57);
  await wait(
    async () => (await page.locator('.editor-group-container.active .squiggly-error').count()) > 0,
    'and so has the first',
  );
  await picture('9-folders');
  await visit(`?folder=${shop}`);
  await open('20-shop.conf');
  await wait(async () => /^\d+$/.test(await status()), 'the server runs again');

  // Without a program: told, and a way to install it written into a terminal, which waits for Enter.
  writeFileSync(path.join(shop, '.vscode', 'settings.json'), JSON.stringify({ 'hardlint.path': '/nowhere/hardlint' }));
  await wait(async () => (await status()) === 'hardlint: not installed', 'a program that is not there is told');
  await command('hardlint: Install');
  const way = page.locator('.quick-input-list .monaco-list-row', { hasText: 'pipx install hardlint' });
  await way.waitFor();
  await picture('9-install');
  await page.keyboard.press('Enter');
  const terminal = async () =>
    (await page.locator('.terminal-wrapper .xterm-rows').allInnerTexts()).join('').replaceAll('\u00a0', ' ').trim();
  await wait(
    async () => /[#$] ?pipx install hardlint$/.test(await terminal()),
    'a command to install it stands in a terminal, and waits',
  );
  await picture('10-terminal');
} finally {
  await picture('last');
  await browser.close();
  code.kill();
}
console.log(`${passed} passed, 0 failed`);
