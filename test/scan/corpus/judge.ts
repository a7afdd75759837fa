import { inspect } from 'node:util';
import type { Corpus } from './index.ts';
import type { Family, Grade, Negative, Positive } from './sample.ts';

/** As much of a finding as any scanner can tell. */
export interface Place {
  readonly line: number;
  readonly endLine: number;
}

/** What a scanner said about each file of a corpus, in the order of the corpus. */
export interface Verdicts {
  readonly positives: readonly (readonly Place[])[];
  readonly negatives: readonly (readonly Place[])[];
}

/** Part of a whole, and what is not in it, by kind. */
export interface Share {
  readonly share: number;
  readonly of: number;
  readonly hit: number;
  readonly kinds: readonly string[];
}

/** Families of which not a single file may be blocked. */
export const NEVER_BLOCKED: readonly Family[] = [
  'sops',
  'armor',
  'encrypted',
  'public',
  'hash',
  'lock',
  'reference',
];

/** How many credentials of a grade were found, at their place; `kinds`: those that were not. */
export function recall(corpus: Corpus, verdicts: Verdicts, grade: Grade | null): Share {
  const rated = corpus.positives.flatMap((sample, index) =>
    grade === null || sample.grade === grade ? [{ sample, found: verdicts.positives[index] ?? [] }] : [],
  );
  const missed = rated.filter(({ sample, found }) => !isFound(sample, found));
  const hit = rated.length - missed.length;
  return { share: hit / rated.length, of: rated.length, hit, kinds: missed.map(({ sample }) => sample.kind) };
}

/** How many innocent files were blocked, and which kinds. */
export function falseBlocks(
  corpus: Corpus,
  verdicts: Verdicts,
  families: readonly Family[] | null = null,
): Share {
  const rated = corpus.negatives.flatMap((sample, index) =>
    families === null || families.includes(sample.family)
      ? [{ sample, found: verdicts.negatives[index] ?? [] }]
      : [],
  );
  const blocked = rated.filter(({ found }) => found.length > 0);
  const kinds = blocked.map(({ sample, found }) => `${named(sample)}, line ${found[0]?.line}`);
  return { share: blocked.length / rated.length, of: rated.length, hit: blocked.length, kinds };
}

function named({ family, kind }: Negative): string {
  return `${family}: ${kind}`;
}

/** A finding counts where it touches the lines of the credential, and no more than a few beyond. */
export function isFound({ lines }: Positive, found: readonly Place[]): boolean {
  if (lines === null) return found.length > 0;
  const size = lines.last - lines.first;
  return found.some(
    ({ line, endLine }) => line <= lines.last && endLine >= lines.first && endLine - line <= size + 3,
  );
}

/** True where what is shown of a report has eight characters in a row of a secret, or a short one whole. */
export function leaks({ secrets }: Positive, report: unknown): boolean {
  const shown = [JSON.stringify(report), inspect(report, { depth: 9, maxStringLength: null })].join('\n');
  const windows = new Set<string>();
  for (let at = 0; at + WINDOW <= shown.length; at++) windows.add(shown.slice(at, at + WINDOW));
  return secrets.some(secret => {
    if (secret.length < WINDOW) return shown.includes(secret);
    for (let at = 0; at + WINDOW <= secret.length; at++) {
      if (windows.has(secret.slice(at, at + WINDOW))) return true;
    }
    return false;
  });
}

const WINDOW = 8;
