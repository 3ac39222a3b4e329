internal import Basics
internal import KubernetesModel

extension APIClient {
    /// Asks what the server offers: two requests where it gives the aggregated document, otherwise one for each group
    /// version, eight at a time.
    ///
    /// A group that cannot be read is in `failures` and does not stop the rest.
    /// - Throws: if `/api` or `/apis` cannot be read.
    package func discover() async throws(APIError) -> Discovery {
        async let core = discoverRoot("/api")
        async let named = discoverRoot("/apis")
        var found = DiscoveryParts()
        do {
            for root in [try await core, try await named] { found.add(root) }
        } catch {
            throw APIError(error, "discovery")
        }
        let answers: [(GroupVersion, Result<[ResourceKind], APIError>)]
        do {
            answers = try await mapConcurrently(found.unread, limit: 8) { groupVersion in
                (groupVersion, await self.discoverVersion(groupVersion))
            }
        } catch {
            throw APIError(error, "discovery")
        }
        for (groupVersion, answer) in answers { found.add(answer, groupVersion) }
        return Discovery(groups: found.groups, kinds: found.kinds, failures: found.failures)
    }

    private func discoverRoot(_ path: String) async throws(APIError) -> DiscoveryDocuments.Root {
        let request = requests.read(path, accept: DiscoveryDocuments.accept)
        guard let root = DiscoveryDocuments.root(try await json(request)) else {
            throw APIError(
                .malformed, "\(request.subject): the answer is no discovery document; is this an API server?")
        }
        return root
    }

    private func discoverVersion(_ groupVersion: GroupVersion) async -> Result<[ResourceKind], APIError> {
        let base = groupVersion.group.isEmpty ? "/api/" : "/apis/\(groupVersion.group)/"
        // A dead aggregated API answers 503 for ever: it must not hold up everything else until the usual deadline.
        var hasty = self
        hasty.sender = sender.with(RetryPolicy(deadline: .seconds(2), attempts: min(3, sender.policy.attempts)))
        do throws(APIError) {
            guard ResourcePath.isSegment(groupVersion.version), !groupVersion.group.contains("/") else {
                throw APIError(.malformed, "'\(printable("\(groupVersion)"))' is no name of a group and version")
            }
            let request = requests.read(base + groupVersion.version)
            guard let kinds = DiscoveryDocuments.kinds(try await hasty.json(request), groupVersion) else {
                throw APIError(.malformed, "\(request.subject): the answer is no list of kinds")
            }
            return .success(kinds)
        } catch {
            return .failure(error)
        }
    }
}

/// What the answers gave so far.
private struct DiscoveryParts {
    var groups: [Discovery.Group] = []
    var kinds: [ResourceKind] = []
    var failures: [Discovery.Failure] = []
    /// Named, but not yet asked for their kinds.
    var unread: [GroupVersion] = []

    mutating func add(_ root: DiscoveryDocuments.Root) {
        switch root {
        case .aggregated(let groups, let kinds, let stale):
            self.groups += groups
            self.kinds += kinds
            failures += stale.map { groupVersion in
                let message = "\(groupVersion): the server cannot reach the API that serves this group"
                return .init(groupVersion: groupVersion.description, error: APIError(.server, message))
            }
        case .named(let groups):
            self.groups += groups
            for group in groups {
                unread += group.versions.map { GroupVersion(group: group.name, version: $0) }
            }
        }
    }

    mutating func add(_ answer: Result<[ResourceKind], APIError>, _ groupVersion: GroupVersion) {
        switch answer {
        case .success(let kinds): self.kinds += kinds
        case .failure(let error): failures.append(.init(groupVersion: groupVersion.description, error: error))
        }
    }
}
