import { canonicalRecipient } from '../../workspace/parse-keys.ts';
import type { Draft } from '../draft.ts';
import type { FileState } from '../drift/governed.ts';

/** A value that somebody who loses access could have read. */
export interface ExposedValue {
  /** `null` for a file that holds no secret any more. */
  readonly address: string | null;
  readonly file: string;
}

/** Public keys, in whatever spelling. */
export function keySet(recipients: readonly string[]): { has(recipient: string): boolean } {
  const keys = new Set(recipients.map(canonicalRecipient));
  return { has: recipient => keys.has(canonicalRecipient(recipient)) };
}

/** True for a file that these recipients can open until it is brought to its rule. */
export function opensNow(recipients: readonly string[]): (state: FileState) => boolean {
  const keys = keySet(recipients);
  return state => (state.drift?.remove ?? []).some(recipient => keys.has(recipient));
}

/** What these files hold, as the repository will be: what is to be replaced where it is used. */
export function valuesIn(draft: Draft, files: ReadonlySet<string>): ExposedValue[] {
  const present = new Set(draft.files.map(({ path }) => path));
  return [...files].sort().flatMap((file): ExposedValue[] => {
    const secrets = draft.workspace.secrets.filter(secret => secret.file === file);
    if (!present.has(file)) return [];
    return secrets.length > 0 ? secrets.map(({ address }) => ({ address, file })) : [{ address: null, file }];
  });
}

/** Says how many values are to be replaced, and how. */
export function noteExposed(draft: Draft, who: string, values: readonly ExposedValue[]): void {
  const addresses = values.flatMap(({ address }) => (address === null ? [] : [address]));
  if (addresses.length === 0) return;
  const shown = addresses.slice(0, 8).join(', ') + (addresses.length > 8 ? `, … (${addresses.length})` : '');
  draft.note(`${who} could read ${shown}: make new values with \`secrets rotate\``);
}
