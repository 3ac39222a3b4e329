import Basics
import HTTPTypes
import NIOCore
import ObjectStorage
import Transport

extension S3Features {
    func tags(of key: ObjectKey, versionID: String?) async throws(StoreError) -> [String: String] {
        do throws(StoreError) {
            let answer = try await client.sendForXML(about(key, versionID, .get, "tagging"))
            let tags = answer.first("TagSet")?.all("Tag") ?? []
            return Dictionary(tags.map { ($0["Key"] ?? "", $0["Value"] ?? "") }, uniquingKeysWith: { $1 })
        } catch {
            guard error.isAbout("NoSuchTagSet") else { throw error }
            return [:]
        }
    }

    func setTags(_ tags: [String: String], of key: ObjectKey, versionID: String?) async throws(StoreError) {
        var request = about(key, versionID, tags.isEmpty ? .delete : .put, "tagging")
        if !tags.isEmpty { request.setXML(try XMLWriter.tagging(tags)) }
        _ = try await client.sendForHead(request)
    }

    func retention(of key: ObjectKey, versionID: String?) async throws(StoreError) -> ObjectRetention? {
        do throws(StoreError) {
            let answer = try await client.sendForXML(about(key, versionID, .get, "retention"))
            guard let mode = answer["Mode"].flatMap(ObjectRetention.Mode.init),
                let until = answer["RetainUntilDate"].flatMap({ Timestamp($0) })
            else { return nil }
            return ObjectRetention(mode: mode, until: until)
        } catch {
            // No lock on this version, or none on the bucket: servers differ in how they say it.
            let isUnlocked =
                error.isAbout("NoSuchObjectLockConfiguration") || error.isAbout("ObjectLockConfigurationNotFound")
                || error.isAbout("InvalidRequest") || error.code == .unsupported
            guard isUnlocked else { throw error }
            return nil
        }
    }

    func setRetention(
        _ retention: ObjectRetention, of key: ObjectKey, versionID: String?
    ) async throws(StoreError) {
        var request = about(key, versionID, .put, "retention")
        request.setXML(
            XMLWriter.root(
                "Retention",
                "<Mode>\(retention.mode.rawValue)</Mode><RetainUntilDate>\(retention.until)</RetainUntilDate>"))
        _ = try await client.sendForHead(request)
    }

    /// Two requests: the answer to a copy does not tell the size.
    func copy(_ request: CopyRequest) async throws(StoreError) -> ObjectInfo {
        guard request.source != request.target || request.replacement != nil else {
            throw StoreError(.invalid, "'\(request.source)' cannot be copied onto itself unchanged")
        }
        var sent = S3Request(.put, request.target)
        if let replacement = request.replacement {
            sent.headers = try store.writeHeaders(replacement)
            replacement.condition.write(to: &sent.headers)
            sent.headers[.amzMetadataDirective] = "REPLACE"
            sent.headers[.amzTaggingDirective] = "REPLACE"
        } else {
            store.writeStoreHeaders(nil, to: &sent.headers)
        }
        var source = "/\(client.configuration.bucket)/\(KeyEncoding.path(request.source))"
        if let version = request.sourceVersionID { source += "?versionId=\(PercentEncoding.encode(version))" }
        sent.headers[.amzCopySource] = source
        if let tag = request.sourceIfMatch { sent.headers[.amzCopySourceIfMatch] = ETag.quoted(tag) }
        sent.alsoNamed = request.source
        do throws(StoreError) {
            let answer = try await client.sendForXML(sent)
            guard answer.name == "CopyObjectResult" else {
                throw StoreError(.unavailable, "\(client.describe(sent)): answered with '\(answer.name)'")
            }
        } catch {
            guard error.isAbout("maximum allowable size") else { throw error }
            throw StoreError(.limitExceeded, "'\(request.source)' is above 5 GiB, too large for one copy", cause: error)
        }
        return try await store.head(request.target)
    }

    /// Read from the lengths of the first part and the last: all but the last of an upload are nearly always equal. Uploads
    /// of few parts are looked at part by part. At most 9 requests.
    func partSizes(of info: ObjectInfo) async throws(StoreError) -> [Int64]? {
        guard let tag = info.etag, let dash = tag.lastIndex(of: "-"), let count = Int64(tag[tag.index(after: dash)...]),
            (1...10_000).contains(count)
        else { return nil }
        guard count > 1 else { return [info.size] }
        guard let first = try await partSize(1, of: info), first > 0, first < info.size else { return nil }
        let last = info.size - first * (count - 1)
        if last > 0, last <= first {
            if count == 2 { return [first, last] }
            if try await partSize(Int(count), of: info) == last {
                return Array(repeating: first, count: Int(count) - 1) + [last]
            }
        }
        guard count <= 8 else { return nil }
        var sizes = [first]
        for number in 2...Int(count) {
            guard let size = try await partSize(number, of: info) else { return nil }
            sizes.append(size)
        }
        return sizes.reduce(0, +) == info.size ? sizes : nil
    }

    /// Nil if the store does not tell.
    private func partSize(_ number: Int, of info: ObjectInfo) async throws(StoreError) -> Int64? {
        var request = S3Request(.head, info.key, query: [("partNumber", "\(number)")])
        if let version = info.versionID { request.query.add("versionId", version) }
        if let tag = info.etag { request.headers[.ifMatch] = ETag.quoted(tag) }
        do throws(StoreError) {
            let head = try await client.sendForHead(request)
            if let range = ContentRange(head) { return Int64(range.range.count) }
            guard head.status.code == 206 else { return nil }
            return head.headerFields[.contentLength].flatMap { Int64($0) }
        } catch {
            switch error.code {
            // moto compares the condition with the part's tag. An object that did change is noticed when it is read.
            case .invalid, .unsupported, .preconditionFailed: return nil
            default: throw error
            }
        }
    }

    /// A request about one property of one version.
    private func about(
        _ key: ObjectKey, _ versionID: String?, _ method: HTTPRequest.Method, _ name: String
    ) -> S3Request {
        var request = S3Request(method, key, query: [(name, "")])
        if let versionID { request.query.add("versionId", versionID) }
        return request
    }
}
