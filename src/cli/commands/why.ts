import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { ExitCode, SecretsError } from '../../errors.ts';
import { Draft } from '../../ops/draft.ts';
import { describeDrift, readerName } from '../../ops/drift/describe-drift.ts';
import { type Explanation, explain } from '../../ops/drift/why.ts';
import { configInRepository, inRepository } from '../../ops/paths.ts';
import type { Workspace } from '../../ops/workspace.ts';
import { pathsBelow } from '../paths-below.ts';
import { table } from '../render/table.ts';
import { newSession, readAnyWorkspace } from '../session.ts';
import type { World } from '../world.ts';

/** `secrets why`: which rule governs a file, and what that means; needs no key. */
export async function runWhy(
  world: World,
  file: string,
  options: { readonly json?: boolean },
): Promise<number> {
  const session = newSession(world, options);
  const workspace = await readAnyWorkspace(session);
  const [path] = pathsBelow(world, workspace, [file]);
  if (path === undefined || isFolder(resolve(world.cwd, file)))
    throw new SecretsError('BAD_PATH', 'a folder has no rule, the files in it have', { file });
  const explanation = await explain(new Draft(workspace), path);
  if (options.json === true) await session.talk.outJson(asJson(workspace, explanation));
  else await session.talk.out(table(rows(workspace, explanation)));
  return ExitCode.ok;
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

function asJson(workspace: Workspace, explanation: Explanation) {
  const { inventory, rules, nearest, state } = explanation;
  const named = (recipients: readonly string[]) =>
    recipients.map(recipient => ({ name: inventory?.nameOf(recipient) ?? null, recipient }));
  return {
    file: inRepository(workspace, explanation.path),
    config: configInRepository(workspace, explanation.config),
    matched_against: explanation.matchedAgainst,
    rules: rules.map(({ index, pathRegex, line, matches }) => ({
      index,
      path_regex: pathRegex,
      line,
      matches,
    })),
    first: explanation.first,
    nearest: nearest?.index ?? null,
    wanted: named(explanation.wanted),
    has: named(explanation.has),
    groups: explanation.groups,
    threshold: explanation.threshold,
    state: state?.state ?? null,
    problem: explanation.problem,
  };
}

function rows(workspace: Workspace, explanation: Explanation): string[][] {
  const { inventory, wanted, has, matchedAgainst, path } = explanation;
  const names = (recipients: readonly string[]) =>
    recipients.map(recipient => readerName(inventory, recipient)).join(', ') || 'nobody';
  return [
    ['file', path],
    ['config', configInRepository(workspace, explanation.config) === null ? 'none' : explanation.config],
    ...(matchedAgainst === path ? [] : [['matched as', matchedAgainst]]),
    ...ruleRows(explanation),
    ...(explanation.rule === null ? [] : [['rule wants', names(wanted)]]),
    ...(has.length === 0 ? [] : [['file has', names(has)]]),
    ...(explanation.groups > 1 ? [['key groups', groupsText(explanation)]] : []),
    ['state', stateText(explanation)],
  ];
}

function ruleRows({ inventory, rules, first, nearest }: Explanation): string[][] {
  if (inventory === null) return [];
  const shown = rules.map(({ index, line, pathRegex, matches }) => [
    `rule ${index}`,
    `line ${line}: ${pathRegex ?? '(every path)'}${matches ? '  <- the first that matches' : ''}`,
  ]);
  if (first !== null) return shown;
  if (nearest === null) return [...shown, ['no rule', 'matches']];
  const start = `${nearest.shared}${nearest.wanted}`;
  return [...shown, ['no rule', `matches; rule ${nearest.index} is for what begins with ${start}`]];
}

function groupsText({ groups, threshold }: Explanation): string {
  return `${groups}, of which ${threshold ?? groups} are needed`;
}

function stateText({ state, problem, rule }: Explanation): string {
  if (state === null) return problem ?? (rule === null ? 'no sops file' : 'there is no sops file yet');
  switch (state.state) {
    case 'ok':
      return 'ok: it is as its rule says';
    case 'drifted':
      return `drifted: ${describeDrift(state, false)} (secrets sync)`;
    case 'plaintext':
      return 'plaintext: it is not encrypted';
    case 'no-rule':
      return 'no-rule: it is encrypted, and no rule governs it';
    default:
      return `broken: ${problem ?? 'it does not load'}`;
  }
}
