import { setTimeout as sleep } from 'node:timers/promises';
import { SecretsError } from '../errors.ts';
import { foreignPath } from './borders.ts';
import { complaint, type GitOptions, type GitResult } from './run.ts';

/** Runs git in the work tree that is staged. */
export type RunHere = (args: readonly string[], options: Omit<GitOptions, 'env'>) => Promise<GitResult>;

/** `--all`: a path that is gone leaves the index. Never `--force`: what is ignored stays out. */
const ADD = ['add', '--all', '--pathspec-from-file=-', '--pathspec-file-nul'];
const INDEX_LOCKED = /Unable to create '.*index\.lock': File exists/s;
const LOCK_WAIT_MS = 5_000;
const LOCK_POLL_MS = { least: 20, spread: 60 };

/**
 * Puts the work tree state of these paths into the index. Another git that holds the index is waited for.
 *
 * @throws SecretsError `IGNORED_TARGET`, `WRITE_FAILED`, `BAD_PATH` for a path inside a submodule
 */
export async function stagePaths(run: RunHere, paths: readonly string[]): Promise<void> {
  if (paths.length === 0) return;
  const stdin = paths.map(path => `${path}\0`).join('');
  const begin = performance.now();
  for (;;) {
    const result = await run(ADD, { stdin, writes: true });
    if (result.status === 0) return;
    if (!INDEX_LOCKED.test(result.stderr)) throw refused(result);
    if (performance.now() - begin > LOCK_WAIT_MS) throw indexLocked();
    await sleep(LOCK_POLL_MS.least + Math.random() * LOCK_POLL_MS.spread);
  }
}

function refused(result: GitResult): SecretsError {
  const foreign = foreignPath(result);
  if (foreign !== null) return foreign;
  const ignored = /paths are ignored by one of your \.gitignore files:\n(.*)/.exec(result.stderr)?.[1];
  if (ignored !== undefined) {
    return new SecretsError(
      'IGNORED_TARGET',
      `git ignores ${JSON.stringify(ignored)}, so it cannot be staged`,
      {
        file: ignored,
        hint: 'see `git check-ignore -v` for the line that does it',
      },
    );
  }
  return new SecretsError('WRITE_FAILED', `git could not stage the files: ${complaint(result)}`, {
    hint: 'the files are written; put the cause right and stage them with `git add`',
  });
}

function indexLocked(): SecretsError {
  return new SecretsError('WRITE_FAILED', "another git command holds the repository's index", {
    hint:
      'the files are written; stage them with `git add` when it has ended. ' +
      'If no git runs, a crashed one left `index.lock` in the folder of git: remove it',
  });
}
