/// Version 1 knows no compression.
package enum RepositoryVersion: Int, Sendable, Hashable, CaseIterable {
    case v1 = 1
    case v2 = 2
}

/// The content of the file `config`: sealed, never compressed.
package struct RepositoryConfig: Sendable, Hashable {
    package var version: RepositoryVersion
    /// Random; names the repository.
    package var id: ResticID
    package var polynomial: Polynomial
    /// Members that this program does not know, in their order; written back as they were.
    package var unknownMembers: [UnknownMember]

    package init(version: RepositoryVersion, id: ResticID, polynomial: Polynomial, unknownMembers: [UnknownMember] = [])
    {
        self.version = version
        self.id = id
        self.polynomial = polynomial
        self.unknownMembers = unknownMembers
    }

    /// The bound of the config's length: real ones have about 150 bytes.
    package static let maximumLength = 1 << 20

    /// - Throws: `malformed`; `unsupported` for a version other than 1 and 2, and for a polynomial that is not irreducible
    ///   of degree 53.
    package init(decoding json: [UInt8]) throws(FormatError) {
        self = try json.withRawBytes { bytes throws(FormatError) in
            var reader = JSONReader(bytes)
            return try RepositoryConfig(&reader)
        }
    }

    package func encoded() -> [UInt8] {
        var writer = ByteWriter(capacity: 256)
        writer.append(#"{"version":"#)
        writer.append(decimal: Int64(version.rawValue))
        writer.append(#","id":"#)
        writer.append(quoted: id)
        writer.append(#","chunker_polynomial":"#)
        writer.append(json: polynomial.description)
        writer.append(unknownMembers)
        writer.append("}")
        return writer.bytes()
    }

    private init(_ reader: inout JSONReader) throws(FormatError) {
        var number: UInt64 = 0
        var id: ResticID?
        var hex = ""
        var others: [UnknownMember] = []
        try reader.beginObject()
        var isFirst = true
        while let key = try reader.nextKey(&isFirst) {
            if key == "version" {
                number = try reader.number()
            } else if key == "id" {
                id = try reader.id()
            } else if key == "chunker_polynomial" {
                hex = try reader.string()
            } else {
                others.append(try reader.unknownMember(key))
            }
        }
        try reader.expectEnd()
        guard let version = RepositoryVersion(rawValue: Int(clamping: number)) else {
            throw FormatError(.unsupported, "the repository has version \(number); 1 and 2 are known")
        }
        guard let id, let polynomial = Polynomial(hex) else {
            throw FormatError(.malformed, "the config has no id or no polynomial")
        }
        guard polynomial.degree == Polynomial.repositoryDegree, polynomial.isIrreducible else {
            throw FormatError(.unsupported, "the config's polynomial is not an irreducible one of degree 53")
        }
        self.init(version: version, id: id, polynomial: polynomial, unknownMembers: others)
    }
}

/// A member of a JSON object that is kept as it was read.
package struct UnknownMember: Sendable, Hashable {
    package var name: String
    /// JSON text of the value.
    package var json: [UInt8]

    package init(name: String, json: [UInt8]) {
        self.name = name
        self.json = json
    }
}

extension ByteWriter {
    /// The members, each with a comma before it.
    mutating func append(_ members: [UnknownMember]) {
        for member in members {
            append(",")
            append(json: member.name)
            append(":")
            append(member.json)
        }
    }
}
