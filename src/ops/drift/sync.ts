import { SecretsError } from '../../errors.ts';
import { Draft } from '../draft.ts';
import { bringToRule } from '../sealing/bring-to-rule.ts';
import { describeDrift } from './describe-drift.ts';
import { type FileState, fileStates } from './governed.ts';

/** What is to be brought to its rule, and how. */
export interface SyncOptions {
  /** Exact paths or folders; empty or absent: every managed file. */
  readonly only?: readonly string[] | undefined;
  /** Which files get a new data key too, whether they drifted or not. */
  readonly rekey?: ((file: FileState) => boolean) | undefined;
  /** True: files that differ from their rule in the same way without the draft stay as they are. */
  readonly onlyNew?: boolean | undefined;
  /** Leaves the files out that cannot be opened, instead of refusing the whole. */
  readonly skipUnreadable?: boolean | undefined;
  /** Called after each file. */
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
}

/** A file that stays as it is, and why. */
interface LeftFile {
  readonly path: string;
  readonly reason: string;
}

export interface Synced {
  readonly changed: readonly FileState[];
  /** Files that no identity at hand opens; empty unless `skipUnreadable`. */
  readonly unreadable: readonly FileState[];
  /** Files that need what only stock sops can do, or that are damaged. */
  readonly left: readonly LeftFile[];
}

/** How many files are worked on at once: post-quantum and ssh keys are not computed on the main thread alone. */
const AT_ONCE = 8;

/** What stops the whole change: the file has nothing to do with it, and the next one would end the same way. */
const OF_THE_MACHINE: ReadonlySet<string> = new Set([
  'INTERRUPTED',
  'BAD_PASSPHRASE',
  'PLUGIN_UNAVAILABLE',
  'PROGRAM_FAILED',
]);
/** Another person may open the file all the same. */
const OF_THE_KEYS: ReadonlySet<string> = new Set(['NO_IDENTITY', 'KEYCHAIN_UNAVAILABLE']);

/**
 * Puts into the draft what brings every managed file to its rule: readers, key groups, threshold, selection.
 *
 * @throws SecretsError `NO_IDENTITY` naming the files that cannot be opened, unless they are to be skipped
 */
export async function syncDraft(draft: Draft, options: SyncOptions = {}): Promise<Synced> {
  const { rekey = () => false } = options;
  const states = await fileStates(draft, options.only);
  const former = options.onlyNew === true ? await formerDrifts(draft) : new Map<string, string>();
  const isNew = (state: FileState) => rekey(state) || former.get(state.path) !== driftText(state);
  const wanted = states.filter(state => isWanted(state, rekey) && isNew(state));
  const changed: FileState[] = [];
  const unreadable: FileState[] = [];
  const left: LeftFile[] = states.filter(state => state.state === 'broken').map(brokenFile);
  const results = new Map<FileState, Uint8Array>();
  let done = 0;
  await inParallel(wanted, async state => {
    try {
      const bytes = await broughtBytes(draft, state, rekey(state));
      if (bytes === null) unreadable.push(state);
      else results.set(state, bytes);
    } catch (error) {
      if (!(error instanceof SecretsError) || OF_THE_MACHINE.has(error.code)) throw error;
      if (!OF_THE_KEYS.has(error.code)) left.push({ path: state.path, reason: error.message });
      else if (options.skipUnreadable === true) unreadable.push(state);
      else throw error;
    }
    done += 1;
    options.onProgress?.(done, wanted.length);
  });
  if (unreadable.length > 0 && options.skipUnreadable !== true) throw unreadableError(unreadable);
  for (const [state, bytes] of results) {
    await draft.writeSops(state.path, bytes, describeDrift(state, rekey(state), draft.workspace.inventory));
    changed.push(state);
  }
  return { changed, unreadable, left };
}

async function formerDrifts(draft: Draft): Promise<Map<string, string>> {
  const states = await fileStates(new Draft(draft.workspace));
  return new Map(states.map(state => [state.path, driftText(state)]));
}

function driftText({ drift }: FileState): string {
  return JSON.stringify(drift);
}

function isWanted(state: FileState, rekey: (file: FileState) => boolean): boolean {
  if (state.rule === null || state.drift === null || state.state === 'broken') return false;
  return state.drift.reasons.length > 0 || rekey(state);
}

async function broughtBytes(draft: Draft, state: FileState, rekey: boolean): Promise<Uint8Array | null> {
  const file = await draft.read(state.path);
  if (file === null || state.rule === null) return null;
  const request = { bytes: file.bytes, format: state.format, rule: state.rule, rekey };
  return bringToRule(request, draft.workspace.around);
}

function brokenFile({ path, problem }: FileState): LeftFile {
  return { path, reason: problem ?? 'it does not load' };
}

function unreadableError(files: readonly FileState[]): SecretsError {
  const names = files.map(file => file.path).sort();
  const shown = names.slice(0, 10).join(', ') + (names.length > 10 ? `, and ${names.length - 10} more` : '');
  return new SecretsError(
    'NO_IDENTITY',
    `none of your keys opens ${names.length === 1 ? 'this file' : `these ${names.length} files`}: ${shown}`,
    {
      hint: 'nothing was changed; --skip-unreadable does the others, and who reads these can run the same command',
    },
  );
}

async function inParallel<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  let next = 0;
  const lane = async () => {
    for (let item = items[next++]; item !== undefined; item = items[next++]) await work(item);
  };
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, items.length) }, lane));
}
