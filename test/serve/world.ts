import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';
import { createNodeHost } from '../../src/host/node-host.ts';
import type { ListenAddress } from '../../src/serve/address.ts';
import type { Route } from '../../src/serve/route.ts';
import { startServer } from '../../src/serve/server.ts';

/** This machine. */
export const host = createNodeHost();
/** A port of loopback that nobody has. */
const ANY_PORT: ListenAddress = { kind: 'port', host: '127.0.0.1', port: 0 };

/** A server that runs. */
export interface Running {
  readonly url: string;
  readonly port: number;
  /** What it had to tell an operator. */
  readonly reports: readonly string[];
  readonly close: () => Promise<void>;
}

/** A server with these routes; it ends with the test. */
export async function serving(routes: readonly Route[], address = ANY_PORT): Promise<Running> {
  const reports: string[] = [];
  const started = await startServer(host, address, {
    routes,
    report: (problem) => reports.push(problem),
  });
  if (!started.ok) throw new Error(JSON.stringify(started.error));
  const { address: url, close } = started.value;
  onTestFinished(close);
  const port = address.kind === 'port' ? Number(new URL(url).port) : 0;
  return { url, port, reports, close };
}

/** A connection on which what was received so far can be read; it ends with the test. */
export interface Wire {
  readonly socket: Socket;
  readonly received: () => string;
  readonly isClosed: () => boolean;
}

/** Connects, and says this as it stands. */
export async function wireTo(to: number | string, said = ''): Promise<Wire> {
  const socket = typeof to === 'number' ? connect(to, '127.0.0.1') : connect(to);
  let [text, closed] = ['', false];
  socket.setEncoding('latin1').on('data', (more: string) => (text += more));
  socket.on('error', () => {}).on('close', () => (closed = true));
  onTestFinished(() => {
    socket.destroy();
  });
  await once(socket, 'connect');
  socket.write(said);
  return { socket, received: () => text, isClosed: () => closed };
}
