import type { ServerDefinition } from '../model/definition.ts';
import type { ActualState } from '../model/state.ts';
import { draftExport, type ProductExport, type ServerExport } from './export.ts';
import { generatedHeartbeat, type Askable } from './generated-heartbeat.ts';

/**
 * What the old tool's installation comes to: what is there, as an export says it; the products that the old tool told the mode though no
 * version of them is on record; and heartbeats where none is written.
 */
export function draftMigration(
  definition: ServerDefinition,
  actual: ActualState,
  askable: Askable,
): ServerExport {
  const server = draftExport(definition, actual);
  const products = server.products.map((product) => takenOver(product, askable));
  return { ...server, by: 'migrate', products };
}

function takenOver(product: ProductExport, askable: Askable): ProductExport {
  const { name, heartbeats, scripts, config } = product.definition;
  // A config file would be written for a product that is not there.
  const isTold = scripts.has('mode') && config === undefined;
  const shape = product.shape === 'not-installed' && isTold ? 'bare' : product.shape;
  const heartbeat = heartbeats.length > 0 ? undefined : generatedHeartbeat(name, askable);
  return { ...product, shape, heartbeat };
}
