#!/usr/bin/env node
// Opens the HTML report in Chromium as a reader does: filters, searches, follows links, in light and dark and on a
// narrow screen, and asks axe whether everybody can.
//
//     HARDLINT=target/debug/hardlint HARDLINT_CONSUMERS=target/consumers testdata/consumers/browser.mjs [FOLDER FOR SCREENSHOTS]
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const packages = join(resolve(process.env.HARDLINT_CONSUMERS ?? join(here, "../../target/consumers")), "node_modules");
const hardlint = resolve(process.env.HARDLINT ?? join(here, "../../target/debug/hardlint"));
const { chromium } = await import(pathToFileURL(join(packages, "playwright-core/index.mjs")).href);
const axe = readFileSync(join(packages, "axe-core/axe.min.js"), "utf8");
const screenshots = process.argv[2];
const scratch = mkdtempSync(join(tmpdir(), "hardlint-page-"));

function report(folder, name) {
  const page = join(scratch, name);
  const run = (form, file) => {
    const all = ["check", "--preview", "--pedantic", "--severity", "info", "--output-format", form, "--output", file];
    const done = spawnSync(hardlint, all, { cwd: folder, encoding: "utf8" });
    assert.ok([0, 1, 3].includes(done.status), done.stderr);
  };
  run("html", page);
  run("json", `${page}.json`);
  return { url: pathToFileURL(page).href, findings: JSON.parse(readFileSync(`${page}.json`, "utf8")).findings };
}

const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ["--no-sandbox"] });

async function open(url, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options, ...(options.axe ? { bypassCSP: true } : {}) });
  const page = await context.newPage();
  const wrong = [];
  page.on("console", (message) => message.type() === "error" && wrong.push(message.text()));
  page.on("pageerror", (error) => wrong.push(error.message));
  page.on("dialog", (dialog) => (wrong.push(`a dialog: ${dialog.message()}`), dialog.dismiss()));
  page.on("request", (request) => request.url() !== url.split("#")[0] && wrong.push(`asks for ${request.url()}`));
  await page.goto(url);
  return { page, wrong, close: () => context.close() };
}

const visible = (page) => page.$$eval("article:not([hidden])", (all) => all.map((it) => ({ ...it.dataset, id: it.id })));

async function sameAsJson({ url, findings }) {
  const { page, wrong, close } = await open(url);
  const seen = (await visible(page)).map((it) => `${it.path}:${it.line} ${it.rule}`).sort();
  assert.deepEqual(seen, findings.map((it) => `${it.path}:${it.at.line} ${it.rule}`).sort());
  assert.deepEqual(wrong, []);
  await close();
}

async function filters({ url, findings }) {
  const { page, wrong, close } = await open(url);
  const status = () => page.textContent("#shown");
  assert.equal(await status(), `All ${findings.length} findings are shown.`);
  await page.uncheck("input[value=info]");
  const rest = findings.filter((it) => it.severity !== "info").length;
  assert.equal(await status(), `${rest} of ${findings.length} findings are shown.`);
  assert.ok((await visible(page)).every((it) => it.severity !== "info"));
  await page.fill("input[name=q]", "docker.sock COMPOSE.yaml");
  const sockets = await visible(page);
  assert.ok(sockets.length > 0 && sockets.length < rest, `${sockets.length}`);
  await page.click("button[type=reset]");
  await page.waitForFunction((text) => document.getElementById("shown").textContent === text, `All ${findings.length} findings are shown.`);
  // By keyboard: a service of the overview, then the rule's reason and back to its findings.
  const service = await page.$("a[data-service]");
  const { service: index } = await service.evaluate((it) => it.dataset);
  await service.focus();
  await page.keyboard.press("Enter");
  await page.waitForFunction(() => document.activeElement.id === "h-findings");
  assert.ok((await visible(page)).every((it) => it.services.split(" ").includes(index)));
  assert.equal(await page.inputValue("select[name=service]"), index);
  const link = await page.$("article:not([hidden]) a[href^='#r-']");
  const target = await link.evaluate((it) => it.hash.slice(1));
  await link.click();
  assert.equal(await page.evaluate(() => document.querySelector(":target").id), target);
  await page.click(`#${CSS_escape(target)} a[data-rule]`);
  await page.waitForFunction(() => document.activeElement.id === "h-findings");
  const rules = new Set((await visible(page)).map((it) => it.rule));
  assert.equal(rules.size, 1);
  await page.click("button[type=reset]");
  await page.selectOption("select[name=order]", "file");
  assert.deepEqual((await visible(page)).map((it) => it.path), findings.map((it) => it.path));
  // Every link inside leads somewhere, and a link to a finding that is filtered out shows it.
  const broken = await page.$$eval("a[href^='#']", (all) => all.filter((it) => !document.getElementById(it.hash.slice(1))).map((it) => it.hash));
  assert.deepEqual(broken, []);
  await page.fill("input[name=q]", "nothing has these words");
  assert.equal((await visible(page)).length, 0);
  await page.evaluate(() => { location.hash = document.querySelector("article").id; });
  await page.waitForFunction(() => !document.querySelector("article").hidden);
  assert.deepEqual(wrong, []);
  await close();
}

function CSS_escape(id) {
  return id.replace(/[^\w-]/g, "\\$&");
}

async function everybodyReads({ url }) {
  for (const [name, options] of Object.entries({
    light: { colorScheme: "light" },
    dark: { colorScheme: "dark" },
    narrow: { colorScheme: "light", viewport: { width: 390, height: 844 } },
  })) {
    const { page, close } = await open(url, { ...options, axe: true });
    const [wide, screen] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
    assert.ok(wide <= screen, `${name}: ${wide} wide on ${screen}`);
    // What is not seen at once is like what is, and the colours of 300 findings take long to ask for.
    await page.evaluate(() => document.querySelectorAll("article, .about").forEach((it, index) => { it.hidden = index % 30 > 0; }));
    await page.evaluate(axe);
    const { violations } = await page.evaluate(() => axe.run(document, { resultTypes: ["violations"] }));
    const told = violations.map((it) => `${it.impact} ${it.id}: ${it.help}: ${it.nodes.slice(0, 3).map((node) => node.html).join("\n")}`);
    assert.deepEqual(told, [], name);
    if (screenshots) await page.screenshot({ path: join(screenshots, `${name}.png`), fullPage: true });
    await close();
  }
}

async function withoutScripts({ url, findings }) {
  const { page, close } = await open(url, { javaScriptEnabled: false });
  assert.equal(await page.locator("article").count(), findings.length);
  assert.ok(!(await page.locator("#filters").isVisible()));
  await close();
}

async function onPaper({ url, findings }) {
  const { page, close } = await open(url);
  await page.emulateMedia({ media: "print" });
  assert.ok(!(await page.locator("#filters").isVisible()));
  assert.equal(await page.locator("article:visible").count(), findings.length);
  await close();
}

/** Names and texts that would do something if they were markup; whatever gets in, the policy keeps from running. */
async function hostile() {
  const folder = join(scratch, "hostile");
  const files = {
    "<script>alert(1)<%2fscript>/sshd_config": "PermitEmptyPasswords yes\n",
    "\"><img src=x onerror=alert(2)>/sshd_config": "PermitEmptyPasswords yes # </code><script>alert(3)</script>\n",
    "nginx.conf": "events {}\nhttp { server { listen 80; location /<svg|onload=alert(4)> { alias /srv/</style><script>alert(5)</script>/; autoindex on; } } }\n",
    "compose.yaml": "services:\n  \"<img src=x onerror=alert(6)>\": {image: '<b>x', privileged: true, ports: ['80:80']}\n  'a\"b': {image: x, privileged: true}\n",
  };
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  const page = report(folder, "hostile.html");
  assert.ok(page.findings.length > 4);
  await sameAsJson(page);
  const { page: opened, wrong, close } = await open(page.url);
  const markup = await opened.evaluate(() => [document.scripts.length, document.images.length, document.querySelectorAll("[onload],[onerror],[onclick],iframe,object,embed,base").length]);
  assert.deepEqual(markup, [1, 0, 0]);
  assert.equal(await opened.evaluate(() => document.querySelectorAll("meta[http-equiv]").length), 1);
  await opened.evaluate(() => { const it = document.createElement("script"); it.textContent = "window.ran = true"; document.body.append(it); });
  assert.equal(await opened.evaluate(() => window.ran), undefined);
  assert.ok(wrong.every((it) => it.includes("Content Security Policy")), wrong.join("\n"));
  await close();
}

try {
  const shop = report(join(here, "../shop"), "shop.html");
  for (const test of [sameAsJson, filters, everybodyReads, withoutScripts, onPaper]) {
    const start = performance.now();
    await test(shop);
    console.log(`${test.name}: passed, ${Math.round(performance.now() - start)} ms`);
  }
  await hostile();
  console.log("hostile: passed");
} finally {
  await browser.close();
  rmSync(scratch, { recursive: true });
}
