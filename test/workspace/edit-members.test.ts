import { describe, expect, it } from 'vitest';
import {
  addAdminToRules,
  finishRecipient,
  nextOf,
  removeGroup,
  removeMember,
  removeRule,
  renameMember,
  replaceRecipient,
  setGroupMembers,
  stageRecipient,
  unstageRecipient,
} from '../../src/workspace/edit.ts';
import { parseInventory } from '../../src/workspace/parse.ts';

const KAMOV = 'age1rr7yhtp5uldcazmxsyumlcpuz90w8xaeyum8mlg260ua26uluc5qvghjec';
const MEGUMU = 'age1830rdp273hpn5altnjqrkfu7sy0exef8t0cwd7xnhhh6s6j8r3vqppdx3f';
const AYA = 'age1r7876nzlhf8w33rw2rs99javafgnrtygvx3238sw8lvum38sxdxs7w67kr';
const NEW = 'age16qsww37rh7mwph93r25fz74hs8t7f5tgeppq5fmx7fstpngkksrs5rpmdv';

const read = (text: string) => parseInventory(text, '.sops.yaml');
const codeOf = (work: () => unknown): string => {
  try {
    work();
  } catch (error) {
    return error instanceof Error && 'code' in error ? String(error.code) : String(error);
  }
  return 'nothing was thrown';
};

/** One fleet in the forms that people write. */
const FORMS: Readonly<Record<string, string>> = {
  ours: `# who
keys:
  - &kamov ${KAMOV}
  - &megumu ${MEGUMU} # the server
  - &aya ${AYA}

admins: [kamov]

hosts:
  megumu: { platform: nixos }
  aya: { platform: darwin } # a Mac

groups:
  servers: [megumu, aya]

secrets:
  megumu/kotori: { mode: "0440" }

creation_rules:
  # the server
  - path_regex: ^secrets/megumu/
    key_groups:
      - age: [*kamov, *megumu]
  - path_regex: ^secrets/aya\\+megumu/
    key_groups:
      - age: [*kamov, *aya, *megumu]
  - path_regex: ^secrets/servers/
    key_groups:
      - age: [*kamov, *aya, *megumu]
`,
  'block lists': `keys:
    - &kamov ${KAMOV}
    - &megumu ${MEGUMU}
    - &aya ${AYA}
creation_rules:
    - path_regex: hosts/megumu/.*
      key_groups:
          - age:
                - *kamov
                # the machine itself
                - *megumu # server
    - path_regex: hosts/aya/.*
      key_groups:
          - age:
                - *aya
                - *kamov
`,
  'nested anchor lists': `keys:
  - &users:
    - &kamov ${KAMOV}
  - &hosts:
    - &megumu ${MEGUMU}
    - &aya ${AYA}
creation_rules:
  - path_regex: x/
    key_groups:
      - age:
        - *kamov
        - *megumu
`,
  'comma strings with keys in full': `keys:
  - &kamov ${KAMOV}
  - &megumu ${MEGUMU}
creation_rules:
  - path_regex: x/
    age: ${KAMOV},${MEGUMU}
  - path_regex: y/
    age: "${MEGUMU}, ${KAMOV}"
  - age: >-
      ${KAMOV},
      ${MEGUMU}
`,
  'keys in full, and CRLF': `keys:\r
  - &kamov ${KAMOV}\r
  - &megumu ${MEGUMU}\r
creation_rules:\r
  - path_regex: x/\r
    key_groups:\r
      - age:\r
          - ${KAMOV}\r
          - ${MEGUMU}\r
`,
};

describe.each(Object.entries(FORMS))('a new key, %s', (_form, text) => {
  const inventory = read(text);

  it('stands wherever the old one stood, and nothing else moves', () => {
    const edited = replaceRecipient(inventory, 'megumu', NEW);
    expect(edited).toBe(text.replaceAll(MEGUMU, NEW));
  });

  it('is staged beside the old one, and taken back without a trace', () => {
    const staged = read(stageRecipient(inventory, 'megumu', NEW));
    expect(nextOf(staged, 'megumu')?.recipient).toBe(NEW);
    expect(staged.hosts.has('megumu_next')).toBe(false);
    for (const [index, rule] of staged.rules.entries()) {
      const before = inventory.rules[index]?.groups[0]?.age ?? [];
      const age = before.flatMap(key => (key === MEGUMU ? [MEGUMU, NEW] : [key]));
      expect(rule.groups[0]?.age).toEqual(age);
    }
    expect(squeezed(unstageRecipient(staged, 'megumu'))).toBe(squeezed(text));
  });

  it('ends staged as it would at once', () => {
    const staged = read(stageRecipient(inventory, 'megumu', NEW));
    const finished = finishRecipient(staged, 'megumu');
    expect(squeezed(finished)).toBe(squeezed(replaceRecipient(inventory, 'megumu', NEW)));
    expect(nextOf(read(finished), 'megumu')).toBeNull();
  });

  it('is staged once', () => {
    const staged = read(stageRecipient(inventory, 'megumu', NEW));
    expect(codeOf(() => stageRecipient(staged, 'megumu', AYA))).toBe('ALREADY_EXISTS');
    expect(codeOf(() => finishRecipient(inventory, 'megumu'))).toBe('NOT_STAGED');
    expect(codeOf(() => unstageRecipient(inventory, 'megumu'))).toBe('NOT_STAGED');
  });
});

/** A folded string of keys is written on one line when its keys change; its words stay. */
function squeezed(text: string): string {
  return text.replace(/,\s+/g, ',').trimEnd();
}

const ours = () => read(FORMS['ours'] ?? '');

describe('a member that goes', () => {
  it('leaves every rule, its entry and its groups; all else stays', () => {
    const edited = removeMember(ours(), 'aya');
    expect(edited).toBe(
      (FORMS['ours'] ?? '')
        .replace(`  - &aya ${AYA}\n`, '')
        .replace('  aya: { platform: darwin } # a Mac\n', '')
        .replace('servers: [megumu, aya]', 'servers: [megumu]')
        .replaceAll('*aya, ', ''),
    );
  });

  it('takes its staged key along', () => {
    const staged = read(stageRecipient(ours(), 'aya', NEW));
    expect(removeMember(staged, 'aya')).toBe(removeMember(ours(), 'aya'));
  });

  it('is not the only reader of anything', () => {
    const alone = read(
      `keys:\n  - &megumu ${MEGUMU}\ncreation_rules:\n  - path_regex: x\n    key_groups:\n      - age: [*megumu]\n`,
    );
    expect(codeOf(() => removeMember(alone, 'megumu'))).toBe('LAST_READER');
    const grouped = read(setGroupMembers(ours(), 'servers', { add: [], remove: ['aya'] }));
    expect(codeOf(() => removeMember(grouped, 'megumu'))).toBe('LAST_READER');
  });

  it('leaves a key that somebody else bears', () => {
    const text = (FORMS['ours'] ?? '').replace(
      '  aya: { platform: darwin } # a Mac\n',
      '  aya: { platform: darwin } # a Mac\n  momiji: { platform: home, recipient: *kamov }\n',
    );
    const edited = read(removeMember(read(text), 'momiji'));
    expect(edited.recipientOf('kamov')).toBe(KAMOV);
    expect(edited.rules[0]?.groups[0]?.age).toEqual([KAMOV, MEGUMU]);
    expect(codeOf(() => removeMember(read(text), 'kamov'))).toBe('RULE_CONFLICT');
    expect(codeOf(() => replaceRecipient(read(text), 'momiji', NEW))).toBe('RULE_CONFLICT');
  });
});

describe('another name', () => {
  it('stands at anchors, aliases, entries, addresses and in patterns', () => {
    const { text, folders } = renameMember(ours(), 'megumu', 'tenma');
    expect(folders).toEqual([
      ['megumu', 'tenma'],
      ['aya+megumu', 'aya+tenma'],
    ]);
    expect(text).toBe((FORMS['ours'] ?? '').replaceAll('megumu', 'tenma'));
  });

  it('keeps the names of a folder in order', () => {
    const { text, folders } = renameMember(ours(), 'megumu', 'aaa');
    expect(folders).toContainEqual(['aya+megumu', 'aaa+aya']);
    expect(text).toContain('path_regex: ^secrets/aaa\\+aya/');
  });

  it('belongs to nobody yet', () => {
    expect(codeOf(() => renameMember(ours(), 'megumu', 'aya'))).toBe('ALREADY_EXISTS');
    expect(codeOf(() => renameMember(ours(), 'megumu', 'servers'))).toBe('ALREADY_EXISTS');
    expect(codeOf(() => renameMember(ours(), 'nitori', 'tenma'))).toBe('UNKNOWN_HOST');
    expect(codeOf(() => renameMember(ours(), 'megumu', 'Tenma'))).toBe('BAD_NAME');
  });
});

describe('groups and admins', () => {
  it('let the rules of the folder follow the members', () => {
    const without = setGroupMembers(ours(), 'servers', { add: [], remove: ['aya'] });
    expect(read(without).rules.map(rule => rule.groups[0]?.age.length)).toEqual([2, 3, 2]);
    const again = read(setGroupMembers(read(without), 'servers', { add: ['aya'], remove: [] }));
    expect(again.rules[2]?.groups[0]?.age).toEqual([KAMOV, MEGUMU, AYA]);
    expect(again.groups.get('servers')).toEqual(['megumu', 'aya']);
    expect(codeOf(() => setGroupMembers(ours(), 'servers', { add: [], remove: ['aya', 'megumu'] }))).toBe(
      'LAST_READER',
    );
    expect(removeGroup(ours(), 'servers')).toBe(
      (FORMS['ours'] ?? '').replace('groups:\n  servers: [megumu, aya]', 'groups: {}'),
    );
  });

  it('let a new admin read what admins read', () => {
    const text = (FORMS['ours'] ?? '')
      .replace('admins: [kamov]', 'admins: [kamov, hatate]')
      .replace(`  - &aya ${AYA}\n`, `  - &aya ${AYA}\n  - &hatate ${NEW}\n`);
    const edited = read(addAdminToRules(read(text), 'hatate'));
    expect(edited.rules.every(rule => rule.groups[0]?.age.at(-1) === NEW)).toBe(true);
    expect(addAdminToRules(edited, 'hatate')).toBe(edited.text);
  });

  it('take a rule out', () => {
    const edited = removeRule(ours(), 1);
    expect(read(edited).rules.map(rule => rule.pathRegex)).toEqual(['^secrets/megumu/', '^secrets/servers/']);
  });

  it('leave a generated config alone', () => {
    const generated = read(`# generated by nix, do not edit\n${FORMS['ours'] ?? ''}`);
    expect(generated.generated).toBe(true);
    expect(codeOf(() => replaceRecipient(generated, 'megumu', NEW))).toBe('BAD_INVENTORY');
  });
});
