import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';

/** No tape is longer when unpacked; a file that claims more is refused by zlib. */
const MAX_BYTES = 512 * 1024 * 1024;

/** The text of a gzip CSV. Throws what the file system or zlib throws. */
export function readTapeFile(path: string): string {
  return gunzipSync(readFileSync(path), { maxOutputLength: MAX_BYTES }).toString('utf8');
}
