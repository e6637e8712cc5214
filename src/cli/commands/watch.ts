import { watch as watchServer, type WatchHandle, type WatchRequest } from '../../app/watch.ts';
import { parseDuration, showDuration, type DurationMs } from '../../model/duration.ts';
import type { Failure } from '../../model/failure.ts';
import { err, ok, type Result } from '../../model/result.ts';
import { eventfulSink } from '../../report/eventful.ts';
import { openFileSource } from '../../source/file-source.ts';
import { createBrakes } from '../brakes.ts';
import { readLimits, sinkOf } from '../engine.ts';
import { failWith, usage } from '../failing.ts';
import { openGuarded } from '../guarded.ts';
import type { WatchOptions } from '../options.ts';
import { newRunId, type Session } from '../session.ts';

/** `bootstrap watch`: keeps the server at its desired state, until SIGTERM or SIGINT ends it with exit 0. */
export async function watch(options: WatchOptions): Promise<number> {
  const session = await openGuarded(options, options.file);
  const { host, site, json, streams, text } = session;
  const times = readTimes(options);
  if (!times.ok) return failWith(session, times.error);
  const { parallelism, timeoutMs, intervalMs, splayMs } = times.value;
  const brakes = createBrakes(undefined, streams.err);
  let handle: WatchHandle | undefined;
  const onHangup = (): void => handle?.ask();
  process.on('SIGHUP', onHangup);
  if (!json && !text.quiet)
    streams.out(`Watching ${shownSource(session)}, at least every ${showDuration(intervalMs)}.\n`);
  try {
    const sink = sinkOf(session);
    const ended = await watchServer(host, {
      site,
      openSource: fileSource(session),
      run: { parallelism, onFailure: options.onFailure, sinks: [json ? sink : eventfulSink(sink)] },
      intervalMs,
      splayMs,
      timeoutMs,
      once: options.once,
      brakes,
      newRunId: () => newRunId(host),
      random: Math.random,
      warn: (message) => streams.err(`${text.palette.warn('warning:')} ${message}\n`),
      onBegin: (begun) => {
        handle = begun;
      },
      onLooked: () => {},
    });
    if (!ended.ok) return failWith(session, ended.error);
    return options.once ? (ended.value?.exitCode ?? 0) : 0;
  } finally {
    process.off('SIGHUP', onHangup);
    brakes.release();
  }
}

function shownSource({ site }: Session): string {
  return site.desired.map(({ shown }) => shown).join(' + ');
}

function fileSource({ host, site }: Session): WatchRequest['openSource'] {
  return (request) => {
    const files = openFileSource(host, site.desired, request);
    return { read: async () => ok(await files.read()) };
  };
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
