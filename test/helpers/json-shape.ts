/**
 * What a JSON value has to look like: a name of a type (`string`, with `?` for null too), texts joined by `|`
 * in angle brackets for a choice, `[item]` for a list, an object for the fields that must be there.
 */
export type JsonShape = string | readonly [JsonShape] | { readonly [field: string]: JsonShape };

const RECIPIENT: JsonShape = { name: 'string?', recipient: 'string' };

/** What other programs rely on, by command. Fields may be added. */
export const ANSWERS: Readonly<Record<string, JsonShape>> = {
  list: {
    secrets: [
      {
        name: 'string',
        address: 'string',
        hosts: ['string'],
        file: 'string',
        key: 'string?',
        format: '<yaml|json|dotenv|ini|binary>',
        declared: 'boolean',
      },
    ],
  },
  'host list': {
    hosts: [
      {
        name: 'string',
        platform: '<nixos|darwin|home>?',
        recipient: { name: 'string?', recipient: 'string' },
        phase: '<ok|rotating>',
        groups: ['string'],
        secrets: 'number',
      },
    ],
  },
  show: {
    name: 'string',
    address: 'string',
    file: 'string',
    key: 'string?',
    format: 'string',
    hosts: ['string'],
    readers: [RECIPIENT],
    options: {},
  },
  why: {
    file: 'string',
    config: 'string?',
    matched_against: 'string',
    rules: [{ index: 'number', path_regex: 'string?', line: 'number', matches: 'boolean' }],
    first: 'number?',
    wanted: [RECIPIENT],
    has: [RECIPIENT],
    groups: 'number',
    threshold: 'number?',
    state: '<ok|drifted|plaintext|broken|no-rule>?',
  },
  'sync --check': {
    files: [
      {
        file: 'string',
        config: 'string?',
        rule: 'number?',
        state: '<ok|drifted|plaintext|broken|no-rule>',
        add: [RECIPIENT],
        remove: [RECIPIENT],
        reasons: ['string'],
      },
    ],
  },
  check: {
    findings: [
      {
        code: 'string',
        severity: '<error|warning>',
        file: 'string?',
        line: 'number?',
        host: 'string?',
        secret: 'string?',
        message: 'string',
        fix: 'string',
      },
    ],
  },
  'nix --check': { plan: [{ action: 'string', file: 'string' }], applied: 'boolean' },
  'access --since HEAD': {},
  error: { error: { code: 'string', message: 'string', hint: 'string?', file: 'string?', line: 'number?' } },
};

/** Where a value is not of the shape, one line for each place. */
export function misshapen(value: unknown, shape: JsonShape, place = '$'): string[] {
  if (typeof shape === 'string') return isOfType(value, shape) ? [] : [`${place} is no ${shape}`];
  if (Array.isArray(shape)) {
    if (!Array.isArray(value)) return [`${place} is no list`];
    return value.flatMap((item, index) => misshapen(item, shape[0], `${place}[${index}]`));
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [`${place} is no object`];
  const fields = new Map(Object.entries(value));
  return Object.entries(shape).flatMap(([name, inner]) =>
    fields.has(name)
      ? misshapen(fields.get(name), inner, `${place}.${name}`)
      : [`${place}.${name} is missing`],
  );
}

function isOfType(value: unknown, type: string): boolean {
  const name = type.replace(/\?$/, '');
  if (value === null) return name !== type;
  if (name.startsWith('<'))
    return name
      .slice(1, -1)
      .split('|')
      .some(choice => choice === value);
  return typeof value === name;
}
