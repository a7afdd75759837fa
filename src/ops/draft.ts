import { SecretsError } from '../errors.ts';
import type { Inventory, Secret } from '../workspace/model.ts';
import { parseInventory } from '../workspace/parse.ts';
import { listSecrets, type ManagedFile } from '../workspace/secrets.ts';
import { readWorkFile, type WorkFile } from './files.ts';
import type { Plan, PlanStep } from './plan.ts';
import { managedFile } from './scan-files.ts';
import type { FileChange } from './transaction.ts';
import { INVENTORY_FILE, type Workspace } from './workspace.ts';

/** Mode of a new file: what it holds is ciphertext, Nix or configuration, all of it public. */
const NEW_FILE_MODE = 0o644;

/**
 * A workspace with changes that are not written yet. Use cases edit the draft; it answers as the repository
 * will look, and gives the plan.
 */
export class Draft {
  readonly workspace: Workspace;
  #inventory: Inventory;
  readonly #changes = new Map<string, { change: FileChange; detail: string }>();
  readonly #managed = new Map<string, ManagedFile | null>();
  readonly #notes: string[] = [];
  /** What was computed of the present state; forgotten with each change. */
  #known: { files?: ManagedFile[]; byPath?: Map<string, ManagedFile>; secrets?: Secret[] } = {};

  constructor(workspace: Workspace) {
    this.workspace = workspace;
    this.#inventory = workspace.inventory;
  }

  get inventory(): Inventory {
    return this.#inventory;
  }

  /** The encrypted files as they will be. */
  get files(): readonly ManagedFile[] {
    this.#known.files ??= this.#listFiles();
    return this.#known.files;
  }

  /** The encrypted file that will stand at a path. */
  managedFile(path: string): ManagedFile | undefined {
    this.#known.byPath ??= new Map(this.files.map(file => [file.path, file]));
    return this.#known.byPath.get(path);
  }

  #listFiles(): ManagedFile[] {
    const kept = this.workspace.files.filter(file => !this.#managed.has(file.path));
    const changed = [...this.#managed.values()].filter(file => file !== null);
    return [...kept, ...changed].sort((a, b) => (a.path < b.path ? -1 : 1));
  }

  /** The secrets as they will be. */
  get secrets(): readonly Secret[] {
    this.#known.secrets ??= listSecrets(this.#inventory, this.files);
    return this.#known.secrets;
  }

  /** Every path as it will be. */
  get paths(): string[] {
    const paths = new Set(this.workspace.paths);
    for (const [path, { change }] of this.#changes) {
      if (change.after === null) paths.delete(path);
      else paths.add(path);
    }
    return [...paths].sort();
  }

  /** Says something to the person once the plan is shown. */
  note(...notes: string[]): void {
    this.#notes.push(...notes);
  }

  /** Replaces the text of `.sops.yaml`; the same text is no change. */
  setInventory(text: string, detail: string): void {
    if (this.workspace.config !== null && text === this.#inventory.text) return;
    this.#inventory = parseInventory(text, INVENTORY_FILE);
    this.#known = {};
    const former = this.#changes.get(INVENTORY_FILE)?.detail;
    this.#record(INVENTORY_FILE, this.workspace.config, encode(text), joined(former, detail));
  }

  /** Writes a text file; text that stands there already is no change. */
  async writeText(path: string, text: string, detail: string): Promise<void> {
    await this.#write(path, encode(text), detail);
  }

  /** Writes a sops file. `before` is what the plan was made against, where it was read already. */
  async writeSops(path: string, bytes: Uint8Array, detail: string, before?: WorkFile): Promise<void> {
    const managed = await managedFile(path, bytes);
    if (managed === null)
      throw new SecretsError('INTERNAL', 'what was encrypted cannot be read back', { file: path });
    await this.#write(path, bytes, detail, before);
    this.#managed.set(path, managed);
    this.#known = {};
  }

  /** What will stand at a path, `null` for nothing. */
  async read(path: string): Promise<WorkFile | null> {
    const change = this.#changes.get(path)?.change;
    return change === undefined ? readWorkFile(this.workspace.root, path) : change.after;
  }

  /** Deletes a file; one that is not there is no change. */
  async remove(path: string, detail: string): Promise<void> {
    const before = await this.#before(path);
    this.#managed.set(path, null);
    this.#known = {};
    if (before === null) this.#changes.delete(path);
    else this.#changes.set(path, { change: { path, before, after: null }, detail });
  }

  /**
   * Moves an encrypted file as it is.
   *
   * @throws SecretsError `ALREADY_EXISTS` where something stands at the new place
   */
  async move(from: string, to: string): Promise<void> {
    const file = await this.read(from);
    if (file === null) return;
    if ((await this.read(to)) !== null)
      throw new SecretsError('ALREADY_EXISTS', 'a file stands where another has to move', { file: to });
    await this.writeSops(to, file.bytes, `moved from ${from}`);
    await this.remove(from, `moved to ${to}`);
  }

  /** What the plan is made against: what stood there before any change of this draft. */
  async #before(path: string, known?: WorkFile): Promise<WorkFile | null> {
    const change = this.#changes.get(path)?.change;
    return change === undefined ? (known ?? readWorkFile(this.workspace.root, path)) : change.before;
  }

  async #write(path: string, bytes: Uint8Array, detail: string, known?: WorkFile): Promise<void> {
    const before = await this.#before(path, known);
    if (before !== null && Buffer.from(before.bytes).equals(bytes)) {
      this.#changes.delete(path);
      return;
    }
    const former = this.#changes.get(path)?.detail;
    this.#record(path, before, bytes, joined(former, detail));
  }

  #record(path: string, before: WorkFile | null, bytes: Uint8Array, detail: string): void {
    const after = { bytes, mode: before?.mode ?? NEW_FILE_MODE };
    this.#changes.set(path, { change: { path, before, after }, detail });
  }

  /** What is to be done, in the order of the paths. */
  toPlan(): Plan {
    const entries = [...this.#changes.values()].sort((a, b) => (a.change.path < b.change.path ? -1 : 1));
    return {
      steps: entries.map(({ change, detail }) => ({ action: actionOf(change), file: change.path, detail })),
      changes: entries.map(entry => entry.change),
      notes: [...this.#notes],
    };
  }
}

function actionOf(change: FileChange): PlanStep['action'] {
  if (change.after === null) return 'delete';
  return change.before === null ? 'create' : 'update';
}

function encode(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** Says each of several reasons for one file once. */
function joined(former: string | undefined, detail: string): string {
  if (former === undefined) return detail;
  return former.split(', ').includes(detail) ? former : `${former}, ${detail}`;
}
