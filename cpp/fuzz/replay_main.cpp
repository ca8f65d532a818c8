#include <cstdint>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>
#include <vector>

// Stands in for libFuzzer's main where only GCC is at hand: runs each file that the command line
// names, or that lies below a folder it names, once.

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

namespace fs = std::filesystem;

std::vector<fs::path> files_below(const fs::path& path) {
    if (!fs::is_directory(path)) return {path};
    std::vector<fs::path> files;
    for (const fs::directory_entry& entry : fs::recursive_directory_iterator(path))
        if (entry.is_regular_file()) files.push_back(entry.path());
    return files;
}

void replay(const fs::path& path) {
    std::ifstream stream(path, std::ios::binary);
    if (!stream) throw std::runtime_error(path.string() + " cannot be read");
    const std::string bytes(std::istreambuf_iterator<char>(stream), {});
    // A block of exactly this size lets the address sanitizer see a read past its end.
    const std::vector<std::uint8_t> input(bytes.begin(), bytes.end());
    LLVMFuzzerTestOneInput(input.data(), input.size());
}

}  // namespace

int main(int argc, char* argv[]) {
    std::size_t count = 0;
    std::string at;
    try {
        for (int i = 1; i < argc; ++i) {
            for (const fs::path& path : files_below(argv[i])) {
                at = path.string();
                replay(path);
                ++count;
            }
        }
    } catch (const std::exception& error) {
        std::cerr << at << ": " << error.what() << '\n';
        return 1;
    }
    std::cout << count << " inputs replayed\n";
    return count == 0 ? 1 : 0;
}
