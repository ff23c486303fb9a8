import type { DeadLetter } from '../../core/dead-letter.ts';
import type { DeadLetters } from '../../orders/dead-letters.ts';

/**
 * Keeps a letter. Rejects when more are open than are kept: the step fails then, so that the instrument takes no
 * entries without the letter that says why.
 */
export async function setApart(deadLetters: Pick<DeadLetters, 'keep' | 'has'>, letter: DeadLetter): Promise<void> {
  await deadLetters.keep(letter);
  if (deadLetters.has(letter)) return;
  const { kind, id, problem } = letter;
  throw new Error(`${kind} ${id} is not set apart, because too many dead letters are open; clear them: ${problem}`);
}
