import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';

/** A source file and what it takes from elsewhere. */
export interface SourceFile {
  /** Relative to the project, with `/`. */
  readonly path: string;
  readonly text: string;
  /** The text with comments and the insides of strings blanked out, line for line. */
  readonly code: string;
  readonly imports: readonly Import[];
}

interface Import {
  /** As written: `node:fs`, `yaml`, `../errors.ts`. */
  readonly from: string;
  /** The project path of a relative import, else `null`. */
  readonly path: string | null;
  /** Gone when the types are. */
  readonly typeOnly: boolean;
  /** `import()`: loaded when it is needed. */
  readonly lazy: boolean;
}

/** All TypeScript files below a folder, sorted by path. */
export function readSources(root: string, folder: string): SourceFile[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter(name => name.endsWith('.ts'))
    .map(name => `${folder}/${name.replaceAll('\\', '/')}`)
    .sort()
    .map(path => parseSource(path, readFileSync(join(root, path), 'utf8')));
}

export function parseSource(path: string, text: string): SourceFile {
  const { code, strings } = blank(text);
  return { path, text, code, imports: findImports(path, code, strings) };
}

/** What a slash behind it begins: a pattern, where no value stands to its left. */
const BEFORE_PATTERN = /(^|[=(,:[!&|?{};>+\-*%<~^]|\b(return|typeof|case|of|in|await))\s*$/;
const PATTERN = /\/(?:[^\\/[\n]|\\.|\[(?:[^\]\\\n]|\\.)*\])+\/[a-z]*/y;
const PLAIN = /\/\/[^\n]*|\/\*[\s\S]*?\*\/|'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"/y;

/** Blanks out what is no code, keeping every offset; `strings` has the text of each string by its offset. */
function blank(text: string): { code: string; strings: ReadonlyMap<number, string> } {
  const strings = new Map<number, string>();
  /** For each template that is open, the depth of braces inside of its interpolation. */
  const templates: number[] = [];
  let code = '';
  let inTemplate = false;
  while (code.length < text.length) {
    const at = code.length;
    const char = text.charAt(at);
    if (inTemplate) {
      const step = templateStep(text, at);
      code += step.opens ? '  ' : step.blank;
      inTemplate = !step.opens && !step.closes;
      if (step.opens) templates.push(0);
      continue;
    }
    const token = tokenAt(text, at, code);
    if (token !== null) {
      const quoted = char === "'" || char === '"';
      if (quoted) strings.set(at, token.slice(1, -1));
      code += quoted ? `'${' '.repeat(token.length - 2)}'` : token.replace(/[^\n]/g, ' ');
      continue;
    }
    const depth = templates.at(-1);
    if (char === '`') inTemplate = true;
    else if (depth !== undefined && char === '{') templates[templates.length - 1] = depth + 1;
    else if (depth !== undefined && char === '}') {
      if (depth > 0) templates[templates.length - 1] = depth - 1;
      else {
        templates.pop();
        inTemplate = true;
      }
    }
    code += char === '`' || (inTemplate && char === '}') ? ' ' : char;
  }
  return { code, strings };
}

function templateStep(text: string, at: number): { blank: string; opens: boolean; closes: boolean } {
  const char = text.charAt(at);
  if (char === '\\')
    return { blank: text.slice(at, at + 2).replace(/[^\n]/g, ' '), opens: false, closes: false };
  const opens = text.startsWith('${', at);
  return { blank: char === '\n' ? char : ' ', opens, closes: char === '`' };
}

/** The comment, string or pattern that begins here, `null` where code goes on. */
function tokenAt(text: string, at: number, before: string): string | null {
  PLAIN.lastIndex = at;
  const plain = PLAIN.exec(text)?.[0];
  if (plain !== undefined) return plain;
  if (text.charAt(at) !== '/' || !BEFORE_PATTERN.test(before.slice(-40))) return null;
  PATTERN.lastIndex = at;
  return PATTERN.exec(text)?.[0] ?? null;
}

const IMPORT = /\b(import|export)\b\s*(type\b)?([^;'"()]*?\bfrom\s*)?'|\bimport\s*\(\s*'/g;

function findImports(path: string, code: string, strings: ReadonlyMap<number, string>): Import[] {
  const imports: Import[] = [];
  for (const match of code.matchAll(IMPORT)) {
    const [whole, keyword, type, clause] = match;
    if (keyword === 'export' && clause === undefined) continue;
    const from = strings.get(match.index + whole.length - 1);
    if (from === undefined) continue;
    const relative = from.startsWith('.') ? posix.join(dirname(path), from) : null;
    const typeOnly = type !== undefined || onlyTypes(clause ?? '');
    imports.push({ from, path: relative, typeOnly, lazy: keyword === undefined });
  }
  return imports;
}

/** `{ type A, type B }` imports no value. */
function onlyTypes(clause: string): boolean {
  const names = /^\s*\{([^}]*)\}\s*from\s*$/.exec(clause)?.[1];
  if (names === undefined) return false;
  const listed = names
    .split(',')
    .map(name => name.trim())
    .filter(name => name !== '');
  return listed.length > 0 && listed.every(name => name.startsWith('type '));
}

/** The rings of files that import each other at load time, each as the path that leads around; types aside. */
export function findCycles(files: readonly SourceFile[]): string[][] {
  const graph = new Map<string, string[]>();
  for (const file of files) {
    const targets = file.imports.filter(found => !found.typeOnly && !found.lazy && found.path !== null);
    graph.set(
      file.path,
      targets.map(found => found.path ?? ''),
    );
  }
  const cycles: string[][] = [];
  const done = new Set<string>();
  const visit = (path: string, way: readonly string[]): void => {
    const at = way.indexOf(path);
    if (at >= 0) cycles.push([...way.slice(at), path]);
    if (at >= 0 || done.has(path)) return;
    for (const target of graph.get(path) ?? []) visit(target, [...way, path]);
    done.add(path);
  };
  for (const path of graph.keys()) visit(path, []);
  return cycles;
}

/** Exported functions and classes without a doc comment, as `file:line name`. */
export function undocumented(file: SourceFile): string[] {
  const found: string[] = [];
  const lines = file.text.split('\n');
  const code = file.code.split('\n');
  code.forEach((line, index) => {
    const name = /^export (?:async )?(?:function\*?|class|abstract class) (\w+)/.exec(line)?.[1];
    if (name === undefined) return;
    // Overloads share the comment of the first.
    const above = lines[index - 1] ?? '';
    const overload = /^export (?:async )?function/.test(above) && above.includes(`function ${name}`);
    if (!overload && !above.trimEnd().endsWith('*/')) found.push(`${file.path}:${index + 1} ${name}`);
  });
  return found;
}
