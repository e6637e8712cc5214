import { productsOf } from '../apply/faults.ts';
import { createRecords } from '../apply/records.ts';
import type { Host } from '../host/host.ts';
import type { Event, Sink } from '../model/event.ts';
import type { Failure } from '../model/failure.ts';
import type { ProductName } from '../model/ids.ts';
import { ok } from '../model/result.ts';

/** Keeps `lastmessage` of the products that a verb brings to a version, in the old tool's words. For the holder of the lock only. */
export interface LastMessages {
  /** Says of each product that it is begun. */
  readonly sink: Sink;
  succeeded(): void;
  /** Says of each product that failed why. */
  failed(failures: readonly Failure[], reason: string): void;
}

/** The last messages of one run. A message that cannot be written changes nothing about it: what counts is in the other records. */
export function lastMessages(
  { files, clock }: Pick<Host, 'files' | 'clock'>,
  root: string,
): LastMessages {
  const records = createRecords(files, { root, sealed: ok });
  const begun = new Map<ProductName, string>();
  let isTakenBack = false;
  const tell = (product: ProductName, version: string, end: string): void => {
    const time = clock.now().toISOString();
    records.message(product, `${time} upgrading to version ${version}${end}`);
  };
  return {
    sink(event) {
      if (event.type === 'rollback.started') isTakenBack = true;
      const found = isTakenBack ? undefined : versionBegun(event);
      if (found === undefined) return;
      begun.set(found.product, found.version);
      tell(found.product, found.version, '');
    },
    succeeded() {
      for (const [product, version] of begun) tell(product, version, ' successful');
    },
    failed(failures, reason) {
      const names = new Set(failures.flatMap(productsOf));
      for (const [product, version] of begun)
        if (names.has(product)) tell(product, version, ` failed with "${reason}"`);
    },
  };
}

function versionBegun(
  event: Event,
): { readonly product: ProductName; readonly version: string } | undefined {
  if (event.type !== 'action.started') return undefined;
  const { product, kind, after } = event.action;
  const { version } = after;
  const isVersion = kind === 'provision' || kind === 'upgrade' || kind === 'downgrade';
  return isVersion && product !== undefined && typeof version === 'string'
    ? { product, version }
    : undefined;
}
