import type { World } from '../world.ts';

/** Loads a command's code when it is called, so that `--help` and its neighbours stay light. */
export type Handler = (work: (world: World) => Promise<number>) => Promise<void>;
