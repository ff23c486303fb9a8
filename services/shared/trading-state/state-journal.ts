import { open, rename } from 'node:fs/promises';
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { sourceState } from '../contracts/control.ts';
import { messageOf } from '../runtime/errors.ts';
import type { Logger } from '../runtime/logger.ts';
import { createSerialQueue } from '../runtime/serial-queue.ts';
import type { JournaledState, StateJournal } from './trading-states.ts';

export interface StateJournalOptions {
  readonly path: string;
  /** ID of the stack: a file of another stack is not obeyed. */
  readonly stack: string;
  readonly log: Logger;
}

/** A state that does not say whether the record has it is saved again. */
const journaledState = sourceState.extend({ saved: z.boolean().default(false) });
const document = z.object({ stack: z.string(), states: z.array(z.unknown()) });

/**
 * Creates the journal in a file: written to a second file, synced, and renamed, so that a crash leaves either the old
 * or the new states. What cannot be read is reported and left out: it never prevents a start, and hides no other state.
 */
export function createStateJournal({ path, stack, log }: StateJournalOptions): StateJournal {
  const serially = createSerialQueue();
  return {
    read: () => readStates({ path, stack, log }),
    write: async (states) => {
      await serially(async () => {
        const next = `${path}.next`;
        const file = await open(next, 'w', 0o600);
        try {
          await file.writeFile(JSON.stringify({ stack, states }));
          await file.sync();
        } finally {
          await file.close();
        }
        await rename(next, path);
      });
    },
  };
}

function readStates({ path, stack, log }: StateJournalOptions): readonly JournaledState[] {
  try {
    const read = document.parse(JSON.parse(readFileSync(path, 'utf8')));
    if (read.stack !== stack) throw new Error(`it is of stack ${read.stack}`);
    return read.states.flatMap((each) => {
      const state = journaledState.safeParse(each);
      if (!state.success) log.error({ path, problem: z.prettifyError(state.error) }, 'journaled state cannot be read');
      return state.data ?? [];
    });
  } catch (error) {
    if ((error as { readonly code?: unknown }).code === 'ENOENT') return [];
    log.error({ path, problem: messageOf(error) }, 'journal of trading states cannot be read');
    return [];
  }
}
