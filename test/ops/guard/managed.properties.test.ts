import { beforeAll, describe, expect, it } from 'vitest';
import { loadFormat } from '../../../src/sops/document.ts';
import type { FormatName } from '../../../src/sops/formats/format.ts';
import { SELECTION_FIELDS } from '../../../src/sops/selection.ts';
import { Comment, type Item, TreeList, TreeMap, type Value } from '../../../src/sops/tree.ts';
import { caseCount, Dice, seedOf } from '../../helpers/dice.ts';
import { randomDotenv, randomIni, randomJson, randomRules } from '../../helpers/random-files.ts';
import { randomYaml } from '../../helpers/random-yaml.ts';
import type { FileRules } from '../../helpers/stock-sops.ts';
import { config, findings, newKeys, rule, sealTrees, type TestKeys } from './guard-fixture.ts';

let keys: TestKeys;
beforeAll(async () => {
  keys = await newKeys();
});

const ENC = /ENC\[AES256_GCM,[^\]]*\]/g;
const MAKERS: Readonly<Record<string, readonly [FormatName, (dice: Dice) => Uint8Array]>> = {
  'yaml without comments in lists': [
    'yaml',
    dice => randomYaml(dice, 6, { comments: true, listComments: false }),
  ],
  'yaml with comments everywhere': [
    'yaml',
    dice => randomYaml(dice, 6, { comments: true, listComments: true }),
  ],
  json: ['json', dice => randomJson(dice, 6)],
  dotenv: ['dotenv', dice => randomDotenv(dice, 5)],
  ini: ['ini', dice => randomIni(dice, 4, false)],
};

/** Keys that stand twice are findings of their own; the files of this test are text. */
function withoutDoubles(value: Value | Comment | null): Value | Comment | null {
  if (value instanceof TreeList) return new TreeList(value.elements.map(withoutDoubles));
  if (!(value instanceof TreeMap)) return value instanceof Uint8Array ? 'bytes' : value;
  const seen = new Set<string>();
  const items: Item[] = [];
  for (const { key, value: child } of value.items) {
    if (typeof key === 'string' && (seen.has(key) || key === 'sops' || key.startsWith('sops_'))) continue;
    if (typeof key === 'string') seen.add(key);
    const kept = withoutDoubles(child);
    items.push({ key, value: kept instanceof Comment ? null : kept });
  }
  return new TreeMap(items);
}

function optionsOf({ selection, macOnlyEncrypted }: FileRules): string {
  const fields = SELECTION_FIELDS.flatMap(([name, field]) =>
    selection[field] === undefined ? [] : [`${name}: ${JSON.stringify(selection[field])}`],
  );
  return [...fields, ...(macOnlyEncrypted ? ['mac_only_encrypted: true'] : [])].join('\n    ');
}

describe.each(Object.entries(MAKERS))('a random document: %s', (name, [format, make]) => {
  it('passes as it is sealed, and any one selected leaf in the clear is found', async () => {
    const dice = new Dice(seedOf(`guard, ${name}`));
    const path = `secrets/a.${format === 'dotenv' ? 'env' : format}`;
    const recipients = [keys.aya.recipient];
    let checked = 0;
    for (let round = 0; round < caseCount(25, 60); round++) {
      const rules = randomRules(dice);
      // Stock sops itself moves comments between a list and the maps in it, and then cannot open the file.
      if (format === 'yaml' && Object.keys(rules.selection).some(field => field.includes('Comment')))
        continue;
      const parsed = (await loadFormat(format)).parsePlain(make(dice));
      const documents = parsed
        .map(document => withoutDoubles(document))
        .filter(each => each instanceof TreeMap);
      const sealed = await sealTrees(documents, format, recipients, rules);
      const mac = sealed.slice(sealed.search(/mac\b/)).match(ENC)?.[0] ?? '';
      const values = [...sealed.matchAll(ENC)].filter(([text]) => text !== mac);
      if (values.length === 0) continue;
      const text = config(keys, rule('^secrets/', ['aya'], optionsOf(rules)));
      expect(await findings({ '.sops.yaml': text, [path]: sealed }), `${text}\n${sealed}`).toEqual([]);
      expect(await findings({ '.sops.yaml': text, [path]: sealed }, null, keys.aya)).toEqual([]);
      const { 0: value, index } = dice.pick(values);
      const open = `${sealed.slice(0, index)}open${sealed.slice(index + value.length)}`;
      const found = await findings({ '.sops.yaml': text, [path]: open });
      expect(
        found.map(finding => finding.rule),
        open,
      ).toContain('managed-value');
      const line = sealed.slice(0, index).split('\n').length;
      expect(
        found.some(finding => finding.line === line),
        `line ${line} of ${open}\n${JSON.stringify(found)}`,
      ).toBe(true);
      checked++;
    }
    expect(checked).toBeGreaterThan(5);
  });
});
