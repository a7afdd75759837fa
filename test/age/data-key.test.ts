import { generateKeyPairSync, randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeArmor, encodeArmor } from '../../src/age/armor.ts';
import { encodeBase64Unpadded } from '../../src/age/base64.ts';
import { encodeBech32 } from '../../src/age/bech32.ts';
import { unwrapDataKey, wrapDataKey } from '../../src/age/data-key.ts';
import { formatHeader, parseHeader, type Stanza } from '../../src/age/header.ts';
import { parseIdentity, recipientOfIdentity } from '../../src/age/identity.ts';
import { sealPayload } from '../../src/age/payload.ts';
import { x25519KeyOf } from '../../src/age/recipient.ts';
import { parseSshIdentity } from '../../src/age/ssh.ts';
import { parseSshPublicKey } from '../../src/age/ssh-public-key.ts';
import { wrapForSsh } from '../../src/age/ssh-stanza.ts';
import { wrapForX25519 } from '../../src/age/x25519-stanza.ts';
import { freshKey, rsaLine } from './keys.ts';
import { rejection } from './no-leak.ts';

const mine = freshKey();
const foreign = freshKey();
const dataKey = new Uint8Array(randomBytes(32));

/** A private key file as ssh-keygen writes it, of a fresh key. */
function freshSshKey() {
  const pem = generateKeyPairSync('ed25519').privateKey.export({ format: 'pem', type: 'pkcs8' }).toString();
  return parseSshIdentity(pem);
}

/** An age file with any stanzas and content, whose MAC is right. */
function ageFile(stanzas: Stanza[], content: Uint8Array = dataKey): string {
  const fileKey = new Uint8Array(16).fill(1);
  return encodeArmor(Buffer.concat([formatHeader(stanzas, fileKey), sealPayload(content, fileKey)]));
}

function stanzaForMe(fileKey = new Uint8Array(16).fill(1)): Stanza {
  const stanza = wrapForX25519(fileKey, x25519KeyOf(mine.recipient));
  if (stanza === null) throw new Error('no stanza');
  return stanza;
}

describe('a wrapped data key', () => {
  it('is an armored age file with one recipient, and comes back', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ minLength: 32, maxLength: 33 }), async key => {
        const armored = await wrapDataKey(key, mine.recipient);
        expect(armored).toMatch(
          /^-----BEGIN AGE ENCRYPTED FILE-----\n([A-Za-z0-9+/=]{1,64}\n)+-----END AGE ENCRYPTED FILE-----\n$/,
        );
        const { stanzas } = parseHeader(decodeArmor(armored));
        expect(stanzas.map(({ args }) => args[0])).toEqual(['X25519']);
        expect(await unwrapDataKey(armored, [foreign.identity, mine.identity])).toEqual(key);
      }),
      { numRuns: 20 },
    );
  });

  it('is never the same twice', async () => {
    expect(await wrapDataKey(dataKey, mine.recipient)).not.toBe(await wrapDataKey(dataKey, mine.recipient));
  });

  it('opens for nobody else', async () => {
    const armored = await wrapDataKey(dataKey, mine.recipient);
    const plugin = parseIdentity(encodeBech32('age-plugin-x-', new Uint8Array(3)).toUpperCase());
    const hybrid = parseIdentity(encodeBech32('age-secret-key-pq-', randomBytes(32)).toUpperCase());
    expect(await unwrapDataKey(armored, [])).toBeNull();
    expect(await unwrapDataKey(armored, [foreign.identity, freshSshKey(), plugin, hybrid])).toBeNull();
  });

  it('goes to a post-quantum recipient too', async () => {
    const make = () => parseIdentity(encodeBech32('age-secret-key-pq-', randomBytes(32)).toUpperCase());
    const [hybrid, other] = [make(), make()];
    const recipient = (await recipientOfIdentity(hybrid)) ?? '';
    const armored = await wrapDataKey(dataKey, recipient);
    expect(parseHeader(decodeArmor(armored)).stanzas.map(({ args }) => args[0])).toEqual(['mlkem768x25519']);
    expect(await unwrapDataKey(armored, [mine.identity, other])).toBeNull();
    expect(await unwrapDataKey(armored, [mine.identity, other, hybrid])).toEqual(dataKey);
    const { stanzas } = parseHeader(decodeArmor(armored));
    const [type = '', share = ''] = stanzas[0]?.args ?? [];
    const broken = ageFile([{ args: [type, share.slice(4)], body: new Uint8Array(32) }]);
    expect((await rejection(unwrapDataKey(broken, [hybrid]))).code).toBe('BAD_METADATA');
  });

  it('goes to a tag recipient', async () => {
    const { x = '', y = '' } = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({
      format: 'jwk',
    });
    const sign = ((Buffer.from(y, 'base64url').at(-1) ?? 0) & 1) + 2;
    const point = Buffer.concat([Buffer.of(sign), Buffer.from(x, 'base64url')]);
    const armored = await wrapDataKey(dataKey, encodeBech32('age1tag', point));
    expect(parseHeader(decodeArmor(armored)).stanzas.map(({ args }) => args[0])).toEqual(['p256tag']);
    const nonsense = encodeBech32('age1tag', new Uint8Array(33).fill(9));
    expect((await rejection(wrapDataKey(dataKey, nonsense))).code).toBe('BAD_KEY');
  });

  it('goes to native ssh keys, and back with an ed25519 one', async () => {
    const [ssh, other] = [freshSshKey(), freshSshKey()];
    const armored = await wrapDataKey(dataKey, `${ssh.recipient} aya@megumu`);
    expect(parseHeader(decodeArmor(armored)).stanzas.map(({ args }) => args[0])).toEqual(['ssh-ed25519']);
    expect(await unwrapDataKey(armored, [mine.identity, other])).toBeNull();
    expect(await unwrapDataKey(armored, [other, ssh])).toEqual(dataKey);
    const rsa = await wrapDataKey(dataKey, rsaLine(2048));
    expect(parseHeader(decodeArmor(rsa)).stanzas.map(({ args }) => args.length)).toEqual([2]);
    expect(await unwrapDataKey(rsa, [mine.identity, ssh])).toBeNull();
  });

  it('is refused for what cannot be encrypted to', async () => {
    const plugin = encodeBech32('age1yubikey', new Uint8Array(33));
    expect(await rejection(wrapDataKey(dataKey, plugin))).toMatchObject({
      code: 'PLUGIN_UNAVAILABLE',
      message: expect.stringContaining('age-plugin-yubikey'),
    });
    expect((await rejection(wrapDataKey(dataKey, 'megumu'))).code).toBe('BAD_KEY');
    expect((await rejection(wrapDataKey(dataKey, mine.text), mine.text)).code).toBe('BAD_KEY');
    expect((await rejection(wrapDataKey(new Uint8Array(16), mine.recipient))).code).toBe('INTERNAL');
  });
});

describe('a damaged data key', () => {
  it('is refused after any change of one byte, never returned', async () => {
    const file = decodeArmor(await wrapDataKey(dataKey, mine.recipient));
    for (let at = 0; at < file.length; at++) {
      const changed = Uint8Array.from(file);
      changed[at] = (changed[at] ?? 0) ^ 1;
      const outcome = await unwrapDataKey(encodeArmor(changed), [mine.identity]).catch(error => error);
      if (outcome === null) continue;
      expect(outcome).toMatchObject({
        name: 'SecretsError',
        code: expect.stringMatching(/^BAD_(METADATA|CIPHERTEXT)$/),
      });
    }
  });

  it('is refused when cut short anywhere', async () => {
    const file = decodeArmor(await wrapDataKey(dataKey, mine.recipient));
    for (let length = 0; length < file.length; length++) {
      const error = await rejection(unwrapDataKey(encodeArmor(file.subarray(0, length)), [mine.identity]));
      expect(error.code).toMatch(/^BAD_(METADATA|CIPHERTEXT)$/);
    }
    expect(
      (await rejection(unwrapDataKey(encodeArmor(Buffer.concat([file, Buffer.of(0)])), [mine.identity])))
        .code,
    ).toBe('BAD_CIPHERTEXT');
  });

  it('is refused with a recipient added behind its back', async () => {
    const file = Buffer.from(decodeArmor(await wrapDataKey(dataKey, mine.recipient))).toString('latin1');
    const added = Buffer.from(file.replace('\n--- ', '\n-> grease\n\n--- '), 'latin1');
    expect(await rejection(unwrapDataKey(encodeArmor(added), [mine.identity]))).toMatchObject({
      code: 'BAD_CIPHERTEXT',
      message: expect.stringContaining('MAC'),
    });
  });

  it('may have unknown recipients that its MAC covers', async () => {
    const armored = ageFile([{ args: ['grease', 'x'], body: new Uint8Array(3) }, stanzaForMe()]);
    expect(await unwrapDataKey(armored, [mine.identity])).toEqual(dataKey);
  });

  const share = encodeBase64Unpadded(randomBytes(32));
  const wrapped = new Uint8Array(32);
  it.each<[string, Stanza]>([
    ['no share', { args: ['X25519'], body: wrapped }],
    ['another argument', { args: ['X25519', share, 'x'], body: wrapped }],
    ['a short share', { args: ['X25519', share.slice(0, 42)], body: wrapped }],
    ['a long share', { args: ['X25519', `${share}AAAA`], body: wrapped }],
    ['a padded share', { args: ['X25519', `${share}=`], body: wrapped }],
    ['spare bits in the share', { args: ['X25519', `${'A'.repeat(42)}B`], body: wrapped }],
    ['a share of zeros', { args: ['X25519', 'A'.repeat(43)], body: wrapped }],
    [
      'a share of one',
      { args: ['X25519', encodeBase64Unpadded(Uint8Array.of(1, ...new Uint8Array(31)))], body: wrapped },
    ],
    ['a short body', { args: ['X25519', share], body: wrapped.subarray(1) }],
    ['a long body', { args: ['X25519', share], body: new Uint8Array(48) }],
  ])('is refused for an X25519 recipient with %s', async (_, stanza) => {
    expect((await rejection(unwrapDataKey(ageFile([stanza]), [mine.identity]))).code).toBe('BAD_METADATA');
  });

  it('is for someone else where the type differs in case', async () => {
    const stanza = stanzaForMe();
    const lower: Stanza = { ...stanza, args: ['x25519', stanza.args[1] ?? ''] };
    expect(await unwrapDataKey(ageFile([lower]), [mine.identity])).toBeNull();
  });

  it('is refused for ssh-ed25519 recipients that break the rules', async () => {
    const ssh = freshSshKey();
    const { stanzas } = parseHeader(decodeArmor(await wrapDataKey(dataKey, ssh.recipient ?? '')));
    const [type = '', tag = '', ephemeral = ''] = stanzas[0]?.args ?? [];
    const bad: Stanza[] = [
      { args: [type, tag], body: wrapped },
      { args: [type, tag, ephemeral, 'x'], body: wrapped },
      { args: [type, tag, 'A'.repeat(43)], body: wrapped },
      { args: [type, tag, ephemeral], body: new Uint8Array(31) },
    ];
    for (const stanza of bad) {
      expect((await rejection(unwrapDataKey(ageFile([stanza]), [ssh]))).code).toBe('BAD_METADATA');
    }
    const mineAfterAll = wrapForSsh(new Uint8Array(16).fill(1), parseSshPublicKey(ssh.recipient ?? ''));
    expect(await unwrapDataKey(ageFile([mineAfterAll]), [ssh])).toEqual(dataKey);
    const otherTag: Stanza = { ...mineAfterAll, args: [type, 'AAAAAA', mineAfterAll.args[2] ?? ''] };
    expect(await unwrapDataKey(ageFile([otherTag]), [ssh])).toBeNull();
  });

  it.each([0, 1, 16, 31, 34, 64, 40_000])('is refused with %i bytes in the place of 32', async length => {
    const error = await rejection(
      unwrapDataKey(ageFile([stanzaForMe()], new Uint8Array(length)), [mine.identity]),
    );
    expect(error.code).toMatch(/^BAD_(CIPHERTEXT|METADATA)$/);
  });

  it.each(['', 'ENC[AES256_GCM]', '-----BEGIN AGE ENCRYPTED FILE-----', '__proto__', 'x'.repeat(70_000)])(
    'is refused where it is no age file (%#)',
    async text => {
      expect((await rejection(unwrapDataKey(text, [mine.identity]))).code).toBe('BAD_METADATA');
    },
  );

  it('gives nothing of key or data away in an error', async () => {
    const file = Uint8Array.from(decodeArmor(await wrapDataKey(dataKey, mine.recipient)));
    file[file.length - 1] = (file.at(-1) ?? 0) ^ 1;
    for (const secret of [
      mine.text,
      Buffer.from(dataKey).toString('hex'),
      [...dataKey].join(','),
      [...dataKey].join(', '),
    ]) {
      await rejection(unwrapDataKey(encodeArmor(file), [mine.identity]), secret);
    }
  });
});
