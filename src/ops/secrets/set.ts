import { SecretsError } from '../../errors.ts';
import { TreeList, TreeMap } from '../../sops/tree.ts';
import { getPath, setPath } from '../../sops/tree-path.ts';
import { setSecretOptions } from '../../workspace/edit.ts';
import type { Secret } from '../../workspace/model.ts';
import { Draft } from '../draft.ts';
import type { Plan } from '../plan.ts';
import { noteFormerReaders } from '../sealing/former-readers.ts';
import { resealed } from '../sealing/reseal-file.ts';
import { plainTree } from '../sealing/seal-file.ts';
import { type UnlockedFile, unlock } from '../unlock.ts';
import { inspectVariable } from '../values/env-text.ts';
import { leafPath } from '../values/leaf-path.ts';
import { isLostAsYaml, type Payload } from '../values/payload.ts';
import { refuseKeyOfBinary } from '../values/secret-key.ts';
import type { Workspace } from '../workspace.ts';
import { type Beside, besideOf, NOTHING_BESIDE, writeBeside } from './beside.ts';
import { noteStale } from './beside-moves.ts';
import { planFill } from './fill.ts';
import { refusePending } from './pending.ts';
import { usualOptions } from './usual-options.ts';

export interface SetRequest {
  readonly payload: Payload;
  /** A variable of an env file or a key below the secret; absent: the secret itself. */
  readonly key?: string | undefined;
  /** Text form of the generator that made the value, `null`: none, so a recorded one is forgotten. */
  readonly recipe: string | null;
  /** What the generator made beside it. */
  readonly beside?: Beside | undefined;
}

/**
 * Plans a new value for a secret. The data key and the ciphertext of every unchanged value stay.
 *
 * @throws SecretsError `BAD_VALUE` (the file's format cannot hold it), `NO_IDENTITY`, and what `unlock` throws
 */
export async function planSet(workspace: Workspace, secret: Secret, request: SetRequest): Promise<Plan> {
  const beside = request.beside ?? NOTHING_BESIDE;
  refuseBesideKey(request.key, beside);
  if (secret.pending === true) return fillWith(workspace, secret, request, beside);
  const unlocked = await unlock(workspace, secret.file, secret.format);
  const draft = new Draft(workspace);
  const notes = checkVariable(unlocked, secret, request);
  const changed = await replaceValue(unlocked, secret, request);
  if (!changed) {
    draft.note('the value is the same as before: nothing to write');
    return draft.toPlan();
  }
  await draft.writeSops(secret.file, await resealed(workspace, unlocked), 'new value', unlocked.before);
  const { format, metadata } = unlocked.file;
  const others = noteFormerReaders(draft.inventory, { path: secret.file, format, metadata });
  if (others !== null) draft.note(others);
  // a variable of an env file says nothing of how the file as a whole could be made again
  if (request.key === undefined) recordRecipe(draft, secret, request.recipe);
  if (request.key === undefined && request.recipe === null) await noteStale(draft, secret);
  await writeBeside(draft, besideOf(secret), beside);
  draft.note(...request.payload.notes, ...notes);
  return draft.toPlan();
}

async function fillWith(
  workspace: Workspace,
  secret: Secret,
  { payload, recipe, key }: SetRequest,
  beside: Beside,
): Promise<Plan> {
  if (key !== undefined) refusePending(secret);
  return planFill(workspace, [{ secret, payload, recipe, beside }]);
}

/** What `add --env` says of a whole file, for the one variable that `--key` names. */
function checkVariable(unlocked: UnlockedFile, secret: Secret, { key, payload }: SetRequest): string[] {
  if (key === undefined || secret.format !== 'dotenv') return [];
  const isNew = getPath(unlocked.opened.documents, [key]) === undefined;
  return inspectVariable(key, leafText(secret, payload), isNew);
}

/** A public half is found by the name of its secret. */
function refuseBesideKey(key: string | undefined, { publicHalf, password }: Beside): void {
  if (key === undefined || (publicHalf === null && password === null)) return;
  throw new SecretsError('USAGE', 'this generator makes more than one thing, so it goes without --key', {
    hint: 'make it a secret of its own with `secrets add`',
  });
}

/**
 * Puts a value into a decrypted file.
 *
 * @returns false where it stands there already
 * @throws SecretsError `BAD_VALUE`, `UNSUPPORTED`
 */
export async function replaceValue(
  unlocked: UnlockedFile,
  secret: Secret,
  request: Pick<SetRequest, 'payload' | 'key'>,
): Promise<boolean> {
  const keyed = secret.format === 'yaml' || secret.format === 'json';
  if (request.key === undefined && !keyed) return replaceFile(unlocked, secret, request.payload);
  refuseKeyOfBinary(secret, request.key);
  const tail = request.key === undefined ? [] : keyed ? request.key.split('/') : [request.key];
  const own = secret.key === null ? [] : leafPath(unlocked.opened.documents, secret.key);
  const path = [...own, ...tail];
  return replaceLeaf(unlocked, secret, path, request.payload);
}

function replaceLeaf(unlocked: UnlockedFile, secret: Secret, path: string[], payload: Payload): boolean {
  const text = leafText(secret, payload);
  const { documents } = unlocked.opened;
  const present = getPath(documents, path);
  if (present instanceof TreeMap || present instanceof TreeList) {
    throw new SecretsError('BAD_VALUE', `${path.join('/')} is a map or a list, not one value`, {
      file: secret.file,
      hint: 'name one value below it with --key, or change the file with `sops edit`',
    });
  }
  if (present === text) return false;
  setPath(documents, path, text);
  return true;
}

function leafText(secret: Secret, payload: Payload): string {
  const text =
    payload.kind === 'binary'
      ? null
      : new TextDecoder('utf-8', { ignoreBOM: true }).decode(payload.bytes.reveal());
  const format = secret.format;
  if (text === null || (format === 'yaml' && isLostAsYaml(text))) {
    throw new SecretsError('BAD_VALUE', `${secret.file} is ${format}, which cannot hold this value`, {
      hint: `remove it and add it again: secrets rm ${secret.address}, then secrets add ${secret.name} --binary`,
    });
  }
  if ((format === 'dotenv' || format === 'ini') && text.includes('\n')) {
    throw new SecretsError('BAD_VALUE', `${format} cannot hold a value of several lines`, {
      hint: 'store it as a secret of its own, or encode it (base64) on one line',
    });
  }
  return text;
}

/** Replaces a whole env or binary file; lines that stay keep their ciphertext through the IV stash. */
async function replaceFile(unlocked: UnlockedFile, secret: Secret, payload: Payload): Promise<boolean> {
  checkKind(secret, payload);
  const kind = secret.format === 'dotenv' ? 'env' : 'binary';
  const next = await plainTree({ ...payload, kind }, secret.name);
  const [current] = unlocked.opened.documents;
  if (current === undefined || sameItems(current, next)) return false;
  current.items.splice(0, current.items.length, ...next.items);
  return true;
}

/**
 * Refuses a value that a secret cannot take as a whole.
 *
 * @throws SecretsError `BAD_VALUE`, `UNSUPPORTED`
 */
export function checkKind(secret: Secret, payload: Payload): void {
  const { format } = secret;
  if (format === 'yaml' || format === 'json') leafText(secret, payload);
  if (format === 'dotenv' && payload.kind !== 'env') {
    throw new SecretsError('BAD_VALUE', `${secret.address} is an env file`, {
      hint: `give all its KEY=value lines with --env, or one variable: secrets set ${secret.address} --key KEY`,
    });
  }
  if (format === 'ini') {
    throw new SecretsError('UNSUPPORTED', 'an INI file is not replaced as a whole', {
      file: secret.file,
      hint: 'use `sops edit`',
    });
  }
}

function sameItems(a: TreeMap, b: TreeMap): boolean {
  const text = (map: TreeMap) =>
    map.items.map(({ key, value }) => [
      typeof key === 'string' ? key : `#${key.text}`,
      Buffer.from(asBytes(value)).toString('hex'),
    ]);
  return JSON.stringify(text(a)) === JSON.stringify(text(b));
}

function asBytes(value: unknown): Uint8Array {
  if (value instanceof Uint8Array) return value;
  return new TextEncoder().encode(typeof value === 'string' ? value : '');
}

/** Records how a value was made, or forgets it where a person gave the value. */
export function recordRecipe(draft: Draft, secret: Secret, recipe: string | null): void {
  // `pending` stays behind where the value came by another way than `fill`
  const { generate, pending, ...others } = draft.inventory.secrets.get(secret.address) ?? {};
  if ((generate ?? null) === recipe && pending === undefined) return;
  const usual = usualOptions(draft.inventory, recipe, secret.hosts, others);
  const options = recipe === null ? others : { ...others, generate: recipe, ...usual };
  const empty = Object.keys(options).length === 0;
  draft.setInventory(
    setSecretOptions(draft.inventory, secret.address, empty ? null : options),
    `options of ${secret.address}`,
  );
}
