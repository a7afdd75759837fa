import { addAdmin, newInventory } from '../workspace/edit.ts';
import type { Inventory } from '../workspace/model.ts';
import { checkHostName } from '../workspace/names.ts';
import { parseInventory } from '../workspace/parse.ts';
import { ruleFor } from '../workspace/rules.ts';
import { Draft } from './draft.ts';
import { attributeLines, withDriverLines } from './drivers/attributes.ts';
import { readWorkFile } from './files.ts';
import type { Plan } from './plan.ts';
import type { Surroundings } from './ports.ts';
import { settle } from './transaction.ts';
import {
  findRoot,
  INVENTORY_FILE,
  listPaths,
  openWorkspace,
  stateDirOf,
  type Workspace,
} from './workspace.ts';

export interface InitRequest {
  /** Absolute path: where `.sops.yaml` is, or is to be. */
  readonly root: string;
  /** What to call this person where the repository has no name for the key yet. */
  readonly admin: string;
  /** The public keys of the identities at hand, the preferred one first. */
  readonly recipients: readonly string[];
}

export interface Initialised {
  readonly workspace: Workspace;
  readonly plan: Plan;
  /** The name that this person has, or will have. `null`: the repository has admins and this key is none of them. */
  readonly admin: string | null;
  /** True where `.sops.yaml` was there before. */
  readonly found: boolean;
}

const IGNORE_LINES = [
  '# what lies here is encrypted and belongs into git, also where *.env is ignored elsewhere',
  '!*.env',
  '!*.bin',
  '!*.yaml',
];
const ATTRIBUTE_LINES = ['# line ends are part of the ciphertext', '* -text'];

/**
 * Plans a new workspace, or what an existing one lacks. Running it again changes nothing.
 *
 * @throws SecretsError `BAD_NAME`, `BAD_INVENTORY`
 */
export async function planInit(request: InitRequest, around: Surroundings): Promise<Initialised> {
  // First: an interrupted init may be about to put `.sops.yaml` there.
  const stage = async (paths: readonly string[]) => around.versionControl?.stage(paths);
  await settle(request.root, stateDirOf(request.root, around), stage);
  const found = (await findRoot(request.root)) === request.root;
  const workspace = found ? await openWorkspace(request.root, around) : await freshWorkspace(request, around);
  const draft = new Draft(workspace);
  const admin = found ? joinExisting(draft, request) : request.admin;
  if (!found) draft.setInventory(workspace.inventory.text, `${admin} is admin`);
  await ensureLines(draft, '.gitignore', IGNORE_LINES);
  await ensureLines(draft, '.gitattributes', ATTRIBUTE_LINES);
  if (around.versionControl !== null) await ensureDrivers(draft);
  return { workspace, plan: draft.toPlan(), admin, found };
}

async function freshWorkspace(request: InitRequest, around: Surroundings): Promise<Workspace> {
  const { root } = request;
  const stateDir = stateDirOf(root, around);
  checkHostName(request.admin);
  const text = newInventory({ admin: { name: request.admin, recipient: request.recipients[0] ?? '' } });
  const inventory = parseInventory(text, INVENTORY_FILE);
  const paths = await listPaths(root, around);
  return { root, stateDir, around, inventory, config: null, paths, files: [], secrets: [] };
}

/** An identity that is a recipient already is that person; a repository without admins gets this one. */
function joinExisting(draft: Draft, request: InitRequest): string | null {
  const { inventory } = draft;
  const known = request.recipients
    .map(recipient => inventory.nameOf(recipient))
    .filter(name => name !== null);
  const admin = known.find(name => inventory.admins.includes(name));
  if (admin !== undefined) return admin;
  if (inventory.admins.length > 0) return null;
  const recipient = request.recipients.find(key => inventory.nameOf(key) !== null) ?? request.recipients[0];
  if (recipient === undefined) return null;
  const name = inventory.nameOf(recipient) ?? request.admin;
  if (inventory.generated) return nameOnly(draft, name);
  draft.setInventory(addAdmin(inventory, { name, recipient }), `${name} is admin`);
  return name;
}

function nameOnly(draft: Draft, name: string): string {
  draft.note(
    `.sops.yaml is written by a program: add \`admins: [${name}]\` where that program takes it from`,
  );
  return name;
}

/** The file in `secrets/`, or at the top where a rule claims that path as a file to encrypt. */
async function ensureLines(draft: Draft, name: string, lines: readonly string[]): Promise<void> {
  const claimed = claims(draft.inventory, `secrets/${name}`);
  const path = claimed ? name : `secrets/${name}`;
  const wanted = claimed ? lines.map(line => belowSecrets(line)) : lines;
  const present = await readWorkFile(draft.workspace.root, path);
  const text = present === null ? '' : new TextDecoder().decode(present.bytes);
  const there = new Set(text.split(/\r?\n/));
  const missing = wanted.filter(line => !there.has(line));
  if (missing.every(line => line.startsWith('#'))) return;
  const separator = text === '' || text.endsWith('\n') ? '' : '\n';
  await draft.writeText(
    path,
    `${text}${separator}${missing.join('\n')}\n`,
    'what git does with encrypted files',
  );
}

/** What gives files to the drivers for diffs and merges. */
async function ensureDrivers(draft: Draft): Promise<void> {
  for (const [path, lines] of attributeLines(draft.inventory, draft.files)) {
    const present = await draft.read(path);
    const text = present === null ? '' : new TextDecoder().decode(present.bytes);
    await draft.writeText(path, withDriverLines(text, lines), 'what git does with encrypted files');
  }
}

function claims(inventory: Inventory, path: string): boolean {
  return ruleFor(inventory, path) !== null;
}

function belowSecrets(line: string): string {
  if (line.startsWith('#')) return line;
  return line.startsWith('!') ? line.replace('!', '!/secrets/**/') : line.replace('*', '/secrets/**');
}
