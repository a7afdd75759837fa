import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { projectRoot } from './helpers/sandbox.ts';
import { findCycles, parseSource, readSources, type SourceFile, undocumented } from './helpers/sources.ts';

const sources = readSources(projectRoot, 'src');

/** What a module may import besides itself and the leaves. Nothing points upwards. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  leaves: [],
  age: [],
  sops: [],
  workspace: ['age', 'sops'],
  scan: ['age', 'sops'],
  nix: ['workspace'],
  keys: ['age'],
  ops: ['workspace', 'sops', 'age', 'keys'],
  git: ['ops', 'scan', 'sops'],
  cli: ['git', 'ops', 'scan', 'nix', 'keys', 'workspace', 'sops', 'age'],
};

/** A type is no dependency at run time: these may also see the vocabulary of modules below. */
const MAY_IMPORT_TYPES: Readonly<Record<string, readonly string[]>> = { nix: ['sops'] };

const PACKAGES: Readonly<Record<string, readonly string[]>> = {
  leaves: [],
  age: ['age-encryption', '@noble/ciphers'],
  sops: ['yaml', 're2js', '@noble/ciphers'],
  workspace: ['yaml', 're2js', 'zod'],
  scan: ['yaml', 're2js'],
  nix: [],
  keys: ['@napi-rs/keyring', 'keytar'],
  ops: [],
  git: [],
  cli: ['commander', 'zod'],
};

/** Node's own modules that compute and touch nothing. */
const COMPUTING = ['node:crypto', 'node:buffer', 'node:util', 'node:path/posix', 'node:path'];

const BUILTINS: Readonly<Record<string, readonly string[]>> = {
  leaves: ['node:util'],
  age: [...COMPUTING],
  sops: [...COMPUTING],
  workspace: ['node:path/posix', 'node:path'],
  scan: ['node:buffer'],
  nix: ['node:path/posix', 'node:path'],
  keys: ['*'],
  ops: [...COMPUTING, 'node:fs', 'node:fs/promises', 'node:timers/promises', 'node:async_hooks', 'node:os'],
  git: ['*'],
  cli: ['*'],
};

/** Modules whose every answer follows from their arguments. */
const PURE = ['leaves', 'sops', 'workspace', 'scan', 'nix'];
const IMPURE =
  /\b(process\s*[.[]|globalThis\b|Date\.now\b|new Date\(\)|performance\.now|Math\.random|randomBytes\b|randomUUID\b|getRandomValues\b|setTimeout\b|setInterval\b|fetch\()/;

/** What a single file may do against the rules of its module, with the reason. */
const EXCEPTIONS: ReadonlyMap<string, readonly RegExp[]> = new Map([
  // Whether the holder of a lock still runs is a question to the system, on a Mac to `ps`.
  ['src/ops/transaction/owner.ts', [/node:child_process$/, /the process is cli's$/]],
]);

/** `src/sops/value.ts` is of `sops`; a file right in `src` is a leaf. */
function moduleOf(path: string): string {
  return path.split('/').length === 2 ? 'leaves' : (path.split('/')[1] ?? '');
}

/** `src/ops/drift/sync.ts` lies in the room `src/ops/drift`; what lies in no room stands for itself. */
function roomOf(path: string): string | null {
  const parts = path.split('/');
  return parts.length > 3 ? parts.slice(0, 3).join('/') : null;
}

/** Rings between the rooms of one module; a type from another room is a dependency like any other. */
function ringsOfRooms(files: readonly SourceFile[]): string[] {
  const edges = new Map<string, Set<string>>();
  for (const file of files) {
    const from = roomOf(file.path);
    if (from === null) continue;
    const to = file.imports.map(({ path }) => (path === null ? null : roomOf(path)));
    const others = to.filter(
      room => room !== null && room !== from && moduleOf(`${room}/x`) === moduleOf(file.path),
    );
    edges.set(from, new Set([...(edges.get(from) ?? []), ...others.filter(room => room !== null)]));
  }
  const reach = (from: string, seen: Set<string>): Set<string> => {
    for (const next of edges.get(from) ?? []) if (!seen.has(next)) reach(next, seen.add(next));
    return seen;
  };
  return [...edges.keys()].filter(room => reach(room, new Set()).has(room));
}

/** What a file does that its module must not, one line for each. */
function violations(file: SourceFile): string[] {
  const module = moduleOf(file.path);
  if (!Object.hasOwn(MAY_IMPORT, module)) return [`${file.path}: no module is called ${module}`];
  const excepted = EXCEPTIONS.get(file.path) ?? [];
  const found = [...importViolations(file, module), ...codeViolations(file, module)];
  return found.filter(violation => !excepted.some(pattern => pattern.test(violation)));
}

function importViolations(file: SourceFile, module: string): string[] {
  const found: string[] = [];
  for (const { from, path, typeOnly } of file.imports) {
    const say = (what: string) => found.push(`${file.path}: ${module} imports ${what}`);
    if (path !== null) {
      const target = moduleOf(path);
      const allowed = [
        'leaves',
        module,
        ...(MAY_IMPORT[module] ?? []),
        ...(typeOnly ? (MAY_IMPORT_TYPES[module] ?? []) : []),
      ];
      if (!path.startsWith('src/') || !allowed.includes(target)) say(path);
      else if (!path.endsWith('.ts')) say(`${from} without .ts`);
    } else if (from.startsWith('node:')) {
      const allowed = BUILTINS[module] ?? [];
      if (!typeOnly && !allowed.includes('*') && !allowed.includes(from)) say(from);
    } else {
      const name = from
        .split('/')
        .slice(0, from.startsWith('@') ? 2 : 1)
        .join('/');
      if (!(PACKAGES[module] ?? []).includes(name)) say(from);
    }
  }
  return found;
}

function codeViolations(file: SourceFile, module: string): string[] {
  const found: string[] = [];
  const { code } = file;
  const impure = PURE.includes(module) ? IMPURE.exec(code)?.[1] : undefined;
  if (impure !== undefined) found.push(`${file.path}: ${module} uses ${impure}`);
  if (module !== 'cli' && /\bconsole\b/.test(code)) found.push(`${file.path}: console outside of cli`);
  if (module === 'cli' && /\bconsole\b/.test(code))
    found.push(`${file.path}: console instead of the injected streams`);
  if (
    !['cli', 'keys'].includes(module) &&
    /\bprocess\s*\.\s*(env|exit|stdout|stderr|stdin|argv|cwd)\b/.test(code)
  ) {
    found.push(`${file.path}: the process is cli's`);
  }
  if (file.path !== 'src/cli/start.ts' && /\bprocess\s*\.\s*exit(Code)?\b/.test(code)) {
    found.push(`${file.path}: only start.ts ends the process`);
  }
  if (/\bchild_process\b/.test(file.imports.map(({ from }) => from).join(' ')) && module === 'git') {
    if (!/^src\/git\/(git|run|spawn)\.ts$/.test(file.path)) found.push(`${file.path}: git has one spawner`);
  }
  if (/\bexport default\b/.test(code)) found.push(`${file.path}: a default export`);
  return found;
}

describe('the sources', () => {
  it('are there, in every module of the design that is built', () => {
    expect(sources.length).toBeGreaterThan(20);
    for (const module of ['age', 'sops', 'workspace', 'nix', 'keys', 'ops', 'git', 'cli']) {
      expect(sources.filter(file => moduleOf(file.path) === module).length, module).toBeGreaterThan(0);
    }
  });

  it('import downwards, and only what their module may', () => {
    expect(sources.flatMap(violations)).toEqual([]);
  });

  it('need every exception that is made for them', () => {
    const paths = new Set(sources.map(file => file.path));
    expect([...EXCEPTIONS.keys()].filter(path => !paths.has(path))).toEqual([]);
  });

  it('import files that exist', () => {
    const missing = sources.flatMap(file =>
      file.imports.flatMap(({ path }) =>
        path === null || existsSync(join(projectRoot, path)) ? [] : [`${file.path} -> ${path}`],
      ),
    );
    expect(missing).toEqual([]);
  });

  it('have no ring of imports', () => {
    expect(findCycles(sources).map(cycle => cycle.join(' -> '))).toEqual([]);
  });

  it('have no ring of rooms: the folders inside a module import each other in one direction too', () => {
    expect(ringsOfRooms(sources)).toEqual([]);
  });

  it('are files of at most 300 lines, most of them much smaller', () => {
    const lines = new Map(sources.map(file => [file.path, file.text.split('\n').length - 1]));
    expect([...lines].filter(([, count]) => count > 300)).toEqual([]);
    const sorted = [...lines.values()].sort((a, b) => a - b);
    expect(sorted[Math.floor(sorted.length / 2)]).toBeLessThan(120);
  });

  it('say the contract of every exported function and class', () => {
    expect(sources.flatMap(undocumented)).toEqual([]);
  });

  it('have a main.ts that does nothing but start', () => {
    const main = sources.find(file => file.path === 'src/cli/main.ts');
    expect(main?.text.split('\n').length).toBeLessThan(21);
  });
});

describe('the rules themselves', () => {
  it('see a ring of rooms', () => {
    const a = parseSource('src/ops/a/x.ts', "import type { Y } from '../b/y.ts';");
    const b = parseSource('src/ops/b/z.ts', "import { X } from '../a/x.ts';");
    expect(ringsOfRooms([a, b])).toEqual(['src/ops/a', 'src/ops/b']);
    expect(ringsOfRooms([a])).toEqual([]);
  });

  it.each([
    ['src/sops/a.ts', "import { b } from '../age/b.ts';"],
    ['src/age/a.ts', "import { b } from '../sops/b.ts';"],
    ['src/sops/a.ts', "import type { B } from '../workspace/b.ts';"],
    ['src/workspace/a.ts', "import { b } from '../ops/b.ts';"],
    ['src/keys/a.ts', "import { b } from '../sops/b.ts';"],
    ['src/nix/a.ts', "import { b } from '../sops/b.ts';"],
    ['src/errors.ts', "import { b } from './sops/b.ts';"],
    ['src/ops/a.ts', "import { b } from '../git/b.ts';"],
    ['src/git/a.ts', "import { b } from '../cli/b.ts';"],
    ['src/git/a.ts', "const b = () => import('../cli/b.ts');"],
    ['src/other/a.ts', 'export const b = 1;'],
    ['src/cli/a.ts', "import { b } from '../../test/b.ts';"],
    ['src/ops/a.ts', "import { b } from './b';"],
    ['src/sops/a.ts', "import { readFileSync } from 'node:fs';"],
    ['src/workspace/a.ts', "import { spawn } from 'node:child_process';"],
    ['src/age/a.ts', "import { readFileSync } from 'node:fs';"],
    ['src/ops/a.ts', "import { spawn } from 'node:child_process';"],
    ['src/git/stage.ts', "import { spawn } from 'node:child_process';"],
    ['src/nix/a.ts', "import { parse } from 'yaml';"],
    ['src/sops/a.ts', 'const now = Date.now();'],
    ['src/sops/a.ts', 'const now = new Date();'],
    ['src/nix/a.ts', 'const a = globalThis.process;'],
    ['src/scan/a.ts', 'const die = Math.random();'],
    ['src/ops/a.ts', 'const home = process.env.HOME;'],
    ['src/ops/a.ts', 'console.log(1);'],
    ['src/cli/a.ts', 'console.log(1);'],
    ['src/cli/a.ts', 'process.exit(1);'],
    ['src/cli/a.ts', 'export default 1;'],
  ])('%s: %s', (path, text) => {
    expect(violations(parseSource(path, text))).toHaveLength(1);
  });

  it.each([
    ['src/workspace/a.ts', "import { b } from '../age/b.ts';\nimport { c } from '../errors.ts';"],
    ['src/nix/a.ts', "import type { FormatName } from '../sops/formats/format.ts';"],
    ['src/ops/a.ts', "import { open } from 'node:fs/promises';"],
    ['src/sops/a.ts', '// Date.now() and process.env are not for us\nconst a = "console.log";'],
    ['src/cli/start.ts', 'process.exitCode = 1;'],
    ['src/sops/a.ts', 'const day = new Date(0);'],
  ])('allow %s: %s', (path, text) => {
    expect(violations(parseSource(path, text))).toEqual([]);
  });
});
