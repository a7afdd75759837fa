import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { BlobReader } from '../../src/git/blob-reader.ts';
import { allVersions, shallowBorder, versionsOfFile } from '../../src/git/file-versions.ts';
import { introductions } from '../../src/git/introductions.ts';
import { freshFolder } from '../ops/transaction-folder.ts';
import { ENV, git, repository, write } from './git-fixture.ts';

let root = '';

afterEach(() => rmSync(root, { recursive: true, force: true }));

/** Marks are the lines of a file. */
const linesOf = async (bytes: Uint8Array) => new Set(Buffer.from(bytes).toString().split('\n'));

/** Commits files, and gives the commit a name by which the tests call it. */
function commit(name: string, files: Readonly<Record<string, string>>): void {
  write(root, files);
  git(root, 'add', '--all');
  git(root, 'commit', '--quiet', '--allow-empty', `--message=${name}`);
}

/** For each mark the name of the commit that brought it, `~` behind it where it may be older. */
async function found(files: Readonly<Record<string, readonly string[]>>, way: 'all' | 'one' = 'all') {
  const place = { cwd: root, env: ENV, inherited: false };
  const wanted = Object.entries(files).map(([path, marks]) => {
    const oid = git(root, 'rev-parse', `HEAD:${path}`).trim();
    return { path, marks: new Set(marks), oid };
  });
  const blobs = new BlobReader(root, ENV, false);
  const only = Object.keys(files)[0] ?? '';
  const versions = way === 'all' ? allVersions(place, 'HEAD') : versionsOfFile(place, 'HEAD', only);
  const border = await shallowBorder(place);
  const result = await introductions(versions, wanted, linesOf, { blobs, border });
  await blobs.close();
  const named = (oid: string) => git(root, 'log', '-1', '--format=%s', oid).trim();
  return Object.fromEntries(
    [...result].flatMap(([path, marks]) =>
      [...marks].map(
        ([
          mark,
          {
            commit: { oid },
            orEarlier,
          },
        ]) => [
          Object.keys(files).length > 1 ? `${path} ${mark}` : mark,
          `${named(oid)}${orEarlier ? '~' : ''}`,
        ],
      ),
    ),
  );
}

const LONG = Array.from({ length: 30 }, (_, index) => `filler ${index}`).join('\n');

describe.each(['all', 'one'] as const)('since when something stands in a file (%s)', way => {
  it('is the last commit that brought it', async () => {
    root = repository({ f: 'a\nb' });
    commit('two', { f: 'a\nc' });
    commit('three', { f: 'a\nc\nd', other: 'x' });
    commit('four', { f: 'a\nd\nc' });
    expect(await found({ f: ['a', 'c', 'd'] }, way)).toEqual({ a: 'first', c: 'two', d: 'three' });
  });

  it('begins anew where it went and came back', async () => {
    root = repository({ f: 'a\nb' });
    commit('gone', { f: 'b' });
    commit('back', { f: 'a\nb' });
    expect(await found({ f: ['a', 'b'] }, way)).toEqual({ a: 'back', b: 'first' });
  });

  it('goes along with renames, and not into a file that had the name before', async () => {
    root = repository({ old: `a\n${LONG}`, f: `a\nb\n${LONG}` });
    git(root, 'rm', '--quiet', 'f');
    commit('gone', {});
    commit('later', { old: `a\nb\n${LONG}` });
    git(root, 'mv', 'old', 'f');
    commit('renamed', { f: `a\nb\nc\n${LONG}` });
    commit('last', { f: `a\nb\nc\nd\n${LONG}` });
    expect(await found({ f: ['a', 'b', 'c', 'd'] }, way)).toEqual({
      a: 'first',
      b: 'later',
      c: 'renamed',
      d: 'last',
    });
  });

  it('is the commit on a branch, or the merge that brings what no branch had', async () => {
    root = repository({ f: `a\n${LONG}\nz` });
    git(root, 'checkout', '--quiet', '-b', 'side');
    commit('side', { f: `a\nside\n${LONG}\nz` });
    git(root, 'checkout', '--quiet', 'main');
    commit('main', { f: `a\n${LONG}\nz\nmain` });
    git(root, 'merge', '--quiet', '--no-commit', 'side');
    commit('merged', { f: `a\nside\n${LONG}\nz\nmain\nboth` });
    expect(await found({ f: ['a', 'side', 'main', 'both'] }, way)).toEqual({
      a: 'first',
      side: 'side',
      main: 'main',
      both: 'merged',
    });
  });

  it('takes names of files as they are', async () => {
    root = repository({ ':(glob)*\n"ä': 'a', 'glob x': 'b' });
    commit('two', { ':(glob)*\n"ä': 'a\nb' });
    expect(await found({ ':(glob)*\n"ä': ['a', 'b'] }, way)).toEqual({ a: 'first', b: 'two' });
  });

  it('may be older than a shallow clone shows', async () => {
    const source = repository({ f: 'a' });
    root = source;
    commit('two', { f: 'a\nb' });
    commit('three', { f: 'a\nb\nc' });
    root = join(freshFolder('secrets-shallow-'), 'clone');
    git(source, 'clone', '--quiet', '--depth=2', `file://${source}`, root);
    expect(await found({ f: ['a', 'b', 'c'] }, way)).toEqual({ a: 'two~', b: 'two~', c: 'three' });
    rmSync(source, { recursive: true, force: true });
  });

  it('is not said where this clone lacks a version', async () => {
    const source = repository({ f: 'a' });
    root = source;
    commit('two', { f: 'a\nb' });
    commit('three', { f: 'a\nb\nc' });
    git(source, 'config', 'uploadpack.allowFilter', 'true');
    root = join(freshFolder('secrets-partial-'), 'clone');
    git(source, 'clone', '--quiet', '--filter=blob:none', `file://${source}`, root);
    expect(await found({ f: ['a', 'c'] }, way)).toEqual({});
    rmSync(source, { recursive: true, force: true });
  });
});

describe('many files', () => {
  it('are dated in one pass, each for itself', async () => {
    root = repository({ f: 'a', g: 'a' });
    commit('two', { f: 'a\nb', g: 'b' });
    expect(await found({ f: ['a', 'b'], g: ['b'] })).toEqual({ 'f a': 'first', 'f b': 'two', 'g b': 'two' });
  });

  it('need no history that lies behind what was found', async () => {
    root = repository({ f: 'a' });
    for (let index = 0; index < 20; index++) commit(`${index}`, { other: `${index}` });
    commit('last', { f: 'b' });
    expect(await found({ f: ['b'] })).toEqual({ b: 'last' });
  });
});
