/** What is wrong with the signature of a commit. `unchecked`: it has one, and nobody could judge it. */
export type SignatureFault =
  'unsigned' | 'unknown-signer' | 'expired' | 'revoked' | 'bad' | 'unchecked';

/** Why a desired state is not taken, though it can be read. */
export type Distrust =
  | {
      readonly why: 'signature';
      readonly commit: string;
      readonly fault: SignatureFault;
      /** What git said of it. */
      readonly tail: readonly string[];
    }
  /** Signatures are asked for, and nothing says whose. */
  | { readonly why: 'no-signers'; readonly places: readonly string[] }
  | { readonly why: 'rewritten'; readonly commit: string; readonly since: string }
  /** `trust reset` came between the look at the remote and its use. */
  | { readonly why: 'floor-moved' }
  | { readonly why: 'serial-lower'; readonly serial: number; readonly recorded: number }
  | { readonly why: 'serial-missing'; readonly recorded: number }
  | { readonly why: 'serial-leap'; readonly serial: number; readonly recorded: number }
  | { readonly why: 'expired'; readonly expires: string }
  | {
      readonly why: 'other-machine';
      readonly machineId: string;
      /** Undefined where this machine has none, or none that can be read. */
      readonly here: string | undefined;
      readonly place: string;
    };
