internal import Basics
internal import KubernetesClient
internal import VeleroAPI

/// A command in a container, and what its end means for whoever wanted it run.
struct PodCommand: Sendable {
    let client: APIClient
    let command: ExecCommand

    func ending(timeout: Duration) async -> HookMachine.Ending {
        do throws(APIError) {
            let result = try await client.exec(command, timeout: timeout)
            guard !result.hasSucceeded else { return .succeeded }
            let words = result.lastWords
            return .failed("it ended with code \(result.exitCode)\(words.isEmpty ? "" : ": \(words)")")
        } catch {
            switch error.code {
            case .timeout: return .unknown("not ended after \(GoDuration.text(timeout)); it may still be running")
            case .unreachable where !error.wasNotSent: return .unknown(ErrorChain.line(error))
            default: return .failed(ErrorChain.line(error))
            }
        }
    }

    /// Undoes a freeze, as often as it takes within reason: it does no harm twice.
    ///
    /// - Parameter isPatient: whether something may be frozen, so that a failure is worth further tries.
    /// - Returns: `.moot` if nothing was frozen when it came.
    func thaw(timeout: Duration, isPatient: Bool = true, clock: any Clock<Duration>) async -> HookMachine.Ending {
        var pause = HookSettings.thawPause
        var last = HookMachine.Ending.failed("not tried")
        for attempt in 1...HookSettings.thawTries {
            let wasLost = if case .unknown = last { true } else { false }
            last = await ending(timeout: timeout)
            if last.hasSucceeded { return last }
            // What the kernel says of a file system that is not frozen (EINVAL). After a try that was lost, that was us.
            if case .failed(let words) = last, words.contains("Invalid argument") {
                return wasLost ? .succeeded : .moot
            }
            guard isPatient, attempt < HookSettings.thawTries else { break }
            do { try await clock.sleep(for: pause) } catch { break }
            pause *= 2
        }
        return last
    }
}
