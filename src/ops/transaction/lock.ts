import { AsyncLocalStorage } from 'node:async_hooks';
import { randomBytes } from 'node:crypto';
import {
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { SecretsError } from '../../errors.ts';
import { isGone, type LockOwner, parseOwner, thisOwner } from './owner.ts';
import { errnoOf, writeError } from './system-error.ts';

/** How the lock is waited for. */
export interface LockOptions {
  /** How long one and the same holder is waited for, in milliseconds; 10 s where nothing is said. */
  readonly waitMs?: number | undefined;
  /** What a message of another process calls this one, `secrets add`. Must not hold a value. */
  readonly command?: string | undefined;
}

const WAIT_MS = 10_000;
/** Others may come first again and again; this many waits are the end in any case. */
const MOST_WAITS = 6;
const POLL_MS = { least: 15, spread: 45 };
/** An owner file that cannot be read is what a power cut leaves; a fresh one may be on its way to be seen. */
const UNREADABLE_AFTER_MS = 30_000;

interface Lease {
  readonly stateDir: string;
  active: boolean;
}

interface Holder {
  /** Name of the owner file; unique for each time the lock is taken. */
  readonly name: string;
  /** `null`: the file does not say who. */
  readonly owner: LockOwner | null;
}

const leases = new AsyncLocalStorage<readonly Lease[]>();

/**
 * Runs `fn` while this process alone holds the lock of `stateDir`. Inside `fn` the lock counts as held, so
 * nested calls for the same folder run at once. The lock of a process that died is taken over.
 *
 * The lock is a folder `lock` with one file in it, named by chance at each taking. It is taken by renaming a
 * prepared folder onto it, which the system does only while `lock` is absent or empty; it is broken by removing
 * the very file whose owner was found dead. Who finds that out late removes a name that is gone already, so two
 * processes that break a lock at once can never both hold it, nor break the one that came after.
 *
 * @param stateDir absolute; made where it is missing, and removed when it is left empty
 * @throws SecretsError `LOCKED` naming the holder, `WRITE_FAILED`
 */
export async function withLock<T>(
  stateDir: string,
  fn: () => Promise<T>,
  options: LockOptions = {},
): Promise<T> {
  const folder = resolve(stateDir);
  const outer = leases.getStore() ?? [];
  if (outer.some(lease => lease.active && lease.stateDir === folder)) return fn();
  const name = await acquire(folder, options);
  const lease: Lease = { stateDir: folder, active: true };
  try {
    return await leases.run([...outer, lease], fn);
  } finally {
    lease.active = false;
    release(folder, name);
  }
}

async function acquire(stateDir: string, options: LockOptions): Promise<string> {
  const me = thisOwner(options.command ?? 'secrets');
  const name = `owner-${randomBytes(8).toString('hex')}.json`;
  const candidate = join(stateDir, `lock-${name.slice(6, 22)}`);
  const patience = new Patience(options.waitMs ?? WAIT_MS);
  try {
    while (!take(stateDir, candidate, name, me)) {
      const holder = currentHolder(stateDir);
      if (holder === null) {
        if (patience.isOver(''))
          throw new SecretsError('LOCKED', `the lock in ${stateDir} could not be taken`);
      } else if (isStale(stateDir, holder, me, candidate)) removeQuietly(join(stateDir, 'lock', holder.name));
      else if (patience.isOver(holder.name)) throw lockedError(stateDir, holder, me);
      else await sleep(POLL_MS.least + Math.random() * POLL_MS.spread);
    }
    removeAbandoned(stateDir, me);
    return name;
  } catch (error) {
    removeQuietly(join(candidate, name));
    removeFolderQuietly(candidate);
    removeFolderQuietly(stateDir);
    throw writeError(error, stateDir, stateDir);
  }
}

/** Counts the time that one holder is waited for, and all of it. */
class Patience {
  readonly #waitMs: number;
  readonly #begin = performance.now();
  #holder = '';
  #since = 0;

  constructor(waitMs: number) {
    this.#waitMs = waitMs;
  }

  isOver(holder: string): boolean {
    const now = performance.now();
    if (holder !== this.#holder) {
      this.#holder = holder;
      this.#since = now;
    }
    return now - this.#since >= this.#waitMs || now - this.#begin >= this.#waitMs * MOST_WAITS;
  }
}

/** One attempt. False: somebody holds the lock, or a folder vanished on the way and is made again next time. */
function take(stateDir: string, candidate: string, name: string, me: LockOwner): boolean {
  try {
    prepare(stateDir, candidate, name, me);
    renameSync(candidate, join(stateDir, 'lock'));
    return true;
  } catch (error) {
    const code = errnoOf(error);
    if (code === 'ENOTEMPTY' || code === 'EEXIST' || code === 'ENOENT') return false;
    throw error;
  }
}

function prepare(stateDir: string, candidate: string, name: string, me: LockOwner): void {
  makeStateDir(stateDir);
  if (lstatSync(join(candidate, name), { throwIfNoEntry: false }) !== undefined) return;
  makeFolder(candidate);
  writeFileSync(join(candidate, name), JSON.stringify(me));
}

function makeStateDir(stateDir: string): void {
  try {
    makeFolder(stateDir);
  } catch (error) {
    throw writeError(error, stateDir, stateDir);
  }
  if (lstatSync(stateDir, { throwIfNoEntry: false })?.isDirectory() !== false) return;
  throw new SecretsError('BAD_PATH', `${stateDir} is not a folder, but the lock belongs into one`, {
    hint: 'remove it and run the command again',
  });
}

function makeFolder(path: string): void {
  try {
    mkdirSync(path);
  } catch (error) {
    if (errnoOf(error) !== 'EEXIST') throw error;
  }
}

/** `null`: nobody holds it. */
function currentHolder(stateDir: string): Holder | null {
  const folder = join(stateDir, 'lock');
  try {
    const name = readdirSync(folder)[0];
    if (name === undefined) return null;
    return { name, owner: parseOwner(readFileSync(join(folder, name), 'utf8')) };
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return null;
    throw error;
  }
}

function isStale(stateDir: string, holder: Holder, me: LockOwner, candidate: string): boolean {
  if (holder.owner !== null) return isGone(holder.owner, me);
  return isOld(join(stateDir, 'lock', holder.name), candidate);
}

/** Removes what processes left that died while they waited. A live one that loses its folder makes it again. */
function removeAbandoned(stateDir: string, me: LockOwner): void {
  for (const entry of readdirSync(stateDir)) {
    if (!/^lock-[0-9a-f]{16}$/.test(entry)) continue;
    const folder = join(stateDir, entry);
    try {
      const file = join(folder, `owner-${entry.slice(5)}.json`);
      const owner = parseOwner(readFileSync(file, 'utf8'));
      const abandoned = owner === null ? isOld(file, join(stateDir, 'lock')) : isGone(owner, me);
      if (abandoned) rmSync(folder, { recursive: true, force: true });
    } catch {
      // It took the lock, went away, or was never finished; an empty folder is no harm and goes with the rest.
      removeFolderQuietly(folder);
    }
  }
}

/** Both times come from the clock of one file system. */
function isOld(path: string, fresh: string): boolean {
  const its = statSync(path, { throwIfNoEntry: false });
  const now = statSync(fresh, { throwIfNoEntry: false });
  return its !== undefined && now !== undefined && now.mtimeMs - its.mtimeMs > UNREADABLE_AFTER_MS;
}

function release(stateDir: string, name: string): void {
  removeQuietly(join(stateDir, 'lock', name));
  // Both fail, as they should, where the next process is in there already.
  removeFolderQuietly(join(stateDir, 'lock'));
  removeFolderQuietly(stateDir);
}

function removeQuietly(path: string): void {
  try {
    unlinkSync(path);
  } catch {
    // Gone already. Where it cannot be removed, the next process finds its owner dead.
  }
}

function removeFolderQuietly(path: string): void {
  try {
    rmdirSync(path);
  } catch {
    // Not empty, or gone.
  }
}

function lockedError(stateDir: string, holder: Holder, me: LockOwner): SecretsError {
  const lock = join(stateDir, 'lock');
  const { owner } = holder;
  if (owner === null) {
    return new SecretsError('LOCKED', 'another command holds the lock', {
      hint: `if no other \`secrets\` runs, remove the folder ${lock} and run the command again`,
    });
  }
  const where = owner.machine === me.machine ? '' : ` on ${JSON.stringify(owner.host)}`;
  const message = `another command holds the lock: ${JSON.stringify(owner.command)}, pid ${owner.pid}${where}`;
  const judged = owner.machine === me.machine && owner.namespace === me.namespace;
  const hint = judged
    ? 'wait until it has ended, then run the command again'
    : `if that process does not run any more, remove the folder ${lock} and run the command again`;
  return new SecretsError('LOCKED', message, { hint });
}
