import { beforeAll, expect, it } from 'vitest';
import { config, findings, newKeys, rule, sealText, type TestKeys } from './guard-fixture.ts';

/** Text that a person could add at any line of an encrypted file: the readers of sops pass over much of it. */
let keys: TestKeys;
beforeAll(async () => {
  keys = await newKeys();
});

const YAML =
  '# c\na:\n    b: x\n    e: {f: g}\nlist:\n    - x\n    # y\n    - z: [1, 2]\n      w: u\n    - - p\n      - q\nm: {}\nn: []\n---\nsecond: x\n';
const SAMPLES = [
  ['yaml', 'secrets/a.yaml', YAML, ['# leaking', '        # leaking', 'k: leaking', '- leaking']],
  [
    'ini',
    'secrets/a.ini',
    '; c\n[a]\nb = x\n; d\ne = y\n[f]\n[g]\nh = z\n',
    ['; leaking', '# leaking', 'k = leaking'],
  ],
  ['dotenv', 'secrets/a.env', '#c\nA=x\nB=y\n', ['#leaking', 'K=leaking', 'leaking']],
  [
    'json',
    'secrets/a.json',
    '{"a":"x","b":["y",{"c":1}],"d":{}}',
    ['"k":"leaking",', '"leaking",', '//leaking'],
  ],
  ['binary', 'secrets/a', 'x', ['"k":"leaking",', 'leaking']],
] as const;

it.each(SAMPLES)(
  'text in the clear is found wherever it stands in %s',
  async (format, path, plain, additions) => {
    const rules = config(keys, rule('^secrets/', ['aya']));
    const sealed = await sealText(plain, format, [keys.aya.recipient]);
    const lines = sealed.split('\n');
    for (const addition of additions) {
      for (const [index, line] of lines.entries()) {
        const indent = /^ */.exec(line)?.[0] ?? '';
        for (const changed of [
          `${indent}${addition}\n${line}`,
          `${addition}\n${line}`,
          `${line} ${addition}`,
        ]) {
          const text = [...lines.slice(0, index), changed, ...lines.slice(index + 1)].join('\n');
          const found = await findings({ '.sops.yaml': rules, [path]: text });
          expect(found, `line ${index}: ${changed}`).not.toEqual([]);
          expect(JSON.stringify(found)).not.toContain('leaking"');
        }
      }
    }
  },
);
