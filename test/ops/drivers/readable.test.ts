import { describe, expect, it } from 'vitest';
import { readableText } from '../../../src/ops/drivers/readable.ts';
import type { FormatName } from '../../../src/sops/formats/format.ts';
import { newDataKey, sealed } from '../../helpers/sealed-file.ts';

const NAMES: Readonly<Record<string, string>> = { age1kamov: 'kamov', age1megumu: 'megumu' };
const nameOf = (recipient: string) => NAMES[recipient] ?? null;

const PLAIN: Readonly<Record<FormatName, string>> = {
  yaml: '# a note\nkanidm:\n  miniflux: hidden-one\n  number: 7\nlist:\n  - hidden-two\n  - true\nempty: ""\nnothing: null\nport_unencrypted: 8080\n',
  json: '{"a": {"b": "hidden-one"}, "port_unencrypted": 8080}',
  dotenv: '# a note\nTOKEN=hidden-one\nPORT_unencrypted=8080\n',
  ini: '[web]\ntoken = hidden-one\nport_unencrypted = 8080\n',
  binary: 'hidden-one',
};

async function shown(format: FormatName, plain = PLAIN[format], key = newDataKey()): Promise<string> {
  return readableText(await sealed(plain, { format, dataKey: key }), format, nameOf);
}

describe('a readable text of an encrypted file', () => {
  it('has a line for each value, and one for each reader', async () => {
    const lines = (await shown('yaml')).replace(/[0-9a-f]{8}(?=\))/g, '########').split('\n');
    expect(lines).toEqual([
      '#: comment (value ########)',
      'kanidm/miniflux: str (value ########)',
      'kanidm/number: int (value ########)',
      'list/0: str (value ########)',
      'list/1: bool (value ########)',
      'empty: str, empty',
      'nothing: null',
      expect.stringMatching(/^port_unencrypted: int, in clear \([0-9a-f]{4}\)$/),
      'read by kamov',
      'read by megumu',
      '',
    ]);
  });

  it.each(['yaml', 'json', 'dotenv', 'ini', 'binary'] as const)('shows no value of %s', async format => {
    const text = await shown(format);
    expect(text).toMatch(/: (str|bytes) \(value [0-9a-f]{8}\)\n/);
    expect(text).not.toMatch(/hidden|8080|a note|ENC\[/);
    expect(text).toMatch(/read by kamov\nread by megumu\n$/);
  });

  it('differs in the line of the value that changed, and in nothing that each write changes', async () => {
    const key = newDataKey();
    const first = await sealed(PLAIN.dotenv, { format: 'dotenv', dataKey: key });
    const later = await sealed(PLAIN.dotenv, {
      format: 'dotenv',
      dataKey: key,
      again: first,
      now: new Date('2030-01-01'),
      edit: text => text.replace('hidden-one', 'hidden-two'),
    });
    const [before, after] = await Promise.all(
      [first, later].map(async bytes => (await readableText(bytes, 'dotenv', nameOf)).split('\n')),
    );
    expect(before?.filter(line => !after?.includes(line))).toHaveLength(1);
    expect(after?.filter(line => !before?.includes(line))).toEqual([
      expect.stringMatching(/^TOKEN: str \(value [0-9a-f]{8}\)$/),
    ]);
  });

  it('says of other files in one line what they are', async () => {
    const text = (content: string, format: FormatName = 'yaml') =>
      readableText(Buffer.from(content), format, nameOf);
    expect(await text('password: hidden-one\n')).toMatch(
      /^not encrypted: contents are not shown \([0-9a-f]{4}\)\n$/,
    );
    expect(await text('a: [hidden\n')).toMatch(
      /^cannot be read as a sops file: contents are not shown \(....\)\n$/,
    );
    expect(await text('hidden', 'dotenv')).toMatch(/contents are not shown/);
    expect(await text('<<<<<<< a\nhidden\n=======\nb\n>>>>>>> c\n')).toMatch(/^an unfinished merge: /);
    expect(await text('')).toBe('empty\n');
    expect(await readableText(new Uint8Array([0xff, 0, 1]), 'binary', nameOf)).toMatch(/not shown/);
  });

  it('shows names as a terminal may get them, and tells a/b from "a/b"', async () => {
    const text = await shown(
      'yaml',
      '"a/b": x\na:\n  b: x\n"\\e[31m\\u202e": x\n"__proto__": x\n"x\\ny": x\n',
    );
    expect(text.split('\n').map(line => line.split(': ')[0])).toEqual([
      '"a/b"',
      'a/b',
      '"\\u001b[31m\\u202e"',
      '__proto__',
      '"x\\ny"',
      'read by kamov',
      'read by megumu',
      '',
    ]);
  });

  it('says what else of the metadata matters', async () => {
    const bytes = await sealed('a: hidden-one\nb: hidden-two\n', {
      format: 'yaml',
      selection: { encryptedRegex: '^a$' },
      macOnlyEncrypted: true,
    });
    const text = await readableText(bytes, 'yaml', () => null);
    expect(text).toContain('encrypted is what encrypted_regex says: "^a$"\n');
    expect(text).toContain('the MAC leaves out what is in clear\n');
    expect(text).not.toContain('hidden');
  });

  it('counts documents', async () => {
    expect(await shown('yaml', 'a: x\n---\na: y\n')).toMatch(
      /^document 1 of 2\na: str .*\ndocument 2 of 2\na: str /,
    );
  });
});
