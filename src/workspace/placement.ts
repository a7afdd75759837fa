import { SecretsError } from '../errors.ts';
import type { FormatName } from '../sops/formats/format.ts';
import { formatOfPath } from '../sops/formats/of-path.ts';
import { recipientsOf } from '../sops/metadata.ts';
import { isGoverned } from './edit-rules.ts';
import { treePath } from './layout.ts';
import type { ManagedFile } from './managed-file.ts';
import type { Inventory, Rule, Secret } from './model.ts';
import { addressOf, checkSecretName, folderOf, pathRegexOf } from './names.ts';
import { canonicalRecipient } from './parse-keys.ts';
import { hostsOfAudience, hostsOfFolder, unknownHost } from './receivers.ts';
import { audienceOf, ruleFor } from './rules.ts';
import { collisions, listSecrets } from './secrets.ts';
import { withStagedKeys } from './staged.ts';

/** A new secret, as it was asked for. */
export interface PlacementRequest {
  /** Names of hosts or groups. */
  readonly hosts: readonly string[];
  readonly name: string;
  readonly format: FormatName;
  /** With the dot; default: the one of the format. */
  readonly extension?: string | undefined;
}

/** A recipient with its name in the inventory. */
interface NamedRecipient {
  /** `null`: a key without a name. */
  readonly name: string | null;
  readonly recipient: string;
}

/** Where a new secret goes and who will read it. */
export interface Placement {
  readonly folder: string;
  /** Relative to the workspace root. */
  readonly path: string;
  readonly address: string;
  /** As the rule that governs the path says, or the new rule will say: admins first. */
  readonly audience: readonly NamedRecipient[];
  /** True where `addRule` has to be called with this folder and audience before the file is written. */
  readonly newRule: boolean;
  /** Recipients of the audience to whom no rule gave a file of this folder before. */
  readonly newReaders: readonly string[];
}

const EXTENSIONS: Record<FormatName, string> = {
  yaml: '.yaml',
  dotenv: '.env',
  binary: '.bin',
  json: '.json',
  ini: '.ini',
};

/**
 * Plans the place of a new secret. Needs no key and changes nothing.
 *
 * @throws SecretsError `BAD_NAME`, `USAGE` (no host, or too many for a folder), `UNKNOWN_HOST`, `BAD_KEY` (a host
 * without a key), `ALREADY_EXISTS`, `NAME_COLLISION`, `RULE_CONFLICT` (the folder's rule has other readers)
 */
export function placeSecret(
  inventory: Inventory,
  request: PlacementRequest,
  files: readonly ManagedFile[],
): Placement {
  const name = checkSecretName(request.name);
  const hosts = hostsOf(inventory, request.hosts);
  const folder = folderOf(request.hosts);
  const path = treePath(folder, name, request.extension ?? EXTENSIONS[request.format]);
  const address = addressOf(folder, name);
  const wanted = wantedAudience(inventory, hosts);
  const rule = presentRule(inventory, folder, path, wanted);
  if (rule !== null) refuseLeftOut(inventory, rule, hosts, folder);
  const audience = rule === null ? wanted : audienceOf(rule);
  const secrets = listSecrets(inventory, files);
  refuseTaken(secrets, files, address, path);
  refuseCollision(inventory, secrets, { folder, name, address, path }, audience);
  return {
    folder,
    path,
    address,
    audience: audience.map(recipient => ({ name: inventory.nameOf(recipient), recipient })),
    newRule: rule === null,
    newReaders:
      rule === null ? newReaders(inventory, path, audience) : joiningReaders(folder, audience, files),
  };
}

/** Who reads the new file, but none of those that the folder has: the rule was widened since. */
function joiningReaders(
  folder: string,
  audience: readonly string[],
  files: readonly ManagedFile[],
): string[] {
  const there = files.filter(file => file.path.startsWith(`secrets/${folder}/`));
  const present = there.flatMap(({ metadata }) => (metadata === undefined ? [] : recipientsOf(metadata)));
  if (present.length === 0) return [];
  const known = new Set(present.map(canonicalRecipient));
  return audience.filter(recipient => !known.has(canonicalRecipient(recipient)));
}

/** The hosts that were named, those of groups included; in byte order, each once. */
function hostsOf(inventory: Inventory, names: readonly string[]): string[] {
  const { hosts, groups } = inventory;
  const found = names.flatMap(name => {
    const members = groups.get(name) ?? (hosts.has(name) ? [name] : null);
    if (members === null) throw unknownHost(inventory, name, [...hosts.keys(), ...groups.keys()]);
    if (members.length === 0) throw new SecretsError('USAGE', `group ${name} has no host`);
    return members;
  });
  return [...new Set(found)].sort();
}

function wantedAudience(inventory: Inventory, hosts: readonly string[]): string[] {
  const admins = inventory.admins
    .map(name => inventory.recipientOf(name))
    .filter(recipient => recipient !== null);
  const keys = withStagedKeys(inventory, [...admins, ...hosts.map(host => keyOf(inventory, host))]);
  const seen = new Map<string, string>();
  for (const key of keys) if (!seen.has(canonicalRecipient(key))) seen.set(canonicalRecipient(key), key);
  return [...seen.values()];
}

function keyOf(inventory: Inventory, host: string): string {
  const recipient = inventory.hosts.get(host)?.recipient ?? null;
  if (recipient !== null) return recipient;
  throw new SecretsError('BAD_KEY', `host ${host} has no public key in ${inventory.file}`, {
    file: inventory.file,
    hint: `give it one: secrets host add ${host} --ssh-key FILE`,
  });
}

/** The rule that will govern the path as it is meant to be, `null` where one has to be made. */
function presentRule(
  inventory: Inventory,
  folder: string,
  path: string,
  wanted: readonly string[],
): Rule | null {
  const rule = ruleFor(inventory, path);
  if (rule !== null && rule.pathRegex === pathRegexOf(folder)) return rule;
  return isGoverned(inventory, { folder, recipients: wanted, path }, wanted) ? rule : null;
}

/** The rule is the truth for who reads: a host that its folder names and it leaves out would get nothing. */
function refuseLeftOut(inventory: Inventory, rule: Rule, hosts: readonly string[], folder: string): void {
  const audience = new Set(audienceOf(rule).map(canonicalRecipient));
  const missing = hosts.find(host => !audience.has(canonicalRecipient(keyOf(inventory, host))));
  if (missing === undefined) return;
  throw new SecretsError('RULE_CONFLICT', `the rule of secrets/${folder} does not let ${missing} read`, {
    file: inventory.file,
    line: rule.line,
    hint: `add the key of ${missing} to that rule, then bring the files to it with \`sops updatekeys\``,
  });
}

function refuseTaken(
  secrets: readonly Secret[],
  files: readonly ManagedFile[],
  address: string,
  path: string,
): void {
  const twin = secrets.find(secret => secret.address === address);
  if (twin?.pending === true) {
    throw new SecretsError('ALREADY_EXISTS', `${address} exists already and waits for its value`, {
      hint: `to give it one: secrets fill ${address}`,
    });
  }
  const taken = twin?.file ?? files.find(file => file.path === path)?.path;
  if (taken !== undefined) {
    throw new SecretsError('ALREADY_EXISTS', `${address} exists already`, {
      file: taken,
      hint: `to change its value: secrets set ${address}`,
    });
  }
  const stem = withoutExtension(path);
  const other = files.find(file => differsByCase(withoutExtension(file.path), stem));
  if (other === undefined) return;
  throw new SecretsError(
    'NAME_COLLISION',
    `${path} and ${other.path} differ by case alone, which is one name on a Mac`,
    {
      hint: 'choose a name that differs by more than case',
    },
  );
}

function differsByCase(a: string, b: string): boolean {
  return a !== b && a.toLowerCase() === b.toLowerCase();
}

function withoutExtension(path: string): string {
  return path.replace(/\.[a-z]+$/i, '');
}

function refuseCollision(
  inventory: Inventory,
  secrets: readonly Secret[],
  place: { readonly folder: string; readonly name: string; readonly address: string; readonly path: string },
  audience: readonly string[],
): void {
  const { folder, name, address, path } = place;
  const receivers = hostsOfAudience(inventory, audience, hostsOfFolder(inventory, folder));
  const hosts = receivers.filter(host => inventory.hosts.get(host)?.secrets.get(address)?.deliver !== false);
  const format = formatOfPath(path);
  const added: Secret = { name, address, file: path, key: null, format, hosts, options: {}, emitted: true };
  const found = collisions([...secrets, added]).find(collision => collision.addresses.includes(address));
  if (found === undefined) return;
  const other = found.addresses.find(taken => taken !== address) ?? address;
  throw new SecretsError('NAME_COLLISION', found.message, {
    hint: `choose another name, or use what is there (${other}): sops-nix would install no secret at all on that host`,
  });
}

function newReaders(inventory: Inventory, path: string, audience: readonly string[]): string[] {
  const before = ruleFor(inventory, path);
  const known = new Set(before === null ? [] : audienceOf(before).map(canonicalRecipient));
  return audience.filter(recipient => !known.has(canonicalRecipient(recipient)));
}
