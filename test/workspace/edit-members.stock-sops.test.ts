import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import {
  addAdmin,
  addAdminToRules,
  finishRecipient,
  removeMember,
  removeRule,
  renameMember,
  setGroupMembers,
  setRuleRecipients,
  stageRecipient,
} from '../../src/workspace/edit.ts';
import type { Inventory } from '../../src/workspace/model.ts';
import { audienceOf, ruleFor } from '../../src/workspace/rules.ts';
import { describeWith } from '../helpers/programs.ts';
import { read } from './fleet.ts';
import { FRESH, randomMembers } from './random-members.ts';
import { readersByStockSops } from './stock-readers.ts';

const EDITS: readonly (readonly [string, (inventory: Inventory) => string])[] = [
  ['stage', inventory => stageRecipient(inventory, 'megumu', FRESH.first)],
  ['finish', inventory => finishRecipient(read(stageRecipient(inventory, 'kamov', FRESH.first)), 'kamov')],
  ['remove a host', inventory => removeMember(inventory, 'aya')],
  ['remove an admin', inventory => removeMember(inventory, 'hatate')],
  ['rename', inventory => renameMember(inventory, 'megumu', 'nitori').text],
  ['add a reader', inventory => setRuleRecipients(inventory, 0, { add: [FRESH.second], remove: [] })],
  [
    'remove readers',
    inventory =>
      setRuleRecipients(inventory, 0, {
        add: [],
        remove: audienceOf(inventory.rules[0] ?? expect.fail()).slice(1),
      }),
  ],
  ['remove a rule', inventory => removeRule(inventory, 0)],
  [
    'a member leaves',
    inventory =>
      inventory.groups.has('servers')
        ? setGroupMembers(inventory, 'servers', { add: [], remove: ['aya'] })
        : inventory.text,
  ],
  [
    'a new admin',
    inventory => addAdminToRules(read(addAdmin(inventory, { name: 'ran', recipient: FRESH.second })), 'ran'),
  ],
];

const PATHS = [
  'secrets/megumu/a.yaml',
  'secrets/nitori/a.yaml',
  'secrets/aya+megumu/a.bin',
  'secrets/servers/a/b.yaml',
  'hosts/aya.yaml',
  'x.env',
];

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'stock-members-'));
  await writeFile(join(folder, 'plain.yaml'), 'a: b\n');
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

describeWith(['sops'], 'stock sops after an edit of members', () => {
  it.each(EDITS)('reads the same audiences: %s', async (_name, edit) => {
    const texts = fc.sample(randomMembers, { seed: 11, numRuns: 4 });
    for (const text of texts) {
      const edited = edit(read(text));
      const inventory = read(edited);
      const seen = await Promise.all(PATHS.map(path => readersByStockSops(folder, edited, path)));
      const ours = PATHS.map(path => {
        const rule = ruleFor(inventory, path);
        return rule === null ? null : audienceOf(rule);
      });
      expect(seen, edited).toEqual(ours);
    }
  });
});
