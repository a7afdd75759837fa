import type { NixValue } from '../workspace/hand-written.ts';
import type { NixNode } from './expression.ts';

/** `lib.modules` of nixpkgs; what has no such function around it has 100. */
const PRIORITIES: ReadonlyMap<string, number> = new Map([
  ['mkDefault', 1000],
  ['mkForce', 50],
]);
/** The priority of a definition that has no such function around it. */
export const PLAIN_PRIORITY = 100;

const WELL_KNOWN: ReadonlySet<string> = new Set([
  'modulesPath',
  'nixpkgs',
  'sops-nix',
  'home-manager',
  'nixos-hardware',
  'disko',
  'impermanence',
  'lanzaboote',
  'nixos-wsl',
  'nixos-generators',
  'microvm',
  'nix-index-database',
  'nix-homebrew',
  'nixvim',
  'nur',
  'stylix',
  'catppuccin',
  'hyprland',
  'niri',
]);

/** True for `lib.mkDefault` and `lib.mkForce`. */
export function isPriority(head: NixNode): boolean {
  return head.kind === 'name' && PRIORITIES.has(head.names.at(-1) ?? '');
}

/** What the module system makes of a definition: of several those with the lowest number count. */
export function priorityOf(node: NixNode): number {
  const name = node.kind === 'call' && node.head.kind === 'name' ? node.head.names.at(-1) : null;
  return PRIORITIES.get(name ?? '') ?? PLAIN_PRIORITY;
}

/** Modules that everybody has and that set nothing of sops; of any other that has only a name, who knows. */
export function saysNothingOfSops(node: NixNode): boolean {
  const named = node.kind === 'call' ? node.head : node;
  if (named.kind !== 'name' && named.kind !== 'joined') return false;
  return named.names.some(name => name !== null && WELL_KNOWN.has(name));
}

/** The parts of `lib.mkMerge [ { … } { … } ]` that no condition stands before. */
export function mergedParts(node: NixNode): readonly NixNode[] {
  if (node.kind !== 'call' || node.head.kind !== 'name' || node.head.names.at(-1) !== 'mkMerge') return [];
  const [list] = node.args;
  return list?.kind === 'list' ? list.items.filter(({ kind }) => kind === 'set') : [];
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
