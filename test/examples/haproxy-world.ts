// A world for the tests of the HAProxy example: the real one, installed by the example's own script.
import { connect } from 'node:net';
import { CHECKOUT } from './cli.ts';
import { openMachine, type Machine } from './machine.ts';

/** An installation over a slow line. */
export const INSTALL_TIMEOUT_MS = 180_000;
/** HAProxy answers at once, or not at all. */
export const SOCKET_TIMEOUT_MS = 5_000;
const FOLDER = '/tmp/gateway';

/** A server with HAProxy on a machine of its own. */
export interface World {
  readonly machine: Machine;
  readonly bootstrap: Machine['bootstrap'];
  readonly ports: { readonly public: number; readonly health: number };
  /** The version that apt offers, and another one where it offers two. */
  readonly version: string;
  readonly other: string | undefined;
  readonly root: string;
  readonly desired: string;
}

/** In a folder. */
export async function openFolder(): Promise<World> {
  const machine = await openMachine();
  const setup = `
    import { setUpHaproxy } from '${CHECKOUT}/examples/haproxy/setup.mjs';
    console.log(JSON.stringify(await setUpHaproxy('${FOLDER}')));`;
  const made = await machine.must(process.execPath, '--input-type=module', '--eval', setup);
  const { ports, version } = JSON.parse(made) as Pick<World, 'ports' | 'version'>;
  const offered = await machine.must('apt-cache', 'madison', 'haproxy');
  const others = [...offered.matchAll(/\| (\S+) \|/g)].map(([, found]) => found);
  return {
    machine,
    bootstrap: async (command = '', ...words) =>
      await machine.bootstrap(
        command,
        '--root',
        FOLDER,
        '-f',
        `${FOLDER}/desired-state.yaml`,
        ...words,
      ),
    ports,
    version,
    other: others.find((found) => found !== version),
    root: FOLDER,
    desired: `${FOLDER}/desired-state.yaml`,
  };
}

/** On `/`, as the example's README has it, but with the ports that are free. */
export async function openServer(): Promise<World> {
  const world = await openFolder();
  const { machine } = world;
  await machine.must('cp', '-r', `${FOLDER}/etc/bootstrap`, '/etc/');
  await machine.must('cp', '-r', `${FOLDER}/srv/packages`, '/srv/');
  await machine.must('cp', world.desired, '/etc/bootstrap/');
  await machine.must('rm', '-r', FOLDER);
  const desired = '/etc/bootstrap/desired-state.yaml';
  return { ...world, bootstrap: machine.bootstrap, root: '', desired };
}

/** The version that dpkg has. */
export async function installed(machine: Machine): Promise<string> {
  return await machine.must('dpkg-query', '-W', '-f', '${Version}', 'haproxy');
}

/** The pid that HAProxy wrote down. */
export async function masterPid({ machine, root }: World): Promise<string> {
  return (await machine.must('cat', `${root}/run/haproxy.pid`)).trim();
}

/** HAProxy's own words about itself: `show info` on its stats socket (management guide, 9.3). */
export async function showInfo({ machine, root }: World): Promise<ReadonlyMap<string, string>> {
  const socket = connect(machine.outside(`${root}/run/haproxy.sock`)).setEncoding('utf8');
  socket.setTimeout(SOCKET_TIMEOUT_MS, () => socket.destroy(new Error('no answer')));
  socket.write('show info\n');
  let text = '';
  for await (const chunk of socket) text += String(chunk);
  return new Map(
    [...text.matchAll(/^(\w+): (.*)$/gm)].map(([, key = '', value = '']) => [key, value]),
  );
}

/** What the proxy answers. */
export async function page(port: number): Promise<string> {
  const answer = await fetch(`http://127.0.0.1:${port}/`, {
    signal: AbortSignal.timeout(SOCKET_TIMEOUT_MS),
  });
  return await answer.text();
}

/** True where it answers at all. */
export async function answers(port: number): Promise<boolean> {
  return await page(port).then(
    () => true,
    () => false,
  );
}
