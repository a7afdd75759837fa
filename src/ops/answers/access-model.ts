/** A key on one side of a comparison, with the name that it has there. */
export interface Reader {
  /** `null`: no config names it. */
  readonly name: string | null;
  readonly recipient: string;
}

/** A secret as a comparison calls it. */
export interface SecretPlace {
  /** `megumu/kotori`, else `file#key`. */
  readonly secret: string;
  /** Relative to git's top. */
  readonly file: string;
}

/** What somebody can read that they could not before, and the other way round. */
export interface AccessChange {
  /** `null`: whoever has the repository. */
  readonly who: Reader | null;
  readonly gained: readonly SecretPlace[];
  readonly lost: readonly SecretPlace[];
  /** Read before too, with another key of theirs. */
  readonly otherKey: readonly SecretPlace[];
}

/** What happened to a value. */
type ValueChangeKind = 'new' | 'changed' | 'removed' | 'moved' | 'in-clear' | 'unreadable';

export interface ValueChange extends SecretPlace {
  readonly change: ValueChangeKind;
  /** Where it was before; `null`: in the same place, or nowhere. */
  readonly from: string | null;
  /** Variables of an env file that are not as before. */
  readonly parts: readonly string[];
  /** True: every value of the file was encrypted anew, so that any of them may be the old one. */
  readonly wholeFile: boolean;
  readonly readers: readonly Reader[];
}

/** What happened to a key, a person or a machine in a config. */
export type MemberChangeKind =
  | 'key-added'
  | 'key-removed'
  | 'key-replaced'
  | 'renamed'
  | 'admin-added'
  | 'admin-removed'
  | 'host-added'
  | 'host-removed'
  | 'group-joined'
  | 'group-left';

export interface MemberChange {
  readonly config: string;
  readonly name: string;
  readonly change: MemberChangeKind;
  /** The key, the name, or the group. */
  readonly before: string | null;
  readonly after: string | null;
}

export interface RuleChange {
  readonly config: string;
  /** `null`: a rule for every path, or the order of all of them. */
  readonly pathRegex: string | null;
  readonly change: 'added' | 'removed' | 'changed' | 'order';
  readonly add: readonly Reader[];
  readonly remove: readonly Reader[];
  /** Other differences: `threshold`, `selection`. */
  readonly also: readonly string[];
}

/** Who can read what since another state of the repository. */
export interface AccessReport {
  readonly access: readonly AccessChange[];
  readonly values: readonly ValueChange[];
  readonly members: readonly MemberChange[];
  readonly rules: readonly RuleChange[];
  /** What could not be compared, one line each. */
  readonly notes: readonly string[];
}
