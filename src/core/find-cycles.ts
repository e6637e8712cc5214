import { compareText } from '../model/text-order.ts';

/** The circles of a graph, each once, as the names along it with the first one again at the end: `a, b, a`. None for a graph without. */
export function findCycles<Name extends string>(
  dependsOn: ReadonlyMap<Name, readonly Name[]>,
): readonly (readonly Name[])[] {
  const cycles: (readonly Name[])[] = [];
  const done = new Set<Name>();
  for (const start of [...dependsOn.keys()].toSorted(compareText)) {
    // A trail of its own, not recursion: a chain may be as long as the file.
    const trail: Step<Name>[] = [stepFrom(start, dependsOn)];
    const onTrail = new Map<Name, number>([[start, 0]]);
    for (let top = trail.at(-1); top !== undefined && !done.has(start); top = trail.at(-1)) {
      const next = top.ahead.next();
      if (next.done === true) {
        done.add(top.name);
        onTrail.delete(top.name);
        trail.pop();
        continue;
      }
      const from = onTrail.get(next.value);
      if (from !== undefined) {
        cycles.push([...trail.slice(from).map(({ name }) => name), next.value]);
      } else if (!done.has(next.value)) {
        onTrail.set(next.value, trail.length);
        trail.push(stepFrom(next.value, dependsOn));
      }
    }
  }
  return cycles;
}

interface Step<Name> {
  readonly name: Name;
  readonly ahead: Iterator<Name>;
}

function stepFrom<Name extends string>(
  name: Name,
  dependsOn: ReadonlyMap<Name, readonly Name[]>,
): Step<Name> {
  return { name, ahead: (dependsOn.get(name) ?? []).values() };
}
