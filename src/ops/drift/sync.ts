import { SecretsError } from '../../errors.ts';
import { thresholdOf } from '../../workspace/drift.ts';
import type { Rule } from '../../workspace/model.ts';
import { Draft } from '../draft.ts';
import { bringToRule } from '../sealing/bring-to-rule.ts';
import { describeDrift } from './describe-drift.ts';
import { type FileState, fileStates, metadataOfFile } from './governed.ts';

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
export interface LeftFile {
  readonly path: string;
  readonly reason: string;
}

export interface Synced {
  /** Every file that was looked at, as it stood to its rule. */
  readonly states: readonly FileState[];
  readonly changed: readonly FileState[];
  /** Those of the changed ones that were to get a new data key, which only stock sops can make. */
  readonly sameKey: readonly FileState[];
  /** Files that no identity at hand opens; empty unless `skipUnreadable`. */
  readonly unreadable: readonly FileState[];
  /** Files that need what only stock sops can do, or that are damaged. */
  readonly left: readonly LeftFile[];
}

/** Of a change that concerns no file. */
export const NOTHING_SYNCED: Synced = { states: [], changed: [], sameKey: [], unreadable: [], left: [] };

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
  const unreadable: FileState[] = [];
  const left: LeftFile[] = states.filter(state => state.state === 'broken').map(brokenFile);
  const results = new Map<FileState, Brought>();
  let done = 0;
  await inParallel(wanted, async state => {
    try {
      const brought = await broughtBytes(draft, state, rekey(state));
      if (brought === null) unreadable.push(state);
      else results.set(state, brought);
    } catch (error) {
      if (!(error instanceof SecretsError) || OF_THE_MACHINE.has(error.code)) throw error;
      if (!OF_THE_KEYS.has(error.code)) left.push({ path: state.path, reason: reasonOf(error) });
      else if (options.skipUnreadable === true) unreadable.push(state);
      else throw error;
    }
    done += 1;
    options.onProgress?.(done, wanted.length);
  });
  if (unreadable.length > 0 && options.skipUnreadable !== true) throw unreadableError(unreadable);
  for (const [state, { bytes, hasNewKey }] of results)
    await draft.writeSops(state.path, bytes, describeDrift(state, hasNewKey, draft.workspace.inventory));
  const sameKey = [...results].filter(([state, { hasNewKey }]) => rekey(state) && !hasNewKey);
  return {
    states,
    changed: [...results.keys()],
    sameKey: sameKey.map(([state]) => state),
    unreadable,
    left,
  };
}

/** True where nothing that was to be changed stays as it is. */
export function isWhole({ sameKey, unreadable, left }: Synced): boolean {
  return sameKey.length + unreadable.length + left.length === 0;
}

/** Says of each file that stays as it is, or half so, why. */
export function leftNotes({ sameKey, unreadable, left }: Synced): string[] {
  return [
    ...left.map(({ path, reason }) => `${path} is left as it is: ${reason}`),
    ...unreadable.map(({ path }) => `${path} is left as it is: none of your keys opens it`),
    ...sameKey.map(
      ({ path }) =>
        `${path} has other readers now, but the same data key, which only stock sops can replace there: run \`sops rotate -i ${path}\` before a new value goes into it`,
    ),
  ];
}

function reasonOf({ message, hint }: SecretsError): string {
  return hint === undefined ? message : `${message} (${hint})`;
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

interface Brought {
  readonly bytes: Uint8Array;
  readonly hasNewKey: boolean;
}

/** What a file becomes. Where it cannot get a new data key, its readers become those of its rule all the same. */
async function broughtBytes(draft: Draft, state: FileState, rekey: boolean): Promise<Brought | null> {
  const file = await draft.read(state.path);
  const { rule, format } = state;
  if (file === null || rule === null) return null;
  await refuseSplitting(draft, state.path, rule);
  const brought = async (hasNewKey: boolean) => {
    const request = { bytes: file.bytes, format, rule, rekey: hasNewKey };
    const bytes = await bringToRule(request, draft.workspace.around);
    return bytes === null ? null : { bytes, hasNewKey };
  };
  try {
    return await brought(rekey);
  } catch (error) {
    if (!rekey || !(error instanceof SecretsError) || error.code !== 'UNSUPPORTED') throw error;
    if ((state.drift?.reasons.length ?? 0) > 0) return brought(false);
    const why = 'it has keys other than age, so only stock sops can give it a new data key';
    throw new SecretsError('UNSUPPORTED', why, { hint: `sops rotate -i ${state.path}` });
  }
}

/** A second `- age:` is written sooner than meant: from then on no host and no person would open the file alone. */
async function refuseSplitting(draft: Draft, path: string, rule: Rule): Promise<void> {
  const needed = thresholdOf(rule);
  const present = (await metadataOfFile(draft, path))?.groups.length ?? 0;
  if (needed < 2 || present !== 1) return;
  const message = `by its rule (line ${rule.line}) ${needed} of ${rule.groups.length} key groups would be needed, so that nobody could open it alone`;
  const hint = `put the keys into one list; where it is meant, \`sops updatekeys ${path}\` does it`;
  throw new SecretsError('UNSUPPORTED', message, { hint });
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
