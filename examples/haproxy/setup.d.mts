interface Ports {
  readonly public: number;
  readonly health: number;
  readonly backend: number;
}

export function setUpHaproxy(
  dir: string,
  options?: { readonly ports?: Ports; readonly version?: string },
): Promise<{
  readonly root: string;
  readonly desiredFile: string;
  readonly ports: Ports;
  readonly version: string;
}>;
