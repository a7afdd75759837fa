import type { World } from './world.ts';

/** Fewer are done before anybody could read the line. */
const FEWEST = 50;
const PAUSE_MS = 100;

/**
 * A line on the terminal that counts, and is gone at the end. Silent where stderr is no terminal, and with
 * `--json`.
 */
export function progress(
  world: World,
  label: string,
  options: { readonly json?: boolean | undefined },
): (done: number, total: number) => void {
  if (world.stderr.isTTY !== true || options.json === true) return () => {};
  let last = 0;
  return (done, total) => {
    const now = performance.now();
    if (total < FEWEST || (done < total && now - last < PAUSE_MS)) return;
    last = now;
    const text = done < total ? `\r${label} ${done}/${total}\u001b[K` : '\r\u001b[K';
    world.stderr.write(text, () => {});
  };
}
