import { CONDITION_TYPES, type Condition, type StatusDocument } from '../model/status.ts';

/** What is waited for: a condition of the server, or of one product where `Ready=True` is asked of it. */
export interface Wanted {
  readonly type: Condition['type'];
  readonly status: Condition['status'];
  readonly product: string | undefined;
}

/** What `Ready` or `Stalled=False` asks for; undefined where the text is no condition. */
export function parseWanted(text: string): Pick<Wanted, 'type' | 'status'> | undefined {
  const [name, state = 'True', ...rest] = text.split('=');
  const type = CONDITION_TYPES.find((each) => each === name);
  const status = (['True', 'False', 'Unknown'] as const).find((each) => each === state);
  return type === undefined || status === undefined || rest.length > 0
    ? undefined
    : { type, status };
}

/** Why what is waited for is not so yet; undefined where it is. */
export function whyNotYet(
  { conditions, products }: StatusDocument,
  { type, status, product }: Wanted,
): string | undefined {
  const report = product === undefined ? undefined : products[product];
  if (report !== undefined && type === 'Ready') {
    const { sync, health, reason } = report;
    const isReady = sync === 'Synced' && (health === 'Healthy' || health === 'NotApplicable');
    return isReady === (status === 'True')
      ? undefined
      : [sync, health, reason ?? []].flat().join(', ');
  }
  const found = conditions.find((each) => each.type === type);
  if (found?.status === status) return undefined;
  return found === undefined ? 'nothing is known of it' : `${found.status}, ${found.message}`;
}
