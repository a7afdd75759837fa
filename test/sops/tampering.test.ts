import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { SopsFile } from '../../src/sops/document.ts';
import { open } from '../../src/sops/open.ts';
import type { TreeMap } from '../../src/sops/tree.ts';
import { getPath, removePath, setPath } from '../../src/sops/tree-path.ts';
import { encryptValue, importDataKey } from '../../src/sops/value.ts';
import { changed, codeOf, openCode, sealed, TEST_DATA_KEY, tree } from '../helpers/sops-trees.ts';

function withMetadata(file: SopsFile, metadata: Partial<SopsFile['metadata']>): SopsFile {
  return { ...file, metadata: { ...file.metadata, ...metadata } };
}

describe('tampering with a file', () => {
  const file = sealed({
    a: 'one',
    b: 'two',
    c_unencrypted: 'clear',
    l: ['x', 'y'],
    i: 42n,
    t: true,
    m: { a: 'deep' },
  });
  const at = (path: string) => String(getPath(file.documents, path.split('.')));

  it('accepts it as it is', () => {
    expect(openCode(file)).toBeNull();
  });

  const attacks: readonly (readonly [string, string, (document: TreeMap) => void])[] = [
    [
      'BAD_CIPHERTEXT',
      'two values swapped',
      d => {
        setPath([d], ['a'], at('b'));
        setPath([d], ['b'], at('a'));
      },
    ],
    ['BAD_CIPHERTEXT', 'a value copied to another key', d => setPath([d], ['b'], at('a'))],
    ['BAD_CIPHERTEXT', 'a value copied into a map', d => setPath([d], ['m', 'a'], at('a'))],
    ['BAD_CIPHERTEXT', 'plaintext instead of ciphertext', d => setPath([d], ['a'], 'attacker')],
    ['BAD_CIPHERTEXT', 'a number instead of ciphertext', d => setPath([d], ['a'], 1n)],
    ['BAD_CIPHERTEXT', 'a new plaintext key', d => setPath([d], ['new'], 'attacker')],
    [
      'BAD_CIPHERTEXT',
      'a renamed key',
      d => {
        removePath([d], ['a']);
        setPath([d], ['z'], at('a'));
      },
    ],
    [
      'BAD_CIPHERTEXT',
      'a key renamed to escape encryption in part',
      d => setPath([d], ['m'], tree({ b: at('m.a') })),
    ],
    [
      'BAD_CIPHERTEXT',
      'a value that is a comment',
      d => setPath([d], ['a'], at('a').replace('type:str', 'type:comment')),
    ],
    [
      'BAD_CIPHERTEXT',
      'text read as a number',
      d => setPath([d], ['a'], at('a').replace('type:str', 'type:int')),
    ],
    [
      'BAD_CIPHERTEXT',
      'an unknown type',
      d => setPath([d], ['a'], at('a').replace('type:str', 'type:bytes')),
    ],
    [
      'BAD_CIPHERTEXT',
      'a number read as a truth value',
      d => setPath([d], ['i'], at('i').replace('type:int', 'type:bool')),
    ],
    ['MAC_MISMATCH', 'a removed value', d => removePath([d], ['a'])],
    ['MAC_MISMATCH', 'a removed element', d => removePath([d], ['l', 0])],
    [
      'MAC_MISMATCH',
      'swapped elements',
      d => {
        setPath([d], ['l', 0], at('l.1'));
        setPath([d], ['l', 1], at('l.0'));
      },
    ],
    ['MAC_MISMATCH', 'an element twice', d => setPath([d], ['l', 2], at('l.0'))],
    [
      'MAC_MISMATCH',
      'an element that is a comment',
      d => setPath([d], ['l', 0], at('l.0').replace('type:str', 'type:comment')),
    ],
    ['MAC_MISMATCH', 'a changed clear value', d => setPath([d], ['c_unencrypted'], 'other')],
    ['MAC_MISMATCH', 'an emptied value', d => setPath([d], ['a'], '')],
    ['MAC_MISMATCH', 'a value made null', d => setPath([d], ['a'], null)],
    ['MAC_MISMATCH', 'a new clear key', d => setPath([d], ['x_unencrypted'], 'attacker')],
    ['MAC_MISMATCH', 'documents in another order', d => d.items.reverse()],
  ];
  for (const [code, name, attack] of attacks) {
    it(`finds ${name}`, () => {
      const tampered = changed(file, attack);
      expect(openCode(tampered)).toBe(code);
      expect(openCode(tampered, true)).toBe(code === 'MAC_MISMATCH' ? null : code);
    });
  }

  it('finds a changed MAC, date, rule and data key', () => {
    const { mac } = file.metadata;
    const flipped = mac.replace(/data:(.)/, (_, first) => `data:${first === 'A' ? 'B' : 'A'}`);
    const other = sealed({ a: 'other' }).metadata.mac;
    for (const bad of [
      '',
      'garbage',
      flipped,
      other,
      mac.replace('type:str', 'type:comment'),
      mac.replace('type:str', 'type:int'),
    ]) {
      expect(openCode(withMetadata(file, { mac: bad })), bad.slice(0, 40)).toBe('MAC_MISMATCH');
    }
    expect(openCode(withMetadata(file, { lastModified: '2026-11-22T15:25:40Z' }))).toBe('MAC_MISMATCH');
    expect(openCode(withMetadata(file, { macOnlyEncrypted: true }))).toBe('MAC_MISMATCH');
    expect(openCode(withMetadata(file, { selection: { encryptedRegex: '^a$' } }))).toBe('MAC_MISMATCH');
    expect(openCode(withMetadata(file, { selection: { unencryptedRegex: '^zz$' } }))).toBe('BAD_CIPHERTEXT');
    expect(openCode(withMetadata(file, { selection: { encryptedRegex: '(' } }))).toBe('BAD_METADATA');
    expect(codeOf(() => open(file, Buffer.alloc(32, 8)))).toBe('BAD_CIPHERTEXT');
    expect(openCode(withMetadata(file, { mac: '' }), true)).toBeNull();
  });

  it('finds a MAC made for another file under the same key and date', () => {
    const key = importDataKey(TEST_DATA_KEY);
    const mac = encryptValue('0'.repeat(128), file.metadata.lastModified, key, randomBytes(32));
    expect(openCode(withMetadata(file, { mac }))).toBe('MAC_MISMATCH');
  });

  it('names the key path and never the value', () => {
    try {
      open(
        changed(file, d => setPath([d], ['m', 'a'], 'attacker text')),
        TEST_DATA_KEY,
      );
      expect.unreachable();
    } catch (error) {
      expect(String(error)).toContain('m/a');
      expect(String(error)).not.toContain('attacker text');
    }
  });

  it('cannot see a type whose text reads the same, which no sops can', () => {
    // The type is neither in the additional data nor in the MAC: 42 and "42" feed the same bytes.
    const asText = changed(file, d => setPath([d], ['i'], at('i').replace('type:int', 'type:str')));
    expect(getPath(open(asText, TEST_DATA_KEY).documents, ['i'])).toBe('42');
  });
});

describe('mac_only_encrypted', () => {
  const file = sealed({ a: 'x', c_unencrypted: 'clear' }, { macOnlyEncrypted: true });

  it('does not look at clear values', () => {
    expect(openCode(changed(file, d => setPath([d], ['c_unencrypted'], 'other')))).toBeNull();
    expect(openCode(changed(file, d => removePath([d], ['a'])))).toBe('MAC_MISMATCH');
    expect(openCode(withMetadata(file, { macOnlyEncrypted: false }))).toBe('MAC_MISMATCH');
  });
});
