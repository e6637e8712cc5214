import { takeBeats, watchBeats, type BeatContext, type BeatWatch } from '../../app/health.ts';
import { loadWritten } from '../../app/load.ts';
import { lookContext } from '../../app/look.ts';
import { nearest } from '../../core/nearest.ts';
import {
  beatChangeDocument,
  beatKey,
  beatsDocument,
  redrawBeats,
  renderBeatChange,
  renderBeats,
} from '../../core/render/beats-text.ts';
import { holdProgram } from '../../host/hold-program.ts';
import type { Heartbeat } from '../../model/heartbeat.ts';
import type { ProductSpec } from '../../model/state.ts';
import { failWith } from '../failing.ts';
import type { HeartbeatOptions } from '../options.ts';
import { openGuarded } from '../guarded.ts';
import type { Session } from '../session.ts';

const UNHEALTHY_EXIT_CODE = 1;

/** `bootstrap heartbeat [PRODUCT]`: one look at every heartbeat, or with `--watch` as many as there is time for; exit 0 when all pass in the end, else 1. */
export async function heartbeat(
  options: HeartbeatOptions,
  product: string | undefined,
): Promise<number> {
  const session = await openGuarded(options, options.file);
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
  const context = {
    root: session.site.root,
    look: lookContext(session.host, written.value.definition, session),
  };
  if (options.watch && specs.some(({ heartbeats }) => heartbeats.length > 0))
    return await watch({ ...session, printer: options.printer }, specs, context);
  const { signal } = new AbortController();
  const beats = await takeBeats(session.host, specs, { ...context, signal });
  const { palette } = session.text;
  if (session.json) session.streams.out(`${JSON.stringify(beatsDocument(beats), undefined, 2)}\n`);
  else session.streams.out(renderBeats(beats, { palette, columns: undefined }));
  return beats.every((beat) => beat.sample.verdict === 'pass') ? 0 : UNHEALTHY_EXIT_CODE;
}

async function watch(
  session: Session & Pick<HeartbeatOptions, 'printer'>,
  specs: readonly ProductSpec[],
  context: Omit<BeatContext, 'signal'>,
): Promise<number> {
  holdProgram();
  const stop = new AbortController();
  const end = (): void => stop.abort();
  process.on('SIGINT', end).on('SIGTERM', end);
  // Nobody reads on, as behind `| head`.
  const heardEnough = session.printer.onRefused(end);
  try {
    const { signal } = stop;
    const onBeat = watcher(session);
    const allPass = await watchBeats(session.host, specs, { ...context, signal, onBeat });
    return allPass ? 0 : UNHEALTHY_EXIT_CODE;
  } finally {
    process.off('SIGINT', end).off('SIGTERM', end);
    heardEnough();
  }
}

/** On a terminal a table that is drawn anew; to a pipe, and as JSON, a line a change. */
function watcher({ host, json, columns, streams, text }: Session): BeatWatch['onBeat'] {
  const { palette } = text;
  if (!json && columns !== undefined) {
    let drawnBefore = '';
    return (_, beats) => {
      const at = host.clock.now();
      const drawn = redrawBeats(beats, { palette, columns, drawnBefore, at });
      drawnBefore = drawn;
      streams.out(drawn);
    };
  }
  const told = new Map<Heartbeat, string>();
  return (beat) => {
    const key = beatKey(beat);
    if (told.get(beat.heartbeat) === key) return;
    told.set(beat.heartbeat, key);
    const at = host.clock.now();
    streams.out(
      json
        ? `${JSON.stringify(beatChangeDocument(beat, at))}\n`
        : renderBeatChange(beat, at, palette),
    );
  };
}
