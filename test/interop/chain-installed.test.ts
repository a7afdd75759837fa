import { existsSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Chain, type ChainHost, HOSTS, type Identity } from '../helpers/chain.ts';
import { EVALUATOR, type Evaluated, evaluateFlake, flakeText, serviceText } from '../helpers/chain-flake.ts';
import { readEnvironmentFile } from '../helpers/environment-file.ts';
import { type InstallerSecret, install, installed } from '../helpers/installer.ts';
import { describeWith } from '../helpers/programs.ts';
import { runProcess } from '../helpers/sandbox.ts';

/** The real installer of sops-nix; empty: not there. */
const REAL = process.env.SOPS_INSTALL_SECRETS ?? '';

const ENV = [
  `SPACED="two words  "`,
  `SINGLE='a "b" $c'`,
  'HASH=a#b # c',
  'DOLLAR=$HOME ${x}',
  'EQUALS=a=b==',
  'UNICODE=żółć 🦉',
  '',
].join('\n');
const VARIABLES = {
  SPACED: 'two words  ',
  SINGLE: 'a "b" $c',
  HASH: 'a#b # c',
  DOLLAR: '$HOME ${x}',
  EQUALS: 'a=b==',
  UNICODE: 'żółć 🦉',
};

interface Added {
  readonly name: string;
  readonly bytes: Buffer;
  readonly options: readonly string[];
  readonly mode?: number;
  readonly unit?: string;
}
const ADDED: readonly Added[] = [
  { name: 'kotori', bytes: Buffer.from(ENV), options: ['--env'], unit: 'fukurou.service' },
  { name: 'value', bytes: Buffer.from('plain value: #1'), options: [] },
  { name: 'lines', bytes: Buffer.from('first\n\tsecond\n\nthird'), options: [] },
  { name: 'lines-end', bytes: Buffer.from('first\n  second\nthird\n'), options: [] },
  {
    name: 'bytes',
    bytes: Buffer.from(Array.from({ length: 256 }, (_, i) => i)),
    options: ['--binary', '--mode', '0440'],
    mode: 0o440,
  },
  { name: 'empty', bytes: Buffer.alloc(0), options: ['--allow-empty'] },
  { name: 'kanidm/miniflux', bytes: Buffer.from('nested'), options: [], unit: 'miniflux.service' },
];

if (EVALUATOR !== '') {
  for (const host of Object.values(HOSTS)) {
    describeWith(
      ['sops', 'git', 'ssh-keygen', 'nix-instantiate'],
      `what is installed on ${host.name} (${host.platform})`,
      () => installedOn(host),
    );
  }
} else {
  process.stderr.write('left out: what an installer makes of the whole chain (SOPS_NIX_EVAL is not set)\n');
}

describe.skipIf(EVALUATOR === '')('what an installer makes of the whole chain', () => {
  it('is looked at for each platform', () => {
    expect(new Set(Object.values(HOSTS).map(({ platform }) => platform))).toEqual(
      new Set(['nixos', 'darwin', 'home']),
    );
  });
});

function installedOn(host: ChainHost): void {
  const chain = new Chain(host);
  const folder = join(chain.sandbox.root, 'installed');
  let found: Evaluated;
  let secrets: readonly InstallerSecret[] = [];

  beforeAll(async () => {
    await populate(chain);
    found = await evaluateFlake(chain);
    secrets = (found.manifest?.secrets ?? []) as unknown as readonly InstallerSecret[];
  });
  afterAll(() => chain.dispose());

  it('is declared, with units as asked', () => {
    expect([found.assertions, found.warnings]).toEqual([[], []]);
    expect(secrets.map(({ name }) => name).sort()).toEqual(ADDED.map(({ name }) => name).sort());
    for (const { name, unit } of host.platform === 'nixos' ? ADDED : []) {
      const secret = found.manifest?.secrets.find(one => one['name'] === name);
      expect(secret?.['restartUnits'], name).toEqual(unit === undefined ? [] : [unit]);
    }
  });

  it('is byte for byte what was added', async () => {
    await install({ secrets, identity: chain.hostIdentity(), folder });
    expectAdded(folder);
  });

  it('is nothing with a third key', async () => {
    const none = join(chain.sandbox.root, 'stranger');
    const identity = await chain.strangerIdentity();
    await expect(install({ secrets, identity, folder: none })).rejects.toThrow('failed to decrypt');
    expect(existsSync(none)).toBe(false);
  });

  it.each([
    ['a name below another', { name: 'kotori/b' }],
    ['a key that is not there', { name: 'other', key: 'other' }],
    ['a key below a string', { name: 'other', key: 'value/b' }],
    ['a format that others contradict', { name: 'other', format: 'json' }],
    ['a mode that is not octal', { name: 'other', mode: 'u=r' }],
  ])('is nothing with %s', async (_what, change) => {
    const none = join(chain.sandbox.root, 'refused');
    const wrong = secrets.flatMap(one => (one.name === 'value' ? [{ ...one, ...change }] : []));
    const identity = chain.hostIdentity();
    const kept = secrets.filter(({ name }) => name === 'kotori' || name === 'value');
    await expect(install({ secrets: [...kept, ...wrong], identity, folder: none })).rejects.toThrow();
    expect(existsSync(none)).toBe(false);
  });

  it('is nothing where one secret is a number, which check names before', () => numberCase(chain, secrets));

  if (REAL !== '') realCase(chain, () => found);
}

async function populate(chain: Chain): Promise<void> {
  const { name: host, platform } = chain.host;
  chain.write('flake.nix', flakeText(platform, true));
  chain.write('service.nix', serviceText(platform));
  await chain.run(['git', 'init', '-q']);
  await chain.run(['git', 'add', 'flake.nix', 'service.nix']);
  const key = await chain.makeHostKey();
  await chain.run(['secrets', 'init', '--admin', 'kamov']);
  await chain.run(['secrets', 'host', 'add', host, '--platform', platform, ...key]);
  for (const { name, bytes, options, unit } of ADDED) {
    const value = join(chain.sandbox.temporary, 'value');
    writeFileSync(value, bytes);
    const units = platform === 'nixos' && unit !== undefined ? ['--unit', unit] : [];
    await chain.run(['secrets', 'add', name, '--host', host, '--from-file', value, ...options, ...units]);
  }
}

function expectAdded(folder: string): void {
  for (const { name, bytes, mode = 0o400 } of ADDED) {
    expect(installed(folder, name).toString('hex'), name).toBe(bytes.toString('hex'));
    expect(statSync(join(folder, name)).mode & 0o7777, name).toBe(mode);
  }
  const variables = readEnvironmentFile(installed(folder, 'kotori').toString());
  expect(Object.fromEntries(variables)).toEqual(VARIABLES);
}

/** Encrypted by stock sops in the place of a value, as a hand edit leaves it. */
async function numberCase(chain: Chain, secrets: readonly InstallerSecret[]): Promise<void> {
  const file = `secrets/${chain.host.name}/value.yaml`;
  chain.write(file, 'value: 1234\n');
  await chain.run(['sops', 'encrypt', '--in-place', file]);
  const sopsFile = join(chain.sandbox.work, file);
  const changed = secrets.map(secret => (secret.name === 'value' ? { ...secret, sopsFile } : secret));
  const folder = join(chain.sandbox.root, 'number');
  const installing = install({ secrets: changed, identity: chain.hostIdentity(), folder });
  await expect(installing).rejects.toThrow('is not a string');
  expect(existsSync(folder)).toBe(false);
  const { stdout } = await chain.attempt(['secrets', 'check', '--json']);
  expect(stdout.toString()).toContain('not-a-string');
}

/** As an ordinary user runs it (`userMode`): no mount, no owner, plain folders. */
function realCase(chain: Chain, found: () => Evaluated): void {
  describe('by the real installer', () => {
    const root = join(chain.sandbox.root, 'real');
    const links = join(root, 'secrets');

    async function start(identity: Identity): Promise<number | null> {
      const manifest = found().manifest;
      const moved = (manifest?.secrets ?? []).map(one => ({
        ...one,
        path: join(links, String(one['name'])),
      }));
      const text = JSON.stringify({
        ...manifest,
        secrets: moved,
        secretsMountPoint: join(root, 'secrets.d'),
        symlinkPath: links,
        userMode: true,
        ageKeyFile: null,
        ageSshKeyPaths: [],
        sshKeyPaths: [],
        gnupgHome: null,
      });
      const file = join(chain.sandbox.root, 'manifest.json');
      writeFileSync(file, text);
      const env = { ...identity, PATH: '/usr/bin:/bin', XDG_RUNTIME_DIR: root };
      const output = await runProcess([REAL, '-ignore-passwd', file], { cwd: chain.sandbox.root, env });
      return output.status;
    }

    it('is nothing with a third key', async () => {
      expect(await start(await chain.strangerIdentity())).toBe(1);
      expect(existsSync(links)).toBe(false);
    });

    it('is byte for byte what was added', async () => {
      expect(await start(chain.hostIdentity())).toBe(0);
      expectAdded(links);
    });
  });
}
