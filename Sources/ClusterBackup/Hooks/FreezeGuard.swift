internal import Basics
internal import KubernetesClient
internal import Synchronization

/// The far end of a `FreezeScript`: begins it in a container, tells it that somebody is alive, hears what it says. Its
/// two tasks belong to whoever runs them; one task at a time waits for signs.
final class FreezeGuard: Sendable {
    /// What was heard, or that nothing was heard in time.
    enum Sign: Sendable, Hashable {
        case frozen(Int)
        case thawed
        /// The process in the pod, or the connection to it, has ended. `inVain`: certainly before anything was frozen.
        case ended(String, inVain: Bool)
        case late
    }

    private let client: APIClient
    private let command: ExecCommand
    private let clock: any Clock<Duration>
    private let state = Mutex(State())

    private struct State {
        var session: ExecSession?
        var line: [UInt8] = []
        var words = ""
        /// Heard and not handed out; an honest script gives three signs, no more than `mostSigns` are kept.
        var queue: ArraySlice<Sign> = []
        var waiter: (number: Int, continuation: CheckedContinuation<Sign, Never>)?
        var waits = 0
        var hasThawed = false
        var end: Sign?
        var isDismissed = false
    }

    private static let mostSigns = 16

    /// A line longer than this is no sign; its rest is dropped.
    private static let longestLine = 512

    init(_ client: APIClient, _ command: ExecCommand, clock: any Clock<Duration>) {
        self.client = client
        self.command = command
        self.clock = clock
    }

    // MARK: Its tasks

    /// Runs the script to its end. A cancelled task closes the connection, and the script thaws.
    func follow() async {
        var isOpen = false
        let end: Sign
        do throws(APIError) {
            let session = try await client.openExec(command, stdin: true)
            isOpen = true
            state.withLock { $0.session = session }
            let result = try await session.resultWhileAlive(clock) { self.hear($0) }
            state.withLock { $0.words = result.lastWords }
            end = .ended(
                "it ended with code \(result.exitCode)", inVain: result.exitCode == FreezeScript.cannotWatch)
        } catch {
            let isLost = error.code == .unreachable || error.code == .timeout || error.code == .cancelled
            end = .ended(
                ErrorChain.line(error), inVain: error.wasNotSent || !isLost && (!isOpen || error.code == .server))
        }
        state.withLock { $0.session = nil }
        tell(end)
    }

    /// Says again and again that somebody is alive, until the guard is dismissed or the task ends.
    func keepBeating(every pause: Duration) async {
        do {
            while true {
                try await clock.sleep(for: pause)
                guard !state.withLock({ $0.isDismissed }) else { return }
                let session = state.withLock { $0.session }
                try await session?.write(FreezeScript.beat)
            }
        } catch {}  // The reader hears of a broken connection by itself.
    }

    private func hear(_ bytes: ArraySlice<UInt8>) {
        let signs = state.withLock { state in
            var signs: [Sign] = []
            for byte in bytes {
                guard byte == UInt8(ascii: "\n") else {
                    if state.line.count < FreezeGuard.longestLine { state.line.append(byte) }
                    continue
                }
                switch FreezeScript.Sign(String(decoding: state.line, as: UTF8.self)) {
                case .frozen(let code)?: signs.append(.frozen(code))
                case .thawed?: signs.append(.thawed)
                case nil: break
                }
                state.line = []
            }
            return signs
        }
        for sign in signs { tell(sign) }
    }

    private func tell(_ sign: Sign) {
        let waiter = state.withLock { state -> CheckedContinuation<Sign, Never>? in
            switch sign {
            case .thawed: state.hasThawed = true
            case .ended: state.end = sign
            case .frozen, .late: break
            }
            if let waiter = state.waiter {
                state.waiter = nil
                return waiter.continuation
            }
            if state.queue.count < FreezeGuard.mostSigns { state.queue.append(sign) }
            return nil
        }
        waiter?.resume(returning: sign)
    }

    // MARK: From outside

    /// The next sign, or `.late` if none comes in time; `.ended` again and again after the end.
    func next(within limit: Duration) async -> Sign {
        let number = state.withLock { state in
            state.waits += 1
            return state.waits
        }
        return await withTaskGroup(of: Void.self) { group in
            group.addTask {
                do { try await self.clock.sleep(for: limit) } catch { return }
                self.giveUp(number)
            }
            let sign = await self.wait(number)
            group.cancelAll()
            return sign
        }
    }

    private func wait(_ number: Int) async -> Sign {
        await withCheckedContinuation { continuation in
            let known = state.withLock { state -> Sign? in
                if let sign = state.queue.popFirst() ?? state.end { return sign }
                // The time may have been over before anybody waited.
                guard state.waits == number else { return .late }
                state.waiter = (number, continuation)
                return nil
            }
            if let known { continuation.resume(returning: known) }
        }
    }

    private func giveUp(_ number: Int) {
        let waiter = state.withLock { state -> CheckedContinuation<Sign, Never>? in
            guard state.waits == number else { return nil }
            state.waits += 1
            defer { state.waiter = nil }
            return state.waiter?.continuation
        }
        waiter?.resume(returning: .late)
    }

    /// Whether it has said that it thawed without being told to.
    var hasThawed: Bool { state.withLock { $0.hasThawed } }
    var hasEnded: Bool { state.withLock { $0.end != nil } }

    /// The last line that the freeze wrote.
    var words: String { state.withLock { $0.words } }

    /// Its file system is thawed by somebody else: it may go.
    func dismiss() async {
        let session = state.withLock { state in
            state.isDismissed = true
            return state.session
        }
        do throws(APIError) { try await session?.write(FreezeScript.done) } catch {}  // It goes by itself, then.
    }

    /// Lets go of it, so that it thaws.
    /// - Returns: false where only the end of the connection tells it.
    func abandon() async -> Bool {
        let session = state.withLock { state in
            state.isDismissed = true
            return state.session
        }
        do throws(APIError) { return try await session?.endInput() ?? true } catch { return true }
    }
}
