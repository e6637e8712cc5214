import type { World } from '../../rig/world.ts';
import type { Receiver } from '../../callbacks/receiver.ts';

interface Line {
  readonly type: string;
  readonly runId?: string;
  readonly outcome?: string;
}

/** What the journals of a server say: how each run that began ended, undefined where nobody knows. */
export type Runs = Map<string, string | undefined>;

/** Learns what the journals say by now; the oldest are removed when there are many. */
export function learnRuns(world: World, runs: Runs): void {
  const journals = world.list().filter((path) => /^var\/bootstrap\/runs\/.*\.ndjson$/.test(path));
  for (const path of journals) {
    const lines = (world.text(path) ?? '').split('\n').slice(0, -1);
    const records = lines.map((line) => JSON.parse(line) as Line);
    const [begin] = records;
    if (begin?.runId === undefined) continue;
    runs.set(begin.runId, records.find(({ type }) => type === 'end')?.outcome);
  }
}

interface Told {
  readonly type: string;
  readonly sequence: string;
}

/** What is wrong with what a receiver took, given what the journals say and how many events were counted; [] where nothing is. */
export function faultsOf(receiver: Receiver, runs: Runs, counted: number): readonly string[] {
  const events = new Map<string, Told>();
  const bodies = new Map<string, string>();
  const faults: string[] = [];
  for (const { headers, body } of receiver.got) {
    const id = String(headers['webhook-id']);
    if (bodies.has(id) && bodies.get(id) !== body) faults.push(`${id} came with another body`);
    bodies.set(id, body);
  }
  const taken = new Set(receiver.ids());
  for (const [id, body] of bodies) if (taken.has(id)) events.set(id, JSON.parse(body) as Told);
  for (const [runId, outcome] of runs) {
    if (!events.has(`${runId}.1`)) faults.push(`${runId}: its start was lost`);
    const end = events.get(`${runId}.2`)?.type.split('.')[3];
    if (end !== KIND[outcome ?? 'interrupted'])
      faults.push(
        `${runId}: it ended as ${outcome ?? 'nobody knows'}, and was told as ${end ?? 'nothing'}`,
      );
  }
  const sequences = [...events.values()]
    .map(({ sequence }) => Number(sequence))
    .toSorted((a, b) => a - b);
  const gaps = sequences.filter((sequence, index) => sequence !== index + 1);
  if (gaps.length > 0) faults.push(`counted twice, or not at all: ${gaps.slice(0, 5).join(', ')}`);
  if (sequences.length !== counted)
    faults.push(`${counted} events were counted, ${sequences.length} taken`);
  return faults;
}

const KIND: Readonly<Record<string, string>> = {
  changed: 'succeeded',
  'in-sync': 'succeeded',
  failed: 'failed',
  refused: 'failed',
  'rolled-back': 'rolledback',
  interrupted: 'interrupted',
};

/** The number of the last event of a server. */
export function countedBy(world: World): number {
  const record = JSON.parse(world.text('var/bootstrap/callbacks.json') ?? '{}') as {
    readonly sequence?: number;
  };
  return record.sequence ?? 0;
}

/** How often something came that had been taken before. */
export function duplicatesOf(receiver: Receiver): number {
  return receiver.ids().length - new Set(receiver.ids()).size;
}
