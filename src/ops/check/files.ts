import { recipientsOf } from '../../sops/metadata-recipients.ts';
import type { Draft } from '../draft.ts';
import { describeDrift, readerName } from '../drift/describe-drift.ts';
import { type FileState, metadataOfFile } from '../drift/governed.ts';
import { type CheckFinding, finding } from './finding.ts';

/** Keys that YAML 1.1, which sops-nix reads, takes for numbers, truth values or nothing. */
const ODD_KEY =
  /^[ \t]*(?:- +)*(?<key>[-+]?[0-9][0-9_.]*|true|false|yes|no|on|off|null|~)[ \t]*:(?:[ \t]|$)/i;

/** What can be seen of the files without a key. */
export async function checkFiles(draft: Draft, states: readonly FileState[]): Promise<CheckFinding[]> {
  const found: CheckFinding[] = [];
  for (const state of states) {
    const bad = stateFinding(state);
    if (bad !== null) found.push(bad);
    if (state.state !== 'ok' && state.state !== 'drifted') continue;
    found.push(...(await checkText(draft, state)), ...(await checkReaders(draft, state)));
  }
  return found;
}

function stateFinding(state: FileState): CheckFinding | null {
  const { path, rule } = state;
  switch (state.state) {
    case 'plaintext': {
      const message = `it is not encrypted, though ${state.config} governs it (line ${rule?.line ?? 0}): the installer stops at it, and whoever has the repository reads it`;
      const fix = `secrets sops encrypt -i ${path}; where it was pushed, its values are known: make new ones`;
      return finding('plaintext', { file: path }, message, fix);
    }
    case 'broken': {
      const message = `it cannot be read as a sops file: ${state.problem ?? 'it does not load'}`;
      return finding('broken', { file: path }, message, `git log -p -- ${path} shows when it was whole`);
    }
    case 'drifted': {
      const message = `it differs from its rule: ${describeDrift(state, false)}`;
      return finding('drifted', { file: path }, message, `secrets sync ${path}`);
    }
    default:
      return null;
  }
}

async function checkText(draft: Draft, { path, format }: FileState): Promise<CheckFinding[]> {
  if (format !== 'yaml' && format !== 'dotenv') return [];
  const file = await draft.read(path);
  if (file === null) return [];
  const text = Buffer.from(file.bytes).toString('latin1');
  if (format === 'dotenv') {
    if (!text.includes('\r\n')) return [];
    const message =
      'its lines end in CRLF, which belongs to the ciphertext for sops-nix: nothing of it decrypts';
    const fix = `sed -i 's/\\r$//' ${path}, and \`* -text\` in ${folderOf(path)}.gitattributes keeps git from doing it again`;
    return [finding('crlf', { file: path, line: 1 }, message, fix)];
  }
  return text.split('\n').flatMap((line, index) => {
    const key = ODD_KEY.exec(line)?.groups?.['key'];
    if (key === undefined) return [];
    const message = `the key ${key} is no text for YAML 1.1: sops-nix ends with a panic, and no secret of the host is installed`;
    return [
      finding(
        'odd-key',
        { file: path, line: index + 1 },
        message,
        `quote it, or rename it: secrets edit ${path}`,
      ),
    ];
  });
}

/** One reader: if that key is lost, so is what is in the file. */
async function checkReaders(draft: Draft, { path, inventory }: FileState): Promise<CheckFinding[]> {
  const metadata = await metadataOfFile(draft, path);
  const [reader, ...others] = metadata === null ? [] : recipientsOf(metadata);
  if (reader === undefined || others.length > 0) return [];
  const message = `${readerName(inventory, reader)} alone can read it: if that key is lost, so are its values`;
  const fix =
    'add a person, or a recovery key, to its rule in .sops.yaml, then let that reader run `secrets sync`';
  return [finding('one-reader', { file: path }, message, fix)];
}

function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/') + 1);
}
