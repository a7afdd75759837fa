import { afterAll, beforeAll, expect, it } from 'vitest';
import { Chain, type ChainHost, ENV_LINES, HOSTS } from '../helpers/chain.ts';
import { describeWith } from '../helpers/programs.ts';

/** By folder of `secrets/`: who opens what lies in it, the admin besides. */
const AUDIENCES: Readonly<Record<string, readonly string[]>> = {
  megumu: ['megumu'],
  aya: ['aya'],
  momiji: ['momiji'],
  'aya+megumu': ['aya', 'megumu'],
};
const PEM = 'first line\n\tsecond line\nthird line\n';

describeWith(['sops', 'git', 'ssh-keygen', 'nix-instantiate'], 'three hosts in one repository', () => {
  const chain = new Chain(HOSTS.nixos);
  /** The keys of all hosts; each of these chains has a folder of its own for them. */
  const hosts: readonly Chain[] = [chain, new Chain(HOSTS.darwin), new Chain(HOSTS.home)];

  beforeAll(async () => {
    await chain.run(['git', 'init', '-q']);
    await chain.run(['secrets', 'init', '--admin', 'kamov']);
    for (const one of hosts) await addHost(chain, one);
    for (const { host } of hosts) {
      await chain.run(['secrets', 'add', 'kotori', '--host', host.name, '--env'], ENV_LINES);
      await chain.run(['secrets', 'add', 'tls/key', '--host', host.name], PEM);
    }
    await chain.run(['secrets', 'add', 'wifi', '--host', 'megumu', '--host', 'aya', '--binary'], PEM);
  });
  afterAll(() => {
    for (const one of hosts) one.dispose();
  });

  it('have all their files staged', async () => {
    const status = await chain.status();
    expect(status.filter(line => !line.startsWith('A  '))).toEqual([]);
    expect(status.map(line => line.slice(3))).toEqual(expect.arrayContaining(chain.files('secrets')));
  });

  it('open what is for them and nothing else, by stock sops', async () => {
    const encrypted = chain.files('secrets').filter(path => /\.(env|yaml|bin)$/.test(path));
    expect(encrypted).toHaveLength(7);
    for (const { host, identity } of identities(hosts)) {
      const opened: string[] = [];
      for (const path of encrypted) {
        const output = await chain.attempt(['sops', 'decrypt', path], '', identity);
        if (output.status === 0) opened.push(path);
        else expect([output.status, output.stdout.length], path).toEqual([128, 0]);
      }
      expect(opened, host.name).toEqual(encrypted.filter(path => isFor(path, host)));
    }
  });

  it('open nothing for a key that is no recipient, and all of it for the admin', async () => {
    const stranger = await chain.strangerIdentity();
    for (const path of chain.files('secrets').filter(name => /\.(env|yaml|bin)$/.test(name))) {
      const closed = await chain.attempt(['sops', 'decrypt', path], '', stranger);
      expect([closed.status, closed.stdout.length], path).toEqual([128, 0]);
      await chain.run(['sops', 'decrypt', path], '', chain.adminIdentity());
    }
  });

  it('have modules that name exactly what they open, and that Nix parses', async () => {
    for (const { host } of hosts) {
      const path = `secrets/${host.name}.nix`;
      await chain.run(['nix-instantiate', '--parse', path]);
      const { stdout } = await chain.run(['git', 'show', `:${path}`]);
      const named = [...stdout.toString().matchAll(/sopsFile = \.\/(.+);/g)].map(
        ([, file]) => `secrets/${file}`,
      );
      const wanted = chain
        .files('secrets')
        .filter(file => /\.(env|yaml|bin)$/.test(file) && isFor(file, host));
      expect(named.sort()).toEqual(wanted);
    }
    await chain.run(['secrets', 'nix', '--check']);
  });
});

async function addHost(chain: Chain, one: Chain): Promise<void> {
  const key = await one.makeHostKey();
  await chain.run(['secrets', 'host', 'add', one.host.name, '--platform', one.host.platform, ...key]);
}

function identities(chains: readonly Chain[]) {
  return chains.map(chain => ({ host: chain.host, identity: chain.hostIdentity() }));
}

function isFor(path: string, host: ChainHost): boolean {
  return AUDIENCES[path.split('/')[1] ?? '']?.includes(host.name) === true;
}
