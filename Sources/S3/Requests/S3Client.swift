import Basics
import Crypto
import HTTPTypes
import NIOCore
import ObjectStorage
import Synchronization
import Transport

/// Signs and sends requests to one bucket and turns refusals into `StoreError`. Repeats a request only after it repaired
/// something: the region, the clock, the credentials; each at most once.
final class S3Client: Sendable {
    /// What was learnt from answers.
    private struct Learnt {
        var region: String
        var endpoint: S3Endpoint
        /// The store's time minus ours.
        var clockOffset: Duration = .zero
        /// Whether the store takes bodies whose signature is left out, on plain HTTP; assumed until it refuses.
        var takesUnsigned = true
        /// The key of the last signature: the same for a day.
        var signingKey: SigningKey?
    }

    let configuration: S3Configuration
    let location: String
    private let transport: any HTTPTransport
    private let clock: WallClock
    private let learnt: Mutex<Learnt>

    /// - Throws: `.invalid` for an impossible endpoint or bucket.
    init(_ configuration: S3Configuration, transport: any HTTPTransport, clock: WallClock) throws(StoreError) {
        self.configuration = configuration
        self.transport = transport
        self.clock = clock
        location =
            configuration.bucket.isEmpty ? configuration.endpoint ?? "s3:" : "s3://\(configuration.bucket)"
        let endpoint = try S3Client.endpoint(configuration, region: configuration.region)
        learnt = Mutex(Learnt(region: configuration.region, endpoint: endpoint))
    }

    /// Host and port of the server, as requests go there now.
    var authority: String { learnt.withLock { $0.endpoint.serverAuthority } }

    /// Sends `request`; the answer has a status of success, and a body that is read by whoever asked.
    ///
    /// - Throws: see `ErrorAnswer` for refusals; `.unavailable` if no answer came.
    func send(_ request: S3Request) async throws(StoreError) -> TransportResponse {
        if let key = request.key { try refuseDotSegments(key) }
        if let key = request.alsoNamed { try refuseDotSegments(key) }
        var repairs: Set<Repair> = []
        while true {
            let credentials = try await configuration.credentials.credentials()
            let isUnsigned = leavesBodyUnsigned(request)
            let response = try await sendOnce(request, credentials, isUnsigned: isUnsigned)
            guard !(200..<300).contains(response.head.status.code) else { return response }
            let answer = ErrorAnswer(response.head, body: try await refusalBody(response, request))
            guard let repair = Repair(answer, isUnsigned: isUnsigned), repairs.insert(repair).inserted,
                try await apply(repair, answer, credentials)
            else { throw answer.storeError(describe(request)) }
            // The bytes are gone; whoever has them can send them again, which succeeds now.
            guard request.stream == nil else {
                throw StoreError(.unavailable, "\(describe(request)): once more, after \(answer.code)")
            }
        }
    }

    /// Sends `request` and reads the XML of the answer.
    /// - Throws: also `.invalid` if the answer is longer than `limit` bytes or no XML, and for errors inside a success.
    func sendForXML(_ request: S3Request, limit: Int = 16 << 20) async throws(StoreError) -> XMLElement {
        var request = request
        request.timeout = request.timeout ?? configuration.answerTimeout
        let response = try await send(request)
        let body = try await collect(response, limit: limit, request)
        let root: XMLElement
        do throws(XMLError) {
            root = try XMLReader.read(body)
        } catch {
            // Half an answer is the usual cause.
            throw StoreError(.unavailable, "\(describe(request)): the answer cannot be read", cause: error)
        }
        guard root.name != "Error" else {
            throw ErrorAnswer(insideSuccess: root, response.head).storeError(describe(request))
        }
        return root
    }

    /// Sends `request`, whose answer's body says nothing.
    func sendForHead(_ request: S3Request) async throws(StoreError) -> HTTPResponse {
        let response = try await send(request)
        // Read to the end, so that the connection can be used again.
        _ = try await collect(response, limit: 64 << 10, request)
        return response.head
    }

    /// A URL with its own permission for `method` on `key`.
    func presign(_ method: HTTPRequest.Method, _ key: ObjectKey, lifetime: Duration) async throws(StoreError) -> Secret
    {
        try refuseDotSegments(key)
        let (region, offset) = learnt.withLock { ($0.region, $0.clockOffset) }
        let endpoint = try S3Endpoint(
            url: configuration.publicEndpoint ?? configuration.endpoint, bucket: configuration.bucket, region: region,
            addressing: configuration.addressing)
        let head = HTTPRequest(
            method: method, scheme: endpoint.scheme, authority: endpoint.authority, path: endpoint.path(key))
        let credentials = try await configuration.credentials.credentials()
        let date = SigningDate(clock.now() + offset)
        return RequestSigner(key: signingKey(credentials.secretKey, date)).presign(
            head, query: Query(), with: credentials, at: date, lifetime: lifetime)
    }

    /// `GET s3://bucket/key`, in one line whatever the key.
    func describe(_ request: S3Request) -> String {
        let key = request.key?.text.unicodeScalars.map { $0.value < 0x20 ? $0.escaped(asASCII: true) : String($0) }
        let place = request.isForServer ? "the list of buckets" : location
        return "\(request.method.rawValue) \(place)\(key.map { "/\($0.joined())" } ?? "")"
    }

    private func sendOnce(
        _ request: S3Request, _ credentials: S3Credentials, isUnsigned: Bool
    ) async throws(StoreError) -> TransportResponse {
        let (endpoint, offset) = learnt.withLock { ($0.endpoint, $0.clockOffset) }
        var path = request.isForServer ? "/" : endpoint.path(request.key)
        if !request.query.isEmpty { path += "?\(request.query.text)" }
        var head = HTTPRequest(
            method: request.method, scheme: endpoint.scheme,
            authority: request.isForServer ? endpoint.serverAuthority : endpoint.authority, path: path,
            headerFields: request.headers)
        let date = SigningDate(clock.now() + offset)
        let hash = isUnsigned ? RequestSigner.unsignedPayload : payloadHash(request)
        RequestSigner(key: signingKey(credentials.secretKey, date)).sign(
            &head, payloadHash: hash, with: credentials, at: date)
        // Not signed: proxies change it. Stores that compress would break ranges and sizes.
        head.headerFields[.acceptEncoding] = "identity"
        let limit = (request.timeout ?? .seconds(60)) + request.sendingTime
        var body: RequestBody = request.body.map { .bytes($0) } ?? .empty
        if let stream = request.stream { body = .stream(stream.body, length: stream.length) }
        let sent = TransportRequest(
            head: head, body: body, headTimeout: limit, idleTimeout: request.idleTimeout)
        do {
            return try await transport.send(sent)
        } catch {
            throw StoreError(error, describe(request))
        }
    }

    /// Made once a day, for each region and secret.
    private func signingKey(_ secret: Secret, _ date: SigningDate) -> SigningKey {
        learnt.withLock { learnt in
            if let key = learnt.signingKey, key.isFor(secret, date, learnt.region) { return key }
            let key = SigningKey(secret: secret, date: date, region: learnt.region)
            learnt.signingKey = key
            return key
        }
    }

    /// Bodies from this size on are not hashed once more where `Content-MD5`, which is signed, proves them already: a second
    /// digest of many bytes would cost half as much again.
    private static let longBody = 1 << 20

    /// TLS proves the body by itself; without it the signature does, or the signed `Content-MD5`. The bytes of a stream are
    /// not known in time to be hashed.
    private func leavesBodyUnsigned(_ request: S3Request) -> Bool {
        if request.stream != nil { return true }
        guard let length = request.body?.readableBytes, length > 0 else { return false }
        let (isSecure, takesUnsigned) = learnt.withLock { ($0.endpoint.isSecure, $0.takesUnsigned) }
        return isSecure || takesUnsigned && length >= S3Client.longBody && request.headers[.contentMD5] != nil
    }

    private func payloadHash(_ request: S3Request) -> String {
        guard let body = request.body, body.readableBytes > 0 else { return RequestSigner.emptyPayload }
        return body.withUnsafeReadableBytes { bytes in
            SHA256.hash(data: bytes).withUnsafeBytes { Hex.encode($0) }
        }
    }

    private func refusalBody(
        _ response: TransportResponse, _ request: S3Request
    ) async throws(StoreError) -> [UInt8] {
        do {
            return try await collect(response, limit: 64 << 10, request)
        } catch {
            // The status already tells what matters; a body that breaks must not hide it.
            if error.code == .cancelled { throw error }
            return []
        }
    }

    private func collect(
        _ response: TransportResponse, limit: Int, _ request: S3Request
    ) async throws(StoreError) -> [UInt8] {
        var bytes: [UInt8] = []
        do {
            for try await chunk in response.body {
                guard bytes.count + chunk.readableBytes <= limit else {
                    throw StoreError(.invalid, "\(describe(request)): an answer of more than \(limit) bytes")
                }
                bytes += chunk.readableBytesView
            }
            return bytes
        } catch {
            throw StoreError(transfer: error, describe(request))
        }
    }

    /// A segment `..` would be resolved by some proxy or server on the way, and another object be read or deleted.
    private func refuseDotSegments(_ key: ObjectKey) throws(StoreError) {
        guard KeyEncoding.hasDotSegment(key) else { return }
        throw StoreError(
            .unsupported,
            "'\(key)' has a segment '.' or '..', which servers and proxies take for another key: it is not sent")
    }

    /// Whether anything changed, so that the request is worth another try.
    private func apply(
        _ repair: Repair, _ answer: ErrorAnswer, _ used: S3Credentials
    ) async throws(StoreError) -> Bool {
        switch repair {
        case .clock:
            guard let date = answer.date else { return false }
            let offset = date - clock.now()
            learnt.withLock { $0.clockOffset = offset }
            return true
        case .unsigned:
            learnt.withLock { $0.takesUnsigned = false }
            return true
        case .region:
            let known = learnt.withLock { $0.region }
            guard let region = answer.region, !region.isEmpty, region != known else { return false }
            let endpoint = try S3Client.endpoint(configuration, region: region)
            learnt.withLock { learnt in
                learnt.region = region
                learnt.endpoint = endpoint
            }
            return true
        case .credentials:
            // The source reads its file again if that changed since; the same credentials would fail again.
            return try await configuration.credentials.credentials() != used
        }
    }

    private static func endpoint(
        _ configuration: S3Configuration, region: String
    ) throws(StoreError) -> S3Endpoint {
        try S3Endpoint(
            url: configuration.endpoint, bucket: configuration.bucket, region: region,
            addressing: configuration.addressing)
    }
}
