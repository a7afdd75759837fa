import type { CheckFinding } from './finding.ts';

/** Said once for a file, whoever declares it. */
const OF_FILES: ReadonlyMap<string, string> = new Map([
  ['plaintext', 'plaintext'],
  ['broken', 'plaintext'],
  ['not-encrypted', 'plaintext'],
  ['crlf', 'plaintext'],
  ['key-twice', 'plaintext'],
  ['odd-key', 'plaintext'],
  ['untracked', 'untracked'],
  ['ignored', 'untracked'],
]);
/** Said once for a value: `check` without a flake names one host of several. */
const OF_VALUES = new Set(['not-a-string', 'nested-json']);
/** Said once for a line, whoever declares the file. */
const OF_LINES = new Set(['env-name', 'env-skipped']);

/** Those of `found` that `known` does not say already; each once. */
export function news(known: readonly CheckFinding[], found: readonly CheckFinding[]): CheckFinding[] {
  const said = new Set(known.flatMap(marksOf));
  const clashing = new Set(known.flatMap(({ code, host }) => (code === 'name-twice' ? host : [])));
  return found.filter(each => {
    if (each.code === 'name-twice' && clashing.has(each.host)) return false;
    const marks = marksOf(each);
    if (marks.some(mark => said.has(mark))) return false;
    for (const mark of marks) said.add(mark);
    return true;
  });
}

function marksOf({ code, file, line, host, secret, message }: CheckFinding): string[] {
  const ofFile = OF_FILES.get(code);
  if (ofFile !== undefined) return [[ofFile, file].join('\0')];
  if (OF_LINES.has(code)) return [[code, file, line].join('\0')];
  if (OF_VALUES.has(code)) return [[code, file, secret].join('\0')];
  return [[code, file, host, secret, message].join('\0')];
}
