internal import Basics
internal import NIOCore
internal import ObjectStorage
internal import Transport

/// A request as an `S3TestServer` takes it: everything still as it was sent, and decoded where the server needs it.
struct ServerRequest: Sendable {
    let method: String
    /// With the query, percent-encoded.
    let target: String
    /// Names in lower case.
    let headers: [ServedField]
    var body: ByteBuffer
    let bucket: String
    var key: ObjectKey?
    let query: [ServedField]

    /// Nil for a target that is no path or is encoded wrongly.
    init?(method: String, target: String, headers: [ServedField], body: ByteBuffer) {
        let halves = target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        guard halves[0].hasPrefix("/") else { return nil }
        let names = halves[0].dropFirst().split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let bucket = names.first.flatMap({ PercentEncoding.decode($0) }) else { return nil }
        var key: ObjectKey?
        if names.count == 2, !names[1].isEmpty {
            guard let text = PercentEncoding.decode(names[1]), let decoded = ObjectKey(text) else { return nil }
            key = decoded
        }
        var query: [ServedField] = []
        for pair in (halves.count == 2 ? halves[1] : "").split(separator: "&") {
            let sides = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = PercentEncoding.decode(sides[0]),
                let value = PercentEncoding.decode(sides.count == 2 ? sides[1] : "")
            else { return nil }
            query.append(ServedField(name: name, value: value))
        }
        self.method = method
        self.target = target
        self.headers = headers
        self.body = body
        self.bucket = bucket
        self.key = key
        self.query = query
    }

    func header(_ name: String) -> String? { headers.first { $0.name == name }?.value }

    /// The value of a query parameter; empty if it has none, nil if it is not there.
    func parameter(_ name: String) -> String? { query.first { $0.name == name }?.value }

    /// Without quotes.
    func tag(_ name: String) -> String? {
        header(name).map { String($0.drop { $0 == "\"" }.reversed().drop { $0 == "\"" }.reversed()) }
    }

    var text: String { String(buffer: body) }
}

/// What is answered.
struct ServerAnswer: Sendable {
    var status = 200
    var headers: [ServedField] = []
    var body = ByteBuffer()
    /// Not nil for an answer that does not end: it receives events.
    var listening: Listening?

    mutating func set(_ name: String, _ value: String?) {
        if let value { headers.append(ServedField(name: name, value: value)) }
    }

    static func xml(_ text: String, status: Int = 200) -> ServerAnswer {
        var answer = ServerAnswer(status: status)
        answer.set("content-type", "application/xml")
        answer.body = ByteBuffer(string: "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n" + text)
        return answer
    }
}

/// What a listener wants to hear.
struct Listening: Sendable {
    /// Empty for all buckets.
    let bucket: String
    let prefix: String
    let suffix: String
    /// Such as `s3:ObjectCreated:*`.
    let events: [String]
    /// Nil for blanks twice a second, as servers before 2023 kept a stream alive.
    let ping: Int?

    func wants(_ event: ServedEvent) -> Bool {
        guard bucket.isEmpty || event.bucket == bucket else { return false }
        let key = event.key.utf8
        guard key.starts(with: prefix.utf8), key.reversed().starts(with: suffix.utf8.reversed()) else { return false }
        return events.contains { wanted in
            wanted.hasSuffix("*") ? event.name.hasPrefix(wanted.dropLast()) : event.name == wanted
        }
    }
}

/// Why a request is refused.
struct Refusal: Error {
    let status: Int
    let code: String
    var message = ""

    static let noKey = Refusal(status: 404, code: "NoSuchKey", message: "The specified key does not exist.")
    static let noVersion = Refusal(status: 404, code: "NoSuchVersion")
    static let noUpload = Refusal(status: 404, code: "NoSuchUpload")
    static let noBucket = Refusal(status: 404, code: "NoSuchBucket", message: "The specified bucket does not exist")
    static let condition = Refusal(status: 412, code: "PreconditionFailed")
    static let badDigest = Refusal(status: 400, code: "BadDigest")
    static let malformed = Refusal(status: 400, code: "MalformedXML")
    static let locked = Refusal(status: 403, code: "AccessDenied", message: "Object is WORM protected")

    static func argument(_ message: String) -> Refusal {
        Refusal(status: 400, code: "InvalidArgument", message: message)
    }

    var answer: ServerAnswer {
        .xml(
            "<Error><Code>\(code)</Code><Message>\(message.markup)</Message><RequestId>TEST</RequestId></Error>",
            status: status)
    }
}

extension String {
    /// With what XML takes for markup escaped.
    var markup: String {
        var text = ""
        for scalar in unicodeScalars {
            switch scalar {
            case "&": text += "&amp;"
            case "<": text += "&lt;"
            case ">": text += "&gt;"
            case "\r", "\n", "\t": text += "&#\(scalar.value);"
            default: text.unicodeScalars.append(scalar)
            }
        }
        return text
    }

    /// The texts between the tags of each element of that name, as they stand. Enough for the bodies that clients send.
    func elements(_ name: String) -> [Substring] {
        var found: [Substring] = []
        var rest = self[...]
        while let start = rest.firstRange(of: "<\(name)>") {
            rest = rest[start.upperBound...]
            guard let end = rest.firstRange(of: "</\(name)>") else { break }
            found.append(rest[..<end.lowerBound])
            rest = rest[end.upperBound...]
        }
        return found
    }

    /// The text of the first element of that name, entities resolved.
    func element(_ name: String) -> String? { elements(name).first.map { String($0).unescaped } }

    private var unescaped: String {
        guard contains("&") else { return self }
        var text = ""
        var rest = self[...]
        while let character = rest.popFirst() {
            guard character == "&", let end = rest.firstIndex(of: ";") else {
                text.append(character)
                continue
            }
            let name = rest[..<end]
            rest = rest[rest.index(after: end)...]
            let number = name.hasPrefix("#x") ? UInt32(name.dropFirst(2), radix: 16) : UInt32(name.dropFirst())
            switch name {
            case "amp": text += "&"
            case "lt": text += "<"
            case "gt": text += ">"
            case "quot": text += "\""
            case "apos": text += "'"
            default: number.flatMap(Unicode.Scalar.init).map { text.unicodeScalars.append($0) }
            }
        }
        return text
    }
}
