import { isEmitted } from './module.ts';

/** An emitted module, taken apart by its lines. */
interface Parts {
  readonly header: string;
  /** By what the assertion says; the lines as they stand. */
  readonly assertions: ReadonlyMap<string, string>;
  /** By name, as the attribute is written; the lines as they stand. */
  readonly secrets: ReadonlyMap<string, string>;
}

/** A merge of two emitted modules. */
export interface MergedModule {
  readonly text: string;
  /** Names that both changed in different ways; ours was taken until the module is emitted again. */
  readonly doubtful: readonly string[];
}

/**
 * Merges two versions of an emitted module, one declaration after the other, as it would be emitted if the secrets of
 * both sides were there. Whoever emits it again from the merged tree has the last word.
 *
 * @param base empty where both sides added the file
 * @returns `null` where one of them is not as this program emits it
 */
export function mergeModules(base: string, ours: string, theirs: string): MergedModule | null {
  const [was, mine, other] = [base === '' ? EMPTY : parse(base), parse(ours), parse(theirs)];
  if (was === null || mine === null || other === null) return null;
  const doubtful: string[] = [];
  const secrets = mergeMaps(was.secrets, mine.secrets, other.secrets, doubtful);
  const assertions = mergeMaps(was.assertions, mine.assertions, other.assertions, doubtful);
  return { text: print(mine.header, assertions, secrets), doubtful };
}

const EMPTY: Parts = { header: '', assertions: new Map(), secrets: new Map() };

const ASSERTIONS = /^ {2}assertions = \[\n((?: {4}.*\n)*) {2}\];\n/;
const SECRETS = /^ {2}sops\.secrets = \{\n((?: {4}.*\n)*) {2}\};\n/;
const ASSERTION = /^ {4}\{\n((?: {6}.*\n)*) {4}\}\n/;
const SECRET = /^ {4}("(?:[^"\\\n]|\\.)*"|[a-zA-Z_][a-zA-Z0-9_'-]*) = \{\n(?: {6}.*\n)* {4}\};\n/;

function parse(text: string): Parts | null {
  if (!isEmitted(text) || text.includes('\r')) return null;
  const newline = text.indexOf('\n') + 1;
  const header = text.slice(0, newline);
  const body = text.slice(newline);
  if (body === '_: { }\n') return { ...EMPTY, header };
  if (!body.startsWith('_: {\n') || !body.endsWith('}\n')) return null;
  let rest = body.slice('_: {\n'.length, -'}\n'.length);
  const asserted = ASSERTIONS.exec(rest);
  if (asserted !== null) rest = rest.slice(asserted[0].length);
  const declared = SECRETS.exec(rest);
  if (declared !== null) rest = rest.slice(declared[0].length);
  const assertions = blocks(asserted?.[1] ?? '', ASSERTION);
  const secrets = blocks(declared?.[1] ?? '', SECRET);
  return rest !== '' || assertions === null || secrets === null ? null : { header, assertions, secrets };
}

/** Blocks of lines that follow each other, by what the pattern catches. */
function blocks(text: string, pattern: RegExp): Map<string, string> | null {
  const found = new Map<string, string>();
  let rest = text;
  while (rest !== '') {
    const match = pattern.exec(rest);
    if (match === null || found.has(match[1] ?? '')) return null;
    found.set(match[1] ?? '', match[0]);
    rest = rest.slice(match[0].length);
  }
  return found;
}

function mergeMaps(
  base: ReadonlyMap<string, string>,
  ours: ReadonlyMap<string, string>,
  theirs: ReadonlyMap<string, string>,
  doubtful: string[],
): Map<string, string> {
  const merged = new Map<string, string>();
  for (const name of new Set([...ours.keys(), ...theirs.keys()])) {
    const [was, mine, other] = [base.get(name), ours.get(name), theirs.get(name)];
    if (mine !== other && mine !== was && other !== was) doubtful.push(name);
    const text = mine === was ? other : (mine ?? (other === was ? undefined : other));
    if (text !== undefined) merged.set(name, text);
  }
  return merged;
}

function print(
  header: string,
  assertions: ReadonlyMap<string, string>,
  secrets: ReadonlyMap<string, string>,
): string {
  const parts: string[] = [];
  if (assertions.size > 0) parts.push(`  assertions = [\n${sorted(assertions, messageOf)}  ];\n`);
  if (secrets.size > 0) parts.push(`  sops.secrets = {\n${sorted(secrets, unquoted)}  };\n`);
  return `${header}_: ${parts.length === 0 ? '{ }' : `{\n${parts.join('')}}`}\n`;
}

/** In the order in which they are emitted: that of the bytes of the names. */
function sorted(blocksByName: ReadonlyMap<string, string>, nameOf: (name: string) => string): string {
  return [...blocksByName]
    .map(([name, text]) => ({ name: Buffer.from(nameOf(name)), text }))
    .sort((a, b) => Buffer.compare(a.name, b.name))
    .map(({ text }) => text)
    .join('');
}

function unquoted(name: string): string {
  return name.startsWith('"') ? name.slice(1, -1).replace(/\\(.)/g, '$1') : name;
}

/** The message begins with the name of the secret. */
function messageOf(text: string): string {
  return /the secret (\S+) has no value yet/.exec(text)?.[1] ?? text;
}
