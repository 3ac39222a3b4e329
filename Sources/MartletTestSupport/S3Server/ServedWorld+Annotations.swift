internal import Basics
internal import ObjectStorage

extension ServedWorld {
    /// Tags, retention and legal hold of one version.
    mutating func annotate(
        _ request: ServerRequest, _ operation: S3Operation, at now: Timestamp
    ) throws(Refusal) -> ServerAnswer {
        var (key, version) = try find(request)
        if request.method == "GET" { return try annotation(request, version) }
        switch operation {
        case .tagging:
            version.tags = request.text.elements("Tag").map { tag in
                let tag = String(tag)
                return ServedField(name: tag.element("Key") ?? "", value: tag.element("Value") ?? "")
            }
            let event = request.method == "DELETE" ? "DeleteTagging" : "PutTagging"
            tell("s3:ObjectCreated:\(event)", key, in: request.bucket, version, instant(now))
        case .retention where request.parameter("legal-hold") != nil:
            try needsLock(request)
            version.isHeld = request.text.element("Status") == "ON"
        default:
            try needsLock(request)
            let isShorter =
                version.lockedUntil.flatMap { Timestamp($0) }.map { kept in
                    kept > (request.text.element("RetainUntilDate").flatMap { Timestamp($0) } ?? now)
                } ?? false
            guard !(isShorter && version.lockMode == "COMPLIANCE") else { throw .locked }
            version.lockMode = request.text.element("Mode")
            version.lockedUntil = request.text.element("RetainUntilDate")
        }
        buckets[request.bucket]?.replace(version, at: key)
        return ServerAnswer(status: request.method == "DELETE" ? 204 : 200)
    }

    private func annotation(_ request: ServerRequest, _ version: ServedVersion) throws(Refusal) -> ServerAnswer {
        if request.parameter("tagging") != nil {
            let tags = version.tags.map { "<Tag><Key>\($0.name.markup)</Key><Value>\($0.value.markup)</Value></Tag>" }
            return .xml("<Tagging><TagSet>\(tags.joined())</TagSet></Tagging>")
        }
        try needsLock(request)
        if request.parameter("legal-hold") != nil {
            return .xml("<LegalHold><Status>\(version.isHeld ? "ON" : "OFF")</Status></LegalHold>")
        }
        guard let mode = version.lockMode, let until = version.lockedUntil else {
            throw Refusal(status: 404, code: "NoSuchObjectLockConfiguration")
        }
        return .xml("<Retention><Mode>\(mode)</Mode><RetainUntilDate>\(until)</RetainUntilDate></Retention>")
    }

    private func needsLock(_ request: ServerRequest) throws(Refusal) {
        guard buckets[request.bucket]?.hasObjectLock == true else {
            throw Refusal(status: 400, code: "InvalidRequest", message: "Bucket is missing ObjectLockConfiguration")
        }
    }
}
