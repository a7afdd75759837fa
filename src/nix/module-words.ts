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
