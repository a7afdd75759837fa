import { beforeAll, describe, expect, it } from 'vitest';
import { wrapDataKey } from '../../../src/age/data-key.ts';
import { type Identity, parseIdentityText } from '../../../src/age/identity.ts';
import { mergeSopsFiles } from '../../../src/ops/drivers/merge-sops.ts';
import type { Surroundings } from '../../../src/ops/ports.ts';
import { Redacted } from '../../../src/redacted.ts';
import { loadFormat, readSopsFile } from '../../../src/sops/document.ts';
import type { FormatName } from '../../../src/sops/formats/format.ts';
import { recipientsOf } from '../../../src/sops/metadata.ts';
import { open } from '../../../src/sops/open.ts';
import { newTestKey } from '../../helpers/age.ts';
import { newDataKey, sealed } from '../../helpers/sealed-file.ts';

let identity: Identity;
let recipient = '';

beforeAll(async () => {
  const key = await newTestKey();
  recipient = key.recipient;
  const [first] = parseIdentityText(key.identity);
  if (first === undefined) throw new Error('no key');
  identity = { ...first, recipient };
});

const around = {
  now: () => new Date(),
  random: (bytes: number) => newDataKey().slice(0, bytes),
} as unknown as Surroundings;

interface Case {
  readonly format: FormatName;
  readonly base: string | null;
  readonly ours: string;
  readonly theirs: string;
}

/** The three versions under one data key, as sops would have edited them. */
async function versions({ format, base, ours, theirs }: Case) {
  const dataKey = newDataKey();
  const readers = [{ recipient, enc: await wrapDataKey(dataKey, recipient) }];
  const begin = base === null ? null : await sealed(base, { format, dataKey, readers });
  const side = (text: string, day: number) =>
    begin === null
      ? sealed(text, { format, dataKey, readers })
      : sealed(text, {
          format,
          dataKey,
          again: begin,
          edit: () => text,
          now: new Date(Date.UTC(2027, 0, day)),
        });
  return { dataKey, sides: { base: begin, ours: await side(ours, 2), theirs: await side(theirs, 1) } };
}

async function merge(
  given: Case,
  more: Partial<Parameters<typeof mergeSopsFiles>[0]> = {},
  keys = [identity],
) {
  const { dataKey, sides } = await versions(given);
  const policy = { rule: null, certain: true };
  const outcome = await mergeSopsFiles(
    { format: given.format, sides, policy, ...more },
    { identities: [...keys], sources: [] },
    around,
  );
  return { outcome, dataKey, sides };
}

async function plain(given: Case, more = {}): Promise<string> {
  const { outcome, dataKey } = await merge(given, more);
  if (outcome.kind !== 'merged') return `${outcome.kind}: ${outcome.names.join(', ')}`;
  const { documents } = open(await readSopsFile(outcome.bytes, given.format), dataKey);
  return Buffer.from((await loadFormat(given.format)).formatPlain(documents)).toString();
}

describe('a merge of two versions of a sops file', () => {
  it.each([
    ['yaml', 'a: 1\nb: 2\n', 'a: 9\nb: 2\n', 'a: 1\nb: 8\n', 'a: 9\nb: 8\n'],
    [
      'json',
      '{"a": "1", "b": "2"}',
      '{"a": "9", "b": "2"}',
      '{"a": "1", "b": "8"}',
      '{\n\t"a": "9",\n\t"b": "8"\n}\n',
    ],
    ['dotenv', 'A=1\nB=2\n', 'A=9\nB=2\n', 'A=1\nB=8\n', 'A=9\nB=8\n'],
    ['ini', '[s]\na = 1\nb = 2\n', '[s]\na = 9\nb = 2\n', '[s]\na = 1\nb = 8\n', '[s]\na = 9\nb = 8\n'],
  ] as const)('takes both changes of %s', async (format, base, ours, theirs, wanted) => {
    expect((await plain({ format, base, ours, theirs })).replace(/^\n+/, '')).toBe(wanted);
  });

  it('keeps new and removed keys, comments, lists, documents and the order', async () => {
    const base = '# top\na: 1\nb: [x, y]\ngone: 1\n---\nc: 1\n';
    const ours = '# top, ours\na: 1\nb: [x, y]\nd: new\n---\nc: 1\n';
    const theirs = '# top\na: 1\nb: [x, y, z]\ngone: 1\ne: new\n---\nc: 2\n';
    const result = await plain({ format: 'yaml', base, ours, theirs });
    expect(result).toBe('# top, ours\na: 1\nb:\n    - x\n    - "y"\n    - z\ne: new\nd: new\n---\nc: 2\n');
  });

  it.each([
    ['a value', 'a: 1\n', 'a: 2\n', 'a: 3\n', 'a'],
    ['a nested value', 'a: {b: 1}\n', 'a: {b: 2}\n', 'a: {b: 3}\n', 'a/b'],
    ['a removed value', 'a: 1\nb: 1\n', 'a: 1\n', 'a: 1\nb: 2\n', 'b'],
    ['a list', 'a: [1]\n', 'a: [2]\n', 'a: [3]\n', 'a'],
    ['a new key', 'a: 1\n', 'a: 1\nb: x\n', 'a: 1\nb: y\n', 'b'],
    [
      'a value of the second document',
      'x: 1\n---\na: 1\n',
      'x: 1\n---\na: 2\n',
      'x: 1\n---\na: 3\n',
      'document 2: a',
    ],
  ])('names %s that both changed', async (_what, base, ours, theirs, name) => {
    expect(await plain({ format: 'yaml', base, ours, theirs })).toBe(`conflict: ${name}`);
    const decided = await plain({ format: 'yaml', base, ours, theirs }, { decide: () => 'theirs' });
    const [wanted] = (await loadFormat('yaml')).parsePlain(Buffer.from(theirs)).slice(-1);
    const [found] = (await loadFormat('yaml')).parsePlain(Buffer.from(decided)).slice(-1);
    expect(found).toEqual(wanted);
  });

  it('is a conflict where both changed a binary file', async () => {
    expect(await plain({ format: 'binary', base: 'a', ours: 'b', theirs: 'c' })).toBe(
      'conflict: the whole file',
    );
  });

  it('of files that both added needs no common version', async () => {
    expect(await plain({ format: 'yaml', base: null, ours: 'a: 1\nb: 1\n', theirs: 'a: 1\nc: 1\n' })).toBe(
      'a: 1\nb: 1\nc: 1\n',
    );
    expect(await plain({ format: 'yaml', base: null, ours: 'a: 1\n', theirs: 'a: 2\n' })).toBe('conflict: a');
  });

  it('takes a new value in the place of both', async () => {
    const given: Case = { format: 'yaml', base: 'a: {b: 1}\n', ours: 'a: {b: 2}\n', theirs: 'a: {b: 3}\n' };
    const values = new Map([['a/b', new Redacted('new')]]);
    expect(await plain(given, { values })).toBe('a:\n    b: new\n');
  });

  it('keeps the ciphertext of every value that one side has, and the later date', async () => {
    const given: Case = {
      format: 'dotenv',
      base: 'A=1\nB=2\nC=3\n',
      ours: 'A=9\nB=2\nC=3\n',
      theirs: 'A=1\nB=8\nC=3\n',
    };
    const { outcome, sides } = await merge(given);
    if (outcome.kind !== 'merged') throw new Error(outcome.kind);
    const lines = (bytes: Uint8Array | null) =>
      Buffer.from(bytes ?? [])
        .toString()
        .split('\n');
    const [merged, ours, theirs] = [outcome.bytes, sides.ours, sides.theirs].map(lines);
    expect(merged?.slice(0, 3)).toEqual([ours?.[0], theirs?.[1], ours?.[2]]);
    expect(merged).toContain('sops_lastmodified=2027-01-02T00:00:00Z');
  });

  it('without a key says what is at odds, and writes nothing', async () => {
    const given: Case = { format: 'dotenv', base: 'A=1\nB=2\n', ours: 'A=9\nB=2\n', theirs: 'A=8\nB=3\n' };
    expect((await merge(given, {}, [])).outcome).toEqual({ kind: 'locked', names: ['A'] });
  });

  it('drops whom one side took away, and adds nobody whom no rule names', async () => {
    const dataKey = newDataKey();
    const enc = await wrapDataKey(dataKey, recipient);
    const extra = (await newTestKey()).recipient;
    const stranger = (await newTestKey()).recipient;
    const file = (readers: readonly string[], text: string) =>
      sealed(text, {
        format: 'dotenv',
        dataKey,
        readers: readers.map(reader => ({ recipient: reader, enc })),
      });
    const sides = {
      base: await file([recipient, extra], 'A=1\nB=1\n'),
      ours: await file([recipient, extra], 'A=2\nB=1\n'),
      theirs: await file([recipient, stranger], 'A=1\nB=2\n'),
    };
    const outcome = await mergeSopsFiles(
      { format: 'dotenv', sides, policy: { rule: null, certain: true } },
      { identities: [identity], sources: [] },
      around,
    );
    if (outcome.kind !== 'merged') throw new Error(outcome.kind);
    expect(recipientsOf((await readSopsFile(outcome.bytes, 'dotenv')).metadata)).toEqual([recipient]);
    expect(outcome.gained).toEqual([]);
  });
});
