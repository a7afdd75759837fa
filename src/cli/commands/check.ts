import { ExitCode, SecretsError } from '../../errors.ts';
import { type Checked, checkWorkspace } from '../../ops/check/check.ts';
import { type CheckFinding, finding } from '../../ops/check/finding.ts';
import { checkHandWritten } from '../../ops/check/hand-written.ts';
import { news } from '../../ops/check/news.ts';
import { Draft } from '../../ops/draft.ts';
import { inRepository } from '../../ops/paths.ts';
import type { Workspace } from '../../ops/workspace.ts';
import { checkHost } from '../../workspace/secrets.ts';
import { checkSarif } from '../answers/check-sarif.ts';
import { oldValues, parseMaxAge } from '../answers/old-values.ts';
import { isBroken, openForCheck } from '../check-broken.ts';
import { checkGuard, checkHook, guardFindings } from '../check-guard.ts';
import { machinesOf, readNixText } from '../check-nix-text.ts';
import { newSession, type Session } from '../session.ts';
import { missingLines } from '../wiring.ts';
import type { World } from '../world.ts';
import { count } from './sync.ts';

interface CheckOptions {
  readonly host?: string | undefined;
  readonly json?: boolean | undefined;
  readonly sarif?: boolean | undefined;
  readonly maxAge?: string | undefined;
  readonly flake?: string | undefined;
  readonly importFromDerivation?: boolean | undefined;
}

const NOTHING: Checked = { findings: [], files: 0, hosts: 0 };

/** `secrets check`: everything that would stop a deploy or leak a value, without any key. */
export async function runCheck(world: World, options: CheckOptions): Promise<number> {
  if (options.json === true && options.sarif === true)
    throw new SecretsError('USAGE', '--json and --sarif exclude each other');
  const maxAge = options.maxAge === undefined ? null : parseMaxAge(options.maxAge);
  const session = newSession(world, { json: options.json === true || options.sarif === true });
  // before the workspace is read: together they would take twice the memory in a large fleet
  const guarded = await guardFindings(world);
  const workspace = await openForCheck(session);
  if (isBroken(workspace)) {
    await report(session, workspace.workspace, { ...NOTHING, findings: [workspace.broken] }, options);
    return ExitCode.findings;
  }
  if (options.host !== undefined) checkHost(workspace.inventory, options.host);
  const text = await readNixText(workspace);
  const checked = await checkWorkspace(workspace, machinesOf(text));
  const all = [
    ...checked.findings,
    ...checkGuard(guarded, workspace, checked.findings),
    ...(await checkWiring(workspace)),
    ...(await checkHook(world, workspace)),
    ...(maxAge === null ? [] : await checkAges(session, workspace, maxAge)),
  ];
  const guessed = await checkHandWritten(new Draft(workspace), text);
  const surer = sureOf(all, guessed);
  const found = (await withFlake(session, workspace, options, surer, guessed)).filter(each =>
    concerns(workspace, each, options.host),
  );
  await report(session, workspace, { ...checked, findings: found }, options);
  return found.some(({ severity }) => severity === 'error') ? ExitCode.findings : ExitCode.ok;
}

/** What a rule may have been meant for is certain where a machine declares the file. */
function sureOf(known: readonly CheckFinding[], guessed: readonly CheckFinding[]): CheckFinding[] {
  const declared = new Set(guessed.flatMap(({ code, file }) => (code === 'plaintext' ? [file] : [])));
  return known.filter(
    ({ code, severity, file }) => !(code === 'plaintext' && severity === 'warning' && declared.has(file)),
  );
}

/** Evaluates a flake where one is named, and loads what does so only then. */
async function withFlake(
  session: Session,
  workspace: Workspace,
  { flake, ...options }: CheckOptions,
  known: readonly CheckFinding[],
  guessed: readonly CheckFinding[],
): Promise<readonly CheckFinding[]> {
  if (flake === undefined) return [...known, ...news(known, guessed)];
  const evaluation = await import('../flake/check-flake.ts');
  return evaluation.withFlake(session, workspace, { ...options, flake }, known, guessed);
}

async function checkAges(
  session: Session,
  workspace: Workspace,
  maxAge: number,
): Promise<readonly CheckFinding[]> {
  const { findings, notes } = await oldValues(session.world, workspace, maxAge);
  for (const note of notes) await session.talk.note(note);
  return findings;
}

/** What hand-written Nix still lacks, host by host. */
async function checkWiring(workspace: Workspace): Promise<CheckFinding[]> {
  const found: CheckFinding[] = [];
  for (const { host, step } of await missingLines(workspace)) {
    const place = { host, ...(step.file === null ? {} : { file: step.file }) };
    const message = `${host} lacks ${step.title}`;
    found.push(finding('wiring', place, message, `add: ${step.lines.map(line => line.trim()).join(' ')}`));
  }
  return found;
}

/** What belongs to no host concerns every host; a file concerns those who receive something of it. */
function concerns(
  workspace: Workspace,
  { host, file, secret }: CheckFinding,
  wanted: string | undefined,
): boolean {
  if (wanted === undefined) return true;
  if (host !== null) return host === wanted;
  const those = workspace.secrets.filter(other => other.file === file || other.address === secret);
  return those.length === 0 || those.some(({ hosts }) => hosts.includes(wanted));
}

async function report(
  session: Session,
  workspace: Workspace,
  checked: Checked,
  { sarif }: CheckOptions,
): Promise<void> {
  const { findings: found } = checked;
  const { talk } = session;
  if (sarif === true) {
    await talk.outJson(checkSarif(workspace, found));
    return;
  }
  if (talk.json) {
    const findings = found.map(each => ({
      ...each,
      file: each.file === null ? null : inRepository(workspace, each.file),
    }));
    await talk.outJson({ findings });
    return;
  }
  for (const each of found) {
    await talk.outLine(`${each.severity}: ${placeOf(each)}: ${each.message} [${each.code}]`);
    await talk.outLine(`  fix: ${each.fix}`);
  }
  const errors = found.filter(({ severity }) => severity === 'error').length;
  const warnings = found.length - errors;
  if (found.length === 0) await talk.note(`nothing that would stop a deploy in ${scope(checked)}`);
  else await talk.note(`${count(errors, 'error')}, ${count(warnings, 'warning')} in ${scope(checked)}`);
}

function placeOf({ file, line, host, secret }: CheckFinding): string {
  const place = line === null ? file : `${file}:${line}`;
  return place ?? secret ?? host ?? 'the repository';
}

function scope({ files, hosts }: Checked): string {
  return `${count(files, 'encrypted file')} for ${count(hosts, 'host')}`;
}
