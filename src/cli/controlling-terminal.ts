import { openSync } from 'node:fs';
import { ReadStream } from 'node:tty';
import type { TerminalOutput } from './raw-mode.ts';
import { openTerminal, type Terminal } from './terminal.ts';

/** Prompts on the terminal that the process belongs to, wherever stdin comes from; `null` where it has none. */
export function openControllingTerminal(output: TerminalOutput): Terminal | null {
  try {
    return openTerminal(new ReadStream(openSync('/dev/tty', 'r')), output);
  } catch {
    // a job of a build server or of a timer has none
    return null;
  }
}
