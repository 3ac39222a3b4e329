extension [UInt8] {
    /// The standard library's `withUnsafeBytes` does not carry the type of an error.
    func withRawBytes<Result>(
        _ body: (UnsafeRawBufferPointer) throws(FormatError) -> Result
    ) throws(FormatError) -> Result {
        try span.bytes.withUnsafeBytes(body)
    }
}
