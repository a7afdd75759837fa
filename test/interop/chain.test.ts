import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Chain, type ChainHost, ENV_LINES, HOSTS } from '../helpers/chain.ts';
import { EVALUATOR, evaluateFlake, flakeText, PROBES, serviceText } from '../helpers/chain-flake.ts';
import { describeWith } from '../helpers/programs.ts';
import type { Output } from '../helpers/sandbox.ts';

const PROGRAMS = ['sops', 'git', 'ssh-keygen', 'nix-instantiate'];

/** By platform: where the host finds the secret, and what the installer is told of it. */
const DELIVERED = {
  nixos: {
    path: '/run/secrets/kotori',
    manifest: {
      format: 'dotenv',
      mode: '0400',
      path: '/run/secrets/kotori',
      restartUnits: ['fukurou.service'],
    },
  },
  darwin: {
    path: '/run/secrets/kotori',
    manifest: { format: 'dotenv', mode: '0400', path: '/run/secrets/kotori' },
  },
  home: {
    path: expect.stringMatching(/\/sops-nix\/secrets\/kotori$/),
    manifest: { format: 'dotenv', mode: '0400' },
  },
} as const;

for (const host of Object.values(HOSTS)) {
  const { name, platform } = host;
  describeWith(PROGRAMS, `from nothing to a secret that ${name} (${platform}) reads`, () => chainOf(host));
}

if (EVALUATOR === '') {
  process.stderr.write(
    'left out: what the real sops-nix modules make of the files of the whole chain (SOPS_NIX_EVAL is not set)\n',
  );
}

function chainOf(host: ChainHost): void {
  const { name, platform } = host;
  const chain = new Chain(host);
  const file = `secrets/${name}/kotori.env`;
  const unit = platform === 'nixos' ? ['--unit', 'fukurou.service'] : [];
  const add = ['secrets', 'add', 'kotori', '--host', name, '--env'];
  let said = '';

  beforeAll(async () => {
    chain.write('flake.nix', flakeText(platform, true));
    chain.write('service.nix', serviceText(platform));
    await chain.run(['git', 'init', '-q']);
    await chain.run(['git', 'add', 'flake.nix', 'service.nix']);
    await chain.run(['git', 'commit', '-qm', 'the flake']);
    const key = await chain.makeHostKey();
    await chain.run(['secrets', 'init', '--admin', 'kamov']);
    await chain.run(['secrets', 'host', 'add', name, '--platform', platform, ...key]);
    said = text((await chain.run([...add, ...unit], ENV_LINES)).stderr);
  });
  afterAll(() => chain.dispose());

  it('stages everything that it made', async () => {
    expect(await chain.status()).toEqual([
      'A  .gitattributes',
      'A  .sops.yaml',
      'A  secrets/.gitattributes',
      'A  secrets/.gitignore',
      `A  secrets/${name}.nix`,
      `A  ${file}`,
    ]);
  });

  it('says who reads it, and nothing of lines that are there', () => {
    expect(said).toContain(`${name}/kotori: read by kamov, ${name}\n`);
    expect(said).not.toMatch(/sops-nix|config\.sops|in its modules/);
  });

  it('is opened by stock sops with the key of the admin and with that of the host', async () => {
    for (const identity of [chain.adminIdentity(), chain.hostIdentity()]) {
      const { stdout } = await chain.run(['sops', 'decrypt', file], '', identity);
      expect(text(stdout)).toBe(ENV_LINES);
    }
  });

  it('is opened by us with the key of the host, to the same bytes', async () => {
    for (const argv of [
      ['secrets', 'get', 'kotori'],
      ['secrets', 'sops', 'decrypt', file],
    ]) {
      expect(text((await chain.run(argv, '', chain.hostIdentity())).stdout)).toBe(ENV_LINES);
    }
  });

  it('is opened by no third key, whichever file and program', async () => {
    const stranger = await chain.strangerIdentity();
    const encrypted = chain.files('secrets').filter(path => /\.(env|yaml|bin)$/.test(path));
    expect(encrypted).toEqual([file]);
    for (const path of encrypted) {
      for (const program of [['sops'], ['secrets', 'sops']]) {
        const output = await chain.attempt([...program, 'decrypt', path], '', stranger);
        expect([output.status, text(output.stdout)]).toEqual([128, '']);
      }
    }
    const got = await chain.attempt(['secrets', 'get', 'kotori'], '', stranger);
    expect([got.status, text(got.stdout)]).toEqual([4, '']);
  });

  it('holds no value in clear below secrets/', async () => {
    for (const path of [...chain.files('secrets'), '.sops.yaml']) {
      const { stdout } = await chain.run(['git', 'show', `:${path}`]);
      expect(text(stdout), path).not.toMatch(/a b#c|x=y/);
    }
  });

  it('has modules that Nix parses', async () => {
    const modules = chain.files('secrets').filter(path => path.endsWith('.nix'));
    expect(modules).toEqual([`secrets/${name}.nix`]);
    for (const path of modules) await chain.run(['nix-instantiate', '--parse', path]);
    await chain.run(['secrets', 'nix', '--check']);
  });

  if (host.key === 'ssh') sshKeyCase(chain, file);
  if (platform !== 'nixos') unitCase(chain, add, name);
  if (EVALUATOR !== '') evaluated(chain);
}

/** Stock sops uses an ssh key for `ssh-ed25519` recipients alone; sops-nix converts it, as the chain does. */
function sshKeyCase(chain: Chain, file: string): void {
  it('is not opened by stock sops with the ssh host key before it is converted', async () => {
    const output = await chain.attempt(['sops', 'decrypt', file], '', chain.sshKey());
    expect([output.status, text(output.stdout)]).toEqual([128, '']);
  });
}

/** Only NixOS restarts units. */
function unitCase(chain: Chain, add: readonly string[], name: string): void {
  it('refuses a unit, says why, and writes nothing', async () => {
    const before = await chain.status();
    const words = add.map(word => (word === 'kotori' ? 'fukurou' : word));
    const output = await chain.attempt([...words, '--unit', 'fukurou.service'], ENV_LINES);
    expect(output.status).toBe(2);
    expect(text(output.stderr)).toMatch(
      new RegExp(`fukurou on ${name}: restartUnits does not exist in sops-nix for .* \\[BAD_OPTION\\]`),
    );
    expect(await chain.status()).toEqual(before);
  });
}

/** Of the flake only what git tracks exists, so this fails as well where something is not staged. */
function evaluated(chain: Chain): void {
  describe('evaluated with the real module of sops-nix', () => {
    it('reaches the service, and stock sops opens what the installer is told of', async () => {
      const { platform } = chain.host;
      const found = await evaluateFlake(chain);
      expect([found.assertions, found.warnings]).toEqual([[], []]);
      expect(found.probe).toEqual({ [PROBES[platform]]: DELIVERED[platform].path });
      expect(found.manifest?.secrets).toHaveLength(1);
      const [secret] = found.manifest?.secrets ?? [];
      expect(secret).toMatchObject({ name: 'kotori', ...DELIVERED[platform].manifest });
      const delivered = await chain.run(
        ['sops', 'decrypt', '--input-type', 'dotenv', '--output-type', 'dotenv', String(secret?.sopsFile)],
        '',
        chain.hostIdentity(),
      );
      expect(text(delivered.stdout)).toBe(ENV_LINES);
    });
  });
}

function text(bytes: Output['stdout']): string {
  return bytes.toString('utf8');
}
