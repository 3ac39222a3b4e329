import NIOCore
import S3

/// Where notifications about the source of one pair come in: `POST /events/NAME`, or `/events` for all pairs.
///
/// The answer is 200 once they are in memory. That is soon enough: what a mirror that dies forgets its next scan finds.
struct NotificationDoor: Sendable {
    let inbox: NotificationInbox
    /// Read for each request: it may change.
    let token: SecretReference?

    /// - Returns: nil for paths of others.
    static func answer(
        _ doors: [String: NotificationDoor], _ context: CommandContext
    ) -> @Sendable (PostedRequest) -> StatusAnswer? {
        { request in
            guard let chosen = chosen(request.path, doors) else { return nil }
            // Who may tell one pair something must not get to tell another.
            guard chosen.allSatisfy({ $0.admits(request.authorization, context) }) else {
                return StatusAnswer(401, "text/plain", "the token is missing or wrong\n")
            }
            let replies = chosen.map { $0.inbox.put(request.body) }
            if replies.contains(.full) {
                return StatusAnswer(503, "text/plain", "too much is waiting; try again later\n")
            }
            if replies.contains(.unreadable) {
                return StatusAnswer(400, "text/plain", "this is no notification of a bucket\n")
            }
            return StatusAnswer(200, "text/plain", "ok\n")
        }
    }

    private static func chosen(_ path: String, _ doors: [String: NotificationDoor]) -> [NotificationDoor]? {
        guard !doors.isEmpty, path == "/events" || path.hasPrefix("/events/") else { return nil }
        let name = PercentCoding.decode(path.dropFirst("/events/".count))
        if path == "/events" || name == "" { return Array(doors.values) }
        return name.flatMap { doors[$0] }.map { [$0] }
    }

    /// MinIO sends `Bearer TOKEN`, or the text that it was given if that has a blank.
    private func admits(_ authorization: String?, _ context: CommandContext) -> Bool {
        guard let token else { return true }
        guard let wanted = try? token.value(in: context), !wanted.isEmpty, let authorization else { return false }
        let isBearer = authorization.lowercased().hasPrefix("bearer ")
        let shown = isBearer ? String(authorization.dropFirst("bearer ".count)) : authorization
        return isEqual(shown.trimmed, wanted) || isEqual(authorization, wanted)
    }

    /// Takes as long for any text of the same length: nobody can find the token letter by letter.
    private func isEqual(_ one: String, _ other: String) -> Bool {
        guard one.utf8.count == other.utf8.count else { return false }
        return zip(one.utf8, other.utf8).reduce(0) { $0 | ($1.0 ^ $1.1) } == 0
    }
}
