import { takeBeats } from '../../app/health.ts';
import { loadWritten } from '../../app/load.ts';
import { nearest } from '../../core/nearest.ts';
import { beatsDocument, renderBeats } from '../../core/render/status-text.ts';
import { failWith } from '../failing.ts';
import type { DesiredOptions } from '../options.ts';
import { openSession } from '../session.ts';

const UNHEALTHY_EXIT_CODE = 1;

/** `bootstrap heartbeat [PRODUCT]`: one look at every heartbeat; exit 0 when all pass, else 1. */
export async function heartbeat(
  options: DesiredOptions,
  product: string | undefined,
): Promise<number> {
  const session = openSession(options, options.file);
  const written = await loadWritten(session.host, session.site);
  if (!written.ok) return failWith(session, written.error);
  const all = [...written.value.desired.products.values()];
  const specs = product === undefined ? all : all.filter((spec) => spec.name === product);
  if (product !== undefined && specs.length === 0)
    return failWith(session, {
      code: 'unknown-product',
      name: product,
      nearest: nearest(
        product,
        all.map((spec) => spec.name),
      ),
    });
  const beats = await takeBeats(session.host, specs, {
    root: session.site.root,
    signal: new AbortController().signal,
  });
  if (session.json) session.streams.out(`${JSON.stringify(beatsDocument(beats), undefined, 2)}\n`);
  else session.streams.out(renderBeats(beats, session.text.palette));
  return beats.every((beat) => beat.sample.verdict === 'pass') ? 0 : UNHEALTHY_EXIT_CODE;
}
