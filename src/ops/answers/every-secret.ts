import { SecretsError } from '../../errors.ts';
import type { Inventory, Secret } from '../../workspace/model.ts';
import { ruleFor } from '../../workspace/rules.ts';
import { listSecrets, type ManagedFile } from '../../workspace/secrets.ts';
import { Draft } from '../draft.ts';
import { CONFIG_NAME, Configs } from '../drift/configs.ts';
import { ignoredSopsFiles } from '../drift/governed.ts';
import { scanManagedFiles } from '../scan-files.ts';
import type { Workspace } from '../workspace.ts';

/** A secret beside the inventory that names its readers. */
export interface ListedSecret {
  readonly secret: Secret;
  readonly inventory: Inventory;
}

/**
 * Every secret that a person may want to see: those of the workspace, those in files that git ignores, and those that a
 * `.sops.yaml` further down governs, where an address is always `file#key`. Sorted by address.
 */
export async function everySecret(workspace: Workspace): Promise<ListedSecret[]> {
  const { inventory, files } = workspace;
  const draft = new Draft(workspace);
  const configs = await Configs.of(draft);
  const ignored = await ignoredSopsFiles(draft, configs);
  const own = ignored.filter(
    ({ path }) => configs.governing(path).config === CONFIG_NAME && ruleFor(inventory, path) !== null,
  );
  const all = own.length === 0 ? workspace.secrets : listSecrets(inventory, [...files, ...own]);
  const listed = all.map(secret => ({ secret, inventory }));
  for (const [config, nested] of configs.all()) {
    if (config === CONFIG_NAME || nested instanceof SecretsError) continue;
    listed.push(...(await nestedSecrets(workspace, configs, config, nested, ignored)));
  }
  return listed.sort((a, b) => (a.secret.address < b.secret.address ? -1 : 1));
}

async function nestedSecrets(
  { root, paths }: Workspace,
  configs: Configs,
  config: string,
  inventory: Inventory,
  ignored: readonly ManagedFile[],
): Promise<ListedSecret[]> {
  const folder = config.slice(0, -CONFIG_NAME.length);
  const isBelow = (path: string) => path.startsWith(folder) && configs.governing(path).config === config;
  const governed = paths.filter(isBelow).map(path => path.slice(folder.length));
  const files = await scanManagedFiles(`${root}/${folder}`, inventory, governed);
  for (const file of ignored.filter(({ path }) => isBelow(path))) {
    const path = file.path.slice(folder.length);
    if (ruleFor(inventory, path) !== null) files.push({ ...file, path });
  }
  return listSecrets(inventory, files).map(secret => {
    const file = folder + secret.file;
    const address = secret.key === null ? file : `${file}#${secret.key}`;
    return { secret: { ...secret, file, address }, inventory };
  });
}
