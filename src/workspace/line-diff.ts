/** A table of more cells than this is not worth its time; both blocks are then shown whole. */
const MOST_CELLS = 4_000_000;
/** A post-quantum key has 1,959 characters. */
const LONGEST_LINE = 2_200;

/**
 * The changed lines with `+` and `-`, each block below the number of the old line that it follows. Empty where
 * nothing differs.
 */
export function lineDiff(before: string, after: string): string {
  const old = before.split(/\r?\n/);
  const fresh = after.split(/\r?\n/);
  let head = 0;
  while (head < old.length && head < fresh.length && old[head] === fresh[head]) head++;
  let tail = 0;
  const most = Math.min(old.length, fresh.length) - head;
  while (tail < most && old.at(-1 - tail) === fresh.at(-1 - tail)) tail++;
  const changed = blocks(old.slice(head, old.length - tail), fresh.slice(head, fresh.length - tail));
  return changed
    .map(({ at, lines }) => [`after line ${head + at}:`, ...lines.map(short)].join('\n'))
    .join('\n');
}

interface Block {
  /** How many old lines stand above it. */
  readonly at: number;
  readonly lines: string[];
}

function blocks(old: readonly string[], fresh: readonly string[]): Block[] {
  const common = old.length * fresh.length > MOST_CELLS ? null : commonLengths(old, fresh);
  const found: Block[] = [];
  let open: Block | null = null;
  let i = 0;
  let j = 0;
  while (i < old.length || j < fresh.length) {
    if (common !== null && i < old.length && old[i] === fresh[j]) {
      open = null;
      i++;
      j++;
      continue;
    }
    if (open === null) {
      open = { at: i, lines: [] };
      found.push(open);
    }
    const drop =
      i < old.length && (j >= fresh.length || (common?.[i + 1]?.[j] ?? 0) >= (common?.[i]?.[j + 1] ?? 0));
    open.lines.push(drop ? `- ${old[i++] ?? ''}` : `+ ${fresh[j++] ?? ''}`);
  }
  return found;
}

/** Lengths of the longest common subsequences of what follows each pair of lines. */
function commonLengths(old: readonly string[], fresh: readonly string[]): Uint32Array[] {
  const table = Array.from({ length: old.length + 1 }, () => new Uint32Array(fresh.length + 1));
  for (let i = old.length - 1; i >= 0; i--) {
    const row = table[i] ?? new Uint32Array();
    const below = table[i + 1] ?? new Uint32Array();
    for (let j = fresh.length - 1; j >= 0; j--) {
      row[j] = old[i] === fresh[j] ? (below[j + 1] ?? 0) + 1 : Math.max(below[j] ?? 0, row[j + 1] ?? 0);
    }
  }
  return table;
}

function short(line: string): string {
  return line.length > LONGEST_LINE ? `${line.slice(0, LONGEST_LINE)}…` : line;
}
