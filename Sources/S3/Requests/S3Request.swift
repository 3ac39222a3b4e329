import Basics
import HTTPTypes
import NIOCore
import ObjectStorage

/// One request to a bucket, before it is signed. It can be sent again as it is.
struct S3Request: Sendable {
    var method: HTTPRequest.Method
    /// Nil for the bucket itself.
    var key: ObjectKey?
    var query = Query()
    var headers = HTTPFields()
    var body: ByteBuffer?
    /// Instead of `body`, bytes that can be sent once.
    var stream: Stream?
    /// Another key that the request names, in a header.
    var alsoNamed: ObjectKey?
    /// Whether it is for the server and none of its buckets.
    var isForServer = false
    /// How long the answer may take to begin once the request was sent; nil for the transport's own limit.
    var timeout: Duration?
    /// How long the body of the answer may be silent; nil for the transport's own limit.
    var idleTimeout: Duration?

    init(_ method: HTTPRequest.Method, _ key: ObjectKey? = nil, query: [(String, String)] = []) {
        self.method = method
        self.key = key
        self.query = Query(query)
    }

    /// Time for the body to be sent: nobody waits on a link of less than 64 KiB/s.
    var sendingTime: Duration { .seconds((body?.readableBytes ?? 0) >> 16) }

    /// Makes `text` the body, with the digest that stores want for changes of settings.
    mutating func setXML(_ text: String) {
        headers[.contentType] = "application/xml"
        headers[.contentMD5] = ContentDigest(text).base64
        body = ByteBuffer(string: text)
    }

    /// Bytes of known length that are read while they are sent.
    struct Stream: Sendable {
        let body: ByteStream
        let length: Int64
    }
}
