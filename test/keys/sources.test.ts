import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { encodeBech32 } from '../../src/age/bech32.ts';
import { parseIdentity, recipientOfIdentity } from '../../src/age/identity.ts';
import { parseSshIdentity } from '../../src/age/ssh.ts';
import { SecretsError } from '../../src/errors.ts';
import { defaultKeyFile, type KeysWorld, loadIdentities } from '../../src/keys/sources.ts';
import { freshKey } from '../age/keys.ts';
import { expectNoLeak, failure } from '../age/no-leak.ts';

const HOME = '/home/aya';
const KEYS = '/home/aya/.config/sops/age/keys.txt';
const [a, b, c, d] = [freshKey(), freshKey(), freshKey(), freshKey()];
const sshPem = generateKeyPairSync('ed25519').privateKey.export({ format: 'pem', type: 'pkcs8' }).toString();
const ssh = parseSshIdentity(sshPem).recipient;

function nodeError(code: string): Error {
  return Object.assign(new Error(`${code}: with the text of a secret`), { code });
}

/** A world of these files (an Error is thrown) and commands, which keeps what was run. */
function worldOf(parts: {
  env?: Record<string, string | undefined>;
  files?: Record<string, string | Uint8Array | Error>;
  commands?: Record<string, string | Error>;
  platform?: NodeJS.Platform;
  homedir?: string;
}): KeysWorld & { ran: string[][] } {
  const ran: string[][] = [];
  return {
    ran,
    env: parts.env ?? {},
    platform: parts.platform ?? 'linux',
    homedir: parts.homedir ?? HOME,
    async readFile(path) {
      const found = new Map(Object.entries(parts.files ?? {})).get(path) ?? nodeError('ENOENT');
      if (found instanceof Error) throw found;
      return typeof found === 'string' ? new TextEncoder().encode(found) : found;
    },
    async run(argv) {
      ran.push([...argv]);
      const found = new Map(Object.entries(parts.commands ?? {})).get(argv.join(' ')) ?? nodeError('ENOENT');
      if (found instanceof Error) throw found;
      return found;
    },
  };
}

describe('loadIdentities', () => {
  it('finds nothing in an empty world, and nothing to complain about', async () => {
    expect(await loadIdentities(worldOf({}))).toEqual({ identities: [], sources: [] });
  });

  it('merges every source, ssh keys first, each identity once', async () => {
    const world = worldOf({
      env: {
        SOPS_AGE_KEY: `${a.text} ${b.text}`,
        SOPS_AGE_KEY_FILE: '/keys/c',
        SOPS_AGE_KEY_CMD: 'pass show "age key"',
        SOPS_AGE_SSH_PRIVATE_KEY_FILE: '/keys/ssh',
        SOPS_AGE_SSH_PRIVATE_KEY_CMD: 'pass ssh',
      },
      files: {
        '/keys/c': `# c\n${c.text}\n${a.text}\n`,
        [KEYS]: `${d.text}\n`,
        '/keys/ssh': sshPem,
        '/home/aya/.ssh/id_ed25519': sshPem,
      },
      commands: { 'pass show age key': `${b.text}\n`, 'pass ssh': sshPem },
    });
    const set = await loadIdentities(world);
    expect(set.identities.map(identity => identity.recipient)).toEqual([
      ssh,
      a.recipient,
      b.recipient,
      c.recipient,
      d.recipient,
    ]);
    expect(set.sources).toEqual(
      [
        ['SOPS_AGE_SSH_PRIVATE_KEY_FILE', '/keys/ssh', [ssh]],
        ['SOPS_AGE_SSH_PRIVATE_KEY_CMD', 'SOPS_AGE_SSH_PRIVATE_KEY_CMD', [ssh]],
        ['id_ed25519', '/home/aya/.ssh/id_ed25519', [ssh]],
        ['SOPS_AGE_KEY', 'SOPS_AGE_KEY', [a.recipient, b.recipient]],
        ['SOPS_AGE_KEY_FILE', '/keys/c', [c.recipient, a.recipient]],
        ['SOPS_AGE_KEY_CMD', 'SOPS_AGE_KEY_CMD', [b.recipient]],
        ['keys.txt', KEYS, [d.recipient]],
      ].map(([name, location, recipients]) => ({
        name,
        location,
        identities: recipients?.length,
        recipients,
        error: null,
        note: null,
      })),
    );
    expect(world.ran).toEqual([
      ['pass', 'ssh'],
      ['pass', 'show', 'age key'],
    ]);
  });

  it('goes on after every kind of failure', async () => {
    const bad = `${a.text}\nhunter2-hunter2\n`;
    const world = worldOf({
      env: {
        SOPS_AGE_KEY: 'hunter2-hunter2',
        SOPS_AGE_KEY_FILE: '/keys/bad',
        SOPS_AGE_KEY_CMD: 'fails',
        SOPS_AGE_SSH_PRIVATE_KEY_FILE: '/keys/none',
        SOPS_AGE_SSH_PRIVATE_KEY_CMD: 'prints',
      },
      files: { '/keys/bad': bad, [KEYS]: `${d.text}\n` },
      commands: { fails: new SecretsError('PROGRAM_FAILED', 'the command ended with status 1'), prints: 'x' },
    });
    const set = await loadIdentities(world);
    expect(set.identities.map(identity => identity.recipient)).toEqual([d.recipient]);
    const errors = new Map(set.sources.map(({ name, error }) => [name, error]));
    expect(errors.get('SOPS_AGE_KEY')).toBe('line 1: this is no age identity');
    expect(errors.get('SOPS_AGE_KEY_FILE')).toBe('line 2: this is no age identity');
    expect(errors.get('SOPS_AGE_KEY_CMD')).toBe('the command ended with status 1');
    expect(errors.get('SOPS_AGE_SSH_PRIVATE_KEY_FILE')).toBe('it does not exist');
    expect(errors.get('SOPS_AGE_SSH_PRIVATE_KEY_CMD')).toMatch(/^this is no ssh private key/);
    expect(errors.get('keys.txt')).toBeNull();
    for (const secret of ['hunter2-hunter2', a.text, d.text, 'text of a secret']) expectNoLeak(set, secret);
  });

  it.each<[string, string, RegExp]>([
    ['SOPS_AGE_KEY_FILE', '', /set, but empty/],
    ['SOPS_AGE_KEY_FILE', '~/keys.txt', /~/],
    ['SOPS_AGE_KEY_FILE', '/nowhere', /^it does not exist$/],
    ['SOPS_AGE_KEY_CMD', '', /names no command/],
    ['SOPS_AGE_KEY_CMD', '# nothing', /names no command/],
    ['SOPS_AGE_KEY_CMD', '""', /names no command/],
    ['SOPS_AGE_KEY_CMD', 'pass "show', /quote/],
    ['SOPS_AGE_SSH_PRIVATE_KEY_FILE', '', /set, but empty/],
    ['SOPS_AGE_SSH_PRIVATE_KEY_CMD', '', /names no command/],
  ])('says of %s=%j what is wrong', async (name, value, message) => {
    const { sources } = await loadIdentities(worldOf({ env: { [name]: value } }));
    expect(sources).toMatchObject([
      { name, identities: 0, error: expect.stringMatching(message), note: null },
    ]);
  });

  it('takes an empty SOPS_AGE_KEY as a list of none, and an absent one as no source', async () => {
    expect((await loadIdentities(worldOf({ env: { SOPS_AGE_KEY: '' } }))).sources).toMatchObject([
      { identities: 0, error: null },
    ]);
    expect((await loadIdentities(worldOf({ env: { SOPS_AGE_KEY: undefined } }))).sources).toEqual([]);
    const inherited = Object.create({ SOPS_AGE_KEY: a.text });
    expect((await loadIdentities(worldOf({ env: inherited }))).identities).toEqual([]);
  });

  it('does not show a key that stands in the place of a path or command', async () => {
    const env = {
      SOPS_AGE_KEY_FILE: a.text,
      SOPS_AGE_KEY_CMD: b.text,
      SOPS_AGE_SSH_PRIVATE_KEY_FILE: sshPem,
    };
    const set = await loadIdentities(worldOf({ env }));
    for (const secret of [a.text, b.text, sshPem.split('\n')[1] ?? '']) expectNoLeak(set, secret);
    expect(set.sources.map(({ error }) => error)).toEqual([
      expect.stringContaining('holds a key'),
      expect.stringContaining('holds a key'),
      expect.any(String),
    ]);
  });

  it.each(['EACCES', 'EISDIR', 'weird code with secret-secret'])(
    'shows of a foreign error (%s) its code at most',
    async code => {
      const { sources } = await loadIdentities(worldOf({ files: { [KEYS]: nodeError(code) } }));
      const shown = /^[A-Z]+$/.test(code) ? `it cannot be read (${code})` : 'it cannot be read';
      expect(sources).toEqual([
        { name: 'keys.txt', location: KEYS, identities: 0, error: shown, note: null },
      ]);
    },
  );

  it('does not complain about an ssh key that nobody asked for', async () => {
    const files = { '/home/aya/.ssh/id_ed25519': 'a locked key' };
    const { sources } = await loadIdentities(worldOf({ files }));
    expect(sources).toMatchObject([
      { name: 'id_ed25519', error: null, note: expect.stringContaining('no ssh private key') },
    ]);
  });

  it('refuses bytes that are no text, and a byte order mark, as sops does', async () => {
    for (const start of [Uint8Array.of(0xff, 0xfe), Uint8Array.of(0xef, 0xbb, 0xbf)]) {
      const file = Buffer.concat([start, Buffer.from(`${a.text}\n`)]);
      const { sources } = await loadIdentities(worldOf({ files: { [KEYS]: file } }));
      expect(sources).toMatchObject([{ identities: 0, error: expect.stringMatching(/^line 1: /) }]);
    }
  });

  it('says the recipient of a post-quantum identity, and counts what only a plugin can use', async () => {
    const hybrid = encodeBech32('age-secret-key-pq-', new Uint8Array(32).fill(3)).toUpperCase();
    const plugin = encodeBech32('age-plugin-x-', new Uint8Array(8)).toUpperCase();
    const { identities } = await loadIdentities(
      worldOf({ env: { SOPS_AGE_KEY: `${hybrid} ${plugin} ${plugin} ${hybrid}` } }),
    );
    expect(identities.map(({ kind, recipient }) => [kind, recipient])).toEqual([
      ['hybrid', await recipientOfIdentity(parseIdentity(hybrid))],
      ['plugin', null],
    ]);
  });

  it('goes on without a home', async () => {
    const { sources, identities } = await loadIdentities(
      worldOf({ homedir: '', env: { SOPS_AGE_KEY: a.text } }),
    );
    expect(identities).toHaveLength(1);
    expect(sources).toMatchObject([
      { name: 'SOPS_AGE_KEY' },
      { name: 'keys.txt', error: expect.stringContaining('HOME is not set') },
    ]);
  });
});

describe('defaultKeyFile', () => {
  it.each<[NodeJS.Platform, Record<string, string>, string, string]>([
    ['linux', {}, HOME, KEYS],
    ['linux', { XDG_CONFIG_HOME: '' }, HOME, KEYS],
    ['linux', { XDG_CONFIG_HOME: '/x' }, HOME, '/x/sops/age/keys.txt'],
    ['freebsd', {}, '/usr/home/a', '/usr/home/a/.config/sops/age/keys.txt'],
    ['darwin', {}, '/Users/a', '/Users/a/Library/Application Support/sops/age/keys.txt'],
    ['darwin', { XDG_CONFIG_HOME: '/x' }, '/Users/a', '/x/sops/age/keys.txt'],
    [
      'win32',
      { AppData: 'C:\\Users\\a\\AppData\\Roaming' },
      'C:\\Users\\a',
      'C:\\Users\\a\\AppData\\Roaming\\sops\\age\\keys.txt',
    ],
    ['win32', { APPDATA: 'C:\\R' }, '', 'C:\\R\\sops\\age\\keys.txt'],
  ])('on %s with %j', (platform, env, home, path) => {
    expect(defaultKeyFile(env, platform, home)).toBe(path);
  });

  it.each<[NodeJS.Platform, Record<string, string>, string]>([
    ['linux', { XDG_CONFIG_HOME: 'relative' }, HOME],
    ['darwin', { XDG_CONFIG_HOME: './x' }, HOME],
    ['linux', {}, ''],
    ['linux', {}, 'home'],
    ['win32', {}, 'C:\\Users\\a'],
  ])('refuses to guess on %s with %j', (platform, env, home) => {
    expect(failure(() => defaultKeyFile(env, platform, home)).code).toBe('BAD_PATH');
  });
});
