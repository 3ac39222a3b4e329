import KubernetesModel

/// Replaces parts of image names, so that a cluster without access to the old registry finds its images. Reference:
/// section 13.3.
package struct ImageMapping: Sendable, Hashable {
    package struct Replacement: Sendable, Hashable {
        package let old: String
        package let new: String
    }

    /// The first whose `old` occurs in an image is used.
    package var replacements: [Replacement] = []

    package init() {}

    /// Reads the data of the plug-in ConfigMap: any keys, values `old-part,new-part`. Ordered by key, where Velero
    /// leaves the order to chance.
    package init(parsing data: [String: String]) throws(ActionError) {
        for (key, value) in data.sorted(by: { $0.key < $1.key }) {
            let parts = value.split(separator: ",", omittingEmptySubsequences: false)
            guard parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty else {
                throw ActionError(
                    "the image mapping has '\(value)' under key '\(key)'; it must be OLD-PART,NEW-PART")
            }
            replacements.append(Replacement(old: String(parts[0]), new: String(parts[1])))
        }
    }

    /// `image` with every occurrence of the first matching part replaced.
    package func mapped(_ image: String) -> String {
        guard let replacement = replacements.first(where: { image.contains($0.old) }) else { return image }
        return image.split(separator: replacement.old, omittingEmptySubsequences: false)
            .joined(separator: replacement.new)
    }

    static let action = ItemAction(
        name: "velero.io/change-image-name", resources: Set(Restored.podSpecPaths.keys)
    ) { draft, settings in
        guard !settings.images.replacements.isEmpty, let path = Restored.podSpecPaths[draft.resource] else { return }
        for list in ["containers", "initContainers"] {
            guard var containers = draft.object.json[path + [list]]?.array else { continue }
            for index in containers.indices {
                guard let image = containers[index]["image"]?.string else { continue }
                containers[index]["image"] = .string(settings.images.mapped(image))
            }
            draft.object.json[path + [list]] = .array(containers)
        }
    }
}
