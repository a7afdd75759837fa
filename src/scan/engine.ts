import { Redacted } from '../redacted.ts';
import { InlineAllowances } from './allow-inline.ts';
import { CONTEXT_RULES } from './context.ts';
import { lowerCase, type TextWindow, textWindows } from './decode.ts';
import type { ScanFinding, ScanReport, ScanRule } from './model.ts';
import { Places } from './places.ts';
import { RuleSet } from './rule-set.ts';
import { type Candidate, selectHits } from './select.ts';
import { STRUCTURED_RULES } from './structured.ts';
import { TextScan } from './text-scan.ts';
import { fixOf, messageOf } from './wording.ts';

/** Lines of a file, from 1, the last one included. */
export interface LineRange {
  readonly first: number;
  readonly last: number;
}

/** How to scan a file. */
export interface ScanOptions {
  /** Absent: {@link ALL_RULES}. */
  readonly rules?: readonly ScanRule[];
  /** Only findings that touch one of these lines are reported; `null` or absent: all. */
  readonly changed?: readonly LineRange[] | null;
  /** A clock in milliseconds, for the time that a file may take; one of the processor where other programs run beside. */
  readonly now: () => number;
  /** The bytes that are looked at in one go, for tests. */
  readonly window?: { readonly size: number; readonly overlap: number };
}

/** Every rule. Structured ones first: where two find the same text, they are the surer ones. */
export const ALL_RULES: readonly ScanRule[] = [...STRUCTURED_RULES, ...CONTEXT_RULES];

/** A file may take this long, and as much again for every so many bytes. */
const BUDGET_MS = 5_000;
const BYTES_PER_BUDGET = 5 * 1024 * 1024;
const NAMES = new Set(ALL_RULES.map(rule => rule.id));
const STANDARD = new RuleSet(ALL_RULES, STRUCTURED_RULES);

/**
 * Looks for credentials in one file or blob. Never throws for any bytes, and takes linear time.
 *
 * @param path as the findings' file is called; some rules look only at some paths
 * @param bytes the whole content: what is above and below a changed line is needed to understand it
 * @returns the findings by place; `unchecked` where the time ran out or a rule failed, so that the file is not clean
 */
export function scanBytes(path: string, bytes: Uint8Array, options: ScanOptions): ScanReport {
  const changed = options.changed ?? null;
  if (changed !== null && changed.length === 0) return { findings: [], unchecked: null };
  const rules = options.rules === undefined ? STANDARD : new RuleSet(options.rules, STRUCTURED_RULES);
  const deadline = options.now() + BUDGET_MS * (1 + Math.floor(bytes.length / BYTES_PER_BUDGET));
  const scan = new TextScan(path, rules, () => options.now() > deadline);
  scan.lookAtBytes(bytes);
  const findings: ScanFinding[] = [];
  const seen = new Set<string>();
  for (const window of textWindows(bytes, options.window?.size, options.window?.overlap)) {
    for (const finding of findingsIn(scan, window, rules, changed)) {
      const place = `${finding.rule}:${finding.line}:${finding.column}`;
      if (!seen.has(place)) findings.push(finding);
      seen.add(place);
    }
    if (scan.isOver) break;
  }
  return { findings, unchecked: scan.unchecked };
}

function* findingsIn(
  scan: TextScan,
  window: TextWindow,
  rules: RuleSet,
  changed: readonly LineRange[] | null,
): Iterable<ScanFinding> {
  const lower = lowerCase(window.text);
  const { hits, markers } = scan.textHits(window.text, lower, window.binary);
  if (hits.length === 0) return;
  const places = new Places(window);
  const allowances = new InlineAllowances(window.text, markers, offset => places.lineAt(offset));
  const isRule = (name: string) => NAMES.has(name) || rules.has(name);
  const touches = changed === null ? () => true : rangesTouch(changed);
  for (const hit of selectHits(hits)) {
    const rule = rules.rules[hit.rule];
    if (rule === undefined || !touches(places.lineAt(hit.start), places.lineAt(hit.end - 1))) continue;
    const { line, column } = places.at(hit.start);
    const allowance = allowances.of(rule.id, line, isRule);
    if (allowance === 'allowed') continue;
    yield {
      rule: rule.id,
      line,
      column,
      endLine: places.lineAt(lastOffset(hit)),
      message: messageOf(rule, allowance),
      fix: fixOf(rule),
      secret: new Redacted(hit.value),
    };
  }
}

function lastOffset(hit: Candidate): number {
  return Math.max(hit.start, hit.secretEnd - 1);
}

/** Tells whether lines from one to another meet one of the ranges. */
function rangesTouch(ranges: readonly LineRange[]): (first: number, last: number) => boolean {
  const sorted = ranges.toSorted((a, b) => a.first - b.first);
  // The furthest end of all ranges up to each, so that a search by their beginnings is enough.
  let furthest = 0;
  const ends = sorted.map(range => {
    furthest = Math.max(furthest, range.last);
    return furthest;
  });
  return (first, last) => {
    let low = 0;
    let high = sorted.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((sorted[middle]?.first ?? 0) <= last) low = middle + 1;
      else high = middle;
    }
    return low > 0 && (ends[low - 1] ?? 0) >= first;
  };
}
