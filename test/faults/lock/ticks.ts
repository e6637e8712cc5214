/** What a log of `MONOTONIC_NS PID SECTION WHAT` lines proves; their order is that of the writes. */
export interface Verdict {
  readonly sections: number;
  /** Sections entered while the process in another one was alive, or that went on after another was entered. */
  readonly overlaps: readonly string[];
  /** Sections that found the witness of a living process. */
  readonly witnessed: number;
  /** From the kill of a process in its section to the next entry, in milliseconds, sorted. */
  readonly takeoversMs: readonly number[];
  /** Lines that say a contender was refused otherwise than by the end of the test. */
  readonly refusals: readonly string[];
}

interface Section {
  readonly name: string;
  readonly pid: number;
}

/** Judges a log; `killedAt` holds when each killed process was sent its SIGKILL. */
export function judgeTicks(text: string, killedAt: ReadonlyMap<number, bigint>): Verdict {
  const overlaps: string[] = [];
  const takeoversMs: number[] = [];
  const refusals: string[] = [];
  let [sections, witnessed] = [0, 0];
  let open: Section | undefined;
  for (const line of linesOf(text)) {
    const { time, pid, section, what } = line;
    if (what.startsWith('refused')) refusals.push(line.text);
    else if (what === 'witness') witnessed += 1;
    else if (what === 'enter') {
      sections += 1;
      const killed = open === undefined ? undefined : killedAt.get(open.pid);
      if (open !== undefined && (killed === undefined || killed > time))
        overlaps.push(`${line.text} while in ${open.name}`);
      else if (killed !== undefined) takeoversMs.push(Number(time - killed) / 1e6);
      open = { name: section, pid };
    } else if (open?.name !== section) {
      overlaps.push(`${line.text} while in ${open?.name ?? 'none'}`);
    } else if (what === 'leave') open = undefined;
  }
  return { sections, overlaps, witnessed, takeoversMs: sorted(takeoversMs), refusals };
}

// More than one section writes: enough to see who is in there now.
const TAIL_CHARACTERS = 4096;

/** The section that nobody has left yet, by the end of the same log. */
export function openSection(text: string): Section | undefined {
  const tail = text.slice(-TAIL_CHARACTERS);
  const whole = tail.length < text.length ? tail.slice(tail.indexOf('\n') + 1) : tail;
  let open: Section | undefined;
  for (const { pid, section, what } of linesOf(whole)) {
    if (what === 'enter') open = { name: section, pid };
    else if (what === 'leave' && open?.name === section) open = undefined;
  }
  return open;
}

function linesOf(text: string) {
  // The last line may be half written yet.
  const whole = text.slice(0, text.lastIndexOf('\n') + 1);
  return whole
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const [time = '', pid = '', section = '', ...what] = line.split(' ');
      return { text: line, time: BigInt(time), pid: Number(pid), section, what: what.join(' ') };
    });
}

/** The value that so many percent of sorted numbers do not exceed; NaN where there are none. */
export function percentile(sortedNumbers: readonly number[], percent: number): number {
  const index = Math.ceil((sortedNumbers.length * percent) / 100) - 1;
  return sortedNumbers[Math.max(0, index)] ?? Number.NaN;
}

function sorted(numbers: readonly number[]): readonly number[] {
  return numbers.toSorted((a, b) => a - b);
}
