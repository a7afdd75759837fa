import { ExitCode, SecretsError } from '../../errors.ts';
import { processorClock } from '../processor-clock.ts';
import type { ScanMeans } from '../scan/run-scan.ts';
import { sayResult } from '../scan/say-result.ts';
import type { Subject } from '../scan/subject.ts';
import { Talk } from '../talk.ts';
import type { World } from '../world.ts';

interface ScanOptions {
  readonly staged?: boolean | undefined;
  readonly range?: string | undefined;
  readonly all?: boolean | undefined;
  readonly json?: boolean | undefined;
  readonly sarif?: boolean | undefined;
  readonly baseline?: boolean | undefined;
  readonly yes?: boolean | undefined;
  /** True in a hook: nothing is said where nothing was found. */
  readonly quiet?: boolean | undefined;
  /** True in a hook whose commit ends a merge. */
  readonly endsMerge?: boolean | undefined;
}

/** `secrets scan` */
export async function runScanCommand(
  world: World,
  paths: readonly string[],
  options: ScanOptions,
): Promise<number> {
  refuseBoth(paths, options);
  const talk = new Talk(world, options.json === true || options.sarif === true);
  const open = await opener(world, paths, options);
  // git starts before the rules are loaded, and lists meanwhile
  const [subject, { runScan }] = await Promise.all([open(), import('../scan/run-scan.ts')]);
  const means = meansOf(world);
  try {
    if (options.baseline === true) {
      const { writeBaseline } = await import('../scan/baseline.ts');
      return await writeBaseline({ world, talk }, subject, means, options.yes === true);
    }
    const result = await runScan(subject, means);
    await sayResult(talk, result, options);
    if (result.findings.length > 0) return ExitCode.findings;
    return result.unchecked.length > 0 ? ExitCode.failure : ExitCode.ok;
  } finally {
    await subject.close();
  }
}

function refuseBoth(
  paths: readonly string[],
  { staged, range, all, json, sarif, baseline }: ScanOptions,
): void {
  const modes = [staged === true, range !== undefined, all === true, paths.length > 0].filter(Boolean);
  if (modes.length > 1)
    throw new SecretsError('USAGE', 'paths, --staged, --range and --all exclude each other');
  if (json === true && sarif === true)
    throw new SecretsError('USAGE', '--json and --sarif exclude each other');
  if (baseline === true && sarif === true)
    throw new SecretsError('USAGE', '--baseline and --sarif exclude each other');
}

async function opener(
  world: World,
  paths: readonly string[],
  { staged, range, all, endsMerge }: ScanOptions,
): Promise<() => Promise<Subject>> {
  const place = { cwd: world.cwd, env: world.env, inherited: true };
  if (staged !== true && range === undefined && all !== true) {
    const { fileSubject } = await import('../scan/from-files.ts');
    return async () => fileSubject(world, paths);
  }
  const { historySubject, rangeSubject, stagedSubject } = await import('../scan/from-objects.ts');
  if (range !== undefined) return () => rangeSubject(place, range);
  return () => (staged === true ? stagedSubject(place, endsMerge) : historySubject(place));
}

/** Identities that open without asking: no command of the person is run for a commit, and no keychain unlocked. */
function meansOf(world: World): ScanMeans {
  let identities: ReturnType<ScanMeans['identities']> | undefined;
  return {
    now: processorClock,
    identities: () => {
      identities ??= import('../scan/quiet-identities.ts').then(({ quietIdentities }) =>
        quietIdentities(world),
      );
      return identities;
    },
    skipped: new Set((world.env['SECRETS_SKIP'] ?? '').split(/[,\s]+/).filter(rule => rule !== '')),
  };
}
