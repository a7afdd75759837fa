import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { applyChanges, settle } from '../../src/ops/transaction.ts';
import { bundleScript, startNode } from '../helpers/bundle.ts';
import { programsAreRequired } from '../helpers/programs.ts';
import { CHANGES, change, NEW, OLD, writeOld } from './transaction-fixture.ts';
import { freshFolder, snapshot } from './transaction-folder.ts';

const NOBODY = 65534;
const isRoot = process.getuid?.() === 0;

/** A small file system in memory; `null` where this process may not mount one. */
function smallDisk(size: string): string | null {
  const folder = freshFolder('secrets-disk-');
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size},mode=755`, 'none', folder], { stdio: 'pipe' });
  } catch {
    return null;
  }
  onTestFinished(() => {
    execFileSync('umount', ['--lazy', folder]);
  });
  return folder;
}

const canMount = isRoot && mountWorks();

function mountWorks(): boolean {
  try {
    execFileSync('unshare', ['--mount', 'mount', '-t', 'tmpfs', 'none', '/mnt'], { stdio: 'pipe' });
    return true;
  } catch {
    return false;
  }
}

function describeWithMounts(name: string, suite: () => void): void {
  if (canMount || programsAreRequired()) {
    describe(name, suite);
    return;
  }
  process.stderr.write(`left out: ${name} (mounting needs root)\n`);
  describe.skip(`${name} (mounting needs root)`, suite);
}

function disk(size: string): string {
  const folder = smallDisk(size);
  if (folder === null) throw new Error('this suite must be able to mount a tmpfs');
  return folder;
}

describeWithMounts('a full disk', () => {
  it('leaves everything as it was, wherever the space ends', async () => {
    const root = disk('64k');
    const stateDir = join(root, '.secrets-state');
    const text = (letter: string) => letter.repeat(7_000);
    const changes = [
      change('one', text('a'), text('b')),
      change('deep/er/two', null, text('c')),
      change('three', text('d'), null),
      change('four', null, text('e'), 0o600),
    ];
    const outcomes = new Set<string>();
    for (let filler = 0; filler <= 64 * 1024; filler += 4096) {
      for (const name of readdirSync(root)) rmSync(join(root, name), { recursive: true });
      writeFileSync(join(root, 'one'), text('a'), { mode: 0o755 });
      writeFileSync(join(root, 'three'), text('d'));
      fill(root, filler);
      const before = snapshot(root);
      try {
        await applyChanges({ root, stateDir, changes });
        outcomes.add('made');
        expect(snapshot(root)).toMatchObject({ one: `0755 ${text('b')}`, four: `0600 ${text('e')}` });
        expect(Object.keys(snapshot(root))).not.toContain('three');
      } catch (error) {
        expect(error).toMatchObject({
          code: 'WRITE_FAILED',
          message: expect.stringMatching(/^could not write .*: no space is left on the disk$/),
          hint: expect.stringContaining('free some space'),
        });
        outcomes.add(String(error).replace(/journal-.*json/, 'journal'));
        expect(snapshot(root), `filler ${filler}`).toEqual(before);
      }
      expect(await settle(root, stateDir)).toBe('nothing');
    }
    expect([...outcomes].join('\n')).toMatch(/made/);
    expect([...outcomes].join('\n')).toMatch(/could not write one:/);
    expect([...outcomes].join('\n')).toMatch(/could not write four:/);
    expect(outcomes.size).toBeGreaterThan(3);
  });
});

function fill(root: string, size: number): void {
  try {
    writeFileSync(join(root, 'filler'), 'x'.repeat(size));
  } catch {
    // As full as it gets.
  }
}

describeWithMounts('a file system that refuses', () => {
  it('says that it is read-only, and leaves everything as it was', async () => {
    const root = disk('1m');
    writeOld(root);
    execFileSync('mount', ['-o', 'remount,ro', root]);
    const place = { root, stateDir: join(freshFolder(), 'state') };
    await expect(applyChanges({ ...place, changes: CHANGES })).rejects.toMatchObject({
      code: 'WRITE_FAILED',
      message: 'could not write .sops.yaml: the file system is read-only',
    });
    await expect(applyChanges({ ...place, changes: [change('new/x', null, 'x')] })).rejects.toMatchObject({
      code: 'WRITE_FAILED',
      message: 'could not write new: the file system is read-only',
    });
    await expect(
      applyChanges({ root, stateDir: join(root, '.secrets-state'), changes: CHANGES }),
    ).rejects.toMatchObject({
      code: 'WRITE_FAILED',
      message: expect.stringContaining('the file system is read-only'),
    });
    expect(snapshot(root)).toEqual(OLD);
  });

  it('takes the first swaps back where a later one is refused, a file that is mounted for instance', async () => {
    const root = freshFolder();
    writeOld(root);
    const mounted = join(root, 'secrets/megumu/gone.yaml');
    execFileSync('mount', ['--bind', mounted, mounted]);
    onTestFinished(() => {
      if (existsSync(mounted)) execFileSync('umount', ['--lazy', mounted]);
    });
    const inode = lstatSync(join(root, 'secrets/megumu/run')).ino;
    const steps: string[] = [];
    const request = { root, stateDir: join(root, '.secrets-state'), changes: CHANGES };
    await expect(applyChanges({ ...request, onStep: step => void steps.push(step) })).rejects.toMatchObject({
      code: 'WRITE_FAILED',
      message: 'could not write secrets/megumu/gone.yaml: it is in use',
    });
    expect(steps).toContain('swapped 3');
    expect(snapshot(root)).toEqual(OLD);
    expect(lstatSync(join(root, 'secrets/megumu/run')).ino).toBe(inode);
    execFileSync('umount', [mounted]);
    await applyChanges(request);
    expect(snapshot(root)).toEqual(NEW);
  });
});

/** Makes the change of the fixture; prints the error as a command would. */
const CHANGER = `
  import { applyChanges } from './src/ops/transaction.ts';
  import { CHANGES } from './test/ops/transaction-fixture.ts';
  const [root = '', stateDir = ''] = process.argv.slice(2);
  process.umask(0o022);
  try {
    await applyChanges({ root, stateDir, changes: CHANGES });
    process.stdout.write('made');
  } catch (error) {
    process.stdout.write(error.code + ': ' + error.message);
  }
`;

/** Runs the change as a user who is not root, to whom everything in the folder belongs. */
async function changeAsUser(prepare: (root: string) => void) {
  const top = freshFolder();
  chmodSync(top, 0o755);
  const root = join(top, 'work');
  mkdirSync(join(top, 'state'));
  writeOld(root);
  chmodSync(root, 0o755);
  if (isRoot)
    for (const path of ['state', 'work', ...Object.keys(OLD).map(name => `work/${name}`)])
      own(join(top, path));
  prepare(root);
  const script = await bundleScript(CHANGER, top);
  const user = isRoot ? { uid: NOBODY, gid: NOBODY } : {};
  const { stdout, stderr } = await startNode(script, [root, join(top, 'state/s')], user).done;
  for (const path of ['', 'secrets', 'secrets/megumu']) chmodSync(join(root, path), 0o755);
  expect(stderr).toBe('');
  return { root, stdout };
}

function own(path: string): void {
  chownSync(path, NOBODY, NOBODY);
}

describe('what a user may not write', () => {
  it('has no trouble where everything may be written', async () => {
    const { root, stdout } = await changeAsUser(() => {});
    expect(stdout).toBe('made');
    expect(snapshot(root)).toEqual(NEW);
  });

  it('is a read-only folder', async () => {
    const { root, stdout } = await changeAsUser(folder => chmodSync(join(folder, 'secrets'), 0o555));
    expect(stdout).toBe('WRITE_FAILED: could not write secrets/aya: permission denied');
    expect(snapshot(root)).toEqual(OLD);
  });

  it('is a read-only folder that holds the file', async () => {
    const { root, stdout } = await changeAsUser(folder => chmodSync(join(folder, 'secrets/megumu'), 0o555));
    expect(stdout).toBe('WRITE_FAILED: could not write secrets/megumu/run: permission denied');
    expect(snapshot(root)).toEqual(OLD);
  });

  it('is a read-only file, although its folder would let it be replaced', async () => {
    const { root, stdout } = await changeAsUser(folder => chmodSync(join(folder, '.sops.yaml'), 0o444));
    expect(stdout).toBe('WRITE_FAILED: could not write .sops.yaml: permission denied');
    expect(snapshot(root)).toEqual({ ...OLD, '.sops.yaml': '0444 keys: []\n' });
  });

  it('is a file that cannot even be read', async () => {
    const { root, stdout } = await changeAsUser(folder => chmodSync(join(folder, '.sops.yaml'), 0o000));
    expect(stdout).toBe('READ_FAILED: could not read .sops.yaml: permission denied');
    chmodSync(join(root, '.sops.yaml'), 0o644);
    expect(snapshot(root)).toEqual(OLD);
  });
});

describe.runIf(isRoot)('a file of somebody else', () => {
  it('keeps its owner where root replaces it', async () => {
    const root = freshFolder();
    writeOld(root);
    chownSync(join(root, 'secrets/megumu/run'), NOBODY, NOBODY);
    await applyChanges({ root, stateDir: join(root, '.secrets-state'), changes: CHANGES });
    const stats = lstatSync(join(root, 'secrets/megumu/run'));
    expect([stats.uid, stats.gid, stats.mode & 0o7777]).toEqual([NOBODY, NOBODY, 0o751]);
  });
});
