import { StringDecoder } from 'node:string_decoder';
import type { RunReport, RunRequest } from './host.ts';
import { escapeControls } from '../model/escape.ts';
import { maskOf, type Mask } from './mask.ts';

/** Output of one stream that is handed on line by line: what a person can read of it; a flood is counted, not kept. */
export const HEAD_BYTES_MAX = 64 * 1024;
/** The longest line; what is beyond it is dropped. */
export const LINE_BYTES_MAX = 8 * 1024;
/** A kept stdout is the answer of a probe, a small document, unless the request expects more. */
export const STDOUT_BYTES_MAX = 1024 * 1024;
/** As much of the end as a failure's message can carry and a terminal can show. */
const TAIL_LINES_MAX = 20;
/** The longest line of the tail, in characters. */
export const TAIL_CHARS_MAX = 500;

const NEWLINE = 0x0a;

type Stream = 'stdout' | 'stderr';

/** Takes what a program prints, in memory that does not grow with it. */
export interface Output {
  take(stream: Stream, bytes: Buffer): void;
  /** Ends both streams: a last line without a newline is a line too. */
  end(): Pick<RunReport, 'tail' | 'stdout' | 'droppedBytes'>;
}

/** The output of one program run as `request` says. */
export function createOutput({
  onLine,
  keepStdout,
  stdoutBytesMax = STDOUT_BYTES_MAX,
  mask = [],
}: Pick<RunRequest, 'onLine' | 'keepStdout' | 'stdoutBytesMax' | 'mask'>): Output {
  const masked = maskOf(mask);
  const tail: string[] = [];
  const linesOf = (stream: Stream) =>
    createLines({
      masked,
      onHeadLine: (line) => onLine?.(stream, line),
      onAnyLine(line) {
        tail.push(shorten(line));
        if (tail.length > TAIL_LINES_MAX) tail.shift();
      },
    });
  const lines = { stdout: linesOf('stdout'), stderr: linesOf('stderr') };
  const kept = keepStdout === true ? createText(stdoutBytesMax) : undefined;
  return {
    take(stream, bytes) {
      if (stream === 'stdout') kept?.take(bytes);
      lines[stream].take(bytes);
    },
    end() {
      const dropped = { stdout: lines.stdout.end(), stderr: lines.stderr.end() };
      const { text: stdout, droppedBytes } = kept?.end() ?? {
        text: '',
        droppedBytes: dropped.stdout,
      };
      return { tail, stdout, droppedBytes: droppedBytes + dropped.stderr };
    },
  };
}

function shorten(line: string): string {
  return line.length <= TAIL_CHARS_MAX ? line : `${line.slice(0, TAIL_CHARS_MAX - 1)}…`;
}

interface LineSinks {
  readonly masked: Mask;
  /** Gets the lines of the head only. */
  readonly onHeadLine: (line: string) => void;
  /** Gets the lines of the head, and at least the last TAIL_LINES_MAX of the rest. */
  readonly onAnyLine: (line: string) => void;
}

/** Lines of one stream. Bytes are split before they are decoded, so that no character is cut by how they arrived. */
function createLines({ masked, onHeadLine, onAnyLine }: LineSinks) {
  const line = Buffer.allocUnsafe(LINE_BYTES_MAX);
  let lineBytes = 0; // with those that found no room in `line`
  let headBytes = 0;
  let isHead = true;
  let droppedBytes = 0;

  const append = (bytes: Buffer) => {
    bytes.copy(line, Math.min(lineBytes, LINE_BYTES_MAX));
    lineBytes += bytes.length;
  };
  const finish = (newlineBytes: number) => {
    const keptBytes = Math.min(lineBytes, LINE_BYTES_MAX);
    const cutBytes = lineBytes - keptBytes;
    // Before the escaping, which would change a secret, and before any further cut, which would halve it.
    const kept = masked(line.toString('utf8', 0, keptBytes), { isCut: cutBytes > 0 });
    const text = escapeControls(kept) + (cutBytes > 0 ? '…' : '');
    headBytes += keptBytes + newlineBytes;
    isHead &&= headBytes <= HEAD_BYTES_MAX;
    droppedBytes += isHead ? cutBytes : lineBytes + newlineBytes;
    lineBytes = 0;
    if (isHead) onHeadLine(text);
    onAnyLine(text);
  };
  const skip = (bytes: number) => {
    droppedBytes += lineBytes + bytes;
    lineBytes = 0;
  };

  return {
    take(bytes: Buffer): void {
      let start = isHead ? 0 : startOfLastLines(bytes);
      if (start > 0) skip(start);
      for (let end; (end = bytes.indexOf(NEWLINE, start)) >= 0; start = end + 1) {
        append(bytes.subarray(start, end));
        finish(1);
      }
      append(bytes.subarray(start));
    },
    /** The bytes that were dropped. */
    end(): number {
      if (lineBytes > 0) finish(0);
      return droppedBytes;
    },
  };
}

/** Where the last lines begin that the tail can hold: in a flood the ones before need not even be decoded. 0: all of them fit. */
function startOfLastLines(bytes: Buffer): number {
  let at = bytes.length;
  for (let lines = 0; lines <= TAIL_LINES_MAX && at > 0; lines++)
    at = bytes.lastIndexOf(NEWLINE, at - 1);
  return at > 0 ? at + 1 : 0;
}

function createText(bytesMax: number) {
  const decoder = new StringDecoder('utf8');
  let text = '';
  let roomBytes = bytesMax;
  let droppedBytes = 0;
  return {
    take(bytes: Buffer): void {
      const kept = bytes.subarray(0, roomBytes);
      roomBytes -= kept.length;
      droppedBytes += bytes.length - kept.length;
      text += decoder.write(kept);
    },
    end: () => ({ text: text + decoder.end(), droppedBytes }),
  };
}
