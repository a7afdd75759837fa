// Lets a hook run once over files of many kinds, and keeps what V8 has compiled by then.
//
//   node scripts/warm-hook.js SCRIPT CACHE
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { constants, Script } from 'node:vm';

const [file = '', cache = ''] = process.argv.slice(2).map(path => resolve(path));
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

const folder = mkdtempSync(join(tmpdir(), 'secrets-warm-'));
const script = new Script(readFileSync(file, 'latin1'), {
  // no path of the machine that builds gets into what is published
  filename: 'hook.cjs',
  importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
});
process.on('exit', () => {
  process.chdir(tmpdir());
  rmSync(folder, { recursive: true, force: true });
  const beside = `${cache}.${process.pid}.new`;
  writeFileSync(beside, script.createCachedData());
  renameSync(beside, cache);
  process.exitCode = 0;
});

stage();
process.chdir(folder);
process.argv = [process.execPath, file, 'hook', 'run', 'pre-commit'];
script.runInThisContext()(createRequire(file), file);

function stage() {
  const git = (...args) => execFileSync('git', args, { cwd: folder, stdio: 'ignore' });
  git('init', '-q');
  for (const [name, text] of Object.entries(FILES)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  git('add', '.');
}
