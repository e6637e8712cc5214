/** Numbers for temporary files, each given once. */
export type NextTemp = () => number;

/** `.NAME.PID-N.tmp`: hidden, and telling whose it is. */
export function tempName(name: string, number: number): string {
  return `.${name}.${process.pid}-${number}.tmp`;
}

/** The pid in a name of exactly this shape; undefined for any other name. */
export function pidInTempName(name: string): number | undefined {
  const [, pid] = /^\..+\.([1-9]\d{0,9})-[1-9]\d*\.tmp$/s.exec(name) ?? [];
  return pid === undefined ? undefined : Number(pid);
}
