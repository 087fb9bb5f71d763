// Random inputs of the fuzz target, for compilers without libFuzzer; or the files that are named.

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

#include "check.hpp"
#include "search_case.hpp"

namespace {

void replay(const char* path) {
    std::ifstream file(path, std::ios::binary);
    require(file.good(), std::string("cannot read ") + path);
    const std::vector<char> text{std::istreambuf_iterator<char>(file), {}};
    const std::vector<std::uint8_t> bytes(text.begin(), text.end());
    compare(decoded(bytes));
}

}  // namespace

int main(int argc, char** argv) {
    for (int i = 1; i < argc; ++i) replay(argv[i]);
    if (argc > 1) return 0;
    int found[3] = {0, 0, 0};
    for (unsigned seed = 0; seed < 150'000; ++seed) {
        std::mt19937_64 random(seed);
        std::vector<std::uint8_t> bytes(16 + random() % 64);
        for (auto& byte : bytes) byte = static_cast<std::uint8_t>(random());
        ++found[static_cast<int>(compare(decoded(bytes)))];
    }
    require(found[0] > 20'000 && found[1] > 10'000, "hardly any legal or hardly any illegal ones");
    std::printf("random_search_test: %d legal, %d illegal, %d ended early\n", found[0], found[1],
                found[2]);
}
