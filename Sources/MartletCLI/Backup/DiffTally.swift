import KubernetesModel

/// What a comparison found, by kind: counts, and a line for each object that is not as it should be.
struct DiffTally {
    enum Finding {
        case equal
        case different([FieldDifference])
        case missing
        /// There by design only in the backup; with the reason.
        case notRestored(String)
        /// Could not be compared; with the reason.
        case failed(String)
    }

    private struct Counts {
        var equal = 0
        var different = 0
        var missing = 0
        var notRestored = 0

        var total: Int { equal + different + missing + notRestored }
    }

    private let showsEqual: Bool
    private var byKind: [GroupResource: Counts] = [:]
    private var lines: [String] = []

    init(showsEqual: Bool) { self.showsEqual = showsEqual }

    var isSame: Bool { byKind.values.allSatisfy { $0.different == 0 && $0.missing == 0 } }

    mutating func add(_ finding: Finding, _ reference: ObjectReference) {
        var counts = byKind[reference.resource] ?? Counts()
        switch finding {
        case .equal:
            counts.equal += 1
            if showsEqual { lines.append("equal      \(reference)") }
        case .different(let fields):
            counts.different += 1
            lines.append("different  \(reference)")
            lines += fields.map { "             \($0)" }
        case .missing:
            counts.missing += 1
            lines.append("missing    \(reference)")
        case .notRestored(let reason):
            counts.notRestored += 1
            if showsEqual { lines.append("by design  \(reference): \(reason)") }
        case .failed(let reason):
            counts.different += 1
            lines.append("unknown    \(reference): \(reason)")
        }
        byKind[reference.resource] = counts
    }

    func show(on console: Console, against other: String) {
        for line in lines { console.line(PlainText.printable(line, keepingLines: false)) }
        if !lines.isEmpty { console.line("") }
        var table = Table(["KIND", "OBJECTS", "EQUAL", "DIFFERENT", "MISSING", "NOT RESTORED"])
        var sum = Counts()
        for (kind, counts) in byKind.sorted(by: { $0.key < $1.key }) {
            table.append(DiffTally.row(kind.description, counts))
            sum.equal += counts.equal
            sum.different += counts.different
            sum.missing += counts.missing
            sum.notRestored += counts.notRestored
        }
        table.append(DiffTally.row("total", sum))
        console.write(table.text())
        var verdict = "Compared with \(other): \(counted(sum.total, "object")), "
        verdict += sum.missing == 0 ? "nothing missing, " : "\(grouped(sum.missing)) missing, "
        verdict += sum.different == 0 ? "no differences." : "\(grouped(sum.different)) different."
        if sum.notRestored > 0 {
            verdict += " \(counted(sum.notRestored, "object")) not restored by design (--details says why)."
        }
        console.line(verdict)
    }

    private static func row(_ name: String, _ counts: Counts) -> [String] {
        [name] + [counts.total, counts.equal, counts.different, counts.missing, counts.notRestored].map { "\($0)" }
    }
}
