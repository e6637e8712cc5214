// Runs the tables of this folder: what a server was and is to be, what goes wrong, and what came of it.
// With UPDATE_SCENARIOS=1 what is seen replaces what was expected: read the difference before you believe it.
import { readFileSync, writeFileSync } from 'node:fs';
import { afterAll, describe, expect, test } from 'vitest';
import { parseDocument, Scalar } from 'yaml';
import { until } from '../host/until.ts';
import { startCli, type Ran } from '../rig/cli.ts';
import { leftRunning, type FileTexts, type World } from '../rig/world.ts';
import { observe } from './observe.ts';
import { newServer, type Beat, type Name, type Server } from './server.ts';

type Wish = Readonly<Partial<Record<Name, string | Readonly<Record<string, unknown>>>>>;

interface Case {
  readonly name: string;
  readonly policy?: 'rollback' | 'stop' | 'continue';
  readonly ini?: Readonly<Partial<Record<Name, string>>>;
  readonly beats?: Readonly<Partial<Record<Name, Beat>>>;
  /** Over the timing of every heartbeat; a deadline only over that of versions that something befalls. */
  readonly timing?: Readonly<Record<string, unknown>>;
  readonly put?: FileTexts;
  /** What is applied at first, with nothing amiss; null: nothing. */
  readonly was: (Wish & { readonly mode?: string }) | null;
  readonly steps: readonly Step[];
}

/** One apply, or another command line, and what is done before it. What is left out is as in the step before. */
interface Step {
  readonly is?: Wish & { readonly mode?: string };
  /** Lines for the file `faults`. */
  readonly faults?: readonly string[];
  readonly put?: FileTexts;
  /** Kills what runs of it, which leaves no pid file behind. */
  readonly dies?: Name;
  /** Kills what runs on the server, as a reboot does, and makes the lock one of the boot before. */
  readonly reboot?: true;
  /** The section that bootstrap.ini loses. */
  readonly without?: Name;
  /** Kills the engine once stdout has this, a regular expression. */
  readonly kill?: string;
  /** The words after `bootstrap`. */
  readonly run?: string;
  /** Sends SIGINT once stdout or the calls have this, a regular expression; then the file `gate` is there. */
  readonly interrupt?: string;
  readonly see: string;
}

const rewrites = process.env['UPDATE_SCENARIOS'] === '1';
const TIMING = { interval: '20ms', timeout: '5s' };
/** Of a version that fails, each time waited for to the end; of all others enough for a machine on which all else runs too. */
const DEADLINE = { failing: '600ms', well: '5s' };

/** Makes a test of each case of a table. */
export function runTable(path: string): void {
  const document = parseDocument(readFileSync(path, 'utf8'));
  const cases = document.toJS() as readonly Case[];
  describe.concurrent(path, () => {
    test.each(cases.map((each, index) => [each.name, each, index] as const))(
      '%s',
      async (_, each, index) => {
        const server = await newServer({ ini: each.ini ?? {}, beats: each.beats ?? {} });
        try {
          await runCase(server, each, (nth, seen, step) => {
            if (rewrites) document.setIn([index, 'steps', nth, 'see'], block(seen));
            else expect(seen, `step ${nth + 1}`).toBe(step.see);
          });
        } finally {
          server.world.end();
        }
      },
    );
    afterAll(() => {
      if (!rewrites) return;
      const text = document.toString({
        lineWidth: 0,
        singleQuote: true,
        flowCollectionPadding: false,
      });
      writeFileSync(path, text);
    });
  });
}

async function runCase(
  server: Server,
  { was, put = {}, policy = 'rollback', beats = {}, timing = {}, steps }: Case,
  look: (nth: number, seen: string, step: Step) => void,
): Promise<void> {
  const { world } = server;
  const revisions: string[] = [];
  const befalls = steps.flatMap((step) => step.faults ?? []);
  const wish = (of: Wish): string => desired(server, of, { policy, beats, timing, befalls });
  world.put({ ...put, 'desired-state.yaml': wish(was ?? {}) });
  hideSecret(world);
  if (was !== null) {
    const ran = await startCli(world, ['apply', '--yes', '--parallelism', '1']).ended;
    expect(ran, 'the first apply').toMatchObject({ exitCode: 0 });
    observe(world, ran, revisions);
  }
  for (const [nth, step] of steps.entries()) {
    const { is, faults } = step;
    if (is !== undefined) world.put({ 'desired-state.yaml': wish(is) });
    if (faults !== undefined) world.put({ faults: faults.map((line) => `${line}\n`).join('') });
    if (step.dies !== undefined) await end(world, step.dies);
    world.put({ ...step.put, log: '' });
    hideSecret(world);
    if (step.without !== undefined) drop(world, step.without);
    if (step.reboot) reboot(world);
    look(nth, observe(world, await runStep(world, step), revisions), step);
  }
}

async function runStep(world: World, { run = 'apply', interrupt, kill }: Step): Promise<Ran> {
  const [command = '', ...words] = run.split(' ');
  const running = startCli(world, [
    command,
    ...words,
    '--yes',
    '--parallelism',
    '1',
    '--format',
    'json',
  ]);
  if (kill !== undefined) {
    const isThere = new RegExp(kill);
    await until(() => isThere.test(running.stdout()));
    running.kill('SIGKILL');
  }
  if (interrupt !== undefined) {
    const isThere = new RegExp(interrupt);
    await until(() => isThere.test(running.stdout()) || isThere.test(world.text('log') ?? ''));
    running.kill('SIGINT');
    await until(() => running.stderr().includes('SIGINT'));
    world.put({ gate: '' });
  }
  return await running.ended;
}

function drop(world: World, name: Name): void {
  const path = 'etc/bootstrap/bootstrap.ini';
  const sections = (world.text(path) ?? '').split(/^(?=\[)/m);
  world.put({ [path]: sections.filter((text) => !text.startsWith(`[product: ${name}]`)).join('') });
}

async function end(world: World, name: Name): Promise<void> {
  const pid = Number(world.text(`run/${name}.pid`));
  process.kill(pid, 'SIGKILL');
  await until(() => !leftRunning(world.root).includes(pid));
  world.put({ [`run/${name}.pid`]: null });
}

function reboot(world: World): void {
  for (const pid of leftRunning(world.root)) process.kill(pid, 'SIGKILL');
  for (const path of world.list().filter((each) => each.startsWith('run/bootstrap/lock'))) {
    const text = world.text(path) ?? '';
    if (text.includes('bootId'))
      world.put({ [path]: text.replace(/("bootId": ?")[^"]*/, '$1before') });
  }
}

interface Around extends Pick<Case, 'policy'> {
  readonly beats: NonNullable<Case['beats']>;
  readonly timing: NonNullable<Case['timing']>;
  /** The faults of all steps. */
  readonly befalls: readonly string[];
}

function desired(
  { ports }: Server,
  wish: Case['was'] & object,
  { policy, beats, timing, befalls }: Around,
): string {
  const { mode = 'production', ...products } = wish;
  const specs = Object.entries(products).map(([key, value]) => {
    const name = key as Name;
    const { beat = beats[name], ...spec } =
      typeof value === 'string' ? { version: value } : (value as Readonly<Record<string, unknown>>);
    const heartbeat = heartbeats(name, beat as Beat | undefined, ports[name]);
    const fault = `${name} run ${String(spec['version'])} `;
    const deadline = befalls.some((line) => line.startsWith(fault))
      ? (timing['deadline'] ?? DEADLINE.failing)
      : DEADLINE.well;
    const timed = heartbeat.map((each) => ({ ...each, ...TIMING, ...timing, deadline }));
    return [name, { ...spec, ...(timed.length === 0 ? {} : { heartbeat: timed }) }];
  });
  return JSON.stringify({
    apiVersion: 'bootstrap/v1',
    server: { mode },
    policy: { onFailure: policy },
    products: Object.fromEntries(specs),
  });
}

function heartbeats(name: Name, beat: Beat | undefined, port = 0): readonly object[] {
  const http = { http: `http://127.0.0.1:${port}/`, body: '^version' };
  const process = { process: `/run/${name}.pid` };
  switch (beat) {
    case undefined:
      return [];
    case 'file':
      return [{ file: `/run/${name}.beat` }];
    case 'process':
      return [process];
    case 'http':
      return [http];
    case 'tcp':
      return [{ tcp: `127.0.0.1:${port}` }];
    case 'http+process':
      return [http, process];
  }
}

function block(text: string): Scalar<string> {
  const scalar = new Scalar(text);
  scalar.type = Scalar.BLOCK_LITERAL;
  return scalar;
}

// One that everybody can read is refused.
function hideSecret(world: World): void {
  if (world.text('run/secret') !== null) world.chmod({ 'run/secret': '0600' });
}
