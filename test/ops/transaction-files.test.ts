import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  inspectTarget,
  isStagingPath,
  MAX_FILE_BYTES,
  readWorkFile,
  shownPath,
} from '../../src/ops/files.ts';
import { freshFolder } from './transaction-folder.ts';

function workspace(): { root: string; outside: string } {
  const top = freshFolder();
  const root = join(top, 'work');
  const outside = join(top, 'outside');
  mkdirSync(join(root, 'secrets/megumu'), { recursive: true });
  mkdirSync(outside);
  writeFileSync(join(root, 'secrets/megumu/kotori.env'), 'TOKEN=x\n');
  writeFileSync(join(outside, 'victim'), 'outside\n');
  return { root, outside };
}

describe('readWorkFile', () => {
  it('gives bytes and mode', async () => {
    const { root } = workspace();
    chmodSync(join(root, 'secrets/megumu/kotori.env'), 0o750);
    const file = await readWorkFile(root, 'secrets/megumu/kotori.env');
    expect(file?.mode).toBe(0o750);
    expect(Buffer.from(file?.bytes ?? []).toString()).toBe('TOKEN=x\n');
  });

  it('gives null for what is not there', async () => {
    const { root } = workspace();
    expect(await readWorkFile(root, 'secrets/aya/wifi.yaml')).toBeNull();
    expect(await readWorkFile(root, 'secrets/megumu/none')).toBeNull();
  });

  it('reads an empty file', async () => {
    const { root } = workspace();
    writeFileSync(join(root, 'empty'), '');
    expect((await readWorkFile(root, 'empty'))?.bytes).toHaveLength(0);
  });

  it.each([
    ['/etc/passwd', 'is absolute'],
    ['../outside/victim', 'leaves the repository'],
    ['secrets/../../outside/victim', 'leaves the repository'],
    ['secrets/..', 'leaves the repository'],
    ['', 'is not a plain relative path'],
    ['.', 'is not a plain relative path'],
    ['secrets//x', 'is not a plain relative path'],
    ['secrets/./x', 'is not a plain relative path'],
    ['secrets/', 'is not a plain relative path'],
    ['a\0b', 'contains a NUL character'],
    ['.git/config', "lies in git's own folder"],
    ['sub/.GIT/hooks/post-commit', "lies in git's own folder"],
  ])('refuses %j', async (path, message) => {
    const { root } = workspace();
    await expect(readWorkFile(root, path)).rejects.toMatchObject({
      code: 'BAD_PATH',
      message: expect.stringContaining(message),
    });
    expect(() => inspectTarget(root, path)).toThrow(message);
  });

  it('refuses a folder where a file should be, and a file where a folder should be', async () => {
    const { root } = workspace();
    await expect(readWorkFile(root, 'secrets/megumu')).rejects.toMatchObject({
      code: 'BAD_PATH',
      message: 'secrets/megumu is a folder, a file is needed',
    });
    await expect(readWorkFile(root, 'secrets/megumu/kotori.env/x.yaml')).rejects.toMatchObject({
      code: 'BAD_PATH',
      message: 'secrets/megumu/kotori.env is a file, a folder is needed for secrets/megumu/kotori.env/x.yaml',
    });
  });

  it('refuses links that leave the root, lead nowhere or in a circle, or into the folder of git', async () => {
    const { root, outside } = workspace();
    mkdirSync(join(root, '.git'));
    writeFileSync(join(root, '.git/config'), '');
    symlinkSync(join(outside, 'victim'), join(root, 'file'));
    symlinkSync(outside, join(root, 'folder'));
    symlinkSync(join(outside, 'none'), join(root, 'dangling'));
    symlinkSync('circle', join(root, 'circle'));
    symlinkSync('.git/config', join(root, 'config'));
    for (const path of [
      'file',
      'folder/victim',
      'folder/none/x',
      'dangling',
      'dangling/x',
      'circle',
      'config',
    ]) {
      await expect(readWorkFile(root, path), path).rejects.toMatchObject({ code: 'BAD_PATH' });
    }
  });

  it('is not fooled by a folder whose name begins like the root', async () => {
    const { root } = workspace();
    mkdirSync(`${root}-other`);
    writeFileSync(`${root}-other/x`, '');
    symlinkSync(`${root}-other/x`, join(root, 'link'));
    await expect(readWorkFile(root, 'link')).rejects.toMatchObject({ code: 'BAD_PATH' });
  });

  it('reads through a link that stays inside, also where the root itself is one', async () => {
    const { root, outside } = workspace();
    symlinkSync('megumu', join(root, 'secrets/alias'));
    symlinkSync(root, join(outside, 'root'));
    expect(await readWorkFile(root, 'secrets/alias/kotori.env')).not.toBeNull();
    expect(await readWorkFile(join(outside, 'root'), 'secrets/alias/kotori.env')).not.toBeNull();
  });

  it('refuses a pipe at once instead of waiting for a writer', async () => {
    const { root } = workspace();
    execFileSync('mkfifo', [join(root, 'pipe')]);
    await expect(readWorkFile(root, 'pipe')).rejects.toMatchObject({ message: 'pipe is not a regular file' });
  });

  it('refuses a file that is too large, without reading it', async () => {
    const { root } = workspace();
    writeFileSync(join(root, 'large'), '');
    truncateSync(join(root, 'large'), MAX_FILE_BYTES + 1);
    await expect(readWorkFile(root, 'large')).rejects.toMatchObject({ code: 'READ_FAILED' });
  });

  it('reads thousands of files at once', async () => {
    const { root } = workspace();
    const reads = Array.from({ length: 5_000 }, () => readWorkFile(root, 'secrets/megumu/kotori.env'));
    expect((await Promise.all(reads)).every(file => file?.bytes.length === 8)).toBe(true);
  });

  it('says so where a name is too long', async () => {
    const { root } = workspace();
    await expect(readWorkFile(root, 'x'.repeat(300))).rejects.toMatchObject({
      code: 'BAD_PATH',
      message: expect.stringContaining('the name is too long'),
    });
  });
});

describe('inspectTarget', () => {
  it('lists the folders that are missing, outermost first', () => {
    const { root } = workspace();
    expect(inspectTarget(root, 'secrets/aya/wifi/home.yaml').missing).toEqual([
      'secrets/aya',
      'secrets/aya/wifi',
    ]);
    expect(inspectTarget(root, 'secrets/megumu/new.yaml').missing).toEqual([]);
  });

  it('refuses every link, also one that stays inside', () => {
    const { root } = workspace();
    symlinkSync('megumu', join(root, 'secrets/alias'));
    symlinkSync('kotori.env', join(root, 'secrets/megumu/alias.env'));
    expect(() => inspectTarget(root, 'secrets/alias/kotori.env')).toThrow(
      'lies behind the symbolic link secrets/alias',
    );
    expect(() => inspectTarget(root, 'secrets/megumu/alias.env')).toThrow(
      'is a symbolic link, which is not written through',
    );
  });
});

describe('names', () => {
  it('knows the names of staged files', () => {
    expect(isStagingPath('secrets/megumu/.secrets-0123456789abcdef-12.new')).toBe(true);
    expect(isStagingPath('.secrets-0123456789abcdef-0.old')).toBe(true);
    expect(isStagingPath('secrets/.secrets-0123456789abcdef-0.new/x')).toBe(false);
    expect(isStagingPath('secrets/.secrets-x-0.new')).toBe(false);
  });

  it('keeps control characters out of messages', () => {
    expect(shownPath('secrets/ä ö.env')).toBe('secrets/ä ö.env');
    expect(shownPath('a\u001b[2Jb\n')).toBe('"a\\u001b[2Jb\\n"');
    expect(shownPath('a\u202eb\u009b')).toBe('"a\\u202eb\\u009b"');
  });
});
