import { existsSync } from 'node:fs';
import { realpath } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import { SecretsError } from '../../errors.ts';
import { type Environment, gitFailed, runGit } from '../run.ts';
import type { HooksFolder } from './model.ts';

/**
 * Where git looks for the hooks of a repository: `core.hooksPath`, linked work trees and husky are seen.
 *
 * @throws SecretsError `NO_REPOSITORY`, `PROGRAM_FAILED`
 */
export async function findHooksFolder(cwd: string, given: Environment): Promise<HooksFolder> {
  const top = await topOf(cwd, given);
  const env = await fromTheTop(cwd, top, given);
  // Asked at the top: git gives a relative core.hooksPath as it is written, and means the top.
  const [hooks, commonDir] = await Promise.all([
    answer(top, env, ['--git-path', 'hooks']),
    answer(top, env, ['--git-common-dir']),
  ]);
  const path = resolve(top, hooks);
  const setting = await runGit(top, ['config', '--get', 'core.hooksPath'], { env, inherited: true });
  const real = await realOf(path);
  const husky = isHusky(path);
  const inGit = isBelow(real, await realOf(resolve(top, commonDir)));
  const inTree = isBelow(real, await realOf(top));
  return {
    env,
    top,
    path,
    edited: husky ? dirname(path) : path,
    hooksPath: setting.status === 0 ? setting.stdout.replace(/\n$/, '') : null,
    husky,
    outside: !inGit && !inTree,
    shared: inTree && !inGit,
  };
}

async function topOf(cwd: string, env: Environment): Promise<string> {
  const result = await runGit(cwd, ['rev-parse', '--show-toplevel'], { env, inherited: true });
  if (result.status === 0) return resolve(cwd, result.stdout.replace(/\n$/, ''));
  if (!/not a git repository|must be run in a work tree/.test(result.stderr))
    throw gitFailed('open it', result);
  throw new SecretsError('NO_REPOSITORY', 'this folder is in no work tree of git', {
    hint: 'run the command inside one; `git init` makes one',
  });
}

/** A `GIT_DIR` may be relative to the folder that it was set in. */
async function fromTheTop(cwd: string, top: string, env: Environment): Promise<Environment> {
  if (env['GIT_DIR'] === undefined) return env;
  return { ...env, GIT_DIR: await answer(cwd, env, ['--absolute-git-dir']), GIT_WORK_TREE: top };
}

async function answer(cwd: string, env: Environment, question: readonly string[]): Promise<string> {
  const result = await runGit(cwd, ['rev-parse', ...question], { env, inherited: true });
  if (result.status !== 0) throw gitFailed('say where its hooks are', result);
  return result.stdout.replace(/\n$/, '');
}

/** Husky 9 has git look into a folder `_` that it writes again at every installation; the hooks lie beside it. */
function isHusky(path: string): boolean {
  if (basename(path) !== '_') return false;
  return (
    basename(dirname(path)) === '.husky' || existsSync(join(path, 'h')) || existsSync(join(path, 'husky.sh'))
  );
}

/** The path without links, as far as it exists. */
async function realOf(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch {
    const parent = dirname(path);
    return parent === path ? path : join(await realOf(parent), basename(path));
  }
}

function isBelow(path: string, folder: string): boolean {
  const way = relative(folder, path);
  return way !== '' && way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}
