import { lstatSync } from 'node:fs';
import { chmod, mkdir, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import { SecretsError } from '../../errors.ts';
import { replaceFile } from '../../ops/replace-file.ts';
import { gitFailed, runGit } from '../run.ts';
import {
  blockText,
  CONFIG_KEYS,
  findBlock,
  type HookText,
  insertBlock,
  removeBlock,
  replaceBlock,
  SHEBANG,
} from './block.ts';
import { textOf } from './look.ts';
import type { HookChange, HookFile, HooksFolder, Launch } from './model.ts';

const NEW_HOOK_MODE = 0o755;

/** What an installation would write; hooks that are current, called by hand or in the way are left out. */
export function planInstall(folder: HooksFolder, hooks: readonly HookFile[], launch: Launch): HookChange[] {
  return hooks.flatMap(hook => {
    if (hook.state === 'in-the-way' || hook.state === 'by-hand') return [];
    const after = installed(hook, folder.shared ? null : launch);
    if (after === null || (hook.active && hook.bytes?.equals(after) === true)) return [];
    const detail =
      hook.state === 'missing' ? 'check for plaintext secrets' : 'the lines of this installation';
    return [change(hook, hook.bytes === null ? 'create' : 'update', detail, after, !hook.active)];
  });
}

/** What an uninstallation would write or remove: every hook gets the bytes that it had before. */
export function planUninstall(hooks: readonly HookFile[]): HookChange[] {
  return hooks.flatMap(hook => {
    const text = hook.bytes === null ? '' : textOf(hook.bytes);
    const found = findBlock(text);
    if (found === null || found === 'damaged') return [];
    const rest = removeBlock(text, found);
    if (found.wholeFile && rest.trim() === SHEBANG)
      return [change(hook, 'delete', 'nothing else was in it', null)];
    return [change(hook, 'update', 'without the lines of secrets', bytesOf(rest))];
  });
}

/**
 * Writes and removes what was planned. Each file is replaced at once; a hook that runs meanwhile is the old or the
 * new one.
 *
 * @throws SecretsError `WRITE_FAILED`
 */
export async function applyHookChanges(changes: readonly HookChange[]): Promise<void> {
  for (const { file, after, activate } of changes) {
    if (after === null) await removeFile(file);
    else await writeHook(file, after, activate);
  }
}

/**
 * Keeps the paths of this machine in git's own configuration of the repository, for hooks that are shared.
 *
 * @param launch `null` takes them out
 * @throws SecretsError `PROGRAM_FAILED`
 */
export async function configureLaunch(folder: HooksFolder, launch: Launch | null): Promise<void> {
  const { top, env } = folder;
  const values = { [CONFIG_KEYS.node]: launch?.node, [CONFIG_KEYS.script]: launch?.script ?? '' };
  for (const [key, value] of Object.entries(values)) {
    const words = launch === null ? ['--unset-all', key] : ['--replace-all', key, value ?? ''];
    const result = await runGit(top, ['config', '--local', ...words], { env, inherited: true, writes: true });
    // Status 5: there was nothing to take out.
    if (result.status !== 0 && result.status !== 5) throw gitFailed('write its configuration', result);
  }
}

function installed(hook: HookFile, launch: Launch | null): Buffer | null {
  const block = (wholeFile: boolean) => blockText({ hook: hook.hook, launch, wholeFile });
  if (hook.bytes === null) return bytesOf(insertBlock(`${SHEBANG}\n`, block(true)));
  const text = textOf(hook.bytes);
  const found = findBlock(text);
  if (found === 'damaged') return null;
  if (found === null) return bytesOf(insertBlock(text, block(false)));
  return bytesOf(replaceBlock(text, found, block(found.wholeFile)));
}

function change(
  { hook, file }: HookFile,
  action: HookChange['action'],
  detail: string,
  after: Buffer | null,
  activate = false,
): HookChange {
  return { hook, file, action, detail, activate, after };
}

function bytesOf(text: HookText): Buffer {
  return Buffer.from(text, 'latin1');
}

async function writeHook(file: string, bytes: Buffer, activate: boolean): Promise<void> {
  await mkdir(dirname(file), { recursive: true }).catch(error => {
    throw writeFailed('the folder of the hooks cannot be made', dirname(file), error);
  });
  const stats = lstatSync(file, { throwIfNoEntry: false });
  if (stats?.isSymbolicLink() === true)
    throw new SecretsError('CHANGED_UNDERNEATH', 'a link took the place of the hook', { file });
  await replaceFile(file, bytes, NEW_HOOK_MODE);
  if (activate && stats !== undefined) await chmod(file, (stats.mode | ((stats.mode & 0o444) >> 2)) & 0o777);
}

async function removeFile(path: string): Promise<void> {
  await unlink(path).catch(error => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return;
    throw writeFailed('the hook cannot be removed', path, error);
  });
}

function writeFailed(message: string, file: string, cause: unknown): SecretsError {
  return new SecretsError('WRITE_FAILED', message, { file, cause });
}
