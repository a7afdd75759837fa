import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadFormat, readSopsFile, type SopsFile, writeSopsFile } from '../../src/sops/document.ts';
import type { FormatName } from '../../src/sops/formats/format.ts';
import { open } from '../../src/sops/open.ts';
import { reseal } from '../../src/sops/reseal.ts';
import type { Selection } from '../../src/sops/selection.ts';
import { combineShares } from '../../src/sops/shamir.ts';
import { getPath, setPath } from '../../src/sops/tree-path.ts';
import { unwrapForTest } from '../helpers/age.ts';
import { describeWith } from '../helpers/programs.ts';
import { dataKeyOf, decryptHere, encryptHere, shown } from '../helpers/round-trip.ts';
import { type FileRules, StockSops } from '../helpers/stock-sops.ts';

const RULES: FileRules = { selection: {}, macOnlyEncrypted: false };
const clear = (selection: Selection): FileRules => ({ selection, macOnlyEncrypted: false });

describeWith(['sops'], 'behaviour next to stock sops', () => {
  let stock: StockSops;
  beforeAll(async () => {
    stock = await StockSops.start();
  });
  afterAll(() => stock.stop());

  /** Stock's exit status and our code for the same file. */
  async function verdicts(file: Uint8Array, format: FormatName): Promise<readonly [number, string]> {
    const { status } = await stock.decrypt(file, format);
    try {
      await decryptHere(file, format, stock.key.identity);
      return [status, 'ok'];
    } catch (error) {
      return [status, String((error as { code?: unknown }).code)];
    }
  }

  describe('tampering', () => {
    const plain = Buffer.from('{"a":"one","b":"two","c_unencrypted":"clear","l":["x","y"],"i":42}');
    const part = (text: string, key: string) => new RegExp(`"${key}": "(ENC[^"]+)"`).exec(text)?.[1] ?? '';
    const swap = (text: string) =>
      text
        .replace(part(text, 'a'), '@')
        .replace(part(text, 'b'), part(text, 'a'))
        .replace('@', part(text, 'b'));
    const flip = (text: string, field: string) =>
      text.replace(
        new RegExp(`("a": "ENC.*?${field}:)(.)`),
        (_, head, first) => `${head}${first === 'A' ? 'B' : 'A'}`,
      );

    const attacks: readonly (readonly [string, (text: string) => string, number, string])[] = [
      ['nothing', text => text, 0, 'ok'],
      ['data', text => flip(text, 'data'), 25, 'BAD_CIPHERTEXT'],
      ['iv', text => flip(text, 'iv'), 25, 'BAD_CIPHERTEXT'],
      ['tag', text => flip(text, 'tag'), 25, 'BAD_CIPHERTEXT'],
      [
        'type',
        text => text.replace(part(text, 'a'), part(text, 'a').replace('type:str', 'type:int')),
        25,
        'BAD_CIPHERTEXT',
      ],
      ['two values swapped', swap, 25, 'BAD_CIPHERTEXT'],
      ['plaintext', text => text.replace(part(text, 'a'), 'attacker'), 25, 'BAD_CIPHERTEXT'],
      ['a number', text => text.replace(`"${part(text, 'a')}"`, '1'), 25, 'BAD_CIPHERTEXT'],
      ['a removed value', text => text.replace(/"a": .*\n/, ''), 51, 'MAC_MISMATCH'],
      ['a changed clear value', text => text.replace('clear', 'other'), 51, 'MAC_MISMATCH'],
      ['lastmodified', text => text.replace(/("lastmodified": ")\d+/, '$12001'), 51, 'MAC_MISMATCH'],
      ['the MAC', text => text.replace(part(text, 'mac'), part(text, 'a')), 51, 'MAC_MISMATCH'],
      ['no MAC', text => text.replace(part(text, 'mac'), ''), 51, 'MAC_MISMATCH'],
    ];
    it.each(attacks)('with %s ends as in stock sops', async (_, attack, status, code) => {
      const ours = Buffer.from(await encryptHere(plain, 'json', RULES, stock.key.recipient)).toString();
      expect(await verdicts(Buffer.from(attack(ours)), 'json')).toEqual([status, code]);
    });

    it('with base64 that has two spellings is refused by us alone', async () => {
      const ours = Buffer.from(await encryptHere(plain, 'json', RULES, stock.key.recipient)).toString();
      // The last digit before == holds four bits that no decoder needs.
      const respelled = ours.replace(
        /("a": "ENC.*?tag:[^,]+)(.)==/,
        (_, head, last) => `${head}${last === 'A' ? 'B' : last === 'Q' ? 'R' : last === 'g' ? 'h' : 'x'}==`,
      );
      expect(await verdicts(Buffer.from(respelled), 'json')).toEqual([0, 'BAD_CIPHERTEXT']);
    });
  });

  describe('edits', () => {
    const edited: readonly (readonly [FormatName, string, readonly string[], string])[] = [
      ['json', '{"a":"one","b":["two",3],"c":true}', ['a'], '["a"]'],
      ['dotenv', 'a=one\n#note\nb=two\n', ['a'], '["a"]'],
      ['ini', '[s]\n; note\na = one\nb = two\n', ['s', 'a'], '["s"]["a"]'],
    ];
    it.each(edited)(
      'of %s by stock sops and by us read back on the other side',
      async (format, plain, path, index) => {
        const { recipient, identity } = stock.key;
        const ours = await encryptHere(Buffer.from(plain), format, RULES, recipient);
        const theirs = await stock.edit(ours, file => [
          'set',
          '--input-type',
          format,
          '--output-type',
          format,
          file,
          index,
          '"changed"',
        ]);
        const expected = (await stock.decrypt(theirs, format)).stdout;
        expect(shown(await decryptHere(theirs, format, identity))).toBe(shown(expected));

        const file = await readSopsFile(ours, format);
        const dataKey = await dataKeyOf(file, identity);
        const { documents, stash } = open(file, dataKey);
        setPath(documents, path, 'changed');
        const again = await writeSopsFile(
          reseal(file, documents, { dataKey, stash, now: new Date('2031-01-01'), random: randomBytes }),
        );
        const decrypted = await stock.decrypt(again, format);
        expect([decrypted.stderr, shown(decrypted.stdout)]).toEqual(['', shown(expected)]);
        expect(changedLines(ours, again)).toHaveLength(3);
      },
    );

    it('of a binary file', async () => {
      const ours = await encryptHere(Buffer.from([0, 255, 1]), 'binary', RULES, stock.key.recipient);
      const rotated = await stock.edit(ours, file => [
        'rotate',
        '-i',
        '--input-type',
        'binary',
        '--output-type',
        'binary',
        file,
      ]);
      expect(Buffer.from(await decryptHere(rotated, 'binary', stock.key.identity))).toEqual(
        Buffer.from([0, 255, 1]),
      );
      expect(shown(await writeSopsFile(await readSopsFile(rotated, 'binary')))).toBe(shown(rotated));
    });
  });

  describe('key groups', () => {
    const config = (keys: readonly string[]) =>
      JSON.stringify({
        creation_rules: [{ shamir_threshold: 2, key_groups: keys.map(age => ({ age: [age] })) }],
      });
    const plains: readonly (readonly [FormatName, string])[] = [
      ['json', '{"a":"one"}'],
      ['dotenv', 'a=one\n'],
      ['ini', '[s]\na = one\n'],
      ['binary', 'one'],
    ];
    it.each(plains)('in %s are read, written back and combined', async (format, plain) => {
      const { identity, recipient } = stock.key;
      const theirs = await stock.encryptWith(
        Buffer.from(plain),
        format,
        config([recipient, recipient, recipient]),
      );
      const file = await readSopsFile(theirs.stdout, format);
      expect(file.metadata).toMatchObject({ shamirThreshold: 2, groups: [{}, {}, {}] });
      expect(shown(await writeSopsFile(file))).toBe(shown(theirs.stdout));
      const shares = await Promise.all(
        file.metadata.groups.map(group => unwrapForTest(group.age[0]?.enc ?? '', identity)),
      );
      const { documents } = open(file, combineShares(shares.slice(1)));
      const text = (await loadFormat(format)).formatPlain(documents);
      expect(shown(text)).toBe(shown((await stock.decrypt(theirs.stdout, format)).stdout));
    });
  });

  describe('where stock sops cannot read its own files', () => {
    const broken: readonly (readonly [string, FormatName, string, FileRules, 'works' | string])[] = [
      ['a clear -0.0 in JSON', 'json', '{"a":-0.0}', clear({ encryptedRegex: '^x$' }), 'works'],
      ['a clear quoted value in INI', 'ini', `a = '"x"'\n`, clear({ encryptedRegex: '^x$' }), 'BAD_DOCUMENT'],
      ['an INI key named -', 'ini', '- = x\n', RULES, 'BAD_DOCUMENT'],
    ];
    it.each(broken)('%s: we write it right or not at all', async (_, format, plain, rules, outcome) => {
      const theirs = await stock.encrypt(Buffer.from(plain), format, rules);
      expect((await stock.decrypt(theirs.stdout, format)).status).toBe(51);
      const ours = encryptHere(Buffer.from(plain), format, rules, stock.key.recipient);
      if (outcome !== 'works') return expect(ours).rejects.toMatchObject({ code: outcome });
      expect(await verdicts(await ours, format)).toEqual([0, 'ok']);
    });

    it('a comment block with an empty line in INI: stock crashes, we do not', async () => {
      const theirs = await stock.encrypt(Buffer.from(';\n; b\na = 1\n'), 'ini', RULES);
      expect((await stock.decrypt(theirs.stdout, 'ini')).stderr).toContain('panic');
      expect(shown(await decryptHere(theirs.stdout, 'ini', stock.key.identity))).toBe('; \n; b\na = 1\n');
    });

    it('a pattern that Go refuses: stock leaves everything in clear, we refuse', async () => {
      const rules = clear({ encryptedRegex: '(' });
      const theirs = await stock.encrypt(Buffer.from('{"a":"secret"}'), 'json', rules);
      expect(theirs.stdout.toString()).toContain('"a": "secret"');
      const ours = encryptHere(Buffer.from('{"a":"secret"}'), 'json', rules, stock.key.recipient);
      await expect(ours).rejects.toMatchObject({ code: 'BAD_METADATA' });
    });
  });

  it('files of several formats are read by type, not by name', async () => {
    const file: SopsFile = await readSopsFile(
      await encryptHere(Buffer.from('{"a":1}'), 'json', RULES, stock.key.recipient),
      'binary',
    );
    const { documents } = open(file, await dataKeyOf(file, stock.key.identity));
    expect(getPath(documents, ['a'])).toBe(1n);
  });
});

function changedLines(before: Uint8Array, after: Uint8Array): string[] {
  const old = new Set(Buffer.from(before).toString().split('\n'));
  return Buffer.from(after)
    .toString()
    .split('\n')
    .filter(line => !old.has(line));
}
