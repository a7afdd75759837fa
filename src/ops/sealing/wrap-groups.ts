import { wrapDataKey } from '../../age/data-key.ts';
import type { AgePlugins } from '../../age/plugin.ts';
import { SecretsError } from '../../errors.ts';
import type { KeyGroup, Metadata } from '../../sops/metadata.ts';
import type { AgeStanza, OtherKeys } from '../../sops/metadata-model.ts';
import { recipientsOf } from '../../sops/metadata-recipients.ts';
import { splitSecret } from '../../sops/shamir.ts';
import { thresholdOf } from '../../workspace/drift.ts';
import type { Rule, RuleGroup } from '../../workspace/model.ts';
import { canonicalRecipient } from '../../workspace/parse-keys.ts';
import type { Surroundings } from '../ports.ts';

type Wrapping = Pick<Surroundings, 'random' | 'plugins'>;

/** The key groups of a file, and how many of them open it (0: there is one group). */
export interface WrappedKey {
  readonly groups: KeyGroup[];
  readonly threshold: number;
}

/**
 * Wraps a new data key for everyone that a rule names.
 *
 * @throws SecretsError `RULE_CONFLICT` (the rule names no key), `UNSUPPORTED` (a PGP key, a key service)
 */
export async function wrapAnew(dataKey: Uint8Array, rule: Rule, around: Wrapping): Promise<WrappedKey> {
  refuseEmpty(rule);
  refuseForeign(rule);
  const threshold = thresholdOf(rule);
  const parts =
    rule.groups.length === 1 ? [dataKey] : splitSecret(dataKey, rule.groups.length, threshold, around.random);
  const groups = await Promise.all(
    rule.groups.map(async (group, index) => ({
      age: await wrapAll(parts[index] ?? dataKey, group.age, [], around.plugins),
      others: [],
    })),
  );
  return { groups, threshold };
}

/**
 * Wraps the data key that a file has for those whom its rule names anew. What readers that stay have, of any
 * kind, stays byte for byte.
 *
 * @param dataKey `null` where no identity opens the file: then readers can only be taken away
 * @returns `null` where the data key is needed and absent
 * @throws SecretsError `RULE_CONFLICT`, `UNSUPPORTED` (a reader that only stock sops can add, or another
 * division into key groups where such a reader is one of them)
 */
export async function wrapForStaying(
  metadata: Metadata,
  rule: Rule,
  dataKey: Uint8Array | null,
  around: Wrapping,
): Promise<WrappedKey | null> {
  refuseEmpty(rule);
  const [present] = metadata.groups;
  const [wanted] = rule.groups;
  if (
    metadata.groups.length === 1 &&
    rule.groups.length === 1 &&
    present !== undefined &&
    wanted !== undefined
  )
    return rewrapGroup(present, wanted, rule, dataKey, around);
  return dataKey === null ? null : wrapAnew(dataKey, rule, around);
}

async function rewrapGroup(
  present: KeyGroup,
  wanted: RuleGroup,
  rule: Rule,
  dataKey: Uint8Array | null,
  around: Wrapping,
): Promise<WrappedKey | null> {
  const others = keepOthers(present, [...wanted.pgp, ...wanted.other], rule);
  const known = new Set(present.age.map(stanza => canonicalRecipient(stanza.recipient)));
  const missing = wanted.age.some(recipient => !known.has(canonicalRecipient(recipient)));
  if (missing && dataKey === null) return null;
  const age = await wrapAll(dataKey ?? new Uint8Array(), wanted.age, present.age, around.plugins);
  return { groups: [{ age, others }], threshold: 0 };
}

async function wrapAll(
  dataKey: Uint8Array,
  recipients: readonly string[],
  present: readonly AgeStanza[],
  plugins: AgePlugins | undefined,
): Promise<AgeStanza[]> {
  const kept = new Map(present.map(stanza => [canonicalRecipient(stanza.recipient), stanza]));
  return Promise.all(
    [...new Set(recipients)].map(
      async recipient =>
        kept.get(canonicalRecipient(recipient)) ?? {
          recipient,
          enc: await wrapDataKey(dataKey, recipient, plugins),
        },
    ),
  );
}

/** Keys that are not age stay as they are or go; we cannot make them. */
function keepOthers(present: KeyGroup, wanted: readonly string[], rule: Rule): OtherKeys[] {
  const names = new Set(wanted.map(canonicalRecipient));
  const has = new Set<string>();
  const kept: OtherKeys[] = [];
  for (const { list, entries } of present.others) {
    const staying = entries.filter(entry => {
      const [name = ''] = recipientsOf(justOne({ list, entries: [entry] }));
      has.add(canonicalRecipient(name));
      return names.has(canonicalRecipient(name));
    });
    if (staying.length > 0) kept.push({ list, entries: staying });
  }
  const lacking = wanted.filter(name => !has.has(canonicalRecipient(name)));
  if (lacking.length > 0) throw foreignError(rule, lacking);
  return kept;
}

function justOne(keys: OtherKeys): Metadata {
  return {
    groups: [{ age: [], others: [keys] }],
    shamirThreshold: 0,
    lastModified: '',
    mac: '',
    version: '',
    selection: {},
    macOnlyEncrypted: false,
  };
}

function refuseEmpty(rule: Rule): void {
  if (rule.groups.length > 0) return;
  throw new SecretsError('RULE_CONFLICT', `the rule on line ${rule.line} of .sops.yaml names no key`);
}

function refuseForeign(rule: Rule): void {
  const foreign = rule.groups.flatMap(group => [...group.pgp, ...group.other]);
  if (foreign.length > 0) throw foreignError(rule, foreign);
}

function foreignError(rule: Rule, keys: readonly string[]): SecretsError {
  const shown = keys.map(key => (key.length > 60 ? `${key.slice(0, 59)}…` : key)).join(', ');
  return new SecretsError(
    'UNSUPPORTED',
    `the rule on line ${rule.line} of .sops.yaml wants keys other than age, to which this command cannot encrypt: ${shown}`,
    {
      hint: 'stock sops can: `sops updatekeys FILE` for an existing file, `sops edit FILE` for a new one',
    },
  );
}
