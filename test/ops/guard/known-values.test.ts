import { gzipSync } from 'node:zlib';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  findKnownValues,
  type KnownTree,
  type KnownValues,
  loadKnownValues,
} from '../../../src/ops/guard/known-values.ts';
import type { Tree } from '../../../src/ops/guard/snapshot.ts';
import { Dice } from '../../helpers/dice.ts';
import {
  config,
  type Files,
  identitiesOf,
  newKeys,
  rule,
  sealText,
  type TestKeys,
  treeOf,
} from './guard-fixture.ts';

const dice = new Dice(20);
const LETTERS = [...'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789'];
const random = (length: number, alphabet = LETTERS): string =>
  Array.from({ length }, () => dice.pick(alphabet)).join('');

let keys: TestKeys;
let both: string[];
let usual: string;

beforeAll(async () => {
  keys = await newKeys();
  both = [keys.aya.recipient, keys.megumu.recipient];
  usual = config(keys, rule('^secrets/', ['aya', 'megumu']));
});

const all = (tree: Tree): KnownTree => ({ tree, only: null });

async function load(files: Files): Promise<KnownValues> {
  return loadKnownValues([all(treeOf({ '.sops.yaml': usual, ...files }))], () => identitiesOf(keys.aya));
}

/** The values as one YAML file with a key for each. */
async function known(...values: readonly string[]): Promise<KnownValues> {
  const plain = values.map((value, index) => `v${index}: ${JSON.stringify(value)}\n`).join('');
  return load({ 'secrets/db.yaml': await sealText(plain, 'yaml', both) });
}

function names(values: KnownValues, bytes: string | Uint8Array): string[] {
  return findKnownValues(values, 'file', Buffer.from(bytes), null).map(({ message }) => message);
}

function places(values: KnownValues, bytes: string | Uint8Array): string[] {
  return findKnownValues(values, 'file', Buffer.from(bytes), null).map(
    ({ line, column }) => `${line}:${column}`,
  );
}

describe('a value elsewhere', () => {
  const value = `${random(5)}"\\$'${random(9)}/+ &<%é${random(6)}`;
  let values: KnownValues;
  beforeAll(async () => {
    values = await known(value);
  });

  const spellings: Record<string, string | Uint8Array> = {
    'as it is': value,
    'in JSON': JSON.stringify({ a: value }),
    'in JSON as Go writes it': JSON.stringify(value).replace(
      /[<>&]/g,
      c => `\\u00${c.charCodeAt(0).toString(16)}`,
    ),
    'in JSON with ASCII alone': JSON.stringify(value).replace(/é/g, '\\u00e9'),
    'in JSON in JSON': JSON.stringify(JSON.stringify({ a: value })),
    'in a string of Nix': `"${value.replace(/["\\]|\$\{/g, '\\$&')}"`,
    'in single quotes of a shell': `'${value.replaceAll("'", "'\\''")}'`,
    'in double quotes of a shell': `"${value.replace(/["\\$`]/g, '\\$&')}"`,
    'in single quotes of YAML': `'${value.replaceAll("'", "''")}'`,
    'percent-encoded': `https://x/?q=${encodeURIComponent(value)}`,
    'percent-encoded as a form': `q=${encodeURIComponent(value).replaceAll('%20', '+')}`,
    'percent-encoded in small letters': encodeURIComponent(value).replace(/%../g, code => code.toLowerCase()),
    'in XML': `<a>${value.replaceAll('&', '&amp;').replaceAll('<', '&lt;')}</a>`,
    'in base64': Buffer.from(value).toString('base64'),
    'in base64 with a newline': Buffer.from(`${value}\n`).toString('base64'),
    'in base64 behind one byte': Buffer.from(`x${value} more`).toString('base64'),
    'in base64 behind two bytes': Buffer.from(`xy${value} more`).toString('base64'),
    'in base64url': Buffer.from(`user:${value}`).toString('base64url'),
    'in base64, folded': (
      Buffer.from(`user:${value}`)
        .toString('base64')
        .match(/.{1,20}/g) ?? []
    ).join('\n      '),
    'in hex': Buffer.from(value).toString('hex'),
    'in HEX': Buffer.from(value).toString('hex').toUpperCase(),
    'in UTF-16LE': Buffer.from(value, 'utf16le'),
    'in UTF-16BE': Buffer.from(value, 'utf16le').swap16(),
    'in UTF-16 with a byte order mark': Buffer.from(`\ufeff{"a":${JSON.stringify(value)}}`, 'utf16le'),
    'in latin-1': Buffer.from(value, 'latin1'),
    'in a binary file': Buffer.concat([Buffer.alloc(100), Buffer.from(value), Buffer.from([0, 255])]),
  };

  it.each(Object.keys(spellings))('%s', name => {
    const found = names(values, spellings[name] ?? '');
    expect(found).toEqual(['it holds the value of v0 from secrets/db.yaml']);
  });

  it('is not found where it is not', () => {
    expect(names(values, value.slice(0, -1))).toEqual([]);
    expect(names(values, `${value.slice(0, 8)}x${value.slice(8)}`)).toEqual([]);
    expect(names(values, '')).toEqual([]);
    expect(names(values, gzipSync(value))).toEqual([]);
  });

  it('says where, and never what', () => {
    const text = `first\nsecond é ${value}\n`;
    const [found, ...others] = findKnownValues(values, 'notes.md', Buffer.from(text), null);
    expect(others).toEqual([]);
    expect(found).toMatchObject({ rule: 'known-value', line: 2, column: 10, endLine: 2 });
    expect(JSON.stringify(found)).not.toContain(value.slice(-6));
    expect(found?.secret.reveal()).toContain(value.slice(-6));
  });

  it('is reported on changed lines alone', () => {
    const text = Buffer.from(`a\n${value}\nb\n`);
    expect(findKnownValues(values, 'x', text, [{ first: 1, last: 1 }])).toEqual([]);
    expect(findKnownValues(values, 'x', text, [])).toEqual([]);
    expect(findKnownValues(values, 'x', text, [{ first: 1, last: 2 }])).toHaveLength(1);
  });

  it('is one finding for each line', () => {
    expect(places(values, `${value} ${value}\nx\n${value}`)).toEqual(['1:1', '3:1']);
  });
});

describe('values of several lines', () => {
  const lines = Array.from({ length: 6 }, () => random(64, [...LETTERS, '+', '/']));
  const pem = ['-----BEGIN SOME KEY-----', ...lines, '-----END SOME KEY-----', ''].join('\n');

  it('are found by any line, whatever the indentation', async () => {
    const values = await known(pem);
    expect(places(values, pem)).toEqual(['1:1']);
    expect(places(values, `x = ''\n${pem.replace(/^/gm, '      ')}'';\n`)).toHaveLength(1);
    expect(places(values, `a\nb ${lines[3]}\n`)).toEqual(['2:3']);
    expect(places(values, JSON.stringify(pem))).toHaveLength(1);
    expect(places(values, pem.replaceAll('\n', '\r\n'))).toHaveLength(1);
  });

  it('are not found by what all of their kind begin with', async () => {
    const values = await known(pem);
    expect(names(values, '-----BEGIN SOME KEY-----\nother\n-----END SOME KEY-----\n')).toEqual([]);
  });

  it('are not found by their certificate', async () => {
    const certificate = `-----BEGIN CERTIFICATE-----\n${random(64)}\n${random(64)}\n-----END CERTIFICATE-----\n`;
    const values = await known(`${certificate}${pem}`);
    expect(names(values, certificate)).toEqual([]);
    expect(names(values, pem)).toHaveLength(1);
  });

  it('are found by two ordinary lines, but not by one', async () => {
    const values = await known(
      '[Interface]\nPersistentKeepalive = 25\nAllowedIPs = 10.0.0.0/24, fd00::/64\nx = y\n',
    );
    expect(names(values, 'PersistentKeepalive = 25\n')).toEqual([]);
    expect(names(values, 'PersistentKeepalive = 25\n\n\nAllowedIPs = 10.0.0.0/24, fd00::/64\n')).not.toEqual(
      [],
    );
  });

  it('of the form of an env file are found by variable', async () => {
    const token = random(20);
    const values = await known(`A_URL=https://example.org/\nA_TOKEN="${token}"\nPORT=8080\n`);
    expect(names(values, `x ${token}`)).toEqual(['it holds the value of A_TOKEN of v0 from secrets/db.yaml']);
    expect(names(values, 'https://example.org/ PORT=8080')).toEqual([]);
  });
});

describe('where values come from', () => {
  const secret = random(24);
  const other = random(24);

  it('names the secret in every format', async () => {
    const samples = [
      ['secrets/a.yaml', 'yaml', `db:\n    main: [${other}, ${secret}]\n`, 'db/main from secrets/a.yaml'],
      ['secrets/a.json', 'json', `{"db":{"main":"${secret}"}}`, 'db/main from secrets/a.json'],
      ['secrets/a.env', 'dotenv', `MAIN="${secret}"\n`, 'MAIN from secrets/a.env'],
      ['secrets/a.ini', 'ini', `[db]\nmain = ${secret}\n`, 'db/main from secrets/a.ini'],
      ['secrets/a.bin', 'binary', `${secret}\n`, 'the content from secrets/a.bin'],
    ] as const;
    for (const [path, format, plain, name] of samples) {
      const values = await load({ [path]: await sealText(plain, format, both) });
      expect(names(values, `x ${secret}`), format).toEqual([`it holds the value of ${name}`]);
    }
  });

  it('names one secret of several with the same value', async () => {
    const values = await load({
      'secrets/a.yaml': await sealText(`a: ${secret}\n`, 'yaml', both),
      'secrets/b.yaml': await sealText(`b: ${secret}\n`, 'yaml', both),
    });
    expect(names(values, secret)).toEqual([
      'it holds the value of a from secrets/a.yaml, the same as b from secrets/b.yaml',
    ]);
  });

  it('takes no values that are in the clear by rule', async () => {
    const values = await load({
      'secrets/a.yaml': await sealText(`a_unencrypted: ${secret}\nb: ${other}\n`, 'yaml', both),
    });
    expect(names(values, secret)).toEqual([]);
    expect(names(values, other)).toHaveLength(1);
  });

  it('finds them in the clear parts of encrypted files, and not in the encrypted ones', async () => {
    const file = await sealText(`a: ${secret}\nb_unencrypted: ${other}\n`, 'yaml', both);
    const values = await load({
      'secrets/a.yaml': file,
      'secrets/b.yaml': await sealText(`c: ${other}\n`, 'yaml', both),
    });
    expect(names(values, file)).toEqual(['it holds the value of c from secrets/b.yaml']);
    const values2 = await load({ 'secrets/a.yaml': file });
    expect(names(values2, file)).toEqual([]);
    expect(names(values2, `# ${secret}\n${file}`)).toHaveLength(1);
  });

  it('reads files under a catch-all rule too, and none that nothing governs', async () => {
    const files = { 'x.yaml': await sealText(`a: ${secret}\n`, 'yaml', both) };
    const all = await load({ '.sops.yaml': config(keys, rule(null, ['aya', 'megumu'])), ...files });
    expect(names(all, secret)).toHaveLength(1);
    expect((await load(files)).size).toBe(0);
  });

  it('knows bytes that are no text', async () => {
    const bytes = Buffer.concat([Buffer.from([0xff, 0xfe, 0xfd]), Buffer.from(dice.bytes(500))]);
    const values = await load({ 'secrets/a.bin': await sealText(bytes, 'binary', both) });
    expect(names(values, Buffer.concat([Buffer.from('x'), bytes]))).toHaveLength(1);
    expect(names(values, bytes.toString('base64'))).toHaveLength(1);
    expect(names(values, dice.bytes(500))).toEqual([]);
  });

  it('says in one line what it could not open', async () => {
    const tree = treeOf({
      '.sops.yaml': usual,
      'secrets/a.yaml': await sealText(`a: ${secret}\n`, 'yaml', both),
    });
    const none = await loadKnownValues([all(tree)], async () => ({ identities: [], sources: [] }));
    expect(none.note).toMatch(/^values of the 1 managed file were not looked for elsewhere: no identity/);
    expect(none.size).toBe(0);
    const stranger = await loadKnownValues([all(tree)], () => identitiesOf(keys.kamov));
    expect(stranger.note).toMatch(/none of your identities opens it without asking$/);
    expect((await loadKnownValues([all(tree)], () => identitiesOf(keys.aya))).note).toBeNull();
  });

  it('knows the values of a former tree too, of the paths that count there', async () => {
    const gone = random(24);
    const kept = random(24);
    const former = treeOf({
      '.sops.yaml': usual,
      'secrets/gone.yaml': await sealText(`a: ${gone}\n`, 'yaml', both),
      'secrets/kept.yaml': await sealText(`a: ${kept}\n`, 'yaml', both),
    });
    const now = treeOf({ '.sops.yaml': usual });
    const values = await loadKnownValues(
      [all(now), { tree: former, only: new Set(['secrets/gone.yaml', 'README.md']) }],
      () => identitiesOf(keys.aya),
    );
    expect(names(values, `x ${gone}`)).toHaveLength(1);
    expect(names(values, `x ${kept}`)).toEqual([]);
  });

  it('asks for no identity where there is nothing to open', async () => {
    const values = await loadKnownValues(
      [all(treeOf({ '.sops.yaml': usual, 'secrets/a.yaml': 'a: x' }))],
      () => Promise.reject(new Error('it was asked')),
    );
    expect([values.size, values.note]).toEqual([0, null]);
  });
});

describe('values that are looked for', () => {
  const dull = [
    'short',
    'abc1234',
    '12345678901234',
    '3.14159265358',
    'true',
    '2024-01-02T03:04:05Z',
    '/run/secrets/miniflux',
    './some/relative/path.yaml',
    'var/lib/some-service/data',
    'megumu.example.org',
    'db.internal.example.com:5432',
    '192.168.100.200',
    'fd00:1234:5678::1',
    'someone@example.org',
    'https://example.org/some/page',
    'production',
    'nextcloud',
    'aaaaaaaaaaaaaaaaaaaaaaaa',
    'abcdefghijklmnop',
    '0123456789abcdef',
    'miniflux-admin',
    '<your token here>',
    '${SOME_VARIABLE}',
  ];
  it.each(dull)('not %s', async value => {
    expect(names(await known(value), `x: ${value}\n`)).toEqual([]);
  });

  it('not a public key', async () => {
    const ssh = `ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI${random(43)} aya@host`;
    expect(names(await known(keys.aya.recipient, ssh), `${keys.aya.recipient}\n${ssh}\n`)).toEqual([]);
  });

  it('everything that is hard to guess', async () => {
    const worth = [
      random(10),
      random(8, [...LETTERS, '!', '%', '#']),
      random(32, [...'0123456789abcdef']),
      random(16, [...'abcdefghijklmnopqrstuvwxyz']),
      ['correct', 'horse', 'battery', 'staple'].join('-'),
      ['correct', 'horse', 'battery', 'staple'].join(' '),
      `${random(20)}.${random(40)}.${random(30)}`,
      `/${random(43)}=`,
      `${random(10)}/${random(20)}/${random(10)}`,
      `scheme://user:${random(12)}@db.example.org/name`,
      `https://example.org/hooks/${random(24)}`,
      random(7) + ['T', 'r', '0', 'u', 'b', '4', '&'].join(''),
    ];
    for (const value of worth)
      expect(names(await known(value), `x: ${value}\n`), value.slice(0, 12)).toHaveLength(1);
  });
});
