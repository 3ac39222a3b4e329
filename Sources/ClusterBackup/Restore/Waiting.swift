import Basics
import KubernetesClient

/// Asks again and again until something is so. The pauses grow from 50 milliseconds to a second.
struct Waiting: Sendable {
    let clock: any Clock<Duration>
    let timeout: Duration

    /// - Returns: false if it was not so when the time was over.
    func until(_ condition: () async throws(APIError) -> Bool) async throws(APIError) -> Bool {
        var waited = Duration.zero
        var pause = Duration.milliseconds(50)
        while true {  // Ends when the time is over.
            if try await condition() { return true }
            guard waited < timeout else { return false }
            do {
                try await clock.sleep(for: pause)
            } catch {
                throw APIError(.cancelled, "waiting was cancelled", cause: error)
            }
            waited += pause
            pause = min(pause * 2, .seconds(1))
        }
    }
}
