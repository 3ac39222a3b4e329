import Basics
import HTTPTypes
import NIOCore
package import ObjectStorage
import Synchronization

extension S3ObjectStore {
    package func delete(_ keys: [ObjectKey]) async throws(StoreError) -> [ObjectKey: StoreError] {
        var single: [ObjectKey] = []
        var bulk: [ObjectKey] = []
        for key in keys {
            if XMLWriter.escaped(key.text) == nil { single.append(key) } else { bulk.append(key) }
        }
        if bulk.count == 1 || !deletion.takesMany { (single, bulk) = (single + bulk, []) }
        var failures: [ObjectKey: StoreError] = [:]
        for start in stride(from: 0, to: bulk.count, by: 1000) {
            let batch = Array(bulk[start..<min(start + 1000, bulk.count)])
            guard deletion.takesMany else {
                single += batch
                continue
            }
            do throws(StoreError) {
                failures.merge(try await deleteMany(batch)) { $1 }
            } catch {
                guard error.code == .unsupported else { throw error }
                deletion.learnTakesNotMany()
                single += batch
            }
        }
        failures.merge(try await deleteSingly(single)) { $1 }
        return failures
    }

    /// At most 1,000 keys. Source: Amazon S3 API Reference, "DeleteObjects".
    private func deleteMany(_ keys: [ObjectKey]) async throws(StoreError) -> [ObjectKey: StoreError] {
        var request = S3Request(.post, query: [("delete", "")])
        let body = XMLWriter.deletion(of: keys.compactMap { XMLWriter.escaped($0.text) })
        request.headers[.contentType] = "application/xml"
        request.headers[.contentMD5] = ContentDigest(body).base64
        request.body = ByteBuffer(string: body)
        let answer = try await client.sendForXML(request)
        guard answer.name == "DeleteResult" else {
            throw StoreError(.invalid, "\(client.describe(request)): answered with '\(answer.name)'")
        }
        return failures(of: answer)
    }

    private func failures(of answer: XMLElement) -> [ObjectKey: StoreError] {
        var failures: [ObjectKey: StoreError] = [:]
        for element in answer.all("Error") {
            guard let key = element["Key"].flatMap({ ObjectKey($0) }), element["Code"] != "NoSuchKey" else { continue }
            let refusal = ErrorAnswer(insideSuccess: element, HTTPResponse(status: .ok))
            failures[key] = refusal.storeError("DELETE \(location)/\(key)")
        }
        return failures
    }

    private func deleteSingly(_ keys: [ObjectKey]) async throws(StoreError) -> [ObjectKey: StoreError] {
        do {
            let results = try await mapConcurrently(keys, limit: 8) { [client] key -> StoreError? in
                do throws(StoreError) {
                    _ = try await client.sendForHead(S3Request(.delete, key))
                    return nil
                } catch {
                    return error.code == .notFound ? nil : error
                }
            }
            let pairs = zip(keys, results).compactMap { key, error in error.map { (key, $0) } }
            return Dictionary(pairs, uniquingKeysWith: { first, _ in first })
        } catch {
            throw StoreError(error, while: "deleting \(keys.count) objects in \(location)")
        }
    }
}

extension S3ObjectStore {
    func deleteVersions(_ versions: [VersionName]) async throws(StoreError) -> [VersionName: StoreError] {
        var failures: [VersionName: StoreError] = [:]
        var single: [VersionName] = []
        var bulk: [VersionName] = []
        for version in versions {
            if XMLWriter.escaped(version.key.text) == nil { single.append(version) } else { bulk.append(version) }
        }
        if bulk.count == 1 || !deletion.takesMany { (single, bulk) = (single + bulk, []) }
        for start in stride(from: 0, to: bulk.count, by: 1000) {
            failures.merge(try await deleteMany(Array(bulk[start..<min(start + 1000, bulk.count)]))) { $1 }
        }
        for version in single { failures[version] = try await deleteOne(version) }
        return failures
    }

    /// At most 1,000 versions.
    private func deleteMany(_ versions: [VersionName]) async throws(StoreError) -> [VersionName: StoreError] {
        var request = S3Request(.post, query: [("delete", "")])
        request.setXML(
            XMLWriter.deletion(
                ofVersions: versions.map { (escapedKey: XMLWriter.escaped($0.key.text) ?? "", id: $0.versionID) }))
        let answer = try await client.sendForXML(request)
        guard answer.name == "DeleteResult" else {
            throw StoreError(.invalid, "\(client.describe(request)): answered with '\(answer.name)'")
        }
        var failures: [VersionName: StoreError] = [:]
        for element in answer.all("Error") {
            guard let key = element["Key"].flatMap({ ObjectKey($0) }), let id = element["VersionId"],
                element["Code"] != "NoSuchKey", element["Code"] != "NoSuchVersion"
            else { continue }
            let refusal = ErrorAnswer(insideSuccess: element, HTTPResponse(status: .ok))
            failures[VersionName(key: key, versionID: id)] = refusal.storeError("DELETE \(location)/\(key) \(id)")
        }
        return failures
    }

    /// Nil if it is gone.
    private func deleteOne(_ version: VersionName) async throws(StoreError) -> StoreError? {
        do throws(StoreError) {
            _ = try await client.sendForHead(
                S3Request(.delete, version.key, query: [("versionId", version.versionID)]))
            return nil
        } catch {
            switch error.code {
            case .notFound: return error.isAbout("NoSuchBucket") ? error : nil
            case .cancelled, .unauthorized, .throttled, .unavailable: throw error
            default: return error
            }
        }
    }
}

/// Whether the store takes many keys in one request; assumed until it refuses. Google's interoperable API does not.
final class DeletionMode: Sendable {
    private let state = Atomic(true)

    var takesMany: Bool { state.load(ordering: .relaxed) }

    func learnTakesNotMany() { state.store(false, ordering: .relaxed) }
}
