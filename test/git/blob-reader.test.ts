import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import { type Blob, BlobReader } from '../../src/git/blob-reader.ts';
import { ENV, git, repository, write } from './git-fixture.ts';

const open: BlobReader[] = [];

function reader(root: string, largest?: number): BlobReader {
  const blobs = new BlobReader(root, ENV, true, largest);
  open.push(blobs);
  return blobs;
}

afterEach(async () => {
  await Promise.all(open.splice(0).map(blobs => blobs.close()));
});

/** Stores a blob as it is. */
function store(root: string, bytes: string | Buffer): string {
  const args = ['hash-object', '-w', '--no-filters', '--stdin'];
  return execFileSync('git', args, { cwd: root, env: ENV, input: bytes, encoding: 'utf8' }).trim();
}

function textOf(blob: Blob): string {
  return 'bytes' in blob ? Buffer.from(blob.bytes).toString('latin1') : `unreadable: ${blob.unreadable}`;
}

describe('a blob', () => {
  it('has exactly the bytes that are committed', async () => {
    const root = repository();
    const every = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));
    for (const bytes of [Buffer.alloc(0), every, Buffer.from('a\r\nb\n'), Buffer.alloc(300_000, 'x\n')]) {
      const blob = await reader(root).read(store(root, bytes));
      expect(textOf(blob) === bytes.toString('latin1')).toBe(true);
    }
  });

  it('is not what filters, textconv or line ends would make of it', async () => {
    const root = repository();
    git(root, 'config', 'filter.x.smudge', 'sed s/a/b/');
    git(root, 'config', 'diff.x.textconv', 'true');
    git(root, 'config', 'core.autocrlf', 'true');
    write(root, { '.gitattributes': '* filter=x diff=x text\n' });
    git(root, 'add', '--all');
    expect(textOf(await reader(root).read(store(root, 'a\n')))).toBe('a\n');
  });

  it('comes in whatever order it is asked for, also by many at once and ahead', async () => {
    const root = repository();
    const texts = Array.from({ length: 300 }, (_, index) => `${index}\n`.repeat(index));
    const oids = texts.map(text => store(root, text));
    const blobs = reader(root);
    blobs.prefetch([...oids, ...oids]);
    const order = oids.map((_, index) => (index * 7) % oids.length);
    const found = await Promise.all(order.map(index => blobs.read(oids[index] ?? '')));
    expect(found.map(textOf)).toEqual(order.map(index => texts[index]));
    for (const index of [299, 0, 5]) expect(textOf(await blobs.read(oids[index] ?? ''))).toBe(texts[index]);
  });

  it('may be in a SHA-256 repository', async () => {
    const root = repository({}, '--object-format=sha256');
    expect(textOf(await reader(root).read(store(root, 'a\n')))).toBe('a\n');
  });
});

describe('what cannot be read', () => {
  it('is said, and what comes behind it is read', async () => {
    const root = repository();
    const [good, big] = [store(root, 'good\n'), store(root, 'x'.repeat(70_000))];
    const tree = git(root, 'rev-parse', 'HEAD^{tree}').trim();
    const blobs = reader(root, 65_536);
    blobs.prefetch(['1'.repeat(40), big, tree, good]);
    expect(textOf(await blobs.read('1'.repeat(40)))).toBe('unreadable: this clone does not have it');
    expect(textOf(await blobs.read(big))).toMatch(/^unreadable: it has \d+ MiB$/);
    expect(textOf(await blobs.read(tree))).toBe('unreadable: it is a tree');
    expect(textOf(await blobs.read(good))).toBe('good\n');
  });

  it('is what a partial clone has not fetched, and it is not fetched now', async () => {
    const root = repository({ 'a.txt': 'a\n', 'b.txt': 'b\n' });
    git(root, 'config', 'uploadpack.allowFilter', 'true');
    const clone = `${root}-partial`;
    const args = ['clone', '--quiet', '--filter=blob:none', '--no-checkout', `file://${root}`, clone];
    execFileSync('git', args, { env: ENV });
    const missing = () => git(clone, 'rev-list', '--objects', '--all', '--missing=print').match(/^\?/gm);
    const before = missing()?.length;
    const own = store(clone, 'own\n');
    const [a = '', b = ''] = ['a.txt', 'b.txt'].map(path => git(root, 'rev-parse', `HEAD:${path}`).trim());
    const blobs = reader(clone);
    blobs.prefetch([a, own, b, own]);
    expect(textOf(await blobs.read(a))).toBe('unreadable: this clone does not have it');
    expect(textOf(await blobs.read(own))).toBe('own\n');
    expect(textOf(await blobs.read(b))).toBe('unreadable: this clone does not have it');
    expect(textOf(await blobs.read(own))).toBe('own\n');
    expect(before).toBe(3);
    expect(missing()).toHaveLength(3);
    rmSync(clone, { recursive: true });
  });

  it('is everything outside of a repository', async () => {
    await expect(reader('/').read('1'.repeat(40))).rejects.toMatchObject({ code: 'PROGRAM_FAILED' });
  });
});
