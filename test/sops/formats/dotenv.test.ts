import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dotenvFormat } from '../../../src/sops/formats/dotenv.ts';
import { Comment, Float, Time, TreeMap, type Value } from '../../../src/sops/tree.ts';
import { codeOf, tree } from '../../helpers/sops-trees.ts';

const parse = (text: string | Uint8Array) => dotenvFormat.parsePlain(Buffer.from(text))[0] ?? new TreeMap();
const print = (document: TreeMap) => Buffer.from(dotenvFormat.formatPlain([document])).toString();
const pairs = (text: string) =>
  parse(text).items.map(({ key, value }) => [key instanceof Comment ? `#${key.text}` : key, value]);
const one = (key: string, value: Value | null) => new TreeMap([{ key, value }]);
const metadata = tree({
  age: [{ enc: 'line\nline\n', recipient: 'age1x' }],
  mac: 'x',
  mac_only_encrypted: true,
});

describe('reading dotenv', () => {
  it('takes lines as they are', () => {
    expect(pairs('A=1\n\n# c=d\nexport B = "x" # y\r\n=empty\nA=2\nE=\nF==\n #G=h')).toEqual([
      ['A', '1'],
      ['# c=d', null],
      ['export B ', ' "x" # y\r'],
      ['', 'empty'],
      ['A', '2'],
      ['E', ''],
      ['F', '='],
      [' #G', 'h'],
    ]);
    expect(pairs('')).toEqual([]);
  });

  it('reads backslash-n as a line break, and nothing else', () => {
    expect(parse('A=x\\ny\\\\n\\t').get('A')).toBe('x\ny\\\n\\t');
  });

  it('keeps bytes that are not UTF-8, in values', () => {
    const bytes = Buffer.from('A=\xff\\n\xe9\nB=é\n', 'latin1');
    expect(parse(bytes).get('A')).toEqual(Uint8Array.of(0xff, 0x0a, 0xe9));
    expect(Buffer.from(dotenvFormat.formatPlain([parse(bytes)]))).toEqual(bytes);
    expect(codeOf(() => parse(Buffer.from('\xff=x', 'latin1')))).toBe('BAD_DOCUMENT');
    expect(codeOf(() => parse(Buffer.from('#\xff', 'latin1')))).toBe('BAD_DOCUMENT');
  });

  it('names the line that is none, without its text', () => {
    try {
      parse('A=1\nhunter2 in clear\n');
      expect.unreachable();
    } catch (error) {
      expect(error).toMatchObject({ code: 'BAD_DOCUMENT', line: 2 });
      expect(String(error)).not.toContain('hunter2');
    }
  });
});

describe('writing dotenv', () => {
  it('prints other kinds as sops does', () => {
    const document = new TreeMap([
      { key: 'f', value: new Float(1) },
      { key: 'b', value: true },
      { key: 'i', value: -5n },
      { key: 't', value: new Time('2024-01-01T00:00:00.5+01:00') },
      { key: 'n', value: null },
      { key: new Comment(' c'), value: null },
    ]);
    expect(print(document)).toBe('f=1.0\nb=true\ni=-5\nt=2024-01-01T00:00:00+01:00\nn=<nil>\n# c\n');
  });

  it('refuses what would become another line or variable', () => {
    for (const key of ['A=B', 'A\nB', '#A'])
      expect(
        codeOf(() => print(one(key, 'x'))),
        key,
      ).toBe('BAD_DOCUMENT');
    expect(codeOf(() => print(one('A', new TreeMap())))).toBe('BAD_DOCUMENT');
    expect(codeOf(() => print(new TreeMap([{ key: new Comment('a\nB=injected'), value: null }])))).toBe(
      'BAD_DOCUMENT',
    );
  });

  it('reads back what it writes', () => {
    const key = fc.string({ unit: 'binary' }).map(text => text.replace(/[=\n#]/g, ''));
    const value = fc.string({ unit: 'binary' }).map(text => text.replaceAll('\\', '/'));
    fc.assert(
      fc.property(fc.array(fc.record({ key, value })), items => {
        expect(parse(print(new TreeMap(items)))).toEqual(new TreeMap(items));
      }),
    );
  });
});

describe('sops files as dotenv', () => {
  it('hold the metadata flattened at the end', () => {
    const bytes = dotenvFormat.formatEncrypted({ documents: [tree({ A: '1' })], metadata });
    expect(Buffer.from(bytes).toString()).toBe(
      'A=1\nsops_age__list_0__map_enc=line\\nline\\n\nsops_age__list_0__map_recipient=age1x\nsops_mac=x\nsops_mac_only_encrypted=true\n',
    );
    expect(dotenvFormat.parseEncrypted(bytes).documents).toEqual([tree({ A: '1' })]);
    expect(dotenvFormat.parseEncrypted(bytes).metadata).toEqual(
      tree({ age: [{ enc: 'line\nline\n', recipient: 'age1x' }], mac: 'x', mac_only_encrypted: 'true' }),
    );
  });

  it('are refused without metadata', () => {
    expect(codeOf(() => dotenvFormat.parseEncrypted(Buffer.from('A=1\nsops=x\n')))).toBe('NOT_ENCRYPTED');
  });

  it('are not written where they would be read back as something else', () => {
    const write = (...found: TreeMap[]) =>
      codeOf(() => dotenvFormat.formatEncrypted({ documents: found, metadata }));
    expect(write(one('A', 'C:\\new'))).toBe('BAD_DOCUMENT');
    expect(write(one('A', null))).toBe('BAD_DOCUMENT');
    expect(write(one('A', true))).toBe('BAD_DOCUMENT');
    expect(write(one('A', new Float(1)))).toBe('BAD_DOCUMENT');
    expect(write(one('A', 5n))).toBeNull();
    expect(write(one('A', 'two\nlines'))).toBeNull();
    expect(write(one('sops_A', 'x'))).toBe('ALREADY_ENCRYPTED');
    expect(write(one('sops', 'x'))).toBeNull();
    expect(write(new TreeMap(), new TreeMap())).toBe('BAD_DOCUMENT');
    const regex = tree({ mac: 'x', unencrypted_regex: '^\\nix' });
    expect(
      codeOf(() => dotenvFormat.formatEncrypted({ documents: [tree({ A: '1' })], metadata: regex })),
    ).toBe('BAD_DOCUMENT');
  });

  it('give single values only where they are text', () => {
    expect(Buffer.from(dotenvFormat.formatValue('a\nb')).toString()).toBe('a\nb');
    expect(codeOf(() => dotenvFormat.formatValue(1n))).toBe('BAD_DOCUMENT');
  });
});
