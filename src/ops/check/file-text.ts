import { SecretsError } from '../../errors.ts';
import { formatOfPath } from '../../sops/formats/of-path.ts';
import { readAnySopsFile } from '../../sops/read-any.ts';
import type { Draft } from '../draft.ts';
import type { FileState } from '../drift/governed.ts';
import { type CheckFinding, finding } from './finding.ts';

/** What YAML 1.1, which the modules of sops-nix read, takes for true and false, and sops for a text. */
const WORD_KEY =
  /^[ \t]+(?:- +)*(?<key>y|Y|yes|Yes|YES|n|N|no|No|NO|on|On|ON|off|Off|OFF)[ \t]*:(?:[ \t\r]|$)/;
const ANY_WORD_KEY = new RegExp(WORD_KEY.source, 'm');

/** A file with sops metadata that does not load: by what stops it, where that is one of the usual mistakes. */
export async function brokenFile(
  draft: Draft,
  { path, format, problem, inventory }: FileState,
): Promise<CheckFinding> {
  const reason = problem ?? 'it does not load';
  const bytes = inventory === null ? null : ((await readQuietly(draft, path)) ?? null);
  if (bytes !== null && format === 'dotenv' && bytes.includes('\r\n')) return crlf(path);
  const { line, message } = bytes === null ? NOTHING : await failureOf(bytes, path);
  const place = { file: path, ...(line === null ? {} : { line }) };
  if (/stands twice/.test(message)) {
    const said = `a key stands in it twice, as a merge leaves it: ${message}; the build is green, and the activation fails for every secret of the host`;
    return finding('key-twice', place, said, `take one of the two out: git log -p -- ${path}`);
  }
  if (/non-string key/.test(message)) {
    const said =
      'a key in it is no text (a number, true, null): sops-nix ends with a panic or refuses the file, and no secret of the host is installed';
    return finding('odd-key', place, said, 'write the key in quotes, as `secrets set` and stock sops do');
  }
  const bom = bytes?.startsWith('\u00ef\u00bb\u00bf') === true ? ' (it begins with a byte order mark)' : '';
  return finding(
    'broken',
    place,
    `it cannot be read as a sops file: ${reason}${bom}`,
    bom === '' ? `git log -p -- ${path} shows when it was whole` : `sed -i '1s/^\\xef\\xbb\\xbf//' ${path}`,
  );
}

const NOTHING = { line: null, message: '' };

/** What the text of a file that loads does to the installer. */
export async function checkText(draft: Draft, { path, format }: FileState): Promise<CheckFinding[]> {
  if (format !== 'yaml' && format !== 'dotenv') return [];
  const text = await readQuietly(draft, path);
  if (text === null) return [];
  if (format === 'dotenv') return text.includes('\r\n') ? [crlf(path)] : [];
  return ANY_WORD_KEY.test(text) ? wordKeys(draft, path, text) : [];
}

/** Keys in a nested map: at the top of a file such words do no harm. */
function wordKeys(draft: Draft, path: string, text: string): CheckFinding[] {
  const nested = new Set((draft.managedFile(path)?.leaves ?? []).flatMap(leaf => leaf.slice(1)));
  return text.split('\n').flatMap((line, index) => {
    const key = WORD_KEY.exec(line)?.groups?.['key'];
    if (key === undefined || !nested.has(key)) return [];
    const message = `the key ${key} is true or false for YAML 1.1: sops-nix ends with a panic when it looks into that map, and no secret of the host is installed`;
    return [finding('odd-key', { file: path, line: index + 1 }, message, `write it in quotes: "${key}":`)];
  });
}

function crlf(path: string): CheckFinding {
  const message =
    'its lines end in CRLF, which belongs to the ciphertext for sops-nix: nothing of it decrypts';
  const folder = path.slice(0, path.lastIndexOf('/') + 1);
  const fix = `sed -i 's/\\r$//' ${path}, and \`* -text\` in ${folder}.gitattributes keeps git from doing it again`;
  return finding('crlf', { file: path, line: 1 }, message, fix);
}

async function failureOf(text: string, path: string): Promise<{ line: number | null; message: string }> {
  try {
    await readAnySopsFile(Buffer.from(text, 'latin1'), formatOfPath(path));
    return NOTHING;
  } catch (error) {
    if (!(error instanceof SecretsError)) throw error;
    return { line: error.line ?? null, message: error.message };
  }
}

/** The bytes as Latin-1, so that nothing of them is lost; `null` where they cannot be read. */
async function readQuietly(draft: Draft, path: string): Promise<string | null> {
  try {
    const file = await draft.read(path);
    return file === null ? null : Buffer.from(file.bytes).toString('latin1');
  } catch (error) {
    if (error instanceof SecretsError) return null;
    throw error;
  }
}
