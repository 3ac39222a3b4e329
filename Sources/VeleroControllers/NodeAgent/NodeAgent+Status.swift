internal import Basics
internal import ControllerRuntime
internal import KubernetesClient
internal import KubernetesModel
internal import Synchronization
internal import VeleroAPI

extension NodeAgent {
    /// Takes an object over: nobody may have changed it since it was seen.
    func claim<Object: VeleroObject>(_ begun: Object, _ seen: APIObject, _ name: String) async -> Bool {
        do throws(APIError) {
            guard try await status.write(begun, resourceVersion: seen.resourceVersion) != nil else { return false }
        } catch {
            if error.code != .conflict { observe(.unwritten(name, error)) }
            return false
        }
        observe(.began(name))
        return true
    }

    /// Writes a result down. If the API server does not take it, it is kept and written later: work is not done twice.
    func conclude<Object: PodVolumeObject>(
        _ result: Object, _ seen: APIObject, _ name: String, _ hand: WorkInHand<Object>
    ) async -> Controller.Outcome {
        let uid = seen.uid ?? ""
        do throws(APIError) {
            _ = try await status.write(result)
        } catch {
            hand.keep(result, uid: uid)
            observe(.unwritten(name, error))
            return .failed
        }
        hand.forget(uid: uid)
        observe(.ended(name, result.phase, message: result.message))
        return .done
    }

    /// An object that is done with. If its result was thought unwritten, only the answer was lost.
    func settle<Object: PodVolumeObject>(
        _ object: Object, _ seen: APIObject, _ name: String, _ hand: WorkInHand<Object>
    ) -> Controller.Outcome {
        let uid = seen.uid ?? ""
        guard hand.kept(uid: uid) != nil else { return .done }
        hand.forget(uid: uid)
        observe(.ended(name, object.phase, message: object.message))
        return .done
    }

    /// Does `work` and meanwhile writes its progress into the object, as often as the work tells; the newest counts.
    func following<Object: VeleroObject>(
        _ object: Object,
        _ work: @escaping @Sendable (_ progress: @escaping VolumeWorker.Progress) async -> Object,
        report: @escaping @Sendable (inout Object, _ done: Int, _ total: Int?) -> Void
    ) async -> Object {
        let (counts, sink) = AsyncStream.makeStream(of: (Int, Int?).self, bufferingPolicy: .bufferingNewest(1))
        let status = status
        let writer = Task {
            for await (done, total) in counts {
                var changed = object
                report(&changed, done, total)
                // The next one will do, and the end is written for certain.
                try? await status.writeProgress(changed)
            }
        }
        let result = await work { sink.yield(($0, $1)) }
        sink.finish()
        writer.cancel()
        // No progress may arrive after the result.
        await writer.value
        return result
    }
}

extension StatusWriter {
    /// Writes `status.progress` alone.
    func writeProgress<Object: VeleroObject>(_ object: Object) async throws(APIError) {
        guard let progress = object.json["status", "progress"] else { return }
        _ = try await send(
            ["status": ["progress": progress]], Object.resourceKind, object.name, object.namespace)
    }
}

/// PodVolumeBackup and PodVolumeRestore, as far as they are alike.
protocol PodVolumeObject: VeleroObject {
    var phase: PodVolumePhase { get }
    var message: String? { get }
}

extension PodVolumeBackup: PodVolumeObject {
    var message: String? { status.message }

    func begun(at now: Timestamp) -> PodVolumeBackup {
        var object = self
        object.status.phase = PodVolumePhase.inProgress.rawValue
        object.status.startTimestamp = now
        return object
    }

    func ended(_ phase: PodVolumePhase, _ message: String, at now: Timestamp) -> PodVolumeBackup {
        var object = self
        object.status.phase = phase.rawValue
        object.status.message = message
        object.status.completionTimestamp = now
        return object
    }
}

extension PodVolumeRestore: PodVolumeObject {
    var message: String? { status.message }

    func begun(at now: Timestamp, node: String) -> PodVolumeRestore {
        var object = self
        object.status.phase = PodVolumePhase.inProgress.rawValue
        object.status.startTimestamp = now
        object.status.node = node
        return object
    }

    func ended(_ phase: PodVolumePhase, _ message: String, at now: Timestamp) -> PodVolumeRestore {
        var object = self
        object.status.phase = phase.rawValue
        object.status.message = message
        object.status.completionTimestamp = now
        return object
    }
}

enum VolumeRecordsFormat {
    /// Objects of Velero before 1.10 say nothing and mean restic.
    static func isRestic(_ uploader: String) -> Bool { uploader.isEmpty || uploader == "restic" }
}
