#!/usr/bin/env node
// Reads the built book as a newcomer does: every link and anchor in its pages leads somewhere, no page asks for anything outside of it,
// none is wider than a desktop's or a phone's screen, each has a title of its own, and the search finds rules and options.
//
//     mdbook build && HARDLINT_CONSUMERS=target/consumers testdata/consumers/book.mjs [FOLDER FOR SCREENSHOTS]
import assert from "node:assert/strict";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { dirname, extname, join, relative, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const book = join(here, "../../target/book");
const packages = join(resolve(process.env.HARDLINT_CONSUMERS ?? join(here, "../../target/consumers")), "node_modules");
const { chromium } = await import(pathToFileURL(join(packages, "playwright-core/index.mjs")).href);
const screenshots = process.argv[2];

const files = readdirSync(book, { recursive: true }).filter((it) => statSync(join(book, it)).isFile());
// All chapters on one page, and the page for errors, are made for other purposes.
const pages = files.filter((it) => it.endsWith(".html") && !["print.html", "404.html", "toc.html"].includes(it));
assert.ok(pages.length > 50, `only ${pages.length} pages`);

const texts = new Map(pages.map((it) => [it, readFileSync(join(book, it), "utf8")]));
const ids = new Map([...texts].map(([it, text]) => [it, new Set([...text.matchAll(/\bid="([^"]+)"/g)].map((found) => found[1]))]));
const dead = [];
for (const [page, text] of texts) {
  for (const [, target] of text.matchAll(/\b(?:href|src)="([^"]*)"/g)) {
    if (/^[a-z]+:/.test(target) || target === "") continue;
    const [path, anchor] = target.split("#");
    const place = path ? relative(book, resolve(join(book, dirname(page)), decodeURIComponent(path))) : page;
    if (!existsSync(join(book, place)) || place.startsWith("..")) dead.push(`${page}: ${target}`);
    else if (anchor && ids.has(place) && !ids.get(place).has(decodeURIComponent(anchor))) dead.push(`${page}: ${target}: no such anchor`);
  }
}
assert.deepEqual(dead, []);

const types = { ".html": "text/html", ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml", ".json": "application/json" };
const server = createServer((asked, answer) => {
  const path = join(book, decodeURIComponent(new URL(asked.url, "http://book").pathname));
  if (!path.startsWith(book) || !existsSync(path) || !statSync(path).isFile()) return void answer.writeHead(404).end();
  answer.writeHead(200, { "content-type": types[extname(path)] ?? "application/octet-stream" }).end(readFileSync(path));
});
await new Promise((done) => server.listen(0, "127.0.0.1", done));
const origin = `http://127.0.0.1:${server.address().port}`;

const profile = mkdtempSync(join(tmpdir(), "hardlint-book-"));
const quiet = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];
for (const [name, viewport] of [["desktop", { width: 1280, height: 900 }], ["phone", { width: 390, height: 844 }]]) {
  const options = { executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: quiet, viewport };
  const context = await chromium.launchPersistentContext(join(profile, name), options);
  const page = await context.newPage();
  const wrong = [];
  page.on("pageerror", (error) => wrong.push(error.message));
  page.on("request", (request) => request.url().startsWith(origin) || wrong.push(`asks for ${request.url()}`));
  page.on("response", (response) => response.status() >= 400 && !response.url().endsWith("favicon.ico") && wrong.push(`${response.status()} ${response.url()}`));
  const titles = new Set();
  for (const path of pages) {
    await page.goto(`${origin}/${path}`);
    const seen = await page.evaluate(() => ({
      wide: document.documentElement.scrollWidth - innerWidth,
      heads: document.querySelectorAll("main h1").length,
      title: document.title,
    }));
    if (seen.wide > 0) wrong.push(`${path}: ${seen.wide} pixels wider than the ${name}`);
    if (seen.heads < 1) wrong.push(`${path}: no heading`);
    if (path !== "index.html" && titles.has(seen.title)) wrong.push(`${path}: another page is called ${seen.title} as well`);
    if (path !== "index.html") titles.add(seen.title);
    if (screenshots && ["index.html", "getting-started.html", "rules.html", "rules/nginx.html", "keys/nginx.html", "moving.html", "comparison.html", "formats/nginx.html", "equivalents.html", "installing.html", "formats.html"].includes(path)) {
      mkdirSync(screenshots, { recursive: true });
      await page.screenshot({ path: join(screenshots, `${name}-${path.replaceAll("/", "-")}.png`) });
    }
  }
  await page.goto(`${origin}/index.html`);
  for (const [words, expected] of [["alias-traversal", "rules/nginx.html"], ["require-reason", "settings.html"], ["DL3004", "html"], ["baseline", "ci.html"]]) {
    if (!(await page.isVisible("#mdbook-searchbar"))) await page.keyboard.press("s");
    await page.fill("#mdbook-searchbar", "");
    await page.type("#mdbook-searchbar", words);
    await page.waitForFunction((words) => document.querySelector("#mdbook-searchresults-header")?.textContent.includes(words), words, { timeout: 20000 });
    const found = await page.$$eval("#mdbook-searchresults a", (all) => all.map((it) => it.getAttribute("href")));
    if (!found.some((it) => it.includes(expected))) wrong.push(`${name}: a search for ${words} does not find ${expected}: ${found.slice(0, 3)}`);
  }
  if (screenshots) await page.screenshot({ path: join(screenshots, `${name}-search.png`) });
  assert.deepEqual(wrong, []);
  await context.close();
}
rmSync(profile, { recursive: true });
server.close();
console.log(`${pages.length} pages: links, anchors, widths, titles and the search hold`);
