import { recipientsOf } from '../../sops/metadata-recipients.ts';
import type { Draft } from '../draft.ts';
import { describeDrift, readerName } from '../drift/describe-drift.ts';
import { type FileState, metadataOfFile } from '../drift/governed.ts';
import { brokenFile, checkText } from './file-text.ts';
import { type CheckFinding, finding } from './finding.ts';

/** What can be seen of the files without a key. */
export async function checkFiles(draft: Draft, states: readonly FileState[]): Promise<CheckFinding[]> {
  const found: CheckFinding[] = [];
  for (const state of states) {
    if (state.state === 'broken') found.push(await brokenFile(draft, state));
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
    case 'drifted': {
      const message = `it differs from its rule: ${describeDrift(state, false)}`;
      return finding('drifted', { file: path }, message, `secrets sync ${path}`);
    }
    default:
      return null;
  }
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
