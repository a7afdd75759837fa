import { describe, expect, it } from 'vitest';
import { addAdmin, addGroup, addHost, addKey, newInventory } from '../../src/workspace/edit.ts';
import { BY_HAND, FLEET, insertedLines, KEYS, read, refusal } from './fleet.ts';

const MOMIJI = { name: 'momiji', platform: 'nixos', recipient: KEYS.momiji } as const;

describe('newInventory', () => {
  it('is a file with one admin that reads back', () => {
    const text = newInventory({ admin: { name: 'kamov', recipient: KEYS.kamov } });
    const inventory = read(text);
    expect(inventory.keys).toEqual([{ name: 'kamov', recipient: KEYS.kamov, line: 3 }]);
    expect(inventory.admins).toEqual(['kamov']);
    expect([
      inventory.hosts.size,
      inventory.rules.length,
      inventory.generated,
      inventory.warnings.length,
    ]).toEqual([0, 0, false, 0]);
  });

  it.each(['null', '123', '1e3', 'yes', 'on', 'n'])(
    'quotes the name %s where YAML has another meaning for it',
    name => {
      const inventory = read(newInventory({ admin: { name, recipient: KEYS.kamov } }));
      expect(inventory.admins).toEqual([name]);
      expect(inventory.text).toContain(`admins: ["${name}"]`);
      expect([...read(addHost(inventory, { ...MOMIJI, name: `${name}0` })).hosts.keys()]).toEqual([
        `${name}0`,
      ]);
    },
  );

  it('refuses a bad name and what is no key', () => {
    expect(refusal(() => newInventory({ admin: { name: 'Kamov', recipient: KEYS.kamov } })).code).toBe(
      'BAD_NAME',
    );
    for (const recipient of ['', 'AGE-SECRET-KEY-1XXXX', `${KEYS.kamov},${KEYS.aya}`, `${KEYS.kamov}\nx`]) {
      const error = refusal(() => newInventory({ admin: { name: 'kamov', recipient } }));
      expect(error.code).toBe('BAD_KEY');
      expect(`${error.message}${error.hint}`).not.toContain('XXXX');
    }
  });
});

describe('addHost', () => {
  it('adds the key and the entry to the sections that are there', () => {
    expect(insertedLines(FLEET, addHost(read(FLEET), { ...MOMIJI, name: 'kiri' }))).toEqual([
      `  - &kiri ${KEYS.momiji}`,
      '  kiri: { platform: nixos }',
    ]);
  });

  it('makes the sections that are missing, in their order', () => {
    expect(insertedLines(BY_HAND, addHost(read(BY_HAND), MOMIJI))).toEqual([
      `  - &momiji ${KEYS.momiji}`,
      'hosts:',
      '  momiji: { platform: nixos }',
      '',
    ]);
    expect(addHost(read(''), MOMIJI)).toBe(
      `keys:\n  - &momiji ${KEYS.momiji}\n\nhosts:\n  momiji: { platform: nixos }\n`,
    );
  });

  it('refers to a key that has another name', () => {
    const text = `keys:\n  - &host_momiji ${KEYS.momiji}\n`;
    expect(addHost(read(text), MOMIJI)).toBe(
      `${text.trimEnd()}\n\nhosts:\n  momiji: { platform: nixos, recipient: *host_momiji }\n`,
    );
  });

  it('names a key that stands in the list without a name', () => {
    const text = `keys:\n  - ${KEYS.momiji} # kiri\ncreation_rules: []\n`;
    expect(addHost(read(text), MOMIJI)).toBe(
      `keys:\n  - &momiji ${KEYS.momiji} # kiri\nhosts:\n  momiji: { platform: nixos }\ncreation_rules: []\n`,
    );
  });

  it('declares a host that was only inferred', () => {
    const text = addHost(read(BY_HAND), { name: 'megumu', platform: 'darwin', recipient: KEYS.megumu });
    expect(insertedLines(BY_HAND, text)).toEqual(['hosts:', '  megumu: { platform: darwin }', '']);
  });

  it('is no change the second time', () => {
    const once = addHost(read(FLEET), { ...MOMIJI, name: 'kiri' });
    expect(addHost(read(once), { ...MOMIJI, name: 'kiri' })).toBe(once);
  });

  it.each([
    [
      'in nested lists',
      `keys:\n  - &users:\n    - &kamov ${KEYS.kamov}\n  - &hosts:\n    - &aya ${KEYS.aya}\n    # last\n`,
      `    - &momiji ${KEYS.momiji}`,
    ],
    [
      'in lists with labels',
      `keys:\n- &hosts\n  - &aya ${KEYS.aya}\n- &users\n  - &kamov ${KEYS.kamov}\n`,
      `  - &momiji ${KEYS.momiji}`,
    ],
    [
      'in a map of lists',
      `keys:\n    servers:\n        - &aya ${KEYS.aya}\n    users: []\n`,
      `        - &momiji ${KEYS.momiji}`,
    ],
    [
      'in maps in a list',
      `keys:\n  - users:\n      - &kamov ${KEYS.kamov}\n  - hosts:\n      - &aya ${KEYS.aya}\n`,
      `      - &momiji ${KEYS.momiji}`,
    ],
    ['without indentation', `keys:\n- &aya ${KEYS.aya}\nx: 1\n`, `- &momiji ${KEYS.momiji}`],
    ['deeply', `keys:\n      - &aya ${KEYS.aya}\n`, `      - &momiji ${KEYS.momiji}`],
  ])('adds the key as the file has them: %s', (_, text, line) => {
    const lines = addHost(read(text), MOMIJI).split('\n');
    const at = lines.indexOf(line);
    expect(at).toBeGreaterThan(0);
    expect(lines[at - 1]).toContain(KEYS.aya);
  });

  it.each([
    [
      `keys: [&aya ${KEYS.aya}]\nhosts: {aya: {platform: darwin}}\n`,
      `keys: [&aya ${KEYS.aya}, &momiji ${KEYS.momiji}]\nhosts: {aya: {platform: darwin}, momiji: {platform: nixos}}\n`,
    ],
    [
      `keys: []\nhosts: {} # none\n`,
      `keys:\n  - &momiji ${KEYS.momiji}\nhosts: # none\n  momiji: { platform: nixos }\n`,
    ],
    [
      `keys:\nhosts:\n# end`,
      `keys:\n  - &momiji ${KEYS.momiji}\nhosts:\n  momiji: { platform: nixos }\n# end`,
    ],
    [
      `keys:\n  - &aya ${KEYS.aya}`,
      `keys:\n  - &aya ${KEYS.aya}\n  - &momiji ${KEYS.momiji}\n\nhosts:\n  momiji: { platform: nixos }`,
    ],
    [
      `keys:\r\n  - &aya ${KEYS.aya}\r\n\r\nx: 1\r\n`,
      `keys:\r\n  - &aya ${KEYS.aya}\r\n  - &momiji ${KEYS.momiji}\r\n\r\nhosts:\r\n  momiji: { platform: nixos }\r\n\r\nx: 1\r\n`,
    ],
    [
      `\ufeff# mine\ncreation_rules: []\n`,
      `\ufeff# mine\nkeys:\n  - &momiji ${KEYS.momiji}\n\nhosts:\n  momiji: { platform: nixos }\n\ncreation_rules: []\n`,
    ],
    [
      `---\n# mine\n\n# rules\ncreation_rules: []\n`,
      `---\n# mine\n\nkeys:\n  - &momiji ${KEYS.momiji}\n\nhosts:\n  momiji: { platform: nixos }\n\n# rules\ncreation_rules: []\n`,
    ],
    [
      `keys:\n  - &aya ${KEYS.aya} # new\n  # - &old age1old\n\nhosts:\n    aya:\n        platform: darwin # mac\n    # end\n`,
      `keys:\n  - &aya ${KEYS.aya} # new\n  - &momiji ${KEYS.momiji}\n  # - &old age1old\n\nhosts:\n    aya:\n        platform: darwin # mac\n    momiji: { platform: nixos }\n    # end\n`,
    ],
  ])('keeps every other byte (%#)', (before, after) => {
    expect(addHost(read(before), MOMIJI)).toBe(after);
  });

  it('writes the key itself where an alias would stand above its anchor', () => {
    const text = `hosts: { aya: { recipient: ${KEYS.aya} } }\nkeys:\n  - &k ${KEYS.momiji}\n`;
    expect(read(addHost(read(text), MOMIJI)).hosts.get('momiji')?.recipient).toBe(KEYS.momiji);
  });

  it.each([
    ['another key under the name', BY_HAND, { name: 'megumu', recipient: KEYS.momiji }, 'ALREADY_EXISTS'],
    ['another key of a host', FLEET, { name: 'aya', recipient: KEYS.momiji }, 'ALREADY_EXISTS'],
    ['another platform', FLEET, { name: 'aya', recipient: KEYS.aya }, 'ALREADY_EXISTS'],
    ['the name of an admin', FLEET, { name: 'kamov', recipient: KEYS.kamov }, 'ALREADY_EXISTS'],
    ['the name of a group', FLEET, { name: 'servers', recipient: KEYS.momiji }, 'ALREADY_EXISTS'],
    [
      'an anchor that names a list',
      `keys:\n  - &momiji\n    - &a ${KEYS.aya}\n`,
      { name: 'momiji', recipient: KEYS.momiji },
      'ALREADY_EXISTS',
    ],
    [
      'a name that differs by case',
      `keys:\n  - &Momiji ${KEYS.aya}\n`,
      { name: 'momiji', recipient: KEYS.momiji },
      'ALREADY_EXISTS',
    ],
    ['a bad name', FLEET, { name: 'a.b', recipient: KEYS.momiji }, 'BAD_NAME'],
    ['a private key', FLEET, { name: 'kiri', recipient: 'AGE-SECRET-KEY-1' }, 'BAD_KEY'],
    [
      'hosts in the form of others',
      `hosts:\n  - &aya ${KEYS.aya}\n`,
      { name: 'momiji', recipient: KEYS.momiji },
      'BAD_INVENTORY',
    ],
    [
      'a file in one pair of braces',
      `{ keys: [&aya ${KEYS.aya}] }\n`,
      { name: 'momiji', recipient: KEYS.momiji },
      'BAD_INVENTORY',
    ],
    [
      'several documents',
      `keys: []\n---\nkeys: []\n`,
      { name: 'momiji', recipient: KEYS.momiji },
      'BAD_INVENTORY',
    ],
  ])('refuses %s', (_, text, host, code) => {
    expect(refusal(() => addHost(read(text), { platform: 'nixos', ...host })).code).toBe(code);
  });

  it('does not write a generated file, and shows the change', () => {
    const error = refusal(() => addHost(read(`# generated by gen.nix\n${BY_HAND}`), MOMIJI));
    expect(error.code).toBe('BAD_INVENTORY');
    expect(error.message).toContain('a program writes this file');
    expect(error.hint).toContain(
      `after line 4:\n+   - &momiji ${KEYS.momiji}\n+ \n+ hosts:\n+   momiji: { platform: nixos }`,
    );
  });
});

describe('addKey', () => {
  it('adds ssh keys, fingerprints and odd comments as text that reads back', () => {
    const given = [
      'ssh-ed25519 AAAAC3Nz root@kiri',
      'ssh-ed25519 AAAAC3Nz a: b #c',
      '0123456789012345678901234567890123456789',
      '1234567890123456789E12345678901234567890',
    ];
    given.forEach((recipient, i) => {
      const inventory = read(addKey(read(BY_HAND), `k${i}`, recipient));
      expect(inventory.recipientOf(`k${i}`)).toBe(recipient);
    });
  });

  it('refuses a second name for a key', () => {
    expect(refusal(() => addKey(read(FLEET), 'second', KEYS.aya)).message).toContain('as "aya"');
  });
});

describe('addAdmin', () => {
  it('names a key that is there already', () => {
    const text = addAdmin(read(BY_HAND), { name: 'someone', recipient: KEYS.kamov });
    expect(insertedLines(BY_HAND, text)).toEqual(['admins: [kamov]', '']);
  });

  it('adds the key to the list of people', () => {
    const text = `keys:\n  - &users\n    - &kamov ${KEYS.kamov}\n  - &hosts\n    - &aya ${KEYS.aya}\nadmins:\n- kamov\n`;
    expect(insertedLines(text, addAdmin(read(text), { name: 'ran', recipient: KEYS.momiji }))).toEqual([
      `    - &ran ${KEYS.momiji}`,
      '- ran',
    ]);
  });

  it.each([
    ['admins: [kamov]', 'admins: [kamov, ran]'],
    ['admins: [ kamov ] # us', 'admins: [ kamov, ran ] # us'],
    ['admins: [\n  kamov,\n  ]', 'admins: [\n  kamov, ran,\n  ]'],
    ['admins: []', 'admins:\n  - ran'],
    ['admins:', 'admins:\n  - ran'],
  ])('puts the name into %j', (before, after) => {
    const head = `keys:\n  - &kamov ${KEYS.kamov}\n  - &ran ${KEYS.momiji}\n`;
    expect(addAdmin(read(`${head}${before}\n`), { name: 'ran', recipient: KEYS.momiji })).toBe(
      `${head}${after}\n`,
    );
  });

  it('takes a name that we would not give, where the key has it', () => {
    const text = `keys:\n  - &User_Kamov ${KEYS.kamov}\n`;
    expect(read(addAdmin(read(text), { name: 'kamov', recipient: KEYS.kamov })).admins).toEqual([
      'User_Kamov',
    ]);
  });

  it('is no change for an admin, and refuses the name of a host', () => {
    expect(addAdmin(read(FLEET), { name: 'kamov', recipient: KEYS.kamov })).toBe(FLEET);
    expect(refusal(() => addAdmin(read(FLEET), { name: 'momiji', recipient: KEYS.momiji })).code).toBe(
      'ALREADY_EXISTS',
    );
  });
});

describe('addGroup', () => {
  it('adds a group, once', () => {
    const text = addGroup(read(FLEET), 'laptops', ['aya', 'momiji', 'aya']);
    expect(insertedLines(FLEET, text)).toEqual(['  laptops: [aya, momiji]']);
    expect(addGroup(read(text), 'laptops', ['momiji', 'aya'])).toBe(text);
  });

  it('refuses unknown hosts, taken names and other members', () => {
    expect(refusal(() => addGroup(read(FLEET), 'g', ['ayo'])).hint).toBe('did you mean aya?');
    expect(refusal(() => addGroup(read(FLEET), 'aya', ['megumu'])).code).toBe('ALREADY_EXISTS');
    expect(refusal(() => addGroup(read(FLEET), 'servers', ['aya'])).code).toBe('ALREADY_EXISTS');
    expect(refusal(() => addGroup(read(FLEET), 'momiji', ['aya'])).code).toBe('ALREADY_EXISTS');
    expect(refusal(() => addGroup(read(BY_HAND), 'g', ['megumu'])).hint).toContain('secrets host add megumu');
    expect(refusal(() => addGroup(read(FLEET), 'g', [])).code).toBe('USAGE');
  });
});
