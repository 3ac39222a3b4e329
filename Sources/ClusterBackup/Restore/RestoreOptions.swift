/// How a restore goes about its work; what it restores is in the `RestoreSpec`.
package struct RestoreOptions: Sendable {
    /// Find out and say what would be done; write nothing.
    package var isDryRun = false
    /// Objects of one kind that are on their way to the server at a time. Each is a few requests, one after the other.
    package var concurrency = 16
    package var order = RestoreOrder.standard
    /// How long a definition may take until it is in force.
    package var resourceTimeout = Duration.seconds(600)
    /// How long a namespace, or a volume, that is being deleted may take to go.
    package var terminatingTimeout = Duration.seconds(600)
    /// The namespace that has the ConfigMaps of plug-ins and resource modifiers.
    package var veleroNamespace = "velero"

    /// Holds pods back until their volumes are filled; its `restoreUID` is set by the run. Nil to restore objects only.
    package var waiter: RestoreWaiter?

    package init() {}
}

/// What a restore tells while it runs.
package enum RestoreEvent: Sendable {
    /// The objects that were chosen by their place; labels may leave fewer.
    case started(total: Int)
    case step(RestoreStep)
    /// Something takes time, or is worth a line: a namespace that is being deleted.
    case note(String)
}
