import { createHash } from 'node:crypto';
import { VERSION } from '../version.ts';

/** A kind of finding. */
export interface SarifRule {
  readonly id: string;
  readonly text: string;
}

/** A finding, without any text of the files. */
export interface SarifResult {
  readonly rule: string;
  readonly level: 'error' | 'warning';
  /** Relative to git's top. */
  readonly file: string;
  /** `null`: the file as a whole. */
  readonly line: number | null;
  readonly column?: number | undefined;
  readonly message: string;
  /** What tells it from others of the same rule in the same place. */
  readonly about?: string | undefined;
  readonly properties?: Readonly<Record<string, string | null>> | undefined;
}

/** What could not be looked at. */
export interface SarifGap {
  readonly file: string;
  readonly reason: string;
}

/** A run as SARIF 2.1.0. */
export function sarifLog(
  rules: readonly SarifRule[],
  results: readonly SarifResult[],
  gaps: readonly SarifGap[] = [],
) {
  const ids = new Map(rules.map(({ id }, index) => [id, index]));
  return {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name: 'secrets', version: VERSION, rules: rules.map(ruleOf) } },
        columnKind: 'utf16CodeUnits',
        invocations: [
          {
            executionSuccessful: gaps.length === 0,
            toolExecutionNotifications: gaps.map(({ file, reason }) => ({
              level: 'error',
              message: { text: `could not be checked: ${reason}` },
              locations: [{ physicalLocation: { artifactLocation: artifact(file) } }],
            })),
          },
        ],
        results: results.map(result => resultOf(result, ids.get(result.rule) ?? -1)),
      },
    ],
  };
}

function ruleOf({ id, text }: SarifRule) {
  return { id, name: id, shortDescription: { text } };
}

function resultOf(
  { rule, level, file, line, column, message, about, properties }: SarifResult,
  index: number,
) {
  const region =
    line === null
      ? {}
      : { region: { startLine: line, ...(column === undefined ? {} : { startColumn: column }) } };
  const place = [rule, file, String(line ?? ''), ...(about === undefined ? [] : [about])].join('\0');
  return {
    ruleId: rule,
    ruleIndex: index,
    level,
    message: { text: message },
    locations: [{ physicalLocation: { artifactLocation: artifact(file), ...region } }],
    // by place alone: a hash of the value would be a way to guess it
    partialFingerprints: { 'place/v1': createHash('sha256').update(place).digest('hex').slice(0, 32) },
    ...(properties === undefined ? {} : { properties }),
  };
}

function artifact(file: string) {
  return { uri: file.split('/').map(encodedName).join('/'), uriBaseId: '%SRCROOT%' };
}

/** Half a surrogate has no place in an address. */
function encodedName(name: string): string {
  return encodeURIComponent(name.replace(/\p{Surrogate}/gu, '\ufffd'));
}
