/** Something the settings let the agent set in a PLC, and what became of it. */
export interface ReactionStatus {
  name: string;
  action: 'light' | 'stop';
  enabled: boolean;
  armed: boolean;
  /** person who armed it, and until when; null while it is not armed or needs no arming */
  armedBy: string | null;
  armedUntilMs: number | null;
  approvedBy: string | null;
  writes: number;
  verified: number;
  unverified: number;
}
