import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isStagingPath } from '../../src/ops/files.ts';
import { settle } from '../../src/ops/transaction.ts';
import { bundleScript, startNode } from '../helpers/bundle.ts';
import { NEW, OLD, writeOld } from '../ops/transaction-fixture.ts';
import { freshFolder, snapshot } from '../ops/transaction-folder.ts';

/** Kills of one run; `CRASH_RUNS=1000 npx vitest run test/interop/crash.test.ts` for more. */
const RUNS = Number(process.env.CRASH_RUNS ?? 30);

/** Makes the change of the fixture, and kills itself without a chance to clean up when a step is done. */
const DIES_AT_STEP = `
  import { join } from 'node:path';
  import { applyChanges } from './src/ops/transaction.ts';
  import { CHANGES } from './test/ops/transaction-fixture.ts';
  const [root = '', at = ''] = process.argv.slice(2);
  const onStep = async step => {
    process.stdout.write(step + '\\n');
    if (step !== at) return;
    process.kill(process.pid, 'SIGKILL');
    await new Promise(resolve => setTimeout(resolve, 60_000));
  };
  await applyChanges({ root, stateDir: join(root, '.secrets-state'), changes: CHANGES, onStep });
`;

/** Moves a folder from state to state for ever, saying each that is reached; each state is a few files. */
const MOVES_ON = `
  import { join } from 'node:path';
  import { readWorkFile } from './src/ops/files.ts';
  import { withLock } from './src/ops/transaction/lock.ts';
  import { applyChanges, settle } from './src/ops/transaction.ts';
  import { filesOfState } from './test/interop/crash-states.ts';
  const root = process.argv[2] ?? '';
  const stateDir = join(root, '.secrets-state');
  for (;;) {
    await withLock(stateDir, async () => {
      await settle(root, stateDir);
      const counter = await readWorkFile(root, 'counter');
      const now = counter === null ? 0 : Number(Buffer.from(counter.bytes).toString());
      process.stdout.write('found ' + now + '\\n');
      const next = filesOfState(now + 1);
      const changes = [];
      for (const path of new Set([...filesOfState(now).keys(), ...next.keys()])) {
        const before = await readWorkFile(root, path);
        const text = next.get(path);
        const after = text === undefined ? null : { bytes: Buffer.from(text), mode: 0o644 };
        changes.push({ path, before, after });
      }
      await applyChanges({ root, stateDir, changes });
      process.stdout.write('reached ' + (now + 1) + '\\n');
    });
  }
`;

let folder = '';
let diesAtStep = '';
let movesOn = '';

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'secrets-crash-'));
  diesAtStep = await bundleScript(DIES_AT_STEP, folder, 'dies.mjs');
  movesOn = await bundleScript(MOVES_ON, folder, 'moves.mjs');
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

const linesOf = (text: string) => text.split('\n').filter(line => line !== '');

describe('a process that dies at a known step', () => {
  it('leaves what is settled as exactly the old or the new state', async () => {
    const whole = freshFolder();
    writeOld(whole);
    const steps = linesOf((await startNode(diesAtStep, [whole, 'none']).done).stdout);
    expect(snapshot(whole)).toEqual(NEW);
    expect(steps.length).toBeGreaterThan(15);
    for (const [index, at] of steps.entries()) {
      const root = freshFolder();
      writeOld(root);
      const { signal } = await startNode(diesAtStep, [root, at]).done;
      expect(signal, at).toBe('SIGKILL');
      await settle(root, join(root, '.secrets-state'));
      // What is left of the lock goes when the next command takes it.
      rmSync(join(root, '.secrets-state'), { recursive: true, force: true });
      expect(snapshot(root), at).toEqual(index < steps.indexOf('ready') ? OLD : NEW);
    }
  });
});

describe('a process that is killed at any moment', () => {
  it(`leaves exactly the old or the new state, and nothing acknowledged is lost (${RUNS} kills)`, async () => {
    const root = freshFolder();
    const stateDir = join(root, '.secrets-state');
    const { filesOfState } = await import('./crash-states.ts');
    let reached = 0;
    let settled = 0;
    const longest = 3 * (await timeOfOneState());
    for (let run = 0; run < RUNS; run++) {
      const { child, done } = startNode(movesOn, [root]);
      await new Promise(resolve => child.stdout?.once('data', resolve));
      const delay = Math.random() * longest;
      await sleep(delay);
      child.kill('SIGKILL');
      const { stdout, stderr } = await done;
      expect(stderr).toBe('');
      const said = linesOf(stdout).map(line => line.split(' '));
      const found = Number(said[0]?.[1]);
      expect([reached, reached + 1], `run ${run}`).toContain(found);
      const last = said.filter(([word]) => word === 'reached').at(-1);
      reached = Math.max(found, Number(last?.[1] ?? 0));
      // Every other time the next process has to do it, so that settling is killed as well.
      if (run % 2 === 0 && run < RUNS - 1) continue;
      if ((await settle(root, stateDir)) !== 'nothing') settled += 1;
      const state = currentState(root);
      expect([reached, reached + 1], `run ${run} after ${delay} ms`).toContain(state);
      expect(filesBelow(root), `run ${run} after ${delay} ms`).toEqual(
        Object.fromEntries(filesOfState(state)),
      );
      reached = state;
    }
    // Only that the kills met a program at work; how far it comes is a matter of the machine.
    expect(reached).toBeGreaterThan(RUNS / 10);
    expect(settled, 'kills that left something to settle').toBeGreaterThan(0);
  }, 600_000);
});

/** Milliseconds from state to state on this machine, as busy as it is now. */
async function timeOfOneState(): Promise<number> {
  const { child, done } = startNode(movesOn, [freshFolder()]);
  const started = performance.now();
  let printed = '';
  await new Promise<void>(resolve => {
    child.stdout?.on('data', chunk => {
      printed += String(chunk);
      if (printed.includes('reached 3\n')) resolve();
    });
    child.once('exit', () => resolve());
  });
  const taken = performance.now() - started;
  child.kill('SIGKILL');
  await done;
  expect(printed).toContain('reached 3\n');
  return taken / 3;
}

function currentState(root: string): number {
  return Number(filesBelow(root).counter ?? 0);
}

/** Path to content, without the state folder; a staged file that was left behind is shown. */
function filesBelow(root: string): Record<string, string> {
  const files: Record<string, string> = {};
  for (const [path, entry] of Object.entries(snapshot(root))) {
    if (!path.endsWith('/') && !path.startsWith('.secrets-state')) files[path] = entry.slice(5);
  }
  expect(Object.keys(files).filter(isStagingPath)).toEqual([]);
  expect(readdirSync(root)).not.toContain('inside');
  return files;
}
