import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { isStagingPath } from '../../src/ops/files.ts';
import { encryptedFiles } from '../helpers/fleet-state.ts';
import { runHere } from '../helpers/in-process.ts';
import { programPath, programsAreRequired } from '../helpers/programs.ts';
import { Sandbox } from '../helpers/sandbox.ts';
import { makeStockFleet, newPair } from '../helpers/stock-fleet.ts';

const canMount = process.getuid?.() === 0 && programPath('sops') !== null && mountWorks();

function mountWorks(): boolean {
  try {
    execFileSync('unshare', ['--mount', 'mount', '-t', 'tmpfs', 'none', '/mnt'], { stdio: 'pipe' });
    return true;
  } catch {
    return false;
  }
}

/** A sandbox whose work folder is a small file system in memory. */
function smallSandbox(size: string): Sandbox {
  const sandbox = new Sandbox();
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size},mode=700`, 'none', sandbox.work]);
  onTestFinished(() => {
    execFileSync('umount', ['--lazy', sandbox.work]);
    sandbox.dispose();
  });
  return sandbox;
}

/** Fills the disk but for so many bytes. */
function fillBut(sandbox: Sandbox, left: number): void {
  const filler = join(sandbox.work, '.git/filler');
  for (let size = 64 * 1024; size >= 1024; size /= 2) {
    for (;;) {
      try {
        writeFileSync(filler, Buffer.alloc(size), { flag: 'a' });
      } catch {
        break;
      }
    }
  }
  const { size } = statSync(filler);
  execFileSync('truncate', ['-s', String(Math.max(0, size - left)), filler]);
}

/** Every file of the work tree with what it holds; git's own left out. */
function contents(work: string): Map<string, string> {
  const names = readdirSync(work, { recursive: true, encoding: 'utf8' }).filter(
    name => !name.startsWith('.git/'),
  );
  const files = names.filter(name => statSync(join(work, name)).isFile());
  return new Map(files.sort().map(name => [name, readFileSync(join(work, name), 'latin1')]));
}

const suite = canMount || programsAreRequired() ? describe : describe.skip;
if (suite === describe.skip) process.stderr.write('left out: a full disk (mounting needs root)\n');

suite('a full disk, through the command line', () => {
  it('a rotation ends in the old state, and succeeds once there is space', { timeout: 120_000 }, async () => {
    const sandbox = smallSandbox('4m');
    await makeStockFleet(sandbox, 60, ['megumu', 'aya']);
    const before = contents(sandbox.work);
    const next = await newPair();
    const rotate = () => runHere(sandbox, ['host', 'rotate', 'megumu', '--age', next.recipient, '--yes']);
    for (const left of [0, 8 * 1024, 32 * 1024]) {
      fillBut(sandbox, left);
      const { status, stderr } = await rotate();
      expect(status, stderr).toBe(3);
      expect(stderr).toMatch(/\[WRITE_FAILED\]/);
      expect(contents(sandbox.work)).toEqual(before);
      rmSync(join(sandbox.work, '.git/filler'));
      expect((await runHere(sandbox, ['sync', '--check'])).status).toBe(0);
    }
    const { status, stderr } = await rotate();
    expect(status, stderr).toBe(0);
    for (const path of encryptedFiles(sandbox.work))
      expect((await sandbox.run(['sops', 'decrypt', path])).status, path).toBe(0);
    const stray = readdirSync(sandbox.work, { recursive: true, encoding: 'utf8' }).filter(isStagingPath);
    expect(stray).toEqual([]);
    expect((await sandbox.run(['git', 'fsck', '--strict'])).status).toBe(0);
  });

  it('a value that does not fit changes nothing', { timeout: 60_000 }, async () => {
    const sandbox = smallSandbox('2m');
    await makeStockFleet(sandbox, 2, ['megumu']);
    const before = contents(sandbox.work);
    fillBut(sandbox, 64 * 1024);
    const add = (size: number) => runHere(sandbox, ['add', 'large', '--host', 'megumu'], 'x'.repeat(size));
    const { status, stdout, stderr } = await add(200 * 1024);
    expect(status, stderr).toBe(3);
    expect(stdout).toBe('');
    expect(stderr).toMatch(/\[WRITE_FAILED\]/);
    expect(contents(sandbox.work)).toEqual(before);
    rmSync(join(sandbox.work, '.git/filler'));
    expect((await add(200 * 1024)).status).toBe(0);
  });
});
