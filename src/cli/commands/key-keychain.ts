import { ExitCode } from '../../errors.ts';
import { answerKeychain } from '../../keys/keychain-library.ts';
import { newSession } from '../session.ts';
import type { World } from '../world.ts';

/** A key has a few thousand characters at most. */
const LARGEST_REQUEST = 64 * 1024;

/** `secrets key keychain-request`, which we start ourselves: one request on stdin, its answer on stdout. */
export async function runKeychainRequest(world: World): Promise<number> {
  const { talk } = newSession(world, {});
  const answer = await answerKeychain(parse(await readRequest(world)));
  await talk.out(JSON.stringify(answer));
  return ExitCode.ok;
}

async function readRequest(world: World): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of world.stdin) {
    const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
    size += bytes.length;
    if (size > LARGEST_REQUEST) return '';
    chunks.push(bytes);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
