// node setup.mjs DIR: makes DIR a whole server, with ports that are free now and the version of haproxy that this
// machine's apt offers today. It installs and starts nothing.
import { join, resolve } from 'node:path';
import { asProgram, fillFolder, freePorts, offeredVersion } from '../folder.mjs';

/** HAProxy takes 97 bytes for a Unix socket's path: the kernel's 108 less its own suffix for the file it renames into place. */
const SOCKET_PATH_BYTES_MAX = 97;

/**
 * Makes `dir`, which must be empty or missing, the root of a server that is ready for its first apply. `version` and `ports`
 * are, unless given, what apt offers and what is free. Rejects with an error that says what to do: `dir` holds something or
 * lies too deep, or apt knows no haproxy.
 */
export async function setUpHaproxy(dir, options = {}) {
  refuseDeepRoot(resolve(dir));
  const version = options.version ?? offeredVersion('haproxy');
  const [clients, health, backend] = await freePorts(3);
  const ports = options.ports ?? { public: clients, health, backend };
  const server = fillFolder(dir, {
    here: import.meta.url,
    ports: { 8080: ports.public, 8404: ports.health, 9000: ports.backend },
    versions: { haproxy: version },
  });
  return { ...server, ports, version };
}

function refuseDeepRoot(root) {
  const longest = join(root, 'run/haproxy-master.sock');
  if (Buffer.byteLength(longest) > SOCKET_PATH_BYTES_MAX) {
    throw new Error(
      `${longest} is too long for HAProxy (at most ${SOCKET_PATH_BYTES_MAX} bytes): choose a folder nearer to /`,
    );
  }
}

await asProgram(import.meta.url, async (dir) => {
  const { root, ports, version } = await setUpHaproxy(dir);
  return `${root} is a whole server now. Nothing runs in it yet.
Once it does, haproxy ${version} is at http://127.0.0.1:${ports.public}/, its health at http://127.0.0.1:${ports.health}/healthz`;
});
