import { lookAtStatus } from '../../app/status.ts';
import { nearest } from '../../core/nearest.ts';
import { renderStatus } from '../../core/render/status-text.ts';
import { renderFailure } from '../../core/render/failure-text.ts';
import { parseWanted, whyNotYet, type Wanted } from '../../core/wait.ts';
import { holdProgram } from '../../host/hold-program.ts';
import { parseDuration, type DurationMs } from '../../model/duration.ts';
import type { Failure } from '../../model/failure.ts';
import { err, ok, type Result } from '../../model/result.ts';
import { CONDITION_TYPES, type StatusDocument } from '../../model/status.ts';
import { failWith, usage } from '../failing.ts';
import type { StatusOptions } from '../options.ts';
import { openGuarded } from '../guarded.ts';
import type { Session } from '../session.ts';

/** `bootstrap status [PRODUCT]`: what is, without the lock; a desired state that cannot be read is said, and hides nothing else. With `--wait` it looks on until something is so. */
export async function status(options: StatusOptions, product: string | undefined): Promise<number> {
  const session = await openGuarded(options, options.file);
  const waiting = readWaiting(options, product);
  if (!waiting.ok) return failWith(session, waiting.error);
  if (waiting.value !== undefined) holdProgram();
  const seen = await look(session, product, waiting.value);
  if (!seen.ok) return failWith(session, seen.error);
  const { shown, invalid, late } = seen.value;
  show(session, shown, invalid);
  return late === undefined ? 0 : tellLate(session, late);
}

function show(
  { json, streams, text }: Session,
  shown: StatusDocument,
  invalid: Failure | undefined,
): void {
  streams.out(
    json ? `${JSON.stringify(shown, undefined, 2)}\n` : renderStatus(shown, text.palette),
  );
  if (invalid !== undefined && !json) streams.err(renderFailure(invalid, text), 'error');
}

// The status is on stdout already, also as JSON: a second document there would be one too many.
function tellLate(session: Session, late: Failure): number {
  return failWith({ ...session, format: 'text' }, late);
}

interface Seen {
  readonly shown: StatusDocument;
  readonly invalid: Failure | undefined;
  /** Why what was waited for is not so. */
  readonly late: Failure | undefined;
}

// Often enough for who waits, and each look asks every heartbeat.
const PAUSE_MS = 1000;

async function look(
  { host, site, runId }: Session,
  product: string | undefined,
  waiting: Waiting | undefined,
): Promise<Result<Seen, Failure>> {
  const { clock } = host;
  const { signal } = new AbortController();
  const endMs = clock.monotonicMs() + (waiting?.timeoutMs ?? 0);
  for (;;) {
    const looked = await lookAtStatus(host, { site, runId, signal });
    if (!looked.ok) return looked;
    const { status: whole, invalid } = looked.value;
    const report = product === undefined ? undefined : whole.products[product];
    if (product !== undefined && report === undefined)
      return err({
        code: 'unknown-product',
        name: product,
        nearest: nearest(product, Object.keys(whole.products)),
      });
    const products =
      product === undefined || report === undefined ? whole.products : { [product]: report };
    const shown = { ...whole, products };
    const why = waiting && whyNotYet(whole, waiting.wanted);
    if (waiting === undefined || why === undefined) return ok({ shown, invalid, late: undefined });
    const leftMs = endMs - clock.monotonicMs();
    if (leftMs <= 0) return ok({ shown, invalid, late: lateFor(waiting, why) });
    await clock.sleep(Math.min(PAUSE_MS, leftMs));
  }
}

function lateFor({ wanted, timeoutMs }: Waiting, why: string): Failure {
  const { type, status: state } = wanted;
  const name = state === 'True' ? type : `${type}=${state}`;
  return { code: 'not-in-time', wanted: name, afterMs: timeoutMs, why };
}

interface Waiting {
  readonly wanted: Wanted;
  readonly timeoutMs: DurationMs;
}

function readWaiting(
  options: StatusOptions,
  product: string | undefined,
): Result<Waiting | undefined, Failure> {
  if (!options.wait) return ok(undefined);
  const wanted = parseWanted(options.for);
  const timeoutMs = parseDuration(options.timeout);
  if (wanted === undefined)
    return err(
      usage(
        `--for: "${options.for}" is none of ${CONDITION_TYPES.join(', ')}, with or without =True, =False or =Unknown`,
      ),
    );
  if (timeoutMs === undefined)
    return err(usage(`--timeout: "${options.timeout}" is not a duration such as 30s or 5m`));
  return ok({ wanted: { ...wanted, product }, timeoutMs });
}
