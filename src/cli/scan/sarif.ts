import { MANAGED_RULES } from '../../ops/guard/snapshot.ts';
import { ALL_RULES } from '../../scan/engine.ts';
import { sarifLog } from '../render/sarif.ts';
import type { ScanResult } from './finding.ts';

/** The findings as SARIF 2.1.0, without any text of the files. */
export function sarifOf({ findings, unchecked }: ScanResult) {
  const rules = [...new Set(findings.map(({ rule }) => rule))].sort();
  const results = findings.map(({ rule, file, line, column, message, fix, commit }) => ({
    rule,
    level: 'error' as const,
    file,
    line,
    column,
    message: `${message}. ${fix}`,
    properties: { commit },
  }));
  return sarifLog(rules.map(ruleOf), results, unchecked);
}

/** A rule with what it is about. */
function ruleOf(id: string) {
  const title = ALL_RULES.find(rule => rule.id === id)?.title;
  const managed = Object.entries(MANAGED_RULES).find(([name]) => name === id)?.[1];
  const text =
    title === undefined ? (managed ?? 'the value of a managed secret in another place') : `${title} in clear`;
  return { id, text };
}
