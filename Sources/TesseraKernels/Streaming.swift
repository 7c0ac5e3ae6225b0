public import CTesseraStream

/// Copies values to memory that will not be read soon, past the caches.
///
/// The lines that a piece shares with its neighbours are written as always: only whole lines stream.
/// `endStreaming` must follow before anybody else reads.
@inlinable @inline(__always)
func stream<V: Variant, E: BitwiseCopyable>(
  _ variant: V.Type, to destination: UnsafeMutablePointer<E>, from source: UnsafePointer<E>,
  count: Int
) {
  let byteCount = count &* MemoryLayout<E>.stride
  let (target, values) = (UnsafeMutableRawPointer(destination), UnsafeRawPointer(source))
  let head = min((0 &- Int(bitPattern: target)) & 63, byteCount)
  target.copyMemory(from: values, byteCount: head)
  var offset = head
  while offset &+ 64 <= byteCount {
    tessera_stream_line(target + offset, values + offset)
    offset &+= 64
  }
  (target + offset).copyMemory(from: values + offset, byteCount: byteCount &- offset)
}

/// Makes everything that was streamed visible to all.
@inlinable @inline(__always)
func endStreaming<V: Variant>(_ variant: V.Type) { tessera_stream_fence() }
