/** Frames that carry no id are given this one. */
export const NO_ID = -1;

/** Who is told of what was found in the bytes. */
export interface FrameSink {
  /**
   * A whole frame with a sound checksum. `body` is unit and PDU, `adu` all bytes as received; both
   * are valid only during the call.
   */
  frame(id: number, body: Buffer, adu: Buffer): void;
  /** something that pretends to be an expected answer but is damaged */
  damaged(): void;
  /** nothing tells any more where a frame begins: only a new connection helps */
  lost(reason: string): void;
  /** may an answer begin like this? It tells the beginning of a frame from the rest of another. */
  expects(unit: number, code: number, id?: number): boolean;
}

/** Finds frames in bytes and makes bytes of frames. */
export interface Frames {
  /** `body` is unit, PDU and CRC, as the library codes a request */
  wrap(id: number, body: Buffer): Buffer;
  take(chunk: Buffer): void;
  /** forgets what was received so far */
  reset(): void;
}

/** Longest unit and PDU that Modbus allows. */
export const MAX_BODY = 254;
