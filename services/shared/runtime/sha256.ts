import { hash } from 'node:crypto';

/** SHA-256 of a text's UTF-8 bytes: the digest that pure code takes as an argument. */
export function sha256(text: string): Uint8Array {
  return hash('sha256', text, 'buffer');
}
