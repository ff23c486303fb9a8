import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';

/** Maximum unpacked size; zlib rejects a longer file. */
const MAX_BYTES = 512 * 1024 * 1024;

/** Reads a gzip CSV as text. Throws the errors of the file system and zlib. */
export function readTapeFile(path: string): string {
  return gunzipSync(readFileSync(path), { maxOutputLength: MAX_BYTES }).toString('utf8');
}
