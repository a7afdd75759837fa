import { SecretsError } from '../../errors.ts';
import type { KeyGroup, Metadata } from '../../sops/metadata.ts';
import { recipientsOf } from '../../sops/metadata.ts';
import type { OtherKeys } from '../../sops/metadata-model.ts';
import { driftOf } from '../../workspace/drift.ts';
import type { Rule } from '../../workspace/model.ts';
import { canonicalRecipient } from '../../workspace/parse-keys.ts';
import { audienceOf } from '../../workspace/rules.ts';
import type { Surroundings } from '../ports.ts';
import { type WrappedKey, wrapAnew, wrapForStaying } from '../sealing/wrap-groups.ts';
import type { Sides } from './open-sides.ts';

/** Who may read the merged file. */
export interface Policy {
  /** The creation rule; `null`: none governs the file. */
  readonly rule: Rule | null;
  /**
   * True for the rule of the merged config. False: that could not be told, and the rule is that of our side, so that
   * nobody gains access whom our side does not name.
   */
  readonly certain: boolean;
}

/** How the data key of the merged file is had. */
export interface MergeKey {
  /** `null`: no identity is at hand, and the stanzas of both sides have to do. */
  readonly dataKey: Uint8Array | null;
  /** True where both sides have this data key, so that their stanzas hold it. */
  readonly shared: boolean;
}

/**
 * Wraps the data key for those who may read the merged file; stanzas of both sides are kept byte for byte. Where no
 * rule of the merged config says who reads the file, what either side took away is gone, and nobody is added whom our
 * side does not name.
 *
 * @returns `null` where somebody is to be added and the data key is not known
 * @throws SecretsError `RULE_CONFLICT`, `UNSUPPORTED`, `LAST_READER`
 */
export async function mergeReaders(
  sides: Sides<Metadata>,
  policy: Policy,
  { dataKey, shared }: MergeKey,
  around: Surroundings,
): Promise<WrappedKey | null> {
  const asIs = shared ? asOneSide(sides, policy) : null;
  if (asIs !== null) return asIs;
  const rule = policy.certain && policy.rule !== null ? policy.rule : restricted(sides, policy);
  if (!shared) return dataKey === null ? null : wrapAnew(dataKey, rule, around);
  return wrapForStaying(united(sides), rule, dataKey, around);
}

/** The groups of a side whose readers are those that are wanted. */
function asOneSide({ base, ours, theirs }: Sides<Metadata>, { rule, certain }: Policy): WrappedKey | null {
  const fits = ({ groups, shamirThreshold }: Metadata) => ({
    groups: [...groups],
    threshold: shamirThreshold,
  });
  if (certain && rule !== null) {
    for (const side of [ours, theirs]) {
      const { reasons } = driftOf(side, 'binary', rule);
      if (reasons.length === 0) return fits(side);
    }
    return null;
  }
  if (sameReaders(ours, theirs) || (base !== null && sameReaders(theirs, base))) return fits(ours);
  return null;
}

function sameReaders(a: Metadata, b: Metadata): boolean {
  return textOf(a) === textOf(b);
}

function textOf({ groups, shamirThreshold }: Metadata): string {
  return JSON.stringify([shamirThreshold, groups.map(group => readersOfGroup(group).sort())]);
}

function readersOfGroup(group: KeyGroup): string[] {
  return recipientsOf(withGroups([group])).map(canonicalRecipient);
}

/** Without what their side took away, and of what it added only whom the rule of our side names. */
function restricted({ base, ours, theirs }: Sides<Metadata>, { rule, certain }: Policy): Rule {
  if (ours.groups.length !== 1 || theirs.groups.length !== 1) {
    throw new SecretsError('RULE_CONFLICT', 'the two sides differ in the key groups of the file', {
      hint: 'merge .sops.yaml first, then run `secrets resolve` and `secrets sync`',
    });
  }
  const had = readerSet(base);
  const has = readerSet(theirs);
  const named = new Set((certain ? [] : rule === null ? [] : audienceOf(rule)).map(canonicalRecipient));
  const kept = recipientsOf(ours).filter(reader => !isRemoved(reader, had, has));
  const present = new Set(kept.map(canonicalRecipient));
  const added = recipientsOf(theirs).filter(reader => {
    const canonical = canonicalRecipient(reader);
    return !present.has(canonical) && !had.has(canonical) && named.has(canonical);
  });
  const wanted = [...kept, ...added];
  if (wanted.length === 0) throw new SecretsError('LAST_READER', 'nobody would read the merged file');
  return ruleOf(wanted, [...ours.groups, ...theirs.groups]);
}

function isRemoved(reader: string, had: ReadonlySet<string>, has: ReadonlySet<string>): boolean {
  const canonical = canonicalRecipient(reader);
  return had.has(canonical) && !has.has(canonical);
}

function readerSet(metadata: Metadata | null): Set<string> {
  return new Set(metadata === null ? [] : recipientsOf(metadata).map(canonicalRecipient));
}

function ruleOf(readers: readonly string[], groups: readonly KeyGroup[]): Rule {
  const ages = new Set(groups.flatMap(group => group.age.map(({ recipient }) => recipient)));
  const age = readers.filter(reader => ages.has(reader));
  const other = readers.filter(reader => !ages.has(reader));
  return {
    index: 0,
    line: 1,
    pathRegex: null,
    groups: [{ age, pgp: [], other }],
    threshold: null,
    selection: {},
    macOnlyEncrypted: false,
    matches: () => true,
  };
}

/** The metadata of our side with the stanzas that only theirs has, in one group. */
function united({ ours, theirs }: Sides<Metadata>): Metadata {
  const [mine] = ours.groups;
  const [other] = theirs.groups;
  if (mine === undefined || other === undefined || ours.groups.length + theirs.groups.length > 2) return ours;
  const known = new Set(readersOfGroup(mine));
  const age = other.age.filter(({ recipient }) => !known.has(canonicalRecipient(recipient)));
  const others = other.others.map(keys => ({
    list: keys.list,
    entries: keys.entries.filter(
      entry =>
        !readersOfGroup({ age: [], others: [{ list: keys.list, entries: [entry] }] }).some(reader =>
          known.has(reader),
        ),
    ),
  }));
  return { ...ours, groups: [{ age: [...mine.age, ...age], others: joined(mine.others, others) }] };
}

function joined(mine: readonly OtherKeys[], others: readonly OtherKeys[]): OtherKeys[] {
  const lists = [...new Set([...mine, ...others].map(({ list }) => list))];
  return lists.map(list => ({
    list,
    entries: [...mine, ...others].filter(keys => keys.list === list).flatMap(({ entries }) => [...entries]),
  }));
}

function withGroups(groups: readonly KeyGroup[]): Metadata {
  return {
    groups,
    shamirThreshold: 0,
    lastModified: '',
    mac: '',
    version: '',
    selection: {},
    macOnlyEncrypted: false,
  };
}
