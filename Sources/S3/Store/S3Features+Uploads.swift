import Basics
import HTTPTypes
import NIOCore
import ObjectStorage

extension S3Features {
    func put(
        _ body: ByteStream, size: Int64, at key: ObjectKey, options: PutOptions
    ) async throws(StoreError) -> ObjectInfo {
        guard size >= 0, size <= 5 << 30 else {
            throw StoreError(.limitExceeded, "'\(key)' of \(size) bytes is too large for one request")
        }
        var request = S3Request(.put, key)
        request.headers = try store.writeHeaders(options)
        options.condition.write(to: &request.headers)
        let digest = options.contentMD5.map(ContentDigest.init(bytes:))
        if let digest { request.headers[.contentMD5] = digest.base64 }
        let doing = client.describe(request)
        request.stream = S3Request.Stream(body: CheckedBody(length: size, doing: { doing }).stream(body), length: size)
        let head = try await client.sendForHead(request)
        var tag = head.headerFields[.eTag].flatMap(ETag.read)
        if let digest { tag = try store.tags.checked(head, against: digest, doing) }
        return store.info(key, head, size: size, tag: tag, options)
    }

    func continueUpload(
        _ id: String, at key: ObjectKey, options: PutOptions
    ) async throws(StoreError) -> any ObjectUpload {
        S3Upload(client: client, tags: store.tags, key: key, uploadID: id, options: options)
    }

    func sentParts(of id: String, at key: ObjectKey) async throws(StoreError) -> [UploadedPart] {
        var parts: [UploadedPart] = []
        var marker = 0
        // 10,000 parts of at most 1,000 a page, and one page for a store that gives fewer.
        for _ in 0..<100 {
            var request = S3Request(.get, key, query: [("uploadId", id), ("max-parts", "1000")])
            if marker > 0 { request.query.add("part-number-marker", "\(marker)") }
            let answer = try await client.sendForXML(request)
            for element in answer.all("Part") {
                guard let number = element["PartNumber"].flatMap({ Int($0) }), (1...10_000).contains(number),
                    let size = element["Size"].flatMap({ Int($0) }), let tag = element["ETag"].flatMap(ETag.read)
                else { throw StoreError(.invalid, "\(client.describe(request)): a part without number, size or tag") }
                parts.append(UploadedPart(number: number, size: size, etag: tag))
            }
            let next = answer["NextPartNumberMarker"].flatMap { Int($0) } ?? 0
            guard answer["IsTruncated"] == "true" else { return parts.sorted { $0.number < $1.number } }
            guard next > marker else { break }
            marker = next
        }
        throw StoreError(.invalid, "the list of parts of '\(key)' in \(store.location) has no end")
    }

    /// At most 10,000, those of the first ten pages. MinIO tells of them only where `prefix` is the whole key.
    func openUploads(prefix: String) async throws(StoreError) -> [OpenUpload] {
        var uploads: [OpenUpload] = []
        var marker: (key: String, id: String)?
        for _ in 1...10 {
            var query = [("uploads", ""), ("encoding-type", "url"), ("max-uploads", "1000"), ("prefix", prefix)]
            if let marker { query += [("key-marker", marker.key), ("upload-id-marker", marker.id)] }
            let answer = try await client.sendForXML(S3Request(.get, query: query))
            uploads += openUploads(in: answer, prefix: prefix)
            guard answer["IsTruncated"] == "true", let next = nextMarker(answer) else { break }
            // A store that goes on where it was before knows no markers.
            if let marker, marker == next { break }
            marker = next
        }
        return uploads
    }

    private func nextMarker(_ answer: XMLElement) -> (key: String, id: String)? {
        guard let raw = answer["NextKeyMarker"], !raw.isEmpty else { return nil }
        let isEncoded = answer["EncodingType"]?.lowercased() == "url"
        guard let key = isEncoded ? KeyEncoding.decodeListed(raw) : raw else { return nil }
        return (key, answer["NextUploadIdMarker"] ?? "")
    }

    private func openUploads(in answer: XMLElement, prefix: String) -> [OpenUpload] {
        let isEncoded = answer["EncodingType"]?.lowercased() == "url"
        return answer.all("Upload").compactMap { element -> OpenUpload? in
            guard let raw = element["Key"], let text = isEncoded ? KeyEncoding.decodeListed(raw) : raw,
                let key = ObjectKey(text), let id = element["UploadId"], !id.isEmpty,
                text.utf8.starts(with: prefix.utf8)
            else { return nil }
            return OpenUpload(key: key, id: id, begunAt: element["Initiated"].flatMap { Timestamp($0) })
        }
    }
}
