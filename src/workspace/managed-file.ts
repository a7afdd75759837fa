import type { FormatName } from '../sops/formats/format.ts';
import type { Metadata } from '../sops/metadata.ts';

/** A sops file that a rule governs, with what can be seen of it without a key. */
export interface ManagedFile {
  /** Relative to the workspace root, with `/`. */
  readonly path: string;
  readonly format: FormatName;
  /** The paths of its keys in YAML and JSON; `null` for whole-file formats and where they are not known. */
  readonly leaves: readonly (readonly string[])[] | null;
  /** As it was read; absent where nobody read it. */
  readonly metadata?: Metadata | undefined;
  /**
   * Keys whose value the installer of sops-nix takes for no string, by their path joined with `/`, and what stands
   * there: `a number`. Absent: there are none, or nobody looked.
   */
  readonly odd?: ReadonlyMap<string, string> | undefined;
}
