import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { SecretsError } from '../../src/errors.ts';
import { addAdmin, addGroup, addHost, addRule, setSecretOptions } from '../../src/workspace/edit.ts';
import type { Inventory } from '../../src/workspace/model.ts';
import { pathRegexOf } from '../../src/workspace/names.ts';
import { audienceOf, ruleFor } from '../../src/workspace/rules.ts';
import { KEYS, read } from './fleet.ts';
import { randomInventory } from './random-inventory.ts';

const FRESH = 'age1freshfreshfreshfreshfreshfreshfreshfreshfreshfreshfresh';
const PATHS = [
  'secrets/megumu/a.yaml',
  'secrets/x/aya/b.yml',
  'hosts/x.yml',
  'a.env',
  'docs/x',
  'zzz',
  'secrets/aya/c.env',
];

type Edit = (inventory: Inventory) => string;

const edit: fc.Arbitrary<Edit> = fc.oneof(
  fc.constantFrom('kiri', 'momiji', 'ran0').map(
    (name): Edit =>
      inventory =>
        addHost(inventory, { name, platform: 'darwin', recipient: `${FRESH}${name}` }),
  ),
  fc.constantFrom(...(Object.keys(KEYS) as (keyof typeof KEYS)[])).map(
    (name): Edit =>
      inventory =>
        addHost(inventory, { name, platform: 'nixos', recipient: KEYS[name] }),
  ),
  fc.constantFrom('ran', 'kamov').map(
    (name): Edit =>
      inventory =>
        addAdmin(inventory, { name, recipient: name === 'kamov' ? KEYS.kamov : `${FRESH}q` }),
  ),
  fc.constantFrom('aya', 'megumu', 'aya+megumu').map(
    (folder): Edit =>
      inventory => {
        const recipients = inventory.keys.slice(0, 2).map(key => key.name);
        return addRule(inventory, { folder, recipients }, PATHS);
      },
  ),
  fc.constantFrom('aya', 'megumu').map(
    (name): Edit =>
      inventory =>
        addGroup(inventory, `all-${name}`, [name]),
  ),
  fc.constantFrom('megumu/new', 'aya/old').map(
    (address): Edit =>
      inventory =>
        inventory.secrets.has(address)
          ? inventory.text
          : setSecretOptions(inventory, address, { owner: 'web', restartUnits: ['web.service'] }),
  ),
);

/** True where `after` is `before` with text put into it. */
function onlyAdds(before: string, after: string): boolean {
  let at = 0;
  for (const character of after) if (character === before[at]) at++;
  return at === before.length;
}

function rulesOf(inventory: Inventory): unknown[] {
  return inventory.rules.map(rule => [rule.pathRegex, audienceOf(rule)]);
}

/** The text after an edit, `null` where the edit was refused for a reason of its own. */
function attempt(apply: Edit, inventory: Inventory): string | null {
  try {
    return apply(inventory);
  } catch (error) {
    if (error instanceof SecretsError && /ALREADY_EXISTS|RULE_CONFLICT|UNKNOWN_HOST|USAGE/.test(error.code))
      return null;
    throw error;
  }
}

describe('any edit of any inventory', () => {
  it('only adds, and changes the rule of no other path', () => {
    let applied = 0;
    fc.assert(
      fc.property(randomInventory, fc.array(edit, { minLength: 1, maxLength: 5 }), (text, edits) => {
        let inventory = read(text);
        for (const apply of edits) {
          const next = attempt(apply, inventory);
          if (next === null) continue;
          applied++;
          const after = read(next);
          expect(onlyAdds(inventory.text, next), `${inventory.text}\n=>\n${next}`).toBe(true);
          expect(sameReaders(inventory, after)).toBe(true);
          expect(
            after.keys.filter(key => inventory.recipientOf(key.name) !== null).map(key => key.name),
          ).toEqual(inventory.keys.map(key => key.name));
          expect(next.endsWith('\n')).toBe(inventory.text.endsWith('\n'));
          if (inventory.text.includes('\r\n')) expect(next.replaceAll('\r\n', '')).not.toMatch(/[\r\n]/);
          expect(apply(after), 'the same edit again').toBe(next);
          inventory = after;
        }
      }),
      { numRuns: 300 },
    );
    expect(applied).toBeGreaterThan(300);
  });

  it('reads the same with the plain YAML reader', () => {
    fc.assert(
      fc.property(randomInventory, fc.array(edit, { minLength: 1, maxLength: 4 }), (text, edits) => {
        const done = edits.reduce(
          (inventory, apply) => read(attempt(apply, inventory) ?? inventory.text),
          read(text),
        );
        const plain = parse(done.text, { maxAliasCount: -1, logLevel: 'silent', uniqueKeys: true }) ?? {};
        const declared = [...done.hosts.values()].filter(host => host.declared).map(host => host.name);
        expect(Object.keys(plain.hosts ?? {})).toEqual(declared);
        expect(plain.admins ?? []).toEqual(done.admins);
        expect(Object.keys(plain.secrets ?? {})).toEqual([...done.secrets.keys()]);
        const rules: { path_regex: string; age?: string[]; key_groups?: { age: string[] }[] }[] =
          plain.creation_rules ?? [];
        expect(rules.map(rule => [rule.path_regex, rule.age ?? rule.key_groups?.[0]?.age])).toEqual(
          rulesOf(done),
        );
      }),
      { numRuns: 150 },
    );
  });

  it('puts a new rule where it takes every file of its folder', () => {
    fc.assert(
      fc.property(randomInventory, text => {
        const inventory = read(text);
        const recipients = inventory.keys.map(key => key.name);
        const next = attempt(given => addRule(given, { folder: 'momiji', recipients }, []), inventory);
        if (next === null) return;
        const after = read(next);
        for (const path of ['secrets/momiji/a.yaml', 'secrets/momiji/a/b.env', 'secrets/momiji/c.bin']) {
          const rule = ruleFor(after, path);
          expect(rule?.pathRegex === pathRegexOf('momiji') || next === text).toBe(true);
          expect(new Set(rule === null ? [] : audienceOf(rule))).toEqual(
            new Set(inventory.keys.map(key => key.recipient)),
          );
        }
      }),
      { numRuns: 150 },
    );
  });
});

/** Every path keeps its readers, but those in a folder that had no rule may gain one. */
function sameReaders(before: Inventory, after: Inventory): boolean {
  return PATHS.every(path => {
    const old = ruleFor(before, path);
    const fresh = ruleFor(after, path);
    return old === null || (fresh !== null && audienceOf(old).join() === audienceOf(fresh).join());
  });
}

describe('any text', () => {
  it('is read or refused, never anything else', () => {
    const words = fc.constantFrom(
      'keys',
      'hosts',
      'admins',
      'creation_rules',
      ':',
      ' ',
      '\n',
      '- ',
      '  ',
      '&a',
      '*a',
      '[',
      ']',
      '{',
      '}',
      ',',
      '"',
      "'",
      '|',
      '>',
      '#',
      'age1xx',
      'path_regex',
      '<<',
      '---',
      '~',
      '\t',
      '!!str',
      '@',
      '%',
      '\r',
      '\ufeff',
      '__proto__',
    );
    fc.assert(
      fc.property(fc.array(words, { maxLength: 30 }), parts => {
        try {
          read(parts.join(''));
        } catch (error) {
          expect(error).toBeInstanceOf(SecretsError);
          expect(error).toMatchObject({ code: 'BAD_INVENTORY' });
        }
      }),
      { numRuns: 2_000 },
    );
  });
});
