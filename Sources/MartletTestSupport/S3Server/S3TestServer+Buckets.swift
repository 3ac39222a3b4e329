package import Basics
package import NIOCore
package import ObjectStorage

/// The buckets as a second client of the server sees and changes them, without a request: what tests compare with.
extension S3TestServer {
    /// What a test wants to know of an object that the server holds.
    package struct Object: Sendable, Hashable {
        package let bytes: ByteBuffer
        package let etag: String
        package let versionID: String
        package let modified: Timestamp
        /// Names in lower case: content type and its like, and `x-amz-meta-…`.
        package let headers: [String: String]
        package let tags: [String: String]
        package let storageClass: String?
        package let isMarker: Bool

        init(_ version: ServedVersion) {
            bytes = version.bytes
            etag = version.etag
            versionID = version.id
            modified = version.modified
            headers = Dictionary(version.headers.map { ($0.name, $0.value) }) { first, _ in first }
            tags = Dictionary(version.tags.map { ($0.name, $0.value) }) { first, _ in first }
            storageClass = version.storageClass
            isMarker = version.isMarker
        }
    }

    package func makeBucket(_ name: String, isVersioned: Bool = false, hasObjectLock: Bool = false) {
        change { world, _ in
            var bucket = ServedBucket(name: name)
            bucket.versioning = isVersioned || hasObjectLock ? .enabled : .never
            bucket.hasObjectLock = hasObjectLock
            world.buckets[name] = bucket
        }
    }

    package func removeBucket(_ name: String) { change { world, _ in world.buckets[name] = nil } }

    /// Writes as another client would: listeners hear of it.
    ///
    /// - Parameter partSizes: not empty for an object that looks as if it came in parts of these sizes.
    @discardableResult
    package func put(
        _ bytes: ByteBuffer, at key: ObjectKey, in bucket: String, contentType: String? = nil,
        metadata: [String: String] = [:], partSizes: [Int] = []
    ) -> Object {
        change { world, now in
            var version = ServedVersion(bytes: bytes, etag: bytes.md5, partSizes: partSizes)
            if !partSizes.isEmpty {
                var start = bytes.readerIndex
                var digests = ByteBuffer()
                for size in partSizes {
                    digests.writeBytes((bytes.getSlice(at: start, length: size) ?? ByteBuffer()).md5Bytes)
                    start += size
                }
                version.etag = "\(digests.md5)-\(partSizes.count)"
            }
            if let contentType { version.headers.append(ServedField(name: "content-type", value: contentType)) }
            version.headers += metadata.map { ServedField(name: "x-amz-meta-\($0.key)", value: $0.value) }
            let event = partSizes.isEmpty ? "Put" : "CompleteMultipartUpload"
            return Object(world.write(version, at: key, in: bucket, event: "s3:ObjectCreated:\(event)", now))
        }
    }

    /// Deletes as another client would.
    package func delete(_ key: ObjectKey, in bucket: String) {
        change { world, now in
            let request = ServerRequest(
                method: "DELETE", target: "/\(bucket)/x", headers: [], body: ByteBuffer())
            guard var request else { return }
            request.key = key
            _ = try? world.delete(request, at: now)  // It fails only without a bucket.
        }
    }

    /// What GET finds; nil where nothing is, or a marker.
    package func object(_ key: ObjectKey, in bucket: String) -> Object? {
        look { world in world.buckets[bucket]?.current(key).map(Object.init) }
    }

    /// Newest first, markers included.
    package func versions(of key: ObjectKey, in bucket: String) -> [Object] {
        look { world in (world.buckets[bucket]?.versions[key] ?? []).map(Object.init) }
    }

    /// All keys that have an object, in order.
    package func keys(in bucket: String, prefix: String = "") -> [ObjectKey] {
        look { world in
            guard let bucket = world.buckets[bucket] else { return [] }
            return bucket.keys.filter { $0.text.utf8.starts(with: prefix.utf8) && bucket.current($0) != nil }
        }
    }

    /// All objects that GET finds.
    package func objects(in bucket: String, prefix: String = "") -> [ObjectKey: Object] {
        look { world in
            guard let bucket = world.buckets[bucket] else { return [:] }
            let pairs = bucket.keys.lazy.filter { $0.text.utf8.starts(with: prefix.utf8) }
                .compactMap { key in bucket.current(key).map { (key, Object($0)) } }
            return Dictionary(uniqueKeysWithValues: pairs)
        }
    }

    /// Uploads that were begun and neither completed nor aborted.
    package func openUploads(in bucket: String) -> Int { look { $0.buckets[bucket]?.uploads.count ?? 0 } }
}
