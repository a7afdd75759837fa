import type { Since } from './history.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
/** As many letters of a hash as git shows at least, and a few more. */
const SHORT = 10;

/** Whole days since then; what lies in the future is of today. */
export function daysSince(date: string, now: Date): number {
  return Math.max(0, Math.floor((now.getTime() - new Date(date).getTime()) / DAY_MS));
}

/** A commit as people read it. */
export function shortCommit(oid: string): string {
  return oid.slice(0, SHORT);
}

/** `since 2026-01-31 (1a2b3c4d5e)` */
export function sinceText(since: Since): string {
  if (since === null) return 'since when is not known';
  if (since === 'uncommitted') return 'not committed yet';
  const { commit, orEarlier } = since;
  return `since ${commit.date.slice(0, 10)} (${shortCommit(commit.oid)})${orEarlier ? ' or earlier' : ''}`;
}

/** The same as JSON; `null`: not known, or not committed yet. */
export function sinceJson(since: Since) {
  if (since === null || since === 'uncommitted') return null;
  const { commit, orEarlier } = since;
  return { commit: commit.oid, date: commit.date, or_earlier: orEarlier };
}
