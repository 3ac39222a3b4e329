internal import Basics
internal import ObjectStorage

extension ServedWorld {
    func bucketList() -> ServerAnswer {
        let entries = buckets.keys.sorted().map { name in
            "<Bucket><Name>\(name)</Name><CreationDate>2026-01-01T00:00:00.000Z</CreationDate></Bucket>"
        }
        return .xml(
            "<ListAllMyBucketsResult><Owner><ID>test</ID></Owner><Buckets>\(entries.joined())</Buckets>"
                + "</ListAllMyBucketsResult>")
    }

    mutating func makeBucket(_ request: ServerRequest) throws(Refusal) -> ServerAnswer {
        guard buckets[request.bucket] == nil else { throw Refusal(status: 409, code: "BucketAlreadyOwnedByYou") }
        var bucket = ServedBucket(name: request.bucket)
        if request.header("x-amz-bucket-object-lock-enabled")?.lowercased() == "true" {
            bucket.hasObjectLock = true
            bucket.versioning = .enabled
        }
        buckets[request.bucket] = bucket
        return ServerAnswer()
    }

    mutating func bucketSettings(_ request: ServerRequest) throws(Refusal) -> ServerAnswer {
        guard var bucket = buckets[request.bucket] else { throw .noBucket }
        let isWrite = request.method == "PUT"
        if request.parameter("location") != nil { return .xml("<LocationConstraint></LocationConstraint>") }
        if request.parameter("versioning") != nil {
            guard isWrite else {
                let status = bucket.versioning.rawValue
                let element = status.isEmpty ? "" : "<Status>\(status)</Status>"
                return .xml("<VersioningConfiguration>\(element)</VersioningConfiguration>")
            }
            guard let versioning = request.text.element("Status").flatMap(ServedBucket.Versioning.init) else {
                throw .malformed
            }
            guard versioning == .enabled || !bucket.hasObjectLock else {
                throw Refusal(status: 409, code: "InvalidBucketState")
            }
            bucket.versioning = versioning
            buckets[request.bucket] = bucket
            return ServerAnswer()
        }
        guard bucket.hasObjectLock else {
            throw isWrite
                ? Refusal(status: 409, code: "InvalidBucketState")
                : Refusal(status: 404, code: "ObjectLockConfigurationNotFoundError")
        }
        guard !isWrite else { return ServerAnswer() }
        return .xml(
            "<ObjectLockConfiguration><ObjectLockEnabled>Enabled</ObjectLockEnabled></ObjectLockConfiguration>")
    }
}
