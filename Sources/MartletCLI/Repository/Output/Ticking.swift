/// Runs something regularly beside work.
enum Ticking {
    /// Calls `tick` every `interval` until `body` has ended.
    ///
    /// - Parameter beside: runs once beside the work, and is told to end with it.
    static func run<Result: Sendable>(
        every interval: Duration, tick: @escaping @Sendable () -> Void, beside: (@Sendable () -> Void)? = nil,
        _ body: @escaping @Sendable () async throws -> Result
    ) async throws -> Result {
        try await withThrowingTaskGroup(of: Result?.self) { group in
            group.addTask { try await body() }
            if let beside {
                group.addTask {
                    beside()
                    return nil
                }
            }
            group.addTask {
                // Cancellation ends the pause.
                while !Task.isCancelled {
                    do { try await Task.sleep(for: interval) } catch { break }
                    tick()
                }
                return nil
            }
            defer { group.cancelAll() }
            while let next = try await group.next() {
                if let result = next { return result }
            }
            throw CancellationError()
        }
    }
}
