import { SecretsError } from '../../errors.ts';
import { recipientsOf } from '../../sops/metadata-recipients.ts';
import { addAdmins, addHosts, addOptions } from '../../workspace/edit.ts';
import type { FlakeHost } from '../../workspace/flake-host.ts';
import type { HandWritten } from '../../workspace/hand-written.ts';
import { type KeyContext, keyContexts } from '../../workspace/key-context.ts';
import type { Inventory } from '../../workspace/model.ts';
import { parseInventory } from '../../workspace/parse.ts';
import { canonicalRecipient } from '../../workspace/parse-keys.ts';
import { stagedKeys } from '../../workspace/staged.ts';
import { DeclaredFiles } from '../check/evaluated-files.ts';
import { asFlake } from '../check/hand-host.ts';
import { HandReader } from '../check/hand-secrets.ts';
import { Draft } from '../draft.ts';
import { nixFiles } from '../modules.ts';
import type { Plan } from '../plan.ts';
import type { Workspace } from '../workspace.ts';
import { judgeKeys } from './evidence.ts';
import { type Members, proposeMembers } from './members.ts';
import { namesInNix } from './nix-names.ts';
import { proposeOptions, type SeenOptions } from './options.ts';
import { wantedText } from './wanted-text.ts';

/** What is known beside the repository itself. */
export interface AdoptRequest {
  /** Public keys of the identities at hand. */
  readonly own: readonly string[];
  /** The configurations of the flake, evaluated or as their text shows them. */
  readonly flakes: readonly FlakeHost[];
  /** False: only who is who. */
  readonly options: boolean;
}

/** What `.sops.yaml` is to say, and what it takes to say it. */
export interface Adoption extends Members {
  readonly options: readonly SeenOptions[];
  readonly plan: Plan;
  /** What would be written into a `.sops.yaml` that a program writes; `null`: it can be written here. */
  readonly text: string | null;
}

/**
 * Reads who is who from what is there, and plans to write it into `.sops.yaml`: names of admins, of hosts, and the
 * options that Nix has for secrets. No rule changes, and no encrypted file is touched.
 *
 * @throws SecretsError `BAD_INVENTORY`
 */
export async function planAdopt(workspace: Workspace, request: AdoptRequest): Promise<Adoption> {
  const draft = new Draft(workspace);
  const { inventory } = draft;
  const files = new DeclaredFiles(draft);
  for (const { sopsFile } of request.flakes.flatMap(({ secrets }) => secrets)) await files.look(sopsFile);
  const readersOf = ({ secrets }: FlakeHost) =>
    secrets.flatMap(({ sopsFile }) => {
      const file = files.known(sopsFile);
      return file?.state === 'sops' ? [file.readers] : [];
    });
  const own = new Set(request.own.map(canonicalRecipient));
  // the key that waits to replace another one is of whoever has that one
  const staged = new Set([...stagedKeys(inventory).values()].map(canonicalRecipient));
  const found = keyContexts(inventory).filter(({ recipient }) => !staged.has(canonicalRecipient(recipient)));
  const keys = withReaders(draft, found);
  const nix = namesInNix(await nixFiles(workspace));
  const judged = judgeKeys(inventory, keys, { paths: draft.paths, own, flakes: request.flakes, nix });
  const members = proposeMembers(inventory, judged, request.flakes, readersOf);
  const declared = request.flakes.flatMap(({ name, secrets }) =>
    secrets.map(secret => ({ host: name, secret })),
  );
  const seen = request.options
    ? proposeOptions(inventory, draft.secrets, declared, files)
    : { options: [], notes: [] };
  if (inventory.generated) return forOthers(draft, members, seen);
  const { text, refused } = written(inventory, members, seen.options);
  draft.setInventory(text, summary(members, seen.options));
  return {
    ...members,
    notes: [...members.notes, ...seen.notes, ...refused],
    options: seen.options,
    plan: draft.toPlan(),
    text: null,
  };
}

/** A program writes `.sops.yaml`: what it should write is told. */
function forOthers(draft: Draft, members: Members, seen: ReturnType<typeof proposeOptions>): Adoption {
  const isNothing = members.admins.length + members.hosts.length + seen.options.length === 0;
  return {
    ...members,
    notes: [...members.notes, ...seen.notes],
    options: seen.options,
    plan: draft.toPlan(),
    text: isNothing ? null : wantedText(members, seen.options),
  };
}

/** What hand-written Nix declares in plain sight, as an evaluation would say it. */
export function flakesFromText(hand: HandWritten): FlakeHost[] {
  const reader = new HandReader(hand);
  return hand.hosts.map(host => {
    const { secrets } = reader.ofHost(host, new Set());
    const known = secrets.filter(({ keyKnown, formatKnown }) => keyKnown && formatKnown);
    return { ...asFlake(host.name, host.platform, host.inside), secrets: known.map(({ secret }) => secret) };
  });
}

/** Keys that read nothing and stand in no rule are nobody's of interest. */
function withReaders({ inventory, files }: Draft, keys: readonly KeyContext[]): KeyContext[] {
  const used = new Set<string>();
  for (const { groups } of inventory.rules)
    for (const { age, pgp } of groups) for (const key of [...age, ...pgp]) used.add(canonicalRecipient(key));
  for (const { metadata } of files)
    if (metadata !== undefined) for (const key of recipientsOf(metadata)) used.add(canonicalRecipient(key));
  return keys.filter(key => key.names.length > 0 || used.has(canonicalRecipient(key.recipient)));
}

/** The text with all of it. What cannot be written, in a section of another form for instance, is left out and told. */
function written(
  inventory: Inventory,
  members: Members,
  options: readonly SeenOptions[],
): { text: string; refused: string[] } {
  let current = inventory;
  const refused: string[] = [];
  const edit = (what: string, change: (present: Inventory) => string): void => {
    try {
      current = parseInventory(change(current), inventory.file);
    } catch (error) {
      if (!(error instanceof SecretsError)) throw error;
      refused.push(`${what} cannot be written: ${error.message}`);
    }
  };
  edit('admins', present => addAdmins(present, members.admins));
  edit('hosts', present => addHosts(present, members.hosts));
  edit('options of secrets', present => addOptions(present, options));
  return { text: current.text, refused };
}

function summary({ admins, hosts }: Members, options: readonly SeenOptions[]): string {
  const parts = [
    counted(admins.length, 'admin'),
    counted(hosts.length, 'host'),
    ...(options.length === 0 ? [] : [`options of ${counted(options.length, 'secret')}`]),
  ];
  return parts.join(', ');
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}
