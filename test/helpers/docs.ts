import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Sandbox } from './sandbox.ts';

/** A fenced block of a document whose language is `console`. */
export interface ConsoleBlock {
  /** Line of the opening fence; counts from 1. */
  readonly line: number;
  /** What stands behind `console`: `setup=demo status=3`. */
  readonly attributes: ReadonlyMap<string, string>;
  readonly commands: readonly DocumentedCommand[];
}

interface DocumentedCommand {
  readonly line: number;
  readonly text: string;
  /** The lines that it is said to print. */
  readonly output: readonly string[];
}

/** Prepares the work folder before the first block that asks for it. */
export type DocsSetup = (sandbox: Sandbox) => Promise<void>;

/**
 * Finds the console blocks of a Markdown text. `$ ` begins a command, `> ` continues it, other lines are its output.
 *
 * @throws Error on a block that begins with output, is empty, or never ends
 */
export function findConsoleBlocks(markdown: string): ConsoleBlock[] {
  const blocks: ConsoleBlock[] = [];
  const lines = markdown.split('\n');
  for (let at = 0; at < lines.length; at++) {
    const [, indent = '', fence, info = ''] = /^(\s*)(`{3,}|~{3,})(.*)$/.exec(lines[at] ?? '') ?? [];
    if (fence === undefined) continue;
    const end = lines.findIndex((line, index) => index > at && line.trim() === fence);
    if (end < 0) throw new Error(`line ${at + 1}: a fence that never closes`);
    if (/^console\b/.test(info.trim())) {
      const body = lines
        .slice(at + 1, end)
        .map(line => (line.startsWith(indent) ? line.slice(indent.length) : line));
      blocks.push({ line: at + 1, attributes: attributesOf(info), commands: commandsOf(body, at + 2) });
    }
    at = end;
  }
  return blocks;
}

function attributesOf(info: string): Map<string, string> {
  return new Map([...info.matchAll(/(\w+)=(\S+)/g)].map(([, name = '', value = '']) => [name, value]));
}

function commandsOf(body: readonly string[], firstLine: number): DocumentedCommand[] {
  const commands: { line: number; text: string; output: string[] }[] = [];
  body.forEach((line, index) => {
    const last = commands.at(-1);
    if (line.startsWith('$ ')) commands.push({ line: firstLine + index, text: line.slice(2), output: [] });
    else if (last === undefined) throw new Error(`line ${firstLine + index}: output without a command`);
    else if (line.startsWith('> ') && last.output.length === 0) last.text += `\n${line.slice(2)}`;
    else last.output.push(line);
  });
  if (commands.length === 0) throw new Error(`line ${firstLine}: a console block without a command`);
  return commands;
}

/** What a command really printed, and how it ended. */
interface Answer {
  readonly status: number;
  readonly output: string;
}

/**
 * Runs all blocks of one document, in order, in one work folder and one shell, and compares what they print.
 *
 * `…` alone on a line stands for any number of lines, within a line for any text. A block's last command
 * ends with the status that `status=` says, every other one with 0.
 *
 * @returns what differs, one text for each command
 * @throws Error on an unknown setup or attribute
 */
export async function runBlocks(
  blocks: readonly ConsoleBlock[],
  sandbox: Sandbox,
  setups: Readonly<Record<string, DocsSetup>>,
): Promise<string[]> {
  await prepare(blocks, sandbox, setups);
  const steps = blocks.flatMap(block =>
    block.commands.map((command, index) => ({
      command,
      status: index === block.commands.length - 1 ? Number(block.attributes.get('status') ?? 0) : 0,
    })),
  );
  const answers = await runShell(
    steps.map(step => step.command.text),
    sandbox,
  );
  return steps.flatMap(({ command, status }, index) => {
    const answer = answers[index];
    const wrong = answer === undefined ? 'was not reached' : compare(command, status, answer);
    return wrong === null ? [] : [`line ${command.line}: $ ${command.text}\n${wrong}`];
  });
}

async function prepare(
  blocks: readonly ConsoleBlock[],
  sandbox: Sandbox,
  setups: Readonly<Record<string, DocsSetup>>,
): Promise<void> {
  const wanted = new Set<string>();
  for (const { attributes, line } of blocks) {
    for (const name of attributes.keys()) {
      if (name !== 'setup' && name !== 'status') throw new Error(`line ${line}: unknown attribute ${name}`);
    }
    const setup = attributes.get('setup');
    if (setup !== undefined) wanted.add(setup);
  }
  for (const name of wanted) {
    const setup = Object.hasOwn(setups, name) ? setups[name] : undefined;
    if (setup === undefined) throw new Error(`unknown setup ${name}`);
    await setup(sandbox);
  }
}

/** One shell for all commands, so that `cd` and variables last. Each prints to a file of its own. */
async function runShell(commands: readonly string[], sandbox: Sandbox): Promise<Answer[]> {
  const at = (index: number, kind: string) => join(sandbox.temporary, `${index}.${kind}`);
  commands.forEach((command, index) => {
    writeFileSync(at(index, 'sh'), `${command}\n`);
  });
  const script = commands.map(
    (_, index) =>
      `. '${at(index, 'sh')}' >'${at(index, 'out')}' 2>&1 </dev/null; echo $? >'${at(index, 'status')}'\n`,
  );
  await sandbox.run(['bash'], { stdin: script.join(''), timeout: 240_000 });
  const answers: Answer[] = [];
  for (const index of commands.keys()) {
    try {
      const status = Number(readFileSync(at(index, 'status'), 'utf8'));
      answers.push({ status, output: readFileSync(at(index, 'out'), 'utf8') });
    } catch {
      break;
    }
  }
  return answers;
}

function compare(command: DocumentedCommand, status: number, answer: Answer): string | null {
  const printed = trimmed(answer.output.split('\n'));
  const documented = trimmed(command.output);
  const parts: string[] = [];
  if (answer.status !== status) parts.push(`ends with status ${answer.status}, not ${status}`);
  if (!matchLines(documented, printed))
    parts.push(`documented:\n${indented(documented)}\nprinted:\n${indented(printed)}`);
  return parts.length === 0 ? null : parts.join('\n');
}

/** Without spaces at line ends and empty lines at the end, which nobody sees on a page. */
function trimmed(lines: readonly string[]): string[] {
  const result = lines.map(line => line.trimEnd());
  while (result.at(-1) === '') result.pop();
  return result;
}

function indented(lines: readonly string[]): string {
  return lines.map(line => `    ${line}`).join('\n');
}

/** True where the printed lines are what the documented ones say, `…` standing for anything. */
export function matchLines(documented: readonly string[], printed: readonly string[]): boolean {
  let reachable = new Set([0]);
  for (const line of documented) {
    const next = new Set<number>();
    for (const at of reachable) {
      if (line.trim() === '…') for (let to = at; to <= printed.length; to++) next.add(to);
      else if (at < printed.length && matchLine(line, printed[at] ?? '')) next.add(at + 1);
    }
    reachable = next;
  }
  return reachable.has(printed.length);
}

function matchLine(documented: string, printed: string): boolean {
  const pieces = documented.split('…').map(piece => piece.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'));
  return new RegExp(`^${pieces.join('.*')}$`).test(printed);
}
