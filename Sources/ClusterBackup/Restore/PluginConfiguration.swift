package import KubernetesModel
import VeleroAPI

/// What ConfigMaps in Velero's namespace say to the restore's rules. Reference: section 13.4.
package struct PluginConfiguration: Sendable, Hashable {
    package var storageClasses: [String: String] = [:]
    package var images = ImageMapping()
    /// Of the container that waits for volumes; see `RestoreWaiter`.
    package var restoreHelper: [String: String] = [:]

    package init() {}

    static let marker = "velero.io/plugin-config"
    static let restoreAction = "RestoreItemAction"

    /// - Parameter configMaps: of Velero's namespace; those without the labels are left aside.
    /// - Throws: `ActionError` if two ConfigMaps are for the same rule, or one cannot be read.
    package init(configMaps: [APIObject]) throws(ActionError) {
        storageClasses = try PluginConfiguration.data(for: "velero.io/change-storage-class", in: configMaps) ?? [:]
        images = try ImageMapping(
            parsing: try PluginConfiguration.data(for: "velero.io/change-image-name", in: configMaps) ?? [:])
        let today = try PluginConfiguration.data(for: VeleroName.podVolumeRestoreAction, in: configMaps)
        let former = try PluginConfiguration.data(for: "velero.io/restic", in: configMaps)  // Velero 1.9 and older.
        restoreHelper = today ?? former ?? [:]
    }

    private static func data(
        for action: String, in configMaps: [APIObject]
    ) throws(ActionError) -> [String: String]? {
        let matching = configMaps.filter { $0.labels[marker] != nil && $0.labels[action] == restoreAction }
        guard matching.count < 2 else {
            let names = matching.map(\.name).sorted().joined(separator: ", ")
            throw ActionError(
                "only one ConfigMap may configure \(action), found \(names); remove the label of the others")
        }
        return matching.first.map { ($0.json["data"]?.object ?? [:]).compactMapValues(\.string) }
    }

    /// The text of the resource modifiers: the one value of the ConfigMap that the restore names.
    package static func modifierText(of configMap: APIObject) throws(ActionError) -> String {
        let data = configMap.json["data"]?.object ?? [:]
        guard data.count == 1, let text = data.values.first?.string else {
            throw ActionError(
                "the ConfigMap '\(configMap.name)' of the resource modifiers must have exactly one key, and has "
                    + "\(data.count)")
        }
        return text
    }
}
