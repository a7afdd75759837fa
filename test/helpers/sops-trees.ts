import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { type ErrorCode, SecretsError } from '../../src/errors.ts';
import type { SopsFile } from '../../src/sops/document.ts';
import type { FormatName } from '../../src/sops/formats/format.ts';
import { open } from '../../src/sops/open.ts';
import { type SealOptions, seal } from '../../src/sops/seal.ts';
import { Float, type Item, type Scalar, Time, TreeList, TreeMap, type Value } from '../../src/sops/tree.ts';
import { leaves } from '../../src/sops/tree-path.ts';

/** The code of the error that a call ends in, `null` where it ends well. */
export function codeOf(call: () => unknown): ErrorCode | null {
  try {
    call();
    return null;
  } catch (error) {
    if (error instanceof SecretsError) return error.code;
    throw error;
  }
}

/** A literal as a tree: numbers become floats, bigints integers, objects maps in their own order. */
export type Literal = string | number | bigint | boolean | null | Literal[] | { [key: string]: Literal };

export function tree(literal: { [key: string]: Literal }): TreeMap {
  return new TreeMap(
    Object.entries(literal).map(([key, value]): Item => ({ key, value: fromLiteral(value) })),
  );
}

function fromLiteral(literal: Literal): Value | null {
  if (Array.isArray(literal)) return new TreeList(literal.map(fromLiteral));
  if (typeof literal === 'number') return new Float(literal);
  return typeof literal === 'object' && literal !== null ? tree(literal) : literal;
}

/** Every kind of scalar that a format can give. */
export function scalars(): fc.Arbitrary<Scalar> {
  const time = fc.date({ min: new Date('0001-01-01'), max: new Date('9999-12-31'), noInvalidDate: true });
  return fc.oneof(
    fc.string({ unit: 'grapheme', maxLength: 40 }),
    fc.string({ unit: 'binary', maxLength: 40 }),
    fc
      .uint8Array({ minLength: 1, maxLength: 8 })
      .map(bytes => Buffer.from([0xff, ...bytes]))
      .map(bytes => new Uint8Array(bytes)),
    fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
    fc.boolean(),
    fc.double({ noNaN: true }).map(value => new Float(value)),
    time.map(date => new Time(date.toISOString().replace(/\.?0*Z$/, 'Z'))),
  );
}

/** Random documents; keys may repeat, and include the names that plain objects stumble over. */
export function documents(leaf: fc.Arbitrary<Scalar> = scalars()): fc.Arbitrary<TreeMap> {
  const key = fc.oneof(
    fc.constantFrom('__proto__', 'constructor', '1', 'a:b', '', 'x_unencrypted'),
    fc.string({ maxLength: 8 }),
  );
  const { map } = fc.letrec<{ map: TreeMap; list: TreeList; value: Value | null }>(tie => ({
    map: fc
      .array(fc.record({ key, value: tie('value') }), { maxLength: 5 })
      .map(items => new TreeMap(items.filter(item => item.key !== 'sops'))),
    list: fc.array(tie('value'), { maxLength: 4 }).map(elements => new TreeList(elements)),
    value: fc.oneof({ maxDepth: 4, withCrossShrink: true }, leaf, fc.constant(null), tie('map'), tie('list')),
  }));
  return map;
}

export const TEST_DATA_KEY = Buffer.alloc(32, 7);

/** Options for sealing with a fixed key and date. */
export function sealOptions(format: FormatName, changes: Partial<SealOptions> = {}): SealOptions {
  return {
    format,
    dataKey: TEST_DATA_KEY,
    groups: [
      {
        age: [
          {
            recipient: 'age1test',
            enc: '-----BEGIN AGE ENCRYPTED FILE-----\nYWdl\n-----END AGE ENCRYPTED FILE-----\n',
          },
        ],
        others: [],
      },
    ],
    selection: {},
    macOnlyEncrypted: false,
    version: '3.13.3',
    now: new Date('2026-11-22T15:25:39.123Z'),
    random: randomBytes,
    ...changes,
  };
}

export function sealed(literal: { [key: string]: Literal }, changes: Partial<SealOptions> = {}): SopsFile {
  return seal([tree(literal)], sealOptions('json', changes));
}

/** A file with its first document replaced by a changed copy of it. */
export function changed(file: SopsFile, change: (document: TreeMap) => void): SopsFile {
  const document = copyOf(file.documents[0] ?? new TreeMap());
  change(document);
  return { ...file, documents: [document] };
}

function copyOf(map: TreeMap): TreeMap {
  return new TreeMap(
    map.items.map(({ key, value }) => {
      if (value instanceof TreeMap) return { key, value: copyOf(value) };
      return { key, value: value instanceof TreeList ? new TreeList([...value.elements]) : value };
    }),
  );
}

/** The code with which opening a file under the test key ends. */
export function openCode(file: SopsFile, ignoreMac = false): ErrorCode | null {
  return codeOf(() => open(file, TEST_DATA_KEY, { ignoreMac }));
}

/** Every leaf of a file as it stands there. */
export function leafTexts(file: SopsFile): (Scalar | null)[] {
  return file.documents.flatMap(document => Array.from(leaves(document), leaf => leaf.value));
}
