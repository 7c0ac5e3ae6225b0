import TesseraFiles

extension StoredArray {
  package static func safetensors(_ source: ByteSource) throws(CodecError) -> [String: StoredArray] {
    throw .unsupported(.npy, "safetensors")
  }
}
