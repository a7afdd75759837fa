import { checkEvaluated } from '../../ops/check/evaluated.ts';
import { mayBe } from '../../ops/check/evaluated-hosts.ts';
import type { CheckCode, CheckFinding } from '../../ops/check/finding.ts';
import { news } from '../../ops/check/news.ts';
import { Draft } from '../../ops/draft.ts';
import type { Workspace } from '../../ops/workspace.ts';
import type { FlakeHost } from '../../workspace/flake-host.ts';
import type { Session } from '../session.ts';
import { readFlake } from './read-flake.ts';

/** What is asked for on the command line. */
export interface CheckFlakeOptions {
  /** As `nix` takes it. */
  readonly flake: string;
  readonly host?: string | undefined;
  readonly importFromDerivation?: boolean | undefined;
}

/** What the text of hand-written Nix gives a hint of, and the evaluation knows. */
const GUESSED: ReadonlySet<CheckCode> = new Set<CheckCode>([
  'wiring',
  'file-missing',
  'cannot-open',
  'key-missing',
  'format-differs',
  'name-refused',
  'mode-refused',
  'mode-dropped',
  'unknown-owner',
  'key-source',
  'template-fails',
  'not-imported',
]);

/**
 * Adds what the evaluated flake says to what was found without it. Where a host evaluates, facts stand in the place of what
 * was guessed from the text of its Nix.
 *
 * @param guessed what the text of hand-written Nix says; only of hosts that do not evaluate it is wanted
 * @throws SecretsError as `readFlake`
 */
export async function withFlake(
  { world, talk }: Session,
  workspace: Workspace,
  options: CheckFlakeOptions,
  known: readonly CheckFinding[],
  guessed: readonly CheckFinding[],
): Promise<CheckFinding[]> {
  const { flake, host, importFromDerivation: builds } = options;
  const say = async (line: string) => (world.stderr.isTTY === true ? talk.note(line) : undefined);
  const read = (only?: (name: string) => boolean): Promise<FlakeHost[]> =>
    readFlake(world, flake, { root: workspace.root, only, builds, say });
  const named = host === undefined ? [] : await read(name => mayBe(name, host));
  let checked = named.length === 0 ? null : await checkEvaluated(new Draft(workspace), named, false);
  if (checked === null || !checked.hosts.has(host ?? ''))
    checked = await checkEvaluated(new Draft(workspace), await read());
  const { findings, settled, hosts } = checked;
  const kept = known.filter(each => !GUESSED.has(each.code) || !settled.has(each.host ?? ''));
  const facts = [...kept, ...news(kept, findings)];
  const isKnown = [...hosts].every(name => settled.has(name));
  const guesses = isKnown ? [] : guessed.filter(each => !settled.has(each.host ?? ''));
  const said = new Set(facts.map(placeOf));
  return [...facts, ...news(facts, guesses).filter(each => each.host !== null || !said.has(placeOf(each)))];
}

/** What is wrong with which secret, whoever declares it. */
function placeOf({ code, file, secret }: CheckFinding): string {
  return [code, file, secret].join('\0');
}
