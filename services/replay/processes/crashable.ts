/** Whether a process has ended. */
export interface Life {
  dead: boolean;
}

/** One way of a call, by the name of the method. */
export type Way = (stage: 'There' | 'Back', name: string) => Promise<void>;

/**
 * Wraps a dependency that outlives its process, such as a store. Each call waits for `way` before and after it runs.
 * Once the process is dead, no call starts and no pending call returns, but a call that has started takes effect. When
 * `way` rejects, the call fails: before it ran, or after it took effect.
 */
export function crashable<T extends object>(target: T, life: Life, way?: Way): T {
  return new Proxy(target, {
    get: (object, name) => {
      const member: unknown = Reflect.get(object, name, object);
      if (typeof member !== 'function') return member;
      return async (...args: unknown[]) => {
        if (life.dead) return await never();
        await way?.('There', String(name));
        const result: unknown = await Reflect.apply(member, object, args);
        await way?.('Back', String(name));
        return life.dead ? await never() : result;
      };
    },
  });
}

async function never(): Promise<never> {
  return await new Promise(() => {});
}
