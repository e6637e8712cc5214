import { watch as watchServer, type WatchHandle, type WatchRequest } from '../../app/watch.ts';
import { holdProgram } from '../../host/hold-program.ts';
import { keepHeapSmall } from '../../host/small-heap.ts';
import { parseDuration, showDuration, type DurationMs } from '../../model/duration.ts';
import type { Sink } from '../../model/event.ts';
import type { Failure } from '../../model/failure.ts';
import { err, ok, type Result } from '../../model/result.ts';
import { eventfulSink } from '../../report/eventful.ts';
import { createBrakes } from '../brakes.ts';
import { readLimits } from '../engine.ts';
import { failWith, usage } from '../failing.ts';
import { openGuarded } from '../guarded.ts';
import { observe } from '../observing.ts';
import type { WatchOptions } from '../options.ts';
import { outputPath } from '../output-path.ts';
import { openView } from '../run-view.ts';
import { newRunId, type Session } from '../session.ts';
import { openService, type WatchService } from '../watch-service.ts';
import { sourceOf, type NamedSource } from '../watch-source.ts';

/** `bootstrap watch`: keeps the server at its desired state, until SIGTERM or SIGINT ends it with exit 0. */
export async function watch(options: WatchOptions): Promise<number> {
  const opened = await openGuarded(options, options.file);
  const view = openView(opened);
  try {
    return await watchShown({ ...opened, streams: view.streams }, options, view.sink);
  } finally {
    await view.close();
  }
}

async function watchShown(session: Session, options: WatchOptions, sink: Sink): Promise<number> {
  const times = readTimes(options);
  if (!times.ok) return failWith(session, times.error);
  const source = sourceOf(session, options);
  if (!source.ok) return failWith(session, source.error);
  const metricsFile = outputPath(session.host.files, options.metricsFile);
  if (!metricsFile.ok) return failWith(session, metricsFile.error);
  keepHeapSmall();
  holdProgram();
  let handle: WatchHandle | undefined;
  const observing = observe(session, metricsFile.value);
  const onHangup = (): void => handle?.look('asked');
  const service = await openService(session.host, {
    root: session.site.root,
    listen: options.listen,
    observer: observing.observer,
    // Whoever can send one again must not make failing scripts run again.
    onHook: () => handle?.look('hook'),
    warn: warner(session),
  });
  if (!service.ok) return failWith(session, service.error);
  process.on('SIGHUP', onHangup);
  try {
    return await keep(session, options, {
      times: times.value,
      source: source.value,
      service: service.value,
      sinks: [session.json ? sink : eventfulSink(sink), ...observing.sinks],
      onBeat: observing.observer.onBeat,
      onBegin: (begun) => {
        handle = begun;
      },
    });
  } finally {
    process.off('SIGHUP', onHangup);
    await service.value.close();
  }
}

interface Keeping {
  readonly times: Times;
  readonly source: NamedSource;
  readonly service: WatchService;
  readonly sinks: readonly Sink[];
  readonly onBeat: WatchRequest['onBeat'];
  readonly onBegin: (begun: WatchHandle) => void;
}

async function keep(
  session: Session,
  { onFailure, once }: WatchOptions,
  { times, source, service, sinks, onBeat, onBegin }: Keeping,
): Promise<number> {
  const { host, site, json, streams, text } = session;
  const { parallelism, ...waits } = times;
  const brakes = createBrakes(
    // SIGHUP asks it to look.
    { signals: ['SIGINT', 'SIGTERM'], timeoutMs: undefined },
    streams.err,
  );
  if (!json && !text.quiet) streams.out(beginning(source, service, waits.intervalMs));
  try {
    const ended = await watchServer(host, {
      ...waits,
      site,
      openSource: source.open,
      run: { parallelism, onFailure, sinks: [...sinks, service.onEvent] },
      once,
      brakes,
      newRunId: () => newRunId(host),
      random: Math.random,
      onBegin,
      onLooked: service.onLooked,
      warn: warner(session),
      onBeat,
    });
    if (!ended.ok) return failWith(session, ended.error);
    return once ? (ended.value?.exitCode ?? 0) : 0;
  } finally {
    brakes.release();
  }
}

function warner({ streams, text }: Session): (message: string) => void {
  return (message) => streams.err(`${text.palette.warn('warning:')} ${message}\n`);
}

function beginning(
  { shown }: NamedSource,
  { address }: WatchService,
  intervalMs: DurationMs,
): string {
  const answers = address === undefined ? '' : ` Answering at ${address}.`;
  return `Watching ${shown}, at least every ${showDuration(intervalMs)}.${answers}\n`;
}

interface Times {
  readonly parallelism: number;
  readonly timeoutMs: DurationMs;
  readonly intervalMs: DurationMs;
  readonly splayMs: DurationMs;
}

function readTimes(options: WatchOptions): Result<Times, Failure> {
  const limits = readLimits({ ...options, lockTimeout: '0s' });
  if (!limits.ok) return limits;
  const { parallelism, timeoutMs } = limits.value;
  const intervalMs = parseDuration(options.interval);
  const splayMs = parseDuration(options.splay);
  if (intervalMs === undefined || intervalMs === 0)
    return err(usage(`--interval: "${options.interval}" is not a duration such as 30s or 5m`));
  if (splayMs === undefined)
    return err(usage(`--splay: "${options.splay}" is not a duration such as 30s or 0s`));
  return ok({ parallelism, timeoutMs, intervalMs, splayMs });
}
