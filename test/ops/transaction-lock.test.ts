import { spawn } from 'node:child_process';
import { mkdirSync, readdirSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { withLock } from '../../src/ops/transaction/lock.ts';
import {
  isGone,
  type LockOwner,
  parseOwner,
  startedAround,
  thisOwner,
} from '../../src/ops/transaction/owner.ts';
import { describeWith } from '../helpers/programs.ts';
import { freshFolder } from './transaction-folder.ts';

/** The number of a process that has ended and was waited for. */
async function deadPid(): Promise<number> {
  const child = spawn(process.execPath, ['-e', '']);
  await new Promise(resolve => child.on('exit', resolve));
  return child.pid ?? 0;
}

function plantLock(stateDir: string, content: string): void {
  mkdirSync(join(stateDir, 'lock'), { recursive: true });
  writeFileSync(join(stateDir, 'lock', 'owner-00000000000000ff.json'), content);
}

describe('withLock', () => {
  it('gives the result, passes errors on, and leaves no folder', async () => {
    const top = freshFolder();
    const stateDir = join(top, 'state');
    expect(await withLock(stateDir, async () => 7)).toBe(7);
    await expect(withLock(stateDir, () => Promise.reject(new Error('inner')))).rejects.toThrow('inner');
    expect(readdirSync(top)).toEqual([]);
  });

  it('lets one in at a time, and all in the end', async () => {
    const stateDir = join(freshFolder(), 'state');
    let inside = 0;
    let most = 0;
    const work = async () => {
      inside += 1;
      most = Math.max(most, inside);
      await sleep(2);
      inside -= 1;
    };
    await Promise.all(Array.from({ length: 20 }, () => withLock(stateDir, work)));
    expect(most).toBe(1);
  });

  it('counts as held inside, and not any more afterwards', async () => {
    const stateDir = join(freshFolder(), 'state');
    let late: Promise<unknown> = Promise.resolve();
    const gate = new Promise<void>(resolve => setTimeout(resolve, 50));
    await withLock(stateDir, async () => {
      expect(await withLock(stateDir, async () => withLock(stateDir, async () => 'in'), { waitMs: 0 })).toBe(
        'in',
      );
      late = gate.then(() => withLock(stateDir, async () => {}, { waitMs: 0 }));
    });
    await withLock(stateDir, async () => {
      await expect(late).rejects.toMatchObject({ code: 'LOCKED' });
    });
  });

  it('names the holder when it gives up', async () => {
    const stateDir = join(freshFolder(), 'state');
    let release = () => {};
    const holding = new Promise<void>(resolve => {
      release = resolve;
    });
    const holder = withLock(stateDir, () => holding, { command: 'secrets add' });
    const begin = performance.now();
    await expect(withLock(stateDir, async () => {}, { waitMs: 100 })).rejects.toMatchObject({
      code: 'LOCKED',
      message: `another command holds the lock: "secrets add", pid ${process.pid}`,
      hint: expect.stringContaining('wait until it has ended'),
    });
    expect(performance.now() - begin).toBeGreaterThan(90);
    release();
    await holder;
    expect(await withLock(stateDir, async () => 'free')).toBe('free');
  });

  it('takes the lock of a dead process over', async () => {
    const stateDir = join(freshFolder(), 'state');
    plantLock(stateDir, JSON.stringify({ ...thisOwner('secrets add'), pid: await deadPid() }));
    mkdirSync(join(stateDir, 'lock-0123456789abcdef'));
    expect(await withLock(stateDir, async () => 'mine', { waitMs: 0 })).toBe('mine');
    expect(readdirSync(join(stateDir, '..'))).toEqual([]);
  });

  it('takes an empty lock folder, which is what a process leaves that dies as it releases', async () => {
    const stateDir = join(freshFolder(), 'state');
    mkdirSync(join(stateDir, 'lock'), { recursive: true });
    expect(await withLock(stateDir, async () => 'mine', { waitMs: 0 })).toBe('mine');
  });

  it('takes an unreadable lock over only when it is old', async () => {
    const stateDir = join(freshFolder(), 'state');
    plantLock(stateDir, '');
    await expect(withLock(stateDir, async () => {}, { waitMs: 50 })).rejects.toMatchObject({
      code: 'LOCKED',
      hint: expect.stringContaining(join(stateDir, 'lock')),
    });
    const old = Date.now() / 1000 - 3600;
    utimesSync(join(stateDir, 'lock/owner-00000000000000ff.json'), old, old);
    expect(await withLock(stateDir, async () => 'mine', { waitMs: 50 })).toBe('mine');
  });

  it('respects the lock of another machine, and says how to get rid of it', async () => {
    const stateDir = join(freshFolder(), 'state');
    plantLock(
      stateDir,
      JSON.stringify({ ...thisOwner('secrets add'), machine: 'other', host: 'a\u001b[2J', pid: 1 }),
    );
    await expect(withLock(stateDir, async () => {}, { waitMs: 50 })).rejects.toMatchObject({
      code: 'LOCKED',
      message: 'another command holds the lock: "secrets add", pid 1 on "a\\u001b[2J"',
      hint: expect.stringContaining(`remove the folder ${join(stateDir, 'lock')}`),
    });
  });

  it('refuses a state folder that is a link or a file', async () => {
    const top = freshFolder();
    symlinkSync(freshFolder(), join(top, 'link'));
    writeFileSync(join(top, 'file'), '');
    for (const name of ['link', 'file']) {
      await expect(
        withLock(join(top, name), async () => {}),
        name,
      ).rejects.toMatchObject({ code: 'BAD_PATH' });
    }
    await expect(withLock(join(top, 'none/state'), async () => {})).rejects.toMatchObject({
      code: 'WRITE_FAILED',
    });
  });
});

describe('whether the owner of a lock still runs', () => {
  const me = thisOwner('secrets');

  it('judges by number and start of the process', async () => {
    expect(isGone(me, me)).toBe(false);
    expect(isGone({ ...me, pid: await deadPid() }, me)).toBe(true);
    expect(isGone({ ...me, pid: 1, start: 'ms:unknown' }, me)).toBe(false);
  });

  it('is not fooled by a number that was given to another process', () => {
    const recycled: LockOwner = { ...me, start: me.start.startsWith('ms:') ? 'ms:1000' : '1' };
    expect(isGone(recycled, me)).toBe(true);
  });

  it('knows that a reboot ends every process, and judges no other machine or container', () => {
    expect(isGone({ ...me, boot: 'earlier' }, me)).toBe(true);
    expect(isGone({ ...me, machine: 'other', boot: 'earlier', pid: 2 ** 30 }, me)).toBe(false);
    expect(isGone({ ...me, namespace: 'pid:[1]', pid: 2 ** 30 }, me)).toBe(false);
  });

  it('reads only a whole record', () => {
    expect(parseOwner(JSON.stringify(me))).toEqual(me);
    for (const bad of [
      '',
      'null',
      '[]',
      '{}',
      JSON.stringify({ ...me, pid: 0 }),
      JSON.stringify({ ...me, pid: -1 }),
    ]) {
      expect(parseOwner(bad), bad).toBeNull();
    }
    expect(parseOwner(JSON.stringify({ ...me, start: 1 }))).toBeNull();
    expect(parseOwner(JSON.stringify({ ...me, pid: 1.5 }))).toBeNull();
  });
});

describeWith(['ps'], 'the start of a process by ps', () => {
  it('agrees with the clock of this process', () => {
    expect(startedAround(process.pid, performance.timeOrigin)).toBe(true);
    expect(startedAround(process.pid, performance.timeOrigin - 60_000)).toBe(false);
    expect(startedAround(process.pid, Number.NaN)).toBe(true);
  });
});
