import { SecretsError } from '../../errors.ts';

/** Plain words for what the operating system answers. */
const REASONS: Readonly<Record<string, string>> = {
  ENOSPC: 'no space is left on the disk',
  EDQUOT: 'the disk quota is used up',
  EACCES: 'permission denied',
  EPERM: 'not permitted',
  EROFS: 'the file system is read-only',
  EBUSY: 'it is in use',
  EXDEV: 'it lies on another file system',
  EIO: 'the disk reports an error',
  EMFILE: 'too many files are open',
  ENFILE: 'too many files are open',
  ENAMETOOLONG: 'the name is too long',
  EFBIG: 'it is too large for the file system',
  ENOENT: 'it is gone',
  ENOTDIR: 'a file stands where a folder is needed',
};

const HINTS: Readonly<Record<string, string>> = {
  ENOSPC: 'free some space, then run the command again',
  EDQUOT: 'free some space, then run the command again',
  EACCES: 'make the file and its folder writable for you, then run the command again',
  EPERM: 'make the file and its folder writable for you, then run the command again',
  EROFS: 'work on a checkout that can be written',
};

/** The system's error name (`ENOSPC`), `null` for an error that is none of the system's. */
export function errnoOf(error: unknown): string | null {
  if (!(error instanceof Error) || !('code' in error) || !('syscall' in error)) return null;
  return typeof error.code === 'string' ? error.code : null;
}

/** What went wrong, in words. */
export function reasonOf(error: unknown): string {
  const code = errnoOf(error);
  if (code === null) return 'an unexpected error';
  return Object.hasOwn(REASONS, code) ? (REASONS[code] ?? code) : `the system says ${code}`;
}

/**
 * A failed write as one clear line. An error that is not the system's is given back as it is.
 *
 * @param shown the path as a message shows it
 */
export function writeError(error: unknown, file: string, shown: string): unknown {
  const code = errnoOf(error);
  if (error instanceof SecretsError || code === null) return error;
  const hint = Object.hasOwn(HINTS, code) ? HINTS[code] : undefined;
  return new SecretsError('WRITE_FAILED', `could not write ${shown}: ${reasonOf(error)}`, {
    file,
    hint,
    cause: error,
  });
}
