/// Where tasks run that are nobody's children. Child tasks run where their parent does; unstructured ones would run on the
/// threads of the process, whatever their maker runs on.
package enum TaskSurroundings {
    /// Set by tests whose time passes only when all of their tasks wait; nil otherwise.
    @TaskLocal package static var executor: (any TaskExecutor)?
}

extension Task where Failure == Never {
    /// A task that is not cancelled with the present one, in the same surroundings.
    @discardableResult
    package static func apart(_ operation: sending @escaping @isolated(any) () async -> Success) -> Task {
        Task(executorPreference: TaskSurroundings.executor, operation: operation)
    }
}
