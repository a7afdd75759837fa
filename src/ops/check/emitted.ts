import { recipientsOf } from '../../sops/metadata-recipients.ts';
import type { Secret } from '../../workspace/model.ts';
import { canonicalRecipient } from '../../workspace/parse-keys.ts';
import { hostsOfFolder } from '../../workspace/receivers.ts';
import { optionsFor } from '../../workspace/secrets.ts';
import type { Draft } from '../draft.ts';
import { INVENTORY_FILE } from '../workspace.ts';
import { envNames } from './env-names.ts';
import { type CheckFinding, finding } from './finding.ts';
import { droppedMode, notAString } from './values.ts';

/** So many hosts of a file are named one by one. */
const NAMED_HOSTS = 3;

/** What this tool declares for the hosts, held against the files. */
export async function checkEmitted(draft: Draft): Promise<CheckFinding[]> {
  const found: CheckFinding[] = [];
  const lines = linesOf(draft.inventory.text);
  for (const secret of draft.secrets) {
    if (!secret.emitted || secret.pending === true) continue;
    found.push(...checkEntry(draft, secret), ...checkMode(draft, secret, lines));
    if (secret.hosts.length === 0) continue;
    found.push(...checkValue(draft, secret), ...(await checkEnv(draft, secret)));
  }
  return [...found, ...checkReaders(draft), ...checkSlashes(draft)];
}

function checkValue(draft: Draft, { key, file, hosts, address, format }: Secret): CheckFinding[] {
  const managed = draft.managedFile(file);
  const place = { file, secret: address, ...(hosts[0] === undefined ? {} : { host: hosts[0] }) };
  if (format === 'ini' && managed?.format === 'ini') {
    const message =
      'it is INI, which the installer writes anew: quotes, spaces, comments and doubled keys change';
    const fix = `store it as binary, which arrives byte for byte: secrets add ${address} --binary --from-file FILE`;
    return [finding('ini-rewritten', place, message, fix)];
  }
  if (key === null) return [];
  const what = managed?.odd?.get(key);
  return [
    ...(what === undefined
      ? []
      : [
          finding(
            'not-a-string',
            place,
            notAString(key, what),
            `secrets set ${address}, which stores a string`,
          ),
        ]),
    ...(format === 'json' && key.includes('/')
      ? [
          finding(
            'nested-json',
            place,
            `${key} lies inside a map of a JSON file, into which sops-nix cannot look`,
            'put it at the top level, or into a YAML file',
          ),
        ]
      : []),
  ];
}

async function checkEnv(draft: Draft, { file, format, address }: Secret): Promise<CheckFinding[]> {
  return format === 'dotenv' ? envNames(draft, { file, secret: address }) : [];
}

/** Options that arrive otherwise, on the host that has them so. */
function checkMode({ inventory }: Draft, secret: Secret, lines: ReadonlyMap<string, number>): CheckFinding[] {
  const byMode = new Map<string, string[]>();
  for (const host of secret.hosts) {
    const { mode } = optionsFor(inventory, secret, host);
    // others are refused when the module is emitted
    if (mode !== undefined && /^0?[0-7]{3}$/.test(mode))
      byMode.set(mode, [...(byMode.get(mode) ?? []), host]);
  }
  return [...byMode].flatMap(([mode, hosts]) => {
    const dropped = droppedMode(mode);
    if (dropped === null) return [];
    const line = lines.get(secret.address);
    const place = { file: INVENTORY_FILE, secret: secret.address, ...(line === undefined ? {} : { line }) };
    const [host, ...more] = hosts;
    const whose = host === undefined || more.length > 0 ? {} : { host };
    return [finding('mode-dropped', { ...place, ...whose }, dropped.message, dropped.fix)];
  });
}

/** Where the entries of `secrets:` begin. */
function linesOf(text: string): Map<string, number> {
  const lines = new Map<string, number>();
  for (const [index, line] of text.split('\n').entries()) {
    const address = /^[ \t]+["']?([^\s"':#]{1,500})["']?[ \t]*:/.exec(line)?.[1];
    if (address !== undefined && !lines.has(address)) lines.set(address, index + 1);
  }
  return lines;
}

/** An entry with `sopsFile:` is a claim about a file that somebody else may have changed. */
function checkEntry(draft: Draft, secret: Secret): CheckFinding[] {
  const { options, file, address, key } = secret;
  if (options.sopsFile === undefined) return [];
  const place = { file, secret: address, ...only(secret.hosts) };
  const managed = draft.managedFile(file);
  if (managed === undefined) {
    if (draft.paths.includes(file)) return [];
    const message = `${address} in .sops.yaml lies in this file, which is not there`;
    return [finding('file-missing', place, message, `git log --all -- ${file} shows where it went`)];
  }
  const named = hostsOfFolder(draft.inventory, address.slice(0, address.indexOf('/')));
  const barred = [...named].filter(host => !secret.hosts.includes(host) && !isHeldBack(draft, host, address));
  const unread = barred.map(host => {
    const message = `${address} is meant for ${host}, whose key the rule of the file does not name: it receives nothing`;
    const fix = `add *${host} to the rule of the file (\`secrets why ${file}\`), then run \`secrets sync\``;
    return finding('cannot-open', { file, host, secret: address }, message, fix);
  });
  const leaves = managed.leaves ?? [];
  const isThere =
    key === null || key === '' || managed.leaves === null || leaves.some(leaf => leaf.join('/') === key);
  if (isThere) return unread;
  const message = `${address} in .sops.yaml asks for the key ${key}, which the file does not have: the build fails`;
  const fix = `add it (secrets edit ${file}), or name another under secrets.${address}.key in .sops.yaml`;
  return [...unread, finding('key-missing', place, message, fix)];
}

function isHeldBack({ inventory }: Draft, host: string, address: string): boolean {
  return inventory.hosts.get(host)?.secrets.get(address)?.deliver === false;
}

function only(hosts: readonly string[]): { host?: string } {
  const [host, ...more] = hosts;
  return host === undefined || more.length > 0 ? {} : { host };
}

/** Hosts that receive something of a file and stand not among those who can read it. */
function checkReaders(draft: Draft): CheckFinding[] {
  const byFile = new Map<string, { hosts: Set<string>; first: Secret }>();
  for (const secret of draft.secrets) {
    if (!secret.emitted || secret.pending === true) continue;
    const those = byFile.get(secret.file) ?? { hosts: new Set<string>(), first: secret };
    for (const host of secret.hosts) those.hosts.add(host);
    byFile.set(secret.file, those);
  }
  return [...byFile].flatMap(([file, { hosts, first }]) => {
    const metadata = draft.managedFile(file)?.metadata;
    if (metadata === undefined) return [];
    const readers = new Set(recipientsOf(metadata).map(canonicalRecipient));
    const barred = [...hosts].filter(host => {
      const recipient = draft.inventory.hosts.get(host)?.recipient ?? null;
      return recipient !== null && !readers.has(canonicalRecipient(recipient));
    });
    return cannotOpen(file, first.address, barred);
  });
}

function cannotOpen(file: string, secret: string, hosts: readonly string[]): CheckFinding[] {
  const say = (who: string, place: { host?: string }) => {
    const message = `${who} is given what is in it, and cannot open it: no secret of that host is installed`;
    return finding('cannot-open', { file, secret, ...place }, message, `secrets sync ${file}`);
  };
  if (hosts.length <= NAMED_HOSTS) return hosts.map(host => say(host, { host }));
  return [
    say(`each of ${hosts.slice(0, NAMED_HOSTS).join(', ')} and ${hosts.length - NAMED_HOSTS} more`, {}),
  ];
}

/** In our own tree a key with a `/` belongs to no secret: sops-nix takes the `/` for the way into a map. */
function checkSlashes({ files, inventory }: Draft): CheckFinding[] {
  return files.flatMap(({ path, leaves }) => {
    const folder = /^secrets\/([^/]+)\/.+\.yaml$/.exec(path)?.[1];
    if (folder === undefined || leaves === null || hostsOfFolder(inventory, folder).size === 0) return [];
    const key = leaves.flat().find(part => part.includes('/'));
    if (key === undefined) return [];
    const message = `its key ${key} holds a /, which sops-nix takes for the way into a map: no host can ask for it`;
    return [
      finding(
        'key-missing',
        { file: path },
        message,
        `let ${key.split('/')[0] ?? ''} be a map: secrets edit ${path}`,
      ),
    ];
  });
}
