import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bundleScript } from './bundle.ts';
import { describeWith } from './programs.ts';
import { runScript, ScriptFailure, ScriptLeftOut } from './script.ts';

/** A little program in the place of `secrets`, which does what the tests of the engine need. */
const STUB = `
import { readFileSync, writeFileSync } from 'node:fs';
import { confirmedHidden } from './src/cli/prompt.ts';
import { openTerminal } from './src/cli/terminal.ts';

const [word, ...args] = process.argv.slice(2);
if (word === 'say') process.stdout.write(args.join(' ') + '\\n');
if (word === 'complain') {
  process.stderr.write(args.slice(1).join(' ') + '\\n');
  process.exitCode = Number(args[0]);
}
if (word === 'fail') {
  process.stdout.write(args.join(' ') + '\\n');
  process.exitCode = 3;
}
if (word === 'keep') writeFileSync(args[0], args[1] ?? readFileSync(0));
if (word === 'pass') process.stdout.write(readFileSync(0));
if (word === 'environment') process.stdout.write(JSON.stringify(process.env));
if (word === 'throw') throw new Error('not caught');
if (word === 'die') process.kill(process.pid, 'SIGKILL');
if (word === 'ask') {
  try {
    const value = await confirmedHidden(openTerminal(process.stdin, process.stderr), 'value: ');
    if (args[0] !== undefined) writeFileSync(args[0], value.reveal());
    if (args[1] === 'show') process.stdout.write(value.reveal());
  } catch (error) {
    process.stderr.write(error.code + '\\n');
    process.exitCode = 3;
  }
}
if (word === 'line') {
  process.stderr.write('value: ');
  const byte = Buffer.alloc(1);
  const { readSync } = await import('node:fs');
  while (readSync(0, byte) === 1 && byte[0] !== 10);
}
`;

let folder = '';
let program: readonly string[] = [];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'secrets-stub-'));
  program = [process.execPath, await bundleScript(STUB, folder, 'stub.mjs')];
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function failure(script: string): Promise<string> {
  try {
    await runScript('x.txtar', script, { program });
  } catch (error) {
    if (error instanceof ScriptFailure) return error.message;
    throw error;
  }
  throw new Error('the script passed');
}

const FILES = `
-- a.txt --
one
two
-- folder/b.txt --
two
`;

describe('a right script passes', () => {
  const right: Readonly<Record<string, string>> = {
    'programs and their output': `
      secrets say one two
      stdout '^one two$'
      ! stdout three
      ! stderr .
      status 0
      ! secrets complain 4 'no key'
      status 4
      stderr 'no key'
      ! exec false`,
    files: `
      cmp a.txt a.txt
      ! cmp a.txt folder/b.txt
      grep '^two$' a.txt
      grep -count=2 '^.+$' a.txt
      ! grep three a.txt
      exists a.txt folder
      ! exists c.txt
      chmod 600 a.txt
      mode 600 a.txt
      symlink link -> a.txt
      exists link
      cp a.txt folder/b.txt folder2/x
      cp a.txt folder
      cmp folder/a.txt a.txt
      mv a.txt c.txt
      ! exists a.txt
      rm c.txt folder
      ! exists folder
      mkdir d/e
      cd d
      exists e`,
    'stdin and captured output': `
      stdin a.txt
      secrets pass
      cmp stdout a.txt
      stdin -
      secrets pass
      cmp stdout a.txt
      secrets pass
      ! stdout .
      write exact 'no newline'
      stdin exact
      secrets pass
      capture TEXT stdout
      secrets say "$TEXT" '$TEXT' \${TEXT}
      stdout '^no newline \\$TEXT no newline$'
      env DOT=a.c
      secrets say abc
      ! stdout ^\${DOT@R}$
      stdout ^\${DOT}$`,
    'what changed': `
      secrets keep a.txt other
      ! unchanged a.txt
      ! unchanged
      unchanged folder/b.txt
      secrets say
      unchanged
      mark
      secrets keep new x
      secrets say
      ! unchanged
      ! unchanged new
      unchanged a.txt folder`,
    JSON: `
      secrets say '{"secrets": [{"name": "kotori", "hosts": ["a"], "key": null}]}'
      json secrets.0.name kotori
      json secrets.0.hosts '["a"]'
      json secrets.0.key null
      json secrets.length 1`,
    'an environment from nothing': `
      secrets environment
      json HOME $HOME
      json NO_COLOR 1
      json TZ UTC
      ! stdout 'SOPS_|VITEST|npm_|NODE_'
      exec env
      stdout ^HOME=\${HOME@R}$
      exec sh -c 'ls -A "$HOME"'
      ! stdout .
      exec secrets say found
      stdout found`,
    git: `
      git init -q
      git add a.txt
      git commit -qm first
      git log --format=%an
      stdout '^Kamo$'
      git status --porcelain
      stdout folder`,
    'keys and their secrets': `
      key kamov
      grep '^AGE-SECRET-KEY-1' kamov.txt
      mode 600 kamov.txt
      grep \${KAMOV_PUB@R} kamov.txt
      secret 'correct horse' a.txt
      secrets keep a.txt 'correct horse'
      secrets say 'correct horse'`,
    conditions: `
      [exec:git] secrets say yes
      [exec:git] stdout yes`,
    'a joined line and a comment': `
      # phase
      secrets say one \\
        two # three
      stdout '^one two$'`,
  };
  it.each(Object.entries(right))('%s', async (_title, script) => {
    const needsFolder = script.replace('cp a.txt folder/b.txt folder2/x\n', 'cp folder/b.txt folder2\n');
    await runScript('x.txtar', needsFolder + FILES, { program });
  });
});

describe('a wrong script fails', () => {
  const wrong: [line: string, message: string][] = [
    ['secrets fail', 'failed with status 3'],
    ['! secrets say', 'succeeded'],
    ['secrets die', 'ended by SIGKILL'],
    ['! secrets die', 'ended by SIGKILL'],
    ['! secrets throw', 'stack trace'],
    ['exec no-such-program', 'ENOENT'],
    ['stdout three', 'does not match'],
    ['! stdout one', 'holds'],
    ['stdout', 'one pattern'],
    ['stdout one two', 'one pattern'],
    ['stdout -count=2 one', '1 times'],
    ['stdout (', 'Invalid regular expression'],
    ['stderr .', 'does not match'],
    ['status 1', 'is 0, not 1'],
    ['! status 1', 'takes no !'],
    ['json . x', 'JSON'],
    ['grep three a.txt', 'does not match'],
    ['! grep one a.txt', 'holds'],
    ['grep one none.txt', 'ENOENT'],
    ['cmp a.txt folder/b.txt', 'line 1'],
    ['! cmp a.txt a.txt', 'holds'],
    ['cmp stdout a.txt', 'line 2'],
    ['cmp a.txt none.txt', 'ENOENT'],
    ['exists a.txt none.txt', 'none.txt does not exist'],
    ['! exists a.txt', 'holds'],
    ['exists', 'a file is needed'],
    ['mode 600 a.txt', 'not 600'],
    ['unchanged none.txt', 'neither'],
    ['! unchanged a.txt', 'holds'],
    ['! unchanged', 'holds'],
    ['stdin none.txt', 'ENOENT'],
    ['cd a.txt', 'no folder'],
    ['write ../../x y', 'leads out'],
    ['cp a.txt /etc', 'leads out'],
    ['secrets say $NOTHING', '$NOTHING has no value'],
    ['secrets say $__proto__', 'has no value'],
    ["secrets say 'open", 'never closes'],
    ['secrets say "open', 'never closes'],
    ['nonsense', 'unknown word'],
    ['constructor', 'unknown word'],
    ['! cd folder', 'takes no !'],
    ['[moon] secrets say', 'unknown condition'],
    ['secret short', 'accident'],
  ];
  it.each(wrong)('%s', async (line, message) => {
    const text = await failure(`secrets say one\n${line}\nsecret long-enough-value\n${FILES}`);
    expect(text).toContain(message);
    expect(text).toMatch(/^x\.txtar:[23]: /);
  });

  it('after a change that nothing announced', async () => {
    expect(await failure(`secrets keep a.txt other\nunchanged a.txt\n${FILES}`)).toContain('changed: a.txt');
    expect(await failure(`secrets keep c.txt other\nunchanged\n${FILES}`)).toContain('changed: c.txt');
    expect(await failure(`mark\nchmod 600 a.txt\nsecrets say\nunchanged\n${FILES}`)).toContain('a.txt');
  });

  it('where it runs nothing', async () => {
    expect(await failure('# only words\nenv A=b\n')).toContain('runs nothing');
  });

  it('with its line, its phase, the command and what was printed', async () => {
    const text = await failure(`# first\nsecrets say one\n# second\nsecrets complain 3 'the reason'\n`);
    expect(text).toBe(
      "x.txtar:4: failed with status 3\n# second\n> secrets complain 3 'the reason'\n--- status 3\n--- stderr\nthe reason",
    );
  });
});

describe('a leak fails the script', () => {
  const leaks: [title: string, script: string][] = [
    ['in a failing stdout', "secret 'correct horse'\n! secrets fail correct horse"],
    ['in stderr', "secret 'correct horse'\n! secrets complain 2 correct horse"],
    ['in stderr of a success', "secret 'correct horse'\nsecrets complain 0 correct horse"],
    ['as JSON', "secret 'correct horse'\nsecrets say --json correct horse"],
    ['in base64', "secret 'correct horse'\n! secrets fail Y29ycmVjdCBob3JzZQ=="],
    ['in a file', "secret 'correct horse' a.txt\nsecrets keep b.txt 'correct horse'"],
    ['in the home', "secret 'correct horse'\nsecrets keep $HOME/.history 'correct horse'"],
    ['in the temporary folder', "secret 'correct horse'\nsecrets keep $TMPDIR/x 'correct horse'"],
    [
      'in what git stored',
      "secret 'correct horse' a.txt\ngit init -q\nsecrets keep a.txt 'correct horse'\ngit add .\nrm a.txt",
    ],
    ['of a file', 'secretfile a.txt\n! secrets fail one two three'],
    ['of an identity', `! secrets fail AGE-SECRET-KEY-1${'Q'.repeat(58)}`],
  ];
  it.each(leaks)('%s', async (_title, script) => {
    expect(await failure(`${script}\n-- a.txt --\none two three\n`)).toMatch(
      /holds (an age identity|secret number 1)/,
    );
  });
});

describe('a program that is not installed', () => {
  it('is a failure with CI=true, and else leaves the script out', async () => {
    const before = process.env['CI'];
    try {
      process.env['CI'] = 'true';
      expect(await failure('requires no-such-program\nsecrets say\n')).toContain(
        'not installed: no-such-program',
      );
      expect(await failure('[exec:no-such-program] secrets say\n')).toContain(
        'not installed: no-such-program',
      );
      process.env['CI'] = '';
      await expect(runScript('x', 'requires no-such-program\nsecrets say\n', { program })).rejects.toThrow(
        ScriptLeftOut,
      );
      await runScript('x', '[exec:no-such-program] nonsense\n[!exec:no-such-program] secrets say\n', {
        program,
      });
    } finally {
      if (before === undefined) delete process.env['CI'];
      else process.env['CI'] = before;
    }
  });
});

describeWith(['ssh-keygen'], 'a throw-away ssh key', () => {
  it('is made by ssh-keygen', async () => {
    await runScript('x', `sshkey megumu\ngrep OPENSSH megumu\ngrep ^\${MEGUMU_SSH@R} megumu.pub\n`, {
      program,
    });
  });
});

const PEM = `-----BEGIN TEST-----\n${'MC4CAQAwBQYDK2VwBCIEIAAA\n'.repeat(25)}-----END TEST-----\n`;

describeWith(['python3'], 'a pseudo terminal', () => {
  const paste = (word: string) => `
secretfile pem.txt value.txt
ptyin keys
pty secrets ask value.txt
stdout '\\(received 27 lines, Enter ends\\)'
cmp value.txt pem.txt
! after .
-- keys --
expect value:
${word} pem.txt
expect received
key enter
-- pem.txt --
${PEM}`;

  it('pastes a PEM as one value, with brackets and without', async () => {
    await runScript('x', paste('paste'), { program });
    await runScript('x', paste('burst'), { program });
  });

  it('takes a paste that is larger than the queue of a terminal', async () => {
    const large = `${'x'.repeat(99)}\n`.repeat(2000);
    const script = `ptyin keys\npty secrets ask value.txt\nstdout 'received 2000 lines'\ncmp value.txt large.txt\n! after .\n-- keys --\nexpect value:\npaste large.txt\nexpect received\nkey enter\n-- large.txt --\n${large}`;
    await runScript('x', script, { program });
    await runScript('x', script.replace('paste large', 'burst large'), { program });
  });

  it('types a value twice', async () => {
    const script =
      'ptyin keys\npty secrets ask value.txt\ngrep ^hunter2$ value.txt\n! stdout hunter\n! after .\n-- keys --\nexpect value:\nline hunter2\nexpect once more:\nline hunter2\n';
    await runScript('x', script, { program });
  });

  it.each([
    ['key ctrl-c', 'INTERRUPTED'],
    ['key ctrl-d', 'INTERRUPTED'],
    ['signal TERM', 'INTERRUPTED'],
    ['signal INT', 'INTERRUPTED'],
  ])('has nothing left for the shell after %s', async (end, code) => {
    const script = `ptyin keys\n! pty secrets ask\nstatus 3\nstdout ${code}\n! after .\n-- keys --\nexpect value:\n${end}\n`;
    await runScript('x', script, { program });
  });

  it('drains a paste that was interrupted in its middle', async () => {
    const script = `secretfile pem.txt\nptyin keys\n! pty secrets ask\n! after .\n-- keys --\nexpect value:\npaste open.txt\nburst pem.txt\n-- open.txt --\na\u0003\n-- pem.txt --\n${PEM}`;
    await runScript('x', script, { program });
  });

  it('sees what a careless program leaves to the shell, and what it shows', async () => {
    const left = `ptyin keys\npty secrets line\n! after .\n-- keys --\nexpect value:\nburst pem.txt\n-- pem.txt --\n${PEM}`;
    expect(await failure(left)).toContain('holds, and should not');
    const echoed = `secretfile pem.txt\n${left}`;
    expect(await failure(echoed)).toContain('the terminal was sent it');
    const shown =
      'secret hunter22\nptyin keys\npty secrets ask v show\n-- keys --\nexpect value:\nline hunter22\nexpect more:\nline hunter22\n';
    expect(await failure(shown)).toContain('the terminal was sent it');
  });

  it('sees modes that are not restored', async () => {
    expect(await failure('pty exec stty -echo\n')).toContain('modes of the terminal');
  });

  it('fails where the prompt that it waits for never comes', async () => {
    expect(await failure('ptyin keys\npty secrets say\n-- keys --\nexpect value:\n')).toContain(
      'before it printed',
    );
    expect(await failure('ptyin keys\npty secrets say\n-- keys --\nnonsense\n')).toContain('unknown word');
  });
});

it('writes no file of a script outside of its folder', async () => {
  await expect(runScript('x', 'secrets say\n-- ../../escape --\nx\n', { program })).rejects.toThrow(
    'leads out',
  );
  writeFileSync(join(folder, 'kept'), '');
});
