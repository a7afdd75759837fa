/**
 * The files of one state in an endless row: some in every state and never the same, one in every second, one in
 * a folder that comes and goes, and enough of them that a change takes a while.
 */
export function filesOfState(state: number): Map<string, string> {
  if (state === 0) return new Map();
  const files = new Map([['counter', String(state)]]);
  for (let index = 0; index < 6; index++) {
    files.set(`secrets/host${index}/value.yaml`, `value ${state} of ${index}\n`.repeat(50 * (index + 1)));
  }
  if (state % 2 === 0) files.set('secrets/host1/even.env', `EVEN=${state}\n`);
  if (state % 3 === 0) files.set(`secrets/third-${state}/deep/value.yaml`, `third ${state}\n`);
  return files;
}
