/** What was made, by absolute path. */
interface Gitops {
  readonly root: string;
  readonly repository: string;
  readonly bin: string;
  readonly ports: { readonly store: number; readonly web: number };
}

export function setUpGitops(dir: string): Promise<Gitops>;
