import { SecretsError } from '../errors.ts';
import type { Host, Inventory, Secret } from '../workspace/model.ts';
import { ruleFor } from '../workspace/rules.ts';
import { optionsFor } from '../workspace/secrets.ts';
import type { Draft } from './draft.ts';
import { readWorkFile } from './files.ts';
import type { ModuleEntry } from './ports.ts';
import type { Workspace } from './workspace.ts';

/** Keys of `.sops.yaml` that are the tool's own and mean nothing to sops-nix. */
const OWN_OPTIONS = new Set(['generate', 'deliver', 'sopsFile', 'key', 'pending']);

/**
 * Where the module of a host is emitted: beside the folders of `secrets/`, unless a creation rule claims that
 * path too (`secrets/.*`), which would make it a file that must be encrypted.
 */
export function modulePath(inventory: Inventory, host: string): string {
  const usual = `secrets/${host}.nix`;
  return ruleFor(inventory, usual) === null ? usual : `nix/secrets/${host}.nix`;
}

/** Hosts that receive a secret which this tool declares. */
function receivers(secrets: readonly Secret[]): Set<string> {
  return new Set(secrets.filter(secret => secret.emitted).flatMap(secret => secret.hosts));
}

/** The text of the module of one host, for what the draft will hold. Needs no key. */
async function moduleText(draft: Draft, host: Host): Promise<string> {
  const { modules } = draft.workspace.around;
  const others = [...draft.inventory.hosts.keys()].filter(name => name !== host.name);
  const byHand = modules.declaredByHand(await nixFiles(draft.workspace), host.name, host.platform, others);
  const path = modulePath(draft.inventory, host.name);
  const declarations = draft.secrets
    .filter(secret => secret.emitted && secret.hosts.includes(host.name) && !byHand.has(secret.name))
    .map(secret => moduleEntry(draft.inventory, secret, host));
  return modules.emit({
    host: host.name,
    platform: host.platform,
    directory: path.slice(0, path.lastIndexOf('/')),
    declarations,
  });
}

function moduleEntry(inventory: Inventory, secret: Secret, host: Host): ModuleEntry {
  const options = Object.fromEntries(
    Object.entries(optionsFor(inventory, secret, host.name)).filter(([name]) => !OWN_OPTIONS.has(name)),
  );
  // without a key of its own the whole document is delivered, which sops-nix has to be told
  const key = secret.key === secret.name ? null : (secret.key ?? '');
  const { name, address, file, format, pending } = secret;
  return { name, address, file, format, key, options, pending };
}

/**
 * Brings the modules of these hosts up to date in the draft; default: of all that receive something, and those that
 * are there or imported without.
 *
 * @throws SecretsError `ALREADY_EXISTS` where a hand-written file stands in the place
 */
export async function emitModules(draft: Draft, only?: readonly string[]): Promise<void> {
  const receiving = receivers(draft.secrets);
  for (const host of draft.inventory.hosts.values()) {
    const receives = receiving.has(host.name);
    if (only?.includes(host.name) === false || (!receives && !host.declared)) continue;
    const path = modulePath(draft.inventory, host.name);
    if (only === undefined && !receives && !(await isThereOrImported(draft, path))) continue;
    await refuseHandWritten(draft.workspace, path);
    await draft.writeText(path, await moduleText(draft, host), `what ${host.name} imports`);
  }
}

/** Nobody misses an empty module that nothing imports: a repository that was adopted has its own. */
async function isThereOrImported(draft: Draft, path: string): Promise<boolean> {
  if ((await draft.read(path)) !== null) return true;
  return (await nixFiles(draft.workspace)).some(({ text }) => text.includes(path));
}

async function refuseHandWritten(workspace: Workspace, path: string): Promise<void> {
  const present = await readWorkFile(workspace.root, path);
  if (present === null || workspace.around.modules.isEmitted(new TextDecoder().decode(present.bytes))) return;
  throw new SecretsError(
    'ALREADY_EXISTS',
    'a file that this tool did not emit stands where the module belongs',
    {
      file: path,
      hint: `move it away, for example to ${path.replace(/\.nix$/, '-extra.nix')}, and import both`,
    },
  );
}

/** The Nix files of the repository that people wrote, emitted modules left out; of a flake, those that Nix sees. */
export function nixFiles(workspace: Workspace): Promise<readonly NixFile[]> {
  const known = nixFilesOf.get(workspace) ?? readNixFiles(workspace);
  nixFilesOf.set(workspace, known);
  return known;
}

interface NixFile {
  readonly path: string;
  readonly text: string;
}

/** Every host's module asks for them. */
const nixFilesOf = new WeakMap<Workspace, Promise<readonly NixFile[]>>();

async function readNixFiles(workspace: Workspace): Promise<NixFile[]> {
  const found: NixFile[] = [];
  const paths = workspace.paths.filter(name => name.endsWith('.nix'));
  const tracked = await workspace.around.versionControl?.tracked(paths);
  for (const path of paths) {
    if (tracked?.has(path) === false) continue;
    const text = await readText(workspace, path);
    if (text !== null && !workspace.around.modules.isEmitted(text)) found.push({ path, text });
  }
  return found;
}

/** `null` for a link that leaves the repository, a folder, or a file that is too large to be Nix. */
async function readText(workspace: Workspace, path: string): Promise<string | null> {
  try {
    const file = await readWorkFile(workspace.root, path);
    return file === null ? null : new TextDecoder().decode(file.bytes);
  } catch (error) {
    if (error instanceof SecretsError) return null;
    throw error;
  }
}
