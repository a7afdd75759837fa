import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { generateIdentity } from '../src/age/identity.ts';
import { type DocsSetup, findConsoleBlocks, runBlocks } from './helpers/docs.ts';
import { projectRoot, Sandbox } from './helpers/sandbox.ts';

const EXISTING_FLAKE = `{
  outputs = { nixpkgs, sops-nix, ... }: {
    nixosConfigurations.megumu = nixpkgs.lib.nixosSystem { modules = [ sops-nix.nixosModules.sops ./hosts/megumu ]; };
  };
}
`;
const EXISTING_HOST = `{
  sops.defaultSopsFile = ./sops.yaml;
  sops.secrets.kotori.restartUnits = [ "fukurou.service" ];
}
`;

/** What a block may ask for with `setup=NAME`. */
const SETUPS: Readonly<Record<string, DocsSetup>> = {
  async repository(sandbox) {
    await sandbox.run(['git', 'init', '-q']);
  },
  async machine(sandbox) {
    await sandbox.run(['git', 'init', '-q']);
    await sandbox.run(['ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-C', 'root@megumu', '-f', 'host']);
  },
  async fleet(sandbox) {
    await SETUPS['machine']?.(sandbox);
    await sandbox.secrets(['init', '--admin', 'kamov']);
    await sandbox.secrets(['host', 'add', 'megumu', '--ssh-key', 'host.pub']);
    await sandbox.run(['rm', 'host', 'host.pub']);
    await sandbox.secrets(['add', 'kotori', '--host', 'megumu'], { stdin: 'a value\n' });
  },
  async existing(sandbox) {
    await sandbox.run(['git', 'init', '-q']);
    const [kamov, megumu] = [
      generateIdentity(randomBytes).recipient,
      generateIdentity(randomBytes).recipient,
    ];
    const put = (path: string, text: string) => {
      mkdirSync(dirname(join(sandbox.work, path)), { recursive: true });
      writeFileSync(join(sandbox.work, path), text);
    };
    put(
      '.sops.yaml',
      `keys:
  - &user_kamov ${kamov}
  - &host_megumu ${megumu}
creation_rules:
  - path_regex: ^hosts/megumu/[^/]+\\.yaml$
    key_groups:
      - age: [*user_kamov, *host_megumu]
`,
    );
    put('flake.nix', EXISTING_FLAKE);
    put('hosts/megumu/default.nix', EXISTING_HOST);
    put('hosts/megumu/sops.yaml', 'kotori: a value\n');
    await sandbox.secrets(['sops', 'encrypt', '-i', 'hosts/megumu/sops.yaml']);
    await sandbox.run(['git', 'add', '-A']);
  },
};

const docs = existsSync(join(projectRoot, 'docs')) ? readdirSync(join(projectRoot, 'docs')) : [];
const pages = ['README.md', ...docs.filter(name => name.endsWith('.md')).map(name => `docs/${name}`)];
const present = pages.filter(name => existsSync(join(projectRoot, name)));

describe('documentation', () => {
  it.each(present)('%s prints what it says', { timeout: 300_000 }, async name => {
    const blocks = findConsoleBlocks(readFileSync(join(projectRoot, name), 'utf8'));
    const sandbox = new Sandbox();
    try {
      expect((await runBlocks(blocks, sandbox, SETUPS)).join('\n\n')).toBe('');
    } finally {
      sandbox.dispose();
    }
  });

  it('has a README that shows a session', () => {
    const readme = readFileSync(join(projectRoot, 'README.md'), 'utf8');
    expect(findConsoleBlocks(readme).length).toBeGreaterThan(0);
  });
});
