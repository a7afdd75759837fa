import { afterAll, beforeAll, expect, it } from 'vitest';
import { SecretsError } from '../../../src/errors.ts';
import { readSopsFile, writeSopsFile } from '../../../src/sops/document.ts';
import { describeWith } from '../../helpers/programs.ts';
import { decryptHere, encryptHere } from '../../helpers/round-trip.ts';
import { type FileRules, StockSops } from '../../helpers/stock-sops.ts';
import { throughYaml, yamlFailure } from '../../helpers/yaml-text.ts';

const ENCRYPTED: FileRules = { selection: {}, macOnlyEncrypted: false };
const CLEAR: FileRules = { selection: { encryptedRegex: '^no key$' }, macOnlyEncrypted: false };

/** Where we do not do what sops 3.13.3 does, because it loses or breaks something there. */
describeWith(['sops'], 'YAML that stock sops breaks', () => {
  let stock: StockSops;
  beforeAll(async () => {
    stock = await StockSops.start();
  });
  afterAll(() => stock.stop());

  /** What stock sops writes for a text, without the metadata, and what it then decrypts that to. */
  async function theirs(
    text: string,
    rules: FileRules,
  ): Promise<{ file: string; end: number; plain: string }> {
    const encrypted = await stock.encrypt(Buffer.from(text), 'yaml', rules);
    const decrypted = await stock.decrypt(encrypted.stdout, 'yaml');
    return {
      file: withoutMetadata(encrypted.stdout),
      end: decrypted.status,
      plain: decrypted.stdout.toString(),
    };
  }

  /** What we write for a text, without the metadata, and what stock sops decrypts that to. */
  async function ours(text: string, rules: FileRules): Promise<{ file: string; end: number; plain: string }> {
    const encrypted = await encryptHere(Buffer.from(text), 'yaml', rules, stock.key.recipient);
    const decrypted = await stock.decrypt(encrypted, 'yaml');
    expect(Buffer.from(await decryptHere(encrypted, 'yaml', stock.key.identity)).toString()).toBe(
      throughYaml(text),
    );
    return { file: withoutMetadata(encrypted), end: decrypted.status, plain: decrypted.stdout.toString() };
  }

  it('text that begins with a tab and has a line break is lost by stock sops', async () => {
    const text = 'a: "\\tx\\ny"\n';
    expect((await theirs(text, ENCRYPTED)).plain).toBe('a: null\n');
    expect(await theirs(text, CLEAR)).toEqual({ file: 'a: null\n', end: 51, plain: '' });
    expect(throughYaml(text)).toBe(text);
    expect((await ours(text, CLEAR)).file).toBe(text);
    // The value is in the file; only what stock sops prints lacks it.
    expect(await ours(text, ENCRYPTED)).toMatchObject({ end: 0, plain: 'a: null\n' });
  });

  it.each([
    ['a:\n    - " x\\ny"\n', 'a:\n    - |4-\n       x\n      y\n'],
    ['a:\n    - "\\nx"\n', 'a:\n    - |4-\n\n      x\n'],
    ['a:\n    - k: " x\\ny"\n', 'a:\n    - k: |4-\n         x\n        y\n'],
  ])('text in a list that begins blank and has a line break: %j', async (text, printed) => {
    expect(await theirs(text, CLEAR)).toEqual({ file: printed, end: 1, plain: '' });
    expect((await theirs(text, ENCRYPTED)).plain).toBe(printed);
    expect(yamlFailure(printed)).toMatch(/^BAD_DOCUMENT/);
    expect(throughYaml(text)).toBe(text);
    expect(await ours(text, CLEAR)).toEqual({ file: text, end: 0, plain: printed });
  });

  it('the key << with a value that is no map', async () => {
    const text = '"<<": x\n';
    expect(await theirs(text, CLEAR)).toEqual({ file: '!!merge <<: x\n', end: 1, plain: '' });
    expect(await ours(text, CLEAR)).toEqual({ file: text, end: 0, plain: '!!merge <<: x\n' });
    expect(throughYaml('a: 1\n---\n"<<": x\n')).toBe('a: 1\n---\n!!merge <<: x\n');
    expect(throughYaml('a: {<<: {b: 1}}\n')).toBe('a:\n    !!merge <<:\n        b: 1\n');
  });

  it('a clear -0.0', async () => {
    const text = 'a: -0.0\n';
    expect(await theirs(text, CLEAR)).toEqual({ file: 'a: -0\n', end: 51, plain: '' });
    expect(await ours(text, CLEAR)).toEqual({ file: text, end: 0, plain: 'a: -0\n' });
    expect((await theirs(text, ENCRYPTED)).plain).toBe(throughYaml(text));
  });

  it('integers that fit only uint64 are refused when they are read, with the place', async () => {
    const text = 'a: 1\nb: 9223372036854775808\n';
    const encrypted = await stock.encrypt(Buffer.from(text), 'yaml', ENCRYPTED);
    expect([encrypted.status, encrypted.stderr]).toEqual([23, expect.stringContaining('uint64')]);
    expect(yamlFailure(text)).toBe('BAD_DOCUMENT 2:4');
  });

  it('levels beyond what the call stack bears', async () => {
    const text = `a: ${'['.repeat(500)}${']'.repeat(500)}\n`;
    expect((await stock.encrypt(Buffer.from(text), 'yaml', ENCRYPTED)).status).toBe(0);
    expect(() => throughYaml(text)).toThrow(SecretsError);
  });

  it.each([
    ['!!binary /w==: 1\n', '1:10'],
    ['\ufeff\ufeffa: 1\n', '-:-'],
  ])('what no editor writes is refused: %j', async (text, place) => {
    expect((await stock.encrypt(Buffer.from(text), 'yaml', ENCRYPTED)).status).toBe(0);
    expect(yamlFailure(text)).toBe(`BAD_DOCUMENT ${place}`);
  });

  it.each([
    'a:\n- - - # one\n        k: 1\n',
    'a:\n- - # one\n    - # two\n      k: 1\n',
    'a:\n-\n  -\n    # one\n    -\n      # two\n      # three\n      k: 1\n      l: 2\n  - x\n',
    'a:\n-\n  # one\n  -\n    # two\n    -\n      # three\n      -\n        # four\n        k: 1\n- y\n',
  ])('comments in lists of lists stay where stock sops wrote them: %j', async text => {
    const written = (await stock.encrypt(Buffer.from(text), 'yaml', CLEAR)).stdout;
    const again = await writeSopsFile(await readSopsFile(written, 'yaml'));
    expect(Buffer.from(again).toString()).toBe(Buffer.from(written).toString());
  });

  it('stock sops and we agree beside these', async () => {
    for (const text of ['a: "x\\n\\ty"\n', 'a: " x\\ny"\n', 'a: "<<"\n', 'a:\n    - "x\\n y"\n', 'a: -0\n']) {
      for (const rules of [CLEAR, ENCRYPTED]) {
        const { file, ...there } = await theirs(text, rules);
        const { file: written, ...here } = await ours(text, rules);
        expect(here, text).toEqual(there);
        if (rules === CLEAR) expect(written, text).toBe(file);
      }
    }
  });
});

function withoutMetadata(file: Uint8Array): string {
  return Buffer.from(file).toString().split('sops:\n')[0] ?? '';
}
