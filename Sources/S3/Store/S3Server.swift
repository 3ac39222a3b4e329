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

    /// More than any account may have at Amazon, and a bound against a server that never ends.
    private static let maximumPages = 1000

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
    package func buckets() async throws(StoreError) -> [Bucket] {
        var buckets: [Bucket] = []
        var token: String?
        for _ in 0..<S3Server.maximumPages {
            let answer = try await client.sendForXML(
                S3Request(.get, query: token.map { [("continuation-token", $0)] } ?? []))
            for element in answer.all("Buckets").flatMap({ $0.all("Bucket") }) {
                guard let name = element["Name"], !name.isEmpty else { continue }
                buckets.append(Bucket(name: name, createdAt: element["CreationDate"].flatMap { Timestamp($0) }))
            }
            token = answer["ContinuationToken"].flatMap { $0.isEmpty ? nil : $0 }
            if token == nil { break }
        }
        return buckets
    }
}
