import ClusterBackup
import KubernetesModel
import Testing

@Suite struct `What is done for the hooks of a pod` {
    private func hooks(_ pre: [[String]], _ post: [[String]], stops: Bool) -> PodHooks {
        var hooks = PodHooks(
            of: APIObject(["metadata": ["name": "p"], "spec": ["containers": [["name": "main"]]]]))
        hooks.pre = pre.map { BackupHook(command: $0, onError: stops ? .stop : .goOn) }
        hooks.post = post.map { BackupHook(command: $0) }
        return hooks
    }

    private static let freeze = ["fsfreeze", "-f", "/a"]
    private static let thaw = ["fsfreeze", "-u", "/a"]
    private static let endings: [HookMachine.Ending] = [.succeeded, .moot, .failed("no"), .unknown("lost")]

    /// What the machine did, and what became of the world meanwhile.
    private struct Walk {
        var isNoted = false
        var isFrozen = false
        var isGuarded = false
        var hasForgotten = false
        var actions = 0
    }

    /// Goes through every path: each command ends in every way.
    private func explore(_ machine: HookMachine, _ action: HookMachine.Action, _ walk: Walk, _ paths: inout Int) {
        var walk = walk
        walk.actions += 1
        guard walk.actions < 40 else {
            Issue.record("it does not end")
            return
        }
        func go(_ event: HookMachine.Event, _ walk: Walk) {
            var next = machine
            let action = next.handle(event)
            explore(next, action, walk, &paths)
        }
        switch action {
        case .note:
            walk.isNoted = true
            go(.noted(refused: nil), walk)
            go(.noted(refused: "another is at it"), Walk(isNoted: false, actions: walk.actions))
        case .run(let hook):
            for ending in Self.endings {
                var after = walk
                if ending.hasSucceeded, hook.command == Self.thaw { after.isFrozen = false }
                go(.ended(ending), after)
            }
        case .freeze(_, let thaw, _):
            #expect(walk.isNoted)
            #expect(thaw == Self.thaw)
            for ending in Self.endings where ending != .moot {
                var after = walk
                // When nobody knows, the worst is true.
                after.isFrozen = ending.mayHaveActed
                after.isGuarded = ending.mayHaveActed
                go(.ended(ending), after)
            }
        case .work:
            go(.worked(thawed: []), walk)
            if walk.isGuarded {
                walk.isFrozen = false
                go(.worked(thawed: [0]), walk)
            }
        case .thaw(_, let command, _):
            #expect(command == Self.thaw)
            for ending in Self.endings {
                var after = walk
                if ending.hasSucceeded { after.isFrozen = false }
                go(.ended(ending), after)
            }
        case .dismiss:
            #expect(!walk.isFrozen)
            walk.isGuarded = false
            go(.done, walk)
        case .abandon:
            // The guard thaws.
            walk.isGuarded = false
            walk.isFrozen = false
            #expect(machine.hasLeftovers)
            go(.done, walk)
        case .forget:
            #expect(!walk.isFrozen)
            walk.hasForgotten = true
            go(.done, walk)
        case .finish:
            paths += 1
            #expect(!walk.isFrozen)
            #expect(!walk.isGuarded)
            #expect(walk.hasForgotten == (walk.isNoted && !machine.hasLeftovers))
            #expect(machine.failed <= machine.attempted)
            #expect(machine.hasWorked || !machine.messages.isEmpty)
        }
    }

    @Test(arguments: [true, false])
    func `never ends with a frozen file system, nor forgets what is left`(stops: Bool) {
        let sets: [([[String]], [[String]])] = [
            ([Self.freeze], [Self.thaw]), ([Self.freeze], []), ([["dump"]], [["clean"]]), ([["dump"]], []),
            ([], [["clean"]]), ([["dump"], Self.freeze], [Self.thaw, ["clean"]]),
            ([Self.freeze, ["dump"]], [Self.thaw]),
        ]
        var paths = 0
        for (pre, post) in sets {
            var machine = HookMachine(hooks(pre, post, stops: stops))
            let first = machine.handle(.begin)
            explore(machine, first, Walk(), &paths)
        }
        #expect(paths > 100)
    }
}
