import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  blockText,
  findBlock,
  insertBlock,
  launchOf,
  removeBlock,
  replaceBlock,
  shellQuote,
} from '../../../src/git/hooks/block.ts';
import { HOOK_NAMES } from '../../../src/git/hooks/model.ts';
import { programPath } from '../../helpers/programs.ts';
import { freshFolder } from '../../ops/transaction-folder.ts';

const launch = { node: '/usr/bin/node', script: '/opt/it/bin/secrets.js' };
const block = blockText({ hook: 'pre-commit', launch, wholeFile: false });

function found(text: string) {
  const result = findBlock(text);
  if (result === null || result === 'damaged') throw new Error(`no block: ${result}`);
  return result;
}

const TEXTS = [
  '',
  '\n',
  'npm test',
  'npm test\n',
  '#!/bin/sh',
  '#!/bin/sh\n',
  '#!/bin/sh\n\n',
  '#!/bin/sh\n# a comment',
  '#!/bin/sh\n# a comment\n\n# another\nexit 0\n',
  '#!/bin/sh\r\nexit 0\r\n',
  '#!/bin/sh\r\n# a comment\r\nexit 0',
  '#!/bin/sh\nprintf "a\r\n"\n',
  '#!/bin/sh\necho gr\xfc\xdfe \x80\n',
];

describe('the lines in a hook', () => {
  it.each(TEXTS)('leave no trace in %j', text => {
    const inserted = insertBlock(text, block);
    expect(found(inserted).text).toBe(block);
    expect(removeBlock(inserted, found(inserted))).toBe(text);
  });

  it('leave no trace in any text', () => {
    const line = fc.constantFrom('#!/bin/sh', '# c', 'exit 0', '', 'exec x', '\xe4', ' # d', '\t');
    const texts = fc
      .tuple(fc.array(line), fc.constantFrom('\n', '\r\n'), fc.boolean())
      .map(([lines, eol, last]) => lines.join(eol) + (last ? eol : ''));
    fc.assert(
      fc.property(texts, text => {
        const inserted = insertBlock(text, block);
        expect(removeBlock(inserted, found(inserted))).toBe(text);
        const other = blockText({ hook: 'pre-push', launch, wholeFile: false });
        const replaced = replaceBlock(inserted, found(inserted), other);
        expect(replaced).toBe(insertBlock(text, other));
      }),
    );
  });

  it('stand in front of all that runs', () => {
    expect(insertBlock('#!/bin/sh\n# a\n\nexit 0\n', 'B')).toBe('#!/bin/sh\n# a\nB\n\nexit 0\n');
    expect(insertBlock('exit 0\n', 'B')).toBe('B\nexit 0\n');
    expect(insertBlock('#!/bin/sh\r\nexit 0\r\n', 'B')).toBe('#!/bin/sh\r\nB\r\nexit 0\r\n');
  });

  it('are not found where the marks do not pair', () => {
    const [begin = '', end = ''] = [block.split('\n')[0], block.split('\n').at(-1)];
    expect(findBlock('#!/bin/sh\n')).toBeNull();
    for (const text of [begin, end, `${end}\n${begin}`, `${block}\n${block}`, `${begin}\n${block}`])
      expect(findBlock(text)).toBe('damaged');
  });

  it('tell the paths that they hold', () => {
    for (const path of ['/a b/c', "/it's/here", '/a$b`c"d', '/ä'])
      for (const script of [null, path]) {
        const text = blockText({ hook: 'pre-commit', launch: { node: path, script }, wholeFile: true });
        expect(launchOf(text)).toEqual({ node: path, script });
      }
    expect(launchOf(blockText({ hook: 'pre-commit', launch: null, wholeFile: true }))).toBeNull();
  });
});

/** A program that says how it was called, in place of node, and a hook that runs it. */
function hookWith(
  folderName: string,
  hook: 'pre-commit' | 'pre-push',
  rest: string,
  shebang = '#!/bin/sh\n',
) {
  const folder = join(freshFolder(), folderName);
  mkdirSync(folder);
  const node = join(folder, 'node');
  writeFileSync(node, '#!/bin/sh\nshift\necho "called: $*"\ncat\nexit ${SAY:-0}\n');
  chmodSync(node, 0o755);
  const script = join(folder, 'secrets.js');
  writeFileSync(script, '');
  const file = join(folder, hook);
  const text = blockText({ hook, launch: { node, script }, wholeFile: false });
  writeFileSync(file, `${shebang}${text}\n${rest}`);
  chmodSync(file, 0o755);
  return (env: Record<string, string> = {}, input = '', args: string[] = []) => {
    const options = {
      env: { PATH: process.env['PATH'] ?? '', ...env },
      input,
      encoding: 'utf8',
      maxBuffer: 2 ** 26,
    } as const;
    return spawnSync(file, args, options);
  };
}

const SHELLS = ['sh', 'bash', 'dash', 'zsh', 'ksh'].filter(shell => programPath(shell) !== null);

describe('a hook that runs', () => {
  it.each(SHELLS.flatMap(shell => ['', ' -eu'].map(flags => `#!${programPath(shell)}${flags}`)))(
    'under %s goes on where nothing is found, and ends where something is',
    shebang => {
      const run = hookWith('a', 'pre-commit', 'echo own\n', `${shebang}\n`);
      expect(run().stdout).toBe('called: hook run pre-commit --\nown\n');
      for (const status of [1, 3]) {
        const stopped = run({ SAY: String(status) });
        expect(stopped.stdout).toBe('called: hook run pre-commit --\n');
        expect(stopped.status).toBe(status);
      }
    },
  );

  it.each(['with space', "it's", 'a"b', '$HOME', '`id`', 'back\\slash', 'ümlaut', '-dash', '*'])(
    'finds its program in a folder called %s',
    name => {
      expect(hookWith(name, 'pre-commit', '')().stdout).toBe('called: hook run pre-commit --\n');
    },
  );

  it('hands on what git says to pre-push, to the program and to the rest of the hook', () => {
    const run = hookWith('a', 'pre-push', 'echo rest: "$1"; cat\n');
    const refs = 'refs/heads/a $HOME `id` "\\\nrefs/heads/b 1 2 3\n';
    const { stdout } = run({}, refs, ['origin', 'a url']);
    expect(stdout).toBe(`called: hook run pre-push -- origin a url\n${refs}rest: origin\n${refs}`);
    expect(run({}, '', ['origin']).stdout).toBe('called: hook run pre-push -- origin\n\nrest: origin\n');
  });

  it('hands on very many refs', () => {
    const refs = `${'refs/heads/some-branch '.repeat(4)}\n`.repeat(20_000);
    const { stdout } = hookWith('a', 'pre-push', 'cat\n')({}, refs);
    expect(stdout.length).toBe(2 * refs.length + 'called: hook run pre-push --\n'.length);
  });

  it('leaves the environment to its program, and no variable behind', () => {
    const run = hookWith('a', 'pre-commit', 'echo "${node-none} ${program-none} $PATH"\n');
    expect(run({ PATH: '/usr/bin:/bin' }).stdout).toMatch(/\nnone none \/usr\/bin:\/bin\n$/);
  });
});

describe('the lines themselves', () => {
  it.each(HOOK_NAMES)('of %s are what a shell can read', hook => {
    for (const words of [launch, null, { node: "/it's", script: null }]) {
      const text = blockText({ hook, launch: words, wholeFile: true });
      for (const shell of SHELLS) execFileSync(shell, ['-n'], { input: text });
      expect(text).toMatch(/^[\x20-\x7e\n]*$/);
    }
  });

  it('quote every word', () => {
    expect(shellQuote("it's")).toBe("'it'\\''s'");
  });
});
