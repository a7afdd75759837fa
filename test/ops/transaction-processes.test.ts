import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { withLock } from '../../src/ops/transaction/lock.ts';
import { thisOwner } from '../../src/ops/transaction/owner.ts';
import { settle } from '../../src/ops/transaction.ts';
import { bundleScript, startNode } from '../helpers/bundle.ts';
import { freshFolder } from './transaction-folder.ts';

/**
 * Adds a file of its own and a line to the file that all share, `rounds` times, as a command does: it plans and
 * applies under one lock. Says on stdout what it was told is done. A folder tells whether two are ever inside.
 */
const WRITER = `
  import { existsSync, mkdirSync, rmdirSync } from 'node:fs';
  import { join } from 'node:path';
  import { setTimeout as sleep } from 'node:timers/promises';
  import { readWorkFile } from './src/ops/files.ts';
  import { withLock } from './src/ops/transaction/lock.ts';
  import { applyChanges, settle } from './src/ops/transaction.ts';

  const [root = '', name = '', rounds = '1', alone = 'alone', waitMs = '10000', gate = ''] = process.argv.slice(2);
  const stateDir = join(root, '.state');
  for (let round = 0; round < Number(rounds); round++) {
    await withLock(stateDir, async () => {
      if (alone === 'alone') mkdirSync(join(root, 'inside'));
      while (gate !== '' && existsSync(gate)) await sleep(5);
      await settle(root, stateDir);
      const before = await readWorkFile(root, 'shared');
      const line = name + '.' + round;
      const text = Buffer.from(before?.bytes ?? []).toString() + line + '\\n';
      const changes = [
        { path: 'shared', before, after: { bytes: Buffer.from(text), mode: 0o644 } },
        { path: 'files/' + line, before: null, after: { bytes: Buffer.from(line), mode: 0o644 } },
      ];
      await applyChanges({ root, stateDir, changes });
      if (alone === 'alone') rmdirSync(join(root, 'inside'));
      process.stdout.write(line + '\\n');
    }, { command: 'secrets add', waitMs: Number(waitMs) });
  }
`;

let folder = '';
let writer = '';

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'secrets-writer-'));
  writer = await bundleScript(WRITER, folder);
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

const linesOf = (text: string) => text.split('\n').filter(line => line !== '');

describe('many processes at once', () => {
  it('twenty that start together all succeed, and nothing is lost', async () => {
    const root = freshFolder();
    const writers = Array.from({ length: 20 }, (_, index) => startNode(writer, [root, `w${index}`, '3']));
    const results = await Promise.all(writers.map(each => each.done));
    expect(results.filter(each => each.status !== 0).map(each => each.stderr)).toEqual([]);
    const acknowledged = results.flatMap(each => linesOf(each.stdout));
    expect(acknowledged).toHaveLength(60);
    expect(linesOf(readFileSync(join(root, 'shared'), 'utf8')).sort()).toEqual(acknowledged.sort());
    expect(readdirSync(join(root, 'files')).sort()).toEqual(acknowledged);
    expect(readdirSync(root).sort()).toEqual(['files', 'shared']);
  });

  it('says who holds the lock where one does not let go', async () => {
    const root = freshFolder();
    mkdirSync(join(root, 'inside'));
    await withLock(join(root, '.state'), async () => {
      const results = await Promise.all(
        ['a', 'b', 'c'].map(name => startNode(writer, [root, name, '1', 'alone', '200']).done),
      );
      for (const { status, stderr } of results) {
        expect(status).toBe(1);
        expect(stderr).toContain(`another command holds the lock: "secrets", pid ${process.pid}`);
      }
    });
    expect(readdirSync(root)).toEqual(['inside']);
  });

  it('locks of the killed are taken over by one at a time, and nothing acknowledged is lost', async () => {
    const root = freshFolder();
    const writers = Array.from({ length: 8 }, (_, index) =>
      startNode(writer, [root, `k${index}`, '400', 'shared']),
    );
    const killed = writers.map(async ({ child, done }, index) => {
      await sleep(400 + index * 120 + Math.random() * 100);
      child.kill('SIGKILL');
      return done;
    });
    const results = await Promise.all(killed);
    expect(results.filter(each => each.stderr !== '').map(each => each.stderr)).toEqual([]);
    await settle(root, join(root, '.state'));
    const shared = linesOf(readFileSync(join(root, 'shared'), 'utf8'));
    expect(readdirSync(join(root, 'files')).sort()).toEqual([...shared].sort());
    expect(new Set(shared).size).toBe(shared.length);
    const acknowledged = results.flatMap(each => linesOf(each.stdout));
    expect(acknowledged.length).toBeGreaterThan(0);
    expect(acknowledged.filter(line => !shared.includes(line))).toEqual([]);
    // Who was killed between the making of a file and its text left one that says no owner; only time judges it.
    ageAll(join(root, '.state'));
    // The next one finds the lock free, however the last one died.
    const next = await startNode(writer, [root, 'next', '1', 'shared', '0']).done;
    expect(next).toMatchObject({ status: 0, stdout: 'next.0\n' });
    expect(readdirSync(root).sort()).toEqual(['files', 'shared']);
  });
});

describe('a stale lock that two find at once', () => {
  it('is broken for one, and who is late does not break the lock of the other', async () => {
    const root = freshFolder();
    const tools = freshFolder();
    const at = (name: string) => join(tools, name);
    // The number of the dead owner is in use again, so a process has to ask `ps` when that one began.
    mkdirSync(join(root, '.state/lock'), { recursive: true });
    const owner = { ...thisOwner('secrets add'), pid: process.pid, start: 'ms:1000' };
    writeFileSync(join(root, '.state/lock/owner-00000000000000ff.json'), JSON.stringify(owner));
    const answer = 'echo "Mon Jan  1 00:00:00 2001"';
    fakePs(at('fast'), answer);
    fakePs(at('slow'), `: > ${at('asked')}; while [ -e ${at('wait')} ]; do sleep 0.01; done; ${answer}`);
    for (const gate of ['wait', 'hold']) writeFileSync(at(gate), '');
    const start = (name: string, gate: string) => {
      const env = { ...process.env, PATH: `${at(name)}:${process.env.PATH}` };
      return startNode(writer, [root, name, '1', 'alone', '10000', gate], { env });
    };

    const slow = start('slow', '');
    await until(() => existsSync(at('asked')));
    const fast = start('fast', at('hold'));
    await until(() => existsSync(join(root, 'inside')));
    rmSync(at('wait'));
    await sleep(400);
    expect(existsSync(join(root, 'files'))).toBe(false);
    rmSync(at('hold'));

    expect(await fast.done).toMatchObject({ status: 0, stderr: '', stdout: 'fast.0\n' });
    expect(await slow.done).toMatchObject({ status: 0, stderr: '', stdout: 'slow.0\n' });
    expect(readFileSync(join(root, 'shared'), 'utf8')).toBe('fast.0\nslow.0\n');
    expect(readdirSync(root).sort()).toEqual(['files', 'shared']);
  });
});

/** Makes all that lies there an hour old. */
function ageAll(folder: string): void {
  if (!existsSync(folder)) return;
  const hourAgo = Date.now() / 1000 - 3600;
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' }))
    utimesSync(join(folder, name), hourAgo, hourAgo);
}

function fakePs(folder: string, script: string): void {
  mkdirSync(folder);
  writeFileSync(join(folder, 'ps'), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
}

async function until(condition: () => boolean): Promise<void> {
  for (let tries = 0; !condition(); tries++) {
    if (tries > 1_000) throw new Error('waited too long');
    await sleep(10);
  }
}
