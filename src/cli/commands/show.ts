import { ExitCode } from '../../errors.ts';
import { everySecret, type ListedSecret } from '../../ops/answers/every-secret.ts';
import { allMarks, type FileMarks, fileMarks, readerMark } from '../../ops/answers/marks.ts';
import { readWorkFile } from '../../ops/files.ts';
import { inRepository } from '../../ops/paths.ts';
import { displayName } from '../../ops/unlock.ts';
import type { Workspace } from '../../ops/workspace.ts';
import { findSecret } from '../../workspace/secrets.ts';
import { daysSince, sinceJson, sinceText } from '../answers/age-text.ts';
import { dateMarks, type Since } from '../answers/history.ts';
import { table } from '../render/table.ts';
import { newSession, readAnyWorkspace } from '../session.ts';
import type { World } from '../world.ts';

/** A secret with what its file and its history say. */
interface Shown extends ListedSecret {
  readonly readers: readonly { readonly recipient: string; readonly since: Since }[];
  /** Each value of it: the variables of an env file, else the one. */
  readonly values: readonly { readonly key: string; readonly since: Since }[];
  /** The last of its changes. */
  readonly changed: Since;
}

/** `secrets show`: everything about a secret but its value; needs no key. */
export async function runShow(
  world: World,
  name: string,
  options: { readonly host?: string; readonly json?: boolean },
): Promise<number> {
  const session = newSession(world, options);
  const workspace = await readAnyWorkspace(session);
  const every = await everySecret(workspace);
  const secret = findSecret(
    every.map(each => each.secret),
    name,
    options.host,
  );
  const { inventory } = every.find(each => each.secret === secret) ?? workspace;
  const shown = await lookUp(world, workspace, { secret, inventory });
  if (options.json === true) await session.talk.outJson(asJson(world, workspace, shown));
  else await session.talk.out(table(rows(world, shown)));
  return ExitCode.ok;
}

async function lookUp(world: World, workspace: Workspace, listed: ListedSecret): Promise<Shown> {
  const { file } = listed.secret;
  const bytes = (await readWorkFile(workspace.root, file))?.bytes ?? null;
  const found = bytes === null ? null : await fileMarks(file, bytes);
  if (bytes === null || found === null) return { ...listed, readers: [], values: [], changed: null };
  const leaves = leavesOf(listed, found);
  const recipients = [...new Set(found.recipients)];
  const marks = [...leaves.flatMap(({ mark }) => mark ?? []), ...recipients.map(readerMark)];
  const dated = await dateMarks(world, workspace, [{ path: file, bytes, marks: new Set(marks) }], allMarks);
  const since = (mark: string | null) => (mark === null ? null : dated.sinceOf(file, mark));
  const values = leaves.map(({ key, mark }) => ({ key, since: since(mark) }));
  return {
    ...listed,
    readers: recipients.map(recipient => ({ recipient, since: since(readerMark(recipient)) })),
    values,
    changed: latest(values.map(value => value.since)),
  };
}

function leavesOf({ secret }: ListedSecret, { leaves }: FileMarks) {
  const { key } = secret;
  if (key === null) return leaves;
  return leaves.filter(leaf => leaf.key === key || leaf.key.startsWith(`${key}/`));
}

/** What is not committed is later than every commit. */
function latest(all: readonly Since[]): Since {
  let last: Since = null;
  for (const since of all) {
    if (since === 'uncommitted') return since;
    if (since !== null && (last === null || since.commit.date > last.commit.date)) last = since;
  }
  return last;
}

function asJson(world: World, workspace: Workspace, { secret, inventory, ...shown }: Shown) {
  const { name, address, key, format, hosts, options } = secret;
  return {
    name,
    address,
    file: inRepository(workspace, secret.file),
    key,
    format,
    hosts,
    readers: shown.readers.map(({ recipient, since }) => ({
      name: inventory.nameOf(recipient),
      recipient,
      since: sinceJson(since),
    })),
    options,
    changed: sinceJson(shown.changed),
    age_days: ageOf(world, shown.changed),
    values: shown.values.map(value => ({ key: value.key, changed: sinceJson(value.since) })),
  };
}

function ageOf({ now }: World, since: Since): number | null {
  return since === null || since === 'uncommitted' ? null : daysSince(since.commit.date, now());
}

function rows(world: World, { secret, inventory, readers, values, changed }: Shown): string[][] {
  const given = Object.entries(secret.options).map(([option, value]) => [
    option,
    Array.isArray(value) ? value.join(', ') : String(value),
  ]);
  const age = ageOf(world, changed);
  const valueRow = age === null ? [] : [`${age === 1 ? '1 day' : `${age} days`} old`];
  const each = values.length > 1 ? values.map(({ key, since }) => [`  ${key}`, sinceText(since)]) : [];
  return [
    ['secret', secret.address],
    ['file', secret.file],
    ...(secret.key === null || secret.key === secret.name ? [] : [['key', secret.key]]),
    ['format', secret.format],
    ['hosts', secret.hosts.join(', ') || '-'],
    ['readers', readers.map(({ recipient }) => displayName(inventory, recipient)).join(', ')],
    ...readers.map(({ recipient, since }) => [`  ${displayName(inventory, recipient)}`, sinceText(since)]),
    ...(values.length === 0 ? [] : [['value', [sinceText(changed), ...valueRow].join(', ')]]),
    ...each,
    ...given,
  ];
}
