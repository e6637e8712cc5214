import { constants, fstatSync, openSync, writeSync, type Stats } from 'node:fs';
import { errorCode, errorWords } from './system-error.ts';

const STDOUT = 1;
const STDERR = 2;

/** Prints to stdout and stderr of this process; nothing that becomes of what is printed throws. */
export interface Printer {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  /** How wide stdout is; undefined where it is no terminal. */
  columns(): number | undefined;
  /** Calls `told` each time that stdout did not take something; gives back what ends that. */
  onRefused(told: () => void): () => void;
  /** Resolves once nothing is on its way any more. */
  flushed(): Promise<void>;
  /** Why not all of stdout could be printed, in words; undefined where it could, or whoever read it wanted no more. */
  unprinted(): string | undefined;
  /** Whether one of both was a terminal that is not there any more. */
  isTerminalGone(): boolean;
}

/**
 * What prints for this process. Nothing that is printed may end a run half-way: whoever stops reading it, or fills the disk that
 * it is kept on, asks for less output and for nothing else. `bootstrap plan | head` closes the pipe early: that is the reader's choice.
 */
export function createPrinter(): Printer {
  const listeners = new Set<() => void>();
  let unprinted: string | undefined;
  let isTerminalGone = false;
  const err = createOutlet(STDERR, (error) => {
    // There is nobody left to tell.
    isTerminalGone ||= errorCode(error) === 'EIO';
  });
  const out = createOutlet(STDOUT, (error) => {
    isTerminalGone ||= errorCode(error) === 'EIO';
    for (const told of listeners) told();
    if (errorCode(error) === 'EPIPE' || unprinted !== undefined) return;
    unprinted = errorWords(error);
    err.write(`error: not all of it could be printed: ${unprinted}\n`);
  });
  return {
    out: out.write,
    err: err.write,
    columns: () => (isTerminal(STDOUT) ? out.stream().columns : undefined),
    onRefused(told) {
      listeners.add(told);
      return () => listeners.delete(told);
    },
    async flushed() {
      await out.flushed();
      await err.flushed();
    },
    unprinted: () => unprinted,
    isTerminalGone: () => isTerminalGone,
  };
}

type Descriptor = typeof STDOUT | typeof STDERR;

interface Outlet {
  readonly write: (text: string) => void;
  /** Node's stream; what goes wrong with it, whoever writes to it, is heard of. */
  readonly stream: () => NodeJS.WriteStream;
  readonly flushed: () => Promise<void>;
}

/** Writes as far as that makes nobody wait; the rest, and all that comes after it, goes to the stream, which takes 5 ms to load and can wait. */
function createOutlet(descriptor: Descriptor, onError: (error: unknown) => void): Outlet {
  let direct: number | 'none' | undefined;
  let stream: NodeJS.WriteStream | undefined;
  const opened = (): NodeJS.WriteStream => {
    stream ??= (descriptor === STDOUT ? process.stdout : process.stderr).on('error', onError);
    return stream;
  };
  return {
    stream: opened,
    write(text) {
      direct ??= openDirect(descriptor) ?? 'none';
      const bytes = Buffer.from(text);
      let taken = 0;
      try {
        while (direct !== 'none' && taken < bytes.length) taken += writeSync(direct, bytes, taken);
      } catch (thrown) {
        direct = 'none';
        if (errorCode(thrown) !== 'EAGAIN') return onError(thrown);
      }
      if (taken < bytes.length) opened().write(bytes.subarray(taken));
    },
    async flushed() {
      if (stream === undefined) return;
      // What goes to a pipe may still be on its way, and would be cut off at what a pipe holds: 64 KiB (pipe(7)). A write that failed
      // is told some ticks after its callback.
      await new Promise<void>((resolve) => stream?.write('', () => setImmediate(resolve)));
    },
  };
}

/**
 * What can be written to without ever waiting; undefined where there is nothing such. A pipe is opened once more for that: to
 * make the one we were given non-blocking would make it so for everybody who has it.
 */
function openDirect(descriptor: Descriptor): number | undefined {
  try {
    const found = fstatSync(descriptor);
    if (found.isFile() || isMemory(found)) return descriptor;
    return found.isFIFO()
      ? openSync(`/proc/self/fd/${descriptor}`, constants.O_WRONLY | constants.O_NONBLOCK)
      : undefined;
  } catch (thrown) {
    errorWords(thrown);
    return undefined;
  }
}

/** Asked of the system first: to ask the stream is to load it. */
function isTerminal(descriptor: typeof STDOUT): boolean {
  const found = fstatSync(descriptor);
  return found.isCharacterDevice() && !isMemory(found) && process.stdout.isTTY;
}

// null, zero and full: what is written to them is gone at once (devices.txt of Linux).
const MEMORY_DEVICES = 1;

function isMemory(found: Stats): boolean {
  return found.isCharacterDevice() && found.rdev >> 8 === MEMORY_DEVICES;
}
