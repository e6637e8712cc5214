declare global {
  /** Set by the bundle (.build/cached-chunks.cjs). */
  var __holdChunks: (() => void) | undefined;
}

/** Keeps all that this process may still load as it is now: while it runs, another build of bootstrap may take its place on disk. */
export function holdProgram(): void {
  globalThis.__holdChunks?.();
}
