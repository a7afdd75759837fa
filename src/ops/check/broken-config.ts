import type { SecretsError } from '../../errors.ts';
import { type CheckCode, type CheckFinding, finding } from './finding.ts';

/** What the reader of `.sops.yaml` says of an anchor, and what that is called here. */
const ANCHORS: readonly (readonly [CheckCode, RegExp, string])[] = [
  ['anchor-twice', /^the anchor .* is there twice/s, 'give one of the two keys another name'],
  [
    'anchor-missing',
    /^no anchor .* stands above this place$/s,
    'write the key with its anchor under keys:, above this line',
  ],
  ['anchor-refused', /^stock sops refuses the anchor /s, 'give the key another name'],
];

/** A `.sops.yaml` that does not load: nothing below it can be checked, or encrypted. */
export function brokenConfig(error: SecretsError, file: string): CheckFinding {
  const place = { file, ...(error.line === undefined ? {} : { line: error.line }) };
  const anchor = ANCHORS.find(([, pattern]) => pattern.test(error.message));
  if (anchor === undefined) return finding('broken', place, error.message, error.hint ?? 'correct it');
  const [code, , fix] = anchor;
  return finding(code, place, error.message, fix);
}
