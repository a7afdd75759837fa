import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { findConsoleBlocks, matchLines, runBlocks } from './docs.ts';
import { Sandbox } from './sandbox.ts';

async function run(markdown: string, setups = {}): Promise<string[]> {
  const sandbox = new Sandbox(['echo', 'secrets']);
  onTestFinished(() => sandbox.dispose());
  return runBlocks(findConsoleBlocks(markdown), sandbox, setups);
}

const block = (text: string, info = 'console') => `text\n\n\`\`\`${info}\n${text}\n\`\`\`\n`;

describe('console blocks', () => {
  it('are found with their attributes, commands and output', () => {
    const markdown = `# Title\n${block('$ a\n1\n$ b \\\n> c\n', 'console setup=demo status=3')}${block('$ no', 'sh')}`;
    expect(findConsoleBlocks(markdown)).toEqual([
      {
        line: 4,
        attributes: new Map([
          ['setup', 'demo'],
          ['status', '3'],
        ]),
        commands: [
          { line: 5, text: 'a', output: ['1'] },
          { line: 7, text: 'b \\\nc', output: [''] },
        ],
      },
    ]);
  });

  it('may be indented, in a list', () => {
    const [found] = findConsoleBlocks('- x\n  ```console\n  $ a\n    b\n  ```\n');
    expect(found?.commands).toEqual([{ line: 3, text: 'a', output: ['  b'] }]);
  });

  it.each([
    ['```console\n$ a\n', 'never closes'],
    ['```console\n```\n', 'without a command'],
    ['```console\noutput\n```\n', 'output without a command'],
  ])('are refused: %j', (markdown, message) => {
    expect(() => findConsoleBlocks(markdown)).toThrow(message);
  });
});

describe('a documented session', () => {
  it('runs in one shell, in order', async () => {
    const first = block('$ mkdir a && cd a\n$ NAME=value\n$ printf x > file');
    const second = block('$ cat file; echo " $NAME"\nx value\n$ secrets list\nsecrets list\n$ cat');
    expect(await run(first + second)).toEqual([]);
  });

  it('may say how its last command ends', async () => {
    expect(await run(block('$ echo a >&2; (exit 3)\na', 'console status=3'))).toEqual([]);
    expect(await run(block('$ (exit 3)\n$ true'))).toEqual(['line 4: $ (exit 3)\nends with status 3, not 0']);
    expect(await run(block('$ true', 'console status=3'))).toHaveLength(1);
  });

  it('prepares its folder', async () => {
    const demo = async (sandbox: Sandbox) => writeFileSync(join(sandbox.work, 'a'), 'made\n');
    expect(await run(block('$ cat a\nmade', 'console setup=demo'), { demo })).toEqual([]);
    await expect(run(block('$ cat a', 'console setup=none'))).rejects.toThrow('unknown setup');
    await expect(run(block('$ cat a', 'console skip=yes'))).rejects.toThrow('unknown attribute');
  });

  it('fails where it prints something else, or less, or more', async () => {
    expect(await run(block('$ echo one\ntwo'))).toEqual([
      'line 4: $ echo one\ndocumented:\n    two\nprinted:\n    one',
    ]);
    expect(await run(block('$ echo one'))).toHaveLength(1);
    expect(await run(block('$ true\none'))).toHaveLength(1);
    expect(await run(block('$ exit 0\n$ echo never\nnever'))).toEqual([
      'line 4: $ exit 0\nwas not reached',
      'line 5: $ echo never\nwas not reached',
    ]);
  });
});

describe('documented lines', () => {
  it.each([
    [['a', '…', 'd'], ['a', 'b', 'c', 'd'], true],
    [['a', '…', 'd'], ['a', 'd'], true],
    [['…'], [], true],
    [['…', 'b', '…'], ['b', 'b', 'c'], true],
    [['a', '…'], ['b'], false],
    [['…', 'd'], ['a', 'd', 'e'], false],
    [['age1… kamov'], ['age1xyz kamov'], true],
    [['age1…'], ['AGE-SECRET'], false],
    [['a.c'], ['abc'], false],
    [['…x…'], ['axb'], true],
  ])('%j and %j', (documented, printed, wanted) => {
    expect(matchLines(documented, printed)).toBe(wanted);
  });
});
