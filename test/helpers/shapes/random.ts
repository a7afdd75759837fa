import type { Dice } from '../dice.ts';

const FOLDERS = ['secrets', 'hosts', 'web', 'aya+momiji', 'a.b', 'two words', 'Ünïcode', 'x'];
const NAMES = [
  'secrets',
  'key',
  'host',
  'it’s',
  "it's",
  'a"b',
  'tab\there',
  'line\nbreak',
  'esc\u001b[31m',
  '[x]',
  '(y)',
  '$z',
  '^',
  '秘密',
  'é',
  'e\u0301',
  '#x',
  ' lead',
  '-dash',
  'back\\slash',
  'star*',
  '~',
  '.hidden',
  'UPPER',
  '0',
  'a,b',
  'x'.repeat(60),
];
const ENDINGS = [
  '.yaml',
  '.yml',
  '.json',
  '.env',
  '.ini',
  '',
  '.bin',
  '.YAML',
  '.yaml.bak',
  '.sops.yaml',
  '.txt',
];

/** Some files of a repository, by their paths: nested, with odd names, each once. */
export function randomPaths(dice: Dice, count: number): string[] {
  const paths = new Set<string>();
  while (paths.size < count) {
    const folders = Array.from({ length: dice.int(4) }, () => dice.pick(FOLDERS));
    paths.add([...folders, `${dice.pick(NAMES)}${dice.pick(ENDINGS)}`].join('/'));
  }
  // no file may be the folder of another one
  return [...paths].filter(path => ![...paths].some(other => other.startsWith(`${path}/`)));
}

const PIECES = [
  '.',
  '.*',
  '.+',
  '.*?',
  '[^/]+',
  '[^/]*/',
  '/',
  '\\.',
  '\\.ya?ml',
  '(yaml|json)',
  '(?:env|ini)',
  '\\w+',
  '\\d',
  '\\s',
  '\\S+',
  '\\b',
  '[a-z0-9_-]+',
  '[[:alpha:]]',
  '[[:^alnum:]]',
  '\\pL+',
  '\\p{Han}',
  '\\P{L}',
  '\\Qa.b\\E',
  'x{1,3}',
  'x{2,}',
  '\\x2e',
  '\\/',
  '\\-',
  '(?i)SECRETS',
  '(?s).',
  '(?-s).',
  '(?P<n>s)',
  '$',
  '^',
  '\\A',
  '\\z',
  '|',
  '(',
  ')',
  '[',
  '\\+',
  '\\(',
  '\\t',
  '\\n',
  ' ',
  '#',
  '"',
  'é',
  '\\x{79d8}',
  '[\\w./-]+',
  '(?m)^',
  '(?U)x+',
  'a+b',
  's*',
  'é?',
  '\\_',
  '[]a]',
  '[^\\n]',
  '\\C',
  '\\1',
  '(?=x)',
  '*',
  '++',
  '{2}',
  '\\pN',
  '\\',
];

/** A pattern that overlaps with others, made of pieces that people use and of pieces of a path; it may be none at all. */
export function randomPattern(dice: Dice, paths: readonly string[]): string {
  const path = dice.pick(paths);
  const start = dice.chance(40) ? '^' : '';
  const pieces = Array.from({ length: 1 + dice.int(4) }, () => {
    if (dice.chance(55)) return dice.pick(PIECES);
    const from = dice.int(path.length);
    const part = path.slice(from, from + 1 + dice.int(12));
    return dice.chance(50) ? part.replace(/[.+*?^$()[\]{}|\\]/g, '\\$&') : part;
  });
  // Go takes a name that two groups have, and (since 1.25) classes in any spelling; the port of RE2 does not
  let groups = 0;
  const text = pieces
    .join('')
    .replaceAll('(?P<n>', () => `(?P<n${groups++}>`)
    .replace(/\\([pP])(?![LN]|\{Han\}|\{L\})/g, '$1');
  return `${start}${text}${dice.chance(25) ? '$' : ''}`;
}

/** A pattern that matches some of the paths. */
export function likelyPattern(dice: Dice, paths: readonly string[]): string {
  const path = dice.pick(paths);
  const escaped = (text: string) => text.replace(/[.+*?^$()[\]{}|\\]/g, '\\$&');
  const folder = path.slice(0, path.lastIndexOf('/') + 1);
  const ending = /\.[^./]*$/.exec(path)?.[0] ?? '';
  const choices = [
    `^${escaped(path)}$`,
    `^${escaped(folder)}`,
    `${escaped(folder)}[^/]+${escaped(ending)}$`,
    `.*${ending}$`,
    `${ending}$`,
    `^[^/]+${escaped(ending)}$`,
    `(^|/)${escaped(path.slice(folder.length))}`,
    `^(secrets|hosts)/.*`,
    '[^/]*/.*',
    '(?i)secrets',
    '.*',
    `^${folder}.*`,
    `\\b(key|host)\\b`,
    `^.*/web/.*\\.(ya?ml|json)$`,
    '[A-Z]',
    '[^[:ascii:]]',
  ];
  return dice.pick(choices);
}

/** The text of a config as JSON, which is YAML; `null` and absent lists of rules too. */
export function randomConfig(dice: Dice, recipients: readonly string[], pattern: () => string): string {
  if (dice.chance(4)) return '{"stores": {"yaml": {"indent": 2}}}\n';
  const rules = Array.from({ length: dice.int(9) }, () => randomRule(dice, recipients, pattern));
  return `${JSON.stringify({ creation_rules: rules })}\n`;
}

function randomRule(dice: Dice, recipients: readonly string[], pattern: () => string): object {
  const usual = recipients.slice(0, 1 + dice.int(2));
  const some = () =>
    dice.chance(40) ? usual : Array.from({ length: 1 + dice.int(3) }, () => dice.pick(recipients));
  const age = recipients.filter(text => text.startsWith('age1'));
  const pgp = recipients.filter(text => /^[0-9A-F]{40}$/.test(text));
  const split = (keys: readonly string[]) => ({
    age: keys.filter(text => age.includes(text)),
    pgp: keys.filter(text => pgp.includes(text)),
  });
  const rule: Record<string, unknown> = dice.chance(92) ? { path_regex: pattern() } : {};
  if (dice.chance(15)) rule.shamir_threshold = 1 + dice.int(3);
  if (dice.chance(15)) rule[dice.pick(['encrypted_regex', 'unencrypted_suffix', 'encrypted_suffix'])] = '_x';
  if (dice.chance(10)) rule.mac_only_encrypted = true;
  const kind = dice.int(4);
  if (kind === 0) rule.age = split(some()).age.join(', ');
  if (kind === 1) Object.assign(rule, split(some()));
  if (kind === 2) rule.key_groups = [split(some())];
  if (kind === 3)
    rule.key_groups = Array.from({ length: 1 + dice.int(3) }, () => ({
      merge: dice.chance(30) ? [split(some())] : [],
      ...split(some()),
    }));
  return rule;
}
