import { lstatSync } from 'node:fs';
import { changes, snapshot } from './folder-state.ts';
import { expand } from './script-line.ts';
import type { ScriptState } from './script-state.ts';

/**
 * A word of a script that asserts something. Returns `null` where it holds, else what is wrong. With `!` in
 * front it must be wrong.
 */
export type Check = (state: ScriptState, args: readonly string[]) => string | null;

export const CHECKS: Readonly<Record<string, Check>> = {
  stdout: (state, args) => matches(state.output().stdout, args, 'stdout'),
  stderr: (state, args) => matches(state.output().stderr, args, 'stderr'),
  after(state, args) {
    if (state.after === null) throw new Error('no pty ran yet');
    return matches(state.after, args, 'what the shell would read');
  },
  grep(state, args) {
    const name = args.at(-1) ?? '';
    return matches(state.bytesOf(name), args.slice(0, -1), name);
  },
  status(state, [wanted = '']) {
    const { status, signal } = state.output();
    return String(status) === wanted ? null : `the exit status is ${status ?? signal}, not ${wanted}`;
  },
  cmp: (state, [a = '', b = '']) => same(state.bytesOf(a), state.bytesOf(b), a, b),
  cmpenv(state, [a = '', b = '']) {
    const wanted = expand(state.bytesOf(b).toString('utf8'), state.env);
    return same(state.bytesOf(a), Buffer.from(wanted), a, b);
  },
  json(state, [path = '', wanted = '']) {
    const found = valueAt(JSON.parse(state.output().stdout.toString('utf8')), path);
    const text = typeof found === 'string' ? found : JSON.stringify(found);
    return text === wanted || JSON.stringify(found) === wanted ? null : `${path} is ${text}, not ${wanted}`;
  },
  exists: (state, args) =>
    firstWrong(args, name => (entry(state, name) === null ? `${name} does not exist` : null)),
  mode: (state, [wanted = '', ...names]) =>
    firstWrong(names, name => {
      const mode = ((entry(state, name)?.mode ?? 0) & 0o7777).toString(8).padStart(3, '0');
      return mode === wanted ? null : `the mode of ${name} is ${mode}, not ${wanted}`;
    }),
  unchanged(state, args) {
    const now = snapshot(state.sandbox.work);
    const all =
      args.length === 0 ? changes(state.baseline, now, '').filter(path => !/^\.git(\/|$)/.test(path)) : [];
    const changed = [...all, ...args.flatMap(name => changes(state.baseline, now, state.inWork(name)))];
    for (const name of args) {
      if (!state.baseline.has(state.inWork(name)) && !now.has(state.inWork(name))) {
        throw new Error(`${name} neither was there nor is`);
      }
    }
    return changed.length === 0 ? null : `changed: ${changed.join(', ')}`;
  },
};

/** Assertions that say nothing with a `!` in front. */
export const NOT_NEGATABLE: ReadonlySet<string> = new Set(['status', 'mode', 'json']);

function matches(bytes: Buffer, args: readonly string[], what: string): string | null {
  const count = /^-count=(\d+)$/.exec(args[0] ?? '')?.[1];
  const patterns = count === undefined ? args : args.slice(1);
  const [pattern] = patterns;
  if (pattern === undefined || patterns.length !== 1)
    throw new Error(`one pattern is needed, not ${patterns.length}`);
  const found = [...bytes.toString('utf8').matchAll(new RegExp(pattern, 'gm'))].length;
  if (count !== undefined) {
    return found === Number(count) ? null : `${what} matches /${pattern}/ ${found} times, not ${count} times`;
  }
  return found > 0 ? null : `${what} does not match /${pattern}/`;
}

function same(a: Buffer, b: Buffer, nameOfA: string, nameOfB: string): string | null {
  if (a.equals(b)) return null;
  const linesOfA = a.toString('utf8').split('\n');
  const linesOfB = b.toString('utf8').split('\n');
  const line = linesOfA.findIndex((text, index) => text !== linesOfB[index]);
  const index = line < 0 ? linesOfA.length : line;
  const shown = (lines: readonly string[]) =>
    index < lines.length ? JSON.stringify(lines[index]) : 'its end';
  return `${nameOfA} and ${nameOfB} differ at line ${index + 1}: ${shown(linesOfA)} and ${shown(linesOfB)}`;
}

/** `secrets.0.name`; `length` of a list; undefined where there is no such thing. */
function valueAt(value: unknown, path: string): unknown {
  let at = value;
  for (const key of path === '.' ? [] : path.split('.')) {
    if (typeof at !== 'object' || at === null) return undefined;
    at = Array.isArray(at) && key === 'length' ? at.length : Object.getOwnPropertyDescriptor(at, key)?.value;
  }
  return at;
}

function entry(state: ScriptState, name: string) {
  return lstatSync(state.path(name), { throwIfNoEntry: false }) ?? null;
}

function firstWrong(names: readonly string[], check: (name: string) => string | null): string | null {
  if (names.length === 0) throw new Error('a file is needed');
  for (const name of names) {
    const wrong = check(name);
    if (wrong !== null) return wrong;
  }
  return null;
}
