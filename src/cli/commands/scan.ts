import { ExitCode, SecretsError } from '../../errors.ts';
import { loadIdentities } from '../../keys/sources.ts';
import { nodeKeysWorld } from '../../keys/world.ts';
import { withoutKeyCommands } from '../known-keys.ts';
import type { GuardFinding, ScanResult } from '../scan/finding.ts';
import { runScan, type ScanMeans } from '../scan/run-scan.ts';
import type { Subject } from '../scan/subject.ts';
import { newSession, type Session } from '../session.ts';
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
}

/** `secrets scan` */
export async function runScanCommand(
  world: World,
  paths: readonly string[],
  options: ScanOptions,
): Promise<number> {
  refuseBoth(paths, options);
  const session = newSession(world, { json: options.json === true || options.sarif === true });
  const subject = await subjectOf(world, paths, options);
  const means = meansOf(world);
  try {
    if (options.baseline === true) {
      const { writeBaseline } = await import('../scan/baseline.ts');
      return await writeBaseline(session, subject, means, options.yes === true);
    }
    const result = await runScan(subject, means);
    await report(session, result, options);
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

async function subjectOf(
  world: World,
  paths: readonly string[],
  { staged, range, all }: ScanOptions,
): Promise<Subject> {
  const place = { cwd: world.cwd, env: world.env, inherited: true };
  if (staged !== true && range === undefined && all !== true) {
    const { fileSubject } = await import('../scan/from-files.ts');
    return fileSubject(world, paths);
  }
  const { historySubject, rangeSubject, stagedSubject } = await import('../scan/from-objects.ts');
  if (range !== undefined) return rangeSubject(place, range);
  return staged === true ? stagedSubject(place) : historySubject(place);
}

/** Identities that open without asking: no command of the person is run for a commit, and no keychain unlocked. */
function meansOf(world: World): ScanMeans {
  let identities: ReturnType<ScanMeans['identities']> | undefined;
  return {
    now: () => performance.now(),
    identities: () => {
      const quiet = { ...world, env: withoutKeyCommands(world.env) };
      identities ??= loadIdentities(nodeKeysWorld(quiet));
      return identities;
    },
    skipped: new Set((world.env['SECRETS_SKIP'] ?? '').split(/[,\s]+/).filter(rule => rule !== '')),
  };
}

async function report(session: Session, result: ScanResult, options: ScanOptions): Promise<void> {
  const { talk } = session;
  if (options.sarif === true) {
    const { sarifOf } = await import('../scan/sarif.ts');
    await talk.outJson(sarifOf(result));
  } else if (options.json === true) await talk.outJson(asJson(result));
  else {
    for (const finding of result.findings) await sayFinding(session, finding);
    for (const { file, reason } of result.unchecked)
      await talk.say(`${file}: could not be checked: ${reason}`);
  }
  for (const note of result.notes) await talk.note(note);
  const clean = result.findings.length + result.unchecked.length === 0;
  if (options.json === true || options.sarif === true || (clean && options.quiet === true)) return;
  await talk.note(summary(result));
}

function asJson({ findings, unchecked }: ScanResult) {
  return {
    findings: findings.map(({ rule, file, line, column, message, fix, commit }) => ({
      rule,
      file,
      line,
      column,
      message,
      fix,
      commit,
    })),
    unchecked,
  };
}

async function sayFinding({ talk }: Session, finding: GuardFinding): Promise<void> {
  const { file, line, column, rule, message, fix, commit } = finding;
  const where = commit === null ? '' : ` (commit ${commit.slice(0, 12)})`;
  await talk.say(`${oneLine(file)}:${line}:${column}: ${message} [${rule}]${where}`);
  await talk.say(`  fix: ${oneLine(fix)}`);
}

/** The name of a file may hold a newline, and a finding is one line. */
function oneLine(text: string): string {
  return text.replace(/[\n\t]/g, character => (character === '\n' ? '\\n' : '\\t'));
}

function summary({ findings, unchecked, allowed, files }: ScanResult): string {
  const parts = [
    `${findings.length} ${findings.length === 1 ? 'finding' : 'findings'} in ${files} ${files === 1 ? 'file' : 'files'}`,
  ];
  if (allowed > 0) parts.push(`${allowed} allowed by .secrets-allow.yaml`);
  if (unchecked.length > 0) parts.push(`${unchecked.length} not checked`);
  return parts.join(', ');
}
