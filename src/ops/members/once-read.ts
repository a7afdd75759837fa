import { canonicalRecipient, looksLikeRecipient } from '../../workspace/parse-keys.ts';
import type { FileMoves, VersionControl } from '../ports.ts';
import { INVENTORY_FILE, type Workspace } from '../workspace.ts';

/** `secrets/aya+megumu/wifi.yaml`: the folder, and what stays where a secret gets another audience. */
const IN_TREE = /^secrets\/([^/]+)\/(.+)$/;
/** `- &megumu age1…` in any list or map. */
const NAMED_KEY =
  /&([A-Za-z0-9][A-Za-z0-9_-]*)\s+['"]?([A-Za-z0-9][A-Za-z0-9+/=_-]*(?: AAAA[A-Za-z0-9+/=]+)?)/;

/**
 * The present files whose content these recipients could read in some commit, under whatever path. Whoever could
 * also has the data key of that time.
 */
export async function filesOnceRead(
  workspace: Workspace,
  recipients: readonly string[],
): Promise<Set<string>> {
  const git = workspace.around.versionControl;
  if (git === null || recipients.length === 0) return new Set();
  const held = await git.filesThatHeld([...recipients, ...recipients.map(canonicalRecipient)]);
  const present = new Set(workspace.files.map(({ path }) => path));
  const all = new Set(workspace.paths);
  const gone = held.filter(path => !present.has(path) && !all.has(path));
  const found = new Set(held.filter(path => present.has(path)));
  if (gone.length === 0) return found;
  for (const path of await whereTheyWent(git, gone, present)) found.add(path);
  return found;
}

/** Follows files to where they stand now: what git takes for the same file, and what came under the same name. */
async function whereTheyWent(
  git: VersionControl,
  gone: readonly string[],
  present: ReadonlySet<string>,
): Promise<Set<string>> {
  const successors = successorsIn(await git.fileMoves());
  const seen = new Set(gone);
  for (const path of seen) for (const next of successors.get(path) ?? []) seen.add(next);
  for (const path of gone) for (const next of namesakes(path, present)) seen.add(next);
  return new Set([...seen].filter(path => present.has(path)));
}

function successorsIn(moves: readonly FileMoves[]): Map<string, Set<string>> {
  const successors = new Map<string, Set<string>>();
  const put = (from: string, to: string) => {
    const known = successors.get(from) ?? new Set();
    successors.set(from, known.add(to));
  };
  for (const { gone, come, renamed } of moves) {
    for (const [from, to] of renamed) put(from, to);
    if (gone.length + renamed.size === 0) continue;
    const arrived = new Map<string, string[]>();
    for (const path of [...come, ...renamed.values()]) {
      const name = IN_TREE.exec(path)?.[2];
      if (name !== undefined) arrived.set(name, [...(arrived.get(name) ?? []), path]);
    }
    // A new data key leaves nothing by which git could see that it is the same file.
    for (const path of [...gone, ...renamed.keys()])
      for (const to of arrived.get(IN_TREE.exec(path)?.[2] ?? '') ?? []) put(path, to);
  }
  return successors;
}

/** Of the same name, in a folder that shares somebody with the old one: they came in another commit. */
function namesakes(path: string, present: ReadonlySet<string>): string[] {
  const [, folder = '', name] = IN_TREE.exec(path) ?? [];
  if (name === undefined) return [];
  const names = new Set(folder.split('+'));
  return [...present].filter(other => {
    const [, otherFolder = '', otherName] = IN_TREE.exec(other) ?? [];
    return otherName === name && otherFolder.split('+').some(each => names.has(each));
  });
}

/**
 * Keys that a member had before: those that stood at its anchor in some commit, at the anchor of a staged key, or at
 * a former name of the same key.
 *
 * @param anchors of the member's present keys
 */
export async function formerKeys(
  workspace: Workspace,
  anchors: readonly string[],
  keys: readonly string[],
): Promise<string[]> {
  const git = workspace.around.versionControl;
  if (git === null) return [];
  const named: [name: string, key: string][] = [];
  for (const line of await git.formerLines(INVENTORY_FILE)) {
    const [, name, key] = NAMED_KEY.exec(line) ?? [];
    if (name !== undefined && key !== undefined && looksLikeRecipient(key))
      named.push([name, canonicalRecipient(key)]);
  }
  const names = new Set(anchors);
  const found = new Set(keys.map(canonicalRecipient));
  for (const [name, key] of named) if (found.has(key)) names.add(name);
  for (const [name, key] of named)
    if (names.has(name) || names.has(name.replace(/_next$/, ''))) found.add(key);
  return [...found].filter(key => !keys.map(canonicalRecipient).includes(key));
}
