import { CHECKS, type CheckCode, type CheckFinding } from '../../ops/check/finding.ts';
import { inRepository } from '../../ops/paths.ts';
import { INVENTORY_FILE, type Workspace } from '../../ops/workspace.ts';
import { sarifLog } from '../render/sarif.ts';

/** The findings of `secrets check` as SARIF 2.1.0. What has no file of its own is told of `.sops.yaml`. */
export function checkSarif(workspace: Workspace, findings: readonly CheckFinding[]) {
  const codes = [...new Set(findings.map(({ code }) => code))].sort();
  const results = findings.map(({ code, severity, file, line, host, secret, message, fix }) => ({
    rule: code,
    level: severity,
    file: inRepository(workspace, file ?? INVENTORY_FILE),
    line,
    message: `${message}. ${fix}`,
    about: [host ?? '', secret ?? '', message].join('\0'),
    properties: { host, secret },
  }));
  return sarifLog(codes.map(ruleOf), results);
}

function ruleOf(code: CheckCode) {
  return { id: code, text: `${code} (${CHECKS[code]}): see docs/checks.md` };
}
