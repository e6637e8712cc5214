/** A line that a script of server.ts wrote. */
export interface ScriptLine {
  readonly what: string;
  readonly pid: number;
  readonly runId: string;
  readonly product: string;
  /** `PRODUCT KIND ARGS`. */
  readonly call: string;
}

/** What the scripts wrote, in order. */
export function scriptLines(log: string | null): readonly ScriptLine[] {
  return (log ?? '')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const [what = '', pid = '', runId = '', product = '', ...words] = line.split(' ');
      return { what, pid: Number(pid), runId, product, call: [product, ...words].join(' ').trim() };
    });
}
