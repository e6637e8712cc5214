import type { Host } from '../host/host.ts';
import { err, ok } from '../model/result.ts';

/**
 * The same machine, on which whoever had to wait for the lock gives up as `superseded` where there is another desired state by then: the
 * one that was read before the wait may have been taken back by whoever held it.
 */
export function withFreshLock(host: Host, isStale: () => Promise<boolean>): Host {
  return {
    ...host,
    lock: {
      async hold(request, work) {
        let hasWaited = false;
        const held = await host.lock.hold(
          {
            ...request,
            onWait: (holder) => {
              hasWaited = true;
              request.onWait(holder);
            },
          },
          async (lock) => (hasWaited && (await isStale()) ? 'stale' : { value: await work(lock) }),
        );
        if (!held.ok) return held;
        return held.value === 'stale' ? err({ code: 'superseded' }) : ok(held.value.value);
      },
    },
  };
}
