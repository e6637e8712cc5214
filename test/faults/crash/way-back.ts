// What is to hold of a server on which a run failed and went back, wherever that was killed.
import { createHash } from 'node:crypto';
import { newestGood, readGenerations } from '../../../src/app/generations.ts';
import { quarantineSeen } from '../../../src/app/quarantine.ts';
import { readTrial } from '../../../src/app/trial.ts';
import { createFiles } from '../../../src/host/files.ts';
import type { World } from '../../rig/world.ts';
import { journalsOf } from './aftermath.ts';

const files = createFiles();
const RECORDS = ['version', 'repository', 'status', 'settings.json', 'config-digest'];
/** What a product of ./server.ts is on this server, beside its records. */
const BESIDE: Readonly<Record<string, readonly string[]>> = { app: ['etc/app.ini'] };

/** Records and files of products that are not, byte for byte, as on another server. */
export function notAsOn(before: World, server: World, products: readonly string[]) {
  const paths = products.flatMap((product) => [
    ...RECORDS.map((name) => `var/bootstrap/products/${product}/${name}`),
    ...(BESIDE[product] ?? []),
  ]);
  return paths
    .filter((path) => server.text(path) !== before.text(path))
    .map((path) => `${path}: ${brief(server.text(path))} in place of ${brief(before.text(path))}`);
}

function brief(text: string | null): string {
  if (text === null) return 'nothing';
  return text.length < 40 ? JSON.stringify(text) : createHash('md5').update(text).digest('hex');
}

/** Generations of a server that another one has lost or changed. */
export function lostGenerations(before: World, server: World): readonly string[] {
  const kept = readGenerations(files, server.root).map((each) => JSON.stringify(each));
  return readGenerations(files, before.root)
    .filter((each) => !kept.includes(JSON.stringify(each)))
    .map(({ number }) => `generation ${number} is lost`);
}

/** The products that a server has in quarantine, sorted. */
export function quarantined({ root }: World): readonly string[] {
  return Object.keys(quarantineSeen(files, root)).toSorted();
}

/** In how many runs a product failed on the way there, as the journals tell; failures on the way back are none of these. */
export function timesFailed({ root }: World, product: string): number {
  return journalsOf(root).journals.filter((records) => {
    const back = records.findIndex(({ type }) => type === 'rollback');
    const there = back < 0 ? records : records.slice(0, back);
    return there.some(
      (record) =>
        (record.type === 'action' || record.type === 'verified') &&
        record.id.startsWith(`${product}/`) &&
        (record.type === 'action' ? record.verdict === 'failed' : !record.passed),
    );
  }).length;
}

/** The number of the newest good generation of a server; undefined where there is none. */
export function newestGoodNumber({ root }: World): number | undefined {
  return newestGood(files, root)?.number;
}

/** Whether anything on a server is on trial still. */
export function isOnTrial({ root }: World): boolean {
  const trial = readTrial(files, root);
  return !trial.ok || trial.value !== undefined;
}
