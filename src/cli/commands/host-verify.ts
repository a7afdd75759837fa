import { ExitCode, SecretsError } from '../../errors.ts';
import { compareDeployed } from '../../ops/members/deployed.ts';
import { verifyHost } from '../../ops/members/host-verify.ts';
import type { Workspace } from '../../ops/workspace.ts';
import type { Host } from '../../workspace/model.ts';
import { checkHost } from '../../workspace/secrets.ts';
import { knownHostsFiles } from '../known-hosts.ts';
import { newSession, readWorkspace, type Session } from '../session.ts';
import type { World } from '../world.ts';

interface VerifyCommandOptions {
  readonly all?: boolean | undefined;
  readonly offline?: boolean | undefined;
  readonly deployed?: boolean | undefined;
  readonly sudo?: boolean | undefined;
  readonly ssh?: string | undefined;
  readonly json?: boolean | undefined;
}

/** `secrets host verify` */
export async function runHostVerify(
  world: World,
  names: readonly string[],
  options: VerifyCommandOptions,
): Promise<number> {
  const session = newSession(world, options);
  const workspace = await readWorkspace(session);
  const hosts = chosen(workspace, names, options);
  const keys = [];
  const deployed = [];
  const unreachable: string[] = [];
  for (const host of hosts) {
    const target = options.ssh ?? host.name;
    const asked = target.replace(/^[^@]*@/, '');
    const how = {
      target: asked,
      knownHosts: knownHostsFiles(world.homedir),
      offline: options.offline === true,
    };
    const verdict = await verifyHost(host, how, world.run);
    await session.talk.say(
      `${host.name}: ${verdict.state === 'ok' ? 'key ok' : verdict.state}, ${verdict.detail}`,
    );
    keys.push(verdict);
    if (options.deployed !== true) continue;
    try {
      deployed.push(...(await sayDeployed(session, workspace, host, target, options)));
    } catch (error) {
      // the next machine may answer all the same
      if (!(error instanceof SecretsError) || error.code !== 'HOST_UNREACHABLE') throw error;
      if (hosts.length === 1) throw error;
      unreachable.push(host.name);
      await session.talk.say(`  ${error.message}`);
    }
  }
  if (options.json === true) await session.talk.outJson({ hosts: keys, deployed, unreachable });
  const bad =
    unreachable.length > 0 ||
    keys.some(key => key.state !== 'ok') ||
    deployed.some(secret => secret.state !== 'same');
  return bad ? ExitCode.findings : ExitCode.ok;
}

function chosen(
  { inventory }: Workspace,
  names: readonly string[],
  { all, ssh }: VerifyCommandOptions,
): Host[] {
  if (names.length === 0 && all !== true) {
    throw new SecretsError('USAGE', 'no host was named', {
      hint: 'secrets host verify NAME, or secrets host verify --all',
    });
  }
  const hosts = all === true ? [...inventory.hosts.values()] : names.map(name => checkHost(inventory, name));
  if (ssh !== undefined && hosts.length !== 1)
    throw new SecretsError('USAGE', '--ssh says where one host is; name that one');
  return hosts;
}

async function sayDeployed(
  { talk, world }: Session,
  workspace: Workspace,
  host: Host,
  target: string,
  options: VerifyCommandOptions,
) {
  const secrets = await compareDeployed(workspace, host, { target, sudo: options.sudo === true }, world.run);
  for (const { address, state } of secrets) await talk.say(`  ${address}: ${WORDS[state]}`);
  return secrets.map(secret => ({ host: host.name, ...secret }));
}

const WORDS = {
  same: 'on the machine as in the repository',
  differs: 'differs on the machine: deploy it',
  absent: 'is not on the machine, or not readable for the ssh user (try --sudo)',
} as const;
