import { describe, expect, it } from 'vitest';
import {
  addAdmin,
  addAdminToRules,
  addRule,
  finishRecipient,
  giveOwnKey,
  nextOf,
  removeGroup,
  removeMember,
  removeRule,
  renameMember,
  reopenFolder,
  replaceRecipient,
  setGroupMembers,
  setRuleRecipients,
  stageRecipient,
  unstageRecipient,
} from '../../src/workspace/edit.ts';
import type { Inventory } from '../../src/workspace/model.ts';
import { hostsOfRule } from '../../src/workspace/receivers.ts';
import { audienceOf, ruleFor } from '../../src/workspace/rules.ts';
import { BY_HAND, FLEET, insertedLines, KEYS, read, refusal } from './fleet.ts';
import { FRESH } from './random-members.ts';

const { kamov, megumu, aya } = KEYS;
const add = (...names: string[]) => ({ add: names, remove: [] });
const remove = (...names: string[]) => ({ add: [], remove: names });

function config(...rules: string[]): Inventory {
  return read(
    `keys:\n  - &kamov ${kamov}\n  - &megumu ${megumu}\n  - &aya ${aya}\n\nadmins: [kamov]\n\ncreation_rules:\n${rules.join('\n')}\n`,
  );
}

function removedLines(before: string, after: string): string[] | null {
  return insertedLines(after, before);
}

describe('setRuleRecipients', () => {
  it.each([
    ['- age: [*kamov]', '- age: [*kamov, *aya]'],
    ['- age: [ *kamov ] # us', '- age: [ *kamov, *aya ] # us'],
    [`- age: ${kamov}`, `- age: ${kamov},${aya}`],
    [`- age: "${kamov}, ${megumu}"`, `- age: "${kamov}, ${megumu}, ${aya}"`],
    [`- age: >-\n    ${kamov},\n    ${megumu}`, `- age: >-\n    ${kamov},\n    ${megumu},\n    ${aya}`],
    ['- key_groups:\n  - age:\n    - *kamov # me', '- key_groups:\n  - age:\n    - *kamov # me\n    - *aya'],
    ['- {key_groups: [{age: [*kamov]}]}', '- {key_groups: [{age: [*kamov, *aya]}]}'],
    ['- age: [\n    *kamov, # me\n  ]', '- age: [\n    *kamov, *aya, # me\n  ]'],
    [
      '- pgp: 85D77543B3D624B63CEA9E6DBC17301B491B3F21\n  age: []',
      '- pgp: 85D77543B3D624B63CEA9E6DBC17301B491B3F21\n  age: [*aya]',
    ],
  ])('adds to %j and takes away again', (rule, expected) => {
    const before = config(rule);
    const after = setRuleRecipients(before, 0, add('aya'));
    expect(after).toBe(before.text.replace(rule, () => expected));
    expect(setRuleRecipients(read(after), 0, remove('aya'))).toBe(before.text);
  });

  it.each([
    ['- age: [*kamov, *megumu]', '- age: [*megumu]'],
    ['- age: [*kamov, *megumu, *kamov]', '- age: [*megumu]'],
    [`- age: [${kamov}, *megumu]`, '- age: [*megumu]'],
    [`- age: ${kamov},${megumu}`, `- age: ${megumu}`],
    [`- age: ["${kamov}, ${megumu}", *kamov]`, `- age: ["${megumu}"]`],
    ['- age: [\n    *kamov, # me\n    *megumu # web\n  ]', '- age: [\n    *megumu # web\n  ]'],
    ['- age: [*kamov, # me\n        *megumu]', '- age: [ # me\n        *megumu]'],
    ['- age:\n  # me\n  - *kamov # mine\n  # web\n  - *megumu', '- age:\n  # me\n  # web\n  - *megumu'],
  ])('takes a reader from %j', (rule, expected) => {
    const before = config(rule);
    expect(setRuleRecipients(before, 0, remove('kamov'))).toBe(before.text.replace(rule, () => expected));
  });

  it('takes public keys as well as names', () => {
    const before = config('- age: [*kamov]');
    const after = read(setRuleRecipients(before, 0, add(FRESH.first, megumu)));
    expect(after.text).toContain(`- age: [*kamov, ${FRESH.first}, *megumu]`);
    expect(setRuleRecipients(after, 0, remove(FRESH.first, 'megumu'))).toBe(before.text);
  });

  it('writes the key itself where its anchor stands below', () => {
    const before = read(`creation_rules:\n  - age:\n      - ${kamov}\nkeys:\n  - &aya ${aya}\n`);
    expect(setRuleRecipients(before, 0, add('aya'))).toContain(`      - ${kamov}\n      - ${aya}\n`);
  });

  it('counts rules as go-yaml does', () => {
    const before = config('- ~\n- age: [*kamov]');
    expect(setRuleRecipients(before, 0, add('aya'))).toContain('- ~\n- age: [*kamov, *aya]\n');
  });

  it('removes from the first key group, and refuses to choose one for a new reader', () => {
    const rule = '- key_groups:\n  - age: [*kamov, *megumu]\n  - age: [*megumu, *aya]';
    const before = config(rule);
    const after = setRuleRecipients(before, 0, remove('megumu'));
    expect(after).toContain('  - age: [*kamov]\n  - age: [*megumu, *aya]\n');
    expect(refusal(() => setRuleRecipients(before, 0, add(FRESH.first)))).toMatchObject({
      code: 'UNSUPPORTED',
      line: 9,
    });
    expect(refusal(() => setRuleRecipients(read(after), 0, remove('kamov')))).toMatchObject({
      code: 'LAST_READER',
    });
  });

  it('takes a staged key with its owner', () => {
    const before = config('- age: [*kamov, *megumu]');
    const staged = read(stageRecipient(before, 'megumu', FRESH.first));
    const without = setRuleRecipients(staged, 0, remove('megumu'));
    expect(without).toContain('- age: [*kamov]\n');
    expect(setRuleRecipients(read(without), 0, add('megumu'))).toContain(
      '- age: [*kamov, *megumu, *megumu_next]\n',
    );
  });

  it('is no change where all is so already', () => {
    const before = config('- age: [*kamov, *megumu]');
    expect(setRuleRecipients(before, 0, { add: ['megumu'], remove: ['aya'] })).toBe(before.text);
  });

  it.each([
    ['LAST_READER', '- age: [*kamov]', remove('kamov'), 9],
    ['UNKNOWN_HOST', '- age: [*kamov]', add('nitori'), undefined],
  ] as const)('refuses: %s', (code, rule, change, line) => {
    expect(refusal(() => setRuleRecipients(config(rule), 0, change))).toMatchObject({ code, line });
  });

  it('refuses a list that other rules share, with the line and the wanted change', () => {
    const before = read(
      `keys:\n  - &all\n    - &kamov ${kamov}\n    - &aya ${aya}\n  - &megumu ${megumu}\ncreation_rules:\n  - path_regex: ^a/\n    age: *all\n  - path_regex: ^b/\n    age: *all\n`,
    );
    for (const change of [add('megumu'), remove('aya')]) {
      const error = refusal(() => setRuleRecipients(before, 0, change));
      expect(error).toMatchObject({ code: 'BAD_INVENTORY', line: 8 });
      expect(error.hint).toMatch(/by hand/);
    }
  });

  it('refuses a generated file', () => {
    const before = read(
      `# generated by nix, do not edit\nkeys: [&a ${kamov}, &b ${aya}]\ncreation_rules: [{age: [*a]}]\n`,
    );
    for (const edit of [
      () => setRuleRecipients(before, 0, add('b')),
      () => replaceRecipient(before, 'a', FRESH.first),
      () => stageRecipient(before, 'a', FRESH.first),
      () => removeMember(before, 'b'),
      () => renameMember(before, 'a', 'c'),
      () => removeRule(before, 0),
    ])
      expect(refusal(edit)).toMatchObject({ code: 'BAD_INVENTORY', message: /program writes/ });
  });
});

describe('the key of a member', () => {
  it('is replaced where it stands, comments stay', () => {
    const before = read(
      `keys:\n  - &megumu ${megumu} # web\ncreation_rules:\n  - age: ${kamov},${megumu} # ${megumu}\n`,
    );
    expect(replaceRecipient(before, 'megumu', FRESH.first)).toBe(
      `keys:\n  - &megumu ${FRESH.first} # web\ncreation_rules:\n  - age: ${kamov},${FRESH.first} # ${megumu}\n`,
    );
  });

  it('follows in `recipient:` of a host', () => {
    const before = read(
      `keys: [&host_megumu ${megumu}]\nhosts:\n  megumu: { recipient: *host_megumu }\n  aya: { recipient: ${aya} }\n`,
    );
    expect(replaceRecipient(before, 'aya', FRESH.first)).toContain(`aya: { recipient: ${FRESH.first} }`);
    expect(replaceRecipient(before, 'megumu', FRESH.first)).toContain(`keys: [&host_megumu ${FRESH.first}]`);
  });

  it('is staged beside the old one', () => {
    const before = read(FLEET);
    const text = stageRecipient(before, 'megumu', FRESH.first);
    expect(insertedLines(FLEET.replaceAll('*megumu', '*megumu, *megumu_next'), text)).toEqual([
      `  - &megumu_next ${FRESH.first}`,
    ]);
    const staged = read(text);
    expect(nextOf(staged, 'megumu')).toEqual({ name: 'megumu_next', recipient: FRESH.first, line: 4 });
    expect(nextOf(staged, 'aya')).toBeNull();
    expect(finishRecipient(staged, 'megumu')).toBe(FLEET.replace(megumu, FRESH.first));
    expect(unstageRecipient(staged, 'megumu')).toBe(FLEET);
  });

  it('is staged through a list that rules share', () => {
    const before = read(
      `keys:\n  - &all\n    - &kamov ${kamov}\n    - &aya ${aya}\ncreation_rules:\n  - path_regex: ^a/\n    age: *all\n`,
    );
    const staged = read(stageRecipient(before, 'aya', FRESH.first));
    expect(audienceOf(staged.rules[0] ?? expect.fail())).toEqual([kamov, aya, FRESH.first]);
    expect(unstageRecipient(staged, 'aya')).toBe(before.text);
  });

  it('under a foreign anchor is staged under that one', () => {
    const before = read(
      `keys: [&host_megumu ${megumu}]\nhosts:\n  megumu: { recipient: *host_megumu }\ncreation_rules:\n  - age: [*host_megumu]\n`,
    );
    const staged = read(stageRecipient(before, 'megumu', FRESH.first));
    expect(nextOf(staged, 'megumu')?.name).toBe('host_megumu_next');
    expect(staged.text).toContain('- age: [*host_megumu, *host_megumu_next]');
    expect(finishRecipient(staged, 'megumu')).toBe(before.text.replace(megumu, FRESH.first));
  });

  it.each([
    ['ALREADY_EXISTS', () => stageRecipient(read(FLEET), 'megumu', aya)],
    [
      'ALREADY_EXISTS',
      () => stageRecipient(read(stageRecipient(read(FLEET), 'aya', FRESH.first)), 'aya', FRESH.second),
    ],
    ['ALREADY_EXISTS', () => replaceRecipient(read(FLEET), 'megumu', aya)],
    ['BAD_KEY', () => stageRecipient(read(FLEET), 'megumu', 'nonsense')],
    ['BAD_KEY', () => replaceRecipient(read(FLEET), 'megumu', `${FRESH.first}\nadmins: [x]`)],
    ['UNKNOWN_HOST', () => stageRecipient(read(FLEET), 'nitori', FRESH.first)],
    ['RULE_CONFLICT', () => stageRecipient(read(FLEET), 'momiji', FRESH.first)],
    ['NOT_STAGED', () => finishRecipient(read(FLEET), 'megumu')],
    ['NOT_STAGED', () => unstageRecipient(read(FLEET), 'megumu')],
  ])('refuses: %s', (code, edit) => {
    expect(refusal(edit)).toMatchObject({ code });
  });

  it('refuses a rule without a list, with the line and the wanted change', () => {
    const before = config('- age: *megumu');
    const error = refusal(() => stageRecipient(before, 'megumu', FRESH.first));
    expect(error).toMatchObject({ code: 'BAD_INVENTORY', line: 9 });
    expect(error.hint).toContain('[*megumu]');
    expect(replaceRecipient(before, 'megumu', FRESH.first)).toBe(before.text.replace(megumu, FRESH.first));
  });

  it('a rule that only the staged key reads does not lose it in silence', () => {
    const staged = stageRecipient(config('- age: [*kamov, *megumu]'), 'megumu', FRESH.first);
    const odd = read(staged.replace('[*kamov, *megumu, *megumu_next]', '[*megumu_next]'));
    expect(refusal(() => unstageRecipient(odd, 'megumu'))).toMatchObject({ code: 'LAST_READER' });
    expect(refusal(() => finishRecipient(odd, 'megumu'))).toMatchObject({ code: 'BAD_INVENTORY' });
  });
});

describe('a staged key', () => {
  const staged = read(stageRecipient(read(BY_HAND), 'megumu', FRESH.first));

  it('is no host, and the same host receives', () => {
    expect([...staged.hosts.keys()]).toEqual(['kamov', 'megumu']);
    const rule = ruleFor(staged, 'x/megumu/a.yaml') ?? expect.fail();
    expect(hostsOfRule(staged, rule)).toEqual(['megumu']);
    const only = read(staged.text.replace('[*megumu, *megumu_next]', '[*megumu_next]'));
    expect(hostsOfRule(only, ruleFor(only, 'x/megumu/a.yaml') ?? expect.fail())).toEqual(['megumu']);
  });

  it('goes into new rules with its owner', () => {
    const text = addRule(staged, { folder: 'kamov+megumu', recipients: ['kamov', 'megumu'] }, []);
    expect(text).toContain('[*kamov, *megumu, *megumu_next]');
  });
});

describe('reopenFolder', () => {
  const left = read(removeMember(read(FLEET), 'aya'));
  const rule = '- path_regex: ^secrets/aya/\n  age: ';

  it('lets a host of the same name read its folder again', () => {
    const before = config(`${rule}[*kamov]`);
    const after = read(reopenFolder(before, 'aya'));
    expect(after.rules.map(audienceOf)).toEqual([[kamov, aya]]);
    expect(reopenFolder(after, 'aya')).toBe(after.text);
  });

  it('leaves a rule alone that others than the admins read', () => {
    for (const readers of ['[*kamov, *megumu]', '[*megumu]']) {
      const before = config(`${rule}${readers}`);
      expect(reopenFolder(before, 'aya')).toBe(before.text);
    }
    expect(() => reopenFolder(left, 'aya')).toThrow('aya has no key');
  });
});

describe('giveOwnKey', () => {
  const HOME = config('- path_regex: ^secrets/aya/\n  age: [*kamov, *aya]').text.replace(
    'creation_rules',
    'hosts:\n  momiji: { platform: home, recipient: *kamov } # mine\n\ngroups:\n  homes: [momiji]\n\ncreation_rules',
  );
  const rules = ['momiji', 'aya\\+momiji', 'homes'].map(
    folder => `- path_regex: ^secrets/${folder}/\n  age: [*kamov]\n`,
  );

  it('names the key, points the host at it, and adds it to the rules of its folders alone', () => {
    const after = read(giveOwnKey(read(HOME + rules.join('')), 'momiji', FRESH.first));
    expect(after.text).toContain(`- &momiji ${FRESH.first}`);
    expect(after.text).toContain('momiji: { platform: home, recipient: *momiji } # mine');
    const own = [kamov, FRESH.first];
    expect(after.rules.map(audienceOf)).toEqual([[kamov, aya], own, own, own]);
  });

  it('refuses a host whose key is its own, and a key that somebody has', () => {
    expect(refusal(() => giveOwnKey(read(FLEET), 'aya', FRESH.first)).code).toBe('UNKNOWN_HOST');
    expect(refusal(() => giveOwnKey(read(HOME), 'momiji', aya)).code).toBe('ALREADY_EXISTS');
  });
});

describe('removeMember', () => {
  it('takes a host out of all places', () => {
    const without = setGroupMembers(read(FLEET), 'servers', remove('aya'));
    expect(
      removedLines(FLEET.replaceAll(', *aya', '').replace(', aya]', ']'), removeMember(read(FLEET), 'aya')),
    ).toEqual([
      `  - &aya ${aya}`,
      '  aya: { platform: darwin, secrets: { servers/smtp: { deliver: false } } }',
    ]);
    expect(removeMember(read(without), 'aya')).toBe(removeMember(read(FLEET), 'aya'));
  });

  it('takes the options of the folder that is only its own', () => {
    const after = read(
      removeMember(read(setGroupMembers(read(FLEET), 'servers', remove('megumu'))), 'megumu'),
    );
    expect([...after.secrets.keys()]).toEqual([]);
    expect(after.rules.map(audienceOf)).toEqual([[kamov], [kamov, aya], [kamov, aya]]);
  });

  it('takes a rule of its own folder that nobody else reads, and no other', () => {
    const own = config('- path_regex: ^secrets/megumu/\n  age: [*megumu]', '- age: [*kamov]');
    expect(read(removeMember(own, 'megumu')).rules.map(audienceOf)).toEqual([[kamov]]);
    expect(refusal(() => removeMember(read(BY_HAND), 'megumu'))).toMatchObject({
      code: 'LAST_READER',
      line: 10,
    });
  });

  it('removes the only key of a nested list', () => {
    const before = read(
      `keys:\n  - &people\n    - &kamov ${kamov}\n  - &machines\n    - &aya ${aya}\nadmins: [*kamov]\ncreation_rules:\n  - age:\n      - *kamov\n      - *aya\n`,
    );
    expect(removedLines(before.text, removeMember(before, 'aya'))).toEqual([
      `    - &aya ${aya}`,
      '      - *aya',
    ]);
  });

  it('leaves a key that a person has too', () => {
    expect(removedLines(FLEET, removeMember(read(FLEET), 'momiji'))).toEqual([
      "  momiji: { platform: home, recipient: *kamov }   # a profile with the person's own key",
    ]);
  });

  it('removes an admin whose key stands with its anchor in admins', () => {
    const before = read(
      `admins:\n  - &kamov ${kamov}\n  - &ran ${FRESH.first}\nkeys:\n  - &aya ${aya}\ncreation_rules:\n  - age: [*kamov, *ran, *aya]\n`,
    );
    expect(removeMember(before, 'ran')).toBe(
      before.text.replace(`  - &ran ${FRESH.first}\n`, '').replace(', *ran', ''),
    );
  });

  it('names the group that would be empty', () => {
    const one = read(setGroupMembers(read(FLEET), 'servers', remove('aya')));
    const error = refusal(() => removeMember(one, 'megumu'));
    expect(error).toMatchObject({ code: 'LAST_READER' });
    expect(error.message).toContain('servers');
  });

  it('leaves PGP readers beside', () => {
    const pgp = '85D77543B3D624B63CEA9E6DBC17301B491B3F21';
    const before = config(`- age: [*megumu]\n  pgp: ${pgp}`);
    expect(removeMember(before, 'megumu')).toContain(`- age: []\n  pgp: ${pgp}\n`);
  });

  it.each([
    ['LAST_ADMIN', () => removeMember(read(FLEET), 'kamov')],
    ['UNKNOWN_HOST', () => removeMember(read(FLEET), '__proto__')],
    [
      'RULE_CONFLICT',
      () => removeMember(read(addAdmin(read(FLEET), { name: 'ran', recipient: FRESH.first })), 'kamov'),
    ],
  ])('refuses: %s', (code, edit) => {
    expect(refusal(edit)).toMatchObject({ code });
  });
});

describe('renameMember', () => {
  it('renames everywhere, and folders in byte order', () => {
    const { text, folders } = renameMember(read(FLEET), 'aya', 'nitori');
    expect(text).toBe(
      FLEET.replaceAll('&aya', '&nitori')
        .replaceAll('*aya', '*nitori')
        .replace('  aya:', '  nitori:')
        .replace(', aya]', ', nitori]')
        .replace('aya\\+megumu', 'megumu\\+nitori'),
    );
    expect(folders).toEqual([['aya+megumu', 'megumu+nitori']]);
  });

  it('keeps the options of secrets, those of hosts too', () => {
    const after = read(renameMember(read(FLEET), 'servers', 'edge').text);
    expect(after.groups.get('edge')).toEqual(['megumu', 'aya']);
    expect(after.hosts.get('aya')?.secrets.has('edge/smtp')).toBe(true);
    const renamed = read(renameMember(read(FLEET), 'megumu', 'nitori').text);
    expect([...renamed.secrets.keys()]).toEqual(['nitori/kotori', 'nitori/kanidm/miniflux']);
  });

  it('knows a rule of the folder by more than one pattern', () => {
    const before = config("- path_regex: 'secrets/megumu/[^/]+\\.yaml$'\n  age: [*megumu]");
    const { text, folders } = renameMember(before, 'megumu', 'nitori');
    expect(text).toContain("'secrets/nitori/[^/]+\\.yaml$'");
    expect(folders).toEqual([['megumu', 'nitori']]);
  });

  it('takes a staged key along, and a name without the star', () => {
    const staged = read(stageRecipient(read(FLEET), 'megumu', FRESH.first));
    expect(nextOf(read(renameMember(staged, 'megumu', 'nitori').text), 'nitori')?.recipient).toBe(
      FRESH.first,
    );
    const named = read(FLEET.replace('recipient: *kamov', 'recipient: kamov'));
    expect(renameMember(named, 'kamov', 'ran').text).toContain('recipient: ran }');
  });

  it('moves folders that only files tell of', () => {
    const before = config('- age: [*kamov, *megumu]');
    expect(renameMember(before, 'megumu', 'nitori', ['secrets/megumu/a.yaml', 'x.yaml']).folders).toEqual([
      ['megumu', 'nitori'],
    ]);
  });

  it.each([
    ['BAD_NAME', () => renameMember(read(FLEET), 'aya', 'A.b')],
    ['UNKNOWN_HOST', () => renameMember(read(FLEET), 'nitori', 'x')],
    ['ALREADY_EXISTS', () => renameMember(read(FLEET), 'aya', 'megumu')],
    ['ALREADY_EXISTS', () => renameMember(read(FLEET), 'aya', 'servers')],
    [
      'ALREADY_EXISTS',
      () => renameMember(read(FLEET), 'aya', 'x', ['secrets/aya+megumu/a.yaml', 'secrets/megumu+x/a.yaml']),
    ],
    ['RULE_CONFLICT', () => renameMember(read(BY_HAND), 'megumu', 'nitori', ['secrets/megumu/a.yaml'])],
    [
      'RULE_CONFLICT',
      () =>
        renameMember(
          config(
            '- path_regex: ^secrets/nitori/\n  age: [*kamov]',
            '- path_regex: ^secrets/megumu/\n  age: [*megumu]',
          ),
          'megumu',
          'nitori',
        ),
    ],
  ])('refuses: %s', (code, edit) => {
    expect(refusal(edit)).toMatchObject({ code });
  });
});

describe('groups', () => {
  it('rules of the folder follow, with staged keys', () => {
    const staged = read(stageRecipient(read(FLEET), 'aya', FRESH.first));
    const left = setGroupMembers(staged, 'servers', remove('aya'));
    expect(left).toContain('servers: [megumu]');
    expect(left.slice(left.indexOf('^secrets/servers/'))).toContain('[*kamov, *megumu]');
    expect(left).toContain('[*kamov, *aya, *aya_next, *megumu]');
    expect(setGroupMembers(read(left), 'servers', add('aya'))).toBe(staged.text);
  });

  it('a member that another name of the folder stands for keeps reading', () => {
    const before = read(FLEET.replace('^secrets/servers/', '^secrets/aya\\+servers/'));
    const left = setGroupMembers(before, 'servers', remove('aya'));
    expect(left.slice(left.indexOf('^secrets/aya\\+servers/'))).toContain('[*kamov, *megumu, *aya]');
  });

  it.each([
    ['UNKNOWN_HOST', () => setGroupMembers(read(FLEET), 'x', add('aya'))],
    ['UNKNOWN_HOST', () => setGroupMembers(read(FLEET), 'servers', add('nitori'))],
    ['UNKNOWN_HOST', () => setGroupMembers(read(FLEET), 'servers', remove('momiji'))],
    ['LAST_READER', () => setGroupMembers(read(FLEET), 'servers', remove('aya', 'megumu'))],
    ['UNKNOWN_HOST', () => removeGroup(read(FLEET), 'x')],
  ])('refuses: %s', (code, edit) => {
    expect(refusal(edit)).toMatchObject({ code });
  });

  it('a group goes with its entry alone', () => {
    expect(removeGroup(read(FLEET), 'servers')).toBe(
      FLEET.replace('groups:\n  servers: [megumu, aya]', 'groups: {}'),
    );
  });
});

describe('addAdminToRules', () => {
  it('adds to what admins read below secrets/, not to what is a person\u2019s own', () => {
    const before = config(
      '- path_regex: ^sops/kamov.yaml$\n  age: [*kamov]',
      '- path_regex: ^secrets/megumu/\n  age: [*megumu]',
      '- path_regex: ^secrets/aya/\n  age: [*kamov, *aya]',
      `- path_regex: .*\n  age: ${kamov}`,
    );
    const admin = read(addAdmin(before, { name: 'ran', recipient: FRESH.first }));
    const after = read(addAdminToRules(admin, 'ran'));
    expect(after.rules.map(audienceOf)).toEqual([
      [kamov],
      [megumu],
      [kamov, aya, FRESH.first],
      [kamov, FRESH.first],
    ]);
    expect(addAdminToRules(after, 'ran')).toBe(after.text);
  });
});

describe('removeRule', () => {
  it('undoes addRule', () => {
    const empty = `keys:\n  - &kamov ${kamov}\n\nadmins: [kamov]\n\ncreation_rules: []\n`;
    for (const text of [FLEET, BY_HAND, empty, FLEET.replaceAll('\n', '\r\n'), BY_HAND.trimEnd()]) {
      const added = read(addRule(read(text), { folder: 'kamov', recipients: ['kamov'] }, []));
      const index = added.rules.findIndex(rule => rule.pathRegex === '^secrets/kamov/');
      expect(removeRule(added, index), text).toBe(text);
    }
  });

  it('refuses a number that is no rule', () => {
    expect(refusal(() => removeRule(read(FLEET), 9))).toMatchObject({ code: 'USAGE' });
  });
});
