import { once } from 'node:events';
import type { Socket } from 'node:net';
import type { Resolve } from './address-policy.ts';
import { startDeadline } from './deadline.ts';
import type { Address, ConnectRequest, Net, NetResult } from './network.ts';
import { readStart } from './read-start.ts';
import { refuseSocketPath } from './socket-path.ts';

/** The network of this machine. `resolve`, for `visit`, is the system's where none is given. What it needs of Node is loaded by its first use. */
export function createNet(resolve?: Resolve): Net {
  return {
    async get(url, request) {
      const { httpGet } = await import('./http.ts');
      return httpGet(url, request);
    },
    async visit(url, request) {
      const { httpVisit } = await import('./http.ts');
      return httpVisit(url, request, resolve);
    },
    connect: async (to, request) => await withConnection(to, request, async () => undefined),
    ask: async (to, request) =>
      await withConnection(to, request, async (socket) => {
        // Not ended: some take a connection that is closed on one side for one that nobody waits on.
        socket.write(request.text);
        return await readStart(socket, request.answerBytesMax);
      }),
  };
}

async function withConnection<T>(
  to: Address,
  request: ConnectRequest,
  talk: (socket: Socket) => Promise<T>,
): Promise<NetResult<T>> {
  const refusal = 'socket' in to ? refuseSocketPath(to.socket) : undefined;
  if (refusal !== undefined) return { kind: 'error', why: refusal };
  const { Socket } = await import('node:net');
  const deadline = startDeadline(request.timeoutMs, request.signal);
  const socket = new Socket();
  socket.on('error', () => {}); // one that comes after the end of the wait
  const cut = () => socket.destroy(new Error('cut short'));
  deadline.signal.addEventListener('abort', cut);
  try {
    socket.connect('socket' in to ? { path: to.socket } : { host: to.host, port: to.port });
    await once(socket, 'connect', { signal: deadline.signal });
    return { kind: 'answer', value: await talk(socket) };
  } catch (thrown) {
    return deadline.noAnswer(thrown);
  } finally {
    deadline.end();
    socket.destroy();
  }
}
