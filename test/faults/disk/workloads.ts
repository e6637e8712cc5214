// What is written to a disk under test, step by step, and what the engine's own readers must find there at any time.
import { readActual } from '../../../src/actual/read.ts';
import { createRecords } from '../../../src/apply/records.ts';
import type { AppendLog, Files } from '../../../src/host/host.ts';
import { createFiles } from '../../../src/host/files.ts';
import { createNodeHost } from '../../../src/host/node-host.ts';
import { ALLOWED_BY_DEFAULT } from '../../../src/model/address.ts';
import type { ServerDefinition } from '../../../src/model/definition.ts';
import { durationMs } from '../../../src/model/duration.ts';
import type { Failure } from '../../../src/model/failure.ts';
import { hostPath, type HostPath } from '../../../src/model/ids.ts';
import { layoutOf } from '../../../src/model/layout.ts';
import { ok, type Result } from '../../../src/model/result.ts';
import type { StatusDocument } from '../../../src/model/status.ts';
import { readStatusFile, writeStatusFile } from '../../../src/report/status-file.ts';
import { named, versioned } from '../../core/states.ts';
import { createMemoryDisk } from './memory-disk.ts';

type Outcome = Result<void, Failure>;

/** Something that is written in steps, each called done when it returns. */
export interface Workload {
  readonly name: string;
  /** What is on the disk before; durable. */
  readonly prepare: (files: Files) => Outcome | Promise<Outcome>;
  readonly steps: (files: Files, run: number) => readonly (() => Outcome | Promise<Outcome>)[];
  /** What is wrong with what the readers find, when so many steps were called done and no more than one was begun after. */
  readonly problems: (files: Files, done: number, run: number) => Promise<readonly string[]>;
}

/** What the readers find, by name. */
type View = Readonly<Record<string, string>>;

interface Viewed extends Omit<Workload, 'problems'> {
  readonly look: (files: Files) => Promise<View>;
  /** What may not be found together, though each of it might. */
  readonly clash?: (view: View) => boolean;
}

/** A workload of which each thing that can be read is either as the last step left it or as the step after it leaves it. */
async function viewed({ look, clash, ...work }: Viewed): Promise<Workload> {
  const files = createFiles(createMemoryDisk());
  must(await work.prepare(files));
  const views = [await look(files)];
  for (const step of work.steps(files, 1)) {
    must(await step());
    views.push(await look(files));
  }
  return {
    ...work,
    problems: async (found, done) => {
      const view = await look(found);
      const [before = {}, after = before] = views.slice(done);
      const strange = Object.entries(view)
        .filter(([name, value]) => value !== before[name] && value !== after[name])
        .map(([name, value]) => `${name} is ${value}, not ${before[name]} or ${after[name]}`);
      return clash?.(view) === true ? [...strange, JSON.stringify(view)] : strange;
    },
  };
}

function must(result: Outcome): void {
  if (!result.ok) throw new Error(JSON.stringify(result.error));
}

const WEB = named('web');
const SETTINGS = { port: 8080, tls: { key: 'sealed' } };
const PLAIN_BITS = { modeBits: 0o644 };

const definition: ServerDefinition = {
  file: '/etc/bootstrap/bootstrap.ini',
  root: '',
  serverType: undefined,
  scriptPath: '/usr/bin',
  callbackAllow: ALLOWED_BY_DEFAULT,
  products: new Map([
    [
      WEB,
      {
        name: WEB,
        place: { file: '/etc/bootstrap/bootstrap.ini', line: 1, column: 1 },
        scripts: new Map(),
        config: undefined,
        settingsSchema: undefined,
        heartbeats: [],
        dependsOn: [],
        timeoutMs: durationMs(1000),
        rollback: true,
        idempotent: true,
      },
    ],
  ]),
};

const machine = createNodeHost();

async function lookAtProduct(files: Files): Promise<View> {
  const actual = await readActual(
    { ...machine, files },
    {
      definition,
      products: [WEB],
      probe: { root: '', environment: () => ({}), mask: [] },
    },
  );
  const product = actual.products.get(WEB);
  const { version, repository, status, applied, written, lastMessage } = product ?? {};
  const facts = { version, repository, status, applied, written, lastMessage };
  const all = { ...facts, protected: product?.protected, mode: actual.mode };
  return Object.fromEntries(
    Object.entries(all).map(([name, fact]) => [name, JSON.stringify(fact)]),
  );
}

/** One file replaced again and again, in folders that are not there at first. */
const replacing = (path: HostPath): Promise<Workload> =>
  viewed({
    name: 'Files.replace',
    prepare: () => ok(undefined),
    steps: (files) => [
      () => files.makeFolder(hostPath('', path.slice(0, path.lastIndexOf('/')))),
      ...[1, 2, 3].map((n) => () => files.replace(path, `{"generation":${n}}\n`, PLAIN_BITS)),
      () => files.remove(path),
      () => files.replace(path, '{"generation":4}\n', PLAIN_BITS),
    ],
    look: (files) => Promise.resolve({ text: JSON.stringify(files.read(path)) }),
  });

/** A file that is taken away. */
const removing = (path: HostPath): Promise<Workload> =>
  viewed({
    name: 'Files.remove',
    prepare: (files) => {
      const folder = files.makeFolder(hostPath('', path.slice(0, path.lastIndexOf('/'))));
      return folder.ok ? files.replace(path, 'old\n', PLAIN_BITS) : folder;
    },
    steps: (files) => [() => files.remove(path)],
    look: (files) => Promise.resolve({ text: JSON.stringify(files.read(path)) }),
  });

/** All that an apply puts on record of a product, from its first start to its upgrade. */
const recording = (): Promise<Workload> =>
  viewed({
    name: 'records of a product',
    prepare: (files) => createRecords(files, { root: '', sealed: ok }).mode('idle'),
    steps: (files) => {
      const records = createRecords(files, { root: '', sealed: ok });
      const product = (deed: Omit<Parameters<typeof records.product>[0], 'do' | 'product'>) => () =>
        records.product({ do: 'record-product', product: WEB, ...deed });
      return [
        product({ status: 'upgrading' }),
        product({
          repository: 'bookworm',
          version: versioned('1.0'),
          settings: SETTINGS,
          configDigest: 'a1',
          protect: true,
        }),
        product({ status: 'valid' }),
        () => records.mode('production'),
        product({ status: 'upgrading' }),
        product({
          version: versioned('2.0'),
          repository: 'trixie',
          configDigest: 'b2',
          settings: {},
          status: 'valid',
        }),
        () => records.invalid(WEB, 'it would not start'),
        () => records.serverInvalid('web would not start'),
      ];
    },
    look: lookAtProduct,
    // The repository is never older than the version, and neither is once all is said to be well.
    clash: ({ version = '', repository = '', status = '' }) =>
      (version.includes('2.0') && repository.includes('bookworm')) ||
      (status.includes('valid') && repository.includes('trixie') && version.includes('1.0')),
  });

/** A product goes off the record, comes again and goes again, with its folder, in one run. */
const forgetting = (): Promise<Workload> =>
  viewed({
    name: 'forgetting a product',
    prepare: (files) =>
      createRecords(files, { root: '', sealed: ok }).product({
        do: 'record-product',
        product: WEB,
        status: 'valid',
        repository: 'r',
        version: versioned('1.0'),
        settings: SETTINGS,
        configDigest: 'a1',
        protect: false,
      }),
    steps: (files) => {
      const records = createRecords(files, { root: '', sealed: ok });
      const forget = () => records.forget(WEB);
      const come = () =>
        records.product({ do: 'record-product', product: WEB, version: versioned('2.0') });
      return [forget, come, forget, come];
    },
    look: async (files) => ({ ...(await lookAtProduct(files)) }),
    clash: ({ version = '', status = '', applied = '' }) =>
      version.includes('absent') && (!status.includes('absent') || !applied.includes('absent')),
  });

/** The status of the server, as each run leaves it. */
const reporting = (): Promise<Workload> => {
  const { statusFile } = layoutOf('');
  return viewed({
    name: 'status.json',
    prepare: () => ok(undefined),
    steps: (files) =>
      [1, 2, 3].map((n) => () => writeStatusFile(files, statusFile, statusNumber(n))),
    look: (files) => Promise.resolve({ status: JSON.stringify(readStatusFile(files, statusFile)) }),
  });
};

function statusNumber(generation: number): StatusDocument {
  return {
    schema: 'bootstrap.status/1',
    mode: { desired: 'production', actual: 'production' },
    generation,
    observedGeneration: generation,
    lastAttemptedRevision: null,
    lastAppliedRevision: null,
    lastGoodRevision: null,
    conditions: [],
    products: {},
  };
}

/** The lines of a log, by what is given at the same time. */
const LINES = [[1], [2], [3, 4, 5], [6, 7], [8]].map((together) =>
  together.map((seq) => JSON.stringify({ seq, what: 'x'.repeat(3 * seq) })),
);

/** A journal. A kill leaves it as it is: the next run begins one of its own. */
function appending(folder: HostPath): Promise<Workload> {
  const pathOf = (run: number): HostPath => hostPath('', `${folder}/${run}.ndjson`);
  return Promise.resolve({
    name: 'AppendLog',
    prepare: () => ok(undefined),
    steps: (files, run) => {
      let log: AppendLog | undefined;
      const begin = (): Result<void, Failure> => {
        const made = files.createLog(pathOf(run));
        if (made.ok) log = made.value;
        return made.ok ? ok(undefined) : made;
      };
      const add = async (together: readonly string[]): Promise<Outcome> => {
        const appended = await Promise.all(together.map(async (line) => await log?.append(line)));
        return appended.find((each) => each?.ok === false) ?? ok(undefined);
      };
      return [begin, ...LINES.map((together) => () => add(together))];
    },
    problems: (files, done, run) => {
      const found = files.read(pathOf(run));
      if (found.kind === 'absent')
        return Promise.resolve(done === 0 ? [] : ['the log is not there']);
      // A length without its data is zeros, which are UTF-8.
      if (found.kind === 'unreadable') return Promise.resolve([found.why]);
      const lines = found.value.split('\n');
      const durable = LINES.slice(0, Math.max(0, done - 1)).flat();
      const lost = durable.filter((text, index) => lines[index] !== text);
      return Promise.resolve(lost.map((text) => `${text} is lost`));
    },
  });
}

/** Everything that is kept under /var/bootstrap, written in its way. */
export const ALL_WORKLOADS: Promise<readonly Workload[]> = Promise.all([
  replacing(hostPath('', '/var/bootstrap/a/state.json')),
  removing(hostPath('', '/var/bootstrap/a/state.json')),
  recording(),
  forgetting(),
  reporting(),
  appending(hostPath('', '/var/bootstrap/runs')),
]);
