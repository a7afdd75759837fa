import { type Commit, splitAtNul } from './changes.ts';
import { gitFailed, runGit, startGit } from './run.ts';
import type { GitPlace } from './tree-listing.ts';

/** What somebody wrote about a commit, or in an annotated tag. */
export interface Message {
  /** The hash of the commit or tag. */
  readonly commit: string;
  /** UTF-8, whatever encoding the commit is in. */
  readonly bytes: Uint8Array;
}

const FORMAT = '--format=%H%n%B';

/** The messages of commits, in their order. @throws SecretsError `PROGRAM_FAILED` */
export async function* messagesOf(place: GitPlace, commits: readonly Commit[]): AsyncGenerator<Message> {
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

/** What the tag is of, where that is another tag, and the text. */
const TAG_FORMAT =
  '--format=%(objecttype) %(objectname) %(if:equals=tag)%(type)%(then)%(object)%(end)%00%(if:equals=tag)%(objecttype)%(then)%(contents)%00%(end)';

/**
 * The texts of annotated tags.
 *
 * @param revisions as git takes them, `A..B` and `^A` among them; each may end at a tag
 * @throws SecretsError `PROGRAM_FAILED`
 */
export async function tagMessages(place: GitPlace, revisions: readonly string[]): Promise<Message[]> {
  const ends = revisions
    .filter(word => !word.startsWith('^'))
    .map(word => word.split(/\.{2,3}/).at(-1) ?? '');
  const found: Message[] = [];
  for (const end of new Set(ends.filter(word => word !== ''))) {
    const tag = await runGit(place.cwd, ['rev-parse', '--verify', '--quiet', `${end}^{tag}`], place);
    if (tag.status === 0) for await (const message of tagsFrom(place, tag.stdout.trim())) found.push(message);
  }
  return found;
}

/** The texts of all annotated tags of the repository. @throws SecretsError `PROGRAM_FAILED` */
export async function* allTagMessages(place: GitPlace): AsyncGenerator<Message> {
  const git = startGit(place.cwd, ['for-each-ref', TAG_FORMAT, 'refs/tags'], place);
  git.stdin.end();
  let oid: string | null = null;
  for await (const word of splitAtNul(git.stdout)) {
    if (oid !== null) yield { commit: oid, bytes: Buffer.from(word, 'latin1') };
    const [type, name, inside = '']: readonly string[] = oid === null ? word.trimStart().split(' ') : [];
    oid = type === 'tag' ? (name ?? null) : null;
    if (inside !== '') yield* tagsFrom(place, inside);
  }
  const ended = await git.ended;
  if (ended.status !== 0) throw gitFailed('read the texts of its tags', ended);
}

async function* tagsFrom(place: GitPlace, first: string): AsyncGenerator<Message> {
  for (let oid: string | null = first; oid !== null; ) {
    const message: Message = await tagMessage(place, oid);
    yield message;
    oid = tagInside(message);
  }
}

/** A tag may be of another tag, which goes with it wherever it is pushed. */
function tagInside({ bytes }: Message): string | null {
  return /^object ([0-9a-f]+)\ntype tag\n/.exec(Buffer.from(bytes).toString('latin1'))?.[1] ?? null;
}

/** What lies in front of the text names the commit and who made the tag; it is looked at as well. */
async function tagMessage(place: GitPlace, oid: string): Promise<Message> {
  const result = await runGit(place.cwd, ['cat-file', 'tag', oid], { ...place, raw: true });
  if (result.status !== 0) throw gitFailed('read a tag', result);
  return { commit: oid, bytes: Buffer.from(result.stdout, 'latin1') };
}
