export function setUpNginxRedis(dir: string): Promise<{
  readonly root: string;
  readonly desiredFile: string;
  readonly ports: { readonly nginx: number; readonly redis: number };
  readonly versions: { readonly nginx: string; readonly redis: string };
}>;
