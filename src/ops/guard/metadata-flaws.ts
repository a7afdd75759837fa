import { decodeArmor } from '../../age/armor.ts';
import { parseHeader } from '../../age/header.ts';
import { SecretsError } from '../../errors.ts';
import type { Metadata } from '../../sops/metadata.ts';
import { SELECTION_FIELDS } from '../../sops/selection.ts';
import { Comment, TreeList, TreeMap, type Value } from '../../sops/tree.ts';
import { judgeValue } from './encrypted-value.ts';
import { entriesOf, entryFlaws, flaw, KEY_LISTS, mapsOf } from './metadata-entries.ts';
import { pathName } from './names.ts';
import type { Flaw } from './snapshot.ts';

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
/** The one text that version 1 put there. */
const ATTENTION =
  /^This section contains key material that should only be modified with\s+extra care\. See `sops -h`\.\s*$/;
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
    if (KEY_LISTS.includes(name)) yield* entryFlaws(name, value);
    if (name === 'key_groups') yield* groupFlaws(value);
    if (name === 'attention' && !(typeof value === 'string' && ATTENTION.test(value)))
      yield flaw('attention in the sops metadata is not the text that sops once wrote there');
  }
  const hasFlat = KEY_LISTS.some(list => mapsOf(fieldOf(block, list)).length > 0);
  if (hasFlat && mapsOf(fieldOf(block, 'key_groups')).length > 0)
    yield flaw(
      'the sops metadata has keys and key_groups: sops reads the first alone, and the others open the file too',
    );
}

function* groupFlaws(groups: Value | null): Generator<Flaw> {
  if (groups !== null && !(groups instanceof TreeList) && !(groups instanceof TreeMap))
    yield flaw('key_groups of the sops metadata is no list');
  for (const group of mapsOf(groups)) {
    for (const { key, value } of entriesOf(group)) {
      const list = key.toLowerCase();
      if (KEY_LISTS.includes(list)) yield* entryFlaws(list, value);
      else
        yield flaw(
          `a key group of the sops metadata has a field ${pathName([key])}, which sops does not know`,
        );
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
  const stanzas = stanzasIn(enc);
  if (stanzas === 0)
    return [flaw(`the data key for ${nameOf(recipient)} is no age file that anybody could open`)];
  if (!ONE_STANZA.test(recipient)) return [];
  if (stanzas < 2) return [];
  const message = `the data key for ${nameOf(recipient)} is encrypted to ${stanzas} keys at once, not to one`;
  return [{ rule: 'managed-recipients', message }];
}

/** 0 where it is no age file. */
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

function fieldOf(map: TreeMap, name: string): Value | null {
  return map.items.find(({ key }) => typeof key === 'string' && key.toLowerCase() === name)?.value ?? null;
}

function textOf(value: Value | Comment | null): string {
  if (value instanceof TreeMap)
    return `{${Array.from(entriesOf(value), ({ key, value: child }) => `${JSON.stringify(key)}:${textOf(child)}`).join()}}`;
  if (value instanceof TreeList) return `[${value.elements.map(textOf).join()}]`;
  return value instanceof Comment ? '' : JSON.stringify(String(value));
}
