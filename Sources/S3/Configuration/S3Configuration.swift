/// Which bucket, where, and how it is spoken to.
package struct S3Configuration: Sendable {
    package enum Addressing: Sendable, Hashable {
        /// The bucket in the host for Amazon and Google, in the path for everything else.
        case automatic
        /// `http://host/bucket/key`.
        case path
        /// `http://bucket.host/key`.
        case virtualHost
    }

    package enum Encryption: Sendable, Hashable {
        /// `AES256`: with keys that the store keeps.
        case storeKeys
        /// `aws:kms`, with the key of that id or alias.
        case managedKey(String)
    }

    package var bucket: String
    /// `https://s3.example.com:9000`; nil for Amazon in `region`.
    package var endpoint: String?
    /// Where `presignedURL` points, if people reach the store by another name.
    package var publicEndpoint: String?
    package var region: String
    package var addressing: Addressing
    package var credentials: any S3CredentialsSource
    /// Of written objects; nil leaves it to the bucket.
    package var encryption: Encryption?
    /// Of written objects: `key=value&key2=value2`, at most 10.
    package var tagging: String?
    package var storageClass: String?
    /// How long an answer may take that carries no object: a listing, or the joining of an upload.
    package var answerTimeout: Duration

    package init(
        bucket: String, endpoint: String? = nil, region: String = "us-east-1", addressing: Addressing = .automatic,
        credentials: any S3CredentialsSource
    ) {
        self.bucket = bucket
        self.endpoint = endpoint
        self.region = region
        self.addressing = addressing
        self.credentials = credentials
        answerTimeout = .seconds(120)
    }

    /// The region to use: what was configured, else `AWS_REGION`, `AWS_DEFAULT_REGION`, else `us-east-1`, which every store
    /// but Amazon's accepts.
    package static func region(configured: String?, variable: (String) -> String?) -> String {
        let candidates = [configured, variable("AWS_REGION"), variable("AWS_DEFAULT_REGION")]
        return candidates.compactMap(\.self).first { !$0.isEmpty } ?? "us-east-1"
    }
}
