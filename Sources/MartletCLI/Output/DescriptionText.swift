import KubernetesModel
import VeleroAPI

/// Small values as `describe` writes them.
enum DescriptionText {
    static func names(_ names: [String]) -> String {
        names.isEmpty ? "<none>" : names.joined(separator: ", ")
    }

    /// An empty list of includes means everything.
    static func included(_ names: [String]) -> String {
        names.isEmpty ? "*" : names.joined(separator: ", ")
    }

    static func pairs(_ pairs: [String: String]) -> String {
        pairs.isEmpty
            ? "<none>" : pairs.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: "\n")
    }

    static func choice(_ flag: Bool?, nil unset: String) -> String {
        switch flag {
        case true?: "included"
        case false?: "excluded"
        case nil: unset
        }
    }
}

extension Outline {
    /// Warnings or errors by where they belong; nothing if there are none.
    mutating func add(messages: ResultMessages, title: String) {
        guard !messages.isEmpty else { return }
        blank()
        heading(title)
        add(messages.velero, under: "Velero")
        add(messages.cluster, under: "Cluster")
        guard !messages.namespaces.isEmpty else { return add("Namespaces", "<none>", level: 1) }
        heading("Namespaces", level: 1)
        for (namespace, texts) in messages.namespaces.sorted(by: { $0.key < $1.key }) {
            add(namespace, texts.joined(separator: "\n"), level: 2)
        }
    }

    private mutating func add(_ texts: [String], under name: String) {
        add(name, texts.isEmpty ? "<none>" : texts.joined(separator: "\n"), level: 1)
    }

    /// Objects by kind, as in a backup's list of resources.
    mutating func add(resources: [String: [String]], title: String) {
        blank()
        guard !resources.isEmpty else { return add(title, "<none>") }
        heading(title)
        for (kind, names) in resources.sorted(by: { $0.key < $1.key }) {
            heading(kind, level: 1)
            for name in names { text("- \(name)", level: 2) }
        }
    }
}
