import { createHash } from 'node:crypto';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { base32, clientOrderIdOf, stackTagOf, tagIn } from './ids.ts';

const sha256 = (text: string): Uint8Array => createHash('sha256').update(text).digest();
const texts = fc.string({ unit: 'grapheme', maxLength: 60 });

describe('base32', () => {
  // Test vectors of RFC 4648, section 10, in lower case and without padding.
  it.each([
    ['', ''],
    ['f', 'my'],
    ['fo', 'mzxq'],
    ['foo', 'mzxw6'],
    ['foob', 'mzxw6yq'],
    ['fooba', 'mzxw6ytb'],
    ['foobar', 'mzxw6ytboi'],
  ])('encodes "%s" as "%s"', (text, encoded) => expect(base32(new TextEncoder().encode(text))).toBe(encoded));

  it('encodes every bit', () => {
    const bitsOf = (encoded: string) =>
      Array.from(encoded)
        .map((letter) => 'abcdefghijklmnopqrstuvwxyz234567'.indexOf(letter).toString(2).padStart(5, '0'))
        .join('');
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        const expected = [...bytes].map((byte) => byte.toString(2).padStart(8, '0')).join('');
        expect(bitsOf(base32(bytes)).slice(0, expected.length)).toBe(expected);
      }),
    );
  });
});

describe('clientOrderIdOf', () => {
  it('returns the same 32 characters each time, from `a-z2-7`, with the tag of the stack in front', () => {
    fc.assert(
      fc.property(texts, texts, fc.nat(9), (stack, decision, leg) => {
        const id = clientOrderIdOf(stack, decision, leg, sha256);
        expect(id).toMatch(/^[a-z2-7]{32}$/);
        expect(clientOrderIdOf(stack, decision, leg, sha256)).toBe(id);
        expect(id.startsWith(stackTagOf(stack, sha256))).toBe(true);
      }),
    );
  });

  it('returns a different ID for every decision and leg', () => {
    const ids = new Set<string>();
    for (let decision = 0; decision < 2000; decision += 1) {
      for (let leg = 0; leg < 3; leg += 1)
        ids.add(clientOrderIdOf('demo-1234abcd', `breakout:XRP/ETH:${decision}`, leg, sha256));
    }
    expect(ids.size).toBe(6000);
  });

  it('returns a pinned ID: a change between releases would send one order twice', () => {
    expect(clientOrderIdOf('demo-1234abcd', 'breakout:XRP/ETH:1570752000000', 0, sha256)).toBe(
      'myuce6enotgm53onrqkbw2z5ggxelxsa',
    );
  });
});

describe('tagIn', () => {
  it('returns the tag of the stack that an ID was made for, and nothing for an ID of another form', () => {
    fc.assert(
      fc.property(texts, texts, fc.nat(9), (stack, decision, leg) => {
        const id = clientOrderIdOf(stack, decision, leg, sha256);
        expect(tagIn(id)).toBe(stackTagOf(stack, sha256));
        for (const other of [id.slice(1), `${id}a`, `${id}\n`, `1${id.slice(1)}`, id.toUpperCase().replace(/^./, 'A')])
          expect(tagIn(other)).toBeUndefined();
      }),
    );
  });
});
