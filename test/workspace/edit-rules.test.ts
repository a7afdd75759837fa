import { describe, expect, it } from 'vitest';
import { addRule } from '../../src/workspace/edit.ts';
import { audienceOf, ruleFor } from '../../src/workspace/rules.ts';
import { BY_HAND, FLEET, insertedLines, KEYS, read, refusal } from './fleet.ts';

describe('addRule', () => {
  it('goes last where no rule takes the folder', () => {
    const text = addRule(read(FLEET), { folder: 'aya', recipients: ['kamov', 'aya'] }, []);
    expect(text).toBe(
      `${FLEET}  - path_regex: ^secrets/aya/\n    key_groups:\n      - age: [*kamov, *aya]\n`,
    );
  });

  it('goes before the first rule that takes any path in the folder, set off as the others are', () => {
    const text = addRule(read(BY_HAND), { folder: 'megumu', recipients: ['kamov', 'megumu'] }, [
      'hosts/megumu/sops.yaml',
    ]);
    expect(insertedLines(BY_HAND, text)).toEqual([
      '  - path_regex: ^secrets/megumu/',
      '    key_groups:',
      '      - age: [*kamov, *megumu]',
      '',
    ]);
    expect(read(text).rules.map(rule => rule.pathRegex)).toEqual([
      '^sops/kamov.yaml$',
      '^secrets/megumu/',
      '^.*/megumu/.*\\.ya?ml$',
    ]);
  });

  it.each([
    '\\.env$',
    '\\.ini$',
    '\\.json$',
    '^secrets/',
    'megumu/[^/]+\\.bin$',
    'secrets/megumu/.*/.*\\.env$',
    '',
  ])('goes before a rule for %j', pattern => {
    const text = `keys: [&kamov ${KEYS.kamov}]\ncreation_rules:\n  - path_regex: ^docs/\n    age: *kamov\n  - path_regex: '${pattern}'\n    age: age1other\n`;
    const after = read(addRule(read(text), { folder: 'megumu', recipients: ['kamov'] }, []));
    expect(ruleFor(after, 'secrets/megumu/x.env')?.index).toBe(1);
  });

  it('keeps the comments of a rule with it', () => {
    const text = `keys: [&kamov ${KEYS.kamov}]\ncreation_rules:\n  # docs\n  - path_regex: ^docs/\n    age: *kamov\n  # all\n  # else\n  - age: age1other # x`;
    expect(addRule(read(text), { folder: 'megumu', recipients: ['kamov'] }, [])).toBe(
      text.replace(
        '  # all\n',
        '  - path_regex: ^secrets/megumu/\n    key_groups:\n      - age: [*kamov]\n  # all\n',
      ),
    );
  });

  it.each([
    [
      'no rules',
      `keys:\n  - &kamov ${KEYS.kamov}\n`,
      `keys:\n  - &kamov ${KEYS.kamov}\n\ncreation_rules:\n  - path_regex: ^secrets/megumu/\n    key_groups:\n      - age: [*kamov]\n`,
    ],
    [
      'empty brackets',
      `keys: [&kamov ${KEYS.kamov}]\ncreation_rules: [] # none\n`,
      `keys: [&kamov ${KEYS.kamov}]\ncreation_rules: # none\n  - path_regex: ^secrets/megumu/\n    key_groups:\n      - age: [*kamov]\n`,
    ],
    [
      'no indentation and no final newline',
      `keys:\n- &kamov ${KEYS.kamov}\ncreation_rules:\n- path_regex: x\n  age: *kamov`,
      `keys:\n- &kamov ${KEYS.kamov}\ncreation_rules:\n- path_regex: x\n  age: *kamov\n- path_regex: ^secrets/megumu/\n  key_groups:\n  - age: [*kamov]`,
    ],
    [
      'CRLF',
      `keys: [&kamov ${KEYS.kamov}]\r\ncreation_rules:\r\n    - path_regex: x\r\n      age: *kamov\r\n`,
      `keys: [&kamov ${KEYS.kamov}]\r\ncreation_rules:\r\n    - path_regex: x\r\n      age: *kamov\r\n    - path_regex: ^secrets/megumu/\r\n      key_groups:\r\n          - age: [*kamov]\r\n`,
    ],
    [
      'brackets',
      `keys: [&kamov ${KEYS.kamov}]\ncreation_rules: [{path_regex: x, age: *kamov}, {age: age1z}]\n`,
      `keys: [&kamov ${KEYS.kamov}]\ncreation_rules: [{path_regex: x, age: *kamov}, {path_regex: ^secrets/megumu/, key_groups: [{age: [*kamov]}]}, {age: age1z}]\n`,
    ],
    [
      'null entries',
      `keys: [&kamov ${KEYS.kamov}]\ncreation_rules:\n  -\n  - age: age1z\n`,
      `keys: [&kamov ${KEYS.kamov}]\ncreation_rules:\n  -\n  - path_regex: ^secrets/megumu/\n    key_groups:\n      - age: [*kamov]\n  - age: age1z\n`,
    ],
  ])('fits a file with %s', (_, before, after) => {
    expect(addRule(read(before), { folder: 'megumu', recipients: ['kamov'] }, [])).toBe(after);
  });

  it('writes fingerprints apart, groups as their hosts, and each key once', () => {
    const text = `${FLEET.replace('keys:\n', `keys:\n  - &gpg ABCDEF0123456789ABCDEF0123456789ABCDEF01\n`)}`;
    const after = addRule(
      read(text),
      { folder: 'momiji', recipients: ['kamov', 'gpg', 'momiji', 'servers', KEYS.momiji] },
      [],
    );
    expect(insertedLines(text, after)?.slice(2)).toEqual([
      `      - age: [*kamov, *megumu, *aya, ${KEYS.momiji}]`,
      '        pgp: [*gpg]',
    ]);
  });

  it('writes the key where the anchor stands below', () => {
    const text = `creation_rules:\n  - path_regex: ^x$\n    age: [age1z]\nkeys: [&kamov ${KEYS.kamov}]\n`;
    const after = read(addRule(read(text), { folder: 'a', recipients: ['kamov'] }, []));
    expect(after.rules[1] && audienceOf(after.rules[1])).toEqual([KEYS.kamov]);
    expect(after.text).toContain(`age: [${KEYS.kamov}]`);
  });

  it('is no change where the folder has exactly these readers', () => {
    expect(addRule(read(FLEET), { folder: 'megumu', recipients: ['megumu', 'kamov'] }, [])).toBe(FLEET);
    const wide = `keys: [&kamov ${KEYS.kamov}]\ncreation_rules:\n  - path_regex: ^secrets/\n    age: *kamov\n`;
    expect(addRule(read(wide), { folder: 'megumu', recipients: ['kamov'] }, ['secrets/megumu/x.yaml'])).toBe(
      wide,
    );
  });

  it('does not rely on a wide rule that leaves values in clear', () => {
    const wide = `keys: [&kamov ${KEYS.kamov}]\ncreation_rules:\n  - age: *kamov\n    encrypted_regex: ^data$\n`;
    expect(read(addRule(read(wide), { folder: 'megumu', recipients: ['kamov'] }, [])).rules).toHaveLength(2);
  });

  it('refuses to bring an existing file under other keys, and names it', () => {
    const error = refusal(() =>
      addRule(read(BY_HAND), { folder: 'megumu', recipients: ['kamov', 'megumu'] }, [
        'flake.nix',
        'secrets/megumu/sops.yaml',
      ]),
    );
    expect([error.code, error.line]).toEqual(['RULE_CONFLICT', 10]);
    expect(error.message).toContain('secrets/megumu/sops.yaml');
    expect(error.hint).toBeTruthy();
  });

  it('lets a file change its rule where the keys are the same', () => {
    const text = addRule(read(BY_HAND), { folder: 'megumu', recipients: ['megumu'] }, [
      'secrets/megumu/sops.yaml',
    ]);
    expect(ruleFor(read(text), 'secrets/megumu/sops.yaml')?.pathRegex).toBe('^secrets/megumu/');
  });

  it("refuses where the folder's own rule has other readers, or comes too late", () => {
    expect(refusal(() => addRule(read(FLEET), { folder: 'megumu', recipients: ['kamov'] }, [])).code).toBe(
      'RULE_CONFLICT',
    );
    const late = FLEET.replace(
      'creation_rules:\n',
      'creation_rules:\n  - path_regex: \\.env$\n    age: *aya\n',
    );
    const error = refusal(() =>
      addRule(read(late), { folder: 'megumu', recipients: ['kamov', 'megumu'] }, []),
    );
    expect(error.message).toContain('another rule takes its files first');
  });

  it('looks at the file for which it is made', () => {
    const text = `keys: [&kamov ${KEYS.kamov}]\ncreation_rules:\n  - path_regex: kotori\n    age: age1z\n`;
    const path = 'secrets/megumu/kotori.env';
    const after = read(addRule(read(text), { folder: 'megumu', recipients: ['kamov'], path }, []));
    expect(ruleFor(after, path)?.index).toBe(0);
  });

  it.each([
    ['an unknown reader', { folder: 'a', recipients: ['nobody'] }, 'UNKNOWN_HOST'],
    ['no reader', { folder: 'a', recipients: [] }, 'BAD_KEY'],
    ['a host without a key', { folder: 'bare', recipients: ['bare'] }, 'BAD_KEY'],
    ['a folder that is none', { folder: 'b+a', recipients: ['kamov'] }, 'BAD_NAME'],
    ['a folder with a slash', { folder: 'a/../..', recipients: ['kamov'] }, 'BAD_NAME'],
  ])('refuses %s', (_, rule, code) => {
    const text = FLEET.replace('hosts:\n', 'hosts:\n  bare: {}\n');
    expect(refusal(() => addRule(read(text), rule, [])).code).toBe(code);
  });
});
