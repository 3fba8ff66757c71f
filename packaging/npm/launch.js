// Starts the program that came with the package of this platform, and ends as it does.
"use strict";
const { spawn } = require("node:child_process");

module.exports = function launch(before) {
  const platform = `${process.platform}-${process.arch}`;
  const name = `@hardlint/${platform}/bin/hardlint${process.platform === "win32" ? ".exe" : ""}`;
  let program;
  try {
    program = require.resolve(name);
  } catch {
    console.error(`hardlint: there is no package for ${platform}, or npm was told to leave out optional dependencies`);
    process.exit(2);
  }
  const child = spawn(program, [...before, ...process.argv.slice(2)], { stdio: "inherit" });
  // The program gets what the terminal sends by itself; what is sent to this process alone is passed on.
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
  child.on("error", (error) => {
    console.error(`hardlint: ${error.message}`);
    process.exit(2);
  });
  child.on("exit", (code, signal) => {
    if (signal) {
      process.removeAllListeners(signal);
      process.kill(process.pid, signal);
    } else {
      process.exit(code);
    }
  });
};
