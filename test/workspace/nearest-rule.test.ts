import { expect, it } from 'vitest';
import { nearestMiss } from '../../src/workspace/nearest-rule.ts';
import { parseInventory } from '../../src/workspace/parse.ts';

function rulesOf(...patterns: string[]) {
  const rules = patterns.map(pattern => `  - path_regex: '${pattern}'\n    age: []\n`).join('');
  return parseInventory(`creation_rules:\n${rules}`, '.sops.yaml').rules;
}

it.each([
  ['a misspelt folder', ['^secrets/aya/', '^secrets/megumu/'], 'secrets/megmu/x.yaml', 1, 'secrets/megumu/'],
  ['an escaped sign', ['^secrets/aya\\+megumu/'], 'secrets/aya+megmu/x', 0, 'secrets/aya+megumu/'],
  ['a pattern that goes on', ['^secrets/[^/]+\\.yaml$'], 'secrets/x.env', 0, 'secrets/'],
  ['an optional letter', ['^secrets/?x'], 'secretsx', 0, 'secrets'],
])('finds what was meant: %s', (_what, patterns, path, index, start) => {
  const miss = nearestMiss(rulesOf(...patterns), path);
  expect(miss?.index).toBe(index);
  expect(`${miss?.shared}${miss?.wanted}`).toBe(start);
});

it.each([
  ['no pattern begins like it', ['^secrets/']],
  ['it is not anchored', ['README']],
  ['it has branches', ['^README|^x']],
])('finds nothing where %s', (_what, patterns) => {
  expect(nearestMiss(rulesOf(...patterns), 'README')).toBeNull();
});
