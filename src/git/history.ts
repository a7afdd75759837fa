import type { FileMoves } from '../ops/ports.ts';
import { type GitResult, gitFailed } from './run.ts';

/** Runs git in the work tree. */
type Run = (args: readonly string[]) => Promise<GitResult>;

/**
 * Every commit of every branch, merges against each of their parents: what a merge brought in counts too. Nothing
 * that the repository configures is started.
 */
const ALL_COMMITS = ['log', '--all', '--full-history', '-m', '--no-textconv', '--no-ext-diff', '--relative'];

/**
 * The pickaxe: each commit in which the number of occurrences changes names the file. All texts are looked for in
 * one pass; a file that ever held one of them had none before, so its number changed.
 *
 * @throws SecretsError `PROGRAM_FAILED` where git cannot read it, as do the others here
 */
export async function filesThatHeld(run: Run, texts: readonly string[]): Promise<string[]> {
  const wanted = [...new Set(texts)].filter(text => text !== '');
  const [only] = wanted;
  if (only === undefined) return [];
  const search =
    wanted.length === 1 ? [`-S${only}`] : ['--pickaxe-regex', `-S${wanted.map(escaped).join('|')}`];
  const args = [...ALL_COMMITS, '--format=', '--name-only', '--no-renames', '-z', ...search, '--', '.'];
  const result = await run(args);
  // without a commit there is no history, and no error; what cannot be read must not pass for empty
  if (result.status !== 0) throw gitFailed('search its history', result);
  const found = new Set(result.stdout.split('\0').map(path => path.replace(/^\n/, '')));
  found.delete('');
  return [...found].sort();
}

/** For POSIX extended regular expressions; a public key has little that means something there. */
function escaped(text: string): string {
  return text.replace(/[^A-Za-z0-9 ]/g, letter => (/[\\^]/.test(letter) ? `\\${letter}` : `[${letter}]`));
}

/** Every line that a commit put into a file or took out of it, each once, oldest last. */
export async function formerLines(run: Run, path: string): Promise<string[]> {
  const args = [...ALL_COMMITS, '--format=', '-p', '-U0', '--no-color', '--no-renames', '--', path];
  const result = await run(args);
  if (result.status !== 0) throw gitFailed('read its history', result);
  const lines = result.stdout.split('\n').filter(line => /^[+-]/.test(line) && !/^(\+\+\+|---) /.test(line));
  return [...new Set(lines.map(line => line.slice(1)))];
}

/** Files that came and went together: for each commit, and for what is not committed yet. */
export async function fileMoves(run: Run): Promise<FileMoves[]> {
  const names = ['--name-status', '--diff-filter=ADR', '--find-renames=50%', '-z'];
  const [committed, present] = await Promise.all([
    run([...ALL_COMMITS, '--format=%x01', ...names, '--', '.']),
    run(['diff', '--no-textconv', '--no-ext-diff', '--relative', ...names, 'HEAD', '--', '.']),
  ]);
  if (committed.status !== 0) throw gitFailed('read its history', committed);
  // before the first commit there is no HEAD to compare with
  const texts = [committed, present].flatMap(({ status, stdout }) =>
    status === 0 ? stdout.split('\x01') : [],
  );
  return texts.map(movesIn).filter(({ gone, renamed }) => gone.length + renamed.size > 0);
}

/** `A\0path\0`, `D\0path\0`, `R090\0from\0to\0` */
function movesIn(text: string): FileMoves {
  const fields = text.split('\0').map(field => field.replace(/^\n/, ''));
  const gone: string[] = [];
  const come: string[] = [];
  const renamed = new Map<string, string>();
  for (let index = fields[0] === '' ? 1 : 0; index + 1 < fields.length; ) {
    const [status = '', path = '', to = ''] = fields.slice(index, index + 3);
    if (status === 'A') come.push(path);
    if (status === 'D') gone.push(path);
    if (status.startsWith('R')) renamed.set(path, to);
    index += status.startsWith('R') ? 3 : 2;
  }
  return { gone, come, renamed };
}
