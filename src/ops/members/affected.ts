import { canonicalRecipient } from '../../workspace/parse-keys.ts';
import type { Draft } from '../draft.ts';
import type { FileState } from '../drift/governed.ts';
import type { Workspace } from '../workspace.ts';

/** A value that somebody who loses access could have read. */
export interface ExposedValue {
  /** `null` for a file that holds no secret any more. */
  readonly address: string | null;
  readonly file: string;
}

/** True for a file that these recipients can open until it is brought to its rule. */
export function opensNow(recipients: readonly string[]): (state: FileState) => boolean {
  const keys = new Set(recipients.map(canonicalRecipient));
  return state => (state.drift?.remove ?? []).some(recipient => keys.has(canonicalRecipient(recipient)));
}

/**
 * The values that these recipients could have read, now or in an earlier commit: what is to be replaced where it
 * is used. Without git only the present counts.
 *
 * @param files the files that they can open now
 * @param recipients whose history counts; empty: only the files
 */
export async function exposedValues(
  workspace: Workspace,
  recipients: readonly string[],
  files: readonly string[],
): Promise<ExposedValue[]> {
  const git = workspace.around.versionControl;
  const former = git === null || recipients.length === 0 ? [] : await git.filesThatHeld(recipients);
  const all = [...new Set([...files, ...former])].sort();
  return all.flatMap((file): ExposedValue[] => {
    const secrets = workspace.secrets.filter(secret => secret.file === file);
    if (secrets.length > 0) return secrets.map(({ address }) => ({ address, file }));
    return workspace.files.some(managed => managed.path === file) ? [{ address: null, file }] : [];
  });
}

/** Says how many values are to be replaced, and how. */
export function noteExposed(draft: Draft, who: string, values: readonly ExposedValue[]): void {
  const addresses = values.flatMap(({ address }) => (address === null ? [] : [address]));
  if (addresses.length === 0) return;
  const shown = addresses.slice(0, 8).join(', ') + (addresses.length > 8 ? `, … (${addresses.length})` : '');
  draft.note(`${who} could read ${shown}: make new values with \`secrets rotate\``);
}
