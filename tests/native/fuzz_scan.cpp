// A libFuzzer target: any bytes are a recording, which is scanned whole or left alone.

#include <cstddef>
#include <cstdint>

#include "scan_case.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    check_scan({reinterpret_cast<const char*>(bytes), size});
    return 0;
}
