package import Basics
import HTTPTypes
package import ObjectStorage
package import Transport

/// The server behind buckets: what can be asked without naming one.
package struct S3Server: Sendable {
    package struct Bucket: Sendable, Hashable {
        package let name: String
        package let createdAt: Timestamp?

        package init(name: String, createdAt: Timestamp?) {
            self.name = name
            self.createdAt = createdAt
        }
    }

    private let client: S3Client

    /// - Parameter configuration: its bucket does not count.
    /// - Throws: `.invalid` for an impossible endpoint.
    package init(
        _ configuration: S3Configuration, transport: any HTTPTransport, clock: WallClock
    ) throws(StoreError) {
        var configuration = configuration
        configuration.bucket = ""
        client = try S3Client(configuration, transport: transport, clock: clock)
    }

    /// The buckets that the credentials may see, in the server's order. Source: Amazon S3 API Reference, "ListBuckets".
    ///
    /// - Throws: as `ObjectStore.list`; may be repeated.
    package func buckets() async throws(StoreError) -> [Bucket] { try await client.buckets() }
}

extension S3Client {
    /// More than any account may have at Amazon, and a bound against a server that never ends.
    private static let maximumPages = 1000

    func buckets() async throws(StoreError) -> [S3Server.Bucket] {
        var buckets: [S3Server.Bucket] = []
        var token: String?
        for _ in 0..<S3Client.maximumPages {
            var request = S3Request(.get, query: token.map { [("continuation-token", $0)] } ?? [])
            request.isForServer = true
            let answer = try await sendForXML(request)
            guard answer.name == "ListAllMyBucketsResult" else {
                throw StoreError(.unsupported, "\(describe(request)): answered with '\(answer.name)'")
            }
            for element in answer.all("Buckets").flatMap({ $0.all("Bucket") }) {
                guard let name = element["Name"], !name.isEmpty else { continue }
                buckets.append(
                    S3Server.Bucket(name: name, createdAt: element["CreationDate"].flatMap { Timestamp($0) }))
            }
            token = answer["ContinuationToken"].flatMap { $0.isEmpty ? nil : $0 }
            if token == nil { break }
        }
        return buckets
    }
}
