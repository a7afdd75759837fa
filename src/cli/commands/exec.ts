import { constants } from 'node:os';
import { withoutIdentities } from '../../environment.ts';
import { SecretsError } from '../../errors.ts';
import { type ExecRequest, environmentOf } from '../../ops/secrets/exec-env.ts';
import { findSecret } from '../../workspace/secrets.ts';
import { type Ending, endByHangup, runAttached } from '../attached.ts';
import { renderError } from '../render/error.ts';
import { newSession, readWorkspace, type Session } from '../session.ts';
import type { World } from '../world.ts';

interface ExecOptions {
  readonly host?: string | undefined;
}

/** As shells have it. */
const NOT_FOUND = 127;
const NOT_STARTED = 126;
const KILLED = 128;

/**
 * `secrets exec`
 *
 * @param words what stands behind `exec` on the command line, as it was typed: which NAME an `--as` belongs to is a
 * matter of the order
 * @returns the exit status of the program
 */
export async function runExec(world: World, words: readonly string[], options: ExecOptions): Promise<number> {
  const session = newSession(world, {});
  const { names, command } = parseWords(words);
  const workspace = await readWorkspace(session);
  const requests: ExecRequest[] = names.map(({ name, as }) => ({
    secret: findSecret(workspace.secrets, name, options.host),
    as,
  }));
  const env = { ...withoutIdentities(world.env) };
  for (const [name, value] of await environmentOf(workspace, requests)) {
    // `__proto__` is a name like any other.
    Object.defineProperty(env, name, {
      value: value.reveal(),
      enumerable: true,
      configurable: true,
      writable: true,
    });
  }
  let hungUp = false;
  const ending = await runAttached(command, {
    env,
    cwd: world.cwd,
    onSignal(signal, child) {
      hungUp ||= signal === 'SIGHUP';
      child.kill(signal);
    },
  });
  if (hungUp) endByHangup(world);
  return statusOf(session, command[0] ?? '', ending);
}

interface Named {
  readonly name: string;
  readonly as: string | null;
}

/**
 * Reads `NAME… [--as VAR] -- CMD`.
 *
 * @throws SecretsError `USAGE`
 */
export function parseWords(words: readonly string[]): { names: Named[]; command: readonly string[] } {
  const end = words.indexOf('--');
  if (end < 0) {
    throw new SecretsError('USAGE', 'which command? a -- stands before it', {
      hint: 'secrets exec kotori -- ./fukurou --port 8080',
    });
  }
  const command = words.slice(end + 1);
  if (command.length === 0) {
    throw new SecretsError('USAGE', 'no command stands behind the --', {
      hint: 'secrets exec kotori -- env',
    });
  }
  const names: Named[] = [];
  let ahead: string | null = null;
  for (let at = 0; at < end; at++) {
    const [, option, inline] = /^--(as|host)(?:=(.*))?$/s.exec(words[at] ?? '') ?? [];
    if (option === undefined) names.push({ name: words[at] ?? '', as: null });
    if (option === undefined) continue;
    const value = inline ?? words[++at] ?? '';
    if (option === 'host') continue;
    const last = names.at(-1);
    if (last === undefined ? ahead !== null : last.as !== null) throw strayAs();
    if (last === undefined) ahead = value;
    else names[names.length - 1] = { ...last, as: value };
  }
  if (names.length === 0) {
    throw new SecretsError('USAGE', 'which secret? a NAME stands before the --', {
      hint: 'secrets exec kotori -- ./fukurou',
    });
  }
  return { names: withAhead(names, ahead), command };
}

/** An `--as` before the names can only mean the one that there is. */
function withAhead(names: Named[], ahead: string | null): Named[] {
  if (ahead === null) return names;
  const [only, ...others] = names;
  if (only === undefined || others.length > 0 || only.as !== null) throw strayAs();
  return [{ ...only, as: ahead }];
}

function strayAs(): SecretsError {
  return new SecretsError('USAGE', '--as stands behind the NAME that it is for, once', {
    hint: 'secrets exec wifi --as WIFI_PSK miniflux --as DB_PASSWORD -- env',
  });
}

async function statusOf({ talk }: Session, program: string, ending: Ending): Promise<number> {
  if (ending.kind === 'exited') return ending.status;
  if (ending.kind === 'killed') return KILLED + (constants.signals[ending.signal] ?? 0);
  const missing = ending.reason === 'ENOENT';
  const why = missing
    ? 'was not found'
    : ending.reason === 'E2BIG'
      ? 'could not be started: the values are larger than an environment may be'
      : `could not be started (${ending.reason})`;
  const error = new SecretsError('PROGRAM_FAILED', `${JSON.stringify(program)} ${why}`, {
    hint: missing ? 'it is looked for in PATH and started without a shell' : undefined,
  });
  await talk.say(renderError(error));
  return missing ? NOT_FOUND : NOT_STARTED;
}
