import { SecretsError } from '../../errors.ts';
import type { Draft } from '../draft.ts';

/** Other repositories inside this one: whether what lies there is checked out says nothing of the flake. */
export class Submodules {
  readonly #folders: readonly string[];

  private constructor(folders: readonly string[]) {
    this.#folders = folders;
  }

  static async of(draft: Draft): Promise<Submodules> {
    const text = await gitmodules(draft);
    const folders = [...text.matchAll(/^\s*path\s*=\s*(?<path>\S.*?)\s*$/gm)].map(
      match => `${match.groups?.['path'] ?? ''}/`,
    );
    return new Submodules(folders);
  }

  holds(path: string | null): boolean {
    return path !== null && this.#folders.some(folder => path.startsWith(folder));
  }
}

async function gitmodules(draft: Draft): Promise<string> {
  try {
    const file = await draft.read('.gitmodules');
    return file === null ? '' : Buffer.from(file.bytes).toString('utf8');
  } catch (error) {
    if (error instanceof SecretsError) return '';
    throw error;
  }
}
