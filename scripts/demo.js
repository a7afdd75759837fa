// The main job on a demo repository in a temporary folder: a key, a host, a secret, the Nix text, the value.
// Needs Node and git only. Everything in it is thrown away; `--keep` leaves the folder.
import { spawnSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** What somebody has who runs one machine from a flake. */
const FLAKE = `{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";

  outputs = { nixpkgs, ... }: {
    nixosConfigurations.megumu = nixpkgs.lib.nixosSystem {
      modules = [ ./megumu.nix ];
    };
  };
}
`;

const bin = fileURLToPath(new URL('../bin/secrets.js', import.meta.url));
const home = mkdtempSync(join(tmpdir(), 'secrets-demo-'));
const fleet = join(home, 'fleet');

const env = {
  PATH: process.env.PATH,
  HOME: home,
  LANG: 'C.UTF-8',
  NO_COLOR: '1',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_CONFIG_NOSYSTEM: '1',
};

function run(program, args, input = '') {
  const done = spawnSync(program, args, { cwd: fleet, env, input, encoding: 'utf8' });
  process.stdout.write(done.stdout + done.stderr);
  if (done.status !== 0) {
    console.error(`the demo stopped: exit status ${done.status}`);
    process.exit(1);
  }
}

function secrets(line, input) {
  console.log(
    `\n$ ${input === undefined ? '' : `printf '${input.replaceAll('\n', '\\n')}' | `}secrets ${line}`,
  );
  run(process.execPath, [bin, ...line.split(' ')], input);
}

function show(file) {
  console.log(`\n$ cat ${file}`);
  process.stdout.write(readFileSync(join(fleet, file), 'utf8').replace(/(.{108}).+/g, '$1…'));
}

/** The public half of an ssh host key, as the file in /etc/ssh of a machine would hold it. */
function hostPublicKey() {
  const { publicKey } = generateKeyPairSync('ed25519');
  const raw = publicKey.export({ type: 'spki', format: 'der' }).subarray(-32);
  const field = bytes => Buffer.concat([Buffer.from([0, 0, 0, bytes.length]), bytes]);
  return `ssh-ed25519 ${Buffer.concat([field(Buffer.from('ssh-ed25519')), field(raw)]).toString('base64')} root@megumu\n`;
}

try {
  mkdirSync(fleet);
  run('git', ['init', '-q']);
  writeFileSync(join(fleet, 'megumu.pub'), hostPublicKey());
  writeFileSync(join(fleet, 'flake.nix'), FLAKE);
  run('git', ['add', '.']);
  console.log('A flake with one machine, megumu, whose ssh host key is in megumu.pub.');
  secrets('init --admin kamov');
  secrets('host add megumu --ssh-key megumu.pub');
  secrets('add kotori --host megumu --env --unit fukurou.service', 'TOKEN=a b#c\nURL=x=y\n');
  show('secrets/megumu/kotori.env');
  show('secrets/megumu.nix');
  secrets('list');
  secrets('get kotori');
  console.log(
    process.argv.includes('--keep')
      ? `\nIt is in ${fleet}`
      : '\nThe demo repository was in a temporary folder and is gone again.',
  );
} finally {
  if (!process.argv.includes('--keep')) rmSync(home, { recursive: true, force: true });
}
