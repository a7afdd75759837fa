import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { freshFolder } from '../ops/transaction-folder.ts';

/** An environment in which no configuration of the person who runs the tests counts. */
export const ENV: Readonly<Record<string, string>> = {
  PATH: process.env.PATH ?? '',
  HOME: '/nonexistent',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_AUTHOR_NAME: 'test',
  GIT_AUTHOR_EMAIL: 'test@example.com',
  GIT_COMMITTER_NAME: 'test',
  GIT_COMMITTER_EMAIL: 'test@example.com',
};

/** Runs git for a test; path names are literal. */
export function git(cwd: string, ...args: string[]): string {
  const env = { ...ENV, GIT_LITERAL_PATHSPECS: '1' };
  return execFileSync('git', args, { cwd, env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}

/** Writes files, folders included. */
export function write(root: string, files: Readonly<Record<string, string>>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
}

/** A repository with these files committed. */
export function repository(files: Readonly<Record<string, string>> = {}, ...initArgs: string[]): string {
  const root = freshFolder('secrets-git-');
  git(root, 'init', '--quiet', '--initial-branch=main', ...initArgs);
  write(root, { 'flake.nix': '{ }\n', ...files });
  git(root, 'add', '--all');
  git(root, 'commit', '--quiet', '--message=first');
  return root;
}

/** The index: status letter and path, as `git diff --cached` lists them. */
export function staged(root: string): string[] {
  const fields = git(root, 'diff', '--cached', '--name-status', '--no-renames', '-z')
    .split('\0')
    .slice(0, -1);
  return fields.flatMap((field, index) => (index % 2 === 0 ? [`${field} ${fields[index + 1]}`] : [])).sort();
}
