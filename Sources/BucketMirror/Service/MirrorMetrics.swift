package import Basics

/// Why the event stream cannot be trusted for a while; each is answered by a scan.
package enum MirrorGap: String, Sendable, CaseIterable {
    /// The mirror was not running.
    case start
    /// The stream ended, or broke.
    case ended
    /// No sign of life for three heartbeats.
    case silent
    /// Something on the stream could not be understood, or the source says that it dropped events.
    case lost
    /// More keys changed than this process keeps in mind.
    case overload
    /// A scan found a change that no event had announced.
    case missed
    /// There are no events: scans alone.
    case none
}

/// How a pair stands, for metrics and health. Values of one moment.
package struct MirrorMetrics: Sendable, Hashable {
    package enum State: String, Sendable, CaseIterable {
        case starting, scanning, following
        /// Another mirror has the lease of the target.
        case standby
        /// One side cannot be used; it goes on alone when it can.
        case paused
    }

    package var pair: String
    package var state: State = .starting
    /// Why it is paused, one line.
    package var pausedBecause: String?
    /// Everything written at the source before this instant is in the backup; nil before the first complete scan.
    package var replicatedThrough: Timestamp?
    /// Since the oldest known change that is not copied yet; zero when there is none.
    package var lag: Duration = .zero
    package var lagObjects = 0
    package var lagBytes: Int64 = 0
    /// Changes that a scan found and no event had announced: the health number of the stream.
    package var missedEvents = 0
    package var gaps: [MirrorGap: Int] = [:]
    /// When the last complete scan began; nil before it.
    package var lastScan: Timestamp?
    package var scans = 0
    package var counts = MirrorCounts()
    /// By code and side: `unavailable/source`.
    package var errors: [String: Int] = [:]
    /// Keys that failed again and again and are tried rarely.
    package var quarantined = 0
    package var deletesHeld = 0
    /// By the name of the event source.
    package var streamsUp: [String: Bool] = [:]
    /// Stages that a watchdog had to start again.
    package var watchdogRestarts = 0

    package init(pair: String) { self.pair = pair }

    /// Whether somebody should look.
    package var isHealthy: Bool { state != .paused && deletesHeld == 0 && quarantined == 0 }
}
