import { afterAll, beforeAll, expect, it } from 'vitest';
import type { FormatName } from '../../../src/sops/formats/format.ts';
import { describeWith } from '../../helpers/programs.ts';
import { StockSops } from '../../helpers/stock-sops.ts';
import { type Files, findings, newKeys, type TestKeys } from './guard-fixture.ts';

const ENC = /ENC\[AES256_GCM,[^\]]*\]/;

describeWith(['sops'], 'files that stock sops made', () => {
  let sops: StockSops;
  let keys: TestKeys;

  beforeAll(async () => {
    sops = await StockSops.start();
    keys = await newKeys();
  });

  afterAll(() => sops.stop());

  const configOf = (options: string) =>
    `keys:\n  - &me ${sops.key.recipient}\n  - &aya ${keys.aya.recipient}\ncreation_rules:\n  - ${options}key_groups:\n      - age: [*me, *aya]\n`;

  async function commit(plain: string, path: string, format: FormatName, options: string): Promise<Files> {
    const text = configOf(options);
    const made = await sops.encryptWith(Buffer.from(plain), format, text);
    expect(made.status, made.stderr).toBe(0);
    return {
      '.sops.yaml': text.replace('- key_groups', '- path_regex: x\n    key_groups'),
      [path]: made.stdout,
    };
  }

  const YAML =
    '# head\nalpha:\n    beta: one\n    # inner\n    gamma: 2 # inline\n    delta: 1.5\n    on: true\n    none: null\n    empty: ""\n    time: 2024-01-02\n' +
    'list:\n    # of a list\n    - a\n    - [b, [c, 3]]\n    - d: e\nname_unencrypted: clear\n# foot\n---\nsecond: f\n';
  const SAMPLES: readonly (readonly [FormatName, string, string, string])[] = [
    ['yaml', 'secrets/a.yaml', YAML, ''],
    ['yaml', 'secrets/a.yml', 'a: x\nb: [y, z]\n', 'mac_only_encrypted: true\n    '],
    [
      'yaml',
      'secrets/k.yaml',
      'kind: Secret\ndata:\n    a: x\n# note\n',
      'encrypted_regex: ^(data|stringData)$\n    ',
    ],
    ['yaml', 'secrets/u.yaml', 'kind: x\nvalues:\n    a: x\n', 'unencrypted_regex: ^kind$\n    '],
    ['yaml', 'secrets/s.yaml', 'kind: x\na_secret: y\n', 'encrypted_suffix: _secret\n    '],
    ['yaml', 'secrets/c.yaml', '# clear\na: x\nb: y\n', 'unencrypted_comment_regex: clear\n    '],
    ['yaml', 'secrets/d.yaml', '# hide\na: x\nb: y\n', 'encrypted_comment_regex: hide\n    '],
    [
      'json',
      'secrets/a.json',
      '{"a":1,"b":[true,null,"",{"c":1.5}],"d_unencrypted":"x","__proto__":"y"}',
      '',
    ],
    ['dotenv', 'secrets/a.env', '# note\nA=x\nB=\nC_unencrypted=y\nD=a\\nb\n', ''],
    ['ini', 'secrets/a.ini', '; note\n[a]\nb = x\n; of c\nc = y\nd_unencrypted = z\n\n[a]\nb = w\n', ''],
    ['binary', 'secrets/a.bin', 'any\nbytes\n', ''],
    ['binary', 'secrets/b', 'any', 'encrypted_regex: ^x$\n    '],
  ];

  it.each(SAMPLES)(
    '%s as %s passes, and with any one value in the clear is found',
    async (format, path, plain, options) => {
      const files = await commit(plain, path, format, options);
      const withRule = { ...files, '.sops.yaml': configOf(`path_regex: ^secrets/\n    ${options}`) };
      expect(await findings(withRule)).toEqual([]);
      expect(await findings(withRule, null, sops.key)).toEqual([]);
      const text = String(files[path]);
      const count =
        text.slice(0, text.search(/\n {4}mac: |\n\t?"sops"|\nsops_|\n\[sops\]/)).match(new RegExp(ENC, 'g'))
          ?.length ?? 0;
      expect(count).toBeGreaterThan(0);
      for (let index = 0; index < count; index++) {
        let at = 0;
        const open = text.replaceAll(new RegExp(ENC, 'g'), found => (at++ === index ? 'open' : found));
        const found = await findings({ ...withRule, [path]: open });
        expect(
          found.map(finding => finding.rule),
          `${index}`,
        ).toEqual(['managed-value']);
      }
    },
  );

  it('a PGP key beside age is compared by its fingerprint', async () => {
    const text = configOf('path_regex: ^secrets/\n    ');
    const made = (await sops.encryptWith(Buffer.from('a: x\n'), 'yaml', configOf(''))).stdout.toString();
    const fingerprint = 'FBC7B9E2A4F9289AC0C1D4843D16CEE4A27381B4';
    const entry = `    pgp:\n        - created_at: "2026-01-01T00:00:00Z"\n          enc: |-\n            -----BEGIN PGP MESSAGE-----\n\n            wcBM\n            -----END PGP MESSAGE-----\n          fp: ${fingerprint}\n`;
    const both = made.replace('    unencrypted_suffix', `${entry}    unencrypted_suffix`);
    const rules = text.replace('[*me, *aya]', `[*me, *aya]\n        pgp: [${fingerprint}]`);
    expect(await findings({ '.sops.yaml': rules, 'secrets/a.yaml': both })).toEqual([]);
    expect(await findings({ '.sops.yaml': rules, 'secrets/a.yaml': both }, null, sops.key)).toEqual([]);
    const [more] = await findings({ '.sops.yaml': text, 'secrets/a.yaml': both });
    expect(more).toMatchObject({ rule: 'managed-recipients' });
    const [less] = await findings({ '.sops.yaml': rules, 'secrets/a.yaml': made });
    expect(less?.message).toContain('+ ');
  });

  it('key groups pass, and with another threshold are found', async () => {
    const groups = 'key_groups:\n      - age: [*me]\n      - age: [*aya]\n      - age: [*kamov]\n';
    const text = (threshold: number) =>
      `keys:\n  - &me ${sops.key.recipient}\n  - &aya ${keys.aya.recipient}\n  - &kamov ${keys.kamov.recipient}\ncreation_rules:\n  - shamir_threshold: ${threshold}\n    ${groups}`;
    const made = await sops.encryptWith(Buffer.from('a: x\n'), 'yaml', text(2));
    expect(await findings({ '.sops.yaml': text(2), 'secrets/a.yaml': made.stdout })).toEqual([]);
    const other = await findings({ '.sops.yaml': text(3), 'secrets/a.yaml': made.stdout });
    expect(other.map(finding => finding.rule)).toEqual(['managed-recipients']);
  });
});
