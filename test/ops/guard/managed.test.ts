import { beforeAll, describe, expect, it } from 'vitest';
import type { FormatName } from '../../../src/sops/formats/format.ts';
import {
  config,
  type Files,
  findings,
  newKeys,
  rule,
  rulesBroken,
  sealText,
  type TestKeys,
} from './guard-fixture.ts';

let keys: TestKeys;
let both: string[];
const inventory = (options = '', path: string | null = '^secrets/'): string =>
  config(keys, rule(path, ['aya', 'megumu'], options));

interface Sample {
  readonly format: FormatName;
  readonly path: string;
  readonly plain: string;
  /** Replaces the first encrypted value by plaintext. */
  readonly uncover: (sealed: string) => string;
}

const ENC = /ENC\[AES256_GCM,[^\]]*\]/;
const SAMPLES: readonly Sample[] = [
  {
    format: 'yaml',
    path: 'secrets/db.yaml',
    plain: 'alpha:\n    beta: one\n    gamma: 2\nlist:\n    - three\n    - four\n',
    uncover: text => text.replace(ENC, 'one'),
  },
  {
    format: 'json',
    path: 'secrets/db.json',
    plain: '{"alpha":{"beta":"one","gamma":2},"list":["three",true]}',
    uncover: text => text.replace(ENC, 'one'),
  },
  {
    format: 'dotenv',
    path: 'secrets/db.env',
    plain: 'ALPHA=one\nBETA=two\n',
    uncover: text => text.replace(ENC, 'one'),
  },
  {
    format: 'ini',
    path: 'secrets/db.ini',
    plain: '[alpha]\nbeta = one\ngamma = two\n',
    uncover: text => text.replace(ENC, 'one'),
  },
  {
    format: 'binary',
    path: 'secrets/db.bin',
    plain: 'one\ntwo\n',
    uncover: text => text.replace(ENC, 'one'),
  },
];

beforeAll(async () => {
  keys = await newKeys();
  both = [keys.aya.recipient, keys.megumu.recipient];
});

const withConfig = (files: Files, text = inventory()): Files => ({ '.sops.yaml': text, ...files });

describe.each(SAMPLES)('a managed file as $format', ({ format, path, plain, uncover }) => {
  const sealed = (recipients = both, selection = {}) => sealText(plain, format, recipients, { selection });

  it('passes as sops writes it, with and without a key', async () => {
    const files = withConfig({ [path]: await sealed() });
    expect(await findings(files)).toEqual([]);
    expect(await findings(files, null, keys.aya)).toEqual([]);
  });

  it('is found in the clear', async () => {
    expect(await rulesBroken(withConfig({ [path]: plain }))).toEqual(['managed-plaintext']);
  });

  it('is found in the clear with a sops block behind it', async () => {
    let text = await sealed();
    while (uncover(text) !== text && text.search(ENC) < text.search(/["_]?(mac|sops_mac)/))
      text = uncover(text);
    expect(await rulesBroken(withConfig({ [path]: text }))).toContain('managed-value');
  });

  it('is found with one value in the clear', async () => {
    const found = await findings(withConfig({ [path]: uncover(await sealed()) }));
    expect(found.map(finding => finding.rule)).toEqual(['managed-value']);
    expect(found[0]?.line).toBeGreaterThan(
      format === 'dotenv' || format === 'ini' || format === 'binary' ? 0 : 1,
    );
    expect(found[0]?.column).toBeGreaterThan(1);
    expect(JSON.stringify(found)).not.toContain('one');
  });

  it.each([
    'ENC[x]',
    'ENC[AES256_GCM,data:x,iv:x,tag:x,type:str]',
    'ENC[AES256_GCM,data:b25l,iv:AAAA,tag:AAAA,type:str]',
    `ENC[AES256_GCM,data:b25l,iv:${'A'.repeat(43)}=,tag:${'A'.repeat(22)}==,type:str]`,
    'ENC[AES256_GCM,data:b25l,type:str]',
  ])('is found with a value that only looks encrypted: %s', async fake => {
    const text = (await sealed()).replace(ENC, fake);
    expect(await rulesBroken(withConfig({ [path]: text }))).toEqual(['managed-value']);
  });

  it('is found with base64 of readable text in the place of ciphertext', async () => {
    const text = await sealed();
    const clear = Buffer.from('a text that somebody could read at once').toString('base64');
    const fake = text.replace(/data:[^,]*,/, `data:${clear},`);
    expect(await rulesBroken(withConfig({ [path]: fake }))).toEqual(['managed-value']);
  });

  it('is found with a value behind which there is more', async () => {
    const text = (await sealed()).replace(ENC, found => `${found} one`);
    expect(await rulesBroken(withConfig({ [path]: text }))).toEqual(['managed-value']);
  });

  it('is found without a mac, with an empty one and with a false one', async () => {
    const text = await sealed();
    const line = /^.*\bmac\b.*$|^sops_mac=.*$/m;
    expect(text).toMatch(line);
    const without = text.replace(new RegExp(`(${line.source})\\n`, 'm'), '');
    expect(await rulesBroken(withConfig({ [path]: without }))).toEqual(['managed-metadata']);
    const mac = /(mac\W*?["= :]+)(ENC\[[^\]]*\])/;
    expect(text).toMatch(mac);
    expect(await rulesBroken(withConfig({ [path]: text.replace(mac, '$1x') }))).toEqual(['managed-metadata']);
    expect(await rulesBroken(withConfig({ [path]: text.replace(mac, '$1ENC[x]') }))).toEqual([
      'managed-metadata',
    ]);
  });

  it('is found without a version', async () => {
    const text = (await sealed()).replace(/3\.13\.3/, format === 'dotenv' || format === 'ini' ? '' : '""');
    expect(await rulesBroken(withConfig({ [path]: text.replace('""""', '""') }))).toEqual([
      'managed-metadata',
    ]);
  });

  it('is found with a reader too few and one too many, by name', async () => {
    const found = await findings(
      withConfig({ [path]: await sealed([keys.aya.recipient, keys.kamov.recipient]) }),
    );
    expect(found.map(finding => finding.rule)).toEqual(['managed-recipients']);
    expect(found[0]?.message).toContain('+ megumu, - kamov');
    expect(found[0]?.fix).toContain(`secrets sync ${path}`);
  });

  it('is found with a selection of its own that encrypts nothing', async () => {
    if (format === 'binary') return;
    for (const selection of [{ encryptedRegex: '^nothing$' }, { unencryptedRegex: '.*' }]) {
      const text = await sealed(both, selection);
      const found = await rulesBroken(withConfig({ [path]: text }));
      expect(found).toEqual(['managed-selection', 'managed-value']);
    }
  });

  it('is found where it was cut off', async () => {
    const text = await sealed();
    for (const share of [0.2, 0.5, 0.8]) {
      const cut = text.slice(0, Math.floor(text.length * share));
      expect(await rulesBroken(withConfig({ [path]: cut })), String(share)).not.toEqual([]);
    }
    expect(await rulesBroken(withConfig({ [path]: '' }))).toEqual(['managed-document']);
  });

  it('is found with conflict markers', async () => {
    const text = await sealed();
    const [first = '', ...others] = text.split('\n');
    const conflict = ['<<<<<<< HEAD', first, '=======', first, '>>>>>>> other', ...others].join('\n');
    const found = await findings(withConfig({ [path]: conflict }));
    expect(found[0]).toMatchObject({ rule: 'managed-document', line: 1 });
  });

  it('is found with the metadata of another file, with a key', async () => {
    const text = await sealed();
    const other = await sealText(plain.replace('one', 'ten'), format, both);
    const value = ENC.exec(other)?.[0] ?? '';
    expect(value).not.toBe('');
    const mixed = text.replace(ENC, value);
    expect(await rulesBroken(withConfig({ [path]: mixed }))).toEqual([]);
    expect(await rulesBroken(withConfig({ [path]: mixed }), null, keys.aya)).toEqual(['managed-mac']);
  });

  it('is found with two values swapped, with a key', async () => {
    if (format === 'binary') return;
    const text = await sealed();
    const [one = '', two = ''] = text.match(new RegExp(ENC, 'g')) ?? [];
    const swapped = text.replace(one, '@').replace(two, one).replace('@', two);
    expect(await rulesBroken(withConfig({ [path]: swapped }), null, keys.aya)).toEqual(['managed-mac']);
  });

  it('is found with a value deleted, with a key', async () => {
    if (format === 'binary') return;
    const text = await sealed();
    const deleted =
      format === 'json'
        ? text.replace(/,\s*"list": \[[^\]]*\][^\]]*\][^\]]*\]/, '')
        : text.replace(/^.*(BETA|gamma).*\n/m, '');
    expect(deleted).not.toBe(text);
    expect(await rulesBroken(withConfig({ [path]: deleted }), null, keys.aya)).toEqual(['managed-mac']);
  });

  it('is found with a field in its metadata that sops does not know', async () => {
    const text = await sealed();
    const changed =
      format === 'yaml'
        ? text.replace('    lastmodified:', '    note: in the clear\n    lastmodified:')
        : format === 'dotenv'
          ? `${text}sops_note=in the clear\n`
          : format === 'ini'
            ? text.replace('[sops]\n', '[sops]\nnote = in the clear\n')
            : text.replace('"lastmodified"', '"note": "in the clear",\n"lastmodified"');
    const found = await findings(withConfig({ [path]: changed }));
    expect(found.map(finding => finding.rule)).toEqual(['managed-metadata']);
    expect(found[0]?.message).toContain('note');
    expect(found[0]?.message).not.toContain('clear');
  });
});

describe('what only some formats can hold', () => {
  it('finds one plain document of two, and accepts two encrypted ones', async () => {
    const two = await sealText('alpha: one\n---\nalpha: two\n', 'yaml', both);
    expect(await findings(withConfig({ 'secrets/a.yaml': two }), null, keys.aya)).toEqual([]);
    const one = await sealText('alpha: one\n', 'yaml', both);
    for (const text of [`${one}---\nbeta: two\n`, `beta: two\n---\n${one}`]) {
      expect(await rulesBroken(withConfig({ 'secrets/a.yaml': text }))).not.toEqual([]);
    }
  });

  it('finds something else in the sops block of the second document', async () => {
    const two = await sealText('alpha: one\n---\nalpha: two\n', 'yaml', both);
    const at = two.lastIndexOf('    version:');
    const changed = `${two.slice(0, at)}    version: 3.13.2\n`;
    expect(await rulesBroken(withConfig({ 'secrets/a.yaml': changed }))).toEqual(['managed-metadata']);
  });

  it('finds doubled keys', async () => {
    const env = await sealText('ALPHA=one\n', 'dotenv', both);
    expect(await rulesBroken(withConfig({ 'secrets/a.env': env + (env.split('\n')[0] ?? '') }))).toEqual([
      'managed-document',
    ]);
    const json = await sealText('{"alpha":"one","beta":"two"}', 'json', both);
    expect(await rulesBroken(withConfig({ 'secrets/a.json': json.replace('"beta"', '"alpha"') }))).toEqual([
      'managed-document',
    ]);
    const yaml = await sealText('alpha: one\nbeta: two\n', 'yaml', both);
    expect(await rulesBroken(withConfig({ 'secrets/a.yaml': yaml.replace(/^beta:/m, 'alpha:') }))).toEqual([
      'managed-document',
    ]);
    const ini = await sealText('[alpha]\nbeta = one\n', 'ini', both);
    const doubled = ini.replace('[alpha]\n', '[alpha]\nbeta = hidden\n');
    expect(await rulesBroken(withConfig({ 'secrets/a.ini': doubled }))).toEqual(['managed-document']);
  });

  it('accepts sections that stand twice', async () => {
    const ini = await sealText('[Peer]\nalpha = one\n\n[Peer]\nalpha = two\n', 'ini', both);
    expect(await findings(withConfig({ 'secrets/a.ini': ini }), null, keys.aya)).toEqual([]);
  });

  it('finds comments in the clear, also where sops does not look', async () => {
    const yaml = await sealText('# note\nalpha: one\n', 'yaml', both);
    expect(await findings(withConfig({ 'secrets/a.yaml': yaml }))).toEqual([]);
    expect(await rulesBroken(withConfig({ 'secrets/a.yaml': `# in the clear\n${yaml}` }))).toEqual([
      'managed-value',
    ]);
    const within = yaml.replace('sops:\n', 'sops:\n    # in the clear\n');
    expect(await rulesBroken(withConfig({ 'secrets/a.yaml': within }))).toEqual(['managed-value']);
    const env = await sealText('#note\nALPHA=one\n', 'dotenv', both);
    expect(await rulesBroken(withConfig({ 'secrets/a.env': `# clear\n${env}` }))).toEqual(['managed-value']);
    const ini = await sealText('; note\n[alpha]\nbeta = one\n', 'ini', both);
    expect(await findings(withConfig({ 'secrets/a.ini': ini }))).toEqual([]);
    expect(await rulesBroken(withConfig({ 'secrets/a.ini': `${ini}; clear\n` }))).toEqual([
      'managed-document',
    ]);
  });

  it('finds text behind the closing brace', async () => {
    const json = await sealText('{"alpha":"one"}', 'json', both);
    for (const more of ['junk', '{"beta":"two"}'])
      expect(await rulesBroken(withConfig({ 'secrets/a.json': `${json}${more}\n` }))).toEqual([
        'managed-document',
      ]);
  });

  it('finds a key in the clear beside the data of a binary file', async () => {
    const bin = await sealText('one', 'binary', both);
    const more = bin.replace('"data"', '"more": "two",\n"data"');
    expect(await rulesBroken(withConfig({ 'secrets/a.bin': more }))).toEqual(['managed-value']);
  });

  it('finds two stanzas in one entry of the metadata', async () => {
    const { encodeArmor, decodeArmor } = await import('../../../src/age/armor.ts');
    const yaml = await sealText('alpha: one\n', 'yaml', both);
    const armor = /-----BEGIN AGE[\s\S]*?-----END AGE ENCRYPTED FILE-----/.exec(yaml)?.[0] ?? '';
    const file = Buffer.from(decodeArmor(`${armor.replace(/^ +/gm, '')}\n`)).toString('latin1');
    const stanza = file.slice(file.indexOf('-> '), file.indexOf('---'));
    const two = encodeArmor(Buffer.from(file.replace(stanza, stanza + stanza), 'latin1'));
    const changed = yaml.replace(armor, two.trimEnd().replaceAll('\n', '\n            '));
    expect(await rulesBroken(withConfig({ 'secrets/a.yaml': changed }))).toEqual(['managed-recipients']);
  });

  it('finds keys that sops does not read because others stand before them', async () => {
    const yaml = await sealText('alpha: one\n', 'yaml', both);
    const third = await sealText('alpha: one\n', 'yaml', [keys.kamov.recipient]);
    const group = /age:\n([\s\S]*?)\n {4}lastmodified/.exec(third)?.[1]?.replace(/^/gm, '        ') ?? '';
    const hidden = yaml.replace(
      '    lastmodified:',
      `    key_groups:\n        - age:\n${group}\n    lastmodified:`,
    );
    expect(await rulesBroken(withConfig({ 'secrets/a.yaml': hidden }))).toEqual(['managed-metadata']);
  });
});

describe('where a value in the clear stands', () => {
  it.each([
    ['secrets/a.yaml', 'yaml', 'a:\n    b: x1\nc:\n    b: x2\n    d: x3\n', 1, 'the value of c/b'],
    ['secrets/a.yaml', 'yaml', 'a: [p, null, [q, r]]\n', 2, 'an element of a'],
    ['secrets/b.yml', 'yaml', 'a: x\n---\nb: y\n', 2, 'the value of b'],
    ['secrets/a.json', 'json', '{"a":null,"b":{"c":"x","d":["y","z"]}}', 1, 'an element of b/d'],
    ['secrets/a.env', 'dotenv', 'A=x\nB=y\n', 1, 'the value of B'],
    ['secrets/a.ini', 'ini', '[s]\na = x\nb = y\n', 1, 'the value of s/b'],
  ] as const)('%s as %s, %#', async (path, format, plain, index, name) => {
    const text = await sealText(plain, format, both);
    let count = 0;
    let at = 0;
    const open = text.replaceAll(new RegExp(ENC, 'g'), (found, offset: number) => {
      if (count++ !== index) return found;
      at = offset - (format === 'json' ? 1 : 0);
      return 'clear';
    });
    const before = text.slice(0, at).split('\n');
    const [found] = await findings(withConfig({ [path]: open }));
    expect(found?.message).toContain(`${name} is not encrypted`);
    expect([found?.line, found?.column]).toEqual([before.length, (before.at(-1) ?? '').length + 1]);
  });
});
