import { decodeArmor } from '../../age/armor.ts';
import { parseHeader } from '../../age/header.ts';
import { SecretsError } from '../../errors.ts';
import type { Metadata } from '../../sops/metadata.ts';
import { OTHER_LISTS } from '../../sops/metadata-model.ts';
import { SELECTION_FIELDS } from '../../sops/selection.ts';
import { Comment, TreeList, TreeMap, type Value } from '../../sops/tree.ts';
import { judgeValue } from './encrypted-value.ts';
import { pathName } from './names.ts';
import type { Flaw } from './snapshot.ts';

const KEY_LISTS: readonly string[] = ['age', ...OTHER_LISTS];
/** What sops writes at the top of its block, or wrote once (`attention` in version 1). */
const FIELDS = new Set<string>([
  ...KEY_LISTS,
  ...SELECTION_FIELDS.map(([name]) => name),
  'key_groups',
  'lastmodified',
  'mac',
  'mac_only_encrypted',
  'shamir_threshold',
  'version',
  'attention',
]);
/** What it writes for each key, whatever its kind. */
const ENTRY_FIELDS = new Set([
  'recipient',
  'enc',
  'created_at',
  'fp',
  'arn',
  'aws_profile',
  'context',
  'role',
  'resource_id',
  'key_id',
  'vault_address',
  'engine_path',
  'key_name',
  'vault_url',
  'name',
  'version',
]);
const VERSION = /^\d+(\.\d+){1,2}([-+][\w.+-]+)?$/;
const ARMOR =
  /^\s*-----BEGIN AGE ENCRYPTED FILE-----\r?\n[A-Za-z0-9+/=\r\n]+-----END AGE ENCRYPTED FILE-----\s*$/;
/** Kinds of recipients for which age writes exactly one stanza. */
const ONE_STANZA = /^(age1(pq1)?[02-9ac-hj-np-z]+$|ssh-)/;

/** What is wrong with the metadata of a file, as far as that can be seen without a key. */
export function metadataFlaws(
  blocks: readonly TreeMap[],
  metadata: Metadata,
  nameOf: (recipient: string) => string,
): Flaw[] {
  return [
    ...missing(metadata),
    ...blocks.flatMap(block => [...strangers(block)]),
    ...differing(blocks),
    ...metadata.groups.flatMap(group => group.age.flatMap(stanza => stanzaFlaws(stanza, nameOf))),
    ...metadata.groups.flatMap(group =>
      group.others.flatMap(({ list, entries }) => entries.flatMap(entry => otherFlaws(list, entry))),
    ),
  ];
}

function missing({ mac, version }: Metadata): Flaw[] {
  const flaws: Flaw[] = [];
  if (mac === '') flaws.push(flaw('the sops metadata has no mac: nothing shows whether values were changed'));
  else {
    const judged = judgeValue(mac);
    if ('problem' in judged) flaws.push(flaw(`the mac of the sops metadata ${judged.problem}`));
    else if (judged.type !== 'str') flaws.push(flaw('the mac of the sops metadata is no text'));
  }
  if (version === '') flaws.push(flaw('the sops metadata has no version'));
  else if (!VERSION.test(version)) flaws.push(flaw('the version in the sops metadata is none of sops'));
  return flaws;
}

/** sops passes over what it does not know, and drops it the next time it writes: it stands in the clear. */
function* strangers(block: TreeMap): Generator<Flaw> {
  const flat = new Set<string>();
  for (const { key, value } of entriesOf(block)) {
    const name = key.toLowerCase();
    if (flat.has(name)) yield flaw(`the sops metadata has ${pathName([key])} twice`);
    flat.add(name);
    if (!FIELDS.has(name))
      yield flaw(`the sops metadata has a field ${pathName([key])}, which sops does not know`);
    if (KEY_LISTS.includes(name)) yield* strangersInKeys(value);
    if (name === 'key_groups') {
      for (const group of mapsOf(value)) {
        for (const { key: list, value: keys } of entriesOf(group)) {
          if (KEY_LISTS.includes(list.toLowerCase())) yield* strangersInKeys(keys);
          else
            yield flaw(
              `a key group of the sops metadata has a field ${pathName([list])}, which sops does not know`,
            );
        }
      }
    }
  }
  const hasFlat = KEY_LISTS.some(list => mapsOf(fieldOf(block, list)).length > 0);
  if (hasFlat && mapsOf(fieldOf(block, 'key_groups')).length > 0)
    yield flaw(
      'the sops metadata has keys and key_groups: sops reads the first alone, and the others open the file too',
    );
}

function* strangersInKeys(keys: Value | null): Generator<Flaw> {
  for (const entry of mapsOf(keys)) {
    for (const { key } of entriesOf(entry)) {
      if (!ENTRY_FIELDS.has(key.toLowerCase()))
        yield flaw(`an entry of the sops metadata has a field ${pathName([key])}, which sops does not know`);
    }
  }
}

/** Every document of a YAML file repeats the block of the first; sops does not look at the others. */
function differing(blocks: readonly TreeMap[]): Flaw[] {
  const [first, ...others] = blocks.map(block => textOf(block));
  return others.some(other => other !== first)
    ? [flaw('the sops block of a further document is not that of the first')]
    : [];
}

function stanzaFlaws(
  { recipient, enc }: { recipient: string; enc: string },
  nameOf: (recipient: string) => string,
): Flaw[] {
  if (!ARMOR.test(enc)) return [flaw(`the data key for ${nameOf(recipient)} is no age file`)];
  if (!ONE_STANZA.test(recipient)) return [];
  const stanzas = stanzasIn(enc);
  if (stanzas < 2) return [];
  const message = `the data key for ${nameOf(recipient)} is encrypted to ${stanzas} keys at once, not to one`;
  return [{ rule: 'managed-recipients', message }];
}

/** 0 where it is no age file that can be read here; then nobody opens it, or a key will tell. */
function stanzasIn(enc: string): number {
  try {
    return parseHeader(decodeArmor(enc)).stanzas.filter(({ args }) => !args[0].endsWith('-grease')).length;
  } catch (error) {
    if (error instanceof SecretsError) return 0;
    throw error;
  }
}

function otherFlaws(list: string, entry: TreeMap): Flaw[] {
  const enc = fieldOf(entry, 'enc');
  if (typeof enc !== 'string' || enc === '')
    return [flaw(`an entry of ${list} in the sops metadata has no enc`)];
  if (list === 'pgp' && !enc.includes('-----BEGIN PGP MESSAGE-----'))
    return [flaw('an entry of pgp in the sops metadata holds no PGP message')];
  return [];
}

function* entriesOf(map: TreeMap): Generator<{ key: string; value: Value | null }> {
  for (const { key, value } of map.items) if (typeof key === 'string') yield { key, value };
}

function fieldOf(map: TreeMap, name: string): Value | null {
  return map.items.find(({ key }) => typeof key === 'string' && key.toLowerCase() === name)?.value ?? null;
}

function mapsOf(value: Value | null): TreeMap[] {
  if (value instanceof TreeMap) return value.items.length === 0 ? [] : [value];
  if (!(value instanceof TreeList)) return [];
  return value.elements.filter(element => element instanceof TreeMap);
}

function textOf(value: Value | Comment | null): string {
  if (value instanceof TreeMap)
    return `{${Array.from(entriesOf(value), ({ key, value: child }) => `${JSON.stringify(key)}:${textOf(child)}`).join()}}`;
  if (value instanceof TreeList) return `[${value.elements.map(textOf).join()}]`;
  return value instanceof Comment ? '' : JSON.stringify(String(value));
}

function flaw(message: string): Flaw {
  return { rule: 'managed-metadata', message };
}
