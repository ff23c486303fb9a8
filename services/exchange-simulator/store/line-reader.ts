import { readSync } from 'node:fs';

export interface Line {
  readonly text: string;
  /** Offset of the line's first byte; `end` is the offset after its newline. */
  readonly start: number;
  readonly end: number;
}

const CHUNK_BYTES = 65_536;
const NEWLINE = 0x0a;

/**
 * Yields the lines of an open file from an offset. A last line without a newline is skipped: its write was interrupted.
 */
export function* readLines(file: number, from: number): Generator<Line, void, undefined> {
  let rest: Buffer = Buffer.alloc(0);
  let start = from;
  for (let position = from; ;) {
    const chunk = Buffer.alloc(CHUNK_BYTES);
    const size = readSync(file, chunk, 0, CHUNK_BYTES, position);
    if (size === 0) return;
    position += size;
    rest = Buffer.concat([rest, chunk.subarray(0, size)]);
    for (let at = rest.indexOf(NEWLINE); at >= 0; at = rest.indexOf(NEWLINE)) {
      const end = start + at + 1;
      yield { text: rest.toString('utf8', 0, at), start, end };
      rest = rest.subarray(at + 1);
      start = end;
    }
  }
}
