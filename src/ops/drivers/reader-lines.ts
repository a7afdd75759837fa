import { type Metadata, recipientsOf } from '../../sops/metadata.ts';

/**
 * One line for each reader, so that one who is added is one line more; of a key that is split over groups, with the
 * number of the group.
 */
export function readersOf(metadata: Metadata, shown: (recipient: string) => string): string[] {
  const { groups, shamirThreshold } = metadata;
  if (groups.length === 1) return recipientsOf(metadata).map(recipient => `read by ${shown(recipient)}`);
  const needed = shamirThreshold === 0 ? groups.length : shamirThreshold;
  const lines = groups.flatMap((group, index) =>
    recipientsOf({ ...metadata, groups: [group] }).map(
      recipient => `read by ${shown(recipient)} (group ${index + 1})`,
    ),
  );
  return [...lines, `${needed} of ${groups.length} groups are needed`];
}
