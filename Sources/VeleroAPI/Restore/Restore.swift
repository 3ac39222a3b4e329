package import KubernetesModel

/// A restore, as the cluster has it. It is not kept in the bucket; only its results are.
package struct Restore: VeleroObject {
    package static let kind = "Restore"
    package static let plural = "restores"

    package var object: APIObject
    package var spec: RestoreSpec
    package var status: RestoreStatus

    package init(object: APIObject, spec: RestoreSpec, status: RestoreStatus) {
        self.object = object
        self.spec = spec
        self.status = status
    }

    /// One that nobody has looked at yet has no phase.
    package var phase: RestorePhase { status.phase ?? .new }
}
