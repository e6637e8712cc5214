// A kill of each command of a test at each place of it: at its failpoints, and at the entry of its system calls.
import type { FailpointName } from '../../../src/host/failpoint.ts';
import { killGuards } from '../../rig/guards.ts';
import type { World } from '../../rig/world.ts';
import { isTelling, ONE_THREAD, pointsAfter, tracing, wasKilled, type Point } from './calls.ts';
import { each, IS_FULL, metAt, sampleOf } from './engine.ts';
import type { Ended, Engine, StartRequest } from './engine.ts';

/** The nth time that a failpoint is met. */
interface Meeting {
  readonly name: FailpointName;
  readonly count: number;
}

/** What is killed, and where: the nth time that it meets a failpoint, or makes a system call. */
export interface Case<Scene extends string> {
  readonly scene: Scene;
  readonly place: Meeting | Point;
}

/** What is killed everywhere, and what must hold after it. */
export interface Matrix<Scene extends string> {
  readonly engine: Engine;
  /** A server of its own for each kill; a guard that is left on it is ended with it. */
  readonly serverOf: (scene: Scene) => World;
  readonly argsOf: (scene: Scene) => readonly string[];
  readonly faultsAfter: (killed: Ended, struck: Struck<Scene>) => Promise<readonly string[]>;
}

/** A server on which a command was killed. */
export interface Struck<Scene extends string> {
  readonly server: World;
  readonly scene: Scene;
}

/** Each time that each failpoint is met in some scenes. */
export async function failpointsIn<Scene extends string>(
  matrix: Matrix<Scene>,
  scenes: readonly Scene[],
): Promise<readonly Case<Scene>[]> {
  const cases = await each(scenes, async (scene): Promise<readonly Case<Scene>[]> => {
    const server = matrix.serverOf(scene);
    const { root } = server;
    await matrix.engine.startAt('', { root, args: matrix.argsOf(scene) }).ended;
    const met = metAt(root);
    end(server);
    return [...met].flatMap(([name, last]) =>
      Array.from({ length: last }, (_, index) => ({ scene, place: { name, count: index + 1 } })),
    );
  });
  return cases.flat();
}

/** Each system call in some scenes, from the first one that names what bootstrap keeps. */
export async function callsIn<Scene extends string>(
  matrix: Matrix<Scene>,
  scenes: readonly Scene[],
): Promise<readonly Case<Scene>[]> {
  const cases = await each(scenes, async (scene): Promise<readonly Case<Scene>[]> => {
    const server = matrix.serverOf(scene);
    await matrix.engine.start(traced(server, matrix.argsOf(scene))).ended;
    const points = pointsAfter(server, 'var/bootstrap');
    end(server);
    return points.map((place) => ({ scene, place }));
  });
  return cases.flat();
}

function traced(server: World, args: readonly string[], point?: Point): StartRequest {
  return { root: server.root, args, env: ONE_THREAD, through: tracing(server, point) };
}

function end(server: World): void {
  killGuards(server.root);
  server.end();
}

/** All cases in the full form; in the short one so many, evenly spread, and of system calls only those that tell something. */
export function chosen<Scene extends string>(
  all: readonly Case<Scene>[],
  count: number,
): readonly Case<Scene>[] {
  if (IS_FULL) return all;
  return sampleOf(
    all.filter(({ place }) => 'name' in place || isTelling(place)),
    count,
  );
}

/** What came of kills. */
export interface Kills {
  readonly faults: readonly string[];
  /** How many came to pass: what hangs on time may not make a call, or meet a failpoint, a second time. */
  readonly killed: number;
}

/** Kills at each of these places, on a server of its own, and tells what went wrong, sorted; prints the figures. */
export async function killAtEach<Scene extends string>(
  matrix: Matrix<Scene>,
  cases: readonly Case<Scene>[],
  what: string,
): Promise<Kills> {
  const startMs = performance.now();
  const kills = await each(cases, async (found) => await killAt(matrix, found));
  const killed = kills.filter((kill) => kill.killed > 0).length;
  const faults = kills.flatMap((kill) => kill.faults).toSorted();
  const seconds = Math.round((performance.now() - startMs) / 1000);
  console.log(
    `| kill -9 at ${what} | ${cases.length} places, ${killed} killed | ${seconds} s | ${faults.length} faults |`,
  );
  return { faults, killed };
}

/** Kills at one place. */
export async function killAt<Scene extends string>(
  { engine, serverOf, argsOf, faultsAfter }: Matrix<Scene>,
  { scene, place }: Case<Scene>,
): Promise<Kills> {
  const server = serverOf(scene);
  const { root } = server;
  const at = 'name' in place ? `${place.name}:kill@${place.count}` : `${place.call} ${place.count}`;
  const args = argsOf(scene);
  const killed =
    'name' in place
      ? await engine.startAt(at, { root, args }).ended
      : await engine.start(traced(server, args, place)).ended;
  const isKilled = 'name' in place ? killed.signal === 'SIGKILL' : wasKilled(server);
  const faults = await faultsAfter(killed, { server, scene });
  end(server);
  return {
    faults: faults.map((fault) => `${scene}, ${at}: ${fault.replaceAll(root, '')}`),
    killed: isKilled ? 1 : 0,
  };
}
