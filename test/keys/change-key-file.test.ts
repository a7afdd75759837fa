import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parseIdentityText } from '../../src/age/identity.ts';
import { appendIdentity, removeIdentity } from '../../src/keys/change-key-file.ts';
import { keyEntries } from '../../src/keys/key-entries.ts';
import { nodeKeyFiles } from '../../src/keys/world.ts';
import { Redacted } from '../../src/redacted.ts';
import { freshKey } from '../age/keys.ts';
import { rejection } from '../age/no-leak.ts';

const random = (bytes: number) => new Uint8Array(randomBytes(bytes));
const now = new Date('2026-11-23T01:02:03Z');
let folder = '';
let path = '';

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'change-key-file-'));
  path = join(folder, 'sops', 'age', 'keys.txt');
});
afterEach(() => rmSync(folder, { recursive: true }));

function entryOf(key: ReturnType<typeof freshKey>, name = 'aya') {
  return { identity: new Redacted(key.text), recipient: key.recipient, name, now };
}

function write(text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text, { mode: 0o600 });
}

const read = () => readFileSync(path, 'utf8');
const recipients = () => parseIdentityText(read()).map(identity => identity.recipient);

describe('appendIdentity', () => {
  it('makes the file, for its owner alone', async () => {
    const key = freshKey();
    await appendIdentity(path, entryOf(key), { random });
    expect(read()).toBe(
      `# created: 2026-11-23T01:02:03Z\n# name: aya\n# public key: ${key.recipient}\n${key.text}\n`,
    );
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(readdirSync(dirname(path))).toEqual(['keys.txt']);
  });

  it.each([
    ['as age-keygen leaves it', (text: string) => `# created: x\n# public key: y\n${text}\n`],
    ['without a final newline', (text: string) => text],
    ['with foreign comments and empty lines', (text: string) => `\n# mine\n\n${text}\n\n# the end\n`],
    ['with the line ends of Windows', (text: string) => `# mine\r\n${text}\r\n`],
  ])('keeps a file %s, byte for byte', async (_, make) => {
    const [old, key] = [freshKey(), freshKey()];
    const before = make(old.text);
    write(before);
    await appendIdentity(path, entryOf(key), { random });
    expect(read().startsWith(before)).toBe(true);
    expect(recipients()).toEqual([old.recipient, key.recipient]);
    expect(readdirSync(dirname(path))).toEqual(['keys.txt']);
  });

  it('follows a link, and leaves it one', async () => {
    const [old, key] = [freshKey(), freshKey()];
    mkdirSync(dirname(path), { recursive: true });
    const target = join(folder, 'dotfiles-keys');
    writeFileSync(target, `${old.text}\n`, { mode: 0o600 });
    symlinkSync(target, path);
    await appendIdentity(path, entryOf(key), { random });
    expect(readlinkSync(path)).toBe(target);
    expect(recipients()).toEqual([old.recipient, key.recipient]);
  });

  it('closes a file that others could read', async () => {
    write(`${freshKey().text}\n`);
    chmodSync(path, 0o644);
    await appendIdentity(path, entryOf(freshKey()), { random });
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it('loses none of many that come at once', async () => {
    const keys = Array.from({ length: 12 }, freshKey);
    await Promise.all(keys.map((key, index) => appendIdentity(path, entryOf(key, `k${index}`), { random })));
    expect(recipients().sort()).toEqual(keys.map(key => key.recipient).sort());
    expect(readdirSync(dirname(path))).toEqual(['keys.txt']);
  });

  it.each([
    ['a bad line', `${freshKey().text}\nnonsense\n`, 'BAD_IDENTITY'],
    ['a list behind a passphrase', '-----BEGIN AGE ENCRYPTED FILE-----\n', 'UNSUPPORTED'],
  ])('adds nothing to %s: stock sops would not use it', async (_, before, code) => {
    write(before);
    expect((await rejection(appendIdentity(path, entryOf(freshKey()), { random }))).code).toBe(code);
    expect(read()).toBe(before);
    expect(readdirSync(dirname(path))).toEqual(['keys.txt']);
  });

  it('adds no identity twice', async () => {
    const key = freshKey();
    await appendIdentity(path, entryOf(key), { random });
    const before = read();
    const error = await rejection(appendIdentity(path, entryOf(key, 'other'), { random }), key.text);
    expect([error.code, read()]).toEqual(['ALREADY_EXISTS', before]);
  });

  it('waits for another one, and says whose lock it is', async () => {
    write(`${freshKey().text}\n`);
    const before = read();
    const lock = join(dirname(path), '.keys.txt.lock');
    writeFileSync(lock, '');
    const error = await rejection(appendIdentity(path, entryOf(freshKey()), { random, waitMs: 100 }));
    expect([error.code, error.file, read()]).toEqual(['LOCKED', lock, before]);
    setTimeout(() => rmSync(lock), 200);
    await appendIdentity(path, entryOf(freshKey()), { random });
    expect(recipients()).toHaveLength(2);
  });

  it('writes nothing where an editor was faster', async () => {
    write(`${freshKey().text}\n`);
    const edited = `# edited\n${read()}`;
    const files = {
      ...nodeKeyFiles,
      async createExclusive(name: string, bytes: Uint8Array) {
        if (name.endsWith('.new')) writeFileSync(path, edited);
        return nodeKeyFiles.createExclusive(name, bytes);
      },
    };
    const error = await rejection(appendIdentity(path, entryOf(freshKey()), { random, files }));
    expect([error.code, read()]).toEqual(['CHANGED_UNDERNEATH', edited]);
    expect(readdirSync(dirname(path))).toEqual(['keys.txt']);
  });

  it('leaves the old file where the disk is full', async () => {
    const key = freshKey();
    write(`${freshKey().text}\n`);
    const before = read();
    const files = {
      ...nodeKeyFiles,
      async createExclusive(name: string, bytes: Uint8Array) {
        if (name.endsWith('.new')) throw Object.assign(new Error(key.text), { code: 'ENOSPC' });
        return nodeKeyFiles.createExclusive(name, bytes);
      },
    };
    const error = await rejection(appendIdentity(path, entryOf(key), { random, files }), key.text);
    expect(error.message).toContain('ENOSPC');
    expect([read(), readdirSync(dirname(path))]).toEqual([before, ['keys.txt']]);
  });
});

describe('removeIdentity', () => {
  it('takes out the identity and its own comments, and nothing else', async () => {
    const [first, second] = [freshKey(), freshKey()];
    write(`# mine\n\n${first.text}\n# a note of mine\n`);
    const before = read();
    await appendIdentity(path, entryOf(second), { random });
    await removeIdentity(path, second.recipient, { random });
    expect(read()).toBe(before);
    await removeIdentity(path, first.recipient, { random });
    expect(read()).toBe('# mine\n\n# a note of mine\n');
  });

  it('says what is not there', async () => {
    write(`${freshKey().text}\n`);
    const before = read();
    expect((await rejection(removeIdentity(path, freshKey().recipient, { random }))).code).toBe(
      'UNKNOWN_KEY',
    );
    expect(read()).toBe(before);
  });
});

describe('keyEntries', () => {
  it('gives each identity its name, and no name that could not be one', async () => {
    const keys = [freshKey(), freshKey(), freshKey(), freshKey()];
    const [a, b, c, d] = keys.map(key => key.text);
    const text = `# name: aya\n${a}\n${b}\n# name: ../etc\n${c}\n# name: cut\n\n${d}\n`;
    const entries = await keyEntries(text);
    expect(entries.map(entry => entry.name)).toEqual(['aya', null, null, null]);
    expect(entries.map(entry => entry.identity.recipient)).toEqual(keys.map(key => key.recipient));
  });
});
