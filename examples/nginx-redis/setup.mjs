// node setup.mjs DIR: makes DIR a whole server, with ports that are free now and the versions that this machine's apt offers
// today. It installs and starts nothing.
import { asProgram, fillFolder, freePorts, offeredVersion } from '../folder.mjs';

/** Makes `dir`, which must be empty or missing, the root of a server that is ready for its first apply; rejects with an error that says what to do. */
export async function setUpNginxRedis(dir) {
  const versions = { nginx: offeredVersion('nginx'), redis: offeredVersion('redis-server') };
  const [nginx, redis] = await freePorts(2);
  const server = fillFolder(dir, {
    here: import.meta.url,
    ports: { 8080: nginx, 6379: redis },
    versions,
  });
  return { ...server, ports: { nginx, redis }, versions };
}

await asProgram(import.meta.url, async (dir) => {
  const { root, ports } = await setUpNginxRedis(dir);
  return `${root} is a whole server now. Nothing runs in it yet.
Once it does, nginx is at http://127.0.0.1:${ports.nginx}/, and redis at redis-cli -p ${ports.redis}`;
});
