/**
 * Returns a queue that runs at most `width` pieces of work at a time, started in the order of the calls. A failure
 * rejects only its own caller.
 */
export function createParallelQueue(width: number): <T>(work: () => Promise<T>) => Promise<T> {
  let running = 0;
  const waiting: (() => void)[] = [];
  return async (work) => {
    if (running >= width) {
      await new Promise<void>((resolve) => {
        waiting.push(resolve);
      });
    } else running += 1;
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      // The next one takes over the place of this one.
      if (next === undefined) running -= 1;
      else next();
    }
  };
}
