import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

/** Who holds a lock: enough to say later, and from another process, whether it still runs. */
export interface LockOwner {
  readonly pid: number;
  /** When the process began: clock ticks since boot on Linux, else `ms:` and the time of day. Empty: unknown. */
  readonly start: string;
  readonly host: string;
  /** Tells machines of one name apart. */
  readonly machine: string;
  /** Changes with every boot; empty where the system does not say. */
  readonly boot: string;
  /** Process numbers mean something only within one such namespace; empty where there is none. */
  readonly namespace: string;
  /** What a message calls the holder, `secrets add`. */
  readonly command: string;
}

const TEXT_FIELDS = ['start', 'host', 'machine', 'boot', 'namespace', 'command'] as const;
const MAX_PID = 2 ** 31;
/** `ps` counts whole seconds, and the runtime notes its start a moment after the kernel does. */
const START_TOLERANCE_MS = 5_000;

/** The owner record of this process. */
export function thisOwner(command: string): LockOwner {
  const host = hostname();
  return {
    pid: process.pid,
    start: linuxStat('self')?.start ?? `ms:${Math.round(performance.timeOrigin)}`,
    host,
    machine: createHash('sha256')
      .update(`${host}\n${readText('/etc/machine-id')}`)
      .digest('hex')
      .slice(0, 16),
    boot: readText('/proc/sys/kernel/random/boot_id'),
    namespace: readLink('/proc/self/ns/pid'),
    command,
  };
}

/** Reads what `JSON.stringify` made of an owner; `null` for anything else. */
export function parseOwner(text: string): LockOwner | null {
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch {
    return null;
  }
  if (typeof data !== 'object' || data === null) return null;
  const record: Record<string, unknown> = { ...data };
  const { pid, start, host, machine, boot, namespace, command } = record;
  if (typeof pid !== 'number' || !Number.isInteger(pid) || pid < 1 || pid >= MAX_PID) return null;
  if (!TEXT_FIELDS.every(field => typeof record[field] === 'string')) return null;
  return {
    pid,
    start: String(start),
    host: String(host),
    machine: String(machine),
    boot: String(boot),
    namespace: String(namespace),
    command: String(command),
  };
}

/**
 * True where the owner certainly does not run any more. An owner on another machine, or in another process
 * namespace, cannot be judged from here and counts as running.
 */
export function isGone(owner: LockOwner, me: LockOwner): boolean {
  if (owner.machine !== me.machine) return false;
  if (owner.boot !== me.boot) return true;
  if (owner.namespace !== me.namespace) return false;
  return !isRunning(owner.pid, owner.start);
}

function isRunning(pid: number, start: string): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    // EPERM: it runs, as somebody else.
    if (error instanceof Error && 'code' in error && error.code === 'ESRCH') return false;
  }
  if (start.startsWith('ms:')) return startedAround(pid, Number(start.slice(3)));
  const now = linuxStat(String(pid));
  if (now === null) return true;
  // A dead process whose parent has not asked for it keeps its number, but holds nothing.
  if (now.state === 'Z' || now.state === 'X') return false;
  return start === '' || now.start === start;
}

/** State and start of a process; proc(5): the fields follow the last `)`, state is the 3rd, starttime the 22nd. */
function linuxStat(pid: string): { state: string; start: string } | null {
  const text = readText(`/proc/${pid}/stat`);
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const [state, start] = [fields[0], fields[19]];
  return state === undefined || start === undefined ? null : { state, start };
}

/** False only where `ps` says that the process with this number began at another time. */
export function startedAround(pid: number, time: number): boolean {
  try {
    const text = execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], {
      encoding: 'utf8',
      timeout: 5_000,
      stdio: ['ignore', 'pipe', 'ignore'],
      env: { ...process.env, LC_ALL: 'C' },
    });
    const began = Date.parse(text.trim());
    return Number.isNaN(began) || Number.isNaN(time) || Math.abs(began - time) <= START_TOLERANCE_MS;
  } catch {
    return true;
  }
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return '';
  }
}

function readLink(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}
