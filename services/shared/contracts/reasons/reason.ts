/** A reason code's meaning, and what a person does about it. */
export interface Reason {
  /** One sentence. */
  readonly meaning: string;
  /** One or two sentences; `None.` where nothing is wrong. */
  readonly remedy: string;
}

export type ReasonTable = Readonly<Record<string, Reason>>;

export const NO_ACTION = 'None.';
