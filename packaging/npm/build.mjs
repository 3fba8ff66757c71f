#!/usr/bin/env node
// Writes the packages for npm: `hardlint`, which has a launcher, and one for each platform, which has the program. npm installs the one
// that fits by its `os` and `cpu`; no script runs when it does, and nothing is fetched by us.
//
//     packaging/npm/build.mjs OUT PLATFORM=PROGRAM…        linux-x64=target/x86_64-unknown-linux-musl/release/hardlint
import assert from "node:assert/strict";
import { chmodSync, copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, "../..");
const [out, ...programs] = process.argv.slice(2);
assert.ok(out && programs.length, "build.mjs OUT PLATFORM=PROGRAM…");
const version = /^version = "([^"]+)"/m.exec(readFileSync(join(root, "Cargo.toml"), "utf8"))[1];

const shared = {
  version,
  license: "MIT OR Apache-2.0",
  homepage: "https://github.com/hardlint/hardlint",
  repository: { type: "git", url: "git+https://github.com/hardlint/hardlint.git" },
};

function write(name, manifest, files) {
  const folder = join(out, name.replace("@", "").replace("/", "-"));
  mkdirSync(join(folder, "bin"), { recursive: true });
  writeFileSync(join(folder, "package.json"), `${JSON.stringify({ name, ...shared, ...manifest }, null, 2)}\n`);
  for (const [from, to] of [...files, [join(root, "LICENSE-MIT"), "LICENSE-MIT"], [join(root, "LICENSE-APACHE"), "LICENSE-APACHE"]]) {
    copyFileSync(from, join(folder, to));
    if (to.startsWith("bin/")) chmodSync(join(folder, to), 0o755);
  }
  console.log(folder);
}

const names = [];
for (const given of programs) {
  const [platform, program] = given.split("=");
  const [os, cpu] = platform.split("-");
  assert.ok(["linux", "darwin", "win32"].includes(os) && ["x64", "arm64"].includes(cpu), `${platform} is none that node names`);
  const name = `@hardlint/${platform}`;
  names.push(name);
  const description = `The program hardlint for ${os} on ${cpu}; install hardlint instead`;
  write(name, { description, os: [os], cpu: [cpu], files: ["bin"] }, [[program, `bin/hardlint${os === "win32" ? ".exe" : ""}`]]);
}
write(
  "hardlint",
  {
    description: "Finds security faults in deployment files before they are deployed",
    keywords: ["linter", "security", "nginx", "dockerfile", "compose", "django", "sshd", "postgresql"],
    bin: { hardlint: "bin/hardlint.js", "hardlint-lsp": "bin/hardlint-lsp.js" },
    files: ["bin"],
    engines: { node: ">=18" },
    optionalDependencies: Object.fromEntries(names.map((name) => [name, version])),
  },
  [
    [join(root, "packaging/README.md"), "README.md"],
    [join(here, "hardlint.js"), "bin/hardlint.js"],
    [join(here, "hardlint-lsp.js"), "bin/hardlint-lsp.js"],
    [join(here, "launch.js"), "bin/launch.js"],
  ],
);
