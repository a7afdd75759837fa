import { montgomeryOf } from './edwards.ts';
import { badKey, type SshPublicKey } from './ssh-public-key.ts';
import { SshReader } from './ssh-wire.ts';
import { isLowOrder } from './x25519.ts';

/** Smaller keys are refused by age, larger ones by OpenSSH. */
const RSA_BITS = { least: 2048, most: 16384 };

/** The numbers of an RSA public key, big-endian without leading zeros. */
export interface RsaNumbers {
  readonly exponent: Uint8Array;
  readonly modulus: Uint8Array;
}

/**
 * The 32 bytes of an ed25519 key as an X25519 public key, which is what ssh-to-age and the native ssh stanza
 * of age encrypt to.
 *
 * @throws SecretsError `BAD_KEY` for another type, and for a point that is not on the curve or of low order
 */
export function ed25519AsX25519(key: SshPublicKey): Uint8Array {
  if (key.type !== 'ssh-ed25519')
    throw badKey(`this is a key of type ${key.type}, only ssh-ed25519 can be converted`);
  const reader = new SshReader(key.blob);
  reader.string();
  const point = reader.string();
  if (point?.length !== 32 || reader.rest().length > 0)
    throw badKey('the ssh-ed25519 key has a wrong length');
  const converted = montgomeryOf(point);
  if (converted === null) throw badKey('the ssh-ed25519 key is no point of its curve');
  if (isLowOrder(converted))
    throw badKey('the ssh-ed25519 key is a point of low order, it would protect nothing');
  return converted;
}

/**
 * The numbers of an RSA key.
 *
 * @throws SecretsError `BAD_KEY`
 */
export function rsaNumbers(key: SshPublicKey): RsaNumbers {
  const reader = new SshReader(key.blob);
  reader.string();
  const exponent = unsigned(reader.string());
  const modulus = unsigned(reader.string());
  if (exponent === null || modulus === null || reader.rest().length > 0)
    throw badKey('the ssh-rsa key is malformed');
  const bits = modulus.length * 8 - Math.clz32(modulus[0] ?? 0) + 24;
  if (bits < RSA_BITS.least || bits > RSA_BITS.most)
    throw badKey(`the ssh-rsa key has ${bits} bits, age takes 2048 and more`);
  const odd = (bytes: Uint8Array) => ((bytes.at(-1) ?? 0) & 1) === 1;
  const tooSmall = exponent.length === 1 && (exponent[0] ?? 0) < 3;
  if (!odd(modulus) || !odd(exponent) || exponent.length > 4 || tooSmall)
    throw badKey('the ssh-rsa key is malformed');
  return { exponent, modulus };
}

/** A positive number of RFC 4251 in its shortest form, without the byte that keeps it positive. */
function unsigned(field: Uint8Array | null): Uint8Array | null {
  const [first = 0x80, second = 0] = field ?? [];
  if (field === null || first >= 0x80) return null;
  if (first !== 0) return field;
  return second >= 0x80 ? field.subarray(1) : null;
}
