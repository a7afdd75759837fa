import { armor, Decrypter, Encrypter, generateX25519Identity, identityToRecipient } from 'age-encryption';

/**
 * age through the npm package alone, so that tests of sops files do not lean on the code of this project.
 */

/** A fresh X25519 key pair. Only ever used by the test that makes it. */
export interface TestKey {
  readonly identity: string;
  readonly recipient: string;
}

export async function newTestKey(): Promise<TestKey> {
  const identity = await generateX25519Identity();
  return { identity, recipient: await identityToRecipient(identity) };
}

/** The data key as an armored age file, as the `enc` of a stanza holds it. */
export async function wrapForTest(dataKey: Uint8Array, recipient: string): Promise<string> {
  const encrypter = new Encrypter();
  encrypter.addRecipient(recipient);
  const text = armor.encode(await encrypter.encrypt(dataKey));
  return text.endsWith('\n') ? text : `${text}\n`;
}

/** The data key of the first stanza, which must be for this identity. */
export async function unwrapForTest(enc: string, identity: string): Promise<Uint8Array> {
  const decrypter = new Decrypter();
  decrypter.addIdentity(identity);
  return decrypter.decrypt(armor.decode(enc));
}
