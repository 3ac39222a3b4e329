import ResticFormat
import Testing

@Suite struct GoFileModeTests {
    @Test(
        arguments: [
            (0o040755, 2_147_484_141), (0o041777, 2_148_532_735), (0o120777, 134_218_239), (0o020644, 69_206_436),
            (0o010644, 33_554_852), (0o104755, 8_389_101), (0o100644, 420), (0o060644, 67_109_284),
            (0o140755, 16_777_709), (0o106000, 12_582_912),
        ] as [(UInt32, UInt32)])
    func `modes have the known numbers`(_ mode: UInt32, _ number: UInt32) {
        #expect(GoFileMode(statMode: mode).rawValue == number)
        #expect(GoFileMode(rawValue: number).statMode == mode)
    }

    @Test func `every mode of every type comes back`() {
        for type: UInt32 in [0o040000, 0o120000, 0o060000, 0o020000, 0o010000, 0o140000, 0o100000] {
            for bits: UInt32 in 0...0o7777 {
                let mode = GoFileMode(statMode: type | bits)
                #expect(mode.statMode == type | bits && mode.chmodBits == bits && mode.permissions == bits & 0o777)
                #expect(mode.kind == NodeKind(statMode: type))
            }
        }
        #expect(NodeKind(statMode: 0o150000) == .irregular)
        #expect(GoFileMode(statMode: 0o150644).kind == .irregular)
    }
}
