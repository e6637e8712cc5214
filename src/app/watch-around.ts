import type { Host } from '../host/host.ts';
import { valueOf, type Fact } from '../model/fact.ts';
import { hostPath, type HostPath } from '../model/ids.ts';
import { layoutOf } from '../model/layout.ts';
import type { Snapshot } from '../model/source.ts';
import { openFileSource } from '../source/file-source.ts';
import { loadDefinition } from './load.ts';
import type { Site } from './site.ts';

/** What is done about the files around a desired state. */
export interface AroundRequest {
  readonly site: Pick<Site, 'root' | 'definition'>;
  readonly onChange: () => void;
  readonly signal: AbortSignal;
}

/** Tells of changes of all that a plan comes of beside the desired state, and of suspensions: bootstrap.ini, templates, schemas. */
export async function watchAround(host: Host, request: AroundRequest): Promise<void> {
  const { signal, onChange } = request;
  let paths = pathsAround(host, request.site);
  let seen: Snapshot['texts'] = new Map(paths.map((path) => [path, host.files.read(path)]));
  while (!signal.aborted) {
    const moved = new AbortController();
    const tell = (texts: Snapshot['texts']): void => {
      seen = texts;
      onChange();
      // bootstrap.ini may name others now.
      if (pathsAround(host, request.site).join() !== paths.join()) moved.abort();
    };
    const source = openFileSource(
      host,
      paths.map((path) => ({ shown: path, path })),
      { onChange: ({ texts }) => tell(texts), signal: AbortSignal.any([signal, moved.signal]) },
    );
    const { texts } = await source.read();
    // Nobody was told of what changed before it was watched.
    if (paths.some((path) => !isSame(seen.get(path), texts.get(path)))) tell(texts);
    await source.ended;
    paths = pathsAround(host, request.site);
  }
}

function isSame(before: Fact<string> | undefined, now: Fact<string> | undefined): boolean {
  if (before === undefined || now === undefined) return before === now;
  return before.kind === now.kind && valueOf(before) === valueOf(now);
}

function pathsAround(
  host: Host,
  { root, definition: file }: AroundRequest['site'],
): readonly HostPath[] {
  const { suspension } = layoutOf(root);
  const definition = loadDefinition(host, { root, definition: file, desired: [] });
  const products = definition.ok ? [...definition.value.products.values()] : [];
  const named = products.flatMap(({ config, settingsSchema }) =>
    [config?.template, settingsSchema?.path].filter((path) => path !== undefined),
  );
  return [file.path, suspension, ...new Set(named.map((path) => hostPath(root, path)))];
}
