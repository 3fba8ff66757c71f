// Bundles the extension into dist/extension.js, and with `test` each test into a file that node runs.
import { build } from 'esbuild';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';

const common = { bundle: true, platform: 'node', target: 'node20', logLevel: 'warning' };

if (process.argv[2] === 'test') {
  const entryPoints = readdirSync('test')
    .filter((name) => name.endsWith('.test.ts'))
    .map((name) => `test/${name}`);
  await build({
    ...common,
    entryPoints,
    outdir: 'build',
    format: 'cjs',
    outExtension: { '.js': '.cjs' },
    sourcemap: 'inline',
  });
} else {
  await build({
    ...common,
    entryPoints: ['src/extension.ts'],
    outfile: 'dist/extension.js',
    format: 'cjs',
    external: ['vscode'],
    minify: true,
  });
  // Either licence may be taken; the package carries both.
  const licences = ['MIT', 'APACHE'].map((name) => readFileSync(`../../LICENSE-${name}`, 'utf8'));
  writeFileSync('LICENSE.txt', licences.join('\n\n'));
}
