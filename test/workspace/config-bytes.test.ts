import { describe, expect, it } from 'vitest';
import { configText } from '../../src/workspace/config-bytes.ts';

const encode = (text: string) => new TextEncoder().encode(text);

describe('configText', () => {
  it('gives text as it is, with its line ends and a byte order mark', () => {
    for (const text of ['', '\ufeffkeys: []\n', 'a: b\r\nc: d\r\n', '# caf\u00e9 \u{1f511}\n\tx', '# \ufffd'])
      expect(configText(encode(text), '.sops.yaml')).toBe(text);
  });

  it.each([
    ['Latin-1', [0x61, 0x0a, 0x23, 0x20, 0xe9, 0x0a], 2, 3],
    ['a character that is cut off', [0x61, 0xc3], 1, 2],
    ['an encoded surrogate', [0x0a, 0x0a, 0xed, 0xa0, 0x80], 3, 1],
    ['UTF-16', [0xff, 0xfe, 0x61, 0x00], 1, 1],
  ])('refuses %s with the place', (_what, bytes, line, column) => {
    const read = () => configText(Uint8Array.from(bytes), '.sops.yaml');
    expect(read).toThrow(
      expect.objectContaining({
        code: 'BAD_INVENTORY',
        file: '.sops.yaml',
        line,
        column,
        message: 'not valid UTF-8',
      }),
    );
  });

  it.each(['\0', '\x01', '\x7f', '\x80', '\x85', '\u2028', '\u2029', '\ufffe', '\r'])(
    'refuses %j, which only sops would see as it does',
    character => {
      const read = () => configText(encode(`a: b\n# ${character}creation_rules: []\n`), '.sops.yaml');
      expect(read).toThrow(expect.objectContaining({ code: 'BAD_INVENTORY', line: 2, column: 3 }));
    },
  );
});
