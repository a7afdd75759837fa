import { beforeAll, describe, expect, it } from 'vitest';
import { checkManaged } from '../../../src/ops/guard/managed.ts';
import { isValueLike } from '../../../src/value-like.ts';
import {
  config,
  type Files,
  findings,
  identitiesOf,
  newKeys,
  rule,
  rulesBroken,
  sealText,
  snapshotOf,
  type TestKeys,
  treeOf,
} from './guard-fixture.ts';

let keys: TestKeys;
let both: string[];
let sealed: string;
let usual: string;

beforeAll(async () => {
  keys = await newKeys();
  both = [keys.aya.recipient, keys.megumu.recipient];
  sealed = await sealText('alpha: one\n', 'yaml', both);
  usual = config(keys, rule('^secrets/', ['aya', 'megumu']));
});

const withRules = (rules: string, files: Files): Files => ({ '.sops.yaml': config(keys, rules), ...files });

describe('valid files', () => {
  const pass = async (files: Files) => {
    expect(await findings(files)).toEqual([]);
    expect(await findings(files, null, keys.aya)).toEqual([]);
  };

  it('with values that stay in the clear by their names', async () => {
    const yaml = await sealText(
      'alpha: one\nhost_unencrypted: two\nall_unencrypted:\n    a: [1, x]\n',
      'yaml',
      both,
    );
    const env = await sealText('ALPHA=one\nHOST_unencrypted=two\n', 'dotenv', both);
    const ini = await sealText('[alpha]\nbeta = one\nhost_unencrypted = two\n', 'ini', both);
    await pass({
      '.sops.yaml': usual,
      'secrets/a.yaml': yaml,
      'secrets/a.env': env,
      'secrets/.env': env,
      'secrets/a.ini': ini,
    });
  });

  it('of Kubernetes, with encrypted_regex', async () => {
    const selection = { encryptedRegex: '^(data|stringData)$' };
    const text = await sealText(
      '# a secret\napiVersion: v1\nkind: Secret\nmetadata:\n    name: x\ndata:\n    alpha: b25l\n    # why\n    beta: dHdv\n',
      'yaml',
      both,
      { selection },
    );
    const rules = rule('\\.enc\\.yaml$', ['aya', 'megumu'], 'encrypted_regex: ^(data|stringData)$');
    await pass(withRules(rules, { 'k8s/a.enc.yaml': text }));
    const clear = text.replace(/beta: ENC\[[^\]]*\]/, 'beta: dHdv');
    expect(await rulesBroken(withRules(rules, { 'k8s/a.enc.yaml': clear }))).toEqual(['managed-value']);
  });

  it.each([
    ['encrypted_suffix: _enc', { encryptedSuffix: '_enc' }, 'alpha_enc: one\nbeta: two\n# note\n'],
    [
      'unencrypted_regex: ^(name|host)$',
      { unencryptedRegex: '^(name|host)$' },
      'alpha: one\nname: two\n# note\n',
    ],
    [
      'unencrypted_comment_regex: clear',
      { unencryptedCommentRegex: 'clear' },
      '# clear\nalpha: one\nbeta: two\n',
    ],
    ['encrypted_comment_regex: hide', { encryptedCommentRegex: 'hide' }, '# hide\nalpha: one\nbeta: two\n'],
    [
      'unencrypted_comment_regex: clear',
      { unencryptedCommentRegex: 'clear' },
      'list:\n    # note\n    - one\n    # clear\n    - two\n    - three\n',
    ],
  ])('with %s', async (options, selection, plain) => {
    const text = await sealText(plain, 'yaml', both, { selection });
    await pass(withRules(rule('^secrets/', ['aya', 'megumu'], options), { 'secrets/a.yaml': text }));
  });

  it('with every kind of scalar, empty ones and lists of lists', async () => {
    const plain =
      'a: 1\nb: 1.5\nc: true\nd: null\ne: ""\nf: 2024-01-02T03:04:05Z\ng: {}\nh: []\ni: [[1, [x]], [], [null, ""]]\n' +
      'j: |\n    several\n    lines\nk: -9223372036854775808\nl: .inf\n"quo:ted ": x\nm: !!binary AAEC/w==\n';
    await pass({ '.sops.yaml': usual, 'secrets/a.yaml': await sealText(plain, 'yaml', both) });
    const json = '{"a":1,"b":1.5,"c":true,"d":null,"e":"","g":{},"h":[],"i":[[1,["x"]],[]],"__proto__":"y"}';
    await pass({ '.sops.yaml': usual, 'secrets/a.json': await sealText(json, 'json', both) });
    await pass({ '.sops.yaml': usual, 'secrets/a.env': await sealText('A=\nB=x\\ny\n', 'dotenv', both) });
  });

  it('with comments, also in lists and inline', async () => {
    const plain = '# head\na: x # inline\nlist:\n    # in a list\n    - y # behind\n    - z\n# foot\n';
    await pass({ '.sops.yaml': usual, 'secrets/a.yaml': await sealText(plain, 'yaml', both) });
    await pass({
      '.sops.yaml': usual,
      'secrets/a.env': await sealText('# head\nA=x\n#foot\n', 'dotenv', both),
    });
    const ini = '; section\n[a]\n; key\nb = x\n';
    await pass({ '.sops.yaml': usual, 'secrets/a.ini': await sealText(ini, 'ini', both) });
  });

  it('with mac_only_encrypted', async () => {
    const text = await sealText('a: x\nb_unencrypted: y\n', 'yaml', both, { macOnlyEncrypted: true });
    const rules = rule('^secrets/', ['aya', 'megumu'], 'mac_only_encrypted: true');
    await pass(withRules(rules, { 'secrets/a.yaml': text }));
    expect(await rulesBroken({ '.sops.yaml': usual, 'secrets/a.yaml': text })).toEqual(['managed-selection']);
  });

  it('with a byte order mark and with CRLF', async () => {
    const json = await sealText('{"a":"x"}', 'json', both);
    const bin = await sealText('x', 'binary', both);
    await pass({
      '.sops.yaml': usual,
      'secrets/a.yaml': `\ufeff${sealed}`,
      'secrets/b.yaml': sealed.replaceAll('\n', '\r\n'),
      'secrets/a.json': `\ufeff${json}`,
      'secrets/a.bin': `\ufeff${bin}`,
    });
  });

  it('with key groups', async () => {
    const groups = [[keys.aya.recipient], [keys.megumu.recipient, keys.kamov.recipient]];
    const text = await sealText('a: x\n', 'yaml', [], { groups });
    const rules =
      '  - path_regex: ^secrets/\n    shamir_threshold: 2\n    key_groups:\n      - age: [*aya]\n      - age: [*megumu, *kamov]\n';
    expect(await findings(withRules(rules, { 'secrets/a.yaml': text }))).toEqual([]);
    const other = rules.replace('[*aya]', '[*aya, *kamov]').replace('[*megumu, *kamov]', '[*megumu]');
    const found = await findings(withRules(other, { 'secrets/a.yaml': text }));
    expect(found.map(finding => finding.rule)).toEqual(['managed-recipients']);
  });

  it('with the format told by hand, where the name tells none', async () => {
    const env = await sealText('A=x\n', 'dotenv', both);
    await pass({ '.sops.yaml': usual, 'secrets/.env.production': env, 'secrets/db.yaml.enc': sealed });
    const open = env.replace(/ENC\[[^\]]*\]/, 'x');
    expect(await rulesBroken({ '.sops.yaml': usual, 'secrets/.env.production': open })).toEqual([
      'managed-value',
    ]);
  });

  it('under an overlapping rule: the first one counts', async () => {
    const rules =
      rule('^secrets/a', ['aya', 'megumu']) + rule('^secrets/', ['kamov']) + rule(null, ['kamov']);
    await pass(withRules(rules, { 'secrets/a.yaml': sealed }));
    const turned = rule('^secrets/', ['kamov']) + rule('^secrets/a', ['aya', 'megumu']);
    expect(await rulesBroken(withRules(turned, { 'secrets/a.yaml': sealed }))).toEqual([
      'managed-recipients',
    ]);
  });

  it('with metadata as older versions of sops wrote it', async () => {
    const old = sealed
      .replace('sops:\n', 'sops:\n    kms: []\n    gcp_kms: []\n    azure_kv: []\n    hc_vault: []\n')
      .replace('    lastmodified', '    pgp: null\n    lastmodified');
    await pass({ '.sops.yaml': usual, 'secrets/a.yaml': old });
  });
});

describe('what need not be encrypted', () => {
  it('below secrets/', async () => {
    const clear = 'text\n';
    expect(
      await findings({
        '.sops.yaml': usual,
        'secrets/megumu.nix': '{ }',
        'secrets/deep/x.nix': '{ }',
        'secrets/public/megumu/wg.pub': clear,
        'secrets/README.md': clear,
        'secrets/deep/README': clear,
        'secrets/.gitattributes': '* -text\n',
        'secrets/.gitignore': clear,
        'secrets/.gitkeep': '',
      }),
    ).toEqual([]);
  });

  it('elsewhere', async () => {
    const files = {
      'flake.nix': '{ }',
      'notes.yaml': 'a: x\n',
      'src/x.json': '{',
      'ci.yaml': 'sops:\n  uses: x\n',
    };
    expect(await findings({ '.sops.yaml': usual, ...files })).toEqual([]);
    for (const path of [null, '.*', '.', "''"])
      expect(await findings(withRules(rule(path, ['aya']), files)), String(path)).toEqual([]);
  });

  it('a manifest in which the rule of its folder encrypts nothing', async () => {
    const rules = rule('\\.yaml$', ['aya', 'megumu'], 'encrypted_regex: ^(data|stringData)$');
    expect(
      await findings(withRules(rules, { 'k8s/deployment.yaml': 'kind: Deployment\nspec: {}\n' })),
    ).toEqual([]);
    const secret = { 'k8s/secret.yaml': 'kind: Secret\ndata:\n  a: b25l\n' };
    expect(await rulesBroken(withRules(rules, secret))).toEqual(['managed-plaintext']);
    expect(await rulesBroken(withRules(rules, { 'secrets/x.yaml': 'kind: Deployment\n' }))).toEqual([
      'managed-plaintext',
    ]);
  });
});

describe('a name that is rather a value', () => {
  it.each([
    ['2factorAuthentication1Key', false],
    ['UPSTREAM_SERVICE_BASE_URL_2', false],
    [`${'aB3'.repeat(14)}=`, true],
    ['9fK2pQ7xLm4Rt8Vw1Zc6Y', true],
    ['aB/3kQ9xLm4Rt8Vw1Zc6Y', true],
  ])('%s: %j', (name, wanted) => expect(isValueLike(name)).toBe(wanted));
});

describe('what has to be encrypted', () => {
  it('what a Mac takes for secrets/', async () => {
    expect(await rulesBroken({ '.sops.yaml': usual, 'Secrets/a.yaml': 'a: x\n' })).toEqual([
      'managed-no-rule',
    ]);
  });

  it('everything below secrets/, with a rule or without', async () => {
    const elsewhere = config(keys, rule('^hosts/', ['aya', 'megumu']));
    for (const path of [
      'secrets/a.yaml',
      'secrets/x/y.txt',
      'secrets/publicly',
      'secrets/nix',
      'secrets/README.yaml',
    ]) {
      expect(await rulesBroken({ '.sops.yaml': elsewhere, [path]: 'a: x\n' }), path).toEqual([
        'managed-no-rule',
      ]);
      expect(await rulesBroken({ '.sops.yaml': usual, [path]: 'a: x\n' }), path).toEqual([
        'managed-plaintext',
      ]);
      expect(await rulesBroken(withRules(rule(null, ['aya']), { [path]: 'a: x\n' })), path).toEqual([
        'managed-plaintext',
      ]);
      expect(await rulesBroken({ [path]: 'a: x\n' }), path).toEqual(['managed-no-rule']);
    }
    expect(await rulesBroken({ '.sops.yaml': elsewhere, 'secrets/a.yaml': sealed })).toEqual([
      'managed-no-rule',
    ]);
  });

  it('not what is published, in a repository that has no .sops.yaml at all', async () => {
    for (const path of ['secrets/host.pub', 'secrets/ca.crt', 'secrets/make.sh']) {
      expect(await rulesBroken({ [path]: 'a: x\n' }), path).toEqual([]);
      expect(await rulesBroken({ '.sops.yaml': usual, [path]: 'a: x\n' }), path).toEqual([
        'managed-plaintext',
      ]);
    }
    expect(await rulesBroken({ 'secrets/a.age': 'a: x\n' })).toEqual(['managed-no-rule']);
  });

  it('what a rule names, wherever it is', async () => {
    const rules = rule('^hosts/[^/]+/', ['aya', 'megumu']);
    expect(await rulesBroken(withRules(rules, { 'hosts/a/x.yaml': 'a: x\n' }))).toEqual([
      'managed-plaintext',
    ]);
    expect(
      await findings(withRules(rules, { 'hosts/a/x.yaml': sealed, 'hosts/a/default.nix': '{ }' })),
    ).toEqual([]);
    // a folder that only sounds like it, and public keys beside what belongs to them
    const folder = rule('^hosts/nixbox/', ['aya', 'megumu']);
    const beside = { 'hosts/nixbox/default.nix': '{ }', 'hosts/nixbox/host.pub': 'ssh-ed25519 AAAA\n' };
    expect(await findings(withRules(folder, { ...beside, 'hosts/nixbox/x.yaml': sealed }))).toEqual([]);
    expect(await rulesBroken(withRules(folder, { 'hosts/nixbox/x.yaml': 'a: x\n' }))).toEqual([
      'managed-plaintext',
    ]);
    const forNix = rule('^private/.*\\.nix$', ['aya', 'megumu']);
    expect(await rulesBroken(withRules(forNix, { 'private/x.nix': '{ }' }))).toEqual(['managed-plaintext']);
  });

  it('under a catch-all rule what carries sops metadata', async () => {
    const rules = rule(null, ['aya', 'megumu']);
    expect(await findings(withRules(rules, { 'x.yaml': sealed }))).toEqual([]);
    const clear = { 'x.yaml': sealed.replace(/alpha: .*/, 'alpha: one') };
    expect(await rulesBroken(withRules(rules, clear))).toEqual(['managed-value']);
    const cut = { 'x.yaml': `${sealed.slice(0, sealed.indexOf('lastmodified'))}  x` };
    expect(await rulesBroken(withRules(rules, cut))).not.toEqual([]);
  });

  it('a symbolic link is no managed file', async () => {
    const files = { '.sops.yaml': usual, 'secrets/a.yaml': '../elsewhere', 'other/link': 'x' };
    const found = await checkManaged(snapshotOf(files, null, ['secrets/a.yaml', 'other/link']));
    expect(found.map(({ rule: id, file }) => [id, file])).toEqual([['managed-document', 'secrets/a.yaml']]);
  });

  it('what cannot be read is not taken for clean', async () => {
    const snapshot = snapshotOf({ '.sops.yaml': usual, 'secrets/a.yaml': sealed });
    const broken = {
      ...snapshot,
      read: async (path: string) => (path === '.sops.yaml' ? snapshot.read(path) : null),
    };
    expect((await checkManaged(broken)).map(finding => finding.rule)).toEqual(['managed-document']);
  });
});

describe('configs', () => {
  it('one that does not load is a finding with its line', async () => {
    const [found] = await findings({ '.sops.yaml': `${usual}    : [\n`, 'secrets/a.yaml': 'a: x\n' });
    expect(found).toMatchObject({ rule: 'managed-config', file: '.sops.yaml' });
    expect(found?.line).toBeGreaterThan(1);
    const regex = config(keys, rule('"("', ['aya']));
    expect(await rulesBroken({ '.sops.yaml': regex })).toEqual(['managed-config']);
    expect(await rulesBroken({ '.sops.yaml': Buffer.from([0xff, 0x80]) })).toEqual(['managed-config']);
  });

  it('a broken one holds back what lies below it, and nothing else', async () => {
    const parent = {
      '.sops.yaml': usual,
      'sub/.sops.yaml': 'x: [',
      'sub/secrets/a.yaml': 'a: x\n',
      'b.txt': 'x',
    };
    expect(await rulesBroken({ ...parent, 'b.txt': 'y' }, parent)).toEqual([]);
    expect(await rulesBroken({ ...parent, 'sub/secrets/a.yaml': 'a: y\n' }, parent)).toEqual([
      'managed-config',
    ]);
  });

  it('a link is refused', async () => {
    const found = await checkManaged(
      snapshotOf({ '.sops.yaml': '../other', 'secrets/a.yaml': sealed }, null, ['.sops.yaml']),
    );
    expect(found.map(finding => finding.rule)).toEqual(['managed-config']);
  });

  it('the nearest one counts, and its rules see the path below it', async () => {
    const inner = config(keys, rule('^secrets/', ['aya', 'megumu']));
    const outer = config(keys, rule('^secrets/', ['kamov']));
    const files = { '.sops.yaml': outer, 'sub/.sops.yaml': inner };
    expect(await findings({ ...files, 'sub/secrets/a.yaml': sealed })).toEqual([]);
    expect(await rulesBroken({ ...files, 'sub/secrets/a.yaml': 'a: x\n' })).toEqual(['managed-plaintext']);
    expect(await rulesBroken({ ...files, 'secrets/a.yaml': sealed })).toEqual(['managed-recipients']);
    expect(await rulesBroken({ ...files, 'sub/x/secrets/a.yaml': 'a: x\n' })).toEqual([]);
  });
});

describe('a commit against its parent', () => {
  const narrow = () => config(keys, rule('^secrets/', ['aya', 'megumu'], 'encrypted_regex: ^nothing$'));

  it('looks at what changed alone', async () => {
    const parent = { '.sops.yaml': usual, 'secrets/a.yaml': 'a: x\n', 'secrets/b.yaml': sealed };
    expect(await rulesBroken({ ...parent, 'README.md': 'x' }, parent)).toEqual([]);
    expect(await rulesBroken({ ...parent, 'secrets/b.yaml': 'a: x\n' }, parent)).toEqual([
      'managed-plaintext',
    ]);
    const reads: string[] = [];
    const snapshot = snapshotOf({ ...parent, 'README.md': 'x' }, parent);
    const read = (path: string) => {
      reads.push(path);
      return snapshot.read(path);
    };
    await checkManaged({ ...snapshot, read });
    expect(reads).toEqual(['.sops.yaml']);
  });

  it('looks at every file of which the rule changed', async () => {
    const parent = { '.sops.yaml': usual, 'secrets/a.yaml': sealed, 'hosts/a.yaml': 'a: x\n' };
    const more = config(keys, rule('^secrets/', ['aya', 'megumu', 'kamov']));
    const [found, ...others] = await findings({ ...parent, '.sops.yaml': more }, parent);
    expect(others).toEqual([]);
    expect(found).toMatchObject({ rule: 'managed-recipients', file: 'secrets/a.yaml' });
    expect(found?.message).toContain('+ kamov');
    const comment = `# a comment\n${usual}`;
    expect(await rulesBroken({ ...parent, '.sops.yaml': comment }, parent)).toEqual([]);
    const wider = config(keys, rule('^(secrets|hosts)/', ['aya', 'megumu']));
    expect(await rulesBroken({ ...parent, '.sops.yaml': wider }, parent)).toEqual(['managed-plaintext']);
  });

  it('finds a rule that was removed from over a file', async () => {
    const parent = { '.sops.yaml': usual, 'secrets/a.yaml': sealed };
    const none = config(keys, rule('^hosts/', ['aya']));
    expect(await rulesBroken({ ...parent, '.sops.yaml': none }, parent)).toEqual([
      'managed-no-rule',
      'rule-narrowed',
    ]);
    expect(await rulesBroken({ 'secrets/a.yaml': sealed }, parent)).toEqual([
      'managed-no-rule',
      'rule-narrowed',
    ]);
    const files = { '.sops.yaml': config(keys, rule('^hosts/', ['aya', 'megumu'])), 'hosts/a.yaml': sealed };
    const removed = { ...files, '.sops.yaml': usual };
    expect(await rulesBroken(removed, files)).toEqual(['rule-narrowed']);
    const open = await rulesBroken({ ...removed, 'hosts/a.yaml': 'a: x\n' }, files);
    expect(open).toEqual(['managed-plaintext', 'rule-narrowed']);
    const half = await rulesBroken(
      { ...removed, 'hosts/a.yaml': sealed.replace(/alpha: .*/, 'alpha: x') },
      files,
    );
    expect(half).toEqual(['managed-value', 'rule-narrowed']);
    expect(await rulesBroken({ ...removed, 'hosts/b.yaml': 'a: x\n' }, files)).toEqual([
      'managed-plaintext',
      'rule-narrowed',
    ]);
  });

  it('lets a rule go together with its files', async () => {
    const parent = { '.sops.yaml': usual, 'secrets/a.yaml': sealed };
    const moved = { '.sops.yaml': config(keys, rule('^vault/', ['aya', 'megumu'])), 'vault/a.yaml': sealed };
    expect(await rulesBroken(moved, parent)).toEqual([]);
  });

  it('finds a rule that encrypts less than before', async () => {
    const parent = { '.sops.yaml': usual, 'secrets/a.yaml': sealed };
    const still = await rulesBroken({ '.sops.yaml': narrow(), 'secrets/a.yaml': sealed }, parent);
    expect(still).toContain('rule-narrowed');
    const open = await sealText('alpha: one\n', 'yaml', both, { selection: { encryptedRegex: '^nothing$' } });
    const found = await findings({ '.sops.yaml': narrow(), 'secrets/a.yaml': open }, parent);
    expect(found.map(finding => finding.rule)).toContain('rule-narrowed');
    expect(found.some(({ message }) => message.includes('the value of alpha'))).toBe(true);
    const fresh = await findings(
      { '.sops.yaml': narrow(), 'secrets/a.yaml': sealed, 'secrets/b.yaml': open },
      parent,
    );
    expect(fresh.filter(({ file }) => file === 'secrets/b.yaml').map(finding => finding.rule)).toContain(
      'rule-narrowed',
    );
  });

  it('does not take a rule that encrypts nothing for an answer, without a parent either', async () => {
    for (const options of [
      'encrypted_regex: ^nothing$',
      'unencrypted_regex: .*',
      'encrypted_suffix: _nothing',
    ]) {
      const [name = '', value = ''] = options.split(': ');
      const field = name.replace(/_(.)/, (_all, letter: string) => letter.toUpperCase());
      const open = await sealText('alpha: one\n', 'yaml', both, { selection: { [field]: value } });
      const rules = rule('^secrets/', ['aya', 'megumu'], options);
      expect(await rulesBroken(withRules(rules, { 'secrets/a.yaml': open })), options).toEqual([
        'managed-value',
      ]);
    }
  });

  it('takes a rule that encrypts more for no narrower one', async () => {
    const narrower = config(keys, rule('^secrets/', ['aya', 'megumu'], 'encrypted_regex: ^alpha$'));
    const text = await sealText('alpha: one\nbeta: two\n', 'yaml', both, {
      selection: { encryptedRegex: '^alpha$' },
    });
    const whole = await sealText('alpha: one\nbeta: two\n', 'yaml', both);
    const parent = { '.sops.yaml': narrower, 'secrets/a.yaml': text };
    expect(await rulesBroken({ '.sops.yaml': usual, 'secrets/a.yaml': whole }, parent)).toEqual([]);
  });

  it('takes the readers of the staged rule, not of the former', async () => {
    const parent = { '.sops.yaml': config(keys, rule('^secrets/', ['kamov'])), 'secrets/a.yaml': 'old' };
    expect(await rulesBroken({ '.sops.yaml': usual, 'secrets/a.yaml': sealed }, parent)).toEqual([]);
  });

  it('finds a nested config that takes files out of the reach of their rule', async () => {
    const parent = { '.sops.yaml': usual, 'secrets/a.yaml': sealed };
    const nested = { ...parent, 'secrets/.sops.yaml': config(keys, rule('^nowhere/', ['aya'])) };
    expect(await rulesBroken(nested, parent)).toContain('rule-narrowed');
  });

  it('looks at everything where nobody says what changed', async () => {
    const files = { '.sops.yaml': usual, 'secrets/a.yaml': 'a: x\n' };
    const found = await checkManaged({ ...treeOf(files), parent: treeOf(files), changed: null });
    expect(found.map(finding => finding.rule)).toEqual(['managed-plaintext']);
  });
});

describe('the MAC', () => {
  it('is said in one line not to be checked where no identity opens a file', async () => {
    const files = { '.sops.yaml': usual, 'secrets/a.yaml': sealed };
    const notes: string[] = [];
    const options = { identities: () => identitiesOf(keys.kamov), note: (line: string) => notes.push(line) };
    expect(await checkManaged(snapshotOf(files), options)).toEqual([]);
    expect(notes).toEqual([expect.stringMatching(/^the MAC of 1 managed file was not checked/)]);
    const none = { ...options, identities: async () => ({ identities: [], sources: [] }) };
    await checkManaged(snapshotOf(files), none);
    expect(notes).toHaveLength(2);
  });

  it('never unlocks an identity that would ask', async () => {
    const files = { '.sops.yaml': usual, 'secrets/a.yaml': sealed };
    const unlock = () => Promise.reject(new Error('it asked'));
    const guarded = [
      {
        store: 'keychain' as const,
        name: 'x',
        location: 'x',
        publicFile: 'x',
        recipient: keys.aya.recipient,
        unlock,
      },
    ];
    const identities = async () => ({ identities: [], sources: [], guarded });
    expect(await checkManaged(snapshotOf(files), { identities })).toEqual([]);
  });

  it('needs no identity where there is nothing to open', async () => {
    const identities = () => Promise.reject(new Error('it was asked'));
    expect(await checkManaged(snapshotOf({ '.sops.yaml': usual, 'README.md': 'x' }), { identities })).toEqual(
      [],
    );
  });
});

describe('what age itself encrypted', () => {
  it('is no plaintext, armored or not, but text in such an armor is', async () => {
    const { Encrypter, armor } = await import('age-encryption');
    const encrypter = new Encrypter();
    encrypter.addRecipient(keys.aya.recipient);
    const file = await encrypter.encrypt(Buffer.from('any text\n'.repeat(300)));
    const files = { 'secrets/a.age': file, 'secrets/b': armor.encode(file), 'hosts/c.age': file };
    expect(await findings({ '.sops.yaml': usual, ...files })).toEqual([]);
    expect(await findings(files)).toEqual([]);
    const text = Buffer.from('any text').toString('base64');
    const fake = `-----BEGIN AGE ENCRYPTED FILE-----\n${text}\n-----END AGE ENCRYPTED FILE-----\n`;
    expect(await rulesBroken({ '.sops.yaml': usual, 'secrets/a.age': fake })).toEqual(['managed-plaintext']);
    expect(await rulesBroken({ '.sops.yaml': usual, 'secrets/a.yaml': armor.encode(file) })).not.toEqual([]);
    const behind = { '.sops.yaml': usual, 'secrets/a.age': `${armor.encode(file)}\nmore` };
    expect(await rulesBroken(behind)).toEqual(['managed-plaintext']);
  });
});
