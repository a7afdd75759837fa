import { describe, expect, it } from 'vitest';
import { addRule } from '../../src/workspace/edit.ts';
import { placeSecret } from '../../src/workspace/placement.ts';
import { audienceOf, ruleFor } from '../../src/workspace/rules.ts';
import { listSecrets } from '../../src/workspace/secrets.ts';
import { BY_HAND, envFile, FLEET, KEYS, read, refusal, yamlFile } from './fleet.ts';

const place = (
  text: string,
  hosts: string[],
  name = 'kotori',
  files: Parameters<typeof placeSecret>[2] = [],
) => placeSecret(read(text), { hosts, name, format: 'yaml' }, files);

describe('placeSecret', () => {
  it('uses the folder of the host and its rule', () => {
    expect(place(FLEET, ['megumu'], 'kanidm/miniflux')).toEqual({
      folder: 'megumu',
      path: 'secrets/megumu/kanidm/miniflux.yaml',
      address: 'megumu/kanidm/miniflux',
      audience: [
        { name: 'kamov', recipient: KEYS.kamov },
        { name: 'megumu', recipient: KEYS.megumu },
      ],
      newRule: false,
      newReaders: [],
    });
  });

  it('joins the names of several hosts', () => {
    expect(place(FLEET, ['megumu', 'aya', 'aya'])).toMatchObject({ folder: 'aya+megumu', newRule: false });
    expect(place(FLEET, ['servers'])).toMatchObject({ folder: 'servers', newRule: false });
    expect(place(FLEET, ['servers', 'momiji'])).toMatchObject({ folder: 'momiji+servers', newRule: true });
  });

  it('plans a rule where the folder has none: admins first, then hosts, each key once', () => {
    const planned = place(FLEET, ['aya', 'momiji']);
    expect(planned.audience.map(reader => reader.name)).toEqual(['kamov', 'aya']);
    expect(planned.newRule).toBe(true);
    expect(planned.newReaders).toEqual([KEYS.kamov, KEYS.aya]);
  });

  it('marks as new only who had nothing from the rule before', () => {
    const planned = placeSecret(
      read(`${BY_HAND}admins: [kamov]\n`),
      { hosts: ['megumu'], name: 'kotori', format: 'yaml' },
      [],
    );
    expect(planned.newRule).toBe(true);
    expect(planned.audience.map(reader => reader.name)).toEqual(['kamov', 'megumu']);
    expect(planned.newReaders).toEqual([KEYS.kamov]);
  });

  it.each([
    ['yaml', '.yaml'],
    ['dotenv', '.env'],
    ['binary', '.bin'],
  ] as const)('gives %s the extension %s', (format, extension) => {
    const planned = placeSecret(read(FLEET), { hosts: ['megumu'], name: 'kotori', format }, []);
    expect(planned.path).toBe(`secrets/megumu/kotori${extension}`);
  });

  it('leads, with addRule, to a file that the list shows for these hosts', () => {
    for (const [text, hosts] of [
      [FLEET, ['aya', 'momiji']],
      [BY_HAND, ['megumu']],
      [FLEET, ['aya']],
    ] as const) {
      const planned = place(text, [...hosts], 'new');
      const names = planned.audience.map(reader => reader.name ?? reader.recipient);
      const after = read(
        addRule(read(text), { folder: planned.folder, recipients: names, path: planned.path }, []),
      );
      const rule = ruleFor(after, planned.path);
      expect(rule && audienceOf(rule)).toEqual(planned.audience.map(reader => reader.recipient));
      const [secret] = listSecrets(after, [yamlFile(planned.path, 'new')]);
      expect([secret?.address, secret?.hosts]).toEqual([planned.address, [...hosts]]);
    }
  });

  it('names the nearest host of an unknown one', () => {
    const error = refusal(() => place(FLEET, ['megumi']));
    expect([error.code, error.hint]).toEqual(['UNKNOWN_HOST', 'did you mean megumu?']);
    expect(refusal(() => place(FLEET, ['kamov'])).message).toContain('kamov is an admin');
    expect(refusal(() => place(FLEET, ['constructor'])).code).toBe('UNKNOWN_HOST');
  });

  it.each([
    ['no host', [], 'kotori', 'USAGE'],
    ['a bad name', ['megumu'], '../kotori', 'BAD_NAME'],
    ['a host without key', ['bare'], 'kotori', 'BAD_KEY'],
    ['a group without hosts', ['empty'], 'kotori', 'USAGE'],
    ['four names', ['aya', 'megumu', 'momiji', 'servers'], 'kotori', 'USAGE'],
  ])('refuses %s', (_, hosts, name, code) => {
    const text = FLEET.replace('hosts:\n', 'hosts:\n  bare: {}\n').replace(
      'groups:\n',
      'groups:\n  empty: []\n',
    );
    expect(refusal(() => place(text, hosts, name)).code).toBe(code);
  });

  it.each([
    ['the address is taken', envFile('secrets/megumu/kotori.env'), 'ALREADY_EXISTS'],
    ['the file is taken', yamlFile('secrets/megumu/kotori.yaml', 'a', 'b'), 'ALREADY_EXISTS'],
    ['the name differs by case alone', envFile('secrets/megumu/Kotori.env'), 'NAME_COLLISION'],
    ['another folder delivers the name', envFile('secrets/servers/kotori.env'), 'NAME_COLLISION'],
    [
      'the name is a folder',
      yamlFile('secrets/aya+megumu/kotori/token.yaml', 'kotori/token'),
      'NAME_COLLISION',
    ],
  ])('refuses where %s', (_, file, code) => {
    expect(refusal(() => place(FLEET, ['megumu'], 'kotori', [file])).code).toBe(code);
  });

  it('refuses a name below one that is a file', () => {
    expect(
      refusal(() => place(FLEET, ['megumu'], 'kotori/token', [envFile('secrets/megumu/kotori.env')])).code,
    ).toBe('NAME_COLLISION');
  });

  it('lets two hosts have the same name', () => {
    const text = `${FLEET}  - path_regex: ^secrets/aya/\n    age: [*kamov, *aya]\n`;
    expect(place(text, ['aya'], 'wg', [envFile('secrets/megumu/wg.env')]).address).toBe('aya/wg');
  });

  it('refuses a key of a hand-made file under the same name', () => {
    const error = refusal(() =>
      place(BY_HAND, ['megumu'], 'kotori', [yamlFile('hosts/megumu/sops.yaml', 'kotori')]),
    );
    expect(error.code).toBe('NAME_COLLISION');
    expect(error.hint).toContain('hosts/megumu/sops.yaml#kotori');
  });

  it('refuses a folder whose rule leaves the host out', () => {
    const text = FLEET.replace('[*kamov, *megumu]', '[*kamov]');
    const error = refusal(() => place(text, ['megumu']));
    expect(error.code).toBe('RULE_CONFLICT');
    expect(error.message).toContain('does not let megumu read');
  });
});
