import type { Shape } from './repository.ts';

const NESTED = 'kanidm:\n    miniflux: one\n    outline: two\nkotori: |\n    TOKEN=three\n    OTHER=four\n';

/** One file per host beside its Nix, one profile, patterns of the kind that people write by ear. */
export const flatAnchors: Shape = {
  name: 'flat anchors, a file for each host with nested keys',
  async build(repository) {
    const [person, megumu, momiji] = await repository.keys(3);
    repository.write(
      '.sops.yaml',
      `# who reads what
keys:
  - &person ${person}
  - &megumu ${megumu}   # the server
  - &momiji ${momiji}
creation_rules:
  - path_regex: ^sops/person.yaml$
    key_groups:
      - age: [*person]
  - path_regex: ^.*/megumu/.*\\.ya?ml$
    key_groups:
      - age:
          - *megumu
  - path_regex: hosts/momiji.yml$
    key_groups:
    - age:
      - *person
      - *momiji
`,
    );
    await repository.encrypt('sops/person.yaml', 'mail: one\n');
    await repository.encrypt('hosts/megumu/sops.yaml', NESTED);
    await repository.encrypt('hosts/momiji.yml', 'wifi: one\nnumber: 5\n');
    await repository.encrypt('docs/hosts/momiji.yml', 'taken: too\n');
    repository.write('hosts/megumu/kotori.env', 'NOT=governed\n');
    repository.write('megumu/top.yaml', 'not: governed\n');
    repository.write('hosts/megumu/default.nix', '{ sops.defaultSopsFile = ./sops.yaml; }\n');
    repository.write('README.md', 'of a fleet\n');
    await repository.commit();
  },
};

/** Lists below an anchor without a name, prefixes, a person's name that is a machine's too. */
export const groupedAnchors: Shape = {
  name: 'anchors with prefixes in lists below labels',
  async build(repository) {
    const [anna, backup, web, store, spare] = await repository.keys(5);
    repository.write(
      '.sops.yaml',
      `keys:
  - &users:
    - &user_anna ${anna}
    - &user_backup ${backup}
  - &hosts:
    - &host_web ${web}
    - &host_backup ${store}
    - &host_prime ${spare}

creation_rules:
  - path_regex: hosts/web/secrets\\.(yaml|json|env|ini)
    key_groups:
      - age:
          - *user_anna
          - *user_backup
          - *host_web
  - path_regex: secrets.yml$
    key_groups: &everybody
      - age: [*user_anna, *user_backup, *host_web, *host_backup, *host_prime]
  - path_regex: hosts/[^/]+/backup\\.yaml$
    key_groups:
      - age: [*user_anna, *host_backup]
  - path_regex: shared/.*
    key_groups: *everybody
  - path_regex: hosts/web/secrets\\.yaml$
    key_groups:
      - age: [*user_anna]
`,
    );
    await repository.encrypt('hosts/web/secrets.yaml', NESTED);
    await repository.encrypt('hosts/web/secrets.json', '{"smtp": {"password": "one"}, "port": 25}\n');
    await repository.encrypt('hosts/web/secrets.env', '# of the service\nA=1\nB=two words\n');
    await repository.encrypt('hosts/web/secrets.ini', '[mail]\nuser = anna\n');
    await repository.encrypt('hosts/web/secrets.yaml.bak', 'matched by accident\n');
    await repository.encrypt('modules/mysecrets.yml', 'list:\n  - one\n  - two\n');
    await repository.encrypt('hosts/store/backup.yaml', 'key: one\n');
    await repository.encrypt('shared/photo.jpg', new Uint8Array([255, 216, 0, 1, 2, 3]));
    repository.write('shared/notes.txt', 'forgotten in clear\n');
    await repository.commit();
  },
};

/** `<<`, lists by alias within lists, groups that merge others, one person in every rule. */
export const mergedAnchors: Shape = {
  name: 'merge keys, merged groups, a key in more than a hundred rules',
  async build(repository) {
    const [admin, second, web] = await repository.keys(3);
    const folders = Array.from({ length: 130 }, (_, index) => `host${index}`);
    const rules = folders.map(
      name => `  - path_regex: ^hosts/${name}/.*$\n    key_groups: [{ age: [*admin, *web] }]\n`,
    );
    repository.write(
      '.sops.yaml',
      `keys: [&admin ${admin}, &second ${second}, &web ${web}]
people: &people
  age: [*admin, *second, *admin]
defaults: &defaults
  encrypted_regex: ^(data|stringData)$
creation_rules:
  - <<: *defaults
    path_regex: ^cluster/
    age: ${admin},${second}
  - path_regex: ^team/
    key_groups:
      - merge: [*people, { age: [*web] }]
        age: [*second]
${rules.join('')}`,
    );
    await repository.encrypt(
      'cluster/secret.yaml',
      'kind: Secret\ndata:\n  a: b\n---\nkind: Other\nstringData:\n  c: d\n',
    );
    await repository.encrypt('team/all.yaml', 'wifi: one\n');
    await repository.encrypt('hosts/host7/x.yaml', 'a: b\n');
    await repository.encrypt('hosts/host129/deep/er/y.json', '{"a": "b"}\n');
    await repository.commit();
  },
};
