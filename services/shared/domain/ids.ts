/** Encodes bytes as lower-case base32 (RFC 4648, section 6) without padding: characters `a-z2-7`. */
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

/** SHA-256 digest of a text. It is passed in because the domain imports nothing. */
export type Digest = (text: string) => Uint8Array;

const TAG_LENGTH = 6;
/** Characters of every client order ID. */
export const CLIENT_ORDER_ID_LENGTH = 32;

/**
 * Returns the client order ID of one leg of a decision. It is deterministic: the same decision always gives the same
 * ID, which serves as a lookup key at the venue. It has 32 characters `[a-z2-7]`: 6 of the stack's tag and 26 of the
 * decision's digest.
 */
export function clientOrderIdOf(stack: string, decisionId: string, leg: number, digest: Digest): string {
  return `${stackTagOf(stack, digest)}${base32(digest(`${stack}\n${decisionId}\n${leg}`)).slice(0, CLIENT_ORDER_ID_LENGTH - TAG_LENGTH)}`;
}

const OWN_FORM = new RegExp(`^[${ALPHABET}]{${CLIENT_ORDER_ID_LENGTH}}$`);

/**
 * Returns the stack tag in a client order ID that has our form; undefined for any other ID. An ID of another
 * program has this form only if it has exactly 32 characters `[a-z2-7]`.
 */
export function tagIn(clientOrderId: string): string | undefined {
  return OWN_FORM.test(clientOrderId) ? clientOrderId.slice(0, TAG_LENGTH) : undefined;
}

/**
 * Returns the first 6 characters of every client order ID of a stack. They distinguish our orders from foreign ones.
 */
export function stackTagOf(stack: string, digest: Digest): string {
  return base32(digest(`stack:${stack}`)).slice(0, TAG_LENGTH);
}
