extension MasterKey {
    /// Reads `{"mac":{"k":"…","r":"…"},"encrypt":"…"}`. The message of an error shows nothing of it.
    /// - Throws: `malformed`, `unusableKey`.
    package convenience init(json: [UInt8]) throws(FormatError) {
        let parts = try json.withRawBytes { bytes throws(FormatError) in try KeyParts(JSONReader(bytes)) }
        try self.init(encrypt: parts.encrypt, k: parts.k, r: parts.r)
    }

    /// The JSON that a key file seals, and that `cat masterkey` shows. Secret.
    package func encodedJSON() -> [UInt8] {
        let parts = reveal()
        var writer = ByteWriter(capacity: 160)
        writer.append(#"{"mac":{"k":"#)
        writer.append(base64: parts.k)
        writer.append(#","r":"#)
        writer.append(base64: parts.r)
        writer.append(#"},"encrypt":"#)
        writer.append(base64: parts.encrypt)
        writer.append("}")
        return writer.bytes()
    }
}

private struct KeyParts {
    var encrypt: [UInt8] = []
    var k: [UInt8] = []
    var r: [UInt8] = []

    init(_ reader: JSONReader) throws(FormatError) {
        var reader = reader
        try reader.beginObject()
        var isFirst = true
        while let key = try reader.nextKey(&isFirst) {
            if key == "mac" {
                try readMAC(&reader)
            } else if key == "encrypt" {
                encrypt = try reader.base64()
            } else {
                try reader.skipValue()
            }
        }
        try reader.expectEnd()
    }

    private mutating func readMAC(_ reader: inout JSONReader) throws(FormatError) {
        try reader.beginObject()
        var isFirst = true
        while let key = try reader.nextKey(&isFirst) {
            if key == "k" {
                k = try reader.base64()
            } else if key == "r" {
                r = try reader.base64()
            } else {
                try reader.skipValue()
            }
        }
    }
}
