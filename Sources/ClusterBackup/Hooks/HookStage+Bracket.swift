/// Hooks as the stage of volumes wants them.
extension HookStage: PodBracket {
    package func begin() async -> [BracketOutcome.Message] {
        await undoLeftovers().map(HookStage.message)
    }

    package func around(
        _ pod: VolumeChoice.PodDuty, _ work: @escaping @Sendable () async -> Void
    ) async -> BracketOutcome {
        let outcome = await around(pod.pod, work)
        return BracketOutcome(hasWorked: outcome.hasWorked, messages: outcome.messages.map(HookStage.message))
    }

    package var hookCounts: (attempted: Int, failed: Int)? { (attempted, failed) }

    private static func message(_ message: HookMessage) -> BracketOutcome.Message {
        BracketOutcome.Message(message.level == .error ? .error : .warning, message.text)
    }
}
