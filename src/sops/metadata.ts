/** The `sops` block: what it holds, and how it is read and written. */
export type { KeyGroup, Metadata } from './metadata-model.ts';
export { parseMetadata } from './metadata-read.ts';
export { recipientsOf } from './metadata-recipients.ts';
export { formatMetadata } from './metadata-write.ts';
