import type { Distrust } from '../model/distrust.ts';
import { valueOf, type Fact } from '../model/fact.ts';
import type { Metadata } from '../model/state.ts';
import type { Trust } from '../model/trust.ts';

/** Why a desired state is not for this machine, or undefined where it is. One that names a machine is for no machine that has no name. */
export function distrustOfMachine(
  { machineId }: Pick<Metadata, 'machineId'>,
  { found, place }: { readonly found: Fact<string>; readonly place: string },
): Distrust | undefined {
  const here = valueOf(found)?.trim();
  if (machineId === undefined || machineId === here) return undefined;
  return { why: 'other-machine', machineId, here, place };
}

/** The longest step that serials of DNS zones may take (RFC 1982, 3.2): whoever wrote the largest number once would end all that come after. */
const SERIAL_STEP_MAX = 2 ** 31 - 1;

/** Why a desired state from git is not newer than what was applied, or undefined where it may be. */
export function distrustOfAge(
  { serial, expires }: Pick<Metadata, 'serial' | 'expires'>,
  { floor, now }: { readonly floor: Trust | undefined; readonly now: Date },
): Distrust | undefined {
  if (expires !== undefined && expires.getTime() <= now.getTime())
    return { why: 'expired', expires: expires.toISOString() };
  const recorded = floor?.serial;
  if (recorded === undefined) return undefined;
  if (serial === undefined) return { why: 'serial-missing', recorded };
  if (serial < recorded) return { why: 'serial-lower', serial, recorded };
  return serial - recorded > SERIAL_STEP_MAX ? { why: 'serial-leap', serial, recorded } : undefined;
}
