import { describe, expect, it } from 'vitest';
import {
  checkHost,
  collisions,
  doubleAddresses,
  findSecret,
  hostOwnFile,
  listSecrets,
  type ManagedFile,
  optionsFor,
} from '../../src/workspace/secrets.ts';
import { expectLinear } from '../helpers/linear.ts';
import { BY_HAND, envFile, FLEET, KEYS, read, refusal, yamlFile } from './fleet.ts';

const TREE: readonly ManagedFile[] = [
  envFile('secrets/megumu/kotori.env'),
  yamlFile('secrets/megumu/kanidm/miniflux.yaml', 'kanidm/miniflux'),
  yamlFile('secrets/aya+megumu/wifi.yaml', 'wifi'),
  yamlFile('secrets/servers/smtp.yaml', 'smtp'),
  { path: 'secrets/megumu/blob.bin', format: 'binary', leaves: null },
];

const HOST_FILES = [
  yamlFile('hosts/megumu/sops.yaml', 'kotori', 'kanidm/miniflux'),
  yamlFile('sops/kamov.yaml', 'mail'),
];

describe('listSecrets', () => {
  it('reads the tree', () => {
    const secrets = listSecrets(read(FLEET), TREE);
    expect(secrets.map(secret => [secret.address, secret.key, secret.hosts, secret.emitted])).toEqual([
      ['aya+megumu/wifi', 'wifi', ['aya', 'megumu'], true],
      ['megumu/blob', null, ['megumu'], true],
      ['megumu/kanidm/miniflux', 'kanidm/miniflux', ['megumu'], true],
      ['megumu/kotori', null, ['megumu'], true],
      ['servers/smtp', 'smtp', ['megumu'], true],
    ]);
    expect(secrets[2]?.options).toEqual({ owner: 'miniflux', group: 'kanidm', mode: '0440' });
  });

  it('lists the leaves of any other layout', () => {
    const secrets = listSecrets(read(BY_HAND), HOST_FILES);
    expect(secrets.map(secret => [secret.name, secret.address, secret.hosts, secret.emitted])).toEqual([
      ['kanidm/miniflux', 'hosts/megumu/sops.yaml#kanidm/miniflux', ['megumu'], false],
      ['kotori', 'hosts/megumu/sops.yaml#kotori', ['megumu'], false],
      ['mail', 'sops/kamov.yaml#mail', ['kamov'], false],
    ]);
  });

  it.each([
    [
      'several leaves',
      yamlFile('secrets/megumu/db.yaml', 'user', 'password'),
      ['secrets/megumu/db.yaml#password', 'secrets/megumu/db.yaml#user'],
    ],
    ['another leaf', yamlFile('secrets/megumu/db.yaml', 'user'), ['secrets/megumu/db.yaml#user']],
    [
      'a key with a slash in it',
      { path: 'secrets/megumu/a/b.yaml', format: 'yaml' as const, leaves: [['a/b']] },
      ['secrets/megumu/a/b.yaml#a/b'],
    ],
    [
      'an unknown folder',
      yamlFile('secrets/hosts/megumu.yaml', 'megumu'),
      ['secrets/hosts/megumu.yaml#megumu'],
    ],
    ['no folder', yamlFile('secrets/secrets.yaml', 'x'), ['secrets/secrets.yaml#x']],
    ['a folder out of order', yamlFile('secrets/megumu+aya/x.yaml', 'x'), ['secrets/megumu+aya/x.yaml#x']],
    [
      'a JSON file',
      { path: 'secrets/megumu/x.json', format: 'json' as const, leaves: [['x']] },
      ['secrets/megumu/x.json#x'],
    ],
    ['a name that we would not give', envFile('secrets/megumu/.hidden.env'), ['secrets/megumu/.hidden.env']],
    ['a whole file elsewhere', envFile('modules/web/secrets.env'), ['modules/web/secrets.env']],
    ['the key of a comment in a map', yamlFile('secrets/megumu/a/b.yaml', 'a', 'a/b'), ['megumu/a/b']],
    [
      'a comment at the top',
      { path: 'secrets/megumu/b.yaml', format: 'yaml' as const, leaves: [[], ['b']] },
      ['megumu/b'],
    ],
    ['a file without a key', yamlFile('secrets/megumu/x.yaml'), []],
  ])('takes %s for what it is', (_, file, addresses) => {
    expect(listSecrets(read(FLEET), [file]).map(secret => secret.address)).toEqual(addresses);
  });

  it('knows a folder by its rule where the group is gone', () => {
    const inventory = read(FLEET.replace('  servers: [megumu, aya]\n', '  other: [aya]\n'));
    expect(listSecrets(inventory, [envFile('secrets/servers/x.env')])[0]?.address).toBe('servers/x');
  });

  it('takes entries with sopsFile, and does not list that key again', () => {
    const text = FLEET.replace(
      'secrets:\n',
      'secrets:\n  megumu/mail: { sopsFile: old/all.yaml, key: mail/password, owner: mail }\n',
    ).concat('  - path_regex: ^old/\n    age: [*megumu, *aya]\n');
    const secrets = listSecrets(read(text), [yamlFile('old/all.yaml', 'mail/password', 'other')]);
    expect(
      secrets.map(({ address, name, file, key, hosts, emitted }) => ({
        address,
        name,
        file,
        key,
        hosts,
        emitted,
      })),
    ).toEqual([
      {
        address: 'megumu/mail',
        name: 'mail',
        file: 'old/all.yaml',
        key: 'mail/password',
        hosts: ['megumu'],
        emitted: true,
      },
      {
        address: 'old/all.yaml#other',
        name: 'other',
        file: 'old/all.yaml',
        key: 'other',
        hosts: ['aya', 'megumu'],
        emitted: false,
      },
    ]);
  });

  it('holds back what a host does not want delivered', () => {
    const smtp = findSecret(listSecrets(read(FLEET), TREE), 'smtp');
    expect(smtp.hosts).not.toContain('aya');
  });

  it("gives a profile with an admin's key what its folder names, not all that the admin reads", () => {
    const inventory = read(
      `${FLEET}  - path_regex: ^secrets/momiji/\n    age: [*kamov]\n  - path_regex: ^sops/\n    age: [*kamov]\n`,
    );
    const files = [
      envFile('secrets/momiji/mail.env'),
      envFile('secrets/megumu/web.env'),
      envFile('sops/own.env'),
    ];
    expect(listSecrets(inventory, files).map(secret => [secret.address, secret.hosts])).toEqual([
      ['megumu/web', ['megumu']],
      ['momiji/mail', ['momiji']],
      ['sops/own.env', ['momiji']],
    ]);
  });

  it('tells two hosts with one key apart by the folder', () => {
    const text = `keys: [&prime ${KEYS.megumu}]\nhosts: { a: { recipient: *prime }, b: { recipient: *prime } }\ncreation_rules: [{ age: *prime }]\n`;
    const files = [
      envFile('secrets/a/wg.env'),
      envFile('secrets/b/wg.env'),
      envFile('secrets/a+b/x.env'),
      envFile('all.env'),
    ];
    const secrets = listSecrets(read(text), files);
    expect(secrets.map(secret => secret.hosts)).toEqual([['a', 'b'], ['a'], ['a', 'b'], ['b']]);
    expect(collisions(secrets)).toEqual([]);
  });

  it('gives nobody a file that no rule governs', () => {
    expect(listSecrets(read(FLEET), [envFile('x.env')])[0]?.hosts).toEqual([]);
  });

  it('takes thousands of leaves in little time', async () => {
    await expectLinear(40_000, size => {
      const leaves = Array.from({ length: size }, (_, i) => ['a', `b${i}`]);
      const listed = listSecrets(read(BY_HAND), [{ path: 'x/megumu/y.yaml', format: 'yaml', leaves }]);
      expect(listed).toHaveLength(size);
    });
  });
});

describe('optionsFor', () => {
  it('puts what a host says over what all say', () => {
    const text = FLEET.replace(
      '{ platform: nixos }',
      '{ platform: nixos, secrets: { megumu/kotori: { mode: "0444", restartUnits: [] } } }',
    );
    const inventory = read(text);
    const secret = findSecret(listSecrets(inventory, TREE), 'kotori');
    expect(optionsFor(inventory, secret, 'megumu')).toEqual({ mode: '0444', restartUnits: [] });
    expect(optionsFor(inventory, secret, 'aya')).toEqual({ restartUnits: ['fukurou.service'] });
    expect(optionsFor(inventory, secret, '__proto__')).toEqual({ restartUnits: ['fukurou.service'] });
  });
});

describe('findSecret', () => {
  const both = [...TREE, envFile('secrets/aya+megumu/kotori.env'), yamlFile('hosts/all.yaml', 'x', 'y')];
  const secrets = listSecrets(read(FLEET.replace('secrets/servers/', '(secrets/servers/|hosts/all)')), both);

  it.each([
    ['wifi', 'aya+megumu/wifi'],
    ['megumu/kotori', 'megumu/kotori'],
    ['kanidm/miniflux', 'megumu/kanidm/miniflux'],
    ['hosts/all.yaml#x', 'hosts/all.yaml#x'],
    ['secrets/megumu/blob.bin', 'megumu/blob'],
  ])('finds %s', (reference, address) => {
    expect(findSecret(secrets, reference).address).toBe(address);
  });

  it('takes the host where a name is there twice', () => {
    expect(findSecret(secrets, 'kotori', 'aya').address).toBe('aya+megumu/kotori');
  });

  it('lists the addresses of an ambiguous name', () => {
    const error = refusal(() => findSecret(secrets, 'kotori'));
    expect([error.code, error.exit]).toEqual(['AMBIGUOUS_NAME', 2]);
    expect(error.message).toContain('aya+megumu/kotori, megumu/kotori');
    expect(refusal(() => findSecret(secrets, 'hosts/all.yaml')).code).toBe('AMBIGUOUS_NAME');
  });

  it('names the nearest of an unknown one', () => {
    const error = refusal(() => findSecret(secrets, 'wfii'));
    expect([error.code, error.hint]).toEqual(['UNKNOWN_SECRET', 'did you mean wifi?']);
    expect(refusal(() => findSecret(secrets, 'toString')).code).toBe('UNKNOWN_SECRET');
  });

  it('says who receives what this host does not', () => {
    const error = refusal(() => findSecret(secrets, 'blob', 'aya'));
    expect(error.code).toBe('UNKNOWN_SECRET');
    expect(error.message).toContain('megumu receives it');
  });

  it('refuses to choose between two files of one address', () => {
    const twice = listSecrets(read(FLEET), [...TREE, yamlFile('secrets/megumu/kotori.yaml', 'kotori')]);
    expect(refusal(() => findSecret(twice, 'megumu/kotori')).code).toBe('NAME_COLLISION');
    expect(findSecret(twice, 'secrets/megumu/kotori.env').format).toBe('dotenv');
    expect(doubleAddresses(twice)).toEqual([
      { address: 'megumu/kotori', files: ['secrets/megumu/kotori.env', 'secrets/megumu/kotori.yaml'] },
    ]);
    expect(doubleAddresses(secrets)).toEqual([]);
  });
});

describe('collisions', () => {
  it('finds a name twice, and a name that is a folder too', () => {
    const files = [...TREE, envFile('secrets/aya+megumu/kotori.env'), envFile('secrets/servers/kanidm.env')];
    const messages = collisions(listSecrets(read(FLEET), files)).map(found => found.message);
    expect(messages).toEqual([
      'megumu would receive kanidm beside kanidm/miniflux: megumu/kanidm/miniflux, servers/kanidm',
      'megumu would receive kotori twice: aya+megumu/kotori, megumu/kotori',
    ]);
  });

  it('finds none where hosts differ or no name is a folder', () => {
    const files = [
      envFile('secrets/megumu/a.env'),
      envFile('secrets/megumu/ab/c.env'),
      envFile('secrets/aya/a.env'),
    ];
    const text = FLEET.concat('  - path_regex: ^secrets/aya/\n    age: [*aya]\n');
    expect(collisions(listSecrets(read(text), files))).toEqual([]);
  });

  it('leaves keys of hand-made files to their authors, unless one of ours has the name', () => {
    const twice = [yamlFile('a/megumu/x.yaml', 'k'), yamlFile('b/megumu/y.yaml', 'k')];
    expect(collisions(listSecrets(read(BY_HAND), twice))).toEqual([]);
    const text = `${BY_HAND}  - path_regex: ^secrets/megumu/\n    age: [*megumu]\n`;
    const found = collisions(listSecrets(read(text), [...twice.slice(1), envFile('secrets/megumu/k.env')]));
    expect(found.map(collision => collision.addresses)).toEqual([['b/megumu/y.yaml#k', 'megumu/k']]);
  });
});

describe('hostOwnFile', () => {
  it('is the one file that only this host reads', () => {
    expect(hostOwnFile(read(BY_HAND), 'megumu', HOST_FILES)?.path).toBe('hosts/megumu/sops.yaml');
    expect(hostOwnFile(read(BY_HAND), 'nobody', HOST_FILES)).toBeNull();
  });

  it('is nothing where there are two, or where another host reads it, or in our own tree', () => {
    expect(hostOwnFile(read(BY_HAND), 'megumu', [...HOST_FILES, yamlFile('x/megumu/b.yml', 'b')])).toBeNull();
    const shared = read(BY_HAND.replace('- age: [*megumu]', '- age: [*kamov, *megumu]'));
    expect(hostOwnFile(shared, 'megumu', HOST_FILES)).toBeNull();
    expect(hostOwnFile(read(`${shared.text}admins: [kamov]\n`), 'megumu', HOST_FILES)?.path).toBe(
      'hosts/megumu/sops.yaml',
    );
    expect(hostOwnFile(read(FLEET.replace(', recipient: *kamov', '')), 'megumu', TREE)).toBeNull();
  });
});

describe('checkHost', () => {
  it('names the nearest host', () => {
    const inventory = read(FLEET);
    expect(checkHost(inventory, 'aya').recipient).toBe(KEYS.aya);
    const error = refusal(() => checkHost(inventory, 'megumi'));
    expect([error.code, error.exit, error.hint]).toEqual(['UNKNOWN_HOST', 2, 'did you mean megumu?']);
    expect(refusal(() => checkHost(inventory, '__proto__')).code).toBe('UNKNOWN_HOST');
  });
});
