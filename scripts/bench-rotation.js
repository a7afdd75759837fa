// Compares the rotation of a host key with what people do by hand: an edit of .sops.yaml, then stock
// `sops updatekeys -y` on every file and `sops rotate -i` on each that the host reads. Both work on the same files.
// The last line leaves out the files that did not need it, which a person would have to know.
//
//   node scripts/bench-rotation.js [--files 1000] [--hosts 20]
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const { values: options } = parseArgs({
  options: { files: { type: 'string', default: '1000' }, hosts: { type: 'string', default: '20' } },
});
const files = Number(options.files);
const hosts = Number(options.hosts);
const peers = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'secrets-peers/bin');
const folder = mkdtempSync(join(tmpdir(), 'secrets-bench-'));
const env = {
  PATH: [peers, process.env.PATH].join(delimiter),
  HOME: folder,
  SOPS_AGE_KEY_FILE: join(folder, 'admin.txt'),
  SOPS_DISABLE_VERSION_CHECK: '1',
  NO_COLOR: '1',
};

try {
  main();
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function main() {
  const repository = join(folder, 'repository');
  const keys = Array.from({ length: hosts + 2 }, (_, index) =>
    makeKey(index === 0 ? 'admin' : `host${index}`),
  );
  const [admin = '', ...others] = keys;
  const next = others.pop() ?? '';
  makeRepository(repository, admin, others);
  const read = megumusFiles();
  console.log(`${files} files, ${hosts} hosts, of which megumu reads ${read.length}\n`);

  const ours = `${repository}-ours`;
  cpSync(repository, ours, { recursive: true });
  const rotate = [join(root, 'bin/secrets.js'), 'host', 'rotate', 'megumu', '--age', next, '--yes'];
  const secrets = timed(() => run(ours, [process.execPath, ...rotate]));

  const theirs = `${repository}-theirs`;
  cpSync(repository, theirs, { recursive: true });
  const config = readFileSync(join(theirs, '.sops.yaml'), 'utf8').replace(others[0] ?? '', next);
  writeFileSync(join(theirs, '.sops.yaml'), config);
  const needed = new Set(read);
  const all = Array.from({ length: files }, (_, index) => fileOf(index));
  const rest = timed(() => {
    for (const file of all) if (!needed.has(file)) run(theirs, ['sops', 'updatekeys', '-y', file]);
  });
  const least = timed(() => {
    for (const file of read) {
      run(theirs, ['sops', 'updatekeys', '-y', file]);
      run(theirs, ['sops', 'rotate', '-i', file]);
    }
  });
  check(ours, read, next, others[0] ?? '');
  const ratio = stock => `${(stock / secrets).toFixed(1).padStart(6)} x`;
  console.log(`secrets host rotate                       ${seconds(secrets)}`);
  console.log(`stock sops, updatekeys on every file      ${seconds(rest + least)}  ${ratio(rest + least)}`);
  console.log(`stock sops, only the files that need it   ${seconds(least)}  ${ratio(least)}`);
}

function seconds(milliseconds) {
  return `${(milliseconds / 1000).toFixed(2).padStart(6)} s`;
}

/** @returns the public half of a throw-away key */
function makeKey(name) {
  execFileSync('age-keygen', ['-o', join(folder, `${name}.txt`)], { env, stdio: 'ignore' });
  return /age1\w+/.exec(readFileSync(join(folder, `${name}.txt`), 'utf8'))?.[0] ?? '';
}

function nameOf(host) {
  return host === 0 ? 'megumu' : `host${host}`;
}

function fileOf(index) {
  return `secrets/${nameOf(index % hosts)}/value${index}.yaml`;
}

function megumusFiles() {
  return Array.from({ length: files }, (_, index) => index)
    .filter(index => index % hosts === 0)
    .map(fileOf);
}

function makeRepository(repository, admin, recipients) {
  mkdirSync(repository);
  const keys = recipients.map((recipient, host) => `  - &${nameOf(host)} ${recipient}\n`).join('');
  const entries = recipients.map((_, host) => `  ${nameOf(host)}: { platform: nixos }\n`).join('');
  const rules = recipients
    .map(
      (_, host) =>
        `  - path_regex: ^secrets/${nameOf(host)}/\n    key_groups:\n      - age: [*kamov, *${nameOf(host)}]\n`,
    )
    .join('');
  writeFileSync(
    join(repository, '.sops.yaml'),
    `keys:\n  - &kamov ${admin}\n${keys}\nadmins: [kamov]\n\nhosts:\n${entries}\ncreation_rules:\n${rules}`,
  );
  for (let host = 0; host < hosts; host++)
    mkdirSync(join(repository, 'secrets', nameOf(host)), { recursive: true });
  for (let index = 0; index < files; index++) {
    const path = join(repository, fileOf(index));
    writeFileSync(path, `value${index}: the value of number ${index}\n`);
    run(repository, ['sops', 'encrypt', '-i', fileOf(index)]);
  }
  run(repository, ['git', 'init', '-q']);
  run(repository, ['git', 'add', '-A']);
  run(repository, [
    'git',
    '-c',
    'user.name=bench',
    '-c',
    'user.email=bench@example.org',
    'commit',
    '-qm',
    'begin',
  ]);
}

/** A fast rotation that did not rotate would be no news. */
function check(repository, read, next, former) {
  const changed = run(repository, ['git', 'diff', '--cached', '--name-only'])
    .split('\n')
    .filter(Boolean)
    .sort();
  const wanted = ['.sops.yaml', 'secrets/megumu.nix', ...read].sort();
  const emitted = changed.filter(path => !/^secrets\/host\d+\.nix$/.test(path));
  if (emitted.join() !== wanted.join())
    throw new Error(`changed: ${changed.length} files, not those that megumu reads`);
  for (const file of read) {
    const text = readFileSync(join(repository, file), 'utf8');
    if (!text.includes(next) || text.includes(former)) throw new Error(`${file} was not rotated`);
  }
}

function timed(work) {
  const start = performance.now();
  work();
  return performance.now() - start;
}

function run(cwd, [program = '', ...args]) {
  const { status, stdout, stderr, error } = spawnSync(program, args, {
    cwd,
    env,
    encoding: 'utf8',
    maxBuffer: 1e9,
  });
  if (status !== 0) throw new Error(`${program} ${args.slice(0, 4).join(' ')}: ${error?.message ?? stderr}`);
  return stdout;
}
