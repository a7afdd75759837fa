import { spawnSync } from 'node:child_process';
import { programPath } from './programs.ts';

/** A master key as sops prints it. */
interface SopsKey {
  readonly kind: string;
  readonly text: string;
}

interface SopsShape {
  readonly groups: readonly (readonly SopsKey[])[];
  readonly threshold: number;
  readonly selection: Readonly<Record<string, string | boolean>>;
}

/** What sops' own packages say of a file; see `test/interop/go/sops-config`. */
export interface SopsAnswer {
  readonly file: string;
  readonly config: string | null;
  readonly rule: number | null;
  readonly explicit: boolean;
  readonly wanted: SopsShape | null;
  readonly error: string;
  readonly has: SopsShape | null;
  readonly differs: boolean;
}

export interface SopsQuestion {
  /** Absolute. */
  readonly top: string;
  /** Relative to the top; they need not exist. */
  readonly files: readonly string[];
}

/** Asks for many folders in one process. */
export function askSops(questions: readonly SopsQuestion[]): SopsAnswer[][] {
  const input = JSON.stringify({ cases: questions });
  const { status, stdout, stderr } = spawnSync(programPath('sops-config') ?? 'sops-config', {
    input,
    maxBuffer: 1 << 30,
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`sops-config: exit ${status}: ${stderr}`);
  return JSON.parse(stdout).cases;
}

/** Every key of a rule or a file once, sorted. */
export function recipientsIn(shape: SopsShape | null): string[] {
  return [...new Set((shape?.groups ?? []).flat().map(({ text }) => text))].sort();
}

/** sops calls a rule without keys one empty group. */
export function groupCount(shape: SopsShape | null): number {
  return shape === null || recipientsIn(shape).length === 0 ? 0 : shape.groups.length;
}

/** The state that a file has by what sops says; `null`: it is nobody's. Files that git ignores have to be sops files. */
export function expectedState(answer: SopsAnswer, ignored: boolean): string | null {
  const { has, wanted, rule, explicit, error } = answer;
  if (/(^|\/)\.sops\.yaml$/.test(answer.file)) return null;
  if (has === null)
    return rule !== null && explicit && !ignored && !isMeantInClear(answer.file) ? 'plaintext' : null;
  if (error !== '' && !error.includes('no matching creation rules')) return 'broken';
  if (rule === null || wanted === null) return 'no-rule';
  return answer.differs || selectionDiffers(answer) || thresholdDiffers(has, wanted) ? 'drifted' : 'ok';
}

/** Nobody encrypts these, whatever the rules hit; none of the rules here was written for Nix. */
function isMeantInClear(file: string): boolean {
  return /(^|\/)(\.gitattributes|\.gitignore|README(\.(md|txt))?|[^/]*\.nix)$/.test(file);
}

function thresholdDiffers(has: SopsShape, wanted: SopsShape): boolean {
  const needed = (shape: SopsShape) => (shape.threshold === 0 ? shape.groups.length : shape.threshold);
  return wanted.groups.length > 1 && needed(has) !== needed(wanted);
}

function selectionDiffers({ has, wanted, file }: SopsAnswer): boolean {
  if (!/\.(ya?ml|json|env|ini)$/.test(file)) return false;
  const text = ({ mac_only_encrypted, ...fields }: SopsShape['selection']) => {
    const given = Object.entries(fields).filter(([, value]) => value !== '');
    const all = given.length > 0 ? given : [['unencrypted_suffix', '_unencrypted']];
    return JSON.stringify([all, mac_only_encrypted]);
  };
  return has !== null && wanted !== null && text(has.selection) !== text(wanted.selection);
}
