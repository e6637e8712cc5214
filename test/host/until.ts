const POLL_MS = 5;
const DEADLINE_MS = 30_000;

/** Resolves when `holds` does; rejects after half a minute, or what `holds` is given to wait at most. */
export async function until(holds: () => boolean, deadlineMs = DEADLINE_MS): Promise<void> {
  const endMs = performance.now() + deadlineMs;
  while (!holds()) {
    if (performance.now() > endMs)
      throw new Error(`still not after ${deadlineMs} ms: ${String(holds)}`);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}
