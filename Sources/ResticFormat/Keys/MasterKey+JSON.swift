extension MasterKey {
    /// `{"mac":{"k":"…","r":"…"},"encrypt":"…"}`. Secret.
    /// - Throws: `malformed`, `unusableKey`.
    convenience init(json: [UInt8]) throws(FormatError) {
        throw FormatError(.unsupported, "not yet")
    }

    func encodedJSON() -> [UInt8] { [] }
}
