import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import { ANSWERS, misshapen } from '../helpers/json-shape.ts';
import { describeWith } from '../helpers/programs.ts';
import { type Output, Sandbox } from '../helpers/sandbox.ts';
import { newPair } from '../helpers/stock-fleet.ts';

/** What a reader of somebody else's repository runs. */
const COMMANDS: readonly (readonly string[])[] = [
  ['list', '--json'],
  ['host', 'list', '--json'],
  ['show', 'a', '--json'],
  ['why', 'secrets/a.yaml', '--json'],
  ['sync', '--check', '--json'],
  ['check', '--json'],
  ['nix', '--check', '--json'],
  ['scan', '--json'],
  ['doctor', '--json'],
  ['sync', '--yes', '--dry-run', '--json'],
  ['list'],
  ['check'],
];
/** Those that do the most. */
const FEW: readonly (readonly string[])[] = [
  ['sync', '--check', '--json'],
  ['check', '--json'],
  ['scan', '--json'],
  ['doctor', '--json'],
  ['sync', '--yes', '--dry-run', '--json'],
];
/** An answer comes within seconds; a machine that is shared takes its time. */
const LIMIT_MS = 30_000;
const MOST_MEMORY_KB = 1024 * 1024;
/** Nothing that a terminal would obey; a line feed and a tab are harmless. */
const CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/;

class Hostile {
  readonly sandbox = new Sandbox();
  readonly recipient: string;
  readonly encrypted: string;
  /** Where the program says how much memory it took. */
  readonly #memory: string;
  readonly #env: Record<string, string>;

  private constructor(recipient: string, encrypted: string) {
    this.recipient = recipient;
    this.encrypted = encrypted;
    this.#memory = join(this.sandbox.temporary, 'memory');
    const report = join(this.sandbox.temporary, 'report.mjs');
    writeFileSync(
      report,
      `import { writeFileSync } from 'node:fs';\nprocess.on('exit', () => writeFileSync(${JSON.stringify(this.#memory)}, String(process.resourceUsage().maxRSS)));\n`,
    );
    this.#env = { ...this.sandbox.env, NODE_OPTIONS: `--import=file://${report}` };
  }

  /** A tidy repository of one host and one secret, before it is made hostile. */
  static async make(): Promise<Hostile> {
    const pair = await newPair();
    const scratch = new Sandbox();
    try {
      writeFileSync(join(scratch.work, 'a.yaml'), 'a: b\n');
      const argv = ['sops', '--config', '/dev/null', 'encrypt', '--age', pair.recipient, 'a.yaml'];
      const { status, stdout, stderr } = await scratch.run(argv);
      if (status !== 0) throw new Error(stderr.toString());
      const made = new Hostile(pair.recipient, stdout.toString());
      const folder = join(made.sandbox.home, '.config/sops/age');
      mkdirSync(folder, { recursive: true });
      writeFileSync(join(folder, 'keys.txt'), `${pair.identity}\n`, { mode: 0o600 });
      made.write('.sops.yaml', made.config());
      made.write('secrets/a.yaml', made.encrypted);
      await made.git(['init', '-q']);
      return made;
    } finally {
      scratch.dispose();
    }
  }

  config(rules = '  - path_regex: ^secrets/\n    key_groups: [{ age: [*machine] }]\n'): string {
    return `keys:\n  - &machine ${this.recipient}\ncreation_rules:\n${rules}`;
  }

  path(name: string): string {
    return join(this.sandbox.work, name);
  }

  write(name: string, text: string | Uint8Array): void {
    mkdirSync(dirname(this.path(name)), { recursive: true });
    writeFileSync(this.path(name), text);
  }

  async git(args: readonly string[]): Promise<void> {
    const { status, stderr } = await this.sandbox.run(['git', ...args]);
    if (status !== 0) throw new Error(stderr.toString());
  }

  async run(argv: readonly string[]): Promise<Output> {
    return this.sandbox.secrets(argv, { timeout: LIMIT_MS, env: this.#env });
  }

  /** Runs the commands, and expects of each a clear answer: within limits, whole, without a trace. */
  async answers(commands = COMMANDS): Promise<Map<string, Output>> {
    const given = new Map<string, Output>();
    for (const argv of commands) {
      const words = argv.join(' ');
      const output = await this.run(argv);
      given.set(words, output);
      const stderr = output.stderr.toString();
      expect(output.signal, `${words}: took too long`).toBeNull();
      expect([0, 1, 2, 3], `${words}: ${stderr}`).toContain(output.status);
      expect(stderr, words).not.toMatch(/^ {4}at |unexpected|heap out of memory|Warning:/m);
      expect(CONTROL.exec(`${output.stdout}${stderr}`), words).toBeNull();
      if (argv.includes('--json')) expectJson(words, output);
      const memory = Number(readFileSync(this.#memory, 'utf8'));
      expect(memory, `${words}: memory in KB`).toBeLessThan(MOST_MEMORY_KB);
    }
    return given;
  }
}

function expectJson(words: string, { stdout, status }: Output): void {
  const value: unknown = JSON.parse(stdout.toString());
  const command = words.replace(/ (secrets\/)?a(\.yaml)?(?= )/, '').replace(' --json', '');
  const shape = status === 2 || status === 3 ? ANSWERS.error : ANSWERS[command];
  if (shape !== undefined) expect(misshapen(value, shape), words).toEqual([]);
}

/** The findings or states of an answer. */
function listed(output: Output | undefined, field: string): Record<string, unknown>[] {
  return JSON.parse(output?.stdout.toString() ?? '{}')[field];
}

const timeout = LIMIT_MS * COMMANDS.length;

function hostile(name: string, test: (repository: Hostile) => Promise<void>): void {
  it(name, { timeout }, async () => {
    const repository = await Hostile.make();
    try {
      await test(repository);
    } finally {
      repository.sandbox.dispose();
    }
  });
}

describeWith(['sops', 'git'], 'a repository that wishes its reader ill', () => {
  hostile('has a hundred thousand rules', async repository => {
    for (let index = 0; index < 300; index++) repository.write(`d${index}/x.yaml`, 'a: b\n');
    const rules = (count: number, end: string) =>
      Array.from({ length: count }, (_, index) => `- { path_regex: x${index}${end}, age: *machine }\n`).join(
        '',
      );
    repository.write('.sops.yaml', repository.config(rules(100_000, '')));
    const answers = await repository.answers([['list'], ...FEW]);
    expect(answers.get('list')?.stderr.toString()).toContain('BAD_INVENTORY');
    repository.write('.sops.yaml', repository.config(rules(20_000, '')));
    expect((await repository.run(['list'])).stderr.toString()).toContain('20000 creation rules');
    // the most that is read
    repository.write('.sops.yaml', repository.config(rules(10_000, 'y')));
    await repository.answers(FEW);
  });

  hostile('has aliases that grow without end, in .sops.yaml and in a secret', async repository => {
    const bomb = (first: string) =>
      `x0: &x0 [${first}, ${first}]\n${Array.from({ length: 40 }, (_, index) => `x${index + 1}: &x${index + 1} [*x${index}, *x${index}, *x${index}, *x${index}]\n`).join('')}`;
    repository.write('secrets/bomb.yaml', `${bomb('lol')}${repository.encrypted}`);
    repository.write(
      'secrets/merged.yaml',
      `a: &a {x: 1}\n${Array.from({ length: 60 }, (_, index) => `b${index}: &b${index} {<<: [*${index === 0 ? 'a' : `b${index - 1}`}, *a]}\n`).join('')}${repository.encrypted}`,
    );
    const first = await repository.answers();
    expect(listed(first.get('sync --check --json'), 'files').map(({ file }) => file)).toContain(
      'secrets/a.yaml',
    );
    repository.write(
      '.sops.yaml',
      `${bomb(repository.recipient)}creation_rules:\n  - path_regex: secrets\n    age: *x40\n  - key_groups: *x40\n`,
    );
    const second = await repository.answers();
    expect(second.get('list')?.status).toBe(3);
    const merges = Array.from(
      { length: 30 },
      (_, index) => `m${index + 1}: &m${index + 1} { merge: [*m${index}, *m${index}] }\n`,
    ).join('');
    repository.write(
      '.sops.yaml',
      `m0: &m0 { age: [${repository.recipient}] }\n${merges}creation_rules:\n  - path_regex: secrets\n    key_groups: [*m30]\n`,
    );
    await repository.answers(FEW);
  });

  hostile('has patterns over which other engines despair', async repository => {
    const long = `secrets/${'a'.repeat(200)}!.yaml`;
    repository.write(long, repository.encrypted);
    const patterns = [
      '(a+)+$',
      '(a|a)*b',
      '(.*)*,(.*)*;',
      '^(([a-z])+.)+[A-Z]([a-z])+$',
      '((a{1,10}){1,10}){1,10}$',
      '(x+x+)+y',
    ];
    repository.write(
      '.sops.yaml',
      repository.config(
        patterns.map(pattern => `  - { path_regex: '${pattern}', age: *machine }\n`).join(''),
      ),
    );
    await repository.answers();
    repository.write(
      '.sops.yaml',
      repository.config(`  - { path_regex: '(((a{1,100}){1,100}){1,100}){1,100}', age: *machine }\n`),
    );
    const answers = await repository.answers();
    expect(answers.get('list')?.stderr.toString()).toContain('no regular expression of Go');
    for (const field of ['encrypted_regex', 'unencrypted_regex', 'encrypted_comment_regex']) {
      repository.write(
        'secrets/a.yaml',
        repository.encrypted.replace(/^ {4}unencrypted_suffix: .*$/m, `    ${field}: (a+)+$`),
      );
      expect((await repository.run(['sync', '--check', '--json'])).signal).toBeNull();
      expect((await repository.run(['check', '--json'])).signal).toBeNull();
    }
  });

  hostile('has names that a terminal obeys, and names that are no text', async repository => {
    const names = [
      'esc\u001b[2J\u001b[31mred',
      'new\nline',
      'bell\u0007',
      'bidi\u202egnp',
      'c1\u009b31m',
      '-rf',
      '$(touch owned)',
      '`id`',
      '%s%n',
    ];
    for (const name of names) {
      repository.write(`secrets/${name}.yaml`, repository.encrypted);
      repository.write(`secrets/${name}/plain.yaml`, 'clear: text\n');
    }
    const bytes = Buffer.concat([
      Buffer.from(repository.path('secrets/')),
      Buffer.from([0xff, 0xe9]),
      Buffer.from('.yaml'),
    ]);
    writeFileSync(bytes, 'clear: text\n');
    repository.write('.sops.yaml', `${repository.config()}"\\e[31mkey": 1\n"hosts\\n": {}\n`);
    const answers = await repository.answers();
    const files = listed(answers.get('sync --check --json'), 'files').map(({ file }) => file);
    for (const name of names) expect(files).toContain(`secrets/${name}.yaml`);
    const odd = listed(answers.get('check --json'), 'findings').filter(
      ({ file }) => file === 'secrets/\\xff\\xe9.yaml',
    );
    expect(odd).not.toEqual([]);
    await repository.git(['add', '-A']);
    await repository.answers(FEW);
    expect(existsSync(repository.path('owned'))).toBe(false);
  });

  hostile(
    'has links that lead in circles and out of it, a pipe, a huge file, and folders without end',
    async repository => {
      repository.write('secrets/target.yaml', repository.encrypted);
      symlinkSync('loop', repository.path('secrets/loop'));
      symlinkSync('..', repository.path('secrets/up'));
      symlinkSync('/etc/passwd', repository.path('secrets/passwd.yaml'));
      symlinkSync('/', repository.path('secrets/root'));
      symlinkSync('/dev/zero', repository.path('secrets/zero.yaml'));
      await repository.sandbox.run(['mkfifo', repository.path('secrets/pipe.yaml')]);
      await repository.sandbox.run(['mkfifo', repository.path('pipe.nix')]);
      repository.write('secrets/big.yaml', '');
      await repository.git(['add', '-A']);
      truncateSync(repository.path('secrets/big.yaml'), 2 ** 30);
      repository.write('secrets/untracked.yaml', '');
      truncateSync(repository.path('secrets/untracked.yaml'), 2 ** 30);
      repository.write('modules/huge.nix', '');
      truncateSync(repository.path('modules/huge.nix'), 2 ** 30);
      repository.write(`secrets/${'d/'.repeat(1500)}x.yaml`, repository.encrypted);
      const answers = await repository.answers();
      const files = listed(answers.get('sync --check --json'), 'files').map(({ file }) => file);
      expect(files).toContain('secrets/a.yaml');
      expect(files).not.toContain('secrets/passwd.yaml');
      expect(files).not.toContain('secrets/zero.yaml');
    },
  );

  for (const [what, target] of [
    ['out of the repository', '/etc/passwd'],
    ['to a device', '/dev/zero'],
    ['to itself', '.sops.yaml'],
    ['nowhere', 'missing'],
  ] as const) {
    hostile(`has a .sops.yaml that is a link ${what}`, async repository => {
      await repository.sandbox.run(['rm', repository.path('.sops.yaml')]);
      symlinkSync(target, repository.path('.sops.yaml'));
      repository.write('nested/x.yaml', repository.encrypted);
      symlinkSync(target, repository.path('nested/.sops.yaml'));
      for (const { stdout, stderr } of (await repository.answers(FEW)).values())
        expect(`${stdout}${stderr}`).not.toContain('root:x:');
    });
  }

  hostile('has a .sops.yaml that is a pipe, a folder, or huge', async repository => {
    await repository.sandbox.run(['rm', repository.path('.sops.yaml')]);
    await repository.sandbox.run(['mkfifo', repository.path('.sops.yaml')]);
    await repository.answers(FEW);
    await repository.sandbox.run(['rm', repository.path('.sops.yaml')]);
    mkdirSync(repository.path('.sops.yaml'));
    await repository.answers(FEW);
    await repository.sandbox.run(['rmdir', repository.path('.sops.yaml')]);
    repository.write('.sops.yaml', '');
    truncateSync(repository.path('.sops.yaml'), 2 ** 30);
    await repository.answers(FEW);
  });

  hostile('names programs in its git config and attributes', async repository => {
    const program = repository.path('run.sh');
    const traces = repository.path('../traces');
    writeFileSync(program, `#!/bin/sh\necho "$0 $*" >> '${traces}'\ncat\n`);
    chmodSync(program, 0o755);
    repository.write('.gitattributes', '* filter=evil diff=evil merge=evil\n');
    await repository.git(['add', '-A']);
    await repository.git(['commit', '-qm', 'begin', '--no-verify']);
    const settings = [
      'core.fsmonitor',
      'core.sshCommand',
      'core.pager',
      'core.editor',
      'core.askPass',
      'diff.external',
      'pager.ls-files',
      'pager.log',
      'pager.rev-parse',
      'filter.evil.process',
      'filter.evil.clean',
      'filter.evil.smudge',
      'diff.evil.textconv',
      'diff.evil.command',
      'merge.evil.driver',
      'credential.helper',
      'gpg.program',
      'uploadpack.packObjectsHook',
      'core.alternateRefsCommand',
      'interactive.diffFilter',
      'sequence.editor',
      'alias.ls-files',
      'alias.log',
    ];
    for (const setting of settings)
      await repository.git(['config', setting, setting.startsWith('alias.') ? `!${program}` : program]);
    for (const setting of ['filter.evil.required', 'log.showSignature'])
      await repository.git(['config', setting, 'true']);
    await repository.git(['config', 'core.hooksPath', 'hooks']);
    for (const hook of [
      'post-index-change',
      'reference-transaction',
      'pre-auto-gc',
      'fsmonitor-watchman',
      'post-checkout',
    ]) {
      repository.write(`hooks/${hook}`, `#!/bin/sh\necho ${hook} >> '${traces}'\n`);
      chmodSync(repository.path(`hooks/${hook}`), 0o755);
    }
    // as a fresh checkout: what git knows of the times of files is of no use
    repository.write('secrets/a.yaml', `${repository.encrypted}\n`);
    await repository.answers();
    expect(existsSync(traces) ? readFileSync(traces, 'utf8') : '').toBe('');
  });

  hostile('has metadata that is no metadata any more', async repository => {
    const stanza =
      /^ {8}- enc: \|\n(?: {12}.*\n)+ {10}recipient: .*\n/m.exec(repository.encrypted)?.[0] ?? '';
    expect(stanza).not.toBe('');
    const short = stanza.replace(/enc: \|\n(?: {12}.*\n)+/, 'enc: x\n');
    repository.write('secrets/many.yaml', repository.encrypted.replace(stanza, short.repeat(150_000)));
    repository.write(
      'secrets/million.json',
      `{"data": "x", "sops": {"age": [${'{"recipient":"age1","enc":"x"},'.repeat(1_000_000)}{}], "mac": "x", "version": "3.9.0", "lastmodified": "2024-01-01T00:00:00Z"}}`,
    );
    const header =
      'age-encryption.org/v1\n-> scrypt AAAAAAAAAAAAAAAAAAAAAA 40\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n--- AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n0123456789abcdef0123456789abcdef';
    const armor = [
      '-----BEGIN AGE ENCRYPTED FILE-----',
      ...(Buffer.from(header)
        .toString('base64')
        .match(/.{1,64}/g) ?? []),
      '-----END AGE ENCRYPTED FILE-----',
    ];
    const scrypt = stanza.replace(/(?: {12}.*\n)+/, armor.map(line => `            ${line}\n`).join(''));
    // drifted, so that a dry run tries to open it
    repository.write(
      'secrets/scrypt.yaml',
      repository.encrypted.replace(
        stanza,
        `${scrypt}${scrypt.replace(repository.recipient, `${repository.recipient.slice(0, -6)}qqqqqq`)}`,
      ),
    );
    repository.write(
      'secrets/proto.yaml',
      repository.encrypted.replace(
        'sops:\n',
        '__proto__:\n  polluted: 1\nconstructor: x\nsops:\n    __proto__: {}\n    hasOwnProperty: 1\n',
      ),
    );
    repository.write('secrets/deep.json', `${'{"a":'.repeat(200_000)}1${'}'.repeat(200_000)}`);
    repository.write('secrets/deep.yaml', `${'['.repeat(100_000)}sops: `);
    repository.write(
      'secrets/threshold.yaml',
      repository.encrypted.replace('sops:\n', 'sops:\n    shamir_threshold: 99999999999999999999\n'),
    );
    const answers = await repository.answers(FEW);
    const files = listed(answers.get('sync --check --json'), 'files').map(({ file }) => file);
    expect(files).toEqual(
      expect.arrayContaining([
        'secrets/a.yaml',
        'secrets/many.yaml',
        'secrets/million.json',
        'secrets/scrypt.yaml',
      ]),
    );
  });
});
