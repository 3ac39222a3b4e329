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
    /// How long the answer may take to begin once the request was sent; nil for the transport's own limit.
    var timeout: Duration?

    init(_ method: HTTPRequest.Method, _ key: ObjectKey? = nil, query: [(String, String)] = []) {
        self.method = method
        self.key = key
        self.query = Query(query)
    }

    /// Time for the body to be sent: nobody waits on a link of less than 64 KiB/s.
    var sendingTime: Duration { .seconds((body?.readableBytes ?? 0) >> 16) }
}
