/** Whether a process has ended. */
export interface Life {
  dead: boolean;
}

/**
 * What outlives a process, as that process has it: its calls take `way` there and back, none begins once it is dead, and none comes back to it then. What
 * a call does at the other end has happened all the same. A `way` that rejects is a call that failed, before or after it was done.
 */
export function crashable<T extends object>(target: T, life: Life, way?: () => Promise<void>): T {
  return new Proxy(target, {
    get: (object, name) => {
      const member: unknown = Reflect.get(object, name, object);
      if (typeof member !== 'function') return member;
      return async (...args: unknown[]) => {
        if (life.dead) return await never();
        await way?.();
        const result: unknown = await Reflect.apply(member, object, args);
        await way?.();
        return life.dead ? await never() : result;
      };
    },
  });
}

async function never(): Promise<never> {
  return await new Promise(() => {});
}
