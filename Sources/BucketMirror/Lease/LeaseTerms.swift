/// Who takes the lease of a target, and for how long at a time.
package struct LeaseTerms: Sendable, Hashable {
    /// Unique among everybody who may ever write to the target, for people to recognise: `pod-7/0f8e…`.
    package var holder: String
    /// A lease that was not renewed for so long is anybody's. It is renewed three times as often.
    package var duration: Duration

    package init(holder: String, duration: Duration = .seconds(60)) {
        self.holder = holder
        self.duration = duration
    }
}

/// What becomes of the lease of a target.
package enum LeaseNews: Sendable, Hashable {
    /// Somebody else has it.
    case waiting(holder: String)
    /// It is ours.
    ///
    /// - isGuarded: the store obeys conditional writes, so that two who want it at the same moment cannot both get it.
    case held(isGuarded: Bool)
}
