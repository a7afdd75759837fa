import { spawn } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';
import { caseCount, Dice, seedOf } from '../helpers/dice.ts';
import { runHere } from '../helpers/in-process.ts';
import { Sandbox } from '../helpers/sandbox.ts';

const RUNS = Number(process.env['CRASH_RUNS'] ?? caseCount(16, 100));
const PUBLIC =
  'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAII++ECD1G0lMo+SqsZ0pWvSCqgSln0rDJkFjx6KVsqeT TEST-ONLY-1\n';

async function fleet(): Promise<Sandbox> {
  const sandbox = new Sandbox();
  await sandbox.run(['git', 'init', '-q']);
  await sandbox.run(['sh', '-c', `printf '%s' '${PUBLIC}' > host.pub`]);
  await must(sandbox, ['init', '--admin', 'kamov']);
  await must(sandbox, ['host', 'add', 'megumu', '--ssh-key', 'host.pub']);
  await must(sandbox, ['add', 'kotori', '--host', 'megumu', '--env'], 'A=1\nB=2\n');
  return sandbox;
}

async function must(sandbox: Sandbox, args: readonly string[], stdin = ''): Promise<string> {
  const { status, stdout, stderr } = await sandbox.secrets(args, { stdin });
  if (status !== 0) throw new Error(`secrets ${args.join(' ')}: ${status}\n${stderr.toString()}`);
  return stdout.toString();
}

/** Every file of the work tree but git's own, as text. */
function snapshot(folder: string, top = folder): Map<string, string> {
  const found = new Map<string, string>();
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    if (name === '.git') continue;
    if (statSync(path).isDirectory()) for (const [key, text] of snapshot(path, top)) found.set(key, text);
    else found.set(relative(top, path), readFileSync(path, 'latin1'));
  }
  return found;
}

/** Runs a command and kills it after so many milliseconds. */
function killed(sandbox: Sandbox, args: readonly string[], stdin: string, after: number): Promise<void> {
  const [program = '', ...words] = [...sandbox.program, ...args];
  return new Promise(resolve => {
    const child = spawn(program, words, {
      cwd: sandbox.work,
      env: sandbox.env,
      stdio: ['pipe', 'ignore', 'ignore'],
    });
    const timer = setTimeout(() => child.kill('SIGKILL'), after);
    child.stdin.on('error', () => {});
    child.stdin.end(stdin);
    child.on('close', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}

const COMMANDS: readonly {
  readonly args: readonly string[];
  readonly stdin: string;
  readonly done: (files: Map<string, string>) => boolean;
}[] = [
  {
    args: ['add', 'wifi', '--host', 'megumu', '--mode', '0440'],
    stdin: 'value',
    done: files => files.has('secrets/megumu/wifi.yaml'),
  },
  { args: ['set', 'kotori', '--key', 'B'], stdin: 'two', done: () => true },
  { args: ['rm', 'kotori', '--yes'], stdin: '', done: files => !files.has('secrets/megumu/kotori.env') },
  {
    args: [
      'host',
      'add',
      'aya',
      '--platform',
      'darwin',
      '--age',
      'age1r7876nzlhf8w33rw2rs99javafgnrtygvx3238sw8lvum38sxdxs7w67kr',
    ],
    stdin: '',
    done: files => files.has('secrets/aya.nix'),
  },
];

describe('secrets, killed at random moments', () => {
  it(`leaves the old state or the new one, ${RUNS} times`, { timeout: 60_000 + RUNS * 4_000 }, async () => {
    const dice = new Dice(seedOf(`command line, ${RUNS} kills`));
    const base = await fleet();
    try {
      const kept = mkdtempSync(join(tmpdir(), 'secrets-crash-'));
      cpSync(base.work, kept, { recursive: true });
      for (let run = 0; run < RUNS; run++) {
        const command = COMMANDS[run % COMMANDS.length];
        if (command === undefined) continue;
        rmSync(base.work, { recursive: true });
        cpSync(kept, base.work, { recursive: true });
        const before = snapshot(base.work);
        await killed(base, command.args, command.stdin, 60 + dice.int(220));
        expect((await runHere(base, ['list'])).status).toBe(0);
        expectOldOrNew(before, snapshot(base.work), command);
        expect((await runHere(base, ['nix', '--check'])).status).toBe(0);
      }
      rmSync(kept, { recursive: true });
    } finally {
      base.dispose();
    }
  });
});

/** All of the change or nothing of it; nothing of ours lies about. */
function expectOldOrNew(
  before: Map<string, string>,
  after: Map<string, string>,
  command: (typeof COMMANDS)[number],
): void {
  const changed = [...new Set([...before.keys(), ...after.keys()])].filter(
    path => before.get(path) !== after.get(path),
  );
  expect([...after.keys()].filter(path => /\.(tmp|old)$|secrets-state/.test(path))).toEqual([]);
  if (changed.length === 0) return;
  expect(command.done(after), `half a change: ${changed.join(', ')}`).toBe(true);
}

describe('secrets, twenty at once', () => {
  it('loses nothing that it acknowledged', { timeout: 180_000 }, async () => {
    const sandbox = await fleet();
    try {
      const names = Array.from({ length: 20 }, (_, index) => `value-${index}`);
      const results = await Promise.all(
        names.map(name =>
          sandbox.secrets(['add', name, '--host', 'megumu'], { stdin: name, timeout: 120_000 }),
        ),
      );
      const acknowledged = names.filter((_, index) => results[index]?.status === 0);
      for (const result of results)
        if (result.status !== 0) expect(result.stderr.toString()).toContain('[LOCKED]');
      expect(acknowledged.length).toBeGreaterThan(0);
      for (const name of acknowledged) expect(await must(sandbox, ['get', name])).toBe(name);
      expect(existsSync(join(sandbox.work, 'secrets/megumu.nix'))).toBe(true);
      await must(sandbox, ['nix', '--check']);
    } finally {
      sandbox.dispose();
    }
  });
});
