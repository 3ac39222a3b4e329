internal import HTTPTypes
internal import NIOCore
internal import Transport

/// The head of a request as it goes over the wire. Source: RFC 9112, sections 2 and 3.
enum RequestHead {
    /// What is sent at once with the head, instead of by itself.
    static let shortBody = 16 << 10

    /// The head, and behind it the body of `request` if it is short.
    ///
    /// - Parameter proxyAuthorization: not nil for a request that a proxy is to hand on, whose target is a whole URL.
    static func bytes(_ request: TransportRequest, to target: RequestTarget, proxy: ProxyEndpoint?) -> ByteBuffer {
        let body: ByteBuffer? = if case .bytes(let bytes) = request.body { bytes } else { nil }
        let short = body.flatMap { $0.readableBytes <= shortBody ? $0 : nil }
        var buffer = ByteBufferAllocator().buffer(capacity: 1024 + (short?.readableBytes ?? 0))
        buffer.writeString(target.method)
        buffer.writeStaticString(" ")
        if proxy != nil {
            buffer.writeString(target.scheme)
            buffer.writeStaticString("://")
            buffer.writeString(target.authority)
        }
        buffer.writeString(target.path)
        buffer.writeStaticString(" HTTP/1.1\r\nhost: ")
        buffer.writeString(target.authority)
        buffer.writeStaticString("\r\n")
        for field in request.head.headerFields where !isOurs(field.name) {
            buffer.writeString(field.name.rawName)
            buffer.writeStaticString(": ")
            buffer.writeString(field.value)
            buffer.writeStaticString("\r\n")
        }
        if let length = length(of: request.body, method: request.head.method) {
            buffer.writeStaticString("content-length: ")
            buffer.writeString(String(length))
            buffer.writeStaticString("\r\n")
        }
        if let authorization = proxy?.authorization {
            buffer.writeStaticString("proxy-authorization: ")
            buffer.writeString(authorization)
            buffer.writeStaticString("\r\n")
        }
        buffer.writeStaticString("\r\n")
        if let short { buffer.writeImmutableBuffer(short) }
        return buffer
    }

    /// What is said by the head itself.
    private static func isOurs(_ name: HTTPField.Name) -> Bool {
        name == .contentLength || name.canonicalName == "host"
    }

    /// Nil where a request without a body says nothing of one.
    private static func length(of body: RequestBody, method: HTTPRequest.Method) -> Int64? {
        switch body {
        case .bytes(let bytes): Int64(bytes.readableBytes)
        case .stream(_, let length): length
        case .empty: [.put, .post, .patch].contains(method) ? 0 : nil
        }
    }
}
