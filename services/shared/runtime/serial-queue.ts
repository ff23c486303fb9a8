/** Runs pieces of work one after the other, in the order in which they were handed in. A failing one fails its caller alone. */
export function createTurns(): <T>(work: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  return async (work) => {
    const mine = last.then(work);
    last = mine.catch(() => {});
    return await mine;
  };
}
