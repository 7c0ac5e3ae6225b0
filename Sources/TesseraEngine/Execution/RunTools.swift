import TesseraKernels

/// What every operator of a run may use: the arithmetic, and memory to borrow.
package struct RunTools: Sendable {
  /// The kernels for this processor.
  package let kernels: KernelSet
  /// Memory that is lent and given back.
  package let workspace: Workspace
  /// Programs that run beside this process.
  let children = ChildPool()
  /// Weights of resizes.
  let weights = WeightStore()

  package init(kernels: KernelSet, workspace: Workspace = Workspace()) {
    self.kernels = kernels
    self.workspace = workspace
  }

  /// Memory for tiles, sums and lines.
  package var scratch: ScratchPool { workspace.scratch }
}
