import { flatAnchors, groupedAnchors, mergedAnchors } from './anchors.ts';
import { foreignExtensions, linksAndIgnored, nestedConfigs } from './nested.ts';
import { generated, oddities, rawKeys } from './raw.ts';
import type { Shape } from './repository.ts';
import { cloudBesideAge, manyKinds, pgpAndAge } from './services.ts';

/** The layouts that public repositories have, in small. */
export const SHAPES: readonly Shape[] = [
  flatAnchors,
  groupedAnchors,
  mergedAnchors,
  rawKeys,
  generated,
  oddities,
  pgpAndAge,
  cloudBesideAge,
  manyKinds,
  nestedConfigs,
  foreignExtensions,
  linksAndIgnored,
];
