import { type ChildProcess, spawn } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statfsSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { programPath } from '../helpers/programs.ts';
import { parsePtySteps, runOnPty } from '../helpers/pty.ts';
import { Sandbox } from '../helpers/sandbox.ts';

const SECRET = 'a-very-secret-value';

let sandbox: Sandbox;
/** Memory of the user's own, where the system has any; else a folder like it. */
let runtime = '';
let count = 0;

beforeAll(async () => {
  sandbox = new Sandbox();
  runtime = mkdtempSync(join(hasSharedMemory() ? '/dev/shm' : sandbox.root, 'secrets-runtime-'));
  await succeeds(['git', 'init', '-q']);
  await succeeds(['ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-C', '', '-f', join(sandbox.home, 'host')]);
  await succeeds([...sandbox.program, 'init', '--admin', 'kamov']);
  await succeeds([...sandbox.program, 'host', 'add', 'megumu', '--ssh-key', join(sandbox.home, 'host.pub')]);
  await succeeds(
    [...sandbox.program, 'add', 'kotori', '--host', 'megumu', '--env'],
    `A=${SECRET}\nB=2\nC=3\n`,
  );
  await succeeds([...sandbox.program, 'add', 'wifi', '--host', 'megumu'], SECRET);
});

beforeEach(async () => {
  await succeeds([...sandbox.program, 'set', 'kotori', '--env'], `A=${SECRET}\nB=2\nC=3\n`);
});

afterAll(() => {
  rmSync(runtime, { recursive: true, force: true });
  sandbox?.dispose();
});

function hasSharedMemory(): boolean {
  return existsSync('/dev/shm') && statfsSync('/dev/shm').type === 0x01021994;
}

async function succeeds(argv: readonly string[], stdin?: string): Promise<string> {
  const output = await sandbox.run(argv, { stdin });
  if (output.status !== 0) throw new Error(`${argv.join(' ')} failed: ${output.stderr}`);
  return output.stdout.toString();
}

/** An executable shell script. */
function script(text: string): string {
  const path = join(sandbox.home, `editor-${count++}`);
  writeFileSync(path, `#!/bin/sh\n${text}\n`);
  chmodSync(path, 0o755);
  return path;
}

function environment(editor: string): Record<string, string> {
  return { ...sandbox.env, XDG_RUNTIME_DIR: runtime, EDITOR: editor };
}

function edit(editor: string, name = 'kotori', more: readonly string[] = []) {
  return sandbox.secrets(['edit', name, ...more], { env: environment(editor) });
}

const fileOf = () => readFileSync(join(sandbox.work, 'secrets/megumu/kotori.env'));

/** Everything that a run could have left. */
function leftovers(): string[] {
  return [runtime, sandbox.temporary].flatMap(folder => readdirSync(folder));
}

/** Starts `secrets edit` with an editor that says where its copy is, then stays. */
async function startEditing(
  stay = 'exec sleep 30',
): Promise<{ child: ChildProcess; copy: string; ended: Promise<number | null> }> {
  const mark = join(sandbox.home, `mark-${count}`);
  const editor = script(`printf %s "$1" >${mark}.new && mv ${mark}.new ${mark}\n${stay}`);
  const [node = '', ...args] = sandbox.program;
  const child = spawn(node, [...args, 'edit', 'kotori'], {
    cwd: sandbox.work,
    env: environment(editor),
    stdio: 'ignore',
  });
  const ended = new Promise<number | null>(resolve => child.on('exit', status => resolve(status)));
  for (let tries = 0; !existsSync(mark); tries++) {
    if (tries > 500) throw new Error('the editor never started');
    await sleep(20);
  }
  return { child, copy: readFileSync(mark, 'utf8'), ended };
}

describe('the decrypted copy', () => {
  it.each(['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT'] as const)('is gone after %s', async signal => {
    const before = fileOf();
    const { child, copy, ended } = await startEditing();
    expect(copy.startsWith(runtime)).toBe(hasSharedMemory());
    expect(readFileSync(copy, 'utf8')).toContain(SECRET);
    child.kill(signal);
    expect(await ended).toBe(3);
    expect(leftovers()).toEqual([]);
    expect(fileOf()).toEqual(before);
  });

  it('is gone at once where the editor does not want to end, which is made to', async () => {
    const { child, copy, ended } = await startEditing("trap '' TERM; while :; do sleep 0.1; done");
    child.kill('SIGTERM');
    for (let tries = 0; existsSync(copy) && tries < 50; tries++) await sleep(20);
    expect(existsSync(copy)).toBe(false);
    expect(await ended).toBe(3);
    expect(leftovers()).toEqual([]);
  });

  it.each(['SEGV', 'KILL', 'ABRT'])('is gone after the editor crashed by %s', async signal => {
    const output = await edit(script(`cp "$1" "$TMPDIR/backup"; kill -${signal} $$`));
    expect(output.status).toBe(3);
    expect(output.stderr.toString()).toContain(`was ended by SIG${signal}`);
    expect(leftovers()).toEqual([]);
  });

  it.each([
    ['hangup', null, 'SIGHUP'],
    ['key ctrl-c', 3, null],
  ])('is gone after %s on a terminal', async (end, status, signal) => {
    const editor = script('echo opened; exec sleep 20');
    const output = await runOnPty([...sandbox.program, 'edit', 'kotori'], {
      cwd: sandbox.work,
      env: environment(editor),
      steps: parsePtySteps(`expect opened\n${end}`, () => Buffer.alloc(0)),
    });
    expect(output.error).toBe(null);
    expect([output.status, output.signal]).toEqual([status, signal]);
    expect(leftovers()).toEqual([]);
  });

  it('is gone after an error that nobody expected', async () => {
    const crash = join(sandbox.home, 'crash.cjs');
    const mark = join(sandbox.home, 'opened');
    const throws = `if (require('node:fs').existsSync('${mark}')) throw new Error('unexpected')`;
    writeFileSync(crash, `setInterval(() => { ${throws}; }, 20).unref();\n`);
    const env = { ...environment(script(`touch ${mark}; exec sleep 2`)), NODE_OPTIONS: `--require ${crash}` };
    const output = await sandbox.secrets(['edit', 'kotori'], { env });
    expect(output.stderr.toString()).toContain('unexpected');
    expect(leftovers()).toEqual([]);
  });

  it('that a killed run left is removed by the next', async () => {
    const { child, copy, ended } = await startEditing('exec sleep 3');
    child.kill('SIGKILL');
    await ended;
    expect(existsSync(copy)).toBe(true);
    expect((await edit('true')).status).toBe(0);
    expect(leftovers()).toEqual([]);
  });

  it('of a run that is still there is left to it', async () => {
    const { child, copy, ended } = await startEditing();
    expect((await edit('true')).status).toBe(0);
    expect(existsSync(copy)).toBe(true);
    child.kill();
    await ended;
  });
});

describe('a file that changes while the editor is open', () => {
  it('keeps both changes where they are of different values', async () => {
    const output = await edit(
      script('sed -i s/^B=.*/B=mine/ "$1"; printf theirs | secrets set kotori --key C'),
    );
    expect(output.stderr.toString()).toContain('both changes are in it');
    expect(output.status).toBe(0);
    expect(await succeeds([...sandbox.program, 'get', 'kotori'])).toBe(`A=${SECRET}\nB=mine\nC=theirs\n`);
  });

  it('is not overwritten where they are of one value', async () => {
    const output = await edit(
      script('sed -i s/^B=.*/B=mine/ "$1"; printf theirs | secrets set kotori --key B'),
    );
    expect(output.status).toBe(3);
    const said = output.stderr.toString();
    expect(said).toContain(
      'megumu/kotori: somebody else changed the same while the editor was open: B [CHANGED_UNDERNEATH]',
    );
    expect(said.replaceAll('edit', '')).not.toMatch(/mine|theirs/);
    expect(await succeeds([...sandbox.program, 'get', 'kotori', '--key', 'B'])).toBe('theirs');
  });

  it('may be gone', async () => {
    const output = await edit(script('echo D=4 >>"$1"; mv secrets/megumu/kotori.env "$HOME/away"'));
    expect(output.stderr.toString()).toContain('moved or removed while the editor was open');
    expect(output.status).toBe(3);
    await succeeds(['mv', join(sandbox.home, 'away'), 'secrets/megumu/kotori.env']);
  });

  it('is locked only while it is written', async () => {
    const output = await edit(script('printf x | secrets set kotori --key C && echo D=4 >>"$1"'));
    expect(output.status).toBe(0);
    expect(await succeeds([...sandbox.program, 'get', 'kotori'])).toContain('D=4');
  });
});

describe('an editor that keeps things', () => {
  it.each([
    ['vim', ['-n', '-i', 'NONE', '--cmd']],
    ['nvim', ['-n', '-i', 'NONE', '--cmd']],
    ['vim.basic', ['-n', '-i', 'NONE', '--cmd']],
    ['nano', ['-R']],
    ['emacs', ['--eval']],
    ['micro', ['-backup', 'false']],
    ['ed', []],
  ])('%s is told not to', async (name, flags) => {
    const folder = join(sandbox.home, `programs-${count++}`);
    mkdirSync(folder);
    const editor = script('for word; do echo "<$word>"; done');
    await succeeds(['cp', editor, join(folder, name)]);
    const output = await edit(`'${join(folder, name)}' '+set all' -x`);
    const words = output.stdout.toString().split('\n').slice(0, -1);
    expect(words.slice(0, flags.length)).toEqual(flags.map(flag => `<${flag}>`));
    expect(words.at(-3)).toBe('<+set all>');
    expect(words.at(-2)).toBe('<-x>');
    expect(words.at(-1)).toMatch(/secrets-edit-[0-9a-f]{32}\/kotori\.env>$/);
  });

  if (programPath('vim') !== null) {
    it('vim does not, against its own configuration', async () => {
      const { home } = sandbox;
      mkdirSync(join(home, 'undo'));
      const settings = `set swapfile updatecount=1 backup writebackup undofile modeline\nset directory=${home}/undo backupdir=${home}/undo undodir=${home}/undo\nset viminfo='100,n${home}/viminfo\n`;
      writeFileSync(join(home, '.vimrc'), settings);
      const look = `redir! > ${home}/options | set swapfile? backup? writebackup? undofile? modeline? | redir END`;
      const output = await edit(`vim -e -s -c '${look}' -c '%s/B=2/B=vim/' -c 'wq'`);
      expect(output.stderr.toString()).toContain('edited: B');
      const options = readFileSync(join(home, 'options'), 'utf8');
      for (const option of ['swapfile', 'backup', 'writebackup', 'undofile', 'modeline'])
        expect(options).toMatch(new RegExp(`^no${option}$`, 'm'));
      expect(readdirSync(join(home, 'undo'))).toEqual([]);
      expect(existsSync(join(home, 'viminfo'))).toBe(false);
      expect(leftovers()).toEqual([]);
    });
  }

  it('is warned of where no flag helps', async () => {
    const folder = join(sandbox.home, `programs-${count++}`);
    mkdirSync(folder);
    await succeeds(['cp', script('true'), join(folder, 'code')]);
    expect((await edit(join(folder, 'code'))).stderr.toString()).toContain('a history of its own');
  });
});

it('gives the editor no identity', async () => {
  const key =
    readFileSync(join(sandbox.home, '.config/sops/age/keys.txt'), 'utf8').trim().split('\n').at(-1) ?? '';
  const env = { ...environment(script('env | grep -c SOPS_AGE')), SOPS_AGE_KEY: key };
  const output = await sandbox.secrets(['edit', 'kotori'], { env });
  expect(output.stdout.toString()).toBe('0\n');
});
