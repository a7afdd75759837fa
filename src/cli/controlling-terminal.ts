import { openSync } from 'node:fs';
import { ReadStream, WriteStream } from 'node:tty';
import type { TerminalInput, TerminalOutput } from './raw-mode.ts';
import { openTerminal, type Terminal } from './terminal.ts';

/** Prompts on the terminal that the process belongs to, wherever stdin comes from; `null` where it has none. */
export function openControllingTerminal(output: TerminalOutput): Terminal | null {
  try {
    const input = onlyWhileAsked(new ReadStream(openSync('/dev/tty', 'r')));
    return openTerminal(input, output.isTTY === true ? output : ownOutput());
  } catch {
    // a job of a build server or of a timer has none
    return null;
  }
}

/** Where stderr is gathered by whoever started us (sops does that), a prompt would not be seen. */
function ownOutput(): TerminalOutput {
  const stream = new WriteStream(openSync('/dev/tty', 'w'));
  stream.unref();
  return stream;
}

/** Unlike stdin, such a stream would keep the process alive after the last question. */
function onlyWhileAsked(stream: ReadStream): TerminalInput {
  stream.unref();
  return {
    isTTY: stream.isTTY,
    setRawMode: raw => stream.setRawMode(raw),
    on: (event, listener) => stream.on(event, listener),
    off: (event, listener) => stream.off(event, listener),
    resume: () => {
      stream.ref();
      stream.resume();
    },
    pause: () => {
      stream.pause();
      stream.unref();
    },
  };
}
