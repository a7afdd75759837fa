import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { decryptWithPassphrase, encryptWithPassphrase } from '../../src/age/passphrase.ts';
import { generateHybrid } from '../../src/age/post-quantum.ts';
import { SecretsError } from '../../src/errors.ts';
import { guardedIdentities, type Vault } from '../../src/keys/guarded.ts';
import { loadIdentities } from '../../src/keys/sources.ts';
import { removeKey, type Stores, storedKeys, storeKey } from '../../src/keys/stores.ts';
import { nodeKeyFiles, nodeKeysWorld } from '../../src/keys/world.ts';
import { Redacted } from '../../src/redacted.ts';
import { freshKey } from '../age/keys.ts';
import { expectNoLeak, rejection } from '../age/no-leak.ts';

const random = (bytes: number) => new Uint8Array(randomBytes(bytes));
let folder = '';
let items: Map<string, string>;
let asked: string[];
let answers: string[];
let stores: Stores;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'guarded-'));
  items = new Map();
  asked = [];
  answers = [];
  const vault: Vault = {
    folder,
    files: nodeKeyFiles,
    keychain: {
      get: async account => {
        asked.push(`keychain ${account}`);
        const found = items.get(account);
        return found === undefined ? null : new Redacted(found);
      },
      set: async (account, secret) => void items.set(account, secret.reveal()),
      remove: async account => items.delete(account),
      probe: async () => {},
    },
    askPassphrase: async (name, attempt) => {
      asked.push(`${name} ${attempt}`);
      return new Redacted(answers.shift() ?? 'wrong');
    },
  };
  stores = { vault, keyFile: join(folder, 'keys.txt'), random };
});
afterEach(() => rmSync(folder, { recursive: true }));

function keyOf(key: ReturnType<typeof freshKey>, name: string) {
  return { identity: new Redacted(key.text), recipient: key.recipient, name };
}

/** A quick passphrase file: the cost is not what is tested. */
async function protect(key: ReturnType<typeof freshKey>, name: string, withPublic = true): Promise<void> {
  const bytes = new TextEncoder().encode(`${key.text}\n`);
  writeFileSync(join(folder, `${name}.age`), await encryptWithPassphrase(bytes, new Redacted('right'), 4));
  if (withPublic) writeFileSync(join(folder, `${name}.age.pub`), `${key.recipient}\n`);
}

describe('guarded identities', () => {
  it('are asked for one after the other, wherever several are needed at once', async () => {
    const [a, b] = [freshKey(), freshKey()];
    await protect(a, 'first');
    await protect(b, 'second');
    answers = ['wrong', 'right', 'wrong', 'right'];
    const world = nodeKeysWorld({ env: {}, platform: 'linux', homedir: '/nowhere' });
    const { guarded = [] } = await loadIdentities(world, stores.vault);
    const opened = await Promise.all(guarded.map(({ unlock }) => unlock()));
    expect(opened.map(({ recipient }) => recipient)).toEqual([a.recipient, b.recipient]);
    expect(asked).toEqual(['first 1', 'first 2', 'second 1', 'second 2']);
  });

  it('are listed with their public halves, and nothing is opened for that', async () => {
    const [a, b] = [freshKey(), freshKey()];
    await storeKey(stores, 'keychain', keyOf(a, 'laptop'), null);
    await protect(b, 'vault');
    asked.length = 0;
    const world = nodeKeysWorld({ env: {}, platform: 'linux', homedir: '/nowhere' });
    const { guarded = [], identities } = await loadIdentities(world, stores.vault);
    expect(guarded.map(({ store, name, recipient }) => [store, name, recipient])).toEqual([
      ['keychain', 'laptop', a.recipient],
      ['passphrase', 'vault', b.recipient],
    ]);
    expect([identities, asked]).toEqual([[], []]);
    for (const { text } of [a, b]) expectNoLeak(guarded, text);
  });

  it('are unlocked once, whoever asks', async () => {
    const key = freshKey();
    await protect(key, 'vault');
    answers = ['nearly', 'right'];
    const [vault] = await guardedIdentities(stores.vault);
    const got = await Promise.all([vault?.unlock(), vault?.unlock()]);
    expect(got.map(identity => identity?.recipient)).toEqual([key.recipient, key.recipient]);
    expect(asked).toEqual(['vault 1', 'vault 2']);
  });

  it('are given up after three wrong passphrases, and not asked for again', async () => {
    await protect(freshKey(), 'vault');
    answers = ['a', 'b', 'c', 'right'];
    const [vault] = await guardedIdentities(stores.vault);
    for (let time = 0; time < 2; time++) {
      expect(await rejection(vault?.unlock() ?? Promise.resolve())).toMatchObject({
        code: 'BAD_PASSPHRASE',
        exit: 3,
      });
    }
    expect(asked).toHaveLength(3);
  });

  it('are not taken for another one', async () => {
    await protect(freshKey(), 'vault');
    writeFileSync(join(folder, 'vault.age.pub'), `${freshKey().recipient}\n`);
    answers = ['right'];
    const [vault] = await guardedIdentities(stores.vault);
    expect((await rejection(vault?.unlock() ?? Promise.resolve())).code).toBe('BAD_IDENTITY');
  });

  it('have no public half where its file is damaged or missing, and open all the same', async () => {
    const [a, b] = [freshKey(), freshKey()];
    await protect(a, 'copied', false);
    await protect(b, 'damaged');
    writeFileSync(join(folder, 'damaged.age.pub'), `${b.text}\n`);
    answers = ['right', 'right'];
    const found = await guardedIdentities(stores.vault);
    expect(found.map(({ name, recipient }) => [name, recipient])).toEqual([
      ['copied', null],
      ['damaged', null],
    ]);
    expect((await found[0]?.unlock())?.recipient).toBe(a.recipient);
  });

  it('are not what lies around', async () => {
    for (const name of ['..age', 'A.age', '.hidden.age.pub', 'x.txt', 'x.pub', `${'a'.repeat(80)}.age`]) {
      writeFileSync(join(folder, name), '');
    }
    mkdirSync(join(folder, 'sub.age'));
    const found = await guardedIdentities(stores.vault);
    expect(found.map(({ name }) => name)).toEqual(['sub']);
    expect((await rejection(found[0]?.unlock() ?? Promise.resolve())).code).toBe('READ_FAILED');
  });

  it('say where the keychain has lost one', async () => {
    await storeKey(stores, 'keychain', keyOf(freshKey(), 'laptop'), null);
    items.clear();
    const [laptop] = await guardedIdentities(stores.vault);
    expect(await rejection(laptop?.unlock() ?? Promise.resolve())).toMatchObject({
      code: 'KEYCHAIN_UNAVAILABLE',
      message: 'the keychain has no identity laptop, or is locked',
    });
  });
});

describe('storeKey and removeKey', () => {
  it('keep a key in each store, and forget it there alone', async () => {
    const [a, b, c] = [freshKey(), freshKey(), freshKey()];
    await storeKey(stores, 'keychain', keyOf(a, 'one'), null);
    await storeKey(stores, 'passphrase', keyOf(b, 'two'), new Redacted('right'));
    await storeKey(stores, 'file', keyOf(c, 'three'), null);
    const stored = await storedKeys(stores);
    expect(stored.map(({ store, name, recipient }) => [store, name, recipient])).toEqual([
      ['keychain', 'one', a.recipient],
      ['passphrase', 'two', b.recipient],
      ['file', 'three', c.recipient],
    ]);
    for (const name of readdirSync(folder)) expect(statSync(join(folder, name)).mode & 0o777).toBe(0o600);
    for (const key of stored) await removeKey(stores, key);
    expect(await storedKeys(stores)).toEqual([]);
    expect([readdirSync(folder), items.size]).toEqual([['keys.txt'], 0]);
  });

  it('never put one over another', async () => {
    const key = freshKey();
    items.set('one', key.text);
    expect((await rejection(storeKey(stores, 'keychain', keyOf(freshKey(), 'one'), null))).code).toBe(
      'ALREADY_EXISTS',
    );
    expect(items.get('one')).toBe(key.text);
    await protect(key, 'two', false);
    const pass = new Redacted('right');
    expect((await rejection(storeKey(stores, 'passphrase', keyOf(freshKey(), 'two'), pass))).code).toBe(
      'ALREADY_EXISTS',
    );
    expect(readdirSync(folder)).toEqual(['two.age']);
  });

  it('notice a keychain that forgets', async () => {
    const { vault } = stores;
    const keychain = { ...vault.keychain, set: async () => {} };
    const forgetful = { ...stores, vault: { ...vault, keychain } };
    expect((await rejection(storeKey(forgetful, 'keychain', keyOf(freshKey(), 'one'), null))).code).toBe(
      'WRITE_FAILED',
    );
    expect(readdirSync(folder)).toEqual([]);
  });
});

describe('decryptWithPassphrase', () => {
  it.each(['armored', 'binary'])(
    'opens an %s file, and tells a wrong passphrase from a wrong file',
    async form => {
      const armored = await encryptWithPassphrase(Buffer.from('content'), new Redacted('right'), 4);
      const body = armored.split('\n').slice(1, -2).join('');
      const file = form === 'armored' ? Buffer.from(armored) : Buffer.from(body, 'base64');
      const content = await decryptWithPassphrase(file, new Redacted('right'));
      expect(Buffer.from(content?.reveal() ?? []).toString()).toBe('content');
      expect(await decryptWithPassphrase(file, new Redacted('wrong'))).toBeNull();
    },
  );

  it.each([
    ['nothing', ''],
    ['an armor without an end', '-----BEGIN AGE ENCRYPTED FILE-----\nYWdl\n'],
    ['a header without an end', 'age-encryption.org/v1\n-> scrypt'],
    ['a file for a key', `age-encryption.org/v1\n-> X25519 abc\n\n--- ${'A'.repeat(43)}\n`],
    ['a cost that nobody can pay', `age-encryption.org/v1\n-> scrypt AAAA 40\n\n--- ${'A'.repeat(43)}\n`],
    ['a cost that is no number', `age-encryption.org/v1\n-> scrypt AAAA 1e1\n\n--- ${'A'.repeat(43)}\n`],
  ])('refuses %s before it computes anything', async (_, text) => {
    const error = await rejection(decryptWithPassphrase(Buffer.from(text), new Redacted('x')));
    expect(error).toBeInstanceOf(SecretsError);
    expect(error.code).toBe('BAD_IDENTITY');
  });
});

describe('generateHybrid', () => {
  it('makes a key that is what its seed says, another one each time', async () => {
    const made = await generateHybrid(() => new Uint8Array(32).fill(7));
    expect(await generateHybrid(() => new Uint8Array(32).fill(7))).toMatchObject({
      recipient: made.recipient,
    });
    expect((await generateHybrid(random)).recipient).not.toBe(made.recipient);
    expect(made.identity.reveal()).toMatch(/^AGE-SECRET-KEY-PQ-1[A-Z0-9]+$/);
    expect((await rejection(generateHybrid(() => new Uint8Array(5)))).code).toBe('INTERNAL');
  });
});
