import { existsSync, lstatSync, readFileSync } from 'node:fs';
import { mkdir, unlink } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { replaceFile } from '../ops/replace-file.ts';
import { shellQuote } from './hooks/block.ts';
import type { Launch } from './hooks/model.ts';
import { type Environment, runGit } from './run.ts';

const MARK = '# secrets: what pre-merge-commit staged becomes part of the merge commit';
const HOOK_MODE = 0o755;

/**
 * The hook post-merge. It checks nothing and stops nothing, and is only written where no other one is: without it the
 * person is told to amend the merge commit.
 *
 * @returns its path, absolute; `null` where hooks lie in a folder that others share, or another hook is there
 */
async function placeOfHook(root: string, env: Environment): Promise<string | null> {
  const setting = await runGit(root, ['config', '--get', 'core.hooksPath'], { env });
  const found = await runGit(root, ['rev-parse', '--git-path', 'hooks/post-merge'], { env });
  if (setting.status === 0 || found.status !== 0) return null;
  const path = resolve(root, found.stdout.replace(/\n$/, ''));
  const stats = lstatSync(path, { throwIfNoEntry: false });
  if (stats === undefined) return path;
  return stats.isFile() && readFileSync(path, 'utf8').includes(MARK) ? path : null;
}

/** `left-out`: there is another hook, or a folder that others share, and this one is not written. */
export type MergeHookState = 'installed' | 'outdated' | 'missing' | 'left-out';

/** How far the hook is set up; writes nothing. */
export async function mergeHookState(
  root: string,
  env: Environment,
  launch: Launch,
): Promise<MergeHookState> {
  const path = await placeOfHook(root, env);
  if (path === null) return 'left-out';
  if (!existsSync(path)) return 'missing';
  return readFileSync(path, 'utf8') === hookText(launch) ? 'installed' : 'outdated';
}

/** Writes the hook; true where that changed something. @throws SecretsError `WRITE_FAILED` */
export async function installMergeHook(root: string, env: Environment, launch: Launch): Promise<boolean> {
  const path = await placeOfHook(root, env);
  const text = hookText(launch);
  if (path === null || (existsSync(path) && readFileSync(path, 'utf8') === text)) return false;
  await mkdir(dirname(path), { recursive: true });
  await replaceFile(path, Buffer.from(text), HOOK_MODE);
  return true;
}

/** Removes the hook where it is ours. */
export async function uninstallMergeHook(root: string, env: Environment): Promise<boolean> {
  const path = await placeOfHook(root, env);
  if (path === null || !existsSync(path)) return false;
  await unlink(path);
  return true;
}

function hookText({ node, script }: Launch): string {
  const words = [node, ...(script === null ? [] : [script])];
  const present = words.map(word => `[ -f ${shellQuote(word)} ]`).join(' && ');
  return `#!/bin/sh\n${MARK}\n${present} || exit 0\nexec ${words.map(shellQuote).join(' ')} git-finish --amend\n`;
}
