import type { WriteStream } from 'node:tty';
import type { Config } from './config.ts';
import type { Terminal } from './session.ts';
import { COLOURED, PLAIN } from './text/style.ts';

/** Where nothing says how wide a line is, such as in a file. */
const COLUMNS = 120;

export interface Streams {
  readonly out: Pick<WriteStream, 'write'> & { readonly isTTY?: boolean; readonly columns?: number };
  readonly problems: Pick<WriteStream, 'write'>;
}

/** A terminal on two streams. Colours and clearing are for people only: not in a pipe or a file. */
export function openTerminal({ out, problems }: Streams, { colours }: Config): Terminal {
  const isTerminal = out.isTTY === true;
  return {
    out: (text) => void out.write(`${text}\n`),
    note: (text) => void problems.write(`${text}\n`),
    clear: () => {
      if (isTerminal) out.write('\u001B[H\u001B[2J\u001B[3J');
    },
    isTerminal,
    columns: isTerminal ? (out.columns ?? COLUMNS) : COLUMNS,
    style: isTerminal && colours ? COLOURED : PLAIN,
  };
}
