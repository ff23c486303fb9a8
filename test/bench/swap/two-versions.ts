/** What differs between the two versions of the sender: the memory limit of its pods, which no other service has. */
const LIMITS = ['384Mi', '385Mi'] as const;

/** Changes of a stack to one version and to the other, in turn. */
export function createVersions(): { readonly next: () => object } {
  let turn = 0;
  return {
    next: () => {
      turn += 1;
      const limits = { memory: LIMITS[turn % LIMITS.length] };
      return { spec: { services: { execution: { resources: { limits } } } } };
    },
  };
}
