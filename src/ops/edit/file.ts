import { SecretsError } from '../../errors.ts';
import { Redacted } from '../../redacted.ts';
import { loadFormat } from '../../sops/document.ts';
import type { TreeMap } from '../../sops/tree.ts';
import { getPath, leaves, setPath } from '../../sops/tree-path.ts';
import { shownList } from '../../workspace/shown.ts';
import { Draft } from '../draft.ts';
import type { Plan } from '../plan.ts';
import { noteFormerReaders } from '../sealing/former-readers.ts';
import { resealed } from '../sealing/reseal-file.ts';
import { type UnlockedFile, unlock } from '../unlock.ts';
import type { Workspace } from '../workspace.ts';
import { mergeTrees, sameDocuments, sameEntry } from './merge-trees.ts';
import { forgetRecipe } from './recipe.ts';
import type { EditTarget } from './target.ts';
import { cloneMap, readDocumentText, readValueText, shownKey, valueText } from './text.ts';

/** A file as it is while an editor is open. */
export interface EditBase {
  readonly target: EditTarget;
  readonly unlocked: UnlockedFile;
  /** What the editor is given. */
  readonly text: Redacted<Uint8Array>;
  /** The same, as documents; what an edit is compared with. */
  readonly documents: readonly TreeMap[];
}

/** What an editor left, checked and ready to be encrypted. */
export interface Edit {
  readonly changed: boolean;
  readonly documents: readonly TreeMap[];
  readonly notes: readonly string[];
}

/** The plan, or why there is none. */
export type EditOutcome =
  | { readonly plan: Plan; readonly conflicts: null }
  /** Keys that somebody else changed too, and both changes together (where they are at odds, the editor's). */
  | {
      readonly plan: null;
      readonly conflicts: readonly string[];
      readonly base: EditBase;
      readonly text: Redacted<Uint8Array>;
    };

/**
 * Decrypts what an editor is to show.
 *
 * @throws SecretsError what `unlock` throws; `BAD_VALUE` where one value is a map or a list
 */
export async function openForEdit(workspace: Workspace, target: EditTarget): Promise<EditBase> {
  const unlocked = await unlock(workspace, target.file, target.format);
  const { documents } = unlocked.opened;
  const bytes = await textOf(target, documents);
  return { target, unlocked, text: new Redacted(bytes), documents: await asEdited(target, documents) };
}

async function textOf(target: EditTarget, documents: readonly TreeMap[]): Promise<Uint8Array> {
  if (target.key !== null) return valueText(documents, target.key, target.format, target.file);
  return (await loadFormat(target.format)).formatPlain(documents);
}

/** The documents as they come back from an editor that changed nothing. */
async function asEdited(target: EditTarget, documents: readonly TreeMap[]): Promise<readonly TreeMap[]> {
  if (target.key !== null) return documents;
  const format = await loadFormat(target.format);
  return format.parsePlain(format.formatPlain(documents));
}

/**
 * Checks what an editor left: it parses, uses no reserved key, is not empty, and its format can hold it encrypted.
 *
 * @throws SecretsError `BAD_DOCUMENT`, `BAD_VALUE`, `EMPTY_VALUE`, `ALREADY_ENCRYPTED`; with a line where one is known,
 * never with the text
 */
export async function checkEdit(
  workspace: Workspace,
  base: EditBase,
  edited: Redacted<Uint8Array>,
): Promise<Edit> {
  const { target, unlocked, documents } = base;
  try {
    const before = base.text.reveal();
    const after = edited.reveal();
    const read =
      target.key === null
        ? await readDocumentText(target.format, before, after)
        : readValueText(documents, target.key, before, after, target.format);
    const changed = !sameDocuments(read.documents, documents);
    if (changed) await resealed(workspace, withDocuments(unlocked, read.documents));
    return { changed, documents: read.documents, notes: read.notes };
  } catch (error) {
    throw error instanceof SecretsError ? error.inFile(target.label) : error;
  }
}

/**
 * Plans the edit against the file as it is now. What others changed meanwhile stays, where it is something else than
 * what the editor changed. The caller holds the lock.
 *
 * @throws SecretsError what `unlock` throws, `CHANGED_UNDERNEATH` where the file is gone
 */
export async function planEdit(workspace: Workspace, base: EditBase, edit: Edit): Promise<EditOutcome> {
  const now = await reopen(workspace, base);
  const same = Buffer.compare(now.unlocked.before.bytes, base.unlocked.before.bytes) === 0;
  const merged = same ? { documents: edit.documents.map(cloneMap), conflicts: [] } : merge(base, edit, now);
  if (merged.conflicts.length > 0) {
    const text = new Redacted(await textOf(base.target, merged.documents));
    return { plan: null, conflicts: merged.conflicts.map(shownKey), base: now, text };
  }
  return { plan: await toPlan(workspace, now, merged.documents, edit.notes, !same), conflicts: null };
}

/** One value is merged by itself: the rest of the file is not what the editor showed. */
function merge(
  base: EditBase,
  edit: Edit,
  now: EditBase,
): { documents: TreeMap[]; conflicts: readonly string[] } {
  const { key } = base.target;
  if (key === null) return mergeTrees(base.documents, edit.documents, now.documents);
  const [was, wanted, is] = [base.documents, edit.documents, now.documents].map(tree => getPath(tree, key));
  const documents = now.documents.map(cloneMap);
  setPath(documents, key, wanted ?? null);
  const conflicts = sameEntry(was, is) || sameEntry(wanted, is) ? [] : [key.join('/')];
  return { documents, conflicts };
}

async function reopen(workspace: Workspace, base: EditBase): Promise<EditBase> {
  try {
    return await openForEdit(workspace, base.target);
  } catch (error) {
    const code = error instanceof SecretsError ? error.code : null;
    if (code !== 'READ_FAILED' && code !== 'UNKNOWN_SECRET' && code !== 'NOT_ENCRYPTED') throw error;
    throw new SecretsError('CHANGED_UNDERNEATH', 'it was moved or removed while the editor was open', {
      file: base.target.label,
      hint: 'nothing was written; `secrets list` shows where it is',
      cause: error,
    });
  }
}

async function toPlan(
  workspace: Workspace,
  now: EditBase,
  documents: TreeMap[],
  notes: readonly string[],
  merged: boolean,
): Promise<Plan> {
  const { file } = now.target;
  const draft = new Draft(workspace);
  const changed = changedKeys(now.documents, documents);
  if (sameDocuments(now.documents, documents)) {
    draft.note('it is the same as before: nothing to write');
    return draft.toPlan();
  }
  const bytes = await resealed(workspace, withDocuments(now.unlocked, documents));
  await draft.writeSops(file, bytes, detailOf(now.target, changed), now.unlocked.before);
  forgetRecipe(draft, file, changed);
  const { format, metadata } = now.unlocked.file;
  const others = noteFormerReaders(draft.inventory, { path: file, format, metadata });
  if (others !== null) draft.note(others);
  if (merged) draft.note('the file had changed while the editor was open: both changes are in it');
  draft.note(...notes);
  return draft.toPlan();
}

function detailOf(target: EditTarget, changed: ReadonlySet<string>): string {
  if (target.key !== null || target.format === 'binary') return 'new value';
  return changed.size === 0 ? 'edited' : `edited: ${shownList([...changed].map(shownKey))}`;
}

/** Paths of the values that were added, changed or removed; `/` joins the parts. */
function changedKeys(before: readonly TreeMap[], after: readonly TreeMap[]): Set<string> {
  const [was, is] = [before, after].map(documents => {
    const all = documents.flatMap(document => [...leaves(document)]);
    return new Map(all.map(({ path, value }) => [path.join('/'), value] as const));
  });
  const keys = new Set([...(was?.keys() ?? []), ...(is?.keys() ?? [])]);
  return new Set([...keys].filter(key => !sameEntry(was?.get(key), is?.get(key))));
}

function withDocuments(unlocked: UnlockedFile, documents: readonly TreeMap[]): UnlockedFile {
  return { ...unlocked, opened: { ...unlocked.opened, documents: [...documents] } };
}
