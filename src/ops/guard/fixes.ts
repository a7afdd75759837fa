import { shellWord } from './names.ts';
import type { Flaw, ManagedFinding, ManagedRule } from './snapshot.ts';

/** How a file came into what is being checked. */
export interface Origin {
  readonly file: string;
  readonly config: string | null;
  /** False: there is no older version to go back to. */
  readonly hasParent: boolean;
  readonly wasThere: boolean;
}

/** A finding with the command that mends it. */
export function findingOf(flaw: Flaw, origin: Origin): ManagedFinding {
  const { rule, message, line = 1, column = 1 } = flaw;
  return { rule, file: origin.file, line, column, message, fix: flaw.fix ?? fixFor(rule, origin) };
}

function fixFor(rule: ManagedRule, origin: Origin): string {
  const word = shellWord(origin.file);
  switch (rule) {
    case 'managed-plaintext':
      return `secrets sops encrypt -i ${word} && git add ${word}; or leave it out: ${leaveOut(origin)}`;
    case 'managed-value':
      return `${goBack(origin)}, then set the value again: secrets set, or secrets edit ${word}`;
    case 'managed-recipients':
    case 'managed-selection':
      return `secrets sync ${word} && git add ${word}`;
    case 'managed-config':
      return `correct it and git add ${word}`;
    case 'managed-no-rule':
      return `give it a rule (secrets why ${word} shows those there are), or leave it out: ${leaveOut(origin)}`;
    case 'rule-narrowed':
      return `put the rule back: ${restore(origin.config ?? '.sops.yaml')}; or allow it by name and reason in .secrets-allow.yaml`;
    default:
      return goBack(origin);
  }
}

function goBack(origin: Origin): string {
  return origin.wasThere
    ? `take the last good version: ${restore(origin.file)}`
    : `leave it out: ${leaveOut(origin)}`;
}

function restore(path: string): string {
  return `git restore --source=HEAD --staged --worktree -- ${shellWord(path)}`;
}

function leaveOut({ file, hasParent }: Origin): string {
  return hasParent ? `git restore --staged -- ${shellWord(file)}` : `git rm --cached -- ${shellWord(file)}`;
}
