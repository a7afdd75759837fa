import { withoutIdentities } from '../environment.ts';
import { SecretsError } from '../errors.ts';
import { createEditCopy, type EditCopy } from '../ops/edit/copy.ts';
import { copyPlaces } from '../ops/edit/places.ts';
import type { Redacted } from '../redacted.ts';
import { type Ending, endByHangup, runAttached, type Signals } from './attached.ts';
import type { Editor } from './editor.ts';
import type { Session } from './session.ts';
import { saveModes } from './terminal-modes.ts';

/** Where the end of this process and signals to it are heard; `process` is one. */
export interface EditLifecycle extends Signals {
  on(event: 'exit' | NodeJS.Signals, listener: () => void): unknown;
  off(event: 'exit' | NodeJS.Signals, listener: () => void): unknown;
}

/** What is to be edited. */
export interface EditRequest {
  readonly editor: Editor;
  /** File name of the copy. */
  readonly name: string;
  readonly text: Redacted<Uint8Array>;
  /** The work tree, in which no copy may lie; absolute. */
  readonly root: string;
}

/** An editor that is asked to end gets so long before it is made to. */
const GRACE_MS = 2_000;
const ENDING: ReadonlySet<string> = new Set(['SIGINT', 'SIGQUIT', 'SIGTERM', 'SIGHUP']);

/**
 * Opens an editor on a private copy of a text and gives what it left. The copy exists only while the editor runs:
 * it is overwritten and removed however this ends, by a signal and an uncaught error too.
 *
 * @throws SecretsError `PROGRAM_FAILED` (the editor is missing, failed, or was killed), `INTERRUPTED` (a signal to this
 * process), `WRITE_FAILED` (no place for a copy), `READ_FAILED`
 */
export async function editText(
  session: Session,
  request: EditRequest,
  lifecycle: EditLifecycle = process,
): Promise<Redacted<Uint8Array>> {
  const { world } = session;
  const places = copyPlaces({ env: world.env, outside: [request.root] });
  const suffix = Buffer.from(world.random(16)).toString('hex');
  const copy = createEditCopy(places, request.name, request.text, suffix);
  const wipe = () => copy.wipe();
  lifecycle.on('exit', wipe);
  try {
    await warn(session, request.editor, copy);
    return await runEditor(session, request.editor, copy, lifecycle);
  } finally {
    wipe();
    lifecycle.off('exit', wipe);
  }
}

async function warn({ talk }: Session, editor: Editor, copy: EditCopy): Promise<void> {
  if (!copy.place.inMemory) {
    await talk.note(
      `warning: no memory-backed folder was found, so the decrypted copy lies in ${copy.place.folder} (mode 0700) until the editor ends; a disk may keep traces`,
    );
  }
  if (editor.warning !== null) await talk.note(`warning: ${editor.warning}`);
}

async function runEditor(
  { world, talk }: Session,
  editor: Editor,
  copy: EditCopy,
  lifecycle: EditLifecycle,
): Promise<Redacted<Uint8Array>> {
  const modes = saveModes(world);
  let interrupted: NodeJS.Signals | null = null;
  let timer: NodeJS.Timeout | undefined;
  const ending = await runAttached([...editor.argv, copy.path], {
    // What an editor writes to the folder for temporary files is wiped with the copy.
    env: { ...withoutIdentities(world.env), TMPDIR: copy.folder },
    cwd: world.cwd,
    stdoutIsOurs: talk.json,
    signals: lifecycle,
    onSignal(signal, child) {
      if (!ENDING.has(signal)) return child.kill(signal);
      copy.wipe();
      interrupted = signal;
      child.kill(signal);
      timer ??= setTimeout(() => child.kill('SIGKILL'), GRACE_MS);
    },
  });
  clearTimeout(timer);
  if (interrupted === 'SIGHUP') {
    copy.wipe();
    endByHangup(world);
  }
  modes.restore(ending.kind === 'killed');
  if (interrupted !== null)
    throw new SecretsError('INTERRUPTED', 'interrupted while the editor was open, nothing was written');
  const failure = failureOf(ending);
  if (failure === null) return copy.read();
  const program = editor.argv[0] ?? '';
  throw new SecretsError('PROGRAM_FAILED', `${JSON.stringify(program)} ${failure}, nothing was written`, {
    hint: ending.kind === 'missing' ? 'set EDITOR to the program that you use' : undefined,
  });
}

function failureOf(ending: Ending): string | null {
  if (ending.kind === 'exited') return ending.status === 0 ? null : `ended with status ${ending.status}`;
  if (ending.kind === 'killed') return `was ended by ${ending.signal}`;
  return ending.reason === 'ENOENT' ? 'was not found' : `could not be started (${ending.reason})`;
}
