import { constants, existsSync, lstatSync, readFileSync, type Stats } from 'node:fs';
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { runGit } from '../run.ts';
import { blockText, CONFIG_KEYS, findBlock, type HookText, launchOf } from './block.ts';
import { callsCheck, managerOf, whyForeign } from './kind.ts';
import { isConfigured, isFromNix } from './managers.ts';
import {
  HOOK_NAMES,
  type HookFile,
  type HookName,
  type HooksFolder,
  type Launch,
  type Manager,
} from './model.ts';

/** No hook that a person wrote is larger. */
const MAX_HOOK_BYTES = 1024 * 1024;

/** What each of our hooks does now. Nothing is changed. */
export async function lookAtHooks(folder: HooksFolder): Promise<HookFile[]> {
  const shared = folder.shared ? await sharedLaunch(folder) : null;
  return Promise.all(HOOK_NAMES.map(hook => lookAt(folder, hook, shared)));
}

/** Hooks that git's own configuration names (`hook.NAME.command`); none where this git knows of no such thing. */
export async function configuredHooks(folder: HooksFolder): Promise<{ hook: HookName; name: string }[]> {
  const found: { hook: HookName; name: string }[] = [];
  for (const hook of HOOK_NAMES) {
    const { status, stdout } = await runGit(folder.top, ['hook', 'list', hook], {
      env: folder.env,
      inherited: true,
    });
    if (status !== 0) continue;
    const names = stdout.split('\n').filter(line => line !== '' && line !== 'hook from hookdir');
    found.push(...names.map(name => ({ hook, name })));
  }
  return found;
}

/** The text of a hook, one character for each byte. */
export function textOf(bytes: Uint8Array): HookText {
  return Buffer.from(bytes).toString('latin1');
}

async function lookAt(folder: HooksFolder, hook: HookName, shared: Launch | null): Promise<HookFile> {
  const file = join(folder.edited, hook);
  const say = (state: HookFile['state'], reason: string | null, more: Partial<HookFile> = {}): HookFile => ({
    hook,
    file,
    state,
    reason,
    manager: null,
    active: true,
    bytes: null,
    ...more,
  });
  const stats = statsOf(file);
  if (stats === null) return say('missing', null);
  if (stats.isSymbolicLink()) return say('in-the-way', 'it is a symbolic link');
  if (!stats.isFile()) return say('in-the-way', 'it is no file');
  if (stats.size > MAX_HOOK_BYTES) return say('in-the-way', 'it is too large for a script');
  const bytes = bytesOf(file);
  if (bytes === null) return say('in-the-way', 'it cannot be read');
  const text = textOf(bytes);
  const manager = ownManager(folder, text);
  const active = folder.husky || (await isExecutable(file));
  const answer = (state: HookFile['state'], reason: string | null) =>
    say(state, reason, { bytes, manager, active });
  const found = findBlock(text);
  if (found === 'damaged') return answer('in-the-way', 'the lines that secrets wrote into it are damaged');
  if (found !== null) {
    const reason =
      whyOutdated(folder, hook, found.text, found.wholeFile, shared) ?? whyIdle(folder, hook, active);
    return answer(reason === null ? 'installed' : 'outdated', reason);
  }
  if (manager !== null) {
    const name = manager === 'pre-commit' ? 'the pre-commit framework' : manager;
    if (isConfigured(folder.top, manager, hook)) return answer('by-hand', `run by ${name}`);
    return answer('in-the-way', `${name} writes it`);
  }
  if (!active) return answer('in-the-way', 'it is not executable, so git does not run it');
  if (callsCheck(text, hook)) return answer('by-hand', 'called by a line in it');
  const foreign = whyForeign(text, folder.husky);
  return foreign === null ? answer('missing', 'another hook is there') : answer('in-the-way', foreign);
}

function ownManager(folder: HooksFolder, text: HookText): Manager | null {
  const manager = managerOf(text);
  return manager === 'pre-commit' && isFromNix(folder.top) ? 'git-hooks.nix' : manager;
}

function whyOutdated(
  folder: HooksFolder,
  hook: HookName,
  block: string,
  wholeFile: boolean,
  shared: Launch | null,
): string | null {
  const launch = folder.shared ? null : launchOf(block);
  if (!folder.shared && launch === null) return 'its lines are of another kind';
  if (blockText({ hook, launch, wholeFile }) !== block) return 'its lines are of another version';
  const started = folder.shared ? shared : decoded(launch);
  if (started === null) return `git's configuration lacks ${CONFIG_KEYS.node}`;
  const gone = [started.node, started.script].find(path => path !== null && !existsSync(path));
  return gone === undefined ? null : `there is no ${gone} any more`;
}

function whyIdle(folder: HooksFolder, hook: HookName, active: boolean): string | null {
  if (!active) return 'it is not executable, so git does not run it';
  if (folder.husky && !existsSync(join(folder.path, hook))) return 'husky is not set up here: npm install';
  return null;
}

/** A path stands in a hook as bytes. */
function decoded(launch: Launch | null): Launch | null {
  if (launch === null) return null;
  const path = (text: string) => Buffer.from(text, 'latin1').toString('utf8');
  return { node: path(launch.node), script: launch.script === null ? null : path(launch.script) };
}

async function sharedLaunch({ top, env }: HooksFolder): Promise<Launch | null> {
  const [node, script] = await Promise.all(
    [CONFIG_KEYS.node, CONFIG_KEYS.script].map(async key => {
      const { status, stdout } = await runGit(top, ['config', '--get', key], { env, inherited: true });
      return status === 0 ? stdout.replace(/\n$/, '') : null;
    }),
  );
  if (node === null || node === undefined) return null;
  return { node, script: script === undefined || script === '' ? null : script };
}

/** `null` also where something on the way is no folder, `/dev/null` for instance. */
function statsOf(path: string): Stats | null {
  try {
    return lstatSync(path);
  } catch {
    return null;
  }
}

function bytesOf(path: string): Buffer | null {
  try {
    return readFileSync(path);
  } catch {
    return null;
  }
}

async function isExecutable(path: string): Promise<boolean> {
  if (((statsOf(path)?.mode ?? 0) & 0o111) === 0) return false;
  return access(path, constants.R_OK).then(
    () => true,
    () => false,
  );
}
