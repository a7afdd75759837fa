// Measures the scanner beside gitleaks, in one run on one machine, on the corpora that the tests generate: what is
// found, what is blocked though innocent, and the time it takes. Prints a table in Markdown; of the times only the
// ratios mean something elsewhere. Builds nothing: run `npm run build` first.
//
//   node scripts/bench-scan.js [--runs 11] [--seeds 1,20261] [--program bin/secrets.js]
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { build } from 'esbuild';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const { values: options } = parseArgs({
  options: {
    runs: { type: 'string', default: '11' },
    seeds: { type: 'string', default: '1,20261' },
    program: { type: 'string', default: join(root, 'bin/secrets.js') },
  },
});
const runs = Number(options.runs);
const seeds = options.seeds.split(',').map(Number);
const secrets = [process.execPath, resolve(options.program)];
const peers = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'secrets-peers/bin');
const GITLEAKS = 'github.com/zricethezav/gitleaks/v8@latest';
const BULK_FILES = 1000;
const BULK_BYTES = 10_000_000;
const COMMIT_FILES = 10;

const folder = await mkdtemp(join(tmpdir(), 'secrets-bench-scan-'));
const env = {
  PATH: [peers, process.env.PATH, '/usr/local/go/bin'].join(delimiter),
  HOME: folder,
  NO_COLOR: '1',
  GIT_CONFIG_NOSYSTEM: '1',
};

try {
  await main();
} finally {
  await rm(folder, { recursive: true, force: true });
}

async function main() {
  const { makeCorpus, judge } = await loadCorpus();
  const scanners = [ours(), ...(installGitleaks() ? [gitleaks()] : [])];
  const columns = [];
  const corpora = await Promise.all(seeds.map(seed => makeCorpus(seed)));
  const places = [];
  for (const [index, corpus] of corpora.entries()) places.push(await writeCorpus(`corpus-${index}`, corpus));
  for (const scanner of scanners) {
    const verdicts = corpora.map((corpus, index) => verdictsOf(scanner, corpus, places[index]));
    columns.push({ name: scanner.name, ...rated(judge, corpora, verdicts) });
  }
  const times = await timeAll(scanners, corpora[0]);
  print(columns, times, corpora);
}

/** The corpus is TypeScript, which the oldest node that we run on does not read. */
async function loadCorpus() {
  const contents = ['index', 'judge']
    .map(name => `export * from './test/scan/corpus/${name}.ts';`)
    .join('\n');
  const outfile = join(folder, 'corpus.mjs');
  const require =
    "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);";
  await build({
    stdin: { contents, resolveDir: root, loader: 'ts' },
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'node',
    banner: { js: require },
    logLevel: 'warning',
  });
  const loaded = await import(pathToFileURL(outfile).href);
  return { makeCorpus: loaded.makeCorpus, judge: loaded };
}

/** Builds gitleaks where it is not installed yet; `false`, with one line, where that cannot be done. */
function installGitleaks() {
  if (existsSync(join(peers, 'gitleaks'))) return true;
  const go = spawnSync('go', ['install', GITLEAKS], {
    env: { ...process.env, ...env, HOME: homedir(), GOBIN: peers, CGO_ENABLED: '0' },
    encoding: 'utf8',
  });
  if (go.status === 0) return true;
  console.log(
    `gitleaks cannot be built here (${go.error?.message ?? go.stderr.trim().split('\n').at(-1)})\n`,
  );
  return false;
}

/** Writes each file into a folder of its own, because many have the same path. */
async function writeCorpus(name, { positives, negatives }) {
  const base = join(folder, name);
  for (const [index, { path, bytes }] of [...positives, ...negatives].entries()) {
    const file = join(base, String(index), path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, bytes);
  }
  run(['git', 'init', '-q', base]);
  return base;
}

/** What a scanner found in each file, in the order of the corpus. */
function verdictsOf(scanner, { positives, negatives }, base) {
  const found = Array.from({ length: positives.length + negatives.length }, () => []);
  for (const { file, line, endLine } of scanner.findings(base)) {
    found[Number(file.split('/')[0])]?.push({ line, endLine });
  }
  return { positives: found.slice(0, positives.length), negatives: found.slice(positives.length) };
}

function ours() {
  return {
    name: 'secrets',
    findings(base) {
      const { stdout } = run([...secrets, 'scan', '--json', '.'], { cwd: base, allowed: [0, 1] });
      // The end of a finding is not told, and it may begin a few lines above its value.
      return JSON.parse(stdout).findings.map(({ file, line }) => ({ file, line, endLine: line + 3 }));
    },
    scanFolder: base => run([...secrets, 'scan', '.'], { cwd: base, allowed: [0, 1] }),
    scanStaged: base => run([...secrets, 'hook', 'run', 'pre-commit'], { cwd: base, allowed: [0, 1] }),
  };
}

function gitleaks() {
  const quiet = ['--no-banner', '--no-color', '--log-level', 'fatal', '--exit-code', '0'];
  return {
    name: 'gitleaks',
    findings(base) {
      const report = ['--report-format', 'json', '--report-path', '-'];
      const { stdout } = run(['gitleaks', 'dir', ...quiet, ...report, '.'], { cwd: base });
      return JSON.parse(stdout).map(({ File, StartLine, EndLine }) => ({
        file: File,
        line: StartLine,
        endLine: EndLine,
      }));
    },
    scanFolder: base => run(['gitleaks', 'dir', ...quiet, '.'], { cwd: base }),
    scanStaged: base => run(['gitleaks', 'git', '--pre-commit', '--staged', ...quiet, '.'], { cwd: base }),
  };
}

/** The numbers of one scanner over all seeds. */
function rated(judge, corpora, verdicts) {
  const total = numbers => numbers.reduce((sum, number) => sum + number, 0);
  const sum = share => {
    const parts = corpora.map((corpus, index) => share(corpus, verdicts[index]));
    return { hit: total(parts.map(part => part.hit)), of: total(parts.map(part => part.of)) };
  };
  const grade = name => sum((corpus, verdict) => judge.recall(corpus, verdict, name));
  const families = list => sum((corpus, verdict) => judge.falseBlocks(corpus, verdict, list));
  return {
    all: grade(null),
    core: grade('core'),
    medium: grade('medium'),
    hard: grade('hard'),
    blocked: families(null),
    sops: families(['sops']),
    never: families(judge.NEVER_BLOCKED),
  };
}

/** Medians of many files and of a usual commit, all scanners in turn, so that they meet the same weather. */
async function timeAll(scanners, { negatives }) {
  // Not the configs of sops: repeated to their size they are broken ones.
  const texts = negatives.filter(
    ({ path, bytes }) => !bytes.includes(0) && bytes.length < 20_000 && !path.endsWith('.sops.yaml'),
  );
  const bulk = await writeBulk(texts);
  const usual = await writeUsual();
  const commit = await writeCommit(texts);
  await writeFile(join(folder, 'empty.mjs'), '');
  const node = { name: 'node', scanFolder: bare, scanStaged: bare };
  const all = [...scanners, node];
  return {
    bulk: timed(all, scanner => scanner.scanFolder(bulk), Math.max(3, Math.ceil(runs / 3))),
    usual: timed(all, scanner => scanner.scanFolder(usual), Math.max(3, Math.ceil(runs / 3))),
    commit: timed(all, scanner => scanner.scanStaged(commit), runs),
  };
}

function bare() {
  run([process.execPath, join(folder, 'empty.mjs')]);
}

/** Innocent files, repeated up to their share of the size. */
async function writeBulk(texts) {
  const base = join(folder, 'bulk');
  for (let index = 0; index < BULK_FILES; index++) {
    const { path, bytes } = texts[index % texts.length];
    const file = join(base, String(index), path);
    const times = Math.max(1, Math.ceil(BULK_BYTES / BULK_FILES / bytes.length));
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, Buffer.concat(Array.from({ length: times }, () => bytes)));
  }
  run(['git', 'init', '-q', base]);
  return base;
}

/** Source files as they are in the world: those of the packages that this one is built with. */
async function writeUsual() {
  const base = join(folder, 'usual');
  const packages = join(root, 'node_modules');
  let [count, size] = [0, 0];
  for (const name of (await readdir(packages, { recursive: true })).toSorted()) {
    if (!/\.(?:[cm]?[jt]s|json|md|ya?ml)$/.test(name) || count === BULK_FILES || size > BULK_BYTES) continue;
    const bytes = await readFile(join(packages, name)).catch(() => null);
    if (bytes === null || bytes.length < 4_000 || bytes.length > 25_000) continue;
    count += 1;
    size += bytes.length;
    const file = join(base, name);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, bytes);
  }
  run(['git', 'init', '-q', base]);
  return base;
}

/** A repository with a few files staged on top of a commit. */
async function writeCommit(texts) {
  const base = join(folder, 'commit');
  run(['git', 'init', '-q', base]);
  await writeFile(join(base, 'README'), 'a repository\n');
  const git = (...args) =>
    run(['git', '-c', 'user.name=bench', '-c', 'user.email=bench@example.org', ...args], { cwd: base });
  git('add', '.');
  git('commit', '-q', '-m', 'first');
  for (const [index, { path, bytes }] of texts.slice(0, COMMIT_FILES).entries()) {
    const file = join(base, String(index), path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, bytes);
  }
  git('add', '.');
  return base;
}

/** @returns the median of each scanner by its name, in milliseconds */
function timed(scanners, act, times) {
  const taken = new Map(scanners.map(({ name }) => [name, []]));
  for (let turn = -1; turn < times; turn++) {
    for (const scanner of scanners) {
      const start = performance.now();
      act(scanner);
      if (turn >= 0) taken.get(scanner.name)?.push(performance.now() - start);
    }
  }
  return new Map([...taken].map(([name, list]) => [name, median(list)]));
}

function print(columns, times, corpora) {
  const counts = corpora
    .map(({ positives, negatives }) => `${positives.length} + ${negatives.length}`)
    .join(', ');
  const version = run([...secrets, '--version']).stdout.trim();
  console.log(`node ${process.version}, secrets ${version}, seeds ${seeds.join(', ')} (${counts} files)\n`);
  const row = (title, cell) => console.log(`| ${[title, ...columns.map(cell)].join(' | ')} |`);
  row('', ({ name }) => `${name}`);
  row('---', () => '---');
  row('found', ({ all }) => percent(all));
  row('found, core', ({ core }) => percent(core));
  row('found, medium', ({ medium }) => percent(medium));
  row('found, hard', ({ hard }) => percent(hard));
  row('innocent files blocked', ({ blocked }) => percent(blocked));
  row('of these: encrypted, public, digests, locks, references', ({ never }) => percent(never));
  row('of these: sops files', ({ sops }) => percent(sops));
  row(`${BULK_FILES} look-alikes, ${BULK_BYTES / 1e6} MB`, ({ name }) => time(times.bulk, name));
  row(`${BULK_FILES} source files, ${BULK_BYTES / 1e6} MB`, ({ name }) => time(times.usual, name));
  row(`a commit of ${COMMIT_FILES} files`, ({ name }) => time(times.commit, name));
}

function percent({ hit, of }) {
  return `${hit}/${of} (${((100 * hit) / of).toFixed(1)} %)`;
}

function time(medians, name) {
  const own = medians.get(name) ?? Number.NaN;
  const node = medians.get('node') ?? Number.NaN;
  return `${own.toFixed(0)} ms, ${(own / node).toFixed(2)} x bare node`;
}

function run([program, ...args], { cwd = folder, allowed = [0] } = {}) {
  const maxBuffer = 256 * 1024 * 1024;
  const { status, stdout, stderr, error } = spawnSync(program, args, {
    cwd,
    env,
    encoding: 'utf8',
    maxBuffer,
  });
  if (!allowed.includes(status)) throw new Error(`${program} ${args.join(' ')}: ${error?.message ?? stderr}`);
  return { stdout };
}

function median(numbers) {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN;
}
