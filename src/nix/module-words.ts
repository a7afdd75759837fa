import type { NixValue } from '../workspace/hand-written.ts';
import type { NixNode } from './node.ts';

/** `lib.modules` of nixpkgs; what has no such function around it has 100. */
const PRIORITIES: ReadonlyMap<string, number> = new Map([
  ['mkDefault', 1000],
  ['mkForce', 50],
]);
/** The priority of a definition that has no such function around it. */
export const PLAIN_PRIORITY = 100;

/** Inputs and words whose modules everybody has, and which set nothing of sops. */
const WELL_KNOWN: ReadonlySet<string> = new Set([
  'modulesPath',
  'self',
  'nixpkgs',
  'sops-nix',
  'home-manager',
  'darwin',
  'nix-darwin',
  'nixos-hardware',
  'disko',
  'impermanence',
  'lanzaboote',
  'nixos-wsl',
  'nixos-generators',
  'nixos-anywhere',
  'microvm',
  'nix-index-database',
  'nix-homebrew',
  'nixvim',
  'nur',
  'stylix',
  'catppuccin',
  'hyprland',
  'niri',
  'systems',
  'flake-utils',
  'flake-parts',
  'flake-compat',
  'treefmt-nix',
  'git-hooks',
  'pre-commit-hooks',
  'deploy-rs',
  'colmena',
  'rust-overlay',
  'fenix',
]);
/** `nixpkgs-unstable`, `home-manager-2505`: other versions of the same. */
const VERSION = /[-_](?:unstable|stable|master|small|darwin|[\d._-])+$/;
/** A longer name is nobody's. */
const LONGEST_INPUT = 100;
/** Functions of nixpkgs that make a module, of names alone. */
const OPTION_MODULE = /^mk(?:Alias|Renamed|Removed|Changed|MergedOption)\w*Module/;

/** True for `lib.mkDefault` and `lib.mkForce`. */
export function isPriority(head: NixNode): boolean {
  return head.kind === 'name' && PRIORITIES.has(head.names.at(-1) ?? '');
}

/** What the module system makes of a definition: of several those with the lowest number count. */
export function priorityOf(node: NixNode): number {
  const name = node.kind === 'call' && node.head.kind === 'name' ? node.head.names.at(-1) : null;
  return PRIORITIES.get(name ?? '') ?? PLAIN_PRIORITY;
}

/** True for the name of an input whose modules set nothing of sops. */
export function isWellKnown(input: string, sopsNix: ReadonlySet<string>): boolean {
  if (sopsNix.has(input) || WELL_KNOWN.has(input)) return true;
  return input.length <= LONGEST_INPUT && WELL_KNOWN.has(input.replace(VERSION, ''));
}

/** Modules that everybody has and that set nothing of sops; of any other that has only a name, who knows. */
export function saysNothingOfSops(node: NixNode, sopsNix: ReadonlySet<string>): boolean {
  const named = node.kind === 'call' ? node.head : node;
  if (named.kind !== 'name' && named.kind !== 'joined') return false;
  if (OPTION_MODULE.test(named.names.at(-1) ?? '')) return true;
  const input = named.names.find(name => name !== 'inputs') ?? null;
  return input !== null && input !== 'self' && isWellKnown(input, sopsNix);
}

/** The parts of `lib.mkMerge [ { … } { … } ]` that no condition stands before. */
export function mergedParts(node: NixNode): readonly NixNode[] {
  if (node.kind !== 'call' || node.head.kind !== 'name' || node.head.names.at(-1) !== 'mkMerge') return [];
  const [list] = node.args;
  return list?.kind === 'list' ? list.items.filter(({ kind }) => kind === 'set') : [];
}

/**
 * `lib.genAttrs [ "a" "b" ] (name: { … })` as the set that it makes; `null` for anything else.
 *
 * @param found what a name stands for
 */
export function generated(node: NixNode, found: (node: NixNode) => NixNode): NixNode | null {
  if (node.kind !== 'call' || node.head.kind !== 'name' || node.head.names.at(-1) !== 'genAttrs') return null;
  const [names, make] = node.args;
  const list = names === undefined ? undefined : found(names);
  if (list?.kind !== 'list' || make?.kind !== 'function' || node.args.length !== 2) return null;
  const texts = list.items.flatMap(item => (item.kind === 'text' ? [item.text] : []));
  if (texts.length !== list.items.length) return null;
  return {
    kind: 'set',
    bindings: texts.map(name => ({ names: [name], value: make, at: node.at })),
    at: node.at,
  };
}

/** True for a body that says by itself what it holds, so that it can import nothing else. */
export function isReadable(node: NixNode): boolean {
  if (node.kind === 'set') return true;
  return (
    node.kind === 'call' && node.head.kind === 'name' && /^mk(?:Merge|If)$/.test(node.head.names.at(-1) ?? '')
  );
}

/** Endings of what people encrypt. */
const BARE_FILE = /^(?:ya?ml|json|env|ini|bin)$/;

/**
 * What a word stands for that no `let` explains.
 *
 * @param isFree false where its first name is bound
 */
export function wordValue(names: readonly (string | null)[], isFree: boolean): NixValue {
  const [word, ending, ...more] = names;
  if (ending === undefined && (word === 'true' || word === 'false')) return { kind: 'bool', text: word };
  if (ending === undefined && word === 'null') return { kind: 'null', text: word };
  const isBare = isFree && more.length === 0 && BARE_FILE.test(ending ?? '');
  return isBare ? { kind: 'bare', text: names.join('.') } : { kind: 'unknown' };
}
