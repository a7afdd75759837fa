import { formatOfPath } from '../../sops/formats/of-path.ts';
import type { Inventory } from '../../workspace/model.ts';
import { ruleFor } from '../../workspace/rules.ts';
import type { ManagedFile } from '../../workspace/secrets.ts';

/** The names under which git's attributes and git's configuration know the drivers. */
export const DRIVERS = {
  sops: 'nix-secrets',
  module: 'nix-secrets-module',
  config: 'nix-secrets-config',
  ancestor: 'nix-secrets-ancestor',
} as const;

const BEGIN = '# >>> secrets drivers >>>';
const END = '# <<< secrets drivers <<<';
/** Behind the first mark, where the text above had no line end of its own. */
const UNENDED = ' (the line above had no end)';
const WHY = '# readable diffs and merges of encrypted files: run `secrets hook install` once in each clone';

const SOPS = `diff=${DRIVERS.sops} merge=${DRIVERS.sops}`;
const ENDINGS = ['yaml', 'yml', 'json', 'env', 'ini', 'bin'];
/** A repository with more files outside of `secrets/` is better served by a pattern of its own. */
const MOST_FILES = 500;

/** Lines for `.gitattributes` files, by the path of the file, relative to the workspace root. */
export type AttributeLines = ReadonlyMap<string, readonly string[]>;

/**
 * Which attributes the files of a workspace need: those below `secrets/` by their endings, encrypted files elsewhere
 * one by one, modules, and the configs.
 */
export function attributeLines(
  inventory: Pick<Inventory, 'rules'>,
  files: readonly Pick<ManagedFile, 'path'>[],
): AttributeLines {
  const isClaimed = (path: string) => ruleFor(inventory as Inventory, path) !== null;
  const below = [
    ...ENDINGS.map(ending => `*.${ending} ${SOPS}`),
    '/public/** !diff !merge',
    `*.nix merge=${DRIVERS.module}`,
  ];
  const top = [`.sops.yaml merge=${DRIVERS.config}`];
  if (isClaimed('secrets/host.nix')) top.push(`/nix/secrets/*.nix merge=${DRIVERS.module}`);
  const elsewhere = files.filter(({ path }) => !path.startsWith('secrets/')).slice(0, MOST_FILES);
  for (const { path } of elsewhere) if (isPlain(path)) top.push(`${pattern(path)} ${SOPS}`);
  if (!isClaimed('secrets/.gitattributes'))
    return new Map([
      ['secrets/.gitattributes', below],
      ['.gitattributes', top],
    ]);
  return new Map([['.gitattributes', [...below.map(inSecrets), ...top]]]);
}

function inSecrets(line: string): string {
  return line.startsWith('/') ? `/secrets${line}` : `/secrets/**/${line}`;
}

function isPlain(path: string): boolean {
  return !/[\u0000-\u001f\u007f]/.test(path) && formatOfPath(path) !== undefined;
}

/** A path as a pattern that matches nothing else (gitattributes(5)). */
function pattern(path: string): string {
  const literal = `/${path.replace(/[\\*?[\]]/g, '\\$&')}`;
  return /[\s"]/.test(literal) ? `"${literal.replace(/[\\"]/g, '\\$&')}"` : literal;
}

/** A `.gitattributes` with our lines at its end, where they win; in their old place where they are there already. */
export function withDriverLines(text: string, lines: readonly string[]): string {
  const eol = /^[^\n]*\r\n/.test(text) ? '\r\n' : '\n';
  const found = find(text);
  const unended = found === null ? text !== '' && !text.endsWith('\n') : found.unended;
  const block = [`${BEGIN}${unended ? UNENDED : ''}`, WHY, ...lines, END].join(eol);
  if (found !== null) return text.slice(0, found.start) + block + text.slice(found.end);
  return `${text}${unended ? eol : ''}${block}${eol}`;
}

/** The text as it was before {@link withDriverLines}. */
export function withoutDriverLines(text: string): string {
  const found = find(text);
  if (found === null) return text;
  const after = text.slice(found.end).replace(/^\r?\n/, '');
  const before = text.slice(0, found.start);
  return after === '' && found.unended ? before.replace(/\r?\n$/, '') : before + after;
}

function find(text: string): { start: number; end: number; unended: boolean } | null {
  const begin = /^# >>> secrets drivers >>>.*$/m.exec(text);
  const end = /^# <<< secrets drivers <<</m.exec(text);
  if (begin === null || end === null || end.index < begin.index) return null;
  return { start: begin.index, end: end.index + END.length, unended: begin[0].includes(UNENDED) };
}
