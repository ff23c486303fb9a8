/**
 * Thrown when the record cannot take something because of what it is: an amount out of range, a contradiction, a
 * malformed row. Repeating it fails again until its cause is gone; everything else can be recorded.
 */
export class UnprocessableError extends Error {
  readonly code = 'Unprocessable';

  constructor(cause: unknown) {
    super(cause instanceof Error ? cause.message : String(cause), { cause });
    this.name = 'UnprocessableError';
  }
}
