// A libFuzzer target: any bytes are a small problem, on which search and brute force must agree.

#include <cstddef>
#include <cstdint>

#include "search_case.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    compare(decoded({bytes, size}));
    return 0;
}
