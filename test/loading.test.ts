import { execFileSync } from 'node:child_process';
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Output, projectRoot, Sandbox } from './helpers/sandbox.ts';

/** The model of a repository: `.sops.yaml`, the patterns of its rules, what is encrypted in its files. */
const REPOSITORY = ['@noble/ciphers', 'commander', 're2js', 'yaml'];

/** A command line, and the packages of the bundle that it loads; nothing else may be. */
const LOADS: readonly (readonly [commandLine: string, packages: readonly string[]])[] = [
  ['--version', ['commander']],
  ['--help', ['commander']],
  ['add --help', ['commander']],
  ['no-such-command', ['commander']],
  ['list', REPOSITORY],
  ['list --json', REPOSITORY],
  ['show kotori', REPOSITORY],
  ['host list', REPOSITORY],
  ['adopt --help', ['commander']],
  ['adopt --dry-run', REPOSITORY],
  ['access --help', ['commander']],
  ['access --since HEAD', ['commander', 're2js', 'yaml']],
  ['check --max-age 1', REPOSITORY],
  ['key --help', ['commander']],
  ['key new --name next', REPOSITORY],
  ['key list', REPOSITORY],
  ['key export', REPOSITORY],
  ['nix --check', REPOSITORY],
  ['fill', REPOSITORY],
  ['rotate --host megumu --generated', REPOSITORY],
  ['get kotori', REPOSITORY],
  ['edit --help', ['commander']],
  ['exec kotori -- true', REPOSITORY],
  ['edit kotori', REPOSITORY],
  ['why secrets/megumu/kotori.yaml', REPOSITORY],
  ['check', REPOSITORY],
  ['check --help', ['commander']],
  ['check --flake .', REPOSITORY],
  ['doctor', REPOSITORY],
  ['scan --help', ['commander']],
  ['scan --staged', ['commander']],
  ['scan notes.txt', REPOSITORY],
  ['hook run pre-commit', ['commander']],
  ['hook status', REPOSITORY],
  ['hook install --dry-run', ['commander']],
  ['hook uninstall --dry-run', ['commander']],
  ['git-textconv secrets/megumu/kotori.yaml', ['commander', 're2js', 'yaml']],
  ['git-finish', REPOSITORY],
  ['resolve --help', ['commander']],
  ['resolve', REPOSITORY],
  ['sops decrypt secrets/megumu/kotori.yaml', ['@noble/ciphers', 'commander', 're2js']],
];

/** Writes the address of every module that is loaded to a file. */
const TRACE = `
import { appendFileSync } from 'node:fs';
import { register } from 'node:module';
const hooks = \`
  import { appendFileSync } from 'node:fs';
  export async function load(url, context, next) {
    appendFileSync(process.env.TRACE_FILE, url + '\\\\n');
    return next(url, context);
  }\`;
register('data:text/javascript,' + encodeURIComponent(hooks));
`;

interface Metafile {
  readonly outputs: Readonly<
    Record<string, { readonly inputs: Readonly<Record<string, { bytesInOutput: number }>> }>
  >;
}

let sandbox: Sandbox;
let built = '';
/** The packages of each output file. */
let packages: ReadonlyMap<string, readonly string[]>;

beforeAll(async () => {
  built = mkdtempSync(join(tmpdir(), 'secrets-loading-'));
  const metafile = join(built, 'meta.json');
  const outdir = join(built, 'dist');
  execFileSync(process.execPath, ['scripts/build.js', '--outdir', outdir, '--metafile', metafile], {
    cwd: projectRoot,
  });
  packages = packagesOf(JSON.parse(readFileSync(metafile, 'utf8')));
  writeFileSync(join(built, 'trace.mjs'), TRACE);
  sandbox = new Sandbox([process.execPath, join(outdir, 'main.js')]);
  await makeRepository();
});

afterAll(() => {
  sandbox?.dispose();
  rmSync(built, { recursive: true, force: true });
});

function packagesOf(metafile: Metafile): Map<string, string[]> {
  return new Map(
    Object.entries(metafile.outputs).map(([path, { inputs }]) => {
      const names = Object.entries(inputs)
        .filter(([, { bytesInOutput }]) => bytesInOutput > 0)
        .flatMap(([input]) => /node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(input)?.[1] ?? []);
      return [basename(path), [...new Set(names)]];
    }),
  );
}

async function makeRepository(): Promise<void> {
  await succeeds(sandbox.run(['git', 'init', '-q']));
  await succeeds(
    sandbox.run(['ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-C', '', '-f', join(sandbox.home, 'host')]),
  );
  await succeeds(sandbox.secrets(['init', '--admin', 'kamov']));
  await succeeds(sandbox.secrets(['host', 'add', 'megumu', '--ssh-key', join(sandbox.home, 'host.pub')]));
  await succeeds(sandbox.secrets(['add', 'kotori', '--host', 'megumu'], { stdin: 'a value\n' }));
  writeFileSync(join(sandbox.work, 'notes.txt'), 'nothing of interest\n');
  const git = ['git', '-c', 'user.name=kamov', '-c', 'user.email=kamov@example.org'];
  await succeeds(sandbox.run([...git, 'commit', '-q', '-m', 'one']));
  const plain = join(sandbox.home, 'plain');
  await succeeds(sandbox.run(['git', 'init', '-q', plain]));
  writeFileSync(join(plain, 'notes.txt'), 'nothing of interest\n');
  await succeeds(sandbox.run(['git', 'add', '.'], { cwd: plain }));
}

async function succeeds(running: Promise<Output>): Promise<void> {
  const output = await running;
  if (output.status !== 0) throw new Error(`${output.argv.join(' ')} failed: ${output.stderr}`);
}

/** The packages that a command loads, sorted. */
async function loadedBy(args: readonly string[], cwd = sandbox.work): Promise<string[]> {
  const file = join(built, 'trace.txt');
  writeFileSync(file, '');
  const [node = '', main = ''] = sandbox.program;
  const argv = [node, '--import', pathToFileURL(join(built, 'trace.mjs')).href, main, ...args];
  await sandbox.run(argv, { cwd, env: { ...sandbox.env, TRACE_FILE: file } });
  const names = readFileSync(file, 'utf8')
    .split('\n')
    .map(url => basename(url));
  expect(names, 'the trace sees what is loaded').toContain('main.js');
  return [...new Set(names.flatMap(name => packages.get(name) ?? []))].sort();
}

describe('a command loads only what it needs', () => {
  it.each(LOADS)('%s', async (commandLine, wanted) => {
    expect(await loadedBy(commandLine.split(' '))).toEqual(wanted);
  });
});

describe('a commit in a repository that holds no secrets', () => {
  it.each(['scan --staged', 'hook run pre-commit'])('loads the scanner and nothing else: %s', async line => {
    expect(await loadedBy(line.split(' '), join(sandbox.home, 'plain'))).toEqual(['commander']);
  });
});

describe('what the build has compiled', () => {
  /** The files that `secrets` loads as modules, where node is started with these arguments. */
  async function modulesOf(line: string, nodeArguments: readonly string[] = []): Promise<string[]> {
    const [node = ''] = sandbox.program;
    const trace = join(built, 'trace.txt');
    writeFileSync(trace, '');
    mkdirSync(join(built, 'bin'), { recursive: true });
    for (const name of ['secrets.js', 'package.json'])
      copyFileSync(join(projectRoot, 'bin', name), join(built, 'bin', name));
    writeFileSync(join(built, 'package.json'), '{ "type": "module" }');
    const tracing = ['--import', pathToFileURL(join(built, 'trace.mjs')).href];
    const argv = [node, ...nodeArguments, ...tracing, join(built, 'bin/secrets.js'), ...line.split(' ')];
    const env = { ...sandbox.env, TRACE_FILE: trace };
    const { status, stderr } = await sandbox.run(argv, { cwd: join(sandbox.home, 'plain'), env });
    expect(status, `${stderr}`).toBe(line.startsWith('hook') ? 0 : 3);
    const loaded = readFileSync(trace, 'utf8').split('\n');
    return loaded.map(url => basename(url)).filter(name => name === 'hook.js' || name === 'main.js');
  }

  it.each(['hook run pre-commit --', 'hook run pre-commit', 'list'])('is what runs: %s', async line => {
    expect(await modulesOf(line)).toEqual([]);
  });

  it.each(['hook run pre-commit', 'list'])('runs where V8 is started otherwise: %s', async line => {
    expect(await modulesOf(line, ['--stack-size=900'])).toEqual([]);
  });

  it.each([
    ['hook run pre-commit', 'hook'],
    ['list', 'main'],
  ])('is there as modules for another V8: %s', async (line, name) => {
    const [cache = '', ...others] = readdirSync(join(built, 'dist')).filter(
      file => file.startsWith(`${name}.`) && file.endsWith('.v8'),
    );
    expect(others).toEqual([]);
    const path = join(built, 'dist', cache);
    renameSync(path, `${path}.away`);
    expect(await modulesOf(line)).toEqual([`${name}.js`]);
    renameSync(`${path}.away`, path);
  });

  it('is read as it was written', () => {
    for (const name of ['hook.cjs', 'main.cjs']) {
      const text = readFileSync(join(built, 'dist', name), 'latin1');
      expect(/[^\0-\x7f]/.test(text), name).toBe(false);
      // a script of that kind cannot import
      expect(/[^.\w#]import\(/.test(text.replace(/^\s*(?:\/\/|\*).*$/gm, '')), name).toBe(false);
    }
  });

  it('holds no path of the machine that built it', () => {
    for (const file of readdirSync(join(built, 'dist'))) {
      const bytes = readFileSync(join(built, 'dist', file));
      for (const path of [projectRoot, built, 'secrets-warm-'])
        expect(bytes.includes(path), file).toBe(false);
    }
  });
});

describe('the bundle', () => {
  it('has every package that is used, and starts without node_modules', () => {
    const bundled = new Set([...packages.values()].flat());
    for (const name of ['commander', 'yaml', 're2js']) expect([...bundled]).toContain(name);
    for (const name of ['sops-age', 'vitest', 'esbuild', 'fast-check'])
      expect([...bundled]).not.toContain(name);
  });

  it('keeps the licences of what it holds', () => {
    const licenses = readFileSync(join(built, 'dist/licenses.txt'), 'utf8');
    for (const name of new Set([...packages.values()].flat()))
      expect(licenses).toMatch(new RegExp(`^${name} \\d`, 'm'));
  });

  it('is the same when it is built again', () => {
    const again = join(built, 'again');
    execFileSync(process.execPath, ['scripts/build.js', '--outdir', again], { cwd: projectRoot });
    expect(readdirSync(again).sort()).toEqual(readdirSync(join(built, 'dist')).sort());
  });
});
