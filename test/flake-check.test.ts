import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { describeWith, programPath } from './helpers/programs.ts';
import { projectRoot, Sandbox } from './helpers/sandbox.ts';

/** Enough of nixpkgs: what a derivation would be made of. */
const PKGS =
  '{ nodejs = "/nodejs"; runCommand = name: attributes: script: { inherit name script attributes; }; }';

interface Derivation {
  readonly name: string;
  readonly script: string;
  readonly attributes: Readonly<Record<string, string>>;
}

function evaluate(src: string, given = ''): Derivation {
  const expression = `import ${projectRoot}/nix/check.nix { pkgs = ${PKGS}; src = "${src}"; ${given} }`;
  const nix = programPath('nix-instantiate') ?? 'nix-instantiate';
  const args = ['--eval', '--strict', '--json', '--read-write-mode', '-E', expression];
  return JSON.parse(execFileSync(nix, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }));
}

describeWith(['nix-instantiate', 'git', 'ssh-keygen'], 'the flake check', () => {
  it('runs the shipped program over a source without git, where nothing can be written', async () => {
    const sandbox = new Sandbox();
    try {
      const source = await flakeSource(sandbox);
      const good = await build(sandbox, evaluate(source));
      expect(good.status, `${good.stderr}`).toBe(0);
      expect(good.isMade).toBe(true);
      writeFileSync(join(source, 'secrets/megumu/plain.yaml'), 'plain: typed-by-hand\n');
      const bad = await build(sandbox, evaluate(source, 'host = "megumu";'));
      expect(bad.status).toBe(1);
      expect(`${bad.stdout}`).toContain('[plaintext]');
      expect(bad.isMade).toBe(false);
      expect((await build(sandbox, evaluate(source, 'host = "nobody";'))).status).toBe(2);
      expect(existsSync(join(source, '.secrets-state'))).toBe(false);
    } finally {
      sandbox.dispose();
    }
  });

  it('is in the package, with everything that it takes from there', () => {
    const { files } = JSON.parse(readFileSync(join(projectRoot, 'package.json'), 'utf8'));
    for (const name of ['nix', 'bin', 'dist']) expect(files).toContain(name);
    const { tool = '' } = evaluate('/source').attributes;
    expect(existsSync(join(tool, 'bin/secrets.js'))).toBe(true);
    expect(existsSync(join(tool, 'package.json'))).toBe(true);
    expect(existsSync(join(tool, 'node_modules'))).toBe(false);
    expect(existsSync(join(tool, 'src'))).toBe(false);
  });
});

/** A repository as nix copies it: what git tracks, without git. */
async function flakeSource(sandbox: Sandbox): Promise<string> {
  const host = join(sandbox.home, 'host');
  await sandbox.run(['git', 'init', '-q']);
  await sandbox.run(['ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-C', '', '-f', host]);
  await sandbox.secrets(['init', '--admin', 'kamov']);
  await sandbox.secrets(['host', 'add', 'megumu', '--ssh-key', `${host}.pub`]);
  await sandbox.secrets(['add', 'kotori', '--host', 'megumu'], { stdin: 'a value\n' });
  const source = join(sandbox.root, 'source');
  cpSync(sandbox.work, source, { recursive: true });
  rmSync(join(source, '.git'), { recursive: true });
  return source;
}

async function build(sandbox: Sandbox, { script, attributes }: Derivation) {
  const out = join(sandbox.root, 'out');
  const temporary = join(sandbox.root, 'build');
  mkdirSync(temporary, { recursive: true });
  rmSync(out, { force: true });
  const env = {
    PATH: sandbox.env['PATH'] ?? '',
    TMPDIR: temporary,
    HOME: '/homeless-shelter',
    out,
    ...attributes,
  };
  const { status, stdout, stderr } = await sandbox.run(['bash', '-euo', 'pipefail', '-c', script], {
    cwd: temporary,
    env,
  });
  return { status, stdout, stderr, isMade: existsSync(out) };
}
