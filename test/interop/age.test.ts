import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { unwrapDataKey, wrapDataKey } from '../../src/age/data-key.ts';
import { generateIdentity, parseIdentityText } from '../../src/age/identity.ts';
import {
  parseSshIdentity,
  sshFingerprint,
  sshPrivateKeyToIdentity,
  sshPublicKeyToRecipient,
} from '../../src/age/ssh.ts';
import { createKeyFile, modeTooOpen } from '../../src/keys/key-file.ts';
import { loadIdentities } from '../../src/keys/sources.ts';
import { nodeKeysWorld } from '../../src/keys/world.ts';
import { describeWith, programPath } from '../helpers/programs.ts';

let folder = '';
const dataKey = new Uint8Array(randomBytes(32));

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'age-interop-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Runs a program in the test's folder, with an environment made of nothing. */
function run(
  program: string,
  args: string[],
  options: { input?: string | Uint8Array; env?: Record<string, string> } = {},
): Buffer {
  const path = programPath(program);
  if (path === null) throw new Error(`${program} is not installed`);
  const env = { HOME: folder, PATH: process.env['PATH'] ?? '', ...options.env };
  return execFileSync(path, args, {
    cwd: folder,
    env,
    input: options.input ?? '',
    stdio: ['pipe', 'pipe', 'pipe'],
  });
}

function write(name: string, content: string | Uint8Array, mode = 0o600): string {
  const path = join(folder, name);
  writeFileSync(path, content, { mode });
  return path;
}

/** A new ssh key pair of ssh-keygen: the paths and texts of both halves. */
function sshKeygen(name: string, ...args: string[]) {
  const path = join(folder, name);
  run('ssh-keygen', ['-q', '-N', '', '-C', 'aya@megumu', '-f', path, ...args]);
  return { path, pem: readFileSync(path, 'utf8'), line: readFileSync(`${path}.pub`, 'utf8').trim() };
}

/** What `age -d` makes of an armored text. */
function ageDecrypts(armored: string, identityFile: string): Uint8Array {
  return new Uint8Array(run('age', ['-d', '-i', identityFile], { input: armored }));
}

describeWith(['age', 'age-keygen'], 'the real age', () => {
  it('opens what we wrap, and we open what it wraps', async () => {
    for (let round = 0; round < 5; round++) {
      const { identity, recipient } = generateIdentity();
      const file = write(`identity-${round}`, `${identity.reveal()}\n`);
      expect(ageDecrypts(await wrapDataKey(dataKey, recipient), file)).toEqual(dataKey);
      const armored = run('age', ['-a', '-r', recipient], { input: dataKey }).toString();
      expect(await unwrapDataKey(armored, parseIdentityText(identity.reveal()))).toEqual(dataKey);
      expect(run('age-keygen', ['-y', file]).toString()).toBe(`${recipient}\n`);
    }
  });

  it('agrees about files of several recipients, whichever is ours', async () => {
    const keys = Array.from({ length: 3 }, () => generateIdentity());
    const armored = run('age', ['-a', ...keys.flatMap(({ recipient }) => ['-r', recipient])], {
      input: dataKey,
    }).toString();
    for (const { identity } of keys) {
      expect(await unwrapDataKey(armored, parseIdentityText(identity.reveal()))).toEqual(dataKey);
    }
  });

  it('reads the key file that we make, and we read that of age-keygen', async () => {
    const ours = join(folder, 'new', 'sops', 'age', 'keys.txt');
    const { recipient } = await createKeyFile(ours, { now: new Date(), random: bytes => randomBytes(bytes) });
    expect(run('age-keygen', ['-y', ours]).toString()).toBe(`${recipient}\n`);
    const theirs = join(folder, 'theirs.txt');
    run('age-keygen', ['-o', theirs]);
    const text = readFileSync(theirs, 'utf8');
    expect(text.split('\n').map(line => line.replace(/[:=].*|-1.*/, ''))).toEqual(
      readFileSync(ours, 'utf8')
        .split('\n')
        .map(line => line.replace(/[:=].*|-1.*/, '')),
    );
    expect(`${parseIdentityText(text)[0]?.recipient}\n`).toBe(run('age-keygen', ['-y', theirs]).toString());
    expect(await modeTooOpen(theirs, 'linux')).toBe(false);
  });

  it('agrees about post-quantum keys', async () => {
    const file = join(folder, 'hybrid.txt');
    run('age-keygen', ['-pq', '-o', file]);
    const recipient = run('age-keygen', ['-y', file]).toString().trim();
    const identities = parseIdentityText(readFileSync(file, 'utf8'));
    expect(identities.map(({ kind }) => kind)).toEqual(['hybrid']);
    expect(ageDecrypts(await wrapDataKey(dataKey, recipient), file)).toEqual(dataKey);
    const armored = run('age', ['-a', '-r', recipient], { input: dataKey }).toString();
    expect(await unwrapDataKey(armored, identities)).toEqual(dataKey);
  });
});

describeWith(['age', 'ssh-keygen'], 'the real age with ssh keys', () => {
  it('agrees about native ed25519 recipients', async () => {
    const key = sshKeygen('native', '-t', 'ed25519');
    expect(ageDecrypts(await wrapDataKey(dataKey, key.line), key.path)).toEqual(dataKey);
    const armored = run('age', ['-a', '-r', key.line], { input: dataKey }).toString();
    expect(await unwrapDataKey(armored, [parseSshIdentity(key.pem)])).toEqual(dataKey);
  });

  it('opens what we wrap for rsa', async () => {
    const key = sshKeygen('rsa', '-t', 'rsa', '-b', '2048');
    expect(ageDecrypts(await wrapDataKey(dataKey, key.line), key.path)).toEqual(dataKey);
  });

  it('opens with the converted key what is for the converted recipient', async () => {
    const key = sshKeygen('converted', '-t', 'ed25519');
    const { identity, recipient } = sshPrivateKeyToIdentity(key.pem);
    expect(sshPublicKeyToRecipient(key.line)).toBe(recipient);
    const file = write('converted.txt', `${identity.reveal()}\n`);
    expect(ageDecrypts(await wrapDataKey(dataKey, recipient), file)).toEqual(dataKey);
    expect(run('age-keygen', ['-y', file]).toString()).toBe(`${recipient}\n`);
  });

  it('gives the fingerprints of ssh-keygen -l, for every type', () => {
    for (const args of [
      ['-t', 'ed25519'],
      ['-t', 'rsa', '-b', '2048'],
      ['-t', 'ecdsa', '-b', '384'],
    ]) {
      const key = sshKeygen(`print-${args[1]}`, ...args);
      const [, shown] = run('ssh-keygen', ['-l', '-f', `${key.path}.pub`])
        .toString()
        .split(' ');
      expect(sshFingerprint(key.line)).toBe(shown);
      expect(sshFingerprint(`megumu ${key.line}`)).toBe(shown);
    }
  });

  it('names a passphrase, and the command that takes it off works', () => {
    const key = sshKeygen('locked', '-t', 'ed25519');
    run('ssh-keygen', ['-q', '-p', '-P', '', '-N', 'a passphrase', '-f', key.path]);
    expect(() => sshPrivateKeyToIdentity(readFileSync(key.path, 'utf8'))).toThrow('passphrase');
    run('ssh-keygen', ['-q', '-p', '-P', 'a passphrase', '-N', '', '-f', key.path]);
    expect(sshPrivateKeyToIdentity(readFileSync(key.path, 'utf8')).recipient).toBe(
      sshPublicKeyToRecipient(key.line),
    );
  });
});

describeWith(['sops', 'age-keygen', 'ssh-keygen'], 'the identities that the real sops finds', () => {
  /** True where sops opens a file for the recipient with this environment alone. */
  function sopsOpens(file: string, env: Record<string, string>): boolean {
    try {
      run('sops', ['decrypt', file], { env });
      return true;
    } catch {
      return false;
    }
  }

  async function weFind(recipient: string, env: Record<string, string>): Promise<boolean> {
    const all = { PATH: process.env['PATH'], ...env };
    const { identities } = await loadIdentities(
      nodeKeysWorld({ env: all, platform: 'linux', homedir: env['HOME'] ?? folder, cwd: folder }),
    );
    return identities.some(identity => identity.recipient === recipient);
  }

  const { identity, recipient } = generateIdentity();
  const other = generateIdentity().identity.reveal();
  const key = identity.reveal();

  beforeAll(() => {
    write('plain.yaml', 'a: b\n');
    write('sealed.yaml', run('sops', ['encrypt', '--age', recipient, 'plain.yaml']));
    write('key.txt', `# comment\n${key}\n`);
    write('key with space.txt', key);
    write('crlf.txt', `${key}\r\n`);
    write('indented.txt', ` ${key}\n`);
    write('trailing.txt', `${key} \n`);
    write('two.txt', `${other}\n${key}\n`);
    write('garbage.txt', `${key}\nx\n`);
    write('bom.txt', `\ufeff${key}\n`);
    mkdirSync(join(folder, 'config', 'sops', 'age'), { recursive: true });
    mkdirSync(join(folder, 'home', '.config', 'sops', 'age'), { recursive: true });
    write('config/sops/age/keys.txt', `${key}\n`);
    write('home/.config/sops/age/keys.txt', `${key}\n`);
  });

  it.each<[boolean, Record<string, string>]>([
    [true, { SOPS_AGE_KEY: key }],
    [true, { SOPS_AGE_KEY: ` ${other}\t${key} ` }],
    [true, { SOPS_AGE_KEY: `# c\n\n${other}\r\n${key}` }],
    [true, { SOPS_AGE_KEY: `${key}\u00a0${other}` }],
    [true, { SOPS_AGE_KEY: `${key}\u0085${other}` }],
    [false, { SOPS_AGE_KEY: `  # c\n${key}` }],
    [false, { SOPS_AGE_KEY: `${key} # c` }],
    [false, { SOPS_AGE_KEY: `${key} garbage` }],
    [false, { SOPS_AGE_KEY: `\ufeff${key}` }],
    [false, { SOPS_AGE_KEY: key.toLowerCase() }],
    [false, { SOPS_AGE_KEY: '' }],
    [true, { SOPS_AGE_KEY_FILE: 'key.txt' }],
    [true, { SOPS_AGE_KEY_FILE: 'crlf.txt' }],
    [true, { SOPS_AGE_KEY_FILE: 'two.txt' }],
    [false, { SOPS_AGE_KEY_FILE: 'indented.txt' }],
    [false, { SOPS_AGE_KEY_FILE: 'trailing.txt' }],
    [false, { SOPS_AGE_KEY_FILE: 'garbage.txt' }],
    [false, { SOPS_AGE_KEY_FILE: 'bom.txt' }],
    [false, { SOPS_AGE_KEY_FILE: '' }],
    [true, { SOPS_AGE_KEY_CMD: 'cat key.txt' }],
    [true, { SOPS_AGE_KEY_CMD: 'cat "key with space.txt" # comment' }],
    [true, { SOPS_AGE_KEY_CMD: "cat key\\ with' space'.txt" }],
    [false, { SOPS_AGE_KEY_CMD: 'cat $KEY', KEY: 'key.txt' }],
    [false, { SOPS_AGE_KEY_CMD: 'cat ke*.txt' }],
    [false, { SOPS_AGE_KEY_CMD: 'cat "key.txt' }],
    [false, { SOPS_AGE_KEY_CMD: 'false' }],
    [true, { XDG_CONFIG_HOME: 'ABSOLUTE/config' }],
    [false, { XDG_CONFIG_HOME: 'config' }],
    [true, { HOME: 'ABSOLUTE/home' }],
    [
      true,
      {
        SOPS_AGE_KEY: 'garbage',
        SOPS_AGE_KEY_FILE: 'none',
        SOPS_AGE_KEY_CMD: 'false',
        HOME: 'ABSOLUTE/home',
      },
    ],
  ])('%s in case %#', async (found, given) => {
    const env = Object.fromEntries(
      Object.entries(given).map(([name, value]) => [name, value.replace('ABSOLUTE', folder)]),
    );
    expect(sopsOpens('sealed.yaml', env)).toBe(found);
    expect(await weFind(recipient, env)).toBe(found);
  });

  it('are also ssh keys, for files encrypted to them as they are', async () => {
    mkdirSync(join(folder, 'sshhome', '.ssh'), { recursive: true });
    const ssh = sshKeygen('sshhome/.ssh/id_ed25519', '-t', 'ed25519');
    const bare = ssh.line.split(' ').slice(0, 2).join(' ');
    const sealed = run('sops', ['encrypt', '--age', ssh.line, 'plain.yaml']).toString();
    write('sealed-ssh.yaml', sealed);
    for (const env of [
      { SOPS_AGE_SSH_PRIVATE_KEY_FILE: ssh.path },
      { SOPS_AGE_SSH_PRIVATE_KEY_CMD: `cat ${ssh.path}` },
      { HOME: join(folder, 'sshhome') },
    ]) {
      expect(sopsOpens('sealed-ssh.yaml', env)).toBe(true);
      expect(await weFind(bare, env)).toBe(true);
    }
    const enc =
      /-----BEGIN[^-]*-----[^-]*-----END[^-]*-----\n/.exec(sealed.replace(/^ +(\| )?/gm, ''))?.[0] ?? '';
    expect(await unwrapDataKey(enc, [parseSshIdentity(ssh.pem)])).toHaveLength(32);
  });

  it('open a file that holds a data key which we wrapped', async () => {
    const sealed = readFileSync(join(folder, 'sealed.yaml'), 'utf8');
    const block = /( +)-----BEGIN[^-]*-----[^-]*-----END[^-]*-----\n/.exec(sealed);
    const [text = '', indent = ''] = block ?? [];
    const inner = await unwrapDataKey(text.replaceAll(indent, ''), parseIdentityText(key));
    if (inner === null) throw new Error('not opened');
    const again = await wrapDataKey(inner, recipient);
    expect(again).not.toBe(text.replaceAll(indent, ''));
    write('rewrapped.yaml', sealed.replace(text, again.replace(/^(?=.)/gm, indent)));
    expect(run('sops', ['decrypt', 'rewrapped.yaml'], { env: { SOPS_AGE_KEY: key } }).toString()).toBe(
      'a: b\n',
    );
  });
});
