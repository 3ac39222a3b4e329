import Basics
import Crypto
package import NIOCore
package import ObjectStorage

/// What the tag of an object tells about its bytes. Source: Amazon S3 User Guide, "Checking object integrity".
package enum ContentTag: Sendable, Hashable {
    /// 32 hexadecimal digits: the MD5 sum of the bytes, on stores whose tags are that.
    case digest
    /// `digest-N`: the MD5 sum of the MD5 sums of N parts.
    case joined(parts: Int)
    /// Says nothing about the bytes.
    case opaque

    package init(_ tag: String?) {
        self = .opaque
        guard let bytes = tag?.utf8, bytes.count >= 32, bytes.prefix(32).allSatisfy(ContentTag.isHexadecimal) else {
            return
        }
        let rest = bytes.dropFirst(32)
        if rest.isEmpty {
            self = .digest
        } else if rest.first == UInt8(ascii: "-"), let parts = Int(Substring(rest.dropFirst())), parts > 0 {
            self = .joined(parts: parts)
        }
    }

    private static func isHexadecimal(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte)
            || (UInt8(ascii: "A")...UInt8(ascii: "F")).contains(byte)
    }
}

/// MD5 sums, as stores use them for proofs. Nothing rests on MD5 being hard to forge.
package enum MD5Sum {
    package static func of(_ bytes: ByteBuffer) -> [UInt8] {
        bytes.withUnsafeReadableBytes { Array(Insecure.MD5.hash(data: $0)) }
    }

    /// The tag that parts of these bytes give together.
    package static func joinedTag(ofParts parts: [ByteBuffer]) -> String { joinedTag(ofSums: parts.map(of)) }

    /// The tag that parts with these sums give together.
    package static func joinedTag(ofSums sums: [[UInt8]]) -> String {
        var hash = Insecure.MD5()
        for sum in sums { hash.update(data: sum) }
        return "\(Hex.encode(Array(hash.finalize())))-\(sums.count)"
    }
}

/// Compares what two listings tell of one key. Pure.
package struct ObjectComparison: Sendable, Hashable {
    /// Both stores were seen to give the MD5 sum of an object as its tag: then other tags are other bytes.
    package var tagsAreDigests = false

    package init(tagsAreDigests: Bool = false) { self.tagsAreDigests = tagsAreDigests }

    package func difference(_ source: ObjectInfo, _ target: ObjectInfo) -> Difference {
        guard source.size == target.size else { return .changed(source: source, target: target, .size) }
        let tag = ContentTag(source.etag)
        if tag != .opaque, source.etag == target.etag { return .equal(source: source, target: target) }
        if tagsAreDigests, tag == .digest, ContentTag(target.etag) == .digest {
            return .changed(source: source, target: target, .content)
        }
        return .uncertain(source: source, target: target)
    }

    /// Against what the index remembers of the source: any other size or tag is another object.
    package func difference(_ source: ObjectInfo, remembered: ObjectInfo) -> Difference {
        if source.size != remembered.size { return .changed(source: source, target: remembered, .size) }
        if source.etag != remembered.etag { return .changed(source: source, target: remembered, .content) }
        return .equal(source: source, target: remembered)
    }
}
