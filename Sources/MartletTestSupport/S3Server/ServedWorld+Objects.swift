internal import Basics
internal import NIOCore
internal import ObjectStorage
internal import Transport

extension ServedWorld {
    /// The version that a request is about: the one that it names, or the newest.
    func find(_ request: ServerRequest) throws(Refusal) -> (ObjectKey, ServedVersion) {
        guard let bucket = buckets[request.bucket] else { throw .noBucket }
        guard let key = request.key else { throw .argument("no key") }
        guard let id = request.parameter("versionId"), !id.isEmpty else {
            guard let version = bucket.current(key) else { throw .noKey }
            return (key, version)
        }
        guard let version = bucket.version(id, of: key) else { throw .noVersion }
        return (key, version)
    }

    /// GET and HEAD.
    func read(_ request: ServerRequest) throws(Refusal) -> ServerAnswer {
        let (_, version) = try find(request)
        if version.isMarker { throw Refusal(status: 405, code: "MethodNotAllowed") }
        if let tag = request.tag("if-match"), tag != version.etag { throw .condition }
        var answer = ServerAnswer()
        if let tag = request.tag("if-none-match"), tag == version.etag {
            answer.status = 304
            return answer
        }
        let size = version.bytes.readableBytes
        var range = 0..<size
        var isPart = false
        if let number = request.parameter("partNumber").flatMap({ Int($0) }) {
            let sizes = version.partSizes.isEmpty ? [size] : version.partSizes
            guard sizes.indices.contains(number - 1) else { throw Refusal(status: 416, code: "InvalidPartNumber") }
            let start = sizes[..<(number - 1)].reduce(0, +)
            range = start..<start + sizes[number - 1]
            isPart = true
            if !version.partSizes.isEmpty { answer.set("x-amz-mp-parts-count", "\(sizes.count)") }
        } else if let wanted = request.header("range") {
            range = try byteRange(wanted, size: size)
            isPart = true
        }
        if isPart, size > 0 {
            answer.status = 206
            answer.set("content-range", "bytes \(range.lowerBound)-\(range.upperBound - 1)/\(size)")
        }
        answer.headers += version.headers
        answer.set("etag", "\"\(version.etag)\"")
        answer.set("last-modified", httpDate(version.modified))
        answer.set("accept-ranges", "bytes")
        if buckets[request.bucket]?.versioning != .never { answer.set("x-amz-version-id", version.id) }
        if !version.tags.isEmpty { answer.set("x-amz-tagging-count", "\(version.tags.count)") }
        answer.set("x-amz-storage-class", version.storageClass)
        answer.set("x-amz-object-lock-mode", version.lockMode)
        answer.set("x-amz-object-lock-retain-until-date", version.lockedUntil)
        answer.set("x-amz-object-lock-legal-hold", version.isHeld ? "ON" : nil)
        let start = version.bytes.readerIndex + range.lowerBound
        answer.body = version.bytes.getSlice(at: start, length: range.count) ?? ByteBuffer()
        return answer
    }

    private func byteRange(_ text: String, size: Int) throws(Refusal) -> Range<Int> {
        let sides = text.dropFirst("bytes=".count).split(separator: "-", omittingEmptySubsequences: false)
        guard text.hasPrefix("bytes="), sides.count == 2, let first = Int(sides[0]), first < size else {
            throw Refusal(status: 416, code: "InvalidRange")
        }
        let last = Int(sides[1]) ?? size - 1
        guard last >= first else { throw Refusal(status: 416, code: "InvalidRange") }
        return first..<min(last + 1, size)
    }

    mutating func put(_ request: ServerRequest, at now: Timestamp) throws(Refusal) -> ServerAnswer {
        guard let key = request.key else { throw .argument("no key") }
        let bytes = try checkedBody(request)
        try checkCondition(request, key)
        var version = model(request)
        version.bytes = bytes
        version.etag = bytes.md5
        let written = write(version, at: key, in: request.bucket, event: "s3:ObjectCreated:Put", now)
        return written.writeAnswer(isVersioned: buckets[request.bucket]?.versioning == .enabled)
    }

    mutating func copy(_ request: ServerRequest, at now: Timestamp) throws(Refusal) -> ServerAnswer {
        guard let key = request.key else { throw .argument("no key") }
        let source = try copySource(request)
        try checkCondition(request, key)
        var version = source
        version.lockMode = nil
        version.lockedUntil = nil
        version.isHeld = false
        version.partSizes = []
        version.etag = source.bytes.md5
        let fresh = model(request)
        if request.header("x-amz-metadata-directive") == "REPLACE" { version.headers = fresh.headers }
        if request.header("x-amz-tagging-directive") == "REPLACE" { version.tags = fresh.tags }
        version.storageClass = fresh.storageClass
        let written = write(version, at: key, in: request.bucket, event: "s3:ObjectCreated:Copy", now)
        var answer = ServerAnswer.xml(
            "<CopyObjectResult><ETag>&quot;\(written.etag)&quot;</ETag><LastModified>\(written.modified)</LastModified>"
                + "</CopyObjectResult>")
        if written.id != "null" { answer.set("x-amz-version-id", written.id) }
        return answer
    }

    /// What `x-amz-copy-source` names, if its conditions hold.
    func copySource(_ request: ServerRequest) throws(Refusal) -> ServedVersion {
        let text = request.header("x-amz-copy-source") ?? ""
        let target = text.hasPrefix("/") ? text : "/" + text
        guard let source = ServerRequest(method: "GET", target: target, headers: [], body: ByteBuffer()) else {
            throw .argument("x-amz-copy-source")
        }
        let (_, version) = try find(source)
        if let tag = request.tag("x-amz-copy-source-if-match"), tag != version.etag { throw .condition }
        return version
    }

    mutating func delete(_ request: ServerRequest, at now: Timestamp) throws(Refusal) -> ServerAnswer {
        guard let key = request.key else { throw .argument("no key") }
        var answer = ServerAnswer(status: 204)
        let removed = try remove(key, request.parameter("versionId"), in: request.bucket, at: now)
        if let removed {
            if removed.isMarker { answer.set("x-amz-delete-marker", "true") }
            if removed.id != "null" { answer.set("x-amz-version-id", removed.id) }
        }
        return answer
    }

    mutating func deleteMany(_ request: ServerRequest, at now: Timestamp) throws(Refusal) -> ServerAnswer {
        guard
            request.header("content-md5") != nil
                || request.headers.contains(where: { $0.name.hasPrefix("x-amz-checksum") })
        else { throw Refusal(status: 400, code: "MissingContentMD5") }
        _ = try checkedBody(request)
        let isQuiet = request.text.element("Quiet") == "true"
        var said = ""
        let objects = request.text.elements("Object")
        guard objects.count <= 1000 else { throw .malformed }
        for object in objects {
            guard let text = String(object).element("Key"), let key = ObjectKey(text) else { throw .malformed }
            do throws(Refusal) {
                _ = try remove(key, String(object).element("VersionId"), in: request.bucket, at: now)
                if !isQuiet { said += "<Deleted><Key>\(text.markup)</Key></Deleted>" }
            } catch {
                said += "<Error><Key>\(text.markup)</Key><Code>\(error.code)</Code><Message></Message></Error>"
            }
        }
        return .xml("<DeleteResult>\(said)</DeleteResult>")
    }

    /// Removes a version for good, or hides the key beneath a marker; nil if nothing was there.
    private mutating func remove(
        _ key: ObjectKey, _ id: String?, in name: String, at now: Timestamp
    ) throws(Refusal) -> ServedVersion? {
        guard let bucket = buckets[name] else { throw .noBucket }
        let id = id ?? (bucket.versioning == .never ? "null" : "")
        if id.isEmpty {
            let event = bucket.current(key) == nil ? "s3:ObjectRemoved:NoOP" : "s3:ObjectRemoved:DeleteMarkerCreated"
            return write(ServedVersion(isMarker: true), at: key, in: name, event: event, now)
        }
        guard let version = bucket.version(id, of: key) else { return nil }
        let isKept = version.lockedUntil.flatMap { Timestamp($0) }.map { $0 > now } ?? false
        guard !version.isHeld, !isKept else { throw .locked }
        let removed = buckets[name]?.remove(id, of: key)
        tell("s3:ObjectRemoved:Delete", key, in: name, removed, instant(now))
        return removed
    }

    // MARK: What writes have in common

    /// The body, if it is what the request's digests say.
    func checkedBody(_ request: ServerRequest) throws(Refusal) -> ByteBuffer {
        var body = request.body
        if request.header("x-amz-decoded-content-length") != nil { body = try framesRemoved(from: body) }
        if let digest = request.header("content-md5"), digest != Base64.encode(body.md5Bytes) { throw .badDigest }
        let hash = request.header("x-amz-content-sha256") ?? ""
        if Hex.decode(hash)?.count == 32, hash != body.sha256 {
            throw Refusal(status: 400, code: "XAmzContentSHA256Mismatch")
        }
        return body
    }

    /// What is inside of aws-chunked framing; signatures of chunks are not checked.
    private func framesRemoved(from body: ByteBuffer) throws(Refusal) -> ByteBuffer {
        var body = body
        var whole = ByteBuffer()
        while let end = body.readableBytesView.firstIndex(of: 0x0D) {
            let line = body.readString(length: end - body.readerIndex) ?? ""
            guard let count = Int(line.prefix { $0 != ";" }, radix: 16) else { break }
            body.moveReaderIndex(forwardBy: min(2, body.readableBytes))
            guard count > 0, var chunk = body.readSlice(length: count) else { return whole }
            whole.writeBuffer(&chunk)
            body.moveReaderIndex(forwardBy: min(2, body.readableBytes))
        }
        throw Refusal(status: 400, code: "IncompleteBody")
    }

    func checkCondition(_ request: ServerRequest, _ key: ObjectKey) throws(Refusal) {
        let current = buckets[request.bucket]?.current(key)
        if request.header("if-none-match") == "*", current != nil { throw .condition }
        guard let tag = request.tag("if-match") else { return }
        guard let current else { throw .noKey }
        guard tag == current.etag else { throw .condition }
    }

    /// What the headers of a write say of the object to be.
    func model(_ request: ServerRequest) -> ServedVersion {
        let kept = [
            "content-type", "content-encoding", "content-disposition", "content-language", "cache-control", "expires",
        ]
        var version = ServedVersion()
        version.headers = request.headers.filter { kept.contains($0.name) || $0.name.hasPrefix("x-amz-meta-") }
        version.tags = (request.header("x-amz-tagging") ?? "").split(separator: "&").map { pair in
            let sides = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let texts = sides.map { PercentEncoding.decode($0) ?? "" }
            return ServedField(name: texts[0], value: texts.count == 2 ? texts[1] : "")
        }
        version.storageClass = request.header("x-amz-storage-class")
        version.lockMode = request.header("x-amz-object-lock-mode")
        version.lockedUntil = request.header("x-amz-object-lock-retain-until-date")
        version.isHeld = request.header("x-amz-object-lock-legal-hold") == "ON"
        return version
    }
}

extension ServedVersion {
    func writeAnswer(isVersioned: Bool) -> ServerAnswer {
        var answer = ServerAnswer()
        answer.set("etag", "\"\(etag)\"")
        if isVersioned { answer.set("x-amz-version-id", id) }
        return answer
    }
}

/// `Sun, 06 Nov 1994 08:49:37 GMT`. Source: RFC 9110, section 5.6.7.
func httpDate(_ date: Timestamp) -> String {
    let days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
    let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    let civil = CivilTime(date)
    let time = "\(padded(civil.hour, 2)):\(padded(civil.minute, 2)):\(padded(civil.second, 2))"
    return "\(days[civil.weekday % 7]), \(padded(civil.day, 2)) \(months[civil.month - 1]) \(civil.year) \(time) GMT"
}
