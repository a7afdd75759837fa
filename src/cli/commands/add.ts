import { ExitCode, SecretsError } from '../../errors.ts';
import { normalizeUnit } from '../../nix/module.ts';
import { planAdd } from '../../ops/secrets/add.ts';
import type { Added } from '../../ops/secrets/add-request.ts';
import { planPending } from '../../ops/secrets/pending.ts';
import { usualOptions } from '../../ops/secrets/usual-options.ts';
import type { Workspace } from '../../ops/workspace.ts';
import type { SecretOptions } from '../../workspace/model.ts';
import { checkSecretName } from '../../workspace/names.ts';
import { checkPlacement } from '../check-placement.ts';
import { renderReaders } from '../render/plan.ts';
import {
  newSession,
  readWorkspace,
  type Session,
  showAndApply,
  type WriteOptions,
  writeWorkspace,
} from '../session.ts';
import { takeValue, type ValueOptions } from '../value-input.ts';
import { showWiring } from '../wiring.ts';
import type { World } from '../world.ts';

interface AddOptions extends WriteOptions, ValueOptions {
  readonly host: readonly string[];
  readonly unit?: readonly string[] | undefined;
  readonly owner?: string | undefined;
  readonly group?: string | undefined;
  readonly mode?: string | undefined;
  readonly pending?: boolean | undefined;
}

/** `secrets add` */
export async function runAdd(world: World, name: string, options: AddOptions): Promise<number> {
  const session = newSession(world, options);
  const hosts = [...new Set(options.host.flatMap(host => host.split(',')))];
  checkSecretName(name);
  // before the value is asked for: nobody should type a secret twice because of a misspelt host
  await checkPlacement(await readWorkspace(session), name, hosts, {
    ...options,
    delivery: deliveryOptions(options),
  });
  const plan = await planning(session, name, hosts, options);
  return writeWorkspace(session, async workspace => {
    const added = await plan(workspace);
    await session.talk.say(`${added.address}: read by ${renderReaders(added.readers)}`);
    const applied = await showAndApply(session, workspace, added.plan, options);
    if (applied) await sayHowToUse(session, workspace.root, workspace.around, added, options);
    return ExitCode.ok;
  });
}

/** Takes the value, unless it is still to come, and gives what makes the plan. */
async function planning(
  session: Session,
  name: string,
  hosts: readonly string[],
  options: AddOptions,
): Promise<(workspace: Workspace) => Promise<Added>> {
  const delivery = deliveryOptions(options);
  if (options.pending === true) {
    refuseValue(options);
    const kind = options.env ? 'env' : options.binary ? 'binary' : 'value';
    return workspace => planPending(workspace, { name, hosts, kind, options: delivery });
  }
  const { payload, recipe, beside } = await takeValue(session, name, options);
  return workspace => {
    const made =
      recipe === null
        ? {}
        : { generate: recipe, ...usualOptions(workspace.inventory, recipe, hosts, delivery) };
    return planAdd(workspace, { name, hosts, payload, beside, options: { ...delivery, ...made } });
  };
}

function refuseValue({ fromFile, generate, env, binary }: AddOptions): void {
  if (fromFile !== undefined || generate !== undefined) {
    throw new SecretsError('USAGE', '--pending is for a value that is not known yet', {
      hint: 'leave out one of them: a value that is at hand, or can be made, needs no --pending',
    });
  }
  if (env && binary) throw new SecretsError('USAGE', '--env and --binary exclude each other');
}

async function sayHowToUse(
  session: Session,
  root: string,
  around: Parameters<typeof showWiring>[2],
  added: Added,
  options: AddOptions,
): Promise<void> {
  const name = added.inHostFile
    ? added.address.slice(added.address.indexOf('#') + 1)
    : added.address.slice(added.address.indexOf('/') + 1);
  const byHand = added.inHostFile
    ? { name, file: added.file, format: added.format, key: null, options: deliveryOptions(options) }
    : undefined;
  const unit = options.unit === undefined ? undefined : normalizeUnit(options.unit[0] ?? '');
  for (const host of added.hosts) {
    await showWiring(session, root, around, { host, secret: name, env: options.env === true, unit, byHand });
  }
}

function deliveryOptions(options: AddOptions): SecretOptions {
  const { owner, group, mode, unit } = options;
  if (mode !== undefined && !/^0?[0-7]{3}$/.test(mode)) {
    throw new SecretsError('BAD_OPTION', `${JSON.stringify(mode.slice(0, 20))} is no file mode`, {
      hint: 'three octal digits, for example --mode 0440',
    });
  }
  return {
    ...(owner === undefined ? {} : { owner }),
    ...(group === undefined ? {} : { group }),
    ...(mode === undefined ? {} : { mode: mode.padStart(4, '0') }),
    ...(unit === undefined ? {} : { restartUnits: unit.map(normalizeUnit) }),
  };
}
