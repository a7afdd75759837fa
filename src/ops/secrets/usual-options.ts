import type { Inventory, SecretOptions } from '../../workspace/model.ts';

/**
 * What a generated value needs to be of use where it is delivered, unless the person says otherwise: the hash of a
 * password has to be there before its user is made. home-manager makes no users.
 *
 * @param recipe text form of the generator, `null` for a value that a person gave
 * @param hosts names of hosts or groups
 */
export function usualOptions(
  inventory: Inventory,
  recipe: string | null,
  hosts: readonly string[],
  { owner, group, neededForUsers }: SecretOptions,
): SecretOptions {
  if (recipe === null || !recipe.startsWith('mkpasswd')) return {};
  if (owner !== undefined || group !== undefined || neededForUsers !== undefined) return {};
  const members = hosts.flatMap(host => inventory.groups.get(host) ?? [host]);
  const system = members.every(host => inventory.hosts.get(host)?.platform !== 'home');
  return system ? { neededForUsers: true } : {};
}
