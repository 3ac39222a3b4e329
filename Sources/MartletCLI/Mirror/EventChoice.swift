import KubernetesModel

/// Who tells a mirror of changes in its source.
package enum EventChoice: Sendable, Hashable {
    /// MinIO's stream where the source offers one, else polling.
    case automatic
    /// Polling alone.
    case none
    /// Notifications that are posted to the mirror's own address. Whoever sends them shows the token, if there is one.
    case webhook(token: SecretReference?)
    case queue(QueueChoice)

    /// As `--events` has it.
    init(word: String, token: SecretReference?) throws(CommandError) {
        switch word {
        case "automatic": self = .automatic
        case "none": self = .none
        case "webhook": self = .webhook(token: token)
        case _ where word.hasPrefix("https://") || word.hasPrefix("http://"):
            self = .queue(QueueChoice(url: word, region: nil, keys: nil))
        default:
            throw .usage(
                "'\(word)' tells of no changes", advice: "It is automatic, none, webhook, or the URL of an SQS queue.")
        }
    }

    /// As the file has it: a word, `{webhook: {token: …}}`, or `{sqs: {queue: URL, …}}`. Nil if there is nothing.
    init?(
        _ value: JSONValue?, in place: String, _ lookUp: (SecretReference) throws(CommandError) -> String
    ) throws(CommandError) {
        guard let value else { return nil }
        if let word = value.string {
            try self.init(word: word, token: nil)
            return
        }
        let fields = try ConfigurationFields(value, in: "'events' of \(place)", known: ["webhook", "sqs"])
        switch (fields.value("webhook"), fields.value("sqs")) {
        case (let webhook?, nil):
            let fields = try ConfigurationFields(webhook, in: "'webhook' of \(place)", known: ["token"])
            let token = try fields.reference("token", takesText: false)
            // What is wrong with it is said now, not to the first sender.
            if let token { _ = try lookUp(token) }
            self = .webhook(token: token)
        case (nil, let sqs?): self = .queue(try QueueChoice(sqs, in: "'sqs' of \(place)", lookUp))
        default: throw .usage("'events' of \(place) has one of 'webhook' and 'sqs'")
        }
    }
}

/// A queue of Amazon SQS, or of something that speaks its protocol.
package struct QueueChoice: Sendable, Hashable {
    /// `https://sqs.REGION.amazonaws.com/ACCOUNT/NAME`.
    package let url: String
    /// Nil for the one in the URL.
    package let region: String?
    /// Nil for those of the environment.
    package let keys: StoreAlias?

    init(url: String, region: String?, keys: StoreAlias?) {
        self.url = url
        self.region = region
        self.keys = keys
    }

    init(
        _ value: JSONValue, in place: String, _ lookUp: (SecretReference) throws(CommandError) -> String
    ) throws(CommandError) {
        let fields = try ConfigurationFields(
            value, in: place, known: ["queue", "region", "accessKey", "secretKey", "sessionToken"])
        guard let url = try fields.text("queue") else { throw .usage("\(place) needs 'queue', a URL") }
        self.url = url
        region = try fields.text("region")
        let hasKeys = ["accessKey", "secretKey", "sessionToken"].contains { fields.value($0) != nil }
        keys = hasKeys ? try fields.keys(url: url, .automatic, place, lookUp) : nil
    }
}
