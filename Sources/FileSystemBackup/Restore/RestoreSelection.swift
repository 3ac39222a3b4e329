/// Which parts of a snapshot are restored. Paths begin at the folder that is restored.
package enum RestoreSelection: Sendable {
    case everything
    /// What one of the lists selects, and the folders on the way there.
    case including([PatternList])
    /// What none of the lists selects.
    case excluding([PatternList])

    var isEverything: Bool {
        if case .everything = self { return true }
        return false
    }
}

/// The selection at one folder.
struct SelectionScope: Sendable {
    private let selection: RestoreSelection
    private let scopes: [PatternScope]
    private var path: [[UInt8]] = []

    init(_ selection: RestoreSelection) {
        self.selection = selection
        scopes =
            switch selection {
            case .everything: []
            case .including(let lists), .excluding(let lists): lists.map(PatternScope.init)
            }
    }

    private init(_ selection: RestoreSelection, _ scopes: [PatternScope], _ path: [[UInt8]]) {
        self.selection = selection
        self.scopes = scopes
        self.path = path
    }

    /// Whether the folder at which this scope stands is itself selected.
    var selectsFolder: Bool {
        switch selection {
        case .everything: true
        case .including: scopes.contains { $0.selectsFolder }
        case .excluding: !scopes.contains { $0.selectsFolder }
        }
    }

    func selects(_ name: [UInt8]) -> Bool {
        switch selection {
        case .everything: true
        case .including: scopes.contains { $0.selects(name) }
        case .excluding: !scopes.contains { $0.selects(name) }
        }
    }

    /// Whether the folder `name` has to be looked into.
    func maySelectBelow(_ name: [UInt8]) -> Bool {
        switch selection {
        case .everything: true
        case .including(let lists): selects(name) || lists.contains { $0.maySelectBelow(path + [name]) }
        case .excluding: selects(name)
        }
    }

    func entering(_ name: [UInt8]) -> SelectionScope {
        SelectionScope(selection, scopes.map { $0.entering(name) }, path + [name])
    }
}
