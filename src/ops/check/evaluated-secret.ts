import { nearest } from '../../suggest.ts';
import type { EvaluatedSecret } from '../../workspace/flake-host.ts';
import { canonicalRecipient } from '../../workspace/parse-keys.ts';
import { ruleFor } from '../../workspace/rules.ts';
import type { Draft } from '../draft.ts';
import type { DeclaredFile, DeclaredFiles } from './evaluated-files.ts';
import { mayBe, type PairedHost } from './evaluated-hosts.ts';
import { shortened } from './evaluated-options.ts';
import { type CheckFinding, finding } from './finding.ts';
import { notAString } from './values.ts';

/** So many keys of a file are compared with a missing one. */
const COMPARED_KEYS = 1000;
/** A longer key is not like any other. */
const LONGEST_KEY = 200;
/** Formats that are delivered as whole files, whatever the key. */
const WHOLE = new Set(['dotenv', 'ini', 'binary']);

/** What the check knows while it goes through the configurations. */
export interface Look {
  readonly draft: Draft;
  readonly files: DeclaredFiles;
  /** Files that Nix does not see, and the findings for them. */
  readonly unseen: ReadonlyMap<string, CheckFinding>;
  /** By file and key. */
  readonly addresses: ReadonlyMap<string, string>;
}

/** Whether the host will get what it declares, as far as the file says it without a key. */
export function checkSecret(look: Look, paired: PairedHost, secret: EvaluatedSecret): CheckFinding[] {
  const { sopsFile, attribute, key } = secret;
  const { name: host } = paired;
  const file = look.files.known(sopsFile);
  if (file === null) return [];
  const shown = file.path ?? sopsFile.shown;
  const address = look.addresses.get(placeOf(shown, WHOLE.has(secret.format) ? null : key));
  const place = {
    ...(file.path === null ? {} : { file: file.path }),
    shown,
    host,
    attribute: shortened(attribute),
    secret: address ?? shortened(attribute),
  };
  switch (file.state) {
    case 'unknown':
      return sopsFile.inStore ? [] : [outside(place, sopsFile.shown)];
    case 'missing':
      return [missingFile(place)];
    case 'broken':
      return [brokenOne(place)];
    case 'no-sops':
      return [plaintext(look, place)];
    default: {
      const unseen = look.unseen.get(shown);
      return [
        ...(unseen === undefined ? [] : [unseen]),
        ...checkReader(look, paired, file, place),
        ...(checkFormat(secret, file, place) ?? checkKey(secret, file, place)),
      ];
    }
  }
}

interface SecretPlace {
  /** Absent for a file of another repository. */
  readonly file?: string;
  readonly shown: string;
  readonly host: string;
  readonly secret: string;
  /** What the host calls it. */
  readonly attribute: string;
}

function outside(place: SecretPlace, shown: string): CheckFinding {
  const { host, secret } = place;
  const message = `sopsFile is ${shown}, which is read on ${host} and is no part of the flake`;
  return finding('outside-flake', { host, secret }, message, 'put the encrypted file into the flake');
}

function missingFile(place: SecretPlace): CheckFinding {
  const message = `${place.host} declares ${place.attribute} with this file, which is not there`;
  return finding('file-missing', place, message, `git log --all -- ${place.shown} shows where it went`);
}

function brokenOne(place: SecretPlace): CheckFinding {
  const message = `${place.host} declares ${place.attribute} with this file, which cannot be read as a sops file`;
  return finding('broken', place, message, `git log -p -- ${place.shown} shows when it was whole`);
}

function plaintext(look: Look, place: SecretPlace): CheckFinding {
  const message = `${place.host} declares ${place.attribute} with this file, which is not encrypted: the installer stops at it`;
  return finding('plaintext', place, message, encryptIt(look, place));
}

/** What sops reads itself, and what Nix reads, is never to be encrypted. */
function encryptIt({ draft }: Look, { file, shown }: SecretPlace): string {
  if (/(?:^|\/)\.sops\.yaml$|\.nix$/.test(shown)) return 'name the encrypted file, which this is not';
  if (file === undefined) return 'encrypt it where it comes from, before it goes to the store';
  const command = `secrets sops encrypt -i ${shown}`;
  if (ruleFor(draft.inventory, file) !== null) return command;
  return `give it a rule in .sops.yaml (\`secrets why ${shown}\`), then ${command}`;
}

function checkReader(look: Look, paired: PairedHost, file: DeclaredFile, place: SecretPlace): CheckFinding[] {
  const { recipient, name: host } = paired;
  if (recipient === null || file.readers.has(canonicalRecipient(recipient))) return [];
  // `&megumu` may be the laptop of somebody, and `&megumu_host` the machine
  const alike = look.draft.inventory.keys.filter(each => mayBe(each.name, host));
  if (alike.some(each => file.readers.has(canonicalRecipient(each.recipient)))) return [];
  const message = `${host} declares ${place.attribute}, and its key is not among the readers of the file: no secret of ${host} is installed`;
  const rule = file.path === null ? null : ruleFor(look.draft.inventory, file.path);
  const named = rule?.groups.some(({ age, pgp }) => [...age, ...pgp].some(isKey(recipient))) === true;
  const fix = named
    ? `secrets sync ${place.shown}`
    : `add *${host} to the rule of the file (\`secrets why ${place.shown}\`), then run \`secrets sync\``;
  return [finding('cannot-open', place, message, fix)];
}

function isKey(recipient: string): (other: string) => boolean {
  const key = canonicalRecipient(recipient);
  return other => canonicalRecipient(other) === key;
}

/** @returns `null` where the format is right, so that the key can be looked for */
function checkFormat(secret: EvaluatedSecret, file: DeclaredFile, place: SecretPlace): CheckFinding[] | null {
  if (isOfFormat(secret, file)) return null;
  const actual = file.managed?.format;
  const message = `${place.host} declares ${place.attribute} as ${secret.format}, and the file is ${actual}`;
  const fix = `sops.secrets."${place.attribute}".format = "${actual}"`;
  return [finding('format-differs', place, message, fix)];
}

/** JSON is YAML too; bytes are JSON with the one key `data`. */
function isOfFormat({ format, key }: EvaluatedSecret, { managed }: DeclaredFile): boolean {
  const actual = managed?.format ?? format;
  if (format === actual || (format === 'yaml' && actual === 'json')) return true;
  const asMap = format === 'yaml' || format === 'json';
  return actual === 'binary' && asMap && (key === 'data' || key === '');
}

function checkKey(secret: EvaluatedSecret, file: DeclaredFile, place: SecretPlace): CheckFinding[] {
  const { key, format } = secret;
  const { managed, keys, maps } = file;
  if (WHOLE.has(format) || key === '' || managed === null || managed.leaves === null) return [];
  const [top = ''] = key.split('/');
  if (managed.format === 'json' && format === 'json' && key.includes('/') && maps.has(top)) {
    const message = `${shortened(key)} lies inside a map of a JSON file, into which sops-nix cannot look`;
    return [finding('nested-json', place, message, 'put it at the top level, or into a YAML file')];
  }
  const odd = maps.has(key) ? 'a map or a list' : managed.odd?.get(key);
  if (odd !== undefined) {
    const message = notAString(shortened(key), odd);
    return [
      finding(
        'not-a-string',
        place,
        message,
        `name a key below it, or store a string: secrets edit ${place.shown}`,
      ),
    ];
  }
  return keys.has(key) ? [] : [missingKey(secret, file, place)];
}

function missingKey(
  { key }: EvaluatedSecret,
  { managed, keys }: DeclaredFile,
  place: SecretPlace,
): CheckFinding {
  const literal =
    managed?.leaves?.some(leaf => leaf.length < key.split('/').length && leaf.join('/') === key) === true;
  const parts = key.split('/');
  const scalar = parts.map((_, index) => parts.slice(0, index).join('/')).find(above => keys.has(above));
  const why = literal
    ? `the file has ${shortened(key)} as one key: sops-nix takes the / for the way into a map`
    : scalar === undefined
      ? `the file has no key ${shortened(key)}`
      : `${scalar} is no map, so that there is no ${shortened(key)}`;
  const near = literal || key.length > LONGEST_KEY ? null : nearest(key, [...keys].slice(0, COMPARED_KEYS));
  const fix =
    near === null
      ? `add the key (secrets edit ${place.shown}), or name the one that is meant with sops.secrets."${place.attribute}".key`
      : `sops.secrets."${place.attribute}".key = "${near}", if that is meant`;
  return finding(
    'key-missing',
    place,
    `${place.host} declares ${place.attribute}: ${why}, and the build fails`,
    fix,
  );
}

/** sops-nix refuses two formats for one file, also where each of them would do. */
export function checkAgreement(look: Look, { flake, name: host }: PairedHost): CheckFinding[] {
  const first = new Map<string, EvaluatedSecret>();
  return flake.secrets.flatMap(secret => {
    const file = look.files.known(secret.sopsFile);
    if (file?.state !== 'sops' || !isOfFormat(secret, file)) return [];
    const { shown } = secret.sopsFile;
    const other = first.get(shown);
    if (other === undefined) first.set(shown, secret);
    if (other === undefined || other.format === secret.format) return [];
    const { attribute, format } = secret;
    const place = { ...(file.path === null ? {} : { file: file.path }), host, secret: attribute };
    const message = `${attribute} says ${format} and ${other.attribute} says ${other.format} for one file: the build of ${host} refuses that`;
    return [finding('format-differs', place, message, 'say one format for both')];
  });
}

/** The installer writes INI anew, and what reads it may see something else. */
export function rewritten(isIni: boolean, file: string | null, secret: string, host: string): CheckFinding[] {
  if (!isIni) return [];
  const message = `${secret} is INI, which the installer of ${host} writes anew: quotes, spaces, comments and doubled keys change`;
  const fix = 'store it as binary, which arrives byte for byte: secrets add NAME --binary --from-file FILE';
  return [finding('ini-rewritten', { ...(file === null ? {} : { file }), host, secret }, message, fix)];
}

/** Where a value lies: in a file, under a key, or the whole of it. */
export function placeOf(file: string, key: string | null): string {
  return `${file}\0${key ?? ''}`;
}
