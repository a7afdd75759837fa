import { SecretsError } from '../../errors.ts';
import { Redacted } from '../../redacted.ts';
import { loadFormat } from '../../sops/document.ts';
import { isScalar, type Scalar, TreeMap, type Value } from '../../sops/tree.ts';
import { getPath } from '../../sops/tree-path.ts';
import type { Secret } from '../../workspace/model.ts';
import { shown } from '../../workspace/shown.ts';
import { type UnlockedFile, unlock } from '../unlock.ts';
import { leafPath } from '../values/leaf-path.ts';
import type { Workspace } from '../workspace.ts';
import { refusePending } from './pending.ts';

/** One secret that a program is to have in its environment. */
export interface ExecRequest {
  readonly secret: Secret;
  /** The variable of a single value; `null`: the name of the secret in upper case. */
  readonly as: string | null;
}

/**
 * The variables that secrets become: those of an env file as they stand there, a single value under one name.
 *
 * @throws SecretsError `USAGE` (two secrets set one variable, `as` for an env file), `BAD_VALUE` (a value that no
 * environment can hold), `BAD_NAME`, `VALUE_PENDING`, and what `unlock` throws
 */
export async function environmentOf(
  workspace: Workspace,
  requests: readonly ExecRequest[],
): Promise<Map<string, Redacted<string>>> {
  const files = new Map<string, UnlockedFile>();
  const variables = new Map<string, { readonly value: Redacted<string>; readonly from: string }>();
  for (const request of requests) {
    const { secret } = request;
    refusePending(secret);
    const file = files.get(secret.file) ?? (await unlock(workspace, secret.file, secret.format));
    files.set(secret.file, file);
    for (const [name, value] of await variablesOf(file, request)) {
      const other = variables.get(name);
      if (other !== undefined) throw conflict(name, other.from, secret.address);
      variables.set(name, { value: toText(name, value), from: secret.address });
    }
  }
  return new Map(Array.from(variables, ([name, { value }]) => [name, value]));
}

/** The variable of a single value that nobody named: `kanidm/miniflux` is `KANIDM_MINIFLUX`. */
function variableOf(name: string): string {
  const text = name.toUpperCase().replace(/[^A-Z0-9]/g, '_');
  return /^[0-9]/.test(text) ? `_${text}` : text;
}

async function variablesOf(file: UnlockedFile, { secret, as }: ExecRequest): Promise<Map<string, Scalar>> {
  const [document] = file.opened.documents;
  if (secret.format === 'dotenv' && document !== undefined) {
    if (as !== null) {
      throw new SecretsError(
        'USAGE',
        `${secret.address} is an env file: its variables have names of their own`,
        {
          hint: 'leave --as out',
        },
      );
    }
    return envVariables(document);
  }
  const name = as ?? variableOf(secret.name);
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) {
    throw new SecretsError('BAD_NAME', `${shown(name)} is no name of a variable`, {
      hint: 'letters, digits and _, no digit at the start',
    });
  }
  return new Map([[name, await singleValue(file, secret)]]);
}

/** A name that stands twice is what it is set to last, as for systemd. */
function envVariables(document: TreeMap): Map<string, Scalar> {
  const found = new Map<string, Scalar>();
  for (const { key, value } of document.items) {
    if (typeof key !== 'string') continue;
    found.set(key, isScalar(value) ? value : '');
  }
  return found;
}

async function singleValue(file: UnlockedFile, secret: Secret): Promise<Scalar> {
  const { documents } = file.opened;
  const format = await loadFormat(secret.format);
  if (secret.key === null && secret.format === 'binary') return format.formatPlain(documents);
  const value = secret.key === null ? documents[0] : getPath(documents, leafPath(documents, secret.key));
  if (value === undefined || value === null || !isScalar(value)) throw notOneValue(secret, value);
  if (typeof value === 'string' || value instanceof Uint8Array) return value;
  return new TextDecoder().decode(format.formatValue(value)).replace(/\n$/, '');
}

function notOneValue(secret: Secret, value: Value | null | undefined): SecretsError {
  const what = value instanceof TreeMap ? 'several values' : value === undefined ? 'gone' : 'not one value';
  return new SecretsError('BAD_VALUE', `${secret.address} is ${what}, which no variable can hold`, {
    file: secret.file,
    hint: 'name one value, as `secrets list` shows them (file#key)',
  });
}

/** What the environment of a process holds: text without NUL. */
function toText(name: string, value: Scalar): Redacted<string> {
  const text = value instanceof Uint8Array ? decode(value) : String(value);
  if (text === null) throw unfit(name, 'it is not valid UTF-8 text');
  if (text.includes('\0')) throw unfit(name, 'it holds a NUL byte');
  if (name === '' || /[=\0]/.test(name)) throw unfit(name, 'that is no name of a variable');
  return new Redacted(text);
}

function decode(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return null;
  }
}

function unfit(name: string, why: string): SecretsError {
  return new SecretsError('BAD_VALUE', `no environment can hold ${shown(name)}: ${why}`, {
    hint: 'give it to the program on stdin: secrets get NAME | PROGRAM',
  });
}

function conflict(variable: string, first: string, second: string): SecretsError {
  const both = first === second ? `${first} was named twice` : `${first} and ${second} both set it`;
  return new SecretsError('USAGE', `${shown(variable)} would be set twice: ${both}`, {
    hint: 'give a single value another variable with --as VAR, or run the program with one of the two',
  });
}
