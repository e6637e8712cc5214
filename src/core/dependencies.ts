import type { ProductName } from '../model/ids.ts';
import { compareText } from '../model/text-order.ts';

/** Something with a name that waits for others of its kind. */
export interface Dependent {
  readonly name: ProductName;
  readonly dependsOn: readonly ProductName[];
}

/** The names in an order in which each comes after what it depends on; by name where nothing else decides. Cycles must be gone by now. */
export function dependencyOrder(dependents: Iterable<Dependent>): readonly ProductName[] {
  const byName = new Map([...dependents].map((each) => [each.name, each]));
  const order: ProductName[] = [];
  const placed = new Set<ProductName>();
  const place = (name: ProductName): void => {
    const each = byName.get(name);
    if (each === undefined || placed.has(name)) return;
    placed.add(name);
    for (const other of each.dependsOn.toSorted(compareText)) place(other);
    order.push(name);
  };
  for (const name of [...byName.keys()].toSorted(compareText)) place(name);
  return order;
}
