import MartletCLI

@main
struct Martlet {
    static func main() async {
        await MartletProgram.runProcess()
    }
}
