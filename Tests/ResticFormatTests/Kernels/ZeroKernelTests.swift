import CRestic
import Testing

@Suite struct ZeroKernelTests {
    @Test(arguments: Kernel.levels) func `one byte anywhere is seen, and none outside`(level: Int32) {
        Kernel.at(level) {
            for length in 0...600 {
                let start = 1 + length % 67
                var bytes = [UInt8](repeating: 0, count: start + length + 1)
                bytes[start - 1] = 1
                bytes[start + length] = 1
                func isZero() -> Int32 {
                    bytes[start..<start + length].withUnsafeBufferPointer { crestic_is_zero($0.baseAddress, $0.count) }
                }
                #expect(isZero() == 1, "\(length) bytes")
                for place in [0, 1, length / 2, length - 2, length - 1] where 0 <= place && place < length {
                    bytes[start + place] = 0x80
                    #expect(isZero() == 0, "\(length) bytes, byte \(place)")
                    bytes[start + place] = 0
                }
            }
        }
    }

    @Test(arguments: Kernel.levels) func `long runs of zeros are seen`(level: Int32) {
        Kernel.at(level) {
            var bytes = [UInt8](repeating: 0, count: 100_000)
            #expect(crestic_is_zero(bytes, bytes.count) == 1)
            for place in [0, 4095, 4096, 65_535, 99_998, 99_999] {
                bytes[place] = 1
                #expect(crestic_is_zero(bytes, bytes.count) == 0)
                #expect(crestic_is_zero(bytes, place) == 1)
                bytes[place] = 0
            }
        }
    }
}
