import { ExitCode, SecretsError } from '../../errors.ts';
import { HOOK_NAMES, type HookName } from '../../git/hooks/model.ts';
import {
  type PushedRange,
  parseRefUpdates,
  pushedRanges,
  rangesOfFramework,
  unpublishedHead,
} from '../../git/hooks/push.ts';
import { endsMerge } from '../merge-under-way.ts';
import { Talk } from '../talk.ts';
import type { World } from '../world.ts';
import { runScanCommand } from './scan.ts';

/** Nobody pushes so many refs that their lines are longer. */
const MAX_STDIN_BYTES = 64 * 1024 * 1024;

/** How git is told to go past each hook, and what that means. */
const WAY_PAST: Readonly<Record<HookName, string>> = {
  'pre-commit': '`git commit --no-verify` goes past the check, and the hook pre-push stops the push',
  'pre-merge-commit': '`git merge --no-verify` goes past the check, and the hook pre-push stops the push',
  'pre-applypatch':
    'a newer git goes past the check with `git am --no-verify`, and the hook pre-push stops the push',
  'pre-push': '`git push --no-verify` goes past the check, and whoever reads the remote reads what was found',
};

const STOPPED: Readonly<Record<HookName, string>> = {
  'pre-commit': 'the commit was stopped',
  'pre-merge-commit': 'the merge was stopped',
  'pre-applypatch': 'the patch was not committed',
  'pre-push': 'the push was stopped',
};

/**
 * `secrets hook run`: what a hook does. Ends in the status of `secrets scan`, so that what cannot be checked stops git
 * as well.
 *
 * @param name absent: the pre-commit framework says by its environment which hook it runs for
 * @param words what git tells the hook: for pre-push the name of the remote and its address
 */
export async function runHook(
  world: World,
  name: string | undefined,
  words: readonly string[] = [],
): Promise<number> {
  const hook = hookOf(name);
  const framework = name === undefined ? await rangesOfFramework(world.cwd, world.env) : null;
  const acting = framework === null ? hook : 'pre-push';
  try {
    // What no merge driver saw is brought to .sops.yaml first; the check then sees what will be committed.
    if (framework === null && endsMerge(world, acting))
      await (await import('./git-finish.ts')).runGitFinish(world, {});
    const status = await check(world, acting, framework, words[0] ?? null);
    if (status !== ExitCode.ok) await sayWayPast(world, acting);
    return status;
  } catch (error) {
    await sayWayPast(world, acting);
    throw error;
  }
}

function hookOf(name: string | undefined): HookName {
  if (name === undefined) return 'pre-commit';
  const known = HOOK_NAMES.find(hook => hook === name);
  if (known !== undefined) return known;
  throw new SecretsError('USAGE', `there is no hook ${JSON.stringify(name)} here`, {
    hint: `one of ${HOOK_NAMES.join(', ')}`,
  });
}

async function check(
  world: World,
  hook: HookName,
  framework: readonly PushedRange[] | null,
  remote: string | null,
): Promise<number> {
  if (hook !== 'pre-push') {
    // git itself has merged what pre-merge-commit sees
    const merged = hook === 'pre-commit' && endsMerge(world, hook);
    return runScanCommand(world, [], { staged: true, quiet: true, endsMerge: merged });
  }
  const ranges = framework ?? (await rangesFromStdin(world, remote));
  let worst: number = ExitCode.ok;
  for (const range of ranges)
    worst = Math.max(worst, await runScanCommand(world, [], { range: rangeText(range), quiet: true }));
  return worst;
}

/** `A..B`, or, where a push has several ends or none, as git rev-list takes them: `B ^A1 ^A2`. */
function rangeText({ from, to }: PushedRange): string {
  if (from.length === 1) return `${from[0]}..${to}`;
  return [to, ...from.map(oid => `^${oid}`)].join(' ');
}

async function rangesFromStdin(world: World, remote: string | null): Promise<PushedRange[]> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of world.stdin) {
    chunks.push(Buffer.from(chunk));
    size += chunk.length;
    if (size > MAX_STDIN_BYTES) throw new SecretsError('BAD_OPTION', 'stdin is too large for what git says');
  }
  const updates = parseRefUpdates(Buffer.concat(chunks).toString('utf8'));
  // Nothing is pushed, or somebody between git and us keeps the lines: those would be let through unseen.
  if (updates.length === 0) return unpublishedHead(remote, world.cwd, world.env);
  return pushedRanges(updates, remote, world.cwd, world.env);
}

async function sayWayPast(world: World, hook: HookName): Promise<void> {
  await new Talk(world, false).note(`${STOPPED[hook]}; ${WAY_PAST[hook]}`);
}
