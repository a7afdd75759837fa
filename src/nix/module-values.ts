import type { NixValue } from '../workspace/hand-written.ts';
import type { Lines } from './lines.ts';
import { isPriority, wordValue } from './module-words.ts';
import type { NixBinding, NixNode } from './node.ts';
import { folderOf, resolvePath } from './path.ts';

/** The file that is read. */
export interface ModuleSource {
  readonly path: string;
  readonly lines: Lines;
  /** The folder of the flake, which is what `self` means; `null` where there is no flake. */
  readonly flakeFolder: string | null;
  /** What the flake calls sops-nix. */
  readonly sopsNix: ReadonlySet<string>;
}

/** Names that `let` and the arguments of functions bind around a value. */
export interface Env {
  readonly bindings: ReadonlyMap<string, NixNode>;
  readonly outer: Env | null;
}

/** A name leads to a name at most so often. */
const MAX_LOOKUPS = 4;

/** The environment inside `let`. What the names of several bindings share is not read. */
export function insideLet(bindings: readonly NixBinding[], outer: Env | null): Env {
  const byName = new Map<string, NixNode>();
  for (const { names, value } of bindings) {
    const [name = null, ...more] = names;
    if (name !== null && more.length === 0 && !byName.has(name)) byName.set(name, value);
  }
  return { bindings: byName, outer };
}

/** The environment inside a function: what its arguments are, nobody knows. */
export function insideFunction(names: readonly string[], at: number, outer: Env | null): Env {
  return { bindings: new Map(names.map(name => [name, { kind: 'unknown', at }])), outer };
}

/** What a name of `let` stands for, and what a priority is given to. */
export function lookUp(node: NixNode, env: Env | null): NixNode {
  let found = node;
  for (let tries = 0; tries < MAX_LOOKUPS; tries++) {
    const { kind } = found;
    if (kind === 'name' && found.names.length === 1) {
      const value = bound(env, found.names[0] ?? null);
      if (value === null) return found;
      found = value;
    } else if (kind === 'call' && found.args.length === 1 && isPriority(found.head))
      found = found.args[0] ?? found;
    else return found;
  }
  return { kind: 'unknown', at: node.at };
}

/** What an option is set to, as far as the text says it. */
export function readValue(node: NixNode, env: Env | null, source: ModuleSource): NixValue {
  const found = lookUp(node, env);
  switch (found.kind) {
    case 'text':
    case 'number':
      return { kind: found.kind, text: found.text };
    case 'path':
      return { kind: 'path', text: found.text, file: resolvePath(folderOf(source.path), found.text) };
    case 'joined':
      return inFlake(found.names, found.text, source);
    case 'list':
      return { kind: 'list', items: found.items.map(item => readValue(item, env, source)) };
    case 'set':
      return { kind: 'set', text: '{ … }' };
    case 'name':
      return wordValue(found.names, bound(env, found.names[0] ?? null) === null);
    default:
      return { kind: 'unknown' };
  }
}

/** The file of `./x` and `import ./x`; `null` where it is none, or leaves the workspace. */
export function fileOf(node: NixNode, env: Env | null, source: ModuleSource): string | null {
  const isImport = node.kind === 'call' && node.head.kind === 'name' && node.head.names.at(-1) === 'import';
  const value = readValue(isImport ? (node.args[0] ?? node) : node, env, source);
  return value.kind === 'path' ? value.file : null;
}

/** `self + "/x"`, `"${inputs.self}/x"` */
function inFlake(names: readonly (string | null)[], text: string, { flakeFolder }: ModuleSource): NixValue {
  const isSelf = names.at(-1) === 'self' && (names.length === 1 || names.join('.') === 'inputs.self');
  if (!isSelf || flakeFolder === null || !text.startsWith('/')) return { kind: 'unknown' };
  return { kind: 'path', text, file: resolvePath(flakeFolder, text.slice(1)) };
}

function bound(env: Env | null, name: string | null): NixNode | null {
  for (let at = env; at !== null; at = at.outer) {
    const found = name === null ? undefined : at.bindings.get(name);
    if (found !== undefined) return found;
  }
  return null;
}
