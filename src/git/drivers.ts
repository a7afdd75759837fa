import { unlink } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type AttributeLines,
  DRIVERS,
  withDriverLines,
  withoutDriverLines,
} from '../ops/drivers/attributes.ts';
import { readWorkFile } from '../ops/files.ts';
import { replaceFile } from '../ops/replace-file.ts';
import { shellQuote } from './hooks/block.ts';
import type { Launch } from './hooks/model.ts';
import { installMergeHook, type MergeHookState, mergeHookState, uninstallMergeHook } from './merge-hook.ts';
import { type Environment, gitFailed, runGit } from './run.ts';

/** Where drivers are set up. */
export interface DriverPlace {
  /** The workspace root, absolute, in a git work tree. */
  readonly root: string;
  readonly env: Environment;
  /** How git is to start this program. */
  readonly launch: Launch;
  /** What the `.gitattributes` files below the root are to say (`ops/drivers/attributes.ts`). */
  readonly lines: AttributeLines;
}

/** How far the drivers are set up. */
export interface DriversStatus {
  /** Git's own configuration of this clone: the commands behind the names. */
  readonly config: 'installed' | 'outdated' | 'missing';
  /** The `.gitattributes` files, which everybody shares. */
  readonly attributes: 'installed' | 'outdated' | 'missing';
  /** The hook post-merge, which finishes what a merge leaves. */
  readonly mergeHook: MergeHookState;
}

/** True where nothing is left to do: a hook of somebody else in the place of ours is theirs to keep. */
export function isSetUp({ config, attributes, mergeHook }: DriversStatus): boolean {
  return (
    config === 'installed' &&
    attributes === 'installed' &&
    (mergeHook === 'installed' || mergeHook === 'left-out')
  );
}

/** What was changed, for people: paths relative to the root, `git config`, `the hook post-merge`. */
export type Changed = readonly string[];

const NEW_FILE_MODE = 0o644;

/**
 * Sets up readable diffs and merges: the commands in git's configuration of this clone, and the attributes that give
 * files to them. Does again what is there already, and changes nothing then. A clone without the configuration works
 * all the same: git takes a driver that it does not know for none.
 *
 * @throws SecretsError `PROGRAM_FAILED`, `WRITE_FAILED`, `BAD_PATH`
 */
export async function installDrivers(place: DriverPlace): Promise<Changed> {
  const changed: string[] = [];
  const wanted = settings(place.launch);
  for (const [key, value] of wanted) {
    if ((await readSetting(place, key)) === value) continue;
    await config(place, ['--replace-all', key, value]);
    changed.push('git config');
  }
  if (await installMergeHook(place.root, place.env, place.launch)) changed.push('the hook post-merge');
  for (const [path, lines] of place.lines)
    if (await rewrite(place, path, text => withDriverLines(text, lines))) changed.push(path);
  return [...new Set(changed)];
}

/**
 * Takes out what {@link installDrivers} wrote: the files get the bytes that they had before.
 *
 * @throws SecretsError as above
 */
export async function uninstallDrivers(place: DriverPlace): Promise<Changed> {
  const changed: string[] = [];
  for (const section of SECTIONS) {
    const result = await runGit(place.root, ['config', '--local', '--remove-section', section], {
      env: place.env,
      writes: true,
    });
    if (result.status === 0) changed.push('git config');
  }
  if (await uninstallMergeHook(place.root, place.env)) changed.push('the hook post-merge');
  for (const path of place.lines.keys())
    if (await rewrite(place, path, withoutDriverLines)) changed.push(path);
  return [...new Set(changed)];
}

/** How far the drivers are set up; writes nothing. */
export async function driversStatus(place: DriverPlace): Promise<DriversStatus> {
  const found = await Promise.all(
    [...settings(place.launch)].map(async ([key, value]) => {
      const present = await readSetting(place, key);
      return present === null ? 'missing' : present === value ? 'installed' : 'outdated';
    }),
  );
  const attributes = await Promise.all(
    [...place.lines].map(async ([path, lines]) => {
      const text = await readText(place, path);
      if (withDriverLines(text, lines) === text) return 'installed';
      return withoutDriverLines(text) === text ? 'missing' : 'outdated';
    }),
  );
  const mergeHook = await mergeHookState(place.root, place.env, place.launch);
  return { config: together(found), attributes: together(attributes), mergeHook };
}

type State = DriversStatus['config'];

function together(states: readonly State[]): State {
  if (states.every(state => state === 'installed')) return 'installed';
  return states.every(state => state === 'missing') ? 'missing' : 'outdated';
}

const SECTIONS = [
  `diff.${DRIVERS.sops}`,
  `merge.${DRIVERS.sops}`,
  `merge.${DRIVERS.module}`,
  `merge.${DRIVERS.config}`,
  `merge.${DRIVERS.ancestor}`,
];

/**
 * The settings of this clone (gitattributes(5)). Where the program is gone, as after a collection of garbage in the Nix
 * store, a diff shows the hash of the file instead of failing, and a merge leaves the file in conflict. Common versions
 * that git makes up of several, where branches were merged both ways, have a driver that never ends in a conflict.
 */
function settings(launch: Launch): Map<string, string> {
  const words = [launch.node, ...(launch.script === null ? [] : [launch.script])].map(shellQuote).join(' ');
  const hash = 'git hash-object --no-filters -- "$1"';
  const driver = `${words.replaceAll('%', '%%')} git-merge -- %O %A %B %P`;
  const described: [string, string][] = [
    [DRIVERS.sops, 'encrypted files, value by value'],
    [DRIVERS.module, 'emitted Nix modules'],
    [DRIVERS.config, '.sops.yaml, entry by entry'],
  ];
  return new Map([
    [
      `diff.${DRIVERS.sops}.textconv`,
      `f() { ${words} git-textconv -- "$1" 2>/dev/null || echo "encrypted, and the program secrets is gone: $(${hash})"; }; f`,
    ],
    ...described.flatMap(([name, text]): [string, string][] => [
      [`merge.${name}.name`, text],
      [`merge.${name}.driver`, driver],
      [`merge.${name}.recursive`, DRIVERS.ancestor],
    ]),
    [`merge.${DRIVERS.ancestor}.name`, 'a common version that git makes up of several'],
    [`merge.${DRIVERS.ancestor}.driver`, driver.replace(' git-merge ', ' git-merge --ancestor ')],
  ]);
}

/** `null`: it is not set in this clone; what a person has set for all clones is theirs. */
async function readSetting({ root, env }: DriverPlace, key: string): Promise<string | null> {
  const result = await runGit(root, ['config', '--local', '-z', '--get', key], { env });
  return result.status === 0 ? result.stdout.replace(/\0$/, '') : null;
}

async function config({ root, env }: DriverPlace, words: readonly string[]): Promise<void> {
  const result = await runGit(root, ['config', '--local', ...words], { env, writes: true });
  if (result.status !== 0) throw gitFailed('write its configuration', result);
}

async function readText({ root }: DriverPlace, path: string): Promise<string> {
  const file = await readWorkFile(root, path);
  return file === null ? '' : Buffer.from(file.bytes).toString('latin1');
}

/** One character is one byte, so that what is not ours stays as it is. A file that would be empty goes. */
async function rewrite(place: DriverPlace, path: string, edit: (text: string) => string): Promise<boolean> {
  const before = await readText(place, path);
  const after = edit(before);
  if (after === before) return false;
  const target = join(place.root, path);
  if (after === '') await unlink(target);
  else await replaceFile(target, Buffer.from(after, 'latin1'), NEW_FILE_MODE);
  return true;
}
