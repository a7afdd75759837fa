import { describe, expect, it } from 'vitest';
import { SecretsError } from '../../src/errors.ts';
import { type Declaration, emitModule, isEmitted } from '../../src/nix/module.ts';
import type { Platform, SecretOptions } from '../../src/workspace/model.ts';
import { HOSTS } from './fleet.ts';
import { expectGolden } from './golden.ts';

function emit(declarations: readonly Declaration[], platform: Platform = 'nixos'): string {
  return emitModule({ host: 'megumu', platform, directory: 'secrets', declarations });
}

function plain(name: string, options: SecretOptions = {}, rest: Partial<Declaration> = {}): Declaration {
  return { name, file: `secrets/megumu/${name}.yaml`, format: 'yaml', key: null, options, ...rest };
}

function refusal(work: () => unknown): SecretsError {
  try {
    work();
  } catch (error) {
    if (error instanceof SecretsError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

describe('the emitted module', () => {
  it.each(HOSTS)('of $host on $platform is the golden one', module => {
    expectGolden(`${module.host}.nix`, emitModule(module));
  });

  it('is valid without secrets', () => {
    expectGolden('empty.nix', emit([]));
    expect(emit([]).split('\n').slice(1)).toEqual(['_: { }', '']);
  });

  it('says in its first line who wrote it and what to do instead', () => {
    const [first] = emit([]).split('\n');
    expect(first).toMatch(/^# Emitted by `secrets`: edits are lost\..*`secrets nix`\.$/);
  });

  it('does not depend on the order of the declarations', () => {
    const names = ['b', 'a', 'Z', 'ä', 'a-b', '\uffff', '🦉', 'a.b'];
    const forth = emit(names.map(name => plain(name)));
    expect(emit([...names].reverse().map(name => plain(name)))).toBe(forth);
  });

  it('sorts by bytes', () => {
    const text = emit(
      ['\uffff', '🦉', 'b', 'B', 'a'].map(name => plain(name, {}, { file: 'secrets/x.yaml' })),
    );
    const names = [...text.matchAll(/^ {4}(\S+) = \{/gm)].map(match => match[1]);
    expect(names).toEqual(['B', 'a', 'b', '"\uffff"', '"🦉"']);
  });

  it.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty'])(
    'takes %s for a name like any other',
    name => {
      expect(emit([plain(name)])).toContain(
        `    ${name} = {\n      sopsFile = ./megumu/${name}.yaml;\n    };`,
      );
    },
  );
});

describe('what is the default', () => {
  it.each<[Platform, SecretOptions]>([
    [
      'nixos',
      { mode: '0400', restartUnits: [], reloadUnits: [], neededForUsers: false, path: '/run/secrets/a' },
    ],
    ['nixos', { mode: '400' }],
    ['darwin', { owner: 'root', group: 'staff', restartUnits: [], path: '/run/secrets/a' }],
    ['home', { mode: '0400', restartUnits: [], neededForUsers: false }],
    ['nixos', { sopsFile: 'x', key: 'y', generate: 'hex', deliver: true }],
  ])('is not written on %s: %j', (platform, options) => {
    expect(emit([plain('a', options)], platform)).toBe(emit([plain('a')], platform));
  });

  it.each([
    ['yaml', null],
    ['json', 'json'],
    ['dotenv', 'dotenv'],
    ['ini', 'ini'],
    ['binary', 'binary'],
  ] as const)('is a format only for yaml: %s', (format, written) => {
    const line = /format = "(.*)";/.exec(emit([plain('a', {}, { format })]));
    expect(line?.[1] ?? null).toBe(written);
  });

  it('is the key that equals the name; formats that are delivered whole have none', () => {
    expect(emit([plain('a', {}, { key: 'a' })])).toBe(emit([plain('a')]));
    expect(emit([plain('a', {}, { key: 'b/c' })])).toContain('key = "b/c";');
    expect(emit([plain('a', {}, { key: '' })])).toContain('key = "";');
    expect(emit([plain('a', {}, { key: 'b', format: 'dotenv' })])).not.toContain('key');
  });
});

describe('what is the default elsewhere', () => {
  it.each<[Platform, SecretOptions, string]>([
    ['nixos', { owner: 'root' }, 'owner = "root";'],
    ['nixos', { group: 'staff' }, 'group = "staff";'],
    ['darwin', { group: 'root' }, 'group = "root";'],
    ['nixos', { neededForUsers: true, path: '/run/secrets/a' }, 'path = "/run/secrets/a";'],
    ['home', { path: '/run/secrets/a' }, 'path = "/run/secrets/a";'],
  ])('is written on %s: %j', (platform, options, line) => {
    expect(emit([plain('a', options)], platform)).toContain(line);
  });
});

describe('what a platform lacks', () => {
  it.each<[Platform, SecretOptions, string]>([
    ['darwin', { restartUnits: ['a.service'] }, 'restartUnits does not exist in sops-nix for nix-darwin'],
    ['darwin', { reloadUnits: ['a.service'] }, 'reloadUnits does not exist in sops-nix for nix-darwin'],
    ['home', { restartUnits: ['a.service'] }, 'restartUnits does not exist in sops-nix for home-manager'],
    ['home', { owner: 'kamov' }, 'owner does not exist in sops-nix for home-manager'],
    ['home', { group: 'users' }, 'group does not exist in sops-nix for home-manager'],
    ['home', { neededForUsers: true }, 'neededForUsers does not exist in sops-nix for home-manager'],
  ])('%s: %j', (platform, options, reason) => {
    const error = refusal(() => emit([plain('kotori', options)], platform));
    expect(error.code).toBe('BAD_OPTION');
    expect(error.message).toBe(`kotori on megumu: ${reason}`);
    expect(error.hint).toContain('hosts.megumu.secrets');
  });
});

describe('what would fail on the host', () => {
  it.each<[Platform, SecretOptions]>([
    ['nixos', { neededForUsers: true, owner: 'kamov' }],
    ['nixos', { neededForUsers: true, group: 'wheel' }],
    ['darwin', { neededForUsers: true, owner: 'kamov' }],
    ['nixos', { mode: '0o400' }],
    ['nixos', { mode: 'u=r' }],
    ['nixos', { mode: '' }],
    ['nixos', { mode: '4755' }],
    ['nixos', { mode: '0999' }],
    ['nixos', { owner: '' }],
    ['nixos', { owner: '1000' }],
    ['nixos', { group: '5' }],
    ['nixos', { path: 'etc/x' }],
    ['nixos', { path: '%r/x' }],
    ['home', { path: '~/x' }],
    ['nixos', { restartUnits: ['a b'] }],
    ['nixos', { restartUnits: ['--now.service'] }],
    ['nixos', { path: '/a\0b' }],
  ])('is refused on %s: %j', (platform, options) => {
    expect(refusal(() => emit([plain('kotori', options)], platform)).code).toBe('BAD_OPTION');
  });

  it.each<[Platform, SecretOptions]>([
    ['nixos', { neededForUsers: true, owner: 'root', group: 'root' }],
    ['darwin', { neededForUsers: true, owner: 'root', group: 'staff' }],
    ['home', { path: '%r/x' }],
  ])('but not on %s: %j', (platform, options) => {
    expect(isEmitted(emit([plain('kotori', options)], platform))).toBe(true);
  });

  it('is a nested key in JSON', () => {
    expect(refusal(() => emit([plain('a/b', {}, { format: 'json' })])).code).toBe('BAD_OPTION');
    expect(emit([plain('a/b', {}, { format: 'json', key: 'b' })])).toContain('key = "b";');
  });

  it.each([
    [['a', 'a'], 'twice'],
    [['a', 'a/b'], 'as a file and as the folder of a/b'],
    [['a/b/c', 'x', 'a'], 'as a file and as the folder of a/b/c'],
  ])('are the names %j beside each other', (names, reason) => {
    const error = refusal(() => emit(names.map(name => plain(name))));
    expect(error.code).toBe('NAME_COLLISION');
    expect(error.message).toContain(reason);
  });

  it('are not names that only begin alike', () => {
    expect(emit([plain('a'), plain('ab/c'), plain('a-b')])).toContain('"ab/c" = {');
  });

  it('is a file outside the workspace', () => {
    expect(refusal(() => emit([plain('a', {}, { file: '../x.yaml' })])).code).toBe('BAD_PATH');
  });

  it('is a unit given twice only once', () => {
    const text = emit([plain('a', { restartUnits: ['x', 'x.service'] })]);
    expect(text).toContain('restartUnits = [ "x.service" ];');
  });
});

describe('recognising our own files', () => {
  const ours = emit([plain('kotori')]);

  it.each([
    ['as it is', ours],
    ['with a byte order mark', `\uFEFF${ours}`],
    ['with CRLF', ours.replaceAll('\n', '\r\n')],
    ['in a merge conflict', `<<<<<<< HEAD\n${ours}=======\n${emit([])}>>>>>>> theirs\n`],
  ])('%s', (_, text) => {
    expect(isEmitted(text)).toBe(true);
  });

  it.each([
    ['', ''],
    ['a module', '{ ... }:\n{ }\n'],
    ['one that quotes us further down', `# my file\n${ours}`],
    ['one that names us', '# Emitted by hand, see `secrets`\n{ }\n'],
  ])('leaves alone what people write: %s', (_, text) => {
    expect(isEmitted(text)).toBe(false);
  });
});
