import Basics
import HTTPTypes
import NIOCore
import ObjectStorage

/// What S3 has beyond objects: versions, tags, locks, copies. A store that answers the protocol without one of them refuses it
/// with `.unsupported`.
struct S3Features: StoreFeatures {
    let store: S3ObjectStore

    var client: S3Client { store.client }

    var offered: Set<StoreFeature> { Set(StoreFeature.allCases) }

    func refusal(_ feature: StoreFeature) -> StoreError {
        StoreError(.unsupported, "\(store.location) does not offer \(feature.rawValue)")
    }

    /// One request for the bucket, and one for when it was made; those who may not list buckets do not learn that.
    func bucket() async throws(StoreError) -> BucketIdentity {
        let head = try await client.sendForHead(S3Request(.head))
        let deployment = head.headerFields[.minioDeploymentID]
        let name = client.configuration.bucket
        do throws(StoreError) {
            let bucket = try await client.buckets().first { $0.name == name }
            return BucketIdentity(createdAt: bucket?.createdAt, deploymentID: deployment)
        } catch {
            switch error.code {
            case .forbidden, .unsupported, .notFound, .invalid: return BucketIdentity(deploymentID: deployment)
            default: throw error
            }
        }
    }

    func versioning() async throws(StoreError) -> BucketVersioning {
        do throws(StoreError) {
            let answer = try await client.sendForXML(S3Request(.get, query: [("versioning", "")]))
            switch answer["Status"] {
            case "Enabled": return .enabled
            case "Suspended": return .suspended
            default: return .never
            }
        } catch {
            guard error.code == .unsupported else { throw error }
            return .never
        }
    }

    func setVersioning(_ state: BucketVersioning) async throws(StoreError) {
        let status: String
        switch state {
        case .never:
            throw StoreError(.invalid, "versioning of \(store.location) can be suspended, not taken back")
        case .enabled: status = "Enabled"
        case .suspended: status = "Suspended"
        }
        var request = S3Request(.put, query: [("versioning", "")])
        request.setXML(XMLWriter.root("VersioningConfiguration", "<Status>\(status)</Status>"))
        _ = try await client.sendForHead(request)
    }

    func objectLock() async throws(StoreError) -> BucketLock? {
        do throws(StoreError) {
            let answer = try await client.sendForXML(S3Request(.get, query: [("object-lock", "")]))
            guard answer["ObjectLockEnabled"] == "Enabled" else { return nil }
            let rule = answer.first("Rule")?.first("DefaultRetention")
            let days = rule?["Days"].flatMap { Int64($0) } ?? rule?["Years"].flatMap { Int64($0) }.map { $0 * 365 }
            return BucketLock(
                mode: rule?["Mode"].flatMap(ObjectRetention.Mode.init),
                defaultRetention: days.map { .seconds($0 * 86_400) })
        } catch {
            guard error.code == .unsupported || error.isAbout("ObjectLockConfigurationNotFound") else { throw error }
            return nil
        }
    }

    // MARK: Versions

    func listVersions(_ request: VersionListRequest) async throws(StoreError) -> VersionListPage {
        guard (1...1000).contains(request.pageSize) else {
            throw StoreError(.invalid, "a page holds 1 to 1000 versions, not \(request.pageSize)")
        }
        var sent = S3Request(
            .get,
            query: [
                ("versions", ""), ("encoding-type", "url"), ("max-keys", "\(request.pageSize)"),
                ("prefix", request.prefix),
            ])
        if let marker = request.marker {
            sent.query.add("key-marker", marker.key.text)
            if let version = marker.versionID { sent.query.add("version-id-marker", version) }
        }
        let page = try VersionAnswer.page(try await client.sendForXML(sent), store.location, prefix: request.prefix)
        if let next = page.next, next == request.marker {
            throw StoreError(.invalid, "the listing of versions in \(store.location) goes round in circles")
        }
        return page
    }

    func deleteVersions(_ versions: [VersionName]) async throws(StoreError) -> [VersionName: StoreError] {
        try await store.deleteVersions(versions)
    }
}

extension StoreError {
    /// Whether the store gave this code.
    func isAbout(_ code: String) -> Bool { message.contains(code) }
}
