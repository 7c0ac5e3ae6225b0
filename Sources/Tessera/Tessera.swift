@_exported import TesseraCodecs
@_exported import TesseraCore
@_exported import TesseraPipeline
