/** An entry waits for at most this many exits that arrive while it waits. */
export const EXITS_IN_A_ROW = 8;
