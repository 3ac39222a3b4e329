import HTTPTypes
import NIOCore
import ObjectStorage

/// A multipart upload. Source: Amazon S3 User Guide, "Uploading and copying objects using multipart upload".
struct S3Upload: ObjectUpload {
    let client: S3Client
    let tags: TagObserver
    let key: ObjectKey
    let uploadID: String
    let options: PutOptions

    var id: String? { uploadID }

    func upload(_ bytes: ByteBuffer, as number: Int) async throws(StoreError) -> UploadedPart {
        try checkPartNumber(number, of: key)
        var request = S3Request(.put, key, query: [("partNumber", "\(number)"), ("uploadId", uploadID)])
        let digest = ContentDigest(bytes)
        request.headers[.contentMD5] = digest.base64
        request.body = bytes
        let head = try await client.sendForHead(request)
        guard let tag = try tags.checked(head, against: digest, client.describe(request)) else {
            throw StoreError(.invalid, "\(client.describe(request)): part \(number) was answered without a tag")
        }
        return UploadedPart(number: number, size: bytes.readableBytes, etag: tag, sum: digest.bytes)
    }

    func complete(_ parts: [UploadedPart]) async throws(StoreError) -> ObjectInfo {
        try checkJoin(parts, of: key)
        var request = S3Request(.post, key, query: [("uploadId", uploadID)])
        options.condition.write(to: &request.headers)
        request.headers[.contentType] = "application/xml"
        request.body = ByteBuffer(string: XMLWriter.completion(of: parts.map { ($0.number, $0.etag) }))
        let size = parts.reduce(0) { $0 + Int64($1.size) }
        do throws(StoreError) {
            let answer = try await client.sendForXML(request)
            guard answer.name == "CompleteMultipartUploadResult" else {
                throw StoreError(.unavailable, "\(client.describe(request)): answered with '\(answer.name)'")
            }
            return ObjectInfo(
                key: key, size: size, etag: answer["ETag"].flatMap(ETag.read), contentType: options.contentType,
                metadata: options.metadata)
        } catch let error where error.code == .notFound {
            if let info = try await completedBefore(parts, size: size) { return info }
            throw error
        }
    }

    func abort() async throws(StoreError) {
        do {
            _ = try await client.sendForHead(S3Request(.delete, key, query: [("uploadId", uploadID)]))
        } catch let error where error.code == .notFound {
            // Completed or aborted before.
        }
    }

    /// The object, if an earlier try to join the parts succeeded and its answer was lost: it has the tag that these parts
    /// give. Nil if that cannot be told.
    private func completedBefore(_ parts: [UploadedPart], size: Int64) async throws(StoreError) -> ObjectInfo? {
        guard let tag = ContentDigest.joinedTag(of: parts.map(\.etag)) else { return nil }
        let request = S3Request(.head, key)
        do {
            let info = try ObjectInfo(key, try await client.sendForHead(request), client.describe(request))
            return info.etag == tag && info.size == size ? info : nil
        } catch let error where error.code == .notFound {
            return nil
        }
    }
}
