/** What happened between one process of execution and the venue, beside the answers. */
export type CallStep = { readonly process: string; readonly at_ms: number } &
  /** `cancels`: the order that the request cancels; undefined of every other request. */
  (
    | { readonly kind: 'Sent'; readonly call: string; readonly cancels: string | undefined }
    /** An answer demanded a pause. `banned`: of cancellations, too. */
    | { readonly kind: 'Paused'; readonly until_ms: number; readonly banned: boolean }
  );
