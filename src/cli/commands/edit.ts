import { ExitCode, SecretsError } from '../../errors.ts';
import {
  checkEdit,
  type Edit,
  type EditBase,
  type EditOutcome,
  openForEdit,
  planEdit,
} from '../../ops/edit/file.ts';
import { type EditTarget, findEditTarget } from '../../ops/edit/target.ts';
import type { Workspace } from '../../ops/workspace.ts';
import type { Redacted } from '../../redacted.ts';
import { editText } from '../edit-session.ts';
import { chooseEditor, type Editor } from '../editor.ts';
import { renderError } from '../render/error.ts';
import {
  newSession,
  readWorkspace,
  type Session,
  showAndApply,
  type WriteOptions,
  writeWorkspace,
} from '../session.ts';
import type { World } from '../world.ts';

interface EditOptions extends WriteOptions {
  readonly host?: string | undefined;
}

/** Longest name of a copy; the ending stays. */
const LONGEST_NAME = 60;
const ENDINGS = { yaml: '.yaml', json: '.json', dotenv: '.env', ini: '.ini', binary: '' } as const;

/** `secrets edit` */
export async function runEdit(world: World, text: string, options: EditOptions): Promise<number> {
  const session = newSession(world, options);
  const workspace = await readWorkspace(session);
  const target = await findEditTarget(workspace, world.cwd, text, options.host);
  const editor = chooseEditor(world, target.key === null && target.format === 'binary');
  let base = await openForEdit(workspace, target);
  let shown = base.text;
  for (;;) {
    const edit = await editUntilValid(session, workspace, editor, base, shown);
    if (!edit.changed) return unchanged(session, target);
    const outcome = await apply(session, base, edit, options);
    if (outcome.conflicts === null) return ExitCode.ok;
    await askToOverwrite(session, target, outcome.conflicts);
    base = outcome.base;
    shown = outcome.text;
  }
}

/** Opens the editor, again and again where the person wants to put right what is wrong. */
async function editUntilValid(
  session: Session,
  workspace: Workspace,
  editor: Editor,
  base: EditBase,
  text: Redacted<Uint8Array>,
): Promise<Edit> {
  let shown = text;
  for (;;) {
    const edited = await editText(session, {
      editor,
      name: copyName(base.target),
      text: shown,
      root: topOf(workspace),
    });
    try {
      return await checkEdit(workspace, base, edited);
    } catch (error) {
      if (!(error instanceof SecretsError) || session.world.stdin.isTTY !== true) throw error;
      await session.talk.say(renderError(error));
      if (!(await (await session.world.terminal()).confirm('edit again?'))) throw nothingWritten();
      shown = edited;
    }
  }
}

/** The folder that must not hold the copy: the whole work tree, of which the workspace may be a part. */
function topOf({ root, around }: Workspace): string {
  const prefix = around.versionControl?.prefix ?? '';
  return prefix !== '' && root.endsWith(`/${prefix.slice(0, -1)}`) ? root.slice(0, -prefix.length) : root;
}

function apply(session: Session, base: EditBase, edit: Edit, options: EditOptions): Promise<EditOutcome> {
  return writeWorkspace(session, async workspace => {
    const outcome = await planEdit(workspace, base, edit);
    if (outcome.conflicts === null) {
      await session.talk.say(`${base.target.label}: edited`);
      await showAndApply(session, workspace, outcome.plan, options);
    }
    return outcome;
  });
}

async function unchanged(session: Session, target: EditTarget): Promise<number> {
  await session.talk.note(`${target.label}: no change, nothing was written`);
  if (session.talk.json) await session.talk.outJson({ plan: [], applied: false });
  return ExitCode.ok;
}

async function askToOverwrite(
  session: Session,
  target: EditTarget,
  conflicts: readonly string[],
): Promise<void> {
  const error = new SecretsError(
    'CHANGED_UNDERNEATH',
    `somebody else changed the same while the editor was open: ${conflicts.join(', ')}`,
    {
      file: target.label,
      hint: 'nothing was written; run the command again to begin with the newest version',
    },
  );
  if (session.world.stdin.isTTY !== true) throw error;
  await session.talk.say(renderError(error));
  const question = 'edit again? your text is kept, and saving it overwrites the other change';
  if (!(await (await session.world.terminal()).confirm(question))) throw nothingWritten();
}

function nothingWritten(): SecretsError {
  return new SecretsError('INTERRUPTED', 'nothing was written');
}

/** `kotori.env`: safe in any shell and editor, the ending by which an editor knows the language. */
function copyName({ file, key, format }: EditTarget): string {
  const last = (key?.at(-1) ?? file.slice(file.lastIndexOf('/') + 1)).replace(/[^A-Za-z0-9._-]/g, '_');
  const name = last.replace(/^[-.]+/, '').slice(-LONGEST_NAME) || 'secret';
  const ending = key === null ? ENDINGS[format] : '.txt';
  return name.endsWith(ending) ? name : `${name}${ending}`;
}
