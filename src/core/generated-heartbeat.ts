import type { ProductName } from '../model/ids.ts';

/** A heartbeat that nobody wrote, for a product of which the old tool knew how to tell that it serves. */
export interface GeneratedHeartbeat {
  readonly kind: 'monit' | 'exec';
  readonly target: string | readonly [program: string, word: string];
  /** Where it comes from, for a person who wonders. */
  readonly from: string;
}

/** What a server has that can be asked. */
export interface Askable {
  /** True where monit is installed. */
  readonly hasMonit: boolean;
  /** The init script of a SysV service that knows `status`, by the service's name; undefined where there is none. */
  readonly initScript: (service: string) => string | undefined;
}

// What the old tool asked had another name than the product that it asked for.
const SERVICES: ReadonlyMap<string, string> = new Map([['gateway', 'deepfiler']]);
const ASKED_OF_MONIT = 'haproxy';

/**
 * The heartbeat of a product for which none is written: monit's word of haproxy, as `hearbeat_checkup_appstack` of the old tool; else
 * the init script of the SysV service of its name, or of deepfiler for gateway, as its `hearbeat_checkup_gateway`. Undefined for others.
 */
export function generatedHeartbeat(
  product: ProductName,
  { hasMonit, initScript }: Askable,
): GeneratedHeartbeat | undefined {
  if (product === ASKED_OF_MONIT && hasMonit)
    return { kind: 'monit', target: product, from: 'as the old tool asked: monit watches it' };
  const script = [product, SERVICES.get(product) ?? product].flatMap(
    (service) => initScript(service) ?? [],
  )[0];
  if (script === undefined) return undefined;
  const from = 'as the old tool asked: its init script says so, exit 0';
  return { kind: 'exec', target: [script, 'status'], from };
}
