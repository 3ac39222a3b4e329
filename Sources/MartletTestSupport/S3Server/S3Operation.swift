internal import ObjectStorage

/// What a request to an `S3TestServer` asks for: faults are planned by it, and requests counted.
package enum S3Operation: String, Sendable, CaseIterable {
    case listBuckets, headBucket, makeBucket, removeBucket, bucketSettings
    case list, listVersions, listUploads, listen
    case head, get, put, copy, delete, deleteMany, tagging, retention
    case beginUpload, uploadPart, listParts, completeUpload, abortUpload

    /// Nil for what the server does not know.
    init?(_ request: ServerRequest) {
        let found = request.key == nil ? S3Operation.ofBucket(request) : S3Operation.ofObject(request)
        guard let found else { return nil }
        self = found
    }

    private static func ofBucket(_ request: ServerRequest) -> S3Operation? {
        func asks(_ name: String) -> Bool { request.parameter(name) != nil }
        let isSettings = asks("versioning") || asks("object-lock") || asks("location")
        switch request.method {
        case "GET" where asks("events"): return .listen
        case "GET" where request.bucket.isEmpty: return .listBuckets
        case "HEAD": return .headBucket
        case "GET" where asks("versions"): return .listVersions
        case "GET" where asks("uploads"): return .listUploads
        case "GET", "PUT":
            if isSettings { return .bucketSettings }
            return request.method == "PUT" ? .makeBucket : .list
        case "DELETE": return .removeBucket
        case "POST" where asks("delete"): return .deleteMany
        default: return nil
        }
    }

    private static func ofObject(_ request: ServerRequest) -> S3Operation? {
        func asks(_ name: String) -> Bool { request.parameter(name) != nil }
        if asks("tagging") { return .tagging }
        if asks("retention") || asks("legal-hold") { return .retention }
        let isUpload = asks("uploadId")
        switch request.method {
        case "HEAD": return .head
        case "GET": return isUpload ? .listParts : .get
        case "PUT" where isUpload: return .uploadPart
        case "PUT": return request.header("x-amz-copy-source") == nil ? .put : .copy
        case "DELETE": return isUpload ? .abortUpload : .delete
        case "POST" where asks("uploads"): return .beginUpload
        case "POST" where isUpload: return .completeUpload
        default: return nil
        }
    }
}
