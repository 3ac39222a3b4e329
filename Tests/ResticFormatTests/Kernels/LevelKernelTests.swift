import CRestic
import Testing

@Suite struct LevelKernelTests {
    /// Prints what the other tests of the kernels cover on this processor.
    @Test func `levels have names, and the highest one is the one in use`() {
        let highest = crestic_highest_level()
        let names = (0...highest).map { String(cString: crestic_level_name($0)) }
        print("Kernel levels:", names.joined(separator: " | "))
        #expect(names.allSatisfy { $0.hasPrefix("sha256 ") && $0.contains(", chunker ") })
        #expect(names[0].split(separator: ", ").allSatisfy { $0.hasSuffix(" portable") })
        #expect(String(cString: crestic_level_name(highest + 1)) == "none")
        #expect(String(cString: crestic_level_name(-1)) == "none")
        #expect(crestic_force_level(-1) == highest)
    }

    @Test func `a forced level is in force until it ends, and no higher than there is`() {
        #expect(crestic_force_level(0) == 0)
        #expect(crestic_force_level(1000) == crestic_highest_level())
        #expect(crestic_force_level(-1) == crestic_highest_level())
    }
}
