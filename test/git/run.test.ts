import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { complaint, isGitMissing, runGit } from '../../src/git/run.ts';
import { freshFolder } from '../ops/transaction-folder.ts';

/** A folder whose `git` is this shell script. */
function fakeGit(script: string): string {
  const folder = freshFolder();
  writeFileSync(join(folder, 'git'), `#!/bin/sh\n${script}\n`);
  chmodSync(join(folder, 'git'), 0o755);
  return folder;
}

const path = (folder: string) => `${folder}:/usr/bin:/bin`;

describe('runGit', () => {
  it('passes arguments on as they are, and gives status and output', async () => {
    const folder = fakeGit('printf "%s|" "$@"; cat; printf oops >&2; exit 3');
    const result = await runGit(folder, ['a b', '$(x)', '*', '-z'], {
      env: { PATH: path(folder) },
      stdin: 'in',
    });
    expect(result).toEqual({
      status: 3,
      stdout: '--no-pager|-c|core.fsmonitor=false|a b|$(x)|*|-z|in',
      stderr: 'oops',
    });
  });

  it('runs in a clean environment', async () => {
    const folder = fakeGit('env');
    const env = {
      PATH: path(folder),
      HOME: '/home/kamov',
      LC_ALL: 'de_DE.UTF-8',
      GIT_DIR: '/other/.git',
      GIT_TRACE: '1',
      GIT_TRACE2_EVENT: '/tmp/x',
      GIT_GLOB_PATHSPECS: '1',
      GIT_CONFIG_COUNT: '0',
      UNSET: undefined,
    };
    const lines = new Set((await runGit(folder, [], { env })).stdout.split('\n'));
    for (const line of [
      'HOME=/home/kamov',
      'LC_ALL=C',
      'GIT_CONFIG_COUNT=0',
      'GIT_LITERAL_PATHSPECS=1',
      'GIT_OPTIONAL_LOCKS=0',
    ]) {
      expect(lines, line).toContain(line);
    }
    expect([...lines].filter(line => /^(?:GIT_DIR|GIT_TRACE|GIT_GLOB|UNSET)/.test(line))).toEqual([]);
    const writing = await runGit(folder, [], { env, writes: true });
    expect(writing.stdout).toContain('GIT_OPTIONAL_LOCKS=1');
  });

  it('does not mind a git that ends before it has read its input', async () => {
    const folder = fakeGit('exit 0');
    const stdin = 'x'.repeat(4_000_000);
    expect(await runGit(folder, [], { env: { PATH: path(folder) }, stdin })).toMatchObject({ status: 0 });
  });

  it('stops a git that prints without end', async () => {
    const folder = fakeGit('exec cat /dev/zero');
    await expect(runGit(folder, [], { env: { PATH: path(folder) } })).rejects.toMatchObject({
      code: 'PROGRAM_FAILED',
      message: 'git printed more than can be read',
    });
  });

  it('says so where git is not there, or dies', async () => {
    const error = await runGit(freshFolder(), [], { env: { PATH: freshFolder() } }).catch(
      (caught: unknown) => caught,
    );
    expect(error).toMatchObject({ code: 'PROGRAM_FAILED', message: 'git could not be started' });
    expect(isGitMissing(error)).toBe(true);
    const folder = fakeGit('kill -9 $$');
    const death = await runGit(folder, [], { env: { PATH: path(folder) } }).catch(
      (caught: unknown) => caught,
    );
    expect(death).toMatchObject({ code: 'PROGRAM_FAILED', message: 'git was ended by SIGKILL' });
    expect(isGitMissing(death)).toBe(false);
  });

  it('quotes the line in which git says what is wrong', () => {
    const result = { status: 128, stdout: '' };
    expect(complaint({ ...result, stderr: 'warning: x\nfatal: bad\u001b[2J thing\nhint: y\n' })).toBe(
      'bad?[2J thing',
    );
    expect(complaint({ ...result, stderr: '\nodd\n' })).toBe('odd');
    expect(complaint({ ...result, stderr: '' })).toBe('exit status 128');
  });
});
