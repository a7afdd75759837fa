// Compares start-up and the work on a file with bare node and with stock sops, in one run on one machine.
// Prints medians and ratios; only the ratios mean something elsewhere.
//
//   npm run bench [-- --runs 30]
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const { values: options } = parseArgs({ options: { runs: { type: 'string', default: '21' } } });
const runs = Number(options.runs);
const secrets = [process.execPath, join(root, 'bin/secrets.js')];
const peers = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'secrets-peers/bin');

const folder = await mkdtemp(join(tmpdir(), 'secrets-bench-'));
// NODE_EXTRA_CA_CERTS and its like would be measured too: nothing but what is needed.
const env = {
  PATH: [peers, process.env.PATH].join(delimiter),
  HOME: folder,
  SOPS_AGE_KEY_FILE: join(folder, 'key.txt'),
  SOPS_DISABLE_VERSION_CHECK: '1',
  NO_COLOR: '1',
};

try {
  await main();
} finally {
  await rm(folder, { recursive: true, force: true });
}

async function main() {
  await writeFile(join(folder, 'empty.mjs'), '');
  const bare = [process.execPath, 'empty.mjs'];
  console.log(`node ${process.version}, ${runs} runs of each, medians\n`);
  report('secrets --help', 'bare node', compare([...secrets, '--help'], bare));
  if (!existsSync(join(peers, 'sops')) && spawnSync('sops', ['--version'], { env }).error !== undefined) {
    console.log('stock sops is not installed: nothing to compare files with');
    return;
  }
  const recipient = await makeKey();
  for (const values of [1, 30, 1000]) await compareFile(values, recipient);
}

/** @returns the public half of a throw-away key */
async function makeKey() {
  run(['age-keygen', '-o', 'key.txt']);
  return /age1\w+/.exec(await readFile(join(folder, 'key.txt'), 'utf8'))?.[0] ?? '';
}

/**
 * @param {number} values
 * @param {string} recipient
 */
async function compareFile(values, recipient) {
  const plain = `plain-${values}.yaml`;
  const file = `file-${values}.yaml`;
  const lines = Array.from({ length: values }, (_, index) => `key${index}: the value of number ${index}\n`);
  await writeFile(join(folder, plain), lines.join(''));
  await writeFile(join(folder, file), run(['sops', 'encrypt', '--age', recipient, plain]));
  for (const words of [
    ['encrypt', '--age', recipient, plain],
    ['decrypt', file],
  ]) {
    const title = `sops ${words[0]}, ${values} values`;
    report(`secrets ${title}`, 'stock sops', compare([...secrets, 'sops', ...words], ['sops', ...words]));
  }
}

/**
 * Runs the two in turn, so that both meet the same weather.
 *
 * @param {string[]} ours
 * @param {string[]} theirs
 */
function compare(ours, theirs) {
  const times = { ours: [], theirs: [] };
  for (let i = -2; i < runs; i++) {
    const pair = { ours: timed(ours), theirs: timed(theirs) };
    if (i < 0) continue;
    times.ours.push(pair.ours);
    times.theirs.push(pair.theirs);
  }
  return { ours: median(times.ours), theirs: median(times.theirs) };
}

function timed(argv) {
  const start = performance.now();
  run(argv);
  return performance.now() - start;
}

function run([program, ...args]) {
  const { status, stdout, stderr, error } = spawnSync(program, args, { cwd: folder, env });
  if (status !== 0) throw new Error(`${program} ${args.join(' ')}: ${error?.message ?? stderr}`);
  return stdout;
}

function median(numbers) {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN;
}

function report(ours, theirs, times) {
  const ratio = (times.ours / times.theirs).toFixed(2);
  const detail = `${times.ours.toFixed(1)} ms, ${theirs} ${times.theirs.toFixed(1)} ms`;
  console.log(`${ours.padEnd(36)} ${ratio.padStart(6)} x   ${detail}`);
}
