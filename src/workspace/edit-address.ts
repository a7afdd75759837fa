import { isMap, isScalar, type Node, type Pair } from 'yaml';
import { ConfigText } from './config-text.ts';
import type { Inventory } from './model.ts';
import { splice } from './splice.ts';
import { verifiedEdit } from './verify-edit.ts';
import { scalarText } from './yaml-write.ts';

/**
 * The text in which the options of a secret, those of single hosts too, stand under another address. Only the
 * address changes: comments and style of the entries stay.
 *
 * @throws SecretsError `BAD_INVENTORY`
 */
export function moveSecretOptions(inventory: Inventory, from: string, to: string): string {
  if (from === to) return inventory.text;
  const config = new ConfigText(inventory.text, inventory.file);
  const hosts = [...inventory.hosts.values()].filter(host => host.secrets.has(from)).map(host => host.name);
  const maps = [
    config.section('secrets')?.value ?? null,
    ...hosts.map(host => childOf(childOf(config.section('hosts')?.value ?? null, host), 'secrets')),
  ];
  const places = maps.flatMap(map => keyRange(map, from) ?? []).sort((a, b) => b[0] - a[0]);
  const text = places.reduce(
    (edited, [start, end]) => splice(edited, start, end, scalarText(to)),
    inventory.text,
  );
  return verifiedEdit(inventory, text, { secrets: [from, to], hosts });
}

function pairOf(map: Node | null, name: string): Pair<Node, Node | null> | null {
  if (!isMap(map)) return null;
  const pairs = map.items as Pair<Node, Node | null>[];
  return pairs.find(({ key }) => isScalar(key) && String(key.value) === name) ?? null;
}

function childOf(map: Node | null, name: string): Node | null {
  return pairOf(map, name)?.value ?? null;
}

function keyRange(map: Node | null, name: string): [[number, number]] | null {
  const range = pairOf(map, name)?.key.range;
  return range === null || range === undefined ? null : [[range[0], range[1]]];
}
