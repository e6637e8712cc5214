// node setup.mjs DIR: makes DIR a whole small server, which needs neither root nor a machine of its own.
import { asProgram, fillFolder, freePorts } from '../folder.mjs';

/**
 * Makes `dir`, which must be empty or missing, the root of a server that is ready for its first apply.
 * Ports that are free now take the place of the default ones, unless `ports` says which.
 * Rejects with an error that says what to do where `dir` holds something.
 */
export async function setUpQuickstart(dir, options = {}) {
  const [store, web] = await freePorts(2);
  const ports = options.ports ?? { store, web };
  const server = fillFolder(dir, {
    here: import.meta.url,
    ports: { 18080: ports.store, 18081: ports.web },
  });
  return { ...server, ports };
}

await asProgram(import.meta.url, async (dir) => {
  const { root, ports } = await setUpQuickstart(dir);
  return `${root} is a whole server now. Nothing runs in it yet.
Once it does, its page is http://127.0.0.1:${ports.web}/`;
});
