@_exported import TesseraBatch
@_exported import TesseraCodecs
@_exported import TesseraConfiguration
@_exported import TesseraCore
@_exported import TesseraEngine
@_exported import TesseraFiles
@_exported import TesseraPipeline
@_exported import TesseraThreads
