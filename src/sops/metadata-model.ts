import type { Selection } from './selection.ts';
import type { TreeMap } from './tree.ts';

/** The `sops` block of a file. */
export interface Metadata {
  /** At least one; more than one means that the data key is split over them (Shamir). */
  readonly groups: readonly KeyGroup[];
  /** 0: not set. */
  readonly shamirThreshold: number;
  /** RFC 3339, whole seconds. */
  readonly lastModified: string;
  /** The encrypted MAC; empty where the file has none. */
  readonly mac: string;
  readonly version: string;
  /** As the file says it; empty where it says nothing, which means the default. */
  readonly selection: Selection;
  readonly macOnlyEncrypted: boolean;
}

/** Keys of which any one opens the data key (or one share of it). */
export interface KeyGroup {
  readonly age: readonly AgeStanza[];
  /** Keys of other kinds, kept as they are. */
  readonly others: readonly OtherKeys[];
}

/** The data key, encrypted to one age recipient. */
export interface AgeStanza {
  /** As in the file, where an ssh key may carry a comment. */
  readonly recipient: string;
  /** An armored age file, with its final newline. */
  readonly enc: string;
}

/** The lists of keys that are not age, in the order in which sops holds them. */
export const OTHER_LISTS = ['kms', 'gcp_kms', 'hckms', 'azure_kv', 'hc_vault', 'pgp'] as const;

export type OtherList = (typeof OTHER_LISTS)[number];

/** Keys of one other kind; each entry holds the fields of the file. */
export interface OtherKeys {
  readonly list: OtherList;
  readonly entries: readonly TreeMap[];
}
