import { lookAtStatus } from '../../app/status.ts';
import { nearest } from '../../core/nearest.ts';
import { renderStatus } from '../../core/render/status-text.ts';
import { renderFailure } from '../../core/render/failure-text.ts';
import { failWith } from '../failing.ts';
import type { DesiredOptions } from '../options.ts';
import { openGuarded } from '../guarded.ts';

/** `bootstrap status [PRODUCT]`: what is, without the lock; a desired state that cannot be read is said, and hides nothing else. */
export async function status(
  options: DesiredOptions,
  product: string | undefined,
): Promise<number> {
  const session = await openGuarded(options, options.file);
  const { host, site, runId, streams, text } = session;
  const looked = await lookAtStatus(host, { site, runId, signal: new AbortController().signal });
  if (!looked.ok) return failWith(session, looked.error);
  const { status: whole, invalid } = looked.value;
  const report = product === undefined ? undefined : whole.products[product];
  if (product !== undefined && report === undefined)
    return failWith(session, {
      code: 'unknown-product',
      name: product,
      nearest: nearest(product, Object.keys(whole.products)),
    });
  const shown =
    product === undefined || report === undefined
      ? whole
      : { ...whole, products: { [product]: report } };
  if (session.json) {
    streams.out(`${JSON.stringify(shown, undefined, 2)}\n`);
    return 0;
  }
  streams.out(renderStatus(shown, text.palette));
  if (invalid !== undefined) streams.err(renderFailure(invalid, text), 'error');
  return 0;
}
