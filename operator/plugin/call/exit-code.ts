/** Exit codes of the plugin, for scripts. */
export const EXIT = {
  /** Done, and the stack is as asked for. */
  ok: 0,
  /** The answer was read, and the stack is not as asked for: blocked, not confirmed in time, not sold, restricted. */
  notAsWanted: 1,
  /** Wrong call: an unknown command or flag, or a value that is not allowed. */
  usage: 2,
  /** The user's rights do not allow it. */
  forbidden: 3,
  /** There is no such stack, service or database to ask. */
  notFound: 4,
  /** The cluster, a process or a program did not answer, or gave an answer that is not understood. */
  unavailable: 5,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];
