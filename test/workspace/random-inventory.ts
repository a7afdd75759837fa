import fc from 'fast-check';
import { KEYS } from './fleet.ts';

const NAMES = Object.keys(KEYS) as (keyof typeof KEYS)[];

interface Style {
  readonly list: number;
  readonly map: number;
  readonly blank: boolean;
  readonly crlf: boolean;
  readonly finalNewline: boolean;
  readonly comments: boolean;
  readonly flow: boolean;
  readonly nested: 'flat' | 'lists' | 'map';
}

const style: fc.Arbitrary<Style> = fc.record({
  list: fc.constantFrom(0, 2, 4),
  map: fc.constantFrom(1, 2, 4),
  blank: fc.boolean(),
  crlf: fc.boolean(),
  finalNewline: fc.boolean(),
  comments: fc.boolean(),
  flow: fc.boolean(),
  nested: fc.constantFrom('flat', 'lists', 'map'),
});

const PATTERNS = ['^secrets/megumu/', '^.*/aya/.*\\.ya?ml$', 'hosts/x.yml$', '\\.env$', '^docs/', '.*'];

/** The text of a `.sops.yaml` in one of the styles that people have, with keys, maybe hosts, and rules. */
export const randomInventory: fc.Arbitrary<string> = fc
  .record({
    style,
    known: fc.subarray(NAMES, { minLength: 1, maxLength: 3 }),
    hosts: fc.boolean(),
    admins: fc.boolean(),
    secrets: fc.boolean(),
    stores: fc.boolean(),
    patterns: fc.subarray(PATTERNS),
    header: fc.constantFrom('', '# who reads what\n', '---\n', '\ufeff', '# a\n\n# b\n'),
  })
  .map(given => {
    const [first = 'kamov', ...others] = given.known;
    const sections = [
      keys(given.known, given.style),
      given.admins ? [`admins: [${first}]`] : [],
      given.hosts ? hosts(others, given.style) : [],
      given.secrets ? secrets(given.style) : [],
      rules(given.patterns, given.known, given.style),
      given.stores ? ['stores:', `${pad(given.style.map)}yaml:`, `${pad(given.style.map * 2)}indent: 2`] : [],
    ].filter(section => section.length > 0);
    return layOut(given.header, sections, given.style);
  });

function layOut(
  header: string,
  sections: readonly string[][],
  { blank, crlf, finalNewline, comments }: Style,
): string {
  const commented = sections.map(section => (comments ? ['# about the next', ...section] : section));
  const body = commented.map(section => section.join('\n')).join(blank ? '\n\n' : '\n');
  const text = `${header}${body}${finalNewline ? '\n' : ''}`;
  return crlf ? text.replaceAll('\n', '\r\n') : text;
}

function pad(columns: number): string {
  return ' '.repeat(columns);
}

function keys(names: readonly (keyof typeof KEYS)[], { list, map, nested, comments, flow }: Style): string[] {
  const scalars = names.map(name => `&${name} ${KEYS[name]}`);
  const note = comments ? ' # a note' : '';
  const items = (columns: number) => scalars.map(scalar => `${pad(columns)}- ${scalar}${note}`);
  if (flow) return [`keys: [${scalars.join(', ')}]`];
  if (nested === 'map') return ['keys:', `${pad(map)}hosts:`, ...items(map + list)];
  if (nested === 'lists') return ['keys:', `${pad(list)}- &hosts${comments ? ':' : ''}`, ...items(list + 2)];
  return ['keys:', ...items(list)];
}

function hosts(names: readonly string[], { map, flow }: Style): string[] {
  if (flow) return [`hosts: {${names.map(name => `${name}: {platform: nixos}`).join(', ')}}`];
  return ['hosts:', ...names.flatMap(name => [`${pad(map)}${name}:`, `${pad(2 * map)}platform: nixos`])];
}

function secrets({ map, flow }: Style): string[] {
  if (flow) return ['secrets: {megumu/old: {owner: root}}'];
  return [
    'secrets:',
    `${pad(map)}megumu/old:`,
    `${pad(2 * map)}owner: root`,
    `${pad(map)}aya/old: { mode: "0440" }`,
  ];
}

function rules(
  patterns: readonly string[],
  names: readonly string[],
  { list, comments, flow, blank }: Style,
): string[] {
  const aliases = names.map(name => `*${name}`).join(', ');
  if (patterns.length === 0) return [];
  if (flow)
    return [`creation_rules: [${patterns.map(p => `{path_regex: '${p}', age: [${aliases}]}`).join(', ')}]`];
  const lines = patterns.flatMap((pattern, index) => [
    ...(blank && index > 0 ? [''] : []),
    ...(comments ? [`${pad(list)}# rule ${index}`] : []),
    `${pad(list)}- path_regex: '${pattern}'`,
    `${pad(list)}  key_groups:`,
    `${pad(list)}  ${pad(list)}- age: [${aliases}]`,
  ]);
  return ['creation_rules:', ...lines];
}
