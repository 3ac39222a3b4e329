import Basics
import Crypto
import NIOCore

/// The MD5 sum of what is sent: the store compares it with what it received. Nothing here rests on MD5 being hard to forge.
struct ContentDigest: Sendable, Hashable {
    let bytes: [UInt8]

    /// - Parameter bytes: 16 of them.
    init(bytes: [UInt8]) { self.bytes = bytes }

    init(_ buffer: ByteBuffer) {
        bytes = buffer.withUnsafeReadableBytes { Array(Insecure.MD5.hash(data: $0)) }
    }

    init(_ text: String) { self.init(ByteBuffer(string: text)) }

    var base64: String { Base64.encode(bytes) }
    var hex: String { Hex.encode(bytes) }

    /// The tag that most stores give an object of these parts; nil if the tags of the parts are no digests.
    /// Source: bucket-level behaviour described in the Amazon S3 User Guide, "Checking object integrity".
    static func joinedTag(of partTags: [String]) -> String? {
        var joined: [UInt8] = []
        for tag in partTags {
            guard ETag.isDigest(tag), let digest = Hex.decode(tag) else { return nil }
            joined += digest
        }
        return "\(Hex.encode(Array(Insecure.MD5.hash(data: joined))))-\(partTags.count)"
    }
}
