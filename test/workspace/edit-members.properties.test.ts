import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  finishRecipient,
  nextOf,
  removeGroup,
  removeMember,
  removeRule,
  renameMember,
  replaceRecipient,
  setGroupMembers,
  setRuleRecipients,
  stageRecipient,
  unstageRecipient,
} from '../../src/workspace/edit.ts';
import type { Inventory } from '../../src/workspace/model.ts';
import { audienceOf } from '../../src/workspace/rules.ts';
import { read } from './fleet.ts';
import { FRESH, PEOPLE, type Person, randomMembers } from './random-members.ts';

const person = fc.constantFrom<Person>('kamov', 'hatate', 'megumu', 'aya');

function readers(inventory: Inventory): string[][] {
  return inventory.rules.map(rule => audienceOf(rule).toSorted());
}

/** Lines that do not name a key or its name have to stay as they are, in order. */
function otherLines(text: string, words: readonly string[]): string[] {
  return text.split(/\r?\n/).filter(line => !words.some(word => line.includes(word)));
}

/** True where the parts of one thing stand in another one, in order. */
function isWithin(parts: Iterable<string>, whole: Iterable<string>): boolean {
  const wanted = [...parts];
  let at = 0;
  for (const part of whole) if (part === wanted[at]) at++;
  return at === wanted.length;
}

function named(inventory: Inventory, name: Person): string {
  return inventory.nameOf(PEOPLE[name]) ?? name;
}

describe('keys of members, in any style', () => {
  it('stage, then finish, is replace', () => {
    fc.assert(
      fc.property(randomMembers, person, (text, name) => {
        const staged = stageRecipient(read(text), name, FRESH.first);
        const replaced = replaceRecipient(read(text), name, FRESH.first);
        expect(finishRecipient(read(staged), name)).toBe(replaced);
        expect(replaced).toBe(text.replaceAll(PEOPLE[name], FRESH.first));
        expect(unstageRecipient(read(staged), name), text).toBe(text);
      }),
      { numRuns: 130 },
    );
  });

  it('a staged key reads what the other one reads, and nothing else changes', () => {
    fc.assert(
      fc.property(randomMembers, person, (text, name) => {
        const before = read(text);
        const staged = read(stageRecipient(before, name, FRESH.first));
        expect(nextOf(staged, name)).toMatchObject({
          name: `${named(before, name)}_next`,
          recipient: FRESH.first,
        });
        expect(readers(staged)).toEqual(
          readers(before).map(keys =>
            keys.includes(PEOPLE[name]) ? [...keys, FRESH.first].toSorted() : keys,
          ),
        );
        expect([...staged.hosts.keys()]).toEqual([...before.hosts.keys()]);
        const words = [PEOPLE[name], FRESH.first, named(before, name)];
        expect(otherLines(staged.text, words)).toEqual(otherLines(text, words));
      }),
      { numRuns: 100 },
    );
  });

  it('removing a member takes its key and its name, and leaves every other line', () => {
    let removed = 0;
    fc.assert(
      fc.property(randomMembers, fc.boolean(), person, (text, isStaged, name) => {
        const before = read(isStaged ? stageRecipient(read(text), name, FRESH.first) : text);
        const after = read(removeMember(before, name));
        removed++;
        expect(after.text).not.toContain(PEOPLE[name]);
        expect(after.text).not.toContain(FRESH.first);
        expect(after.text).not.toMatch(new RegExp(`[&*](host_)?${name}\\b`));
        expect(readers(after)).toEqual(
          readers(before).map(keys => keys.filter(key => key !== PEOPLE[name] && key !== FRESH.first)),
        );
        expect(isWithin(after.text, before.text), after.text).toBe(true);
        const words = [FRESH.first, name, 'owner: root', 'age1'];
        const kept = after.text.split(/\r?\n/);
        expect(isWithin(otherLines(before.text, words), kept), after.text).toBe(true);
      }),
      { numRuns: 130 },
    );
    expect(removed).toBeGreaterThan(60);
  });

  it('renaming a member, and back again, is no change', () => {
    fc.assert(
      fc.property(randomMembers, person, (text, name) => {
        const there = renameMember(read(text), name, 'nitori');
        const words = [name, 'nitori'];
        expect(otherLines(there.text, words)).toEqual(otherLines(text, words));
        const back = renameMember(read(there.text), 'nitori', name);
        expect(back.text).toBe(text);
        expect(back.folders.map(([from, to]) => [to, from])).toEqual(there.folders);
        expect(there.folders.every(([from]) => from.split('+').includes(name))).toBe(true);
      }),
      { numRuns: 100 },
    );
  });
});

describe('readers of rules, in any style', () => {
  it('adding a reader, then removing it, is no change', () => {
    fc.assert(
      fc.property(randomMembers, fc.nat(4), fc.boolean(), (text, nat, isNamed) => {
        const before = read(text);
        const index = nat % before.rules.length;
        const missing = (Object.keys(PEOPLE) as Person[]).find(
          name => !readers(before)[index]?.includes(PEOPLE[name]),
        );
        const name = isNamed && missing !== undefined ? named(before, missing) : FRESH.second;
        const key = isNamed && missing !== undefined ? PEOPLE[missing] : FRESH.second;
        const added = read(setRuleRecipients(before, index, { add: [name], remove: [] }));
        expect(readers(added)[index]).toEqual([...(readers(before)[index] ?? []), key].toSorted());
        expect(readers(added).toSpliced(index, 1)).toEqual(readers(before).toSpliced(index, 1));
        expect(setRuleRecipients(added, index, { add: [name], remove: [] })).toBe(added.text);
        expect(setRuleRecipients(added, index, { add: [], remove: [name] }), added.text).toBe(text);
      }),
      { numRuns: 160 },
    );
  });

  it('removing all but one works, the last one stays', () => {
    fc.assert(
      fc.property(randomMembers, fc.nat(4), (text, nat) => {
        const before = read(text);
        const index = nat % before.rules.length;
        const [first = '', ...others] = (readers(before)[index] ?? []).map(key => before.nameOf(key) ?? key);
        const after = read(setRuleRecipients(before, index, { add: [], remove: others }));
        expect(readers(after)[index]).toEqual([before.recipientOf(first)]);
        expect(() => setRuleRecipients(after, index, { add: [], remove: [first] })).toThrow(/no reader left/);
        const words = [...Object.values(PEOPLE), ...others.map(name => `*${name}`), `*${first}`];
        expect(otherLines(after.text, words)).toEqual(otherLines(text, words));
      }),
      { numRuns: 100 },
    );
  });

  it('a rule that is removed takes only its own lines', () => {
    fc.assert(
      fc.property(randomMembers, fc.nat(4), (text, nat) => {
        const before = read(text);
        const index = nat % before.rules.length;
        const after = read(removeRule(before, index));
        expect(after.rules.map(rule => rule.pathRegex)).toEqual(
          before.rules.map(rule => rule.pathRegex).toSpliced(index, 1),
        );
        expect(text.split('# a rule').length).toBe(after.text.split('# a rule').length);
      }),
      { numRuns: 80 },
    );
  });
});

describe('groups, in any style', () => {
  it('a host that leaves and comes back finds the readers as they were', () => {
    let changed = 0;
    fc.assert(
      fc.property(randomMembers, text => {
        const before = read(text);
        if (!before.groups.has('servers')) return;
        const rule = before.rules.findIndex(({ pathRegex }) => pathRegex === '^secrets/servers/');
        const audience = readers(before)[rule] ?? [];
        const left = read(setGroupMembers(before, 'servers', { add: [], remove: ['aya'] }));
        expect(left.groups.get('servers')).toEqual(['megumu']);
        expect(readers(left)[rule] ?? []).toEqual(audience.filter(key => key !== PEOPLE.aya));
        expect(readers(left).toSpliced(Math.max(rule, 0), 1)).toEqual(
          readers(before).toSpliced(Math.max(rule, 0), 1),
        );
        const back = read(setGroupMembers(left, 'servers', { add: ['aya'], remove: [] }));
        expect(back.groups.get('servers')).toEqual(['megumu', 'aya']);
        if (rule >= 0) expect(readers(back)[rule]).toContain(PEOPLE.aya);
        expect(removeGroup(back, 'servers')).not.toContain('servers: [');
        changed++;
      }),
      { numRuns: 100 },
    );
    expect(changed).toBeGreaterThan(10);
  });
});
