import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import { SecretsError } from '../../src/errors.ts';
import { parseInventory } from '../../src/workspace/parse.ts';
import { caseCount, Dice, seedOf } from '../helpers/dice.ts';
import { runHere } from '../helpers/in-process.ts';
import { describeWith } from '../helpers/programs.ts';
import { Sandbox } from '../helpers/sandbox.ts';
import { likelyPattern, randomConfig, randomPaths, randomPattern } from '../helpers/shapes/random.ts';
import { ShapeRepository } from '../helpers/shapes/repository.ts';
import { askSops, expectedState, groupCount, recipientsIn, type SopsAnswer } from '../helpers/sops-config.ts';

const CASES = caseCount(60, 200);
const PATTERNS = caseCount(2000, 6000);
const FILES = 14;

interface Named {
  readonly recipient: string;
}

interface SyncAnswer {
  readonly files: readonly {
    readonly file: string;
    readonly config: string;
    readonly rule: number | null;
    readonly state: string;
    readonly add: readonly Named[];
    readonly remove: readonly Named[];
  }[];
}

describeWith(['sops', 'sops-config'], 'random rules', () => {
  it(`mean in ${CASES} repositories what they mean to sops`, { timeout: 60_000 + CASES * 2000 }, async () => {
    const seed = seedOf(`rules, ${CASES} cases`);
    const repository = new ShapeRepository();
    try {
      const recipients = [...(await repository.keys(5)), 'A'.repeat(40), 'B'.repeat(40)];
      const templates = await encryptedTexts(repository, recipients);
      const folders = Array.from({ length: CASES }, (_, index) =>
        join(repository.sandbox.work, `case${index}`),
      );
      const paths = folders.map((folder, index) =>
        lay(new Dice(seed + index), folder, recipients, templates),
      );
      const asked = askSops(folders.map((top, index) => ({ top, files: paths[index] ?? [] })));
      const met = new Map<string, number>();
      for (const [index, folder] of folders.entries())
        await compare(repository.sandbox, folder, asked[index] ?? [], met).catch(error => {
          if (error instanceof Error) error.message = `case ${index} of seed ${seed}: ${error.message}`;
          throw error;
        });
      process.stderr.write(`rules: ${[...met].map(([state, count]) => `${count} ${state}`).join(', ')}\n`);
      for (const state of ['ok', 'drifted', 'no-rule', 'plaintext'])
        expect(met.get(state) ?? 0, state).toBeGreaterThan(0);
    } finally {
      await repository.dispose();
    }
  });

  it(`of ${PATTERNS} patterns the same are none, and the others match the same paths`, {
    timeout: 300_000,
  }, () => {
    const seed = seedOf(`patterns, ${PATTERNS}`);
    const dice = new Dice(seed);
    const paths = randomPaths(dice, 40);
    const sandbox = new Sandbox();
    try {
      const patterns = Array.from({ length: PATTERNS }, () => randomPattern(dice, paths));
      const folders = patterns.map((pattern, index) => {
        const folder = join(sandbox.work, `${index}`);
        mkdirSync(folder);
        writeFileSync(join(folder, '.sops.yaml'), configOf(pattern));
        return folder;
      });
      const files = patterns.map(() => Array.from({ length: 3 }, () => dice.pick(paths)));
      const asked = askSops(folders.map((top, index) => ({ top, files: files[index] ?? [] })));
      const differing = patterns.flatMap((pattern, index) => differs(pattern, asked[index] ?? []));
      expect(differing, `seed ${seed}`).toEqual([]);
    } finally {
      sandbox.dispose();
    }
  });
});

function configOf(pattern: string): string {
  return JSON.stringify({ creation_rules: [{ path_regex: pattern, age: '' }] });
}

/** In what sops and we disagree about a pattern. */
function differs(pattern: string, answers: readonly SopsAnswer[]): string[] {
  const refused = answers.some(({ error }) => error.includes('can not compile regexp'));
  try {
    const rule = parseInventory(configOf(pattern)).rules[0];
    if (refused) return [`${JSON.stringify(pattern)}: only sops refuses it`];
    return answers.flatMap(answer =>
      rule?.matches(answer.file) === (answer.rule === 0)
        ? []
        : [
            `${JSON.stringify(pattern)} and ${JSON.stringify(answer.file)}: sops ${answer.rule === 0 ? 'matches' : 'does not'}`,
          ],
    );
  } catch (error) {
    if (!(error instanceof SecretsError)) throw error;
    return refused ? [] : [`${JSON.stringify(pattern)}: only we refuse it: ${error.message}`];
  }
}

type Templates = ReadonlyMap<string, readonly string[]>;

/** By ending: what stock sops makes of a value, for this and that reader. */
async function encryptedTexts(
  repository: ShapeRepository,
  recipients: readonly string[],
): Promise<Templates> {
  const plain: Record<string, string> = {
    '.yaml': 'a: b\n',
    '.json': '{"a": "b"}\n',
    '.env': 'A=b\n',
    '.ini': '[a]\nb = c\n',
    '.bin': 'bytes\n',
  };
  const [first = '', second = ''] = recipients;
  const found = new Map<string, string[]>();
  for (const [ending, text] of Object.entries(plain)) {
    const texts: string[] = [];
    for (const keys of [first, `${first},${second}`])
      texts.push(await repository.encrypted(`template${ending}`, text, ['--age', keys]));
    found.set(ending, texts);
  }
  return found;
}

/** Writes a random repository; every fifth file or so is not encrypted. */
function lay(dice: Dice, folder: string, recipients: readonly string[], templates: Templates): string[] {
  const paths = randomPaths(dice, FILES).filter(path => !/(^|\/)\./.test(path));
  const write = (path: string, text: string) => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  };
  for (const path of paths) {
    const ending = /\.(yaml|yml|json|env|ini)$/.exec(path)?.[0].replace('.yml', '.yaml') ?? '.bin';
    write(path, dice.chance(80) ? dice.pick(templates.get(ending) ?? ['']) : 'in: clear\n');
  }
  const within = new Set(['']);
  for (const path of paths)
    if (path.includes('/') && dice.chance(15)) within.add(path.slice(0, path.indexOf('/') + 1));
  for (const place of within)
    write(
      `${place}.sops.yaml`,
      randomConfig(dice, recipients, () => likelyPattern(dice, paths)),
    );
  return paths;
}

async function compare(
  sandbox: Sandbox,
  cwd: string,
  asked: readonly SopsAnswer[],
  met: Map<string, number>,
): Promise<void> {
  const { stdout, stderr } = await runHere(sandbox, ['sync', '--check', '--json'], { cwd });
  const { files } = JSON.parse(stdout) as SyncAnswer;
  expect(files, stderr).toBeDefined();
  const said = files.map(({ file, config, rule, state, add, remove }) => {
    met.set(state, (met.get(state) ?? 0) + 1);
    return { file, config, rule, state, add: texts(add), remove: texts(remove) };
  });
  const wanted = asked.flatMap(answer => {
    const state = expectedState(answer, false);
    if (state === null) return [];
    const [has, wants] = [recipientsIn(answer.has), recipientsIn(answer.wanted)];
    const both = answer.has !== null && answer.wanted !== null;
    return [
      {
        file: answer.file,
        config: answer.config,
        rule: answer.rule,
        state,
        add: both ? wants.filter(text => !has.includes(text)) : [],
        remove: both ? has.filter(text => !wants.includes(text)) : [],
      },
    ];
  });
  const order = (a: { file: string }, b: { file: string }) => (a.file < b.file ? -1 : 1);
  expect([...said].sort(order)).toEqual(wanted.sort(order));
  for (const answer of asked.slice(0, 3)) {
    const why = JSON.parse((await runHere(sandbox, ['why', '--json', '--', answer.file], { cwd })).stdout);
    expect({ config: why.config, first: why.first, groups: why.groups, wanted: texts(why.wanted) }).toEqual({
      config: answer.config,
      first: answer.rule,
      groups: groupCount(answer.wanted ?? answer.has),
      wanted: recipientsIn(answer.wanted),
    });
  }
}

function texts(recipients: readonly Named[]): string[] {
  return [...new Set(recipients.map(({ recipient }) => recipient))].sort();
}
