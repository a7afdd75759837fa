// Runs one of the programs over something usual, and keeps what V8 has compiled by then.
//
//   node scripts/warm.js hook|main SCRIPT CACHE
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { Script } from 'node:vm';

const [program = '', file = '', cache = ''] = process.argv.slice(2);
/** What people commit, without any secret in it. */
const FILES = {
  'README.md': '# a repository\n\nSee `secrets --help`, and the [manual](docs/manual.md).\n',
  'flake.nix':
    '{ outputs = { self, ... }: { password = self.config.sops.secrets.x.path; hash = "sha256-x"; }; }\n',
  'package.json': '{ "name": "x", "version": "1.0.0", "scripts": { "build": "node build.js" } }\n',
  'compose.yaml':
    'services:\n  web:\n    image: web:1.2.3\n    environment: { PASSWORD_FILE: /run/secrets/web }\n',
  'src/main.ts':
    "const token = process.env['TOKEN'] ?? '';\nexport const url = 'https://example.org/' + token;\n",
  'deploy.sh': '#!/bin/sh\nset -eu\ncurl -H "Authorization: Bearer $TOKEN" https://example.org\n',
  'settings.ini': '[mail]\nhost = example.org\npassword = $PASSWORD\n',
};
/** The public key of the example in the manual of age. */
const RECIPIENT = 'age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p';
/** What is done with each, one after the other: first steps, and a commit. */
const RUNS = {
  hook: ['hook run pre-commit'],
  main: [
    'init --admin kamov --hook',
    `host add megumu --age ${RECIPIENT}`,
    'add kotori --host megumu --generate hex',
    'set kotori --generate hex --yes',
    'get kotori',
    'list',
    'sync --check',
    'check',
  ],
};

const folder = mkdtempSync(join(tmpdir(), 'secrets-warm-'));
const path = resolve(file);
// no path of the machine that builds gets into what is published
const script = new Script(readFileSync(path, 'latin1'), { filename: basename(file) });
const runs = RUNS[program].map(line => line.split(' '));
const target = resolve(cache);

process.on('exit', () => {
  process.chdir(tmpdir());
  rmSync(folder, { recursive: true, force: true });
  if (runs.length > 0) return;
  const beside = `${target}.${process.pid}.new`;
  writeFileSync(beside, script.createCachedData());
  renameSync(beside, target);
  process.exitCode = 0;
});
// a run has ended when nothing is left to wait for
process.on('beforeExit', () => {
  if (process.exitCode === 0) runNext();
});

// a home of its own: keys are made in it, and nobody's are read
for (const name of Object.keys(process.env)) if (name !== 'PATH') delete process.env[name];
process.env['HOME'] = join(folder, 'home');
stage(join(folder, 'repository'));
process.chdir(join(folder, 'repository'));
runNext();

function runNext() {
  const words = runs.shift();
  if (words === undefined) return;
  process.argv = [process.execPath, path, ...words];
  script.runInThisContext()(createRequire(path), path);
}

/** @param {string} root of the repository that is made */
function stage(root) {
  for (const [name, text] of Object.entries(FILES)) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), text);
  }
  const git = (...args) => execFileSync('git', args, { cwd: root, stdio: 'ignore' });
  git('init', '-q');
  git('add', '.');
}
