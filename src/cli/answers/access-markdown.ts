import { shortRecipient } from '../../age/recipient.ts';
import type {
  AccessChange,
  AccessReport,
  MemberChange,
  Reader,
  RuleChange,
  SecretPlace,
  ValueChange,
} from '../../ops/answers/access-model.ts';
import { markdownCode as code, markdownTable } from '../render/markdown.ts';

/** A comment of a pull request has 65,536 letters, and nobody reads so many. `--json` has all. */
const MOST_IN_CELL = 20;
const MOST_ROWS = 200;

/** A report as Markdown, for the description or a comment of a pull request. */
export function accessMarkdown(title: string, report: AccessReport): string {
  const { access, values, members, rules, notes } = report;
  const parts = [
    section('Who', ['who', 'gained', 'lost'], access.map(accessRow(access))),
    section('Values', ['secret', 'what', 'read by'], values.map(valueRow)),
    section('People, machines and their keys', ['name', 'what', 'where'], members.map(memberRow)),
    section('Rules', ['rule', 'what', 'where'], rules.map(ruleRow)),
  ].filter(text => text !== '');
  const found = parts.length === 0 ? ['Nothing changed: neither who reads what, nor any value.\n'] : parts;
  const remarks = notes.length === 0 ? [] : [notes.map(note => `- ${code(note)}\n`).join('')];
  return [`## ${title}\n`, ...found, ...remarks].join('\n');
}

function section(title: string, heads: readonly string[], rows: readonly (readonly string[])[]): string {
  if (rows.length === 0) return '';
  const rest = rows.length - MOST_ROWS;
  const more = rest > 0 ? `\n… and ${rest} more (\`--json\` shows all)\n` : '';
  return `### ${title}\n\n${markdownTable(heads, rows.slice(0, MOST_ROWS))}${more}`;
}

function accessRow(all: readonly AccessChange[]) {
  const bearers = new Map<string, number>();
  for (const { who } of all) if (who?.name != null) bearers.set(who.name, (bearers.get(who.name) ?? 0) + 1);
  return ({ who, gained, lost, otherKey }: AccessChange): string[] => {
    const isShared = who?.name != null && (bearers.get(who.name) ?? 0) > 1;
    const key = who !== null && isShared ? ` (${code(shortRecipient(who.recipient))})` : '';
    const name = who === null ? '**whoever has the repository**' : `${readerText(who)}${key}`;
    const other = otherKey.length === 0 ? [] : [`with another key: ${placesText(otherKey)}`];
    return [
      name,
      [...(gained.length === 0 ? [] : [placesText(gained)]), ...other].join('; '),
      placesText(lost),
    ];
  };
}

/** Files whose secrets have no name of their own are told once each. */
function placesText(places: readonly SecretPlace[]): string {
  const counts = new Map<string, number>();
  for (const { secret, file } of places) {
    const name = secret.startsWith(`${file}#`) ? file : secret;
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  const single = new Map(places.map(({ secret, file }) => [file, secret]));
  const texts = [...counts].map(([name, count]) =>
    count === 1 ? code(single.get(name) ?? name) : `${code(name)} (${count} values)`,
  );
  return listText(texts);
}

function listText(texts: readonly string[]): string {
  const rest = texts.length - MOST_IN_CELL;
  const shown = texts.slice(0, MOST_IN_CELL).join(', ');
  return rest > 0 ? `${shown} and ${rest} more` : shown;
}

function readerText({ name, recipient }: Reader): string {
  return name === null ? `${code(shortRecipient(recipient))} (no name)` : code(name);
}

function valueRow(value: ValueChange): string[] {
  const readers =
    value.change === 'in-clear' ? '**whoever has the repository**' : listText(value.readers.map(readerText));
  return [code(value.secret), whatText(value), readers];
}

function whatText({ change, from, parts, wholeFile }: ValueChange): string {
  const moved = from === null ? '' : `, was ${code(from)}`;
  switch (change) {
    case 'changed': {
      if (wholeFile) return `encrypted anew with its whole file${moved}`;
      return parts.length === 0 ? `changed${moved}` : `changed: ${listText(parts.map(code))}${moved}`;
    }
    case 'moved':
      return `moved${moved}`;
    case 'in-clear':
      return '**not encrypted**';
    case 'unreadable':
      return 'cannot be read as a sops file';
    default:
      return change;
  }
}

function memberRow({ config, name, change, before, after }: MemberChange): string[] {
  return [code(name), memberText(change, before, after), code(config)];
}

function memberText(change: MemberChange['change'], before: string | null, after: string | null): string {
  const [old, now] = [before ?? '', after ?? ''];
  switch (change) {
    case 'key-added':
      return `new: ${code(shortRecipient(now))}`;
    case 'key-removed':
      return `removed: ${code(shortRecipient(old))}`;
    case 'key-replaced':
      return `another key: ${code(shortRecipient(now))} instead of ${code(shortRecipient(old))}`;
    case 'renamed':
      return `was called ${code(old)}`;
    case 'group-joined':
      return `joins the group ${code(now)}`;
    case 'group-left':
      return `leaves the group ${code(old)}`;
    default:
      return {
        'admin-added': 'is admin now',
        'admin-removed': 'is no admin any more',
        'host-added': 'new host',
        'host-removed': 'no host any more',
      }[change];
  }
}

function ruleRow({ config, pathRegex, change, add, remove, also }: RuleChange): string[] {
  if (change === 'order') return ['', 'other order: which rule matches first may differ', code(config)];
  const names = new Set(add.map(({ name }) => name).filter(name => name !== null));
  const rekeyed = new Set(remove.map(({ name }) => name ?? '').filter(name => names.has(name)));
  const others = (readers: readonly Reader[]) => readers.filter(({ name }) => !rekeyed.has(name ?? ''));
  const readers = [
    ...others(add).map(reader => `+ ${readerText(reader)}`),
    ...others(remove).map(reader => `− ${readerText(reader)}`),
    ...[...rekeyed].map(name => `another key of ${code(name)}`),
  ];
  const parts = [...(change === 'changed' ? [] : [change === 'added' ? 'new' : 'removed']), ...also];
  const what = [...parts, ...(readers.length === 0 ? [] : [listText(readers)])].join('; ');
  return [pathRegex === null ? 'every path' : code(pathRegex), what, code(config)];
}
