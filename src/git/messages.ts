import { type Commit, splitAtNul } from './changes.ts';
import { gitFailed, startGit } from './run.ts';
import type { GitPlace } from './tree-listing.ts';

/** What somebody wrote about a commit. */
export interface CommitMessage {
  readonly commit: string;
  /** UTF-8, whatever encoding the commit is in. */
  readonly bytes: Uint8Array;
}

const FORMAT = '--format=%H%n%B';

/** The messages of commits, in their order. @throws SecretsError `PROGRAM_FAILED` */
export async function* messagesOf(
  place: GitPlace,
  commits: readonly Commit[],
): AsyncGenerator<CommitMessage> {
  if (commits.length === 0) return;
  const words = ['log', '--no-walk=unsorted', '--stdin', '-z', '--no-color', '--no-show-signature'];
  const git = startGit(place.cwd, [...words, '--no-notes', '--encoding=UTF-8', FORMAT], place);
  git.stdin.end(commits.map(({ oid }) => `${oid}\n`).join(''));
  let seen = 0;
  for await (const word of splitAtNul(git.stdout)) {
    const end = word.indexOf('\n');
    if (end < 0) continue;
    seen++;
    yield { commit: word.slice(0, end), bytes: Buffer.from(word.slice(end + 1), 'latin1') };
  }
  const ended = await git.ended;
  // a message that was not read was not checked
  if (ended.status !== 0 || seen < commits.length) throw gitFailed('read the messages of its commits', ended);
}
