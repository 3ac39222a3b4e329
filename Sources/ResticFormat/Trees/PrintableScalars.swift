/// Which characters Go prints as themselves in a quoted name.
///
/// These are letters, marks, numbers, punctuation and symbols of Unicode 15, and the ASCII space. What later versions of
/// Unicode added is left out by its age: Swift's tables may be newer than Go's.
enum PrintableScalars {
    static func contains(_ scalar: UInt32) -> Bool {
        if scalar < 0x7F { return scalar >= 0x20 }
        guard let known = Unicode.Scalar(scalar), let age = known.properties.age, age.major <= 15 else { return false }
        if age.major == 15, age.minor > 0 { return false }
        switch known.properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter,
            .nonspacingMark, .spacingMark, .enclosingMark,
            .decimalNumber, .letterNumber, .otherNumber,
            .connectorPunctuation, .dashPunctuation, .openPunctuation, .closePunctuation, .initialPunctuation,
            .finalPunctuation, .otherPunctuation,
            .mathSymbol, .currencySymbol, .modifierSymbol, .otherSymbol:
            return true
        default: return false
        }
    }
}
