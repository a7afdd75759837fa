import type { SecretOptions } from './model.ts';

/** Characters that YAML or go-yaml read as line ends or refuse, and those that cannot be seen. */
const ESCAPED = /[\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;
const PLAIN = /^[A-Za-z_./][A-Za-z0-9_./@+-]*$/;
const PLAIN_PATH = /^[A-Za-z0-9_][A-Za-z0-9_.@+-]*\/[A-Za-z0-9_./@+-]*$/;
/** A fingerprint of digits alone, or of digits around one E, would be a number. */
const PLAIN_KEY = /^[A-Za-z0-9+/=_-]+( [A-Za-z0-9+/=._@-]+)*$/;
const NUMBER_LIKE = /^[0-9.]+([eE][0-9]+)?$/;
/** Words that some version of YAML takes for something else than text. */
const WORDS = /^(y|n|yes|no|on|off|true|false|null|\.inf|\.nan)$/i;

/** Text as a scalar that every YAML reader takes for the same string, also inside `[ ]` and `{ }`. */
export function scalarText(text: string): string {
  const plain = (PLAIN.test(text) && !WORDS.test(text) && !/^\.?[0-9]/.test(text)) || PLAIN_PATH.test(text);
  return plain ? text : quoted(text);
}

/** A public key as a scalar; plain wherever it can be. */
export function recipientScalar(recipient: string): string {
  return PLAIN_KEY.test(recipient) && !NUMBER_LIKE.test(recipient) ? recipient : quoted(recipient);
}

/** Double quotes with escapes that YAML and JSON share. */
function quoted(text: string): string {
  return JSON.stringify(text).replace(ESCAPED, escapeOf);
}

function escapeOf(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

/** How a file writes its brackets. */
export interface FlowStyle {
  /** `{ a: b }` rather than `{a: b}`. */
  readonly paddedMaps: boolean;
  /** `[ a ]` rather than `[a]`. */
  readonly paddedLists: boolean;
}

/** A map on one line; keys and values are YAML text already. */
export function flowMap(entries: readonly (readonly [string, string])[], style: FlowStyle): string {
  const inner = entries.map(([key, value]) => `${key}: ${value}`).join(', ');
  return style.paddedMaps && inner !== '' ? `{ ${inner} }` : `{${inner}}`;
}

/** A list on one line; items are YAML text already. */
export function flowList(items: readonly string[], style: FlowStyle): string {
  const inner = items.join(', ');
  return style.paddedLists && inner !== '' ? `[ ${inner} ]` : `[${inner}]`;
}

/** The fields of an entry of `secrets:` in the order in which they are written. */
const FIELD_ORDER = [
  'sopsFile',
  'key',
  'owner',
  'group',
  'mode',
  'path',
  'restartUnits',
  'reloadUnits',
  'neededForUsers',
  'generate',
  'pending',
  'deliver',
] as const satisfies readonly (keyof SecretOptions)[];

/** The options of a secret on one line, as they stand in `secrets:`. */
export function optionsText(options: SecretOptions, style: FlowStyle): string {
  const entries: [string, string][] = [];
  for (const field of FIELD_ORDER) {
    const value = options[field];
    if (value === undefined) continue;
    if (typeof value === 'boolean') entries.push([field, String(value)]);
    else if (typeof value === 'string')
      entries.push([field, field === 'mode' ? quoted(value) : scalarText(value)]);
    else if (value.length > 0) entries.push([field, flowList(value.map(scalarText), style)]);
  }
  return flowMap(entries, style);
}
