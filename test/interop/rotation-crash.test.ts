import { spawn } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { isStagingPath } from '../../src/ops/files.ts';
import { caseCount, Dice, seedOf } from '../helpers/dice.ts';
import { encryptedFiles, type KeyPair, openers } from '../helpers/fleet-state.ts';
import { runHere } from '../helpers/in-process.ts';
import { describeWith } from '../helpers/programs.ts';
import { Sandbox } from '../helpers/sandbox.ts';
import { makeStockFleet, newPair, type StockFleet } from '../helpers/stock-fleet.ts';

/** `ROTATION_KILLS=1000 ROTATION_FILES=1000` for more. */
const KILLS = Number(process.env['ROTATION_KILLS'] ?? caseCount(10, 50));
const FILES = Number(process.env['ROTATION_FILES'] ?? 60);

describeWith(['git', 'sops'], 'the rotation of a host key, killed at random moments', () => {
  it(`leaves the old state or the new one, ${KILLS} times over ${FILES} files`, {
    timeout: 120_000 + KILLS * (5_000 + FILES * 100),
  }, async () => {
    const dice = new Dice(seedOf(`rotation, ${KILLS} kills`));
    const sandbox = new Sandbox();
    const kept = mkdtempSync(join(tmpdir(), 'secrets-rotation-'));
    try {
      const fleet = await makeStockFleet(sandbox, FILES, ['megumu', 'aya']);
      const next = await newPair();
      cpSync(sandbox.work, kept, { recursive: true });
      const whole = await rotate(sandbox, next, null);
      const outcomes = { old: 0, new: 0 };
      for (let run = 0; run < KILLS; run++) {
        rmSync(sandbox.work, { recursive: true });
        cpSync(kept, sandbox.work, { recursive: true });
        await rotate(sandbox, next, whole * (0.3 + dice.int(700) / 1000));
        outcomes[await stateAfter(sandbox, fleet, next)] += 1;
      }
      process.stderr.write(`rotation killed ${KILLS} times: ${outcomes.old} old, ${outcomes.new} new\n`);
    } finally {
      rmSync(kept, { recursive: true, force: true });
      sandbox.dispose();
    }
  });
});

/**
 * Rotates megumu's key.
 *
 * @param after milliseconds until it is killed, `null`: it is not
 * @returns how long it ran, in milliseconds
 */
function rotate(sandbox: Sandbox, next: KeyPair, after: number | null): Promise<number> {
  const words = ['host', 'rotate', 'megumu', '--age', next.recipient, '--yes'];
  const [program = '', ...args] = [...sandbox.program, ...words];
  const begin = performance.now();
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd: sandbox.work, env: sandbox.env, stdio: 'ignore' });
    const timer = after === null ? undefined : setTimeout(() => child.kill('SIGKILL'), after);
    child.on('close', status => {
      clearTimeout(timer);
      if (after === null && status !== 0) reject(new Error(`the rotation ended with ${status}`));
      else resolve(performance.now() - begin);
    });
  });
}

/** What the next command finds: everything as before, or everything rotated; nothing of ours lies about. */
async function stateAfter(
  sandbox: Sandbox,
  { admin, hosts }: StockFleet,
  next: KeyPair,
): Promise<'old' | 'new'> {
  const check = await runHere(sandbox, ['sync', '--check']);
  expect(check.status, check.stderr).toBe(0);
  const nix = await runHere(sandbox, ['nix', '--check']);
  expect(nix.status, nix.stderr).toBe(0);
  const { work } = sandbox;
  const isNew = readFileSync(join(work, '.sops.yaml'), 'utf8').includes(next.recipient);
  const megumu = isNew ? next : hosts.get('megumu');
  const pairs = [admin, next, ...hosts.values()];
  const files = encryptedFiles(work);
  expect(files).toHaveLength(FILES);
  for (const path of files.filter((_, index) => FILES <= 100 || index % 97 === 0)) {
    const host = path.includes('/aya/') ? hosts.get('aya') : megumu;
    const wanted = [admin.recipient, host?.recipient ?? ''].sort();
    expect([...(await openers(work, path, pairs))].sort(), path).toEqual(wanted);
  }
  const sample = files.find(path => path.includes('/megumu/')) ?? '';
  expect((await sandbox.run(['sops', 'decrypt', sample])).status).toBe(0);
  const stray = readdirSync(work, { recursive: true, encoding: 'utf8' }).filter(path => isStagingPath(path));
  expect(stray).toEqual([]);
  expect((await sandbox.run(['git', 'fsck', '--strict'])).status).toBe(0);
  return isNew ? 'new' : 'old';
}
