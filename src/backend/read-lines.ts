const LINE_BREAK = 0x0a

/**
 * The lines of a text, as bytes and without their breaks, as they come in. What follows the last break is a line, unless it is empty.
 *
 * @throws {RangeError} Where one is longer than `maxBytes`: of a file without breaks all would be held in memory.
 */
export async function* readLines(input: AsyncIterable<Uint8Array>, maxBytes: number): AsyncGenerator<Buffer> {
  let rest: Buffer[] = []
  let restBytes = 0
  for await (const chunk of input) {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
    let start = 0
    for (let end; (end = bytes.indexOf(LINE_BREAK, start)) >= 0; start = end + 1) {
      yield Buffer.concat([...rest, bytes.subarray(start, end)])
      rest = []
      restBytes = 0
    }
    rest.push(bytes.subarray(start))
    restBytes += bytes.length - start
    if (restBytes > maxBytes) throw new RangeError(`a line is longer than ${maxBytes} bytes`)
  }
  if (restBytes > 0) yield Buffer.concat(rest)
}
