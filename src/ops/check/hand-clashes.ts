import type { HandHost, HandOption, NixValue } from '../../workspace/hand-written.ts';
import type { Secret } from '../../workspace/model.ts';
import { optionsFor } from '../../workspace/secrets.ts';
import type { Draft } from '../draft.ts';
import { modulePath } from '../modules.ts';
import { type CheckFinding, finding } from './finding.ts';
import { shortened } from './hand-options.ts';

/** Options of which the module system takes one value; lists are joined, and true is asked for by `or`. */
const SINGLE: ReadonlySet<string> = new Set([
  'sopsFile',
  'format',
  'key',
  'name',
  'path',
  'mode',
  'owner',
  'group',
  'uid',
  'gid',
]);
const EMITTED = ['mode', 'owner', 'group', 'path'] as const;
const PLAIN = 100;

interface Definition {
  readonly shown: string;
  readonly priority: number;
  /** `path:line`, or the emitted module. */
  readonly where: string;
  readonly option: HandOption | null;
}

/**
 * Options that two modules of one host give different values: the evaluation ends in "conflicting definition values".
 * Where a condition may set the same option, a stronger value may win, and nothing is said.
 *
 * @param emitted what the emitted module of the host declares
 * @param unclear names of secrets that are also set where nobody can read it
 */
export function checkClashes(
  draft: Draft,
  hand: HandHost,
  name: string,
  emitted: readonly Secret[],
  unclear: ReadonlySet<string>,
): CheckFinding[] {
  const all = new Map<string, Map<string, Definition[]>>();
  const own = hand.modules.filter(module => hand.certain.has(module)).flatMap(({ secrets }) => secrets);
  const whole = new Set(own.flatMap(each => (each.whole === null ? [] : [each.attribute])));
  for (const secret of own) {
    if (whole.has(secret.attribute) || unclear.has(secret.attribute)) continue;
    const options = all.get(secret.attribute) ?? new Map<string, Definition[]>();
    all.set(secret.attribute, options);
    for (const [option, given] of secret.options) {
      if (!SINGLE.has(option)) continue;
      options.set(option, [...(options.get(option) ?? []), definitionOf(given)]);
    }
  }
  const isImported = hand.imports.has(modulePath(draft.inventory, name));
  for (const secret of isImported ? emitted : []) addEmitted(draft, name, secret, all.get(secret.name));
  return [...all].flatMap(([attribute, options]) =>
    [...options].flatMap(([option, given]) => clashOf(attribute, option, given, name)),
  );
}

function definitionOf(option: HandOption): Definition {
  const { value, priority, path, line } = option;
  return { shown: shownValue(value), priority, where: `${path}:${line}`, option };
}

/** Empty: it is computed, and may be anything. */
function shownValue(value: NixValue): string {
  switch (value.kind) {
    case 'text':
      return JSON.stringify(shortened(value.text));
    case 'path':
      return value.file ?? '';
    case 'number':
      return value.text;
    default:
      return '';
  }
}

/** What stands in the emitted module counts where hand-written Nix only completes it. */
function addEmitted(
  draft: Draft,
  host: string,
  secret: Secret,
  options: Map<string, Definition[]> | undefined,
): void {
  if (options === undefined || options.has('sopsFile')) return;
  const own = optionsFor(draft.inventory, secret, host);
  const given: [string, string | undefined][] = EMITTED.map(name => [name, own[name]]);
  if (secret.format !== 'yaml') given.push(['format', secret.format]);
  for (const [name, value] of given) {
    const present = options.get(name);
    if (present === undefined || value === undefined) continue;
    const where = `the emitted module of ${host}`;
    present.push({ shown: JSON.stringify(value), priority: PLAIN, where, option: null });
  }
}

function clashOf(
  attribute: string,
  option: string,
  given: readonly Definition[],
  host: string,
): CheckFinding[] {
  if (given.some(({ shown }) => shown === '')) return [];
  const strongest = Math.min(...given.map(({ priority }) => priority));
  const those = given.filter(({ priority }) => priority === strongest);
  const [first, second] = [...new Map(those.map(each => [each.shown, each])).values()];
  if (first === undefined || second === undefined) return [];
  const [at, other] = first.option === null ? [second, first] : [first, second];
  const place = at.option === null ? {} : { file: at.option.path, line: at.option.line };
  const what = `sops.secrets.${shortened(attribute)}.${option}`;
  const message = `${what} is ${at.shown} here and ${other.shown} in ${other.where}: the evaluation of ${host} ends in conflicting definitions`;
  const fix = 'take one of the two out, or let one win with lib.mkForce';
  return [finding('option-refused', { ...place, host, secret: attribute }, message, fix)];
}
