import { describe, expect, it } from 'vitest';
import { mergeConfigs } from '../../src/workspace/merge-config.ts';
import { parseInventory } from '../../src/workspace/parse.ts';
import { ruleFor } from '../../src/workspace/rules.ts';

const KEYS = {
  kamov: 'age1r7876nzlhf8w33rw2rs99javafgnrtygvx3238sw8lvum38sxdxs7w67kr',
  megumu: 'age18g8h2kz8q92txuhdvefdl9zfl5xygr3v0j2jvcfuqz59dc5vse0q6we6mc',
  aya: 'age16hkrrjp9aanaehn6zrzkt3dvnt57ue5shz939tv74xew2eu6ngwsfhec0v',
  momiji: 'age1mn4kwwcctl7ltgjc3e7skra9jj9jlmlw3syazn5me0ppw24ya55q8ee2zx',
} as const;

const BASE = `# who reads what
keys:
  - &kamov ${KEYS.kamov}
  - &megumu ${KEYS.megumu}

# people
admins: [kamov]

hosts:
  megumu: { platform: nixos }

# first match
creation_rules:
  - path_regex: ^secrets/megumu/
    key_groups:
      - age: [*kamov, *megumu]
`;

const KEY_AYA = `  - &aya ${KEYS.aya}\n`;
const KEY_MOMIJI = `  - &momiji ${KEYS.momiji}\n`;

function addHost(text: string, name: 'aya' | 'momiji'): string {
  return `${text
    .replace(`  - &megumu ${KEYS.megumu}\n`, found => found + (name === 'aya' ? KEY_AYA : KEY_MOMIJI))
    .replace(
      '  megumu: { platform: nixos }\n',
      found => `${found}  ${name}: { platform: darwin }\n`,
    )}  - path_regex: ^secrets/${name}/
    key_groups:
      - age: [*kamov, *${name}]
`;
}

function merge(
  base: string,
  ours: string,
  theirs: string,
  paths = { ours: [] as string[], theirs: [] as string[] },
) {
  return mergeConfigs({ base, ours, theirs }, paths, '.sops.yaml');
}

function text(result: ReturnType<typeof merge>): string {
  return result.kind === 'merged' ? result.text : `conflict: ${result.reasons.join('; ')}`;
}

describe('two versions of .sops.yaml', () => {
  it('keep both hosts, keys and rules that were added at the same places', () => {
    const result = text(merge(BASE, addHost(BASE, 'aya'), addHost(BASE, 'momiji')));
    expect(result).toBe(`# who reads what
keys:
  - &kamov ${KEYS.kamov}
  - &megumu ${KEYS.megumu}
  - &aya ${KEYS.aya}
  - &momiji ${KEYS.momiji}

# people
admins: [kamov]

hosts:
  megumu: { platform: nixos }
  aya: { platform: darwin }
  momiji: { platform: darwin }

# first match
creation_rules:
  - path_regex: ^secrets/megumu/
    key_groups:
      - age: [*kamov, *megumu]
  - path_regex: ^secrets/aya/
    key_groups:
      - age: [*kamov, *aya]
  - path_regex: ^secrets/momiji/
    key_groups:
      - age: [*kamov, *momiji]
`);
  });

  it('keep a section that both added, and comments of either side', () => {
    const options = (line: string) => BASE.replace('# first match', `secrets:\n  ${line}\n\n# first match`);
    const ours = options('megumu/a: { owner: a }').replace('# people', '# people, and what they are');
    const theirs = options('megumu/b: { owner: b }').replace('# who reads what', '# who may read what');
    const result = text(merge(BASE, ours, theirs));
    expect(result).toContain(
      'secrets:\n  megumu/a: { owner: a }\n  megumu/b: { owner: b }\n\n# first match\n',
    );
    expect(result).toContain('# people, and what they are\n');
    expect(result).toContain('# who may read what\n');
  });

  it('merge inside brackets: readers, members, options', () => {
    const base = addHost(addHost(BASE, 'aya'), 'momiji');
    const line = '      - age: [*kamov, *megumu]';
    const ours = base.replace(line, '      - age: [*kamov, *megumu, *aya]');
    const theirs = base.replace(line, '      - age: [*kamov, *megumu, *momiji]');
    expect(text(merge(base, ours, theirs))).toContain('      - age: [*kamov, *megumu, *aya, *momiji]\n');
  });

  it('take a changed key of one side and a removed reader of the other', () => {
    const base = addHost(BASE, 'aya').replace('age: [*kamov, *megumu]', 'age: [*kamov, *megumu, *aya]');
    const ours = base.replace(KEYS.megumu, KEYS.momiji);
    const theirs = base.replace('age: [*kamov, *megumu, *aya]', 'age: [*kamov, *megumu]');
    const result = text(merge(base, ours, theirs));
    expect(result).toContain(`&megumu ${KEYS.momiji}`);
    expect(result).toContain('age: [*kamov, *megumu]\n');
  });

  it('begin with an empty list of rules', () => {
    const base = BASE.slice(0, BASE.indexOf('creation_rules')).concat('creation_rules: []\n');
    const rule = (name: string) =>
      base.replace(' []\n', `\n  - path_regex: ^secrets/${name}/\n    key_groups:\n      - age: [*kamov]\n`);
    const result = text(merge(base, rule('x'), rule('y')));
    expect(result).toMatch(
      /creation_rules:\n {2}- path_regex: \^secrets\/x\/\n.*\n.*\n {2}- path_regex: \^secrets\/y\/\n/,
    );
  });

  it('are at odds where both changed one thing', () => {
    const ours = BASE.replace(KEYS.megumu, KEYS.aya);
    const theirs = BASE.replace(KEYS.megumu, KEYS.momiji);
    expect(text(merge(BASE, ours, theirs))).toBe('conflict: both sides changed keys &megumu');
  });

  it('are at odds where one removes what the other changed', () => {
    const base = addHost(BASE, 'aya');
    const ours = base.replace('  aya: { platform: darwin }\n', '');
    const theirs = base.replace('  aya: { platform: darwin }\n', '  aya: { platform: nixos }\n');
    expect(text(merge(base, ours, theirs))).toBe('conflict: both sides changed hosts.aya');
  });

  it('are at odds where a file would come under another rule', () => {
    const ours = addHost(BASE, 'aya');
    const broad = '  - path_regex: ^secrets/\n    key_groups:\n      - age: [*kamov]\n';
    const theirs = BASE.replace('creation_rules:\n', `creation_rules:\n${broad}`);
    const paths = { ours: ['secrets/aya/wifi.yaml'], theirs: [] };
    expect(text(merge(BASE, ours, theirs, paths))).toMatch(
      /^conflict: "secrets\/aya\/\S+" would come under another rule than on its side$/,
    );
  });

  it('never give a file of either side to another rule', () => {
    const result = merge(BASE, addHost(BASE, 'aya'), addHost(BASE, 'momiji'));
    if (result.kind !== 'merged') throw new Error('no merge');
    for (const name of ['aya', 'momiji', 'megumu'])
      expect(ruleFor(parseInventory(result.text), `secrets/${name}/x.yaml`)?.pathRegex).toBe(
        `^secrets/${name}/`,
      );
  });

  it('stay as they are where one side changed nothing', () => {
    const other = addHost(BASE, 'aya');
    expect(text(merge(BASE, BASE, other))).toBe(other);
    expect(text(merge(BASE, other, BASE))).toBe(other);
    expect(text(merge(BASE, other, other))).toBe(other);
  });

  it('are at odds where a name would be there twice', () => {
    const ours = BASE.replace('admins: [kamov]', 'admins: [kamov]\n\ngroups:\n  all: [megumu]');
    const theirs = BASE.replace(
      '  megumu: { platform: nixos }\n',
      found => `${found}  all: { platform: nixos }\n`,
    );
    expect(text(merge(BASE, ours, theirs))).toMatch(
      /^conflict: line \d+: "all" names both a host and a group/,
    );
  });

  it('keep CRLF, and a last line without an end', () => {
    const crlf = (input: string) => input.replaceAll('\n', '\r\n').replace(/\r\n$/, '');
    const result = text(merge(crlf(BASE), crlf(addHost(BASE, 'aya')), crlf(addHost(BASE, 'momiji'))));
    expect(result.split('\r\n').join('\n')).toBe(
      text(merge(BASE, addHost(BASE, 'aya'), addHost(BASE, 'momiji'))).replace(/\n$/, ''),
    );
  });
});
