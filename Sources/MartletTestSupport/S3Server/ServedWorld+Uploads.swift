internal import Basics
internal import Crypto
internal import NIOCore
internal import ObjectStorage

extension ServedWorld {
    /// Multipart uploads.
    mutating func upload(
        _ request: ServerRequest, _ operation: S3Operation, at now: Timestamp
    ) throws(Refusal) -> ServerAnswer {
        guard let bucket = buckets[request.bucket] else { throw .noBucket }
        if operation == .listUploads { return uploadList(request, bucket) }
        guard let key = request.key else { throw .argument("no key") }
        if operation == .beginUpload {
            let upload = ServedUpload(id: freshID(), key: key, began: instant(now), model: model(request))
            buckets[request.bucket]?.uploads[upload.id] = upload
            return .xml(
                "<InitiateMultipartUploadResult><UploadId>\(upload.id)</UploadId></InitiateMultipartUploadResult>")
        }
        guard let upload = bucket.uploads[request.parameter("uploadId") ?? ""], upload.key == key else {
            throw .noUpload
        }
        switch operation {
        case .uploadPart: return try sendPart(request, upload, now)
        case .listParts: return partList(request, upload)
        case .completeUpload: return try complete(request, upload, now)
        default:
            buckets[request.bucket]?.uploads[upload.id] = nil
            return ServerAnswer(status: 204)
        }
    }

    private mutating func sendPart(
        _ request: ServerRequest, _ upload: ServedUpload, _ now: Timestamp
    ) throws(Refusal) -> ServerAnswer {
        guard let number = request.parameter("partNumber").flatMap({ Int($0) }), (1...10_000).contains(number) else {
            throw .argument("partNumber")
        }
        var bytes = try checkedBody(request)
        let isCopy = request.header("x-amz-copy-source") != nil
        if isCopy {
            bytes = try copySource(request).bytes
            if let range = request.header("x-amz-copy-source-range") {
                let sides = range.dropFirst("bytes=".count).split(separator: "-").compactMap { Int($0) }
                guard sides.count == 2, sides[0] <= sides[1],
                    let slice = bytes.getSlice(at: bytes.readerIndex + sides[0], length: sides[1] - sides[0] + 1)
                else { throw Refusal(status: 416, code: "InvalidRange") }
                bytes = slice
            }
        }
        let part = ServedPart(bytes: bytes, etag: bytes.md5, modified: instant(now))
        buckets[request.bucket]?.uploads[upload.id]?.parts[number] = part
        if isCopy { return .xml("<CopyPartResult><ETag>&quot;\(part.etag)&quot;</ETag></CopyPartResult>") }
        var answer = ServerAnswer()
        answer.set("etag", "\"\(part.etag)\"")
        return answer
    }

    private mutating func complete(
        _ request: ServerRequest, _ upload: ServedUpload, _ now: Timestamp
    ) throws(Refusal) -> ServerAnswer {
        try checkCondition(request, upload.key)
        var version = upload.model
        var digests: [UInt8] = []
        var last = 0
        let wanted = request.text.elements("Part").map(String.init)
        guard !wanted.isEmpty else { throw .malformed }
        for (index, element) in wanted.enumerated() {
            guard let number = element.element("PartNumber").flatMap({ Int($0) }) else { throw .malformed }
            guard number > last else { throw Refusal(status: 400, code: "InvalidPartOrder") }
            last = number
            let tag = element.element("ETag")?.filter { $0 != "\"" }
            guard var part = upload.parts[number]?.bytes, upload.parts[number]?.etag == tag else {
                throw Refusal(status: 400, code: "InvalidPart")
            }
            guard index == wanted.count - 1 || part.readableBytes >= 5 << 20 else {
                throw Refusal(status: 400, code: "EntityTooSmall")
            }
            digests += part.md5Bytes
            version.partSizes.append(part.readableBytes)
            version.bytes.writeBuffer(&part)
        }
        version.etag = "\(Hex.encode(Array(Insecure.MD5.hash(data: digests))))-\(wanted.count)"
        buckets[request.bucket]?.uploads[upload.id] = nil
        let written = write(
            version, at: upload.key, in: request.bucket, event: "s3:ObjectCreated:CompleteMultipartUpload", now)
        var answer = ServerAnswer.xml(
            "<CompleteMultipartUploadResult><Key>\(upload.key.text.markup)</Key><ETag>&quot;\(written.etag)&quot;</ETag>"
                + "</CompleteMultipartUploadResult>")
        if written.id != "null" { answer.set("x-amz-version-id", written.id) }
        return answer
    }

    private func partList(_ request: ServerRequest, _ upload: ServedUpload) -> ServerAnswer {
        let marker = request.parameter("part-number-marker").flatMap { Int($0) } ?? 0
        let limit = request.parameter("max-parts").flatMap { Int($0) } ?? 1000
        let rest = upload.parts.filter { $0.key > marker }.sorted { $0.key < $1.key }
        let entries = rest.prefix(limit).map { number, part in
            "<Part><PartNumber>\(number)</PartNumber><ETag>&quot;\(part.etag)&quot;</ETag>"
                + "<Size>\(part.bytes.readableBytes)</Size><LastModified>\(part.modified)</LastModified></Part>"
        }
        let next = rest.count > limit ? rest[limit - 1].key : 0
        return .xml(
            "<ListPartsResult><UploadId>\(upload.id)</UploadId><IsTruncated>\(next > 0)</IsTruncated>"
                + "<NextPartNumberMarker>\(next)</NextPartNumberMarker>\(entries.joined())</ListPartsResult>")
    }

    private func uploadList(_ request: ServerRequest, _ bucket: ServedBucket) -> ServerAnswer {
        let prefix = request.parameter("prefix") ?? ""
        let isEncoded = request.parameter("encoding-type") == "url"
        let marker = (request.parameter("key-marker") ?? "", request.parameter("upload-id-marker") ?? "")
        let limit = request.parameter("max-uploads").flatMap { Int($0) } ?? 1000
        let all = bucket.uploads.values.filter { $0.key.text.utf8.starts(with: prefix.utf8) }
            .sorted { ($0.key.text, $0.id) < ($1.key.text, $1.id) }
            .filter { ($0.key.text, $0.id) > marker }
        let entries = all.prefix(limit).map { upload in
            "<Upload><Key>\(upload.key.text.listed(isEncoded))</Key><UploadId>\(upload.id)</UploadId>"
                + "<Initiated>\(upload.began)</Initiated></Upload>"
        }
        var next = ""
        if all.count > limit {
            let last = all[limit - 1]
            next =
                "<NextKeyMarker>\(last.key.text.listed(isEncoded))</NextKeyMarker>"
                + "<NextUploadIdMarker>\(last.id)</NextUploadIdMarker>"
        }
        return .xml(
            "<ListMultipartUploadsResult>" + (isEncoded ? "<EncodingType>url</EncodingType>" : "")
                + "<IsTruncated>\(!next.isEmpty)</IsTruncated>\(next)\(entries.joined())</ListMultipartUploadsResult>")
    }
}
