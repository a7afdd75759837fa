import { lstatSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { walk } from '../helpers/folder-state.ts';
import { type Answer, runHere } from '../helpers/in-process.ts';
import { ANSWERS, misshapen } from '../helpers/json-shape.ts';
import { describeWith } from '../helpers/programs.ts';
import { SHAPES } from '../helpers/shapes/index.ts';
import { ShapeRepository } from '../helpers/shapes/repository.ts';
import { askSops, expectedState, groupCount, recipientsIn, type SopsAnswer } from '../helpers/sops-config.ts';

/** Those that concern the whole repository; run as a person would, in a process of their own. */
const COMMANDS = ['list', 'host list', 'sync --check', 'check', 'nix --check', 'access --since HEAD'];
/** How many secrets of a repository are shown one by one. */
const SHOWN = 12;

interface Named {
  readonly name: string | null;
  readonly recipient: string;
}

describeWith(['sops', 'sops-config', 'git', 'ssh-keygen'], 'other people’s repositories', () => {
  it('are ten at least', () => {
    expect(SHAPES.length).toBeGreaterThanOrEqual(10);
  });
});

for (const shape of SHAPES) {
  const programs = ['sops', 'sops-config', 'git', 'ssh-keygen', ...(shape.programs ?? [])];
  describeWith(programs, shape.name, () => {
    it('is read, left alone, and understood as sops understands it', { timeout: 120_000 }, async () => {
      const repository = new ShapeRepository();
      try {
        await shape.build(repository);
        await judge(repository);
      } finally {
        await repository.dispose();
      }
    });
  });
}

async function judge(repository: ShapeRepository): Promise<void> {
  const status = await repository.git(['status', '--porcelain', '--ignored']);
  const before = stateOf(repository.top);
  const answers = new Map<string, unknown>();
  for (const command of COMMANDS) {
    const {
      status: exit,
      stdout,
      stderr,
    } = await repository.sandbox.secrets([...command.split(' '), '--json']);
    answers.set(command, judged(command, { status: exit ?? -1, stdout: `${stdout}`, stderr: `${stderr}` }));
    const plain = await repository.sandbox.secrets(command.split(' '));
    expect(plain.status, `${command} for people`).toBe(exit);
    expect(`${plain.stderr}`).not.toMatch(/^ {4}at /m);
  }
  const files = await candidates(repository);
  const [asked = []] = askSops([{ top: repository.top, files: [...files.keys()] }]);
  agreeOnStates(answers.get('sync --check'), asked, files);
  for (const answer of asked) await agreeOnWhy(repository, answer);
  await showEach(repository, answers.get('list'));
  expect(stateOf(repository.top)).toEqual(before);
  expect(await repository.git(['status', '--porcelain', '--ignored'])).toBe(status);
}

/** The JSON of an answer, which must be an answer and have its fields. */
function judged(command: string, { status, stdout, stderr }: Answer): unknown {
  const words =
    command.split(' ')[0] === 'show' || command.startsWith('why') ? command.split(' ')[0] : command;
  expect([0, 1], `${command}: exit ${status}: ${stderr}${stdout}`).toContain(status);
  expect(stderr).not.toMatch(/^ {4}at /m);
  const value: unknown = JSON.parse(stdout);
  expect(misshapen(value, ANSWERS[words ?? ''] ?? '')).toEqual([]);
  return value;
}

/** Regular files that the answer is to be about; true where git ignores them. */
async function candidates(repository: ShapeRepository): Promise<Map<string, boolean>> {
  const list = async (...args: string[]) =>
    (await repository.git(['ls-files', '-z', ...args]))
      .split('\0')
      .filter(path => isRegular(repository.top, path));
  const files = new Map<string, boolean>();
  for (const path of await list('--others', '--ignored', '--exclude-standard')) files.set(path, true);
  for (const path of await list('--cached', '--others', '--exclude-standard')) files.set(path, false);
  return files;
}

function isRegular(top: string, path: string): boolean {
  return path !== '' && lstatSync(join(top, path)).isFile();
}

function agreeOnStates(
  answer: unknown,
  asked: readonly SopsAnswer[],
  ignored: ReadonlyMap<string, boolean>,
): void {
  const { files } = answer as { files: { file: string; add: Named[]; remove: Named[] }[] };
  const said = files.map(({ file, add, remove, ...rest }) => {
    const { config, rule, state } = rest as { config?: unknown; rule?: unknown; state?: unknown };
    return { file, config, rule, state, add: textsOf(add), remove: textsOf(remove) };
  });
  const wanted = asked.flatMap(each => {
    const state = expectedState(each, ignored.get(each.file) === true);
    if (state === null) return [];
    const [has, wants] = [recipientsIn(each.has), recipientsIn(each.wanted)];
    const both = each.has !== null && each.wanted !== null;
    const add = both ? wants.filter(text => !has.includes(text)) : [];
    const remove = both ? has.filter(text => !wants.includes(text)) : [];
    return [{ file: each.file, config: each.config, rule: each.rule, state, add, remove }];
  });
  expect(byFile(said)).toEqual(byFile(wanted));
}

async function agreeOnWhy(repository: ShapeRepository, answer: SopsAnswer): Promise<void> {
  if (/(^|\/)\.sops\.yaml$/.test(answer.file)) return;
  const value = judged('why', await runHere(repository.sandbox, ['why', answer.file, '--json']));
  const why = value as Record<string, unknown> & { wanted: Named[]; has: Named[]; rules: unknown[] };
  const folder = answer.config?.replace(/[^/]*$/, '') ?? '';
  const { file, config, matched_against, first, groups, threshold } = why;
  const said = { file, config, matched_against, first, groups, threshold };
  const shape = answer.wanted ?? answer.has;
  expect({ ...said, wanted: textsOf(why.wanted), has: textsOf(why.has) }).toEqual({
    file: answer.file,
    config: answer.config,
    matched_against: answer.file.slice(folder.length),
    first: answer.rule,
    groups: groupCount(shape),
    threshold: (shape?.threshold ?? 0) === 0 ? null : shape?.threshold,
    wanted: recipientsIn(answer.wanted),
    has: recipientsIn(answer.has),
  });
  if (answer.rule !== null) expect(why.rules.length).toBe(answer.rule + 1);
}

async function showEach(repository: ShapeRepository, answer: unknown): Promise<void> {
  const { secrets } = answer as { secrets: { address: string; file: string }[] };
  for (const { address, file } of secrets.slice(0, SHOWN)) {
    const shown = judged('show', await runHere(repository.sandbox, ['show', address, '--json']));
    expect(shown).toMatchObject({ address, file });
  }
}

function textsOf(recipients: readonly Named[]): string[] {
  return [...new Set(recipients.map(({ recipient }) => recipient))].sort();
}

function byFile<T extends { file: string }>(entries: readonly T[]): T[] {
  return [...entries].sort((a, b) => (a.file < b.file ? -1 : 1));
}

/** Everything below a folder, git's own files too, with the times of change: who reads leaves no trace. */
function stateOf(top: string): string[] {
  return [...walk(top)].sort().map(path => {
    const stat = lstatSync(join(top, path), { bigint: true });
    const text =
      stat.isFile() && /\.git\/(index|HEAD|config)$/.test(path)
        ? readFileSync(join(top, path), 'latin1')
        : '';
    return `${path} ${stat.mode} ${stat.size} ${stat.mtimeNs} ${stat.ctimeNs} ${stat.ino} ${text.length}`;
  });
}
