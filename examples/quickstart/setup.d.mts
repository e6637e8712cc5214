interface Ports {
  readonly store: number;
  readonly web: number;
}

export function setUpQuickstart(
  dir: string,
  options?: { readonly ports?: Ports },
): Promise<{ readonly root: string; readonly desiredFile: string; readonly ports: Ports }>;
