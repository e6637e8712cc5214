import { once } from 'node:events';
import type { Resolve } from './address-policy.ts';
import { startDeadline } from './deadline.ts';
import type { Net } from './host.ts';

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
    connect,
  };
}

const connect: Net['connect'] = async (host, port, request) => {
  const { Socket } = await import('node:net');
  const deadline = startDeadline(request.timeoutMs, request.signal);
  const socket = new Socket();
  socket.on('error', () => {}); // one that comes after the end of the wait
  try {
    socket.connect({ host, port });
    await once(socket, 'connect', { signal: deadline.signal });
    return { kind: 'answer', value: undefined };
  } catch (thrown) {
    return deadline.noAnswer(thrown);
  } finally {
    deadline.end();
    socket.destroy();
  }
};
