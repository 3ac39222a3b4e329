/// What an answer shows to be wrong with our view of the store, and can be put right.
enum Repair: Hashable {
    case region
    case clock
    case credentials
    /// The store wants the body in the signature.
    case unsigned

    /// - Parameter isUnsigned: the body was left out of the signature.
    init?(_ answer: ErrorAnswer, isUnsigned: Bool) {
        switch answer.code {
        case "XAmzContentSHA256Mismatch" where isUnsigned, "InvalidRequest" where isUnsigned: self = .unsigned
        case "RequestTimeTooSkewed": self = .clock
        case "ExpiredToken", "ExpiredTokenException", "TokenRefreshRequired", "InvalidAccessKeyId",
            "SignatureDoesNotMatch":
            self = .credentials
        case "AuthorizationHeaderMalformed", "PermanentRedirect", "TemporaryRedirect",
            "IllegalLocationConstraintException":
            self = .region
        // HEAD has no body to say more.
        case "" where [301, 307, 400].contains(answer.status) && answer.region != nil: self = .region
        default: return nil
        }
    }
}
