import { SecretsError } from '../../errors.ts';
import { Redacted } from '../../redacted.ts';
import { readSopsFile } from '../../sops/document.ts';
import type { Secret } from '../../workspace/model.ts';
import { readWorkFile } from '../files.ts';
import type { Workspace } from '../workspace.ts';

/** What can be seen of an env file without a key. */
export interface EnvNames {
  /** In the order of the file. */
  readonly names: readonly string[];
  /** True where the file has comments, whose text is encrypted. */
  readonly comments: boolean;
}

/**
 * The names of the variables of an env file: they stand in clear.
 *
 * @throws SecretsError `READ_FAILED`, `NOT_ENCRYPTED`
 */
export async function envNames(workspace: Workspace, secret: Secret): Promise<EnvNames> {
  const file = await readWorkFile(workspace.root, secret.file);
  if (file === null) throw new SecretsError('READ_FAILED', 'the file is gone', { file: secret.file });
  const { documents } = await readSopsFile(file.bytes, secret.format);
  const keys = documents.flatMap(document => document.items.map(({ key }) => key));
  const names = keys.filter(key => typeof key === 'string');
  return { names, comments: names.length < keys.length };
}

/** The text of an env file with other values for some of its variables; every other line stays. */
export function withVariables(
  text: Redacted<string>,
  values: ReadonlyMap<string, Redacted<string>>,
): Redacted<Uint8Array> {
  const lines = text
    .reveal()
    .split('\n')
    .map(line => {
      const name = line.slice(0, line.indexOf('='));
      const value = values.get(name);
      return value === undefined ? line : `${name}=${oneLine(name, value)}`;
    });
  return new Redacted(new TextEncoder().encode(lines.join('\n')));
}

/**
 * A value that fits behind `NAME=`.
 *
 * @throws SecretsError `BAD_VALUE` for one of several lines: its second line would become a name, in clear
 */
export function oneLine(name: string, value: Redacted<string>): string {
  const text = value.reveal();
  if (!/[\r\n]/.test(text)) return text;
  throw new SecretsError(
    'BAD_VALUE',
    `the value of ${name} has several lines, which an env file cannot hold`,
    {
      hint: 'store it as a secret of its own, or encode it (base64) on one line',
    },
  );
}
