import type { EvaluatedSecret, FailedSecret, FlakeHost } from '../../workspace/flake-host.ts';
import type { Secret } from '../../workspace/model.ts';
import type { Draft } from '../draft.ts';
import { modulePath } from '../modules.ts';
import { DeclaredFiles } from './evaluated-files.ts';
import { type PairedHost, pairHosts } from './evaluated-hosts.ts';
import { checkOptions, shortened } from './evaluated-options.ts';
import { checkAgreement, checkSecret, type Look, placeOf, rewritten } from './evaluated-secret.ts';
import { type CheckFinding, finding } from './finding.ts';
import { unseenByNix } from './tracking.ts';

/**
 * What the evaluated configurations of a flake declare, held against the repository: whatever Nix makes of `lib.mkIf`,
 * of functions and of defaults is seen here, and nowhere else without a build.
 *
 * @param complete false where only some of the configurations were read: then none is missing
 * @returns `hosts`: those that a configuration is of, as findings call them; `settled`: those of them, and of the missing ones, of which nothing needs to be guessed any more
 */
export async function checkEvaluated(
  draft: Draft,
  flakes: readonly FlakeHost[],
  complete = true,
): Promise<{ findings: CheckFinding[]; settled: ReadonlySet<string>; hosts: ReadonlySet<string> }> {
  const files = new DeclaredFiles(draft);
  for (const { sopsFile } of flakes.flatMap(({ secrets }) => secrets)) await files.look(sopsFile);
  const readersOf = ({ secrets }: FlakeHost) =>
    secrets.flatMap(({ sopsFile }) => {
      const file = files.known(sopsFile);
      return file?.state === 'sops' ? [file.readers] : [];
    });
  const paired = pairHosts(draft.inventory, flakes, readersOf);
  const look = {
    draft,
    files,
    unseen: await unseenByNix(draft, sopsFiles(flakes, files)),
    addresses: new Map(draft.secrets.map(secret => [placeOf(secret.file, secret.key), secret.address])),
  };
  const emitted = emittedByHost(draft.secrets);
  // one profile on several machines need not be wired on all of them
  const wired = new Set(
    paired.filter(each => lacks(each, emitted.get(each.name) ?? []).length === 0).map(({ name }) => name),
  );
  const absent = complete ? absentHosts(draft, paired) : [];
  const findings = [
    ...paired.flatMap(each =>
      checkHost(look, each, wired.has(each.name) ? [] : (emitted.get(each.name) ?? [])),
    ),
    ...absent,
  ];
  const evaluated = paired.filter(({ flake }) => flake.problem === null).map(({ name }) => name);
  return {
    findings,
    settled: new Set([...evaluated, ...absent.flatMap(({ host }) => host ?? [])]),
    hosts: new Set(paired.map(({ name }) => name)),
  };
}

function checkHost(look: Look, paired: PairedHost, emitted: readonly Secret[]): CheckFinding[] {
  const { flake, name: host } = paired;
  if (flake.problem !== null) return [failedEvaluation(flake, host)];
  return [
    ...flake.failed.map(each => failedSecret(each, host)),
    ...checkKnown(paired),
    ...checkDelivered(look.draft, paired, emitted),
    ...flake.secrets.flatMap(secret => checkSecret(look, paired, secret)),
    ...flake.secrets.flatMap(secret => checkRewritten(look, host, secret)),
    ...checkAgreement(look, paired),
    ...checkOptions(paired),
  ];
}

function checkRewritten(
  { files }: Look,
  host: string,
  { sopsFile, format, attribute }: EvaluatedSecret,
): CheckFinding[] {
  const file = files.known(sopsFile);
  const isIni = format === 'ini' && file?.managed?.format === 'ini';
  return rewritten(isIni, file?.path ?? null, shortened(attribute), host);
}

function failedEvaluation({ problem, problemFile }: FlakeHost, host: string): CheckFinding {
  const place = { host, ...(problemFile === null ? {} : { file: problemFile }) };
  const bare = /option `sops' does not exist/.test(problem ?? '');
  const fix = bare
    ? 'import the sops-nix module: sops-nix.nixosModules.sops, darwinModules.sops or homeManagerModules.sops'
    : 'see the whole trace: nix eval --show-trace on config.sops.secrets of this host';
  return finding('evaluation', place, `${host} does not evaluate: ${problem ?? ''}`, fix);
}

function failedSecret(
  { attribute, options, problem, problemFile }: FailedSecret,
  host: string,
): CheckFinding {
  const file = problemFile ?? null;
  const place = { host, secret: attribute, ...(file === null ? {} : { file }) };
  const shown = options.length > 3 ? 'its declaration' : options.join(', ');
  const message = `${shown} of ${attribute} does not evaluate on ${host}${problem === undefined ? '' : `: ${problem}`}`;
  return finding('evaluation', place, message, 'correct the declaration');
}

function checkKnown({ flake, host, recipient, name }: PairedHost): CheckFinding[] {
  if (host !== null) {
    if (!host.declared || host.platform === flake.platform) return [];
    const message = `.sops.yaml says ${host.platform}, and the flake has ${name} as ${flake.platform}`;
    const fix = `hosts.${name}.platform: ${flake.platform}, then run \`secrets nix\``;
    return [finding('platform-differs', { file: '.sops.yaml', host: name }, message, fix)];
  }
  if (flake.secrets.length === 0 || (recipient !== null && flake.platform === 'home')) return [];
  const what = flake.inside === null ? name : `the profile of ${name} on ${flake.inside}`;
  const known = recipient === null ? 'whether it can open them is not known' : 'only a key has that name';
  const message = `${what} declares secrets, and .sops.yaml has no host of that name: ${known}`;
  return [finding('host-unknown', { host: name }, message, `secrets host add ${name.split('@')[0] ?? name}`)];
}

/** What the tool emits for the host has to be among what the host declares. */
function checkDelivered(
  draft: Draft,
  { flake, name: host }: PairedHost,
  emitted: readonly Secret[],
): CheckFinding[] {
  const missing = lacks({ flake }, emitted);
  const [first] = missing;
  if (first === undefined) return [];
  const file = modulePath(draft.inventory, host);
  if (missing.length < emitted.length)
    return missing.map(({ name, address }) => {
      const message = `${name} is emitted for ${host}, whose configuration does not declare it`;
      return finding('not-imported', { file, host, secret: address }, message, 'secrets nix');
    });
  const why = flake.sopsNix ? `does not import ${file}` : 'imports neither sops-nix nor what is emitted';
  const message = `the configuration of ${host} ${why}: it receives none of its ${emitted.length === 1 ? 'secrets' : `${emitted.length} secrets`}`;
  const fix = flake.sopsNix
    ? `put ${file} into its imports`
    : `put the sops-nix module and ${file} into its imports`;
  return [finding('not-imported', { file, host }, message, fix)];
}

/** What is emitted for a host and not declared by its configuration. */
function lacks({ flake }: Pick<PairedHost, 'flake'>, emitted: readonly Secret[]): Secret[] {
  const declared = new Set([...flake.secrets, ...flake.failed].map(({ attribute }) => attribute));
  return emitted.filter(secret => !declared.has(secret.name));
}

/** Hosts of `.sops.yaml` that the flake does not have. */
function absentHosts({ inventory }: Draft, paired: readonly PairedHost[]): CheckFinding[] {
  const present = new Set(paired.map(({ name }) => name));
  return [...inventory.hosts.values()]
    .filter(({ name, declared }) => declared && !present.has(name))
    .map(({ name, platform }) => {
      const set =
        platform === 'home' ? 'homeConfigurations or home-manager.users' : `${platform}Configurations`;
      const message = `hosts: names ${name}, which is not in ${set} of the flake`;
      return finding(
        'host-not-in-flake',
        { file: inventory.file, host: name },
        message,
        `secrets host rm ${name}, where it is gone`,
      );
    });
}

/** The sops files of this repository that the configurations name. */
function sopsFiles(flakes: readonly FlakeHost[], files: DeclaredFiles): string[] {
  const named = flakes.flatMap(({ secrets }) =>
    secrets.flatMap(({ sopsFile }) => {
      const file = files.known(sopsFile);
      return file?.state === 'sops' && file.path !== null ? [file.path] : [];
    }),
  );
  return [...new Set(named)];
}

function emittedByHost(secrets: readonly Secret[]): Map<string, Secret[]> {
  const byHost = new Map<string, Secret[]>();
  for (const secret of secrets) {
    if (!secret.emitted || secret.pending === true) continue;
    for (const host of secret.hosts) {
      const those = byHost.get(host);
      if (those === undefined) byHost.set(host, [secret]);
      else those.push(secret);
    }
  }
  return byHost;
}
