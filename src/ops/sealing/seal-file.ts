import { SecretsError } from '../../errors.ts';
import { loadFormat } from '../../sops/document.ts';
import type { FormatName } from '../../sops/formats/format.ts';
import { seal } from '../../sops/seal.ts';
import { TreeMap } from '../../sops/tree.ts';
import { thresholdOf } from '../../workspace/drift.ts';
import type { Rule } from '../../workspace/model.ts';
import type { Surroundings } from '../ports.ts';
import type { Payload, PayloadKind } from '../values/payload.ts';
import { wrapAnew } from './wrap-groups.ts';
import { writeSealed } from './write-sealed.ts';

/** The version of sops whose format we write; stock sops compares it with its own. */
export const SOPS_VERSION = '3.13.3';

/** How each kind of value is stored. */
export const STORED_AS: Record<PayloadKind, { readonly format: FormatName; readonly extension: string }> = {
  value: { format: 'yaml', extension: '.yaml' },
  env: { format: 'dotenv', extension: '.env' },
  binary: { format: 'binary', extension: '.bin' },
};

/**
 * The plaintext tree of a new secret: under its own name (`/` nests) for a value, as it stands for the others.
 */
export async function plainTree(payload: Payload, name: string): Promise<TreeMap> {
  const bytes = payload.bytes.reveal();
  if (payload.kind === 'value') {
    const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
    return nest(name.split('/'), text);
  }
  const format = await loadFormat(STORED_AS[payload.kind].format);
  return format.parsePlain(bytes)[0] ?? new TreeMap();
}

function nest(segments: readonly string[], text: string): TreeMap {
  const [first = '', ...rest] = segments;
  return new TreeMap([{ key: first, value: rest.length === 0 ? text : nest(rest, text) }]);
}

/**
 * Encrypts a new document under a fresh data key for every recipient of its rule. Needs public keys only.
 *
 * @throws SecretsError `UNSUPPORTED` (the rule wants a key that is not age),
 * `RULE_CONFLICT` (the rule's selection would leave a value in clear)
 */
export async function sealNew(
  tree: TreeMap,
  format: FormatName,
  rule: Rule,
  around: Surroundings,
): Promise<Uint8Array> {
  const dataKey = around.random(32);
  const { groups, threshold } = await wrapAnew(dataKey, rule, around);
  const file = seal([tree], {
    format,
    dataKey,
    groups,
    shamirThreshold: threshold,
    selection: rule.selection,
    macOnlyEncrypted: rule.macOnlyEncrypted,
    version: SOPS_VERSION,
    now: around.now(),
    random: around.random,
  });
  refuseSplitKey(rule);
  return writeSealed(file, dataKey, null);
}

/** A host holds one key: a share of the data key opens nothing there. */
function refuseSplitKey(rule: Rule): void {
  if (thresholdOf(rule) < 2) return;
  throw new SecretsError(
    'RULE_CONFLICT',
    `the rule on line ${rule.line} of .sops.yaml splits the data key over ${rule.groups.length} key groups`,
    {
      hint: 'a host has the key of one of them and could open nothing: write one group for the files of hosts',
    },
  );
}
