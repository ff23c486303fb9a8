/** Lower-case base32 (RFC 4648, section 6, without padding) of bytes: characters `a-z2-7`. */
export function base32(bytes: Uint8Array): string {
  let text = '';
  let buffer = 0;
  let bits = 0;
  for (const byte of bytes) {
    buffer = ((buffer << 8) | byte) & 0xfff;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      text += ALPHABET[(buffer >> bits) & 31];
    }
  }
  if (bits > 0) text += ALPHABET[(buffer << (5 - bits)) & 31];
  return text;
}

const ALPHABET = 'abcdefghijklmnopqrstuvwxyz234567';

/** A digest of a text, SHA-256: handed in, because the domain imports nothing. */
export type Digest = (text: string) => Uint8Array;

/**
 * The client order id of one leg of a decision: deterministic, 6 characters of the stack's tag and 26 of the decision's digest, 32 in all, `[a-z2-7]`
 * (MEXC accepts 1 to 32 characters). The same decision always gives the same id; at the venue it is a key to look up by.
 */
export function clientOrderIdOf(stack: string, decisionId: string, leg: number, digest: Digest): string {
  return `${stackTagOf(stack, digest)}${base32(digest(`${stack}\n${decisionId}\n${leg}`)).slice(0, 26)}`;
}

/** The first 6 characters of every client order id of a stack: what tells our orders from foreign ones. */
export function stackTagOf(stack: string, digest: Digest): string {
  return base32(digest(`stack:${stack}`)).slice(0, 6);
}
