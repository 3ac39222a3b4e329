/// Runs `operation` for each element, at most `limit` at a time, in the order of the elements.
///
/// A new task starts only when an earlier one ended, so memory grows with `limit`, not with the number of elements.
/// - Throws: the first error that an operation throws, after the tasks under way were cancelled and have ended.
package func forEachConcurrently<Element: Sendable>(
    _ elements: some Sequence<Element>,
    limit: Int,
    operation: @escaping @Sendable (Element) async throws -> Void
) async throws {
    precondition(limit > 0, "a limit of \(limit) tasks would never run anything")
    try await withThrowingTaskGroup(of: Void.self) { group in
        var running = 0
        for element in elements {
            if running == limit {
                try await group.next()
                running -= 1
            }
            try Task.checkCancellation()
            group.addTask { try await operation(element) }
            running += 1
        }
        try await group.waitForAll()
    }
}

/// The results of `transform`, in the order of the elements, at most `limit` transforms at a time.
///
/// - Throws: the first error that a transform throws, after the tasks under way were cancelled and have ended.
package func mapConcurrently<Element: Sendable, Result: Sendable>(
    _ elements: some Sequence<Element>,
    limit: Int,
    transform: @escaping @Sendable (Element) async throws -> Result
) async throws -> [Result] {
    precondition(limit > 0, "a limit of \(limit) tasks would never run anything")
    return try await withThrowingTaskGroup(of: (Int, Result).self) { group in
        var results: [Int: Result] = [:]
        var count = 0
        for element in elements {
            if count - results.count == limit, let (index, result) = try await group.next() {
                results[index] = result
            }
            try Task.checkCancellation()
            let index = count
            group.addTask { (index, try await transform(element)) }
            count += 1
        }
        while let (index, result) = try await group.next() { results[index] = result }
        return (0..<count).map { results[$0]! }
    }
}
