import { SecretsError } from '../../errors.ts';
import { Draft } from '../draft.ts';
import { CONFIG_NAME, Configs } from '../drift/configs.ts';
import { type FileState, fileStates } from '../drift/governed.ts';
import type { Workspace } from '../workspace.ts';
import { brokenConfig } from './broken-config.ts';
import { checkConfig } from './config.ts';
import { checkDelivery } from './delivery.ts';
import { checkFiles } from './files.ts';
import type { CheckFinding } from './finding.ts';
import { checkTracking } from './tracking.ts';

/** What is wrong, and how much was looked at, in every config of the work tree. */
export interface Checked {
  readonly findings: readonly CheckFinding[];
  /** Encrypted files. */
  readonly files: number;
  readonly hosts: number;
}

/**
 * Everything in a workspace that would stop a deploy, deliver something else, or leak a value, as far as it can be seen
 * without any private key; sorted by file and line.
 *
 * @param machines names of which hand-written Nix says that they are hosts; a key that `hosts:` does not name may be anybody's
 */
export async function checkWorkspace(workspace: Workspace, machines: ReadonlySet<string>): Promise<Checked> {
  const draft = new Draft(workspace);
  const [states, configs] = [await fileStates(draft), await Configs.of(draft)];
  const findings = [
    ...checkConfigs(configs, draft.paths, machines),
    ...(await checkFiles(draft, states)),
    ...(await checkDelivery(draft, states)),
    ...(await checkTracking(draft, states)),
  ];
  return { findings: findings.sort(byPlace), files: filesOf(workspace, states), hosts: hostsOf(configs) };
}

function filesOf({ files }: Workspace, states: readonly FileState[]): number {
  const nested = states.flatMap(({ config, drift, path }) =>
    config !== CONFIG_NAME && drift !== null ? [path] : [],
  );
  return new Set([...files.map(({ path }) => path), ...nested]).size;
}

function hostsOf(configs: Configs): number {
  const all = [...configs.all().values()];
  return new Set(all.flatMap(each => (each instanceof SecretsError ? [] : [...each.hosts.keys()]))).size;
}

/** Each config is held against the files that it governs; one that does not load is a finding of its own. */
function checkConfigs(
  configs: Configs,
  paths: readonly string[],
  machines: ReadonlySet<string>,
): CheckFinding[] {
  const governed = new Map<string, string[]>();
  for (const path of paths) {
    const { config, matched } = configs.governing(path);
    const those = governed.get(config);
    if (those === undefined) governed.set(config, [matched]);
    else those.push(matched);
  }
  return [...configs.all()].flatMap(([config, inventory]) => {
    if (!(inventory instanceof SecretsError))
      return checkConfig(inventory, governed.get(config) ?? [], machines);
    return [brokenConfig(inventory, config)];
  });
}

function byPlace(a: CheckFinding, b: CheckFinding): number {
  const [left, right] = [a.file ?? '', b.file ?? ''];
  if (left !== right) return left < right ? -1 : 1;
  return (a.line ?? 0) - (b.line ?? 0) || (a.code < b.code ? -1 : Number(a.code > b.code));
}
