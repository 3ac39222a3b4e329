import Basics
import Crypto

/// What signatures of one day, region, service and secret are made with.
struct SigningKey: Sendable {
    let day: String
    let region: String
    /// `s3`, `sqs`.
    let service: String
    let key: SymmetricKey
    private let secret: Secret

    init(secret: Secret, date: SigningDate, region: String, service: String = "s3") {
        day = date.day
        self.region = region
        self.service = service
        self.secret = secret
        var key = Array("AWS4\(secret.reveal())".utf8)
        for word in [day, region, service, "aws4_request"] {
            key = Array(HMAC<SHA256>.authenticationCode(for: Array(word.utf8), using: SymmetricKey(data: key)))
        }
        self.key = SymmetricKey(data: key)
    }

    func isFor(_ secret: Secret, _ date: SigningDate, _ region: String) -> Bool {
        day == date.day && self.region == region && self.secret == secret
    }

    /// `20130524/us-east-1/s3/aws4_request`.
    var scope: String { "\(day)/\(region)/\(service)/aws4_request" }
}

/// `20130524` and `20130524T000000Z`.
struct SigningDate: Sendable, Hashable {
    let day: String
    let full: String

    init(_ date: Timestamp) {
        let civil = CivilTime(date)
        var digits: [UInt8] = []
        digits.reserveCapacity(16)
        func add(_ number: Int, _ width: Int) {
            var divisor = width == 4 ? 1000 : 10
            while divisor > 0 {
                digits.append(UInt8(0x30 + number / divisor % 10))
                divisor /= 10
            }
        }
        add(civil.year, 4)
        add(civil.month, 2)
        add(civil.day, 2)
        day = String(decoding: digits, as: UTF8.self)
        digits.append(UInt8(ascii: "T"))
        add(civil.hour, 2)
        add(civil.minute, 2)
        add(civil.second, 2)
        digits.append(UInt8(ascii: "Z"))
        full = String(decoding: digits, as: UTF8.self)
    }
}
