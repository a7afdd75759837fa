import { accessSync, constants, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { describe, expect, it } from 'vitest';

/** Where `.ci/run` puts the pinned `sops` and `age`; looked at after `PATH`. */
export function peersFolder(): string {
  const cache = process.env.XDG_CACHE_HOME;
  const base = cache !== undefined && cache !== '' ? cache : join(homedir(), '.cache');
  return join(base, 'secrets-peers', 'bin');
}

/** Folders that hold system programs outside the `PATH` of an ordinary user (`sshd`). */
const SYSTEM_FOLDERS = ['/usr/local/sbin', '/usr/sbin', '/sbin'];

/**
 * The absolute path of a program, `null` where it is not installed.
 * Looks in the folder of pinned peers first, so that the tests meet the version they were written for.
 */
export function programPath(name: string): string | null {
  const onPath = (process.env.PATH ?? '').split(delimiter).filter(folder => folder !== '');
  for (const folder of [peersFolder(), ...onPath, ...SYSTEM_FOLDERS]) {
    const candidate = join(folder, name);
    if (isExecutable(candidate)) return candidate;
  }
  return null;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

/** True where a missing program is a failure instead of a suite left out. */
export function programsAreRequired(): boolean {
  const ci = process.env.CI;
  return ci !== undefined && ci !== '' && ci !== '0' && ci !== 'false';
}

/**
 * A suite that needs real programs. Runs where all of them are installed; with `CI=true` a missing one
 * is a failing test, elsewhere the suite is left out and one line says so.
 */
export function describeWith(programs: readonly string[], name: string, suite: () => void): void {
  const missing = programs.filter(program => programPath(program) === null);
  if (missing.length === 0) {
    describe(name, suite);
    return;
  }
  if (programsAreRequired()) {
    describe(name, () => {
      it(`has the programs it needs: ${programs.join(', ')}`, () => {
        expect(missing, 'programs that are not installed').toEqual([]);
      });
    });
    return;
  }
  process.stderr.write(`left out: ${name} (not installed: ${missing.join(', ')})\n`);
  describe.skip(`${name} (not installed: ${missing.join(', ')})`, suite);
}
