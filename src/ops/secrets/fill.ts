import { SecretsError } from '../../errors.ts';
import { setSecretOptions } from '../../workspace/edit.ts';
import { treePath } from '../../workspace/layout.ts';
import type { Secret } from '../../workspace/model.ts';
import { ruleFor } from '../../workspace/rules.ts';
import { Draft } from '../draft.ts';
import { emitModules } from '../modules.ts';
import type { Plan } from '../plan.ts';
import { plainTree, STORED_AS, sealNew } from '../sealing/seal-file.ts';
import type { Payload } from '../values/payload.ts';
import type { Workspace } from '../workspace.ts';
import { type Beside, besideOf, writeBeside } from './beside.ts';
import { refuseCollisions, refuseIgnored } from './guards.ts';
import { usualOptions } from './usual-options.ts';

/** A value for a secret that exists already, by name at least. */
export interface NewValue {
  readonly secret: Secret;
  readonly payload: Payload;
  /** Text form of the generator that made it, `null` where a person gave it. */
  readonly recipe: string | null;
  readonly beside: Beside;
}

/**
 * Plans the values of secrets that were pending: their files, their options without `pending`, their modules. Needs
 * no private key.
 *
 * @throws SecretsError `USAGE` (one of them has its value), `BAD_VALUE` (another kind than the one announced),
 * `ALREADY_EXISTS` (a file stands in its place), `RULE_CONFLICT`, `IGNORED_TARGET`
 */
export async function planFill(workspace: Workspace, values: readonly NewValue[]): Promise<Plan> {
  const draft = new Draft(workspace);
  for (const value of values) await fill(draft, value);
  for (const { secret } of values) refuseCollisions(draft, secret.address);
  await emitModules(draft, [...new Set(values.flatMap(({ secret }) => secret.hosts))]);
  return draft.toPlan();
}

async function fill(draft: Draft, { secret, payload, recipe, beside }: NewValue): Promise<void> {
  refuseFilled(secret);
  refuseOtherKind(secret, payload);
  const of = besideOf(secret);
  const { format, extension } = STORED_AS[payload.kind];
  const path = treePath(of.folder, of.name, extension);
  await refuseIgnored(draft.workspace, path);
  if ((await draft.read(path)) !== null)
    throw new SecretsError('ALREADY_EXISTS', 'a file stands where the value belongs', { file: path });
  const rule = ruleFor(draft.inventory, path);
  if (rule === null) {
    throw new SecretsError('RULE_CONFLICT', `no rule in .sops.yaml says who reads ${path}`, {
      hint: `\`secrets rm ${secret.address}\`, then add it again with --pending`,
    });
  }
  const tree = await plainTree(payload, of.name);
  await draft.writeSops(path, await sealNew(tree, format, rule, draft.workspace.around), 'encrypted');
  recordFilled(draft, secret, recipe);
  await writeBeside(draft, of, beside);
  draft.note(...payload.notes);
}

function refuseFilled(secret: Secret): void {
  if (secret.pending === true) return;
  throw new SecretsError('USAGE', `${secret.address} has a value already`, {
    hint: `to change it: secrets set ${secret.address}`,
  });
}

/** Text that YAML would lose becomes binary; everything else has to be what was announced. */
function refuseOtherKind(secret: Secret, { kind }: Payload): void {
  const wanted = secret.options.pending ?? 'value';
  if (kind === wanted || (wanted === 'value' && kind === 'binary')) return;
  const how = { value: 'one value', env: 'an env file (--env)', binary: 'bytes (--binary)' }[wanted];
  throw new SecretsError('BAD_VALUE', `${secret.address} was announced as ${how}`, {
    hint: `secrets fill ${secret.address} asks for that`,
  });
}

function recordFilled(draft: Draft, secret: Secret, recipe: string | null): void {
  const {
    pending: _pending,
    generate: _generate,
    ...others
  } = draft.inventory.secrets.get(secret.address) ?? {};
  const usual = usualOptions(draft.inventory, recipe, secret.hosts, others);
  const options = recipe === null ? others : { ...others, generate: recipe, ...usual };
  draft.setInventory(
    setSecretOptions(draft.inventory, secret.address, Object.keys(options).length === 0 ? null : options),
    `options of ${secret.address}`,
  );
}
