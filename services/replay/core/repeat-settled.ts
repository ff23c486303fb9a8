/** So many immediates share a turn of the event loop: a turn for each costs more than most pieces of work. */
const BATCH = 64;

/**
 * Calls `step` until it returns false or throws. Node runs all ticks and promise continuations between two immediates,
 * so each call finds what the one before it left settled.
 */
export async function repeatSettled(step: () => boolean): Promise<void> {
  for (let more = true; more;) more = await repeatBatch(step);
}

/** Returns whether `step` may have more to do. */
async function repeatBatch(step: () => boolean): Promise<boolean> {
  return await new Promise<boolean>((resolve, reject) => {
    let more = true;
    const once = (): void => {
      try {
        more &&= step();
      } catch (error) {
        more = false;
        reject(error);
      }
    };
    for (let index = 0; index < BATCH; index += 1) setImmediate(once);
    setImmediate(() => resolve(more));
  });
}

/** Waits for an immediate, which runs when no promise continuation is left. */
export async function settled(): Promise<void> {
  await new Promise((resolve) => {
    setImmediate(resolve);
  });
}
