import fc from 'fast-check';

/** Public keys whose private halves were thrown away. */
export const PEOPLE = {
  kamov: 'age1g9938mzgxj8gt0w2fc2fhhk53wvtw3q0vvyum56ms0dc5j76wp7s06alyj',
  hatate: 'age1egmmgt2xkhfkthhw5sw4fxv0hwujwymedvkhxeqac4a89dddn9ms0kzy4q',
  megumu: 'age157qp59lp5l53ea50l65880lmu09rqz477t4lp348vdlsm3c9gaasrcxkt0',
  aya: 'age1elmqgwecndlrs8wp28zcp2jp2rcwkt9duhsuk4hnrhvu2hy9aptsmcn8el',
} as const;

/** Keys that no generated file has. */
export const FRESH = {
  first: 'age19s8r763z8c895asvm2acch8duhl7jdlqscngufjheawjh3qjpu7qqsjyxh',
  second: 'age1xlnk3d5qw5nprah9cn23xc8hgu62wdd8pr6729zlj5c5cxfx5d2q2r6dg0',
} as const;

export type Person = keyof typeof PEOPLE;
const NAMES = Object.keys(PEOPLE) as Person[];
const PATTERNS = [
  '^secrets/megumu/',
  '^secrets/aya\\+megumu/',
  '^secrets/servers/',
  '^hosts/aya\\.yaml$',
  '\\.env$',
];

const FORMS = ['block', 'flow', 'lines', 'text', 'folded', 'items', 'quoted'] as const;

interface RandomRule {
  readonly form: (typeof FORMS)[number];
  readonly grouped: boolean;
  readonly readers: readonly Person[];
  /** Readers that are written in full. */
  readonly raw: readonly Person[];
  readonly pattern: string;
}

interface Style {
  readonly list: number;
  readonly map: number;
  readonly comments: boolean;
  readonly padded: boolean;
  readonly blank: boolean;
  readonly crlf: boolean;
  readonly finalNewline: boolean;
  readonly keys: 'block' | 'flow' | 'nested' | 'labelled' | 'map';
  readonly prefix: '' | 'host_';
}

const style: fc.Arbitrary<Style> = fc.record({
  list: fc.constantFrom(0, 2, 4),
  map: fc.constantFrom(1, 2, 4),
  comments: fc.boolean(),
  padded: fc.boolean(),
  blank: fc.boolean(),
  crlf: fc.boolean(),
  finalNewline: fc.boolean(),
  keys: fc.constantFrom('block', 'flow', 'nested', 'labelled', 'map'),
  prefix: fc.constantFrom('', 'host_'),
});

const rule = (pattern: string): fc.Arbitrary<RandomRule> =>
  fc.record({
    form: fc.constantFrom(...FORMS),
    grouped: fc.boolean(),
    readers: fc.shuffledSubarray(NAMES, { minLength: 2 }),
    raw: fc.subarray(NAMES),
    pattern: fc.constant(pattern),
  });

/** The text of a `.sops.yaml` with two people and two machines, in the styles that people have. */
export const randomMembers: fc.Arbitrary<string> = fc
  .record({
    style,
    rules: fc.subarray(PATTERNS, { minLength: 1 }).chain(patterns => fc.tuple(...patterns.map(rule))),
    declared: fc.boolean(),
    groups: fc.boolean(),
    options: fc.boolean(),
  })
  .map(given => {
    const { style: how } = given;
    const declared = given.declared || how.prefix !== '';
    const sections = [
      ['# who reads what', ...keys(how)],
      [`admins: ${flow(['kamov', 'hatate'], how)}${note(how)}`],
      declared ? hosts(how) : [],
      declared && given.groups ? groups(how) : [],
      given.options ? options(how) : [],
      ['creation_rules:', ...given.rules.flatMap(each => ruleLines(each, how))],
    ];
    const body = sections.filter(lines => lines.length > 0).map(lines => lines.join('\n'));
    const text = body.join(how.blank ? '\n\n' : '\n') + (how.finalNewline ? '\n' : '');
    return how.crlf ? text.replaceAll('\n', '\r\n') : text;
  });

const pad = (columns: number) => ' '.repeat(columns);
const note = (how: Style) => (how.comments ? ' # a note' : '');

function anchorName(name: Person, how: Style): string {
  return name === 'megumu' || name === 'aya' ? how.prefix + name : name;
}

function flow(items: readonly string[], { padded }: Style): string {
  return padded ? `[ ${items.join(' , ')} ]` : `[${items.join(', ')}]`;
}

function keys(how: Style): string[] {
  const named = NAMES.map(name => `&${anchorName(name, how)} ${PEOPLE[name]}`);
  const { list, map } = how;
  const block = (items: readonly string[], columns: number) =>
    items.flatMap(item => [
      ...(how.comments ? [`${pad(columns)}# about the next`] : []),
      `${pad(columns)}- ${item}${note(how)}`,
    ]);
  const [people, machines] = [named.slice(0, 2), named.slice(2)];
  if (how.keys === 'flow') return [`keys: ${flow(named, how)}${note(how)}`];
  if (how.keys === 'map')
    return [
      'keys:',
      ...NAMES.map(name => `${pad(map)}k-${name}: &${anchorName(name, how)} ${PEOPLE[name]}${note(how)}`),
    ];
  if (how.keys === 'nested')
    return [
      'keys:',
      `${pad(list)}- &people`,
      ...block(people, list + 2),
      `${pad(list)}- &machines`,
      ...block(machines, list + 4),
    ];
  if (how.keys === 'labelled')
    return [
      'keys:',
      `${pad(map)}people:`,
      ...block(people, map + list),
      `${pad(map)}machines:`,
      ...block(machines, map + list),
    ];
  return ['keys:', ...block(named, list)];
}

function hosts(how: Style): string[] {
  const fields = (name: 'megumu' | 'aya') =>
    how.prefix === '' ? 'platform: nixos' : `platform: nixos, recipient: *${how.prefix}${name}`;
  return [
    'hosts:',
    `${pad(how.map)}megumu: { ${fields('megumu')} }${note(how)}`,
    `${pad(how.map)}aya: { ${fields('aya')} }`,
  ];
}

function groups(how: Style): string[] {
  return ['groups:', `${pad(how.map)}servers: ${flow(['megumu', 'aya'], how)}${note(how)}`];
}

function options(how: Style): string[] {
  return [
    'secrets:',
    `${pad(how.map)}megumu/old:${note(how)}`,
    `${pad(2 * how.map)}owner: root`,
    `${pad(how.map)}aya+megumu/wifi: { mode: "0440" }`,
    `${pad(how.map)}servers/smtp: { owner: mail }`,
  ];
}

function ruleLines({ form, grouped, readers, raw, pattern }: RandomRule, how: Style): string[] {
  const { list } = how;
  const head = [
    ...(how.blank ? [''] : []),
    ...(how.comments ? [`${pad(list)}# a rule`] : []),
    `${pad(list)}- path_regex: '${pattern}'${note(how)}`,
  ];
  const items = readers.map(name => (raw.includes(name) ? PEOPLE[name] : `*${anchorName(name, how)}`));
  const field = (columns: number) => keyField({ form, grouped, readers, raw, pattern }, items, columns, how);
  const first = list + 2;
  if (!grouped) return [...head, ...field(first).map((line, at) => (at === 0 ? pad(first) + line : line))];
  const dash = first + list;
  const lines = field(dash + 2);
  return [
    ...head,
    `${pad(first)}key_groups:`,
    ...lines.map((line, at) => (at === 0 ? `${pad(dash)}- ${line}` : line)),
  ];
}

/** The first line without its indentation. */
function keyField(
  { form, grouped, readers }: RandomRule,
  items: readonly string[],
  columns: number,
  how: Style,
): string[] {
  const inner = pad(columns + how.list);
  const full = readers.map(name => PEOPLE[name]);
  const separated = full.join(how.padded ? ', ' : ',');
  if (form === 'flow') return [`age: ${flow(items, how)}${note(how)}`];
  if (form === 'lines')
    return [
      'age: [',
      ...items.map((item, at) => `${pad(columns + 2)}${item}${at < items.length - 1 ? ',' : ''}${note(how)}`),
      `${pad(columns)}]`,
    ];
  if (form === 'text' && !grouped) return [`age: ${separated}${note(how)}`];
  if (form === 'quoted' && !grouped) return [`age: "${separated}"${note(how)}`];
  if (form === 'folded' && !grouped)
    return [
      'age: >-',
      ...full.map((key, at) => `${pad(columns + 2)}${key}${at < full.length - 1 ? ',' : ''}`),
    ];
  if (form === 'items') return ['age:', `${inner}- ${separated}${note(how)}`];
  return [
    'age:',
    ...items.flatMap(item => [
      ...(how.comments ? [`${inner}# about a reader`] : []),
      `${inner}- ${item}${note(how)}`,
    ]),
  ];
}
