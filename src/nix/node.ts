/** `a.b = value;` of a set or a `let`. A name that is computed is `null`. */
export interface NixBinding {
  readonly names: readonly (string | null)[];
  readonly value: NixNode;
  readonly at: number;
}

/**
 * Nix text as far as it can be read without evaluating it. Whatever goes beyond that (operators, conditions, `with`
 * around a value that needs it) is `unknown`.
 */
export type NixNode = (
  | { readonly kind: 'set'; readonly bindings: readonly NixBinding[] }
  | { readonly kind: 'list'; readonly items: readonly NixNode[] }
  | { readonly kind: 'text'; readonly text: string }
  /** A path literal, as it is written; also `"${./x}"`. */
  | { readonly kind: 'path'; readonly text: string }
  /** `"${name}…"` and `name + "…"`: a name, and the text behind it. */
  | { readonly kind: 'joined'; readonly names: readonly (string | null)[]; readonly text: string }
  | { readonly kind: 'number'; readonly text: string }
  /** A word, or a selection: `true`, `inputs.nixpkgs.lib`. */
  | { readonly kind: 'name'; readonly names: readonly (string | null)[] }
  | { readonly kind: 'call'; readonly head: NixNode; readonly args: readonly NixNode[] }
  /** `names`: what it calls its arguments. */
  | { readonly kind: 'function'; readonly names: readonly string[]; readonly body: NixNode }
  | { readonly kind: 'let'; readonly bindings: readonly NixBinding[]; readonly body: NixNode }
  /** Something that Nix itself refuses: what stands where a name has to stand. */
  | { readonly kind: 'bad-name'; readonly text: string }
  | { readonly kind: 'unknown' }
) & { readonly at: number };

/** `left + right` where that is a path, a text, or a name with a text behind it. */
export function joined(left: NixNode, right: NixNode, at: number): NixNode {
  const text = right.kind === 'text' ? right.text : null;
  if (text === null) return { kind: 'unknown', at };
  if (left.kind === 'text' || left.kind === 'path') return { kind: left.kind, text: left.text + text, at };
  if (left.kind === 'name') return { kind: 'joined', names: left.names, text, at };
  if (left.kind === 'joined') return { ...left, text: left.text + text, at };
  return { kind: 'unknown', at };
}
