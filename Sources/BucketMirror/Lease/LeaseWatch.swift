import FoundationEssentials
import NIOCore

/// What the lease object says.
struct LeaseNote: Codable, Sendable, Hashable {
    var martlet = 1
    var holder: String
    /// Grows with each renewal: so each is another content, whatever the store's tags are made of.
    var renewals: Int
    var seconds: Int64

    /// Nil for bytes that are none; whoever wrote them counts as a holder like any other.
    init?(_ bytes: ByteBuffer) {
        guard let note = try? JSONDecoder().decode(LeaseNote.self, from: Data(bytes.readableBytesView)) else {
            return nil
        }
        self = note
    }

    init(_ terms: LeaseTerms, renewals: Int) {
        holder = terms.holder
        self.renewals = renewals
        seconds = terms.duration.components.seconds
    }

    func encoded() throws -> ByteBuffer { ByteBuffer(bytes: try JSONEncoder().encode(self)) }
}

/// The lease object as it was found.
struct LeaseLook: Sendable, Hashable {
    var note: LeaseNote?
    var bytes: ByteBuffer
    /// For a conditional write.
    var tag: String?

    var holder: String { note?.holder ?? "somebody unknown" }
}

/// Decides, look by look, whether a lease may be taken. Pure; time is handed in, as the span since some start.
///
/// A lease has run out when it stayed the same for its whole duration under our own eyes: no two clocks are compared.
struct LeaseWatch: Sendable {
    enum Step: Sendable, Hashable {
        /// Nobody has it.
        case create
        /// Whoever had it has not renewed it.
        case take(LeaseLook)
        /// It is ours already: a write of ours arrived, and its answer did not.
        case adopt(LeaseLook)
        case wait(holder: String)
        /// Its holder lives.
        case refuse(holder: String)
    }

    private let terms: LeaseTerms
    private let isPatient: Bool
    private var seen: (look: LeaseLook, since: Duration)?

    /// - Parameter isPatient: waits for as long as the holder lives; else gives up at the first sign of life.
    init(_ terms: LeaseTerms, isPatient: Bool) {
        self.terms = terms
        self.isPatient = isPatient
    }

    mutating func step(_ look: LeaseLook?, now: Duration) -> Step {
        guard let look else { return .create }
        if look.note?.holder == terms.holder { return .adopt(look) }
        guard let seen, seen.look.bytes == look.bytes else {
            let isAlive = seen != nil
            seen = (look, now)
            return isAlive && !isPatient ? .refuse(holder: look.holder) : .wait(holder: look.holder)
        }
        let duration = max(terms.duration, .seconds(min(look.note?.seconds ?? 0, 3600)))
        return now - seen.since >= duration ? .take(look) : .wait(holder: look.holder)
    }
}
