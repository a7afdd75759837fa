import { SecretsError } from '../errors.ts';
import { ConfigText } from './config-text.ts';
import { literalStart } from './literal-start.ts';
import { mergeTilings } from './merge-tiles.ts';
import type { Inventory, Rule } from './model.ts';
import { parseInventory } from './parse.ts';
import { canonicalRecipient } from './parse-keys.ts';
import { audienceOf, ruleFor } from './rules.ts';
import { shown } from './shown.ts';
import { lineEndOf } from './splice.ts';
import { tilesOfFile } from './tiles.ts';

/** Three versions of a `.sops.yaml`; an empty `base` is none. */
export interface ConfigVersions {
  readonly base: string;
  readonly ours: string;
  readonly theirs: string;
}

/** What a merge of two configs came to. */
export type MergedConfig =
  | { readonly kind: 'merged'; readonly text: string; readonly inventory: Inventory }
  /** What both changed in different ways, for people. */
  | { readonly kind: 'conflict'; readonly reasons: readonly string[] };

/** Paths that each side has, relative to the folder of the config. */
export interface ConfigPaths {
  readonly ours: readonly string[];
  readonly theirs: readonly string[];
}

/**
 * Merges two versions of `.sops.yaml` by what stands in it: two keys, hosts, options, rules or readers that were
 * added at the same place are no conflict. The result is read again: it must say what both sides say, and every file
 * must be governed by the rule that its side gave it.
 *
 * @param file how the config is called in reasons
 */
export function mergeConfigs(versions: ConfigVersions, paths: ConfigPaths, file: string): MergedConfig {
  if (versions.ours === versions.theirs || versions.theirs === versions.base)
    return read(versions.ours, file);
  if (versions.ours === versions.base) return read(versions.theirs, file);
  let read3: Inventories;
  try {
    read3 = {
      base: versions.base.trim() === '' ? null : parseInventory(versions.base, file),
      ours: parseInventory(versions.ours, file),
      theirs: parseInventory(versions.theirs, file),
    };
  } catch (error) {
    return refused(error);
  }
  const merged = mergedText(versions, file);
  if (merged.kind === 'conflict') return merged;
  const reasons = verify(read3, merged.inventory, paths);
  return reasons.length === 0 ? merged : { kind: 'conflict', reasons };
}

interface Inventories {
  readonly base: Inventory | null;
  readonly ours: Inventory;
  readonly theirs: Inventory;
}

function read(text: string, file: string): MergedConfig {
  try {
    return { kind: 'merged', text, inventory: parseInventory(text, file) };
  } catch (error) {
    return refused(error);
  }
}

function refused(error: unknown): MergedConfig {
  if (!(error instanceof SecretsError)) throw error;
  const place = error.line === undefined ? '' : `line ${error.line}: `;
  return { kind: 'conflict', reasons: [`${place}${error.message}`] };
}

function mergedText({ base, ours, theirs }: ConfigVersions, file: string): MergedConfig {
  try {
    const tilings = {
      base: base.trim() === '' ? null : tilesOfFile(new ConfigText(base, file)),
      ours: tilesOfFile(new ConfigText(ours, file)),
      theirs: tilesOfFile(new ConfigText(theirs, file)),
    };
    if (tilings.ours === null || tilings.theirs === null)
      return { kind: 'conflict', reasons: ['the file has a form that is not merged by this tool'] };
    const { text, conflicts } = mergeTilings(
      { base: tilings.base, ours: tilings.ours, theirs: tilings.theirs },
      lineEndOf(ours),
    );
    if (conflicts.length > 0)
      return { kind: 'conflict', reasons: [...new Set(conflicts)].map(name => `both sides changed ${name}`) };
    return read(text, file);
  } catch (error) {
    return refused(error);
  }
}

function verify(read3: Inventories, merged: Inventory, paths: ConfigPaths): string[] {
  const { base, ours, theirs } = read3;
  const wrong = VIEWS.filter(
    ([, view]) => !isMerged(base === null ? new Map() : view(base), view(ours), view(theirs), view(merged)),
  );
  if (wrong.length > 0) return wrong.map(([what]) => `the two do not go together in ${what}`);
  return verifyRules(read3, merged, paths);
}

type View = (inventory: Inventory) => Map<string, unknown>;

/** What a config says, part by part: names and what they stand for; sets as their members. */
const VIEWS: readonly (readonly [string, View])[] = [
  ['keys', ({ keys }) => new Map(keys.map(({ name, recipient }) => [name, canonicalRecipient(recipient)]))],
  ['admins', ({ admins }) => new Map(admins.map(name => [name, true]))],
  [
    'hosts',
    ({ hosts }) =>
      new Map(
        [...hosts.values()].flatMap(host =>
          host.declared ? [[host.name, { ...host, secrets: [...host.secrets] }] as const] : [],
        ),
      ),
  ],
  [
    'groups',
    ({ groups }) =>
      new Map([...groups].flatMap(([name, members]) => members.map(member => [`${name} ${member}`, true]))),
  ],
  ['secrets', ({ secrets }) => new Map(secrets)],
  ['the patterns of the rules', ({ rules }) => new Map(rules.map(rule => [String(rule.pathRegex), true]))],
  [
    'the readers of the rules',
    ({ rules }) =>
      new Map(
        rules.flatMap(rule =>
          audienceOf(rule).map(reader => [`${rule.pathRegex} ${canonicalRecipient(reader)}`, true]),
        ),
      ),
  ],
];

/** True where the result has exactly what both sides say; what both changed was merged inside, and is there. */
function isMerged(
  base: ReadonlyMap<string, unknown>,
  ours: ReadonlyMap<string, unknown>,
  theirs: ReadonlyMap<string, unknown>,
  merged: ReadonlyMap<string, unknown>,
): boolean {
  const keys = new Set([base, ours, theirs, merged].flatMap(map => [...map.keys()]));
  return [...keys].every(key => {
    const [was, mine, other, is] = [base, ours, theirs, merged].map(map => JSON.stringify(map.get(key)));
    if (mine === other || other === was) return is === mine;
    return mine === was ? is === other : is !== undefined;
  });
}

/** The first rule that matches says who reads a file: no file of either side may come under another one. */
function verifyRules({ base, ours, theirs }: Inventories, merged: Inventory, paths: ConfigPaths): string[] {
  const [inOurs, inTheirs] = [new Set(paths.ours), new Set(paths.theirs)];
  const probes = [...ours.rules, ...theirs.rules].flatMap(probesOf);
  for (const path of new Set([...inOurs, ...inTheirs, ...probes])) {
    const [was, mine, other] = [base, ours, theirs].map(config =>
      config === null ? null : ruleName(config, path),
    );
    const onlyOne = inOurs.has(path) !== inTheirs.has(path);
    const wanted = onlyOne ? (inOurs.has(path) ? mine : other) : threeWay(was, mine, other);
    if (wanted === undefined && probes.includes(path) && !inOurs.has(path)) continue;
    if (wanted !== ruleName(merged, path))
      return [`${shown(path)} would come under another rule than on its side`];
  }
  return [];
}

function probesOf({ pathRegex }: Rule): string[] {
  const start = literalStart(pathRegex ?? '');
  return start.endsWith('/') ? [`${start}probe.yaml`, `${start}deep/probe.env`, `${start}probe.bin`] : [];
}

function ruleName(config: Inventory, path: string): string | null {
  const rule = ruleFor(config, path);
  return rule === null ? null : String(rule.pathRegex);
}

/** `undefined`: both changed it in different ways. */
function threeWay<T>(base: T, ours: T, theirs: T): T | undefined {
  if (ours === theirs || theirs === base) return ours;
  return ours === base ? theirs : undefined;
}
