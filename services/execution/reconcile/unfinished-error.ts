/** Thrown when a step has done all that it may do in one run, and continues in the next. */
export class UnfinishedError extends Error {
  readonly code = 'Unfinished';

  constructor(message: string) {
    super(message);
    this.name = 'UnfinishedError';
  }
}
