import type { Talk } from '../talk.ts';
import type { GuardFinding, ScanResult } from './finding.ts';

/** How a result is told. */
interface Manner {
  readonly json?: boolean | undefined;
  readonly sarif?: boolean | undefined;
  /** True in a hook: nothing is said where nothing was found. */
  readonly quiet?: boolean | undefined;
}

/** Tells a result: to a person one finding after the other, to a program as a document. Never with a value. */
export async function sayResult(talk: Talk, result: ScanResult, manner: Manner): Promise<void> {
  const asDocument = manner.json === true || manner.sarif === true;
  if (manner.sarif === true) {
    const { sarifOf } = await import('./sarif.ts');
    await talk.outJson(sarifOf(result));
  } else if (manner.json === true) await talk.outJson(asJson(result));
  else {
    // git gives the stdout of some hooks to other programs
    const tell = (line: string) => (manner.quiet === true ? talk.say(line) : talk.outLine(line));
    for (const line of [...result.findings.flatMap(findingLines), ...uncheckedLines(result)])
      await tell(line);
  }
  for (const note of result.notes) await talk.note(oneLine(note));
  const clean = result.findings.length + result.unchecked.length === 0;
  if (asDocument || (clean && manner.quiet === true)) return;
  await talk.note(summary(result));
}

/** What nobody may take for clean. */
export function uncheckedLines({ unchecked }: ScanResult): string[] {
  return unchecked.map(({ file, reason }) => `${oneLine(file)}: could not be checked: ${oneLine(reason)}`);
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

function findingLines({ file, line, column, rule, message, fix, commit }: GuardFinding): string[] {
  const where = commit === null ? '' : ` (commit ${commit.slice(0, 12)})`;
  return [
    `${oneLine(file)}:${line}:${column}: ${oneLine(message)} [${rule}]${where}`,
    `  fix: ${oneLine(fix)}`,
  ];
}

/** The name of a file may hold a newline, and a finding is one line. */
export function oneLine(text: string): string {
  return text.replace(/[\n\t]/g, character => (character === '\n' ? '\\n' : '\\t'));
}

function summary({ findings, unchecked, allowed, files }: ScanResult): string {
  const parts = [`${counted(findings.length, 'finding')} in ${counted(files, 'file')}`];
  if (allowed > 0) parts.push(`${allowed} allowed by .secrets-allow.yaml`);
  if (unchecked.length > 0) parts.push(`${unchecked.length} not checked`);
  return parts.join(', ');
}

/** `1 file`, `2 files` */
export function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}
