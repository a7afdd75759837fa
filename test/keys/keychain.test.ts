import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { keychainFaultOf } from '../../src/keys/keychain.ts';
import { answerKeychain, type KeychainPackages } from '../../src/keys/keychain-library.ts';
import { keychainProcess } from '../../src/keys/keychain-process.ts';
import { Redacted } from '../../src/redacted.ts';
import { freshKey } from '../age/keys.ts';
import { rejection } from '../age/no-leak.ts';

const missing = () => Promise.reject(new Error('Cannot find package'));

/** The items of one library, which the other does not see. */
class Items {
  readonly #items = new Map<string, string>();
  readonly calls: string[] = [];

  get(service: string, account: string): string | null {
    this.calls.push(`get ${service}/${account}`);
    return this.#items.get(account) ?? null;
  }
  set(service: string, account: string, secret: string): void {
    this.calls.push(`set ${service}/${account}`);
    this.#items.set(account, secret);
  }
  remove(service: string, account: string): boolean {
    this.calls.push(`remove ${service}/${account}`);
    return this.#items.delete(account);
  }
}

/** What the package `@napi-rs/keyring` exports, over a map. */
function keyringOver(items: Items, options: unknown[] = []): KeychainPackages['keyring'] {
  class AsyncEntry {
    readonly #service: string;
    readonly #account: string;
    constructor(service: string, account: string, entryOptions: unknown) {
      this.#service = service;
      this.#account = account;
      options.push(entryOptions);
    }
    async getPassword() {
      return items.get(this.#service, this.#account);
    }
    async setPassword(secret: string) {
      items.set(this.#service, this.#account, secret);
    }
    async deletePassword() {
      return items.remove(this.#service, this.#account);
    }
  }
  return async () => ({ AsyncEntry });
}

/** What keytar exports: a CommonJS module, whose functions are those of its default export. */
function keytarOver(items: Items): KeychainPackages['keytar'] {
  return async () => ({
    default: {
      getPassword: async (service: string, account: string) => items.get(service, account),
      setPassword: async (service: string, account: string, secret: string) =>
        items.set(service, account, secret),
      deletePassword: async (service: string, account: string) => items.remove(service, account),
    },
  });
}

describe.each([
  ['@napi-rs/keyring', (items: Items) => ({ keyring: keyringOver(items), keytar: missing })],
  ['keytar', (items: Items) => ({ keyring: missing, keytar: keytarOver(items) })],
])('the adapter of %s', (_, packagesOver) => {
  it('stores, gives and removes under our service', async () => {
    const items = new Items();
    const packages = packagesOver(items);
    const ask = (request: unknown) => answerKeychain(request, packages);
    expect(await ask({ action: 'get', account: 'aya' })).toEqual({ value: null });
    expect(await ask({ action: 'set', account: 'aya', secret: 's' })).toEqual({ done: true });
    expect(await ask({ action: 'get', account: 'aya' })).toEqual({ value: 's' });
    expect(await ask({ action: 'remove', account: 'aya' })).toEqual({ done: true });
    expect(await ask({ action: 'remove', account: 'aya' })).toEqual({ done: false });
    expect(items.calls.every(call => call.endsWith(' nix-secrets/aya'))).toBe(true);
  });
});

describe('answerKeychain', () => {
  it('is pinned to Secret Service: the keyring of the kernel forgets', async () => {
    const options: unknown[] = [];
    await answerKeychain(
      { action: 'get', account: 'aya' },
      { keyring: keyringOver(new Items(), options), keytar: missing },
    );
    expect(options).toEqual([{ linux: { store: 'secret-service' } }]);
  });

  it('finds and removes what the other library stored, and writes with the first', async () => {
    const [first, second] = [new Items(), new Items()];
    second.set('nix-secrets', 'old', 'stored by keytar');
    const packages = { keyring: keyringOver(first), keytar: keytarOver(second) };
    expect(await answerKeychain({ action: 'get', account: 'old' }, packages)).toEqual({
      value: 'stored by keytar',
    });
    await answerKeychain({ action: 'set', account: 'new', secret: 's' }, packages);
    expect([first.calls.at(-1), second.calls.at(-1)]).toEqual(['set nix-secrets/new', 'get nix-secrets/old']);
    expect(await answerKeychain({ action: 'remove', account: 'old' }, packages)).toEqual({ done: true });
    expect(second.get('nix-secrets', 'old')).toBeNull();
  });

  it('says which library is missing, and what a library refused', async () => {
    const request = { action: 'get', account: 'aya' };
    expect(await answerKeychain(request, { keyring: missing, keytar: missing })).toEqual({
      fault: 'no-library',
    });
    const refusing = async () => ({
      AsyncEntry: class {
        getPassword() {
          return Promise.reject(new Error('Secret Service: unlock prompt was dismissed'));
        }
      },
    });
    expect(await answerKeychain(request, { keyring: refusing, keytar: missing })).toEqual({
      fault: 'locked',
    });
  });

  it.each([
    null,
    'get',
    { action: 'list', account: 'a' },
    { action: 'get' },
    { action: 'set', account: 'a' },
    { action: 'get', account: 'a', secret: 's' },
  ])('does nothing for %j', async request => {
    const items = new Items();
    const packages = { keyring: keyringOver(items), keytar: keytarOver(items) };
    expect(await answerKeychain(request, packages)).toEqual({ fault: 'other' });
    expect(items.calls).toEqual([]);
  });
});

describe('keychainFaultOf', () => {
  it.each([
    ['Cannot autolaunch D-Bus without X11 $DISPLAY', 'no-bus'],
    ['Platform failure: DBus error: Using X11 for dbus-daemon autolaunch was disabled', 'no-bus'],
    ['The name org.freedesktop.secrets was not provided by any .service files', 'no-service'],
    ["Couldn't access platform storage: Secret Service: no result found", 'no-collection'],
    ['Object does not exist at path “/org/freedesktop/secrets/collection/login”', 'no-collection'],
    ["Couldn't access platform storage: Secret Service: unlock prompt was dismissed", 'locked'],
    ['Cannot create an item in a locked collection', 'locked'],
    ['', 'other'],
  ])('of %j is %s', (text, fault) => {
    expect(keychainFaultOf(text)).toBe(fault);
  });
});

describe('keychainProcess', () => {
  const { text: identity } = freshKey();
  let folder = '';
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'keychain-process-'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  /** A keychain whose process is this script of node. */
  function answering(script: string, options: { limit?: number; onWait?: () => void } = {}) {
    const path = join(folder, `${Math.random()}.mjs`);
    writeFileSync(path, script);
    const env = { PATH: process.env['PATH'], SOPS_AGE_KEY: identity, SOPS_AGE_KEY_CMD: 'x', OTHER: 'kept' };
    return keychainProcess({ argv: [process.execPath, path], env, ...options });
  }

  it('tells the process by a pipe alone, without the keys of its environment', async () => {
    const seen = join(folder, 'seen.json');
    const keychain = answering(`
      import { writeFileSync } from 'node:fs';
      let stdin = '';
      for await (const chunk of process.stdin) stdin += chunk;
      writeFileSync(${JSON.stringify(seen)}, JSON.stringify({ stdin, argv: process.argv, env: process.env }));
      process.stdout.write('{"done":true}');`);
    await keychain.set('aya', new Redacted(identity));
    const { stdin, argv, env } = JSON.parse(readFileSync(seen, 'utf8'));
    expect(JSON.parse(stdin)).toEqual({ action: 'set', account: 'aya', secret: identity });
    expect(JSON.stringify(argv)).not.toContain(identity);
    expect(env).toMatchObject({ OTHER: 'kept' });
    expect(JSON.stringify(env)).not.toMatch(/SOPS_AGE|AGE-SECRET/);
  });

  it('gives what it answers, hidden', async () => {
    const keychain = answering(`process.stdout.write(JSON.stringify({ value: '${identity}' }))`);
    const secret = await keychain.get('aya');
    expect(secret?.reveal()).toBe(identity);
    expect(JSON.stringify(secret)).not.toContain(identity);
  });

  it.each([
    ['{"fault":"locked"}', 'the keychain is locked'],
    ['{"fault":"no-library"}', /@napi-rs\/keyring\) is not installed/],
    ['{"fault":"__proto__"}', 'the keychain refused'],
    ['{"fault', 'the keychain refused'],
    ['', 'the keychain refused'],
    ['null', 'the keychain refused'],
  ])('says of the answer %j what is wrong', async (answer, message) => {
    const keychain = answering(`process.stdout.write(${JSON.stringify(answer)})`);
    const error = await rejection(keychain.get('aya'));
    expect(error).toMatchObject({
      code: 'KEYCHAIN_UNAVAILABLE',
      hint: expect.stringContaining('--store file'),
    });
    if (typeof message === 'string') expect(error.message).toBe(message);
    else expect(error.message).toMatch(message);
  });

  it('is given up after its time, and does not listen for ever', async () => {
    const started = Date.now();
    const hanging = answering('setInterval(() => {}, 1000)', { limit: 500 });
    expect((await rejection(hanging.get('aya'))).message).toBe('the keychain did not answer in time');
    expect((await rejection(hanging.probe())).message).toBe('the keychain did not answer in time');
    const endless = answering("for (;;) process.stdout.write('x'.repeat(65536))", { limit: 20_000 });
    expect((await rejection(endless.get('aya'))).code).toBe('KEYCHAIN_UNAVAILABLE');
    expect(Date.now() - started).toBeLessThan(15_000);
  });

  it('says that it waits', async () => {
    let waited = 0;
    const onWait = () => {
      waited++;
    };
    await answering('setTimeout(() => process.stdout.write(\'{"value":null}\'), 2600)', { onWait }).get(
      'aya',
    );
    expect(waited).toBe(1);
  });

  it('is unavailable where the program cannot be started', async () => {
    const keychain = keychainProcess({ argv: [join(folder, 'nothing')], env: {} });
    expect((await rejection(keychain.get('aya'))).code).toBe('KEYCHAIN_UNAVAILABLE');
  });
});
