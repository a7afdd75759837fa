// Builds, then runs everything that judges the project, and ends with one line: `N passed, N failed`.
//
//   node scripts/test.js [ARGUMENT OF VITEST]…      with arguments, only the build and those tests
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const bin = join(root, 'node_modules/.bin');
const chosen = process.argv.slice(2);

/** Each counts as one check; the build comes first because the tests run what it makes. */
const CHECKS = [
  ['types', [join(bin, 'tsc'), '--noEmit']],
  ['lint and format', [join(bin, 'biome'), 'check', '--error-on-warnings', '.']],
  ['unused code', [join(bin, 'knip'), '--no-progress']],
];

let passed = 0;
let failed = 0;

await main();
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;

async function main() {
  if (!(await check('build', [process.execPath, 'scripts/build.js']))) return;
  if (chosen.length === 0) for (const [name, argv] of CHECKS) await check(name, argv);
  await runTests();
}

/**
 * Silent where it passes.
 *
 * @param {string} name
 * @param {string[]} argv
 */
async function check(name, argv) {
  const { status, output } = await run(argv, 'pipe');
  if (status === 0) passed++;
  else {
    failed++;
    console.log(`failed: ${name}\n${output}`);
  }
  return status === 0;
}

async function runTests() {
  const folder = await mkdtemp(join(tmpdir(), 'secrets-results-'));
  const file = join(folder, 'results.json');
  try {
    const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${file}`];
    const { status } = await run([join(bin, 'vitest'), 'run', ...reporters, ...chosen], 'inherit');
    const results = await readFile(file, 'utf8').then(JSON.parse, () => null);
    const counts = count(results);
    passed += counts.passed;
    failed += counts.failed;
    if (counts.skipped > 0) console.log(`${counts.skipped} left out`);
    // An error outside of any test, or no results at all.
    if (status !== 0 && counts.failed === 0) failed++;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** A file that does not even load has no tests to count, and counts as one failure. */
function count(results) {
  const files = results?.testResults ?? [];
  const unloaded = files.filter(
    file => file.status === 'failed' && file.assertionResults.length === 0,
  ).length;
  return {
    passed: results?.numPassedTests ?? 0,
    failed: (results?.numFailedTests ?? 0) + unloaded,
    skipped: (results?.numPendingTests ?? 0) + (results?.numTodoTests ?? 0),
  };
}

/**
 * @param {string[]} argv
 * @param {'pipe' | 'inherit'} output
 * @returns {Promise<{ status: number, output: string }>}
 */
function run([program = '', ...args], output) {
  return new Promise(resolve => {
    const child = spawn(program, args, { cwd: root, stdio: ['ignore', output, output] });
    const chunks = [];
    child.stdout?.on('data', chunk => chunks.push(chunk));
    child.stderr?.on('data', chunk => chunks.push(chunk));
    child.on('error', error => resolve({ status: 1, output: String(error) }));
    child.on('close', status => resolve({ status: status ?? 1, output: Buffer.concat(chunks).toString() }));
  });
}
