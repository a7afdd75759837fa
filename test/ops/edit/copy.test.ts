import {
  chmodSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createEditCopy } from '../../../src/ops/edit/copy.ts';
import { copyPlaces } from '../../../src/ops/edit/places.ts';
import { Redacted } from '../../../src/redacted.ts';

let root = '';

beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'secrets-copy-')));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function folder(name: string, mode = 0o700): string {
  const path = join(root, name);
  mkdirSync(path, { recursive: true });
  chmodSync(path, mode);
  return path;
}

const text = new Redacted(Buffer.from('a secret value'));
const place = (name: string) => ({ folder: folder(name), inMemory: false });

describe('the places for a copy', () => {
  const folders = (request: Parameters<typeof copyPlaces>[0]) =>
    copyPlaces(request).map(found => found.folder);

  it('are the temporary folders where no memory is to be had', () => {
    const places = copyPlaces({
      env: { XDG_RUNTIME_DIR: root, TMPDIR: folder('tmp') },
      outside: [],
      shared: '/none',
    });
    // The disk of the tests may be memory itself; then the place counts as such.
    expect(places.map(found => found.folder)).toContain(join(root, 'tmp'));
    expect(places.at(-1)?.folder).toBe(realpathSync('/tmp'));
  });

  it('never lie in the work tree, by whatever name', () => {
    const inside = folder('work/tmp');
    symlinkSync(inside, join(root, 'link'));
    const outside = [join(root, 'work')];
    for (const path of [inside, join(root, 'link'), join(root, 'work'), `${root}/work/../work/tmp`])
      expect(folders({ env: { TMPDIR: path, XDG_RUNTIME_DIR: path }, outside, shared: inside })).toEqual([
        realpathSync('/tmp'),
      ]);
    expect(folders({ env: { TMPDIR: folder('work2') }, outside, shared: '/none' })).toContain(
      join(root, 'work2'),
    );
  });

  it('are none that others can write to, or that are relative or no folder', () => {
    writeFileSync(join(root, 'file'), '');
    for (const path of [folder('open', 0o777), 'tmp', join(root, 'file'), join(root, 'gone'), ''])
      expect(folders({ env: { TMPDIR: path, XDG_RUNTIME_DIR: path }, outside: [], shared: path })).toEqual([
        realpathSync('/tmp'),
      ]);
  });
});

describe('a copy', () => {
  it('is private, is read back and leaves nothing', () => {
    const copy = createEditCopy([place('a')], 'kotori.env', text, 'ab12');
    expect(lstatSync(copy.folder).mode & 0o777).toBe(0o700);
    expect(lstatSync(copy.path).mode & 0o777).toBe(0o600);
    expect(Buffer.from(copy.read().reveal()).toString()).toBe('a secret value');
    mkdirSync(join(copy.folder, 'below'));
    writeFileSync(join(copy.folder, 'below/backup'), 'a secret value');
    copy.wipe();
    copy.wipe();
    expect(readdirSync(join(root, 'a'))).toEqual([]);
  });

  it('is overwritten, and so is what an editor that renames leaves without a name', () => {
    const copy = createEditCopy([place('a')], 'kotori.env', text, 'ab12');
    linkSync(copy.path, join(root, 'first'));
    writeFileSync(join(copy.folder, 'new'), 'another value');
    renameSync(join(copy.folder, 'new'), copy.path);
    linkSync(copy.path, join(root, 'second'));
    copy.wipe();
    for (const name of ['first', 'second']) expect([...new Set(readFileSync(join(root, name)))]).toEqual([0]);
  });

  it('follows no link that was put in its way', () => {
    writeFileSync(join(root, 'precious'), 'keep');
    const copy = createEditCopy([place('a')], 'kotori.env', text, 'ab12');
    rmSync(copy.path);
    symlinkSync(join(root, 'precious'), copy.path);
    symlinkSync(root, join(copy.folder, 'all'));
    expect(() => copy.read()).toThrow(/cannot be read/);
    copy.wipe();
    expect(readFileSync(join(root, 'precious'), 'utf8')).toBe('keep');
    expect(existsSync(copy.folder)).toBe(false);
  });

  it('goes to the next place where one takes none', () => {
    folder('a/secrets-edit-ab12');
    const copy = createEditCopy([place('a'), place('b')], 'x', text, 'ab12');
    expect(copy.folder).toBe(join(root, 'b/secrets-edit-ab12'));
    copy.wipe();
    expect(() => createEditCopy([place('a')], 'x', text, 'ab12')).toThrow(/no place/);
    expect(() => createEditCopy([], 'x', text, 'ab12')).toThrow(/no place/);
  });

  it('takes a folder of a dead process away, and no other', () => {
    const dead = createEditCopy([place('a')], 'x', text, 'dead');
    const owner = JSON.parse(readFileSync(join(dead.folder, 'owner.json'), 'utf8'));
    writeFileSync(join(dead.folder, 'owner.json'), JSON.stringify({ ...owner, start: 'other' }));
    const living = createEditCopy([place('a')], 'x', text, 'living');
    folder('a/secrets-edit-strange');
    folder('a/other');
    createEditCopy([place('a')], 'x', text, 'next').wipe();
    expect(readdirSync(join(root, 'a')).sort()).toEqual([
      'other',
      'secrets-edit-living',
      'secrets-edit-strange',
    ]);
    living.wipe();
  });
});
