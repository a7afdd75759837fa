import { SecretsError } from '../../errors.ts';
import type { Redacted } from '../../redacted.ts';
import { formatOfPath } from '../../sops/formats/of-path.ts';
import type { Rule } from '../../workspace/model.ts';
import { ruleFor } from '../../workspace/rules.ts';
import type { Draft } from '../draft.ts';
import { Configs } from '../drift/configs.ts';
import type { Decide } from '../edit/merge-trees.ts';
import { readWorkFile } from '../files.ts';
import type { Workspace } from '../workspace.ts';
import { hasConflictMarkers } from './conflict-markers.ts';
import { type MergeOutcome, mergeSopsFiles, WHOLE_FILE } from './merge-sops.ts';

/** A file in conflict, with the versions that git's index keeps; `null` where a side does not have it. */
export interface UnmergedFile {
  /** Relative to the workspace root. */
  readonly path: string;
  readonly base: Uint8Array | null;
  readonly ours: Uint8Array | null;
  readonly theirs: Uint8Array | null;
}

/** What is decided so far about one file. */
export interface Decisions {
  readonly decide: Decide;
  readonly values: ReadonlyMap<string, Redacted<string>>;
}

/** `bytes: null`: the file is to go. */
export type Resolution =
  | { readonly kind: 'resolved'; readonly bytes: Uint8Array | null }
  | Exclude<MergeOutcome, { kind: 'merged' }>;

/** True where a version of the file is encrypted. */
export function isSopsConflict({ ours, theirs }: UnmergedFile): boolean {
  return [ours, theirs].some(
    bytes =>
      bytes !== null &&
      Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).includes('ENC[AES256_GCM,'),
  );
}

/**
 * Merges a file in conflict as far as it is decided.
 *
 * @param rule that governs the file in the work tree: it says who reads the result
 * @throws SecretsError as `mergeSopsFiles`
 */
export async function resolveFile(
  { around }: Workspace,
  file: UnmergedFile,
  rule: Rule | null,
  { decide, values }: Decisions,
): Promise<Resolution> {
  const { base, ours, theirs } = file;
  if (ours === null || theirs === null) {
    const winner = decide(WHOLE_FILE);
    if (winner === null) return { kind: 'conflict', names: [WHOLE_FILE], single: new Set() };
    return { kind: 'resolved', bytes: winner === 'mine' ? ours : theirs };
  }
  const policy = { rule, certain: true };
  const sides = { base, ours, theirs };
  const request = { format: formatOfPath(file.path), sides, policy, decide, values };
  const outcome = await mergeSopsFiles(request, await around.identities(), around);
  return outcome.kind === 'merged' ? { kind: 'resolved', bytes: outcome.bytes } : outcome;
}

/**
 * The rule that governs a file in the work tree, by the nearest config; `null`: none does.
 *
 * @throws SecretsError `BAD_INVENTORY` where that config does not load
 */
export async function ruleInWorkTree(draft: Draft, path: string): Promise<Rule | null> {
  const { inventory, matched } = (await Configs.of(draft)).governing(path);
  if (inventory instanceof SecretsError) throw inventory;
  return ruleFor(inventory, matched);
}

/**
 * What was written since by hand must not be lost: the work tree has to hold one of the versions, or git's marks.
 *
 * @throws SecretsError `CHANGED_UNDERNEATH`
 */
export async function refuseEdited({ root }: Workspace, file: UnmergedFile): Promise<void> {
  const present = await readWorkFile(root, file.path);
  if (present === null || hasConflictMarkers(present.bytes)) return;
  const known = [file.ours, file.theirs, file.base].some(
    bytes => bytes !== null && Buffer.compare(bytes, present.bytes) === 0,
  );
  if (known) return;
  throw new SecretsError('CHANGED_UNDERNEATH', 'the file was changed since the merge stopped', {
    file: file.path,
    hint: `keep it: git add ${file.path}; begin again: git checkout --ours -- ${file.path}`,
  });
}
