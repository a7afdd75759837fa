import { newPair } from '../stock-fleet.ts';
import type { Shape } from './repository.ts';

/** Each config governs what is below it; running sops from the top picks another one. */
export const nestedConfigs: Shape = {
  name: 'several .sops.yaml',
  async build(repository) {
    const [root, apps, web, team] = await repository.keys(4);
    repository.write(
      '.sops.yaml',
      `keys:\n  - &root ${root}\ncreation_rules:\n  - path_regex: ^apps/.*\\.yaml$\n    age: *root\n  - path_regex: secrets/\n    age: *root\n`,
    );
    repository.write(
      'apps/.sops.yaml',
      `keys:\n  - &root ${apps}\n  - &team ${team}\ncreation_rules:\n  - path_regex: ^web/\n    age: ${team}\n  - path_regex: .*\\.yaml\n    key_groups: [{ age: [*root, *team] }]\n`,
    );
    repository.write('apps/web/.sops.yaml', `creation_rules:\n  - path_regex: ^secrets/\n    age: ${web}\n`);
    repository.write('apps/norules/.sops.yaml', 'stores:\n  yaml:\n    indent: 2\n');
    repository.write('apps/empty/.sops.yaml', 'creation_rules: []\n');
    repository.write('other/.sops.yml', `creation_rules:\n  - age: ${team}\n`);
    await repository.encrypt('secrets/top.yaml', 'a: b\n');
    await repository.encrypt('other/secrets/x.yaml', 'a: b\n');
    await repository.encrypt('apps/one.yaml', 'a: b\n', { from: 'apps' });
    await repository.encrypt('apps/from-top.yaml', 'a: b\n');
    await repository.encrypt('apps/web/secrets/x.yaml', 'a: b\n', { from: 'apps/web' });
    await repository.encrypt('apps/web/secrets/y.yaml', 'a: b\n', { from: 'apps' });
    await repository.encrypt('apps/web/outside.yaml', 'a: b\n', { from: 'apps' });
    await repository.encrypt('apps/norules/secrets/x.yaml', 'a: b\n', { from: 'apps' });
    await repository.encrypt('apps/empty/x.yaml', 'a: b\n', { from: 'apps' });
    repository.write('apps/web/secrets/plain.txt', 'forgotten\n');
    await repository.commit();
  },
};

/** Formats that the name of a file does not say. */
export const foreignExtensions: Shape = {
  name: 'foreign extensions, several documents, selections',
  async build(repository) {
    const [admin, host] = await repository.keys(2);
    repository.write(
      '.sops.yaml',
      `keys:
  - &admin ${admin}
  - &host ${host}
creation_rules:
  - path_regex: ^cluster/.*\\.yaml$
    encrypted_regex: "^(data|stringData)$"
    mac_only_encrypted: true
    key_groups: [{ age: [*admin] }]
  - path_regex: ^(files|comments)/
    key_groups: [{ age: [*admin, *host] }]
  - path_regex: .*\\.sops$|.*\\.sops\\.yaml$
    key_groups: [{ age: [*admin] }]
`,
    );
    await repository.encrypt(
      'cluster/many.yaml',
      'kind: A\ndata:\n  x: y\n---\nkind: B\nstringData:\n  z: 1\n---\nkind: C\n',
    );
    for (const name of ['cert.der', 'notes.txt', 'secret', 'app.cfg.sops', 'UPPER.JSON'])
      await repository.encrypt(`files/${name}`, `content of ${name}\n`);
    const yaml = ['--input-type', 'yaml', '--output-type', 'yaml'];
    await repository.encrypt('files/yaml-inside.conf', 'a:\n  b: c\n', { args: yaml });
    const dotenv = ['--input-type', 'dotenv', '--output-type', 'dotenv'];
    await repository.encrypt('files/.env.production', 'A=b\n', { args: dotenv });
    await repository.encrypt('files/as-json.yaml', 'a: b\n', { args: ['--output-type', 'json'] });
    await repository.encrypt(
      'comments/list.yaml',
      '# above\na: b # beside\nlist:\n  # in a list\n  - x\n  - {k: v}\nempty: {}\nnone: ~\n',
    );
    await repository.encrypt('vault.sops', 'bytes\n');
    await repository.encrypt('deep/x.sops.yaml', 'a: b\n');
    await repository.commit();
  },
};

/** What stands in the tree besides files: links, ignored files, a repository inside, git-crypt. */
export const linksAndIgnored: Shape = {
  name: 'links, ignored files, a submodule, one file for all',
  async build(repository) {
    const { recipient: admin } = await newPair();
    const [web, store] = await repository.keys(2);
    repository.write(
      '.sops.yaml',
      `keys:
  - &admin ${admin}
  - &web ${web}
  - &store ${store}
creation_rules:
  - path_regex: secrets/.*
    key_groups:
      - age: [*admin, *web, *store]
  - path_regex: local/
    age: *admin
`,
    );
    await repository.git(['init', '-q']);
    await repository.encrypt('secrets/common.yaml', 'web:\n  token: one\nstore:\n  token: two\n');
    await repository.encrypt('secrets/ignored.yaml', 'a: b\n');
    await repository.encrypt('local/machine.secret', 'bytes\n');
    await repository.encrypt('local/tracked.yaml', 'a: b\n');
    repository.write('local/cache.txt', 'ignored and in clear\n');
    repository.write('.gitignore', 'ignored.yaml\nlocal/*\n!local/tracked.yaml\nresult\n');
    repository.link('hosts/web/common.yaml', '../../secrets/common.yaml');
    repository.link('hosts/store', 'web');
    repository.link('result', '/nonexistent');
    repository.link('secrets/dangling.yaml', 'nothing.yaml');
    repository.write('crypt/.gitattributes', '*.key filter=git-crypt diff=git-crypt\n');
    repository.write('crypt/a.key', new Uint8Array([0, 71, 73, 84, 67, 82, 89, 80, 84, 0, 1, 2]));
    repository.write('module/secrets/x.yaml', 'of another repository\n');
    repository.write('module/.sops.yaml', `creation_rules:\n  - age: ${web}\n`);
    await repository.git(['init', '-q'], 'module');
    await repository.git(['add', '-A'], 'module');
    await repository.git(['commit', '-q', '-m', 'inside'], 'module');
    await repository.git(['-c', 'advice.addEmbeddedRepo=false', 'add', '-A']);
    await repository.git(['commit', '-q', '-m', 'begin']);
    await repository.encrypt('secrets/untracked.yaml', 'a: b\n');
  },
};
