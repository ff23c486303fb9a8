/** Returns a queue that runs work serially, in the order of the calls. A failure rejects only its own caller. */
export function createSerialQueue(): <T>(work: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  return async (work) => {
    const result = last.then(work);
    last = result.catch(() => {});
    return await result;
  };
}
