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

    package init(version: RepositoryVersion, id: ResticID, polynomial: Polynomial, unknownMembers: [UnknownMember] = []) {
        self.version = version
        self.id = id
        self.polynomial = polynomial
        self.unknownMembers = unknownMembers
    }

    /// - Throws: `malformed`; `unsupported` for a version other than 1 and 2, and for a polynomial that is not irreducible
    ///   of degree 53.
    package init(decoding json: [UInt8]) throws(FormatError) {
        throw FormatError(.unsupported, "not yet")
    }

    package func encoded() -> [UInt8] { [] }
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
