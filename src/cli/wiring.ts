import { findWiring, missingWiring, otherKeySources, type Wiring, type WiringStep } from '../nix/declared.ts';
import type { Declaration } from '../nix/module.ts';
import { modulePath, nixFiles } from '../ops/modules.ts';
import type { Surroundings } from '../ops/ports.ts';
import { openWorkspace, type Workspace } from '../ops/workspace.ts';
import type { Host, Secret } from '../workspace/model.ts';
import type { Session } from './session.ts';

/** What a command has just made, so that the lines for it are shown and no others. */
export interface WiringSubject {
  /** Absent: every host. */
  readonly host?: string | undefined;
  /** The secret whose use is to be shown. */
  readonly secret?: string | undefined;
  readonly env?: boolean | undefined;
  readonly unit?: string | undefined;
  /** The declaration to write by hand, for a secret in the host's own file. */
  readonly byHand?: Declaration | undefined;
}

/** Says which lines are still missing in hand-written Nix; silent once they are there. */
export async function showWiring(
  session: Session,
  root: string,
  around: Surroundings,
  subject: WiringSubject = {},
): Promise<void> {
  const workspace = await openWorkspace(root, around);
  for (const host of workspace.inventory.hosts.values()) {
    if (subject.host !== undefined && subject.host !== host.name) continue;
    if (subject.host === undefined && !host.declared) continue;
    await sayMissing(session, await stepsFor(workspace, host, subject));
  }
}

async function stepsFor(workspace: Workspace, host: Host, subject: WiringSubject): Promise<WiringStep[]> {
  const secrets = subject.secret === undefined ? [] : [subject.secret];
  const wiring = await wiringOf(workspace, host, secrets);
  return missingWiring(wiring, {
    ...query(workspace, host, secrets),
    env: subject.env,
    unit: subject.unit,
    byHand: subject.byHand === undefined ? [] : [subject.byHand],
    emitted: subject.byHand === undefined,
  });
}

async function wiringOf(workspace: Workspace, host: Host, secrets: readonly string[]): Promise<Wiring> {
  return findWiring(await nixFiles(workspace), query(workspace, host, secrets));
}

function query(workspace: Workspace, host: Host, secrets: readonly string[]) {
  const otherHosts = [...workspace.inventory.hosts.keys()].filter(name => name !== host.name);
  const emittedPath = modulePath(workspace.inventory, host.name);
  return { host: host.name, platform: host.platform, emittedPath, secrets, otherHosts };
}

async function sayMissing(session: Session, steps: readonly WiringStep[]): Promise<void> {
  for (const step of steps) {
    await session.talk.say(`  ${step.file === null ? '' : `${step.file}: `}${step.title}`);
    for (const line of step.lines) await session.talk.say(`      ${line}`);
  }
}

/** The lines that hand-written Nix lacks, for each host that has something to receive; the use of a secret is not looked for. */
export async function missingLines(workspace: Workspace): Promise<{ host: string; step: WiringStep }[]> {
  const found: { host: string; step: WiringStep }[] = [];
  for (const host of receivingHosts(workspace)) {
    if ((await nixFiles(workspace)).length === 0) continue;
    for (const step of await stepsFor(workspace, host, {})) found.push({ host: host.name, step });
  }
  return found;
}

function receivingHosts({ inventory, secrets }: Workspace): Host[] {
  const names = new Set(secrets.filter(secret => secret.emitted).flatMap(({ hosts }) => hosts));
  return [...inventory.hosts.values()].filter(({ name }) => names.has(name));
}

/** Warns where the configuration says that something else than the ssh host key decrypts. */
export async function warnOfOtherKeySource(
  session: Session,
  workspace: Workspace,
  host: Pick<Host, 'name' | 'platform'>,
): Promise<void> {
  const full = { ...host, recipient: null, secrets: new Map(), declared: true };
  for (const { option, path, line } of otherKeySources(await wiringOf(workspace, full, []))) {
    await session.talk.say(
      `  note: ${path}:${line} sets sops.${option}: the ssh host key may not be what decrypts on ${host.name}; if so, use the public half of that key with --age`,
    );
  }
}

/** Places in hand-written Nix that use a secret, as `FILE:LINE`. */
export async function stillUsed(workspace: Workspace, secret: Secret): Promise<string[]> {
  const places = new Set<string>();
  for (const name of secret.hosts) {
    const host = workspace.inventory.hosts.get(name);
    if (host === undefined) continue;
    const wiring = await wiringOf(workspace, host, [secret.name]);
    for (const { path, line } of wiring.uses.get(secret.name) ?? []) places.add(`${path}:${line}`);
  }
  return [...places];
}
