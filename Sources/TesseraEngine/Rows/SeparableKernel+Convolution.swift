import TesseraKernels

extension SeparableKernel {
  /// Carries out a convolution of one channel by one kernel.
  package func convolve(
    _ job: Convolution, scratch: UnsafeMutablePointer<Float>, with kernels: KernelSet
  ) {
    column.withUnsafeBufferPointer { column in
      row.withUnsafeBufferPointer { row in
        kernels.separable(
          SeparableConvolution(
            rows: job.rows, outputs: job.outputs, outputRows: job.outputRows, width: job.width,
            column: column.first(),
            row: row.first(), kernelHeight: job.kernelHeight, kernelWidth: job.kernelWidth,
            dilationHeight: job.dilationHeight, dilationWidth: job.dilationWidth,
            bias: job.bias?.pointee ?? 0, scratch: scratch))
      }
    }
  }
}
