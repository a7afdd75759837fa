import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** How a program ended. */
export type Ending =
  | { readonly kind: 'exited'; readonly status: number }
  | { readonly kind: 'killed'; readonly signal: NodeJS.Signals }
  /** It did not start; the system's name for the reason, `ENOENT`. */
  | { readonly kind: 'missing'; readonly reason: string };

/** Where signals to this process are heard; `process` is one. */
export interface Signals {
  on(event: NodeJS.Signals, listener: () => void): unknown;
  off(event: NodeJS.Signals, listener: () => void): unknown;
}

export interface AttachedOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** True to leave stdout to our own output: what the program prints there goes to stderr. */
  readonly stdoutIsOurs?: boolean | undefined;
  /** What is done when a signal comes. The terminal's own (Ctrl-C) reach the program without us. */
  readonly onSignal: (signal: NodeJS.Signals, child: { kill(signal: NodeJS.Signals): void }) => void;
  readonly signals?: Signals | undefined;
}

/** What a program can be sent and we can hear. */
const HEARD: readonly NodeJS.Signals[] = [
  'SIGINT',
  'SIGQUIT',
  'SIGTERM',
  'SIGHUP',
  'SIGUSR1',
  'SIGUSR2',
  'SIGWINCH',
];
/** What a terminal sends to every process in front of it. */
const FROM_TERMINAL: ReadonlySet<string> = new Set(['SIGINT', 'SIGQUIT', 'SIGWINCH']);

/**
 * Runs a program with our own stdin, stdout and stderr, without a shell, until it ends. What is heard in the meantime
 * does not end this process.
 */
export function runAttached(argv: readonly string[], options: AttachedOptions): Promise<Ending> {
  const [program = '', ...args] = argv;
  const { env, cwd, signals = process, stdoutIsOurs = false } = options;
  const shared = isInForeground();
  return new Promise(resolve => {
    let kill: (signal: NodeJS.Signals) => void = () => {};
    const listeners = HEARD.map(signal => {
      const listener = () => {
        if (!shared || !FROM_TERMINAL.has(signal)) options.onSignal(signal, { kill });
      };
      signals.on(signal, listener);
      return () => signals.off(signal, listener);
    });
    const end = (ending: Ending) => {
      for (const remove of listeners) remove();
      resolve(ending);
    };
    try {
      const stdio = ['inherit', stdoutIsOurs ? 2 : 'inherit', 'inherit'] as const;
      const child = spawn(program, args, { env: { ...env }, cwd, stdio: [...stdio] });
      kill = signal => child.kill(signal);
      child.on('error', error => end({ kind: 'missing', reason: reasonOf(error) }));
      child.on('exit', (status, signal) =>
        end(signal === null ? { kind: 'exited', status: status ?? 1 } : { kind: 'killed', signal }),
      );
    } catch (error) {
      end({ kind: 'missing', reason: reasonOf(error) });
    }
  });
}

function reasonOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
}

/**
 * True where a terminal sends its signals to this process and to the programs that it starts: passing them on would
 * deliver them twice.
 */
function isInForeground(): boolean {
  try {
    const stat = readFileSync('/proc/self/stat', 'latin1');
    const [, , group, , terminal, foreground] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return terminal !== '0' && group === foreground;
  } catch {
    return [process.stdin, process.stdout, process.stderr].some(stream => stream.isTTY === true);
  }
}

/**
 * Ends this process by SIGHUP where its terminal is gone: the runtime puts back the modes of the terminal when it exits,
 * and aborts where there is none, which may leave a dump of the memory. To be called when all is cleared up.
 */
export function endByHangup({ stdin }: { readonly stdin: { readonly isTTY?: boolean } }): void {
  if (stdin.isTTY === true) process.kill(process.pid, 'SIGHUP');
}
