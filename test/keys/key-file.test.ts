import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parseIdentityText } from '../../src/age/identity.ts';
import { createKeyFile, type KeyFiles, modeTooOpen } from '../../src/keys/key-file.ts';
import { nodeKeyFiles } from '../../src/keys/world.ts';
import { rejection } from '../age/no-leak.ts';

const now = new Date('2026-11-23T01:02:03.456Z');
const random = (bytes: number) => new Uint8Array(randomBytes(bytes));
let folder = '';
let path = '';

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'key-file-'));
  path = join(folder, 'sops', 'age', 'keys.txt');
});
afterEach(() => rmSync(folder, { recursive: true }));

const mode = (file: string) => statSync(file).mode & 0o777;

describe('createKeyFile', () => {
  it('writes what age-keygen writes, for its owner alone', async () => {
    const before = process.umask(0);
    const { recipient } = await createKeyFile(path, { now, random }).finally(() => process.umask(before));
    const text = readFileSync(path, 'utf8');
    expect(text).toMatch(
      /^# created: 2026-11-23T01:02:03Z\n# public key: age1[a-z0-9]{58}\nAGE-SECRET-KEY-1[A-Z0-9]{58}\n$/,
    );
    expect(text).toContain(`# public key: ${recipient}\n`);
    expect(parseIdentityText(text).map(identity => identity.recipient)).toEqual([recipient]);
    expect([mode(path), mode(dirname(path)), mode(join(folder, 'sops'))]).toEqual([0o600, 0o700, 0o700]);
    expect(readdirSync(dirname(path))).toEqual(['keys.txt']);
  });

  it('is as private under a tight umask, and keeps folders that exist as they are', async () => {
    mkdirSync(join(folder, 'sops'), { mode: 0o755 });
    const before = process.umask(0o277);
    await createKeyFile(join(folder, 'sops', 'keys.txt'), { now, random }).finally(() =>
      process.umask(before),
    );
    expect(mode(join(folder, 'sops', 'keys.txt'))).toBe(0o600);
    expect(mode(join(folder, 'sops'))).toBe(0o755);
  });

  it.each(['file', 'empty file', 'folder', 'link to nothing'])(
    'never touches a %s that is there',
    async kind => {
      mkdirSync(dirname(path), { recursive: true });
      if (kind === 'folder') mkdirSync(path);
      else if (kind === 'link to nothing') symlinkSync(join(folder, 'elsewhere'), path);
      else writeFileSync(path, kind === 'file' ? 'my only key' : '');
      const error = await rejection(createKeyFile(path, { now, random }));
      expect(error).toMatchObject({ code: 'ALREADY_EXISTS', file: path });
      expect(readdirSync(dirname(path))).toEqual(['keys.txt']);
      if (kind === 'file') expect(readFileSync(path, 'utf8')).toBe('my only key');
      expect(readdirSync(folder)).toEqual(['sops']);
    },
  );

  it('lets exactly one of many win', async () => {
    const outcomes = await Promise.allSettled(
      Array.from({ length: 8 }, () => createKeyFile(path, { now, random })),
    );
    const made = outcomes.flatMap(outcome =>
      outcome.status === 'fulfilled' ? [outcome.value.recipient] : [],
    );
    expect(made).toHaveLength(1);
    expect(parseIdentityText(readFileSync(path, 'utf8'))[0]?.recipient).toBe(made[0]);
    expect(readdirSync(dirname(path))).toEqual(['keys.txt']);
  });

  it('says why it could not write', async () => {
    writeFileSync(join(folder, 'sops'), '');
    expect(await rejection(createKeyFile(path, { now, random }))).toMatchObject({
      code: 'WRITE_FAILED',
      message: expect.stringMatching(/ENOTDIR|EEXIST/),
    });
  });
});

describe('createKeyFile on other disks', () => {
  const failing = (code: string) => async () => {
    throw Object.assign(new Error('a text with a secret'), { code });
  };

  it.each(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS'])(
    'writes in place where there are no links (%s), still exclusively',
    async code => {
      const files: KeyFiles = { ...nodeKeyFiles, linkExclusive: failing(code) };
      const { recipient } = await createKeyFile(path, { now, random, files });
      expect(parseIdentityText(readFileSync(path, 'utf8'))[0]?.recipient).toBe(recipient);
      expect(mode(path)).toBe(0o600);
      expect((await rejection(createKeyFile(path, { now, random, files }))).code).toBe('ALREADY_EXISTS');
      expect(readdirSync(dirname(path))).toEqual(['keys.txt']);
    },
  );

  it('leaves nothing behind when the disk is full or gives back something else', async () => {
    const full: KeyFiles = { ...nodeKeyFiles, linkExclusive: failing('ENOSPC') };
    expect(
      (await rejection(createKeyFile(path, { now, random, files: full }), 'a text with a secret')).message,
    ).toContain('ENOSPC');
    const lying: KeyFiles = { ...nodeKeyFiles, read: async () => new TextEncoder().encode('# nothing\n') };
    expect((await rejection(createKeyFile(path, { now, random, files: lying }))).code).toBe('WRITE_FAILED');
    expect(readdirSync(dirname(path))).toEqual([]);
  });

  it('never shows the key it could not write', async () => {
    let written = '';
    const files: KeyFiles = {
      ...nodeKeyFiles,
      async createExclusive(_, bytes) {
        written = new TextDecoder().decode(bytes);
        throw Object.assign(new Error(written), { code: 'EIO' });
      },
      async remove() {},
    };
    const error = await rejection(createKeyFile(path, { now, random, files }));
    await rejection(Promise.reject(error), written.split('\n')[2]);
  });
});

describe('modeTooOpen', () => {
  it.each([
    [0o600, false],
    [0o400, false],
    [0o640, true],
    [0o604, true],
    [0o620, true],
  ])('of %o is %s', async (bits, open) => {
    const file = join(folder, 'key');
    writeFileSync(file, '');
    chmodSync(file, bits);
    expect(await modeTooOpen(file, 'linux')).toBe(open);
    expect(await modeTooOpen(file, 'win32')).toBe(false);
  });

  it('is false where there is no file', async () => {
    expect(await modeTooOpen(join(folder, 'none'), 'linux')).toBe(false);
  });
});
