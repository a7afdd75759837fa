// Bundles src/cli/main.ts to dist/: one entry and the chunks that commands load when they need them. What a git hook
// runs has an entry of its own, bundled apart: shared with every other command it would be two dozen small files, and
// a commit waits for each.
//
//   node scripts/build.js [--outdir FOLDER] [--metafile FILE]
//
// Chunks are named by their content, so that a program that is running keeps the ones it knows; the entry is
// swapped in last, and what nothing refers to any more is removed. Not minified: a tool that holds keys should
// be readable where it is installed, and minified it does not start any faster.
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { build } from 'esbuild';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** Bundled CommonJS packages ask for node's own modules with `require`, which an ES module does not have. */
const REQUIRE =
  "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);";

const ENTRIES = { hook: 'src/cli/hook-main.ts', main: 'src/cli/main.ts' };

const { values: options } = parseArgs({
  options: { outdir: { type: 'string' }, metafile: { type: 'string' } },
});
const outdir = resolve(options.outdir ?? join(root, 'dist'));

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
  await removeOthers(new Set(files.map(file => file.name)));
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
    absWorkingDir: root,
    entryPoints,
    outdir,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20.19',
    // Native code of the platform, present only where it could be installed.
    external: ['@napi-rs/keyring', 'keytar'],
    // The ES modules of yaml are the same code as its CommonJS build, and start in two thirds of the time.
    alias: { yaml: join(root, 'node_modules/yaml/browser/dist/index.js') },
    chunkNames: '[name]-[hash]',
    legalComments: 'none',
    charset: 'utf8',
    banner: { js: REQUIRE },
    metafile: true,
    write: false,
    logLevel: 'warning',
  }).catch(() => null);
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
