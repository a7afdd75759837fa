import { createHash } from 'node:crypto';
import { MANAGED_RULES } from '../../ops/guard/snapshot.ts';
import { ALL_RULES } from '../../scan/engine.ts';
import { VERSION } from '../version.ts';
import type { GuardFinding, ScanResult } from './finding.ts';

/** The findings as SARIF 2.1.0, without any text of the files. */
export function sarifOf({ findings, unchecked }: ScanResult) {
  const rules = [...new Set(findings.map(({ rule }) => rule))].sort();
  return {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name: 'secrets', version: VERSION, rules: rules.map(ruleOf) } },
        columnKind: 'utf16CodeUnits',
        invocations: [
          {
            executionSuccessful: unchecked.length === 0,
            toolExecutionNotifications: unchecked.map(({ file, reason }) => ({
              level: 'error',
              message: { text: `could not be checked: ${reason}` },
              locations: [{ physicalLocation: { artifactLocation: artifact(file) } }],
            })),
          },
        ],
        results: findings.map(finding => resultOf(finding, rules)),
      },
    ],
  };
}

/** A rule with what it is about. */
function ruleOf(id: string) {
  const title = ALL_RULES.find(rule => rule.id === id)?.title;
  const managed = Object.entries(MANAGED_RULES).find(([name]) => name === id)?.[1];
  const text =
    title === undefined ? (managed ?? 'the value of a managed secret in another place') : `${title} in clear`;
  return { id, name: id, shortDescription: { text } };
}

function resultOf(
  { rule, file, line, column, message, fix, commit }: GuardFinding,
  rules: readonly string[],
) {
  return {
    ruleId: rule,
    ruleIndex: rules.indexOf(rule),
    level: 'error',
    message: { text: `${message}. ${fix}` },
    locations: [
      {
        physicalLocation: {
          artifactLocation: artifact(file),
          region: { startLine: line, startColumn: column },
        },
      },
    ],
    // by place alone: a hash of the value would be a way to guess it
    partialFingerprints: {
      'place/v1': createHash('sha256').update(`${rule}\0${file}\0${line}`).digest('hex').slice(0, 32),
    },
    properties: { commit },
  };
}

function artifact(file: string) {
  return { uri: file.split('/').map(encodeURIComponent).join('/'), uriBaseId: '%SRCROOT%' };
}
