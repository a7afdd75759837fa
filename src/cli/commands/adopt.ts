import { shortRecipient } from '../../age/recipient.ts';
import { ExitCode } from '../../errors.ts';
import { type Adoption, flakesFromText, planAdopt } from '../../ops/adopt/adopt.ts';
import type { HostMember, Member } from '../../ops/adopt/members.ts';
import type { Workspace } from '../../ops/workspace.ts';
import type { FlakeHost } from '../../workspace/flake-host.ts';
import { readNixText } from '../check-nix-text.ts';
import { confirmAndApply } from '../confirmed.ts';
import { knownSources } from '../known-keys.ts';
import { table } from '../render/table.ts';
import { newSession, readWorkspace, type Session, type WriteOptions } from '../session.ts';
import type { World } from '../world.ts';
import { count } from './sync.ts';

interface AdoptOptions extends WriteOptions {
  readonly flake?: string | undefined;
  readonly importFromDerivation?: boolean | undefined;
  /** False: `--no-options`. */
  readonly options?: boolean | undefined;
}

/** `secrets adopt`: who is who in a repository that was made without this tool. */
export async function runAdopt(world: World, options: AdoptOptions): Promise<number> {
  const session = newSession(world, options);
  const before = await readWorkspace(session);
  const evaluated = await evaluatedFlake(session, before, options);
  const own = await ownKeys(session, before);
  const make = async (workspace: Workspace) => {
    const flakes = evaluated ?? flakesFromText(await readNixText(workspace));
    return planAdopt(workspace, { own, flakes, options: options.options !== false });
  };
  await tell(session, await make(before), evaluated !== null);
  const asks = options.yes === true || options.dryRun === true || world.stdin.isTTY === true;
  await confirmAndApply(session, make, asks ? options : { ...options, dryRun: true }, {
    ask: () => 'write this into .sops.yaml?',
    unattended: 'secrets adopt --yes writes what is shown; nothing else is changed by it',
    json: asJson,
  });
  if (!asks) await session.talk.note('secrets adopt --yes writes what is shown');
  return ExitCode.ok;
}

async function evaluatedFlake(
  { world, talk }: Session,
  { root }: Workspace,
  { flake, importFromDerivation: builds }: AdoptOptions,
): Promise<FlakeHost[] | null> {
  if (flake === undefined) return null;
  const { readFlake } = await import('../flake/read-flake.ts');
  const say = async (line: string) => (world.stderr.isTTY === true ? talk.note(line) : undefined);
  return readFlake(world, flake, { root, builds, say });
}

/** Asks nobody, and unlocks nothing: public halves are enough. */
async function ownKeys({ world }: Session, { inventory }: Workspace): Promise<string[]> {
  const sources = await knownSources(world, recipient => inventory.nameOf(recipient));
  return sources.flatMap(({ recipients }) => recipients.map(({ recipient }) => recipient));
}

async function tell({ talk }: Session, adoption: Adoption, isEvaluated: boolean): Promise<void> {
  const { admins, hosts, unclear, options, notes, text } = adoption;
  if (admins.length > 0) await talk.say(`admins:\n${table(admins.map(each => row(each, [])))}`);
  if (hosts.length > 0) await talk.say(`hosts:\n${table(hosts.map(each => row(each, [each.platform])))}`);
  if (unclear.length > 0)
    await talk.say(
      `not clear, and left as they are (secrets host add NAME, or secrets admin add NAME):\n${table(unclear.map(each => row(each, [])))}`,
    );
  if (options.length > 0) await talk.say(`options that Nix has for ${count(options.length, 'secret')}`);
  for (const note of notes) await talk.note(note);
  if (text !== null)
    await talk.say(
      `.sops.yaml is written by a program; these lines belong where it takes them from:\n${text}`,
    );
  if (admins.length + hosts.length + options.length === 0)
    await talk.note('.sops.yaml says all of it already');
  else if (!isEvaluated)
    await talk.note('read from the text of the Nix files; `secrets adopt --flake .` asks Nix itself');
}

function row({ name, anchor, recipient, why }: Member, more: readonly string[]): string[] {
  const key = anchor === null ? shortRecipient(recipient) : anchor === name ? '' : `*${anchor}`;
  return [`  ${name}`, ...more, key, why.slice(0, 2).join(', ')];
}

function asJson({ admins, hosts, unclear, options, notes }: Adoption) {
  const member = ({ name, recipient, anchor, why }: Member) => ({ name, recipient, anchor, why });
  return {
    admins: admins.map(member),
    hosts: hosts.map((each: HostMember) => ({ ...member(each), platform: each.platform })),
    unclear: unclear.map(member),
    options,
    notes,
  };
}
