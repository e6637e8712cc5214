import { closeSync } from 'node:fs';

/** Lets go of a terminal that is gone: Node would put its settings back when it ends, and abort because it cannot (node::ResetStdio). */
export function letGoOfTerminal(): void {
  for (const descriptor of [0, 1, 2]) {
    try {
      closeSync(descriptor);
    } catch {
      // It was closed before.
    }
  }
}
