package import Basics
package import KubernetesClient
import KubernetesModel
package import ObjectStorage
package import VeleroAPI

/// What is to be restored, under which name.
package struct RestoreRequest: Sendable {
    package var name: RestoreName
    package var backupName: BackupName
    /// Its `backupName` is that above.
    package var spec: RestoreSpec

    package init(name: RestoreName, backupName: BackupName, spec: RestoreSpec = RestoreSpec()) {
        self.name = name
        self.backupName = backupName
        self.spec = spec
        self.spec.backupName = backupName.text
        self.spec.scheduleName = ""
    }
}

/// One restore, or the plan of one: from a backup in a store into the cluster of a client.
///
/// Safe to run again after any end: what is there already and equal is left in silence, what differs is left with a
/// warning (or updated, if the request says so), and nothing is ever deleted.
package struct RestoreRun: Sendable {
    private let client: APIClient
    private let store: any ObjectStore
    private let request: RestoreRequest
    private let options: RestoreOptions
    private let clock: any Clock<Duration>
    private let wallClock: WallClock
    private let temporaryFolder: String
    private let restorer: (any PodVolumeRestorer)?

    /// - Parameters:
    ///   - temporaryFolder: for the unpacked archive.
    ///   - restorer: fills volumes, if `options.waiter` makes pods wait for that. A plan needs none.
    package init(
        client: APIClient, store: any ObjectStore, request: RestoreRequest, options: RestoreOptions = .init(),
        clock: any Clock<Duration>, wallClock: WallClock, temporaryFolder: String,
        restorer: (any PodVolumeRestorer)? = nil
    ) {
        self.client = client
        self.store = store
        self.request = request
        self.options = options
        self.clock = clock
        self.wallClock = wallClock
        self.temporaryFolder = temporaryFolder
        self.restorer = restorer
    }

    /// Runs to the end, or to the first thing that makes going on senseless; the outcome then says why.
    ///
    /// - Parameter observe: told of every object, in the order in which they are done with; called by one task.
    /// - Throws: if nothing was begun: `.invalid` with all that is wrong with the request, and what `RestoreSource.open`
    ///   throws; `.unavailable` if the API server does not answer.
    package func run(
        observe: @escaping @Sendable (RestoreEvent) -> Void = { _ in }
    ) async throws(ClusterBackupError) -> RestoreOutcome {
        let started = wallClock.now()
        let served = try await discover()
        let problems = RestoreValidation.problems(request.spec, served: served)
        guard problems.isEmpty else {
            throw ClusterBackupError(
                .invalid, "the restore cannot be run: \(problems.joined(separator: "; "))")
        }
        let source = try await RestoreSource.open(
            request.backupName, in: store, temporaryFolder: temporaryFolder)
        defer { source.archive.close() }
        let settings = try await settings(served, source)
        let driver = RestoreDriver(
            client: client, archive: source.archive, settings: settings, served: served, options: options,
            clock: clock, wallClock: wallClock, observe: observe)
        for warning in source.warnings { driver.ledger.warn(warning) }
        if source.archive.index.count == 0 {
            driver.ledger.warn("the archive of backup \(request.backupName) holds no objects; nothing to restore")
        }
        await driver.run()
        var volumes: [PodVolumeRestore] = []
        if let restorer, !options.isDryRun { volumes = await driver.fillVolumes(restorer) }
        return await conclude(driver, started: started, volumes)
    }

    private func conclude(
        _ driver: RestoreDriver, started: Timestamp, _ volumes: [PodVolumeRestore]
    ) async -> RestoreOutcome {
        let counts = driver.ledger.counts
        let failureReason = driver.stop.map { stop in
            "stopped after \(counts.total) objects: \(RestoreRun.words(stop)); nothing is lost, run the same command again "
                + "to go on"
        }
        if let failureReason { driver.ledger.fail(failureReason) }
        let hasErrors = driver.ledger.results.errors.count > 0
        let log = driver.ledger.close()
        var outcome = RestoreOutcome(
            phase: driver.stop != nil ? .failed : hasErrors ? .partiallyFailed : .completed, started: started,
            completed: wallClock.now(), log: log)
        outcome.counts = counts
        outcome.results = driver.ledger.results
        outcome.resources = driver.ledger.resources
        outcome.volumes = volumes
        outcome.failureReason = failureReason
        outcome.stop = driver.stop
        if !options.isDryRun {
            outcome.recordsProblem = await RestoreRecords.store(outcome, of: request.name, in: store)
        }
        return outcome
    }

    private static func words(_ stop: RestoreOutcome.Stop) -> String {
        switch stop {
        case .cancelled: "interrupted"
        case .server(let error), .archive(let error): ErrorChain.line(error)
        }
    }

    private func discover() async throws(ClusterBackupError) -> ServedKinds {
        do throws(APIError) {
            return ServedKinds(try await client.discover())
        } catch {
            throw ClusterBackupError(
                error.code == .cancelled ? .cancelled : .unavailable, "the API server cannot be asked for its kinds",
                cause: error)
        }
    }

    // MARK: Settings

    private func settings(_ served: ServedKinds, _ source: RestoreSource) async throws(ClusterBackupError)
        -> RestoreSettings
    {
        let plugins = try await plugins(served)
        let modifierText = try await modifierText(served)
        var volumes = source.volumes
        RestoreRun.addSnapshots(of: source.archive, to: &volumes)
        var waiter = options.waiter
        waiter?.restoreUID = RestoreIdentity.uid(request.name, of: source.backup)
        do throws(ActionError) {
            var settings = try RestoreSettings(
                name: request.name, backupName: request.backupName, spec: request.spec, plugins: plugins,
                modifierText: modifierText, volumes: volumes, waiter: waiter)
            settings.location = source.backup.spec.storageLocation
            settings.veleroNamespace = options.veleroNamespace
            return settings
        } catch {
            throw ClusterBackupError(.invalid, error.message)
        }
    }

    /// VolumeSnapshots that lie in the archive itself.
    private static func addSnapshots(of archive: BackupArchiveReader, to volumes: inout VolumeRecords) {
        for item in archive.index.items(of: Restored.volumeSnapshots) {
            // One that cannot be read is refused by name when its turn comes.
            if let bytes = try? archive.bytes(of: item), let json = try? JSONValue(parsing: bytes) {
                volumes.add(snapshot: json)
            }
        }
    }

    private func plugins(_ served: ServedKinds) async throws(ClusterBackupError) -> PluginConfiguration {
        guard let kind = served.kind(GroupResource("configmaps")) else { return PluginConfiguration() }
        let selector = ListOptions(labelSelector: PluginConfiguration.marker)
        do {
            let found = try await client.list(kind, in: options.veleroNamespace, options: selector).all()
            return try PluginConfiguration(configMaps: try found.map { try $0.decoded() })
        } catch let error as ActionError {
            throw ClusterBackupError(.invalid, error.message)
        } catch let error as APIError where error.code == .forbidden || error.code == .notFound {
            return PluginConfiguration()  // Who may not read that namespace has no configuration there.
        } catch {
            throw ClusterBackupError(
                .unavailable, "the ConfigMaps of namespace \(options.veleroNamespace) cannot be read", cause: error)
        }
    }

    private func modifierText(_ served: ServedKinds) async throws(ClusterBackupError) -> String? {
        guard let name = request.spec.resourceModifier?.name else { return nil }
        let place = "ConfigMap \(options.veleroNamespace)/\(name) of the resource modifiers"
        guard let kind = served.kind(GroupResource("configmaps")) else {
            throw ClusterBackupError(.invalid, "the \(place) cannot be read: the cluster serves no ConfigMaps")
        }
        do {
            guard let found = try await client.find(kind, name, in: options.veleroNamespace) else {
                throw ClusterBackupError(.invalid, "the \(place) does not exist")
            }
            return try PluginConfiguration.modifierText(of: try found.decoded())
        } catch let error as ClusterBackupError {
            throw error
        } catch let error as ActionError {
            throw ClusterBackupError(.invalid, error.message)
        } catch {
            throw ClusterBackupError(.unavailable, "the \(place) cannot be read", cause: error)
        }
    }
}
