// Bundles src/cli/main.ts to dist/: one entry and the chunks that commands load when they need them. What a git hook
// runs has an entry of its own, bundled apart: shared with every other command it would be two dozen small files, and
// a commit waits for each. Each is there a second time as one script, with what V8 made of it (`scripts/warm.js`): that
// is what runs, unless it is another V8.
//
//   node scripts/build.js [--outdir FOLDER] [--metafile FILE]
//
// Chunks are named by their content, so that a program that is running keeps the ones it knows; the entry is
// swapped in last, and what nothing refers to any more is removed. Not minified: a tool that holds keys should
// be readable where it is installed, and minified it does not start any faster.
import { spawnSync } from 'node:child_process';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { build } from 'esbuild';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** Bundled CommonJS packages ask for node's own modules with `require`, which an ES module does not have. */
const REQUIRE =
  "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);";

const SCRIPT_HEAD =
  "(function (require, filename) { const importMetaUrl = require('node:url').pathToFileURL(filename).href;";

const ENTRIES = { hook: 'src/cli/hook-main.ts', main: 'src/cli/main.ts' };

const { values: options } = parseArgs({
  options: { outdir: { type: 'string' }, metafile: { type: 'string' } },
});
const outdir = resolve(options.outdir ?? join(root, 'dist'));

const COMMON = /** @type {const} */ ({
  absWorkingDir: root,
  outdir,
  bundle: true,
  platform: 'node',
  target: 'node20.19',
  // Native code of the platform, present only where it could be installed.
  external: ['@napi-rs/keyring', 'keytar'],
  // The ES modules of yaml are the same code as its CommonJS build, and start in two thirds of the time.
  alias: { yaml: join(root, 'node_modules/yaml/browser/dist/index.js') },
  legalComments: 'none',
  write: false,
  logLevel: 'warning',
});

await main();

async function main() {
  const results = [];
  for (const entry of Object.entries(ENTRIES)) results.push(await bundle(Object.fromEntries([entry])));
  if (results.includes(null)) {
    process.exitCode = 1;
    return;
  }
  const metafile = {
    inputs: Object.assign({}, ...results.map(result => result.metafile.inputs)),
    outputs: Object.assign({}, ...results.map(result => result.metafile.outputs)),
  };
  const outputs = results.flatMap(result => result.outputFiles);
  const contents = new Map(outputs.map(file => [basename(file.path), file.contents]));
  contents.set('licenses.txt', await licenses(metafile));
  const files = [...contents].map(([name, contents]) => ({ name, contents }));
  const isEntry = ({ name }) => Object.keys(ENTRIES).some(entry => name === `${entry}.js`);
  files.sort((a, b) => Number(isEntry(a)) - Number(isEntry(b)));
  await mkdir(outdir, { recursive: true });
  for (const file of files) await put(join(outdir, file.name), file.contents);
  const compiled = [];
  for (const entry of Object.entries(ENTRIES)) compiled.push(...(await compile(entry)));
  await removeOthers(new Set([...files.map(file => file.name), ...compiled]));
  if (options.metafile !== undefined) {
    await writeFile(resolve(options.metafile), JSON.stringify(metafile));
  }
}

/**
 * @param {Record<string, string>} entryPoints
 * @returns `null` after errors, which esbuild has printed
 */
function bundle(entryPoints) {
  return build({
    ...COMMON,
    entryPoints,
    splitting: true,
    format: 'esm',
    chunkNames: '[name]-[hash]',
    charset: 'utf8',
    banner: { js: REQUIRE },
    metafile: true,
  }).catch(() => null);
}

/**
 * One script, and what V8 makes of it. V8 knows the text that it compiled by its length alone, so that the old form
 * has to be gone before there is a new text.
 *
 * @param {[name: string, source: string]} entry
 * @returns the names of both
 */
async function compile([name, source]) {
  const { outputFiles } = await build({
    ...COMMON,
    entryPoints: { [name]: source },
    format: 'cjs',
    outExtension: { '.js': '.cjs' },
    // a script imports nothing by itself: packages outside of the bundle are required
    supported: { 'dynamic-import': false },
    // Latin-1 is read in no time, and a function takes what a script of its own would find around it
    charset: 'ascii',
    define: { 'import.meta.url': 'importMetaUrl' },
    banner: { js: SCRIPT_HEAD },
    footer: { js: '})' },
  });
  const cache = `${name}.${process.versions.v8}.${process.platform}.${process.arch}.v8`;
  const script = join(outdir, `${name}.cjs`);
  const contents = Buffer.from(asciiOf(outputFiles[0]?.text ?? ''));
  await rm(join(outdir, cache), { force: true });
  await put(script, contents);
  const { status } = spawnSync(process.execPath, [
    join(root, 'scripts/warm.js'),
    name,
    script,
    join(outdir, cache),
  ]);
  return status === 0 ? [`${name}.cjs`, cache] : [`${name}.cjs`];
}

/**
 * esbuild leaves patterns as they are written, in which an escape means the same.
 *
 * @param {string} text
 */
function asciiOf(text) {
  return text.replace(/[^\0-\x7f]/g, unit => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/**
 * The licence texts of the packages in the bundle; every one of them asks to be kept with the code.
 *
 * @param {import('esbuild').Metafile} metafile
 */
async function licenses(metafile) {
  const bundled = new Set();
  for (const output of Object.values(metafile.outputs)) {
    for (const [input, { bytesInOutput }] of Object.entries(output.inputs)) {
      const folder = /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(input)?.[1];
      if (folder !== undefined && bytesInOutput > 0) bundled.add(folder);
    }
  }
  const texts = await Promise.all([...bundled].toSorted().map(licenseOf));
  return Buffer.from(texts.join('\n'));
}

/** @param {string} folder of a package, relative to the root */
async function licenseOf(folder) {
  const { name, version, license } = JSON.parse(await readFile(join(root, folder, 'package.json'), 'utf8'));
  const file = (await readdir(join(root, folder))).find(entry => /^licen[cs]e/i.test(entry));
  const text = file === undefined ? '' : `\n${await readFile(join(root, folder, file), 'utf8')}`;
  return `${name} ${version} (${license})\n${text}`;
}

/**
 * Writes a file whole or not at all; one that is right already is left alone.
 *
 * @param {string} path
 * @param {Uint8Array} contents
 */
async function put(path, contents) {
  const present = await readFile(path).catch(() => null);
  if (present?.equals(contents)) return;
  const beside = `${path}.${process.pid}.new`;
  await writeFile(beside, contents);
  await rename(beside, path);
}

/** @param {ReadonlySet<string>} wanted */
async function removeOthers(wanted) {
  for (const name of await readdir(outdir)) {
    if (!wanted.has(name) && !name.endsWith('.new')) await rm(join(outdir, name), { force: true });
  }
}
