import { spawn } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseWords } from '../../src/cli/commands/exec.ts';
import { parsePtySteps, runOnPty } from '../helpers/pty.ts';
import { Sandbox } from '../helpers/sandbox.ts';

let sandbox: Sandbox;

beforeAll(async () => {
  sandbox = new Sandbox();
  const setup = `git init -q && ssh-keygen -q -t ed25519 -N '' -C '' -f $HOME/host && secrets init --admin kamov &&
    secrets host add megumu --ssh-key $HOME/host.pub && printf 'A=1\\n' | secrets add kotori --host megumu --env`;
  const output = await sandbox.run(['sh', '-c', setup]);
  if (output.status !== 0) throw new Error(output.stderr.toString());
  const traps = ['INT', 'TERM', 'HUP', 'QUIT', 'USR1', 'USR2', 'WINCH'];
  const lines = traps.map(name => `trap 'echo ${name} | tee -a "$1"' ${name}`);
  writeFileSync(
    join(sandbox.home, 'heard'),
    `${lines.join('\n')}\necho ready | tee -a "$1"\nwhile ! grep -q end "$1"; do sleep 0.05; done\nexit 9\n`,
  );
});

afterAll(() => sandbox?.dispose());

describe('signals', () => {
  it.each(['INT', 'TERM', 'HUP', 'QUIT', 'USR1', 'USR2', 'WINCH'])('%s is passed on', async name => {
    const log = join(sandbox.home, `log-${name}`);
    writeFileSync(log, '');
    const [node = '', ...args] = sandbox.program;
    const argv = [...args, 'exec', 'kotori', '--', 'sh', join(sandbox.home, 'heard'), log];
    // A group of its own, as under a service manager.
    const child = spawn(node, argv, { cwd: sandbox.work, env: sandbox.env, stdio: 'ignore', detached: true });
    const ended = new Promise<number | null>(resolve => child.on('exit', status => resolve(status)));
    await said(log, 'ready');
    child.kill(`SIG${name}` as NodeJS.Signals);
    await said(log, name);
    writeFileSync(log, 'end', { flag: 'a' });
    expect(await ended).toBe(9);
    expect(readFileSync(log, 'utf8').match(new RegExp(name, 'g'))).toHaveLength(1);
  });

  it('of the terminal reach it once', async () => {
    const log = join(sandbox.home, 'log-terminal');
    writeFileSync(log, '');
    const argv = [...sandbox.program, 'exec', 'kotori', '--', 'sh', join(sandbox.home, 'heard'), log];
    const steps = parsePtySteps('expect ready\nkey ctrl-c\nexpect INT\nsleep 300', () => Buffer.alloc(0));
    const running = runOnPty(argv, { cwd: sandbox.work, env: sandbox.env, steps });
    await said(log, 'INT');
    await sleep(300);
    writeFileSync(log, 'end', { flag: 'a' });
    const output = await running;
    expect(output.error).toBe(null);
    expect(output.status).toBe(9);
    expect(readFileSync(log, 'utf8').match(/INT/g)).toHaveLength(1);
  });
});

describe('a terminal that is gone', () => {
  it('ends both', async () => {
    const argv = [...sandbox.program, 'exec', 'kotori', '--', 'sh', '-c', 'echo ready; exec sleep 20'];
    const steps = parsePtySteps('expect ready\nhangup', () => Buffer.alloc(0));
    const output = await runOnPty(argv, { cwd: sandbox.work, env: sandbox.env, steps });
    expect([output.status, output.signal]).toEqual([null, 'SIGHUP']);
  });
});

async function said(log: string, word: string): Promise<void> {
  for (let tries = 0; !(existsSync(log) && readFileSync(log, 'utf8').includes(word)); tries++) {
    if (tries > 500) throw new Error(`never heard ${word}`);
    await sleep(20);
  }
}

describe('the words', () => {
  it.each([
    [
      'a --as X b -- c',
      [
        ['a', 'X'],
        ['b', null],
      ],
    ],
    [
      'a b --as=X -- c --as Y',
      [
        ['a', null],
        ['b', 'X'],
      ],
    ],
    ['--as X a -- c', [['a', 'X']]],
    ['--host h a --as X -- c', [['a', 'X']]],
    ['--host=h a -- c', [['a', null]]],
  ])('%s', (text, wanted) => {
    expect(parseWords(text.split(' ')).names.map(({ name, as }) => [name, as])).toEqual(wanted);
  });

  it.each(['a', 'a --', '-- c', 'a --as X --as Y -- c', '--as X a b -- c', '--as X --as Y a -- c'])(
    '%s is refused',
    text => {
      expect(() => parseWords(text.split(' '))).toThrow();
    },
  );
});
