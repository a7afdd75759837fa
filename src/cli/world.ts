import type { RunProgram } from '../ops/ports.ts';
import type { Terminal } from './terminal.ts';

/** Everything outside the program, injected so that a test can be the world. Paths are absolute. */
export interface World {
  /** What runs, `secrets host add`, for others that wait for it. */
  readonly command: string;
  readonly stdin: NodeJS.ReadableStream & { readonly isTTY?: boolean };
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** How this very program was started, for a hook that starts it later; absolute paths. */
  readonly launch: { readonly node: string; readonly script: string | null };
  readonly platform: NodeJS.Platform;
  readonly homedir: string;
  readonly username: string;
  readonly now: () => Date;
  readonly random: (bytes: number) => Uint8Array;
  /** Prompts; opened only when something is asked. */
  readonly terminal: () => Promise<Terminal>;
  /** Prompts on the controlling terminal, while stdin is something else; `null`: there is none. */
  readonly controllingTerminal?: () => Promise<Terminal | null>;
  /** Programs other than git (ssh-keyscan, ssh-keygen), without a shell. */
  readonly run: RunProgram;
}

export interface OutputStream {
  readonly isTTY?: boolean;
  write(chunk: string | Uint8Array, done: (error?: Error | null) => void): boolean;
}
