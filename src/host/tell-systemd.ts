import { spawn } from 'node:child_process';

/** systemd-notify(1) waits up to 5 s until systemd has read what it was told (sd_notify_barrier(3)); one that takes longer hangs. */
const TIMEOUT_MS = 10_000;

/** What is said, and where. */
export interface Message {
  readonly socket: string;
  /** As `READY=1` (sd_notify(3)). */
  readonly assignments: readonly string[];
}

/** Tells systemd by its own program; resolves when it was told, or could not be, within ten seconds. What it does not hear it judges itself. */
export async function tellSystemd(
  program: string,
  { socket, assignments }: Message,
): Promise<void> {
  await new Promise<void>((resolve) => {
    const child = spawn(program, assignments, {
      cwd: '/',
      env: { NOTIFY_SOCKET: socket },
      stdio: 'ignore',
      timeout: TIMEOUT_MS,
      killSignal: 'SIGKILL',
    });
    child.once('error', () => resolve());
    child.once('exit', () => resolve());
  });
}
