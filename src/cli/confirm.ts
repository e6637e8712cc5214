/** Asks on the terminal whether to go on: only `yes` is. Without a terminal nobody can say so. */
export async function askToApply(signal: AbortSignal): Promise<'yes' | 'declined' | 'no-terminal'> {
  if (!process.stdin.isTTY || !process.stdout.isTTY) return 'no-terminal';
  const { createInterface } = await import('node:readline/promises');
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  // Ctrl-C at the prompt is an interrupt of the run, as anywhere else.
  terminal.on('SIGINT', () => process.kill(process.pid, 'SIGINT'));
  try {
    const answer = await terminal.question("Do this? Only 'yes' is taken as yes: ", { signal });
    return answer.trim() === 'yes' ? 'yes' : 'declined';
  } catch {
    // Interrupted, or the terminal is gone: the caller's signal says which.
    return 'declined';
  } finally {
    terminal.close();
  }
}
