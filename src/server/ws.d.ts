export interface FrameOptions {
  readonly fin: boolean
  readonly opcode: number
  readonly mask: boolean
  readonly rsv1: boolean
  readonly readOnly: boolean
}

// Part of ws' public interface, but not of its type declarations.
declare module 'ws' {
  export const Sender: {
    /** Returns the parts of one frame: its header, and `data` unless that is empty. */
    frame(data: Buffer, options: FrameOptions): readonly Buffer[]
  }
}
