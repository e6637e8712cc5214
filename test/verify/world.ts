import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { HTTP_PROBE_DEFAULTS } from '../../src/core/normalise-heartbeat.ts';
import { createClock } from '../../src/host/clock.ts';
import { createFiles } from '../../src/host/files.ts';
import { createNet } from '../../src/host/net.ts';
import { createProcesses } from '../../src/host/processes.ts';
import { createRunner } from '../../src/host/runner.ts';
import { durationMs } from '../../src/model/duration.ts';
import { startDetached } from '../../src/host/detached.ts';
import type { Heartbeat, HeartbeatProbe, HeartbeatTiming } from '../../src/model/heartbeat.ts';
import type { LookHost, LookRequest } from '../../src/verify/look.ts';

/** The parts of the real machine that a look touches. */
export const host: LookHost = {
  clock: createClock(),
  files: createFiles(),
  net: createNet(),
  processes: createProcesses(),
  runner: { ...createRunner(), startDetached },
};

type HttpProbe = Extract<HeartbeatProbe, { kind: 'http' }>;

/** An http heartbeat that expects no more than its defaults do, but for what is given. */
export function httpProbe(
  url: string,
  expected: Partial<Omit<HttpProbe, 'kind' | 'url'>> = {},
): HttpProbe {
  return { kind: 'http', url, ...HTTP_PROBE_DEFAULTS, ...expected };
}

/** What a program that is asked finds, and what it may not show. */
export const scripts: Pick<LookRequest, 'environment' | 'mask'> = {
  environment: { PATH: '/usr/bin:/bin' },
  mask: [],
};

/** A server on loopback for the time of `work`, which gets its port. */
export async function withHttp<T>(
  answer: RequestListener,
  work: (port: number) => Promise<T>,
): Promise<T> {
  return withServer(createServer(answer), work);
}

/** The same over TLS. */
export async function withHttps<T>(
  identity: { readonly key: string; readonly cert: string },
  work: (port: number) => Promise<T>,
): Promise<T> {
  return withServer(
    createTlsServer(identity, (_, response) => response.end('ok')),
    work,
  );
}

async function withServer<T>(server: Server, work: (port: number) => Promise<T>): Promise<T> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    return await work((server.address() as AddressInfo).port);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

/** A port of loopback on which nobody listens. */
export async function closedPort(): Promise<number> {
  return withHttp(
    () => {},
    async (port) => port,
  );
}

/** A heartbeat with the default timing, but for what is given. */
export function heartbeatOf(
  probe: HeartbeatProbe,
  timing: { readonly [K in keyof HeartbeatTiming]?: number } = {},
): Heartbeat {
  const {
    graceMs = 0,
    intervalMs = 20,
    timeoutMs = 2000,
    deadlineMs = 5000,
    stableMs = 0,
    successes = 1,
  } = timing;
  return {
    probe,
    timing: {
      graceMs: durationMs(graceMs),
      intervalMs: durationMs(intervalMs),
      timeoutMs: durationMs(timeoutMs),
      deadlineMs: durationMs(deadlineMs),
      stableMs: durationMs(stableMs),
      successes,
    },
    restart: false,
  };
}
