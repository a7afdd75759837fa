import { randomBytes } from 'node:crypto';
import { wrapDataKey } from '../../../src/age/data-key.ts';
import { parseIdentityText, recipientOfIdentity } from '../../../src/age/identity.ts';
import type { IdentitySet } from '../../../src/keys/sources.ts';
import { checkManaged } from '../../../src/ops/guard/managed.ts';
import type { ManagedFinding, Snapshot, Tree } from '../../../src/ops/guard/snapshot.ts';
import { loadFormat, writeSopsFile } from '../../../src/sops/document.ts';
import type { FormatName } from '../../../src/sops/formats/format.ts';
import { seal } from '../../../src/sops/seal.ts';
import type { Selection } from '../../../src/sops/selection.ts';
import { splitSecret } from '../../../src/sops/shamir.ts';
import type { TreeMap } from '../../../src/sops/tree.ts';
import { newTestKey, type TestKey } from '../../helpers/age.ts';

/** Contents by path; text or bytes. */
export type Files = Readonly<Record<string, string | Uint8Array>>;

export interface TestKeys {
  readonly aya: TestKey;
  readonly megumu: TestKey;
  readonly kamov: TestKey;
}

export async function newKeys(): Promise<TestKeys> {
  const [aya, megumu, kamov] = await Promise.all([newTestKey(), newTestKey(), newTestKey()]);
  return { aya, megumu, kamov };
}

/** A `.sops.yaml` that names the keys; the text of its rules follows. */
export function config(keys: TestKeys, rules: string): string {
  const anchors = Object.entries(keys).map(([name, { recipient }]) => `  - &${name} ${recipient}\n`);
  return `keys:\n${anchors.join('')}creation_rules:\n${rules}`;
}

/** One rule with one group. */
export function rule(pathRegex: string | null, names: readonly string[], options = ''): string {
  const path = pathRegex === null ? '' : `path_regex: ${pathRegex}\n    `;
  const age = names.map(name => `*${name}`).join(', ');
  return `  - ${path}${options === '' ? '' : `${options}\n    `}key_groups:\n      - age: [${age}]\n`;
}

export interface SealWishes {
  readonly selection?: Selection;
  readonly macOnlyEncrypted?: boolean;
  /** Key groups; one is the usual. */
  readonly groups?: readonly (readonly string[])[];
}

/** A sops file, made by our own code. */
export async function sealText(
  plain: string | Uint8Array,
  format: FormatName,
  recipients: readonly string[],
  wishes: SealWishes = {},
): Promise<string> {
  return sealTrees((await loadFormat(format)).parsePlain(Buffer.from(plain)), format, recipients, wishes);
}

export async function sealTrees(
  documents: readonly TreeMap[],
  format: FormatName,
  recipients: readonly string[],
  { selection = {}, macOnlyEncrypted = false, groups = [recipients] }: SealWishes = {},
): Promise<string> {
  const dataKey = randomBytes(32);
  const shares =
    groups.length === 1
      ? [dataKey]
      : splitSecret(dataKey, groups.length, groups.length, size => randomBytes(size));
  const sealedGroups = await Promise.all(
    groups.map(async (group, index) => ({
      age: await Promise.all(
        group.map(async recipient => ({
          recipient,
          enc: await wrapDataKey(shares[index] ?? dataKey, recipient),
        })),
      ),
      others: [],
    })),
  );
  const file = seal(documents, {
    format,
    dataKey,
    groups: sealedGroups,
    selection,
    macOnlyEncrypted,
    version: '3.13.3',
    now: new Date('2026-11-22T15:25:39Z'),
    random: size => randomBytes(size),
  });
  return Buffer.from(await writeSopsFile(file)).toString('utf8');
}

export function treeOf(files: Files, links: readonly string[] = []): Tree {
  const contents = new Map(Object.entries(files));
  return {
    paths: [...contents.keys()].sort(),
    read: async path => {
      const content = contents.get(path);
      return content === undefined ? null : Buffer.from(content);
    },
    links: new Set(links),
  };
}

/** What a commit would hold; without a parent every file is new. */
export function snapshotOf(
  files: Files,
  parent: Files | null = null,
  links: readonly string[] = [],
): Snapshot {
  const differs = (path: string) =>
    parent?.[path] === undefined ||
    files[path] === undefined ||
    !Buffer.from(parent[path]).equals(Buffer.from(files[path]));
  const paths = new Set([...Object.keys(files), ...Object.keys(parent ?? {})]);
  return {
    ...treeOf(files, links),
    parent: parent === null ? null : treeOf(parent),
    changed: new Set([...paths].filter(differs)),
  };
}

export async function identitiesOf(...keys: readonly TestKey[]): Promise<IdentitySet> {
  const identities = await Promise.all(
    keys
      .flatMap(key => parseIdentityText(key.identity))
      .map(async identity => ({ ...identity, recipient: await recipientOfIdentity(identity) })),
  );
  return { identities, sources: [] };
}

/** The rules that a commit breaks, each once, sorted. */
export async function rulesBroken(
  files: Files,
  parent: Files | null = null,
  key?: TestKey,
): Promise<string[]> {
  const found = await findings(files, parent, key);
  return [...new Set(found.map(finding => finding.rule))].sort();
}

export function findings(
  files: Files,
  parent: Files | null = null,
  key?: TestKey,
): Promise<ManagedFinding[]> {
  const options = key === undefined ? {} : { identities: () => identitiesOf(key) };
  return checkManaged(snapshotOf(files, parent), options);
}
