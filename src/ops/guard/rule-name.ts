import type { Rule } from '../../workspace/model.ts';

/** The rule for a message: its pattern, or its line. */
export function ruleName(rule: Rule): string {
  return rule.pathRegex === null
    ? `the rule in line ${rule.line} of .sops.yaml`
    : `the rule ${rule.pathRegex}`;
}
