import ResticFormat

extension Repository {
    /// What every password opens in the end, as JSON. Secret: only for a person who asks to see it.
    package func masterKeyJSON() -> [UInt8] { key.encodedJSON() }
}
